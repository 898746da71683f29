"""Code that runs where Terraform runs: a plan of somebody else's change is somebody else's code."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from orchestrator.review.finding import Hit, Severity, rule, rule_for_all
from orchestrator.review.plan import Change, ReviewedPlan

_SOURCE = "https://developer.hashicorp.com/terraform/language/resources/provisioners/syntax"
_RUNS = {
    "null_resource": "low",
    "terraform_data": "info",
    "local_file": "low",
    "local_sensitive_file": "low",
}
_WHY = "It runs with the credentials of whoever plans or applies."
_REGISTRY = re.compile(r"(?:[\w.-]+\.[\w.-]+(?::\d+)?/)?[\w-]+/[\w-]+/[\w-]+(?://.*)?")
_FIX = "Keep it out of roots that plan with credentials, or pin and read what it runs."


@rule(
    "CT001",
    "A resource runs code or writes files where Terraform runs",
    "low",
    "plan-time code",
    why=_WHY,
    fix=_FIX,
    source=_SOURCE,
)
def local_effects(change: Change, plan: ReviewedPlan) -> Iterable[Hit]:
    if change.type in ("local_file", "local_sensitive_file") and change.action != "delete":
        yield Hit(f"it writes {change.after.get('filename') or 'a file'}", "filename")


@rule_for_all(
    "CT002",
    "A provisioner runs a program",
    "high",
    "plan-time code",
    why=_WHY,
    fix=_FIX,
    source=_SOURCE,
)
def provisioners(plan: ReviewedPlan) -> Iterator[tuple[str, Hit]]:
    for address, resource in _resources(plan):
        for provisioner in resource.get("provisioners") or ():
            yield address, Hit(f"a provisioner runs {provisioner.get('type')}")


@rule_for_all(
    "CT003",
    "A data source runs a program, or asks a server, while planning",
    "high",
    "plan-time code",
    why=_WHY,
    fix=_FIX,
    source="https://registry.terraform.io/providers/hashicorp/external/latest/docs/data-sources/external",
)
def programs_while_planning(plan: ReviewedPlan) -> Iterator[tuple[str, Hit]]:
    for address, resource in _resources(plan):
        if resource.get("mode") == "data" and resource.get("type") == "external":
            yield address, Hit("a program is run while planning")
        if resource.get("mode") == "data" and resource.get("type") == "http":
            yield address, Hit("a server is asked while planning", severity="medium")
        if resource.get("mode") == "data" and resource.get("type") == "aws_lambda_invocation":
            yield address, Hit("a function is called while planning", severity="medium")


@rule_for_all(
    "CT004",
    "A provider is used that was not used before",
    "high",
    "plan-time code",
    why="A provider is a program that runs with the credentials of whoever plans or applies.",
    fix="Check that its publisher is who you expect, and commit the lock file with its checksums.",
    source="https://developer.hashicorp.com/terraform/language/files/dependency-lock",
)
def new_providers(plan: ReviewedPlan) -> Iterator[tuple[str, Hit]]:
    used = {entry.get("full_name"): name for name, entry in plan.providers.items()}
    for full_name, name in sorted(used.items(), key=str):
        builtin = str(full_name).startswith("terraform.io/builtin/")
        if plan.prior_providers and full_name and not builtin and full_name not in plan.prior_providers:
            severity: Severity = "medium" if full_name.split("/")[1:2] == ["hashicorp"] else "high"
            yield f"provider.{name}", Hit(f"{full_name} is new here", after=full_name, severity=severity)


@rule_for_all(
    "CT005",
    "A module from outside can change without a change here",
    "medium",
    "plan-time code",
    why="What its source serves tomorrow is applied with your credentials, unseen.",
    fix="Pin it: an exact version from a registry, a commit (`?ref=SHA`) from git.",
    source="https://developer.hashicorp.com/terraform/language/modules/sources",
)
def unpinned_modules(plan: ReviewedPlan) -> Iterator[tuple[str, Hit]]:
    for address, call in _calls(plan.configuration.get("root_module") or {}, ""):
        source = str(call.get("source") or "")
        if source.startswith(("./", "../")) or not source:
            continue
        if _REGISTRY.fullmatch(source):
            version = str(call.get("version_constraint") or "")
            if not re.fullmatch(r"=?\s*v?\d+\.\d+\.\d+\S*", version):
                yield (
                    address,
                    Hit(f"{source} is taken at {version or 'any version'}", "version", after=version),
                )
        elif not re.search(r"[?&]ref=[0-9a-f]{40}\b", source) and not re.search(r"[?&]checksum=", source):
            tag = re.search(r"[?&]ref=([^&]+)", source)
            what = f"at {tag[1]}, which can be moved" if tag else "at whatever is newest"
            yield address, Hit(f"{source.partition('?')[0]} is taken {what}", "source", after=source)


def _resources(plan: ReviewedPlan) -> Iterator[tuple[str, Mapping[str, Any]]]:
    todo = [("", plan.configuration.get("root_module") or {})]
    while todo:
        prefix, module = todo.pop()
        for resource in module.get("resources") or ():
            yield f"{prefix}{resource.get('address')}", resource
        for name, call in (module.get("module_calls") or {}).items():
            todo.append((f"{prefix}module.{name}.", call.get("module") or {}))


def _calls(module: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for name, call in (module.get("module_calls") or {}).items():
        yield f"{prefix}module.{name}", call
        yield from _calls(call.get("module") or {}, f"{prefix}module.{name}.")
