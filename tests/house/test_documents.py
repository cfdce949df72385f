"""What the documents say is true, and true on any machine."""

from __future__ import annotations

import doctest
import importlib
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
ROOMS = {"config": "gatewatch.config", "simulator": "gatewatch.simulator", "monitor": "gatewatch.monitor"}
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(path for room in ROOMS for path in (ROOT / room).rglob("*.md"))])
MODULES = sorted(
    ".".join([name, *path.relative_to(ROOT / room).with_suffix("").parts])
    for room, name in ROOMS.items()
    for path in (ROOT / room).rglob("*.py")
    if path.stem not in {"__init__", "__main__"} and path.parts[-2:] != ("migrations", "env.py")  # Alembic runs it
)

SIMULATING = {"README.md", "monitor/README.md", "simulator/README.md", "simulator/optimisation/README.md"}  # slow ones

MACHINE_PATH = re.compile(r"(?<![\w.\-])/(?:work|root|farm|home)/\w")
REGISTRY = re.compile(r"(?:pypi|pythonhosted|npmjs|debian|golang)\.(?:org|com)\b|(?:index|registry)-url", re.IGNORECASE)


def blocks(document: Path, language: str) -> list[str]:
    """Return the fenced blocks of one language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", document.read_text(), re.MULTILINE | re.DOTALL)


def short(path: Path) -> str:
    """Return a file's name as one says it."""
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize(
    "document",
    [
        pytest.param(path, marks=[pytest.mark.slow] if short(path) in SIMULATING else [], id=short(path))
        for path in DOCUMENTS
        if blocks(path, "python")
    ],
)
def test_python_in_documents_runs(document: Path, tmp_path: Path) -> None:
    """The blocks of a document are one program, read from top to bottom."""
    code = "\n".join(blocks(document, "python"))
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("document", [path for path in DOCUMENTS if blocks(path, "toml")], ids=short)
def test_toml_in_documents_can_be_read(document: Path) -> None:
    """A reader copies it into a file."""
    for block in blocks(document, "toml"):
        assert tomllib.loads(block)


@pytest.mark.parametrize("module", MODULES)
def test_examples_in_docstrings_hold(module: str) -> None:
    """An example is a promise."""
    assert doctest.testmod(importlib.import_module(module)).failed == 0


def test_commands_in_documents_exist() -> None:
    """Whoever follows a document never meets an unknown command of dev.py."""
    known = set(re.findall(r'^    "(\w+)": Command\(', (ROOT / "dev.py").read_text(), re.MULTILINE))
    used = {
        (short(document), command)
        for document in DOCUMENTS
        for command in re.findall(r"python3 dev\.py (\w+)", document.read_text())
    }

    assert {(document, command) for document, command in used if command not in known} == set()


def test_links_in_documents_lead_somewhere() -> None:
    """A link names a file of the checkout, and a heading that is there."""
    broken = []
    for document in DOCUMENTS:
        for target, anchor in re.findall(r"\]\((?!https?:)([^)#\s]*)(?:#([^)\s]*))?\)", document.read_text()):
            path = document.parent / target if target else document
            headings = re.findall(r"^#+ (.+)$", path.read_text(), re.MULTILINE) if path.suffix == ".md" else []
            anchors = {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
            if not path.exists() or (anchor and anchor not in anchors):
                broken.append(f"{short(document)}: {target}#{anchor}")

    assert broken == []


def test_files_name_no_machine_and_no_registry(our_files: list[Path]) -> None:
    """A clone works the same wherever it lies, with whatever package index its owner uses."""
    slips = []
    for path in our_files:
        if path.suffix not in {"", ".cfg", ".csv", ".js", ".md", ".py", ".toml", ".txt"}:
            continue
        for number, line in enumerate(path.read_text().splitlines(), start=1):
            if MACHINE_PATH.search(line) or REGISTRY.search(line):
                slips.append(f"{short(path)}:{number}: {line.strip()[:80]}")

    assert slips == []


@pytest.mark.parametrize(
    ("line", "is_slip"),
    [
        ("cd " + "/work" + "/main", True),
        ("PATH=" + "/root" + "/bin", True),
        ("https://example.gov.vn/home/news", False),
        ("docs/work/plan.md", False),
        ("https://" + "pypi." + "org/simple", True),
    ],
)
def test_a_slip_would_be_seen(line: str, *, is_slip: bool) -> None:
    """A path of a machine begins a word; a part of an address does not."""
    assert bool(MACHINE_PATH.search(line) or REGISTRY.search(line)) is is_slip


def invariants() -> list[tuple[str, str]]:
    """Return each invariant of ARCHITECTURE.md with what is said to hold it."""
    section = (ROOT / "ARCHITECTURE.md").read_text().split("## Invariants")[1].split("\n## ")[0]
    return re.findall(r"^\| (\d+) \| .+ \| (.+) \|$", section, re.MULTILINE)


@pytest.mark.parametrize(("number", "held_by"), invariants())
def test_every_invariant_names_a_test_that_exists(number: str, held_by: str) -> None:
    """An invariant that nothing holds is a wish; one that must wait says for which issue."""
    tests = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", held_by)
    missing = [
        f"{file}::{name}"
        for file, name in tests
        if not (ROOT / file).exists() or f"def {name}(" not in (ROOT / file).read_text()
    ]

    assert missing == [], f"invariant {number}"
    assert tests or re.fullmatch(r"not yet: issue \d+", held_by), f"invariant {number}"


def test_every_dependency_has_a_reason(project: dict[str, Any]) -> None:
    """ARCHITECTURE.md says what each dependency is for."""
    section = (ROOT / "ARCHITECTURE.md").read_text().split("## Dependencies")[1].split("\n## ")[0]
    explained = {
        name for row in re.findall(r"^\| (`.+?) \|", section, re.MULTILINE) for name in re.findall(r"`([\w.-]+)`", row)
    }
    groups = [project["project"]["dependencies"], *project["project"]["optional-dependencies"].values()]

    assert {re.split(r"[\[<>=]", requirement)[0] for group in groups for requirement in group} <= explained
