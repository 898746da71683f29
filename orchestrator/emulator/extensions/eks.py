"""EKS: clusters with all their settings, updates, and node groups as AWS answers for them.

AWS (Amazon EKS API reference):

- A cluster has a security group of its own (``clusterSecurityGroupId``, ``eks-cluster-sg-<name>-…``), the VPC of its
  subnets, and answers with every setting: ``accessConfig`` (``CONFIG_MAP`` unless it says otherwise), ``upgradePolicy``
  (``EXTENDED``), ``zonalShiftConfig``, ``computeConfig``, ``storageConfig``, ``kubernetesNetworkConfig`` with the family and
  range of services. An endpoint is public, to all, unless it says otherwise; the other kinds of log are off.
- ``UpdateClusterConfig``, ``UpdateClusterVersion``, ``AssociateEncryptionConfig``, ``UpdateNodegroupConfig`` and
  ``UpdateNodegroupVersion`` answer with an ``Update``, which ``DescribeUpdate`` and ``ListUpdates`` tell about. A version goes up
  by one minor at a time, never down, and a node group's is not above its cluster's.
- A node group has its cluster's version, a release of it, and what a launch template leaves out; it has no remote
  access unless it asks for it.
- Clusters, node groups, Fargate profiles, add-ons, access entries and associations have tags.
- Names of what is not there are answered with ``ResourceNotFoundException``.

moto forgets these settings, answers ``UpdateClusterConfig`` with the cluster, knows no updates, gives node groups
version 1.19 and an SSH key, and tags clusters only.

Needed by ``aws_eks_cluster`` and ``aws_eks_node_group``. No Kubernetes runs, and no node.
"""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from typing import Any

from moto.core.responses import ActionResult
from moto.ec2.models import ec2_backends
from moto.eks import urls
from moto.eks.exceptions import (
    InvalidParameterException,
    InvalidRequestException,
    ResourceNotFoundException,
)
from moto.eks.models import Cluster, EKSBackend, Nodegroup
from moto.eks.responses import EKSResponse

from orchestrator.emulator.patch import add, memory, replace, wrap

DEFAULT_VERSION = "1.34"
_LOGS = ("api", "audit", "authenticator", "controllerManager", "scheduler")
_CLUSTER_SETTINGS = (
    "accessConfig",
    "computeConfig",
    "deletionProtection",
    "kubernetesNetworkConfig",
    "remoteNetworkConfig",
    "storageConfig",
    "upgradePolicy",
    "zonalShiftConfig",
)
_TAGGED = {
    "addons": "addonArn",
    "access_entries": "accessEntryArn",
    "pod_identity_associations": "associationArn",
}
"""What the other two extensions of EKS keep with a cluster, and where it has its ARN."""


def register() -> None:
    """Extend moto's EKS."""
    base = "{0}/clusters/(?P<name>[^/]+)"
    for path in (
        "updates",
        "updates/(?P<updateId>[^/]+)",
        "encryption-config/associate",
        "node-groups/(?P<nodegroupName>[^/]+)/update-version",
    ):
        urls.url_paths[f"{base}/{path}$"] = EKSResponse.dispatch
    _clusters()
    _updates()
    _node_groups()
    _tags()


def cluster_of(response: Any) -> Any:
    """The cluster that a request names.

    Raises:
        ResourceNotFoundException: there is none.
    """
    return response.eks_backend.describe_cluster(name=cluster_name(response))


def cluster_name(response: Any) -> str:
    """The path calls it ``name`` or ``clusterName``, by operation."""
    return str(response._get_param("clusterName") or response._get_param("name"))


def not_found(message: str) -> ResourceNotFoundException:
    """EKS's answer to an unknown name."""
    return ResourceNotFoundException(
        clusterName=None, nodegroupName=None, fargateProfileName=None, addonName=None, message=message
    )


def now() -> datetime:
    """As EKS stamps things."""
    return datetime.now(UTC).replace(microsecond=0)


def arn(response: Any, kind: str, *words: str) -> str:
    """``arn:aws:eks:<region>:<account>:<kind>/<words>``."""
    return f"arn:aws:eks:{response.region}:{response.current_account}:{'/'.join((kind, *words))}"


def started(cluster: Any, kind: str, params: dict[str, Any], *, of: str = "") -> ActionResult:
    """Note an update, done as soon as it is asked for; ``of``: the node group or add-on it is about."""
    update = {
        "id": str(uuid.uuid4()),
        "status": "Successful",
        "type": kind,
        "params": [{"type": name, "value": str(value)} for name, value in params.items()],
        "createdAt": now(),
        "errors": [],
    }
    memory(cluster).setdefault("updates", {})[update["id"]] = (of, update)
    return ActionResult({"update": update})


def _clusters() -> None:
    @wrap(Cluster, "__init__")
    def init(original: Any, cluster: Any, *args: Any, **kwargs: Any) -> None:
        original(cluster, *args, **kwargs)
        cluster.version = kwargs.get("version") or DEFAULT_VERSION
        cluster.health = {"issues": []}
        cluster.logging = _logging(kwargs.get("logging"))

    @wrap(EKSResponse, "create_cluster")
    def create_cluster(original: Any, response: Any) -> Any:
        given = {name: response._get_param(name) for name in _CLUSTER_SETTINGS}
        network = response._get_param("resourcesVpcConfig") or {}
        if not network.get("subnetIds"):
            raise InvalidParameterException(message="Subnets specified must be in at least two different AZs")
        original(response)
        cluster = response.eks_backend.clusters[response._get_param("name")]
        access = {"authenticationMode": "CONFIG_MAP", **(given["accessConfig"] or {})}
        access.setdefault("bootstrapClusterCreatorAdminPermissions", True)
        cluster.access_config = access
        cluster.upgrade_policy = given["upgradePolicy"] or {"supportType": "EXTENDED"}
        cluster.zonal_shift_config = given["zonalShiftConfig"] or {"enabled": False}
        cluster.compute_config = given["computeConfig"]
        cluster.storage_config = given["storageConfig"]
        cluster.deletion_protection = bool(given["deletionProtection"])
        cluster.kubernetes_network_config = {
            "serviceIpv4Cidr": "172.20.0.0/16",
            "ipFamily": "ipv4",
            "elasticLoadBalancing": {"enabled": False},
            **(given["kubernetesNetworkConfig"] or {}),
        }
        cluster.resources_vpc_config = {
            "securityGroupIds": [],
            "endpointPublicAccess": True,
            "endpointPrivateAccess": False,
            **network,
        }
        _public_access(cluster)
        _security_group(response, cluster)
        return ActionResult({"cluster": cluster})

    @wrap(EKSResponse, "delete_cluster")
    def delete_cluster(original: Any, response: Any) -> Any:
        cluster = cluster_of(response)
        if getattr(cluster, "deletion_protection", False):
            raise InvalidRequestException(message="Deletion protection is enabled for this cluster")
        answer = original(response)
        group = cluster.resources_vpc_config.get("clusterSecurityGroupId")
        if group:
            _ec2(response).delete_security_group(group_id=group)
        return answer

    @replace(EKSResponse, "update_cluster_config")
    def update_cluster_config(response: Any) -> ActionResult:
        cluster = cluster_of(response)
        if (network := response._get_param("resourcesVpcConfig")) is not None:
            cluster.resources_vpc_config.update(network)
            _public_access(cluster)
            kind = "EndpointAccessUpdate" if "endpointPublicAccess" in network else "VpcConfigUpdate"
            return started(cluster, kind, network)
        if (logging := response._get_param("logging")) is not None:
            cluster.logging = _logging(logging, cluster.logging)
            return started(cluster, "LoggingUpdate", {"ClusterLogging": logging})
        for name, kind in (
            ("accessConfig", "AccessConfigUpdate"),
            ("upgradePolicy", "UpgradePolicyUpdate"),
            ("zonalShiftConfig", "ZonalShiftConfigUpdate"),
            ("computeConfig", "AutoModeUpdate"),
            ("remoteNetworkConfig", "RemoteNetworkConfigUpdate"),
            ("deletionProtection", "DeletionProtectionUpdate"),
        ):
            if (value := response._get_param(name)) is not None:
                attribute = "".join(f"_{sign.lower()}" if sign.isupper() else sign for sign in name)
                before = getattr(cluster, attribute, None)
                merged = (
                    {**before, **value} if isinstance(before, dict) and isinstance(value, dict) else value
                )
                setattr(cluster, attribute, merged)
                return started(cluster, kind, {name: value})
        raise InvalidParameterException(message="The request names nothing to update")

    @add(EKSResponse)
    def update_cluster_version(response: Any) -> ActionResult:
        cluster, version = cluster_of(response), response._get_param("version")
        old, new = _minor(cluster.version), _minor(version)
        if new == old:
            raise InvalidParameterException(
                message=f"Cluster is already at the desired configuration with version: {version}"
            )
        if new != old + 1:
            raise InvalidParameterException(
                message=f"Unsupported Kubernetes minor version update from {cluster.version} to {version}"
            )
        cluster.version = version
        return started(cluster, "VersionUpdate", {"Version": version})

    @add(EKSResponse)
    def associate_encryption_config(response: Any) -> ActionResult:
        cluster = cluster_of(response)
        if cluster.encryption_config:
            raise InvalidRequestException(message="Cluster already has an encryption configuration")
        cluster.encryption_config = response._get_param("encryptionConfig")
        return started(cluster, "AssociateEncryptionConfig", {"EncryptionConfig": cluster.encryption_config})


def _minor(version: str) -> int:
    try:
        major, minor = version.split(".")
        if major != "1":
            raise ValueError
        return int(minor)
    except ValueError:
        raise InvalidParameterException(message=f"unsupported Kubernetes version {version}") from None


def _logging(given: dict[str, Any] | None, before: dict[str, Any] | None = None) -> dict[str, Any]:
    """Every kind of log is on or off; a request names some of them."""
    states = [before, given]
    enabled = {
        kind: entry.get("enabled", False)
        for state in states
        for entry in (state or {}).get("clusterLogging", ())
        for kind in entry.get("types", ())
    }
    sides = {side: [kind for kind in _LOGS if enabled.get(kind, False) is side] for side in (True, False)}
    return {"clusterLogging": [{"types": types, "enabled": side} for side, types in sides.items() if types]}


def _public_access(cluster: Any) -> None:
    network = cluster.resources_vpc_config
    network["publicAccessCidrs"] = (
        network.get("publicAccessCidrs") or ["0.0.0.0/0"] if network["endpointPublicAccess"] else []
    )


def _security_group(response: Any, cluster: Any) -> None:
    backend = _ec2(response)
    subnet = backend.get_subnet(cluster.resources_vpc_config["subnetIds"][0])
    group = backend.create_security_group(
        f"eks-cluster-sg-{cluster.name}-{uuid.uuid4().int % 10**9}",
        "EKS created security group applied to ENI that is attached to EKS Control Plane master nodes, "
        "as well as any managed workloads.",
        vpc_id=subnet.vpc_id,
        tags={f"kubernetes.io/cluster/{cluster.name}": "owned", "aws:eks:cluster-name": cluster.name},
    )
    cluster.resources_vpc_config |= {"clusterSecurityGroupId": group.id, "vpcId": subnet.vpc_id}


def _ec2(response: Any) -> Any:
    return ec2_backends[response.current_account][response.region]


def _updates() -> None:
    @add(EKSResponse)
    def describe_update(response: Any) -> ActionResult:
        update_id = response._get_param("updateId")
        _, update = memory(cluster_of(response)).get("updates", {}).get(update_id, ("", None))
        if update is None:
            raise not_found(f"No update found for ID: {update_id}")
        return ActionResult({"update": update})

    @add(EKSResponse)
    def list_updates(response: Any) -> ActionResult:
        cluster = cluster_of(response)
        wanted = response._get_param("nodegroupName") or response._get_param("addonName") or ""
        kept = memory(cluster).get("updates", {})
        return ActionResult({"updateIds": [key for key, (of, _) in kept.items() if of == wanted]})


def _node_groups() -> None:
    @wrap(Nodegroup, "__init__")
    def init(original: Any, group: Any, *args: Any, **kwargs: Any) -> None:
        original(group, *args, **kwargs)
        group.release_version = kwargs.get("release_version")
        group.version = kwargs.get("version")
        group.remote_access = kwargs.get("remote_access")
        if not group.remote_access:
            group.resources.pop("remoteAccessSecurityGroup", None)
        if group.launch_template:  # it says what the disk is like
            group.disk_size = None
        group.update_config = kwargs.get("update_config") or {"maxUnavailable": 1}

    @wrap(EKSResponse, "create_nodegroup")
    def create_nodegroup(original: Any, response: Any) -> Any:
        cluster = cluster_of(response)
        version = response._get_param("version") or cluster.version
        if _minor(version) > _minor(cluster.version):
            raise InvalidParameterException(
                message=f"Nodegroup Kubernetes version should be equal to or less than Cluster kubernetes version "
                f"{cluster.version}"
            )
        original(response)
        group = cluster.nodegroups[response._get_param("nodegroupName")]
        group.version = version
        group.release_version = response._get_param("releaseVersion") or _release(version)
        group.update_config = response._get_param("updateConfig") or {"maxUnavailable": 1}
        group.node_repair_config = response._get_param("nodeRepairConfig")
        return ActionResult({"nodegroup": group})

    @wrap(EKSResponse, "update_nodegroup_config")
    def update_nodegroup_config(original: Any, response: Any) -> Any:
        cluster = cluster_of(response)
        original(response)
        name = response._get_param("nodegroupName")
        if (given := response._get_param("updateConfig")) is not None:
            cluster.nodegroups[name].update_config = given
        return started(cluster, "ConfigUpdate", {}, of=name)

    @add(EKSResponse)
    def update_nodegroup_version(response: Any) -> ActionResult:
        cluster, name = cluster_of(response), response._get_param("nodegroupName")
        group = response.eks_backend.describe_nodegroup(cluster.name, name)
        version = response._get_param("version") or group.version
        if not _minor(group.version) <= _minor(version) <= _minor(cluster.version):
            raise InvalidParameterException(
                message=f"Requested Nodegroup version {version} is invalid, it lies between {group.version} and "
                f"the cluster's {cluster.version}"
            )
        asked = response._get_param("releaseVersion")
        if asked or version != group.version:
            group.release_version = asked or _release(version)
        group.version = version
        template = response._get_param("launchTemplate")
        if template:
            group.launch_template |= template
        group.modified_at = now()
        return started(cluster, "VersionUpdate", {"Version": version}, of=name)


def _release(version: str) -> str:
    return f"{version}.1-20261101"


def _tags() -> None:
    def kept(backend: Any, resource_arn: str) -> Any:
        for cluster in backend.clusters.values():
            if cluster.arn == resource_arn:
                return cluster.tags
            for group in cluster.nodegroups.values():
                if group.arn == resource_arn:
                    return group.tags
            for profile in cluster.fargate_profiles.values():
                if profile.fargate_profile_arn == resource_arn:
                    return profile.tags
            for store, named in _TAGGED.items():
                for thing in memory(cluster).get(store, {}).values():
                    if thing[named] == resource_arn:
                        return thing.setdefault("tags", {})
        raise not_found(f"No resource found for ARN {resource_arn}")

    @replace(EKSBackend, "tag_resource")
    def tag_resource(backend: Any, resource_arn: str, tags: dict[str, str]) -> None:
        kept(backend, resource_arn).update(tags)

    @replace(EKSBackend, "untag_resource")
    def untag_resource(backend: Any, resource_arn: str, tag_keys: list[str]) -> None:
        tags = kept(backend, resource_arn)
        for key in [tag_keys] if isinstance(tag_keys, str) else tag_keys:
            tags.pop(key, None)

    @replace(EKSBackend, "list_tags_for_resource")
    def list_tags_for_resource(backend: Any, resource_arn: str) -> dict[str, str]:
        return dict(kept(backend, resource_arn))
