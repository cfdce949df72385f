"""Folders in which each file is an entry of a list: whoever adds a file has added an entry."""

from __future__ import annotations

import inspect
from importlib import import_module
from pkgutil import iter_modules
from types import ModuleType


def modules_with(package: str, *names: str) -> dict[str, ModuleType]:
    """
    Return the modules of a package that define all these names, by their own name and in its order.

    Every module of the package is imported, so that what registers itself has done so.

    >>> list(modules_with("gatewatch.config", "modules_with", "description"))
    ['scanning']
    """
    folder = import_module(package).__path__
    found = {
        name: import_module(f"{package}.{name}") for name in sorted(module.name for module in iter_modules(folder))
    }
    return {name: module for name, module in found.items() if all(hasattr(module, wanted) for wanted in names)}


def description(module: ModuleType) -> str:
    """Return what a module says of itself: its docstring, without the indent."""
    return inspect.cleandoc(module.__doc__ or "")
