"""IAM: who may do more after the plan."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from orchestrator.review.iam.policy import UNKNOWN, Statement
from orchestrator.review.plan import Change

_RESOURCE_POLICY = re.compile(
    r"_(?:bucket|queue|topic|key|vault|repository|domain|resource|secret\w*|layer_version|file_system)_?policy$|^aws_(?:kms_key|sqs_queue|sns_topic|kms_key_policy|secretsmanager_secret_policy|opensearch_domain)"
)


_ADMIN = ("AdministratorAccess", "IAMFullAccess", "PowerUserAccess")


_OPEN_TO_EVERYBODY_HELD_BACK_BY = re.compile(
    r":(?:aws:(?:principalorgid|principalorgpaths|principalaccount|principalarn|sourceaccount|sourcearn|sourceowner|sourcevpce?|sourceip|sourceorgid|userid|federatedprovider)|kms:calleraccount|kms:viaservice|s3:dataaccesspointaccount|elasticfilesystem:accessedviamounttarget)",
    re.IGNORECASE,
)


def _is_boundary(change: Change) -> bool:
    return "boundary" in change.address.lower() and change.type == "aws_iam_policy"


def _stars(statement: Statement) -> bool:
    return statement.allow and bool({"*", "*:*"} & statement.actions) and "*" in statement.resources


def _open_to_everybody(statements: Iterable[Statement]) -> bool:
    return any(
        statement.allow
        and statement.anybody
        and not any(_OPEN_TO_EVERYBODY_HELD_BACK_BY.search(item) for item in statement.conditions)
        for statement in statements
    )


def _list(values: Iterable[Any]) -> str:
    words = [str(value) for value in values]
    return ", ".join(words[:6]) + (f" and {len(words) - 6} more" if len(words) > 6 else "") or UNKNOWN
