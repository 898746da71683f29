"""Which moves of states are refused, and what the ones that are not leave behind."""

from __future__ import annotations

import errno
import json
import os
from typing import Any

import pytest

from orchestrator.config.environment import load_environment
from orchestrator.config.project import Project
from orchestrator.errors import OrchestratorError, UsageError
from orchestrator.session import Session
from orchestrator.state.address import Place, check_address, place_of
from orchestrator.state.backup import open_backup, restore
from orchestrator.state.check import accept, check_states, check_version
from orchestrator.state.migrate import items_to_copy, open_place
from orchestrator.state.moved import add_moved
from orchestrator.state.mv import Move, check_moves, move_of, moves_in, with_dependencies
from orchestrator.state.rename import renamed
from orchestrator.state.state import State, parse_state
from orchestrator.state.store import AUDIT_LOG, MIGRATED, MOVE, LocalStateStore
from tests.conftest import Cli, tree_of
from tests.project import ProjectFolder
from tests.unit.test_lock import MemoryStore

LAYERS = {"data", "jobs"}


def resource(module: str, name: str, *keys: Any, **more: Any) -> dict[str, Any]:
    """An ``aws_sqs_queue`` with an instance a key."""
    instances = [{"index_key": key, "attributes": {"id": f"{name}-{key}"}, **more} for key in keys]
    instances = instances or [{"attributes": {"id": name}, **more}]
    provider = 'provider["registry.terraform.io/hashicorp/aws"]'
    return {
        "module": module,
        "mode": "managed",
        "type": "aws_sqs_queue",
        "name": name,
        "provider": provider,
        "instances": instances,
    }


def state(
    *resources: dict[str, Any], serial: int = 3, lineage: str = "l", terraform: str = "1.11.4"
) -> bytes:
    found = {
        "version": 4,
        "terraform_version": terraform,
        "serial": serial,
        "lineage": lineage,
        "outputs": {},
    }
    return json.dumps({**found, "resources": list(resources)}).encode()


def parsed(*resources: dict[str, Any]) -> State:
    return parse_state(state(*resources), "data", "x")


@pytest.mark.parametrize(
    ("text", "layer", "expected"),
    [
        ("aws_sqs_queue.a", "data", "module.data.aws_sqs_queue.a"),
        ("module.data.aws_sqs_queue.a", "data", "module.data.aws_sqs_queue.a"),
        ("module.data.aws_sqs_queue.a", None, "module.data.aws_sqs_queue.a"),
        ('module.data.aws_sqs_queue.a["x.y\\"z"]', None, 'module.data.aws_sqs_queue.a["x.y\\"z"]'),
        ("module.bucket", "data", "module.data.module.bucket"),
        ("module.jobs.aws_sqs_queue.a[0]", "data", "module.data.module.jobs.aws_sqs_queue.a[0]"),
        ("module.data.module.bucket", None, "module.data.module.bucket"),
    ],
)
def test_an_address_is_given_with_or_without_its_layer(text: str, layer: str | None, expected: str) -> None:
    assert str(place_of(text, layer, LAYERS)) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "aws_sqs_queue",
        "data.aws_ami.x",
        "module.data.data.aws_ami.x",
        "aws_sqs_queue.a[x]",
        "a.b; rm",
        "a.b c",
        "-x.y",
    ],
)
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(OrchestratorError, match="is no address of a resource or module"):
        check_address(text)


def test_an_address_that_says_no_layer_is_refused() -> None:
    with pytest.raises(OrchestratorError, match="does not say which layer it is in"):
        place_of("module.other.aws_sqs_queue.a", None, LAYERS)
    with pytest.raises(OrchestratorError, match='did you mean "data"'):
        place_of("aws_sqs_queue.a", "dat", LAYERS)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("aws_sqs_queue.a", "aws_sqs_queue.a", "it is there already"),
        ("aws_sqs_queue.a", "module.a", "nor a resource a module"),
        ("module.b.aws_sqs_queue.a", "aws_sns_topic.a", "one is aws_sqs_queue and the other aws_sns_topic"),
    ],
)
def test_a_move_that_makes_no_sense_is_refused(old: str, new: str, expected: str) -> None:
    with pytest.raises(OrchestratorError, match=expected):
        move_of(old, new, "data", None, LAYERS)


def test_a_move_stays_in_its_layer_unless_it_says_another() -> None:
    assert (
        str(move_of("module.data.module.a", "module.b", None, None, LAYERS).target) == "module.data.module.b"
    )
    assert (
        move_of("aws_sqs_queue.a", "module.jobs.aws_sqs_queue.a", "data", None, LAYERS).target.layer == "jobs"
    )


def move(old: str, new: str) -> Move:
    return move_of(old, new, None, None, LAYERS)


def test_every_instance_that_moves_is_named_and_its_neighbours_are_not() -> None:
    data = parsed(
        resource("module.data", "a", "x", "y.z"),
        resource("module.data", "ab"),
        resource("module.data.module.a", "q"),
    )
    names = check_moves({"data": data}, [move("module.data.aws_sqs_queue.a", "module.jobs.aws_sqs_queue.b")])
    assert names == {
        f'module.data.aws_sqs_queue.a["{key}"]': f'module.jobs.aws_sqs_queue.b["{key}"]'
        for key in ("x", "y.z")
    }
    assert list(
        check_moves({"data": data}, [move("module.data.module.a", "module.jobs.module.c")]).values()
    ) == ["module.jobs.module.c.aws_sqs_queue.q"]


@pytest.mark.parametrize(
    ("moves", "expected"),
    [
        ([("gone", "b")], "there is nothing at module.data.aws_sqs_queue.gone"),
        ([("a", "there")], "there is something at module.jobs.aws_sqs_queue.there already"),
        ([("a", "b"), ("a", "c")], "module.data.aws_sqs_queue.a would be moved twice"),
        ([("a", "b"), ("c", "b")], "there is something at module.jobs.aws_sqs_queue.b already"),
    ],
)
def test_a_move_that_would_lose_or_double_something_is_refused(
    moves: list[tuple[str, str]], expected: str
) -> None:
    states = {
        "data": parsed(resource("module.data", "a"), resource("module.data", "c")),
        "jobs": parsed(resource("module.jobs", "there")),
    }
    with pytest.raises(OrchestratorError, match=expected):
        check_moves(
            states,
            [
                move(f"module.data.aws_sqs_queue.{old}", f"module.jobs.aws_sqs_queue.{new}")
                for old, new in moves
            ],
        )


def test_what_moved_resources_depend_on_follows_them() -> None:
    after = state(
        resource(
            "module.jobs", "b", dependencies=["module.data.aws_sqs_queue.a", "module.data.aws_sqs_queue.ab"]
        ),
    )
    moved = with_dependencies(
        after, [move('module.data.aws_sqs_queue.a["x"]', 'module.jobs.aws_sqs_queue.c["x"]')]
    )
    instance = json.loads(moved)["resources"][0]["instances"][0]
    assert instance["dependencies"] == ["module.data.aws_sqs_queue.ab", "module.jobs.aws_sqs_queue.c"]


def test_a_mapping_file_says_where_it_is_wrong(folder: ProjectFolder) -> None:
    path = folder.write("moves.yaml", "aws_sqs_queue.a: aws_sqs_queue.b\nnonsense: aws_sqs_queue.c\n")
    with pytest.raises(OrchestratorError, match=r"moves\.yaml:2: nonsense: 'nonsense' is no address"):
        moves_in(path, "data", "jobs", LAYERS)
    path.write_text("- a\n")
    with pytest.raises(OrchestratorError, match="maps old addresses to new ones"):
        moves_in(path, "data", "jobs", LAYERS)


def test_a_renamed_layer_keeps_all_but_its_name() -> None:
    before = state(
        resource("module.data", "a", dependencies=["module.data.aws_sqs_queue.b", "module.database.aws_x.y"]),
        resource("module.data.module.data", "b"),
        {k: v for k, v in resource("", "c").items() if k != "module"},
    )
    after, raw = json.loads(renamed(before, "data", "store")), json.loads(before)
    assert [item.get("module") for item in after["resources"]] == [
        "module.store",
        "module.store.module.data",
        None,
    ]
    assert after["resources"][0]["instances"][0]["dependencies"] == [
        "module.store.aws_sqs_queue.b",
        "module.database.aws_x.y",
    ]
    assert (after["lineage"], after["serial"]) == (raw["lineage"], raw["serial"] + 1)
    back = json.loads(renamed(renamed(before, "data", "store"), "store", "data"))
    assert {**back, "serial": raw["serial"]} == raw


@pytest.mark.parametrize(
    ("wrote", "ours", "refused"),
    [
        ("1.12.0", "1.11.4", True),
        ("1.11.9", "1.11.4", False),
        ("1.9.8", "1.11.4", False),
        ("2.0.0-beta1", "1.13.0", True),
    ],
)
def test_a_state_of_a_newer_terraform_line_is_refused(wrote: str, ours: str, refused: bool) -> None:
    found = parse_state(state(terraform=wrote), "data", "x")
    if refused:
        with pytest.raises(OrchestratorError, match=f"was written by Terraform {wrote}, and this is {ours}"):
            check_version(found, "data", "x", ours)
    else:
        check_version(found, "data", "x", ours)


def check(store: MemoryStore) -> None:
    check_states(store, "prod", ["data"], store.read_all(["data"]), "1.11.4")


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (state(serial=4), None),
        (state(serial=3), None),
        (state(serial=2), "is older"),
        (state(serial=9, lineage="m"), "is not the one that was applied: its lineage is m, not l"),
        (b"", "its state data is gone"),
        (None, "its state data is gone"),
        (b'{"version": 4, "ser', "is damaged"),
    ],
)
def test_the_state_is_the_one_that_was_applied_last(content: bytes | None, expected: str | None) -> None:
    store = MemoryStore()
    store.write_record("data", {"inputs": {}, "state": {"lineage": "l", "serial": 3}})
    if content is not None:
        store.write_raw("data.tfstate", content)
    if expected is None:
        check(store)
        return
    with pytest.raises(OrchestratorError, match=expected) as caught:
        check(store)
    assert "restore" in str(caught.value.remedy)


def test_what_is_there_can_be_accepted() -> None:
    store = MemoryStore()
    store.write_record("data", {"inputs": {"a": 1}, "state": {"lineage": "l", "serial": 3}})
    store.write_raw("data.tfstate", state(serial=1))
    assert accept(store, "data") == {"lineage": "l", "serial": 1}
    check(store)
    assert store.record("data") == {"inputs": {"a": 1}, "state": {"lineage": "l", "serial": 1}}
    store.delete_raw("data.tfstate")
    assert accept(store, "data") is None
    check(store)
    assert store.record("data") is None


def test_a_layer_whose_first_apply_made_nothing_is_not_missed() -> None:
    store = MemoryStore()
    store.write_record("data", {"inputs": {}, "state": None})
    check(store)


def copies(old: dict[str, bytes], new: dict[str, bytes]) -> dict[str, str]:
    source, target = MemoryStore(), MemoryStore()
    source.objects, target.objects = old, new
    return {item.name: item.status for item in items_to_copy(source, target)}


def test_what_a_migration_copies_and_what_is_there_already() -> None:
    old = {"data.tfstate": state(serial=3), "a.tfstate": state(), AUDIT_LOG: b"one\ntwo\n"}
    new = {"data.tfstate": state(serial=2), "a.tfstate": state(), AUDIT_LOG: b"one\n"}
    assert copies(old, new) == {AUDIT_LOG: "to replace", "a.tfstate": "there", "data.tfstate": "to replace"}
    assert copies(old, {}) == dict.fromkeys(old, "to copy")


@pytest.mark.parametrize(
    ("new", "expected"),
    [
        ({"data.tfstate": state(serial=9)}, "of serial 9, and the one to migrate has 3"),
        ({"data.tfstate": state(resource("module.data", "a"))}, "of serial 3, and the one to migrate has 3"),
        ({"data.tfstate": state(lineage="m", serial=1)}, r"of another lineage \(m, not l\)"),
        ({"data.tfstate": b"{"}, "is damaged"),
        ({"other.tfstate": state()}, "has a state of its own"),
        ({AUDIT_LOG: b"other\n"}, "has an audit log of its own"),
    ],
)
def test_a_migration_overwrites_nothing_that_is_not_its_own(new: dict[str, bytes], expected: str) -> None:
    with pytest.raises(OrchestratorError, match=expected):
        copies({"data.tfstate": state(serial=3), AUDIT_LOG: b"one\n"}, new)


def test_a_migration_back_does_not_bring_back_what_has_gone_since() -> None:
    new = {"gone.tfstate": state(), MIGRATED: b'{"to": "x"}'}
    found = copies({"data.tfstate": state()}, new)
    assert found.pop("gone.tfstate") == "superseded"
    assert found["data.tfstate"] == "to copy"


MODULE = """
resource "aws_sqs_queue" "new" {}
resource "aws_sqs_queue" "still" {}
module "bucket" {
  source = "example.com/bucket"
}
moved {
  from = aws_sqs_queue.first
  to   = aws_sqs_queue.second
}
"""


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("aws_sqs_queue.still", "aws_sqs_queue.new", "aws_sqs_queue.still is still declared"),
        ("aws_sqs_queue.old", "aws_sqs_queue.nowhere", "aws_sqs_queue.nowhere is not declared"),
        ("aws_sqs_queue.first", "aws_sqs_queue.second", "moved to aws_sqs_queue.second already"),
        ("aws_sqs_queue.first", "aws_sqs_queue.new", "moved to aws_sqs_queue.second already"),
        (
            "aws_sqs_queue.old",
            "aws_sqs_queue.second",
            "aws_sqs_queue.first is moved to aws_sqs_queue.second already",
        ),
        (
            "aws_sqs_queue.second",
            "aws_sqs_queue.first",
            "in a circle: aws_sqs_queue.second → aws_sqs_queue.first → aws_sqs_q",
        ),
        ("module.box", "module.bin", "module.bin is not declared"),
    ],
)
def test_a_moved_block_that_terraform_would_refuse_is_not_written(
    folder: ProjectFolder, old: str, new: str, expected: str
) -> None:
    folder.module("data", MODULE)
    folder.environment("dev", "data: {}\n")
    before = tree_of(folder.root)
    layer = load_environment(Project(folder.root), "dev").layers["data"]
    with pytest.raises(OrchestratorError, match=expected):
        add_moved(layer, (Place("data", old), Place("data", new)))
    assert tree_of(folder.root) == before


def test_moved_blocks_are_written_as_terraform_formats_them(folder: ProjectFolder, cli: Cli) -> None:
    folder.module("data", MODULE)
    folder.environment("dev", "data: {}\n")
    words = ("state", "moved", "--env", "dev", "--layer", "data")
    first = cli(*words, "aws_sqs_queue.old", 'aws_sqs_queue.new["a"]')
    assert first.code == 0, first.err
    assert (
        cli(*words, "module.data.module.box", "module.bucket", "--json")
        .json()["file"]
        .endswith("data/moved.tf")
    )
    assert (folder.root / "terraform/modules/data/moved.tf").read_text() == (
        'moved {\n  from = aws_sqs_queue.old\n  to   = aws_sqs_queue.new["a"]\n}\n\n'
        "moved {\n  from = module.box\n  to   = module.bucket\n}\n"
    )


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("nfs://x", "is no place of states"),
        ("s3://", "is no place of states"),
        ("s3://states/x?region=nowhere", "region: "),
        ("s3://states/x?regoin=eu-west-1", "regoin: "),
        ("s3://Bad_Bucket", "bucket: "),
    ],
)
def test_a_place_that_is_none_is_refused(folder: ProjectFolder, said: str, expected: str) -> None:
    folder.simple()
    with pytest.raises(UsageError, match=expected):
        open_place(session_in(folder), said)


def test_a_place_is_said_as_it_is_shown(folder: ProjectFolder) -> None:
    folder.simple()
    said = "s3://states/a/b?region=us-east-1&kms_key_id=alias/x"
    place = open_place(session_in(folder), said)
    assert (place.spoken, place.location) == (said, "s3://states/a/b/dev")
    assert open_place(session_in(folder), "s3://states").spoken == "s3://states/orchestrator?region=eu-west-1"


def session_in(folder: ProjectFolder) -> Session:
    from orchestrator.session import open_session

    return open_session(Project(folder.root), "dev")


def test_a_full_disk_leaves_the_states_as_they_are(
    folder: ProjectFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = LocalStateStore(session_in(folder.simple()).environment)
    store.write_raw("base.tfstate", state(serial=3))
    before = tree_of(folder.root)

    def full(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(
        OrchestratorError, match=r"can't be written \(No space left on device\); free some space"
    ):
        store.write_raw("base.tfstate", state(serial=4))
    assert tree_of(folder.root) == before


def test_restoring_the_backup_undoes_a_move_that_was_cut_off(folder: ProjectFolder) -> None:
    import hashlib

    from orchestrator.state.backup import back_up

    session = session_in(folder.simple())
    store = session.store
    before, made = state(resource("module.base", "a")), state(resource("module.app", "a"))
    store.write_raw("base.tfstate", before)
    kept = back_up(store, session.work, ["base", "app"])
    store.write_raw("app.tfstate", made)
    mark = {"layers": ["app", "base"], "before": {"app": None, "base": "x"}}
    store.write_document(MOVE, {**mark, "after": {"app": hashlib.sha256(made).hexdigest()}})
    restore(store, open_backup(session.work, kept.id), ["base"])
    assert store.document(MOVE) is None
    assert store.layers() == ["base"]
