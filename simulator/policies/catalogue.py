"""
The page of policies in README.md, made from the code and from the ready policies of Lang Son.

`python -m gatewatch.simulator.policies.catalogue` shows it; with `--write` it is written.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from gatewatch.simulator.policies import Kind, list_kinds, list_policies

README = Path(__file__).with_name("README.md")

_HEAD = """\
# Policies

What a planner can decide, as functions from border to border. A *kind* is a file of this folder with a class
`Settings`, a function `apply(border, settings)` that returns another border and leaves the given one as it
is, and `NEUTRAL`, settings that change nothing at Lang Son. It is found by scanning; the contract tests hold
for it from then on, and its JSON schema makes a planner's form. A *ready policy* is a file of a border's
folder `policies/`: a kind with settings, its conditions, and what was reported after it.

A policy is named `NAME`, `NAME:key=value,…` or `FILE.toml[:key=value,…]`, where a name is that of a ready
policy or of a kind. Policies are applied in order and everything is checked again as if it stood in files.
Two whose order would matter are refused with both names and the thing that they both change: the same two in
the other order are tried, and what comes out is compared day by day. So are two that say the opposite of each
other, such as lunch kept and lunch worked through, and two ready policies that are the same thing done otherwise.

Demand answers to other hours only when it is told to: `fixed` (as it is), `shifts` (who came within the old
hours spreads over the new ones in the same way), `latent` (it grows with the open hours). Which of the three
holds at these gates is not known.

What the model cannot express:

- Priority at some hours only: a rule of priority holds all day. Servers kept for a class are kept all day, and
  nobody else uses them when they idle.
- The wait at home of booked vehicles: it is no queue of the model. What exceeds the slots does not come.
- A queue or a check that an automated lane shares with its gate: the lane is a gate of its own.
- Staying longer of just those lorries that come back laden: the mean stay of all is made longer.
- Laden returns as imports: they are not among the clearances of the other direction.
- A factor on service times from one hour to another: it holds for vehicles that arrived on the days named.
- The pay of added servers: the cost measures count overtime, not rosters.
- What a refused vehicle does elsewhere: vehicles kept away by a halt, or gone by rail, leave the border.

This page is made by `python -m gatewatch.simulator.policies.catalogue --write`.
"""


def catalogue() -> str:
    """Return the text of README.md."""
    return "\n".join([_HEAD, *_ready(), *(line for kind in list_kinds().values() for line in _kind(kind))]) + "\n"


def _ready() -> Iterator[str]:
    yield from ("## Ready policies of Lang Son", "", "| lever | policy | kind | what it does |", "|---|---|---|---|")
    for policy in sorted(list_policies().values(), key=lambda policy: (policy.lever_number, policy.name)):
        yield f"| {policy.lever} | `{policy.name}` | `{policy.kind.name}` | {policy.title} |"


def _kind(kind: Kind) -> Iterator[str]:
    schema = kind.schema()
    yield from ("", f"## `{kind.name}`", "", kind.description, "", "| setting | unit | default | meaning |")
    yield "|---|---|---|---|"
    for key, field in schema["properties"].items():
        default = field.get("default")
        shown = "**needed**" if key in schema.get("required", []) else "" if default is None else f"`{default}`"
        yield f"| `{key}` | {field['unit']} | {shown} | {field['description']} |"


if __name__ == "__main__":
    if "--write" in sys.argv[1:]:
        README.write_text(catalogue(), encoding="utf-8")
    else:
        sys.stdout.write(catalogue())
