"""The words of messages, in Vietnamese and English: titles of rules, levels, reasons, units."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from gatewatch.monitor.detectors.sentences import Language, Sentence

TITLES: Final[Mapping[str, Sentence]] = {
    "arrivals_over_clearances": Sentence("Xe lên nhiều hơn thông quan", "More arrivals than clearances"),
    "backlog_peak": Sentence("Tồn xe tăng vọt", "Backlog at its peak"),
    "backlog_sustained": Sentence("Tồn xe kéo dài", "Backlog that lasts"),
    "backup_old": Sentence("Bản sao lưu đã cũ", "Backup too old"),
    "bulletin_inconsistency": Sentence("Bản tin không khớp", "Bulletin does not add up"),
    "clock_skew": Sentence("Đồng hồ thiết bị sai", "Device clock is wrong"),
    "count_mismatch": Sentence("Số đếm lệch bản tin", "Counts differ from the bulletin"),
    "days_of_work": Sentence("Tồn nhiều ngày thông quan", "Days of work waiting"),
    "disk_low": Sentence("Ổ đĩa sắp đầy", "Disk nearly full"),
    "expected_wait": Sentence("Thời gian chờ dài", "Long expected wait"),
    "fruit_at_risk": Sentence("Hoa quả có nguy cơ hỏng", "Fruit at risk"),
    "fsync_slow": Sentence("Ổ đĩa ghi chậm", "Disk writes slowly"),
    "lane_closed": Sentence("Làn đóng", "Lane closed"),
    "national_colour": Sentence("Đổi màu bản đồ quốc gia", "National map changes colour"),
    "notifier_stuck": Sentence("Thông báo không gửi được", "Messages are not delivered"),
    "road_queue": Sentence("Xe dừng trên Quốc lộ 1A", "Vehicles stand on National Road 1A"),
    "sequence_gap": Sentence("Mất dữ liệu thiết bị", "Reports of a device are missing"),
    "silent_feed": Sentence("Nguồn dữ liệu im lặng", "Silent feed"),
    "throughput_collapse": Sentence("Thông quan sụt giảm mạnh", "Clearances have collapsed"),
    "unfinished_today": Sentence("Không giải phóng hết xe trong ngày", "Will not be cleared today"),
    "unplanned_closure": Sentence("Đóng cửa ngoài kế hoạch", "Unplanned closure"),
    "watchdog": Sentence("Hệ thống giám sát hoạt động", "The monitor is alive"),
    "yard_near_full": Sentence("Bãi sắp đầy", "Yard nearly full"),
}
LEVELS: Final[Mapping[str, Sentence]] = {
    "clear": Sentence("thông suốt", "clear"),
    "unknown": Sentence("chưa rõ", "unknown"),
    "busy": Sentence("đông xe", "busy"),
    "congested": Sentence("ùn ứ", "congested"),
    "critical": Sentence("nghiêm trọng", "critical"),
}
# Of what tells of data or of the service, where nothing is congested.
DEGREES: Final[Mapping[str, Sentence]] = {
    **LEVELS,
    "clear": Sentence("bình thường", "normal"),
    "busy": Sentence("cần chú ý", "to be watched"),
    "congested": Sentence("đáng lo ngại", "serious"),
}
RISKS: Final[Mapping[str, Sentence]] = {
    "busy": Sentence("Xe tăng cao tại", "Traffic is rising at"),
    "congested": Sentence("Nguy cơ ùn ứ tại", "Risk of congestion at"),
    "critical": Sentence("Ùn ứ nghiêm trọng tại", "Severe congestion at"),
}
REASONS: Final[Mapping[str, Sentence]] = {
    "firing": Sentence("Cảnh báo mới", "New alert"),
    "level": Sentence("Mức cảnh báo tăng", "Level has risen"),
    "resolved": Sentence("Đã hết cảnh báo", "Alert has ended"),
    "repeat": Sentence("Nhắc lại, vẫn chưa hết", "Reminder: it still holds"),
    "escalated": Sentence("Chưa có ai tiếp nhận", "Nobody has taken it on"),
}
UNITS: Final[Mapping[str, Sentence]] = {
    "veh": Sentence("xe", "vehicles"),
    "days": Sentence("ngày thông quan", "days of clearance"),
    "open h": Sentence("giờ mở cửa", "open hours"),
    "h": Sentence("giờ", "h"),
    "min": Sentence("phút", "min"),
    "s": Sentence("giây", "s"),
    "ms": Sentence("mili giây", "ms"),
    "share": Sentence("%", "%"),
    "ratio": Sentence("lần", "times"),
    "sides": Sentence("phía", "sides"),
    "observations": Sentence("bản ghi", "observations"),
    "signals": Sentence("tín hiệu", "signals"),
}
PROVINCE: Final = Sentence("toàn tỉnh", "the province")
SERVICE: Final = Sentence("hệ thống giám sát", "the monitor")


def word(words: Mapping[str, Sentence], key: str, language: Language) -> str:
    """Return a word in a language; a key that has none stands for itself."""
    found = words.get(key)
    return key if found is None else str(getattr(found, language))
