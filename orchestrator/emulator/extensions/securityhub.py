"""Security Hub: its configuration, standards, and controls that are not checked.

AWS (Security Hub API reference)

- ``UpdateSecurityHubConfiguration`` changes what ``DescribeHub`` answers.
- ``BatchEnableStandards``, ``GetEnabledStandards`` and ``BatchDisableStandards`` subscribe to standards.
- ``BatchUpdateStandardsControlAssociations``, ``BatchGetStandardsControlAssociations`` and
  ``ListStandardsControlAssociations`` switch a control of a standard off, with a reason, and on.

moto knows whether the hub is on, and answers fixed settings. No control is evaluated here.

Needed by ``aws_securityhub_account``, ``aws_securityhub_standards_subscription`` and
``aws_securityhub_standards_control_association``.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from moto.core.exceptions import JsonRESTError
from moto.securityhub import urls
from moto.securityhub.models import SecurityHubBackend
from moto.securityhub.responses import SecurityHubResponse

from orchestrator.emulator.patch import add, memory, wrap

_PATHS = (
    "standards/register",
    "standards/get",
    "standards/deregister",
    "associations",
    "associations/batchGet",
)


def register() -> None:
    """Extend moto's Security Hub backend, responses and paths."""
    _keep_configuration()
    _keep_standards()
    _keep_associations()
    for path in _PATHS:
        urls.url_paths.setdefault(f"{{0}}/{path}$", SecurityHubResponse.dispatch)


def _keep_configuration() -> None:
    @wrap(SecurityHubResponse, "enable_security_hub")
    def enable_security_hub(original: Callable[[Any], str], response: Any) -> str:
        answer = original(response)
        given = json.loads(response.body or "{}")
        if "ControlFindingGenerator" in given:
            _configuration(response)["ControlFindingGenerator"] = given["ControlFindingGenerator"]
        return answer

    @wrap(SecurityHubBackend, "disable_security_hub")
    def disable_security_hub(original: Callable[[Any], Any], backend: Any) -> Any:
        answer = original(backend)
        memory(backend).clear()
        return answer

    @wrap(SecurityHubBackend, "describe_hub")
    def describe_hub(
        original: Callable[..., dict[str, Any]], backend: Any, hub_arn: str | None = None
    ) -> dict[str, Any]:
        kept: dict[str, Any] = memory(backend).get("configuration", {})
        return original(backend, hub_arn) | kept

    @add(SecurityHubResponse)
    def update_security_hub_configuration(response: Any) -> str:
        _enabled(response)
        given = json.loads(response.body)
        fields = ("AutoEnableControls", "ControlFindingGenerator")
        _configuration(response).update({field: given[field] for field in fields if field in given})
        return "{}"


def _keep_standards() -> None:
    @add(SecurityHubResponse)
    def batch_enable_standards(response: Any) -> str:
        _enabled(response)
        subscriptions = _subscriptions(response)
        made = []
        for request in json.loads(response.body)["StandardsSubscriptionRequests"]:
            standard = request["StandardsArn"]
            name = standard.partition(":standards/")[2] or standard.partition(":ruleset/")[2]
            if not name:
                raise _invalid(f"Invalid parameter 'StandardsArn': {standard}")
            arn = (
                f"arn:{response.partition}:securityhub:{response.region}:{response.current_account}"
                f":subscription/{name}"
            )
            subscriptions[arn] = {
                "StandardsSubscriptionArn": arn,
                "StandardsArn": standard,
                "StandardsInput": request.get("StandardsInput") or {},
                "StandardsStatus": "READY",
            }
            made.append(subscriptions[arn])
        return json.dumps({"StandardsSubscriptions": made})

    @add(SecurityHubResponse)
    def get_enabled_standards(response: Any) -> str:
        _enabled(response)
        wanted = json.loads(response.body or "{}").get("StandardsSubscriptionArns")
        found = [kept for arn, kept in _subscriptions(response).items() if not wanted or arn in wanted]
        return json.dumps({"StandardsSubscriptions": found})

    @add(SecurityHubResponse)
    def batch_disable_standards(response: Any) -> str:
        _enabled(response)
        gone = []
        for arn in json.loads(response.body)["StandardsSubscriptionArns"]:
            subscription = _subscriptions(response).pop(arn, None)
            if subscription is None:
                raise _invalid(f"The standards subscription {arn} is not enabled.")
            gone.append(subscription | {"StandardsStatus": "DELETING"})
        return json.dumps({"StandardsSubscriptions": gone})


def _keep_associations() -> None:
    @add(SecurityHubResponse)
    def batch_update_standards_control_associations(response: Any) -> str:
        _enabled(response)
        unprocessed = []
        for update in json.loads(response.body)["StandardsControlAssociationUpdates"]:
            if not _is_subscribed(response, update["StandardsArn"]):
                unprocessed.append(
                    {
                        "StandardsControlAssociationUpdate": update,
                        "ErrorCode": "NOT_FOUND",
                        "ErrorReason": f"{update['StandardsArn']} is not enabled.",
                    }
                )
                continue
            key = update["StandardsArn"], update["SecurityControlId"]
            _changed(response)[key] = {
                "AssociationStatus": update["AssociationStatus"],
                "UpdatedReason": update.get("UpdatedReason"),
                "UpdatedAt": datetime.now(UTC).isoformat(),
            }
        return json.dumps({"UnprocessedAssociationUpdates": unprocessed})

    @add(SecurityHubResponse)
    def list_standards_control_associations(response: Any) -> str:
        _enabled(response)
        control = response.querystring["SecurityControlId"][0]
        standards = [kept["StandardsArn"] for kept in _subscriptions(response).values()]
        found = [_association(response, standard, control) for standard in standards]
        return json.dumps({"StandardsControlAssociationSummaries": found})

    @add(SecurityHubResponse)
    def batch_get_standards_control_associations(response: Any) -> str:
        _enabled(response)
        found = [
            _association(response, wanted["StandardsArn"], wanted["SecurityControlId"])
            for wanted in json.loads(response.body)["StandardsControlAssociationIds"]
            if _is_subscribed(response, wanted["StandardsArn"])
        ]
        return json.dumps({"StandardsControlAssociationDetails": found, "UnprocessedAssociations": []})


def _association(response: Any, standard: str, control: str) -> dict[str, Any]:
    """How a control of a standard stands; as the standard has it unless it was changed."""
    arn = (
        f"arn:{response.partition}:securityhub:{response.region}:{response.current_account}"
        f":security-control/{control}"
    )
    changed = _changed(response).get((standard, control), {"AssociationStatus": "ENABLED"})
    described = {"StandardsArn": standard, "SecurityControlId": control, "SecurityControlArn": arn} | changed
    return {key: value for key, value in described.items() if value is not None}


def _enabled(response: Any) -> None:
    if not response.securityhub_backend.enabled:
        message = f"Account {response.current_account} is not subscribed to AWS Security Hub"
        raise JsonRESTError("InvalidAccessException", message)


def _is_subscribed(response: Any, standard: str) -> bool:
    return any(kept["StandardsArn"] == standard for kept in _subscriptions(response).values())


def _configuration(response: Any) -> dict[str, Any]:
    kept: dict[str, Any] = memory(response.securityhub_backend).setdefault("configuration", {})
    return kept


def _subscriptions(response: Any) -> dict[str, dict[str, Any]]:
    kept: dict[str, dict[str, Any]] = memory(response.securityhub_backend).setdefault("standards", {})
    return kept


def _changed(response: Any) -> dict[tuple[str, str], dict[str, Any]]:
    kept: dict[tuple[str, str], dict[str, Any]] = memory(response.securityhub_backend).setdefault(
        "associations", {}
    )
    return kept


def _invalid(message: str) -> JsonRESTError:
    return JsonRESTError("InvalidInputException", message)
