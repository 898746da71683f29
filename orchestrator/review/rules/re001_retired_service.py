"""Something is built on a service that AWS has ended."""

from __future__ import annotations

from collections.abc import Iterable

from orchestrator.review.context import PlanInContext
from orchestrator.review.finding import Hit, Severity, rule
from orchestrator.review.plan import Change

# Type prefix → what AWS says.
_ENDED: dict[str, tuple[str, Severity]] = {
    "aws_appmesh_": ("AWS App Mesh ended on 2026-09-30; take ECS Service Connect or VPC Lattice", "high"),
    "aws_opsworks_": ("AWS OpsWorks ended on 2024-05-26", "high"),
    "aws_qldb_": ("Amazon QLDB ended on 2025-07-31", "high"),
    "aws_elasticsearch_": ("Amazon Elasticsearch Service is Amazon OpenSearch Service", "low"),
    "aws_waf_": ("AWS WAF Classic has ended; take WAFv2", "high"),
    "aws_wafregional_": ("AWS WAF Classic has ended; take WAFv2", "high"),
    "aws_launch_configuration": (
        "launch configurations take no new instance types; take a launch template",
        "medium",
    ),
    "aws_elastictranscoder_": ("Amazon Elastic Transcoder ended on 2025-11-13; take MediaConvert", "high"),
    "aws_codestarconnections_": ("CodeStar Connections is CodeConnections", "low"),
}


@rule(
    "RE001",
    "Something is built on a service that AWS has ended",
    "high",
    "retired",
    why="It can't be made in most accounts, or will be gone.",
    fix="Take the successor.",
    source="https://aws.amazon.com/products/lifecycle/",
)
def built_on_a_retired_service(change: Change, plan: PlanInContext) -> Iterable[Hit]:
    if change.action not in ("create", "replace", "import"):
        return
    for prefix, (meaning, severity) in _ENDED.items():
        if change.type.startswith(prefix):
            yield Hit(meaning, severity=severity)
