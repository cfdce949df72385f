"""What is installed from a wheel is what is in the tree."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

BUILD = "import sys; from setuptools import build_meta; print(build_meta.build_wheel(sys.argv[1]))"


def test_the_package_list_names_every_folder_with_code(
    project: dict[str, Any], package_folders: dict[str, Path]
) -> None:
    """A package that is not listed works in an editable install and is missing from the wheel."""
    in_tree = {
        ".".join([name, *module.parent.relative_to(folder).parts])
        for name, folder in package_folders.items()
        for module in folder.rglob("*.py")
    }

    assert set(project["tool"]["setuptools"]["packages"]) == in_tree


def test_every_package_has_an_init(package_folders: dict[str, Path]) -> None:
    """Only `gatewatch` is a namespace; a forgotten file would make one of a package."""
    folders = {module.parent for folder in package_folders.values() for module in folder.rglob("*.py")}

    assert [folder for folder in sorted(folders) if not (folder / "__init__.py").exists()] == []


def test_every_runtime_dependency_is_imported(root: Path, project: dict[str, Any]) -> None:
    """A dependency that no code uses is a cost to everyone who installs."""
    without_import = {
        "psycopg": "SQLAlchemy loads it by the name in the address of a store",
        "pyarrow": "pandas writes Parquet with it",
        "python-multipart": "FastAPI reads uploads with it",
        "tzdata": "zoneinfo reads it where the system has no zones",
        "uvloop": "uvicorn runs on it by its name",
    }
    imported_as = {
        "argon2-cffi": "argon2",
        "paho-mqtt": "paho",
        "prometheus-client": "prometheus_client",
        "salib": "SALib",
    }
    names = {re.split(r"[\[>]", requirement)[0].strip() for requirement in project["project"]["dependencies"]}
    code = "\n".join(
        module.read_text() for room in ("config", "simulator", "monitor") for module in (root / room).rglob("*.py")
    )

    modules = {name: imported_as.get(name, name) for name in names}
    unused = {
        name for name, module in modules.items() if not re.search(rf"^\s*(import|from) {module}\b", code, re.MULTILINE)
    }
    assert unused <= set(without_import)


@pytest.fixture(scope="module")
def wheel(our_files: list[Path], root: Path, tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """Build a wheel of a copy without a network; the names inside it."""
    copy, out = tmp_path_factory.mktemp("copy"), tmp_path_factory.mktemp("wheel")
    for path in our_files:
        target = copy / path.relative_to(root)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, target)
    built = subprocess.run(
        [sys.executable, "-c", BUILD, str(out)], cwd=copy, capture_output=True, text=True, check=False
    )
    assert built.returncode == 0, built.stdout + built.stderr
    with zipfile.ZipFile(out / built.stdout.splitlines()[-1]) as archive:
        return set(archive.namelist())


def test_the_wheel_carries_every_file_of_the_rooms(
    wheel: set[str], our_files: list[Path], package_folders: dict[str, Path]
) -> None:
    """Gates, calendars and records are data files: without them an installed Gatewatch is empty."""
    expected = {
        f"{name.replace('.', '/')}/{path.relative_to(folder).as_posix()}"
        for name, folder in package_folders.items()
        for path in our_files
        if path.is_relative_to(folder)
    }

    assert expected - wheel == set()


def test_the_wheel_leaves_the_namespace_open(wheel: set[str]) -> None:
    """Another distribution may add a room; tests stay at home."""
    top = {name.split("/")[0] for name in wheel if ".dist-info" not in name}

    assert top == {"gatewatch"}
    assert "gatewatch/__init__.py" not in wheel
