"""The ways in which an extension changes a class."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from orchestrator.emulator import extensions
from orchestrator.emulator.patch import add, forget, memory, replace, wrap


def make_class() -> type[Any]:
    class Queue:
        def __init__(self, name: str) -> None:
            self.name = name

        def describe(self, suffix: str = "") -> str:
            return self.name + suffix

        @property
        def label(self) -> str:
            return f"queue {self.name}"

        @staticmethod
        def create(name: str) -> Queue:
            return Queue(name)

    return Queue


def test_a_wrapped_method_gets_the_original() -> None:
    queue = make_class()

    @wrap(queue, "describe")
    def describe(original: Any, self: Any, suffix: str = "") -> str:
        return f"[{original(self, suffix)}]"

    assert queue("a").describe("b") == "[ab]"


def test_properties_and_static_methods_stay_what_they_are() -> None:
    queue = make_class()

    @wrap(queue, "label")
    def label(original: Any, self: Any) -> str:
        return f"the {original(self)}"

    @wrap(queue, "create")
    def create(original: Any, name: str) -> Any:
        return original(name.upper())

    assert queue.create("a").label == "the queue A"


def test_a_replaced_method_does_not_get_it() -> None:
    queue = make_class()

    @replace(queue, "describe")
    def describe(self: Any) -> str:
        return f"only {self.name}"

    assert queue("a").describe() == "only a"


def test_what_is_not_there_cannot_be_wrapped() -> None:
    with pytest.raises(AttributeError, match="Queue does not define purge"):
        wrap(make_class(), "purge")


def test_what_is_there_cannot_be_added() -> None:
    with pytest.raises(AttributeError, match="Queue already defines describe"):
        add(make_class(), "describe")(make_class().describe)


def test_an_added_method_can_be_added_again() -> None:
    queue = make_class()
    for answer in ("first", "second"):
        add(queue, "purge")(lambda self, answer=answer: self.name + answer)

    assert queue("a").purge() == "asecond"


def test_memory_belongs_to_the_object() -> None:
    queue = make_class()
    first, second = queue("a"), queue("b")

    memory(first)["class"] = "fast"

    assert memory(first) == {"class": "fast"}
    assert memory(second) == {}
    forget(first)
    assert memory(first) == {}


def test_every_extension_says_what_it_is_for_and_has_a_test() -> None:
    tests = Path(__file__).parent / "extensions"
    for name in extensions.names():
        module = import_module(f"orchestrator.emulator.extensions.{name}")
        assert callable(module.register)
        assert "API reference" in (module.__doc__ or ""), name
        assert "Needed by" in (module.__doc__ or ""), name
        assert (tests / f"test_{name}.py").is_file(), f"{name} has no test"
