"""Who may use the cores: what can be done at any time lets go first what a layer waits for."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

POLL_SECONDS = 0.2
"""How long it may take until somebody who waits notices that there is no more use in it."""


class Cores:
    """Counts those who are at work on something that others wait for."""

    def __init__(self) -> None:
        self._taken = 0
        self._changed = threading.Condition()

    @contextmanager
    def taken(self) -> Iterator[None]:
        """For as long as the cores are needed for what others wait for."""
        self._count(1)
        try:
            yield
        finally:
            self._count(-1)

    def _count(self, more: int) -> None:
        with self._changed:
            self._taken += more
            self._changed.notify_all()

    def wait(self, given_up: Callable[[], bool]) -> None:
        """Return when nobody has taken them, or ``given_up`` says that there is no use in waiting any more."""
        with self._changed:
            while self._taken and not given_up():
                self._changed.wait(POLL_SECONDS)
