"""The rules, a file a category. Each is found by being here."""

from __future__ import annotations

import importlib
import pkgutil


def load() -> None:
    """Import every file of rules, once."""
    for module in pkgutil.iter_modules(__path__):
        importlib.import_module(f"{__name__}.{module.name}")
