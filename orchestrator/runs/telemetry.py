"""OpenTelemetry: a run as a trace, when the extra ``otel`` is installed and an OTLP endpoint is named.

One span for the run, one a step or layer below it, one a Terraform process below that, one below that for each resource that is
created, changed or destroyed. ``TRACEPARENT`` of the process environment is the run's parent; each Terraform process is given
its own. The standard variables apply (``OTEL_EXPORTER_OTLP_*``, ``OTEL_SERVICE_NAME``, ``OTEL_RESOURCE_ATTRIBUTES``,
``OTEL_TRACES_SAMPLER``, ``OTEL_SDK_DISABLED``).

https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/
https://opentelemetry.io/docs/specs/semconv/cli/cli-spans/ for the attributes of processes.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from orchestrator import __version__

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.trace import Span

    from orchestrator.session import Session

CLOSE_SECONDS = 3.0
"""How long the end of a run waits for spans to be delivered."""
_ENDPOINTS = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
_PROTOCOLS = ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL")
_QUIET = ("refresh", "read")
"""What is done to resources by the thousand, and is a number on the process's span instead of a span."""


def start(session: Session, command: str, run_id: str) -> tuple[Traces | None, str | None]:
    """The traces of a run, or None when nobody asked for them; and what there is to say about that."""
    endpoint = next((os.environ[name] for name in _ENDPOINTS if os.environ.get(name)), None)
    if endpoint is None or os.environ.get("OTEL_SDK_DISABLED", "").lower() == "true":
        return None, None
    if os.environ.get("OTEL_TRACES_EXPORTER", "otlp") != "otlp":
        return None, None
    protocol = next((os.environ[name] for name in _PROTOCOLS if os.environ.get(name)), "http/protobuf")
    if protocol != "http/protobuf":
        return None, f"no traces are sent: {protocol} is not supported, only OTLP's http/protobuf"
    try:
        return Traces(session, command, run_id, endpoint), None
    except ImportError:
        return None, "no traces are sent: install orchestrator with its extra `otel`"
    except Exception as error:  # noqa: BLE001  (whatever a variable makes the SDK raise, the run goes on)
        return None, f"no traces are sent: {error}"


class Traces:
    """Turns a run's events into spans."""

    def __init__(self, session: Session, command: str, run_id: str, endpoint: str) -> None:
        from opentelemetry.propagate import extract
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
        from opentelemetry.trace import format_trace_id
        from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

        self._endpoint = endpoint
        self._carrier = TraceContextTextMapPropagator()
        environment = session.environment
        resource = Resource.create(
            {
                "service.name": os.environ.get("OTEL_SERVICE_NAME") or "orchestrator",
                "service.version": __version__,
                "deployment.environment.name": environment.name,
            }
        )
        self._exporter = _exporter()
        self._provider: TracerProvider = TracerProvider(resource=resource, shutdown_on_exit=False)
        self._provider.add_span_processor(BatchSpanProcessor(self._exporter))
        self._tracer = self._provider.get_tracer("orchestrator", __version__)
        parent = extract(
            {
                name: os.environ[name.upper()]
                for name in ("traceparent", "tracestate")
                if name.upper() in os.environ
            },
        )
        attributes = {
            "orchestrator.command": command,
            "orchestrator.run.id": run_id,
            "cloud.provider": "aws",
            "cloud.region": environment.settings.region,
            "cloud.account.id": environment.settings.account_id,
        }
        self._run = self._tracer.start_span(f"orchestrator {command}", context=parent, attributes=attributes)
        self.trace_id = format_trace_id(self._run.get_span_context().trace_id)
        self._open: dict[tuple[str, ...], Span] = {}
        self._numbers: dict[tuple[str, ...], dict[str, int]] = {}

    def take(self, event: Mapping[str, Any], nanoseconds: int) -> None:
        """See :class:`orchestrator.runs.recorder.Sink`."""
        kind, layer = event["type"], event.get("layer", "")
        if kind == "step_started":
            self._start(
                ("step",), self._run, event["step"], nanoseconds, {"orchestrator.step": event["step"]}
            )
        elif kind == "step_finished":
            self._end(("step",), nanoseconds)
        elif kind == "layer_started":
            self._start(
                ("layer", layer), self._run, f"layer {layer}", nanoseconds, {"orchestrator.layer": layer}
            )
        elif kind == "layer_finished":
            more = {"orchestrator.status": event["status"]}
            more |= {
                f"orchestrator.resources.{action}": number
                for action, number in event.get("counts", {}).items()
            }
            self._end(("layer", layer), nanoseconds, more, event.get("error"))
        elif kind == "phase_started":
            self._phase_started(event, nanoseconds)
        elif kind == "phase_finished":
            self._phase_finished(event, nanoseconds)
        elif kind == "resource_started":
            self._resource_started(event, nanoseconds)
        elif kind == "resource_finished":
            self._resource_finished(event, nanoseconds)
        elif kind == "plan_ready":
            self._run.set_attribute("orchestrator.bundle", event["bundle"])
        elif kind == "run_finished":
            self._finish(event, nanoseconds)

    def _phase_key(self, event: Mapping[str, Any]) -> tuple[str, ...]:
        # In the environment's root resources are of layers, and the process is of none.
        layer = event.get("layer", "")
        return (
            ("phase", layer, event["phase"])
            if ("phase", layer, event["phase"]) in self._open
            else ("phase", "", event["phase"])
        )

    def _phase_started(self, event: Mapping[str, Any], nanoseconds: int) -> None:
        layer, phase = event.get("layer", ""), event["phase"]
        parent = (
            self._open.get(("layer", layer)) or (None if layer else self._open.get(("step",))) or self._run
        )
        attributes = {
            "process.executable.name": "terraform",
            "process.command_args": ["terraform", phase],
            "orchestrator.phase": phase,
            **({"orchestrator.layer": layer} if layer else {}),
        }
        self._start(("phase", layer, phase), parent, f"terraform {phase}", nanoseconds, attributes)

    def _phase_finished(self, event: Mapping[str, Any], nanoseconds: int) -> None:
        key = ("phase", event.get("layer", ""), event["phase"])
        code = event["exit_code"]
        more = {"process.exit.code": code} | {
            f"orchestrator.resources.{action}": number
            for action, number in self._numbers.pop(key, {}).items()
        }
        failure = {"type": "exit", "message": f"it ended with code {code}"} if code else None
        self._end(key, nanoseconds, more, failure)

    def _resource_started(self, event: Mapping[str, Any], nanoseconds: int) -> None:
        attributes = {
            "orchestrator.resource.address": event["address"],
            "orchestrator.resource.action": event["action"],
            **({"orchestrator.layer": event["layer"]} if "layer" in event else {}),
        }
        parent = self._open.get(self._phase_key(event), self._run)
        name = f"{event['action']} {event['resource_type']}"
        self._start(("resource", event["address"], event["action"]), parent, name, nanoseconds, attributes)

    def _resource_finished(self, event: Mapping[str, Any], nanoseconds: int) -> None:
        action = event["action"]
        if action in _QUIET:
            numbers = self._numbers.setdefault(self._phase_key(event), {})
            numbers[action] = numbers.get(action, 0) + 1
            return
        failure = None if event["ok"] else {"type": "resource", "message": f"{action} failed"}
        self._end(("resource", event["address"], action), nanoseconds, {}, failure)

    def _finish(self, event: Mapping[str, Any], nanoseconds: int) -> None:
        for key in sorted(self._open, reverse=True):
            self._end(key, nanoseconds)
        self._open[()] = self._run
        failed = event["outcome"] not in ("succeeded", "no_changes")
        failure = event.get("error") or (
            {"type": event["outcome"], "message": event["outcome"]} if failed else None
        )
        self._end((), nanoseconds, {"orchestrator.outcome": event["outcome"]}, failure)

    def _start(
        self, key: tuple[str, ...], parent: Span, name: str, nanoseconds: int, attributes: Mapping[str, Any]
    ) -> None:
        from opentelemetry.trace import set_span_in_context

        self._open[key] = self._tracer.start_span(
            name, context=set_span_in_context(parent), start_time=nanoseconds, attributes=dict(attributes)
        )

    def _end(
        self,
        key: tuple[str, ...],
        nanoseconds: int,
        attributes: Mapping[str, Any] | None = None,
        failure: Mapping[str, Any] | None = None,
    ) -> None:
        from opentelemetry.trace import Status, StatusCode

        span = self._open.pop(key, None)
        if span is None:
            return
        for name, value in (attributes or {}).items():
            span.set_attribute(name, value)
        if failure:
            span.set_attribute("error.type", str(failure.get("type", "_OTHER")))
            span.set_status(Status(StatusCode.ERROR, str(failure.get("message", ""))[:1000]))
        span.end(end_time=nanoseconds)

    def variables(self, layer: str | None, phase: str) -> Mapping[str, str]:
        """``TRACEPARENT`` and ``TRACESTATE`` for the process of a phase."""
        from opentelemetry.trace import set_span_in_context

        span = self._open.get(("phase", layer or "", phase), self._run)
        carrier: dict[str, str] = {}
        self._carrier.inject(carrier, context=set_span_in_context(span))
        return {name.upper(): value for name, value in carrier.items()}

    def close(self) -> str | None:
        """Deliver what is left, for :data:`CLOSE_SECONDS` at most."""
        delivery = threading.Thread(target=self._provider.shutdown, name="traces", daemon=True)
        delivery.start()
        delivery.join(CLOSE_SECONDS)
        address = urlsplit(self._endpoint)
        to = f"{address.scheme}://{address.hostname}" + (f":{address.port}" if address.port else "")
        if delivery.is_alive():
            return f"not all traces were delivered to {to} within {CLOSE_SECONDS:.0f} s"
        return f"traces could not be delivered to {to}" if self._exporter.failed else None


def _exporter() -> Any:
    import logging

    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.trace.export import SpanExportResult

    class Exporter(OTLPSpanExporter):
        """Remembers that something was not delivered; the SDK's own logging is not for this run's reader."""

        failed = False

        def export(self, spans: Any) -> Any:
            result = super().export(spans)
            self.failed |= result is not SpanExportResult.SUCCESS
            return result

    logging.getLogger("opentelemetry").addHandler(logging.NullHandler())
    logging.getLogger("opentelemetry").propagate = False
    return Exporter()
