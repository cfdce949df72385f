"""What is worked out once: for a run, or for a network, which all replications share."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar, cast


class Keeper(Protocol):
    """Something that does not change, with a place for what follows from it."""

    @property
    def kept(self) -> dict[object, object]:
        """What is known of it, by the function that found it and its arguments."""
        ...


_K = TypeVar("_K", bound=Keeper)
_P = ParamSpec("_P")
_T = TypeVar("_T")


def once(function: Callable[Concatenate[_K, _P], _T]) -> Callable[Concatenate[_K, _P], _T]:
    """
    Return a function that works out its result once for each keeper, its first argument, and other arguments.

    The result lives as long as the keeper and must not be changed. Threads that ask at the same time may each work it
    out; the results are the same.
    """

    @wraps(function)
    def found(keeper: _K, *args: Any, **kwargs: Any) -> _T:
        key = (function, args, tuple(kwargs.items()))
        if key not in keeper.kept:
            keeper.kept[key] = function(keeper, *args, **kwargs)
        return cast(_T, keeper.kept[key])

    return cast(Callable[Concatenate[_K, _P], _T], found)
