"""A fresh plan refines the reviewed one only when it does nothing that nobody reviewed."""

from __future__ import annotations

from typing import Any

import pytest

from orchestrator.plan.model import Change, LayerChanges, OutputChange, change_set_from_json, split_plan
from orchestrator.plan.refine import unreviewed


def change(
    action: str = "update", before: Any = None, after: Any = None, unknown: Any = None, **more: Any
) -> Change:
    actions = {"replace": ("delete", "create")}.get(action, (action,))
    return Change(
        address=more.pop("address", "module.a.aws_x.y"), layer="a", type="aws_x", action=action,  # type: ignore[arg-type]
        actions=actions, before=before, after=after, unknown=unknown or {}, **more,
    )  # fmt: skip


def differences(reviewed: list[Change], fresh: list[Change]) -> list[str]:
    return [
        str(item) for item in unreviewed(LayerChanges("a", tuple(reviewed)), LayerChanges("a", tuple(fresh)))
    ]


CREATE = change("create", None, {"name": "x", "size": 1}, {"arn": True})


def test_the_same_plan_is_a_refinement() -> None:
    assert differences([CREATE], [CREATE]) == []


def test_an_unknown_may_become_known() -> None:
    assert differences([CREATE], [change("create", None, {"name": "x", "size": 1, "arn": "arn:1"})]) == []


@pytest.mark.parametrize(
    ("fresh", "expected"),
    [
        (change("create", None, {"name": "z", "size": 1}, {"arn": True}), 'name: reviewed "x", now "z"'),
        (change("create", None, {"size": 1}, {"arn": True, "name": True}), 'name: reviewed "x", now unknown'),
        (
            change("create", None, {"name": "x", "size": 1, "extra": 1}, {"arn": True}),
            "extra: reviewed nothing, now 1",
        ),
        (change("update", {"name": "w"}, {"name": "x", "size": 1}), "reviewed create, now update"),
    ],
)
def test_a_known_value_or_action_that_differs_is_shown(fresh: Change, expected: str) -> None:
    found = differences([CREATE], [fresh])
    assert any(expected in item for item in found), found
    assert all("module.a.aws_x.y" in item for item in found)


def test_a_change_that_was_not_reviewed_is_shown() -> None:
    assert differences([], [CREATE]) == ["module.a.aws_x.y: reviewed no change, now create"]


def test_a_reviewed_change_may_vanish_only_when_all_of_it_was_unknown() -> None:
    unknown = change("update", {"key": "k1", "name": "x"}, {"name": "x"}, {"key": True})
    known = change("update", {"key": "k1", "name": "x"}, {"key": "k2", "name": "x"})
    assert differences([unknown], []) == []
    assert differences([known], []) == ["module.a.aws_x.y: reviewed update, now no change"]
    assert differences([CREATE], []) == ["module.a.aws_x.y: reviewed create, now no change"]


def test_a_replacement_for_another_reason_is_shown() -> None:
    reviewed = change("replace", {"a": 1, "b": 1}, {"a": 2, "b": 1}, replace_paths=(("a",),))
    fresh = change("replace", {"a": 1, "b": 1}, {"a": 2, "b": 1}, replace_paths=(("a",), ("b",)))
    assert differences([reviewed], [fresh]) == [
        "module.a.aws_x.y: b: reviewed does not force replacement, now forces replacement"
    ]


def test_deleting_another_object_under_the_same_address_is_shown() -> None:
    found = differences([change("delete", {"id": "db-1"})], [change("delete", {"id": "db-2"})])
    assert found == ['module.a.aws_x.y: id of the existing object: reviewed "db-1", now "db-2"']


def test_a_value_that_changed_before_the_update_is_shown() -> None:
    reviewed = change("update", {"id": "1", "size": 1}, {"id": "1", "size": 5})
    fresh = change("update", {"id": "1", "size": 3}, {"id": "1", "size": 5})
    assert differences([reviewed], [fresh]) == ["module.a.aws_x.y: size before the change: reviewed 1, now 3"]


def test_members_of_a_set_may_be_sorted_anew_once_they_are_known() -> None:
    reviewed = change(
        "create", None, {"rules": [{"port": 1}, {"port": 2}]}, {"rules": [{"cidr": True}, {"cidr": True}]}
    )
    fresh = change("create", None, {"rules": [{"port": 2, "cidr": "b"}, {"port": 1, "cidr": "a"}]})
    assert differences([reviewed], [fresh]) == []
    wrong = change("create", None, {"rules": [{"port": 2, "cidr": "b"}, {"port": 3, "cidr": "a"}]})
    assert len(differences([reviewed], [wrong])) == 1


def test_the_order_of_a_fully_known_list_counts() -> None:
    reviewed, fresh = change("create", None, {"l": [1, 2]}), change("create", None, {"l": [2, 1]})
    assert len(differences([reviewed], [fresh])) == 1


def test_outputs_follow_the_same_rule() -> None:
    known = OutputChange("o", "create", None, "x", False)
    unknown = OutputChange("o", "create", None, None, True)
    assert unreviewed(LayerChanges("a", (), (unknown,)), LayerChanges("a", (), (known,))) == []
    assert len(unreviewed(LayerChanges("a", (), (known,)), LayerChanges("a", (), (unknown,)))) == 1
    assert len(unreviewed(LayerChanges("a"), LayerChanges("a", (), (known,)))) == 1


def test_a_deposed_object_is_a_change_of_its_own() -> None:
    reviewed = [change("delete", {"id": "1"}), change("delete", {"id": "2"}, deposed="abcd")]
    assert differences(reviewed, reviewed) == []
    assert len(differences(reviewed[:1], reviewed)) == 1


def test_a_plan_is_split_by_layer_and_survives_the_bundle() -> None:
    plan = {
        "resource_changes": [
            {"address": "module.a.aws_x.y", "mode": "managed", "type": "aws_x",
             "change": {"actions": ["delete", "create"], "before": {"v": 1}, "after": {"v": 2},
                        "after_unknown": {"id": True}, "replace_paths": [["v"]]}, "action_reason": "replace_because_cannot_update"},
            {"address": "module.b.data.aws_z.y", "mode": "data", "type": "aws_z",
             "change": {"actions": ["read"], "before": None, "after": {}, "after_unknown": {}}},
            {"address": "module.b.aws_z.moved", "mode": "managed", "type": "aws_z", "previous_address": "module.b.aws_z.old",
             "change": {"actions": ["no-op"], "before": {}, "after": {}, "after_unknown": {}}},
        ],
        "output_changes": {"b__o": {"actions": ["create"], "before": None, "after": "x", "after_unknown": False}},
    }  # fmt: skip
    changes = split_plan(plan, ["a", "b"], {"b__o": ("b", "o")})
    assert [(item.address, item.action) for item in changes.all()] == [
        ("module.a.aws_x.y", "replace"),
        ("module.b.aws_z.moved", "move"),
    ]
    assert changes.layers["b"].outputs[0].name == "o"
    assert change_set_from_json(changes.as_json()) == changes
