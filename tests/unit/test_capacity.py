"""No more layers run side by side than memory and cores allow."""

from __future__ import annotations

import threading
import time
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

from orchestrator.apply.capacity import FIRST_LAYER, FURTHER_LAYER, available_cores, available_memory, slots
from orchestrator.apply.schedule import run_in_order
from tests.conftest import Cli
from tests.project import ProjectFolder

GiB = 1024


@pytest.mark.parametrize(
    ("memory", "cores", "asked", "layers", "limit"),
    [
        (64 * GiB, 2, None, 6, "cores"),
        (64 * GiB, 16, None, 12, "most"),
        (FIRST_LAYER + FURTHER_LAYER, 16, None, 2, "memory"),
        (FIRST_LAYER + FURTHER_LAYER - 1, 16, None, 1, "memory"),
        (100, 1, None, 1, "memory"),
        (0, 16, 8, 1, "memory"),
        (64 * GiB, 1, 20, 20, "asked"),
        (2 * GiB, 16, 8, 3, "memory"),
        (2 * GiB, 16, 3, 3, "asked"),
        (None, 2, None, 6, "cores"),
        (None, 2, 30, 30, "asked"),
    ],
)
def test_memory_cuts_what_is_asked_for_and_cores_cut_the_default_only(
    memory: int | None, cores: int, asked: int | None, layers: int, limit: str
) -> None:
    found = slots(memory, cores, asked)
    assert (found.layers, found.limit) == (layers, limit)
    assert f"{layers} layer" in str(found)


def system(root: Path, files: dict[str, str]) -> Path:
    """A root file system with these files of the kernel's."""
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return root


MACHINE = {"proc/meminfo": "MemTotal:       16777216 kB\nMemAvailable:    8388608 kB\n"}


def test_memory_is_what_the_kernel_says_is_available(tmp_path: Path) -> None:
    assert available_memory(system(tmp_path, MACHINE)) == 8 * GiB


def test_the_limit_of_any_control_group_above_counts_less_what_is_used_and_could_not_be_given_back(
    tmp_path: Path,
) -> None:
    group = "sys/fs/cgroup/runners"
    root = system(
        tmp_path,
        {
            **MACHINE,
            "proc/self/cgroup": "0::/runners/job\n",
            f"{group}/job/memory.max": "max\n",
            f"{group}/job/memory.current": "1000\n",
            f"{group}/memory.max": f"{4 * 2**30}\n",
            f"{group}/memory.current": f"{3 * 2**30}\n",
            f"{group}/memory.stat": f"anon 1\ninactive_file {2 * 2**30}\n",
            f"{group}/cpu.max": "150000 100000\n",
            f"{group}/job/cpu.max": "max 100000\n",
        },
    )
    assert available_memory(root) == 3 * GiB
    assert available_cores(root) <= 2


def test_control_groups_of_version_1_count_too_also_where_their_path_is_the_hosts(tmp_path: Path) -> None:
    mount = "sys/fs/cgroup"
    root = system(
        tmp_path,
        {
            **MACHINE,
            "proc/self/cgroup": "4:memory:/docker/abc\n3:cpu,cpuacct:/docker/abc\n0::/\n",
            f"{mount}/memory/memory.limit_in_bytes": f"{2 * 2**30}\n",
            f"{mount}/memory/memory.usage_in_bytes": f"{2**30}\n",
            f"{mount}/memory/memory.stat": f"total_inactive_file {2**29}\n",
            f"{mount}/cpu/cpu.cfs_quota_us": "100000\n",
            f"{mount}/cpu/cpu.cfs_period_us": "100000\n",
        },
    )
    assert available_memory(root) == GiB + 512
    assert available_cores(root) == 1


def test_a_system_without_proc_still_has_an_estimate(tmp_path: Path) -> None:
    assert (available_memory(tmp_path) or 0) > 0
    assert available_cores(tmp_path) >= 1


@pytest.mark.parametrize("memory", [500, FIRST_LAYER + FURTHER_LAYER, FIRST_LAYER + 2 * FURTHER_LAYER])
def test_never_more_run_at_once_than_fit(memory: int) -> None:
    fit = slots(memory, 16, 10).layers
    running, most, lock = 0, 0, threading.Lock()

    def work(_name: str) -> bool:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        time.sleep(0.02)
        with lock:
            running -= 1
        return True

    sorter = TopologicalSorter({str(number): () for number in range(12)})
    sorter.prepare()
    done, _ = run_in_order(sorter, work, parallelism=fit, stopped=lambda: False)
    assert (most, len(done)) == (fit, 12)


def test_help_says_what_limits_it_and_nonsense_is_refused(folder: ProjectFolder, cli: Cli) -> None:
    text = " ".join(cli("apply", "--help").out.split())
    assert "Fewer run where they would not fit into memory" in text
    assert cli("apply", "--env", "dev", "--yes", "--memory", "0").code == 64
    assert cli("apply", "--env", "dev", "--yes", "--parallelism", "0").code == 64
