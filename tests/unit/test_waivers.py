"""Waivers: what they cover, when they stop to, and what is wrong with one."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta

import pytest

from orchestrator.config.project import Project
from orchestrator.errors import OrchestratorError
from orchestrator.policy.rules import load_policy
from orchestrator.policy.waivers import EXACT, load_waivers
from orchestrator.review import read_plan, review_plan
from orchestrator.review.finding import RULES
from orchestrator.review.render import markdown, sarif
from tests.project import HEADER, ProjectFolder
from tests.unit.test_review import plan_text, resource

TODAY = date(2026, 6, 1)
TABLE = 'module.data.aws_dynamodb_table.this["orders"]'
GOOD = {
    "id": "DL001",
    "address": TABLE,
    "environments": "[prod]",
    "owner": "data team",
    "reason": "the table is empty until launch",
    "expires": "2026-09-01",
    "ticket": "DATA-7",
}


def write(folder: ProjectFolder, *waivers: Mapping[str, str | None]) -> Project:
    lines = ["waivers:\n"]
    for waiver in waivers:
        entries = [
            f"{key}: {value if key == 'environments' else repr(value)}"
            for key, value in waiver.items()
            if value is not None
        ]
        lines.append("  - " + "\n    ".join(entries) + "\n")
    folder.write("policy/waivers.yaml", "".join(lines))
    for name in ("prod", "dev"):
        folder.write(f"terraform/envs/{name}/environment.yaml", HEADER)
    return Project(folder.root)


@pytest.mark.parametrize(
    ("pattern", "address", "covered"),
    [
        (TABLE, TABLE, True),
        ("module.data.aws_dynamodb_table.this", TABLE, True),
        ("module.data.*", TABLE, True),
        ('module.data.aws_dynamodb_table.this["order?"]', TABLE, True),
        ('module.data.aws_dynamodb_table.this["o"]', TABLE, False),
        ("module.data", TABLE, False),
        ("module.data.aws_dynamodb_table.thisx", TABLE, False),
    ],
)
def test_a_pattern_covers_whole_addresses_with_or_without_instance_keys(
    folder: ProjectFolder, pattern: str, address: str, covered: bool
) -> None:
    project = write(folder, {**GOOD, "id": "CKV_AWS_28", "address": pattern})
    found = load_waivers(project, "prod", TODAY).find("CKV_AWS_28", address)
    assert (found is not None) is covered


def test_a_waiver_holds_in_its_environments_until_its_last_day(folder: ProjectFolder) -> None:
    project = write(folder, GOOD)
    last = date(2026, 9, 1)
    assert load_waivers(project, "prod", last).find("DL001", TABLE) is not None
    assert load_waivers(project, "prod", last + timedelta(days=1)).find("DL001", TABLE) is None
    assert load_waivers(project, "dev", last).find("DL001", TABLE) is None
    assert load_waivers(project, "prod", last).find("DL002", TABLE) is None


def test_expired_and_unused_waivers_are_told_where_they_are_judged(folder: ProjectFolder) -> None:
    code = {**GOOD, "id": "CKV_AWS_28", "environments": None, "address": "module.data.*"}
    project = write(folder, GOOD, code)
    prod = load_waivers(project, "prod", TODAY)
    assert [problem.message for problem in prod.problems([])] == [
        f"the waiver of DL001 for {TABLE} is not used"
    ]
    assert prod.problems([("DL001", TABLE)]) == []
    assert prod.problems([], layers=["network"]) == []  # its layer was not looked at
    assert load_waivers(project, "dev", TODAY).problems([]) == []
    assert [problem.line for problem in load_waivers(project, None, TODAY).problems([])] == [9]
    late = load_waivers(project, None, date(2027, 1, 1)).problems([("CKV_AWS_28", TABLE)])
    assert [problem.message[-21:] for problem in late] == ["expired on 2026-09-01"] * 2


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"expires": "2027-09-01"}, ["waivers[0].expires", "more than a year away", "until 2027-06-02"]),
        ({"expires": "soon"}, ["waivers[0].expires"]),
        ({"expires": None}, ["required key is missing", "expires"]),
        ({"owner": None}, ["required key is missing", "owner"]),
        ({"ticket": None}, ["required key is missing", "ticket"]),
        ({"reason": "because"}, ["waivers[0].reason"]),
        ({"environments": None}, ["waivers[0].id", "names none", "add `environments: [NAME]`"]),
        ({"environments": "[]"}, ["waivers[0].environments"]),
        (
            {"environments": "[prod, prdo]"},
            ["waivers[0].environments", "there is no environment prdo", "prod"],
        ),
        ({"id": "nonsense"}, ["waivers[0].id"]),
        ({"who": "me"}, ["unknown key"]),
    ],
)
def test_a_wrong_waiver_is_refused_with_its_place(
    folder: ProjectFolder, change: dict[str, str | None], words: list[str]
) -> None:
    project = write(folder, {**GOOD, **change})
    with pytest.raises(OrchestratorError) as refused:
        load_waivers(project, "prod", TODAY)
    for word in ("policy/waivers.yaml:", *words):
        assert word in str(refused.value)


@pytest.mark.parametrize(
    "address", ["module.data.aws_dynamodb_table.this", 'module.data.aws_dynamodb_table.this["carts"]']
)
def test_a_waiver_of_a_loss_covers_its_very_address_only(folder: ProjectFolder, address: str) -> None:
    waivers = load_waivers(write(folder, {**GOOD, "address": address}), "prod", TODAY)
    assert waivers.find("DL001", TABLE) is None
    assert waivers.find("DL001", address) is not None
    assert [problem.message for problem in waivers.problems([("DL001", TABLE)])] == [
        f"the waiver of DL001 for {address} is not used"
    ]


def test_the_rules_that_are_waived_one_address_at_a_time_are_known_to_the_waivers() -> None:
    review_plan(read_plan(plan_text()))
    assert frozenset(rule.id for rule in RULES.values() if rule.exact) == EXACT


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"id": "DL999"}, "there is no rule DL999"),
        ({"address": "module.data.*"}, "waived for one resource at a time, and module.data.* is a pattern"),
        ({"address": 'module.data.aws_dynamodb_table.this["*"]'}, "is a pattern"),
        ({"address": 'module.data.aws_dynamodb_table.this["order?"]'}, "is a pattern"),
    ],
)
def test_a_waiver_of_our_rules_is_checked_against_them(
    folder: ProjectFolder, change: dict[str, str], words: str
) -> None:
    soon = str(datetime.now(UTC).date() + timedelta(days=5))
    project = write(folder, {**GOOD, "expires": soon, **change})
    with pytest.raises(OrchestratorError, match=r"policy/waivers\.yaml:") as refused:
        review_plan(read_plan(plan_text()), policy=load_policy(project, "prod"))
    assert words in str(refused.value)


def test_a_waived_finding_does_not_block_and_is_shown_as_waived_everywhere(folder: ProjectFolder) -> None:
    soon = str(datetime.now(UTC).date() + timedelta(days=5))
    project = write(folder, {**GOOD, "expires": soon})
    plan = read_plan(plan_text(resource("aws_dynamodb_table", {"name": "a"}, None, address=TABLE)))
    open_one = review_plan(plan, policy=load_policy(project, "dev"))
    assert open_one.blocks
    waived = review_plan(plan, policy=load_policy(project, "prod"))
    assert not waived.blocks
    assert waived.counts()["critical"] == 0
    assert [finding.waiver.owner for finding in waived.findings if finding.waiver] == ["data team"]
    assert f"waived by data team until {soon} (DATA-7)" in markdown(waived)
    result = sarif(waived)["runs"][0]["results"][0]
    assert result["suppressions"][0]["status"] == "accepted"
