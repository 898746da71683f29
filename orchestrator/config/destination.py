"""Where a layer goes: an account and a region, and whose credentials reach it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from pydantic import ValidationError

from orchestrator.config.schema import AssumeRole, EnvironmentFile, LayerEntry
from orchestrator.errors import OrchestratorError
from orchestrator.yaml_tree import Node

ALIASES = ("us_east_1", "replica")
"""The configurations of the provider ``aws`` that modules may ask for besides the default one."""


@dataclass(frozen=True)
class Credentials:
    """Who acts: the process's own credentials or those of a profile, and the role that they change into.

    ``account_id``: what they must turn out to be the credentials of.
    """

    account_id: str
    profile: str | None = None
    role: AssumeRole | None = None

    def __hash__(self) -> int:
        return hash((self.account_id, self.profile, self.role.role_arn if self.role else None))


@dataclass(frozen=True)
class Destination:
    """An account and a region, with the region that copies go to (its own when there is none), and who acts there."""

    credentials: Credentials
    region: str
    replica_region: str

    @property
    def account_id(self) -> str:
        """The account."""
        return self.credentials.account_id

    @property
    def regions(self) -> dict[str | None, str]:
        """The region of each of the provider's configurations, by alias; None is the default one."""
        return {None: self.region, "us_east_1": "us-east-1", "replica": self.replica_region}

    def as_json(self) -> dict[str, Any]:
        """Plain data, for the record of an apply."""
        role = self.credentials.role
        return {
            "account_id": self.account_id,
            "region": self.region,
            "replica_region": self.replica_region,
            "profile": self.credentials.profile,
            "assume_role": role.model_dump(exclude_defaults=True) if role else None,
        }


def destination_from_json(raw: Any) -> Destination | None:
    """The inverse of :meth:`Destination.as_json`; None for a record that has none, or a damaged one."""
    try:
        role = AssumeRole.model_validate(raw["assume_role"]) if raw["assume_role"] else None
        credentials = Credentials(str(raw["account_id"]), raw["profile"], role)
        return Destination(credentials, str(raw["region"]), str(raw["replica_region"]))
    except (KeyError, TypeError, ValidationError):
        return None


def default_destination(settings: EnvironmentFile) -> Destination:
    """The environment's own: where layers go that name nothing else. Its profile is what the whole process uses."""
    return Destination(
        Credentials(settings.account_id, None, settings.assume_role),
        settings.region,
        settings.replica_region or settings.region,
    )


def layer_destination(settings: EnvironmentFile, entry: LayerEntry) -> Destination:
    """Where a layer goes: what its entry names, and else what the environment does.

    A layer with a profile or an account of its own does not change into the environment's role.
    """
    own = default_destination(settings)
    account = entry.account_id or settings.account_id
    profile = entry.profile if entry.profile != settings.profile else None
    takes_role = profile is None and account == settings.account_id
    role = entry.assume_role or (settings.assume_role if takes_role else None)
    region = entry.region or own.region
    replica = entry.replica_region or settings.replica_region or region
    return Destination(Credentials(account, profile, role), region, replica)


def check_destination(settings: EnvironmentFile, name: str, node: Node, entry: LayerEntry) -> None:
    """Check that a layer's account can be reached as its entry says.

    Raises:
        OrchestratorError: its account is another one and it has no role or profile of its own, or its role is of a third.
    """
    account, key = entry.account_id or settings.account_id, f"layers.{name}"
    if entry.assume_role is not None:
        _check_role(entry.assume_role, account, node, key, "the layer")
    elif account != settings.account_id and entry.profile is None:
        raise OrchestratorError(
            f"the layer {name} goes into the account {account}, the environment into {settings.account_id}, "
            "and nothing says how that account is reached",
            where=node.nearest(("account_id",)).origin.where(f"{key}.account_id"),
            remedy=f'give the layer `assume_role: {{role_arn: "arn:aws:iam::{account}:role/…"}}`, or a `profile`',
        )


def check_environment_role(settings: EnvironmentFile, tree: Node) -> None:
    """Check that the environment's role is of the environment's account.

    Raises:
        OrchestratorError: it is of another one.
    """
    if settings.assume_role is not None:
        _check_role(settings.assume_role, settings.account_id, tree, "", "the environment")


def _check_role(role: AssumeRole, account: str, node: Node, key: str, whose: str) -> None:
    if role.account_id != account:
        raise OrchestratorError(
            f"the role is of the account {role.account_id}, and {whose} goes into {account}",
            where=node.nearest(("assume_role", "role_arn")).origin.where(
                f"{key}.assume_role.role_arn".lstrip(".")
            ),
            remedy=f'set `account_id: "{role.account_id}"` beside it, or name a role of {account}',
        )


def as_applied(recorded: Destination | None, own: Destination | None, default: Destination) -> Destination:
    """Where something lies that was applied before: the account and regions of then, reached as one does now.

    ``recorded``: None when nothing was. ``own``: the layer's destination in the file, None when it left the file.
    """
    if recorded is None:
        return own or default
    for now in (own, default):
        if now is not None and now.account_id == recorded.account_id:
            return replace(recorded, credentials=now.credentials)
    return recorded
