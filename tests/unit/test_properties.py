"""Any YAML gives an environment or an OrchestratorError, never another exception."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from orchestrator.config.environment import Environment, load_environment
from orchestrator.config.project import Project
from orchestrator.errors import OrchestratorError
from orchestrator.yaml_tree import parse_yaml
from tests.project import ProjectFolder

SETTINGS = settings(
    max_examples=400,
    deadline=None,
    derandomize="CI" in os.environ,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)

WORDS = (
    "project region account_id layers backend tags extends emulator protected base app variables inputs source version "
    "enabled name type bucket queues fifo delay"
)
KEYS = st.sampled_from(WORDS.split()) | st.text(max_size=8)
TEMPLATES = st.sampled_from(
    [
        "{{ environment.name }}",
        "{{ nothing }}",
        "{{ 1 // 0 }}",
        "{{ ''.__class__ }}",
        "{{ 'a' * 99999999 }}",
        "{{ env('NOT_SET_ANYWHERE') }}",
        "{{",
        "{% if x %}",
        "{{ [1, 2][9] }}",
        "{{ environment.name.x.y }}",
        "{{ 'x'.format(1) }}",
        "{{ 9999999999 ** 9999999 }}",
        "{{ '%0999999999d' % 1 }}",
        "{{ environment | join | trim | int + 'x' }}",
    ]
)
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | TEMPLATES
VALUES: st.SearchStrategy[Any] = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=5),
    max_leaves=25,
)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    return Project(ProjectFolder(tmp_path_factory.mktemp("properties") / "project").simple().root)


def load(project: Project, content: bytes) -> Environment | None:
    path = project.environments / "dev" / "environment.yaml"
    path.write_bytes(content)
    try:
        return load_environment(project, "dev")
    except OrchestratorError:
        return None


@SETTINGS
@given(content=st.binary(max_size=400))
def test_any_bytes_are_read_or_refused(project: Project, content: bytes) -> None:
    load(project, content)


@SETTINGS
@given(content=st.text(alphabet="ab:-[]{}#&*!|>'\"%@`\n\t ,?<~0129.{}\\", max_size=120))
def test_any_text_of_yamls_own_signs_is_read_or_refused(project: Project, content: str) -> None:
    load(project, content.encode())


@SETTINGS
@given(document=st.dictionaries(KEYS, VALUES, max_size=6))
def test_any_document_is_an_environment_or_refused(project: Project, document: dict[str, Any]) -> None:
    load(project, yaml.safe_dump(document).encode())


@SETTINGS
@given(
    layers=st.dictionaries(st.sampled_from(["base", "app"]) | KEYS, VALUES, max_size=3),
    variables=st.dictionaries(
        st.sampled_from(["name", "tags", "queues", "password"]) | KEYS, VALUES, max_size=3
    ),
)
def test_any_layers_and_variables_are_an_environment_or_refused(
    project: Project, layers: dict[str, Any], variables: dict[str, Any]
) -> None:
    document = {
        "project": "shop",
        "region": "eu-west-1",
        "account_id": "123456789012",
        "layers": {**layers, "base": {"variables": {"name": "x", **variables}}},
    }
    load(project, yaml.safe_dump(document).encode())


SIGNS = st.characters(categories=("L", "N", "P", "S")) | st.sampled_from(' \n\t"\\')
NAMES = st.text(SIGNS, min_size=1, max_size=8)


@SETTINGS
@given(
    value=st.recursive(
        st.none()
        | st.booleans()
        | st.integers(-(10**30), 10**30)
        | st.floats(allow_nan=False, allow_infinity=False)
        | st.text(SIGNS, max_size=20),
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=4),
    )
)
def test_any_json_is_read_as_json_means_it(value: Any) -> None:
    assert parse_yaml(json.dumps(value, ensure_ascii=False).encode(), Path("file.yaml")).plain() == value


@pytest.mark.parametrize("content", [b"[" * 100_000, b"- " * 100_000, b"{a: " * 50_000, b"a: &x [*x]"])
def test_a_file_built_to_exhaust_the_parser_is_refused(project: Project, content: bytes) -> None:
    assert load(project, content) is None


def test_an_alias_bomb_is_refused(project: Project) -> None:
    lines = ["a0: &a0 [x, x]"] + [f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}, *a{n - 1}]" for n in range(1, 40)]
    with pytest.raises(OrchestratorError, match="aliases counted"):
        parse_yaml("\n".join(lines).encode(), Path("file.yaml"))
