"""Route 53 Resolver: query log configurations that can be tagged and removed, names with a final dot.

AWS (Route 53 Resolver API reference) keeps tags on query log configurations as on endpoints and rules
(``ListTagsForResource``), removes configurations and their associations with VPCs (``DeleteResolverQueryLogConfig``,
``DisassociateResolverQueryLogConfig``), and takes ``corp.example`` and ``corp.example.`` for the same domain
(``CreateResolverRule``).

moto takes a configuration's ARN for one of an endpoint that does not exist, knows neither removal, and appends a
second dot.

Needed by ``aws_route53_resolver_query_log_config`` (cannot be read back), its ``_association``, and
``aws_route53_resolver_rule``.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from moto.route53resolver.exceptions import ResourceNotFoundException
from moto.route53resolver.models import Route53ResolverBackend
from moto.route53resolver.responses import Route53ResolverResponse

from orchestrator.emulator.patch import add, wrap


def register() -> None:
    """Extend moto's Route 53 Resolver backend and responses."""

    @wrap(Route53ResolverBackend, "_matched_arn")
    def matched_arn(original: Callable[[Any, str], None], backend: Any, resource_arn: str) -> None:
        if not any(config.arn == resource_arn for config in backend.resolver_query_log_configs.values()):
            original(backend, resource_arn)

    @wrap(Route53ResolverBackend, "create_resolver_rule")
    def create_resolver_rule(
        original: Callable[..., Any], backend: Any, *, domain_name: str, **given: Any
    ) -> Any:
        return original(backend, domain_name=domain_name.rstrip("."), **given)

    @add(Route53ResolverResponse)
    def disassociate_resolver_query_log_config(response: Any) -> str:
        backend = response.route53resolver_backend
        config_id, vpc_id = response._get_param("ResolverQueryLogConfigId"), response._get_param("ResourceId")
        for association in backend.resolver_query_log_config_associations.values():
            if (association.resolver_query_log_config_id, association.resource_id) == (config_id, vpc_id):
                del backend.resolver_query_log_config_associations[association.id]
                backend.resolver_query_log_configs[config_id].association_count -= 1
                said = association.description() | {"Status": "DELETING"}
                return json.dumps({"ResolverQueryLogConfigAssociation": said})
        raise ResourceNotFoundException(
            f"Resolver query log config '{config_id}' is not associated with '{vpc_id}'"
        )

    @add(Route53ResolverResponse)
    def delete_resolver_query_log_config(response: Any) -> str:
        config_id = response._get_param("ResolverQueryLogConfigId")
        config = response.route53resolver_backend.resolver_query_log_configs.pop(config_id, None)
        if config is None:
            raise ResourceNotFoundException(f"Resolver query log config with ID '{config_id}' does not exist")
        return json.dumps({"ResolverQueryLogConfig": config.description() | {"Status": "DELETING"}})
