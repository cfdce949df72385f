"""Reports: what a comparison or a scenario found as one HTML file that reads, prints and keeps by itself."""

from gatewatch.simulator.report.writing import ReportFile, write_report, write_report_of_results

__all__ = ["ReportFile", "write_report", "write_report_of_results"]
