"""VPC Lattice: rules and targets that can be read, and everything that can be changed and removed.

AWS (VPC Lattice API reference) has, for services, service networks, their associations, listeners, rules and target
groups, operations that read, update and delete them; takes an id or an ARN for each; keeps the targets that are
registered in a target group; and answers ``ConflictException`` where something is still in use (a service or VPC that
is associated with the service network, a target group that a listener or a rule forwards to).

moto creates all of these, reads most of them by id, and changes and deletes none.

Needed by ``aws_vpclattice_listener_rule``, ``aws_vpclattice_target_group_attachment``,
``aws_vpclattice_service_network_vpc_association`` (cannot be read) and by every ``aws_vpclattice_*`` resource when it is
changed or destroyed. Targets are kept, not asked: their status is ``UNAVAILABLE`` for functions, as on AWS, and
``INITIAL`` for addresses.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote

from moto.core.exceptions import JsonRESTError
from moto.vpclattice.exceptions import ResourceNotFoundException
from moto.vpclattice.models import VPCLatticeBackend, VPCLatticeRule, VPCLatticeTargetGroup
from moto.vpclattice.responses import VPCLatticeResponse

from orchestrator.emulator.patch import add, memory, wrap


class ConflictError(JsonRESTError):  # type: ignore[misc]
    """Something that is still in use cannot go."""

    code = 409

    def __init__(self, message: str) -> None:
        super().__init__("ConflictException", message)


def register() -> None:
    """Extend moto's VPC Lattice backend and responses."""
    ResourceNotFoundException.code = 404
    for lookup in ("get_service", "get_service_network", "get_target_group"):
        _take_arns(lookup)
    _services()
    _service_networks()
    _vpc_associations()
    _listeners()
    _rules()
    _target_groups()


def _take_arns(lookup: str) -> None:
    @wrap(VPCLatticeBackend, lookup)
    def get(original: Callable[..., Any], backend: Any, *args: str, **given: str) -> Any:
        (identifier,) = args or given.values()
        return original(backend, _id(identifier))


def _services() -> None:
    @add(VPCLatticeResponse)
    def update_service(response: Any) -> str:
        service = response.backend.get_service(_named(response, "serviceIdentifier"))
        service.auth_type = response._get_param("authType") or service.auth_type
        service.certificate_arn = response._get_param("certificateArn") or service.certificate_arn
        return json.dumps(service.to_dict())

    @add(VPCLatticeResponse)
    def delete_service(response: Any) -> str:
        backend = response.backend
        service = backend.get_service(_named(response, "serviceIdentifier"))
        if any(
            made.service_id == service.id for made in backend.service_network_service_associations.values()
        ):
            raise ConflictError(f"Service {service.id} is associated with a service network")
        for listener in [
            each for each in backend.listeners.values() if each.service_identifier == service.id
        ]:
            _delete_listener(backend, listener)
        backend.auth_policies.pop(service.id, None)
        del backend.services[service.id]
        said = {"arn": service.arn, "id": service.id, "name": service.name}
        return json.dumps(said | {"status": "DELETE_IN_PROGRESS"})

    @add(VPCLatticeResponse)
    def delete_service_network_service_association(response: Any) -> str:
        backend = response.backend
        made = backend.get_service_network_service_association(
            _named(response, "serviceNetworkServiceAssociationIdentifier")
        )
        del backend.service_network_service_associations[made.id]
        return json.dumps({"arn": made.arn, "id": made.id, "status": "DELETE_IN_PROGRESS"})


def _service_networks() -> None:
    @add(VPCLatticeResponse)
    def update_service_network(response: Any) -> str:
        network = response.backend.get_service_network(_named(response, "serviceNetworkIdentifier"))
        network.auth_type = response._get_param("authType")
        return json.dumps(network.to_dict())

    @add(VPCLatticeResponse)
    def delete_service_network(response: Any) -> str:
        backend = response.backend
        network = backend.get_service_network(_named(response, "serviceNetworkIdentifier"))
        made = [
            *backend.service_network_service_associations.values(),
            *backend.service_network_vpc_associations.values(),
            *backend.service_network_resource_associations.values(),
        ]
        if any(association.service_network_id == network.id for association in made):
            raise ConflictError(f"Service network {network.id} has associations")
        backend.auth_policies.pop(network.id, None)
        del backend.service_networks[network.id]
        return "{}"


def _vpc_associations() -> None:
    def find(response: Any) -> Any:
        identifier = _named(response, "serviceNetworkVpcAssociationIdentifier")
        found = response.backend.service_network_vpc_associations.get(identifier)
        if found is None:
            raise ResourceNotFoundException(f"Service network VPC association {identifier} not found")
        return found

    @add(VPCLatticeResponse)
    def get_service_network_vpc_association(response: Any) -> str:
        return json.dumps(find(response).to_dict())

    @add(VPCLatticeResponse)
    def update_service_network_vpc_association(response: Any) -> str:
        found = find(response)
        found.security_group_ids = response._get_param("securityGroupIds")
        found.last_updated_at = _now()
        return json.dumps(found.to_dict())

    @add(VPCLatticeResponse)
    def delete_service_network_vpc_association(response: Any) -> str:
        found = find(response)
        del response.backend.service_network_vpc_associations[found.id]
        return json.dumps({"arn": found.arn, "id": found.id, "status": "DELETE_IN_PROGRESS"})


def _listeners() -> None:
    @add(VPCLatticeResponse)
    def update_listener(response: Any) -> str:
        listener = _listener(response)
        listener.default_action = response._get_param("defaultAction")
        listener.last_updated_at = _now()
        return json.dumps(listener.to_dict())

    @add(VPCLatticeResponse)
    def delete_listener(response: Any) -> str:
        _delete_listener(response.backend, _listener(response))
        return "{}"


def _rules() -> None:
    @wrap(VPCLatticeBackend, "create_rule")
    def create_rule(original: Callable[..., Any], backend: Any, **given: Any) -> Any:
        listener = backend.get_listener(
            _id(given["service_identifier"]), _id(unquote(given["listener_identifier"]))
        )
        for rule in _rules_of(backend, listener):
            if rule.priority == given["priority"]:
                raise ConflictError(f"Priority {rule.priority} is used by {rule.id}")
        given |= {"service_identifier": listener.service_identifier, "listener_identifier": listener.id}
        rule = original(backend, **given)
        tags = backend.tagger.get_tag_dict_for_resource(rule.arn)
        backend.tagger.delete_all_tags_for_resource(rule.arn)
        rule.arn = f"{listener.arn}/rule/{rule.id}"
        backend.tag_resource(rule.arn, tags)
        memory(rule)["created"] = memory(rule)["updated"] = _now()
        return rule

    @wrap(VPCLatticeRule, "to_dict")
    def to_dict(_original: Callable[[Any], dict[str, Any]], rule: Any) -> dict[str, Any]:
        return {
            "action": rule.action,
            "arn": rule.arn,
            "createdAt": memory(rule).get("created"),
            "id": rule.id,
            "isDefault": False,
            "lastUpdatedAt": memory(rule).get("updated"),
            "match": rule.match,
            "name": rule.name,
            "priority": rule.priority,
        }

    @add(VPCLatticeResponse)
    def get_rule(response: Any) -> str:
        return json.dumps(_rule(response).to_dict())

    @add(VPCLatticeResponse)
    def list_rules(response: Any) -> str:
        found = _rules_of(response.backend, _listener(response))
        return json.dumps({"items": [rule.to_dict() for rule in found]})

    @add(VPCLatticeResponse)
    def update_rule(response: Any) -> str:
        rule = _rule(response)
        for attribute in ("action", "match", "priority"):
            if (value := response._get_param(attribute)) is not None:
                setattr(rule, attribute, value)
        memory(rule)["updated"] = _now()
        return json.dumps(rule.to_dict())

    @add(VPCLatticeResponse)
    def delete_rule(response: Any) -> str:
        del response.backend.rules[_rule(response).id]
        return "{}"


def _target_groups() -> None:
    @wrap(VPCLatticeTargetGroup, "to_dict")
    def to_dict(original: Callable[[Any], dict[str, Any]], group: Any) -> dict[str, Any]:
        return {key: value for key, value in original(group).items() if value is not None}

    @add(VPCLatticeResponse)
    def update_target_group(response: Any) -> str:
        group = response.backend.get_target_group(_named(response, "targetGroupIdentifier"))
        group.config = group.config | {"healthCheck": response._get_param("healthCheck")}
        group.last_updated_at = _now()
        return json.dumps(group.to_dict())

    @add(VPCLatticeResponse)
    def delete_target_group(response: Any) -> str:
        backend = response.backend
        group = backend.get_target_group(_named(response, "targetGroupIdentifier"))
        actions = [
            *(listener.default_action for listener in backend.listeners.values()),
            *(rule.action for rule in backend.rules.values()),
        ]
        if any(_forwards(action, group) for action in actions):
            raise ConflictError(f"Target group {group.id} is in use")
        if _targets(group):
            raise ConflictError(f"Target group {group.id} has registered targets")
        del backend.target_groups[group.id]
        return json.dumps({"arn": group.arn, "id": group.id, "status": "DELETE_IN_PROGRESS"})

    @add(VPCLatticeResponse)
    def register_targets(response: Any) -> str:
        group = response.backend.get_target_group(_named(response, "targetGroupIdentifier"))
        given = [_target(group, target) for target in response._get_param("targets")]
        for target in given:
            status = "UNAVAILABLE" if group.type == "LAMBDA" else "INITIAL"
            _targets(group)[target["id"], target.get("port")] = target | {"status": status}
        return json.dumps({"successful": given, "unsuccessful": []})

    @add(VPCLatticeResponse)
    def deregister_targets(response: Any) -> str:
        group = response.backend.get_target_group(_named(response, "targetGroupIdentifier"))
        given = [_target(group, target) for target in response._get_param("targets")]
        for target in given:
            _targets(group).pop((target["id"], target.get("port")), None)
        return json.dumps({"successful": given, "unsuccessful": []})

    @add(VPCLatticeResponse)
    def list_targets(response: Any) -> str:
        group = response.backend.get_target_group(_named(response, "targetGroupIdentifier"))
        asked = [_target(group, target) for target in response._get_param("targets") or []]
        keys = [(target["id"], target.get("port")) for target in asked] or list(_targets(group))
        return json.dumps({"items": [_targets(group)[key] for key in keys if key in _targets(group)]})


def _id(identifier: str) -> str:
    """The id of what an id or an ARN names."""
    return identifier.rsplit("/", 1)[-1]


def _named(response: Any, parameter: str) -> str:
    """The id of what the request's path names."""
    return _id(unquote(str(response._get_param(parameter))))


def _now() -> str:
    return datetime.now(UTC).isoformat()


def _listener(response: Any) -> Any:
    return response.backend.get_listener(
        _named(response, "serviceIdentifier"), _named(response, "listenerIdentifier")
    )


def _delete_listener(backend: Any, listener: Any) -> None:
    for rule in _rules_of(backend, listener):
        del backend.rules[rule.id]
    del backend.listeners[listener.id]


def _rules_of(backend: Any, listener: Any) -> list[Any]:
    found = [rule for rule in backend.rules.values() if rule.listener_identifier == listener.id]
    return sorted(found, key=lambda rule: int(rule.priority))


def _rule(response: Any) -> Any:
    identifier = _named(response, "ruleIdentifier")
    for rule in _rules_of(response.backend, _listener(response)):
        if rule.id == identifier:
            return rule
    raise ResourceNotFoundException(f"Rule {identifier} not found")


def _forwards(action: dict[str, Any], group: Any) -> bool:
    """Whether an action forwards to a target group."""
    groups = action.get("forward", {}).get("targetGroups", [])
    return any(_id(target["targetGroupIdentifier"]) == group.id for target in groups)


def _targets(group: Any) -> dict[tuple[str, int | None], dict[str, Any]]:
    kept: dict[tuple[str, int | None], dict[str, Any]] = memory(group).setdefault("targets", {})
    return kept


def _target(group: Any, given: dict[str, Any]) -> dict[str, Any]:
    """A target with its port: the group's own where none is given, none at all for a function."""
    port = None if group.type == "LAMBDA" else given.get("port") or group.config.get("port")
    return {"id": given["id"]} if port is None else {"id": given["id"], "port": port}
