"""Other people's files are what they published."""

from __future__ import annotations

import hashlib
import tomllib

from gatewatch.monitor.web.assets import DASHBOARDS

VENDOR = DASHBOARDS / "vendor"
TABLE = tomllib.loads((VENDOR / "vendor.toml").read_text())


def test_each_file_is_listed_with_its_digest() -> None:
    """A file that was changed by hand, or came from nowhere, is found."""
    listed = {name: file["digest"] for package in TABLE.values() for name, file in package["files"].items()}
    found = {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in VENDOR.iterdir()
        if path.name != "vendor.toml"
    }

    assert found == listed


def test_each_package_says_what_it_is() -> None:
    """Whoever updates one must know which, and under which licence it may be passed on."""
    assert all({"package", "version", "licence", "why"} <= set(package) for package in TABLE.values())
    assert all(any("LICENSE" in name for name in package["files"]) for package in TABLE.values())
