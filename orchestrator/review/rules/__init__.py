"""The rules, a file each, found by being here; a file that begins with an underscore has what several of a category share."""

from __future__ import annotations

import importlib
import pkgutil


def load() -> None:
    """Import every file of rules, once."""
    for module in pkgutil.iter_modules(__path__):
        importlib.import_module(f"{__name__}.{module.name}")
