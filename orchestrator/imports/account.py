"""The account that is looked into, by what a catalogue of calls says (``catalogue.yaml``)."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from orchestrator.aws import aws_client
from orchestrator.config.environment import Layer
from orchestrator.errors import OrchestratorError
from orchestrator.imports.catalogue import Rule, arguments, arn_key, catalogue, fields_in_arn, fill
from orchestrator.imports.managed import Place
from orchestrator.imports.match import Candidate
from orchestrator.imports.wanted import Wanted
from orchestrator.plan.values import at, dotted
from orchestrator.render.providers import emulated
from orchestrator.session import Session

_NONE = re.compile(r"NotFound|NoSuch|NonExist|DoesNotExist")
"""In the error codes of AWS's services: there is no such thing. (S3 says 404, or 403 of somebody else's bucket.)"""


class Account:
    """Looks things up in the account that a layer goes to: in the region of the provider that each of its resources is made by."""

    def __init__(self, session: Session, layer: Layer) -> None:
        self._session = session
        self._layer = layer
        self._destination = layer.destination
        self._clients: dict[tuple[str, str], Any] = {}
        self._answers: dict[str, list[Any]] = {}

    def region_of(self, address: str) -> str:
        """Where what is at an address of the layer is made."""
        alias = self._layer.module.alias_at(self._within(address))
        return self._destination.regions.get(alias, self._destination.region)

    def _is_written(self, address: str) -> bool:
        """Whether the code that says where it is made is at hand."""
        return self._layer.module.resource_at(self._within(address)) is not None

    def _within(self, address: str) -> str:
        return address.removeprefix(f"module.{self._layer.name}.")

    def place_of(self, address: str) -> Place:
        """The account and region of an address."""
        return (self._destination.account_id, self.region_of(address))

    @property
    def regions(self) -> list[str]:
        """The regions that the layer makes things in, its own first."""
        regions = self._destination.regions
        return list(
            dict.fromkeys(
                [regions[None], *(regions[alias] for alias in self._layer.module.aliases if alias in regions)]
            )
        )

    def _client(self, service: str, region: str) -> Any:
        settings, credentials = self._session.environment.settings, self._destination.credentials
        if settings.emulator:
            credentials = emulated(credentials, settings.account_id)
        return aws_client(
            service,
            region,
            self._session.variables,
            emulator=settings.emulator,
            profile=credentials.profile,
            role=credentials.role,
        )

    def tagged(
        self, tags: Mapping[str, str], region: str, kind: str | None = None
    ) -> dict[str, dict[str, str]]:
        """ARN → tags of what Resource Groups Tagging knows in a region with all these tags, or of one ``kind`` (``ec2:vpc``).

        Raises:
            OrchestratorError: it may not be asked.
        """
        asked: dict[str, Any] = {
            "TagFilters": [{"Key": key, "Values": [value]} for key, value in tags.items()]
        }
        if kind is not None:
            asked["ResourceTypeFilters"] = [kind]
        found = self._ask("resourcegroupstaggingapi.get_resources", asked, "ResourceTagMappingList", region)
        return {item["ResourceARN"]: tags_of(item.get("Tags")) for item in found}

    def candidates(self, rule: Rule, planned: Mapping[str, Any], address: str) -> list[Candidate]:
        """What exists and could be the planned resource at an address; nothing where too little of it is known yet.

        Raises:
            OrchestratorError: AWS refuses the call.
        """
        region = self.region_of(address)
        account = self._destination.account_id
        values = {**planned, "account": account, "region": region, "partition": _partition(region)}
        if rule.call is None:
            kind = (rule.arn or "").partition("/")[0]
            return [
                Candidate(id, tags=tags, key=arn_key(arn))
                for arn, tags in self.tagged({}, region, kind).items()
                if (id := fields_in_arn(rule, arn_key(arn)).get("id"))
            ]
        given = arguments(rule.call, values)
        if given is None:
            return []
        return [
            candidate
            for answer in self._ask(rule.call.do, given, rule.call.items, region)
            if (candidate := _candidate(rule, values, answer)) is not None
        ]

    def by_arn(self, item: Wanted) -> Wanted:
        """The same, imported by what its type is imported by, where an ARN was given instead (``catalogue.yaml``).

        Raises:
            OrchestratorError: it is an ARN of another account; AWS refuses the call.
        """
        rule = catalogue().get(item.type)
        fields = fields_in_arn(rule, arn_key(item.id)) if rule and item.id.startswith("arn:") else {}
        if rule is None or not fields:
            return item
        _, _, _, region, account, *_ = item.id.split(":")
        if account not in ("", self._destination.account_id):
            raise OrchestratorError(
                f"{item.id} is in account {account}, and the layer {self._layer.name} is account {self._destination.account_id}",
                where=item.where,
                remedy="import it into the environment of its own account",
            )
        if self._is_written(item.address) and region not in ("", self.region_of(item.address)):
            raise OrchestratorError(
                f"{item.id} is in {region}, and the configuration makes this one in {self.region_of(item.address)}",
                where=item.where,
                remedy="import it into a layer of its own region, or at an address whose provider is of that region",
            )
        found = () if "id" in fields else self.candidates(rule, fields, item.address)
        ids = [fields["id"]] if "id" in fields else [one.id for one in found]
        return replace(item, id=ids[0]) if len(ids) == 1 else item

    def _ask(self, do: str, given: Mapping[str, Any], items: str | None, region: str) -> list[Any]:
        """The objects in the answer, of all its pages; none when AWS says that there is no such thing."""
        from botocore.exceptions import BotoCoreError, ClientError

        key = f"{region} {do} {json.dumps(given, sort_keys=True)}"
        if key in self._answers:
            return self._answers[key]
        service, operation = do.split(".")
        if (service, region) not in self._clients:
            self._clients[service, region] = self._client(service, region)
        client = self._clients[service, region]
        self._session.interrupts.check()
        try:
            if items is not None and client.can_paginate(operation):
                answers = list(client.get_paginator(operation).paginate(**given))
            else:
                answers = [getattr(client, operation)(**given)]
        except ClientError as error:
            if not _says_there_is_none(error.response.get("Error", {})):
                raise _refused(do, error) from error
            answers = []
        except BotoCoreError as error:
            raise _refused(do, error) from error
        found = [
            item
            for answer in answers
            for item in ([answer] if items is None else at(answer, *dotted(items)) or ())
        ]
        self._answers[key] = found
        return found


def _partition(region: str) -> str:
    if region.startswith("cn-"):
        return "aws-cn"
    return "aws-us-gov" if region.startswith("us-gov-") else "aws"


def _candidate(rule: Rule, values: Mapping[str, Any], answer: Any) -> Candidate | None:
    id = fill(rule.id, values, answer)
    if id is None or any(at(answer, *dotted(path)) != value for path, value in rule.where.items()):
        return None
    attributes = {name: at(answer, *dotted(path)) for name, path in rule.attributes.items()}
    tags = tags_of(at(answer, *dotted(rule.tags))) if rule.tags else None
    key = fill(rule.arn, {**values, **attributes, "id": id}) if rule.arn else None
    return Candidate(id, attributes, tags, key or (arn_key(id) if id.startswith("arn:") else None))


def tags_of(given: Any) -> dict[str, str]:
    """Tags as AWS's services give them, a map or a list of pairs, as a map."""
    if isinstance(given, Mapping):
        return {str(key): str(value) for key, value in given.items()}
    return {str(item.get("Key")): str(item.get("Value", "")) for item in given or ()}


def _says_there_is_none(error: Mapping[str, Any]) -> bool:
    code = str(error.get("Code", ""))
    return code in ("404", "403") or bool(_NONE.search(code))


def _refused(do: str, error: Exception) -> OrchestratorError:
    return OrchestratorError(
        f"{do} failed: {error}", remedy="allow it, or give what exists in a mapping (--mapping)"
    )
