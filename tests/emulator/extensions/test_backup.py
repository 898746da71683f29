"""AWS Backup: selections, policies and notifications of vaults, changed plans, restore testing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.emulator.conftest import Aws

NOTHING = "00000000-0000-0000-0000-000000000000"


@pytest.fixture
def backup(aws: Aws) -> Any:
    return aws("backup")


@pytest.fixture
def role(account: str) -> str:
    return f"arn:aws:iam::{account}:role/backup"


@pytest.fixture
def vault(backup: Any, name: str) -> Iterator[str]:
    backup.create_backup_vault(BackupVaultName=name)
    yield name
    backup.delete_backup_vault(BackupVaultName=name)


def plan_of(name: str, vault: str, **rule: Any) -> dict[str, Any]:
    return {
        "BackupPlanName": name,
        "Rules": [{"RuleName": "daily", "TargetBackupVaultName": vault, **rule}],
    }


@pytest.fixture
def plan(backup: Any, vault: str, name: str) -> str:
    return str(backup.create_backup_plan(BackupPlan=plan_of(name, vault))["BackupPlanId"])


def code(error: pytest.ExceptionInfo[ClientError]) -> str:
    return str(error.value.response["Error"]["Code"])


def select(backup: Any, plan: str, role: str, name: str = "all") -> str:
    selection = {
        "SelectionName": name,
        "IamRoleArn": role,
        "Resources": ["*"],
        "Conditions": {
            "StringEquals": [{"ConditionKey": "aws:ResourceTag/Project", "ConditionValue": "shop"}]
        },
    }
    made = backup.create_backup_selection(BackupPlanId=plan, BackupSelection=selection)
    return str(made["SelectionId"])


def test_a_selection_is_kept_with_its_conditions_until_it_is_deleted(
    backup: Any, plan: str, role: str
) -> None:
    selection = select(backup, plan, role)
    found = backup.get_backup_selection(BackupPlanId=plan, SelectionId=selection)
    assert found["BackupSelection"]["Conditions"]["StringEquals"][0]["ConditionValue"] == "shop"
    assert found["BackupSelection"]["IamRoleArn"] == role
    listed = backup.list_backup_selections(BackupPlanId=plan)["BackupSelectionsList"]
    assert [(one["SelectionId"], one["SelectionName"]) for one in listed] == [(selection, "all")]
    backup.delete_backup_selection(BackupPlanId=plan, SelectionId=selection)
    with pytest.raises(ClientError) as error:
        backup.get_backup_selection(BackupPlanId=plan, SelectionId=selection)
    assert code(error) == "ResourceNotFoundException"


def test_a_selection_of_a_plan_that_is_not_there_is_refused(backup: Any, role: str) -> None:
    with pytest.raises(ClientError) as error:
        select(backup, NOTHING, role)
    assert code(error) == "ResourceNotFoundException"


def test_a_plan_with_selections_is_not_deleted(backup: Any, plan: str, role: str) -> None:
    selection = select(backup, plan, role)
    with pytest.raises(ClientError) as error:
        backup.delete_backup_plan(BackupPlanId=plan)
    assert code(error) == "InvalidRequestException"
    backup.delete_backup_selection(BackupPlanId=plan, SelectionId=selection)
    backup.delete_backup_plan(BackupPlanId=plan)


def test_a_deleted_plan_frees_its_name(backup: Any, plan: str, vault: str, name: str) -> None:
    backup.delete_backup_plan(BackupPlanId=plan)
    again = backup.create_backup_plan(BackupPlan=plan_of(name, vault))["BackupPlanId"]
    assert again != plan
    backup.delete_backup_plan(BackupPlanId=again)


def test_a_changed_plan_is_a_new_version(backup: Any, plan: str, vault: str, name: str) -> None:
    before = backup.get_backup_plan(BackupPlanId=plan)["VersionId"]
    changed = plan_of(name, vault, ScheduleExpression="cron(0 4 * * ? *)")
    answer = backup.update_backup_plan(BackupPlanId=plan, BackupPlan=changed)
    found = backup.get_backup_plan(BackupPlanId=plan)
    assert found["BackupPlan"]["Rules"][0]["ScheduleExpression"] == "cron(0 4 * * ? *)"
    assert before != found["VersionId"] == answer["VersionId"]


def test_a_vault_keeps_its_access_policy(backup: Any, vault: str) -> None:
    with pytest.raises(ClientError) as error:
        backup.get_backup_vault_access_policy(BackupVaultName=vault)
    assert code(error) == "ResourceNotFoundException"
    policy = json.dumps({"Version": "2012-10-17", "Statement": []})
    backup.put_backup_vault_access_policy(BackupVaultName=vault, Policy=policy)
    assert backup.get_backup_vault_access_policy(BackupVaultName=vault)["Policy"] == policy
    backup.delete_backup_vault_access_policy(BackupVaultName=vault)
    with pytest.raises(ClientError):
        backup.get_backup_vault_access_policy(BackupVaultName=vault)


def test_a_policy_that_is_not_json_is_refused(backup: Any, vault: str) -> None:
    with pytest.raises(ClientError) as error:
        backup.put_backup_vault_access_policy(BackupVaultName=vault, Policy="nobody")
    assert code(error) == "InvalidParameterValueException"


def test_a_vault_keeps_its_notifications(backup: Any, vault: str, account: str) -> None:
    topic = f"arn:aws:sns:eu-west-1:{account}:backups"
    backup.put_backup_vault_notifications(
        BackupVaultName=vault, SNSTopicArn=topic, BackupVaultEvents=["BACKUP_JOB_FAILED"]
    )
    found = backup.get_backup_vault_notifications(BackupVaultName=vault)
    assert (found["SNSTopicArn"], found["BackupVaultEvents"]) == (topic, ["BACKUP_JOB_FAILED"])
    backup.delete_backup_vault_notifications(BackupVaultName=vault)
    with pytest.raises(ClientError) as error:
        backup.get_backup_vault_notifications(BackupVaultName=vault)
    assert code(error) == "ResourceNotFoundException"


def test_a_new_vault_has_no_recovery_points(backup: Any, vault: str) -> None:
    assert backup.list_recovery_points_by_backup_vault(BackupVaultName=vault)["RecoveryPoints"] == []


@pytest.fixture
def testing(backup: Any, name: str) -> str:
    made = backup.create_restore_testing_plan(
        RestoreTestingPlan={
            "RestoreTestingPlanName": name.replace("-", "_"),
            "ScheduleExpression": "cron(0 6 ? * SUN *)",
            "RecoveryPointSelection": {
                "Algorithm": "LATEST_WITHIN_WINDOW",
                "IncludeVaults": ["*"],
                "RecoveryPointTypes": ["SNAPSHOT"],
            },
        },
        Tags={"Project": "shop"},
    )
    return str(made["RestoreTestingPlanName"])


def test_a_restore_testing_plan_is_kept_changed_and_deleted(backup: Any, testing: str) -> None:
    found = backup.get_restore_testing_plan(RestoreTestingPlanName=testing)["RestoreTestingPlan"]
    assert (found["ScheduleExpressionTimezone"], found["StartWindowHours"]) == ("Etc/UTC", 24)
    assert backup.list_tags(ResourceArn=found["RestoreTestingPlanArn"])["Tags"] == {"Project": "shop"}
    backup.update_restore_testing_plan(
        RestoreTestingPlanName=testing, RestoreTestingPlan={"ScheduleExpression": "cron(0 7 ? * SUN *)"}
    )
    changed = backup.get_restore_testing_plan(RestoreTestingPlanName=testing)["RestoreTestingPlan"]
    assert changed["ScheduleExpression"] == "cron(0 7 ? * SUN *)"
    backup.delete_restore_testing_plan(RestoreTestingPlanName=testing)
    with pytest.raises(ClientError) as error:
        backup.get_restore_testing_plan(RestoreTestingPlanName=testing)
    assert code(error) == "ResourceNotFoundException"


def test_a_restore_testing_plan_ends_after_its_selections(backup: Any, testing: str, role: str) -> None:
    names = {"RestoreTestingPlanName": testing, "RestoreTestingSelectionName": "tables"}
    backup.create_restore_testing_selection(
        RestoreTestingPlanName=testing,
        RestoreTestingSelection={
            "RestoreTestingSelectionName": "tables",
            "ProtectedResourceType": "DynamoDB",
            "ProtectedResourceArns": ["*"],
            "IamRoleArn": role,
        },
    )
    backup.update_restore_testing_selection(**names, RestoreTestingSelection={"ValidationWindowHours": 4})
    found = backup.get_restore_testing_selection(**names)["RestoreTestingSelection"]
    assert (found["ProtectedResourceType"], found["ValidationWindowHours"]) == ("DynamoDB", 4)
    with pytest.raises(ClientError) as error:
        backup.delete_restore_testing_plan(RestoreTestingPlanName=testing)
    assert code(error) == "InvalidRequestException"
    backup.delete_restore_testing_selection(**names)
    backup.delete_restore_testing_plan(RestoreTestingPlanName=testing)


def test_the_name_of_a_restore_testing_plan_has_no_hyphens(backup: Any) -> None:
    with pytest.raises(ClientError) as error:
        backup.create_restore_testing_plan(
            RestoreTestingPlan={
                "RestoreTestingPlanName": "with-hyphens",
                "ScheduleExpression": "cron(0 6 ? * SUN *)",
                "RecoveryPointSelection": {
                    "Algorithm": "LATEST_WITHIN_WINDOW",
                    "IncludeVaults": ["*"],
                    "RecoveryPointTypes": ["SNAPSHOT"],
                },
            }
        )
    assert code(error) == "InvalidParameterValueException"
