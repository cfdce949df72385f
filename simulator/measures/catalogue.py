"""
The table of measures in README.md, made from the code.

`python -m gatewatch.simulator.measures.catalogue` shows it; with `--write` it is written.
"""

from __future__ import annotations

import sys
from pathlib import Path

from gatewatch.simulator.measures import list_measures

README = Path(__file__).with_name("README.md")

_HEAD = """\
# Measures

What a run says of the border: one figure for each replication, by gate, direction, class, and station, yard
or cause where they apply. Results carry the mean over replications with its interval, and percentiles of
samples.

`better` is the direction that is better for those who wait and those who work there. Measured time is the run
without its warm-up. A figure that does not occur in one replication of several counts as 0 there; a sample
that is empty there says nothing.

To add one, write a function in a file of this folder and give it `@measure(name, unit, better)`; its
docstring is the definition below. It reads vehicles and visits only through figures that add up over them
(`@summed`, `@greatest`, `@joined` of `folding.py`), since a long run does not keep them. This page is made from
the code by `python -m gatewatch.simulator.measures.catalogue --write`.

| measure | unit | better | definition |
|---|---|---|---|
"""


def catalogue() -> str:
    """Return the text of README.md."""
    found = list_measures().values()
    rows = [f"| `{m.name}` | {m.unit} | {m.better} | {m.definition} |\n" for m in found]
    return _HEAD + "".join(rows)


if __name__ == "__main__":
    if "--write" in sys.argv[1:]:
        README.write_text(catalogue())
    else:
        sys.stdout.write(catalogue())
