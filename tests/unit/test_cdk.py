"""CDK apps: their entry, how they are run, what is made of what they write."""

from __future__ import annotations

import importlib.util
import json
import shutil
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from orchestrator.cdk import CdkApp, StackTemplate, Target, synthesize
from orchestrator.cdk.app import is_app_name
from orchestrator.cdk.assembly import needed_capabilities
from orchestrator.cdk.command import find_command
from orchestrator.errors import OrchestratorError

ACCOUNT, REGION = "123456789012", "eu-west-1"
TARGET = Target(ACCOUNT, REGION, "shop-local-cicd-cdk-assets-123456789012")
BOOTSTRAP_BUCKET = "cdk-hnb659fds-assets-${AWS::AccountId}-${AWS::Region}"
NODE = shutil.which("node")
SAMPLE = Path(__file__).parents[2] / "examples" / "cdk"

# Writes what `assembly.json` beside it says, and what it was started with, as an app of aws-cdk-lib would.
FAKE_APP = """
import json, os, pathlib, sys
out = pathlib.Path(os.environ["CDK_OUTDIR"])
out.mkdir(parents=True)
for name, content in json.loads(pathlib.Path("assembly.json").read_text()).items():
    file = out / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(content if isinstance(content, str) else json.dumps(content))
pathlib.Path("seen.json").write_text(json.dumps(dict(os.environ)))
"""

QUEUE = {"Resources": {"Queue": {"Type": "AWS::SQS::Queue"}}}


def stack(template: str = "Reports.template.json", **more: Any) -> dict[str, Any]:
    properties = {"templateFile": template} | more.pop("properties", {})
    return {
        "type": "aws:cloudformation:stack",
        "environment": "aws://unknown-account/unknown-region",
        "properties": properties,
    } | more


def assembly(template: dict[str, Any] | None = None, **stacks: dict[str, Any]) -> dict[str, Any]:
    """The files of an assembly: one stack, Reports, unless others are given."""
    artifacts = stacks or {"Reports": stack()}
    return {
        "manifest.json": {"version": "55.0.0", "artifacts": artifacts},
        "Reports.template.json": template or QUEUE,
    }


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with an app that writes what the test gives it."""
    app = tmp_path / "apps" / "reports"
    app.mkdir(parents=True)
    (app / "app.py").write_text(FAKE_APP)
    (app / "cdk.json").write_text(
        json.dumps({"app": "python3 app.py", "context": {"stage": "from cdk.json"}})
    )
    return tmp_path


@pytest.fixture(autouse=True)
def _no_cdk(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """A PATH without a ``cdk``, and credentials that no app may see."""
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    monkeypatch.setenv("TF_VAR_password", "secret")


def run(project: Path, files: dict[str, Any], **entry: Any) -> list[StackTemplate]:
    (project / "apps" / "reports" / "assembly.json").write_text(json.dumps(files))
    app = CdkApp.model_validate({"path": "apps/reports"} | entry)
    return synthesize(app, project, project / ".orchestrator" / "cdk", name="reports", target=TARGET)


def refusal(project: Path, files: dict[str, Any], **entry: Any) -> OrchestratorError:
    with pytest.raises(OrchestratorError) as error:
        run(project, files, **entry)
    assert error.value.remedy
    return error.value


def test_a_stack_becomes_a_template_of_the_layer(project: Path) -> None:
    (found,) = run(project, assembly(Reports=stack(properties={"stackName": "NightlyReports"})))

    assert (found.name, found.stack) == ("reports-nightly-reports", "NightlyReports")
    assert json.loads(found.template.read_bytes()) == QUEUE
    assert found.variable(project) == {
        "template_file": ".orchestrator/cdk/templates/reports-nightly-reports.json",
        "parameters": {},
        "capabilities": [],
        "termination_protection": False,
        "assets": {},
    }


def test_the_app_runs_as_the_command_line_would_run_it_and_sees_no_credentials(project: Path) -> None:
    (project / "apps" / "reports" / "cdk.context.json").write_text('{"zones": ["a"]}')
    run(project, assembly(), context={"stage": "from the entry"}, environment={"FLAVOUR": "sweet"})

    seen = json.loads((project / "apps" / "reports" / "seen.json").read_text())
    context = json.loads(seen["CDK_CONTEXT_JSON"])
    assert (seen["CDK_DEFAULT_ACCOUNT"], seen["CDK_DEFAULT_REGION"]) == (ACCOUNT, REGION)
    assert seen["FLAVOUR"] == "sweet"
    assert (context["stage"], context["zones"]) == ("from the entry", ["a"])
    assert context["aws:cdk:version-reporting"] is False
    assert "secret" not in seen.values()


def test_with_a_cdk_on_path_it_is_the_one_that_runs(project: Path) -> None:
    tools = project / "tools"
    tools.mkdir()
    cdk = tools / "cdk"
    cdk.write_text("#!/bin/sh\n")
    cdk.chmod(0o755)
    folder, out = project / "apps" / "reports", project / "out"
    app = CdkApp(path="apps/reports", context={"stage": "prod", "zones": ["a"]})

    command = find_command(app, folder, out, ACCOUNT, REGION, {"PATH": str(tools)})

    assert command.words[:2] == (str(cdk), "synth")
    assert "--no-lookups" in command.words
    assert command.words[command.words.index("--app") + 1] == "python3 app.py"
    assert command.words[command.words.index("--output") + 1] == str(out)
    assert command.words[-4:] == ("--context", "stage=prod", "--context", 'zones=["a"]')
    assert command.variables["AWS_REGION"] == REGION


def test_an_apps_own_virtual_environment_comes_first(project: Path) -> None:
    folder = project / "apps" / "reports"
    (folder / ".venv" / "bin").mkdir(parents=True)

    command = find_command(
        CdkApp(path="apps/reports"), folder, project, ACCOUNT, REGION, {"PATH": "/usr/bin"}
    )

    places = command.variables["PATH"].split(":")
    assert places[0] == str(folder / ".venv" / "bin")
    assert set(places[1:]) == {str(Path(sys.executable).parent), "/usr/bin"}


def with_asset(source: dict[str, Any], **files: Any) -> dict[str, Any]:
    """An assembly whose stack names an asset of the bootstrap bucket."""
    template = {
        "Resources": {
            "Function": {
                "Type": "AWS::Lambda::Function",
                "Properties": {"Code": {"S3Bucket": {"Fn::Sub": BOOTSTRAP_BUCKET}, "S3Key": "abc.zip"}},
            },
            "Role": {"Type": "AWS::IAM::Role", "Properties": {"RoleName": "reports"}},
        },
        "Parameters": {"BootstrapVersion": {"Type": "AWS::SSM::Parameter::Value<String>", "Default": "/x"}},
        "Rules": {"CheckBootstrapVersion": {}},
    }
    destinations = {"current": {"bucketName": BOOTSTRAP_BUCKET, "objectKey": "abc.zip"}}
    itself = {"source": {"path": "Reports.template.json", "packaging": "file"}, "destinations": destinations}
    assets = {"type": "cdk:asset-manifest", "properties": {"file": "Reports.assets.json"}}
    whole = assembly(
        template,
        **{"Reports.assets": assets, "Reports": stack(dependencies=["Reports.assets"])},
    )
    manifest = {
        "files": {"abc": {"source": source, "destinations": destinations}, "self": itself},
        "dockerImages": {},
    }
    return whole | {"Reports.assets.json": manifest} | files


def test_assets_go_to_the_layers_bucket(project: Path) -> None:
    files = with_asset(
        {"path": "asset.abc", "packaging": "zip"},
        **{"asset.abc/index.py": "print()", "asset.abc/lib/.hidden": "kept"},
    )
    (found,) = run(project, files)

    template = json.loads(found.template.read_bytes())
    code = template["Resources"]["Function"]["Properties"]["Code"]
    assert code == {"S3Bucket": {"Fn::Sub": TARGET.assets_bucket}, "S3Key": "abc.zip"}
    assert set(template) == {"Resources"}
    assert list(found.assets) == ["abc.zip"]
    with zipfile.ZipFile(found.assets["abc.zip"]) as archive:
        assert archive.namelist() == ["index.py", "lib/.hidden"]
    assert found.capabilities == ("CAPABILITY_NAMED_IAM",)


def test_the_same_sources_give_the_same_bytes(project: Path) -> None:
    files = with_asset({"path": "asset.abc", "packaging": "zip"}, **{"asset.abc/index.py": "print()"})

    def made() -> tuple[bytes, bytes]:
        (found,) = run(project, files)
        return found.template.read_bytes(), found.assets["abc.zip"].read_bytes()

    assert made() == made()


def test_stages_are_looked_into(project: Path) -> None:
    inner = assembly(Jobs=stack("Jobs.template.json"))
    files = {
        "manifest.json": {
            "artifacts": {
                "assembly-Prod": {
                    "type": "cdk:cloud-assembly",
                    "properties": {"directoryName": "assembly-Prod"},
                }
            }
        },
        "assembly-Prod/manifest.json": inner["manifest.json"],
        "assembly-Prod/Jobs.template.json": QUEUE,
    }
    assert [found.name for found in run(project, files)] == ["reports-jobs"]


def test_only_the_named_stacks_are_taken(project: Path) -> None:
    files = assembly(Reports=stack(), Other=stack())
    assert [found.stack for found in run(project, files, stacks=["Other"])] == ["Other"]


PARAMETERS = {
    **QUEUE,
    "Parameters": {"Stage": {"Type": "String"}, "Days": {"Type": "Number", "Default": 7}},
}


def test_parameters_are_the_entrys_over_the_apps(project: Path) -> None:
    files = assembly(PARAMETERS, Reports=stack(properties={"parameters": {"Stage": "dev", "Days": 3}}))
    (found,) = run(project, files, parameters={"Reports": {"Stage": "prod"}})
    assert found.parameters == {"Stage": "prod", "Days": "3"}


def test_protection_is_the_apps_unless_the_entry_says_otherwise(project: Path) -> None:
    files = assembly(Reports=stack(properties={"terminationProtection": True}))
    assert run(project, files)[0].termination_protection
    assert not run(project, files, termination_protection=False)[0].termination_protection


@pytest.mark.parametrize(
    ("files", "entry", "message"),
    [
        (assembly(PARAMETERS), {}, "needs the parameter Stage"),
        (assembly(), {"parameters": {"Reports": {"Sttage": "x"}}}, "has no parameter Sttage"),
        (assembly(), {"parameters": {"Report": {}}}, 'no stack "Report"'),
        (assembly(), {"stacks": ["Report"]}, 'no stack "Report"'),
        (assembly(Reports=stack(environment="aws://999999999999/eu-west-1")), {}, "is for aws://999999999999"),
        (assembly(Reports=stack(environment=f"aws://{ACCOUNT}/us-east-2")), {}, "us-east-2"),
        (assembly(A=stack(), B=stack(dependencies=["A"])), {}, "depends on A"),
        (assembly(A=stack(properties={"stackName": "my-app"}), B=stack(properties={"stackName": "MyApp"})), {}, "both"),
        (assembly(A=stack(properties={"stackName": "A" * 50})), {}, "more than 40 characters"),
        ({"manifest.json": {"artifacts": {}}}, {}, "no stacks"),
        ({"manifest.json": {"missing": [{"key": "vpc-provider:x"}]}}, {}, "looks things up"),
        ({"other.json": {}}, {}, "no cloud assembly"),
        ({"manifest.json": "{"}, {}, "no cloud assembly"),
        (with_asset({"path": "gone", "packaging": "file"}), {}, "gone is not there"),
        (with_asset({"executable": ["make"]}), {}, "made by a program"),
        (
            with_asset({"path": "a", "packaging": "file"}, a="x")
            | {"Reports.assets.json": {"dockerImages": {"i": {"displayName": "Api"}}}},
            {},
            "container images",
        ),
        (
            with_asset({"path": "a", "packaging": "file"}, a="x"),
            {"capabilities": ["CAPABILITY_IAM"]},
            "needs CAPABILITY_NAMED_IAM",
        ),
    ],
)  # fmt: skip
def test_what_cannot_be_deployed_is_refused(
    project: Path, files: dict[str, Any], entry: dict[str, Any], message: str
) -> None:
    assert message in str(refusal(project, files, **entry))


def test_an_app_that_fails_shows_what_it_said(project: Path) -> None:
    (project / "apps" / "reports" / "app.py").write_text("import sys; sys.exit('no such construct')")
    error = refusal(project, {})
    assert "exit code 1" in error.message
    assert error.details == ("no such construct",)


def test_an_app_that_lacks_what_it_imports_says_how_to_install_it(project: Path) -> None:
    (project / "apps" / "reports" / "app.py").write_text(
        "raise ModuleNotFoundError(\"No module named 'aws_cdk'\")"
    )
    assert "orchestrator[cdk]" in str(refusal(project, {}).remedy)


def test_an_app_that_hangs_is_stopped_with_all_it_started(project: Path) -> None:
    (project / "apps" / "reports" / "app.py").write_text("import subprocess; subprocess.run(['sleep', '60'])")
    assert "within 1 seconds" in refusal(project, {}, timeout_seconds=1).message


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ("{}", "no command"),
        ("[", "JSON"),
        ("[]", "not a JSON object"),
        ('{"app": "no-such-program app"}', "no-such-program"),
        ('{"app": "python3 app.py | tee log"}', "no shell"),
        ('{"app": "python3 \'app.py"}', "quotation"),
    ],
)
def test_a_command_that_cannot_be_run_is_refused(project: Path, settings: str, message: str) -> None:
    (project / "apps" / "reports" / "cdk.json").write_text(settings)
    assert message in str(refusal(project, assembly()))


def test_the_app_is_in_the_project(project: Path) -> None:
    assert "no folder apps/other" in refusal(project, assembly(), path="apps/other").message
    (project / "apps" / "out").symlink_to("/usr")
    assert "no folder apps/out" in refusal(project, assembly(), path="apps/out").message


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ({"path": "../elsewhere"}, "stays inside"),
        ({"path": "/srv/app"}, "stays inside"),
        ({"path": "a", "command": "make && python app.py"}, "no shell"),
        ({"path": "a", "capabilities": ["CAPABILITY_EVERYTHING"]}, "CAPABILITY_IAM"),
        ({"path": "a", "environment": {"AWS_ACCESS_KEY_ID": "x"}}, "not for the app"),
        ({"path": "a", "timeout_seconds": 0}, "greater than or equal to 1"),
        ({"path": "a", "stack": ["x"]}, "Extra inputs"),
    ],
)
def test_an_entry_that_makes_no_sense_is_refused(entry: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        CdkApp.model_validate(entry)


@pytest.mark.parametrize(
    ("name", "good"),
    [("reports", True), ("r2-d2", True), ("Reports", False), ("a--b", False), ("a-", False), ("", False)],
)
def test_names_of_apps(name: str, good: bool) -> None:
    assert is_app_name(name) is good


@pytest.mark.parametrize(
    ("resources", "needed"),
    [
        ({"A": {"Type": "AWS::SQS::Queue"}}, ()),
        ({"A": {"Type": "AWS::IAM::Role"}}, ("CAPABILITY_IAM",)),
        ({"A": {"Type": "AWS::IAM::User", "Properties": {"UserName": "x"}}}, ("CAPABILITY_NAMED_IAM",)),
        ({"A": {"Type": "AWS::CloudFormation::Stack"}}, ("CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND")),
        ({"A": {"Fn::Transform": {"Name": "AWS::Include"}}}, ("CAPABILITY_AUTO_EXPAND",)),
    ],
)
def test_capabilities_follow_from_the_template(resources: dict[str, Any], needed: tuple[str, ...]) -> None:
    assert needed_capabilities({"Resources": resources}) == needed


@pytest.mark.skipif(
    importlib.util.find_spec("aws_cdk") is None or NODE is None,
    reason="needs the extra `cdk` and node",
)
def test_the_sample_is_synthesised(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", f"{Path(NODE or '').parent}:/usr/bin:/bin")
    shutil.copytree(SAMPLE, tmp_path / "cdk", ignore=shutil.ignore_patterns("cdk.out", ".venv"))
    app = CdkApp(path="cdk")

    (found,) = synthesize(app, tmp_path, tmp_path / "out", name="digest", target=TARGET)

    template = json.loads(found.template.read_bytes())
    kinds = {resource["Type"] for resource in template["Resources"].values()}
    assert {"AWS::SQS::Queue", "AWS::Lambda::Function", "AWS::KMS::Key"} <= kinds
    assert "BootstrapVersion" not in template.get("Parameters", {})
    assert len(found.assets) == 1
