"""Our scripts are typed, and what they import is there."""

from __future__ import annotations

import os
import re
import shutil
import subprocess

import pytest

from gatewatch.monitor.web.assets import DASHBOARDS, Assets
from gatewatch.monitor.web.pages import list_pages

ASSETS = Assets()
OURS = sorted(path for path in ASSETS.files if path.endswith(".js") and not path.startswith("vendor/"))


@pytest.mark.slow
def test_the_types_of_the_scripts_hold() -> None:
    """`tsc --checkJs --strict`, by jsconfig.json."""
    tsc = shutil.which("tsc")
    if tsc is None:
        missing = "tsc is not installed; on Debian: sudo apt-get install node-typescript"
        if os.environ.get("CI") == "true":
            pytest.fail(missing)
        pytest.skip(missing)
    done = subprocess.run(
        [tsc, "--project", str(DASHBOARDS / "jsconfig.json")], capture_output=True, text=True, check=False
    )

    assert (done.returncode, done.stdout) == (0, "")


@pytest.mark.parametrize("path", OURS)
def test_what_a_script_imports_is_there(path: str) -> None:
    """Without a bundler nobody else would notice; the list also decides which words a page gets."""
    text = ASSETS.files[path].content.decode()
    n_imports = len(re.findall(r'^(?:import|export)\b[^;"]*? from "', text, re.MULTILINE | re.DOTALL))

    assert set(ASSETS.imported([path])) <= set(ASSETS.files)
    assert len(list(ASSETS._imports(path))) == n_imports


def test_what_pages_name_is_there() -> None:
    """Scripts and styles of every page."""
    named = {name for page, _ in list_pages() for name in (*page.scripts, *page.styles)}

    assert named - set(ASSETS.files) == set()


def test_scripts_speak_to_no_other_host() -> None:
    """An address in a script would be one that a closed network does not have."""
    hosts = {
        path: re.findall(r"https?://[\w.]+", ASSETS.files[path].content.decode())
        for path in ASSETS.files
        if not path.startswith("vendor/") and not path.endswith((".LICENSE", ".svg", ".woff2"))
    }

    assert {path: found for path, found in hosts.items() if set(found) - {"http://www.w3.org"}} == {}
