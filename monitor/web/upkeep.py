"""`/v1/jobs`, `/v1/backups`: whether the service looks after itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress

from pydantic import Field
from starlette.requests import Request

from gatewatch.monitor.job_state import JobState
from gatewatch.monitor.machine import existing, room
from gatewatch.monitor.retention import list_backups
from gatewatch.monitor.trial import last_trial
from gatewatch.monitor.web.auth import new_router
from gatewatch.monitor.web.problems import ProblemError
from gatewatch.monitor.web.schemas import Answer, Seconds, Utc
from gatewatch.monitor.web.services import Serving

router = new_router("service")


JobStates = Callable[[], Sequence[JobState]]


class JobModel(Answer):
    """Something that is done by the clock."""

    name: str
    next_at: Utc | None = Field(description="Null: the jobs are stopped.")
    last_at: Utc | None = Field(description="Null: not since the start.")
    last_s: Seconds | None = Field(description="How long that took.")
    failure: str | None = Field(description="What the last run failed of; null when it did not.")
    n_runs: int = Field(description="Since the start.")


class JobsModel(Answer):
    """The jobs, in the order of their table."""

    at: Utc
    jobs: list[JobModel]


class BackupModel(Answer):
    """A backup in the folder."""

    file: str
    made_at: Utc
    bytes: int


class TrialModel(Answer):
    """The last backup that was restored for a trial, and served."""

    file: str
    at: Utc
    n_entries: int = Field(description="Journal entries in it.")
    is_rebuilt: bool = Field(description="Every figure was also made anew from its journal, and was the same.")
    seconds: Seconds


class BackupsModel(Answer):
    """The backups, newest first."""

    at: Utc
    backups: list[BackupModel]
    last_trial: TrialModel | None = Field(description="Null: none was ever restored with success.")
    free_bytes: int = Field(description="Left on their disk.")


@router.get("/v1/jobs", response_model=JobsModel, summary="Read how the jobs do")
def get_jobs(request: Request, services: Serving) -> JobsModel:
    """Return when each job was done last, when it is done next, and what it failed of."""
    states: JobStates = request.app.state.jobs
    jobs = [
        JobModel(
            name=job.name, next_at=job.next_at, last_at=job.last_at, last_s=job.last_s, failure=job.failure,
            n_runs=job.n_runs,
        )
        for job in states()
    ]  # fmt: skip
    return JobsModel(at=services.clock(), jobs=jobs)


@router.get("/v1/backups", response_model=BackupsModel, summary="Read which backups there are")
def get_backups(services: Serving) -> BackupsModel:
    """Return the backups that are kept, and the last one that was restored for a trial."""
    folder = services.core.settings.backups
    trial, kept = last_trial(folder), []
    try:
        for backup in reversed(list_backups(folder)):
            with suppress(FileNotFoundError):  # thinned out since it was listed
                size = backup.path.stat().st_size
                kept.append(BackupModel(file=backup.path.name, made_at=backup.made_at, bytes=size))
        free = room(existing(folder)).free
    except OSError as error:
        said = f"the folder of the backups, {folder}, cannot be read: {error.strerror}; see that its disk is there."
        raise ProblemError(503, said) from None
    told = None
    if trial is not None:
        told = TrialModel(
            file=trial.file, at=trial.at, n_entries=trial.n_entries, is_rebuilt=trial.is_rebuilt, seconds=trial.seconds
        )
    return BackupsModel(at=services.clock(), backups=kept, last_trial=told, free_bytes=free)
