"""CloudTrail: trails are deleted by name and by ARN."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.emulator.conftest import Aws


@pytest.mark.parametrize("by", ["Name", "TrailARN"])
def test_a_trail_is_deleted_by_its_name_and_by_its_arn(aws: Aws, name: str, by: str) -> None:
    bucket: Any = aws("s3")
    bucket.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    cloudtrail = aws("cloudtrail")
    trail = cloudtrail.create_trail(Name=name, S3BucketName=name)
    cloudtrail.delete_trail(Name=trail[by])
    assert name not in {entry["Name"] for entry in cloudtrail.list_trails()["Trails"]}
    with pytest.raises(ClientError) as error:
        cloudtrail.delete_trail(Name=trail[by])
    assert error.value.response["Error"]["Code"] == "TrailNotFoundException"
