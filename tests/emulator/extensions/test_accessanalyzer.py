"""IAM Access Analyzer: analyzers and their tags."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.emulator.conftest import REGION, Aws


@pytest.fixture
def analyzers(aws: Aws) -> Any:
    return aws("accessanalyzer")


def test_an_analyzer_is_active_keeps_its_configuration_and_is_listed_by_type(
    analyzers: Any, name: str, account: str
) -> None:
    unused = {"unusedAccess": {"unusedAccessAge": 90}}
    made = analyzers.create_analyzer(
        analyzerName=name, type="ACCOUNT_UNUSED_ACCESS", configuration=unused, tags={"team": "core"}
    )
    assert made["arn"] == f"arn:aws:access-analyzer:{REGION}:{account}:analyzer/{name}"
    analyzer = analyzers.get_analyzer(analyzerName=name)["analyzer"]
    assert (analyzer["status"], analyzer["configuration"], analyzer["tags"]) == (
        "ACTIVE",
        unused,
        {"team": "core"},
    )
    names = [item["name"] for item in analyzers.list_analyzers(type="ACCOUNT_UNUSED_ACCESS")["analyzers"]]
    assert name in names
    assert name not in [item["name"] for item in analyzers.list_analyzers(type="ACCOUNT")["analyzers"]]
    analyzers.update_analyzer(analyzerName=name, configuration={"unusedAccess": {"unusedAccessAge": 30}})
    changed = analyzers.get_analyzer(analyzerName=name)["analyzer"]["configuration"]
    assert changed["unusedAccess"]["unusedAccessAge"] == 30
    analyzers.delete_analyzer(analyzerName=name)
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        analyzers.get_analyzer(analyzerName=name)


def test_tags_are_added_and_removed_by_arn(analyzers: Any, name: str) -> None:
    arn = analyzers.create_analyzer(analyzerName=name, type="ACCOUNT")["arn"]
    analyzers.tag_resource(resourceArn=arn, tags={"a": "1", "b": "2"})
    analyzers.untag_resource(resourceArn=arn, tagKeys=["a"])
    assert analyzers.list_tags_for_resource(resourceArn=arn)["tags"] == {"b": "2"}


def test_a_name_is_there_once_and_a_type_is_one_of_awss(analyzers: Any, name: str) -> None:
    analyzers.create_analyzer(analyzerName=name, type="ACCOUNT")
    with pytest.raises(ClientError, match="ConflictException"):
        analyzers.create_analyzer(analyzerName=name, type="ACCOUNT")
    with pytest.raises(ClientError, match="ValidationException"):
        analyzers.create_analyzer(analyzerName=f"{name}-2", type="SOMETHING")


def test_archive_rules_are_kept_changed_and_removed(analyzers: Any, name: str) -> None:
    analyzers.create_analyzer(analyzerName=name, type="ACCOUNT")
    meant = {"resource": {"eq": ["arn:aws:s3:::partner-bucket"]}}
    named = {"analyzerName": name, "ruleName": "partner"}
    analyzers.create_archive_rule(**named, filter=meant)
    assert analyzers.get_archive_rule(**named)["archiveRule"]["filter"] == meant
    with pytest.raises(ClientError, match="ConflictException"):
        analyzers.create_archive_rule(**named, filter=meant)

    other = {"principal.AWS": {"contains": ["123456789012"]}}
    analyzers.update_archive_rule(**named, filter=other)
    rules = analyzers.list_archive_rules(analyzerName=name)["archiveRules"]
    assert [(rule["ruleName"], rule["filter"]) for rule in rules] == [("partner", other)]
    assert "archiveRules" not in analyzers.get_analyzer(analyzerName=name)["analyzer"]

    analyzers.delete_archive_rule(**named)
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        analyzers.get_archive_rule(**named)
