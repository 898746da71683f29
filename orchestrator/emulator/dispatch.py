"""moto's choice of the backend for a request, made once per host name instead of once per request.

``DomainDispatcherApplication.get_backend_for_host`` lists moto's installation folder and looks at each of its 170
entries for every request, and ``BaseResponse.call_action`` inspects the response class anew: measured with a
Terraform refresh, 40 % and 5 % of the time the server needs for a request.
"""

from __future__ import annotations

import functools
from typing import Any

from moto.core import responses
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app


class Dispatcher(DomainDispatcherApplication):
    """moto's WSGI application for all services; a service is imported when it is first asked for."""

    def __init__(self) -> None:
        super().__init__(create_backend_app)
        self._backends: dict[str | None, Any] = {}

    def get_backend_for_host(self, host: str | None) -> Any:
        """The name of the backend that serves a host name such as ``sqs.eu-west-1.amazonaws.com``."""
        if host not in self._backends:
            self._backends[host] = super().get_backend_for_host(host)
        return self._backends[host]


def remember_methods_of_response_classes() -> None:
    """Inspect a response class once; to be called when all extensions are registered."""
    responses.method_names_from_class = functools.cache(responses.method_names_from_class)
