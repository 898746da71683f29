"""Drift: what differs in meaning, what it is, what the next apply does about it, and what is known noise.

``plans/drift.json`` is what Terraform 1.11 and the AWS provider said of two layers in which somebody had been at work by hand:
the refresh-only plan, and the ordinary plan upon what it found; both redacted.
"""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterable
from datetime import date
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from orchestrator.config.project import Project
from orchestrator.drift.accept import check_as_shown, check_named, check_rest
from orchestrator.drift.classify import Drift, Fate, classify, drift_plan
from orchestrator.drift.difference import differences, same, shown
from orchestrator.drift.findings import TITLES, WORDS, review_drift
from orchestrator.drift.ignore import IgnoreList, load_ignore_list
from orchestrator.drift.report import DriftReport
from orchestrator.drift.revert import check_revertible
from orchestrator.errors import OrchestratorError
from orchestrator.modules.lifecycle import ignored_changes
from orchestrator.plan.model import split_plan
from orchestrator.plan.redact import Redactor
from orchestrator.plan.targeted import with_the_rest
from orchestrator.policy.rules import load_policy
from orchestrator.review.plan import plan_of
from orchestrator.review.source import Nowhere
from orchestrator.state.state import State
from orchestrator.views.drift import lasting_text, verdict_of, written
from tests.conftest import Cli
from tests.project import ProjectFolder

PLANS = json.loads((Path(__file__).parent / "plans" / "drift.json").read_text())
TODAY = date(2026, 6, 1)
WATCH = "module.watch."
NOISE = {
    "type": "aws_ssm_parameter",
    "attribute": "version",
    "owner": "platform team",
    "reason": "SSM counts versions by itself",
    "expires": "2026-12-31",
}


def classified(known: IgnoreList | None = None, *, following: bool = True) -> Drift:
    def ignores(address: str) -> tuple[str, ...] | None:
        return ("insecure_value",) if address.endswith(".ignored") else ()

    return classify(
        drift_plan(PLANS["refreshed"]),
        plan_of(PLANS["following"]) if following else None,
        ignores,
        known or IgnoreList(),
    )


def fates(drift: Drift, address: str) -> dict[str, Fate]:
    (found,) = [item for item in drift.resources if item.address == address]
    return {item.path: item.fate for item in found.attributes}


def ignore(folder: ProjectFolder, *entries: dict[str, Any], today: date = TODAY) -> IgnoreList:
    folder.write("policy/drift.yaml", json.dumps({"ignore": list(entries)}))
    return load_ignore_list(Project(folder.root), "prod", today)


def report_of(drift: Drift, folder: ProjectFolder) -> DriftReport:
    drifted = drift_plan(PLANS["refreshed"])
    policy = load_policy(Project(folder.root), "prod")
    review = review_drift(drift, drifted, Nowhere(), policy, reviewed=11)
    return DriftReport(
        "prod", "2026-06-01T02:00:00+00:00", ("watch", "net"), 11, drift, {}, (), (), review, drifted
    )


def test_each_difference_is_told_with_what_the_next_apply_does_about_it() -> None:
    drift = classified()
    assert {item.address: (item.kind, item.next) for item in drift.resources} == {
        "module.net.aws_security_group.this": ("changed", "update"),
        f"{WATCH}aws_cloudwatch_log_group.main": ("changed", "update"),
        f"{WATCH}aws_dynamodb_table.t": ("deleted", "create"),
        f'{WATCH}aws_ssm_parameter.each["a.b"]': ("deleted", "create"),
        f"{WATCH}aws_ssm_parameter.ignored": ("changed", "no-op"),
        f"{WATCH}aws_ssm_parameter.main": ("changed", "update"),
        f"{WATCH}aws_ssm_parameter.secret": ("changed", "update"),
    }
    assert drift.alike == 4  # the provider reads tags that were left out as an empty map
    assert fates(drift, f"{WATCH}aws_cloudwatch_log_group.main") == {
        "retention_in_days": "reverted",
        "tags.Owner": "reverted",  # and tags_all, which mirrors it, is not told twice
    }
    assert fates(drift, f"{WATCH}aws_ssm_parameter.main") == {
        "insecure_value": "reverted",
        "version": "unconfigured",
    }
    assert fates(drift, f"{WATCH}aws_ssm_parameter.ignored")["insecure_value"] == "ignored"
    assert fates(drift, f"{WATCH}aws_ssm_parameter.secret") == {"value": "reverted", "version": "follows"}
    unsettled = {item.address for item in drift.resources if not item.can_be_reverted}
    assert unsettled == {f"{WATCH}aws_ssm_parameter.ignored"}


def test_what_the_configuration_says_by_now_is_told_apart_from_what_it_leaves() -> None:
    plans = copy.deepcopy(PLANS)
    (change,) = [
        item["change"]
        for item in plans["following"]["resource_changes"]
        if item["address"] == f"{WATCH}aws_cloudwatch_log_group.main"
    ]
    drifted = drift_plan(plans["refreshed"])
    address = f"{WATCH}aws_cloudwatch_log_group.main"

    def retention(after: int, code: tuple[str, ...] | None = ()) -> Fate:
        change["after"]["retention_in_days"] = after
        drift = classify(drifted, plan_of(plans["following"]), lambda _: code, IgnoreList())
        return fates(drift, address)["retention_in_days"]

    assert retention(14) == "set"
    assert retention(30) == "configured"
    assert retention(30, ("all",)) == "ignored"
    assert retention(30, None) == "kept"
    change["actions"], change["after"] = ["delete"], None
    drift = classify(drifted, plan_of(plans["following"]), lambda _: (), IgnoreList())
    assert set(fates(drift, address).values()) == {"destroyed"}


def test_without_a_plan_nothing_is_claimed_of_the_next_apply(folder: ProjectFolder) -> None:
    drift = classified(following=False)
    assert {item.next for item in drift.resources} == {None}
    assert {item.fate for found in drift.resources for item in found.attributes} == {"unknown"}
    report = report_of(drift, folder)
    assert "the next apply" not in " ".join(
        item.message for item in report.review.findings if item.category == "drift"
    )


@pytest.mark.parametrize(
    ("state", "real", "paths"),
    [
        (None, {}, []),
        (None, {"Owner": "me"}, ["tags.Owner"]),
        ({"a": "x"}, {"a": "x", "b": ""}, []),
        ({"a": "x"}, None, ["tags.a"]),
        ([1, 2], [2, 1], ["tags.0", "tags.1"]),
        ([1], [1, 2], ["tags"]),
        (None, False, []),
        (None, True, ["tags"]),
        ('{"a": 1, "b": [2]}', '{"b":[2],"a":1}', []),
        ('{"a": 1}', '{"a": 2}', ["tags"]),
        ("{not json", "{not  json", ["tags"]),
        ([{"port": 22, "note": None}], [{"port": 22, "note": ""}], []),
    ],
)
def test_only_what_differs_in_meaning_is_a_difference(state: Any, real: Any, paths: list[str]) -> None:
    assert [shown(path) for path, _, _ in differences({"tags": state}, {"tags": real})] == paths
    assert same(state, real) is (not paths)


def test_known_noise_does_not_count_until_its_last_day(folder: ProjectFolder) -> None:
    everything = {**NOISE, "attribute": "*", "environments": ["prod"]}
    known = ignore(folder, NOISE, {**everything, "type": "aws_security_group"})
    drift = classified(known)
    assert [item.address for item in drift.of("noise")] == ["module.net.aws_security_group.this"]
    (main,) = [item for item in drift.counted if item.address == f"{WATCH}aws_ssm_parameter.main"]
    assert [item.path for item in main.told] == ["insecure_value"]
    assert known.problems(drift.used(), ["watch", "net"], whole=True) == ()
    kept = [finding for finding in report_of(drift, folder).review.findings if finding.id == "DR003"]
    assert [(item.severity, item.message) for item in kept] == [
        ("info", "ingress: SSM counts versions by itself (platform team, until 2026-12-31)")
    ]
    assert "EX001" not in {item.id for item in report_of(drift, folder).review.findings}

    late = ignore(folder, NOISE, today=date(2027, 1, 1))
    assert not classified(late).used()
    (problem,) = late.problems([], ["watch"], whole=True)
    assert problem.message == (
        "the entry for aws_ssm_parameter version expired on 2026-12-31, and does not count any more"
    )


def test_what_was_deleted_is_never_noise(folder: ProjectFolder) -> None:
    drift = classified(ignore(folder, {**NOISE, "type": "*", "attribute": "*"}))
    assert {item.kind for item in drift.counted} == {"deleted"}


def test_entries_that_match_nothing_are_told_where_they_can_be_judged(folder: ProjectFolder) -> None:
    by_address = {**NOISE, "type": None, "address": "module.data.*"}
    entries = [{key: value for key, value in by_address.items() if value}, {**NOISE, "type": "aws_eip"}]
    known = ignore(folder, *entries, {**NOISE, "type": "aws_vpc", "environments": ["dev"]})

    def told(layers: Iterable[str], *, whole: bool) -> list[str]:
        return [problem.message for problem in known.problems([], list(layers), whole=whole)]

    assert told(["watch"], whole=False) == []
    assert told(["data"], whole=False) == ["the entry for module.data.* version matched nothing this time"]
    assert len(told(["data", "watch"], whole=True)) == 2


@pytest.mark.parametrize(
    ("pattern", "attribute", "covered"),
    [
        ({"type": "aws_ssm_*"}, "tags.Owner", True),
        ({"type": "aws_ssm_*"}, "tags", True),
        ({"type": "aws_ssm_*"}, "tags_all.Owner", False),
        ({"type": "ssm"}, "tags", False),
        ({"address": "module.watch.*"}, "tags", True),
        ({"address": "module.watch.aws_ssm_parameter.each"}, "tags", True),
        ({"address": 'module.watch.aws_ssm_parameter.each["b"]'}, "tags", False),
    ],
)
def test_an_entry_covers_an_attribute_and_what_is_below_it(
    folder: ProjectFolder, pattern: dict[str, str], attribute: str, covered: bool
) -> None:
    entry = {key: value for key, value in NOISE.items() if key != "type"}
    known = ignore(folder, {**entry, **pattern, "attribute": "tags"})
    address = 'module.watch.aws_ssm_parameter.each["a"]'
    assert (known.find("aws_ssm_parameter", address, attribute) is not None) is covered


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"expires": "2027-09-01"}, ["ignore[0].expires", "more than a year away", "until 2027-06-02"]),
        ({"expires": "soon"}, ["ignore[0].expires"]),
        ({"reason": "because"}, ["ignore[0].reason"]),
        ({"owner": None}, ["required key is missing", "owner"]),
        ({"attribute": None}, ["required key is missing", "attribute"]),
        ({"type": None}, ["ignore[0]", "by `type` or by `address`, one of the two"]),
        ({"address": "module.a.*"}, ["ignore[0]", "by `type` or by `address`, one of the two"]),
        ({"environments": []}, ["ignore[0].environments"]),
        ({"who": "me"}, ["unknown key"]),
    ],
)
def test_a_wrong_entry_is_refused_with_its_place(
    folder: ProjectFolder, change: dict[str, Any], words: list[str]
) -> None:
    entry = {key: value for key, value in {**NOISE, **change}.items() if value is not None}
    with pytest.raises(OrchestratorError) as refused:
        ignore(folder, entry)
    for word in ("policy/drift.yaml:1", *words):
        assert word in str(refused.value)


def test_the_review_tells_what_is_dangerous_and_blocks_nothing(folder: ProjectFolder) -> None:
    report = report_of(classified(), folder)
    found = {(item.id, item.address.rpartition("module.")[2]): item for item in report.review.findings}
    assert {key: item.severity for key, item in found.items()} == {
        ("DR001", "net.aws_security_group.this"): "medium",
        ("DR001", "watch.aws_cloudwatch_log_group.main"): "medium",
        ("DR001", "watch.aws_ssm_parameter.ignored"): "low",  # the next apply leaves it so
        ("DR001", "watch.aws_ssm_parameter.main"): "medium",
        ("DR001", "watch.aws_ssm_parameter.secret"): "medium",
        ("DR002", "watch.aws_dynamodb_table.t"): "critical",
        ("DR002", 'watch.aws_ssm_parameter.each["a.b"]'): "critical",
        ("EX001", "net.aws_security_group.this"): "critical",
    }
    assert not report.review.blocks
    assert found["DR001", "watch.aws_cloudwatch_log_group.main"].after == {
        "retention_in_days": 30,
        "tags.Owner": "me",
    }
    schema = json.loads((files("orchestrator.review") / "review.schema.json").read_text())
    jsonschema.validate(report.review.as_json(), schema)


def test_every_form_tells_the_same(folder: ProjectFolder) -> None:
    report = report_of(classified(), folder)
    raw = json.loads(written(report, "json"))
    assert (raw["drifted"], raw["counts"]) == (True, {"changed": 5, "deleted": 2, "noise": 0, "alike": 4})
    ids = {item["address"]: item["id"] for item in raw["resources"]}
    assert ids[f"{WATCH}aws_dynamodb_table.t"] == "DR002"
    log = json.loads(written(report, "sarif"))["runs"][0]
    titles = {rule["id"]: rule["shortDescription"]["text"] for rule in log["tool"]["driver"]["rules"]}
    assert titles["DR001"] == "Something was changed outside Terraform"
    assert len(log["results"]) == 8
    page = written(report, "html")
    assert "Drift of prod" in page
    assert "5 changed, 2 deleted (11 resources looked at)." in page
    assert "Does not block" not in page
    text = written(report, "markdown")
    assert "## Drift of prod: 3 critical, 4 medium, 1 low" in text
    for form in (page, text):
        for address in ids:
            assert address.replace('"', "&#34;") in form or address in form


def test_what_is_taken_in_does_not_last_where_the_configuration_says_otherwise() -> None:
    drift = classified()

    def lasting(*names: str) -> str:
        chosen = tuple(item for item in drift.resources if item.address.endswith(names))
        report = DriftReport("prod", "", (), 0, Drift(chosen), {}, (), (), None, None)  # type: ignore[arg-type]
        assert verdict_of(report)
        return lasting_text(report)

    assert "this lasts" in lasting(".ignored")
    text = lasting(".ignored", ".main", ".t")
    assert f"{WATCH}aws_ssm_parameter.main: insecure_value\n" in text + "\n"
    assert f"{WATCH}aws_dynamodb_table.t is created anew" in text
    assert ".ignored" not in text


def test_the_same_drift_has_the_same_fingerprint_whatever_the_values() -> None:
    plans = copy.deepcopy(PLANS["refreshed"])
    for item in plans["resource_drift"]:
        if item["address"] == f"{WATCH}aws_ssm_parameter.main":
            item["change"]["after"]["insecure_value"] = "by another hand"
    again = classify(drift_plan(plans), None, lambda _: None, IgnoreList())
    first = {item.address: item.fingerprint for item in classified().resources}
    second = {item.address: item.fingerprint for item in again.resources}
    assert first == second
    assert len(set(second.values())) == len(second)


def test_a_secret_that_somebody_set_by_hand_is_not_shown() -> None:
    plans = copy.deepcopy(PLANS["refreshed"])
    secret = "AKIAIOSFODNN7EXAMPLF"
    for item in plans["resource_drift"]:
        if item["address"] == f"{WATCH}aws_ssm_parameter.main":
            item["change"]["after"]["insecure_value"] = secret
    assert secret not in json.dumps(Redactor(b"key").plan(plans))


@pytest.mark.parametrize(
    ("body", "ignored"),
    [
        ("", ()),
        ("lifecycle { ignore_changes = all }", ("all",)),
        ("lifecycle { ignore_changes = [tags, desired_count] }", ("tags", "desired_count")),
        (
            'lifecycle {\n  ignore_changes = [\n    tags["a"], # not [this]\n    block[0].x,\n  ]\n}',
            ("tags.a", "block.0.x"),
        ),
        ("# ignore_changes = all\nlifecycle { prevent_destroy = true }", ()),
    ],
)
def test_ignored_changes_are_read_from_the_code(body: str, ignored: tuple[str, ...]) -> None:
    assert ignored_changes(f'resource "aws_x" "y" {{\n{body}\n}}') == ignored


def test_a_plan_of_some_resources_is_judged_with_the_rest_of_what_is_there() -> None:
    def resource(address: str, **values: Any) -> dict[str, Any]:
        return {"address": address, "mode": "managed", "values": values}

    def module(*resources: dict[str, Any]) -> dict[str, Any]:
        inner = {"address": "module.a", "resources": list(resources)}
        return {"root_module": {"child_modules": [inner]}}

    gone, same_one, other = (resource(f"module.a.aws_x.{name}", v=1) for name in ("gone", "same", "other"))
    plan = {
        "planned_values": module(resource("module.a.aws_x.new", v=2), resource(same_one["address"], v=2)),
        "prior_state": {"values": module(gone, same_one, other, {**other, "mode": "data"})},
        "resource_changes": [{"address": gone["address"]}, {"address": same_one["address"]}],
    }
    (whole,) = with_the_rest(plan)["planned_values"]["root_module"]["child_modules"]
    assert [(item["address"][-4:], item["values"]["v"]) for item in whole["resources"]] == [
        (".new", 2),
        ("same", 2),
        ("ther", 1),
    ]


def test_only_what_drifted_is_taken_in_and_all_of_it_is_named() -> None:
    drift = classified()
    everything = tuple(item.address for item in drift.resources)
    check_named(drift, everything)
    with pytest.raises(OrchestratorError, match=r"follower: it has not drifted"):
        check_named(drift, (*everything, f"{WATCH}aws_ssm_parameter.follower"))
    with pytest.raises(
        OrchestratorError, match=r"net\.aws_security_group\.this, which one of these depends on"
    ):
        check_named(drift, everything[1:])


def test_what_is_not_as_it_was_shown_is_not_taken_in() -> None:
    named = {item.address: item for item in classified().resources}
    plan = copy.deepcopy(PLANS["refreshed"])
    check_as_shown("watch", plan, named)
    (group,) = [item for item in plan["resource_drift"] if item["type"] == "aws_cloudwatch_log_group"]
    group["change"]["after"]["retention_in_days"] = 90
    with pytest.raises(OrchestratorError, match=r"log_group\.main is not what was shown any more"):
        check_as_shown("watch", plan, named)
    plan["resource_drift"].remove(group)
    with pytest.raises(OrchestratorError, match=r"log_group\.main is not what was shown any more"):
        check_as_shown("watch", plan, named)
    del named[group["address"]]
    check_as_shown("watch", plan, named)


def test_the_rest_of_a_state_must_mean_what_it_did() -> None:
    def state(**values: Any) -> State:
        resources = tuple(
            {"mode": "managed", "module": "module.a", "type": "aws_x", "name": name, "instances": [
                {"index_key": "k", "attributes": attributes}]}
            for name, attributes in values.items()
        )  # fmt: skip
        return State("line", 1, "1.11.4", resources, {})

    named: Any = {'module.a.aws_x.taken["k"]': None}
    before = state(taken={"v": 1}, rest={"v": 1, "tags": None})
    check_rest("a", before, state(taken={"v": 2}, rest={"v": 1, "tags": {}}), named)
    check_rest("a", before, state(rest={"v": 1}), named)
    for after in (state(taken={"v": 1}, rest={"v": 2}), state(taken={"v": 1})):
        with pytest.raises(OrchestratorError, match=r"the state's module\.a\.aws_x\.rest"):
            check_rest("a", before, after, named)


def test_only_what_a_plan_puts_back_and_nothing_else_is_reverted() -> None:
    drift = classified()
    plan = {**PLANS["following"], "resource_drift": []}
    changes = split_plan(plan, ["watch", "net"], {})
    named = tuple(change.address for change in changes.all())
    follower = f"{WATCH}aws_ssm_parameter.follower"  # it changes with `main`, and has not drifted itself
    with pytest.raises(OrchestratorError, match=r"follower: it has not drifted"):
        check_revertible(drift, changes, named)
    drifted = tuple(address for address in named if address != follower)
    with pytest.raises(OrchestratorError, match=r"follower, which one of these depends on, would be changed"):
        check_revertible(drift, changes, drifted)
    plan["resource_changes"] = [item for item in plan["resource_changes"] if item["address"] != follower]
    alone = split_plan(plan, ["watch", "net"], {})
    check_revertible(drift, alone, drifted)
    with pytest.raises(OrchestratorError, match="does not say otherwise"):
        check_revertible(drift, alone, (*drifted, f"{WATCH}aws_ssm_parameter.ignored"))


def test_the_page_has_every_id_fate_and_key(folder: ProjectFolder) -> None:
    page = (Path(__file__).parents[2] / "docs" / "drift.md").read_text()
    for name, (title, _) in TITLES.items():
        assert re.search(rf"\| `{name}` \| .* \| {title} \|", page)
    for fate in WORDS:
        assert f"| `{fate}` | " in page
    raw = report_of(classified(), folder).as_json()
    for key in (*raw, *raw["resources"][0], *raw["resources"][0]["attributes"][0]):
        assert f"`{key}`" in page


def test_the_command_wants_an_environment_and_its_options_in_their_place(
    folder: ProjectFolder, cli: Cli
) -> None:
    folder.simple()
    assert cli("drift").code == 64
    misplaced = cli("drift", "--json", "accept", "--env", "dev", "module.base.aws_x.y")
    assert (misplaced.code, "after `accept`" in misplaced.out) == (64, True)
    assert "is in no layer of dev" in cli("drift", "accept", "--env", "dev", "aws_x.y", "--yes").err
    assert "is in no layer of dev" in cli("drift", "--env", "dev", "revert", "module.b.aws_x.y", "-y").err
    assert cli("drift", "accept", "--env", "dev", "module.base.aws_x.y").code == 64  # nobody to ask
