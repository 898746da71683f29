"""Targets, settings, facts, rendering, writing and checking; no Terraform, no network."""

from __future__ import annotations

from pathlib import Path

import pytest

from orchestrator.pipelines.render import UnquotedError, quote_shell, quote_yaml, word
from tests.conftest import Cli, tree_of
from tests.project import ProjectFolder

SETTINGS = """\
repository: shop/platform
environments:
  dev: {}
  prod: {}
install: [python -m pip install -r requirements.txt]
targets: {demo: {}}
"""
TARGET = """\
description: A target for tests
requires: [repository, remote_backend, roles, install]
options:
  nightly: {type: boolean, default: true, help: Whether it runs at night.}
  size: {type: choice, choices: [small, large], default: small, help: How large it is.}
  days: {type: integer, default: 30, help: How long something is kept.}
  hour: {type: string, pattern: "[0-9]+ .*", default: 3 o'clock, help: When it runs.}
  open: {type: list, of: environment, default: [], help: Where nobody is asked.}
outputs:
  - {template: main.j2, path: ci/main.yml}
  - {template: env.j2, path: "ci/{{ environment.name }}.yml", for_each: environment}
  - {template: night.j2, path: ci/night.yml, when: nightly}
"""


@pytest.fixture
def project(folder: ProjectFolder) -> ProjectFolder:
    """Two environments in two accounts, and a target of the project's own."""
    folder.simple()
    for name, account in (("dev", "111111111111"), ("prod", "333333333333")):
        environment(folder, name, account)
    folder.write("pipelines/settings.yaml", SETTINGS)
    folder.write("pipelines/demo/target.yaml", TARGET)
    folder.write(
        "pipelines/demo/main.j2",
        "size: {{ options.size | yaml }}\nbranch: {{ facts.default_branch | yaml }}\n",
    )
    folder.write(
        "pipelines/demo/env.j2",
        "account: {{ environment.account_id | yaml }}\nrole: {{ environment.apply_role | yaml }}\n"
        "after: {{ environment.after | yaml }}\n"
        "layers: {{ environment.layers | map(attribute='name') | list | yaml }}\n"
        "run: orchestrator plan --env {{ environment.name | shell }}\n",
    )
    folder.write("pipelines/demo/night.j2", "night: true\n")
    return folder


def environment(
    folder: ProjectFolder, name: str, account: str, backend: str = "", auth: str | None = None
) -> None:
    """An environment in S3 with roles from the layer auth."""
    backend = backend or f"backend: {{type: s3, bucket: shop-{name}-states, region: eu-west-1}}\n"
    folder.module("auth", 'variable "github" {\n  type    = any\n  default = null\n}\n')
    given = auth if auth is not None else f"repository: shop/platform, plan_environment: {name}-plan"
    variables = f"auth: {{variables: {{github: {{{given}}}}}}}\n" if given else "auth: {}\n"
    folder.environment(
        name,
        f"base: {{variables: {{name: first}}}}\napp: {{}}\n{variables}",
        f'project: shop\nregion: eu-west-1\naccount_id: "{account}"\n{backend}',
    )


def test_a_target_of_the_project_is_found_rendered_and_up_to_date(project: ProjectFolder, cli: Cli) -> None:
    done = cli("pipelines", "generate", "--target", "demo", "--json")
    assert done.code == 0, done.err
    assert done.json()["written"] == ["ci/dev.yml", "ci/main.yml", "ci/night.yml", "ci/prod.yml"]
    text = (project.root / "ci/prod.yml").read_text()
    assert text.startswith("# Made by `orchestrator pipelines generate --target demo`.")
    assert 'account: "333333333333"' in text
    assert 'role: "arn:aws:iam::333333333333:role/shop-prod-auth-deploy-apply"' in text
    assert "after: dev" in text
    assert "layers: [auth, base, app]" in text
    assert (project.root / "ci/prod.yml").stat().st_mode & 0o777 == 0o644
    assert cli("pipelines", "check").code == 0
    again = cli("pipelines", "generate", "--target", "demo", "--json").json()
    assert again["written"] == []
    assert again["removed"] == []


def test_check_tells_out_of_date_from_changed_by_hand_and_names_the_lines(
    project: ProjectFolder, cli: Cli
) -> None:
    cli("pipelines", "generate", "--target", "demo")
    main = project.root / "ci/main.yml"
    made = main.read_text()
    main.write_text(made.replace("size: small", "size: large"))
    edited = cli("pipelines", "check", "--target", "demo")
    assert edited.code == 1
    assert "ci/main.yml: changed by hand" in edited.out
    assert "ci/main.yml:3: - size: large" in edited.out
    assert "ci/main.yml:3: + size: small" in edited.out
    refused = cli("pipelines", "generate", "--target", "demo")
    assert refused.code == 1
    assert "changed by hand" in refused.err
    assert "--force" in refused.err
    main.write_text(made)

    settings = project.root / "pipelines/settings.yaml"
    settings.write_text(settings.read_text().replace("demo: {}", "demo: {size: large, nightly: false}"))
    stale = cli("pipelines", "check", "--json")
    assert stale.code == 1
    found = {one["path"]: one for one in stale.json()["targets"]["demo"]}
    assert found["ci/main.yml"]["kind"] == "out of date"
    assert found["ci/main.yml"]["lines"][0] == {"line": 3, "sign": "-", "text": "size: small"}
    assert found["ci/night.yml"]["kind"] == "left over"
    removed = cli("pipelines", "generate", "--target", "demo", "--json").json()
    assert removed["removed"] == ["ci/night.yml"]
    assert not (project.root / "ci/night.yml").exists()
    assert cli("pipelines", "check").code == 0


def test_check_tells_the_line_ends_of_windows_from_a_change_and_generate_mends_them(
    project: ProjectFolder, cli: Cli
) -> None:
    cli("pipelines", "generate", "--target", "demo")
    files = sorted((project.root / "ci").iterdir())
    made = {path: path.read_bytes() for path in files}
    for path, content in made.items():
        path.write_bytes(content.replace(b"\n", b"\r\n"))
    found = cli("pipelines", "check", "--json")
    assert found.code == 1
    assert {(one["kind"], len(one["lines"])) for one in found.json()["targets"]["demo"]} == {("line ends", 0)}
    assert "ci/main.yml: its lines end with CRLF" in cli("pipelines", "check").out
    settings = project.root / "pipelines/settings.yaml"
    settings.write_text(settings.read_text().replace("demo: {}", "demo: {size: large}"))
    stale = {one["path"]: one for one in cli("pipelines", "check", "--json").json()["targets"]["demo"]}
    assert stale["ci/main.yml"]["kind"] == "out of date"
    assert [line["line"] for line in stale["ci/main.yml"]["lines"]] == [3, 3]
    settings.write_text(settings.read_text().replace("demo: {size: large}", "demo: {}"))
    assert cli("pipelines", "generate", "--target", "demo").code == 0
    assert {path: path.read_bytes() for path in files} == made


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("repository: shop/platform\n", ""), "must know the repository's slug"),
        (("install:", "instal:"), "unknown key"),
        (("  dev: {}", "  dve: {}"), 'there is no environment "dve"'),
        (("demo: {}", "demo: {nighty: true}"), 'has no option "nighty"'),
        (("demo: {}", "demo: {nightly: 1}"), "can't be 1"),
        (("demo: {}", "demo: {days: 0}"), "can't be 0; give a whole number from 1 on"),
        (("demo: {}", "demo: {hour: never}"), "can't be 'never'; give a string like \"3 o'clock\""),
        (("demo: {}", "demo: {open: [dve]}"), 'names "dve", which is no environment; did you mean "dev"?'),
        (("repository: shop/platform", "repository: shop/platform; rm -rf x"), "is not accepted"),
        (("install: [python", 'install: ["a\\nb", python'), "is not accepted"),
        (("install: [python", 'install: ["a\\u2028b", python'), "is not accepted"),
        (("install: [python -m pip install -r requirements.txt]\n", ""), "how orchestrator is installed"),
        (("repository: shop/platform", "repository: other/repo"), "trust the repository shop/platform, not other/repo"),
    ],
)  # fmt: skip
def test_settings_that_do_not_fit_are_named_with_their_place_and_nothing_is_written(
    project: ProjectFolder, cli: Cli, change: tuple[str, str], message: str
) -> None:
    settings = project.root / "pipelines/settings.yaml"
    settings.write_text(settings.read_text().replace(*change))
    before = tree_of(project.root)
    done = cli("pipelines", "generate", "--target", "demo")
    assert done.code == 1, done.out
    assert message in done.err
    assert ".yaml:" in done.err
    assert tree_of(project.root) == before


def test_environments_that_a_runner_could_not_use_are_refused(project: ProjectFolder, cli: Cli) -> None:
    environment(project, "prod", "333333333333", backend="tags: {}\n")
    local = cli("pipelines", "generate", "--target", "demo")
    assert local.code == 1
    assert "prod keeps its states on the local disk" in local.err
    assert "terraform/envs/prod/environment.yaml" in local.err
    environment(project, "prod", "333333333333", auth="")
    assert "has no roles for pipelines" in cli("pipelines", "generate", "--target", "demo").err
    environment(project, "prod", "333333333333", auth="plan_environment: prod")
    assert "would share the CI environment prod" in cli("pipelines", "generate", "--target", "demo").err
    environment(project, "prod", "33333333333")
    assert "account_id" in cli("pipelines", "generate", "--target", "demo").err
    assert not (project.root / "ci").exists()


def test_an_unknown_target_or_option_is_wrong_usage(project: ProjectFolder, cli: Cli) -> None:
    unknown = cli("pipelines", "generate", "--target", "demi")
    assert unknown.code == 64
    assert "demo" in unknown.err
    assert cli("pipelines", "generate", "--target", "../x").code == 64
    assert cli("pipelines", "generate", "--target", "demo", "--option", "size=huge").code == 64
    assert cli("pipelines", "generate", "--target", "demo", "--option", "days=-1").code == 64
    twice = cli("pipelines", "generate", "--target", "demo", "--env", "dev", "--env", "dev")
    assert (twice.code, twice.err) == (64, "Error: --env dev is given twice\n")
    assert not (project.root / "ci").exists()
    assert cli("pipelines", "generate", "--target", "demo", "--repository", "$(x)").code == 64


def test_nothing_is_written_when_one_file_cannot_be(
    project: ProjectFolder, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    cli("pipelines", "generate", "--target", "demo")
    before = tree_of(project.root)
    real, calls = Path.replace, [0]

    def failing(self: Path, target: Path) -> Path:
        calls[0] += 1
        if calls[0] == 2:
            raise OSError(28, "No space left on device", str(target))
        return real(self, target)

    monkeypatch.setattr(Path, "replace", failing)
    done = cli(
        "pipelines", "generate", "--target", "demo", "--env", "prod", "--env", "dev", "--option", "size=large"
    )
    assert done.code == 1
    assert "No space left on device" in done.err
    assert calls[0] >= 2
    monkeypatch.undo()
    assert tree_of(project.root) == before


def test_a_project_that_is_only_a_folder_of_its_repository_is_warned_of(
    project: ProjectFolder, cli: Cli, tmp_path: Path
) -> None:
    words = ("pipelines", "generate", "--target", "demo", "--json")
    assert cli(*words).err == ""
    (project.root.parent / ".git").mkdir()
    warned = cli(*words)
    assert warned.code == 0
    assert warned.json()["target"] == "demo"
    assert f"a folder of the repository {project.root.parent}" in warned.err
    assert cli(*words, "--out", str(tmp_path / "elsewhere")).err == ""
    (project.root / ".git").mkdir()
    assert cli(*words).err == ""


def test_a_foreign_file_is_not_overwritten(project: ProjectFolder, cli: Cli) -> None:
    project.write("ci/main.yml", "mine: true\n")
    assert "was not made by us" in cli("pipelines", "generate", "--target", "demo").err
    assert (project.root / "ci/main.yml").read_text() == "mine: true\n"
    assert cli("pipelines", "generate", "--target", "demo", "--force").code == 0


@pytest.mark.parametrize(
    "template",
    [
        "a: {{ facts.default_branch }}\n",
        "a: {{ facts.default_branch ~ 'x' }}\n",
        "a: {{ facts.nothing | yaml }}\n",
        "a: {{ ''.__class__.__mro__ | yaml }}\n",
        "a: {% if %}\n",
        "a: {{ uses('actions/checkout') }}\n",
    ],
)
def test_a_template_that_would_put_text_out_raw_is_refused_with_its_line(
    project: ProjectFolder, cli: Cli, template: str
) -> None:
    project.write("pipelines/demo/main.j2", "first: line\n" + template)
    done = cli("pipelines", "generate", "--target", "demo")
    assert done.code == 1
    assert "main.j2:2: the template can't be rendered" in done.err


@pytest.mark.parametrize(
    "nasty",
    [
        "$(touch x)",
        "`x`",
        "a; b",
        "a\"b'c",
        "${{ github.token }}",
        "no",
        "1e3",
        "a: b",
        "# x",
        "é\t",
        "🚀",
        "\\ud83d\\ude80",
    ],
)
def test_quoting_keeps_what_is_quoted(nasty: str) -> None:
    import shlex

    import yaml

    assert yaml.safe_load(f"key: {quote_yaml(nasty)}") == {"key": nasty}
    assert yaml.safe_load(f"key: {quote_yaml([nasty, nasty])}") == {"key": [nasty, nasty]}
    assert shlex.split(f"x {quote_shell(nasty)}") == ["x", nasty]
    if nasty not in ("no", "1e3"):
        with pytest.raises(UnquotedError):
            word(nasty)


def test_the_targets_that_come_with_orchestrator_are_found_from_any_project(
    folder: ProjectFolder, cli: Cli
) -> None:
    folder.simple()
    listed = cli("pipelines", "list", "--json").json()["targets"]
    assert "github" in [target["name"] for target in listed]
