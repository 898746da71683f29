"""Shield Advanced: protection groups, the response team's access, proactive engagement, automatic response.

AWS (Shield API reference)

- ``CreateSubscription`` refuses a second one; ``DescribeSubscription`` answers times as timestamps and refuses an
  account without one; ``UpdateSubscription`` changes the renewal.
- ``CreateProtectionGroup`` and its kin group protections.
- ``AssociateDRTRole``, ``DescribeDRTAccess`` and ``DisassociateDRTRole`` give the response team its role.
- ``AssociateProactiveEngagementDetails``, ``EnableProactiveEngagement``, ``DisableProactiveEngagement``,
  ``UpdateEmergencyContactSettings`` and ``DescribeEmergencyContactSettings`` keep whom AWS calls.
- ``AssociateHealthCheck`` and ``DisassociateHealthCheck``; ``EnableApplicationLayerAutomaticResponse`` and its kin belong
  to a protection.

moto keeps subscriptions (times as text, which no client can read, and an error for an account without one) and
protections, and knows nothing else.

Needed by ``aws_shield_subscription``, ``aws_shield_protection_group``, ``_drt_access_role_arn_association``,
``_proactive_engagement``, ``_protection_health_check_association`` and ``_application_layer_automatic_response``.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from moto.shield.exceptions import (
    InvalidParameterException,
    ResourceAlreadyExistsException,
    ResourceNotFoundException,
)
from moto.shield.models import Protection, ShieldBackend, Subscription
from moto.shield.responses import ShieldResponse

from orchestrator.emulator.patch import add, memory, wrap

_GROUP_FIELDS = ("ProtectionGroupId", "Aggregation", "Pattern", "ResourceType", "Members")


def register() -> None:
    """Extend moto's Shield backend and responses."""
    _make_subscriptions_readable()
    _keep_protection_groups()
    _keep_response_team_access()
    _keep_proactive_engagement()
    _keep_health_checks()
    _keep_automatic_responses()


def _make_subscriptions_readable() -> None:
    @wrap(Subscription, "to_dict")
    def to_dict(original: Callable[[Any], dict[str, Any]], subscription: Any) -> dict[str, Any]:
        return original(subscription) | {
            "StartTime": subscription.start_time.timestamp(),
            "EndTime": subscription.end_time.timestamp(),
            "ProactiveEngagementStatus": memory(subscription).get("engagement", "DISABLED"),
        }

    @wrap(ShieldBackend, "create_subscription")
    def create_subscription(original: Callable[[Any], None], backend: Any) -> None:
        if backend.subscription is not None:
            raise ResourceAlreadyExistsException("The subscription already exists.")
        original(backend)

    @wrap(ShieldResponse, "describe_subscription")
    def describe_subscription(original: Callable[[Any], str], response: Any) -> str:
        _subscription(response)
        return original(response)

    @add(ShieldResponse)
    def update_subscription(response: Any) -> str:
        _subscription(response).auto_renew = _body(response).get("AutoRenew", "ENABLED")
        return "{}"

    @add(ShieldResponse)
    def get_subscription_state(response: Any) -> str:
        subscribed = response.shield_backend.subscription is not None
        return json.dumps({"SubscriptionState": "ACTIVE" if subscribed else "INACTIVE"})


def _keep_protection_groups() -> None:
    @add(ShieldResponse)
    def create_protection_group(response: Any) -> str:
        given = _body(response)
        _subscription(response)
        _check_group(given)
        groups = _groups(response)
        name = given["ProtectionGroupId"]
        if name in groups:
            raise ResourceAlreadyExistsException("The protection group already exists.")
        arn = f"arn:{response.partition}:shield::{response.current_account}:protection-group/{name}"
        groups[name] = {key: given[key] for key in _GROUP_FIELDS if key in given} | {
            "ProtectionGroupArn": arn
        }
        groups[name].setdefault("Members", [])
        response.shield_backend.tag_resource(arn, given.get("Tags") or [])
        return "{}"

    @add(ShieldResponse)
    def describe_protection_group(response: Any) -> str:
        return json.dumps({"ProtectionGroup": _group(response)})

    @add(ShieldResponse)
    def update_protection_group(response: Any) -> str:
        given = _body(response)
        _check_group(given)
        group = _group(response)
        kept = {"ProtectionGroupArn": group["ProtectionGroupArn"], "Members": []}
        group.clear()
        group.update(kept | {key: given[key] for key in _GROUP_FIELDS if key in given})
        return "{}"

    @add(ShieldResponse)
    def delete_protection_group(response: Any) -> str:
        del _groups(response)[_group(response)["ProtectionGroupId"]]
        return "{}"

    @add(ShieldResponse)
    def list_protection_groups(response: Any) -> str:
        return json.dumps({"ProtectionGroups": list(_groups(response).values())})


def _check_group(given: dict[str, Any]) -> None:
    by_type = given["Pattern"] == "BY_RESOURCE_TYPE"
    if by_type != ("ResourceType" in given):
        raise InvalidParameterException("ResourceType is for the pattern BY_RESOURCE_TYPE, which needs it.")
    if (given["Pattern"] == "ARBITRARY") != bool(given.get("Members")):
        raise InvalidParameterException("Members are for the pattern ARBITRARY, which needs them.")


def _keep_response_team_access() -> None:
    @add(ShieldResponse, "associate_drt_role")
    def associate_drt_role(response: Any) -> str:
        _subscription(response)
        memory(response.shield_backend)["role"] = _body(response)["RoleArn"]
        return "{}"

    @add(ShieldResponse, "disassociate_drt_role")
    def disassociate_drt_role(response: Any) -> str:
        memory(response.shield_backend).pop("role", None)
        return "{}"

    @add(ShieldResponse, "describe_drt_access")
    def describe_drt_access(response: Any) -> str:
        role = memory(response.shield_backend).get("role")
        return json.dumps({"LogBucketList": []} | ({"RoleArn": role} if role else {}))


def _keep_proactive_engagement() -> None:
    def change(response: Any, status: str) -> str:
        memory(_subscription(response))["engagement"] = status
        return "{}"

    def keep_contacts(response: Any) -> None:
        memory(_subscription(response))["contacts"] = _body(response).get("EmergencyContactList") or []

    @add(ShieldResponse)
    def associate_proactive_engagement_details(response: Any) -> str:
        keep_contacts(response)
        return change(response, "ENABLED")

    @add(ShieldResponse)
    def enable_proactive_engagement(response: Any) -> str:
        if not memory(_subscription(response)).get("contacts"):
            raise InvalidParameterException("Proactive engagement needs an emergency contact.")
        return change(response, "ENABLED")

    @add(ShieldResponse)
    def disable_proactive_engagement(response: Any) -> str:
        return change(response, "DISABLED")

    @add(ShieldResponse)
    def update_emergency_contact_settings(response: Any) -> str:
        keep_contacts(response)
        return "{}"

    @add(ShieldResponse)
    def describe_emergency_contact_settings(response: Any) -> str:
        return json.dumps({"EmergencyContactList": memory(_subscription(response)).get("contacts", [])})


def _keep_health_checks() -> None:
    @add(ShieldResponse)
    def associate_health_check(response: Any) -> str:
        _protection(response).health_check_ids.append(_body(response)["HealthCheckArn"].rpartition("/")[2])
        return "{}"

    @add(ShieldResponse)
    def disassociate_health_check(response: Any) -> str:
        checks = _protection(response).health_check_ids
        check = _body(response)["HealthCheckArn"].rpartition("/")[2]
        if check not in checks:
            raise ResourceNotFoundException("The health check is not associated with the protection.")
        checks.remove(check)
        return "{}"


def _keep_automatic_responses() -> None:
    def configure(response: Any, configuration: dict[str, Any]) -> str:
        _protection(response).application_layer_automatic_response_configuration = configuration
        return "{}"

    @add(ShieldResponse)
    def enable_application_layer_automatic_response(response: Any) -> str:
        return configure(response, {"Status": "ENABLED", "Action": _body(response)["Action"]})

    @add(ShieldResponse)
    def update_application_layer_automatic_response(response: Any) -> str:
        return configure(response, {"Status": "ENABLED", "Action": _body(response)["Action"]})

    @add(ShieldResponse)
    def disable_application_layer_automatic_response(response: Any) -> str:
        return configure(response, {})


def _body(response: Any) -> dict[str, Any]:
    given: dict[str, Any] = json.loads(response.body)
    return given


def _subscription(response: Any) -> Any:
    subscription = response.shield_backend.subscription
    if subscription is None:
        raise ResourceNotFoundException("The subscription does not exist.")
    return subscription


def _protection(response: Any) -> Protection:
    """The protection that a request names by its id or by what it protects."""
    given = _body(response)
    found: Protection = response.shield_backend.describe_protection(
        given.get("ProtectionId"), given.get("ResourceArn")
    )
    return found


def _groups(response: Any) -> dict[str, dict[str, Any]]:
    groups: dict[str, dict[str, Any]] = memory(response.shield_backend).setdefault("groups", {})
    return groups


def _group(response: Any) -> dict[str, Any]:
    group = _groups(response).get(_body(response)["ProtectionGroupId"])
    if group is None:
        raise ResourceNotFoundException("The referenced protection group does not exist.")
    return group
