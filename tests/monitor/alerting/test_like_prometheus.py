"""Our clocks beside Debian's `promtool test rules`, on random series: the other engine."""

import json
import os
import random
import shutil
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from gatewatch.monitor.alerting import AlertKey, Alerts, Clocks, Judgement, step

START = datetime(1970, 1, 1, tzinfo=UTC)
N_SERIES = 50  # in one of promtool's tests
N_EVALUATIONS = 60
N_TESTS = 27  # for each interval
SHOWN = {"pending": "pending", "firing": "firing", "recovering": "firing"}


@pytest.fixture(scope="module")
def promtool() -> str:
    """Prometheus' own test tool; without it the test is skipped here and fails in CI."""
    found = shutil.which("promtool")
    if found is None:
        missing = "promtool is not installed; on Debian: sudo apt-get install prometheus"
        if os.environ.get("CI") == "true":
            pytest.fail(missing)
        pytest.skip(missing)
    return found


def random_truths(chance: random.Random) -> list[bool]:
    """Return whether the condition holds at each evaluation: stretches of random length, short and long ones."""
    stays = chance.choice([0.3, 0.6, 0.8, 0.9])
    truths = [chance.random() < 0.5]
    while len(truths) < N_EVALUATIONS:
        truths.append(truths[-1] if chance.random() < stays else not truths[-1])
    return truths


def our_states(key: AlertKey, truths: list[bool], clocks: Clocks, interval: timedelta) -> list[str | None]:
    """Return what Prometheus would show of our alert after each evaluation."""
    alerts, states = Alerts(), []
    for n, truth in enumerate(truths):
        now = START + n * interval
        judgement = Judgement(key, "true" if truth else "false", "congested", float(truth), now)
        alerts, _ = step(alerts, [judgement], {key.rule: clocks}, now)
        states.append(next((SHOWN.get(alert.state) for alert in alerts.alerts), None))
    return states


def random_rules(chance: random.Random) -> dict[str, Clocks]:
    """Return rules whose clocks are and are not whole numbers of evaluations."""
    spans = [0, 0, 1, 15, 20, 30, 45, 50, 60, 75, 120, 180, 300, 301]
    return {
        f"rule_{n}": Clocks(timedelta(seconds=chance.choice(spans)), timedelta(seconds=chance.choice(spans)))
        for n in range(40)
    }


def written(rules: dict[str, Clocks]) -> str:
    """Return the rules as Prometheus reads them."""
    found = []
    for name, clocks in rules.items():
        rule = {"alert": name, "expr": f'x{{rule="{name}"}} > 0', "for": f"{clocks.for_.seconds}s"}
        if clocks.keep_firing_for:
            rule["keep_firing_for"] = f"{clocks.keep_firing_for.seconds}s"
        found.append(rule)
    return json.dumps({"groups": [{"name": "all", "rules": found}]})


def samples(states: dict[AlertKey, list[str | None]], n: int) -> Iterator[dict[str, object]]:
    """Yield the series that Prometheus should have written about alerts after an evaluation."""
    for key, shown in states.items():
        if shown[n] is not None:
            labels = f'alertname="{key.rule}", alertstate="{shown[n]}", rule="{key.rule}", s="{key.get("s")}"'
            yield {"labels": f"ALERTS{{{labels}}}", "value": 1}


def random_tests(chance: random.Random, rules: dict[str, Clocks], interval: timedelta) -> tuple[dict[str, object], int]:
    """Return one of promtool's tests, with our states as what is expected, and the number of transitions in it."""
    names = list(rules)
    truths = {AlertKey.of(alertname=chance.choice(names), s=str(s)): random_truths(chance) for s in range(N_SERIES)}
    states = {key: our_states(key, found, rules[key.rule], interval) for key, found in truths.items()}
    n_transitions = sum(
        before != after for shown in states.values() for before, after in zip([None, *shown], shown, strict=False)
    )
    series = [
        {"series": f'x{{rule="{key.rule}", s="{key.get("s")}"}}', "values": " ".join(str(int(t)) for t in found)}
        for key, found in truths.items()
    ]
    expected = [
        {"expr": "ALERTS", "eval_time": f"{n * interval.seconds}s", "exp_samples": list(samples(states, n))}
        for n in range(N_EVALUATIONS)
    ]
    return {
        "interval": f"{interval.seconds}s",
        "input_series": series,
        "promql_expr_test": expected,
    }, n_transitions


def told_by(
    promtool: str, folder: Path, rules: dict[str, Clocks], interval: timedelta, tests: list[dict[str, object]]
) -> subprocess.CompletedProcess[str]:
    """Return what promtool says of the tests."""
    (folder / "rules.yaml").write_text(written(rules))
    given = {"rule_files": ["rules.yaml"], "evaluation_interval": f"{interval.seconds}s", "tests": tests}
    (folder / "tests.yaml").write_text(json.dumps(given))
    command = [promtool, "test", "rules", folder / "tests.yaml"]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.mark.slow
@pytest.mark.parametrize("interval_s", [15, 20, 60])
def test_every_random_series_goes_the_way_that_prometheus_sends_it(interval_s, promtool, tmp_path, record_property):
    """`for` and `keep_firing_for` of any length: the same state after every evaluation of every series."""
    chance = random.Random(interval_s)
    rules, interval = random_rules(chance), timedelta(seconds=interval_s)
    tests, n_transitions = zip(*(random_tests(chance, rules, interval) for _ in range(N_TESTS)), strict=True)
    said = told_by(promtool, tmp_path, rules, interval, list(tests))

    assert said.returncode == 0, said.stdout[-3_000:] + said.stderr[-3_000:]
    assert "SUCCESS" in said.stdout
    record_property("compared: random series with promtool", N_TESTS * N_SERIES)
    record_property("compared: transitions of them", sum(n_transitions))


def test_promtool_notices_one_state_that_is_wrong(promtool, tmp_path):
    """The comparison can fail: one alert of one evaluation is said to be pending that fires."""
    chance, interval = random.Random(1), timedelta(seconds=15)
    rules = random_rules(chance)
    test, _ = random_tests(chance, rules, interval)
    wrong = json.loads(json.dumps(test).replace('alertstate=\\"firing\\"', 'alertstate=\\"pending\\"', 1))
    said = told_by(promtool, tmp_path, rules, interval, [wrong])

    assert wrong != test
    assert said.returncode != 0
    assert "FAILED" in said.stdout + said.stderr
