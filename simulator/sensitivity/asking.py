"""Parameters as they are asked for: `PATH=low..high`, and what to say where there is no such thing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from gatewatch.config.errors import ConfigError, Fault, known_names, one_fault
from gatewatch.config.origins import Path
from gatewatch.simulator.scenario import Plan
from gatewatch.simulator.sensitivity.amounts import base_of
from gatewatch.simulator.sensitivity.parameters import Parameter, every, is_in_days, path_text, value_at

OPTION = "--parameter"


def asked_parameters(plan: Plan, gates: Sequence[str], texts: Sequence[str]) -> list[Parameter]:
    """
    Return the parameters that are asked for, with their ranges.

    A path is that of a group as listed (`gates.huu_nghi.stations.gate_in.servers`) or of any number of the border.
    Without a range it is the usual one; `x0.5..x2` gives factors.

    Args:
        plan: What is run.
        gates: Gates whose groups go by name.
        texts: `PATH`, `PATH=low..high` or `PATH=x0.5..x2`.

    Raises:
        ConfigError: With every fault found.
    """
    known = {found.name: found for gate in gates for found in every(plan, gate, assumed_only=False)}
    result: list[Parameter] = []
    faults: list[Fault] = []
    for text in texts:
        try:
            result.append(_asked(plan, known, text))
        except ConfigError as error:
            faults += error.faults
    names = [parameter.name for parameter in result]
    faults += [
        Fault(OPTION, "", f'"{name}" twice', "name a parameter once") for name in set(names) if names.count(name) > 1
    ]
    if faults:
        raise ConfigError(faults)
    return result


def _asked(plan: Plan, known: Mapping[str, Parameter], text: str) -> Parameter:
    name, _, span = (part.strip() for part in text.partition("="))
    found = known.get(name) or _single(plan, known, name)
    if not span:
        if found.low >= found.high:
            raise one_fault(OPTION, name, f"{found.base:g}", "give it a range, such as =0..1")
        return found
    ends = [end.strip() for end in span.split("..")]
    by_factor = all(end.startswith("x") for end in ends)
    try:
        low, high = (float(end.removeprefix("x")) for end in ends)
    except ValueError:
        raise one_fault(OPTION, name, f'"{span}"', "write a range as low..high, or as factors x0.5..x2") from None
    if by_factor:
        low, high = low * found.base, high * found.base
    elif found.unit == "factor" and len(found.leaves) > 1:
        raise one_fault(OPTION, name, f'"{span}"', "it stands for several values; give factors, such as x0.5..x2")
    if not 0 <= low < high < float("inf") or (found.kind == "law" and low <= 0):
        raise one_fault(OPTION, name, f'"{span}"', "the low end comes first, both above nought and not the same")
    return found.between(low, high)


def _single(plan: Plan, known: Mapping[str, Parameter], name: str) -> Parameter:
    """Return a number of the border as a parameter of its own."""
    document = plan.loaded.document
    paths = {path_text(path): path for path in document.origins if path[:1] != ("scenarios",)}
    if name not in paths:
        raise one_fault(OPTION, "", f'"{name}"', known_names("parameter", name, _nearest(plan, name, known, paths)))
    path = paths[name]
    value = value_at(document, path)
    base = base_of("amount", value)
    if base is None:
        raise one_fault(OPTION, name, f"{value!r}", "it is no number; name a number, or a group that `--json` lists")
    if base == 0:
        raise one_fault(OPTION, name, "0", "a factor leaves it as it is; state another value in the border first")
    if not _is_run(plan, path) or not is_in_days(plan, path):
        raise one_fault(
            OPTION, name, "not used", f"the run of {plan.name} from {plan.scenario.start} never asks for it"
        )
    return Parameter(name, "as written", base, base * 0.75, base * 1.25, "amount", (path,))


def _is_run(plan: Plan, path: Path) -> bool:
    """Return whether the run can ask for a value: its gate has flows, its demand is the one that is run."""
    demand = plan.loaded.border.demand[plan.scenario.demand]
    if path[0] == "demand":
        return bool(path[1] == plan.scenario.demand)
    if path[0] == "gates":
        return any(flow.gate == path[1] for flow in demand.flows.values()) or any(
            entry.gate == path[1] for entry in plan.initial.vehicles
        )
    return path[0] not in ("sources", "prices")


def _nearest(plan: Plan, name: str, known: Mapping[str, Parameter], paths: Mapping[str, Path]) -> list[str]:
    """Return the names that share their beginning with a name, so that the list for a person stays short."""
    numbers = (text for text, path in paths.items() if base_of("amount", value_at(plan.loaded.document, path)))
    names = list(dict.fromkeys([*known, *numbers]))
    parts = name.split(".")
    for length in range(len(parts) - 1, 0, -1):
        start = ".".join(parts[:length])
        if found := [one for one in names if one.startswith(start)]:
            return found
    return list(known) or names
