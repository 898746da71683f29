"""What the server adds to moto: control paths, connections that stay open, failures said plainly, accounts."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from contextlib import closing
from http.client import HTTPConnection
from typing import Any

import pytest
from botocore.exceptions import ClientError

from orchestrator.emulator import EmulatorStatus, extensions
from tests.emulator.conftest import REGION, Aws


@pytest.fixture
def connection(running: EmulatorStatus) -> Iterator[HTTPConnection]:
    """A connection to the server without any AWS client."""
    assert running.endpoint is not None
    with closing(HTTPConnection(running.endpoint.removeprefix("http://"), timeout=10)) as opened:
        yield opened


def test_health_says_which_memory_and_which_extensions(
    running: EmulatorStatus, connection: HTTPConnection
) -> None:
    connection.request("GET", "/orchestrator/health")
    said = json.loads(connection.getresponse().read())

    assert said["instance_id"] == running.instance_id
    assert said["pid"] == running.pid
    assert said["extensions"] == list(extensions.names())


def test_a_reset_must_name_the_memory_it_means(running: EmulatorStatus, connection: HTTPConnection) -> None:
    connection.request("POST", "/orchestrator/reset", headers={"X-Orchestrator-Instance": "another"})
    answer = connection.getresponse()

    assert answer.status == 409
    assert "another memory" in json.loads(answer.read())["error"]


def test_signed_requests_reach_a_bucket_named_like_the_control_paths(aws: Aws) -> None:
    s3 = aws("s3")
    s3.create_bucket(Bucket="orchestrator", CreateBucketConfiguration={"LocationConstraint": REGION})
    s3.put_object(Bucket="orchestrator", Key="health", Body=b"fine")

    assert s3.get_object(Bucket="orchestrator", Key="health")["Body"].read() == b"fine"


def test_a_connection_stays_open_between_requests(connection: HTTPConnection) -> None:
    sockets = set()
    for _ in range(3):
        connection.request("GET", "/orchestrator/health")
        connection.getresponse().read()
        sockets.add(connection.sock)

    assert len(sockets) == 1
    assert sockets != {None}


def test_a_body_in_chunks_is_read_to_its_end(connection: HTTPConnection) -> None:
    for _ in range(2):  # the second request would read what is left of the first
        connection.request(
            "PUT", "/no-such-bucket/key", body=iter([b"a" * 10, b"b" * 10]), encode_chunked=True
        )
        answer = connection.getresponse()
        assert answer.status == 404
        assert b"NoSuchBucket" in answer.read()


def test_a_client_that_waits_is_asked_for_its_body(running: EmulatorStatus) -> None:
    assert running.endpoint is not None
    host, port = running.endpoint.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=10) as client:
        client.sendall(
            b"PUT /bucket/key HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nExpect: 100-continue\r\n\r\n"
        )
        assert client.recv(1000) == b"HTTP/1.1 100 Continue\r\n\r\n"
        client.sendall(b"x")
        assert client.recv(1000).startswith(b"HTTP/1.1 404 ")


def test_head_answers_the_length_of_what_get_would_answer(aws: Aws, name: str) -> None:
    s3 = aws("s3")
    s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
    s3.put_object(Bucket=name, Key="k", Body=b"12345", Metadata={"my_key": "v"})

    head = s3.head_object(Bucket=name, Key="k")

    assert head["ContentLength"] == 5
    assert head["Metadata"] == {"my_key": "v"}
    assert s3.get_object(Bucket=name, Key="k", Range="bytes=1-2")["Body"].read() == b"23"


@pytest.mark.parametrize(
    ("service", "operation", "given", "named"),
    [
        ("logs", "describe_configuration_templates", {}, "logs DescribeConfigurationTemplates"),
        (
            "iam",
            "get_context_keys_for_custom_policy",
            {"PolicyInputList": ["{}"]},
            "iam GetContextKeysForCustomPolicy",
        ),
        ("ec2", "describe_ipams", {}, "ec2 DescribeIpams"),
        ("auditmanager", "get_account_status", {}, "auditmanager GET /account/status"),
    ],
    ids=["json", "query", "ec2", "a service moto does not have"],
)
def test_what_the_emulator_lacks_is_said_once_and_not_tried_again(
    aws: Aws, service: str, operation: str, given: dict[str, Any], named: str
) -> None:
    with pytest.raises(ClientError) as raised:
        getattr(aws(service), operation)(**given)

    error = raised.value.response
    assert error["Error"]["Code"] == "NotImplemented"
    assert error["Error"]["Message"] == f"the local emulator does not know {named}"
    assert error["ResponseMetadata"]["HTTPStatusCode"] == 501
    assert error["ResponseMetadata"]["RetryAttempts"] == 0


def test_a_host_name_with_the_account_in_front_is_reached_through_it_as_a_proxy(
    aws: Aws, running: EmulatorStatus, account: str
) -> None:
    s3control = aws("s3control", config={"proxies": {"http": running.endpoint}})
    block = dict.fromkeys(
        ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"), True
    )

    s3control.put_public_access_block(AccountId=account, PublicAccessBlockConfiguration=block)

    answer = s3control.get_public_access_block(AccountId=account)
    assert answer["PublicAccessBlockConfiguration"] == block


def test_a_role_of_another_account_leads_into_that_account(aws: Aws, name: str) -> None:
    taken = aws("sts").assume_role(RoleArn="arn:aws:iam::111122223333:role/deploy", RoleSessionName="test")
    keys = {
        "aws_access_key_id": taken["Credentials"]["AccessKeyId"],
        "aws_secret_access_key": taken["Credentials"]["SecretAccessKey"],
        "aws_session_token": taken["Credentials"]["SessionToken"],
    }
    aws("sqs").create_queue(QueueName=name)

    assert aws("sts", **keys).get_caller_identity()["Account"] == "111122223333"
    assert "QueueUrls" not in aws("sqs", **keys).list_queues(QueueNamePrefix=name)


def test_policies_that_aws_manages_can_be_attached(aws: Aws, name: str) -> None:
    iam = aws("iam")
    arn = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"
    iam.create_role(
        RoleName=name, AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": []})
    )

    iam.attach_role_policy(RoleName=name, PolicyArn=arn)

    attached = iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"]
    assert [policy["PolicyArn"] for policy in attached] == [arn]
