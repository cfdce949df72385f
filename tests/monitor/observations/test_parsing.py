import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gatewatch.monitor.observations import (
    EVENT_TYPES,
    Correction,
    Observation,
    Rejection,
    canonical_body,
    content_sha256,
    parse_event,
    read_body,
)

AT = {"gate": "huu_nghi", "direction": "export"}
TOKEN = "0123456789abcdef" * 4
SPAN = {"from": "2026-01-15T07:00:00+07:00", "to": "2026-01-15T07:15:00+07:00"}

# At least one for each type; the keys are all that the type knows.
EXAMPLES: list[tuple[str, dict[str, Any]]] = [
    *((f"vehicle.{point}", AT) for point in ("declared", "en_route", "arrived", "weighed", "gate_in", "gate_out")),
    *((f"vehicle.{point}", AT) for point in ("returned", "turned_back", "diverted")),
    *((f"vehicle.{point}", {**AT, "yard": "export_yard"}) for point in ("yard_in", "yard_out")),
    *((f"vehicle.{point}", {**AT, "stage": "customs"}) for point in ("check_started", "check_ended")),
    (
        "vehicle.gate_out",
        {
            **AT,
            "stage": "crossing",
            "yard": "export_yard",
            "lane": "2",
            "vehicle_class": "fruit",
            "laden": True,
            "seq": 12,
            "track": "cam2-0012",
            "plate_token": TOKEN,
            "confidence": 0.98,
        },
    ),
    ("count.interval", {**AT, **SPAN, "what": "gate_out", "value": 0}),
    (
        "count.interval",
        {**AT, **SPAN, "what": "yard_in", "yard": "off_site", "vehicle_class": "fruit", "value": 7, "seq": 1},
    ),
    ("count.cumulative", {**AT, "what": "check_ended", "stage": "customs", "value": 4_711}),
    ("queue.observed", {**AT, "what": "backlog", "value": 369, "error": 10}),
    ("queue.observed", {**AT, "what": "yard", "yard": "export_yard", "value": 120, "vehicle_class": "fruit"}),
    ("queue.observed", {**AT, "what": "queue", "stage": "customs", "value": 12}),
    ("lane.state", {"gate": "huu_nghi", "lane": "3", "state": "closed", "reason": "máy soi hỏng"}),
    ("gate.state", {"gate": "huu_nghi", "side": "counterpart", "state": "shut", "until": "2026-01-15T10:00:00+07:00"}),
    (
        "calendar.changed",
        {"gate": "huu_nghi", "side": "own", "date": "2026-01-15", "closes": "20:00", "agreed_by": "Ban"},
    ),
    ("device.heartbeat", {}),
    ("device.heartbeat", {"seq": 3, "counters": {"out": 12}, "sent_at": "2026-01-15T02:30:00Z"}),
    ("bulletin.row", {"date": "2026-01-15", "edition": 1, "line": "remaining", "value": -369, "text": "-369"}),
    (
        "bulletin.row",
        {
            "date": "2026-01-15",
            "edition": "2026-01-15T21:10:00+07:00",
            "gate": "chi_ma",
            "direction": "import",
            "line": "cleared_new_vehicle",
            "value": 1_761,
            "text": "1.761",
            "sign_or_note": "tăng 12",
        },
    ),
    ("event.corrected", {"of": {"source": "a/b", "id": "1"}, "with": {"type": "vehicle.gate_out", "data": AT}}),
    (
        "event.corrected",
        {
            "of": {"source": "a/b", "id": "1"},
            "with": {
                "type": "count.interval",
                "time": SPAN["to"],
                "data": {**AT, **SPAN, "what": "gate_out", "value": 3},
            },
        },
    ),
    ("event.voided", {"of": {"source": "a/b", "id": "1"}, "reason": "counted twice"}),
]


def cloud_event(kind: object, data: object, **more: Any) -> dict[str, Any]:
    """Return a CloudEvent."""
    envelope = {"specversion": "1.0", "id": "7", "source": "huu_nghi/camera/export-out", "type": kind}
    return {**envelope, "time": "2026-01-15T09:30:00.5+07:00", "data": data, **more}


def taken(raw: object) -> Observation:
    """Return the observation in an event that is right."""
    found = parse_event(raw)
    assert isinstance(found, Observation), found
    return found


def reasons(raw: object) -> tuple[str, ...]:
    """Return why an event is refused."""
    found = parse_event(raw)
    assert isinstance(found, Rejection), found
    return found.reasons


@pytest.mark.parametrize(("kind", "data"), EXAMPLES)
def test_every_type_is_taken_and_read_back(kind: str, data: dict[str, Any]) -> None:
    """What the journal keeps says what the reporter said."""
    told = taken(cloud_event(kind, data))

    assert isinstance(told.data, EVENT_TYPES[kind])
    assert read_body(canonical_body(told)) == told
    assert set(json.loads(canonical_body(told))["data"]) == set(data)


def test_there_is_an_example_of_every_type() -> None:
    """A type that nobody can send is none."""
    assert {kind for kind, _ in EXAMPLES} == set(EVENT_TYPES)


def test_an_observation_has_one_spelling() -> None:
    """Order of keys, offset, trailing zeros, null and 3.0 for 3 make no other event."""
    plain = cloud_event("vehicle.gate_out", {**AT, "seq": 3, "confidence": 1})
    other = {
        "data": {"confidence": 1.0, "seq": 3.0, "lane": None, "direction": "export", "gate": "huu_nghi"},
        **{key: plain[key] for key in ("type", "source", "id", "specversion")},
        "time": "2026-01-15t02:30:00.500000z",
        "subject": None,
    }

    assert canonical_body(taken(plain)) == canonical_body(taken(other))
    assert content_sha256(taken(plain)) == content_sha256(taken(other))


def test_extensions_are_kept_and_do_not_change_what_is_said() -> None:
    """Attributes that we do not read belong to somebody else."""
    bare = taken(cloud_event("device.heartbeat", {}))
    extended = taken(
        cloud_event("device.heartbeat", {}, traceparent="00-01", retries=2, datacontenttype="application/json")
    )

    assert extended.extensions == {"traceparent": "00-01", "retries": 2, "datacontenttype": "application/json"}
    assert read_body(canonical_body(extended)) == extended
    assert content_sha256(extended) == content_sha256(bare)
    assert canonical_body(extended) != canonical_body(bare)


def test_another_fact_is_another_content() -> None:
    """Source, id, type, time and data tell observations apart."""
    base = cloud_event("vehicle.gate_out", AT)
    others = [
        {**base, "id": "8"},
        {**base, "source": "other"},
        {**base, "type": "vehicle.gate_in"},
        {**base, "time": "2026-01-15T09:30:00.500001+07:00"},
        {**base, "data": {**AT, "laden": False}},
    ]
    hashes = {content_sha256(taken(raw)) for raw in [base, *others]}

    assert len(hashes) == 6


GATE_OUT = "vehicle.gate_out"
REFUSED: list[tuple[str, object, str]] = [
    ("no object", [], "the event is no object; send { … } with specversion, id, source, type, time and data."),
    ("nothing", {}, 'specversion is missing; give "1.0".'),
    ("version", cloud_event(GATE_OUT, AT, specversion="0.3"), 'specversion is "0.3"; use "1.0".'),
    (
        "type",
        cloud_event("vehicle.gateout", AT),
        'type is "vehicle.gateout"; no type has that name. Did you mean "vehicle.gate_out"?',
    ),
    ("type is a list", cloud_event(["x"], AT), 'type is ["x"]; use a text in quotes.'),
    ("id", cloud_event(GATE_OUT, AT, id=""), 'id is ""; may not be empty.'),
    ("id of a number", cloud_event(GATE_OUT, AT, id=7), "id is 7; use a text in quotes."),
    ("long id", cloud_event(GATE_OUT, AT, id="x" * 201), "use at most 200 characters, here are 201."),
    ("NUL", cloud_event(GATE_OUT, AT, id="a\0"), "leave out control characters and halves of characters."),
    ("surrogate", cloud_event(GATE_OUT, AT, id="\ud800"), "leave out control characters and halves of characters."),
    (
        "plate as id",
        cloud_event(GATE_OUT, AT, id="12C-123.45"),
        "id is not told here; a number plate is personal data;",
    ),
    ("source", cloud_event(GATE_OUT, AT, source="a b"), 'source is "a b"; write a URI reference without spaces'),
    ("no offset", cloud_event(GATE_OUT, AT, time="2026-01-15T09:30:00"), "write a time with its offset, such as"),
    ("no time", {**cloud_event(GATE_OUT, AT), "time": None}, "time is missing; give a time with its offset such as"),
    ("no day", cloud_event(GATE_OUT, AT, time="2026-02-30T09:30:00Z"), "there is no such day or hour;"),
    (
        "dead clock",
        cloud_event(GATE_OUT, AT, time="1970-01-01T00:00:00Z"),
        "set the clock: years from 2000 to 2099 are taken.",
    ),
    ("data", cloud_event(GATE_OUT, "x"), 'data is "x"; use a table of named entries.'),
    ("gate", cloud_event(GATE_OUT, {"direction": "export"}), "data.gate is missing; give a text in quotes."),
    (
        "direction",
        cloud_event(GATE_OUT, {**AT, "direction": "exprt"}),
        'data.direction is "exprt"; did you mean "export"?',
    ),
    (
        "unknown key",
        cloud_event(GATE_OUT, {**AT, "stge": "customs"}),
        'data.stge is unknown; no key has that name. Did you mean "stage"?',
    ),
    (
        "plate",
        cloud_event(GATE_OUT, {**AT, "track": "12C-123.45"}),
        "data.track is not told here; a number plate is personal data;",
    ),
    ("Chinese plate", cloud_event(GATE_OUT, {**AT, "track": "桂A·12345"}), "a number plate is personal data;"),
    (
        "plate as token",
        cloud_event(GATE_OUT, {**AT, "plate_token": "12C12345"}),
        "data.plate_token is not told here; send the keyed hash",
    ),
    (
        "NaN",
        cloud_event(GATE_OUT, {**AT, "confidence": float("nan")}),
        "data.confidence is nan; use a number from 0 to 1 [share].",
    ),
    ("endless", cloud_event(GATE_OUT, {**AT, "seq": float("inf")}), "data.seq is inf; use a whole number from 0 to"),
    ("too large", cloud_event(GATE_OUT, {**AT, "seq": 2**53}), "use a whole number from 0 to 9007199254740991."),
    ("truth as number", cloud_event(GATE_OUT, {**AT, "seq": True}), "data.seq is true; use a whole number"),
    ("number as text", cloud_event(GATE_OUT, {**AT, "seq": "3"}), 'data.seq is "3"; use a whole number'),
    ("yard", cloud_event("vehicle.yard_in", AT), "data.yard is missing; give a text in quotes."),
    ("stage", cloud_event("vehicle.check_started", AT), "data.stage is missing; give a text in quotes."),
    (
        "part of a vehicle",
        cloud_event("count.interval", {**AT, **SPAN, "what": "gate_out", "value": 1.5}),
        "data.value is 1.5; use a whole number",
    ),
    (
        "negative count",
        cloud_event("count.interval", {**AT, **SPAN, "what": "gate_out", "value": -1}),
        "data.value is -1; use a whole number",
    ),
    (
        "backward",
        cloud_event("count.interval", {**AT, "from": SPAN["to"], "to": SPAN["from"], "what": "gate_out", "value": 1}),
        "to must be after from.",
    ),
    (
        "endless interval",
        cloud_event("count.interval", {**AT, **SPAN, "to": "2030-01-01T00:00:00Z", "what": "gate_out", "value": 1}),
        "an interval lasts at most 400 days;",
    ),
    (
        "name of a field",
        cloud_event("count.interval", {**AT, "begins": SPAN["from"], "to": SPAN["to"], "what": "gate_out", "value": 1}),
        "data.begins is unknown;",
    ),
    (
        "count of a yard",
        cloud_event("count.cumulative", {**AT, "what": "yard_in", "value": 1}),
        "yard_in needs the yard: give yard.",
    ),
    (
        "count of a stage",
        cloud_event("count.cumulative", {**AT, "what": "check_ended", "value": 1}),
        "check_ended needs the stage: give stage.",
    ),
    (
        "yard reading",
        cloud_event("queue.observed", {**AT, "what": "yard", "value": 1}),
        "a yard's reading needs the yard: give yard.",
    ),
    (
        "backlog of a yard",
        cloud_event("queue.observed", {**AT, "what": "backlog", "yard": "x", "value": 1}),
        "the backlog is of the whole direction:",
    ),
    (
        "no change",
        cloud_event("calendar.changed", {"gate": "a", "side": "own", "date": "2026-01-15"}),
        "say what changes: give opens, closes or both;",
    ),
    (
        "hour",
        cloud_event("calendar.changed", {"gate": "a", "side": "own", "date": "2026-01-15", "opens": "25:00"}),
        'data.opens is "25:00"; a time of day is written "HH:MM"',
    ),
    (
        "day",
        cloud_event("bulletin.row", {"date": "15/01/2026", "edition": 1, "line": "remaining", "value": 1, "text": "1"}),
        'data.date is "15/01/2026"; write a day as "2026-01-15".',
    ),
    (
        "edition",
        cloud_event("bulletin.row", {"date": "2026-01-15", "edition": 0, "line": "remaining", "value": 1, "text": "1"}),
        "data.edition is 0; use a whole number from 1 to 1000",
    ),
    (
        "counter",
        cloud_event("device.heartbeat", {"counters": {"out": -1}}),
        "data.counters.out is -1; use a whole number",
    ),
    (
        "inside a correction",
        cloud_event(
            "event.corrected",
            {"of": {"source": "a", "id": "1"}, "with": {"type": "vehicle.yard_in", "data": {**AT, "lne": 1}}},
        ),
        "data.with.data.lne is unknown;",
    ),
    (
        "correction of nothing",
        cloud_event("event.corrected", {"of": {"id": "1"}, "with": {"type": GATE_OUT, "data": AT}}),
        "data.of.source is missing;",
    ),
    (
        "correction without type",
        cloud_event("event.corrected", {"of": {"source": "a", "id": "1"}, "with": {"data": AT}}),
        "data.with.type is missing;",
    ),
    (
        "correction to a void",
        cloud_event(
            "event.corrected", {"of": {"source": "a", "id": "1"}, "with": {"type": "event.voided", "data": {}}}
        ),
        'data.with.type is "event.voided"; use one of',
    ),
    (
        "correction without data",
        cloud_event("event.corrected", {"of": {"source": "a", "id": "1"}, "with": {"type": GATE_OUT}}),
        "data.with.data is missing;",
    ),
    ("attribute's name", cloud_event(GATE_OUT, AT, Foo=1), "'Foo' is no attribute;"),
    (
        "attribute's value",
        cloud_event(GATE_OUT, AT, foo=[1]),
        "foo is no attribute's value; use a text, a whole number, true or false.",
    ),
    (
        "attribute's text",
        cloud_event(GATE_OUT, AT, foo="a\0"),
        "foo is no attribute's value; leave out control characters",
    ),
    (
        "bytes",
        cloud_event(GATE_OUT, AT, data_base64="aGk="),
        "data_base64 is not taken; send the facts as an object in data.",
    ),
    (
        "other media",
        cloud_event(GATE_OUT, AT, datacontenttype="text/xml"),
        "datacontenttype is not JSON; send application/json or leave it out.",
    ),
    (
        "many attributes",
        cloud_event(GATE_OUT, AT, **{f"a{n}": n for n in range(21)}),
        "the event has 21 further attributes; send at most 20.",
    ),
    ("deep", cloud_event(GATE_OUT, {"gate": [[[[[[[[]]]]]]]]}), "nested deeper, than any observation"),
    (
        "wide",
        cloud_event(GATE_OUT, {f"k{n}": n for n in range(1_000)}),
        "nested deeper, than any observation",
    ),
]


@pytest.mark.parametrize(("raw", "reason"), [case[1:] for case in REFUSED], ids=[case[0] for case in REFUSED])
def test_what_is_wrong_is_said_with_its_remedy(raw: object, reason: str) -> None:
    """Key, value and the way out, for whoever set the device up."""
    assert any(reason in said for said in reasons(raw)), reasons(raw)


def test_all_mistakes_are_told_at_once() -> None:
    """One round of corrections instead of four; source and id say which event it was."""
    found = parse_event(cloud_event(GATE_OUT, {"gate": 5, "direction": "x", "seq": -1}, time="now", Foo=1))

    assert isinstance(found, Rejection)
    assert {said.split(" is ")[0] for said in found.reasons} == {
        "'Foo'",
        "data.direction",
        "data.gate",
        "data.seq",
        "time",
    }
    assert (found.source, found.id) == ("huu_nghi/camera/export-out", "7")


def test_a_correction_holds_the_facts_that_replace() -> None:
    """They are checked like those of any observation, and have their class."""
    told = taken(cloud_event("event.corrected", EXAMPLES[-2][1]))

    assert isinstance(told.data, Correction)
    assert told.data.of.id == "1"
    assert told.data.replacement.data == taken(cloud_event("count.interval", EXAMPLES[-2][1]["with"]["data"])).data


def test_a_damaged_body_is_no_observation() -> None:
    """What we have kept ourselves must be readable; if not it is our fault, and raises."""
    with pytest.raises(ValueError, match=r"the kept body of a/b 1 is unreadable: .*data is missing"):
        read_body(
            b'{"specversion":"1.0","id":"1","source":"a/b","type":"device.heartbeat","time":"2026-01-15T00:00:00Z"}'
        )


scalars = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.sampled_from(["2026-01-15T00:00:00Z"])
)
anything = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4)
)


@given(raw=anything)
def test_nothing_at_all_makes_it_stumble(raw: object) -> None:
    """Whatever a network brings is refused in words."""
    assert isinstance(parse_event(raw), Rejection)


@settings(deadline=None)
@given(example=st.sampled_from(EXAMPLES), value=anything, pick=st.randoms(use_true_random=False))
def test_a_spoilt_event_is_refused_or_still_has_one_spelling(
    example: tuple[str, dict[str, Any]], value: object, pick: Any
) -> None:
    """One key set to anything: the reasons can be encoded, and what is taken is read back as it is."""
    raw = json.loads(json.dumps(cloud_event(*example)))
    table = pick.choice([raw, raw["data"]])
    table[pick.choice([*table, "other"])] = value
    found = parse_event(raw)

    if isinstance(found, Rejection):
        assert all(said.encode() for said in found.reasons)
        assert found.reasons
    else:
        assert read_body(canonical_body(found)) == found
