"""
The store: what must not be lost, on SQLite or PostgreSQL.

`open_store` gives readers; a `Leader` is the one that writes. Tables stand in `tables.py` and in files whose names end
in `_tables`; all are known as soon as the package is imported.
"""

from importlib import import_module
from pkgutil import iter_modules

from gatewatch.monitor.store.accounts import Account, Accounts, ApiKey, Session
from gatewatch.monitor.store.audit import Audit, AuditRow, Chain, Deed
from gatewatch.monitor.store.bulletin_editions import BulletinEditions
from gatewatch.monitor.store.engine import Store, open_store
from gatewatch.monitor.store.errors import (
    BusyError,
    LeaderLostError,
    LeaderPresentError,
    StoreError,
    StoreUnavailableError,
    is_of_the_place,
)
from gatewatch.monitor.store.forecasts import StoredForecasts
from gatewatch.monitor.store.journal import Appended, Entry, Journal, Quarantined, Receipt, Submitted
from gatewatch.monitor.store.leader import Leader
from gatewatch.monitor.store.outbox import Condition, Delivery, Leased, Outbox
from gatewatch.monitor.store.runs import StoredRuns
from gatewatch.monitor.store.shifts import Shift, ShiftEntry, ShiftError, Shifts

__all__ = [
    "Account",
    "Accounts",
    "ApiKey",
    "Appended",
    "Audit",
    "AuditRow",
    "BulletinEditions",
    "BusyError",
    "Chain",
    "Condition",
    "Deed",
    "Delivery",
    "Entry",
    "Journal",
    "Leader",
    "LeaderLostError",
    "LeaderPresentError",
    "Leased",
    "Outbox",
    "Quarantined",
    "Receipt",
    "Session",
    "Shift",
    "ShiftEntry",
    "ShiftError",
    "Shifts",
    "Store",
    "StoreError",
    "StoreUnavailableError",
    "StoredForecasts",
    "StoredRuns",
    "Submitted",
    "is_of_the_place",
    "open_store",
]

for _module in iter_modules(__path__):
    if _module.name.endswith("_tables"):
        import_module(f"{__name__}.{_module.name}")
