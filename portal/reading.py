"""What is read once while a page is made: a GET changes nothing, so a question asked again has the answer it had."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")
_answers: ContextVar[dict[Any, Any] | None] = ContextVar("reading", default=None)


@contextmanager
def one_reading() -> Iterator[None]:
    """What `once_a_reading` was asked inside is remembered until the end; whoever opens it promises not to write."""
    token = _answers.set({})
    try:
        yield
    finally:
        _answers.reset(token)


def once_a_reading(read: Callable[P, T]) -> Callable[P, T]:
    """Remember a selector's answers by its arguments within a request that only reads; anywhere else ask each time.

    The arguments are hashable (a saved row is, by its key), and nobody changes the answer.
    """

    @wraps(read)
    def asked(*args: P.args, **kwargs: P.kwargs) -> T:
        answers = _answers.get()
        if answers is None:
            return read(*args, **kwargs)
        key = (read, args, frozenset(kwargs.items()))
        if key not in answers:
            answers[key] = read(*args, **kwargs)
        found: T = answers[key]
        return found

    return asked
