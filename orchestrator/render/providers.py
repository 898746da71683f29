"""The configurations of the provider ``aws`` in a root: one for each account, region and role that it reaches."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from orchestrator.config.destination import ALIASES, Credentials, Destination
from orchestrator.config.environment import Environment
from orchestrator.config.schema import AssumeRole

EMULATOR_ROLE = "emulator"
"""On the emulator, which no profile of the user's may be used for, other accounts are reached through this role of theirs."""

ProviderNames = Mapping[str | None, str | None]
"""The alias of a provider's configuration in a layer's own root → that in another root; None is the default configuration."""


def escape_template(text: str) -> str:
    """Text that Terraform's expression syntax yields back unchanged."""
    return re.sub(r"([$%])\{", r"\1\1{", text)


def emulated(credentials: Credentials, home: str) -> Credentials:
    """How the emulator is reached: its accounts are there for the asking, that of the environment's own key first."""
    role = credentials.role
    if role is None and credentials.account_id != home:
        role = AssumeRole(role_arn=f"arn:aws:iam::{credentials.account_id}:role/{EMULATOR_ROLE}")
    return Credentials(credentials.account_id, None, role)


def provider(environment: Environment, credentials: Credentials, region: str) -> dict[str, Any]:
    """One configuration; it refuses any other account."""
    settings = environment.settings
    tags = {
        "Project": settings.project,
        "Environment": environment.name,
        "ManagedBy": "orchestrator",
        **settings.tags,
    }
    block: dict[str, Any] = {
        "region": region,
        "allowed_account_ids": [credentials.account_id],
        "default_tags": [{"tags": _escaped(tags)}],
    }
    if settings.emulator:
        credentials = emulated(credentials, settings.account_id)
        block |= {"s3_use_path_style": True, "skip_metadata_api_check": True}
    if credentials.profile:
        block["profile"] = escape_template(credentials.profile)
    if credentials.role:
        block["assume_role"] = [assume_role(credentials.role, environment.name)]
    return block


def assume_role(role: AssumeRole, environment: str) -> dict[str, Any]:
    """A role, as the provider's and the backend's ``assume_role`` take it."""
    block: dict[str, Any] = {"role_arn": role.role_arn, "session_name": session_name(role, environment)}
    if role.external_id:
        block["external_id"] = role.external_id
    if role.duration:
        block["duration"] = role.duration
    if role.session_tags:
        block["tags"] = _escaped(role.session_tags)
    return block


def session_name(role: AssumeRole, environment: str) -> str:
    """What CloudTrail calls the session."""
    return role.session_name or f"orchestrator-{environment}"[:64]


def _escaped(tags: Mapping[str, str]) -> dict[str, str]:
    return {escape_template(key): escape_template(value) for key, value in tags.items()}


def own_providers(environment: Environment, destination: Destination) -> list[dict[str, Any]]:
    """The configurations of a layer's own root: the default one, and one for each alias a module may ask for.

    All of them, because an object of the state may need one that the module no longer asks for. Terraform starts no
    provider for a configuration that nothing uses.
    """
    return [
        provider(environment, destination.credentials, region) | ({"alias": alias} if alias else {})
        for alias, region in destination.regions.items()
    ]


@dataclass(frozen=True)
class RootProviders:
    """The configurations of a root that calls several layers. ``names``: by layer, what its own ones are called there."""

    blocks: list[dict[str, Any]]
    names: dict[str, ProviderNames]

    def passed(self, layer: str, aliases: Iterable[str]) -> dict[str, str]:
        """The ``providers`` argument of a layer's module call; empty where what is inherited is right.

        ``aliases``: those that the module asks for.
        """
        names, asked = self.names[layer], sorted(aliases)
        if not asked and names[None] is None:
            return {}
        given = {"aws": names[None], **{f"aws.{alias}": names[alias] for alias in asked}}
        return {name: f"aws.{alias}" if alias else "aws" for name, alias in given.items()}


def root_providers(environment: Environment, layers: Iterable[str]) -> RootProviders:
    """The configurations that these layers need together.

    Those of the environment's own destination have the names that every layer's root gives them.
    """
    home = environment.destination
    own: dict[str | None, str | None] = {None: None, **{alias: alias for alias in ALIASES}}
    blocks = own_providers(environment, home)
    known: dict[tuple[Credentials, str], str | None] = {}
    for alias, region in home.regions.items():
        known.setdefault((home.credentials, region), alias)
    names: dict[str, ProviderNames] = {}
    for layer in sorted(layers):
        place = environment.layers[layer].destination
        if place == home:
            names[layer] = own
            continue
        for region in place.regions.values():
            key = (place.credentials, region)
            if key not in known:
                known[key] = _alias(*key, taken={str(name) for name in known.values()})
                blocks.append(provider(environment, place.credentials, region) | {"alias": known[key]})
        names[layer] = {alias: known[(place.credentials, region)] for alias, region in place.regions.items()}
    return RootProviders(blocks, names)


def _alias(credentials: Credentials, region: str, taken: set[str]) -> str:
    """``eu_central_1_222222222222_deploy``: region, account, and the role or profile."""
    role = credentials.role.role_arn.rpartition("/")[2] if credentials.role else ""
    words = (region, credentials.account_id, credentials.profile or "", role)
    name = "_".join(re.sub(r"\W", "_", word, flags=re.ASCII) for word in words if word)
    number = 2
    alias = name
    while alias in taken:
        alias, number = f"{name}_{number}", number + 1
    return alias
