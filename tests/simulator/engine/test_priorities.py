"""Who is served next: first come first served, or by class without interrupting anybody."""

BOOTH = """
[gates.a.stations.booth]
servers = 1
priority = ["fruit", "container"]
[gates.a.export.stages.booth]
service = <10 min>
"""


def test_first_come_first_served_without_priorities(run):
    """Classes make no difference."""
    story = run(
        BOOTH.replace('priority = ["fruit", "container"]', ""),
        ["08:00 general", "08:01 general", "08:02 fruit"],
    )

    assert story.starts("booth") == ["0 08:00", "1 08:10", "2 08:20"]


def test_the_urgent_class_goes_first_but_interrupts_nobody(run):
    """Vehicle 0 is in service when fruit comes at 08:01, and is finished."""
    story = run(BOOTH, ["08:00 general", "08:01 fruit"])

    assert story.rows == [
        "0 booth 08:00 08:00 08:10 08:10 cleared",
        "1 booth 08:01 08:10 08:20 08:20 cleared",
    ]


def test_classes_go_in_the_order_of_the_list_and_the_others_together_at_last(run):
    """Fruit, then containers, then general goods and new vehicles as they came."""
    story = run(
        BOOTH,
        [
            "08:00 general",
            "08:01 new_vehicle",
            "08:02 general",
            "08:03 container",
            "08:04 fruit",
            "08:05 new_vehicle",
        ],
    )

    assert [line.split()[0] for line in story.starts("booth")] == ["0", "4", "3", "1", "2", "5"]


def test_inside_a_class_the_first_come_is_the_first_served(run):
    """Three of fruit behind general goods."""
    story = run(BOOTH, ["08:00 general", "08:01 general", "08:02 fruit", "08:03 fruit", "08:04 fruit"])

    assert story.starts("booth") == ["0 08:00", "2 08:10", "3 08:20", "4 08:30", "1 08:40"]


def test_an_urgent_vehicle_that_arrives_when_the_server_becomes_free_goes_first(run):
    """At 08:10 the completion and the arrival both come before the start."""
    story = run(BOOTH, ["08:00 general", "08:01 general", "08:10 fruit"])

    assert story.starts("booth") == ["0 08:00", "2 08:10", "1 08:20"]
