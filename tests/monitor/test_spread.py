from gatewatch.monitor.spread import BOUNDS_S, Spread


def test_durations_are_counted_by_their_length() -> None:
    """As Prometheus counts: a bound includes itself, each bucket those below it, and the last one all."""
    spread = Spread()
    for seconds in (0.0001, 0.00011, 0.25, 7.0):
        spread.add(seconds)
    before = spread.copy()
    spread.add(7.0)
    buckets = dict(before.buckets())

    assert buckets["0.0001"] == 1
    assert buckets["0.00025"] == buckets["0.1"] == 2
    assert buckets["0.25"] == buckets["2.5"] == 3
    assert buckets["+Inf"] == 4
    assert before.total_s == 0.0001 + 0.00011 + 0.25 + 7.0
    assert len(buckets) == len(BOUNDS_S) + 1
