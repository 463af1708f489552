"""Companies on a server, each with its own workbook, journal and book; workers that are started, watched, killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy.engine import make_url

from addin.profile import slug
from addin.schedule.registrar import Schedule
from addin.server import Stored
from tests.addin.conftest import Association, add_invoice, documents_in
from tests.chaos.postgres import new_database


def company(folder: Path, name: str, documents: int) -> Association:
    """A company with its workbook made and nothing pulled: three invoices for each payment, five members."""
    made = Association(folder, name=name)
    for n in range(5):
        made.add("accounts", key=f"A{n}", number=f"10{n}", name=f"Membre {n}")
    for n in range(documents - documents // 4):
        add_invoice(made, f"I{n}", f"F-{n}", f"A{n % 5}", balance="0.00" if n < documents // 4 else "114.98")
    for n in range(documents // 4):
        made.add("payments", key=f"P{n}", number=f"R-{n}", date="2025-02-01", account=f"A{n % 5}", currency="CAD",
                 amount="114.98", method="cheque")  # fmt: skip
        made.add("allocations", payment=f"P{n}", invoice=f"I{n}", amount="114.98")
    made.add("gl_accounts", code="4100", name="Cotisations")
    made.add("taxes", code="GST", name="TPS", rate="5", sync_reference="2310")
    made.add("taxes", code="QST", name="TVQ", rate="9.975", sync_reference="2320")
    made.add("tax_groups", code="QC", name="TPS + TVQ", taxes="GST+QST", rounding="sum_of_rounded")
    made.add("methods", code="cheque", name="Chèque")
    made.init()
    return made


@dataclass
class Fleet:
    """Companies below ``folder``, and workers; ``stopped`` and ``patience`` are seconds of silence, and of waiting."""

    folder: Path
    stopped: int = 3
    patience: int = 60
    companies: list[Association] = field(default_factory=list)
    workers: list[subprocess.Popen[bytes]] = field(default_factory=list)
    url: str = field(default_factory=new_database)

    def make(self, companies: int, documents: int) -> None:
        """Make so many companies of so many documents."""
        self.companies = [company(self.folder / f"c{n}", f"Compagnie {n}", documents) for n in range(companies)]

    def prepare(self) -> None:
        """Make the tables that workers need."""
        Stored(make_url(self.url), None).registered()

    def schedule(self) -> None:
        """Give every company a round a day, the first one now."""
        stored = Stored(make_url(self.url), None)
        for each in self.companies:
            stored.register(Schedule(key=slug(each.name), company=each.name, every=timedelta(days=1)))

    def start(self, workers: int, concurrency: int = 1) -> None:
        """Start workers, as a service manager would."""
        command = [sys.executable, "-m", "addin", "worker", "--server", self.url, "--concurrency", str(concurrency),
                   "--stopped", str(self.stopped)]  # fmt: skip
        for _ in range(workers):
            with (self.folder / "workers.log").open("ab") as said:
                self.workers.append(subprocess.Popen(command, stdout=said, stderr=said, env=os.environ))

    def kill(self, number: int) -> None:
        """End a worker without a warning."""
        self.workers[number].kill()
        self.workers[number].wait()

    def stop(self) -> list[int]:
        """Ask every worker that still runs to end; their exit statuses."""
        running = [worker for worker in self.workers if worker.poll() is None]
        for worker in running:
            worker.send_signal(signal.SIGTERM)
        return [worker.wait(self.patience) for worker in running]

    def until(self, done: Callable[[], bool]) -> float:
        """Look again and again until it is so; the seconds that took. No worker left, or no patience, is an error."""
        began = time.monotonic()
        while not done():
            assert any(worker.poll() is None for worker in self.workers), self.said()
            assert time.monotonic() - began < self.patience, self.said()
            time.sleep(0.05)
        return time.monotonic() - began

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """What the workers' database answers."""
        with psycopg.connect(make_url(self.url).set(drivername="postgresql").render_as_string()) as connection:
            return connection.execute(query.encode()).fetchall()

    def idle(self) -> bool:
        """Whether every company had its round and nothing waits."""
        due = "SELECT count(*) FROM passerelle_schedules WHERE next <= now()"
        jobs = "SELECT count(*) FROM procrastinate_jobs WHERE queue_name = 'companies'"
        return self.rows(due) == self.rows(jobs) == [(0,)]

    def written(self) -> int:
        """How many documents stand in the books, counted fast."""
        books = (each.folder / "passerelle.beancount" for each in self.companies)
        return sum(book.read_text(encoding="utf-8").count(" * ") for book in books if book.is_file())

    def booked(self) -> Iterable[Counter[tuple[str, str]]]:
        """How often each document stands in each company's book, read by beancount."""
        return (documents_in(each.folder / "book.beancount") for each in self.companies)

    def said(self) -> str:
        """What the workers said."""
        return (self.folder / "workers.log").read_text(encoding="utf-8")
