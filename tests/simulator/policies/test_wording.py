"""Forms are made from schemas: each kind, setting, value and unit has a name in every language."""

from __future__ import annotations

from gatewatch.simulator.policies import Kind, list_kinds
from gatewatch.simulator.policies.wording import LANGUAGES, texts

KINDS = list_kinds().values()


def fields(kind: Kind) -> dict[str, dict[str, object]]:
    """Return the settings of a kind by name."""
    return dict(kind.schema()["properties"])


def test_every_kind_and_setting_has_a_name() -> None:
    """No form shows the name of a variable."""
    found = texts()

    assert {kind.name for kind in KINDS} == set(found["kind"])
    assert {name for kind in KINDS for name in fields(kind)} == set(found["setting"])
    assert set(found["setting_of"]) <= {f"{kind.name}.{name}" for kind in KINDS for name in fields(kind)}


def test_every_value_and_unit_has_a_name() -> None:
    """What is chosen from a list, and what stands behind a number."""
    found, values, units = texts(), set[str](), set[str]()
    for kind in KINDS:
        for field in fields(kind).values():
            units.add(str(field["unit"]))
            items = field.get("items", field)
            values |= set(items.get("enum", ())) if isinstance(items, dict) else set()

    assert values == set(found["value"])
    assert units == set(found["unit"])


def test_every_text_is_there_in_each_language() -> None:
    """Vietnamese first, and none forgotten."""
    assert {
        f"{section}.{key}"
        for section, keys in texts().items()
        for key, said in keys.items()
        if set(said) != set(LANGUAGES)
    } == set()
