"""The queue: one task per company under procrastinate's locks, and the upkeep that feeds it.

Facts: procrastinate's guide — a job's ``lock`` lets one job of its name run at a time, its ``queueing_lock`` lets one
wait; a job of a worker without heartbeat stays ``doing`` until somebody re-queues it; a synchronous task ends itself
when ``should_abort`` says so.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, LiteralString

import psycopg
from procrastinate import App, BaseRetryStrategy, JobContext, PsycopgConnector, RetryDecision
from procrastinate.exceptions import JobAborted
from procrastinate.jobs import Job, Status
from sqlalchemy.engine import URL

from addin.server.database import CONNECT_SECONDS, arguments
from addin.server.rounds import make_round, wait_before_again
from addin.usecases.report import Report
from connectors.problems import CannotRun
from connectors.secrets.secret import Secret

COMPANIES, UPKEEP = "companies", "upkeep"

KEEPING_UP = 5077002
"""The number of the lock under which one worker at a time does the upkeep."""

KEPT_HOURS = 24 * 30
"""How long a job that failed stays to be looked at."""

DUE: LiteralString = """
UPDATE passerelle_schedules AS mine SET next = now() + every
WHERE next <= now() AND NOT EXISTS (
    SELECT 1 FROM procrastinate_jobs WHERE queueing_lock = mine.key AND status IN ('todo', 'doing')
)
RETURNING key, company
"""
"""A company whose round takes longer than its interval has the next one when that has ended."""

Told = Callable[[str, Report | CannotRun], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """Seconds after which a worker without a sign of life counts as stopped; signs and upkeep come thrice as often."""

    stopped: float = 30.0

    @property
    def beat(self) -> float:
        """Seconds between two signs of life."""
        return self.stopped / 3

    @property
    def upkeep(self) -> str:
        """When the upkeep is due, as cron with a sixth field for seconds (croniter)."""
        return f"* * * * * */{max(1, min(30, round(self.beat)))}"


class BackOff(BaseRetryStrategy):
    """What will pass is tried again, later each time; what was stopped goes on at once, with another worker."""

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision | None:
        """When to try a company again, if at all."""
        if isinstance(exception, JobAborted):
            return RetryDecision(retry_in={"seconds": 0})
        wait = wait_before_again(exception.problems, job.attempts) if isinstance(exception, CannotRun) else None
        return None if wait is None else RetryDecision(retry_in={"seconds": wait})


def queue(url: URL, password: Secret | None, tell: Told, timing: Timing) -> App:
    """The application of the workers; ``tell`` hears what became of each company's round."""
    known = arguments(url, password)
    place = known.pop("conninfo")
    connector = PsycopgConnector(conninfo=place, kwargs=known, min_size=1, max_size=8, timeout=CONNECT_SECONDS)
    app = App(connector=connector)

    @app.task(name="round", queue=COMPANIES, pass_context=True, retry=BackOff())
    def one_round(context: JobContext, company: str) -> None:
        try:
            report = make_round(company, context.should_abort)
        except CannotRun as stopped:
            tell(company, stopped)
            raise
        tell(company, report)
        if report.facts["stopped"]:
            raise JobAborted

    @app.periodic(cron=timing.upkeep)
    @app.task(name="upkeep", queue=UPKEEP)
    async def upkeep(timestamp: int) -> None:
        async with connector.pool.connection() as connection:
            if await _alone(connection):
                await take_over(app, timing)
                await _feed(app, connection)

    @app.periodic(cron="0 * * * *")
    @app.task(name="forget", queue=UPKEEP)
    async def forget(timestamp: int) -> None:
        await app.job_manager.delete_old_jobs(nb_hours=KEPT_HOURS, include_failed=True, include_aborted=True)

    return app


async def take_over(app: App, timing: Timing) -> None:
    """Put back what a stopped worker had in hand; the journal of each company knows how far it came.

    At once the first time, then later each time: it may be the company itself that ends every worker that takes it.
    """
    for job in await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=timing.stopped):
        wait = wait_before_again((), job.attempts) if job.attempts else 0
        if job.queue != COMPANIES:
            await app.job_manager.finish_job(job, status=Status.ABORTED, delete_job=True)
        elif wait is None:
            await app.job_manager.finish_job(job, status=Status.FAILED, delete_job=False)
        else:
            await app.job_manager.retry_job(job, datetime.now(UTC) + timedelta(seconds=wait))


async def _alone(connection: psycopg.AsyncConnection[Any]) -> bool:
    """Whether no other worker does the upkeep now; held until the transaction ends, also when we are killed."""
    cursor = await connection.execute("SELECT pg_try_advisory_xact_lock(%s)", (KEEPING_UP,))
    return await cursor.fetchone() == (True,)


async def _feed(app: App, connection: psycopg.AsyncConnection[Any]) -> None:
    """Queue the companies that are due, in the transaction that notes when they are due next."""
    for key, company in await (await connection.execute(DUE)).fetchall():
        task = app.configure_task("round", lock=key, queueing_lock=key, connection=connection)
        await task.defer_async(company=company)
