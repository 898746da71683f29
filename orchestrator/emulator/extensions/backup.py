"""AWS Backup: selections, vaults' policies and notifications, changed plans, restore testing.

AWS (AWS Backup API reference)

- ``CreateBackupSelection`` and its kin keep what a plan backs up; ``DeleteBackupPlan`` refuses a plan that still has
  selections with ``InvalidRequestException``. A plan that was deleted frees its name.
- ``UpdateBackupPlan`` replaces the plan's document and makes a new version.
- ``PutBackupVaultAccessPolicy`` and ``PutBackupVaultNotifications`` keep one document a vault; asking for one that was
  not put is a ``ResourceNotFoundException``. A vault with recovery points cannot be deleted.
- ``CreateRestoreTestingPlan`` and ``CreateRestoreTestingSelection`` keep plans that restore, and what they restore. A
  plan's name has letters, digits and underscores; a plan with selections cannot be deleted.

moto has none of these; it answers no tags to a ``ListTags`` whose path does not end in a slash, and refuses a plan of
the name of one that was deleted. This is the control plane: no job runs, so that vaults stay empty.

Needed by ``aws_backup_selection``, ``aws_backup_plan``, ``aws_backup_vault`` (``force_destroy``),
``aws_backup_vault_policy``, ``aws_backup_vault_notifications``, ``aws_backup_restore_testing_plan`` and
``aws_backup_restore_testing_selection``.
"""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote

from moto.backup import urls
from moto.backup.exceptions import (
    AlreadyExistsException,
    InvalidParameterValueException,
    InvalidRequestException,
    ResourceNotFoundException,
)
from moto.backup.models import BackupBackend, Plan
from moto.backup.responses import BackupResponse
from moto.core.utils import unix_time

from orchestrator.emulator.patch import add, memory, replace, wrap

_PATHS = (
    "backup-vaults/(?P<name>[^/]+)/access-policy$",
    "backup-vaults/(?P<name>[^/]+)/notification-configuration$",
    "backup-vaults/(?P<name>[^/]+)/recovery-points/$",
    "restore-testing/plans$",
    "restore-testing/plans/(?P<plan>[^/]+)$",
    "restore-testing/plans/(?P<plan>[^/]+)/selections$",
    "restore-testing/plans/(?P<plan>[^/]+)/selections/(?P<selection>[^/]+)$",
)
_TESTING_NAME = re.compile(r"[A-Za-z0-9_]{1,50}\Z")

Answer = tuple[int, dict[str, str], str]


def register() -> None:
    """Extend moto's vaults and plans, and the paths that lead to them."""
    for path in _PATHS:
        urls.url_paths[f"{{0}}/{path}"] = urls.response.dispatch
    _answer_tags()
    _keep_plans()
    _keep_selections()
    _keep_vault_documents()
    _keep_restore_testing()


def _words(response: Any) -> list[str]:
    """The path's words, decoded."""
    return [unquote(word) for word in response.path.strip("/").split("/")]


def _body(response: Any) -> dict[str, Any]:
    given: dict[str, Any] = json.loads(response.body or "{}")
    return given


def _answer_tags() -> None:
    @replace(BackupResponse, "list_tags")
    def list_tags(response: Any) -> str:
        arn = unquote(response.path.split("/tags/", 1)[1]).rstrip("/")
        return json.dumps({"Tags": response.backup_backend.list_tags(arn)})


def _keep_plans() -> None:
    @wrap(BackupBackend, "delete_backup_plan")
    def delete_backup_plan(original: Callable[..., Any], backend: Any, backup_plan_id: str) -> Any:
        plan = backend.plans.get(backup_plan_id)
        if plan is not None and _selections(plan):
            raise InvalidRequestException(
                "Related backup plan selections must be deleted prior to backup plan deletion"
            )
        answer = original(backend, backup_plan_id)
        backend.plans.pop(backup_plan_id)
        backend.tagger.delete_all_tags_for_resource(plan.backup_plan_arn)
        return answer

    @add(BackupResponse)
    def update_backup_plan(response: Any) -> str:
        backend = response.backup_backend
        plan = backend.get_backup_plan(_words(response)[2], None)
        document = _body(response)["BackupPlan"]
        fresh = Plan(backup_plan=document, creator_request_id=plan.creator_request_id, backend=backend)
        plan.backup_plan = fresh.backup_plan
        plan.advanced_backup_settings = fresh.advanced_backup_settings
        plan.version_id = fresh.version_id
        return json.dumps(plan.to_dict())


def _selections(plan: Any) -> dict[str, dict[str, Any]]:
    kept: dict[str, dict[str, Any]] = memory(plan).setdefault("selections", {})
    return kept


def _plan_and_selection(response: Any) -> tuple[Any, str]:
    _, _, plan_id, _, selection_id = _words(response)
    plan = response.backup_backend.get_backup_plan(plan_id, None)
    if selection_id not in _selections(plan):
        raise ResourceNotFoundException(f"Cannot find Backup Selection with ID {selection_id}")
    return plan, selection_id


def _keep_selections() -> None:
    @add(BackupResponse)
    def create_backup_selection(response: Any) -> str:
        given = _body(response)
        plan = response.backup_backend.get_backup_plan(_words(response)[2], None)
        wanted = given["BackupSelection"]
        for known in _selections(plan).values():
            if known["BackupSelection"]["SelectionName"] == wanted["SelectionName"]:
                raise AlreadyExistsException("Backup selection with the same name already exists")
        made = {
            "BackupPlanId": plan.backup_plan_id,
            "SelectionId": str(uuid.uuid4()),
            "CreationDate": unix_time(),
        }
        _selections(plan)[made["SelectionId"]] = made | {
            "BackupSelection": wanted,
            "CreatorRequestId": given.get("CreatorRequestId"),
        }
        return json.dumps(made)

    @add(BackupResponse)
    def get_backup_selection(response: Any) -> str:
        plan, selection_id = _plan_and_selection(response)
        return json.dumps(_selections(plan)[selection_id])

    @add(BackupResponse)
    def list_backup_selections(response: Any) -> str:
        plan = response.backup_backend.get_backup_plan(_words(response)[2], None)
        listed = [
            {name: value for name, value in selection.items() if name != "BackupSelection"}
            | {name: selection["BackupSelection"][name] for name in ("SelectionName", "IamRoleArn")}
            for selection in _selections(plan).values()
        ]
        return json.dumps({"BackupSelectionsList": listed})

    @add(BackupResponse)
    def delete_backup_selection(response: Any) -> str:
        plan, selection_id = _plan_and_selection(response)
        del _selections(plan)[selection_id]
        return "{}"


def _vault(response: Any) -> Any:
    return response.backup_backend.describe_backup_vault(_words(response)[1])


def _vault_document(response: Any, kind: str) -> dict[str, Any]:
    vault = _vault(response)
    if kind not in memory(vault):
        raise ResourceNotFoundException(f"Backup vault {vault.backup_vault_name} has no {kind}")
    kept: dict[str, Any] = memory(vault)[kind]
    return kept | {"BackupVaultName": vault.backup_vault_name, "BackupVaultArn": vault.backup_vault_arn}


def _keep_vault_documents() -> None:
    @add(BackupResponse)
    def put_backup_vault_access_policy(response: Any) -> str:
        given = _body(response)
        try:
            json.loads(given.get("Policy", ""))
        except json.JSONDecodeError:
            raise InvalidParameterValueException("The specified policy is not valid JSON") from None
        memory(_vault(response))["access policy"] = {"Policy": given["Policy"]}
        return "{}"

    @add(BackupResponse)
    def get_backup_vault_access_policy(response: Any) -> str:
        return json.dumps(_vault_document(response, "access policy"))

    @add(BackupResponse)
    def delete_backup_vault_access_policy(response: Any) -> str:
        memory(_vault(response)).pop("access policy", None)
        return "{}"

    @add(BackupResponse)
    def put_backup_vault_notifications(response: Any) -> str:
        given = _body(response)
        memory(_vault(response))["notifications"] = {
            name: given[name] for name in ("SNSTopicArn", "BackupVaultEvents")
        }
        return "{}"

    @add(BackupResponse)
    def get_backup_vault_notifications(response: Any) -> str:
        return json.dumps(_vault_document(response, "notifications"))

    @add(BackupResponse)
    def delete_backup_vault_notifications(response: Any) -> str:
        memory(_vault(response)).pop("notifications", None)
        return "{}"

    @add(BackupResponse)
    def list_recovery_points_by_backup_vault(response: Any) -> str:
        _vault(response)
        return json.dumps({"RecoveryPoints": []})


def _testing_plans(response: Any) -> dict[str, dict[str, Any]]:
    kept: dict[str, dict[str, Any]] = memory(response.backup_backend).setdefault("restore testing plans", {})
    return kept


def _testing_plan(response: Any) -> dict[str, Any]:
    name = _words(response)[2]
    if name not in _testing_plans(response):
        raise ResourceNotFoundException(f"Restore testing plan {name} not found")
    return _testing_plans(response)[name]


def _testing_selection(response: Any) -> dict[str, Any]:
    plan, name = _testing_plan(response), _words(response)[4]
    if name not in plan["selections"]:
        raise ResourceNotFoundException(f"Restore testing selection {name} not found")
    found: dict[str, Any] = plan["selections"][name]
    return found


def _check_testing_name(name: str) -> None:
    if not _TESTING_NAME.match(name):
        raise InvalidParameterValueException(
            f"{name} has other characters than letters, digits and underscores"
        )


def _keep_restore_testing() -> None:
    _keep_restore_testing_plans()
    _keep_restore_testing_selections()


def _keep_restore_testing_plans() -> None:
    @add(BackupResponse)
    def create_restore_testing_plan(response: Any) -> Answer:
        backend, given = response.backup_backend, _body(response)
        document = given["RestoreTestingPlan"]
        name = document["RestoreTestingPlanName"]
        _check_testing_name(name)
        if name in _testing_plans(response):
            raise AlreadyExistsException(f"Restore testing plan {name} already exists")
        arn = f"arn:{backend.partition}:backup:{backend.region_name}:{backend.account_id}:restore-testing-plan:{name}"
        made = {
            "CreationTime": unix_time(),
            "RestoreTestingPlanArn": f"{arn}-{uuid.uuid4()}",
            "RestoreTestingPlanName": name,
        }
        defaults = {"ScheduleExpressionTimezone": "Etc/UTC", "StartWindowHours": 24}
        _testing_plans(response)[name] = {"plan": defaults | document | made, "selections": {}}
        backend.tag_resource(made["RestoreTestingPlanArn"], given.get("Tags") or {})
        return 201, {}, json.dumps(made)

    @add(BackupResponse)
    def get_restore_testing_plan(response: Any) -> str:
        return json.dumps({"RestoreTestingPlan": _testing_plan(response)["plan"]})

    @add(BackupResponse)
    def list_restore_testing_plans(response: Any) -> str:
        plans = [
            {name: value for name, value in known["plan"].items() if name != "RecoveryPointSelection"}
            for known in _testing_plans(response).values()
        ]
        return json.dumps({"RestoreTestingPlans": plans})

    @add(BackupResponse)
    def update_restore_testing_plan(response: Any) -> str:
        plan = _testing_plan(response)["plan"]
        plan |= _body(response)["RestoreTestingPlan"] | {"LastUpdateTime": unix_time()}
        names = ("CreationTime", "RestoreTestingPlanArn", "RestoreTestingPlanName")
        return json.dumps({name: plan[name] for name in names} | {"UpdateTime": plan["LastUpdateTime"]})

    @add(BackupResponse)
    def delete_restore_testing_plan(response: Any) -> Answer:
        known = _testing_plan(response)
        if known["selections"]:
            raise InvalidRequestException("Delete the selections of the restore testing plan first")
        del _testing_plans(response)[known["plan"]["RestoreTestingPlanName"]]
        response.backup_backend.tagger.delete_all_tags_for_resource(known["plan"]["RestoreTestingPlanArn"])
        return 204, {}, ""


def _keep_restore_testing_selections() -> None:
    @add(BackupResponse)
    def create_restore_testing_selection(response: Any) -> Answer:
        known, document = _testing_plan(response), _body(response)["RestoreTestingSelection"]
        name = document["RestoreTestingSelectionName"]
        _check_testing_name(name)
        if name in known["selections"]:
            raise AlreadyExistsException(f"Restore testing selection {name} already exists")
        made = {
            "CreationTime": unix_time(),
            "RestoreTestingPlanArn": known["plan"]["RestoreTestingPlanArn"],
            "RestoreTestingPlanName": known["plan"]["RestoreTestingPlanName"],
            "RestoreTestingSelectionName": name,
        }
        own = {name: value for name, value in made.items() if name != "RestoreTestingPlanArn"}
        known["selections"][name] = {"ValidationWindowHours": 0} | document | own
        return 201, {}, json.dumps(made)

    @add(BackupResponse)
    def get_restore_testing_selection(response: Any) -> str:
        return json.dumps({"RestoreTestingSelection": _testing_selection(response)})

    @add(BackupResponse)
    def list_restore_testing_selections(response: Any) -> str:
        return json.dumps({"RestoreTestingSelections": list(_testing_plan(response)["selections"].values())})

    @add(BackupResponse)
    def update_restore_testing_selection(response: Any) -> str:
        known, selection = _testing_plan(response), _testing_selection(response)
        selection |= _body(response)["RestoreTestingSelection"]
        return json.dumps(
            {
                "CreationTime": selection["CreationTime"],
                "RestoreTestingPlanArn": known["plan"]["RestoreTestingPlanArn"],
                "RestoreTestingPlanName": selection["RestoreTestingPlanName"],
                "RestoreTestingSelectionName": selection["RestoreTestingSelectionName"],
                "UpdateTime": unix_time(),
            }
        )

    @add(BackupResponse)
    def delete_restore_testing_selection(response: Any) -> Answer:
        selection = _testing_selection(response)
        del _testing_plan(response)["selections"][selection["RestoreTestingSelectionName"]]
        return 204, {}, ""
