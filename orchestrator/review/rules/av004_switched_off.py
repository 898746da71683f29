"""What works is switched off."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from orchestrator.review.context import PlanInContext
from orchestrator.review.finding import Hit, Severity, rule
from orchestrator.review.plan import Change, at, dotted
from orchestrator.review.rules._common import goes_on, number, same, stops

# Type → attribute, the value with which it works, what its end means, how bad that is.
_SWITCHES: dict[str, tuple[str, Any, str, Severity]] = {
    "aws_autoscaling_policy": ("enabled", True, "the group is not scaled by it", "low"),
    "aws_batch_compute_environment": ("state", "ENABLED", "no job is placed there", "low"),
    "aws_batch_job_queue": ("state", "ENABLED", "the queue takes no jobs", "low"),
    "aws_cloudfront_distribution": ("enabled", True, "the distribution answers nobody", "medium"),
    "aws_cloudwatch_composite_alarm": ("actions_enabled", True, "the alarm tells nobody", "low"),
    "aws_cloudwatch_event_rule": ("state", "ENABLED", "the rule does nothing", "low"),
    "aws_cloudwatch_metric_alarm": ("actions_enabled", True, "the alarm tells nobody", "low"),
    "aws_db_event_subscription": ("enabled", True, "nobody is told of the databases' events", "low"),
    "aws_dms_event_subscription": ("enabled", True, "nobody is told of the replication's events", "low"),
    "aws_dms_replication_task": ("start_replication_task", True, "nothing is replicated", "low"),
    "aws_docdb_event_subscription": ("enabled", True, "nobody is told of the databases' events", "low"),
    "aws_ec2_instance_state": ("state", "running", "the instance is stopped", "medium"),
    "aws_globalaccelerator_accelerator": ("enabled", True, "the accelerator takes no traffic", "medium"),
    "aws_glue_trigger": ("enabled", True, "the trigger starts nothing", "low"),
    "aws_imagebuilder_image_pipeline": ("status", "ENABLED", "no images are built by schedule", "low"),
    "aws_iot_topic_rule": ("enabled", True, "the rule does nothing", "low"),
    "aws_kinesisanalyticsv2_application": ("start_application", True, "the application is stopped", "low"),
    "aws_lambda_event_source_mapping": ("enabled", True, "nothing is read from the source", "low"),
    "aws_neptune_event_subscription": ("enabled", True, "nobody is told of the databases' events", "low"),
    "aws_pipes_pipe": ("desired_state", "RUNNING", "the pipe carries nothing", "low"),
    "aws_redshift_event_subscription": ("enabled", True, "nobody is told of the warehouse's events", "low"),
    "aws_redshift_scheduled_action": ("enable", True, "the action is not run", "low"),
    "aws_route53_health_check": ("disabled", False, "the check takes everything for healthy", "low"),
    "aws_scheduler_schedule": ("state", "ENABLED", "the schedule starts nothing", "low"),
    "aws_ses_configuration_set": ("sending_enabled", True, "no mail is sent with it", "medium"),
    "aws_ses_receipt_rule": ("enabled", True, "mail is not handled by it", "low"),
    "aws_sesv2_configuration_set": (
        "sending_options.0.sending_enabled",
        True,
        "no mail is sent with it",
        "medium",
    ),
    "aws_ssm_maintenance_window": ("enabled", True, "nothing is done in the window", "low"),
    "aws_synthetics_canary": ("start_canary", True, "the canary looks no more", "low"),
}
_ALARMS = ("aws_cloudwatch_metric_alarm", "aws_cloudwatch_composite_alarm")
_SCALING = (
    "suspended_state.0.dynamic_scaling_in_suspended",
    "suspended_state.0.dynamic_scaling_out_suspended",
    "suspended_state.0.scheduled_scaling_suspended",
)


@rule(
    "AV004",
    "What works is switched off",
    "low",
    "availability",
    why="What it did is not done any more, and nothing fails that would tell.",
    fix="Leave it on; when it has to be off for a time, say until when.",
    source="https://docs.aws.amazon.com/wellarchitected/latest/reliability-pillar/change-management.html",
)
def works_no_more(change: Change, plan: PlanInContext) -> Iterable[Hit]:
    if change.type in _SWITCHES:
        path, on, meaning, severity = _SWITCHES[change.type]
        # Replaced together with what it belongs to or not: off is off.
        if stops(change, path, on):
            yield Hit(meaning, path, on, at(change.after, *dotted(path)), severity)
    if change.type in _ALARMS:
        yield from _alarm(change, plan)
    if change.action == "delete" and not change.deposed:
        yield from _starts_no_more(change, plan)
    if goes_on(change):
        yield from _scales_no_more(change)


def _alarm(change: Change, plan: PlanInContext) -> Iterator[Hit]:
    name = change.before.get("alarm_name")
    told = change.before.get("alarm_actions")
    if not told or change.before.get("actions_enabled") is False:
        return
    if goes_on(change) and not change.is_unknown("alarm_actions") and not change.after.get("alarm_actions"):
        yield Hit("the alarm tells nobody", "alarm_actions", told, change.after.get("alarm_actions"))
    if (
        not change.ends
        or change.deposed
        or (change.action == "replace" and change.after.get("alarm_name") == name)
    ):
        return
    others = [
        other
        for other in plan.by_type.get(change.type, ())
        if other is not change and other.action != "delete" and other.after.get("alarm_name") == name
    ]
    made = [other.address for other in others if not other.stays]
    if made and change.action == "delete":
        text = f"{made[0]} makes {name} anew, and this may delete it after that: it is known by its name only"
        yield Hit(text, "alarm_name", name, None)
    watched = dict(change.before.get("dimensions") or {}).values()
    if not others and not plan.ends(*watched):
        yield Hit(
            f"nobody is told any more what {name} told", "alarm_name", name, change.after.get("alarm_name")
        )


def _starts_no_more(change: Change, plan: PlanInContext) -> Iterator[Hit]:
    """What is started, or told, by something that goes stays itself."""
    before = change.before
    if change.type == "aws_cloudwatch_event_target":
        rest = any(
            other.action != "delete" and other.after.get("rule") == before.get("rule")
            for other in plan.by_type.get(change.type, ())
        )
        if not rest and not _others_end(change, plan, before.get("rule"), before.get("arn")):
            yield Hit(
                f"the rule {before.get('rule')} starts nothing any more", "arn", before.get("arn"), None
            )
    if change.type == "aws_lambda_event_source_mapping" and before.get("enabled") is not False:
        function, source = before.get("function_arn"), before.get("event_source_arn")
        twin = any(
            other.action != "delete" and (source is None or other.after.get("event_source_arn") == source)
            for other in plan.by_type.get(change.type, ())
        )
        if not twin and not plan.ends(function, before.get("function_name"), source):
            yield Hit("nothing is read from the source any more", "event_source_arn", source, None)
    if change.type == "aws_scheduler_schedule" and before.get("state") == "ENABLED":
        target = at(before, "target", 0, "arn")
        twin = any(
            other.action != "delete" and at(other.after, "target", 0, "arn") in (target, None)
            for other in plan.by_type.get(change.type, ())
        )
        if not twin and not plan.ends(target):
            yield Hit("its target is not started by it any more", "target.0.arn", target, None)


def _others_end(change: Change, plan: PlanInContext, *names: Any) -> bool:
    """Whether one of these names or ARNs is of something else that ends; a target has its function's ARN for its own."""
    return any(
        other.before.get(key) in names
        for other in plan.changes
        if other.ends and other.type != change.type
        for key in ("arn", "name")
        if other.before.get(key)
    )


def _scales_no_more(change: Change) -> Iterator[Hit]:
    if change.type == "aws_appautoscaling_target":
        for path in _SCALING:
            if stops(change, path, False) and same(at(change.after, *dotted(path)), True):
                yield Hit(f"{path.rpartition('.')[2]}: it is not scaled by that", path, False, True)
    path = "suspended_processes"
    if change.type == "aws_autoscaling_group" and not change.is_unknown(path):
        more = set(change.after.get(path) or ()) - set(change.before.get(path) or ())
        if more:
            yield Hit(f"the group does without {', '.join(sorted(more))}", path)
    path = "deployment_minimum_healthy_percent"
    before, after = change.before.get(path), change.after.get(path)
    if (
        change.type == "aws_ecs_service"
        and number(before)
        and before
        and same(after, 0)
        and not change.is_unknown(path)
    ):
        yield Hit("a deployment may stop all tasks at once", path, before, after)
