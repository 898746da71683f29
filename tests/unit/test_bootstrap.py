"""The bucket of the states is made in the account that has to own it, or not at all."""

from __future__ import annotations

from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from orchestrator.config.schema import S3Backend
from orchestrator.errors import OrchestratorError
from orchestrator.state.bootstrap import Bootstrap

BACKEND = S3Backend(type="s3", bucket="shop-states", region="eu-west-1")
HERE, OTHER = "123456789012", "999999999999"


def client(service: str) -> Any:
    keys = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
    return boto3.client(service, region_name="eu-west-1", **keys)  # type: ignore[call-overload]


@pytest.mark.parametrize("dry_run", [False, True])
def test_no_bucket_is_made_in_another_account_than_the_environments(dry_run: bool) -> None:
    with mock_aws():
        bootstrap = Bootstrap(client("s3"), client("sts"), BACKEND, OTHER, dry_run=dry_run)
        with pytest.raises(OrchestratorError, match=f"has to be made in the account {OTHER}") as refused:
            list(bootstrap.run())
        assert f"are of {HERE}" in str(refused.value)
        assert "sign in to that account" in str(refused.value)
        assert client("s3").list_buckets()["Buckets"] == []


@pytest.mark.parametrize(
    ("code", "remedy"),
    [
        ("ExpiredToken", "sign in to AWS again"),
        ("BucketAlreadyExists", "name another one in `backend.bucket`"),
    ],
)
def test_what_aws_says_of_credentials_and_names_comes_with_what_to_do(code: str, remedy: str) -> None:
    class Refusing:
        def head_bucket(self, **_: Any) -> None:
            raise ClientError({"Error": {"Code": code, "Message": "no"}}, "HeadBucket")

    with pytest.raises(OrchestratorError, match=remedy):
        list(Bootstrap(Refusing(), None, BACKEND, HERE).run())
