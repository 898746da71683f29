"""EventBridge Schemas: registries, schemas with versions, discoverers.

AWS (EventBridge Schema Registry API reference)

- ``CreateRegistry``, ``DescribeRegistry``, ``UpdateRegistry``, ``ListRegistries``; ``DeleteRegistry`` refuses one that holds
  schemas.
- ``CreateSchema``, ``DescribeSchema`` (also of a version), ``ListSchemas``, ``ListSchemaVersions``, ``DeleteSchema``;
  ``UpdateSchema`` makes a version when the content is another one.
- ``CreateDiscoverer`` (one a bus), ``DescribeDiscoverer``, ``UpdateDiscoverer``, ``StartDiscoverer``, ``StopDiscoverer``,
  ``ListDiscoverers``, ``DeleteDiscoverer``.
- ``PutResourcePolicy``, ``GetResourcePolicy`` and ``DeleteResourcePolicy`` of a registry; ``TagResource``, ``UntagResource`` and
  ``ListTagsForResource``.

moto does not know the service. Discoverers are kept, and discover nothing.

Needed by ``aws_schemas_registry``, ``aws_schemas_schema``, ``aws_schemas_registry_policy`` and ``aws_schemas_discoverer``.
"""

from __future__ import annotations

import json
import re
import sys
import uuid
from types import ModuleType, SimpleNamespace
from typing import Any

from moto import backend_index
from moto.core.base_backend import BackendDict, BaseBackend
from moto.core.exceptions import JsonRESTError
from moto.core.responses import ActionResult, BaseResponse, EmptyResult
from moto.core.utils import utcnow

from orchestrator.emulator.service import EVERY_REGION

SERVICE = "schemas"
URL_BASES = [r"https?://schemas\.(.+)\.amazonaws\.com"]

_BUS = re.compile(r"arn:[^:]+:events:[^:]+:[0-9]{12}:event-bus/(?P<name>.+)$")
_TYPES = ("OpenApi3", "JSONSchemaDraft4")


class SchemasError(JsonRESTError):  # type: ignore[misc] # moto is not typed for us
    """An error of the service: its type, message, and status."""

    def __init__(self, error_type: str, message: str, status: int) -> None:
        super().__init__(error_type, message)
        self.code = status


class SchemasBackend(BaseBackend):  # type: ignore[misc] # moto is not typed for us
    """The registries, schemas and discoverers of an account in a region."""

    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        self.registries: dict[str, dict[str, Any]] = {}
        self.schemas: dict[tuple[str, str], list[dict[str, Any]]] = {}
        """The versions of each schema, the oldest first."""
        self.discoverers: dict[str, dict[str, Any]] = {}
        self.policies: dict[str, tuple[str, str]] = {}
        self.tags: dict[str, dict[str, str]] = {}

    @property
    def _url_module(self) -> Any:
        rests = ("{0}/v1/(?P<rest>.+)$", "{0}/tags/(?P<arn>.+)$")
        paths = dict.fromkeys(rests, SchemasResponse.dispatch)
        return SimpleNamespace(url_bases=URL_BASES, url_paths=paths)

    def arn(self, what: str) -> str:
        """The ARN of ``registry/<name>``, ``schema/<registry>/<name>`` or ``discoverer/<id>``."""
        return f"arn:{self.partition}:schemas:{self.region_name}:{self.account_id}:{what}"

    def registry(self, name: str) -> dict[str, Any]:
        """The registry of that name."""
        if name not in self.registries:
            raise SchemasError("NotFoundException", f"Registry with name {name} does not exist.", 404)
        return self.registries[name]

    def versions(self, registry: str, name: str) -> list[dict[str, Any]]:
        """The versions of a schema, the oldest first."""
        self.registry(registry)
        if (registry, name) not in self.schemas:
            raise SchemasError("NotFoundException", f"Schema with name {name} does not exist.", 404)
        return self.schemas[registry, name]

    def discoverer(self, discoverer_id: str) -> dict[str, Any]:
        """The discoverer of that id."""
        if discoverer_id not in self.discoverers:
            message = f"Discoverer with id {discoverer_id} does not exist."
            raise SchemasError("NotFoundException", message, 404)
        return self.discoverers[discoverer_id]


schemas_backends = BackendDict(SchemasBackend, SERVICE, additional_regions=EVERY_REGION)


class SchemasResponse(BaseResponse):  # type: ignore[misc] # moto is not typed for us
    """Answers the requests: one method an operation."""

    def __init__(self) -> None:
        super().__init__(service_name=SERVICE)
        self.automated_parameter_parsing = True

    @property
    def backend(self) -> SchemasBackend:
        """The backend of the request's account and region."""
        found: SchemasBackend = schemas_backends[self.current_account][self.region]
        return found

    def _tagged(self, described: dict[str, Any], arn: str) -> ActionResult:
        tags = self.backend.tags.get(arn)
        return ActionResult(described | ({"Tags": tags} if tags else {}))

    # Registries

    def create_registry(self) -> ActionResult:
        """CreateRegistry."""
        name = self._get_param("RegistryName")
        if name in self.backend.registries:
            raise SchemasError("ConflictException", f"Registry with name {name} already exists.", 409)
        arn = self.backend.arn(f"registry/{name}")
        self.backend.registries[name] = {
            "RegistryName": name,
            "RegistryArn": arn,
            "Description": self._get_param("Description") or "",
        }
        self.backend.tags[arn] = dict(self._get_param("Tags") or {})
        return self.describe_registry()

    def describe_registry(self) -> ActionResult:
        """DescribeRegistry."""
        registry = self.backend.registry(self._get_param("RegistryName"))
        return self._tagged(registry, registry["RegistryArn"])

    def update_registry(self) -> ActionResult:
        """UpdateRegistry."""
        registry = self.backend.registry(self._get_param("RegistryName"))
        registry["Description"] = self._get_param("Description") or ""
        return self.describe_registry()

    def delete_registry(self) -> ActionResult:
        """DeleteRegistry."""
        registry = self.backend.registry(self._get_param("RegistryName"))
        if any(of == registry["RegistryName"] for of, _ in self.backend.schemas):
            message = "Registry cannot be deleted, as it still contains schemas."
            raise SchemasError("BadRequestException", message, 400)
        del self.backend.registries[registry["RegistryName"]]
        self.backend.policies.pop(registry["RegistryName"], None)
        self.backend.tags.pop(registry["RegistryArn"], None)
        return EmptyResult()

    def list_registries(self) -> ActionResult:
        """ListRegistries."""
        prefix = self._get_param("RegistryNamePrefix") or ""
        found = [one for name, one in self.backend.registries.items() if name.startswith(prefix)]
        return ActionResult({"Registries": found})

    # Schemas

    def create_schema(self) -> ActionResult:
        """CreateSchema."""
        registry, name = self._get_param("RegistryName"), self._get_param("SchemaName")
        self.backend.registry(registry)
        if (registry, name) in self.backend.schemas:
            raise SchemasError("ConflictException", f"Schema with name {name} already exists.", 409)
        arn = self.backend.arn(f"schema/{registry}/{name}")
        self.backend.schemas[registry, name] = [self._version(name, arn, 1)]
        self.backend.tags[arn] = dict(self._get_param("Tags") or {})
        return self.describe_schema()

    def _version(self, name: str, arn: str, number: int) -> dict[str, Any]:
        kind, content = self._get_param("Type"), self._get_param("Content")
        if kind not in _TYPES:
            raise SchemasError("BadRequestException", f"Schema type {kind} is not supported.", 400)
        try:
            json.loads(content)
        except ValueError:
            raise SchemasError("BadRequestException", "The schema content is not valid.", 400) from None
        return {
            "SchemaName": name,
            "SchemaArn": arn,
            "SchemaVersion": str(number),
            "Type": kind,
            "Content": content,
            "Description": self._get_param("Description") or "",
            "LastModified": utcnow(),
            "VersionCreatedDate": utcnow(),
        }

    def describe_schema(self) -> ActionResult:
        """DescribeSchema."""
        versions = self.backend.versions(self._get_param("RegistryName"), self._get_param("SchemaName"))
        wanted = self._get_param("SchemaVersion")
        found = [one for one in versions if wanted in (None, one["SchemaVersion"])]
        if not found:
            raise SchemasError("NotFoundException", f"Schema version {wanted} does not exist.", 404)
        return self._tagged(found[-1], found[-1]["SchemaArn"])

    def update_schema(self) -> ActionResult:
        """UpdateSchema."""
        versions = self.backend.versions(self._get_param("RegistryName"), self._get_param("SchemaName"))
        newest = versions[-1]
        if self._get_param("Content") not in (None, newest["Content"]):
            number = int(newest["SchemaVersion"]) + 1
            versions.append(self._version(newest["SchemaName"], newest["SchemaArn"], number))
        if self._get_param("Description") is not None:
            versions[-1]["Description"] = self._get_param("Description")
        versions[-1]["LastModified"] = utcnow()
        return self.describe_schema()

    def delete_schema(self) -> ActionResult:
        """DeleteSchema."""
        registry, name = self._get_param("RegistryName"), self._get_param("SchemaName")
        versions = self.backend.versions(registry, name)
        self.backend.tags.pop(versions[-1]["SchemaArn"], None)
        del self.backend.schemas[registry, name]
        return EmptyResult()

    def list_schemas(self) -> ActionResult:
        """ListSchemas."""
        registry, prefix = self._get_param("RegistryName"), self._get_param("SchemaNamePrefix") or ""
        self.backend.registry(registry)
        found = [
            {key: versions[-1][key] for key in ("SchemaName", "SchemaArn", "LastModified")}
            | {"VersionCount": len(versions)}
            for (of, name), versions in self.backend.schemas.items()
            if of == registry and name.startswith(prefix)
        ]
        return ActionResult({"Schemas": found})

    def list_schema_versions(self) -> ActionResult:
        """ListSchemaVersions."""
        versions = self.backend.versions(self._get_param("RegistryName"), self._get_param("SchemaName"))
        keys = ("SchemaName", "SchemaArn", "SchemaVersion", "Type")
        return ActionResult({"SchemaVersions": [{key: one[key] for key in keys} for one in versions]})

    # Discoverers

    def create_discoverer(self) -> ActionResult:
        """CreateDiscoverer."""
        source = self._get_param("SourceArn")
        bus = _BUS.match(source or "")
        if bus is None:
            raise SchemasError("BadRequestException", f"Source ARN {source} is not valid.", 400)
        discoverer_id = f"events-event-bus-{bus['name']}"
        if discoverer_id in self.backend.discoverers:
            raise SchemasError("ConflictException", "A discoverer for the source already exists.", 409)
        cross_account = self._get_param("CrossAccount")
        arn = self.backend.arn(f"discoverer/{discoverer_id}")
        self.backend.discoverers[discoverer_id] = {
            "DiscovererId": discoverer_id,
            "DiscovererArn": arn,
            "SourceArn": source,
            "Description": self._get_param("Description") or "",
            "State": "STARTED",
            "CrossAccount": True if cross_account is None else cross_account,
        }
        self.backend.tags[arn] = dict(self._get_param("Tags") or {})
        return self._tagged(self.backend.discoverers[discoverer_id], arn)

    def describe_discoverer(self) -> ActionResult:
        """DescribeDiscoverer."""
        discoverer = self.backend.discoverer(self._get_param("DiscovererId"))
        return self._tagged(discoverer, discoverer["DiscovererArn"])

    def update_discoverer(self) -> ActionResult:
        """UpdateDiscoverer."""
        discoverer = self.backend.discoverer(self._get_param("DiscovererId"))
        discoverer["Description"] = self._get_param("Description") or ""
        return self.describe_discoverer()

    def start_discoverer(self) -> ActionResult:
        """StartDiscoverer."""
        return self._set_state("STARTED")

    def stop_discoverer(self) -> ActionResult:
        """StopDiscoverer."""
        return self._set_state("STOPPED")

    def _set_state(self, state: str) -> ActionResult:
        discoverer = self.backend.discoverer(self._get_param("DiscovererId"))
        discoverer["State"] = state
        return ActionResult({"DiscovererId": discoverer["DiscovererId"], "State": state})

    def delete_discoverer(self) -> ActionResult:
        """DeleteDiscoverer."""
        discoverer = self.backend.discoverer(self._get_param("DiscovererId"))
        del self.backend.discoverers[discoverer["DiscovererId"]]
        self.backend.tags.pop(discoverer["DiscovererArn"], None)
        return EmptyResult()

    def list_discoverers(self) -> ActionResult:
        """ListDiscoverers."""
        source = self._get_param("SourceArnPrefix") or ""
        found = [one for one in self.backend.discoverers.values() if one["SourceArn"].startswith(source)]
        return ActionResult({"Discoverers": found})

    # Policies and tags

    def put_resource_policy(self) -> ActionResult:
        """PutResourcePolicy."""
        registry = self.backend.registry(self._get_param("RegistryName"))["RegistryName"]
        self.backend.policies[registry] = (self._get_param("Policy"), str(uuid.uuid4()))
        return self.get_resource_policy()

    def get_resource_policy(self) -> ActionResult:
        """GetResourcePolicy."""
        registry = self.backend.registry(self._get_param("RegistryName"))["RegistryName"]
        if registry not in self.backend.policies:
            raise SchemasError("NotFoundException", "The registry has no policy.", 404)
        policy, revision = self.backend.policies[registry]
        return ActionResult({"Policy": policy, "RevisionId": revision})

    def delete_resource_policy(self) -> ActionResult:
        """DeleteResourcePolicy."""
        self.get_resource_policy()
        del self.backend.policies[self._get_param("RegistryName")]
        return EmptyResult()

    def tag_resource(self) -> ActionResult:
        """TagResource."""
        self._tags().update(self._get_param("Tags"))
        return EmptyResult()

    def untag_resource(self) -> ActionResult:
        """UntagResource."""
        for key in self._get_param("TagKeys"):
            self._tags().pop(key, None)
        return EmptyResult()

    def list_tags_for_resource(self) -> ActionResult:
        """ListTagsForResource."""
        return ActionResult({"Tags": self._tags()})

    def _tags(self) -> dict[str, str]:
        arn = self._get_param("ResourceArn")
        if arn not in self.backend.tags:
            raise SchemasError("NotFoundException", f"{arn} does not exist.", 404)
        return self.backend.tags[arn]


def register() -> None:
    """Put the service where moto looks for its own."""
    module = ModuleType(f"moto.{SERVICE}", __doc__)
    vars(module)[f"{SERVICE}_backends"] = schemas_backends
    if SERVICE in {name for name, _ in backend_index.backend_url_patterns}:
        raise AttributeError(f"moto already has {SERVICE}")
    sys.modules.setdefault(module.__name__, module)
    backend_index.backend_url_patterns.extend((SERVICE, re.compile(base)) for base in URL_BASES)
