"""`gatewatch account`: what an admin does at the machine itself when nobody can sign in any more."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

import typer

from gatewatch.config.errors import known_names, one_fault
from gatewatch.monitor.access import Passwords, Register
from gatewatch.monitor.access.credentials import new_password
from gatewatch.monitor.cli_store import Home, Json, now_utc, present_store, print_json, telling
from gatewatch.monitor.offline import holder_name, leading, load_watched
from gatewatch.monitor.settings import load_settings
from gatewatch.monitor.store import Accounts

app = typer.Typer(help="Accounts, at the machine itself.", no_args_is_help=True)


@app.callback()
def account() -> None:
    """Accounts, at the machine itself; from elsewhere an admin signs in and changes them."""


@app.command("reset-password")
def reset_password(
    name: Annotated[str, typer.Argument(help="Name of the account, such as admin.")] = "admin",
    home: Home = None,
    *,
    enable: Annotated[bool, typer.Option("--enable", help="Let a disabled account sign in again.")] = False,
    as_json: Json = False,
) -> None:
    """
    Give an account a new password and print it once; its sessions end. The service must not run meanwhile.

    Who may read the store's folder may do this. It is in the audit, with the machine and process that did it.
    """
    with telling() as console:
        settings = load_settings(home=home)
        watched, now = load_watched(settings), now_utc()
        store = present_store(settings)
        by = holder_name("gatewatch account")
        with leading(store, watched, "gatewatch account", now) as led:
            length = timedelta(hours=settings.session_hours)
            register = Register(Accounts(led.store), led.writer, Passwords(), length)
            password = register.start(now)  # a store without any account gets its first one
            if password is None:
                password = _renewed(register, name, by, is_enabled=enable)
            is_disabled = next(person.is_disabled for person in register.accounts() if person.name == name)
        if as_json:
            print_json({"account": name, "password": password, "is_disabled": is_disabled})
            return
        console.print(f"{name}, password {password}", highlight=False, soft_wrap=True, markup=False)
        console.print("It is shown this once. Sign in and change it.")
        if is_disabled:
            console.print("[yellow]The account is disabled; --enable lets it sign in again.[/]")


def _renewed(register: Register, name: str, by: str, *, is_enabled: bool) -> str:
    known = {person.name for person in register.accounts()}
    if name not in known:
        raise one_fault("NAME", "", f'"{name}"', known_names("account", name, known))
    password = new_password()
    changes = {"password": password, **({"is_disabled": False} if is_enabled else {})}
    register.change_account(name, changes, by, now_utc())
    return password
