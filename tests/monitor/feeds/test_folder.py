"""The folder of bulletins: each file once, none dropped, none half read, and why in Vietnamese and English."""

from __future__ import annotations

import io
import os
from datetime import UTC, datetime
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gatewatch.config.loader import load_border
from gatewatch.monitor.feeds.delivery import NotNowError, RefusedError
from gatewatch.monitor.feeds.folder import LARGEST, Look, look
from gatewatch.monitor.feeds.folder_reasons import Trouble, in_vietnamese
from tests.monitor.feeds.ingests import MemoryIngest

BORDER = load_border().border
NOW = datetime(2026, 1, 15, 14, 0, tzinfo=UTC)
CSV = """Ngày;Cửa khẩu;Chiều;Thông quan;Tồn
15/01/2026;Hữu Nghị;xuất khẩu;{cleared};{left}
15/01/2026;Chi Ma;xuất khẩu;80;12
"""


def _look(folder: Path, ingest: MemoryIngest, seen: dict[str, tuple[int, int]] | None = None) -> Look:
    return look(folder, ingest, seen or {}, NOW, BORDER)


def _taken_in(folder: Path, ingest: MemoryIngest) -> Look:
    """Return the second of two looks."""
    return _look(folder, ingest, _look(folder, ingest).seen)


def _bulletin(cleared: object = 310, left: object = 45) -> bytes:
    return CSV.format(cleared=cleared, left=left).encode("utf-8-sig")


def _reasons(found: Look) -> str:
    (handled,) = found.handled
    return handled.path.with_name(handled.path.name + ".reasons.txt").read_text(encoding="utf-8-sig")


def test_a_file_is_taken_in_at_the_second_look_and_moved(tmp_path):
    """Its content as it was, under a name that carries a hash of it."""
    ingest = MemoryIngest()
    (tmp_path / "ban tin.csv").write_bytes(_bulletin())
    first = _look(tmp_path, ingest)
    second = _look(tmp_path, ingest, first.seen)

    assert (first.handled, len(ingest.taken), second.handled[0].n_taken) == ([], 4, 4)
    assert {o.data.value for o in ingest.taken.values()} == {310, 45, 80, 12}
    assert second.handled[0].path.parent == tmp_path / "taken"
    assert second.handled[0].path.read_bytes() == _bulletin()
    assert second.seen == {}
    assert not (tmp_path / "ban tin.csv").exists()


def test_a_workbook_is_taken_in(tmp_path):
    """As the office saves it."""
    book, buffer = openpyxl.Workbook(), io.BytesIO()
    for row in (["Ngày", "Cửa khẩu", "Thông quan"], ["15/01/2026", "Tân Thanh", 402]):
        book.active.append(row)
    book.save(buffer)
    (tmp_path / "a.XLSX").write_bytes(buffer.getvalue())
    ingest = MemoryIngest()

    assert _taken_in(tmp_path, ingest).handled[0].n_taken == 1


def test_a_file_that_still_grows_is_left_until_it_rests(tmp_path):
    """Also one that is empty yet, and one that was only touched."""
    ingest, file, whole = MemoryIngest(), tmp_path / "a.csv", _bulletin()
    seen: dict[str, tuple[int, int]] = {}
    for part in (b"", b"", whole[:40], whole[:90], whole):
        file.write_bytes(part)
        os.utime(file, ns=(0, len(part)))
        found = _look(tmp_path, ingest, seen)
        seen = found.seen

        assert (found.handled, ingest.posts) == ([], [])
    os.utime(file, ns=(0, 1_000))
    seen = _look(tmp_path, ingest, seen).seen

    assert ingest.posts == []
    assert _look(tmp_path, ingest, seen).handled[0].n_taken == 4


def test_names_of_unfinished_hidden_and_locked_files_are_left_alone(tmp_path):
    """And folders, and links that lead elsewhere."""
    outside = tmp_path / "outside.csv"
    outside.write_bytes(_bulletin())
    folder = tmp_path / "in"
    (folder / "more").mkdir(parents=True)
    for name in (".a.csv", "~$a.xlsx", "a.csv.part", "b.crdownload", "c.tmp"):
        (folder / name).write_bytes(_bulletin())
    (folder / "link.csv").symlink_to(outside)
    ingest = MemoryIngest()

    assert _taken_in(folder, ingest).handled == []
    assert ingest.posts == []
    assert outside.exists()


def test_rows_that_are_wrong_are_refused_and_the_others_taken(tmp_path):
    """The reasons stand beside the file, in both languages, with row and column; the time is the office's."""
    ingest = MemoryIngest()
    (tmp_path / "a.csv").write_bytes(_bulletin(cleared="ba trăm"))
    found = _taken_in(tmp_path, ingest)
    text = _reasons(found)

    assert found.handled[0].path.parent == tmp_path / "refused"
    assert found.handled[0].n_taken == 3 == len(ingest.taken)
    assert "Dòng 2, cột “Thông quan”: Không phải số nguyên." in text
    assert 'Row 2, column "Thông quan": Thông quan: "ba trăm" is no whole number' in text
    assert "15/01/2026 21:00" in text


def test_a_mended_file_is_put_in_again_as_a_whole(tmp_path):
    """What was taken in before counts once."""
    ingest = MemoryIngest()
    (tmp_path / "a.csv").write_bytes(_bulletin(cleared="ba trăm"))
    _taken_in(tmp_path, ingest)
    (tmp_path / "a.csv").write_bytes(_bulletin(cleared=300))
    found = _taken_in(tmp_path, ingest)

    assert found.handled[0].path.parent == tmp_path / "taken"
    assert found.handled[0].n_taken == 4 == len(ingest.taken)


def test_another_figure_for_the_same_day_needs_a_higher_edition(tmp_path):
    """The conflict is told with that remedy."""
    ingest = MemoryIngest()
    for cleared in (300, 301):
        (tmp_path / "a.csv").write_bytes(_bulletin(cleared))
        found = _taken_in(tmp_path, ingest)

    assert [len(found.handled[0].troubles), found.handled[0].n_taken] == [1, 3]
    assert "thêm cột “lần” với số 2" in _reasons(found)
    assert "add a column edition with 2 or more" in _reasons(found)


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("a.csv", b"hello", "Không tìm thấy dòng tiêu đề"),
        ("a.xls", b"\xd0\xcf\x11\xe0", "Không đọc loại tệp này"),
        ("a.xlsx", b"PK\x03\x04 broken", "Tệp Excel bị hỏng"),
        ("a.csv", "Cửa khẩu;Tồn\nHữu Nghị;1\n".encode(), "Thiếu ngày"),
        ("a.csv", "Ngày;Cửa khẩu;Tồn\n15/01/2026;Lào Cai;1\n".encode(), "Không có cửa khẩu nào mang tên này"),
        ("a.csv", "Ngày;Cửa khẩu;Tồn\n".encode(), "Không có dòng số liệu nào"),
        ("a.csv", b"x" * (LARGEST + 1), "Tệp quá lớn"),
    ],
)
def test_a_file_that_is_no_bulletin_is_moved_with_the_reason(tmp_path, name, data, said):
    """It is kept as it is."""
    (tmp_path / name).write_bytes(data)
    found = _taken_in(tmp_path, MemoryIngest())

    assert said in _reasons(found)
    assert found.handled[0].path.read_bytes() == data


def test_an_ingest_that_takes_nothing_now_leaves_the_files_where_they_are(tmp_path):
    """They are taken in at a later look; a second file does not wait for a second refusal."""
    ingest = MemoryIngest(faults=[NotNowError("The ingest is busy."), RefusedError("The key is unknown.")])
    (tmp_path / "a.csv").write_bytes(_bulletin())
    (tmp_path / "b.csv").write_bytes(_bulletin())
    busy = _taken_in(tmp_path, ingest)
    refused = _look(tmp_path, ingest, busy.seen)
    done = _look(tmp_path, ingest, refused.seen)

    assert (busy.handled, busy.problems) == ([], ["a.csv waits: The ingest is busy."])
    assert refused.problems == ["a.csv waits: The key is unknown."]
    assert [handled.name for handled in done.handled] == ["a.csv", "b.csv"]
    assert len(ingest.taken) == 4


def test_a_folder_that_is_not_there_is_a_problem_and_no_traceback(tmp_path):
    """It may be a share that comes back."""
    assert "cannot be read" in _look(tmp_path / "none", MemoryIngest()).problems[0]


def test_a_reason_that_nobody_has_translated_is_told_in_english():
    """And says so in Vietnamese."""
    assert in_vietnamese(Trouble(1, "", "something new")) == "Hệ thống không nhận; xem lý do bằng tiếng Anh."


@settings(deadline=None, max_examples=40)
@given(
    steps=st.lists(
        st.one_of(
            st.tuples(st.sampled_from(["a.csv", "b.csv"]), st.integers(1, 3)),  # a file is put in: its day
            st.sampled_from(["look", "busy", "lost", "restart"]),
        ),
        max_size=20,
    )
)
def test_no_file_is_dropped_and_no_figure_doubled(tmp_path_factory, steps):
    """Busy ingests, answers that are lost before the move, restarts, the same file twice, other files by that name."""
    folder, ingest = tmp_path_factory.mktemp("in"), MemoryIngest()
    put, seen = [], {}
    for step in [*steps, "look", "look"]:
        match step:
            case (str(name), int(day)):
                free = folder / name if not (folder / name).exists() else folder / f"{len(put)}-{name}"
                free.write_text(f"Ngày;Cửa khẩu;Tồn\n0{day}/01/2026;Chi Ma;{day}\n")
                put.append(day)
                continue
            case "busy":
                ingest.faults = [NotNowError("Busy.")]
            case "lost":
                ingest.faults = [("lost", NotNowError("Lost."))]
            case "restart":
                seen = {}
            case _:
                ingest.faults = []
        seen = _look(folder, ingest, seen).seen
    kept = list(folder.rglob("*.csv"))

    assert len(kept) == len(put)
    assert {path.parent.name for path in kept} <= {"taken"}
    assert sorted(o.data.value for o in ingest.taken.values()) == sorted(set(put))
