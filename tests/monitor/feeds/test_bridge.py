"""The bridge's file and the messages of devices: what they say, what is left out, what is refused and why."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from gatewatch.config.errors import ConfigError
from gatewatch.config.loader import load_border
from gatewatch.monitor.feeds.bridge import Device, read_bridge
from gatewatch.monitor.feeds.messages import MessageError, cloud_events, device_event
from gatewatch.monitor.feeds.plates import PlateKey
from tests.monitor.feeds.ingests import NOW, passage

BORDER = load_border().border
KEY = PlateKey(b"a secret of the province", ZoneInfo("Asia/Ho_Chi_Minh"))
OUT = "huu_nghi/camera/export-out"

GATEWAY = """
[broker]
client_id = "gate-pc"

[[devices]]                                # an ONVIF camera
topic = "onvif/line/1"
source = "huu_nghi/camera/export-out"
kind = "passage"
only = { "Data.State" = ["LOST"] }
confidence_of = 100
[devices.fields]
time = "UtcTime"
track = "Data.ObjectId"
plate = "Data.PlateNumber"
vehicle_class = "Data.Class.0.Type"
confidence = "Data.Likelihood"
[devices.fixed]
gate = "huu_nghi"
direction = "export"
what = "gate_out"
[devices.words.vehicle_class]
Truck = "general"
Reefer = "fruit"

[[devices]]                                # a loop counter
topic = "loops/7"
source = "huu_nghi/counter/export-out"
kind = "count.cumulative"
fields = { count = "n", seq = "no" }
fixed = { gate = "huu_nghi", direction = "export", what = "gate_out" }

[[devices]]
topic = "loops/7/quarter"
source = "huu_nghi/counter/export-out"
kind = "count.interval"
time_is = "local"
fields = { count = "n", begins = "from", ends = "to" }
fixed = { gate = "huu_nghi", direction = "export", what = "gate_out" }

[[devices]]
topic = "loops/7/alive"
source = "huu_nghi/counter/export-out"
kind = "device.heartbeat"
time_is = "unix_ms"
fields = { time = "t", sent_at = "t" }
"""


def _written(folder: Path, text: str = GATEWAY) -> Path:
    path = folder / "bridge.toml"
    path.write_text(text)
    return path


@pytest.fixture
def devices(tmp_path) -> dict[str, Device]:
    """Return the devices by topic."""
    return {device.topic: device for device in read_bridge(_written(tmp_path), BORDER).devices}


def _camera(**data: object) -> bytes:
    said = {"State": "LOST", "ObjectId": 15, "PlateNumber": "12C-123.45", "Class": [{"Type": "Reefer"}]}
    return json.dumps({"UtcTime": "2026-01-15T03:00:00Z", "Data": {**said, "Likelihood": "90", **data}}).encode()


def test_a_cameras_message_becomes_a_passage(devices):
    """With track, class and confidence, and a token in place of the plate."""
    event = device_event(devices["onvif/line/1"], _camera(), NOW, KEY, BORDER)

    assert event is not None
    assert (event["type"], event["source"], event["time"]) == ("vehicle.gate_out", OUT, "2026-01-15T03:00:00Z")
    assert event["data"] == {
        "gate": "huu_nghi",
        "direction": "export",
        "track": "15",
        "vehicle_class": "fruit",
        "confidence": 0.9,
        "plate_token": KEY.token("12C12345", NOW),
    }


def test_a_plate_stands_nowhere_and_changes_no_id(devices):
    """Without a key it is passed over: two messages that differ only there are the same event."""
    camera = devices["onvif/line/1"]
    first = device_event(camera, _camera(), NOW, None, BORDER)
    second = device_event(camera, _camera(PlateNumber="29H-999.99"), NOW, None, BORDER)

    assert first == second
    assert "12345" not in json.dumps(first)


def test_a_message_that_comes_twice_is_one_event(devices):
    """Whenever it comes; another vehicle of the same second is another one."""
    camera = devices["onvif/line/1"]
    first = device_event(camera, _camera(), NOW, KEY, BORDER)
    again = device_event(camera, _camera(), NOW + timedelta(hours=1), KEY, BORDER)
    other = device_event(camera, _camera(ObjectId=16), NOW, KEY, BORDER)

    assert first == again
    assert first is not None
    assert other is not None
    assert first["id"] != other["id"]


def test_a_message_that_is_not_wanted_says_nothing(devices):
    """A camera tells NEW and UPDATE before LOST."""
    assert device_event(devices["onvif/line/1"], _camera(State="NEW"), NOW, KEY, BORDER) is None


def test_a_counter_without_a_time_takes_ours(devices):
    """And keeps its running number."""
    event = device_event(devices["loops/7"], b'{"n": "1204", "no": 17}', NOW, None, BORDER)

    assert event is not None
    assert (event["type"], event["time"], event["data"]["value"]) == ("count.cumulative", "2026-01-15T03:00:00Z", 1204)
    assert event["data"]["seq"] == 17
    assert event["id"] == "2026-01-15T03:00:00Z/gate_out/17"


def test_an_interval_in_local_time_is_told_in_utc(devices):
    """It happened at its end."""
    payload = b'{"n": 9, "from": "2026-01-15 09:45:00", "to": "2026-01-15 10:00:00"}'
    event = device_event(devices["loops/7/quarter"], payload, NOW, None, BORDER)

    assert event is not None
    assert event["time"] == event["data"]["to"] == "2026-01-15T03:00:00Z"
    assert event["data"]["from"] == "2026-01-15T02:45:00Z"


def test_a_heartbeat_tells_the_devices_clock(devices):
    """From milliseconds since 1970."""
    event = device_event(devices["loops/7/alive"], b'{"t": 1768446000000}', NOW, None, BORDER)

    assert event is not None
    assert (event["type"], event["data"]) == ("device.heartbeat", {"sent_at": "2026-01-15T03:00:00Z"})


@pytest.mark.parametrize(
    ("topic", "payload", "said"),
    [
        ("onvif/line/1", b"\xff", "no JSON"),
        ("onvif/line/1", _camera(Class=[{"Type": "12C-123.45"}]), "a word that words.vehicle_class does not have"),
        ("onvif/line/1", _camera(Likelihood="sure"), "Data.Likelihood is no number"),
        ("onvif/line/1", _camera(Likelihood="900"), "confidence is 9.0"),
        ("onvif/line/1", _camera().replace(b"2026", b"12C-123.45"), "UtcTime is no time; time_is says rfc3339"),
        ("onvif/line/1", _camera().replace(b"UtcTime", b"Time"), "UtcTime is missing"),
        ("onvif/line/1", _camera(ObjectId="12C-123.45"), "a number plate is personal data"),
        ("onvif/line/1", _camera(ObjectId={"no": 1}), "Data.ObjectId is no single value"),
        ("loops/7", b'{"n": 1.5}', "n is no whole number"),
        ("loops/7", b'{"n": true}', "n is no whole number"),
        ("loops/7", b"[]", "n is missing"),
        ("loops/7", b'{"n": -4}', "data.value is -4"),
    ],
)
def test_a_message_that_is_no_observation_says_why(devices, topic, payload, said):
    """By the names of keys, and without what may be a plate."""
    with pytest.raises(MessageError, match=said) as caught:
        device_event(devices[topic], payload, NOW, KEY, BORDER)

    assert "12C" not in str(caught.value)


def test_cloud_events_come_on_the_topic_of_their_source():
    """One or a batch."""
    one, two = passage(1), passage(2)

    assert cloud_events(f"gatewatch/{OUT}", json.dumps(one).encode(), BORDER) == [one]
    assert cloud_events(f"gatewatch/{OUT}", json.dumps([one, two]).encode(), BORDER) == [one, two]


@pytest.mark.parametrize(
    ("payload", "said"),
    [
        ([], "holds 0 events"),
        ([passage(1), {**passage(2), "source": "other"}], "source is not the topic's"),
        ([passage(1, gate="lao_cai")], "no gate has that name"),
        ([passage(1, track="12C-123.45")], "a number plate"),
    ],
)
def test_a_batch_with_a_wrong_event_is_refused_whole(payload, said):
    """Its sender must mend it."""
    with pytest.raises(MessageError, match=said) as caught:
        cloud_events(f"gatewatch/{OUT}", json.dumps(payload).encode(), BORDER)

    assert "12C" not in str(caught.value)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('client_id = "gate-pc"\n', "", "broker.client_id is missing"),
        ('gate = "huu_nghi"\ndirection', 'gate = "huu_ngi"\ndirection', 'Did you mean "huu_nghi"'),
        ('what = "gate_out"\n[', 'what = "yard_in"\n[', "yard_in needs the yard"),
        ('topic = "loops/7/alive"', 'topic = "loops/7"', "device 2 has that topic"),
        ('topic = "loops/7"\n', 'topic = "loops/+"\n', "without [+] and #"),
        ('track = "Data.ObjectId"\n', "", "a passage needs a number"),
        ('time = "UtcTime"\n', "", "a passage needs its time"),
        ('fields = { count = "n", seq = "no" }', 'fields = { seq = "no" }', "a count needs its figure"),
        ('confidence = "Data', 'confidance = "Data', 'Did you mean "confidence"'),
        ('vehicle_class = "Data.Class.0.Type"\n', "", "words.vehicle_class has no use"),
        ('time_is = "local"', 'time_is = "lokal"', "time_is"),
        ('time_is = "local"', 'timezone = "Hanoi"', "Asia/Ho_Chi_Minh"),
    ],
)
def test_a_faulty_file_names_key_and_remedy(tmp_path, old, new, said):
    """As every file of ours."""
    assert old in GATEWAY
    with pytest.raises(ConfigError, match=said) as caught:
        read_bridge(_written(tmp_path, GATEWAY.replace(old, new, 1)), BORDER)

    assert "bridge.toml: " in str(caught.value)
