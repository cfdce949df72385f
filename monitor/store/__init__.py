"""
The store: what must not be lost, on SQLite or PostgreSQL.

`open_store` gives readers; a `Leader` is the one that writes.
"""

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
