"""The key algorithm of an ACM certificate.

AWS (ACM API reference, ``RequestCertificate``, ``DescribeCertificate``) makes a certificate with the ``KeyAlgorithm``
that was asked for, RSA 2048 by default. moto makes every certificate with RSA 2048 and says so.

Needed by ``aws_acm_certificate`` with ``key_algorithm``, which would be replaced in every plan. The certificate's own key
stays an RSA key: nothing terminates TLS with it here.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from moto.acm.models import CertBundle
from moto.acm.responses import AWSCertificateManagerResponse
from moto.core.responses import ActionResult

from orchestrator.emulator.patch import memory, wrap


def register() -> None:
    """Extend moto's ACM backend and responses."""

    @wrap(AWSCertificateManagerResponse, "request_certificate")
    def request_certificate(original: Callable[[Any], ActionResult], response: Any) -> ActionResult:
        answer = original(response)
        result: Any = answer.result
        certificate = response.acm_backend.get_certificate(result["CertificateArn"])
        memory(certificate).setdefault("key_algorithm", response._get_param("KeyAlgorithm"))
        return answer

    @wrap(CertBundle, "describe")
    def describe(original: Callable[[Any], dict[str, Any]], certificate: Any) -> dict[str, Any]:
        answer = original(certificate)
        if algorithm := memory(certificate).get("key_algorithm"):
            answer["Certificate"]["KeyAlgorithm"] = algorithm
        return answer
