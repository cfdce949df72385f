import pytest
from pydantic import TypeAdapter

from gatewatch.config.law_words import law_in_words
from gatewatch.config.laws import Law


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"law": "constant", "value": 4, "unit": "min"}, "4 min"),
        ({"law": "constant", "value": 1, "unit": "day"}, "1 day"),
        ({"law": "exponential", "mean": 4, "unit": "min"}, "4 min on average, exponential"),
        ({"law": "erlang", "phases": 3, "mean": 4, "unit": "s"}, "4 s on average, Erlang of 3 phases"),
        ({"law": "gamma", "mean": 2, "cv": 0.5, "unit": "h"}, "2 h on average, cv 0.5, gamma"),
        ({"law": "gamma", "shape": 4, "scale": 0.5, "unit": "h"}, "gamma, shape 4, scale 0.5 h"),
        ({"law": "lognormal", "mu": 1, "sigma": 0.3, "unit": "min"}, "lognormal, mu 1, sigma 0.3 in min"),
        (
            {"law": "lognormal", "mean": 14, "cv": 0.5, "at_most": 48, "unit": "h"},
            "14 h on average, cv 0.5, lognormal, at most 48 h",
        ),
        ({"law": "weibull", "shape": 1.5, "scale": 2, "unit": "min"}, "weibull, shape 1.5, scale 2 min"),
        ({"law": "triangular", "low": 1, "mode": 2, "high": 5, "unit": "day"}, "1 to 5 days, mostly 2"),
        ({"law": "uniform", "low": 0.5, "high": 3, "unit": "min"}, "0.5 to 3 min"),
        (
            {"law": "hyperexponential", "means": [1, 10], "weights": [9, 1], "unit": "min"},
            "exponential, on average 1 min for 90 %, 10 min for 10 %",
        ),
        ({"law": "empirical", "values": [1, 2, 3], "unit": "min"}, "as measured, 3 values"),
        ({"law": "empirical", "file": "scans.csv", "unit": "min"}, "as measured, scans.csv"),
    ],
    ids=lambda value: value["law"] if isinstance(value, dict) else "",
)
def test_a_law_is_said_in_words(given, words):
    """The numbers are those of the file, with their unit."""
    assert law_in_words(TypeAdapter(Law).validate_python(given)) == words
