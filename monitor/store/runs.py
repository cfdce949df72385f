"""Simulations that people asked for, their files, and the plans that they saved."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Literal

from sqlalchemy import Connection, Row, delete, insert, select, update

from gatewatch.monitor.observations import from_us, to_us
from gatewatch.monitor.store.engine import Store
from gatewatch.monitor.store.nullable import at_or_none, us_or_none
from gatewatch.monitor.store.run_tables import plan, run, run_file

RunState = Literal["waiting", "running", "done", "refused", "failed", "cancelled", "interrupted"]
UNDER_WAY: Final[tuple[RunState, ...]] = ("waiting", "running")


@dataclass(frozen=True, slots=True)
class Run:
    """
    A simulation that was asked for.

    Args:
        id: Its id, which is in links.
        kind: Kind of task.
        title: Name for people; may be empty.
        request: What was asked for.
        state: How it is, or how it ended.
        version: Of the program.
        asked_by: Account or key.
        asked_at: Aware UTC.
        started_at: Aware UTC; None: not yet.
        ended_at: Aware UTC; None: not yet.
        reason: Why it is not done, in a sentence; empty where it is or goes on.
        faults: Of a refused request: `place`, `key`, `found`, `expected` and `text` of each.
        summary: A few figures for lists.
    """

    id: str
    kind: str
    title: str
    request: Mapping[str, Any]
    state: RunState
    version: str
    asked_by: str
    asked_at: datetime
    started_at: datetime | None = None
    ended_at: datetime | None = None
    reason: str = ""
    faults: tuple[Mapping[str, str], ...] = ()
    summary: Mapping[str, Any] = field(default_factory=dict)

    @property
    def sha256(self) -> bytes:
        """Hash of kind and request: two runs of one version with the same hash have the same result."""
        return request_hash(self.kind, self.request)


@dataclass(frozen=True, slots=True)
class SavedPlan:
    """
    A request under a name.

    Args:
        id: Its id, which is in links.
        title: Name for people.
        kind: Kind of task.
        request: What is asked for.
        version: Of the program that saved it.
        run: A run of it that is kept with it.
        saved_by: Account or key.
        saved_at: Aware UTC.
    """

    id: str
    title: str
    kind: str
    request: Mapping[str, Any]
    version: str
    run: str | None
    saved_by: str
    saved_at: datetime

    @property
    def sha256(self) -> bytes:
        """Hash of kind and request."""
        return request_hash(self.kind, self.request)


def canonical(value: Any) -> str:
    """Return a value as JSON: the same value is the same text."""
    return json.dumps(value, ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":"))


def request_hash(kind: str, request: Mapping[str, Any]) -> bytes:
    """Return the hash of what is asked for."""
    return hashlib.sha256(f"{kind}\n{canonical(request)}".encode()).digest()


class StoredRuns:
    """Reads and writes the runs and plans of a store."""

    def __init__(self, store: Store) -> None:
        self._store = store

    @staticmethod
    def add(connection: Connection, added: Run) -> None:
        """Keep a new run."""
        connection.execute(
            insert(run).values(
                id=added.id,
                kind=added.kind,
                title=added.title,
                request=canonical(added.request),
                sha256=added.sha256,
                version=added.version,
                asked_by=added.asked_by,
                asked_us=to_us(added.asked_at),
                **_changing(added),
            )
        )

    @staticmethod
    def change(connection: Connection, changed: Run, files: Mapping[str, bytes]) -> None:
        """Keep how a run is now, and its files."""
        connection.execute(update(run).where(run.c.id == changed.id).values(**_changing(changed)))
        for name, content in files.items():
            connection.execute(insert(run_file).values(run=changed.id, name=name, content=content))

    @staticmethod
    def interrupt(connection: Connection, now: datetime, reason: str) -> int:
        """Say of every run under way that it was interrupted, and return how many there were."""
        values = {"state": "interrupted", "reason": reason, "ended_us": to_us(now)}
        return connection.execute(update(run).where(run.c.state.in_(UNDER_WAY)).values(**values)).rowcount

    @staticmethod
    def thin(connection: Connection, most: int) -> int:
        """Forget the oldest runs beyond `most` that are over and belong to no plan, and return how many."""
        newest = select(run.c.id).order_by(run.c.asked_us.desc(), run.c.id).limit(most)
        of_plans = select(plan.c.run).where(plan.c.run.is_not(None))
        old = select(run.c.id).where(run.c.id.not_in(newest), run.c.id.not_in(of_plans), run.c.state.not_in(UNDER_WAY))
        ids = list(connection.scalars(old))
        connection.execute(delete(run_file).where(run_file.c.run.in_(ids)))
        connection.execute(delete(run).where(run.c.id.in_(ids)))
        return len(ids)

    @staticmethod
    def save_plan(connection: Connection, saved: SavedPlan) -> None:
        """Keep a plan."""
        connection.execute(
            insert(plan).values(
                id=saved.id,
                title=saved.title,
                kind=saved.kind,
                request=canonical(saved.request),
                sha256=saved.sha256,
                version=saved.version,
                run=saved.run,
                saved_by=saved.saved_by,
                saved_us=to_us(saved.saved_at),
            )
        )

    @staticmethod
    def remove_plan(connection: Connection, plan_id: str) -> bool:
        """Forget a plan and return whether there was one."""
        return connection.execute(delete(plan).where(plan.c.id == plan_id)).rowcount > 0

    def find(self, run_id: str) -> Run | None:
        """Return a run, or None."""
        row = self._store.find_row(select(run).where(run.c.id == run_id))
        return None if row is None else _run(row)

    def latest(self, limit: int, kinds: Sequence[str] | None = None) -> list[Run]:
        """Return the runs asked for last, newest first."""
        query = select(run).order_by(run.c.asked_us.desc(), run.c.id).limit(limit)
        if kinds is not None:
            query = query.where(run.c.kind.in_(kinds))
        return [_run(row) for row in self._store.rows(query)]

    def file(self, run_id: str, name: str) -> bytes | None:
        """Return a file of a run as gzip, or None."""
        query = select(run_file.c.content).where(run_file.c.run == run_id, run_file.c.name == name)
        with self._store.reading() as connection:
            content = connection.scalar(query)
        return None if content is None else bytes(content)

    def files(self, run_id: str) -> list[str]:
        """Return the names of a run's files."""
        query = select(run_file.c.name).where(run_file.c.run == run_id).order_by(run_file.c.name)
        with self._store.reading() as connection:
            return list(connection.scalars(query))

    def plans(self) -> list[SavedPlan]:
        """Return the plans, the newest first."""
        return [_plan(row) for row in self._store.rows(select(plan).order_by(plan.c.saved_us.desc(), plan.c.id))]

    def find_plan(self, plan_id: str) -> SavedPlan | None:
        """Return a plan, or None."""
        row = self._store.find_row(select(plan).where(plan.c.id == plan_id))
        return None if row is None else _plan(row)


def _changing(found: Run) -> dict[str, Any]:
    return {
        "state": found.state,
        "reason": found.reason,
        "faults": canonical([dict(fault) for fault in found.faults]),
        "summary": canonical(dict(found.summary)),
        "started_us": us_or_none(found.started_at),
        "ended_us": us_or_none(found.ended_at),
    }


def _run(row: Row[Any]) -> Run:
    return Run(
        id=row.id,
        kind=row.kind,
        title=row.title,
        request=json.loads(row.request),
        state=row.state,
        version=row.version,
        asked_by=row.asked_by,
        asked_at=from_us(row.asked_us),
        started_at=at_or_none(row.started_us),
        ended_at=at_or_none(row.ended_us),
        reason=row.reason,
        faults=tuple(json.loads(row.faults)),
        summary=json.loads(row.summary),
    )


def _plan(row: Row[Any]) -> SavedPlan:
    return SavedPlan(
        id=row.id,
        title=row.title,
        kind=row.kind,
        request=json.loads(row.request),
        version=row.version,
        run=row.run,
        saved_by=row.saved_by,
        saved_at=from_us(row.saved_us),
    )
