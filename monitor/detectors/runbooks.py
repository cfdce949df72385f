"""What to do about each finding: one sentence for whoever is on duty, in Vietnamese and English."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from gatewatch.monitor.detectors.sentences import Sentence

RUNBOOKS: Final[Mapping[str, Sentence]] = {
    "arrivals_over_clearances": Sentence(
        "So sánh kế hoạch xe lên với năng lực thông quan; đề nghị kéo dài giờ làm việc hoặc điều tiết xe từ bãi ngoài.",
        "Compare the arrivals planned with what can be cleared; ask for longer hours, or hold vehicles back at the "
        "outer parks.",
    ),
    "backlog_peak": Sentence(
        "Báo ban chỉ đạo cửa khẩu, mở bãi dự phòng, điều tiết xe sang cửa khẩu khác và xác nhận người phụ trách.",
        "Tell the gate's steering group, open the reserve yard, direct vehicles to other gates, and acknowledge who "
        "has it.",
    ),
    "backlog_sustained": Sentence(
        "Đếm xe tại bãi để xác nhận, mở thêm làn hoặc bàn làm thủ tục, báo phía Trung Quốc về lượng xe chờ.",
        "Confirm by a count in the yard, open more lanes or desks, and tell the Chinese side how many wait.",
    ),
    "backup_old": Sentence(
        "Xem nhật ký của công việc sao lưu, kiểm tra ổ đĩa sao lưu còn chỗ và cắm đúng, rồi chạy `gatewatch backup`.",
        "Read the log of the backup job, check that the backup disk is there and has room, then run "
        "`gatewatch backup`.",
    ),
    "bulletin_inconsistency": Sentence(
        "Gọi đơn vị lập bản tin để đối chiếu số liệu; nhập lại bản tin đã sửa.",
        "Call the office that made the bulletin, compare the figures, and take in the corrected one.",
    ),
    "clock_skew": Sentence(
        "Chỉnh đồng hồ của thiết bị và bật đồng bộ giờ (NTP); số liệu sai giờ được giữ riêng.",
        "Set the device's clock and switch time synchronisation (NTP) on; reports of a wrong time are kept apart.",
    ),
    "count_mismatch": Sentence(
        "Đếm tay một giờ tại điểm đó, so với thiết bị; nếu thiết bị đếm sai, báo kỹ thuật.",
        "Count by hand at that point for an hour and compare; if the device counts wrongly, tell the technicians.",
    ),
    "days_of_work": Sentence(
        "Đưa vào giao ban: đề nghị kéo dài giờ thông quan, thêm người, hoặc khuyến cáo doanh nghiệp chưa đưa xe lên.",
        "Bring it to the daily meeting: longer hours, more staff, or advice to traders to hold vehicles back.",
    ),
    "disk_low": Sentence(
        "Giải phóng chỗ trên ổ đĩa: chuyển bản sao lưu cũ đi nơi khác, không xóa tệp dữ liệu gatewatch.db.",
        "Make room: move old backups elsewhere; never delete the store's own file, gatewatch.db.",
    ),
    "expected_wait": Sentence(
        "Thông báo thời gian chờ cho lái xe và doanh nghiệp; mở thêm năng lực hoặc điều tiết sang cửa khẩu khác.",
        "Tell drivers and traders how long they will wait; add capacity, or direct vehicles to another gate.",
    ),
    "fruit_at_risk": Sentence(
        "Ưu tiên xe hoa quả: làn riêng, kiểm dịch trước; báo chủ hàng để kiểm tra điện lạnh.",
        "Give fruit priority: its own lane, quarantine first; tell the owners to check the cooling.",
    ),
    "fsync_slow": Sentence(
        "Kiểm tra ổ đĩa và tiến trình nào đang ghi nhiều; chạy `gatewatch doctor` để đo lại.",
        "Look at the disk and at what else writes to it; measure again with `gatewatch doctor`.",
    ),
    "lane_closed": Sentence(
        "Hỏi kíp trực lý do đóng làn và giờ mở lại; cập nhật trạng thái làn khi mở.",
        "Ask the shift why the lane is closed and until when; report it open when it is.",
    ),
    "national_colour": Sentence(
        "Báo Ban quản lý cửa khẩu và Sở Công Thương; kiểm tra từng cửa khẩu vì màu của tỉnh không cho biết nơi ùn ứ.",
        "Tell the management board and the department of trade; look at each gate, as the province's colour does not "
        "say where it is.",
    ),
    "notifier_stuck": Sentence(
        "Gọi điện báo người trực ngay; kiểm tra máy gửi thư, tin nhắn bằng `gatewatch channel test`.",
        "Call the people on duty by telephone now; try the channels with `gatewatch channel test`.",
    ),
    "road_queue": Sentence(
        "Báo cảnh sát giao thông, giữ xe tại bãi ngoài, không để xe đỗ trên quốc lộ.",
        "Tell the traffic police, hold vehicles at the outer parks, and keep the national road free.",
    ),
    "sequence_gap": Sentence(
        "Kiểm tra kết nối của thiết bị và hàng đợi gửi bù; nếu không tự bù, báo kỹ thuật.",
        "Check the device's connection and its spool; if the gap does not fill by itself, tell the technicians.",
    ),
    "silent_feed": Sentence(
        "Kiểm tra điện, mạng và thiết bị; trong lúc chờ, đếm tay mỗi giờ và nhập vào hệ thống.",
        "Check power, network and device; meanwhile count by hand every hour and enter the counts.",
    ),
    "throughput_collapse": Sentence(
        "Hỏi kíp trực và phía Trung Quốc vì sao thông quan chậm; nếu có sự cố, báo cáo trạng thái cửa khẩu.",
        "Ask the shift and the Chinese side why clearance is slow; if something is wrong, report the gate's state.",
    ),
    "unfinished_today": Sentence(
        "Đề nghị hai bên kéo dài giờ thông quan hôm nay, hoặc báo lái xe sẽ qua vào ngày mai.",
        "Ask both sides for longer hours today, or tell drivers that they will cross tomorrow.",
    ),
    "unplanned_closure": Sentence(
        "Liên hệ ngay phía đóng cửa, hỏi lý do và giờ mở lại; dừng đưa xe từ bãi ngoài vào.",
        "Call the side that is shut at once: why, and until when; send no more vehicles up from the outer parks.",
    ),
    "watchdog": Sentence(
        "Không phải làm gì: tín hiệu cho biết hệ thống cảnh báo còn hoạt động.",
        "Nothing is to be done: it says that alerting is alive.",
    ),
    "yard_near_full": Sentence(
        "Mở bãi dự phòng và dừng nhận xe vào bãi này; báo bãi ngoài giữ xe lại.",
        "Open the reserve yard, let no more vehicles into this one, and have the outer parks hold theirs.",
    ),
}


def runbook(detector: str) -> Sentence:
    """Return what to do about what a detector finds; of one that is gone, that nobody knows."""
    return RUNBOOKS.get(detector, Sentence("Quy tắc này không còn được dùng.", "This rule is used no more."))
