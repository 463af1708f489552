"""What the sync engine costs: with nothing to do over 100,000 transferred records, and per document sent.

Run ``python benchmarks/idle_sync.py``. Each part runs in a process of its own, whose peak memory (``ru_maxrss``) is
shown. Without sheet rows, the engine alone is measured: look up, read the journal, check, plan. The ledger answers at
once, so that what a document costs is the engine's own; commits are counted at the database.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path

RECORDS, CUSTOMERS, SENT = 100_000, 5_000, 5_000


def invoices(count: int) -> Iterator[object]:
    """Invoices of one line and two taxes."""
    from connectors.records import DocumentTax, Invoice, InvoiceLine

    for number in range(count):
        yield Invoice(
            key=f"I{number}", number=f"F-{number:06}", date=date(2025, 1, 15), customer=f"A{number % CUSTOMERS}",
            currency="CAD", subtotal=Decimal("100.00"), tax=Decimal("14.98"), total=Decimal("114.98"),
            lines=(
                InvoiceLine(
                    key=f"I{number}-1", number=1, description="Cotisation annuelle", quantity=Decimal(1),
                    unit_price=Decimal("100.00"), amount=Decimal("100.00"), gl_account="4100", tax_group="QC",
                ),
            ),
            taxes=(
                DocumentTax(tax="GST", base=Decimal("100.00"), amount=Decimal("5.00")),
                DocumentTax(tax="QST", base=Decimal("100.00"), amount=Decimal("9.98")),
            ),
        )  # fmt: skip


def fill(path: Path, count: int, posted: bool) -> None:
    """A journal of that many records, customers among them that are transferred."""
    from addin.journal import Journal, Seen, State, Transfer
    from addin.journal.rows import digest_of, idempotency_key, payload_of
    from connectors.records import Customer, SyncStatus

    journal = Journal.at(path)
    customers = [Customer(key=f"A{n}", number=str(1000 + n), name=f"Membre {n}") for n in range(CUSTOMERS)]
    records = [*customers, *invoices(count - CUSTOMERS)]
    seen = [
        Seen(kind=r.kind, key=r.key, number=r.number, payload=payload_of(r), digest=digest_of(r),
             status=SyncStatus.COMPLETED if posted or r.kind == "customer" else SyncStatus.TO_TRANSFER)
        for r in records
    ]  # fmt: skip
    journal.see(seen)
    journal.write(
        [
            Transfer(kind=s.kind, record=s.key, number=s.number, generation=0, action="link", digest=s.digest,
                     key=idempotency_key("c", "bench", s.kind, s.key, 0), state=State.MANUAL, ledger_id=s.number,
                     ledger_number=s.number, told_sheet=True, told_source=True)
            for s in seen
            if s.status is SyncStatus.COMPLETED
        ]
    )  # fmt: skip
    journal.close()


def case_of(journal: object) -> object:
    """The case as a session makes it, but for the sheet, which has no rows."""
    from addin.journal import Journal, OnDemand
    from addin.options import Options
    from addin.sync.case import Case
    from connectors.ledger import Capabilities, LedgerLists
    from connectors.records import LedgerAccount
    from connectors.source import SourceLists
    from workbook.review import Review

    assert isinstance(journal, Journal)
    awake = journal.awake()
    seen = OnDemand(journal.seen).fetch(awake)
    accounts = tuple(LedgerAccount(code=code, name=code, type="Income") for code in ("4100", "GST", "QST", "QC"))
    return Case(
        company="c", ledger="bench", language="en", today=date(2026, 1, 31), options=Options(),
        awake=awake, seen=seen, transfers=OnDemand(journal.transfers).fetch(awake), numbers=journal.numbers,
        statuses={key: seen[key].status for key in awake},
        review=Review(rows={}, lines={}, maps={}, settings={}, problems=()),
        lists=LedgerLists(accounts=accounts), source_lists=SourceLists(),
        capabilities=Capabilities(batch_size=50, idempotent=True),
    )  # fmt: skip


def idle(path: Path) -> None:
    """Everything a sync does before it finds that there is nothing to do."""
    from addin.journal import Journal
    from addin.sync.lookup import look_up
    from addin.sync.plan import plan

    started = time.perf_counter()
    journal = Journal.at(path)
    look_up(journal, None, 1)
    case = case_of(journal)
    read = time.perf_counter()
    planned = plan(case)
    assert not list(planned), "there should be nothing to do"
    print(f"idle: read {read - started:.2f} s, checked and planned {time.perf_counter() - read:.2f} s, "
          f"together {time.perf_counter() - started:.2f} s, {memory()} MB")  # fmt: skip


def send(path: Path) -> None:
    """Send invoices to a ledger that answers at once."""
    from sqlalchemy import event

    from addin.journal import Journal
    from addin.journal.rows import idempotency_key
    from addin.sync.plan import Plan, Planned
    from addin.sync.run import Sync
    from connectors.ledger import Action, Capabilities, Posted

    class AtOnce:
        label = "answers at once"
        capabilities = Capabilities(batch_size=50, idempotent=True)

        def turn(self, postings: Sequence[object]) -> float:
            return 0.0

        def post(self, postings: Sequence[object]) -> Iterator[Posted]:
            yield from (Posted(key=p.key, ledger_id=p.key, total=p.record.total) for p in postings)

    journal = Journal.at(path)
    case = case_of(journal)
    leaving = tuple(
        Planned(record=r, action=Action.CREATE, generation=0, key=idempotency_key("c", "bench", r.kind, r.key, 0))
        for r in case.candidates.values()
    )
    commits: list[object] = []
    event.listen(journal._engine, "commit", commits.append)
    run = Sync(case, journal, AtOnce(), 1, lambda *_: None, lambda: False)
    started = time.perf_counter()
    tally = run.carry_out(Plan(steps=(("Invoices", (leaving,)),), problems=(), unsound=frozenset()))
    took = time.perf_counter() - started
    assert sum(tally.posted.values()) == len(leaving)
    batches = -(-len(leaving) // AtOnce.capabilities.batch_size)
    print(f"send: {took / len(leaving) * 1000:.3f} ms for each of {len(leaving)} documents, "
          f"{len(commits) / batches:.1f} commits a batch of 50")  # fmt: skip


def memory() -> int:
    """The peak of this process in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


PARTS = {
    "fill idle": lambda path: fill(path, RECORDS, posted=True),
    "idle": idle,
    "fill send": lambda path: fill(path, CUSTOMERS + SENT, posted=False),
    "send": send,
}


def main() -> None:
    """Do each part in a process of its own: a child's peak memory would begin with its parent's."""
    with tempfile.TemporaryDirectory() as folder:
        for part in PARTS:
            path = Path(folder) / f"{part.split()[-1]}.sqlite"
            subprocess.run([sys.executable, __file__, part, str(path)], check=True)


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[1]))
    if len(sys.argv) == 3:
        PARTS[sys.argv[1]](Path(sys.argv[2]))
    else:
        main()
