"""ECR: pull-through caches, and repositories' templates for what they create.

AWS (Amazon ECR API reference): ``CreatePullThroughCacheRule`` keeps, by a prefix of repository names, the registry that
images come from; the prefix must be new and the registry one that ECR knows, and those that want credentials name a
secret. ``DescribePullThroughCacheRules``, ``UpdatePullThroughCacheRule`` and ``DeletePullThroughCacheRule`` answer
``PullThroughCacheRuleNotFoundException`` to an unknown prefix. Templates (``CreateRepositoryCreationTemplate`` and its
siblings) say what a repository is like that ECR creates by such a rule.

moto knows neither. Nothing is pulled.

Needed by ``aws_ecr_pull_through_cache_rule`` and ``aws_ecr_repository_creation_template``.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from moto.core.exceptions import ServiceException
from moto.core.responses import ActionResult
from moto.ecr.responses import ECRResponse

from orchestrator.emulator.patch import add, memory

_REGISTRIES = {
    "public.ecr.aws": "ecr-public",
    "registry.k8s.io": "k8s",
    "quay.io": "quay",
    "registry-1.docker.io": "docker-hub",
    "ghcr.io": "github-container-registry",
    "registry.gitlab.com": "gitlab-container-registry",
}
_WITH_CREDENTIALS = {"docker-hub", "github-container-registry", "gitlab-container-registry"}
_TEMPLATE = (
    "prefix",
    "description",
    "encryptionConfiguration",
    "resourceTags",
    "imageTagMutability",
    "imageTagMutabilityExclusionFilters",
    "repositoryPolicy",
    "lifecyclePolicy",
    "appliedFor",
    "customRoleArn",
)


class EcrError(ServiceException):  # type: ignore[misc]
    """An error of ECR, by its code."""

    def __init__(self, code: str, message: str) -> None:
        self.code = code
        super().__init__(message)


def register() -> None:
    """Extend moto's ECR responses."""
    _rules_of_pull_through_caches()
    _creation_templates()


def _rules_of_pull_through_caches() -> None:
    @add(ECRResponse)
    def create_pull_through_cache_rule(response: Any) -> ActionResult:
        prefix, url = response._get_param("ecrRepositoryPrefix"), response._get_param("upstreamRegistryUrl")
        registry, credential = _registry(url), response._get_param("credentialArn")
        rules = _kept(response, "rules")
        if prefix in rules:
            raise EcrError(
                "PullThroughCacheRuleAlreadyExistsException",
                f"The pull through cache rule with prefix '{prefix}' already exists",
            )
        if registry in _WITH_CREDENTIALS and not credential:
            raise EcrError("InvalidParameterException", f"Registry {url} requires credentialArn")
        rules[prefix] = {
            "ecrRepositoryPrefix": prefix,
            "upstreamRegistryUrl": url,
            "upstreamRegistry": registry,
            "upstreamRepositoryPrefix": response._get_param("upstreamRepositoryPrefix") or "ROOT",
            "credentialArn": credential,
            "customRoleArn": response._get_param("customRoleArn"),
            "createdAt": _now(),
            "updatedAt": _now(),
            "registryId": response.current_account,
        }
        return ActionResult(rules[prefix])

    @add(ECRResponse)
    def describe_pull_through_cache_rules(response: Any) -> ActionResult:
        wanted = response._get_param("ecrRepositoryPrefixes")
        rules = _kept(response, "rules")
        found = [_rule(response, prefix) for prefix in wanted] if wanted else list(rules.values())
        return ActionResult({"pullThroughCacheRules": found})

    @add(ECRResponse)
    def update_pull_through_cache_rule(response: Any) -> ActionResult:
        rule = _rule(response, response._get_param("ecrRepositoryPrefix"))
        for name in ("credentialArn", "customRoleArn"):
            if (given := response._get_param(name)) is not None:
                rule[name] = given
        rule["updatedAt"] = _now()
        return ActionResult(rule)

    @add(ECRResponse)
    def delete_pull_through_cache_rule(response: Any) -> ActionResult:
        rule = _rule(response, response._get_param("ecrRepositoryPrefix"))
        del _kept(response, "rules")[rule["ecrRepositoryPrefix"]]
        return ActionResult(rule)


def _creation_templates() -> None:
    @add(ECRResponse)
    def create_repository_creation_template(response: Any) -> ActionResult:
        given = {name: response._get_param(name) for name in _TEMPLATE}
        templates = _kept(response, "templates")
        if given["prefix"] in templates:
            raise EcrError(
                "TemplateAlreadyExistsException",
                f"The repository creation template with prefix '{given['prefix']}' already exists",
            )
        template = {name: value for name, value in given.items() if value is not None}
        template = {"imageTagMutability": "MUTABLE", **template, "createdAt": _now(), "updatedAt": _now()}
        templates[given["prefix"]] = template
        return _template_answer(response, template)

    @add(ECRResponse)
    def describe_repository_creation_templates(response: Any) -> ActionResult:
        wanted = response._get_param("prefixes")
        templates = _kept(response, "templates")
        found = [_template(response, prefix) for prefix in wanted] if wanted else list(templates.values())
        return ActionResult({"registryId": response.current_account, "repositoryCreationTemplates": found})

    @add(ECRResponse)
    def update_repository_creation_template(response: Any) -> ActionResult:
        template = _template(response, response._get_param("prefix"))
        given = {name: response._get_param(name) for name in _TEMPLATE}
        template.update({name: value for name, value in given.items() if value is not None})
        template["updatedAt"] = _now()
        return _template_answer(response, template)

    @add(ECRResponse)
    def delete_repository_creation_template(response: Any) -> ActionResult:
        template = _template(response, response._get_param("prefix"))
        del _kept(response, "templates")[template["prefix"]]
        return _template_answer(response, template)


def _kept(response: Any, kind: str) -> dict[str, dict[str, Any]]:
    kept: dict[str, dict[str, Any]] = memory(response.ecr_backend).setdefault(kind, {})
    return kept


def _rule(response: Any, prefix: str) -> dict[str, Any]:
    if prefix not in _kept(response, "rules"):
        raise EcrError(
            "PullThroughCacheRuleNotFoundException",
            f"The pull through cache rule with prefix '{prefix}' does not exist",
        )
    return _kept(response, "rules")[prefix]


def _template(response: Any, prefix: str) -> dict[str, Any]:
    if prefix not in _kept(response, "templates"):
        raise EcrError(
            "TemplateNotFoundException",
            f"The repository creation template with prefix '{prefix}' does not exist",
        )
    return _kept(response, "templates")[prefix]


def _template_answer(response: Any, template: dict[str, Any]) -> ActionResult:
    return ActionResult({"registryId": response.current_account, "repositoryCreationTemplate": template})


def _registry(url: str) -> str:
    if url in _REGISTRIES:
        return _REGISTRIES[url]
    if url.endswith(".azurecr.io"):
        return "azure-container-registry"
    if ".dkr.ecr." in url:
        return "ecr"
    raise EcrError("UnsupportedUpstreamRegistryException", f"The upstream registry {url} is not supported")


def _now() -> datetime:
    return datetime.now(UTC)
