"""IAM: who may do more after the plan."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from orchestrator.review.context import PlanInContext
from orchestrator.review.iam.actions import every
from orchestrator.review.iam.conditions import holds_back
from orchestrator.review.iam.globs import UNKNOWN, covered
from orchestrator.review.iam.policy import Statement, actions_of
from orchestrator.review.plan import Change

ADMIN = ("AdministratorAccess", "IAMFullAccess", "PowerUserAccess")
_RESOURCE_POLICY = re.compile(
    r"_(?:bucket|queue|topic|key|vault|repository|domain|resource|secret\w*|layer_version|file_system)_?policy$|^aws_(?:kms_key|sqs_queue|sns_topic|kms_key_policy|secretsmanager_secret_policy|opensearch_domain)"
)
_ONLY_LIMITS = re.compile(r"aws_vpc_endpoint|aws_organizations_policy$")
"""What narrows the callers' own policies, and grants nothing by itself."""

_TELLS_WHO = re.compile(
    r"aws:(?:principalorgid|principalorgpaths|principalaccount|principalarn|principalservicename|sourceaccount|sourcearn|sourceowner|sourcevpce?|sourceip|sourceorgid|sourceorgpaths|userid|federatedprovider)|kms:calleraccount|kms:viaservice|s3:dataaccesspointaccount|elasticfilesystem:accessedviamounttarget",
    re.IGNORECASE,
)


def grants(change: Change, plan: PlanInContext) -> bool:
    """Whether a change's policy gives somebody permissions: no resource's policy, no boundary, no limit."""
    if change.type == "aws_iam_policy" and change.general in plan.only_boundaries:
        return False
    return not _RESOURCE_POLICY.search(change.type) and not _ONLY_LIMITS.match(change.type)


def only_limits(change: Change) -> bool:
    """Whether a change's policy narrows what others grant."""
    return bool(_ONLY_LIMITS.match(change.type))


def everywhere(statement: Statement) -> bool:
    """Whether it speaks of all resources, or of all but some."""
    if statement.not_resources:
        return True
    return any(
        covered(every, statement.resources)
        for every in ("*", "arn:*", "arn:aws:*", "arn:aws:*:*:*:*", "arn:aws-cn:*", "arn:aws-us-gov:*")
    )


def does_all(statement: Statement) -> bool:
    """Whether it allows every action on every resource."""
    return statement.allow and actions_of(statement) == every() and everywhere(statement)


def held_back(statement: Statement) -> bool:
    """Whether a condition keeps anybody away."""
    return any(holds_back(condition) for condition in statement.conditions)


def open_to_everybody(statements: Iterable[Statement]) -> bool:
    """Whether somebody is let in who is not named, nor told apart by a condition."""
    return any(
        statement.allow
        and statement.anybody
        and not any(
            _TELLS_WHO.fullmatch(condition.key) and holds_back(condition)
            for condition in statement.conditions
        )
        for statement in statements
    )


def listed(values: Iterable[Any]) -> str:
    """A few of them, and how many more there are."""
    words = [str(value) for value in values]
    return ", ".join(words[:6]) + (f" and {len(words) - 6} more" if len(words) > 6 else "") or UNKNOWN
