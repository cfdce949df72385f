"""dev.py makes the environment once, mends it when it must, and speaks to a stranger."""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest


@pytest.fixture(scope="module")
def dev(root: Path) -> ModuleType:
    """dev.py as a module."""
    spec = importlib.util.spec_from_file_location("gatewatch_dev", root / "dev.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class Installer:
    """Stands for pip: counts, and does what it is told to."""

    def __init__(self, act: Callable[[], None] = lambda: None) -> None:
        self.extras: list[str] = []
        self.act = act

    def __call__(self, _environment: Any, extra: str) -> None:
        """Note one installation."""
        self.extras.append(extra)
        self.act()


@pytest.fixture
def environment(dev: ModuleType, tmp_path: Path) -> Any:
    """An environment of a checkout that has only the files dev.py looks at."""
    checkout = tmp_path / "a checkout"
    checkout.mkdir()
    for name in ("dev.py", "pyproject.toml", "constraints.txt"):
        (checkout / name).write_text(name)
    return dev.Environment(checkout)


def test_the_second_start_sets_nothing_up(dev: ModuleType, environment: Any) -> None:
    """A start costs a set-up once."""
    pip = Installer()
    done = [dev.ensure_environment(environment, "dev", pip) for _ in range(3)]

    assert done == [True, False, False]
    assert pip.extras == ["dev"]


@pytest.mark.parametrize("name", ["pyproject.toml", "constraints.txt"])
def test_a_changed_file_sets_up_again(dev: ModuleType, environment: Any, name: str) -> None:
    """What decides the versions decides whether they are up to date."""
    pip = Installer()
    dev.ensure_environment(environment, "", pip)
    (environment.root / name).write_text("changed")
    dev.ensure_environment(environment, "", pip)

    assert pip.extras == ["", ""]


def test_the_runtime_does_not_wait_for_the_tools(dev: ModuleType, environment: Any) -> None:
    """`run` installs the runtime only; `test` adds the tools, and then both are ready."""
    pip = Installer()
    for extra in ("", "dev", "", "dev"):
        dev.ensure_environment(environment, extra, pip)

    assert pip.extras == ["", "dev"]


def test_a_set_up_cut_short_is_made_afresh(dev: ModuleType, environment: Any) -> None:
    """A half-written package is not built upon."""

    def interrupt() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        dev.ensure_environment(environment, "", Installer(interrupt))
    leftover = environment.folder / "half"
    leftover.touch()
    assert not environment.is_ready("")
    dev.ensure_environment(environment, "", Installer())

    assert environment.is_ready("")
    assert not leftover.exists()


def test_a_change_during_the_set_up_is_seen_by_the_next_start(dev: ModuleType, environment: Any) -> None:
    """The stamp says what was installed, not what the file says by now."""
    edit = Installer(lambda: (environment.root / "pyproject.toml").write_text("edited meanwhile") and None)
    dev.ensure_environment(environment, "", edit)

    assert not environment.is_ready("")


def test_a_moved_checkout_is_made_afresh(dev: ModuleType, environment: Any) -> None:
    """Scripts name the interpreter by its old path."""
    pip = Installer()
    dev.ensure_environment(environment, "dev", pip)
    moved = dev.Environment(environment.root.with_name("moved"))
    shutil.move(environment.root, moved.root)
    old = moved.folder / "old"
    old.touch()
    dev.ensure_environment(moved, "dev", pip)

    assert pip.extras == ["dev", "dev"]
    assert not old.exists()


def test_two_starts_at_once_set_up_once(dev: ModuleType, environment: Any) -> None:
    """The second waits, and finds the work done."""
    pip = Installer(lambda: time.sleep(0.3))
    with ThreadPoolExecutor() as pool:
        done = list(pool.map(lambda _: dev.ensure_environment(environment, "dev", pip), range(3)))

    assert sorted(done) == [False, False, True]
    assert pip.extras == ["dev"]


def test_type_checkers_find_the_rooms_by_their_full_names(dev: ModuleType, environment: Any) -> None:
    """Links spell out the mapping that only setuptools reads."""
    dev.ensure_environment(environment, "", Installer())
    links = environment.folder / "typing" / "gatewatch"

    assert {link.name: link.readlink() for link in links.iterdir()} == {
        room: environment.root / room for room in dev.ROOMS
    }


def test_the_rooms_are_those_of_the_project_file(dev: ModuleType, package_folders: dict[str, Path]) -> None:
    """A new room is linked for the type checker too."""
    assert set(dev.ROOMS) == {folder.name for folder in package_folders.values()}


def test_a_failing_pip_says_what_to_do(dev: ModuleType, environment: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A stranger without a network is not shown a stack."""
    fail = [sys.executable, "-c", "raise SystemExit(3)"]
    monkeypatch.setattr(dev, "_find_pip", lambda _: fail)

    with pytest.raises(dev.SetupError, match=r"(?s)status 3.*package index.*dev\.py lock"):
        dev.ensure_environment(environment, "", dev.install_with_pip)


def speak(root: Path, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run dev.py as a person would, from another folder."""
    return subprocess.run(
        [sys.executable, str(root / "dev.py"), *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )


def test_an_unknown_command_lists_the_known_ones(root: Path, tmp_path: Path) -> None:
    """A slip costs one line to read."""
    said = speak(root, tmp_path, "rnu")

    assert said.returncode == 2
    assert said.stderr == (
        "dev.py: there is no command 'rnu'. The commands are: run, test, check, fix, bench, screenshots, lock.\n"
    )


def test_help_tells_every_command(dev: ModuleType, root: Path, tmp_path: Path) -> None:
    """Asked for nothing, dev.py explains itself."""
    said = speak(root, tmp_path, "--help")

    assert said.returncode == 0
    assert all(f"python3 dev.py {name} " in said.stdout for name in dev.COMMANDS)
    assert speak(root, tmp_path).returncode == 2


def test_what_follows_the_name_goes_to_the_tool(
    dev: ModuleType, root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`dev.py test` is pytest with its own options, from any folder; a later -m wins over ours."""
    became: list[tuple[str, ...]] = []
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(dev, "ensure_environment", lambda *_: False)
    monkeypatch.setattr(dev, "become", lambda *command: became.append(command))
    dev.main(["test", "-m", "slow", "tests/config"])

    (command,) = became
    assert command[:3] == (str(root / ".venv/bin/python"), "-m", "pytest")
    assert command[-5:] == ("-m", "not slow", "-m", "slow", "tests/config")
    assert Path.cwd() == root


def test_an_interruption_is_quiet(
    dev: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Ctrl-C ends with one line and the status that shells expect."""

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(dev, "ensure_environment", interrupt)

    assert dev.main(["run"]) == 130
    assert capsys.readouterr().err == "dev.py: stopped\n"
