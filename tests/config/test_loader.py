import pytest

from gatewatch.config.errors import ConfigError
from gatewatch.config.loader import check_everything, load_border, load_initial_state
from gatewatch.config.schema import Border

DEFAULTS = """
[gate_defaults.stations.booth]
title = "Booth"
servers = 2
[gate_defaults.export.stages.booth]
service = { law = "exponential", mean = 4, unit = "min" }
"""
DEMAND = """
[flows.exports]
gate = "a"
direction = "export"
arrivals = { kind = "poisson", per_day = 100 }
"""
WEEK = """
start = 2025-03-03
days = 7
demand = "usual"
[border.gates.a.stations.booth]
servers = 5
"""


@pytest.fixture
def border(tmp_path):
    """Return a function that writes files and gives their folder."""

    def write(**files):
        for name, text in files.items():
            path = tmp_path / (name.replace("__", "/") + ".toml")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")
        return tmp_path

    return write


def only_fault(root):
    """Return the one fault of a border as text, from its file's name on."""
    (fault,) = check_everything(root)
    return str(fault).split("/", 1)[-1]


# --- inheritance ----------------------------------------------------------------------------------------


def test_a_gate_inherits_what_it_does_not_state(border):
    """A gate's file says only what is special about it."""
    root = border(defaults=DEFAULTS, gates__a="stations.booth.servers = 3")

    booth = load_border(root).border.gates["a"].stations["booth"]

    assert (booth.servers, booth.title) == (3, "Booth")


def test_a_gate_may_inherit_nothing(border):
    """`inherits = false` leaves a gate as it is written."""
    root = border(defaults=DEFAULTS, gates__a='inherits = false\ntitle = "A"', gates__b="")

    gates = load_border(root).border.gates

    assert (gates["a"].stations, gates["a"].export) == ({}, None)
    assert gates["b"].stations["booth"].servers == 2


def test_a_law_of_a_gate_replaces_the_inherited_one_whole(border):
    """The mean of the inherited law does not leak into another law."""
    root = border(
        defaults=DEFAULTS,
        gates__a='export.stages.booth.service = { law = "uniform", low = 1, high = 3, unit = "min" }',
    )

    service = load_border(root).border.gates["a"].export.stages["booth"].service

    assert (service.law, service.low, service.high) == ("uniform", 1, 3)


def test_the_kind_of_an_inherited_yard_stays(border):
    """A yard's `kind` is a field like others, not the kind of an arrival stream."""
    root = border(
        defaults=DEFAULTS + '[gate_defaults.yards.far]\nkind = "counterpart"\nplaces = 20\n',
        gates__a="yards.far.places = 50",
    )

    far = load_border(root).border.gates["a"].yards["far"]

    assert (far.kind, far.places) == ("counterpart", 50)


# --- folders and files ----------------------------------------------------------------------------------


def test_a_folder_and_one_file_say_the_same(border, tmp_path):
    """How a border is cut into files changes nothing but where its values stand."""
    root = border(folder__defaults=DEFAULTS, folder__gates__a="", folder__demand__usual=DEMAND) / "folder"
    one = tmp_path / "one.toml"
    one.write_text(DEFAULTS + "[gates.a]\n" + DEMAND.replace("flows", "demand.usual.flows"))

    assert load_border(root).border == load_border(one).border
    assert load_border(root).document.tree == load_border(one).document.tree
    assert load_border(root).sha256 != load_border(one).sha256


def test_a_border_can_be_written_and_read_again(border):
    """Dumped values are values again: hours as text, times of day as text."""
    root = border(
        gates__a="",
        defaults=DEFAULTS,
        calendars__day='hours = [{ open = ["20:00-02:00"], lunch = "23:00-23:30" }]',
        demand__usual=DEMAND,
        scenarios__week=WEEK + '\n[[targets]]\nmeasure = "backlog"\nvalue = 3\nat = "19:30"',
    )
    loaded = load_border(root).border

    assert Border.model_validate(loaded.model_dump()) == loaded
    assert Border.model_validate_json(loaded.model_dump_json()) == loaded


def test_the_same_entry_in_two_files_is_a_fault(border):
    """Neither wins; both files are named."""
    root = border(gates__a="", border='[gates.a]\ntitle = "A"', defaults=DEFAULTS)

    assert only_fault(root) == f"gates/a.toml: gates.a is already given in {root.name}/border.toml; give it once."


def test_the_same_section_in_two_files_is_a_fault(border):
    """Sections without names are given once as well, the defaults of gates too."""
    root = border(gates__a="", one=DEFAULTS, two=DEFAULTS)

    assert only_fault(root) == f"two.toml: gate_defaults is already given in {root.name}/one.toml; give it once."


def test_a_file_with_a_byte_order_mark_is_read(border):
    """Some editors write one."""
    root = border(gates__a="", defaults="\ufeff" + DEFAULTS)

    assert load_border(root).border.gates["a"].stations["booth"].servers == 2


def test_a_file_in_another_encoding_is_a_fault(border):
    """Vietnamese in Windows-1258 is not guessed."""
    root = border(gates__a="", defaults=DEFAULTS)
    (root / "gates" / "b.toml").write_bytes('title = "Hữu Nghị"'.encode("utf-16"))

    assert only_fault(root) == "gates/b.toml is not UTF-8; save the file as UTF-8."


def test_broken_toml_is_told_with_its_line(border):
    """The line is the parser's."""
    root = border(gates__a="", defaults=DEFAULTS, prices="[prices]\nvehicle_hour 3")

    assert "prices.toml is no valid TOML" in only_fault(root)
    assert "at line 2" in only_fault(root)


@pytest.mark.parametrize(("name", "found"), [("nowhere", "missing"), ("", "a folder without TOML files")])
def test_no_border_is_a_fault(tmp_path, name, found):
    """A missing folder and an empty one are told apart."""
    with pytest.raises(ConfigError) as error:
        load_border(tmp_path / name)

    assert [fault.found for fault in error.value.faults] == [found]
    assert [fault.found for fault in check_everything(tmp_path / name)] == [found]


def test_a_changed_file_is_read_again(border):
    """What was loaded before is not kept longer than it is true."""
    root = border(gates__a="", defaults=DEFAULTS)
    before = load_border(root)
    border(gates__a='title = "A"')

    after = load_border(root)

    assert (before.border.gates["a"].title, after.border.gates["a"].title) == ("", "A")
    assert before.sha256 != after.sha256


def test_a_changed_csv_file_changes_the_hash(border):
    """A trace is part of the border, though it stands in a file of its own; a broken one is noticed."""
    flow = DEMAND.replace('kind = "poisson", per_day = 100', 'kind = "trace", file = "day.csv"')
    root = border(gates__a="", defaults=DEFAULTS, demand__usual=flow)
    hashes = []
    for text in ("arrived_s\n60\n", "arrived_s\n90\n"):
        (root / "day.csv").write_text(text)
        hashes.append(load_border(root).sha256)
    (root / "day.csv").write_text("arrived_s\nsoon\n")

    assert hashes[0] != hashes[1]
    with pytest.raises(ConfigError, match=r'day.csv: line 2, column arrived_s is "soon"'):
        load_border(root)


# --- scenarios ------------------------------------------------------------------------------------------


def test_a_scenario_restates_the_border(border):
    """Its keys replace those of the border for its own runs only."""
    loaded = load_border(border(gates__a="", defaults=DEFAULTS, demand__usual=DEMAND, scenarios__week=WEEK))

    own, scenario = loaded.scenario("week")

    assert scenario.days == 7
    assert own.border.gates["a"].stations["booth"].servers == 5
    assert own.border.gates["a"].stations["booth"].title == "Booth"
    assert loaded.border.gates["a"].stations["booth"].servers == 2
    assert own.document.origin(("gates", "a", "stations", "booth", "servers")).file.endswith("scenarios/week.toml")


def test_a_scenario_may_stand_in_a_file_outside_the_border(border, tmp_path):
    """A path names a scenario as well; one of the same name in the border is not mixed in."""
    loaded = load_border(border(gates__a="", defaults=DEFAULTS, demand__usual=DEMAND, scenarios__week=WEEK))
    path = tmp_path / "elsewhere" / "week.toml"
    path.parent.mkdir()
    path.write_text('start = 2025-04-01\ndemand = "usual"\n')

    own, scenario = loaded.scenario(str(path))

    assert (scenario.start.month, scenario.days, scenario.border) == (4, 28, {})
    assert own.border.gates["a"].stations["booth"].servers == 2
    assert own.sha256 != loaded.sha256


def test_an_unknown_scenario_is_a_fault(border):
    """With the names there are."""
    loaded = load_border(border(gates__a="", defaults=DEFAULTS, demand__usual=DEMAND, scenarios__week=WEEK))

    with pytest.raises(ConfigError, match=r'Did you mean "week"\?'):
        loaded.scenario("weak")


def test_a_scenario_is_judged_by_the_border_it_restates(border):
    """More vehicles in service than the border's servers are fine when the scenario adds servers."""
    vehicles = """
    [[initial.vehicles]]
    gate = "a"
    direction = "export"
    stage = "booth"
    count = 5
    in_service = { law = "constant", value = 1, unit = "min" }
    """
    root = border(gates__a="", defaults=DEFAULTS, demand__usual=DEMAND, scenarios__week=WEEK + vehicles)

    assert check_everything(root) == []


def test_an_initial_state_may_stand_in_a_file_of_its_own(border, tmp_path):
    """It is checked against the border it is meant for."""
    loaded = load_border(border(gates__a="", defaults=DEFAULTS))
    good, bad = tmp_path / "good.toml", tmp_path / "bad.toml"
    good.write_text('[[vehicles]]\ngate = "a"\ndirection = "export"\nstage = "booth"\ncount = 12\n')
    bad.write_text('[[vehicles]]\ngate = "a"\ndirection = "export"\nstage = "boot"\n')

    assert load_initial_state(good, loaded).vehicles[0].count == 12
    with pytest.raises(ConfigError, match=r'vehicles\[0\]\.stage is "boot"; no stage has that name'):
        load_initial_state(bad, loaded)


def test_the_shipped_border_has_no_fault():
    """Lang Son as it is installed, with every scenario."""
    assert [str(fault) for fault in check_everything()] == []


def test_an_unreadable_file_is_a_fault(border):
    """The system's reason is passed on."""
    root = border(gates__a="", defaults=DEFAULTS)
    (root / "gates" / "b.toml").symlink_to(root / "nowhere.toml")

    assert only_fault(root) == "gates/b.toml is not readable; no such file or directory."
    with pytest.raises(ConfigError, match="not readable"):
        load_border(root)
