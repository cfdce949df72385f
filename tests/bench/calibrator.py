"""A plain tandem of six stations in idiomatic SimPy: the speed of this machine, in the terms of our subject."""

from __future__ import annotations

import random
from statistics import fmean

import simpy

STATIONS, SERVERS = 6, 2


def vehicle(env: simpy.Environment, stations: list[simpy.Resource], luck: random.Random, waits: list[float]):
    """Pass the stations one after the other."""
    for station in stations:
        joined = env.now
        with station.request() as turn:
            yield turn
            waits.append(env.now - joined)
            yield env.timeout(luck.lognormvariate(-0.1, 0.45))


def source(env: simpy.Environment, n: int, stations: list[simpy.Resource], luck: random.Random, waits: list[float]):
    """Let vehicles come at random, with the servers at work four fifths of the time."""
    for _ in range(n):
        yield env.timeout(luck.expovariate(1.6))
        env.process(vehicle(env, stations, luck, waits))


def tandem(n: int, seed: int) -> float:
    """Return the mean wait of `n` vehicles."""
    env, luck, waits = simpy.Environment(), random.Random(seed), []
    stations = [simpy.Resource(env, SERVERS) for _ in range(STATIONS)]
    env.process(source(env, n, stations, luck, waits))
    env.run()
    return fmean(waits)
