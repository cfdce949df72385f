"""
The same models in Ciw, a queueing simulator by other people, for what has no closed form.

Each model is written twice, in TOML for Gatewatch and with Ciw's own classes, both starting empty. Replications are
independent. A mean agrees when the Welch interval of the difference holds zero and is narrow enough to tell.

Where the two do not mean the same, the models keep to what they share:

- A shift of a Ciw `Schedule` brings a full set of fresh servers while those that are still busy finish: after a
  change from 8 to 3 up to 11 may work. In Gatewatch the roster counts everybody at work. The two coincide where nobody
  is busy when a shift begins: after a pause that is longer than the longest service. For a roster that changes without
  a pause, the Ciw model has all servers always, and most urgent customers who keep the absent ones busy.
- Ciw turns away who comes from outside to a full queue, Gatewatch may let it wait on the road. Here only queues in
  between are limited, and these block after service in both.
- Patience in Ciw holds for one queue and ends when service begins, as it does in Gatewatch.
"""

from math import inf, log, sqrt

import ciw
import pandas as pd
import pytest
from scipy import stats

CONFIDENCE = 0.999
PRECISION = (
    0.2  # half width of the difference over the mean; services 5 % longer move the tandem's waits by 16 and 38 %
)
TAIL_DAYS = 0.5  # who comes in the last hours may not be through at the end, and is left out
MIN_PER_DAY = 1_440
AGREES = "agrees"

poisson = ciw.dists.Exponential  # gaps of a Poisson process, by its rate


def lognormal(mean, cv):
    """Return Ciw's lognormal law of a mean and a coefficient of variation."""
    variance = log(1 + cv**2)
    return ciw.dists.Lognormal(log(mean) - variance / 2, sqrt(variance))


def gamma(mean, cv):
    """Return Ciw's gamma law of a mean and a coefficient of variation."""
    return ciw.dists.Gamma(1 / cv**2, mean * cv**2)


@pytest.fixture
def gatewatch(builder):
    """Return a function from a border to the visits of its vehicles."""

    def visits(border, days, replications):
        trace = builder(border, days=days, replications=replications, seed=7).trace
        times = trace[["joined_us", "started_us", "finished_us", "left_us"]].astype(float) / 60e6
        times.columns = ["joined", "started", "finished", "left"]
        times["turned_back"] = (trace["outcome"] == "turned_back") & trace["started_us"].isna()
        return _visits(trace[["replication", "vehicle", "stage", "class"]].join(times), days)

    return visits


def in_ciw(network, stations, days, replications):
    """Return the visits of the customers of a Ciw network, its nodes named by `stations`."""
    rows = []
    for n in range(replications):
        ciw.seed(1_000 + n)
        simulation = ciw.Simulation(network)
        simulation.simulate_until_max_time(days * MIN_PER_DAY)
        rows += [
            (
                n, r.id_number, stations[r.node - 1], r.original_customer_class, r.arrival_date, r.service_start_date,
                r.service_end_date, r.exit_date, r.record_type == "renege",
            )
            for r in simulation.get_all_records(include_incomplete=True)
        ]  # fmt: skip
    columns = (
        "replication", "vehicle", "stage", "class", "joined", "started", "finished", "left", "turned_back",
    )  # fmt: skip
    return _visits(pd.DataFrame(rows, columns=columns).replace({"class": {"Customer": "general"}}), days)


def _visits(table, days):
    """Return the visits of all who came before the last hours; times in minutes from the start."""
    table = table.sort_values(["replication", "vehicle", "joined"], kind="stable", ignore_index=True)
    came = table.groupby(["replication", "vehicle"])["joined"].transform("min")
    table = table.assign(came=came)[came < (days - TAIL_DAYS) * MIN_PER_DAY]
    assert table["left"].notna().all(), "some who should count are still inside"
    return table


def _figures(visits):
    """Return the means of each replication, by figure, station and class."""
    is_last = ~visits.duplicated(["replication", "vehicle"], keep="last")
    blocked = (visits["left"] - visits["finished"]).where(~visits["turned_back"])
    values = pd.DataFrame(
        {
            "wait": visits["started"] - visits["joined"],
            "blocked time": blocked,
            "share blocked": (blocked > 0).astype(float).where(blocked.notna()),
            "crossing": (visits["left"] - visits["came"]).where(is_last & ~visits["turned_back"]),
            "share turned back": visits["turned_back"].astype(float),
            "wait in vain": (visits["left"] - visits["joined"]).where(visits["turned_back"]),
        }
    )
    by = [visits["replication"], visits["stage"], visits["class"]]
    means = values.groupby(by).mean().unstack(["stage", "class"])
    means.columns = [
        f"{what}, {stage}" + ("" if kind == "general" else f", {kind}") for what, stage, kind in means.columns
    ]
    return means


def compare(ours, theirs):
    """Return for each figure that occurs whether Gatewatch agrees with Ciw, and the numbers where it does not."""
    ours, theirs = _figures(ours), _figures(theirs)
    return {
        name: _verdict(ours[name], theirs[name])
        for name in sorted({*ours.columns, *theirs.columns})
        if ours[name].fillna(0).any() or theirs[name].fillna(0).any()
    }


def _verdict(ours, theirs):
    low, high = stats.ttest_ind(ours, theirs, equal_var=False).confidence_interval(CONFIDENCE)
    numbers = f"{ours.mean():.4g}, in Ciw {theirs.mean():.4g}, difference from {low:.3g} to {high:.3g}"
    if not low <= 0 <= high:
        return f"off: {numbers}"
    return AGREES if (high - low) / 2 <= PRECISION * theirs.mean() else f"too noisy: {numbers}"


def agreed(*names):
    """Return what `compare` says when these figures occur and agree."""
    return dict.fromkeys(names, AGREES)


# --- a tandem that blocks ---

TANDEM = """
[gates.a.stations]
desk.servers = 3
booth = { servers = 2, queue_places = 1, when_full = "block" }

[gates.a.export.stages]
desk.service = { law = "lognormal", mean = 5, cv = 0.6, unit = "min" }
booth.service = { law = "lognormal", mean = 4, cv = 0.8, unit = "min" }

[demand.test.flows.exports]
gate = "a"
direction = "export"
arrivals = { kind = "poisson", per_day = 432 }
"""
TANDEM_FIGURES = ("blocked time, desk", "crossing, booth", "share blocked, desk", "wait, booth", "wait, desk")


def tandem_in_ciw(days, replications, longer=1.0):
    """Return the visits of the tandem in Ciw, services longer by a factor."""
    network = ciw.create_network(
        arrival_distributions=[poisson(432 / MIN_PER_DAY), None],
        service_distributions=[lognormal(5 * longer, 0.6), lognormal(4 * longer, 0.8)],
        number_of_servers=[3, 2],
        queue_capacities=[inf, 1],
        routing=[[0.0, 1.0], [0.0, 0.0]],
    )
    return in_ciw(network, ["desk", "booth"], days, replications)


@pytest.mark.slow
def test_a_tandem_with_a_small_buffer_agrees(gatewatch):
    """Two stations with several servers; who finds the one place taken keeps the server of the first."""
    ours = gatewatch(TANDEM, days=3, replications=120)
    theirs = tandem_in_ciw(days=3, replications=60)

    assert compare(ours, theirs) == agreed(*TANDEM_FIGURES)


@pytest.mark.slow
def test_services_ten_per_cent_longer_do_not_agree(gatewatch):
    """A comparison that cannot fail says nothing: every figure of the tandem tells of a tenth."""
    ours = gatewatch(TANDEM, days=3, replications=60)
    theirs = tandem_in_ciw(days=3, replications=30, longer=1.1)
    verdicts = compare(ours, theirs)

    assert [name for name, verdict in verdicts.items() if verdict.startswith("off")] == list(TANDEM_FIGURES)


# --- classes ---

PRIORITIES = """
[gates.a.stations.booth]
servers = 3
priority = ["fruit"]

[[gates.a.export.stages.booth.service]]
classes = ["fruit"]
law = { law = "gamma", mean = 5, cv = 0.5, unit = "min" }

[[gates.a.export.stages.booth.service]]
law = { law = "lognormal", mean = 8, cv = 0.8, unit = "min" }

[demand.test.flows.exports]
gate = "a"
direction = "export"
mix = { fruit = 240, general = 240 }
arrivals = { kind = "poisson", per_day = 480 }
"""


@pytest.mark.slow
def test_classes_served_first_agree(gatewatch):
    """Fruit first, without pre-emption, and each class with a law of its own at three servers."""
    network = ciw.create_network(
        arrival_distributions={"fruit": [poisson(240 / MIN_PER_DAY)], "general": [poisson(240 / MIN_PER_DAY)]},
        service_distributions={"fruit": [gamma(5, 0.5)], "general": [lognormal(8, 0.8)]},
        number_of_servers=[3],
        priority_classes={"fruit": 0, "general": 1},
    )
    ours = gatewatch(PRIORITIES, days=4, replications=120)
    theirs = in_ciw(network, ["booth"], days=4, replications=60)

    assert compare(ours, theirs) == agreed(
        "crossing, booth", "crossing, booth, fruit", "wait, booth", "wait, booth, fruit"
    )


# --- rosters ---

ROSTER = """
[gates.a.stations.booth]
servers = [
    { servers = 3 },
    { servers = 8, hours = "03:00-06:00" },
    { servers = 8, hours = "09:00-12:00" },
    { servers = 8, hours = "15:00-18:00" },
    { servers = 8, hours = "21:00-24:00" },
]

[gates.a.export.stages.booth]
service = { law = "lognormal", mean = 20, cv = 0.5, unit = "min" }

[demand.test.flows.exports]
gate = "a"
direction = "export"
arrivals = { kind = "poisson", per_day = 320 }
"""
PAUSES = """
[gates.a.stations.booth]
servers = [
    { servers = 4 },
    { servers = 10, hours = "03:00-06:00" },
    { servers = 10, hours = "09:00-12:00" },
    { servers = 10, hours = "15:00-18:00" },
    { servers = 10, hours = "21:00-24:00" },
    { servers = 0, hours = "02:15-03:00" },
    { servers = 0, hours = "05:15-06:00" },
    { servers = 0, hours = "08:15-09:00" },
    { servers = 0, hours = "11:15-12:00" },
    { servers = 0, hours = "14:15-15:00" },
    { servers = 0, hours = "17:15-18:00" },
    { servers = 0, hours = "20:15-21:00" },
    { servers = 0, hours = "23:15-24:00" },
]

[gates.a.export.stages.booth]
service = { law = "gamma", mean = 20, cv = 0.8, at_most = 45, unit = "min" }

[demand.test.flows.exports]
gate = "a"
direction = "export"
arrivals = { kind = "poisson", per_day = 288 }
"""
SHIFT_MIN = 180
SHIFT_FIGURES = ("crossing, booth, few", "crossing, booth, many", "wait, booth, few", "wait, booth, many")


def by_shift(visits):
    """Return the visits of vehicles, with the kind of shift in which they came for a class: few servers or many."""
    vehicles = visits[visits["class"] != "absent"]
    return vehicles.assign(**{"class": ["many" if n % 2 else "few" for n in vehicles["came"] // SHIFT_MIN]})


class AtMost(ciw.dists.Distribution):
    """A law whose longer draws are cut."""

    def __init__(self, law, limit):
        self.law, self.limit = law, limit

    def sample(self, t=None, ind=None):
        """Return a draw."""
        return min(self.law.sample(t, ind), self.limit)


class UntilTheShiftEnds(ciw.dists.Distribution):
    """The absence of a server: it ends with the shift at whose beginning it was asked for, whenever it begins."""

    def sample(self, t=None, ind=None):
        """Return the time that is left at `t`."""
        return max(0.0, ind.arrival_date + SHIFT_MIN - t)


@pytest.mark.slow
def test_shifts_with_pauses_agree(gatewatch):
    """Before each pause the busy servers finish their vehicle; after it another number begins."""
    network = ciw.create_network(
        arrival_distributions=[poisson(288 / MIN_PER_DAY)],
        service_distributions=[AtMost(gamma(20, 0.8), 45)],
        number_of_servers=[ciw.Schedule([4, 0, 10, 0], [135, 180, 315, 360])],
    )
    ours = gatewatch(PAUSES, days=3, replications=150)
    theirs = in_ciw(network, ["booth"], days=3, replications=80)

    assert compare(by_shift(ours), by_shift(theirs)) == agreed(*SHIFT_FIGURES)


def roster_in_ciw(days):
    """Return the network with eight servers, five of whom are kept busy by absences in every other shift."""
    n = days * MIN_PER_DAY // (2 * SHIFT_MIN)
    return ciw.create_network(
        arrival_distributions={
            "absent": [ciw.dists.Sequential([0] + n * [2 * SHIFT_MIN])],
            "general": [poisson(320 / MIN_PER_DAY)],
        },
        batching_distributions={"absent": [ciw.dists.Deterministic(5)], "general": [ciw.dists.Deterministic(1)]},
        service_distributions={"absent": [UntilTheShiftEnds()], "general": [lognormal(20, 0.5)]},
        number_of_servers=[8],
        priority_classes={"absent": 0, "general": 1},
    )


@pytest.mark.slow
def test_a_roster_that_rises_and_falls_without_a_pause_agrees(gatewatch):
    """Three servers and eight by turns: who is busy when the roster falls finishes a vehicle, nobody takes over."""
    ours = gatewatch(ROSTER, days=3, replications=150)
    theirs = in_ciw(roster_in_ciw(days=3), ["booth"], days=3, replications=90)

    assert compare(by_shift(ours), by_shift(theirs)) == agreed(*SHIFT_FIGURES)


@pytest.mark.slow
def test_fresh_servers_at_each_shift_do_not_agree(gatewatch):
    """A shift of Ciw's schedule brings a full set beside those that still finish: the comparison tells it apart."""
    network = ciw.create_network(
        arrival_distributions=[poisson(320 / MIN_PER_DAY)],
        service_distributions=[lognormal(20, 0.5)],
        number_of_servers=[ciw.Schedule([3, 8], [SHIFT_MIN, 2 * SHIFT_MIN])],
    )
    ours = gatewatch(ROSTER, days=3, replications=100)
    theirs = in_ciw(network, ["booth"], days=3, replications=50)
    verdicts = compare(by_shift(ours), by_shift(theirs))

    assert verdicts["wait, booth, few"].startswith("off")
    assert verdicts["crossing, booth, few"].startswith("off")


# --- patience ---

PATIENCE = """
[gates.a.stations.booth]
servers = 2

[gates.a.export]
patience = { "*" = { law = "gamma", mean = 15, cv = 0.6, unit = "min" } }

[gates.a.export.stages.booth]
service = { law = "lognormal", mean = 6, cv = 0.9, unit = "min" }

[demand.test.flows.exports]
gate = "a"
direction = "export"
arrivals = { kind = "poisson", per_day = 504 }
"""


@pytest.mark.slow
def test_turning_back_agrees(gatewatch):
    """More vehicles come than two servers can serve; the patience of some ends while they wait."""
    network = ciw.create_network(
        arrival_distributions=[poisson(504 / MIN_PER_DAY)],
        service_distributions=[lognormal(6, 0.9)],
        reneging_time_distributions=[gamma(15, 0.6)],
        number_of_servers=[2],
    )
    ours = gatewatch(PATIENCE, days=3, replications=60)
    theirs = in_ciw(network, ["booth"], days=3, replications=40)

    assert compare(ours, theirs) == agreed(
        "crossing, booth", "share turned back, booth", "wait in vain, booth", "wait, booth"
    )


# --- a way back ---

FEEDBACK = """
[gates.a.stations]
customs.servers = 3
inspection.servers = 2
booth.servers = 1

[gates.a.export.stages]
customs.service = { law = "lognormal", mean = 5, cv = 0.7, unit = "min" }
inspection.service = { law = "gamma", mean = 8, cv = 0.6, unit = "min" }
booth.service = { law = "lognormal", mean = 2.5, cv = 0.5, unit = "min" }

[[gates.a.export.stages.customs.next]]
to = "booth"
share = 0.6

[[gates.a.export.stages.inspection.next]]
to = "customs"
share = 0.25

[[gates.a.export.stages.inspection.next]]
to = "out"
share = 0.2

[demand.test.flows.exports]
gate = "a"
direction = "export"
arrivals = { kind = "poisson", per_day = 460 }
"""


@pytest.mark.slow
def test_a_network_with_a_way_back_agrees(gatewatch):
    """Four in ten are inspected; of these a quarter is sent back to customs and a fifth leaves at once."""
    network = ciw.create_network(
        arrival_distributions=[poisson(460 / MIN_PER_DAY), None, None],
        service_distributions=[lognormal(5, 0.7), gamma(8, 0.6), lognormal(2.5, 0.5)],
        number_of_servers=[3, 2, 1],
        routing=[[0.0, 0.4, 0.6], [0.25, 0.0, 0.55], [0.0, 0.0, 0.0]],
    )
    ours = gatewatch(FEEDBACK, days=3, replications=100)
    theirs = in_ciw(network, ["customs", "inspection", "booth"], days=3, replications=60)

    assert compare(ours, theirs) == agreed(
        "crossing, booth", "crossing, inspection", "wait, booth", "wait, customs", "wait, inspection"
    )
