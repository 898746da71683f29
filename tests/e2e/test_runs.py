"""A real run leaves valid events, a report, and a trace; layers at a time keep to the memory there is."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest

from tests.conftest import Cli
from tests.e2e.conftest import SECRET, Aws, Platform
from tests.otlp import Receiver, attributes


def test_a_run_is_recorded_layer_by_layer_and_keeps_to_its_memory(
    platform: Platform, cli: Cli, aws: Aws, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    receiver = Receiver()
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.endpoint)
    aws.client("ssm").put_parameter(Name=f"/{platform.prefix}/left/second", Value="in the way", Type="String")
    stream = tmp_path / "events.jsonl"
    applied = cli("apply", "--env", "local", "--yes", "--memory", "0.8", "--events", str(stream))
    assert applied.code == 1
    assert "1 layer at a time: 0.8 GiB of memory are free" in applied.out

    schema = json.loads(cli("runs", "schema").out)
    lines = stream.read_text().splitlines()
    events = [json.loads(line) for line in lines]
    for event in events:
        jsonschema.validate(event, schema)
    running = 0
    for event in events:
        running += {"layer_started": 1, "layer_finished": -1}.get(event["type"], 0) * (
            event.get("status") != "skipped"
        )
        assert running <= 1
    run = cli("runs", "show", "--env", "local", "--json").json()
    kept = platform.work / "runs" / run["id"]
    assert (kept / "events.jsonl").read_text().splitlines() == lines
    assert json.loads((kept / "report.json").read_bytes()) == run
    assert (run["outcome"], run["schedule"]["limit"]) == ("failed", "memory")
    layers = {layer["layer"]: layer for layer in run["layers"]}
    statuses = {name: layer["status"] for name, layer in layers.items()}
    assert statuses == {"base": "applied", "left": "failed", "right": "applied", "app": "skipped"}
    assert [phase["name"] for phase in layers["base"]["phases"]] == ["init", "plan", "show", "apply"]
    assert all(phase["ok"] for phase in layers["base"]["phases"])
    begun = [(event["type"], event.get("phase")) for event in events if event.get("layer") == "base"]
    assert begun.index(("phase_started", "plan")) < begun.index(("layer_started", None))  # during the scan
    assert (platform.work / "plans" / run["bundle"] / "logs" / "base.plan.jsonl").is_file()
    assert [phase["name"] for phase in layers["left"]["phases"] if not phase["ok"]] == ["apply"]
    assert {"planning", "scanning", "reviewing"} <= {step["name"] for step in run["steps"]}
    failed = [item for item in run["slowest"] if not item["ok"]]
    assert [item["address"] for item in failed] == ["module.left.aws_ssm_parameter.second"]
    assert any("second" in item.get("address", "") for item in run["diagnostics"])

    spans = receiver.spans()
    created = [span for span in spans if span.name.startswith("create ")]
    assert len(created) == 5
    assert {span.trace_id.hex() for span in spans} == {run["trace"]}
    apply = next(
        span
        for span in spans
        if span.name == "terraform apply" and attributes(span)["orchestrator.layer"] == "base"
    )
    assert sum(span.parent_span_id == apply.span_id for span in created) == 2
    shown = cli("runs", "show", "--env", "local").out
    assert "left: failed" in shown
    assert "app" in shown
    for text in (stream.read_text(), shown, str(receiver.requests)):
        assert SECRET not in text
    receiver.server.shutdown()

    monkeypatch.delenv("OTEL_EXPORTER_OTLP_ENDPOINT")
    planned = cli("plan", "--env", "local", "--events", "-")
    assert planned.code == 0
    last = [json.loads(line) for line in planned.out.splitlines()][-1]
    assert (last["type"], last["outcome"]) == ("run_finished", "succeeded")
    run = cli("runs", "show", "--env", "local", "--json").json()
    assert (run["refreshed"], run["bundle"]) == (4, run["id"])
    listed = cli("runs", "list", "--env", "local", "--json").json()["runs"]
    assert [item["outcome"] for item in listed] == ["failed", "succeeded"]
    assert cli("audit", "show", "--env", "local", "--json").json()["records"][0]["run"] == listed[0]["id"]
