"""Whether a layer's fresh plan refines the reviewed one.

It does when it has the same changes, and every value that was known at the review is the same;
what was unknown may have become known. A change may vanish only when all that it would have changed
was unknown at the review: the value has turned out to be what it was.
(The invariant is that of https://github.com/opentofu/opentofu/issues/812.)
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

from orchestrator.plan.model import Change, LayerChanges, OutputChange
from orchestrator.yaml_tree import dotted

_ABSENT = object()


@dataclass(frozen=True)
class Difference:
    """One way in which the fresh plan goes beyond what was reviewed."""

    address: str
    path: str
    reviewed: str
    fresh: str
    existing: str | None = None
    """The value that is there before the change, of attributes."""

    def as_json(self) -> dict[str, str | None]:
        """The three-way difference as plain data: what is there, what was reviewed, what would be done now."""
        return {
            "address": self.address,
            "path": self.path,
            "existing": self.existing,
            "reviewed": self.reviewed,
            "now": self.fresh,
        }

    def __str__(self) -> str:
        place = f"{self.address}: {self.path}" if self.path else self.address
        return f"{place}: reviewed {self.reviewed}, now {self.fresh}"


def unreviewed(
    reviewed: LayerChanges,
    fresh: LayerChanges,
    *,
    begun: bool = False,
    adopted: Collection[str] = (),
) -> list[Difference]:
    """What the fresh plan would do that was not reviewed; empty when it is a refinement.

    ``begun``: an earlier attempt has carried out a part of it; what is done need not be done again, and what is half done
    may be ended. ``adopted``: what that attempt created, and is imported instead.
    """
    found: list[Difference] = []
    before = {change.key: change for change in reviewed.changes}
    now = {change.key: change for change in fresh.changes}
    for key, change in now.items():
        if key not in before and not (begun and _left_over(change, reviewed)):
            found.append(Difference(change.address, "", "no change", change.action))
    for key, change in before.items():
        if key in now:
            found += _compare_changes(change, now[key], begun=begun, adopted=change.address in adopted)
        elif not begun and not _vanished_rightly(change):
            found.append(Difference(change.address, "", change.action, "no change"))
    outputs = {output.name: output for output in fresh.outputs}
    for output in reviewed.outputs:
        if output.name in outputs:
            found += _compare_outputs(output, outputs[output.name])
    known = {output.name for output in reviewed.outputs}
    found += [
        Difference(f"output {name}", "", "no change", output.action)
        for name, output in outputs.items()
        if name not in known
    ]
    return found


def _left_over(change: Change, reviewed: LayerChanges) -> bool:
    """Whether it deletes the old object of a replacement whose new one is there already."""
    return (
        change.action == "delete"
        and change.deposed is not None
        and any(item.address == change.address and item.action == "replace" for item in reviewed.changes)
    )


def _goes_on(reviewed: Change, fresh: Change, adopted: bool) -> bool:
    """Whether the fresh action ends what was begun of the reviewed one."""
    if reviewed.action == "create":
        half_made = fresh.action == "replace" and fresh.reason == "replace_because_tainted"
        return half_made or (adopted and fresh.action in ("import", "update"))
    if reviewed.action == "replace":  # the old one is gone already, or the new one is half made, or was made
        return fresh.action in ("create", "replace") or (adopted and fresh.action in ("import", "update"))
    return False


def _compare_changes(
    reviewed: Change, fresh: Change, *, begun: bool = False, adopted: bool = False
) -> Iterator[Difference]:
    if fresh.importing != reviewed.importing and not adopted and not (begun and fresh.importing is None):
        yield Difference(reviewed.address, "import id", _show(reviewed.importing), _show(fresh.importing))
        return
    if reviewed.importing is not None and fresh.action == "import" and _vanished_rightly(reviewed):
        return
    went_on = begun and fresh.actions != reviewed.actions and _goes_on(reviewed, fresh, adopted)
    if fresh.actions != reviewed.actions and not went_on:
        yield Difference(reviewed.address, "", reviewed.action, fresh.action)
        return
    moved_already = begun and fresh.previous_address is None
    if fresh.previous_address != reviewed.previous_address and not moved_already:
        yield Difference(
            reviewed.address, "previous address", str(reviewed.previous_address), str(fresh.previous_address)
        )
    if reviewed.action in ("delete", "forget"):
        yield from _compare_identity(reviewed, fresh)
        return
    names = {
        name for part in (reviewed, fresh) for side in (part.after, part.unknown) for name in _names(side)
    }
    for name in sorted(names):
        value, unknown = _attribute(reviewed, name)
        now, now_unknown = _attribute(fresh, name)
        if went_on and fresh.action == "import" and _is_empty(value) and _is_empty(now):
            continue  # a provider reads what was left out as its type's empty value, and sees no difference itself
        if not _refines(value, unknown, now, now_unknown):
            shown = "unknown" if now_unknown is True else _show(now)
            there = fresh.before.get(name) if isinstance(fresh.before, dict) else None
            existing = _show(there) if isinstance(fresh.before, dict) else None
            yield Difference(reviewed.address, name, _show(value), shown, existing)
    tainted = begun and fresh.reason == "replace_because_tainted"
    if reviewed.action in ("update", "replace") and not went_on and not tainted:
        yield from _compare_identity(reviewed, fresh)
        yield from _compare_before(reviewed, fresh, begun=begun)
    if reviewed.action == "replace" and fresh.action == "replace" and not tainted:
        fresh_only = set(fresh.replace_paths) - set(reviewed.replace_paths)
        for path in sorted(fresh_only, key=str):
            yield Difference(
                reviewed.address, dotted(path), "does not force replacement", "forces replacement"
            )


def _compare_identity(reviewed: Change, fresh: Change) -> Iterator[Difference]:
    for name in ("id", "arn"):
        old, new = (
            change.before.get(name) if isinstance(change.before, dict) else None
            for change in (reviewed, fresh)
        )
        if old != new:
            yield Difference(reviewed.address, f"{name} of the existing object", _show(old), _show(new))


def _compare_before(reviewed: Change, fresh: Change, *, begun: bool) -> Iterator[Difference]:
    """The left side of every difference that the reviewer saw must still hold, or (``begun``) be the right side by now."""
    if not (isinstance(reviewed.before, dict) and isinstance(fresh.before, dict)):
        return
    after = reviewed.after if isinstance(reviewed.after, dict) else {}
    for name, old in reviewed.before.items():
        now = fresh.before.get(name)
        if old != after.get(name) and now != old and not (begun and now == after.get(name, now)):
            yield Difference(reviewed.address, f"{name} before the change", _show(old), _show(now))


def _compare_outputs(reviewed: OutputChange, fresh: OutputChange) -> Iterator[Difference]:
    if not _refines(reviewed.after, reviewed.unknown, fresh.after, fresh.unknown):
        yield Difference(
            f"output {reviewed.name}",
            "",
            _show(reviewed.after),
            "unknown" if fresh.unknown is True else _show(fresh.after),
        )


def _vanished_rightly(change: Change) -> bool:
    if change.action not in ("update", "replace") or not isinstance(change.before, dict):
        return False
    after = change.after if isinstance(change.after, dict) else {}
    unknown = change.unknown if isinstance(change.unknown, dict) else {}
    return all(
        _refines(after.get(name), unknown.get(name, False), old, False) for name, old in change.before.items()
    )


def _is_empty(value: Any) -> bool:
    return value is _ABSENT or not value


def _names(side: Any) -> Iterator[str]:
    """The top-level attributes: a difference is named by the argument that a reader knows."""
    if isinstance(side, dict):
        yield from side


def _attribute(change: Change, name: str) -> tuple[Any, Any]:
    value = change.after.get(name, _ABSENT) if isinstance(change.after, dict) else _ABSENT
    unknown = change.unknown.get(name, False) if isinstance(change.unknown, dict) else change.unknown
    return value, unknown


def _refines(reviewed: Any, reviewed_unknown: Any, fresh: Any, fresh_unknown: Any) -> bool:
    if reviewed_unknown is True:
        return True
    if fresh_unknown is True:
        return False
    if isinstance(reviewed_unknown, dict) and isinstance(reviewed, dict):
        if not isinstance(fresh, dict):
            return False
        flags = fresh_unknown if isinstance(fresh_unknown, dict) else {}
        return all(
            _refines(
                reviewed.get(key, _ABSENT),
                reviewed_unknown.get(key, False),
                fresh.get(key, _ABSENT),
                flags.get(key, False),
            )
            for key in {*reviewed, *reviewed_unknown, *fresh}
        )
    if isinstance(reviewed_unknown, list) and isinstance(reviewed, list) and _any_true(reviewed_unknown):
        return _refines_list(reviewed, reviewed_unknown, fresh, fresh_unknown)
    if reviewed is _ABSENT or fresh is _ABSENT:
        return (None if reviewed is _ABSENT else reviewed) == (None if fresh is _ABSENT else fresh)
    return bool(reviewed == fresh) and not _any_true(fresh_unknown)


def _refines_list(reviewed: list[Any], reviewed_unknown: list[Any], fresh: Any, fresh_unknown: Any) -> bool:
    """Elements in order, or, because a set is sorted anew when its members become known, in any order."""
    if not isinstance(fresh, list):
        return False
    length = max(len(reviewed), len(reviewed_unknown))
    old = [_element(reviewed, reviewed_unknown, index) for index in range(length)]
    new = [_element(fresh, fresh_unknown, index) for index in range(max(len(fresh), _length(fresh_unknown)))]
    if len(old) != len(new):
        return False
    # Fully known elements first, so that one with unknowns can't take another's match.
    old.sort(key=lambda element: _any_true(element[1]))
    for value, unknown in old:
        match = next((item for item in new if _refines(value, unknown, *item)), None)
        if match is None:
            return False
        new.remove(match)
    return True


def _length(unknown: Any) -> int:
    return len(unknown) if isinstance(unknown, list) else 0


def _element(values: list[Any], unknown: Any, index: int) -> tuple[Any, Any]:
    flag = unknown[index] if isinstance(unknown, list) and index < len(unknown) else False
    return (values[index] if index < len(values) else None), flag


def _any_true(unknown: Any) -> bool:
    if isinstance(unknown, dict):
        return any(_any_true(child) for child in unknown.values())
    if isinstance(unknown, list):
        return any(_any_true(child) for child in unknown)
    return unknown is True


def _show(value: Any) -> str:
    import json

    if value is _ABSENT:
        return "nothing"
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 120 else text[:117] + "…"
