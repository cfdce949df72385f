"""The words of the bulletin: which column or row says what, in Vietnamese and English, without marks and case."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from gatewatch.config.schema import Border
from gatewatch.monitor.bulletins.texts import folded


class Line(NamedTuple):
    """What a figure of the bulletin is: its line, and the direction where the word itself gives it."""

    name: str
    direction: str | None = None


COLUMNS: Final[Mapping[str, str]] = {
    "ngay": "date",
    "ngay bao cao": "date",
    "date": "date",
    "cua khau": "gate",
    "gate": "gate",
    "chieu": "direction",
    "huong": "direction",
    "direction": "direction",
    "lan": "edition",
    "ban": "edition",
    "lan cap nhat": "edition",
    "edition": "edition",
    "chi tieu": "line",
    "noi dung": "line",
    "line": "line",
    "so luong": "value",
    "so xe": "value",
    "gia tri": "value",
    "value": "value",
    "ghi chu": "note",
    "note": "note",
    "stt": "number",
    "tt": "number",
}
DIRECTIONS: Final[Mapping[str, str | None]] = {
    "xuat": "export",
    "xuat khau": "export",
    "export": "export",
    "nhap": "import",
    "nhap khau": "import",
    "import": "import",
    "ca hai": None,
    "tong": None,
    "xuat nhap khau": None,
    "both": None,
    "": None,
}
_WORDS: Final[Mapping[Line, tuple[str, ...]]] = {
    Line("cleared"): (
        "thong quan", "hieu suat thong quan", "nang luc thong quan", "tong thong quan", "tong xe thong quan", "cleared",
    ),
    Line("cleared", "export"): ("xuat khau", "xe xuat khau", "thong quan xuat khau", "exported"),
    Line("cleared", "import"): ("nhap khau", "xe nhap khau", "thong quan nhap khau", "imported"),
    Line("cleared_fruit"): ("xe hoa qua", "hoa qua", "trai cay", "cleared fruit"),
    Line("cleared_other"): ("mat hang khac", "xe mat hang khac", "hang khac", "cleared other"),
    Line("cleared_cargo"): ("xe cho hang", "cleared cargo"),
    Line("cleared_new_vehicle"): ("xe moi", "xe oto moi", "xe o to moi", "cleared new vehicle"),
    Line("arrived"): (
        "phuong tien moi tu noi dia len", "xe moi tu noi dia len", "xe tu noi dia len", "xe len cua khau", "xe moi len",
        "arrived",
    ),
    Line("turned_back"): ("quay dau ve noi dia", "quay dau", "turned back"),
    Line("diverted"): ("chuyen cua khau", "chuyen cua khau khac", "diverted"),
    Line("remaining"): ("ton", "xe ton", "tong xe ton", "xe cho xuat khau", "cho xuat khau", "con ton", "remaining"),
    Line("remaining_fruit"): ("ton hoa qua", "xe hoa qua ton", "remaining fruit"),
    Line("remaining_other"): ("ton hang khac", "ton mat hang khac", "remaining other"),
    Line("remaining_new_vehicle"): ("xe moi ton", "ton xe moi", "remaining new vehicle"),
    Line("remaining_change"): (
        "tang giam ton", "ton so voi ngay truoc", "tang giam so voi ngay truoc", "remaining change",
    ),
    Line("cleared_change"): ("tang giam thong quan", "thong quan so voi ngay truoc", "cleared change"),
    Line("undeclared"): ("chua dang ky mat hang", "chua dang ky", "undeclared"),
    Line("rail_wagons"): ("toa hang", "so toa", "rail wagons"),
}  # fmt: skip
LINES: Final[Mapping[str, Line]] = {word: line for line, words in _WORDS.items() for word in words}
WHOLE_PROVINCE: Final = frozenset({"", "toan tinh", "tong", "tong cong", "tong so", "cong", "province", "total", "all"})


def is_heading(text: str) -> bool:
    """Return whether a folded text is a word of the bulletin."""
    return bool(text) and (text in COLUMNS or text in LINES)


def line_of(text: object) -> Line | None:
    """Return what a heading or an entry of the column `line` stands for; None when it is not known."""
    return LINES.get(folded(str(text).replace("_", " ")))


def gate_names(border: Border) -> dict[str, str]:
    """Return the ids of the gates by every way in which they are written, folded."""
    found: dict[str, str] = {}
    for gate_id, gate in border.gates.items():
        for name in (gate_id, gate_id.replace("_", " "), gate.title, gate.title_vi):
            found.setdefault(folded(name), gate_id)
            found.setdefault(folded(name).replace(" ", ""), gate_id)
    found.pop("", None)
    return found
