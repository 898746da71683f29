"""EKS add-ons.

AWS (Amazon EKS API reference): ``CreateAddon`` puts an add-on that EKS offers into a cluster, in a version that fits the
cluster's Kubernetes (the default one unless it is named), with JSON or YAML settings, and a role by annotation
(``serviceAccountRoleArn``) or by Pod Identity associations that belong to the add-on. ``UpdateAddon`` changes what it names
and answers with an ``Update``; ``DeleteAddon`` takes the associations with it. ``DescribeAddonVersions`` says what there is.

moto knows no add-ons. Versions here are shaped as EKS's; nothing is installed.

Needed by ``aws_eks_addon``.
"""

from __future__ import annotations

import re
import uuid
from typing import Any

from moto.core.responses import ActionResult
from moto.eks import urls
from moto.eks.exceptions import InvalidParameterException, ResourceInUseException
from moto.eks.responses import EKSResponse

from orchestrator.emulator.extensions.eks import arn, cluster_of, not_found, now, started
from orchestrator.emulator.extensions.eks_access import associate, dissociate
from orchestrator.emulator.patch import add, memory

_VERSIONS = {
    "adot": "v0.131.0-eksbuild.1",
    "amazon-cloudwatch-observability": "v4.5.0-eksbuild.1",
    "aws-ebs-csi-driver": "v1.50.1-eksbuild.1",
    "aws-efs-csi-driver": "v2.1.13-eksbuild.1",
    "aws-guardduty-agent": "v1.12.1-eksbuild.2",
    "aws-mountpoint-s3-csi-driver": "v2.1.0-eksbuild.1",
    "aws-secrets-store-csi-driver-provider": "v2.1.1-eksbuild.1",
    "cert-manager": "v1.19.0-eksbuild.1",
    "coredns": "v1.12.4-eksbuild.1",
    "eks-node-monitoring-agent": "v1.4.1-eksbuild.1",
    "eks-pod-identity-agent": "v1.3.9-eksbuild.3",
    "external-dns": "v0.19.0-eksbuild.2",
    "kube-proxy": "v1.34.0-eksbuild.4",
    "metrics-server": "v0.8.0-eksbuild.2",
    "snapshot-controller": "v8.3.0-eksbuild.1",
    "vpc-cni": "v1.20.3-eksbuild.1",
}
_VERSION = re.compile(r"v\d+\.\d+\.\d+-eksbuild\.\d+")


def register() -> None:
    """Extend moto's EKS."""
    base = "{0}/clusters/(?P<clusterName>[^/]+)/addons"
    for path in ("", "/(?P<addonName>[^/]+)", "/(?P<addonName>[^/]+)/update"):
        urls.url_paths[f"{base}{path}$"] = EKSResponse.dispatch
    urls.url_paths["{0}/addons/supported-versions$"] = EKSResponse.dispatch

    @add(EKSResponse)
    def create_addon(response: Any) -> ActionResult:
        cluster, name = cluster_of(response), response._get_param("addonName")
        addons = memory(cluster).setdefault("addons", {})
        if name in addons:
            raise ResourceInUseException(
                clusterName=cluster.name, nodegroupName=None, addonName=name, message="Addon already exists."
            )
        addon = {
            "addonName": name,
            "clusterName": cluster.name,
            "addonVersion": _version(name, response._get_param("addonVersion")),
            "addonArn": arn(response, "addon", cluster.name, name, str(uuid.uuid4())),
            "status": "ACTIVE",
            "health": {"issues": []},
            "createdAt": now(),
            "owner": "aws",
            "publisher": "eks",
            "tags": response._get_param("tags") or {},
            "podIdentityAssociations": [],
        }
        addons[name] = addon
        _settings(response, cluster, addon)
        return ActionResult({"addon": addon})

    @add(EKSResponse)
    def describe_addon(response: Any) -> ActionResult:
        return ActionResult({"addon": _addon(response)})

    @add(EKSResponse)
    def list_addons(response: Any) -> ActionResult:
        return ActionResult({"addons": sorted(memory(cluster_of(response)).get("addons", {}))})

    @add(EKSResponse)
    def update_addon(response: Any) -> ActionResult:
        cluster, addon = cluster_of(response), _addon(response)
        if (version := response._get_param("addonVersion")) is not None:
            addon["addonVersion"] = _version(addon["addonName"], version)
        _settings(response, cluster, addon)
        return started(cluster, "AddonUpdate", {"AddonVersion": addon["addonVersion"]}, of=addon["addonName"])

    @add(EKSResponse)
    def delete_addon(response: Any) -> ActionResult:
        cluster, addon = cluster_of(response), _addon(response)
        for association in addon["podIdentityAssociations"]:
            dissociate(cluster, association)
        del memory(cluster)["addons"][addon["addonName"]]
        return ActionResult({"addon": {**addon, "status": "DELETING"}})

    @add(EKSResponse)
    def describe_addon_versions(response: Any) -> ActionResult:
        wanted = response._get_param("addonName")
        found = [
            {
                "addonName": name,
                "type": "infra-management",
                "owner": "aws",
                "publisher": "eks",
                "addonVersions": [
                    {
                        "addonVersion": version,
                        "architecture": ["amd64", "arm64"],
                        "compatibilities": [{"clusterVersion": "1.34", "defaultVersion": True}],
                    }
                ],
            }
            for name, version in _VERSIONS.items()
            if wanted in (None, name)
        ]
        return ActionResult({"addons": found})


def _version(name: str, asked: str | None) -> str:
    if name not in _VERSIONS:
        raise InvalidParameterException(message=f"Addon {name} specified is not supported")
    if asked is not None and not _VERSION.fullmatch(asked):
        raise InvalidParameterException(message=f"Addon version specified is not supported: {asked}")
    return asked or _VERSIONS[name]


def _addon(response: Any) -> dict[str, Any]:
    cluster, name = cluster_of(response), response._get_param("addonName")
    addon: dict[str, Any] | None = memory(cluster).get("addons", {}).get(name)
    if addon is None:
        raise not_found(f"No addon: {name} found in cluster: {cluster.name}")
    return addon


def _settings(response: Any, cluster: Any, addon: dict[str, Any]) -> None:
    for name in ("serviceAccountRoleArn", "configurationValues"):
        if (value := response._get_param(name)) is not None:
            addon[name] = value
    wanted = response._get_param("podIdentityAssociations")
    if wanted is not None:
        for association in addon["podIdentityAssociations"]:
            dissociate(cluster, association)
        addon["podIdentityAssociations"] = [
            associate(
                response,
                cluster,
                namespace="kube-system",
                service_account=entry["serviceAccount"],
                role_arn=entry["roleArn"],
                owner=addon["addonArn"],
            )["associationArn"]
            for entry in wanted
        ]
    addon["modifiedAt"] = now()
