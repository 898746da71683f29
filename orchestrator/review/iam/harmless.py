"""What a policy may allow besides without anybody having to stop for it.

Some actions can be granted on ``*`` only, and say no more than what there is, or leave a measurement. Others read what
could be read already: a query of a table whose items are got by key, or of one of its indexes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import cache

from orchestrator.review.iam.policy import Statement, actions_of

_LEAVE_NO_MORE = frozenset({"cloudwatch:putmetricdata", "xray:puttracesegments", "xray:puttelemetryrecords"})
"""Writes of measurements; they have no resources either."""

_NEEDED_FIRST = frozenset({"ecr:getauthorizationtoken", "sts:getcalleridentity", "xray:getsamplingrules"})
"""Reads whose names do not say that they tell nothing, and that much begins with."""

_TELLS_MORE = frozenset(
    {
        "autoscaling:describelaunchconfigurations",
        "batch:describejobdefinitions",
        "batch:describejobs",
        "ec2:describeinstanceattribute",
        "ec2:describelaunchtemplateversions",
        "ec2:describespotfleetrequests",
        "ec2:describespotinstancerequests",
        "ecs:describetaskdefinition",
        "iam:listaccesskeys",
        "lambda:listfunctions",
        "opsworks:describeapps",
        "opsworks:describestacks",
        "redshift:describetable",
        "ssm:describeautomationexecutions",
        "ssm:listcommandinvocations",
        "ssm:listcommands",
    }
)
"""What shows environment variables, user data and the like: secrets stand there."""

_SAME_DATA: dict[str, frozenset[str]] = {
    "dynamodb:getitem": frozenset({"dynamodb:batchgetitem", "dynamodb:query"}),
    "dynamodb:query": frozenset({"dynamodb:getitem", "dynamodb:batchgetitem"}),
    "dynamodb:scan": frozenset({"dynamodb:getitem", "dynamodb:batchgetitem", "dynamodb:query"}),
    "kinesis:getrecords": frozenset({"kinesis:describestream", "kinesis:describestreamsummary"}),
    "secretsmanager:getsecretvalue": frozenset({"secretsmanager:describesecret"}),
    "sqs:receivemessage": frozenset({"sqs:getqueueattributes", "sqs:getqueueurl"}),
    "ssm:getparameter": frozenset({"ssm:getparameters"}),
}
"""What reads a resource's data → what reads the same of it."""

_TABLE = re.compile(r"(arn:[\w-]+:dynamodb:[^:]*:[^:]*:table/[^/*?]+)$")


@cache
def only_looks() -> frozenset[str]:
    """The actions (lower case) that can be granted on ``*`` only, and only list, describe or measure."""
    from policy_sentry.querying.actions import (
        get_actions_at_access_level_that_support_wildcard_arns_only as without_resources,
    )

    named = re.compile(r":(?:describe|list)")  # BatchGetSecretValue is of the level List, too
    levels = (without_resources("all", "List"), without_resources("all", "Read"))
    found = {action.lower() for level in levels for action in level if named.search(action.lower())}
    return frozenset((found | _NEEDED_FIRST | _LEAVE_NO_MORE) - _TELLS_MORE)


def with_looks(statements: Sequence[Statement]) -> list[Statement]:
    """An identity's statements, and one that allows what only looks."""
    return [*statements, Statement(allow=True, actions=only_looks(), resources=frozenset({"*"}))]


def with_neighbours(statements: Iterable[Statement]) -> list[Statement]:
    """Statements that allow, besides, to read in other ways what they let one read, and a table's indexes along with it."""
    return [_wider(statement) if statement.allow else statement for statement in statements]


def _wider(statement: Statement) -> Statement:
    if statement.not_actions:
        return statement
    mine = actions_of(statement)
    reads = {action for lead, others in _SAME_DATA.items() if lead in mine for action in others}
    indexes = {f"{match[1]}/index/*" for name in statement.resources if (match := _TABLE.match(name))}
    return replace(statement, actions=statement.actions | reads, resources=statement.resources | indexes)
