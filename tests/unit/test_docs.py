"""Documentation that is made from code is what the code says now."""

from __future__ import annotations

from pathlib import Path

import click
import pytest

from orchestrator.cli.main import COMMANDS, LazyGroup, cli
from orchestrator.emulator.table import extension_table
from tests.services import PLANNED, catalogue

REPOSITORY = Path(__file__).parents[2]


def test_the_table_of_emulator_extensions_is_up_to_date() -> None:
    assert extension_table() in (REPOSITORY / "docs" / "emulator.md").read_text()


@pytest.mark.parametrize("name", sorted(name for section in COMMANDS.values() for name in section))
def test_a_command_explains_itself_and_is_in_the_readme(name: str) -> None:
    assert isinstance(cli, LazyGroup)
    command = cli.get_command(click.Context(cli), name)
    assert command is not None
    assert len((command.help or "").splitlines()) >= 1
    assert f"`{name}" in (REPOSITORY / "README.md").read_text()


def test_the_projects_own_environments_hold_together() -> None:
    from orchestrator.config.environment import load_environment
    from orchestrator.config.project import Project
    from orchestrator.graph.graph import build_graph

    project = Project(REPOSITORY)
    assert project.environment_names() == ["dev", "local", "local-full", "prod", "staging"]
    for name in project.environment_names():
        assert set(build_graph(load_environment(project, name)).upstream) == {
            "security",
            "network",
            "auth",
            "data",
            "messaging",
            "api",
            "ml",
            "observability",
            "compute",
            "cicd",
        }
    prod = load_environment(project, "prod")
    assert prod.settings.protected
    assert prod.layers["network"].variables["nat_gateway_mode"].value == "one_per_az"
    assert prod.layers["data"].variables["deletion_protection"].value is True


def test_every_rule_of_the_review_is_on_its_page() -> None:
    from orchestrator.review import rules
    from orchestrator.review.finding import RULES

    rules.load()
    page = (REPOSITORY / "docs" / "review.md").read_text()
    for rule in RULES.values():
        assert f"| `{rule.id}` | {rule.severity} | {rule.category} | {rule.title} |" in page


def test_a_service_that_an_environment_lacks_is_left_out_for_a_reason() -> None:
    for entry in catalogue():
        for environment, reason in entry.get("absent", {}).items():
            assert environment in PLANNED
            assert len(reason) > 10
