"""What a run that goes on may do: end what was begun, and nothing that was not reviewed."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from orchestrator.apply.adopt import Adoption, read_log
from orchestrator.plan.model import Change, LayerChanges
from orchestrator.plan.refine import unreviewed
from orchestrator.terraform.events import Diagnostic, TerraformError
from orchestrator.terraform.transient import LONGEST_WAIT, reason_to_retry, wait_before

ADDRESS = "module.base.aws_ssm_parameter.x"
ACTIONS = {
    "create": ("create",),
    "update": ("update",),
    "replace": ("delete", "create"),
    "delete": ("delete",),
    "import": ("no-op",),
}


def change(action: str, *, before: Any = None, after: Any = None, unknown: Any = None, **more: Any) -> Change:
    actions = more.pop("actions", ACTIONS[action])
    kind: Any = action
    return Change(ADDRESS, "base", "aws_ssm_parameter", kind, actions, before, after, unknown or {}, **more)


def layer(*changes: Change) -> LayerChanges:
    return LayerChanges("base", changes)


NEW = {"name": "x", "value": "1"}
OLD = {"name": "x", "value": "0", "id": "x"}
CREATE, UPDATE = change("create", after=NEW), change("update", before=OLD, after={**OLD, "value": "1"})
REPLACE = change("replace", before=OLD, after=NEW)


@pytest.mark.parametrize(
    ("reviewed", "fresh"),
    [
        (layer(CREATE), layer()),
        (layer(CREATE), layer(change("replace", before=NEW, after=NEW, reason="replace_because_tainted"))),
        (layer(REPLACE), layer(CREATE)),
        (layer(REPLACE), layer(change("replace", before=NEW, after=NEW, reason="replace_because_tainted"))),
        (layer(REPLACE), layer(change("delete", before=OLD, deposed="ab12"))),
        (layer(UPDATE), layer(change("update", before={**OLD, "value": "1"}, after={**OLD, "value": "1"}))),
        (layer(change("delete", before=OLD)), layer()),
        (layer(replace(UPDATE, previous_address="module.base.aws_ssm_parameter.w")), layer(UPDATE)),
    ],
    ids=[
        "made",
        "half made",
        "old one gone",
        "new one half made",
        "old one left",
        "half updated",
        "deleted",
        "moved",
    ],
)
def test_what_an_earlier_attempt_has_done_need_not_be_done_again(
    reviewed: LayerChanges, fresh: LayerChanges
) -> None:
    assert unreviewed(reviewed, fresh, begun=True) == []
    assert unreviewed(reviewed, fresh) != [] or fresh.changes[0].action == "update"


@pytest.mark.parametrize(
    ("reviewed", "fresh"),
    [
        (layer(CREATE), layer(change("create", after={**NEW, "value": "2"}))),
        (layer(CREATE), layer(change("replace", before=OLD, after=NEW))),
        (layer(CREATE), layer(change("update", before=OLD, after=NEW))),
        (layer(CREATE), layer(change("delete", before=OLD))),
        (layer(UPDATE), layer(change("replace", before=OLD, after={**OLD, "value": "1"}))),
        (layer(UPDATE), layer(change("update", before={**OLD, "value": "7"}, after={**OLD, "value": "1"}))),
        (layer(), layer(change("delete", before=OLD, deposed="ab12"))),
        (layer(UPDATE), layer(change("delete", before=OLD, deposed="ab12"))),
        (layer(UPDATE), layer(replace(UPDATE, previous_address="module.base.aws_ssm_parameter.w"))),
    ],
)
def test_what_was_not_reviewed_is_not_done_by_a_resumed_run_either(
    reviewed: LayerChanges, fresh: LayerChanges
) -> None:
    assert unreviewed(reviewed, fresh, begun=True)


def test_only_what_was_looked_for_may_be_imported_instead_of_created() -> None:
    imported = layer(change("import", before=NEW, after=NEW))
    assert unreviewed(layer(CREATE), imported, begun=True, adopted={ADDRESS}) == []
    assert unreviewed(layer(CREATE), imported, begun=True)
    empty = {**NEW, "tags": None, "kms_key_id": None}
    read = {**NEW, "tags": {}, "kms_key_id": ""}
    assert (
        unreviewed(
            layer(change("create", after=empty)),
            layer(change("import", before=read, after=read)),
            begun=True,
            adopted={ADDRESS},
        )
        == []
    )
    other = layer(change("import", before={**NEW, "value": "7"}, after={**NEW, "value": "7"}))
    assert unreviewed(layer(CREATE), other, begun=True, adopted={ADDRESS})


def failed(*texts: str) -> TerraformError:
    errors = [Diagnostic("error", text, "", ADDRESS, "", None) for text in texts]
    return TerraformError(
        "base", "apply", [Diagnostic("warning", "Throttling", "", "", "", None), *errors], None
    )


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("api error ThrottlingException: Rate exceeded", "AWS throttles"),
        ("https response error StatusCode: 503, ServiceUnavailable", "AWS had an internal error"),
        ("read tcp 10.0.0.1:443: connection reset by peer", "the connection failed"),
        ("Plugin did not respond", "the provider's process ended"),
        ("Failed to save state", "its state could not be saved"),
        ("ParameterAlreadyExists: The parameter already exists.", "something is there already"),
        ("AccessDenied: not authorized", None),
        ("ValidationException: 1 validation error detected", None),
        ("InvalidParameterValue: 5000 is no port", None),
        ("Error acquiring the state lock: PreconditionFailed\nLock Info:\n  Who: EOF@host", None),
    ],
)
def test_only_failures_that_may_pass_are_tried_again(text: str, reason: str | None) -> None:
    assert reason_to_retry(failed(text)) == reason


def test_one_failure_that_will_not_pass_is_enough() -> None:
    assert reason_to_retry(failed("ThrottlingException", "AccessDenied")) is None
    assert reason_to_retry(failed()) is None


def test_waits_grow_and_have_an_end() -> None:
    waits = [max(wait_before(attempt, random.Random(seed)) for seed in range(200)) for attempt in range(1, 9)]
    assert waits == sorted(waits)
    assert waits[0] <= 8
    assert LONGEST_WAIT - 2 < waits[-1] <= LONGEST_WAIT
    assert min(wait_before(8, random.Random(seed)) for seed in range(200)) >= 1


def log_of(tmp_path: Path, *events: tuple[str, str, str, str | None]) -> Path:
    lines = []
    for kind, address, action, id in events:
        hook = {
            "resource": {"addr": address},
            "action": action,
            **({"id_key": "id", "id_value": id} if id else {}),
        }
        lines.append(json.dumps({"type": kind, "@message": "", "hook": hook}))
    path = tmp_path / "base.apply.jsonl"
    path.write_text("\n".join(lines) + '\n{"type": "apply_st')
    return path


def test_the_log_of_a_killed_run_says_what_it_began_and_what_became_of_it(tmp_path: Path) -> None:
    log = log_of(
        tmp_path,
        ("apply_start", "a", "create", None),
        ("apply_start", "b", "create", None),
        ("apply_start", "c", "update", None),
        ("apply_complete", "a", "create", "id-a"),
        ("apply_start", "d", "create", None),
        ("apply_complete", "d", "create", "id-d"),
        ("apply_complete", "d", "delete", None),
    )
    assert read_log(log) == {"a": "id-a", "b": None}
    assert read_log(tmp_path / "none") == {}


def adoption(
    begun: dict[str, str | None],
    present: tuple[str, ...] = (),
    looked: dict[str, str | None] | None = None,
) -> Adoption:
    after = {"name": "x", "value": "1", "tags_all": {"Project": "shop"}}
    return Adoption(layer(change("create", after=after)), begun, present, lambda _: looked or {})


def test_what_the_state_has_is_not_looked_for() -> None:
    assert adoption({ADDRESS: None}, (ADDRESS,)).addresses == frozenset()
    assert adoption({"module.base.other.x": "id"}).addresses == frozenset()


def test_what_is_not_there_is_dropped_on_the_providers_word() -> None:
    found = adoption({ADDRESS: None})
    assert found.ids() == {ADDRESS: "x"}
    assert found.refused(failed("Cannot import non-existent remote object"))
    assert found.addresses == frozenset()
    assert found.not_found == [ADDRESS]


def test_an_error_that_names_no_address_ends_the_guessing_by_names_only() -> None:
    error = TerraformError("base", "plan", [Diagnostic("error", "incorrect format", "", "", "", None)], None)
    named = adoption({ADDRESS: None})
    assert named.refused(error)
    assert named.not_found == [ADDRESS]
    assert not adoption({ADDRESS: "id"}).refused(error)
    looked = adoption({ADDRESS: None}, looked={ADDRESS: "url"})
    assert not looked.refused(error)
    assert looked.ids() == {ADDRESS: "url"}


def test_what_was_looked_for_and_is_not_there_is_not_tried_by_its_name() -> None:
    found = adoption({ADDRESS: None}, looked={ADDRESS: None})
    assert found.addresses == frozenset()
    assert found.not_found == [ADDRESS]


@pytest.mark.parametrize(
    ("begun", "tags", "actions", "kept"),
    [
        (None, {"Project": "shop"}, ["no-op"], True),
        (None, {"Project": "other"}, ["no-op"], False),
        (None, {}, ["no-op"], False),
        (None, {"Project": "shop"}, ["update"], False),
        ("x", {}, ["update"], True),
    ],
    ids=["ours by all its tags", "another's", "nobody's", "ours and other than planned", "ours by the log"],
)
def test_what_was_found_by_its_name_is_taken_in_only_with_all_tags_and_as_planned(
    begun: str | None, tags: dict[str, str], actions: list[str], kept: bool
) -> None:
    found = adoption({ADDRESS: begun})
    raw = {
        "resource_changes": [
            {"address": ADDRESS, "change": {"actions": actions, "before": {"tags_all": tags}}}
        ]
    }
    assert found.foreign(raw) == ([] if kept else [ADDRESS])
    assert (ADDRESS in found.addresses) is kept
