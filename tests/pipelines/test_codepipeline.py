"""The target codepipeline: every combination of options is what CodeBuild and the layer cicd take."""

from __future__ import annotations

import json
import re
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from orchestrator.config.environment import load_environment
from orchestrator.config.project import find_project
from orchestrator.errors import OrchestratorError
from orchestrator.pipelines.facts import Facts
from orchestrator.pipelines.target import Target
from tests.pipelines import scripts
from tests.pipelines.rendering import combinations, rendered
from tests.pipelines.scripts import BRANCH, run, shellcheck

REPOSITORY = Path(__file__).parents[2]
BUILD_SPEC = json.loads((REPOSITORY / "tests/schemas/buildspec-0.2.json").read_text())


def test_build_specs_are_what_codebuild_takes_with_every_combination_of_options(
    codepipeline: tuple[Target, Facts], tmp_path: Path
) -> None:
    target, facts = codepipeline
    found: set[str] = set()
    for options in combinations(target):
        files = rendered(target, facts, options)
        specs = {path: text for path, text in files.items() if path.startswith(".aws/")}
        assert (".aws/orchestrator/drift.yml" in specs) is options["drift"]
        assert (".aws/orchestrator/image.yml" in specs) is options["services"]
        for text in specs.values():
            found.add(text)
    assert len(found) == 6
    for text in found:
        jsonschema.validate(scripts.load(text), BUILD_SPEC)
    shellcheck(tmp_path, {scripts.of_build_spec(text) for text in found})


@pytest.mark.parametrize(
    "wrong",
    [
        {"version": 0.2},
        {"version": 0.1, "phases": {"build": {"commands": ["true"]}}},
        {"version": 0.2, "phases": {"deploy": {"commands": ["true"]}}},
        {"version": 0.2, "phases": {"build": {"command": ["true"]}}},
        {"version": 0.2, "phases": {"build": {"commands": [{"a": "b"}]}}},
        {"version": 0.2, "env": {"exported_variables": ["A"]}, "phases": {"build": {"commands": ["true"]}}},
        {"version": 0.2, "phases": {"build": {"commands": ["true"]}}, "artifacts": {"paths": ["**/*"]}},
    ],
)
def test_the_schema_of_build_specs_refuses_what_codebuild_does(wrong: Any) -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(wrong, BUILD_SPEC)


def test_a_command_is_known_after_every_way_to_install_it(
    codepipeline: tuple[Target, Facts], tmp_path: Path
) -> None:
    """AWS's images have Python by pyenv, whose shims are made anew after `pip`, yet not after `python -m pip`."""
    folder = tmp_path / "bin"
    folder.mkdir()
    made = f'printf "#!/bin/sh\\ntrue\\n" > {folder}/orchestrator; chmod +x {folder}/orchestrator'
    for name, body in {
        "python": "true",
        "curl": "true",
        "unzip": "true",
        "sha256sum": "true",
        "pyenv": made,
    }.items():
        (folder / name).write_text(f"#!/bin/sh\n{body}\n")
        (folder / name).chmod(0o755)
    variables = {"PATH": f"{folder}:/usr/bin:/bin", "HOME": str(tmp_path), "CODEBUILD_SRC_DIR": str(tmp_path)}
    spec = rendered(*codepipeline)[".aws/orchestrator/test.yml"]
    done = run(scripts.of_build_spec(spec), tmp_path, variables)
    assert done.returncode == 0, done.stderr


def test_a_service_that_is_called_like_an_own_pipeline_is_refused(codepipeline: tuple[Target, Facts]) -> None:
    target, facts = codepipeline
    prod = facts.environment("prod")
    service = next(one for one in prod.services if one.name == "orders")
    facts = replace(facts, environments=(replace(prod, services=(replace(service, name="platform"),)),))
    with pytest.raises(OrchestratorError, match="the service platform of prod would take the name"):
        rendered(target, facts)
    assert rendered(target, facts, {"services": False})


def test_what_is_exported_is_set_and_what_is_asked_for_is_exported(
    codepipeline: tuple[Target, Facts],
) -> None:
    target, facts = codepipeline
    files = rendered(target, facts)
    exported: dict[str, set[str]] = {}
    for path, text in files.items():
        if path.startswith(".aws/"):
            names = scripts.load(text).get("env", {}).get("exported-variables", [])
            exported[path] = set(names)
            for name in names:
                assert f"export {name}=" in text, (path, name)
    namespaces = {"plan": "plan", "image": "image", "code": "function"}
    asked = set(re.findall(r"#\{(\w+)\.(\w+)\}", files["terraform/envs/prod/pipeline.yaml"]))
    assert {"PLAN_ID", "REVIEW_SUMMARY", "VERSION", "IMAGE"} <= {name for _, name in asked}
    for namespace, name in asked:
        assert name in exported[f".aws/orchestrator/{namespaces[namespace]}.yml"]


def test_the_layers_input_is_valid_with_every_combination_and_asks_where_somebody_is_to_be_asked(
    codepipeline: tuple[Target, Facts], shipped: Path
) -> None:
    target, facts = codepipeline
    path = shipped / "terraform/envs/prod/environment.yaml"
    before = path.read_text()
    path.write_text(before.replace("extends: ../aws.yaml", "extends: [../aws.yaml, pipeline.yaml]"))
    fragment = path.with_name("pipeline.yaml")
    seen: dict[str, dict[str, Any]] = {}
    try:
        for options in combinations(target):
            for name in ("dev", "prod"):
                text = rendered(target, facts, options)[f"terraform/envs/{name}/pipeline.yaml"]
                if text not in seen:
                    seen[text] = options
                    stages = scripts.load(text)["layers"]["cicd"]["variables"]["pipelines"]["platform"][
                        "stages"
                    ]
                    names = [stage["name"] for stage in stages]
                    assert ("Review" in names) is (name not in str(options["unattended"]))
                    assert (names[-1] == "Apply") is (options["apply"] == "whole")
        for text in list(seen)[::8]:  # loading takes a second each
            fragment.write_text(text.replace("environment: dev", "environment: prod"))
            load_environment(find_project(shipped), "prod")
    finally:
        path.write_text(before)
        fragment.unlink(missing_ok=True)
    assert len(seen) > 30


def test_every_layer_is_applied_once_after_what_it_needs_and_the_pipelines_own_last(
    codepipeline: tuple[Target, Facts],
) -> None:
    target, facts = codepipeline
    for environment in facts.environments:
        text = rendered(target, facts)[f"terraform/envs/{environment.name}/pipeline.yaml"]
        stages = scripts.load(text)["layers"]["cicd"]["variables"]["pipelines"]["platform"]["stages"]
        waves = [
            stage["actions"][0]["variables"]["LAYERS"].split()
            for stage in stages
            if stage["name"].startswith("Apply")
        ]
        order = [layer for wave in waves for layer in wave]
        assert sorted(order) == sorted(layer.name for layer in environment.layers)
        assert waves[-1] == ["cicd"]
        for layer in environment.layers:
            wave = next(number for number, names in enumerate(waves) if layer.name in names)
            assert all(any(need in names for names in waves[:wave]) for need in layer.needs if need != "cicd")


def test_services_that_a_deployment_moves_have_a_pipeline_and_the_others_none(
    codepipeline: tuple[Target, Facts],
) -> None:
    target, facts = codepipeline
    variables = {
        name: scripts.load(rendered(target, facts)[f"terraform/envs/{name}/pipeline.yaml"])["layers"]["cicd"][
            "variables"
        ]
        for name in ("dev", "prod")
    }
    assert set(variables["dev"]["pipelines"]) == {"platform", "drift", "orders"}
    assert set(variables["prod"]["pipelines"]) == {"platform", "drift", "catalog", "orders"}
    deploy = variables["prod"]["pipelines"]["orders"]["stages"][-1]["actions"][0]
    assert (deploy["type"], deploy["target_version"]) == ("deploy_lambda", "#{code.VERSION}")
    assert variables["prod"]["projects"]["catalog-image"]["push_images_of"] == ["catalog"]


def test_build_specs_run_the_commands_of_a_person(
    codepipeline: tuple[Target, Facts], recorder: dict[str, str], tmp_path: Path
) -> None:
    target, facts = codepipeline
    files = rendered(target, facts)
    variables = {**recorder, "ORCHESTRATOR_ENV": "prod"}

    def build(name: str, *after: str, **more: str) -> subprocess.CompletedProcess[str]:
        script = scripts.of_build_spec(files[f".aws/orchestrator/{name}.yml"], ("pre_build", "build"))
        return run(script + "\n".join(after), tmp_path, variables | more)

    planned = build("plan", 'echo "$PLAN_ID|$REVIEW_SUMMARY"')
    assert planned.returncode == 0, planned.stderr
    assert planned.stdout.splitlines()[-1] == "20260101T000000Z-abcd|prod: 1 to create"
    assert build("apply", PLAN_ID="X", LAYERS="network security").returncode == 0
    assert build("apply", PLAN_ID=BRANCH).returncode == 0
    assert build("drift").returncode == 0
    assert Path(recorder["RECORD"]).read_text().splitlines()[-3:] == [
        "[apply][--env][prod][--plan][X][--yes][--layer][network][--layer][security]",
        f"[apply][--env][prod][--plan][{BRANCH}][--yes]",
        "[drift][--env][prod]",
    ]
    assert not list(tmp_path.rglob("pwned"))


AWS = """#!/usr/bin/env bash
printf '%s\\n' "$1 $2" >> "$CALLS"
case "$1 $2" in
  "ecr batch-get-image") cat "$CANDIDATE" ;;
  "ecr describe-image-scan-findings")
    next="$(head -n 1 "$SCANS")"
    if [ "$(wc -l < "$SCANS")" -gt 1 ]; then sed -i 1d "$SCANS"; fi
    if [ -z "$next" ]; then echo "An error occurred (ScanNotFoundException)" >&2; exit 254; fi
    printf '%s' "$next" ;;
  "ecr put-image")
    while [ $# -gt 0 ]; do
      case "$1" in
        --image-tag) echo "tag $2" >> "$PUT" ;;
        --image-digest) echo "digest $2" >> "$PUT" ;;
        --image-manifest) cmp "${2#file://}" "$MANIFEST" && echo "manifest as it was" >> "$PUT" ;;
      esac
      shift
    done ;;
  "ecs describe-task-definition") cat "$TASK" ;;
esac
"""
DIGEST = "sha256:" + "a" * 64
PENDING: dict[str, Any] = {"imageScanStatus": {"status": "PENDING"}}
TOO_EARLY: dict[str, Any] = {"imageScanStatus": {"status": "COMPLETE"}, "imageScanFindings": {"findings": []}}


def scanned(status: str, **counts: int) -> dict[str, Any]:
    findings = {"imageScanCompletedAt": "2026-01-01T00:00:00Z", "findingSeverityCounts": counts}
    return {"imageScanStatus": {"status": status}, "imageScanFindings": findings}


@pytest.mark.parametrize(
    ("answers", "problem"),
    [
        ([scanned("COMPLETE", MEDIUM=2)], None),
        ([None, PENDING, TOO_EARLY, scanned("COMPLETE", LOW=1)], None),
        ([PENDING, {"imageScanStatus": {"status": "ACTIVE"}}, scanned("ACTIVE")], None),
        ([scanned("COMPLETE", HIGH=2)], "from HIGH on: 2 high"),
        ([TOO_EARLY, scanned("ACTIVE", CRITICAL=2)], "from HIGH on: 2 critical"),
        ([{"imageScanStatus": {"status": "UNSUPPORTED_IMAGE"}}], "can't be scanned: UNSUPPORTED_IMAGE"),
        ([PENDING], "was not scanned within 15 minutes (PENDING)"),
        ([TOO_EARLY], "was not scanned within 15 minutes (COMPLETE)"),
    ],
)
def test_only_an_image_that_was_scanned_and_has_passed_is_tagged_as_a_release_and_handed_on(
    codepipeline: tuple[Target, Facts],
    recorder: dict[str, str],
    tmp_path: Path,
    answers: list[dict[str, Any] | None],
    problem: str | None,
) -> None:
    target, facts = codepipeline
    script = scripts.of_build_spec(rendered(target, facts)[".aws/orchestrator/image.yml"])
    docker = '#!/bin/sh\necho "docker $1 $2" >> $CALLS\ncat > /dev/null < /dev/null\n'
    for name, text in (("aws", AWS), ("docker", docker)):
        (tmp_path / "bin" / name).write_text(text)
        (tmp_path / "bin" / name).chmod(0o755)
    manifest = '{\n  "schemaVersion": 2, "config": {"digest": "x\\u00e9"}\n}\n\n'
    candidate = {
        "images": [
            {
                "imageId": {"imageDigest": DIGEST, "imageTag": "candidate-0123456789ab-3"},
                "imageManifest": manifest,
                "imageManifestMediaType": "application/vnd.oci.image.manifest.v1+json",
            }
        ]
    }
    task = {
        "family": "f",
        "revision": 7,
        "status": "ACTIVE",
        "containerDefinitions": [{"name": "catalog", "image": "old"}],
    }
    files = {
        "MANIFEST": manifest,
        "CANDIDATE": json.dumps(candidate),
        "SCANS": "".join(f"{json.dumps(one) if one else ''}\n" for one in answers),
        "TASK": json.dumps(task),
        "CALLS": "",
        "PUT": "",
    }
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    variables = {
        **recorder, **{name: str(tmp_path / name) for name in files}, "SCAN_PAUSE": "0", "SERVICE": "catalog",
        "SERVICE_FOLDER": "services/catalog", "SERVICE_PORT": "8080", "REPOSITORY": "shop-catalog", "REGISTRY": "r.example",
        "TASK_FAMILY": "f", "BLOCKING_SEVERITY": "HIGH", "CODEBUILD_RESOLVED_SOURCE_VERSION": "0123456789abcdef",
        "CODEBUILD_BUILD_NUMBER": "3",
    }  # fmt: skip
    done = run(script, tmp_path, variables)
    pushed = [
        line for line in (tmp_path / "CALLS").read_text().splitlines() if line.startswith("docker push")
    ]
    assert pushed == ["docker push r.example/shop-catalog:candidate-0123456789ab-3"]
    if problem:
        assert done.returncode != 0
        assert problem in done.stderr
        assert "put-image" not in (tmp_path / "CALLS").read_text()
        assert not (tmp_path / "imageDetail.json").exists()
        return
    assert done.returncode == 0, done.stderr
    put = (tmp_path / "PUT").read_text().splitlines()
    assert sorted(put) == sorted(["tag release-0123456789ab-3", f"digest {DIGEST}", "manifest as it was"])
    assert json.loads((tmp_path / "imageDetail.json").read_text()) == {
        "ImageURI": f"r.example/shop-catalog@{DIGEST}"
    }
    assert json.loads((tmp_path / "taskdef.json").read_text()) == {
        "family": "f",
        "containerDefinitions": [{"name": "catalog", "image": "<IMAGE1_NAME>"}],
    }
    specification = scripts.load((tmp_path / "appspec.yaml").read_text())
    service = specification["Resources"][0]["TargetService"]["Properties"]
    assert service["LoadBalancerInfo"] == {"ContainerName": "catalog", "ContainerPort": 8080}
