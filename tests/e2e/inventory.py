"""What exists in an account: by tag, and by every service's own listing, in every region that is used.

Terraform can only destroy what it knows; this asks AWS instead. Two inventories of one account are equal when
nothing was left behind and nothing else taken away. ``inventory.yaml`` says what is asked.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import jmespath  # type: ignore[import-untyped]
import yaml
from botocore.exceptions import ClientError

Clients = Callable[[str, str], Any]
"""boto3 clients: (service, region)."""

TABLE: Mapping[str, Any] = yaml.safe_load(Path(__file__).with_suffix(".yaml").read_text())
ANY_REGION = "us-east-1"

LINGERING = (":kms:", ":key/", ":natgateway/", ":ecs:", ":instance/")
"""By tag, keys are found for their waiting time, as pending deletion; AWS shows deleted NAT gateways, terminated instances, and
what is inactive in ECS, for a while. (Keys, gateways, instances, clusters and task definitions are listed by their services, too.)"""

ABSENT = ("404", "InvalidAccessException", "NoSuchEntity", "NotImplemented", "ResourceNotFoundException")
"""Errors that say: there is none, or the emulator does not know the service, in which nothing can be then."""


@dataclass(frozen=True)
class Listing:
    """An operation of a boto3 client; ``names`` (JMESPath) takes what there is from its answer; ``types`` are Terraform's."""

    client: str
    operation: str
    names: str
    types: tuple[str, ...]
    arguments: Mapping[str, Any]


def listings(section: str) -> list[Listing]:
    """Those of the table that are ``global``, or ``regional``."""
    return [
        Listing(client, row["call"], row["names"], tuple(row.get("of", ())), row.get("with", {}))
        for client, rows in TABLE[section].items()
        for row in rows
    ]


def looked_for() -> frozenset[str]:
    """The types of resources that an inventory finds, their parts included; without ``aws_``."""
    listed = {name for one in (*listings("global"), *listings("regional")) for name in one.types}
    return frozenset(listed.union(*(TABLE[words].split() for words in ("parts", "settings", "keys"))))


def inventory(client: Clients, regions: Collection[str]) -> set[str]:
    """``region service: thing`` for everything there is in these regions, and in no region."""
    client = cache(client)
    asked = [(ANY_REGION, listing) for listing in listings("global")]
    asked += [(region, listing) for region in sorted(regions) for listing in listings("regional")]
    found = {
        f"{region} {listing.client}: {thing}"
        for region, listing in asked
        for thing in _things(client(listing.client, region), listing)
    }
    return found | {f"{region} kms: {key}" for region in regions for key in _keys(client("kms", region))}


def _things(client: Any, listing: Listing) -> Iterator[str]:
    by_tag = listing.client == "resourcegroupstaggingapi"
    try:
        for page in _pages(client, listing):
            for thing in map(str, jmespath.search(listing.names, page) or ()):
                if not (by_tag and any(part in thing for part in LINGERING)):
                    yield thing
    except ClientError as error:
        if error.response["Error"]["Code"] not in ABSENT:
            raise


def _pages(client: Any, listing: Listing) -> Iterator[Any]:
    if client.can_paginate(listing.operation):
        yield from client.get_paginator(listing.operation).paginate(**listing.arguments)
    else:
        yield getattr(client, listing.operation)(**listing.arguments)


def _keys(kms: Any) -> Iterator[str]:
    for key in kms.list_keys()["Keys"]:
        found = kms.describe_key(KeyId=key["KeyId"])["KeyMetadata"]
        if found["KeyManager"] == "CUSTOMER" and found["KeyState"] != "PendingDeletion":
            yield str(key["KeyId"])
