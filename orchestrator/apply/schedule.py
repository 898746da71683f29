"""Runs work in the order of a graph: names, states and edges; what the work is, is not known here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from graphlib import TopologicalSorter

POLL_SECONDS = 0.2
"""How long a signal may wait until the main thread sees it."""


def run_in_order(
    sorter: TopologicalSorter[str],
    work: Callable[[str], bool],
    *,
    parallelism: int,
    stopped: Callable[[], bool],
    urgency: Mapping[str, int] | None = None,
) -> tuple[set[str], set[str]]:
    """Call ``work`` for each name once those before it are done, ``parallelism`` at a time.

    Of those that could start, the one of the greatest ``urgency`` does (then by name).
    ``work`` returns whether what follows may start. Returns the names that were worked on, and
    those that were not because something before them failed, or because ``stopped``.
    """
    started: set[str] = set()
    waiting: list[str] = []
    running: dict[Future[bool], str] = {}
    everything: set[str] = set()
    with ThreadPoolExecutor(max_workers=parallelism, thread_name_prefix="layer") as pool:
        while True:
            ready = sorter.get_ready() if sorter.is_active() else ()
            waiting = sorted((*waiting, *ready), key=lambda name: (-(urgency or {}).get(name, 0), name))
            everything.update(ready)
            while waiting and len(running) < parallelism and not stopped():
                name = waiting.pop(0)
                started.add(name)
                running[pool.submit(work, name)] = name
            if not running:
                break
            done, _ = wait(running, timeout=POLL_SECONDS, return_when=FIRST_COMPLETED)
            for future in done:
                name = running.pop(future)
                if future.result():
                    sorter.done(name)
    return started, everything - started
