"""What keeps a container from the host it runs on, and people out of it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from orchestrator.review.finding import Hit, Severity
from orchestrator.review.plan import Change, at, blocks
from orchestrator.review.rules._common import begins, goes_on

_SOCKET = re.compile(r"(?:docker|containerd|crio|dockershim|podman)\.sock$")
_WHOLE = ("/", "/etc", "/root", "/home", "/boot", "/dev", "/var", "/usr", "/var/run", "/run")
_INNER = (
    "/proc",
    "/sys",
    "/var/lib/docker",
    "/var/lib/kubelet",
    "/var/lib/containerd",
    "/var/lib/ecs",
    "/run/containerd",
)
_OF_A_TASK, _OF_A_JOB = "container_definitions", "container_properties"
CONTAINERS = {"aws_ecs_task_definition": _OF_A_TASK, "aws_batch_job_definition": _OF_A_JOB}
"""Type → the attribute whose JSON has its containers."""
_ENGINE = re.compile(r"(?i)docker|buildah|podman|kaniko|buildkit|\bpack build\b")
_PODS = re.compile(
    r"^kubernetes_(?:pod|deployment|daemon_?set|stateful_?set|replication_controller|job|cron_?job)(?:_v\d\w*)?$"
)


def containers(text: Any) -> list[Mapping[str, Any]]:
    """What a text of JSON defines: a task's containers, or a job's one; nothing where it is none."""
    found = _read(text)
    return [one for one in (found if isinstance(found, list) else [found]) if isinstance(one, Mapping)]


def walls_of_containers(change: Change) -> Iterator[Hit]:
    """What of a container's walls goes, or is not there from the start."""
    if not (change.creates or goes_on(change)):
        return
    yield from _builds(change)
    yield from _shells(change)
    yield from _host_folders(change)
    if change.type != "aws_ecs_task_definition" and not change.type.startswith("aws_batch"):
        return
    was, now = _privileged(change.before), _privileged(change.after)
    for name in sorted(now - was):
        yield Hit(f"the container {name} has all of its host (privileged)", "container_definitions")
    for name in ("pid_mode", "ipc_mode"):
        if begins(change, name, "host"):
            yield Hit(f"containers see the processes of their host ({name})", name, None, "host")


def _builds(change: Change) -> Iterator[Hit]:
    """Builds that make images need it: so does one that says so by its commands or its cache."""
    path = "environment.0.privileged_mode"
    if change.type != "aws_codebuild_project" or not begins(change, path, True):
        return
    commands = str(at(change.after, "source", 0, "buildspec") or "")
    in_the_code = "\n" in commands or commands.startswith("{")
    needs = not in_the_code or _ENGINE.search(commands) or "DOCKER" in str(change.after.get("cache"))
    severity: Severity = "info" if change.creates and needs else "low"
    yield Hit("builds have the host's devices (privileged)", path, False, True, severity)


def _shells(change: Change) -> Iterator[Hit]:
    """A shell in what runs: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-exec.html"""
    path = "enable_execute_command"
    if change.type in ("aws_ecs_service", "aws_ecs_task_set") and begins(change, path, True):
        severity: Severity = "info" if change.creates else "low"
        yield Hit("people can open a shell in its containers (ECS Exec)", path, None, True, severity)
    if change.type == "aws_ec2_serial_console_access" and begins(change, "enabled", True):
        yield Hit("people can sign in over the serial console", "enabled", None, True, "low")
    path = "root_access"
    if (
        change.type == "aws_sagemaker_notebook_instance"
        and goes_on(change)
        and begins(change, path, "Enabled")
    ):
        yield Hit("the notebook's users are root", path, change.before.get(path), "Enabled", "low")


def _host_folders(change: Change) -> Iterator[Hit]:
    before = set(_mounted(change.type, change.before))
    for folder in sorted(set(_mounted(change.type, change.after)) - before):
        plain = folder.rstrip("/") or "/"
        severity: Severity = "low"
        if _SOCKET.search(plain) or plain in _WHOLE:
            severity = "medium"
        elif not plain.startswith(_INNER):
            continue
        what = "can command the host's container engine" if _SOCKET.search(plain) else "see the host's files"
        yield Hit(f"containers {what}: {folder} is mounted", "volume", None, folder, severity)


def _mounted(kind: str, side: Mapping[str, Any]) -> Iterator[str]:
    """The host's folders that containers have."""
    if kind == "aws_ecs_task_definition":
        yield from (str(volume["host_path"]) for volume in blocks(side, "volume") if volume.get("host_path"))
    elif kind == "aws_batch_job_definition":
        for name in ("container_properties", "node_properties", "eks_properties"):
            yield from _paths(_read(side.get(name)), ("sourcePath", "path"))
    elif _PODS.match(kind) or kind == "kubernetes_manifest":
        yield from _paths(side.get("spec") or side.get("manifest"), ("path",))


def _paths(value: Any, names: tuple[str, ...], host: bool = False) -> Iterator[str]:
    """Paths under ``host``, ``hostPath`` or ``host_path``, however deep."""
    if isinstance(value, Mapping):
        for key, child in value.items():
            if host and key in names and isinstance(child, str):
                yield child
            yield from _paths(child, names, key in ("host", "hostPath", "host_path"))
    elif isinstance(value, list):
        for child in value:
            yield from _paths(child, names, host)


def _read(text: Any) -> Any:
    if not isinstance(text, str):
        return text
    try:
        return json.loads(text)
    except ValueError:
        return None


def _privileged(side: Mapping[str, Any]) -> set[str]:
    return {
        str(one.get("name")) if path == _OF_A_TASK else "of the job"
        for path in (_OF_A_TASK, _OF_A_JOB)
        for one in containers(side.get(path))
        if one.get("privileged") is True
    }
