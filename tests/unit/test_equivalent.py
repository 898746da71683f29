"""A fresh plan of an environment stands for the reviewed one only when it refines it, layer by layer."""

from __future__ import annotations

from dataclasses import replace

from orchestrator.plan.equivalent import differences, moved_layers
from orchestrator.plan.model import Change, ChangeSet, LayerChanges
from tests.unit.test_bundle import MANIFEST
from tests.unit.test_refine import change

CREATE = change("create", None, {"name": "x"}, {"arn": True})
KNOWN = change("create", None, {"name": "x", "arn": "arn:1"})
OTHER = change("create", None, {"name": "z"}, {"arn": True})
UPDATE = change("update", {"id": "1", "size": 1}, {"id": "1", "size": 2})


def plan(**layers: list[Change]) -> ChangeSet:
    return ChangeSet({name: LayerChanges(name, tuple(changes)) for name, changes in layers.items()})


def said(reviewed: ChangeSet, fresh: ChangeSet, *moved: str) -> list[str]:
    return [str(one) for one in differences(reviewed, fresh, moved=moved)]


def test_a_plan_that_does_the_same_or_knows_more_stands_for_the_reviewed_one() -> None:
    assert said(plan(a=[CREATE], b=[UPDATE]), plan(a=[KNOWN], b=[UPDATE])) == []
    assert said(plan(a=[CREATE], b=[]), plan(b=[], a=[CREATE])) == []


def test_whatever_else_it_does_is_named_with_its_layer() -> None:
    assert said(plan(a=[CREATE]), plan(a=[OTHER])) == ['a: module.a.aws_x.y: name: reviewed "x", now "z"']
    assert said(plan(a=[KNOWN]), plan(a=[CREATE])) == [
        'a: module.a.aws_x.y: arn: reviewed "arn:1", now unknown'
    ]
    assert said(plan(a=[]), plan(a=[], b=[CREATE])) == ["b: module.a.aws_x.y: reviewed no change, now create"]


def test_what_is_done_already_need_not_be_done_again_only_where_the_state_has_gone_on() -> None:
    reviewed, fresh = plan(a=[CREATE], b=[UPDATE]), plan(a=[], b=[UPDATE])
    assert said(reviewed, fresh) == ["a: module.a.aws_x.y: reviewed create, now no change"]
    assert said(reviewed, fresh, "b") == ["a: module.a.aws_x.y: reviewed create, now no change"]
    assert said(reviewed, fresh, "a") == []
    # … and nothing else is allowed there either.
    assert said(reviewed, plan(a=[OTHER], b=[UPDATE]), "a") == [
        'a: module.a.aws_x.y: name: reviewed "x", now "z"'
    ]
    assert said(plan(a=[]), plan(a=[CREATE]), "a") == ["a: module.a.aws_x.y: reviewed no change, now create"]


def test_a_state_has_gone_on_only_within_its_lineage() -> None:
    def now(**states: dict[str, object] | None) -> set[str]:
        return moved_layers(MANIFEST, replace(MANIFEST, states={**MANIFEST.states, **states}))

    assert now() == set()
    assert now(a={"lineage": "l", "serial": 9}, b={"lineage": "n", "serial": 1}) == {"a", "b"}
    assert now(a={"lineage": "another", "serial": 4}) == set()
