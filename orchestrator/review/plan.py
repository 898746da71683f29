"""Reads Terraform's JSON plan for the review: any root's, checked before it is believed.

Format: https://developer.hashicorp.com/terraform/internals/json-format
"""

from __future__ import annotations

import json
import re
import secrets
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from orchestrator.addresses import INSTANCE_KEY, without_keys
from orchestrator.errors import OrchestratorError, Where
from orchestrator.plan.model import Action, action_of, importing_of
from orchestrator.plan.redact import Redactor
from orchestrator.plan.values import at, blocks, dotted
from orchestrator.review.shape import check_shape
from orchestrator.review.trace import references
from orchestrator.terraform.lock_file import Locked

__all__ = ["Change", "Code", "ReviewedPlan", "at", "blocks", "dotted", "plan_of", "read_plan", "with_secrets"]

FORMAT_MAJOR = 1
_ARN = re.compile(r"arn:aws[\w-]*:[\w-]+:[\w-]*:(\d{12}):")


@dataclass(frozen=True)
class Change:
    """One resource instance of the plan. ``before`` and ``after`` are objects, empty where there is none."""

    address: str
    type: str
    mode: str
    action: Action
    before: Mapping[str, Any]
    after: Mapping[str, Any]
    unknown: Mapping[str, Any]
    replace_paths: tuple[tuple[str | int, ...], ...] = ()
    reason: str | None = None
    deposed: str | None = None
    hidden_before: Any = False
    """What of ``before`` is marked sensitive: True, or an object with True where it is; ``hidden`` likewise of ``after``."""
    hidden: Any = False
    importing: str | None = None
    """The id that it is imported by, before anything else is done to it."""

    @property
    def layer(self) -> str:
        """The outermost module: in an environment's plan, the layer. Empty in the root module."""
        words = self.general.split(".")
        return words[1] if words[0] == "module" else ""

    @property
    def general(self) -> str:
        """The address without instance keys, as the configuration has it."""
        return without_keys(self.address)

    @property
    def creates(self) -> bool:
        """Whether it is new."""
        return self.action == "create"

    @property
    def ends(self) -> bool:
        """Whether what is there ceases to be."""
        return self.action in ("delete", "replace")

    @property
    def stays(self) -> bool:
        """Whether it is there before and after."""
        return self.action in ("update", "no-op", "move", "import")

    def is_unknown(self, *path: str | int) -> bool:
        """Whether the value at a path is known only after apply."""
        return at(self.unknown, *path) is True

    def turned(self, path: str, before: Any, after: Any) -> bool:
        """Whether an attribute (dotted path) goes from one value to another."""
        keys = dotted(path)
        return bool(
            self.stays
            and at(self.before, *keys) == before
            and not self.is_unknown(*keys)
            and at(self.after, *keys) == after
        )


@dataclass(frozen=True)
class Code:
    """What is run to make and carry out a plan: providers by source address, and each layer's module source."""

    providers: Mapping[str, Locked] = field(default_factory=dict)
    sources: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class ReviewedPlan:
    """A plan, its resources by address, and its configuration."""

    changes: tuple[Change, ...]
    data: tuple[Change, ...]
    configuration: Mapping[str, Any] = field(default_factory=dict)
    prior_providers: frozenset[str] = frozenset()
    """The providers (full names) of what the state has; empty at the first apply."""
    deferred: tuple[str, ...] = ()
    """The addresses that Terraform has put off: what it says about them is not all."""
    complete: bool = True
    """False: another plan will be needed after this one (``-target``, or something was put off)."""
    code: Code | None = None
    code_before: Code | None = None
    """The same at the last apply; None for other people's plans, and before the first."""
    redactor: Redactor | None = None
    """Knows the secrets that stand in this plan; None when they have been taken out of it."""
    without_secrets: ReviewedPlan | None = None
    """The same plan without them, for what is written or shown."""
    variables: Mapping[str, Any] = field(default_factory=dict)
    """The root's variables by name, each with ``value``; empty in a plan without its secrets."""
    known_data: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """What data sources said that were read while planning, by address; likewise."""
    given_accounts: frozenset[str] = frozenset()
    """The accounts that are planned for, where somebody said so."""

    @cached_property
    def by_type(self) -> dict[str, list[Change]]:
        """Managed resources by type."""
        found: dict[str, list[Change]] = {}
        for change in self.changes:
            found.setdefault(change.type, []).append(change)
        return found

    @property
    def providers(self) -> Mapping[str, Any]:
        """The configuration's providers by key, each with ``full_name``."""
        return self.configuration.get("provider_config") or {}

    @cached_property
    def accounts(self) -> frozenset[str]:
        """The accounts that are planned for: those given, else the one of the ARNs of what is there; empty where nothing tells."""
        return self.given_accounts or frozenset(filter(None, (self._guessed_account,)))

    @property
    def _guessed_account(self) -> str | None:
        found = Counter(
            match[1]
            for change in (*self.changes, *self.data)
            for arn in (change.before.get("arn"), change.after.get("arn"))
            if isinstance(arn, str) and (match := _ARN.match(arn))
        ) or Counter(match[1] for change in self.changes for match in _ARN.finditer(str(change.before)))
        return found.most_common(1)[0][0] if found else None

    @cached_property
    def _data_by_address(self) -> dict[str, Change]:
        return {change.address: change for change in self.data}

    def expression(self, change: Change, attribute: str) -> Mapping[str, Any]:
        """What the configuration says an attribute is made from (``references``, ``constant_value``); empty if unknown."""
        found = at(self._configured.get(change.general) or {}, "expressions", attribute)
        return found if isinstance(found, Mapping) else {}

    def references(self, change: Change, attribute: str) -> list[str]:
        """What the configuration makes an attribute, or a block with all that is in it, from."""
        return references(at(self._configured.get(change.general) or {}, "expressions", attribute))

    def sets(self, change: Change, attribute: str) -> bool | None:
        """Whether the configuration says anything of an attribute or block; None when it does not have the resource."""
        configured = self._configured.get(change.general)
        return None if configured is None else attribute in (configured.get("expressions") or {})

    @cached_property
    def _configured(self) -> dict[str, Mapping[str, Any]]:
        """The configuration of every resource, by address without instance keys."""
        found: dict[str, Mapping[str, Any]] = {}
        todo: list[tuple[str, Mapping[str, Any]]] = [("", self.configuration.get("root_module") or {})]
        while todo:
            prefix, module = todo.pop()
            for resource in module.get("resources") or ():
                found[f"{prefix}{resource.get('address')}"] = resource
            for name, call in (module.get("module_calls") or {}).items():
                todo.append((f"{prefix}module.{name}.", call.get("module") or {}))
        return found

    def referenced_documents(self, change: Change, attribute: str) -> list[Change]:
        """The policy documents (data sources) that an attribute is made from, of the same module and instance key."""
        prefix, _, _ = change.address.rpartition(f"{change.type}.")
        key = INSTANCE_KEY.findall(change.address)[-1:] if change.address.endswith("]") else []
        found: list[Change] = []
        for reference in self.expression(change, attribute).get("references", ()):
            match = re.match(r"data\.aws_iam_policy_document\.(\w+)", reference)
            if not match:
                continue
            general = f"{prefix}data.aws_iam_policy_document.{match[1]}"
            for address in (general + "".join(key), general, f"{general}[0]"):
                if address in self._data_by_address and self._data_by_address[address] not in found:
                    found.append(self._data_by_address[address])
                    break
        return found


def read_plan(text: str | bytes, shown: str = "the plan") -> ReviewedPlan:
    """A plan from what ``terraform show -json`` printed. It has its secrets, and knows them: no finding shows one.

    Raises:
        OrchestratorError: it is no JSON, no plan, of a newer format, or not complete.
    """
    where = Where(file=Path(shown)) if shown != "the plan" else None
    try:
        raw = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise OrchestratorError(
            f"this is not JSON: {error}",
            where=where,
            remedy="give it what `terraform show -json PLANFILE` prints, whole",
        ) from None
    plan = plan_of(raw, where)
    redactor = Redactor(secrets.token_bytes(32))
    return with_secrets(plan, redactor, plan_of(redactor.plan(raw), where))


def with_secrets(plan: ReviewedPlan, redactor: Redactor, without: ReviewedPlan) -> ReviewedPlan:
    """A plan as Terraform gave it, with the redactor that has taken its secrets out of ``without``.

    Rules look at what really is planned: what is marked sensitive can open a port like anything else.
    """
    return replace(plan, redactor=redactor, without_secrets=without)


def plan_of(raw: Any, where: Where | None = None) -> ReviewedPlan:
    """The same from parsed JSON."""
    if not isinstance(raw, dict) or "format_version" not in raw:
        raise OrchestratorError(
            "this is no Terraform plan",
            where=where,
            remedy="give it what `terraform show -json PLANFILE` prints",
        )
    version = raw["format_version"]
    if not isinstance(version, str) or not re.fullmatch(rf"{FORMAT_MAJOR}\.\d+", version):
        raise OrchestratorError(
            f"the plan has format {version}, and {FORMAT_MAJOR}.x is what can be reviewed",
            where=where,
            remedy="use a Terraform that writes it, or a newer orchestrator",
        )
    if "resource_changes" not in raw and "planned_values" not in raw:
        raise OrchestratorError(
            "this is a state or something else of Terraform's, and no plan",
            where=where,
            remedy="give it what `terraform show -json PLANFILE` prints",
        )
    if raw.get("errored"):
        raise OrchestratorError(
            "the plan ended with an error, so it does not show all that would happen",
            where=where,
            remedy="mend the configuration and plan again",
        )
    check_shape(raw, where)
    put_off = [item["resource_change"] for item in raw.get("deferred_changes", ())]
    changes: list[Change] = []
    data: list[Change] = []
    try:
        for entry in (*raw.get("resource_changes", ()), *put_off):
            change = _change(entry)
            (data if change.mode == "data" else changes).append(change)
    except ValueError as error:
        raise OrchestratorError(
            f"the plan is damaged: a change has {error}", where=where, remedy="plan again"
        ) from None
    return ReviewedPlan(
        tuple(changes),
        tuple(data),
        raw.get("configuration") or {},
        _prior_providers(raw),
        tuple(item["address"] for item in put_off),
        raw.get("complete", True) is not False,
        variables=raw.get("variables") or {},
        known_data=_known_data(raw),
    )


def _known_data(raw: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    found: dict[str, Mapping[str, Any]] = {}
    todo = [at(raw.get("prior_state") or {}, "values", "root_module") or {}]
    while todo:
        module = todo.pop()
        for resource in module.get("resources") or ():
            if resource.get("mode") == "data" and resource.get("values") and resource.get("address"):
                found[resource["address"]] = resource["values"]
        todo += module.get("child_modules") or ()
    return found


def _prior_providers(raw: Mapping[str, Any]) -> frozenset[str]:
    found: set[str] = set()
    todo = [at(raw.get("prior_state") or {}, "values", "root_module") or {}]
    while todo:
        module = todo.pop()
        found |= {
            resource.get("provider_name") or ""
            for resource in module.get("resources") or ()
            if resource.get("mode") == "managed"  # data is read while planning, the first time too
        }
        todo += module.get("child_modules") or ()
    return frozenset(found - {""})


def _change(raw: Mapping[str, Any]) -> Change:
    change = raw["change"]
    unknown = change.get("after_unknown")
    return Change(
        address=raw["address"],
        type=raw["type"],
        mode=raw["mode"],
        action=action_of(list(change["actions"]), raw),
        before=change.get("before") or {},
        after=change.get("after") or {},
        unknown=unknown if isinstance(unknown, dict) else {},
        replace_paths=tuple(tuple(path) for path in change.get("replace_paths") or ()),
        reason=raw.get("action_reason"),
        deposed=raw.get("deposed"),
        hidden_before=change.get("before_sensitive") or False,
        hidden=change.get("after_sensitive") or False,
        importing=importing_of(raw),
    )
