"""How good forecasts were and why they missed, in words: Vietnamese, English and Chinese."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from gatewatch.monitor.forecasts.misses import Miss, Off
from gatewatch.monitor.forecasts.skill import Skill

Words = dict[str, str]  # by language
Said = tuple[str, str, str]  # Vietnamese, English, Chinese

_NAMES: Final[Mapping[str, Said]] = {
    "persistence": ("giữ nguyên như hiện tại", "staying as it is", "保持现状"),
    "last_week": ("cùng giờ tuần trước", "the same hour last week", "上周同一时刻"),
}
_DOUBTS: Final[Mapping[str, Said]] = {
    "quality D": ("số xe tồn có chất lượng D", "the backlog was of quality D", "滞留车辆数质量为 D 级"),
    "wide backlog": ("số xe tồn chỉ biết đại khái", "the backlog was known roughly only", "滞留车辆数只有大致估计"),
    "no arrivals counted": ("chưa đếm được xe đến", "no arrivals had been counted", "尚无到达车辆计数"),
}
_SILENT: Final = "silent "


def skill_sentence(found: Sequence[Skill], days: int) -> Words:
    """Return how good forecasts were in a sentence; a forecast that is worse than a baseline says so."""
    if not found:
        return {
            "vi": f"Chưa có dự báo nào được chấm trong {days} ngày qua.",
            "en": f"No forecast of the last {days} days has been scored yet.",
            "zh": f"过去 {days} 天的预测尚无评分。",
        }
    total = found[0]
    percent = round(100 * total.coverage)
    vi = f"Trong {days} ngày qua, {percent} % số lần nằm trong dải 80 %."
    en = f"Over the last {days} days, {percent} % lay in the 80 % band."
    zh = f"过去 {days} 天中，{percent} % 落在 80 % 区间内。"
    for name in total.worse_than:
        vi += f" Dự báo kém hơn cách đoán “{_NAMES[name][0]}”."
        en += f' The forecast did worse than "{_NAMES[name][1]}".'
        zh += f"预测不如简单推测“{_NAMES[name][2]}”。"
    return {"vi": vi, "en": en, "zh": zh}


def reason(miss: Miss) -> Words:
    """Return why a forecast missed, as far as it is known."""
    if not miss.is_kept:
        return {
            "vi": "Bản dự báo không còn được lưu nên không rõ nguyên nhân.",
            "en": "The forecast is kept no longer, so that no reason is known.",
            "zh": "该预测已不再保存，原因不明。",
        }
    told = list(_reasons(miss)) or [
        ("Số liệu hiện có không cho biết nguyên nhân.", "What is known does not explain it.", "现有数据无法说明原因。")
    ]
    vi, en, zh = zip(*told, strict=True)
    return {"vi": " ".join(vi), "en": " ".join(en), "zh": "".join(zh)}


def _reasons(miss: Miss) -> Iterator[Said]:
    hours = miss.shut.total_seconds() / 3_600
    if hours:
        vi, en, zh = ("ít", "less", "少") if hours > 0 else ("nhiều", "more", "多")
        said = f"{abs(hours):.1f}"
        yield (
            f"Hai bên cùng mở cửa {vi} hơn {said.replace('.', ',')} giờ so với điều đã biết khi dự báo.",
            f"Both sides were open {said} h {en} than was known when it was made.",
            f"双方同时开放的时间比预测时所知{zh} {said} 小时。",
        )
    for off in miss.parts:
        yield _part(off)
    if miss.doubts:
        vis, ens, zhs = zip(*map(_doubt, miss.doubts), strict=True)
        yield f"Khi dự báo: {', '.join(vis)}.", f"When it was made: {', '.join(ens)}.", f"预测时：{'，'.join(zhs)}。"


def _part(off: Off) -> Said:
    seen, expected = round(off.seen), round(off.expected)
    vi, en, zh = ("nhiều", "more", "多于") if seen > expected else ("ít", "fewer", "少于")
    if off.part == "start":
        return (
            f"Lúc bắt đầu có {seen} xe bên trong, theo số liệu nay đã biết; khi đó tính là {expected} xe.",
            f"At the start {seen} vehicles were inside by what is known now; {expected} were reckoned then.",
            f"据现有数据，起始时场内有 {seen} 辆车；当时按 {expected} 辆计算。",
        )
    if off.part == "arrived":
        return (
            f"Có {seen} xe đến, {vi} hơn dự kiến ({expected} xe).",
            f"{seen} vehicles arrived, {en} than expected ({expected}).",
            f"到达 {seen} 辆车，{zh}预期（{expected} 辆）。",
        )
    return (
        f"Có {seen} xe đi khỏi, {vi} hơn dự kiến ({expected} xe).",
        f"{seen} vehicles left, {en} than expected ({expected}).",
        f"离开 {seen} 辆车，{zh}预期（{expected} 辆）。",
    )


def _doubt(code: str) -> Said:
    if code.startswith(_SILENT):
        source = code.removeprefix(_SILENT)
        return f"nguồn {source} im lặng", f"the source {source} was silent", f"数据源 {source} 无信号"
    return _DOUBTS.get(code, (code, code, code))
