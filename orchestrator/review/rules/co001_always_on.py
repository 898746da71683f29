"""Something is paid for from now on."""

from __future__ import annotations

from collections.abc import Iterable

from orchestrator.review.context import PlanInContext
from orchestrator.review.finding import Hit, Severity, rule
from orchestrator.review.plan import Change

_ALWAYS: dict[str, tuple[str, Severity]] = {
    "aws_nat_gateway": ("a NAT gateway costs by the hour and by the gigabyte", "info"),
    "aws_shield_subscription": ("Shield Advanced commits to a year's fee", "high"),
    "aws_shield_protection": ("Shield Advanced commits to a year's fee", "low"),
    "aws_kinesis_stream": ("shards cost by the hour", "info"),
    "aws_msk_cluster": ("brokers cost by the hour", "info"),
    "aws_opensearch_domain": ("instances cost by the hour", "info"),
    "aws_redshift_cluster": ("nodes cost by the hour", "info"),
    "aws_eks_cluster": ("a cluster costs by the hour", "info"),
    "aws_db_instance": ("an instance costs by the hour", "info"),
    "aws_rds_cluster_instance": ("an instance costs by the hour", "info"),
    "aws_sagemaker_endpoint": ("instances cost by the second, whether they are asked or not", "info"),
    "aws_acmpca_certificate_authority": ("a certificate authority costs by the month", "medium"),
    "aws_dx_connection": ("a connection costs by the hour", "info"),
    "aws_lambda_provisioned_concurrency_config": ("provisioned concurrency costs while it is there", "info"),
}


@rule(
    "CO001",
    "Something is paid for from now on",
    "info",
    "cost",
    why="It costs while it is there, whether it is used or not.",
    fix="See that it is wanted in this environment.",
    source="https://docs.aws.amazon.com/wellarchitected/latest/cost-optimization-pillar/welcome.html",
)
def always_on(change: Change, plan: PlanInContext) -> Iterable[Hit]:
    if change.action == "create" and change.type in _ALWAYS:
        meaning, severity = _ALWAYS[change.type]
        yield Hit(meaning, severity=severity)
    if (
        change.action == "create"
        and change.type == "aws_vpc_endpoint"
        and change.after.get("vpc_endpoint_type") == "Interface"
    ):
        yield Hit("an interface endpoint costs by the hour and zone")
