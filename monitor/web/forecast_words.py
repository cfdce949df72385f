"""How good forecasts were and why they missed, in words: Vietnamese and English."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from gatewatch.monitor.forecasts.misses import Miss, Off
from gatewatch.monitor.forecasts.skill import Skill

Words = dict[str, str]  # by language

_NAMES: Final = {
    "persistence": ("giữ nguyên như hiện tại", "staying as it is"),
    "last_week": ("cùng giờ tuần trước", "the same hour last week"),
}
_DOUBTS: Final = {
    "quality D": ("số xe tồn có chất lượng D", "the backlog was of quality D"),
    "wide backlog": ("số xe tồn chỉ biết đại khái", "the backlog was known roughly only"),
    "no arrivals counted": ("chưa đếm được xe đến", "no arrivals had been counted"),
}
_SILENT: Final = "silent "


def skill_sentence(found: Sequence[Skill], days: int) -> Words:
    """Return how good forecasts were in a sentence; a forecast that is worse than a baseline says so."""
    if not found:
        return {
            "vi": f"Chưa có dự báo nào được chấm trong {days} ngày qua.",
            "en": f"No forecast of the last {days} days has been scored yet.",
        }
    total = found[0]
    percent = round(100 * total.coverage)
    vi = f"Trong {days} ngày qua, {percent} % số lần nằm trong dải 80 %."
    en = f"Over the last {days} days, {percent} % lay in the 80 % band."
    for name in total.worse_than:
        vi += f" Dự báo kém hơn cách đoán “{_NAMES[name][0]}”."
        en += f' The forecast did worse than "{_NAMES[name][1]}".'
    return {"vi": vi, "en": en}


def reason(miss: Miss) -> Words:
    """Return why a forecast missed, as far as it is known."""
    if not miss.is_kept:
        return {
            "vi": "Bản dự báo không còn được lưu nên không rõ nguyên nhân.",
            "en": "The forecast is kept no longer, so that no reason is known.",
        }
    told = list(_reasons(miss)) or [
        ("Số liệu hiện có không cho biết nguyên nhân.", "What is known does not explain it.")
    ]
    return {"vi": " ".join(vi for vi, _ in told), "en": " ".join(en for _, en in told)}


def _reasons(miss: Miss) -> Iterator[tuple[str, str]]:
    hours = miss.shut.total_seconds() / 3_600
    if hours:
        vi, en = ("ít", "less") if hours > 0 else ("nhiều", "more")
        said = f"{abs(hours):.1f}"
        yield (
            f"Hai bên cùng mở cửa {vi} hơn {said.replace('.', ',')} giờ so với điều đã biết khi dự báo.",
            f"Both sides were open {said} h {en} than was known when it was made.",
        )
    for off in miss.parts:
        yield _part(off)
    if miss.doubts:
        vi, en = (", ".join(words) for words in zip(*map(_doubt, miss.doubts), strict=True))
        yield f"Khi dự báo: {vi}.", f"When it was made: {en}."


def _part(off: Off) -> tuple[str, str]:
    seen, expected = round(off.seen), round(off.expected)
    vi, en = ("nhiều", "more") if seen > expected else ("ít", "fewer")
    if off.part == "start":
        return (
            f"Lúc bắt đầu có {seen} xe bên trong, theo số liệu nay đã biết; khi đó tính là {expected} xe.",
            f"At the start {seen} vehicles were inside by what is known now; {expected} were reckoned then.",
        )
    if off.part == "arrived":
        return (
            f"Có {seen} xe đến, {vi} hơn dự kiến ({expected} xe).",
            f"{seen} vehicles arrived, {en} than expected ({expected}).",
        )
    return (
        f"Có {seen} xe đi khỏi, {vi} hơn dự kiến ({expected} xe).",
        f"{seen} vehicles left, {en} than expected ({expected}).",
    )


def _doubt(code: str) -> tuple[str, str]:
    if code.startswith(_SILENT):
        source = code.removeprefix(_SILENT)
        return f"nguồn {source} im lặng", f"the source {source} was silent"
    return _DOUBTS.get(code, (code, code))
