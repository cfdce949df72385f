"""The spool: what it has taken is there again whatever happens to the process, the disk or the end of a file."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gatewatch.monitor.feeds.spool import Spool, SpoolError, SpoolFullError
from tests.monitor.feeds.ingests import passage

MUCH = 1 << 20


def _waiting(folder: Path) -> list[int]:
    with Spool(folder) as spool:
        return [event["data"]["seq"] for event in spool.peek(10_000, MUCH)]


def _segments(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.spool"))


def test_what_was_appended_is_there_again_in_order(tmp_path):
    """After the process that kept it has ended."""
    with Spool(tmp_path, segment_bytes=500) as spool:
        for n in range(10):
            spool.append([passage(n)])

        assert len(_segments(tmp_path)) > 1
        assert len(spool) == 10

    assert _waiting(tmp_path) == list(range(10))


def test_files_go_only_when_all_in_them_is_released(tmp_path):
    """And an empty spool has none."""
    with Spool(tmp_path, segment_bytes=500) as spool:
        spool.append([passage(n) for n in range(4)])
        spool.append([passage(n) for n in range(4, 8)])
        spool.peek(5, MUCH)
        spool.release(5)

        assert len(_segments(tmp_path)) == 1
        assert len(spool) == 3
        assert [e["data"]["seq"] for e in spool.peek(10, MUCH)] == [5, 6, 7]
        spool.release(3)
        assert _segments(tmp_path) == []
        assert len(spool) == 0


def test_after_a_crash_what_was_released_of_an_open_file_comes_again(tmp_path):
    """The ingest knows it by its id; nothing that was not released is missing."""
    with Spool(tmp_path) as spool:
        spool.append([passage(n) for n in range(4)])
        spool.peek(2, MUCH)
        spool.release(2)

    assert _waiting(tmp_path) == [0, 1, 2, 3]


def test_a_peek_keeps_to_the_bounds_of_a_request(tmp_path):
    """But for a single event that is larger."""
    with Spool(tmp_path) as spool:
        spool.append([passage(n) for n in range(4)])

        assert len(spool.peek(3, MUCH)) == 3
        assert len(spool.peek(3, 500)) == 2
        assert len(spool.peek(3, 10)) == 1


def test_a_full_spool_says_so_and_keeps_what_it_has(tmp_path):
    """Nothing of the batch that does not fit is kept; after a release there is room again."""
    with Spool(tmp_path, most_bytes=700, segment_bytes=200) as spool:
        spool.append([passage(1), passage(2)])
        with pytest.raises(SpoolFullError, match="of 700 bytes"):
            spool.append([passage(3), passage(4), passage(5)])

        assert [e["data"]["seq"] for e in spool.peek(10, MUCH)] == [1, 2]
        spool.release(2)
        spool.append([passage(3)])
        assert len(spool) == 1


def test_one_process_has_a_spool(tmp_path):
    """A second one is told."""
    with Spool(tmp_path), pytest.raises(SpoolError, match="in use by another process"):
        Spool(tmp_path)


def test_a_disk_that_takes_only_half_leaves_no_half_records(tmp_path, monkeypatch):
    """The caller is told and hands it in again; what was kept before is whole."""
    with Spool(tmp_path) as spool:
        spool.append([passage(1)])
        monkeypatch.setattr(os, "fsync", lambda _: (_ for _ in ()).throw(OSError(28, "No space left on device")))
        with pytest.raises(SpoolError, match="No space left"):
            spool.append([passage(2)])
        monkeypatch.undo()
        spool.append([passage(2)])

        assert [e["data"]["seq"] for e in spool.peek(10, MUCH)] == [1, 2]

    assert _waiting(tmp_path) == [1, 2]


@settings(deadline=None, max_examples=60)
@given(data=st.data())
def test_it_survives_every_end_that_a_file_can_have(tmp_path_factory, data):
    """Cut anywhere, with or without rubbish after the cut: whole records before it are there, and it goes on."""
    folder = tmp_path_factory.mktemp("spool")
    sizes = data.draw(st.lists(st.integers(1, 4), min_size=1, max_size=4))
    ends, n = [0], 0
    with Spool(folder) as spool:
        for size in sizes:
            spool.append([passage(n + k) for k in range(size)])
            n += size
    whole = _segments(folder)[0].read_bytes()
    for line in whole.splitlines(keepends=True):
        ends.append(ends[-1] + len(line))
    cut = data.draw(st.integers(0, len(whole)))
    rubbish = data.draw(st.sampled_from([b"", b"\x00" * 40, b"{", b"deadbeef {}"]))
    _segments(folder)[0].write_bytes(whole[:cut] + rubbish)
    n_whole = sum(end <= cut for end in ends[1:])
    with Spool(folder) as spool:
        spool.append([passage(1_000)])

        assert [e["data"]["seq"] for e in spool.peek(100, MUCH)] == [*range(n_whole), 1_000]
        assert spool.n_damaged == 0

    assert _waiting(folder) == [*range(n_whole), 1_000]


def test_every_single_cut_of_a_file_is_survived(tmp_path):
    """All of them, one after the other."""
    with Spool(tmp_path / "whole") as spool:
        spool.append([passage(n) for n in range(3)])
    whole = _segments(tmp_path / "whole")[0].read_bytes()
    ends = [n + 1 for n, byte in enumerate(whole) if byte == ord("\n")]
    found = []
    for cut in range(len(whole) + 1):
        folder = tmp_path / str(cut)
        folder.mkdir()
        (folder / "0000000001.spool").write_bytes(whole[:cut])
        found.append(_waiting(folder))

    assert found == [list(range(sum(end <= cut for end in ends))) for cut in range(len(whole) + 1)]


def test_a_damaged_line_is_set_aside_and_told(tmp_path):
    """What stands before and after it is there."""
    with Spool(tmp_path) as spool:
        spool.append([passage(n) for n in range(3)])
    file = _segments(tmp_path)[0]
    lines = file.read_bytes().splitlines(keepends=True)
    file.write_bytes(lines[0] + lines[1].replace(b"huu_nghi", b"tan_than") + lines[2])
    with Spool(tmp_path) as spool:
        assert spool.n_damaged == 1
        assert [e["data"]["seq"] for e in spool.peek(10, MUCH)] == [0, 2]

    assert b"tan_than" in next(tmp_path.glob("damaged-*.txt")).read_bytes()


_KEEPER = """
import itertools, sys
from pathlib import Path
from gatewatch.monitor.feeds.spool import Spool
spool = Spool(Path(sys.argv[1]), segment_bytes=5_000)
for n in itertools.count():
    spool.append([{"data": {"seq": n}}])
    sys.stdout.write(f"{n}\\n")
    sys.stdout.flush()
"""


def test_what_was_kept_survives_kill_9(tmp_path):
    """Everything that was said to be kept is there, and nothing else but what was under way."""
    root = Path(__file__).parents[3]
    command = [sys.executable, "-c", _KEEPER, str(tmp_path)]
    with subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE, text=True) as keeper:
        assert keeper.stdout is not None
        kept = [int(keeper.stdout.readline()) for _ in range(50)]
        keeper.send_signal(signal.SIGKILL)
        kept += [int(line) for line in keeper.stdout if line.endswith("\n")]
    waiting = _waiting(tmp_path)

    assert waiting[: len(kept)] == kept
    assert len(waiting) - len(kept) <= 1
