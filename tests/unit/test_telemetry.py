"""A run as an OpenTelemetry trace, received over OTLP by a real receiver on loopback."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator

import pytest
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

from orchestrator.runs import telemetry
from orchestrator.runs.recorder import recorded
from orchestrator.session import Session
from tests.conftest import Cli
from tests.otlp import Receiver, attributes
from tests.unit.test_runs import SECRET, events_of, session, some_run

__all__ = ["session"]

TRACE = "0af7651916cd43dd8448eb211c80319c"
PARENT = "b7ad6b7169203331"


@pytest.fixture(autouse=True)
def clean(monkeypatch: pytest.MonkeyPatch) -> None:
    import os

    for name in [name for name in os.environ if name.startswith(("OTEL_", "TRACE"))]:
        monkeypatch.delenv(name)


@pytest.fixture
def receiver(monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    found = Receiver()
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", found.endpoint)
    yield found
    found.server.shutdown()
    found.server.server_close()


def test_a_run_is_one_trace_with_a_span_a_layer_a_terraform_process_and_a_changed_resource(
    session: Session, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRACEPARENT", f"00-{TRACE}-{PARENT}-01")
    said: list[str] = []
    run = some_run(session, say=said.append)
    assert said == []
    spans = receiver.spans()
    by_id = {span.span_id: span for span in spans}

    def path(span: Span) -> list[str]:
        above = by_id.get(span.parent_span_id)
        return [*(path(above) if above else []), span.name]

    assert sorted(map(path, spans)) == sorted(
        [
            ["orchestrator apply"],
            ["orchestrator apply", "checking the plan"],
            ["orchestrator apply", "layer base"],
            ["orchestrator apply", "layer base", "terraform plan"],
            ["orchestrator apply", "layer base", "terraform apply"],
            ["orchestrator apply", "layer base", "terraform apply", "create aws_sns_topic"],
            ["orchestrator apply", "layer app"],
            ["orchestrator apply", "layer app", "terraform plan"],
        ]
    )
    assert {span.trace_id.hex() for span in spans} == {TRACE}
    named = {"/".join(path(span)[1:]): span for span in spans}
    assert named[""].parent_span_id.hex() == PARENT
    assert attributes(named[""])["orchestrator.run.id"] == run.id
    assert attributes(named["layer base/terraform plan"])["orchestrator.resources.refresh"] == 1
    assert attributes(named["layer base/terraform apply"])["process.exit.code"] == 0
    failed = named["layer app"]
    assert failed.status.code == Status.STATUS_CODE_ERROR
    assert attributes(failed)["error.type"] == "OrchestratorError"
    assert named["layer app/terraform plan"].status.code == Status.STATUS_CODE_ERROR
    assert named["layer base"].status.code == Status.STATUS_CODE_UNSET
    for span in spans:
        above = by_id.get(span.parent_span_id)
        assert span.start_time_unix_nano <= span.end_time_unix_nano
        assert above is None or above.start_time_unix_nano <= span.start_time_unix_nano
    assert SECRET not in str(receiver.requests)
    assert "canary" not in str(receiver.requests)
    resource = receiver.resource()
    assert (resource["service.name"], resource["deployment.environment.name"]) == ("orchestrator", "dev")
    assert events_of(session, run.id)[0]["trace"] == TRACE


def test_each_terraform_process_is_given_its_span_as_parent(session: Session, receiver: Receiver) -> None:
    with recorded(session, "apply", None, print) as run:
        run.layer_started("base")
        process = session.observe(session.workspace("base"), "apply")
        given = process.variables["TRACEPARENT"]
        process.ended(0)
    span = next(span for span in receiver.spans() if span.name == "terraform apply")
    assert given.split("-")[:3] == ["00", span.trace_id.hex(), span.span_id.hex()]


def test_nothing_is_sent_unless_an_endpoint_is_named_and_without_it_the_callers_trace_is_left_alone(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = some_run(session)
    assert "trace" not in events_of(session, run.id)[0]
    for name, value in (("OTEL_SDK_DISABLED", "true"), ("OTEL_TRACES_EXPORTER", "none")):
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:9")
        monkeypatch.setenv(name, value)
        assert telemetry.start(session, "plan", run.id) == (None, None)
        monkeypatch.delenv(name)


@pytest.mark.parametrize("wait", [0.0, 30.0])
def test_an_endpoint_that_is_gone_or_does_not_answer_costs_seconds_and_a_note_and_never_the_run(
    session: Session, monkeypatch: pytest.MonkeyPatch, wait: float, cli: Cli
) -> None:
    slow = Receiver(wait)
    endpoint = slow.endpoint.replace("http://", "http://user:secret@")
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", f"{endpoint}/v1/traces")
    if not wait:
        slow.server.shutdown()
        slow.server.server_close()
    said: list[str] = []
    started = time.monotonic()
    run = some_run(session, say=said.append)
    took = time.monotonic() - started
    if wait:
        slow.server.shutdown()
    assert took < telemetry.CLOSE_SECONDS + 2
    assert len(said) == 1
    assert "deliver" in said[0]
    assert "secret" not in said[0]
    assert events_of(session, run.id)[-1]["outcome"] == "failed"


@pytest.mark.parametrize(
    ("name", "value", "note"),
    [
        ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc", "grpc is not supported"),
        ("OTEL_TRACES_SAMPLER_ARG", "often", None),
        ("OTEL_BSP_MAX_QUEUE_SIZE", "-7", ""),
    ],
)
def test_a_variable_that_does_not_fit_is_said_and_the_run_goes_on(
    session: Session,
    receiver: Receiver,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    value: str,
    note: str | None,
) -> None:
    monkeypatch.setenv(name, value)
    said: list[str] = []
    run = some_run(session, say=said.append)
    assert json.loads((session.work / "runs" / run.id / "report.json").read_bytes())["outcome"] == "failed"
    if note is not None:
        assert len(said) == 1
        assert note in said[0]


def test_without_the_extra_a_named_endpoint_is_answered_with_what_to_install(
    session: Session, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "opentelemetry.sdk.trace", None)
    said: list[str] = []
    some_run(session, say=said.append)
    assert said == ["Note: no traces are sent: install orchestrator with its extra `otel`"]
