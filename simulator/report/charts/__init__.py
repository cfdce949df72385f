"""The charts of a report: functions from values and words to SVG, one file a chart."""
