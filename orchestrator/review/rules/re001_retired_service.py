"""Something is built on a service that AWS has ended."""

from __future__ import annotations

from collections.abc import Iterable

from orchestrator.review.context import PlanInContext
from orchestrator.review.finding import Hit, Severity, rule
from orchestrator.review.plan import Change
from orchestrator.review.rules._common import begins, goes_on

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
    "aws_evidently_": ("CloudWatch Evidently ended on 2025-10-16; take AppConfig", "high"),
    "aws_pinpoint_": ("Amazon Pinpoint ended on 2026-10-30; take End User Messaging", "high"),
    "aws_kinesis_analytics_application": (
        "Kinesis Data Analytics for SQL ended on 2026-01-27; take Managed Service for Apache Flink",
        "high",
    ),
    "aws_media_store_": ("AWS Elemental MediaStore ended on 2025-11-13; take S3", "high"),
    "aws_codestarconnections_": ("CodeStar Connections is CodeConnections", "low"),
    "aws_rekognition_stream_processor": (
        "AWS closed Rekognition's streaming video analysis to new customers on 2026-04-30",
        "medium",
    ),
}

_RUNTIMES = frozenset(
    {
        *(
            "nodejs",
            "nodejs4.3",
            "nodejs4.3-edge",
            "nodejs6.10",
            "nodejs8.10",
            "nodejs10.x",
            "nodejs12.x",
            "nodejs14.x",
        ),
        *(
            "nodejs16.x",
            "nodejs18.x",
            "python2.7",
            "python3.6",
            "python3.7",
            "python3.8",
            "python3.9",
            "ruby2.5",
            "ruby2.7",
        ),
        *(
            "java8",
            "go1.x",
            "provided",
            "dotnetcore1.0",
            "dotnetcore2.0",
            "dotnetcore2.1",
            "dotnetcore3.1",
            "dotnet6",
        ),
    }
)
"""Lambda's runtimes that have reached their end: https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html"""


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
    if not change.creates and not goes_on(change):
        return
    runtime = str(change.after.get("runtime") or "")
    if change.type == "aws_lambda_function" and begins(change, "runtime", runtime) and runtime in _RUNTIMES:
        yield Hit(f"the runtime {runtime} is not mended any more", "runtime", None, runtime, "medium")
    if change.action == "update":
        return
    for prefix, (meaning, severity) in _ENDED.items():
        if change.type.startswith(prefix):
            yield Hit(meaning, severity=severity)
