"""What moto lacks or gets wrong and a layer of the platform needs: one module per service.

Every module here is found by being here. Its docstring says what AWS does (with the page of the API reference),
what moto does and who needs the difference; its ``register() -> None`` patches or extends moto's backend and
response classes once, before the server takes its first request. What an extension remembers is kept on moto's
backend objects, so that a reset forgets it.
"""

from __future__ import annotations

import importlib
import pkgutil


def names() -> tuple[str, ...]:
    """The names of the extensions, sorted."""
    return tuple(sorted(module.name for module in pkgutil.iter_modules(__path__)))


def register_all() -> tuple[str, ...]:
    """Register every extension; their names. An extension that cannot be registered ends the server."""
    found = names()
    for name in found:
        importlib.import_module(f"{__name__}.{name}").register()
    return found
