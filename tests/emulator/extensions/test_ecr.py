"""ECR: pull-through caches and repository creation templates."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.emulator.conftest import Aws


@pytest.fixture
def registry(aws: Aws) -> Any:
    return aws("ecr")


def test_a_pull_through_cache_is_kept_by_its_prefix(registry: Any, name: str) -> None:
    made = registry.create_pull_through_cache_rule(
        ecrRepositoryPrefix=name, upstreamRegistryUrl="public.ecr.aws"
    )
    assert made["upstreamRegistry"] == "ecr-public"
    with pytest.raises(ClientError, match="PullThroughCacheRuleAlreadyExistsException"):
        registry.create_pull_through_cache_rule(
            ecrRepositoryPrefix=name, upstreamRegistryUrl="public.ecr.aws"
        )
    found = registry.describe_pull_through_cache_rules(ecrRepositoryPrefixes=[name])["pullThroughCacheRules"]
    assert [rule["upstreamRegistryUrl"] for rule in found] == ["public.ecr.aws"]
    registry.delete_pull_through_cache_rule(ecrRepositoryPrefix=name)
    with pytest.raises(ClientError, match="PullThroughCacheRuleNotFoundException"):
        registry.describe_pull_through_cache_rules(ecrRepositoryPrefixes=[name])


def test_a_registry_that_wants_credentials_gets_them_and_they_change(registry: Any, name: str) -> None:
    given = {"ecrRepositoryPrefix": name, "upstreamRegistryUrl": "registry-1.docker.io"}
    with pytest.raises(ClientError, match="InvalidParameterException"):
        registry.create_pull_through_cache_rule(**given)
    secret = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:ecr-pullthroughcache/hub-"
    registry.create_pull_through_cache_rule(**given, credentialArn=f"{secret}aaaaaa")
    registry.update_pull_through_cache_rule(ecrRepositoryPrefix=name, credentialArn=f"{secret}bbbbbb")
    rule = registry.describe_pull_through_cache_rules(ecrRepositoryPrefixes=[name])["pullThroughCacheRules"][
        0
    ]
    assert rule["credentialArn"] == f"{secret}bbbbbb"
    with pytest.raises(ClientError, match="UnsupportedUpstreamRegistryException"):
        registry.create_pull_through_cache_rule(
            ecrRepositoryPrefix="nowhere", upstreamRegistryUrl="example.com"
        )


def test_a_creation_template_is_changed_and_removed(registry: Any, name: str) -> None:
    registry.create_repository_creation_template(
        prefix=name, appliedFor=["PULL_THROUGH_CACHE"], imageTagMutability="IMMUTABLE"
    )
    registry.update_repository_creation_template(prefix=name, description="mirrors")
    template = registry.describe_repository_creation_templates(prefixes=[name])[
        "repositoryCreationTemplates"
    ][0]
    assert (template["description"], template["imageTagMutability"]) == ("mirrors", "IMMUTABLE")
    registry.delete_repository_creation_template(prefix=name)
    with pytest.raises(ClientError, match="TemplateNotFoundException"):
        registry.delete_repository_creation_template(prefix=name)
