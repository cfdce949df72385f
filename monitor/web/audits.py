"""`/v1/audit`: who did what, and whether anybody has changed that."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Query
from pydantic import Field

from gatewatch.monitor.web.auth import new_router
from gatewatch.monitor.web.schemas import Answer, Utc
from gatewatch.monitor.web.services import Serving

router = new_router("accounts")


class DeedModel(Answer):
    """Something that somebody did."""

    number: int
    at: Utc
    who: str
    address: str = Field(description="Where the request came from; empty for the service itself.")
    action: str
    subject: str
    detail: dict[str, Any]
    sha256: str = Field(description="Of this row and the one before.")


class AuditModel(Answer):
    """Deeds in their order."""

    rows: list[DeedModel]
    next_after: int | None = Field(description="Ask for what follows with this as `after`; null at the end.")


class ChainModel(Answer):
    """Whether every row follows from the one before."""

    is_whole: bool
    n: int = Field(description="Rows that do.")
    broken_at: int | None = Field(description="Number of the first that does not: it or one before was changed.")
    head: str = Field(description="Hash of the last row that does; noted elsewhere, it shows later what was cut off.")


@router.get("/v1/audit", response_model=AuditModel, summary="Read who did what")
def get_audit(
    services: Serving,
    after: Annotated[int, Query(ge=0, le=2**53 - 1, description="Only what follows this number.")] = 0,
    limit: Annotated[int, Query(ge=1, le=1_000, description="At most so many.")] = 100,
) -> AuditModel:
    """Return sign-ins, keys, accounts, hand reports and uploads, oldest first."""
    found = services.core.audit.rows(after, limit)
    rows = [
        DeedModel(
            number=row.number, at=row.at, who=row.deed.who, address=row.deed.address, action=row.deed.action,
            subject=row.deed.subject, detail=dict(row.deed.detail), sha256=row.sha256.hex(),
        )
        for row in found
    ]  # fmt: skip
    return AuditModel(rows=rows, next_after=found[-1].number if len(found) == limit else None)


@router.get("/v1/audit/check", response_model=ChainModel, summary="Check the audit")
def get_audit_check(services: Serving) -> ChainModel:
    """Return whether the audit is as it was written; a row changed or taken out in between breaks the chain."""
    chain = services.core.audit.verify()
    return ChainModel(is_whole=chain.broken_at is None, n=chain.n, broken_at=chain.broken_at, head=chain.head.hex())
