"""Glue: a deleted database takes its tags with it.

AWS (Glue API reference, ``DeleteDatabase``): the database is gone, and with it what the tagging API finds by its ARN.

moto forgets the database and keeps its tags, so that the tagging API finds a database that is not there.

Needed by ``aws_glue_catalog_database``, in which feature groups have their tables.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from moto.glue.models import GlueBackend

from orchestrator.emulator.patch import wrap


def register() -> None:
    """Extend moto's Glue."""

    @wrap(GlueBackend, "delete_database")
    def delete_database(original: Callable[..., None], backend: Any, database_name: str) -> None:
        original(backend, database_name)
        backend.tagger.delete_all_tags_for_resource(
            f"arn:aws:glue:{backend.region_name}:{backend.account_id}:database/{database_name}"
        )
