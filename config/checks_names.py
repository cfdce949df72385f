"""Names that refer to something: the one way in which an unknown one is reported."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from gatewatch.config.errors import Fault, known_names
from gatewatch.config.faults import fault_at, shown
from gatewatch.config.origins import Document, Path
from gatewatch.config.schema import Border


def unknown(document: Document, path: Path, kind: str, name: str | None, known: Iterable[str]) -> Iterator[Fault]:
    """Yield a fault when `name`, which stands at `path`, is given and not known."""
    known = list(known)
    if name is not None and name not in known:
        yield fault_at(document, path, shown(name), known_names(kind, name, known))


def unknown_classes(border: Border, document: Document, path: Path, names: Iterable[str] | None) -> Iterator[Fault]:
    """Yield a fault for each name of a list at `path` that is no vehicle class."""
    for n, name in enumerate(names or []):
        yield from unknown(document, (*path, n), "vehicle class", name, border.vehicle_classes())


def unknown_class_keys(
    border: Border, document: Document, path: Path, names: Iterable[str], *others: str
) -> Iterator[Fault]:
    """Yield a fault for each key of a table at `path` that is neither a vehicle class nor one of `others`."""
    known = [*border.vehicle_classes(), *others]
    for name in names:
        if name not in known:
            yield fault_at(document, (*path, name), "unknown", known_names("vehicle class", name, known))
