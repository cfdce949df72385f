"""The compiled engine is compiled once and kept on disk, also by several processes at the same time."""

import os
import subprocess
import sys

import pytest

RUN = """
import hashlib
from dataclasses import astuple
from gatewatch.config.loader import load_border
from gatewatch.simulator import make_plan, run_record

trace = run_record(make_plan(load_border(), "h1_2025", days=1, warmup_days=0), 0).trace
print(hashlib.sha256(b"".join(column.tobytes() for column in astuple(trace) if hasattr(column, "tobytes"))).hexdigest())
"""
TRIED_TOGETHER = 3


@pytest.mark.slow
def test_processes_that_compile_at_once_give_one_trace(tmp_path):
    """Three of them find an empty folder for compiled code; a fourth finds theirs and does not compile again."""
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path)}
    command = [sys.executable, "-c", RUN]
    processes = [
        subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(TRIED_TOGETHER)
    ]
    said = [process.communicate() for process in processes]
    kept = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.nb?")}
    last = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)

    assert [error for _, error in said] == [""] * TRIED_TOGETHER
    assert {trace for trace, _ in said} == {last.stdout}
    assert kept
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.nb?")} == kept
