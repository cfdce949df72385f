"""Who may come in: accounts, API keys and sessions, and how fast they may knock. What each may do stands in `web`."""

from gatewatch.monitor.access.buckets import Buckets
from gatewatch.monitor.access.callers import ROLES, Caller, Role
from gatewatch.monitor.access.credentials import LEAST_PASSWORD, Passwords
from gatewatch.monitor.access.lockout import Lockout
from gatewatch.monitor.access.register import (
    LockedOutError,
    NotKnownError,
    RefusedError,
    Register,
    SignedIn,
)

__all__ = [
    "LEAST_PASSWORD",
    "ROLES",
    "Buckets",
    "Caller",
    "LockedOutError",
    "Lockout",
    "NotKnownError",
    "Passwords",
    "RefusedError",
    "Register",
    "Role",
    "SignedIn",
]
