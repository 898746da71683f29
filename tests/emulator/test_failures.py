"""Failures are shaped as the protocol of the service wants them."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest

from orchestrator.emulator.failures import describe

FORM = "application/x-www-form-urlencoded; charset=utf-8"


def request(service: str, path: str = "/", method: str = "POST", **more: Any) -> dict[str, Any]:
    scope = f"AWS4-HMAC-SHA256 Credential=test/20260101/eu-west-1/{service}/aws4_request, SignedHeaders=host"
    return {
        "HTTP_AUTHORIZATION": scope,
        "PATH_INFO": path,
        "REQUEST_METHOD": method,
        "wsgi.input": io.BytesIO(b"Action=DoThis&Version=1"),
        **more,
    }


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        (
            request("ec2", CONTENT_TYPE=FORM),
            "<Response><Errors><Error><Type>Sender</Type><Code>NotImplemented</Code><Message>the local emulator "
            "does not know ec2 DoThis</Message></Error></Errors><RequestID>-</RequestID></Response>",
        ),
        (
            request("iam", CONTENT_TYPE=FORM),
            "<ErrorResponse><Error><Type>Sender</Type><Code>NotImplemented</Code><Message>the local emulator does "
            "not know iam DoThis</Message></Error><RequestId>-</RequestId></ErrorResponse>",
        ),
        (
            request("s3", "/bucket", "PUT"),
            "<Error><Type>Sender</Type><Code>NotImplemented</Code><Message>the local emulator does not know s3 PUT "
            "/bucket</Message></Error>",
        ),
        (
            request("s3", "/v20180820/jobs", "GET"),
            "<ErrorResponse><Error><Type>Sender</Type><Code>NotImplemented</Code><Message>the local emulator does "
            "not know s3control GET /v20180820/jobs</Message></Error><RequestId>-</RequestId></ErrorResponse>",
        ),
    ],
    ids=["ec2", "query", "s3", "s3control"],
)
def test_xml_services_get_xml(environ: dict[str, Any], expected: str) -> None:
    failure = describe(NotImplementedError(), environ)

    assert failure.status == "501 Not Implemented"
    assert failure.body.decode() == expected


def test_json_services_get_json() -> None:
    failure = describe(
        NotImplementedError(), request("dynamodb", HTTP_X_AMZ_TARGET="DynamoDB_20120810.DoThis")
    )

    assert json.loads(failure.body)["__type"] == "NotImplemented"
    assert json.loads(failure.body)["message"] == "the local emulator does not know dynamodb DoThis"


def test_a_defect_is_an_internal_failure_that_may_be_tried_again() -> None:
    failure = describe(KeyError("<id>"), request("ec2", CONTENT_TYPE=FORM))

    assert failure.status == "500 Internal Server Error"
    assert b"the local emulator failed in ec2 DoThis: KeyError: '&lt;id&gt;'" in failure.body
