"""What the emulator cannot do, said so that an AWS client shows it instead of trying again.

moto raises ``NotImplementedError`` for an operation it lacks, and whatever a defect of its own raises. As HTTP 500
the AWS SDKs would repeat the request (the Terraform provider 25 times by default) and end with "unable to parse
the answer". 501 is not repeated, and the body is shaped as the service's protocol wants it, so that the provider
prints the sentence in it.
"""

from __future__ import annotations

import json
import re
import sys
from dataclasses import dataclass
from typing import Any
from xml.sax.saxutils import escape

_SCOPE = re.compile(r"Credential=[^/]+/[^/]+/(?P<region>[^/]*)/(?P<service>[^/]+)/aws4_request")
_REST_XML_SERVICES = frozenset({"cloudfront", "route53", "s3control"})


@dataclass(frozen=True)
class Failure:
    """An HTTP answer that says what went wrong."""

    status: str
    headers: tuple[tuple[str, str], ...]
    body: bytes


def describe(error: Exception, environ: dict[str, Any]) -> Failure:
    """The answer to a request that raised ``error``, in the protocol of the service that was asked."""
    service = _service(environ)
    operation = _operation(environ)
    if isinstance(error, NotImplementedError):
        code, status = "NotImplemented", "501 Not Implemented"
        message = f"the local emulator does not know {service} {operation}"
        sys.stderr.write(f"not implemented: {service} {operation}\n")
    else:
        code, status = "InternalFailure", "500 Internal Server Error"
        message = f"the local emulator failed in {service} {operation}: {type(error).__name__}: {error}"
    kind, body = _shape(service, environ, code, message)
    return Failure(status, (("Content-Type", kind), ("x-amzn-errortype", code)), body.encode())


def _service(environ: dict[str, Any]) -> str:
    scope = _SCOPE.search(environ.get("HTTP_AUTHORIZATION", ""))
    service = scope["service"] if scope else "an unsigned request"
    return "s3control" if service == "s3" and environ["PATH_INFO"].startswith("/v20180820/") else service


def _operation(environ: dict[str, Any]) -> str:
    if target := environ.get("HTTP_X_AMZ_TARGET"):
        return str(target).rsplit(".", 1)[-1]
    if environ.get("CONTENT_TYPE", "").startswith("application/x-www-form-urlencoded"):
        environ["wsgi.input"].seek(0)
        if action := re.search(rb"(?:^|&)Action=(\w+)", environ["wsgi.input"].read()):
            return action[1].decode()
    return f"{environ['REQUEST_METHOD']} {environ['PATH_INFO']}"


def _shape(service: str, environ: dict[str, Any], code: str, message: str) -> tuple[str, str]:
    """Content type and body of an error (Smithy's ``awsQuery``, ``ec2Query``, ``restXml``, ``awsJson``)."""
    error = f"<Error><Type>Sender</Type><Code>{code}</Code><Message>{escape(message)}</Message></Error>"
    if service == "ec2":
        return "text/xml", f"<Response><Errors>{error}</Errors><RequestID>-</RequestID></Response>"
    if service == "s3":
        return "application/xml", error
    is_query = environ.get("CONTENT_TYPE", "").startswith("application/x-www-form-urlencoded")
    if is_query or service in _REST_XML_SERVICES:
        return "text/xml", f"<ErrorResponse>{error}<RequestId>-</RequestId></ErrorResponse>"
    return "application/json", json.dumps({"__type": code, "code": code, "message": message})
