"""A law of durations as a person would say it."""

from __future__ import annotations

from gatewatch.config import laws


def law_in_words(law: laws.Law) -> str:
    """
    Return a law in words.

    >>> law_in_words(laws.Triangular(law="triangular", low=3, mode=4, high=5, unit="min"))
    '3 to 5 min, mostly 4'
    """
    limit = "" if law.at_most is None else f", at most {_long(law.at_most, law.unit)}"
    return _uncut(law) + limit


def _uncut(law: laws.Law) -> str:
    unit = law.unit
    match law:
        case laws.Constant():
            return _long(law.value, unit)
        case laws.Exponential():
            return f"{_long(law.mean, unit)} on average, exponential"
        case laws.Erlang():
            return f"{_long(law.mean, unit)} on average, Erlang of {law.phases} phases"
        case laws.Gamma() | laws.Lognormal() | laws.Weibull():
            return _by_moments(law)
        case laws.Triangular():
            return f"{_number(law.low)} to {_long(law.high, unit)}, mostly {_number(law.mode)}"
        case laws.Uniform():
            return f"{_number(law.low)} to {_long(law.high, unit)}"
        case laws.Hyperexponential():
            total = sum(law.weights)
            parts = [
                f"{_long(mean, unit)} for {_number(100 * weight / total)} %"
                for mean, weight in zip(law.means, law.weights, strict=True)
            ]
            return f"exponential, on average {', '.join(parts)}"
        case laws.Empirical():
            return f"as measured, {law.file or f'{len(law.values or [])} values'}"


def _by_moments(law: laws.Gamma | laws.Lognormal | laws.Weibull) -> str:
    if law.mean is not None and law.cv is not None:
        return f"{_long(law.mean, law.unit)} on average, cv {_number(law.cv)}, {law.law}"
    if isinstance(law, laws.Lognormal):
        return f"lognormal, mu {_number(law.mu or 0)}, sigma {_number(law.sigma or 0)} in {law.unit}"
    return f"{law.law}, shape {_number(law.shape or 0)}, scale {_long(law.scale or 0, law.unit)}"


def _number(value: float) -> str:
    return f"{value:.10g}"


def _long(value: float, unit: laws.TimeUnit) -> str:
    return f"{_number(value)} {unit}{'s' if unit == 'day' and value != 1 else ''}"
