"""How an extension changes moto's classes: ``wrap`` or ``replace`` what is there, ``add`` what is not.

    @wrap(Queue, "set_attributes")
    def set_attributes(original, queue, attributes):
        ...
        return original(queue, attributes)

    @add(QueueResponse)
    def start_message_move_task(response):
        ...

What it remembers it keeps in the ``memory`` of moto's objects. The other three fail when moto's class is not what the
extension was written for, so that a newer moto is noticed when the emulator starts and not by a request that goes
wrong.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, TypeVar

Function = TypeVar("Function", bound=Callable[..., Any])

_MARK = "__orchestrator_extension__"
_MEMORY = "orchestrator_memory"


def wrap(owner: type, name: str) -> Callable[[Function], Function]:
    """Replace a method or property of ``owner`` by the decorated function.

    It is called with moto's own function and then with what that would have been called with. Raises
    AttributeError when ``owner`` itself does not define ``name``.
    """
    if name not in vars(owner):
        raise AttributeError(f"{owner.__module__}.{owner.__qualname__} does not define {name}")
    original = vars(owner)[name]

    def decorate(function: Function) -> Function:
        if isinstance(original, property):
            assert original.fget is not None
            setattr(owner, name, property(_bind(function, original.fget), original.fset, original.fdel))
        elif isinstance(original, staticmethod | classmethod):
            setattr(owner, name, type(original)(_bind(function, original.__func__)))
        else:
            setattr(owner, name, _bind(function, original))
        return function

    return decorate


def replace(owner: type, name: str) -> Callable[[Function], Function]:
    """Replace a method or property of ``owner`` by the decorated function; moto's own is not called any more.

    Raises AttributeError when ``owner`` itself does not define ``name``.
    """

    def decorate(function: Function) -> Function:
        wrap(owner, name)(lambda _original, *args, **kwargs: function(*args, **kwargs))
        return function

    return decorate


def add(owner: type, name: str | None = None) -> Callable[[Function], Function]:
    """Give ``owner`` the decorated function as a method, under its own name or ``name``.

    Raises AttributeError when moto defines that method: the extension has then become superfluous, or hides it.
    """

    def decorate(function: Function) -> Function:
        method = name or function.__name__
        present = getattr(owner, method, None)
        if present is not None and not hasattr(present, _MARK):
            raise AttributeError(f"{owner.__module__}.{owner.__qualname__} already defines {method}")
        setattr(function, _MARK, True)
        setattr(owner, method, function)
        return function

    return decorate


def memory(owner: object) -> dict[str, Any]:
    """What extensions remember of one of moto's objects (a bucket, a table, a backend); it ends with the object."""
    kept: dict[str, Any] = vars(owner).setdefault(_MEMORY, {})
    return kept


def forget(owner: object) -> None:
    """Begin with an empty memory, for an object that moto copied from another one."""
    vars(owner).pop(_MEMORY, None)


def _bind(function: Callable[..., Any], original: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(original)
    def replaced(*args: Any, **kwargs: Any) -> Any:
        return function(original, *args, **kwargs)

    return replaced
