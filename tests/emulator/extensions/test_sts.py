"""The accounts of access keys."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError

from orchestrator.emulator.access_keys import access_key_of, account_of
from tests.emulator.conftest import Aws

OTHER = "222222222222"


def test_a_key_is_of_the_account_whose_number_it_has(aws: Aws, name: str) -> None:
    key = access_key_of(OTHER)
    assert aws("sts", key=key).get_caller_identity()["Account"] == OTHER
    aws("ssm", key=key).put_parameter(Name=f"/{name}", Value="there", Type="String")
    found = aws("ssm", key=key).get_parameter(Name=f"/{name}")["Parameter"]
    assert found["ARN"] == f"arn:aws:ssm:eu-west-1:{OTHER}:parameter/{name}"
    with pytest.raises(ClientError, match="ParameterNotFound"):
        aws("ssm").get_parameter(Name=f"/{name}")


def test_whoever_assumes_a_role_is_in_the_account_of_the_role(aws: Aws) -> None:
    role = f"arn:aws:iam::{OTHER}:role/deploy"
    session = aws("sts").assume_role(RoleArn=role, RoleSessionName="test")["Credentials"]
    there = aws(
        "sts",
        key=session["AccessKeyId"],
        aws_secret_access_key=session["SecretAccessKey"],
        aws_session_token=session["SessionToken"],
    )
    assert there.get_caller_identity()["Arn"] == f"arn:aws:sts::{OTHER}:assumed-role/deploy/test"


@pytest.mark.parametrize("account", ["000000000000", "123456789012", "999999999999"])
def test_an_account_is_read_back_from_its_key(account: str) -> None:
    assert account_of(access_key_of(account)) == account


@pytest.mark.parametrize("key", ["test", "AKIAEXAMPLE", "AKIAIOSFODNN7EXAMPLE", "ASIAAAAAAAAAAAAAAAAA"])
def test_other_keys_have_no_account_of_their_own(key: str) -> None:
    assert account_of(key) is None
