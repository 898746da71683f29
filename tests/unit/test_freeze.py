"""Frozen environments and maintenance windows: who may not change what, and when."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from orchestrator.apply.freeze import Freeze
from orchestrator.config.schema import MaintenanceWindow
from tests.conftest import Cli
from tests.project import HEADER, ProjectFolder


@pytest.mark.parametrize(
    ("window", "moment", "open_"),
    [
        ({"start": "09:00", "end": "17:00"}, "2026-11-24T09:00", True),
        ({"start": "09:00", "end": "17:00"}, "2026-11-24T17:00", False),
        ({"start": "09:00", "end": "17:00", "days": ["mon"]}, "2026-11-24T10:00", False),  # a Tuesday
        ({"start": "22:00", "end": "04:00", "days": ["mon"]}, "2026-11-24T03:59", True),  # Monday's night
        ({"start": "22:00", "end": "04:00", "days": ["mon"]}, "2026-11-24T22:30", False),
        ({"start": "22:00", "end": "04:00", "days": ["tue"]}, "2026-11-24T22:30", True),
        ({"start": "09:00", "end": "10:00", "timezone": "Europe/Berlin"}, "2026-11-24T08:30", True),
        (
            {"start": "09:00", "end": "10:00", "timezone": "Europe/Berlin"},
            "2026-07-24T08:30",
            False,
        ),  # summer time
        # The clock goes from 2:00 to 3:00 on 2027-03-28, and from 3:00 back to 2:00 on 2026-10-25.
        (
            {"start": "23:00", "end": "04:00", "days": ["sat"], "timezone": "Europe/Berlin"},
            "2027-03-28T01:30",
            True,
        ),
        (
            {"start": "23:00", "end": "04:00", "days": ["sat"], "timezone": "Europe/Berlin"},
            "2027-03-28T02:00",
            False,
        ),
        ({"start": "02:00", "end": "03:00", "timezone": "Europe/Berlin"}, "2026-10-25T00:30", True),
        ({"start": "02:00", "end": "03:00", "timezone": "Europe/Berlin"}, "2026-10-25T01:30", True),
        ({"start": "02:00", "end": "03:00", "timezone": "Europe/Berlin"}, "2026-10-25T02:00", False),
        ({"start": "22:00", "end": "00:00", "days": ["mon"]}, "2026-11-24T00:00", False),
    ],
)
def test_a_window_is_open_on_its_days_from_start_to_end_in_its_time_zone(
    window: dict[str, object], moment: str, open_: bool
) -> None:
    at = datetime.fromisoformat(moment).replace(tzinfo=UTC)
    assert MaintenanceWindow.model_validate(window).has(at) is open_


def test_a_freeze_ends_by_itself_at_its_end() -> None:
    frozen = Freeze("me", "2026-11-24T00:00:00+00:00", "black friday", "2026-12-01T00:00:00+00:00")
    end = datetime(2026, 12, 1, tzinfo=UTC)
    assert frozen.holds(end - timedelta(seconds=1))
    assert not frozen.holds(end)


def test_nothing_is_applied_or_destroyed_while_the_environment_is_frozen(
    folder: ProjectFolder, cli: Cli
) -> None:
    folder.simple()
    assert cli("freeze", "--env", "dev").out == "dev is not frozen.\n"
    assert cli("freeze", "--env", "dev", "--reason", "black friday", "--until", "2999-12-01").code == 0
    for command in ("apply", "destroy"):
        refused = cli(command, "--env", "dev", "--yes")
        assert refused.code == 1
        assert "dev is frozen" in refused.err
        assert "until 2999-12-01T00:00:00+00:00: black friday" in refused.err
        assert "`orchestrator freeze --env dev --thaw` ends it" in refused.err
    frozen = cli("freeze", "--env", "dev", "--json").json()["frozen"]
    assert frozen["reason"] == "black friday"
    assert cli("freeze", "--env", "dev", "--thaw").out == "dev is frozen no more.\n"
    assert cli("freeze", "--env", "dev", "--json").json()["frozen"] is None


def test_a_damaged_freeze_holds_until_somebody_removes_it(folder: ProjectFolder, cli: Cli) -> None:
    folder.simple()
    cli("freeze", "--env", "dev", "--reason", "black friday")
    (folder.root / ".orchestrator/dev/state/.freeze.json").write_text("{")
    refused = cli("apply", "--env", "dev", "--yes")
    assert refused.code == 1
    assert "the record of it is damaged" in refused.err
    assert cli("freeze", "--env", "dev", "--thaw").code == 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--thaw", "--reason", "x"], "--thaw goes alone"),
        (["--until", "2999-01-01"], "--until needs a --reason"),
        (["--reason", "x", "--until", "2020-01-01"], "lies in the past"),
        (["--reason", "x", "--until", "soon"], "'soon' is no day or time such as 2026-12-01"),
        (["--reason", "x", "--until", "2026-13-01"], "is no day or time"),
        (["--reason", "x", "--until", "9999-12-31T23:00-12:00"], "is no day or time"),
        (["--reason", ""], "the --reason is empty"),
        (["--reason", " ", "--until", "2999-01-01"], "the --reason is empty"),
    ],
)
def test_a_freeze_that_makes_no_sense_is_refused(
    folder: ProjectFolder, cli: Cli, words: list[str], said: str
) -> None:
    folder.simple()
    refused = cli("freeze", "--env", "dev", *words)
    assert refused.code in (1, 64)
    assert said in refused.err
    assert cli("freeze", "--env", "dev").out == "dev is not frozen.\n"


def test_outside_its_windows_an_environment_is_changed_only_with_a_reason(
    folder: ProjectFolder, cli: Cli
) -> None:
    folder.simple()
    closed = (datetime.now(UTC) + timedelta(hours=6)).strftime("%H:00")
    ended = (datetime.now(UTC) + timedelta(hours=8)).strftime("%H:00")
    window = f"maintenance_windows: [{{start: '{closed}', end: '{ended}'}}]\n"
    folder.environment("dev", "base:\n  variables:\n    name: first\napp: {}\n", HEADER + window)
    refused = cli("apply", "--env", "dev", "--yes")
    assert refused.code == 1
    assert "dev is changed in its maintenance windows only: mon, tue" in refused.err
    assert "maintenance_windows" in refused.err
    assert "--outside-window REASON" in refused.err


@pytest.mark.parametrize(
    ("until", "utc"),
    [
        ("2999-12-01", "2999-12-01T00:00:00+00:00"),
        ("2999-12-01T09:00", "2999-12-01T09:00:00+00:00"),
        ("2999-12-01T09:00+01:00", "2999-12-01T08:00:00+00:00"),
        ("2999-12-01T09:00:00Z", "2999-12-01T09:00:00+00:00"),
    ],
)
def test_the_end_of_a_freeze_is_in_utc_unless_it_has_an_offset(
    folder: ProjectFolder, cli: Cli, until: str, utc: str
) -> None:
    folder.simple()
    frozen = cli("freeze", "--env", "dev", "--reason", "x", "--until", until, "--json").json()["frozen"]
    assert frozen["until"] == utc


def test_who_freezes_again_is_told_which_freeze_that_replaces_and_the_audit_log_knows(
    folder: ProjectFolder, cli: Cli
) -> None:
    folder.simple()
    cli("freeze", "--env", "dev", "--reason", "black friday", "--until", "2999-12-01")
    again = cli("freeze", "--env", "dev", "--reason", "audit", "--until", "2999-01-01")
    assert "This takes the place of: " in again.out
    assert "until 2999-12-01T00:00:00+00:00: black friday" in again.out
    cli("freeze", "--env", "dev", "--thaw")
    records = cli("audit", "show", "--env", "dev", "--json").json()["records"]
    assert any("black friday" in str(record.get("replaced")) for record in records)
    assert any("audit" in str(record.get("ended")) for record in records)


@pytest.mark.parametrize(
    "entry",
    [
        "{start: '25:00', end: '10:00'}",
        "{start: '09:00', end: '10:00', timezone: Mars/Base}",
        "{start: '09:00', end: '10:00', timezone: Europe}",  # a folder of zones
        "{start: '24:00', end: '10:00'}",
        "{start: '09:00'}",
    ],
)
def test_a_window_that_is_none_is_refused_with_its_place(folder: ProjectFolder, cli: Cli, entry: str) -> None:
    folder.simple()
    folder.environment(
        "dev", "base:\n  variables:\n    name: first\napp: {}\n", f"{HEADER}maintenance_windows: [{entry}]\n"
    )
    refused = cli("config", "validate")
    assert refused.code == 1
    assert "maintenance_windows[0]" in refused.err + refused.out
