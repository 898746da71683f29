"""EKS: who may do what in a cluster, and which role a pod has.

AWS (Amazon EKS API reference):

- ``CreateAccessEntry`` lets an IAM principal into a cluster whose authentication mode is not ``CONFIG_MAP``: of type
  ``STANDARD`` with Kubernetes groups and a user name (``<ARN of the session>/{{SessionName}}`` unless it says otherwise), or
  of a type for nodes (``EC2_LINUX``, ``EC2_WINDOWS``, ``FARGATE_LINUX``, ``EC2``, ``HYBRID_LINUX``), whose groups and name are
  EKS's own. ``AssociateAccessPolicy`` gives one of EKS's policies to a standard entry, in the cluster or in namespaces.
- ``CreatePodIdentityAssociation`` gives the pods of a service account a role; a service account has one. Names and namespaces
  can't be changed afterwards, the role can.

moto knows neither. Needed by ``aws_eks_access_entry``, ``aws_eks_access_policy_association`` and
``aws_eks_pod_identity_association``.
"""

from __future__ import annotations

import uuid
from typing import Any
from urllib.parse import unquote

from moto.core.responses import ActionResult, EmptyResult
from moto.eks import urls
from moto.eks.exceptions import InvalidParameterException, InvalidRequestException, ResourceInUseException
from moto.eks.responses import EKSResponse

from orchestrator.emulator.extensions.eks import arn, cluster_of, not_found, now
from orchestrator.emulator.patch import add, memory

_NODE_GROUPS = {
    "EC2_LINUX": ["system:nodes"],
    "EC2_WINDOWS": ["eks:kube-proxy-windows", "system:nodes"],
    "FARGATE_LINUX": ["system:bootstrappers", "system:node-proxier", "system:nodes"],
    "HYBRID_LINUX": ["system:bootstrappers", "system:nodes"],
    "EC2": ["system:nodes"],
}
_POLICY = "arn:aws:eks::aws:cluster-access-policy/"


def register() -> None:
    """Extend moto's EKS."""
    base = "{0}/clusters/(?P<clusterName>[^/]+)"
    entry = f"{base}/access-entries"
    for path in (
        entry,
        f"{entry}/(?P<principalArn>.+)",
        f"{base}/pod-identity-associations",
        f"{base}/pod-identity-associations/(?P<associationId>[^/]+)",
    ):
        urls.url_paths[f"{path}$"] = EKSResponse.dispatch
    _access_entries()
    _access_policies()
    _pod_identities()


def _access_entries() -> None:
    @add(EKSResponse)
    def create_access_entry(response: Any) -> ActionResult:
        cluster = cluster_of(response)
        if cluster.access_config["authenticationMode"] == "CONFIG_MAP":
            raise InvalidRequestException(
                message="The cluster's authentication mode must be set to one of [API, API_AND_CONFIG_MAP] to perform this operation."
            )
        principal, kind = response._get_param("principalArn"), response._get_param("type") or "STANDARD"
        entries = memory(cluster).setdefault("access_entries", {})
        if principal in entries:
            raise _in_use(cluster, "The specified access entry resource is already in use on this cluster.")
        groups, user = response._get_param("kubernetesGroups"), response._get_param("username")
        if kind != "STANDARD" and kind not in _NODE_GROUPS:
            raise InvalidParameterException(message=f"The type {kind} is not supported")
        if kind != "STANDARD" and (groups or user):
            raise InvalidRequestException(
                message=f"Kubernetes groups and user names can't be set for type {kind}"
            )
        if any(group.startswith("system:") for group in groups or ()):
            raise InvalidParameterException(message="The kubernetes group name must not start with system:")
        entries[principal] = {
            "clusterName": cluster.name,
            "principalArn": principal,
            "kubernetesGroups": _NODE_GROUPS.get(kind, groups or []),
            "accessEntryArn": arn(
                response,
                "access-entry",
                cluster.name,
                "user" if ":user/" in principal else "role",
                response.current_account,
                principal.rpartition("/")[2],
                str(uuid.uuid4()),
            ),
            "createdAt": now(),
            "modifiedAt": now(),
            "tags": response._get_param("tags") or {},
            "username": user or _user(principal, kind),
            "type": kind,
            "policies": {},
        }
        return ActionResult({"accessEntry": _shown(entries[principal])})

    @add(EKSResponse)
    def describe_access_entry(response: Any) -> ActionResult:
        return ActionResult({"accessEntry": _shown(_entry(response))})

    @add(EKSResponse)
    def list_access_entries(response: Any) -> ActionResult:
        policy = response._get_param("associatedPolicyArn")
        entries = memory(cluster_of(response)).get("access_entries", {})
        found = [name for name, entry in entries.items() if policy is None or policy in entry["policies"]]
        return ActionResult({"accessEntries": sorted(found)})

    @add(EKSResponse)
    def update_access_entry(response: Any) -> ActionResult:
        entry = _entry(response)
        for parameter in ("kubernetesGroups", "username"):
            if (value := response._get_param(parameter)) is not None:
                entry[parameter] = value
        entry["modifiedAt"] = now()
        return ActionResult({"accessEntry": _shown(entry)})

    @add(EKSResponse)
    def delete_access_entry(response: Any) -> EmptyResult:
        entry = _entry(response)
        del memory(cluster_of(response))["access_entries"][entry["principalArn"]]
        return EmptyResult()


def _access_policies() -> None:
    @add(EKSResponse)
    def associate_access_policy(response: Any) -> ActionResult:
        entry, policy = _entry(response), response._get_param("policyArn")
        scope = response._get_param("accessScope") or {}
        if entry["type"] != "STANDARD":
            raise InvalidRequestException(
                message=f"Access policies can't be associated with entries of type {entry['type']}"
            )
        if not str(policy).startswith(_POLICY):
            raise InvalidParameterException(message=f"The policyArn {policy} is not valid")
        if scope.get("type") == "namespace" and not scope.get("namespaces"):
            raise InvalidParameterException(message="An access scope of type namespace names namespaces")
        before = entry["policies"].get(policy)
        entry["policies"][policy] = {
            "policyArn": policy,
            "accessScope": {"type": scope.get("type"), "namespaces": scope.get("namespaces") or []},
            "associatedAt": before["associatedAt"] if before else now(),
            "modifiedAt": now(),
        }
        return ActionResult(
            {
                "clusterName": cluster_of(response).name,
                "principalArn": entry["principalArn"],
                "associatedAccessPolicy": entry["policies"][policy],
            }
        )

    @add(EKSResponse)
    def list_associated_access_policies(response: Any) -> ActionResult:
        entry = _entry(response)
        return ActionResult(
            {
                "clusterName": cluster_of(response).name,
                "principalArn": entry["principalArn"],
                "associatedAccessPolicies": list(entry["policies"].values()),
            }
        )

    @add(EKSResponse)
    def disassociate_access_policy(response: Any) -> EmptyResult:
        entry, policy = _entry(response), unquote(response._get_param("policyArn"))
        if policy not in entry["policies"]:
            raise not_found(f"The access policy {policy} is not associated with {entry['principalArn']}")
        del entry["policies"][policy]
        return EmptyResult()


def _user(principal: str, kind: str) -> str:
    if kind in ("EC2_LINUX", "EC2_WINDOWS", "EC2"):
        return "system:node:{{EC2PrivateDNSName}}"
    if kind != "STANDARD":
        return "system:node:{{SessionName}}"
    if ":role/" not in principal:
        return principal
    account, name = principal.split(":")[4], principal.rpartition("/")[2]
    return f"arn:aws:sts::{account}:assumed-role/{name}/{{{{SessionName}}}}"


def _entry(response: Any) -> dict[str, Any]:
    cluster = cluster_of(response)
    principal = unquote(response._get_param("principalArn")).partition("/access-policies")[0]
    entry: dict[str, Any] | None = memory(cluster).get("access_entries", {}).get(principal)
    if entry is None:
        raise not_found(f"The specified principalArn could not be found. Principal ARN: {principal}")
    return entry


def _shown(entry: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in entry.items() if name != "policies"}


def _in_use(cluster: Any, message: str) -> ResourceInUseException:
    return ResourceInUseException(
        clusterName=cluster.name, nodegroupName=None, addonName=None, message=message
    )


def _pod_identities() -> None:
    @add(EKSResponse)
    def create_pod_identity_association(response: Any) -> ActionResult:
        cluster = cluster_of(response)
        association = associate(
            response,
            cluster,
            namespace=response._get_param("namespace"),
            service_account=response._get_param("serviceAccount"),
            role_arn=response._get_param("roleArn"),
        )
        return ActionResult({"association": association})

    @add(EKSResponse)
    def describe_pod_identity_association(response: Any) -> ActionResult:
        return ActionResult({"association": _association(response)})

    @add(EKSResponse)
    def list_pod_identity_associations(response: Any) -> ActionResult:
        wanted = {name: response._get_param(name) for name in ("namespace", "serviceAccount")}
        found = [
            {
                name: association[name]
                for name in ("clusterName", "namespace", "serviceAccount", "associationArn", "associationId")
            }
            for association in memory(cluster_of(response)).get("pod_identity_associations", {}).values()
            if all(value in (None, association[name]) for name, value in wanted.items())
        ]
        return ActionResult({"associations": found})

    @add(EKSResponse)
    def update_pod_identity_association(response: Any) -> ActionResult:
        association = _association(response)
        for name in ("roleArn", "targetRoleArn", "disableSessionTags"):
            if (value := response._get_param(name)) is not None:
                association[name] = value
        association["modifiedAt"] = now()
        return ActionResult({"association": association})

    @add(EKSResponse)
    def delete_pod_identity_association(response: Any) -> ActionResult:
        association = _association(response)
        if association.get("ownerArn"):
            raise InvalidRequestException(message=f"The association belongs to {association['ownerArn']}")
        dissociate(cluster_of(response), association["associationArn"])
        return ActionResult({"association": association})


def associate(
    response: Any,
    cluster: Any,
    *,
    namespace: str,
    service_account: str,
    role_arn: str,
    owner: str | None = None,
) -> dict[str, Any]:
    """Give a service account's pods a role.

    Raises:
        ResourceInUseException: it has one.
    """
    associations = memory(cluster).setdefault("pod_identity_associations", {})
    for present in associations.values():
        if (present["namespace"], present["serviceAccount"]) == (namespace, service_account):
            raise _in_use(cluster, f"Association already exists: {present['associationId']}")
    key = f"a-{uuid.uuid4().hex[:17]}"
    associations[key] = {
        "clusterName": cluster.name,
        "namespace": namespace,
        "serviceAccount": service_account,
        "roleArn": role_arn,
        "associationArn": arn(response, "podidentityassociation", cluster.name, key),
        "associationId": key,
        "tags": (response._get_param("tags") if owner is None else None) or {},
        "createdAt": now(),
        "modifiedAt": now(),
        **({"ownerArn": owner} if owner else {}),
    }
    found: dict[str, Any] = associations[key]
    return found


def dissociate(cluster: Any, association_arn: str) -> None:
    """Take the role away again."""
    memory(cluster).get("pod_identity_associations", {}).pop(association_arn.rpartition("/")[2], None)


def _association(response: Any) -> dict[str, Any]:
    cluster, key = cluster_of(response), response._get_param("associationId")
    found: dict[str, Any] | None = memory(cluster).get("pod_identity_associations", {}).get(key)
    if found is None:
        raise not_found(f"No association found with id {key}")
    return found
