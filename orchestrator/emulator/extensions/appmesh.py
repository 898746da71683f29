"""App Mesh: a mesh whose resources can be read back as they were given, virtual services among them.

AWS (App Mesh API reference; AWS ended the service on 2026-09-30, so that this is the place left where a mesh can be
tried) answers each mesh, virtual gateway, virtual node, virtual router, virtual service, route and gateway route with
the specification it was given, its metadata (times as numbers, a version that counts the changes) and its status;
refuses to make one twice, and to delete what another one refers to; and keeps tags on all of them.

moto answers times as text, which no client can decode, keeps only the parts of a specification that it knows, and has
no virtual services and no removal of tags.

Needed by every ``aws_appmesh_*`` resource.
"""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from moto.appmesh import urls
from moto.appmesh.responses import AppMeshResponse
from moto.core.exceptions import JsonRESTError
from moto.utilities.utils import get_partition

from orchestrator.emulator.patch import add, memory, replace

Path = tuple[str, ...]
Record = dict[str, Any]


@dataclass(frozen=True)
class Kind:
    """One kind of resource: its name in the API, and the kind that it belongs to."""

    name: str
    plural: str
    parent: Kind | None = None

    @property
    def parameter(self) -> str:
        """What its name is called in requests and answers."""
        return f"{self.name}Name"

    @property
    def line(self) -> tuple[Kind, ...]:
        """The kinds from the mesh down to this one."""
        return (*(self.parent.line if self.parent else ()), self)


_MESH = Kind("mesh", "meshes")
_GATEWAY = Kind("virtualGateway", "virtualGateways", _MESH)
_NODE = Kind("virtualNode", "virtualNodes", _MESH)
_ROUTER = Kind("virtualRouter", "virtualRouters", _MESH)
_SERVICE = Kind("virtualService", "virtualServices", _MESH)
_ROUTE = Kind("route", "routes", _ROUTER)
_GATEWAY_ROUTE = Kind("gatewayRoute", "gatewayRoutes", _GATEWAY)
_KINDS = (_MESH, _GATEWAY, _NODE, _ROUTER, _SERVICE, _ROUTE, _GATEWAY_ROUTE)

_REFERENCES = {_NODE: "virtualNode", _ROUTER: "virtualRouter", _SERVICE: "virtualService"}


class AppMeshError(JsonRESTError):  # type: ignore[misc]
    """An error of the service, with its HTTP status."""

    def __init__(self, status: int, kind: str, message: str) -> None:
        self.code = status
        super().__init__(kind, message)


def register() -> None:
    """Replace moto's App Mesh responses."""
    base = "{0}/v20190125/meshes/(?P<meshName>[^/]+)/virtualServices"
    urls.url_paths[f"{base}$"] = AppMeshResponse.dispatch
    urls.url_paths[f"{base}/(?P<virtualServiceName>[^/]+)$"] = AppMeshResponse.dispatch
    urls.url_paths["{0}/v20190125/untag$"] = AppMeshResponse.dispatch
    for kind in _KINDS:
        _operations(kind)
    _tags()


def _install(name: str, operation: Any) -> None:
    change = replace if name in vars(AppMeshResponse) else add
    change(AppMeshResponse, name)(operation)


def _operations(kind: Kind) -> None:
    def create(response: Any) -> str:
        given = json.loads(response.body)
        path = _path(response, kind)
        if kind.parent is not None:
            _find(response, kind.parent, path[:-1])
        if path in _all(response, kind):
            raise AppMeshError(409, "ConflictException", f"{kind.name} {path[-1]} exists")
        record = _record(response, kind, path, given.get("spec") or {})
        _all(response, kind)[path] = record
        _all_tags(response)[record["metadata"]["arn"]] = {
            tag["key"]: tag["value"] for tag in given.get("tags") or []
        }
        return json.dumps(record)

    def describe(response: Any) -> str:
        return json.dumps(_find(response, kind, _path(response, kind)))

    def update(response: Any) -> str:
        record = _find(response, kind, _path(response, kind))
        record["spec"] = json.loads(response.body).get("spec") or {}
        record["metadata"]["lastUpdatedAt"] = time.time()
        record["metadata"]["version"] += 1
        return json.dumps(record)

    def delete(response: Any) -> str:
        path = _path(response, kind)
        record = _find(response, kind, path)
        if user := _user(response, kind, path):
            raise AppMeshError(409, "ResourceInUseException", f"{kind.name} {path[-1]} is used by {user}")
        del _all(response, kind)[path]
        _all_tags(response).pop(record["metadata"]["arn"], None)
        return json.dumps(record | {"status": {"status": "DELETED"}})

    def list_all(response: Any) -> str:
        above = _path(response, kind.parent) if kind.parent else ()
        found = [
            {key: value for key, value in record.items() if key.endswith("Name")} | record["metadata"]
            for path, record in _all(response, kind).items()
            if path[:-1] == above
        ]
        return json.dumps({kind.plural: [{k: v for k, v in each.items() if k != "uid"} for each in found]})

    single, plural = _snake(kind.name), _snake(kind.plural)
    _install(f"create_{single}", create)
    _install(f"describe_{single}", describe)
    _install(f"update_{single}", update)
    _install(f"delete_{single}", delete)
    _install(f"list_{plural}", list_all)


def _tags() -> None:
    def of(response: Any) -> dict[str, str]:
        arn = response._get_param("resourceArn")
        if arn not in _all_tags(response):
            raise AppMeshError(404, "NotFoundException", f"{arn} does not exist")
        return _all_tags(response)[arn]

    def list_tags_for_resource(response: Any) -> str:
        return json.dumps({"tags": [{"key": key, "value": value} for key, value in of(response).items()]})

    def tag_resource(response: Any) -> str:
        of(response).update({tag["key"]: tag["value"] for tag in json.loads(response.body)["tags"]})
        return "{}"

    def untag_resource(response: Any) -> str:
        for key in json.loads(response.body)["tagKeys"]:
            of(response).pop(key, None)
        return "{}"

    _install("list_tags_for_resource", list_tags_for_resource)
    _install("tag_resource", tag_resource)
    _install("untag_resource", untag_resource)


def _snake(name: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)


def _all(response: Any, kind: Kind) -> dict[Path, Record]:
    kept: dict[Path, Record] = memory(response.appmesh_backend).setdefault(kind.name, {})
    return kept


def _all_tags(response: Any) -> dict[str, dict[str, str]]:
    kept: dict[str, dict[str, str]] = memory(response.appmesh_backend).setdefault("tags", {})
    return kept


def _path(response: Any, kind: Kind) -> Path:
    """The names from the mesh down to the resource that a request is about."""
    return tuple(str(response._get_param(each.parameter)) for each in kind.line)


def _find(response: Any, kind: Kind, path: Path) -> Record:
    found = _all(response, kind).get(path)
    if found is None:
        raise AppMeshError(404, "NotFoundException", f"{kind.name} {path[-1]} does not exist")
    return found


def _record(response: Any, kind: Kind, path: Path, spec: dict[str, Any]) -> Record:
    account, region = response.current_account, response.region
    line = "/".join(f"{each.name}/{name}" for each, name in zip(kind.line, path, strict=True))
    now = time.time()
    return {
        **{each.parameter: name for each, name in zip(kind.line, path, strict=True)},
        "metadata": {
            "arn": f"arn:{get_partition(region)}:appmesh:{region}:{account}:{line}",
            "createdAt": now,
            "lastUpdatedAt": now,
            "meshOwner": account,
            "resourceOwner": account,
            "uid": str(uuid4()),
            "version": 1,
        },
        "spec": spec,
        "status": {"status": "ACTIVE"},
    }


def _user(response: Any, kind: Kind, path: Path) -> str | None:
    """What lies below a resource or refers to it, if anything does. A node's backends may refer to what is gone."""
    for other in _KINDS:
        for other_path, record in _all(response, other).items():
            below = len(other_path) > len(path) and other.line[: len(path)] == kind.line
            if below and other_path[: len(path)] == path:
                return f"{other.name} {other_path[-1]}"
            same_mesh = other is not _NODE and other_path[0] == path[0]
            if same_mesh and kind in _REFERENCES and _refers(record["spec"], _REFERENCES[kind], path[-1]):
                return f"{other.name} {other_path[-1]}"
    return None


def _refers(spec: Any, key: str, name: str) -> bool:
    """Whether a specification names a resource: as text, or in an object with its name."""
    if isinstance(spec, list):
        return any(_refers(each, key, name) for each in spec)
    if not isinstance(spec, dict):
        return False
    found = spec.get(key)
    if found == name or (isinstance(found, dict) and found.get(f"{key}Name") == name):
        return True
    return any(_refers(each, key, name) for each in spec.values())
