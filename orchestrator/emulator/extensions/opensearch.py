"""OpenSearch Service: domains' networks, defaults, tuning and changes of their configuration.

AWS (OpenSearch Service API reference)

- ``CreateDomain`` refuses a name that is taken (``ResourceAlreadyExistsException``). A domain in a VPC answers the
  VPC's id and the zones of its subnets, beside what it was given; a ``gp3`` volume its ``Iops`` and ``Throughput``.
- ``AdvancedSecurityOptions`` never answers the master user.
- ``AutoTuneOptions`` of a domain is its ``State``, that of its configuration the ``DesiredState``; T instances have none
  (``DISABLED``).
- ``UpdateDomainConfig`` names the domain in its path and changes the parts that are given.

moto answers what it was given, says that Auto-Tune is enabled whatever was desired, and looks for the name of the
domain to change where it is not. No OpenSearch runs here.

Needed by ``aws_opensearch_domain``.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from moto.core.exceptions import JsonRESTError
from moto.opensearch.models import OpenSearchDomain, OpenSearchServiceBackend
from moto.opensearch.responses import OpenSearchServiceResponse

from orchestrator.emulator.patch import replace, wrap

_PARTS = {
    "AccessPolicies": "access_policies",
    "AdvancedOptions": "advanced_options",
    "AdvancedSecurityOptions": "advanced_security_options",
    "AutoTuneOptions": "auto_tune_options",
    "ClusterConfig": "cluster_config",
    "CognitoOptions": "cognito_options",
    "DomainEndpointOptions": "domain_endpoint_options",
    "EBSOptions": "ebs_options",
    "EncryptionAtRestOptions": "encryption_at_rest_options",
    "LogPublishingOptions": "log_publishing_options",
    "NodeToNodeEncryptionOptions": "node_to_node_encryption_options",
    "OffPeakWindowOptions": "off_peak_window_options",
    "SnapshotOptions": "snapshot_options",
    "SoftwareUpdateOptions": "software_update_options",
    "VPCOptions": "vpc_options",
}
_GP3 = {"Iops": 3000, "Throughput": 125}


def register() -> None:
    """Extend moto's OpenSearch domains, backend and responses."""

    @wrap(OpenSearchServiceBackend, "create_domain")
    def create_domain(
        original: Callable[..., OpenSearchDomain], backend: Any, **given: Any
    ) -> OpenSearchDomain:
        if given["domain_name"] in backend.domains:
            raise JsonRESTError(
                "ResourceAlreadyExistsException", f"Domain {given['domain_name']} already exists"
            )
        domain = original(backend, **given)
        _settle(backend, domain)
        return domain

    @replace(OpenSearchServiceResponse, "update_domain_config")
    def update_domain_config(response: Any) -> str:
        backend = response.opensearch_backend
        domain = backend.describe_domain(response.path.rstrip("/").split("/")[-2])
        given = json.loads(response.body)
        for part, attribute in _PARTS.items():
            if part in given:
                kept, change = getattr(domain, attribute), given[part]
                both = isinstance(kept, dict) and isinstance(change, dict)
                setattr(domain, attribute, kept | change if both else change)
        _settle(backend, domain)
        return json.dumps({"DomainConfig": domain.to_config_dict()})

    @wrap(OpenSearchDomain, "to_dict")
    def to_dict(original: Callable[[Any], dict[str, Any]], domain: Any) -> dict[str, Any]:
        answer = original(domain)
        desired = domain.auto_tune_options.get("DesiredState", "ENABLED")
        answer["AutoTuneOptions"] = {
            "State": desired,
            "UseOffPeakWindow": domain.auto_tune_options.get("UseOffPeakWindow", False),
        }
        answer["AdvancedSecurityOptions"] = _without_master(domain)
        answer["IPAddressType"] = "ipv4"
        return answer

    @wrap(OpenSearchDomain, "to_config_dict")
    def to_config_dict(original: Callable[[Any], dict[str, Any]], domain: Any) -> dict[str, Any]:
        answer = original(domain)
        options = {key: value for key, value in domain.auto_tune_options.items() if key != "State"}
        answer["AutoTuneOptions"] = {
            "Options": {"DesiredState": "ENABLED", "MaintenanceSchedules": []} | options,
            "Status": {"State": options.get("DesiredState", "ENABLED"), "PendingDeletion": False},
        }
        answer["AdvancedSecurityOptions"]["Options"] = _without_master(domain)
        return answer


def _settle(backend: Any, domain: Any) -> None:
    """Complete what AWS derives from what was given."""
    if domain.ebs_options.get("VolumeType") == "gp3":
        domain.ebs_options = _GP3 | domain.ebs_options
    if domain.vpc_options and domain.vpc_options.get("SubnetIds"):
        from moto.ec2.models import ec2_backends

        ec2 = ec2_backends[backend.account_id][backend.region_name]
        subnets = ec2.describe_subnets(subnet_ids=domain.vpc_options["SubnetIds"])
        domain.vpc_options |= {
            "VPCId": subnets[0].vpc_id,
            "AvailabilityZones": sorted({subnet.availability_zone for subnet in subnets}),
        }
    if domain.cluster_config["InstanceType"].startswith("t"):
        domain.auto_tune_options = domain.auto_tune_options | {"DesiredState": "DISABLED"}


def _without_master(domain: Any) -> dict[str, Any]:
    return {
        key: value for key, value in domain.advanced_security_options.items() if key != "MasterUserOptions"
    }
