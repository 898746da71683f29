"""Comprehend: models of one's own, as AWS describes them."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.emulator.conftest import Aws

ROLE = "arn:aws:iam::123456789012:role/comprehend"
KEY = "arn:aws:kms:eu-west-1:123456789012:key/k"


@pytest.fixture
def comprehend(aws: Aws) -> Any:
    return aws("comprehend")


def test_a_classifier_answers_its_version_and_where_its_output_lies(comprehend: Any, name: str) -> None:
    arn = comprehend.create_document_classifier(
        DocumentClassifierName=name,
        VersionName="v1",
        DataAccessRoleArn=ROLE,
        InputDataConfig={"DataFormat": "COMPREHEND_CSV", "S3Uri": "s3://texts/train.csv"},
        OutputDataConfig={"S3Uri": "s3://models/reviews/", "KmsKeyId": KEY},
        LanguageCode="en",
        Mode="MULTI_CLASS",
    )["DocumentClassifierArn"]
    assert arn.endswith(f":document-classifier/{name}/version/v1")
    found = comprehend.describe_document_classifier(DocumentClassifierArn=arn)["DocumentClassifierProperties"]
    assert (found["Status"], found["VersionName"], found["LanguageCode"]) == ("TRAINED", "v1", "en")
    assert found["OutputDataConfig"]["KmsKeyId"] == KEY
    place = found["OutputDataConfig"]["S3Uri"]
    assert place.startswith("s3://models/reviews/123456789012-CLR-")
    assert place.endswith("/output/output.tar.gz")
    assert "VpcConfig" not in found
    comprehend.delete_document_classifier(DocumentClassifierArn=arn)
    for call in (comprehend.describe_document_classifier, comprehend.delete_document_classifier):
        with pytest.raises(ClientError) as error:
            call(DocumentClassifierArn=arn)
        assert error.value.response["Error"]["Code"] == "ResourceNotFoundException"


def test_a_recognizer_is_deleted_once(comprehend: Any, name: str) -> None:
    arn = comprehend.create_entity_recognizer(
        RecognizerName=name,
        VersionName="v1",
        DataAccessRoleArn=ROLE,
        InputDataConfig={
            "DataFormat": "COMPREHEND_CSV",
            "EntityTypes": [{"Type": "ORDER_NUMBER"}],
            "Documents": {"S3Uri": "s3://texts/documents.txt", "InputFormat": "ONE_DOC_PER_LINE"},
            "EntityList": {"S3Uri": "s3://texts/entities.csv"},
        },
        LanguageCode="en",
    )["EntityRecognizerArn"]
    found = comprehend.describe_entity_recognizer(EntityRecognizerArn=arn)["EntityRecognizerProperties"]
    assert (found["Status"], found["VersionName"]) == ("TRAINED", "v1")
    assert "VpcConfig" not in found
    comprehend.delete_entity_recognizer(EntityRecognizerArn=arn)
    with pytest.raises(ClientError) as error:
        comprehend.delete_entity_recognizer(EntityRecognizerArn=arn)
    assert error.value.response["Error"]["Code"] == "ResourceNotFoundException"
