"""How an extension adds a service that moto does not know.

    class Backend(BaseBackend): ...        # one for each account and region
    class Response(BaseResponse): ...      # a method for each operation, in snake case

    backends = add_service("accessanalyzer", r"access-analyzer\\.(.+)\\.amazonaws\\.com", Backend, Response)

moto finds a service's backends in a module of its own packages and its addresses in an index made when moto was
built; this puts the new service into both.
"""

from __future__ import annotations

import re
import sys
from types import ModuleType, SimpleNamespace
from typing import Any

import boto3
from moto import backend_index
from moto.core.base_backend import BackendDict, BaseBackend
from moto.core.responses import BaseResponse

EVERY_REGION: list[str] = boto3.Session().get_available_regions("ec2")
"""Where a service is whose own regions boto3 does not know."""


def add_service(
    name: str,
    host: str,
    backend: type[BaseBackend],
    response: type[BaseResponse],
    *,
    paths: tuple[str, ...] = ("/.*",),
) -> BackendDict[Any]:
    """Make requests to ``host`` (a regular expression) reach ``response``; the backends, by account and region.

    ``name`` is boto3's name of the service. Raises AttributeError when moto knows the service by now.
    """
    if any(known == name for known, _ in backend_index.backend_url_patterns):
        raise AttributeError(f"moto already has {name}")
    bases = [rf"https?://{host}"]
    urls = SimpleNamespace(url_bases=bases, url_paths={f"{{0}}{path}$": response.dispatch for path in paths})
    backend._url_module = property(lambda _self: urls)
    regions = boto3.Session().get_available_regions(name) or EVERY_REGION
    backends: BackendDict[Any] = BackendDict(backend, name, additional_regions=regions)
    module = ModuleType(f"moto.{name}", backend.__doc__)
    vars(module)[f"{name}_backends"] = backends
    sys.modules.setdefault(module.__name__, module)
    backend_index.backend_url_patterns.extend((name, re.compile(base)) for base in bases)
    return backends
