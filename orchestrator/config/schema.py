"""The environment file's own keys, as pydantic models."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, Field, StringConstraints, field_validator, model_validator

from orchestrator.cdk.app import CdkApp
from orchestrator.config.services import Model, Service

LAYER_NAME = re.compile(r"[a-z](?:[a-z0-9-]|_(?!_)){0,39}\Z")
RESERVED_LAYER_NAMES = frozenset({"environment", "module", "path", "terraform", "root"})


def _region(value: str) -> str:
    if not re.fullmatch(r"[a-z]{2}(-[a-z]+)+-[0-9]", value):
        raise ValueError("expected an AWS region such as eu-west-1")
    return value


Region = Annotated[str, AfterValidator(_region)]
Word = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]*$", min_length=2, max_length=20)]
Text = Annotated[str, StringConstraints(min_length=1, max_length=1024)]


AccountId = Annotated[str, StringConstraints(pattern=r"^[0-9]{12}$")]
_ROLE_ARN = re.compile(r"arn:aws[a-z-]*:iam::([0-9]{12}):role/[\w+=,.@/-]{1,576}\Z")
_DURATION = re.compile(r"(?:([0-9]{1,2})h)?(?:([0-9]{1,3})m)?\Z")


def _role_arn(value: str) -> str:
    if not _ROLE_ARN.match(value):
        raise ValueError("expected a role's ARN such as arn:aws:iam::111111111111:role/deploy")
    return value


def _duration(value: str) -> str:
    match = _DURATION.match(value)
    minutes = int(match[1] or 0) * 60 + int(match[2] or 0) if match else 0
    if not 15 <= minutes <= 12 * 60:
        raise ValueError("expected 15m to 12h, such as 1h or 1h30m")
    return value


class AssumeRole(Model):
    """A role that the credentials change into: https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html."""

    role_arn: Annotated[str, AfterValidator(_role_arn)]
    external_id: (
        Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_+=,.@:/-]+$", min_length=2, max_length=1224)]
        | None
    ) = None
    session_name: (
        Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_+=,.@-]+$", min_length=2, max_length=64)]
        | None
    ) = None
    """In CloudTrail; default ``orchestrator-<environment>``."""
    session_tags: Annotated[
        dict[
            Annotated[str, StringConstraints(min_length=1, max_length=128)],
            Annotated[str, StringConstraints(max_length=256)],
        ],
        Field(max_length=50),
    ] = Field(default_factory=dict)
    duration: Annotated[str, AfterValidator(_duration)] | None = None
    """How long a session of the role lasts before the next one is begun, ``15m`` to ``12h``; default an hour."""

    @property
    def account_id(self) -> str:
        """The account that the role is of."""
        match = _ROLE_ARN.match(self.role_arn)
        assert match is not None
        return match[1]


Profile = Annotated[str, StringConstraints(min_length=1, max_length=256)]


class LocalBackend(Model):
    """States as files below ``.orchestrator/<env>/state``."""

    type: Literal["local"] = "local"


class S3Backend(Model):
    """One object a layer in an S3 bucket, locked with ``use_lockfile``."""

    type: Literal["s3"]
    bucket: Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$")]
    region: Region
    key_prefix: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9/_.-]*$")] = "orchestrator"
    kms_key_id: Text | None = None
    bucket_owner: AccountId | None = None
    """The account the bucket must belong to; that of ``assume_role``, else the environment's own, when none is named."""
    assume_role: AssumeRole | None = None
    """The role that reads and writes the states; default: the credentials as they are, whatever roles the layers are applied with."""

    def owner(self, account_id: str) -> str:
        """The account the bucket must belong to; ``account_id``: the environment's."""
        return self.bucket_owner or (self.assume_role.account_id if self.assume_role else account_id)


class LayerEntry(Model):
    """One layer of the environment; without ``source`` it is the module folder of the same name."""

    enabled: bool = True
    source: Text | None = None
    version: Text | None = None
    account_id: AccountId | None = None
    region: Region | None = None
    replica_region: Region | None = None
    profile: Profile | None = None
    assume_role: AssumeRole | None = None
    """Where the layer goes, and as whom; each defaults to the environment's (see ``config.destination``)."""
    variables: dict[str, Any] = Field(default_factory=dict)
    inputs: dict[str, Any] = Field(default_factory=dict)


class SigningKey(Model):
    """A key that signs: the file of an Ed25519 public key (PEM or OpenSSH) in the project, or a KMS key."""

    ed25519: Text | None = None
    kms: Text | None = None
    """Id, ARN or alias of an asymmetric KMS key for signing."""

    @model_validator(mode="after")
    def _one(self) -> SigningKey:
        if (self.ed25519 is None) == (self.kms is None):
            raise ValueError("a key has either `ed25519` (a public key's file) or `kms` (a key's id)")
        return self


class Approvals(Model):
    """How many people approve a plan before it is applied, and whose keys count."""

    required: Annotated[int, Field(ge=1, le=20)]
    approvers: Annotated[dict[Text, SigningKey], Field(min_length=1)]
    allow_self: bool = False
    """True: whose key signed the plan may approve it too."""

    @model_validator(mode="after")
    def _enough(self) -> Approvals:
        if self.required > len(self.approvers):
            raise ValueError(
                f"{self.required} approvals are required, and there are {len(self.approvers)} approvers"
            )
        return self


class Plans(Model):
    """What holds of plan bundles before they are applied."""

    valid_hours: Annotated[int, Field(ge=1, le=24 * 14)] = 24
    signer: SigningKey | None = None
    """The key that bundles are signed with; unsigned ones are refused then."""
    approvals: Approvals | None = None

    @model_validator(mode="after")
    def _signed(self) -> Plans:
        if self.approvals and not self.signer:
            raise ValueError("approvals are of signed plans: name the `signer`")
        return self


_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def _zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError):  # `Europe` is a folder
        raise ValueError("expected a time zone of the IANA database such as Europe/Berlin") from None
    return value


_Time = Annotated[str, StringConstraints(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]


class MaintenanceWindow(Model):
    """When an environment may be changed: on these days, from one time of day to another (past midnight when it is earlier)."""

    days: Annotated[list[Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]], Field(min_length=1)] = (
        Field(
            default_factory=lambda: list(_DAYS)  # type: ignore[arg-type]
        )
    )
    start: _Time
    end: _Time
    timezone: Annotated[str, AfterValidator(_zone)] = "UTC"

    def has(self, moment: datetime) -> bool:
        """Whether a moment (with a time zone) lies in it."""
        local = moment.astimezone(ZoneInfo(self.timezone))
        time, today, yesterday = local.strftime("%H:%M"), _DAYS[local.weekday()], _DAYS[local.weekday() - 1]
        if self.start < self.end:
            return today in self.days and self.start <= time < self.end
        return (today in self.days and time >= self.start) or (yesterday in self.days and time < self.end)

    def __str__(self) -> str:
        return f"{', '.join(self.days)} {self.start}-{self.end} {self.timezone}"


class EnvironmentFile(Model):
    """The whole file after merging and templating."""

    description: str = ""
    project: Word
    region: Region
    replica_region: Region | None = None
    """Where copies for the loss of a region go; modules reach it as the provider ``aws.replica``."""
    account_id: AccountId
    profile: Profile | None = None
    """Of the AWS configuration (``~/.aws/config``): whose credentials are used."""
    assume_role: AssumeRole | None = None
    """The role that the layers are applied with."""
    emulator: bool = False
    """True: AWS is the embedded emulator."""
    protected: bool = False
    """True: ``destroy`` refuses to touch this environment."""
    plans: Plans = Field(default_factory=Plans)
    maintenance_windows: list[MaintenanceWindow] = Field(default_factory=list)
    """Outside of these, apply and destroy refuse; none: at any time."""
    backend: LocalBackend | S3Backend = Field(default_factory=LocalBackend, discriminator="type")
    tags: dict[str, Text] = Field(default_factory=dict)
    services: dict[str, Service] = Field(default_factory=dict)
    cdk_apps: dict[str, CdkApp] = Field(default_factory=dict)
    """CDK apps, whose stacks the layer cicd deploys."""
    layers: dict[str, LayerEntry]

    @field_validator("layers")
    @classmethod
    def _layer_names(cls, layers: dict[str, LayerEntry]) -> dict[str, LayerEntry]:
        if not layers:
            raise ValueError("an environment has at least one layer")
        return layers


def is_layer_name(name: str) -> bool:
    """Whether a layer may be called so."""
    return bool(LAYER_NAME.match(name)) and name not in RESERVED_LAYER_NAMES
