"""Moves of states that are cut off before any one of their writes: the next run ends them, and nothing is lost.

Each number is the write before which it happens; the last ones are beyond the end.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from orchestrator import audit
from orchestrator.config.project import Project
from orchestrator.errors import OrchestratorError
from orchestrator.session import Session, open_session
from orchestrator.state import mv, rename
from orchestrator.state.check import refuse_moving
from orchestrator.state.migrate import migrate, prepare_migration
from orchestrator.state.mv import move_of, prepare_moves
from orchestrator.state.state import instances, parse_state
from orchestrator.state.store import MIGRATED, LocalStateStore, StateStore, refuse_migrated
from tests.project import ProjectFolder
from tests.unit.test_lock import MemoryStore

needs_terraform = pytest.mark.skipif(shutil.which("terraform") is None, reason="needs Terraform on PATH")


class Fuse:
    """Ends the run before the write of this number, once."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, number: int) -> None:
        self.left = number
        for store in (LocalStateStore, MemoryStore):
            for name in ("_put", "_delete"):
                monkeypatch.setattr(store, name, self._fused(getattr(store, name)))
        replaced = Path.replace

        def replace_path(path: Path, to: Path) -> Path:
            self._burn(path)
            return replaced(path, to)

        monkeypatch.setattr(Path, "replace", replace_path)

    def _burn(self, path: Path | None = None) -> None:
        if path is not None and path.name.startswith("."):
            return  # a part of a write that is counted already
        self.left -= 1
        if self.left == -1:
            raise KeyboardInterrupt

    def _fused(self, original: Callable[..., None]) -> Callable[..., None]:
        def fused(store: StateStore, *words: object) -> None:
            self._burn()
            original(store, *words)

        return fused


def state(lineage: str, *resources: tuple[str, str, list[str]]) -> bytes:
    """``(module, name, dependencies)`` each a ``terraform_data``."""
    found = [
        {
            "module": module,
            "mode": "managed",
            "type": "terraform_data",
            "name": name,
            "provider": 'provider["terraform.io/builtin/terraform"]',
            "instances": [
                {
                    "schema_version": 0,
                    "attributes": {"id": name, "input": None, "output": None, "triggers_replace": None},
                    "sensitive_attributes": [],
                    "dependencies": dependencies,
                }
            ],
        }
        for module, name, dependencies in resources
    ]
    head = {"version": 4, "terraform_version": "1.11.0", "serial": 7, "lineage": lineage, "outputs": {}}
    return json.dumps({**head, "resources": found, "check_results": None}).encode()


BASE = state(
    "b",
    ("module.base", "a", []),
    ("module.base", "b", ["module.base.terraform_data.a"]),
    ("module.base", "c", []),
)


@pytest.fixture
def session(folder: ProjectFolder) -> Session:
    return open_session(Project(folder.simple().root), "dev")


def applied(store: StateStore, layer: str, content: bytes) -> None:
    store.write_raw(f"{layer}.tfstate", content)
    found = parse_state(content, layer, layer)
    identity = {"lineage": found.lineage, "serial": found.serial}
    store.write_record(layer, {"inputs": {"name": "first"}, "state": identity})


def present(store: StateStore) -> dict[str, list[str]]:
    return {layer: list(instances(found)) for layer, found in store.read_all(store.layers()).items()}


@needs_terraform
@pytest.mark.parametrize("app", [None, state("a", ("module.app", "there", []))], ids=["new", "there"])
@pytest.mark.parametrize("number", range(7))
def test_a_move(session: Session, monkeypatch: pytest.MonkeyPatch, number: int, app: bytes | None) -> None:
    store = session.store
    applied(store, "base", BASE)
    if app:
        applied(store, "app", app)
    before = present(store)
    moves = [
        move_of(
            f"module.base.terraform_data.{name}",
            f"module.app.terraform_data.{new}",
            None,
            None,
            {"base", "app"},
        )
        for name, new in (("a", "a"), ("b", "z"))
    ]
    prepared = prepare_moves(session, moves)
    with monkeypatch.context() as patched:
        fuse = Fuse(patched, number)
        try:
            mv.move(session, prepared, "run")
        except KeyboardInterrupt:
            pass
        else:
            assert fuse.left >= 0
    everywhere = {name for names in present(store).values() for name in names}
    assert all(old in everywhere or new in everywhere for old, new in prepared.names.items())
    if mv.resume(session) is None and present(store) == before:
        mv.move(session, prepare_moves(session, moves), "run")
    names = present(store)
    assert names["base"] == ["module.base.terraform_data.c"]
    arrived = ["module.app.terraform_data.a", "module.app.terraform_data.z"]
    assert sorted(names["app"]) == sorted([*before.get("app", []), *arrived])
    raw = json.loads(store.read_raw("app.tfstate") or b"")
    moved = next(resource for resource in raw["resources"] if resource["name"] == "z")
    assert moved["instances"][0]["dependencies"] == ["module.app.terraform_data.a"]
    refuse_moving(store, "dev")


@needs_terraform
def test_a_state_that_was_changed_after_a_cut_off_move_is_left_alone(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = session.store
    applied(store, "base", BASE)
    moves = [
        move_of("module.base.terraform_data.a", "module.app.terraform_data.a", None, None, {"base", "app"})
    ]
    prepared = prepare_moves(session, moves)
    with monkeypatch.context() as patched:
        Fuse(patched, 3)
        with pytest.raises(KeyboardInterrupt):
            mv.move(session, prepared, "run")
    assert present(store)["app"] == ["module.app.terraform_data.a"]
    changed = store.read_raw("base.tfstate") + b"\n"  # type: ignore[operator]
    store.write_raw("base.tfstate", changed)
    with pytest.raises(
        OrchestratorError, match="layer base: the state has been changed since the move was cut off"
    ):
        mv.resume(session)
    assert store.read_raw("base.tfstate") == changed
    with pytest.raises(OrchestratorError, match="was cut off"):
        refuse_moving(store, "dev")


@needs_terraform
@pytest.mark.parametrize("number", range(9))
def test_a_renamed_layer(
    folder: ProjectFolder, session: Session, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    applied(
        session.store,
        "old",
        state("b", ("module.old", "a", []), ("module.old", "b", ["module.old.terraform_data.a"])),
    )
    with monkeypatch.context() as patched:
        fuse = Fuse(patched, number)
        try:
            rename.rename_layer(session, "old", "base", "run")
        except KeyboardInterrupt:
            pass
        else:
            assert fuse.left >= 0
    store = session.store
    if store.layers() != ["base"] or store.document(".move.json"):
        rename.prepare_rename(session, "old", "base")
        rename.rename_layer(session, "old", "base", "run")
    assert present(store) == {"base": ["module.base.terraform_data.a", "module.base.terraform_data.b"]}
    record = store.record("base")
    assert record == {"inputs": {"name": "first"}, "state": {"lineage": "b", "serial": 8}}
    assert store.record("old") is None
    refuse_moving(store, "dev")


@pytest.mark.parametrize("number", range(21))
@pytest.mark.parametrize("home", [True, False], ids=["from local", "to local"])
def test_a_migration(session: Session, monkeypatch: pytest.MonkeyPatch, number: int, home: bool) -> None:
    local, memory = LocalStateStore(session.environment), MemoryStore()
    source, target = (local, memory) if home else (memory, local)
    monkeypatch.setattr("orchestrator.state.migrate.open_place", lambda _session, _said: source)
    there = replace(session, elsewhere=target)
    applied(source, "base", BASE)
    applied(source, "app", state("a"))
    audit.append(source, {"command": "apply", "ok": True})
    before = {name: source.read_raw(name) for name in source.names()}

    def run() -> None:
        migrate(there, prepare_migration(there, "place"), "run", lambda: None)

    with monkeypatch.context() as patched:
        fuse = Fuse(patched, number)
        try:
            run()
        except KeyboardInterrupt:
            pass
        else:
            assert fuse.left >= 0
    usable = [place for place in (source, target) if _is_usable(place)]
    assert len(usable) <= 1
    if not prepare_migration(there, "place").done:
        run()
    assert prepare_migration(there, "place").done
    assert _is_usable(target)
    assert not _is_usable(source)
    assert source.document(MIGRATED) is not None
    after = {name: target.read_raw(name) for name in target.names()}
    assert {name: after[name] for name in before if "audit" not in name} == {
        name: content for name, content in before.items() if "audit" not in name
    }
    # It may be cut off at its very end, before or within its own record; nothing older is touched by that.
    assert [record["command"] for record in audit.read(target)][:1] == ["apply"]
    assert audit.verify(target).line is None


def _is_usable(store: StateStore) -> bool:
    try:
        refuse_migrated(store, "dev")
    except OrchestratorError:
        return False
    return bool(store.names())
