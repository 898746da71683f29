"""The platform that this repository ships, on the emulator: applied, unchanged, destroyed."""

from __future__ import annotations

import json
import re
import shutil
from collections import Counter
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Cli
from tests.e2e.conftest import Aws
from tests.e2e.inventory import inventory
from tests.evidence import record
from tests.pipelines.rendering import delivery_of
from tests.services import PLANNED, catalogue, number

Look = Callable[[Any], None]
REPOSITORY = Path(__file__).parents[2]
REGIONS = ("eu-central-1", "eu-west-1", "us-east-1")
"""Where environments have something: copies, all else, and what CloudFront takes."""


@pytest.fixture
def shipped(tmp_path: Path, emulator_root: Path, monkeypatch: pytest.MonkeyPatch, cli: Cli) -> Path:
    """A copy of the repository's platform. (It depends on `cli`, which changes the folder first.)"""
    root = tmp_path / "shipped"
    for name in ("terraform", "policy", "examples"):
        shutil.copytree(REPOSITORY / name, root / name, ignore=shutil.ignore_patterns(".terraform*"))
    (root / ".orchestrator").mkdir()
    (root / ".orchestrator" / "emulator").symlink_to(emulator_root)
    monkeypatch.chdir(root)
    return root


def applied_types(root: Path, environment: str) -> dict[str, dict[str, int]]:
    """Layer → resource type → how many its state has."""
    found: dict[str, dict[str, int]] = {}
    for path in sorted((root / ".orchestrator" / environment / "state").glob("*.tfstate")):
        types: Counter[str] = Counter()
        for resource in json.loads(path.read_text())["resources"]:
            if resource["mode"] == "managed":
                types[resource["type"]] += len(resource["instances"])
        found[path.stem] = dict(types)
    return found


def finding_seen(finding: dict[str, Any]) -> dict[str, str]:
    """A finding as the page of services counts it."""
    kind = re.findall(r"(?:^|\.)(aws_\w+)\.", finding["address"])[-1]
    layer = re.match(r"module\.([\w-]+)", finding["address"])
    return {
        "id": finding["id"],
        "status": finding["status"],
        "layer": finding["layer"] or (layer[1] if layer else ""),
        "type": kind,
    }


# What somebody who applies all of it says yes to by name.
EVERYTHING = {
    ("EX003", 'module.compute.aws_ecr_repository_policy.this["base"]'),
    ("EX003", 'module.messaging.aws_cloudwatch_event_bus_policy.this["shop"]'),
    ("CO001", "module.security.aws_shield_subscription.this[0]"),
    ("IA001", 'module.auth.aws_iam_role_policy_attachment.deploy_apply["PowerUserAccess"]'),
    ("IA005", "module.auth.aws_iam_role_policy.deploy_apply[0]"),
    (
        "IA001",
        'module.compute.aws_eks_access_policy_association.this["operators/AmazonEKSClusterAdminPolicy"]',
    ),
}


def apply_unchanged_destroy(
    root: Path,
    environment: str,
    cli: Cli,
    aws: Aws,
    look: Look,
    *,
    to_confirm: Collection[tuple[str, str]] = (),
    seen_as: str | None = None,
) -> None:
    """The life of an environment; ``look`` is called with its outputs while it stands.

    ``to_confirm``: what its review blocks; ``seen_as``: under which name the page of services has it.
    """
    before = inventory(aws.client, REGIONS)
    planned = cli("plan", "--env", environment, "--json")
    assert planned.code == 0, planned.out + planned.err
    plan = planned.json()
    blocking = [finding for finding in plan["review"]["findings"] if finding["blocks"]]
    assert {(finding["id"], finding["address"]) for finding in blocking} == set(to_confirm)
    confirm = [word for finding in blocking for word in ("--confirm", finding["address"])]
    applied = cli("apply", "--env", environment, "--plan", plan["id"], *confirm)
    assert applied.code == 0, applied.out + applied.err
    types = applied_types(root, environment)
    again = cli("apply", "--env", environment, "--yes")
    unchanged = again.code == 0 and "No changes." in again.out
    look(cli("output", "--env", environment, "--json").json())
    destroyed = cli("destroy", "--env", environment, "--yes")
    left = inventory(aws.client, REGIONS) ^ before
    seen = {"applied": types, "unchanged": unchanged, "destroyed": destroyed.code == 0 and not left}
    record("environments", seen_as or environment, seen)
    assert unchanged, again.out + again.err
    assert destroyed.code == 0, destroyed.out + destroyed.err
    assert left == set()


def delivered_as_generated(aws: Aws, outputs: Any) -> None:
    """The pipelines that `pipelines generate --target codepipeline` has written, as AWS has them."""
    pipelines = aws.client("codepipeline")

    def stages(name: str) -> dict[str, list[dict[str, Any]]]:
        found = pipelines.get_pipeline(name=outputs["pipeline_names"][name])["pipeline"]
        assert found["pipelineType"] == "V2"
        assert found["artifactStore"]["encryptionKey"]["type"] == "KMS"
        return {stage["name"]: stage["actions"] for stage in found["stages"]}

    platform = stages("platform")
    waves = [name for name in platform if name.startswith("Apply-")]
    assert list(platform) == ["Source", "Test", "Plan", "Review", *waves]
    assert platform["Source"][0]["actionTypeId"]["provider"] == "CodeStarSourceConnection"
    assert platform["Plan"][0]["namespace"] == "plan"
    review = platform["Review"][0]["configuration"]
    assert review["CustomData"] == "#{plan.REVIEW_SUMMARY}"
    assert review["ExternalEntityLink"] == "#{plan.REVIEW_LINK}"
    assert review["NotificationArn"] == outputs["topic_arn"]
    given = [
        {
            one["name"]: one["value"]
            for one in json.loads(platform[wave][0]["configuration"]["EnvironmentVariables"])
        }
        for wave in waves
    ]
    assert [one["PLAN_ID"] for one in given] == ["#{plan.PLAN_ID}"] * len(waves)
    assert given[0]["LAYERS"] == "security"
    assert given[-1]["LAYERS"] == "cicd"
    trigger = pipelines.get_pipeline(name=outputs["pipeline_names"]["platform"])["pipeline"]["triggers"][0]
    assert "terraform/**" in trigger["gitConfiguration"]["push"][0]["filePaths"]["includes"]

    catalog = stages("catalog")
    assert [action["actionTypeId"]["provider"] for actions in catalog.values() for action in actions] == [
        "CodeStarSourceConnection",
        "CodeBuild",
        "Manual",
        "CodeDeployToECS",
    ]
    orders = stages("orders")["Deploy"][0]["configuration"]
    assert orders["PublishedTargetVersion"] == "#{code.VERSION}"
    assert orders["Alarms"]
    group = aws.client("codedeploy").get_deployment_group(
        applicationName=outputs["deployment_application_names"]["catalog"],
        deploymentGroupName=outputs["deployment_group_names"]["catalog"],
    )["deploymentGroupInfo"]
    assert group["alarmConfiguration"]["enabled"]
    assert "DEPLOYMENT_STOP_ON_ALARM" in group["autoRollbackConfiguration"]["events"]

    projects = {
        project["name"]: project
        for project in aws.client("codebuild").batch_get_projects(
            names=list(outputs["project_names"].values())
        )["projects"]
    }
    plan = projects[outputs["project_names"]["plan"]]
    assert plan["source"]["buildspec"] == ".aws/orchestrator/plan.yml"
    assert plan["encryptionKey"].startswith("arn:aws:kms:")
    group_name = plan["logsConfig"]["cloudWatchLogs"]["groupName"]
    logs = aws.client("logs").describe_log_groups(logGroupNamePrefix=group_name)["logGroups"]
    assert [log["kmsKeyId"][:12] for log in logs if log["logGroupName"] == group_name] == ["arn:aws:kms:"]
    role = projects[outputs["project_names"]["orders-code"]]["serviceRole"].rpartition("/")[2]
    policy = str(aws.client("iam").get_role_policy(RoleName=role, PolicyName="build")["PolicyDocument"])
    assert "lambda:PublishVersion" in policy
    assert "lambda:UpdateAlias" not in policy
    started = aws.client("events").list_rule_names_by_target(TargetArn=outputs["pipeline_arns"]["drift"])[
        "RuleNames"
    ]
    assert aws.client("events").describe_rule(Name=started[0])["ScheduleExpression"] == "cron(0 3 * * ? *)"


@pytest.mark.parametrize("which", ["quick", pytest.param("all", marks=pytest.mark.slow)])
def test_every_service_is_applied_without_drift_and_destroyed_without_a_trace(
    shipped: Path, cli: Cli, aws: Aws, which: str
) -> None:
    def look(outputs: Any) -> None:
        assert set(outputs["compute"]["function_arns"]) == {"orders", "invoices"}
        assert outputs["security"]["cloudfront_web_acl_arn"]
        if which == "quick":
            delivered_as_generated(aws, outputs["cicd"])

    if which == "quick":
        file = shipped / "terraform" / "envs" / "local-full" / "environment.yaml"
        file.write_text("extends: ../full.yaml\n")
        file.with_name("pipeline.yaml").write_text(delivery_of(shipped, "local-full"))
        file.write_text("extends: [../full.yaml, pipeline.yaml]\n")
    seen_as = None if which == "quick" else "slow: all of local-full"
    apply_unchanged_destroy(shipped, "local-full", cli, aws, look, to_confirm=EVERYTHING, seen_as=seen_as)


@pytest.mark.slow  # `local-full` has all of it
def test_local_is_applied_without_drift_and_destroyed_without_a_trace(
    shipped: Path, cli: Cli, aws: Aws
) -> None:
    def look(outputs: Any) -> None:
        assert len(outputs["network"]["private_subnet_ids"]) == 3
        assert {"data", "logs", "messaging", "secrets"} <= set(outputs["security"]["kms_key_arns"])
        sns, sqs = aws.client("sns"), aws.client("sqs")
        sns.publish(TopicArn=outputs["messaging"]["topic_arns"]["orders"], Message="an order")
        url = outputs["messaging"]["queue_urls"]["fulfilment"]
        message = sqs.receive_message(QueueUrl=url, WaitTimeSeconds=1)["Messages"][0]
        assert message["Body"] == "an order"

        routes = aws.client("apigatewayv2").get_routes(ApiId=outputs["api"]["http_api_id"])["Items"]
        assert {"POST /orders", "GET /orders/{id}", "GET /catalog"} <= {route["RouteKey"] for route in routes}
        role = outputs["compute"]["service_role_arns"]["orders"].rpartition("/")[2]
        policy = aws.client("iam").get_role_policy(RoleName=role, PolicyName="uses")["PolicyDocument"]
        assert outputs["data"]["table_arns"]["orders"] in str(policy)
        assert outputs["data"]["table_arns"]["sessions"] not in str(policy)

    apply_unchanged_destroy(shipped, "local", cli, aws, look)
    keys = aws.client("kms")
    metadata = [keys.describe_key(KeyId=key["KeyId"])["KeyMetadata"] for key in keys.list_keys()["Keys"]]
    ours = [key for key in metadata if key["Description"].startswith("shop-local-")]
    assert {key["KeyState"] for key in ours} == {"PendingDeletion"}


def add_variable(path: Path, layer: str, setting: str) -> int:
    """Add a variable to a layer that an environment file has an entry for; its line."""
    before, entry, after = path.read_text().partition(f"  {layer}:\n    variables:\n")
    assert entry
    path.write_text(f"{before}{entry}      {setting}\n{after}")
    return len((before + entry).splitlines()) + 1


@pytest.mark.slow
def test_app_mesh_is_applied_without_drift_and_destroyed_without_a_trace(
    shipped: Path, cli: Cli, aws: Aws
) -> None:
    def look(outputs: Any) -> None:
        assert outputs["api"]

    path = shipped / "terraform" / "envs" / "local" / "environment.yaml"
    add_variable(path, "api", "mesh: {kind: appmesh, acknowledge_end_of_support: true}")
    plan = cli("plan", "--env", "local", "--json").json()
    blocking = {(item["id"], item["address"]) for item in plan["review"]["findings"] if item["blocks"]}
    assert {id for id, _ in blocking} == {"RE001"}  # AWS has ended it
    apply_unchanged_destroy(
        shipped, "local", cli, aws, look, to_confirm=blocking, seen_as="slow: local with App Mesh"
    )


@pytest.mark.parametrize(
    "name", [name if name == "prod" else pytest.param(name, marks=pytest.mark.slow) for name in PLANNED]
)
def test_the_other_environments_hold_together_and_pass_the_policy_when_planned_on_an_empty_account(
    shipped: Path, cli: Cli, name: str
) -> None:
    path = shipped / "terraform" / "envs" / name / "environment.yaml"
    lines = [line for line in path.read_text().splitlines() if not line.startswith("account_id")]
    backend = lines.index("backend:")
    del lines[backend : backend + 4]
    path.write_text("\n".join([*lines, 'account_id: "123456789012"', "emulator: true", ""]))
    plan = cli("plan", "--env", name, "--json")
    assert plan.code == 0, plan.err
    content = plan.json()
    assert content["counts"]["create"] > 60
    findings = content["policy"]["findings"]
    assert [item for item in findings if item["status"] == "failed"] == []
    record("scans", name, {"findings": list(map(finding_seen, findings))})
    types = {
        layer: dict(Counter(change["type"] for change in part["changes"]))
        for layer, part in content["layers"].items()
    }
    record("plans", name, {"types": types})
    absent = {entry["service"] for entry in catalogue() if not number(types, entry)}
    assert absent == {entry["service"] for entry in catalogue() if name in entry.get("absent", {})}
    public = {change["address"] for change in content["layers"]["api"]["changes"]}
    assert {f"module.api.aws_wafv2_web_acl_association.{entry}[0]" for entry in ("alb", "rest")} <= public
    nat = [
        change for change in content["layers"]["network"]["changes"] if change["type"] == "aws_nat_gateway"
    ]
    assert len(nat) == (1 if name == "dev" else 3)


def test_the_modules_code_passes_the_policy(shipped: Path, cli: Cli) -> None:
    scan = cli("scan", "--json")
    assert scan.code == 0, scan.out
    report = scan.json()
    assert report["resources"] > 40
    record("scans", "code", {"findings": list(map(finding_seen, report["findings"]))})
    assert all(item["reason"] for item in report["findings"])


def test_a_value_that_a_module_refuses_is_named_where_the_environment_says_it(
    shipped: Path, cli: Cli
) -> None:
    path = shipped / "terraform" / "envs" / "local" / "environment.yaml"
    line = add_variable(path, "security", "deletion_window_in_days: 3")
    refused = cli("plan", "--env", "local", "--layer", "security")
    assert refused.code == 1
    place = f"terraform/envs/local/environment.yaml:{line}: layers.security.variables.deletion_window_in_days"
    assert f"{place}: deletion_window_in_days lies between 7 and 30." in refused.err


REFUSED = {
    "a range that is too small": (
        "network: {variables: {vpc_cidr: 10.0.0.0/26}}",
        {
            "vpc_cidr": 'between /16 and /20, as in 10.20.0.0/16, and names its first address; got "10.0.0.0/26"'
        },
    ),
    "ranges that overlap": (
        "network: {variables: {connected_cidrs: {head-office: 10.0.0.0/8}}}",
        {
            "connected_cidrs.head-office": "overlaps with a connected network; look at head-office (10.0.0.0/8)"
        },
    ),
    "Shield without acknowledgement": (
        "security: {variables: {shield: {protections: {}}}}",
        {"shield": "shield.subscription_acknowledged must be true: Shield Advanced costs USD 3,000 a month"},
    ),
    "a mesh without acknowledgement": (
        "api: {variables: {mesh: {kind: appmesh}}}",
        {"mesh.kind": "AWS ended App Mesh on 2026-09-30"},
    ),
    "versions and classes that are not offered": (
        "data: {variables: {databases: {old: {engine: postgres, engine_version: '9.6', instance_class: db.t4g.big}}, "
        "caches: {tiny: {engine_version: '3.0', node_type: t4g.small}}}}",
        {
            "databases.old.engine_version": "got postgres 9.6 (old)",
            "databases.old.instance_class": "got db.t4g.big (old)",
            "caches.tiny.engine_version": "got valkey 3.0 (tiny)",
            "caches.tiny.node_type": "got t4g.small (tiny)",
        },
    ),
    "versions and classes of clusters that are not offered": (
        "data: {variables: {aurora_clusters: {old: {engine: aurora-mysql, engine_version: '5.7', instance_class: db.t2.small}}}}",
        {
            "aurora_clusters.old.engine_version": "got 5.7 (old)",
            "aurora_clusters.old.instance_class": "got db.t2.small (old)",
        },
    ),
    "a search engine that is not offered": (
        "observability: {variables: {opensearch_domain: {administrators: ['arn:aws:iam::123456789012:role/a'], "
        "engine_version: OpenSearch_2.8, instance_type: q1.big.search}}}",
        {
            "opensearch_domain.engine_version": "got OpenSearch_2.8",
            "opensearch_domain.instance_type": "got q1.big.search",
        },
    ),
    "a Kubernetes that is not offered": (
        "compute: {variables: {eks: {version: '1.20', node_groups: {nodes: {instance_types: [big], max_size: 2}}}}}",
        {"eks.version": 'got "1.20"', "eks.node_groups.nodes.instance_types": "got big"},
    ),
    "a queue that is not there": (
        "messaging: {variables: {schedules: {tick: {expression: rate(1 hour), target: {queue: jobs}}}}}",
        {"schedules": "target names something that is not in queues"},
    ),
}


def wrong(shipped: Path, settings: str) -> str:
    """An environment ``wrong`` on the emulator; its file."""
    folder = shipped / "terraform" / "envs" / "wrong"
    folder.mkdir()
    (folder / "environment.yaml").write_text(f"extends: ../local/environment.yaml\n{settings}\n")
    return "terraform/envs/wrong/environment.yaml"


@pytest.mark.parametrize("what", REFUSED)
def test_what_aws_would_refuse_or_charge_for_is_named_by_the_key_in_the_environment(
    shipped: Path, cli: Cli, what: str
) -> None:
    settings, expected = REFUSED[what]
    layer = settings.partition(":")[0]
    file = wrong(shipped, f"layers:\n  {settings}")
    refused = cli("config", "validate", "--env", "wrong")
    assert refused.code == 1
    for key, message in expected.items():
        place = f"{file}:3: layers.{layer}.variables.{key}: "
        lines = [line for line in refused.err.splitlines() if place in line]
        assert any(message in line for line in lines), refused.err


@pytest.mark.parametrize(
    ("settings", "place", "message"),
    [
        (
            "services: {orders: {uses: {tables: {invoices: read}}}}",
            "2: services.orders.uses.tables.invoices",
            'no "invoices"',
        ),
        (
            "services: {orders: {uses: {queues: {jobs: send}}}}",
            "2: services.orders.uses.queues.jobs",
            'no "jobs"',
        ),
        (
            "services: {catalog: {routes: ['GET /orders/{number}']}}",
            "2: services.catalog.routes[0]",
            "two services answer GET /orders/{number}",
        ),
    ],
)
def test_a_service_that_does_not_fit_into_the_platform_is_named(
    shipped: Path, cli: Cli, settings: str, place: str, message: str
) -> None:
    file = wrong(shipped, settings)
    refused = cli("plan", "--env", "wrong")
    assert refused.code == 1
    assert f"{file}:{place}: " in refused.err
    assert message in refused.err
