"""What commands tell at a terminal."""

from __future__ import annotations

from pathlib import Path

import pytest
import typer

from gatewatch.config.terminal import telling_faults


def test_a_file_that_cannot_be_used_is_told_with_its_place(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Wherever a command meets it: one line and status 1, and no traceback."""
    with pytest.raises(typer.Exit) as ended, telling_faults():
        (tmp_path / "none" / "table.csv").write_text("")

    assert ended.value.exit_code == 1
    assert capsys.readouterr().err == f"{tmp_path}/none/table.csv cannot be used: No such file or directory.\n"


def test_a_reader_that_has_gone_is_nobodys_fault() -> None:
    """`gatewatch … | head`: left to whoever ends the command quietly."""
    with pytest.raises(BrokenPipeError), telling_faults():
        raise BrokenPipeError
