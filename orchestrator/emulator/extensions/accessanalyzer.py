"""IAM Access Analyzer: analyzers, their configuration and tags.

AWS (IAM Access Analyzer API reference): ``CreateAnalyzer`` makes an analyzer of a type, with a configuration for unused
access, tags and archive rules, and refuses a name that exists with ``ConflictException``; an analyzer is ``ACTIVE``.
``GetAnalyzer``, ``ListAnalyzers`` (by type), ``UpdateAnalyzer``, ``DeleteAnalyzer`` and the tag operations know it and
answer ``ResourceNotFoundException`` to any other. ``CreateArchiveRule``, ``GetArchiveRule``, ``ListArchiveRules``,
``UpdateArchiveRule`` and ``DeleteArchiveRule`` keep an analyzer's rules by name.

moto does not know the service. This is the control plane: what analyzers find is not computed.

Needed by ``aws_accessanalyzer_analyzer`` and ``aws_accessanalyzer_archive_rule``.
"""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote

from moto.core.base_backend import BackendDict, BaseBackend
from moto.core.exceptions import JsonRESTError
from moto.core.responses import BaseResponse

from orchestrator.emulator.service import add_service

_TYPES = tuple(
    f"{zone}{kind}"
    for zone in ("ACCOUNT", "ORGANIZATION")
    for kind in ("", "_UNUSED_ACCESS", "_INTERNAL_ACCESS")
)
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,254}\Z")


class AccessAnalyzerBackend(BaseBackend):  # type: ignore[misc]
    """The analyzers of an account in a region, by name."""

    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        self.analyzers: dict[str, dict[str, Any]] = {}

    def analyzer(self, name: str) -> dict[str, Any]:
        """The analyzer of that name."""
        if name not in self.analyzers:
            raise _not_found(name)
        return self.analyzers[name]

    def tags_of(self, arn: str) -> dict[str, str]:
        """The tags of the analyzer with that ARN."""
        for analyzer in self.analyzers.values():
            if analyzer["arn"] == arn:
                tags: dict[str, str] = analyzer["tags"]
                return tags
        raise _not_found(arn)


class AccessAnalyzerResponse(BaseResponse):  # type: ignore[misc]
    """Answers the requests: one method an operation."""

    def __init__(self) -> None:
        super().__init__(service_name="accessanalyzer")

    @property
    def backend(self) -> AccessAnalyzerBackend:
        """The backend of the request's account and region."""
        backend: AccessAnalyzerBackend = _backends[self.current_account][self.region]
        return backend

    def create_analyzer(self) -> str:
        """CreateAnalyzer."""
        name, kind = self._get_param("analyzerName"), self._get_param("type")
        backend = self.backend
        if not name or not _NAME.match(name):
            raise _invalid(f"Value '{name}' at 'analyzerName' failed to satisfy constraint")
        if kind not in _TYPES:
            raise _invalid(f"Value '{kind}' at 'type' is not one of {', '.join(_TYPES)}")
        if name in backend.analyzers:
            raise _error("ConflictException", f"Analyzer {name} already exists", 409)
        arn = f"arn:{backend.partition}:access-analyzer:{backend.region_name}:{backend.account_id}:analyzer/{name}"
        configuration = self._get_param("configuration")
        backend.analyzers[name] = {
            "arn": arn,
            "name": name,
            "type": kind,
            "createdAt": _now(),
            "tags": dict(self._get_param("tags") or {}),
            "status": "ACTIVE",
        } | ({"configuration": configuration} if configuration else {})
        for rule in self._get_param("archiveRules") or []:
            self._keep_rule(rule["ruleName"], rule["filter"])
        return json.dumps({"arn": arn})

    def get_analyzer(self) -> str:
        """GetAnalyzer."""
        return json.dumps({"analyzer": _shown(self.backend.analyzer(self._get_param("analyzerName")))})

    def list_analyzers(self) -> str:
        """ListAnalyzers."""
        kind = self._get_param("type")
        found = [_shown(item) for item in self.backend.analyzers.values() if kind in (None, item["type"])]
        return json.dumps({"analyzers": found})

    def update_analyzer(self) -> str:
        """UpdateAnalyzer."""
        analyzer = self.backend.analyzer(self._get_param("analyzerName"))
        if configuration := self._get_param("configuration"):
            analyzer["configuration"] = configuration
        return json.dumps({"configuration": analyzer.get("configuration")})

    def delete_analyzer(self) -> str:
        """DeleteAnalyzer."""
        name = self._get_param("analyzerName")
        self.backend.analyzer(name)
        del self.backend.analyzers[name]
        return "{}"

    def create_archive_rule(self) -> str:
        """CreateArchiveRule."""
        name = self._get_param("ruleName")
        if name in self._rules():
            raise _error("ConflictException", f"Archive rule {name} already exists", 409)
        self._keep_rule(name, self._get_param("filter"))
        return "{}"

    def get_archive_rule(self) -> str:
        """GetArchiveRule."""
        return json.dumps({"archiveRule": self._rule()})

    def list_archive_rules(self) -> str:
        """ListArchiveRules."""
        return json.dumps({"archiveRules": list(self._rules().values())})

    def update_archive_rule(self) -> str:
        """UpdateArchiveRule."""
        rule = self._rule()
        rule |= {"filter": _criteria(self._get_param("filter")), "updatedAt": _now()}
        return "{}"

    def delete_archive_rule(self) -> str:
        """DeleteArchiveRule."""
        del self._rules()[self._rule()["ruleName"]]
        return "{}"

    def _rules(self) -> dict[str, dict[str, Any]]:
        analyzer = self.backend.analyzer(self._get_param("analyzerName"))
        rules: dict[str, dict[str, Any]] = analyzer.setdefault("archiveRules", {})
        return rules

    def _rule(self) -> dict[str, Any]:
        rules, name = self._rules(), self._get_param("ruleName")
        if name not in rules:
            raise _error("ResourceNotFoundException", f"Archive rule {name} was not found", 404)
        return rules[name]

    def _keep_rule(self, name: str, criteria: dict[str, Any]) -> None:
        now = _now()
        kept = {"ruleName": name, "filter": _criteria(criteria), "createdAt": now, "updatedAt": now}
        self._rules()[name] = kept

    def list_tags_for_resource(self) -> str:
        """ListTagsForResource."""
        return json.dumps({"tags": self.backend.tags_of(unquote(self._get_param("resourceArn")))})

    def tag_resource(self) -> str:
        """TagResource."""
        self.backend.tags_of(unquote(self._get_param("resourceArn"))).update(self._get_param("tags"))
        return "{}"

    def untag_resource(self) -> str:
        """UntagResource."""
        tags = self.backend.tags_of(unquote(self._get_param("resourceArn")))
        for key in self._get_param("tagKeys"):
            tags.pop(key, None)
        return "{}"


_backends: BackendDict[Any]


def register() -> None:
    """Put the service where moto looks for its own."""
    global _backends
    _backends = add_service(
        "accessanalyzer",
        r"access-analyzer\.(.+)\.amazonaws\.com",
        AccessAnalyzerBackend,
        AccessAnalyzerResponse,
    )


def _shown(analyzer: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in analyzer.items() if key != "archiveRules"}


def _criteria(given: dict[str, Any] | None) -> dict[str, Any]:
    if not given or not all(given.values()):
        raise _invalid("A filter has at least one criterion, and each criterion an operator")
    return given


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _error(code: str, message: str, status: int) -> JsonRESTError:
    error = JsonRESTError(code, message)
    error.code = status
    return error


def _not_found(what: str) -> JsonRESTError:
    return _error("ResourceNotFoundException", f"The analyzer {what} was not found", 404)


def _invalid(message: str) -> JsonRESTError:
    return _error("ValidationException", message, 400)
