"""How many layers may run side by side: by memory, by cores, and by what was asked for."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil
from pathlib import Path
from typing import Any, Literal

FIRST_LAYER = 900
"""MiB that one layer takes: Terraform, and the AWS provider with its code."""
FURTHER_LAYER = 450
"""MiB that each further one adds; the provider's code is in memory once."""
LAYERS_PER_CORE = 3
"""A layer mostly waits for AWS; starting its processes is what takes a core."""
MOST = 12
"""Layers at a time unless more are asked for: AWS's request rates are per account."""


@dataclass(frozen=True)
class Slots:
    """How many layers run at a time, and what keeps it from being more. ``memory``: MiB, None when it is not known."""

    layers: int
    limit: Literal["asked", "memory", "cores", "most"]
    asked: int | None
    memory: int | None
    cores: int

    def as_json(self) -> dict[str, Any]:
        """Plain data."""
        return {
            "parallelism": self.layers,
            "limit": self.limit,
            "asked": self.asked,
            "memory_mib": self.memory,
            "cores": self.cores,
        }

    def __str__(self) -> str:
        why = {
            "memory": f"{(self.memory or 0) / 1024:.1f} GiB of memory are free, and each takes up to "
            f"{FIRST_LAYER / 1024:.1f} GiB",
            "cores": f"there {'is 1 core' if self.cores == 1 else f'are {self.cores} cores'}",
            "most": "unless more are asked for",
            "asked": "as asked",
        }[self.limit]
        return f"{self.layers} {'layer' if self.layers == 1 else 'layers'} at a time: {why}"


def slots(memory: int | None, cores: int, asked: int | None = None) -> Slots:
    """How many layers fit into ``memory`` MiB on ``cores`` cores; never none.

    Without ``asked`` cores count, too. What was asked for is cut to what fits into memory: a run that the kernel
    kills in the middle of an apply loses more than the time it saved.
    """
    fit = MOST if memory is None else 1 + max(0, memory - FIRST_LAYER) // FURTHER_LAYER
    if asked is not None:
        layers, limit = (asked, "asked") if asked <= fit or memory is None else (fit, "memory")
        return Slots(layers, limit, asked, memory, cores)  # type: ignore[arg-type]
    layers, limit = min((fit, "memory"), (cores * LAYERS_PER_CORE, "cores"), (MOST, "most"))
    return Slots(layers, limit, None, memory, cores)  # type: ignore[arg-type]


def available_memory(system: Path = Path("/")) -> int | None:
    """MiB that processes started now can have: of the machine, and of every control group above this process.

    The kernel's own estimate (MemAvailable), and of a group its limit less what it uses and could not give back. Where there is
    no /proc, two thirds of all memory; None when even that is not known.
    """
    found = [*_machine(system), *_groups(system)]
    if found:
        return max(0, min(found)) // 2**20
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") * 2 // 3 // 2**20
    except (AttributeError, OSError, ValueError):
        return None


def available_cores(system: Path = Path("/")) -> int:
    """Cores that this process may use: those it may run on, and its control groups' quota."""
    try:
        cores = len(os.sched_getaffinity(0))
    except AttributeError:
        cores = os.cpu_count() or 1
    quotas = [ceil(quota) for quota in _quotas(system)]
    return max(1, min([cores, *quotas]))


def _machine(system: Path) -> Iterator[int]:
    for line in _lines(system / "proc/meminfo"):
        if line.startswith("MemAvailable:"):
            yield int(line.split()[1]) * 1024


def _groups(system: Path) -> Iterator[int]:
    """https://docs.kernel.org/admin-guide/cgroup-v2.html#memory-interface-files, and the same of version 1."""
    for version, folder in _group_folders(system, "memory"):
        names = ("memory.max", "memory.current", "inactive_file")
        if version == 1:
            names = ("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file")
        limit, used = _number(folder / names[0]), _number(folder / names[1])
        if limit is None or used is None:
            continue
        stat = dict(line.split(" ", 1) for line in _lines(folder / "memory.stat") if " " in line)
        yield limit - max(0, used - int(stat.get(names[2], 0)))


def _quotas(system: Path) -> Iterator[float]:
    for version, folder in _group_folders(system, "cpu"):
        if version == 1:
            quota, period = _number(folder / "cpu.cfs_quota_us"), _number(folder / "cpu.cfs_period_us")
        else:
            words = (_lines(folder / "cpu.max") or ["max"])[0].split()
            quota, period = (int(words[0]), int(words[1])) if words[0] != "max" else (None, None)
        if quota and period and quota > 0:
            yield quota / period


def _group_folders(system: Path, controller: str) -> Iterator[tuple[int, Path]]:
    """The control groups of this process, innermost first, with their version."""
    for line in _lines(system / "proc/self/cgroup"):
        number, controllers, path = line.split(":", 2)
        if number == "0" and not controllers:
            version, mount = 2, system / "sys/fs/cgroup"
        elif controller in controllers.split(","):
            version, mount = 1, system / "sys/fs/cgroup" / controller
        else:
            continue
        folder = mount / path.lstrip("/")
        while True:
            if folder.is_dir():
                yield version, folder
            if folder == mount:
                break
            folder = folder.parent


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text().splitlines()
    except OSError:
        return []


def _number(path: Path) -> int | None:
    """The number in a file; None when there is none (``max``, no such file)."""
    text = "".join(_lines(path))
    return int(text) if text.lstrip("-").isdigit() else None
