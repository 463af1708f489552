"""A worker: takes one company after another until it is told to end, then ends after the document in hand."""

from __future__ import annotations

import asyncio
import logging
import signal
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

from procrastinate import App
from procrastinate.exceptions import ConnectorException
from sqlalchemy.engine import URL

from addin.server.database import connect, unreachable
from addin.server.queue import COMPANIES, UPKEEP, Timing, Told, queue
from connectors.secrets.secret import Secret

SPARE = 4
"""Threads besides those of the rounds: procrastinate's own."""


def work(url: URL, password: Secret | None, concurrency: int, tell: Told, timing: Timing) -> None:
    """Work until Ctrl-C or SIGTERM. Raises ``CannotRun`` (queue_unreachable), also when the database goes away."""
    connect(url, password).close()
    _silence(logging.getLogger("procrastinate"))
    # psycopg works with this kind of event loop alone; on Windows it is not the usual one.
    with asyncio.Runner(loop_factory=asyncio.SelectorEventLoop) as runner:
        try:
            runner.run(_work(queue(url, password, tell, timing), concurrency, timing))
        except (ConnectorException, ConnectionError) as wrong:
            raise unreachable(url, wrong) from wrong
        except (KeyboardInterrupt, asyncio.CancelledError):
            return
    raise unreachable(url, ConnectionError("connection lost"))


def _silence(log: logging.Logger) -> None:
    """What became of a round is told once, by ``tell``, and never with a traceback that shows what a frame held."""
    log.propagate = False
    log.addHandler(logging.NullHandler())


async def _work(app: App, concurrency: int, timing: Timing) -> None:
    """Both queues side by side, so that a long round does not keep the upkeep waiting; one that ends, ends both."""
    loop, ours = asyncio.get_running_loop(), asyncio.current_task()
    loop.set_default_executor(ThreadPoolExecutor(concurrency + SPARE))
    if sys.platform != "win32" and ours:
        loop.add_signal_handler(signal.SIGTERM, ours.cancel)
    async with app.open_async():
        workers = [asyncio.create_task(_worker(app, name, many, timing)) for name, many in
                   ((COMPANIES, concurrency), (UPKEEP, 1))]  # fmt: skip
        try:
            await asyncio.wait(workers, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for worker in workers:
                worker.cancel()
            await asyncio.wait(workers)
        for worker in workers:
            with suppress(asyncio.CancelledError):
                worker.result()


async def _worker(app: App, name: str, concurrency: int, timing: Timing) -> None:
    await app.run_worker_async(
        queues=[name],
        name=name,
        concurrency=concurrency,
        shutdown_graceful_timeout=0,  # ``should_abort`` is true at once, and the round ends after the document in hand
        delete_jobs="successful",
        install_signal_handlers=False,
        update_heartbeat_interval=timing.beat,
        stalled_worker_timeout=timing.stopped,
        fetch_job_polling_interval=timing.beat,
    )
