"""CodeConnections: connections to where the source is.

AWS (CodeConnections API reference): ``CreateConnection`` takes a provider or a host, a name of at most 32 characters,
and tags; the connection is ``PENDING`` until somebody completes it in the console. ``GetConnection``,
``ListConnections`` (by provider or host, in pages), ``DeleteConnection``, ``TagResource``, ``UntagResource`` and
``ListTagsForResource`` know it by its ARN, and answer ``ResourceNotFoundException`` to any other.

moto does not know the service. This is the control plane; a connection stays ``PENDING``, as it does on AWS without
somebody at the console.

Needed by ``aws_codeconnections_connection``.
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
from moto.core.responses import BaseResponse

from orchestrator.emulator.service import EVERY_REGION

SERVICE = "codeconnections"

_PROVIDERS = frozenset(
    {
        "AzureDevOps",
        "Bitbucket",
        "GitHub",
        "GitHubEnterpriseServer",
        "GitLab",
        "GitLabSelfManaged",
    }
)
_HOST_ARN = re.compile(r"arn:aws(-[\w]+)*:(codestar-connections|codeconnections):.+:[0-9]{12}:host/.+")
_MOST_TAGS = 200


class CodeConnectionsBackend(BaseBackend):  # type: ignore[misc] # moto is not typed for us
    """The connections of an account in a region, by ARN."""

    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        self.connections: dict[str, dict[str, Any]] = {}
        self.tags: dict[str, dict[str, str]] = {}

    @property
    def _url_module(self) -> Any:
        return SimpleNamespace(url_bases=URL_BASES, url_paths={"{0}/$": CodeConnectionsResponse.dispatch})

    def connection(self, arn: str) -> dict[str, Any]:
        """The connection of that ARN."""
        if arn not in self.connections:
            raise JsonRESTError("ResourceNotFoundException", f"Connection not found: {arn}")
        return self.connections[arn]


URL_BASES = [r"https?://codeconnections\.(.+)\.amazonaws\.com"]
codeconnections_backends = BackendDict(CodeConnectionsBackend, SERVICE, additional_regions=EVERY_REGION)


class CodeConnectionsResponse(BaseResponse):  # type: ignore[misc] # moto is not typed for us
    """Answers the requests: one method an operation."""

    def __init__(self) -> None:
        super().__init__(service_name=SERVICE)

    @property
    def backend(self) -> CodeConnectionsBackend:
        """The backend of the request's account and region."""
        backend: CodeConnectionsBackend = codeconnections_backends[self.current_account][self.region]
        return backend

    def create_connection(self) -> str:
        """CreateConnection."""
        name, provider = self._get_param("ConnectionName"), self._get_param("ProviderType")
        host = self._get_param("HostArn")
        tags = {tag["Key"]: tag["Value"] for tag in self._get_param("Tags") or []}
        if not name or len(name) > 32:
            raise _invalid(f"Value '{name}' at 'connectionName' must have between 1 and 32 characters")
        if provider is not None and provider not in _PROVIDERS:
            raise _invalid(f"Value '{provider}' at 'providerType' is not one of {sorted(_PROVIDERS)}")
        if (provider is None) == (host is None):
            raise _invalid("Exactly one of ProviderType and HostArn must be specified")
        if host is not None and not _HOST_ARN.fullmatch(host):
            raise _invalid(f"Value '{host}' at 'hostArn' is not the ARN of a host")
        _check_number_of_tags(tags)
        backend = self.backend
        arn = (
            f"arn:{backend.partition}:codeconnections:{backend.region_name}:{backend.account_id}"
            f":connection/{uuid.uuid4()}"
        )
        backend.connections[arn] = {
            "ConnectionName": name,
            "ConnectionArn": arn,
            "ProviderType": provider or "GitHubEnterpriseServer",
            "OwnerAccountId": backend.account_id,
            "ConnectionStatus": "PENDING",
        } | ({"HostArn": host} if host else {})
        backend.tags[arn] = tags
        return json.dumps({"ConnectionArn": arn, "Tags": _as_list(tags)})

    def get_connection(self) -> str:
        """GetConnection."""
        return json.dumps({"Connection": self.backend.connection(self._get_param("ConnectionArn"))})

    def list_connections(self) -> str:
        """ListConnections."""
        provider, host = self._get_param("ProviderTypeFilter"), self._get_param("HostArnFilter")
        found = [
            connection
            for connection in self.backend.connections.values()
            if provider in (None, connection["ProviderType"]) and host in (None, connection.get("HostArn"))
        ]
        start = int(self._get_param("NextToken") or 0)
        # An absent or zero MaxResults is the most that AWS gives.
        end = start + (self._get_param("MaxResults") or 100)
        answer: dict[str, Any] = {"Connections": found[start:end]}
        if end < len(found):
            answer["NextToken"] = str(end)
        return json.dumps(answer)

    def delete_connection(self) -> str:
        """DeleteConnection."""
        arn = self._get_param("ConnectionArn")
        self.backend.connection(arn)
        del self.backend.connections[arn], self.backend.tags[arn]
        return "{}"

    def tag_resource(self) -> str:
        """TagResource."""
        arn = self._get_param("ResourceArn")
        self.backend.connection(arn)
        tags = self.backend.tags[arn] | {tag["Key"]: tag["Value"] for tag in self._get_param("Tags")}
        _check_number_of_tags(tags)
        self.backend.tags[arn] = tags
        return "{}"

    def untag_resource(self) -> str:
        """UntagResource."""
        arn = self._get_param("ResourceArn")
        self.backend.connection(arn)
        for key in self._get_param("TagKeys"):
            self.backend.tags[arn].pop(key, None)
        return "{}"

    def list_tags_for_resource(self) -> str:
        """ListTagsForResource."""
        arn = self._get_param("ResourceArn")
        self.backend.connection(arn)
        return json.dumps({"Tags": _as_list(self.backend.tags[arn])})


def register() -> None:
    """Put the service where moto looks for its own."""
    module = ModuleType(f"moto.{SERVICE}", __doc__)
    vars(module)[f"{SERVICE}_backends"] = codeconnections_backends
    sys.modules.setdefault(module.__name__, module)
    known = {name for name, _ in backend_index.backend_url_patterns}
    if SERVICE in known:
        raise AttributeError(f"moto already has {SERVICE}")
    backend_index.backend_url_patterns.extend((SERVICE, re.compile(base)) for base in URL_BASES)


def _as_list(tags: dict[str, str]) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def _check_number_of_tags(tags: dict[str, str]) -> None:
    if len(tags) > _MOST_TAGS:
        raise JsonRESTError("LimitExceededException", f"A resource has at most {_MOST_TAGS} tags")


def _invalid(message: str) -> JsonRESTError:
    return JsonRESTError("ValidationException", f"1 validation error detected: {message}")
