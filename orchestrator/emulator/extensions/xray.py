"""X-Ray: groups, sampling rules, the encryption of traces, resource policies, and tags.

AWS (X-Ray API reference)

- ``CreateGroup``, ``GetGroup``, ``GetGroups``, ``UpdateGroup``, ``DeleteGroup``: groups of traces by a filter
  expression; the group ``Default`` is always there. A name that is taken, or that nothing has, is an
  ``InvalidRequestException``.
- ``CreateSamplingRule``, ``GetSamplingRules``, ``UpdateSamplingRule``, ``DeleteSamplingRule``: the rule ``Default`` is
  always there, can be changed in its rate and reservoir only, and can't be deleted.
- ``PutEncryptionConfig`` and ``GetEncryptionConfig``: ``NONE``, or ``KMS`` with a key.
- ``PutResourcePolicy``, ``ListResourcePolicies``, ``DeleteResourcePolicy``: up to five policies by name, each a JSON document
  with a revision, which an update may name.
- ``TagResource``, ``UntagResource``, ``ListTagsForResource``.

moto takes traces and knows none of these. Rules and keys are kept and answered; traces are neither sampled by the
rules nor encrypted here.

Needed by ``aws_xray_group``, ``aws_xray_sampling_rule``, ``aws_xray_encryption_config`` and ``aws_xray_resource_policy``.
"""

from __future__ import annotations

import json
import time
import uuid
from typing import Any

from moto.core.exceptions import JsonRESTError
from moto.utilities.tagging_service import TaggingService
from moto.xray import urls
from moto.xray.responses import XRayResponse

from orchestrator.emulator.patch import add, memory

_PATHS = (
    "CreateGroup",
    "GetGroup",
    "Groups",
    "UpdateGroup",
    "DeleteGroup",
    "CreateSamplingRule",
    "GetSamplingRules",
    "UpdateSamplingRule",
    "DeleteSamplingRule",
    "PutEncryptionConfig",
    "EncryptionConfig",
    "PutResourcePolicy",
    "ListResourcePolicies",
    "DeleteResourcePolicy",
    "TagResource",
    "UntagResource",
    "ListTagsForResource",
)
_DEFAULT = "Default"
_MOST_POLICIES = 5
_RANGES = {"Priority": (1, 9999), "FixedRate": (0, 1), "ReservoirSize": (0, 2**31 - 1), "Version": (1, 1)}


def register() -> None:
    """Extend moto's X-Ray responses and the paths that lead to them."""
    for path in _PATHS:
        urls.url_paths[f"{{0}}/{path}$"] = XRayResponse.dispatch
    _keep_groups()
    _keep_sampling_rules()
    _keep_encryption()
    _keep_policies()
    _keep_tags()


def _keep_groups() -> None:
    @add(XRayResponse)
    def create_group(response: Any) -> str:
        name = response._get_param("GroupName")
        groups = _groups(response)
        if name in groups:
            raise _invalid(f"Group with name {name} already exists")
        group = {
            "GroupName": name,
            "GroupARN": _arn(response, "group", f"{name}/{uuid.uuid4().hex.upper()}"),
            "FilterExpression": response._get_param("FilterExpression") or "",
            "InsightsConfiguration": _insights(response._get_param("InsightsConfiguration")),
        }
        groups[name] = group
        _tagger(response).tag_resource(group["GroupARN"], response._get_param("Tags") or [])
        return json.dumps({"Group": group})

    @add(XRayResponse)
    def get_group(response: Any) -> str:
        return json.dumps({"Group": _group(response)})

    @add(XRayResponse)
    def groups(response: Any) -> str:
        return json.dumps({"Groups": list(_groups(response).values())})

    @add(XRayResponse)
    def update_group(response: Any) -> str:
        group = _group(response)
        if (expression := response._get_param("FilterExpression")) is not None:
            group["FilterExpression"] = expression
        if (insights := response._get_param("InsightsConfiguration")) is not None:
            group["InsightsConfiguration"] = _insights(insights)
        return json.dumps({"Group": group})

    @add(XRayResponse)
    def delete_group(response: Any) -> str:
        group = _group(response)
        if group["GroupName"] == _DEFAULT:
            raise _invalid("The default group can't be deleted")
        del _groups(response)[group["GroupName"]]
        _tagger(response).delete_all_tags_for_resource(group["GroupARN"])
        return "{}"


def _keep_sampling_rules() -> None:
    @add(XRayResponse)
    def create_sampling_rule(response: Any) -> str:
        rule = dict(response._get_param("SamplingRule"))
        name = rule.get("RuleName")
        if not name or name in _rules(response):
            raise _invalid(f"Sampling rule {name} has no name or exists already")
        _check_rule(rule)
        rule["RuleARN"] = _arn(response, "sampling-rule", name)
        rule.setdefault("Attributes", {})
        record = {"SamplingRule": rule, "CreatedAt": time.time(), "ModifiedAt": time.time()}
        _rules(response)[name] = record
        _tagger(response).tag_resource(rule["RuleARN"], response._get_param("Tags") or [])
        return json.dumps({"SamplingRuleRecord": record})

    @add(XRayResponse)
    def get_sampling_rules(response: Any) -> str:
        return json.dumps({"SamplingRuleRecords": list(_rules(response).values())})

    @add(XRayResponse)
    def update_sampling_rule(response: Any) -> str:
        update = response._get_param("SamplingRuleUpdate")
        record = _rule(response, update)
        rule = record["SamplingRule"]
        changed = {key: value for key, value in update.items() if key not in ("RuleName", "RuleARN")}
        if rule["RuleName"] == _DEFAULT and set(changed) - {"FixedRate", "ReservoirSize"}:
            raise _invalid("Only the fixed rate and the reservoir size of the default rule can be changed")
        _check_rule(changed)
        rule.update(changed)
        record["ModifiedAt"] = time.time()
        return json.dumps({"SamplingRuleRecord": record})

    @add(XRayResponse)
    def delete_sampling_rule(response: Any) -> str:
        named = {"RuleName": response._get_param("RuleName"), "RuleARN": response._get_param("RuleARN")}
        record = _rule(response, named)
        rule = record["SamplingRule"]
        if rule["RuleName"] == _DEFAULT:
            raise _invalid("The default rule can't be deleted")
        del _rules(response)[rule["RuleName"]]
        _tagger(response).delete_all_tags_for_resource(rule["RuleARN"])
        return json.dumps({"SamplingRuleRecord": record})


def _keep_encryption() -> None:
    @add(XRayResponse)
    def put_encryption_config(response: Any) -> str:
        kind, key = response._get_param("Type"), response._get_param("KeyId")
        if kind not in ("NONE", "KMS") or (kind == "KMS") != bool(key):
            raise _invalid("The encryption type is NONE, or KMS with a key")
        config = {"Type": kind, "Status": "ACTIVE"} | ({"KeyId": key} if key else {})
        memory(response.xray_backend)["encryption"] = config
        return json.dumps({"EncryptionConfig": config | {"Status": "UPDATING"}})

    @add(XRayResponse)
    def encryption_config(response: Any) -> str:
        config = memory(response.xray_backend).get("encryption", {"Type": "NONE", "Status": "ACTIVE"})
        return json.dumps({"EncryptionConfig": config})


def _keep_policies() -> None:
    @add(XRayResponse)
    def put_resource_policy(response: Any) -> str:
        name, document = response._get_param("PolicyName"), response._get_param("PolicyDocument")
        policies = _policies(response)
        try:
            json.loads(document)
        except ValueError:
            raise JsonRESTError("MalformedPolicyDocumentException", "The policy is no JSON") from None
        if name not in policies and len(policies) >= _MOST_POLICIES:
            raise JsonRESTError("PolicyCountLimitExceededException", f"There are {_MOST_POLICIES} policies")
        revision = int(policies[name]["PolicyRevisionId"]) if name in policies else 0
        given = response._get_param("PolicyRevisionId")
        if given is not None and int(given) != revision:
            raise JsonRESTError("InvalidPolicyRevisionIdException", f"The policy is at revision {revision}")
        policies[name] = {
            "PolicyName": name,
            "PolicyDocument": document,
            "PolicyRevisionId": str(revision + 1),
            "LastUpdatedTime": time.time(),
        }
        return json.dumps({"ResourcePolicy": policies[name]})

    @add(XRayResponse)
    def list_resource_policies(response: Any) -> str:
        return json.dumps({"ResourcePolicies": list(_policies(response).values())})

    @add(XRayResponse)
    def delete_resource_policy(response: Any) -> str:
        if _policies(response).pop(response._get_param("PolicyName"), None) is None:
            raise _invalid("Resource policy not found")
        return "{}"


def _keep_tags() -> None:
    @add(XRayResponse)
    def tag_resource(response: Any) -> str:
        _tagger(response).tag_resource(_tagged(response), response._get_param("Tags"))
        return "{}"

    @add(XRayResponse)
    def untag_resource(response: Any) -> str:
        _tagger(response).untag_resource_using_names(_tagged(response), response._get_param("TagKeys"))
        return "{}"

    @add(XRayResponse)
    def list_tags_for_resource(response: Any) -> str:
        return json.dumps(_tagger(response).list_tags_for_resource(_tagged(response)))


def _groups(response: Any) -> dict[str, dict[str, Any]]:
    kept: dict[str, dict[str, Any]] = memory(response.xray_backend).setdefault("groups", {})
    if _DEFAULT not in kept:
        kept[_DEFAULT] = {
            "GroupName": _DEFAULT,
            "GroupARN": _arn(response, "group", _DEFAULT),
            "InsightsConfiguration": _insights(None),
        }
    return kept


def _group(response: Any) -> dict[str, Any]:
    name, arn = response._get_param("GroupName"), response._get_param("GroupARN")
    for group in _groups(response).values():
        if group["GroupARN"] == arn or group["GroupName"] == name:
            return group
    raise _invalid("Group not found")


def _insights(given: dict[str, bool] | None) -> dict[str, bool]:
    enabled = bool(given and given.get("InsightsEnabled"))
    notifies = bool(given and given.get("NotificationsEnabled"))
    if notifies and not enabled:
        raise _invalid("Notifications need insights to be enabled")
    return {"InsightsEnabled": enabled, "NotificationsEnabled": notifies}


def _rules(response: Any) -> dict[str, dict[str, Any]]:
    kept: dict[str, dict[str, Any]] = memory(response.xray_backend).setdefault("rules", {})
    if _DEFAULT not in kept:
        rule = dict.fromkeys(
            ("ResourceARN", "ServiceName", "ServiceType", "Host", "HTTPMethod", "URLPath"), "*"
        )
        rule |= {"RuleName": _DEFAULT, "RuleARN": _arn(response, "sampling-rule", _DEFAULT)}
        numbers = {"Priority": 10000, "FixedRate": 0.05, "ReservoirSize": 1, "Version": 1}
        kept[_DEFAULT] = {
            "SamplingRule": rule | numbers | {"Attributes": {}},
            "CreatedAt": 0.0,
            "ModifiedAt": time.time(),
        }
    return kept


def _rule(response: Any, named: dict[str, Any]) -> dict[str, Any]:
    for record in _rules(response).values():
        rule = record["SamplingRule"]
        if rule["RuleARN"] == named.get("RuleARN") or rule["RuleName"] == named.get("RuleName"):
            return record
    raise _invalid("Sampling rule does not exist")


def _policies(response: Any) -> dict[str, dict[str, Any]]:
    kept: dict[str, dict[str, Any]] = memory(response.xray_backend).setdefault("policies", {})
    return kept


def _check_rule(given: dict[str, Any]) -> None:
    for name, (least, most) in _RANGES.items():
        if name in given and not least <= given[name] <= most:
            raise _invalid(f"{name} must be between {least} and {most}")


def _tagger(response: Any) -> TaggingService:
    tagger: TaggingService = memory(response.xray_backend).setdefault("tagger", TaggingService())
    return tagger


def _tagged(response: Any) -> str:
    arn: str = response._get_param("ResourceARN")
    known = {group["GroupARN"] for group in _groups(response).values()}
    known |= {record["SamplingRule"]["RuleARN"] for record in _rules(response).values()}
    if arn not in known:
        raise JsonRESTError("ResourceNotFoundException", f"The resource {arn} does not exist")
    return arn


def _arn(response: Any, kind: str, name: str) -> str:
    return f"arn:{response.partition}:xray:{response.region}:{response.current_account}:{kind}/{name}"


def _invalid(message: str) -> JsonRESTError:
    return JsonRESTError("InvalidRequestException", message)
