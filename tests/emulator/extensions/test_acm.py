"""ACM: key algorithms."""

from __future__ import annotations

import pytest

from tests.emulator.conftest import Aws


@pytest.mark.parametrize("algorithm", ["RSA_2048", "EC_prime256v1", "EC_secp384r1"])
def test_a_certificate_has_the_key_that_was_asked_for(aws: Aws, name: str, algorithm: str) -> None:
    acm = aws("acm")
    arn = acm.request_certificate(
        DomainName=f"{name}.example.com", ValidationMethod="DNS", KeyAlgorithm=algorithm
    )["CertificateArn"]

    found = acm.describe_certificate(CertificateArn=arn)["Certificate"]

    assert found["KeyAlgorithm"] == algorithm
    acm.delete_certificate(CertificateArn=arn)


def test_rsa_2048_is_the_default(aws: Aws, name: str) -> None:
    acm = aws("acm")
    arn = acm.request_certificate(DomainName=f"{name}.example.com", ValidationMethod="DNS")["CertificateArn"]

    assert acm.describe_certificate(CertificateArn=arn)["Certificate"]["KeyAlgorithm"] == "RSA_2048"
    acm.delete_certificate(CertificateArn=arn)
