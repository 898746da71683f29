"""OpenSearch Serverless: policies of all kinds, endpoints in a VPC, and collections under the right key.

AWS (OpenSearch Serverless API reference)

- ``DeleteSecurityPolicy``; ``CreateAccessPolicy`` and ``CreateLifecyclePolicy`` with ``Get`` (for lifecycle policies
  ``BatchGetLifecyclePolicy``), ``List``, ``Update`` (with the current ``policyVersion``) and ``Delete``. A name is
  taken once a type (``ConflictException``); a policy that is not there is a ``ResourceNotFoundException``.
- ``CreateCollection`` wants an encryption policy that matches the name, by itself or with a trailing ``*``, and
  answers the policy's key, or ``auto`` for an AWS owned one. Names are unique. ``UpdateCollection`` changes the
  description.
- ``BatchGetCollection`` and ``BatchGetVpcEndpoint`` answer an error detail for each id or name that is not there.
- ``UpdateVpcEndpoint`` adds and removes subnets and security groups; ``ListVpcEndpoints``, ``DeleteVpcEndpoint``.
  EC2 answers the same endpoint, with its security groups, under the same id.

moto takes any policy that names a collection for the one of its encryption (and fails on a network policy), answers
errors of names beside what was found, and lacks the other operations. Policies are kept, they grant nothing.

Needed by ``aws_opensearchserverless_access_policy``, ``_collection``, ``_lifecycle_policy``, ``_security_policy`` and
``_vpc_endpoint``.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

from moto.moto_api._internal import mock_random
from moto.opensearchserverless.exceptions import (
    ConflictException,
    ResourceNotFoundException,
    ValidationException,
)
from moto.opensearchserverless.models import Collection, OpenSearchServiceServerlessBackend, OSEndpoint
from moto.opensearchserverless.responses import OpenSearchServiceServerlessResponse

from orchestrator.emulator.patch import add, memory, replace, wrap

_TYPES = {"access": "data", "lifecycle": "retention"}
_RULE_KINDS = {"access": ("collection", "index", "model"), "lifecycle": ("index",)}


def register() -> None:
    """Extend moto's OpenSearch Serverless backend and responses."""
    _delete_security_policies()
    _keep_access_policies()
    _keep_lifecycle_policies()
    _make_collections()
    _keep_endpoints()


def _delete_security_policies() -> None:
    @add(OpenSearchServiceServerlessResponse)
    def delete_security_policy(response: Any) -> str:
        given, backend = json.loads(response.body), response.opensearchserverless_backend
        found = backend.get_security_policy(name=given["name"], type=given["type"])
        backend.security_policies = {
            token: policy for token, policy in backend.security_policies.items() if policy is not found
        }
        return "{}"


def _keep_access_policies() -> None:
    @add(OpenSearchServiceServerlessResponse)
    def create_access_policy(response: Any) -> str:
        return _answer("access", _create(response, "access"))

    @add(OpenSearchServiceServerlessResponse)
    def get_access_policy(response: Any) -> str:
        given = json.loads(response.body)
        return _answer("access", _policy(response, "access", given["name"], given["type"]))

    @add(OpenSearchServiceServerlessResponse)
    def list_access_policies(response: Any) -> str:
        return json.dumps({"accessPolicySummaries": _summaries(response, "access")})

    @add(OpenSearchServiceServerlessResponse)
    def update_access_policy(response: Any) -> str:
        return _answer("access", _update(response, "access"))

    @add(OpenSearchServiceServerlessResponse)
    def delete_access_policy(response: Any) -> str:
        return _delete(response, "access")


def _keep_lifecycle_policies() -> None:
    @add(OpenSearchServiceServerlessResponse)
    def create_lifecycle_policy(response: Any) -> str:
        return _answer("lifecycle", _create(response, "lifecycle"))

    @add(OpenSearchServiceServerlessResponse)
    def batch_get_lifecycle_policy(response: Any) -> str:
        kept, found, missing = _policies(response, "lifecycle"), [], []
        for wanted in json.loads(response.body)["identifiers"]:
            name, kind = wanted["name"], wanted["type"]
            if (kind, name) in kept:
                found.append(kept[kind, name])
            else:
                error = {
                    "errorCode": "NOT_FOUND",
                    "errorMessage": f"The lifecycle policy {name} was not found",
                }
                missing.append({"name": name, "type": kind, **error})
        return json.dumps({"lifecyclePolicyDetails": found, "lifecyclePolicyErrorDetails": missing})

    @add(OpenSearchServiceServerlessResponse)
    def list_lifecycle_policies(response: Any) -> str:
        return json.dumps({"lifecyclePolicySummaries": _summaries(response, "lifecycle")})

    @add(OpenSearchServiceServerlessResponse)
    def update_lifecycle_policy(response: Any) -> str:
        return _answer("lifecycle", _update(response, "lifecycle"))

    @add(OpenSearchServiceServerlessResponse)
    def delete_lifecycle_policy(response: Any) -> str:
        return _delete(response, "lifecycle")


def _make_collections() -> None:
    @replace(OpenSearchServiceServerlessBackend, "create_collection")
    def create_collection(backend: Any, name: str, tags: Any, **given: Any) -> Collection:
        if any(collection.name == name for collection in backend.collections.values()):
            raise ConflictException(f"Collection with name {name} already exists")
        given["type"] = given["type"] or "TIMESERIES"
        given["standby_replicas"] = given["standby_replicas"] or "ENABLED"
        place = {"region": backend.region_name, "account_id": backend.account_id}
        policy = {"KmsARN": _key(backend, name)}
        collection = Collection(name=name, tags=tags, policy=policy, **given, **place)
        backend.collections[collection.id] = collection
        backend.tag_resource(collection.arn, tags or [])
        return collection

    @replace(OpenSearchServiceServerlessBackend, "batch_get_collection")
    def batch_get_collection(
        backend: Any, ids: list[str] | None, names: list[str] | None
    ) -> tuple[list[Any], list[dict[str, str]]]:
        if bool(ids) == bool(names):
            raise ValidationException("You need to provide IDs or names, and not both in the same request")
        key, wanted = ("id", ids or []) if ids else ("name", names or [])
        found = {getattr(collection, key): collection for collection in backend.collections.values()}
        details = [found[given].to_dict_batch() for given in wanted if given in found]
        return details, _missing("Collection", key, [given for given in wanted if given not in found])

    @add(OpenSearchServiceServerlessResponse)
    def update_collection(response: Any) -> str:
        given = json.loads(response.body)
        collections = response.opensearchserverless_backend.collections
        if given["id"] not in collections:
            raise ResourceNotFoundException(f"Collection with ID {given['id']} cannot be found.")
        collection = collections[given["id"]]
        if "description" in given:
            collection.description = given["description"]
        collection.last_modified_date = _now()
        return json.dumps({"updateCollectionDetail": collection.to_dict()})


def _keep_endpoints() -> None:
    @wrap(OpenSearchServiceServerlessBackend, "create_vpc_endpoint")
    def create_vpc_endpoint(original: Callable[..., OSEndpoint], backend: Any, **given: Any) -> OSEndpoint:
        endpoint = original(backend, **given)
        made = _network(backend).create_vpc_endpoint(
            vpc_id=endpoint.vpc_id,
            service_name=f"com.amazonaws.vpce.{backend.region_name}.vpce-svc-0a055000000000000",
            endpoint_type="Interface",
            policy_document=None,
            route_table_ids=[],
            subnet_ids=endpoint.subnet_ids,
            security_group_ids=endpoint.security_group_ids or [],
        )
        endpoint.id = made.id
        return endpoint

    @add(OpenSearchServiceServerlessResponse)
    def batch_get_vpc_endpoint(response: Any) -> str:
        wanted = json.loads(response.body)["ids"]
        found = {
            endpoint.id: endpoint for endpoint in response.opensearchserverless_backend.os_endpoints.values()
        }
        details = [_endpoint(found[given]) for given in wanted if given in found]
        missing = _missing("VPC endpoint", "id", [given for given in wanted if given not in found])
        return json.dumps({"vpcEndpointDetails": details, "vpcEndpointErrorDetails": missing})

    @add(OpenSearchServiceServerlessResponse)
    def list_vpc_endpoints(response: Any) -> str:
        endpoints = response.opensearchserverless_backend.os_endpoints.values()
        return json.dumps({"vpcEndpointSummaries": [endpoint.to_dict() for endpoint in endpoints]})

    @add(OpenSearchServiceServerlessResponse)
    def update_vpc_endpoint(response: Any) -> str:
        given = json.loads(response.body)
        endpoint = response.opensearchserverless_backend.os_endpoints[_token(response, given["id"])]
        for attribute, kind in (("subnet_ids", "SubnetIds"), ("security_group_ids", "SecurityGroupIds")):
            kept = [
                one for one in getattr(endpoint, attribute) or [] if one not in given.get(f"remove{kind}", [])
            ]
            setattr(
                endpoint, attribute, kept + [one for one in given.get(f"add{kind}", []) if one not in kept]
            )
        detail = _endpoint(endpoint) | {"lastModifiedDate": _now()}
        return json.dumps({"UpdateVpcEndpointDetail": detail})

    @add(OpenSearchServiceServerlessResponse)
    def delete_vpc_endpoint(response: Any) -> str:
        token = _token(response, json.loads(response.body)["id"])
        endpoint = response.opensearchserverless_backend.os_endpoints.pop(token)
        _network(response.opensearchserverless_backend).delete_vpc_endpoints([endpoint.id])
        return json.dumps({"deleteVpcEndpointDetail": endpoint.to_dict() | {"status": "DELETING"}})


def _create(response: Any, family: str) -> dict[str, Any]:
    given = json.loads(response.body)
    name, kind = given["name"], given["type"]
    if kind != _TYPES[family]:
        raise ValidationException(f"Value '{kind}' at 'type' is not {_TYPES[family]}")
    if (kind, name) in _policies(response, family):
        raise ConflictException(f"Policy with name {name} and type {kind} already exists")
    kept = {
        "name": name,
        "type": kind,
        "policy": _document(family, given["policy"]),
        "policyVersion": mock_random.get_random_string(20),
        "createdDate": _now(),
        "lastModifiedDate": _now(),
    }
    if given.get("description"):
        kept["description"] = given["description"]
    _policies(response, family)[kind, name] = kept
    return kept


def _update(response: Any, family: str) -> dict[str, Any]:
    given = json.loads(response.body)
    policy = _policy(response, family, given["name"], given["type"])
    if given["policyVersion"] != policy["policyVersion"]:
        raise ValidationException(
            "Policy version specified in the request refers to an older version and policy has since changed"
        )
    if given.get("policy"):
        policy["policy"] = _document(family, given["policy"])
    if "description" in given:
        policy["description"] = given["description"]
    policy |= {"policyVersion": mock_random.get_random_string(20), "lastModifiedDate": _now()}
    return policy


def _delete(response: Any, family: str) -> str:
    given = json.loads(response.body)
    policy = _policy(response, family, given["name"], given["type"])
    del _policies(response, family)[policy["type"], policy["name"]]
    return "{}"


def _document(family: str, text: str) -> Any:
    try:
        document = json.loads(text)
        parts = document if family == "access" else [document]
        rules = [rule for part in parts for rule in part["Rules"]]
        kinds = {rule["ResourceType"] for rule in rules}
        whom = [part["Principal"] for part in parts] if family == "access" else []
    except (KeyError, TypeError, ValueError) as error:
        raise ValidationException(f"Policy json is invalid, error: {error}") from error
    if not kinds or not kinds <= set(_RULE_KINDS[family]):
        raise ValidationException(
            f"Policy json is invalid, error: ResourceType is one of {', '.join(_RULE_KINDS[family])}"
        )
    if not all(whom):
        raise ValidationException(
            "Policy json is invalid, error: [$[0].Principal: there must be a minimum of 1 items]"
        )
    return document


def _policies(response: Any, family: str) -> dict[tuple[str, str], dict[str, Any]]:
    kept: dict[tuple[str, str], dict[str, Any]] = memory(response.opensearchserverless_backend).setdefault(
        family, {}
    )
    return kept


def _policy(response: Any, family: str, name: str, kind: str) -> dict[str, Any]:
    kept = _policies(response, family)
    if (kind, name) not in kept:
        raise ResourceNotFoundException(f"Policy with name {name} and type {kind} is not found")
    return kept[kind, name]


def _answer(family: str, policy: dict[str, Any]) -> str:
    return json.dumps({f"{family}PolicyDetail": policy})


def _summaries(response: Any, family: str) -> list[dict[str, Any]]:
    kept = _policies(response, family).values()
    return [{key: value for key, value in policy.items() if key != "policy"} for policy in kept]


def _key(backend: Any, collection: str) -> str:
    """The key of the encryption policy for that name; of several the one that names it most closely."""
    wanted, matching = f"collection/{collection}", {}
    for policy in backend.security_policies.values():
        for pattern in policy.resources if policy.type == "encryption" else ():
            if pattern == wanted or (pattern.endswith("*") and wanted.startswith(pattern[:-1])):
                matching[pattern] = policy.policy
    if not matching:
        raise ValidationException(
            f"No matching security policy of encryption type found for collection name: {collection}. "
            "Please create security policy of encryption type for this collection."
        )
    return str(matching[max(matching, key=len)].get("KmsARN", "auto"))


def _endpoint(endpoint: OSEndpoint) -> dict[str, Any]:
    return {
        **endpoint.to_dict(),
        "vpcId": endpoint.vpc_id,
        "subnetIds": endpoint.subnet_ids,
        "securityGroupIds": endpoint.security_group_ids or [],
        "createdDate": memory(endpoint).setdefault("created", _now()),
    }


def _network(backend: Any) -> Any:
    from moto.ec2.models import ec2_backends

    return ec2_backends[backend.account_id][backend.region_name]


def _token(response: Any, identity: str) -> str:
    endpoints: dict[str, OSEndpoint] = response.opensearchserverless_backend.os_endpoints
    for token, endpoint in endpoints.items():
        if endpoint.id == identity:
            return token
    raise ResourceNotFoundException(f"VPC endpoint with ID {identity} cannot be found")


def _missing(kind: str, key: str, wanted: list[str]) -> list[dict[str, str]]:
    error = {"errorCode": "NOT_FOUND", "errorMessage": f"The specified {kind} is not found."}
    return [{key: given, **error} for given in wanted]


def _now() -> int:
    return int(time.time() * 1000)
