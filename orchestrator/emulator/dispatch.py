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


def create_dispatcher() -> Any:
    """moto's WSGI application for all services; a service is imported when it is first asked for.

    It raises NotImplementedError for a service that moto does not have. To be called when all extensions are
    registered: what they add to moto's classes later would not be found.
    """
    dispatcher = DomainDispatcherApplication(create_backend_app)
    find = functools.cache(dispatcher.get_backend_for_host)

    def backend_for_host(host: str | None) -> Any:
        """The name of the backend that serves a host name such as ``sqs.eu-west-1.amazonaws.com``."""
        backend = find(host)
        if host is not None and backend is None:
            raise NotImplementedError(host)
        return backend

    dispatcher.get_backend_for_host = backend_for_host
    responses.method_names_from_class = functools.cache(responses.method_names_from_class)
    return dispatcher
