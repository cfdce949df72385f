#!/usr/bin/env python3
"""
Run the developer's commands; the standard library is all they need.

    python3 dev.py run      the monitor over a simulated live border, until Ctrl-C
    python3 dev.py test     quick tests                    (pytest; -m "" adds the slow ones)
    python3 dev.py check    format, lint, types, import rules, all tests: what CI runs
    python3 dev.py fix      format, repair lint, rewrite generated documents
    python3 dev.py bench    time engines and monitor       (tests/bench/run.py)
    python3 dev.py screenshots FOLDER   a picture of every page (tests/dashboards/screenshots.py)
    python3 dev.py lock     resolve the dependencies anew into constraints.txt

Anything after the name goes to the tool: python3 dev.py test tests/config -k calendar.
Each command first makes .venv, or brings it up to date. Paths are relative to this folder.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
import venv
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, NoReturn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

GENERATORS = (  # tables made from code
    "gatewatch.config.dictionary",
    "gatewatch.simulator.measures.catalogue",
    "gatewatch.simulator.policies.catalogue",
    "gatewatch.monitor.detectors.catalogue",
)
ROOT = Path(__file__).resolve().parent
ROOMS = ("config", "simulator", "monitor", "dashboards")
OLDEST_PYTHON = (3, 11)
OLDEST_PIP = (22, 3)  # the first that installs into another interpreter's environment (--python)

USAGE_ERROR = 2
INTERRUPTED = 130


class SetupError(Exception):
    """The environment cannot be made; the message says what to do."""


# --- the environment ------------------------------------------------------------------------------


class Environment(NamedTuple):
    """
    The `.venv` of one checkout.

    It holds the *origin* (which Python made it and where; neither can be changed afterwards), a *stamp* for
    each set of dependencies it was filled with, and a *marker* while it is being filled. A stamp that differs
    means out of date; a marker that is still there means that a set-up was cut short.
    """

    root: Path

    @property
    def folder(self) -> Path:
        """Where the environment is."""
        return self.root / ".venv"

    @property
    def origin(self) -> Path:
        """The file that says which Python made the environment, and where."""
        return self.folder / "origin"

    @property
    def marker(self) -> Path:
        """The file that exists while a set-up is under way."""
        return self.folder / "setup-under-way"

    def stamp(self, extra: str) -> Path:
        """Return the file that says what the environment was filled from."""
        return self.folder / f"stamp-{extra or 'runtime'}"

    def tool(self, name: str) -> str:
        """Return the path of an installed command."""
        return str(self.folder / "bin" / name)

    def expected_origin(self) -> str:
        """Return what the origin must say."""
        return f"Python {_dotted(sys.version_info[:2])} in {self.folder}"

    def expected_stamp(self) -> str:
        """Return what a stamp must say: a digest of the files that decide what is installed."""
        digest = hashlib.sha256()
        for name in ("pyproject.toml", "constraints.txt"):
            digest.update(_read(self.root / name).encode() + b"\0")
        return digest.hexdigest()

    def is_ours(self) -> bool:
        """Return whether this Python made the environment in this place, and its interpreter is there."""
        return _read(self.origin) == self.expected_origin() and Path(self.tool("python")).exists()

    def is_ready(self, extra: str) -> bool:
        """Return whether nothing needs to be set up; the dev extra includes the runtime."""
        if self.marker.exists() or not self.is_ours():
            return False
        return self.expected_stamp() in {_read(self.stamp(extra)), _read(self.stamp("dev"))}


def ensure_environment(environment: Environment, extra: str, install: Callable[[Environment, str], None]) -> bool:
    """
    Make the environment ready for a set of dependencies.

    Args:
        environment: The `.venv` to look after.
        extra: `""` for the runtime or `"dev"`.
        install: Fills an existing environment; raises `SetupError`.

    Returns:
        Whether anything was set up.
    """
    if environment.is_ready(extra):
        return False
    with _only_one(environment.root / "dev.py"):
        if environment.is_ready(extra):  # another start made it while we waited
            return False
        started, stamp = time.monotonic(), environment.expected_stamp()
        if environment.marker.exists():
            say("the last set-up was cut short: making .venv afresh")
            shutil.rmtree(environment.folder)
        elif environment.folder.exists() and not environment.is_ours():
            say("the present .venv belongs to another Python or another place: making it afresh")
            shutil.rmtree(environment.folder)
        say("setting up .venv; the first time takes a minute or two")
        environment.folder.mkdir(exist_ok=True)
        environment.marker.touch()
        for stale in environment.folder.glob("stamp-*"):
            stale.unlink()
        if not environment.is_ours():
            venv.create(environment.folder, symlinks=True, with_pip=False)
            environment.origin.write_text(environment.expected_origin())
        install(environment, extra)
        _link_rooms(environment)
        environment.stamp(extra).write_text(stamp)
        environment.marker.unlink()
        say(f"ready after {time.monotonic() - started:.0f} s")
    return True


def install_with_pip(environment: Environment, extra: str) -> None:
    """
    Install Gatewatch in place, with its dependencies at the tested versions.

    Raises:
        SetupError: There is no pip, or it could not install.
    """
    pins = environment.root / "constraints.txt"
    # Twice quiet: pip tells of errors only.
    target = f"{environment.root}[{extra}]" if extra else str(environment.root)
    pip(environment, "install", "-qq", *(["-c", str(pins)] if pins.exists() else []), "-e", target)


def pip(environment: Environment, *arguments: str) -> None:
    """Run a pip that works on the environment, which has none of its own."""
    command = [*_find_pip(environment), "--disable-pip-version-check", "--no-input", *arguments]
    # These settings of a person's shell would send the packages elsewhere.
    elsewhere = {"PIP_PREFIX", "PIP_TARGET", "PIP_USER", "PYTHONHOME", "PYTHONPATH"}
    variables = {name: value for name, value in os.environ.items() if name not in elsewhere}
    status = subprocess.call(command, env=variables)
    if status > 0:  # pip gave up by itself and left things whole; below zero it was killed: the marker stays
        environment.marker.unlink(missing_ok=True)
    if status:
        raise SetupError(
            f"pip ended with status {status}; its message is above.\n"
            "Check that a package index can be reached, then start again.\n"
            "If it says that versions conflict, `python3 dev.py lock` resolves them anew."
        )


def _find_pip(environment: Environment) -> list[str]:
    """Return a command for pip: the interpreter's own, or one that Python carries with it."""
    inside = environment.tool("python")
    # Inside a virtual environment (also ours) this is the interpreter that made it.
    host = getattr(sys, "_base_executable", sys.executable)
    probe = subprocess.run([host, "-m", "pip", "--version"], capture_output=True, text=True, check=False)
    if probe.returncode == 0 and _version(probe.stdout.split()[1]) >= OLDEST_PIP:
        return [host, "-m", "pip", "--python", inside]
    carried = subprocess.run([inside, "-m", "ensurepip"], capture_output=True, check=False)
    if carried.returncode == 0:
        return [inside, "-m", "pip"]
    environment.marker.unlink(missing_ok=True)
    raise SetupError(f"{host} has no pip {_dotted(OLDEST_PIP)} or newer. On Debian: sudo apt-get install python3-pip")


def _version(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split(".")[:2] if part.isdigit())


def _dotted(version: Sequence[int]) -> str:
    return ".".join(map(str, version))


def _read(path: Path) -> str:
    """Return a file's text, empty when there is no file."""
    return path.read_text() if path.exists() else ""


def _link_rooms(environment: Environment) -> None:
    """Spell the namespace out in links: type checkers cannot follow the mapping in pyproject.toml."""
    namespace = environment.folder / "typing" / "gatewatch"
    shutil.rmtree(namespace, ignore_errors=True)
    namespace.mkdir(parents=True)
    for room in ROOMS:
        (namespace / room).symlink_to(environment.root / room, target_is_directory=True)


@contextlib.contextmanager
def _only_one(subject: Path) -> Iterator[None]:
    """Hold off other starts; the system frees the lock of a process that dies."""
    with subject.open() as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("another start is setting up .venv: waiting for it")
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield


# --- the commands ---------------------------------------------------------------------------------


def run(environment: Environment, arguments: Sequence[str]) -> int:
    """Simulate the border and print what happens."""
    become(environment.tool("gatewatch"), "demo", *arguments)


def test(environment: Environment, arguments: Sequence[str]) -> int:
    """Run the quick tests, as many at once as there are cores; a later -m or -n from the command line wins."""
    become(*_pytest(environment), "-m", "not slow", *arguments)


def _pytest(environment: Environment) -> list[str]:
    """Return what begins a run of the tests: each file's in one process, in their order."""
    return [environment.tool("python"), "-m", "pytest", "-n", "auto", "--dist", "loadfile"]


def bench(environment: Environment, arguments: Sequence[str]) -> int:
    """Time the engines and the monitor."""
    become(environment.tool("python"), "tests/bench/run.py", *arguments)


def screenshots(environment: Environment, arguments: Sequence[str]) -> int:
    """Take a picture of every page."""
    become(environment.tool("python"), "tests/dashboards/screenshots.py", *arguments)


def check(environment: Environment, arguments: Sequence[str]) -> int:
    """Run every check, also after one has failed, and say which failed."""
    steps: dict[str, list[str]] = {
        "format": [environment.tool("ruff"), "format", "--check", "--quiet"],
        "lint": [environment.tool("ruff"), "check", "--quiet"],
        "types": [environment.tool("mypy")],
        "imports": [environment.tool("lint-imports"), "--no-cache", "--no-logo"],
        "tests": [*_pytest(environment), *arguments],
    }
    failed = []
    for name, command in steps.items():
        say(f"{name}: {_spoken(command)}")
        if subprocess.call(command):
            failed.append(name)
    if failed:
        hint = "; `python3 dev.py fix` repairs what can be repaired" if {"format", "lint"} & set(failed) else ""
        say(f"failed: {', '.join(failed)}{hint}")
    else:
        say(f"all well: {', '.join(steps)}")
    return int(bool(failed))


def fix(environment: Environment, arguments: Sequence[str]) -> int:
    """Format, repair what lint can repair, and rewrite the documents made from code."""
    steps = [
        [environment.tool("ruff"), "check", "--fix", *arguments],
        [environment.tool("ruff"), "format", *arguments],
    ]
    steps += [[environment.tool("python"), "-m", module, "--write"] for module in GENERATORS]
    return max(subprocess.call(command) for command in steps)


def lock(environment: Environment, arguments: Sequence[str]) -> int:
    """Resolve all dependencies, free of the present pins, and write constraints.txt."""
    with tempfile.TemporaryDirectory() as scratch:
        empty, report = Environment(Path(scratch)), Path(scratch) / "report.json"
        venv.create(empty.folder, symlinks=True, with_pip=False)
        say("resolving the dependencies; nothing is installed")
        pip(
            empty,
            *("install", "-qq", "--dry-run", "--ignore-installed", "--report", str(report)),
            *arguments,
            f"{environment.root}[dev]",
        )
        found = {
            package["metadata"]["name"].lower().replace("_", "-"): package["metadata"]["version"]
            for package in json.loads(report.read_text())["install"]
        }
    del found["gatewatch"]
    lines = [
        f"# Exact versions that were tested, on Python {_dotted(sys.version_info[:2])}.",
        "# Written by `python3 dev.py lock`.",
        *(f"{name}=={version}" for name, version in sorted(found.items())),
    ]
    (environment.root / "constraints.txt").write_text("\n".join(lines) + "\n")
    say(f"constraints.txt: {len(found)} packages; the next command installs them")
    return 0


class Command(NamedTuple):
    """A developer's command and what must be installed for it: `None` for nothing."""

    function: Callable[[Environment, Sequence[str]], int]
    extra: str | None


COMMANDS: Mapping[str, Command] = {
    "run": Command(run, ""),
    "test": Command(test, "dev"),
    "check": Command(check, "dev"),
    "fix": Command(fix, "dev"),
    "bench": Command(bench, "dev"),
    "screenshots": Command(screenshots, "dev"),
    "lock": Command(lock, None),
}


def become(*command: str) -> NoReturn:
    """Continue as another program, which then gets every signal itself."""
    sys.stdout.flush()
    os.execv(command[0], command)


def say(message: str) -> None:
    """Tell the person at the terminal; results of tools keep standard output."""
    print(f"dev.py: {message}", file=sys.stderr, flush=True)


def _spoken(command: Sequence[str]) -> str:
    """Return a command as one would type it."""
    return shlex.join([Path(command[0]).name, *command[1:]])


def main(arguments: Sequence[str]) -> int:
    """Run one command and return its exit status."""
    if not arguments or arguments[0] in {"-h", "--help", "help"}:
        print((__doc__ or "").strip())
        return 0 if arguments else USAGE_ERROR
    name, *rest = arguments
    if name not in COMMANDS:
        say(f"there is no command {name!r}. The commands are: {', '.join(COMMANDS)}.")
        return USAGE_ERROR
    if sys.version_info < OLDEST_PYTHON:
        say(f"Gatewatch needs Python {_dotted(OLDEST_PYTHON)} or newer; this is {sys.version.split()[0]}.")
        return 1
    command, environment = COMMANDS[name], Environment(ROOT)
    os.chdir(ROOT)
    try:
        if command.extra is not None:
            ensure_environment(environment, command.extra, install_with_pip)
        return command.function(environment, rest)
    except SetupError as error:
        say(f"{error}")
        return 1
    except KeyboardInterrupt:
        say("stopped")
        return INTERRUPTED


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
