"""The services that the environments deploy do what they say, against the emulator."""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from orchestrator.emulator.status import EmulatorStatus
from tests.emulator.conftest import REGION, Aws

Call = Callable[..., dict[str, Any]]


@pytest.fixture
def orders(aws: Aws, running: EmulatorStatus, name: str, monkeypatch: pytest.MonkeyPatch) -> Call:
    """Calls the function with a request, or with an event of its own."""
    aws("dynamodb").create_table(
        TableName=name,
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    for key, value in {
        "TABLE_ORDERS": name,
        "AWS_ENDPOINT_URL": str(running.endpoint),
        "AWS_DEFAULT_REGION": REGION,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
    }.items():
        monkeypatch.setenv(key, value)
    path = Path(__file__).parents[2] / "examples/services/orders/handler.py"
    spec = importlib.util.spec_from_file_location("orders_handler", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)

    def call(method: str = "GET", path: str = "/", body: Any = None, **event: Any) -> dict[str, Any]:
        request = {"requestContext": {"http": {"method": method}}, "rawPath": path, "body": body}
        answer: dict[str, Any] = module.handle(event or request, None)
        return answer

    return call


def test_an_order_is_placed_and_found(orders: Call) -> None:
    placed = orders(
        "POST", "/orders", json.dumps({"customer_id": "c", "items": [{"sku": "a", "price": 1.5}]})
    )
    order = json.loads(placed["body"])
    found = orders("GET", f"/orders/{order['id']}")
    assert (placed["statusCode"], found["statusCode"]) == (201, 200)
    assert json.loads(found["body"])["items"] == [{"sku": "a", "price": 1.5}]


@pytest.mark.parametrize(
    "body", ["", "[]", "{}", '{"customer_id": 1, "items": [1]}', '{"customer_id": "c", "items": []}']
)
def test_what_is_no_order_is_refused(orders: Call, body: str) -> None:
    assert orders("POST", "/orders", body)["statusCode"] == 400


def test_what_is_not_there_is_not_found(orders: Call) -> None:
    assert orders("GET", "/orders/nobody")["statusCode"] == 404
    assert orders("DELETE", "/orders")["statusCode"] == 404


def test_an_order_is_published_where_there_is_a_topic(
    orders: Call, aws: Aws, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    topic = aws("sns").create_topic(Name=name)["TopicArn"]
    queue = aws("sqs").create_queue(QueueName=name)["QueueUrl"]
    arn = aws("sqs").get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"][
        "QueueArn"
    ]
    aws("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
    monkeypatch.setenv("TOPIC_ORDERS_ARN", topic)
    orders("POST", "/orders", json.dumps({"customer_id": "c", "items": [{"sku": "a"}]}))
    message = aws("sqs").receive_message(QueueUrl=queue)["Messages"][0]
    assert json.loads(json.loads(message["Body"])["Message"])["customer_id"] == "c"


def test_one_message_that_cannot_be_read_comes_back_alone(orders: Call) -> None:
    records = [{"messageId": "1", "body": "{}"}, {"messageId": "2", "body": "no json"}]
    assert orders(Records=records) == {"batchItemFailures": [{"itemIdentifier": "2"}]}
