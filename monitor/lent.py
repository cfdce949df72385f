"""What the core tells the notifier of the same service: its address and a key that it lends, in a file of its user."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

FILE: Final = "notifier.json"


@dataclass(frozen=True, slots=True)
class Lent:
    """Where the core is, and what opens its outbox as long as it runs."""

    url: str
    key: str


def tell_notifier(home: Path, url: str, key: str) -> None:
    """Write where the core is; the file is there whole or not at all, and only the service's user reads it."""
    home.mkdir(parents=True, exist_ok=True)
    path, new = home / FILE, home / f"{FILE}.new"
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        json.dump(asdict(Lent(url, key)), file)
    new.replace(path)


def read_lent(home: Path) -> Lent | None:
    """Return where the core is; None while nobody has said."""
    try:
        found = json.loads((home / FILE).read_text(encoding="utf-8"))
        return Lent(str(found["url"]), str(found["key"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None
