"""Orders: an HTTP API over a DynamoDB table.

    POST /orders        {"customer_id": "c-1", "items": [{"sku": "a", "quantity": 2}]}  → 201, the order
    GET  /orders/{id}   → 200, the order; 404

Each new order is published to a topic when TOPIC_ORDERS_ARN is set. Messages of queues are logged. What the function
needs is in its environment: TABLE_ORDERS, and names that the compute layer derives from the service's `uses`.
"""

from __future__ import annotations

import json
import os
import uuid
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import boto3

Answer = dict[str, Any]
MAX_ITEMS = 100


def handle(event: dict[str, Any], _context: object) -> Answer:
    """Lambda calls this with a request of an HTTP API (payload 2.0), or with a batch of a queue."""
    if "Records" in event:
        return _take(event["Records"])
    request = event.get("requestContext", {}).get("http", {})
    method, path = request.get("method"), event.get("rawPath", "")
    if method == "POST" and path == "/orders":
        return _place(event.get("body") or "")
    if method == "GET" and path.startswith("/orders/"):
        return _find(path.removeprefix("/orders/"))
    return _answer(404, {"message": "no such route"})


def _place(body: str) -> Answer:
    try:
        content = json.loads(body, parse_float=Decimal)
        customer, items = content["customer_id"], content["items"]
        valid = isinstance(customer, str) and isinstance(items, list) and 0 < len(items) <= MAX_ITEMS
    except (ValueError, KeyError, TypeError):
        valid = False
    if not valid:
        return _answer(400, {"message": f"an order has a customer_id and 1 to {MAX_ITEMS} items"})
    order = {
        "id": str(uuid.uuid4()),
        "created_at": int(datetime.now(UTC).timestamp()),
        "customer_id": customer,
        "items": items,
    }
    _table().put_item(Item=order)
    topic = os.environ.get("TOPIC_ORDERS_ARN")
    if topic:
        boto3.client("sns").publish(
            TopicArn=topic,
            Message=json.dumps(order, default=str),
            MessageAttributes={"event": {"DataType": "String", "StringValue": "placed"}},
        )
    _log("an order was placed", order_id=order["id"])
    return _answer(201, order)


def _find(order_id: str) -> Answer:
    from boto3.dynamodb.conditions import Key

    found = _table().query(KeyConditionExpression=Key("id").eq(order_id), Limit=1)["Items"]
    return _answer(200, found[0]) if found else _answer(404, {"message": f"there is no order {order_id}"})


def _take(records: list[dict[str, Any]]) -> Answer:
    """Messages that can't be read come back alone; the others are done."""
    failed = []
    for record in records:
        try:
            _log("a message came", body=json.loads(record.get("body", "{}")))
        except ValueError:
            failed.append({"itemIdentifier": record["messageId"]})
    return {"batchItemFailures": failed}


def _table() -> Any:
    return boto3.resource("dynamodb").Table(os.environ["TABLE_ORDERS"])


def _log(message: str, **fields: object) -> None:
    print(json.dumps({"message": message, **fields}, default=str))  # noqa: T201  (Lambda's log)


def _answer(status: int, body: object) -> Answer:
    return {
        "statusCode": status,
        "headers": {"content-type": "application/json"},
        "body": json.dumps(body, default=_plain),
    }


def _plain(value: object) -> object:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    raise TypeError(type(value).__name__)
