"""The command line as a whole: help, completion, start-up, module form, colours."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import click
import pytest

from orchestrator.cli.options import ask
from tests.conftest import Cli
from tests.project import ProjectFolder


def test_help_lists_every_command_without_importing_any(cli: Cli) -> None:
    script = (
        "import sys; from orchestrator.cli.main import run; code = run(['--help']);"
        "loaded = {'pydantic', 'yaml', 'jinja2', 'rich', 'boto3', 'checkov', 'tree_sitter'} & set(sys.modules);"
        "sys.exit(f'loaded {loaded}' if loaded else code)"
    )
    result = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    for name in ("config", "graph", "render", "plan", "apply", "destroy", "output", "scan", "emulator"):
        assert f"  {name} " in result.stdout


def test_it_runs_as_a_module_too() -> None:
    result = subprocess.run(
        [sys.executable, "-m", "orchestrator", "--version"], capture_output=True, text=True, check=False
    )
    assert result.stdout.startswith("orchestrator ")


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("orchestrator pl", ["plan"]),
        ("orchestrator plan --env ", ["dev", "local"]),
        ("orchestrator plan --env dev --layer b", ["base"]),
        ("orchestrator graph --format m", ["mermaid"]),
    ],
)
def test_the_shell_completes_commands_environments_and_layers(
    folder: ProjectFolder, words: str, expected: list[str]
) -> None:
    folder.simple()
    folder.environment("local", "base: {variables: {name: x}}\n")
    count = len(words.split()) - (0 if words.endswith(" ") else 1)
    variables = {
        **os.environ,
        "_ORCHESTRATOR_COMPLETE": "bash_complete",
        "COMP_WORDS": words,
        "COMP_CWORD": str(count),
    }
    script = [sys.executable, "-c", "from orchestrator.cli.main import main; main()"]
    result = subprocess.run(
        script, cwd=folder.root, env=variables, capture_output=True, text=True, check=False
    )
    assert [line.split(",")[1] for line in result.stdout.split()] == expected


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_completion_script_names_the_program(cli: Cli, shell: str) -> None:
    assert "_ORCHESTRATOR_COMPLETE" in cli("completion", shell).out


def test_a_defect_is_reported_with_a_log_and_not_with_a_traceback(
    folder: ProjectFolder, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder.simple()
    monkeypatch.setattr("orchestrator.graph.draw.tree", lambda _graph: 1 / 0)
    answer = cli("graph", "--env", "dev")
    assert answer.code == 70
    assert "this is a defect in orchestrator: ZeroDivisionError" in answer.err
    assert "Traceback" not in answer.err
    log = Path(answer.err.split("report it with ")[1].strip())
    assert "ZeroDivisionError" in log.read_text()
    log.unlink()


def test_a_defect_is_reported_without_the_secrets_of_the_process(
    folder: ProjectFolder, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder.simple()
    secret = "ghs_canary'4711\n"

    def leaking(_graph: object) -> None:
        raise ValueError(f"Invalid header value {f'Bearer {secret}'.encode()!r}")

    monkeypatch.setenv("SOME_TOKEN", secret)
    monkeypatch.setenv("SOME_TOKEN_FILE", "/run/secrets/the-token")
    monkeypatch.setattr("orchestrator.graph.draw.tree", leaking)
    for words in ((), ("--debug",)):
        answer = cli(*words, "graph", "--env", "dev")
        assert answer.code == 70
        log = Path(answer.err.split("report it with ")[1].strip())
        assert 'Invalid header value b"Bearer ***' in answer.err
        assert "4711" not in answer.err + log.read_text()
        log.unlink()


def test_a_reader_that_goes_away_is_no_error(folder: ProjectFolder) -> None:
    folder.simple()
    command = f"{sys.executable} -m orchestrator config show --env dev | head -1; exit ${{PIPESTATUS[0]}}"
    result = subprocess.run(
        ["bash", "-c", command], cwd=folder.root, capture_output=True, text=True, check=False
    )
    assert (result.returncode, result.stderr) == (0, "")


def test_render_writes_roots_without_secrets_and_refuses_a_folder_that_is_not_its_own(
    folder: ProjectFolder, cli: Cli, tmp_path: Path
) -> None:
    folder.simple()
    folder.environment("dev", "base:\n  variables: {name: '${path.root}', password: canary-4711}\napp: {}\n")
    out = tmp_path / "out"
    answer = cli("render", "--env", "dev", "--out", str(out), "--json").json()
    assert answer["pending"] == {"app": {"base_id": "base.id"}}
    assert answer["not_written"] == {"base": ["password"]}
    text = "".join(path.read_text() for path in out.rglob("*") if path.is_file())
    assert "canary-4711" not in text
    assert '"base__name": "${path.root}"' in (out / "environment/terraform.tfvars.json").read_text()
    assert '"${module.base.id}"' in (out / "environment/main.tf.json").read_text()
    assert cli("render", "--env", "dev", "--out", str(out)).code == 0
    refused = cli("render", "--env", "dev", "--out", str(folder.root / "terraform"))
    assert (refused.code, "is not empty" in refused.err) == (1, True)


def test_an_interrupt_is_told_as_what_it_is_and_is_json_where_that_was_asked_for(
    folder: ProjectFolder, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stopped(*_: object) -> None:
        raise KeyboardInterrupt

    folder.simple()
    with monkeypatch.context() as patch:
        patch.setattr("orchestrator.session.open_session", stopped)
        plain = cli("freeze", "--env", "dev", "--reason", "x")
        assert (plain.code, plain.out, plain.err.strip()) == (130, "", "Interrupted.")
        as_json = cli("state", "list", "--env", "dev", "--json")
        assert (as_json.code, as_json.json()["error"]["message"]) == (130, "interrupted")
    monkeypatch.setattr("builtins.input", stopped)
    monkeypatch.setattr("sys.stdin.isatty", lambda: False)
    with pytest.raises(click.Abort) as raised:
        ask("Really?", "yes")
    assert raised.value.__cause__ is None
    monkeypatch.setattr("orchestrator.session.open_session", lambda *_: ask("Really?", "yes"))
    asked = cli("state", "list", "--env", "dev")
    assert (asked.code, asked.err.strip()) == (130, "Interrupted; nothing was changed.")
