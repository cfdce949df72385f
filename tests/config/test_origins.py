import tomllib

from gatewatch.config.origins import Document, Origin, overlay, read_tree


def read(text, file="a.toml", **where):
    """Return the document of a TOML text."""
    return read_tree(tomllib.loads(text), file, **where)


def said(document, *path):
    """Return what is said of where a value comes from."""
    origin = document.origin(path)
    return origin.basis, origin.source


def test_a_value_carries_its_own_label():
    """The wrapper is taken off, the label stays with the value."""
    document = read('places = { value = 450, basis = "reported", source = "EIN", note = "both yards" }')

    assert document.tree == {"places": 450}
    assert said(document, "places") == ("reported", "EIN")


def test_a_label_holds_for_everything_below_it_that_has_none():
    """A basis nearer to the value takes the place of the outer one, and drops its source."""
    document = read(
        """
        basis = "reported"
        source = "EIN"
        title = "Gate"
        [yards]
        places = 450
        [stations]
        basis = "assumed"
        servers = 3
        scanners = { value = 2, basis = "inferred", source = "SCAN" }
        """
    )

    assert document.tree["stations"] == {"servers": 3, "scanners": 2}
    assert said(document, "yards", "places") == ("reported", "EIN")
    assert said(document, "stations", "servers") == ("assumed", None)
    assert said(document, "stations", "scanners") == ("inferred", "SCAN")


def test_a_law_with_a_key_value_is_no_label():
    """Only a table of nothing but value and labels is taken apart."""
    document = read('service = { law = "constant", value = 4, unit = "min", basis = "assumed" }')

    assert document.tree == {"service": {"law": "constant", "value": 4, "unit": "min"}}
    assert said(document, "service", "value") == ("assumed", None)


def test_labels_hold_in_lists_of_tables():
    """Each rule of a roster may have its own source."""
    document = read('servers = [{ servers = 2, basis = "reported", source = "EIN" }, { servers = 1 }]')

    assert document.tree == {"servers": [{"servers": 2}, {"servers": 1}]}
    assert said(document, "servers", 0, "servers") == ("reported", "EIN")
    assert said(document, "servers", 1, "servers") == (None, None)


def test_the_section_of_sources_keeps_its_keys():
    """There `basis` and `source` would be fields, not labels."""
    document = read('title = "News"\nsource = "x"', at=("sources", "NEWS"))

    assert document.tree == {"sources": {"NEWS": {"title": "News", "source": "x"}}}


def test_a_value_is_found_in_its_file():
    """The key is the one in the file, wherever in the border the file's table stands."""
    document = read("[stations.booth]\nservers = 2", "gates/a.toml", at=("gates", "a"))

    assert document.place(("gates", "a", "stations", "booth", "servers")) == (
        "gates/a.toml",
        ("stations", "booth", "servers"),
    )


def test_a_missing_value_has_the_place_where_it_belongs():
    """Beside its neighbours, in their file."""
    document = read("[stations.booth]\nservers = 2", "gates/a.toml", at=("gates", "a"))

    assert document.place(("gates", "a", "stations", "booth", "title")) == (
        "gates/a.toml",
        ("stations", "booth", "title"),
    )
    assert document.place(("gates", "a", "calendar")) == ("gates/a.toml", ("calendar",))


def test_nothing_has_no_place():
    """An empty document names no file."""
    assert Document({}).place(("gates",)) is None
    assert Document({}).origin(("gates",)) is None


def test_an_overlay_replaces_key_by_key():
    """What the change does not state stays, with its file; new keys come last."""
    base = read("[yards.inside]\nplaces = 20\nkeep = 10\nkind = 'gate'", "defaults.toml")
    change = read("[yards.inside]\nplaces = 40\n[yards.outside]\nplaces = 5", "a.toml")

    merged = overlay(base, change)

    assert merged.tree["yards"] == {
        "inside": {"places": 40, "keep": 10, "kind": "gate"},
        "outside": {"places": 5},
    }
    assert merged.origin(("yards", "inside", "keep")).file == "defaults.toml"
    assert merged.origin(("yards", "inside", "places")).file == "a.toml"


def test_an_overlay_replaces_a_law_whole():
    """No parameter of the old law survives under the new one."""
    base = read('service = { law = "lognormal", mean = 30, cv = 1.2, at_most = 120, unit = "min" }')
    change = read('service = { law = "constant", value = 5, unit = "min" }')

    assert overlay(base, change).tree["service"] == {"law": "constant", "value": 5, "unit": "min"}


def test_an_overlay_changes_a_law_that_it_does_not_name():
    """A change without `law` keeps the kind of law and changes what it states."""
    base = read('service = { law = "lognormal", mean = 30, cv = 1.2, unit = "min" }')

    merged = overlay(base, read("service = { mean = 20 }"))

    assert merged.tree["service"] == {"law": "lognormal", "mean": 20, "cv": 1.2, "unit": "min"}


def test_an_overlay_replaces_arrivals_of_another_kind_whole():
    """A trace has no rate left from the Poisson flow that it replaces."""
    base = read('arrivals = { kind = "poisson", per_day = 100, season = "year" }')
    change = read('arrivals = { kind = "trace", file = "day.csv" }')

    assert overlay(base, change).tree["arrivals"] == {"kind": "trace", "file": "day.csv"}
    assert overlay(base, read("arrivals.per_day = 90")).tree["arrivals"] == {
        "kind": "poisson",
        "per_day": 90,
        "season": "year",
    }


def test_an_overlay_replaces_lists_and_clears_with_an_empty_table():
    """Entries of a list have no names to merge by; `patience = {}` takes patience away."""
    base = read('route = ["a", "b"]\npatience.fruit = { law = "constant", value = 1, unit = "day" }')
    change = read('route = ["b"]\npatience = {}')

    assert overlay(base, change).tree == {"route": ["b"], "patience": {}}


def test_a_part_can_be_taken_out_and_put_back():
    """`below`, `placed_at` and `without` are exact."""
    document = read("[gates.a]\ntitle = 'A'\n[gates.b]\ntitle = 'B'")

    assert document.below(("gates", "a")).placed_at(("gates", "c")).tree == {"gates": {"c": {"title": "A"}}}
    assert document.without(("gates", "a")).tree == {"gates": {"b": {"title": "B"}}}
    assert document.below(("gates", "z")).tree == {}


def test_an_origin_tells_where_its_labels_stand():
    """A wrong label is reported where it is written."""
    document = read('[stations]\nbasis = "reported"\nservers = { value = 2, source = "EIN" }')

    assert document.origin(("stations", "servers")) == Origin(
        "a.toml",
        "reported",
        "EIN",
        key=("stations", "servers"),
        basis_key=("stations", "basis"),
        source_key=("stations", "servers", "source"),
    )
