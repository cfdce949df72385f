import pytest

from gatewatch.monitor.alerting import AlertKey, Matcher, parse_matcher


def test_the_order_of_labels_makes_no_difference():
    """The same labels are the same alert, and an empty label is none."""
    one = AlertKey((("gate", "huu_nghi"), ("alertname", "queue")))
    other = AlertKey.of(alertname="queue", gate="huu_nghi", direction="")

    assert one == other
    assert one.fingerprint == other.fingerprint
    assert one.fingerprint != AlertKey.of(alertname="queue", gate="tan_thanh").fingerprint


@pytest.mark.parametrize("labels", [(("gate", "huu_nghi"),), (("alertname", "a"), ("alertname", "b"))])
def test_a_key_needs_one_rule(labels):
    """Without a rule's name, or with two, nobody knows whose clocks apply."""
    with pytest.raises(ValueError, match="alertname"):
        AlertKey(labels)


@pytest.mark.parametrize(
    ("text", "is_match"),
    [
        ('gate="huu_nghi"', True),
        ('gate = "huu"', False),
        ('gate!="tan_thanh"', True),
        ('gate=~"huu.*"', True),
        ('gate=~"huu"', False),
        ('gate=~"tan_thanh|huu_nghi"', True),
        ('gate!~"huu_ngh."', False),
        ('direction=""', True),
        ('direction!=""', False),
        ('direction=~".+"', False),
    ],
)
def test_a_matcher_reads_as_in_alertmanager(text, is_match):
    """Patterns fit the whole value, and a label that is not there is empty."""
    assert parse_matcher(text).matches(AlertKey.of(alertname="queue", gate="huu_nghi")) is is_match


@pytest.mark.parametrize("text", ["gate", "gate=huu_nghi", 'gate=="x"', '="x"', 'gate="a" or gate="b"'])
def test_what_is_no_matcher_is_refused_with_the_way_to_write_it(text):
    """The message shows the form."""
    with pytest.raises(ValueError, match='write LABEL="VALUE"'):
        parse_matcher(text)


@pytest.mark.parametrize("pattern", ["(a+)+", "a{9}", "[a-z]*", ".*.*.*.*.*", "x+"])
def test_a_pattern_that_could_run_for_hours_is_refused(pattern):
    """Anyone who may silence an alert could otherwise stop the service."""
    with pytest.raises(ValueError, match="may hold"):
        Matcher("gate", "=~", pattern)


def test_a_matcher_reads_back_as_it_is_written():
    """What is shown can be typed."""
    matcher = Matcher("gate", "!~", "huu.*|tan_thanh")

    assert parse_matcher(str(matcher)) == matcher
