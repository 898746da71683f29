"""Who may use the cores."""

from __future__ import annotations

import threading

from orchestrator.apply.cores import Cores


def test_nobody_waits_while_nothing_is_prepared() -> None:
    Cores().wait(lambda: False)


def test_what_can_wait_goes_on_when_the_last_that_is_prepared_is() -> None:
    cores, order = Cores(), []
    inside = threading.Event()

    def later() -> None:
        inside.set()
        cores.wait(lambda: False)
        order.append("ahead")

    with cores.taken():
        with cores.taken():
            waiting = threading.Thread(target=later)
            waiting.start()
            assert inside.wait(10)
        order.append("one of two is prepared")
    waiting.join(10)
    assert not waiting.is_alive()
    assert order == ["one of two is prepared", "ahead"]


def test_who_is_no_longer_needed_stops_waiting() -> None:
    cores = Cores()
    with cores.taken():
        cores.wait(lambda: True)


def test_a_layer_that_fails_frees_the_cores() -> None:
    cores = Cores()
    try:
        with cores.taken():
            raise RuntimeError
    except RuntimeError:
        cores.wait(lambda: False)
