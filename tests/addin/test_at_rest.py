"""What is at rest stays in the database, and no rule would have said anything of it (``Journal.awake``)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from addin.journal import Journal, OnDemand, RecordKey, Seen, State, Transfer
from addin.journal.protocol import FOLLOWERS
from addin.journal.rows import digest_of, idempotency_key, payload_of
from addin.options import Options
from addin.sync.case import Case
from addin.sync.plan import plan
from connectors.ledger import Capabilities, LedgerLists
from connectors.records import Allocation, Customer, Invoice, Kind, Payment, SyncStatus, Transferable
from connectors.source import SourceLists
from tests.chaos.postgres import new_database
from tests.sampled import examples
from workbook.review import Review

NEW = sorted(FOLLOWERS[None])
DAY = date(2025, 1, 15)


def transfer(seen: Seen, state: State, digest: str = "") -> Transfer:
    return Transfer(
        kind=seen.kind, record=seen.key, number=seen.number, generation=0, action="create",
        key=idempotency_key("c", "l", seen.kind, seen.key, 0), digest=digest or seen.digest, state=state, ledger_id="1",
    )  # fmt: skip


def seen_of(record: Transferable, status: SyncStatus = SyncStatus.COMPLETED) -> Seen:
    return Seen(kind=record.kind, key=record.key, number=record.number, payload=payload_of(record),
                digest=digest_of(record), status=status)  # fmt: skip


def invoice(key: str, *, cancelled: bool = False, number: str = "") -> Invoice:
    return Invoice(key=key, number=number or key, date=DAY, customer="A", currency="CAD", lines=(),
                   subtotal=Decimal(5), tax=Decimal(0), total=Decimal(5), cancelled=cancelled)  # fmt: skip


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_only_what_the_ledger_has_as_it_was_last_pulled_is_at_rest(database: str, tmp_path: Path) -> None:
    journal = Journal(new_database()) if database == "postgresql" else Journal.at(tmp_path / "journal.sqlite")
    seen = {name: seen_of(invoice(name)) for name in ("at rest", "by hand", "new", "refused", "changed", "on its way")}
    seen["cancelled"] = seen_of(invoice("cancelled", cancelled=True))
    seen["account"] = seen_of(Customer(key="account", name="Club"))
    journal.see(seen.values())
    states = {"at rest": State.POSTED, "by hand": State.MANUAL, "cancelled": State.POSTED, "account": State.MANUAL,
              "changed": State.POSTED, "refused": State.REJECTED, "on its way": State.INTENT}  # fmt: skip
    sent = [transfer(seen[name], state, "other" if name == "changed" else "") for name, state in states.items()]
    journal.write([replace(each, state=State.INTENT) for each in sent if each.state is State.POSTED])
    journal.write(sent)
    assert {key for _, key in journal.awake()} == seen.keys() - {"at rest", "by hand"}
    journal.close()


Fate = tuple[State | None, bool, bool, bool]
fates = st.tuples(st.sampled_from([None, State.POSTED, *NEW]), st.booleans(), st.booleans(), st.booleans())


@settings(max_examples=examples(25))
@given(
    accounts=st.lists(fates, min_size=1, max_size=2), invoices=st.lists(fates, max_size=4),
    payments=st.lists(st.tuples(fates, st.integers(0, 4), st.integers(1, 6)), max_size=4),
)  # fmt: skip
def test_the_plan_is_the_same_as_if_everything_was_looked_at(
    accounts: list[Fate], invoices: list[Fate], payments: list[tuple[Fate, int, int]]
) -> None:
    records: list[tuple[Transferable, Fate]] = []
    records += [(Customer(key="ABC"[n], name="Club"), fate) for n, fate in enumerate(accounts)]
    records += [(invoice(f"I{n}", cancelled=fate[2], number=f"F-{n // 2}"), fate) for n, fate in enumerate(invoices)]
    for n, (fate, paid, amount) in enumerate(payments):
        part = Allocation(invoice=f"I{paid}", amount=Decimal(amount))
        records.append((Payment(key=f"P{n}", date=DAY, customer="AB"[n % 2], currency="CAD", amount=Decimal(amount),
                                allocations=(part,)), fate))  # fmt: skip
    with TemporaryDirectory() as folder:
        journal = Journal.at(Path(folder) / "journal.sqlite")
        statuses = remember(journal, records)
        lazy = case_of(journal, statuses, journal.awake())
        whole = case_of(journal, statuses, tuple(journal.seen()))
        few, everything = plan(lazy), plan(whole)
        assert set(few) == set(everything)
        assert sorted(map(repr, few.problems)) == sorted(map(repr, everything.problems))
        assert few.unsound == everything.unsound
        journal.close()


def remember(journal: Journal, records: list[tuple[Transferable, Fate]]) -> dict[RecordKey, SyncStatus]:
    """Fill a journal; what has no row in the sheet has no status."""
    statuses: dict[RecordKey, SyncStatus] = {}
    for record, (state, changed, _, shown) in records:
        status = SyncStatus.COMPLETED if state in (State.POSTED, State.MANUAL) else SyncStatus.TO_TRANSFER
        seen = seen_of(record, status)
        journal.see([seen])
        if shown:
            statuses[seen.id] = status
        if state is State.POSTED:
            journal.write([transfer(seen, State.INTENT)])
        if state is not None:
            journal.write([transfer(seen, state, "other" if changed else "")])
    return statuses


def case_of(journal: Journal, statuses: dict[RecordKey, SyncStatus], awake: tuple[RecordKey, ...]) -> Case:
    return Case(
        company="c", ledger="l", language="en", today=DAY, options=Options(), awake=awake,
        seen=OnDemand(journal.seen), transfers=OnDemand(journal.transfers), numbers=journal.numbers, statuses=statuses,
        review=Review(rows={}, lines={}, maps={}, settings={}, problems=()), lists=LedgerLists(),
        source_lists=SourceLists(), capabilities=Capabilities(),
    )  # fmt: skip


def test_what_is_asked_for_is_read_once_and_all_of_it_together() -> None:
    asked: list[object] = []

    def read(only: object) -> dict[RecordKey, str]:
        asked.append(only)
        found = {(Kind.INVOICE, key): key for key in ("I1", "I2", "I3")}
        return found if only is None else {key: value for key, value in found.items() if key in only}

    kept = OnDemand(read).fetch([(Kind.INVOICE, "I1"), (Kind.INVOICE, "I9")])
    assert kept[Kind.INVOICE, "I1"] == "I1"
    assert (Kind.INVOICE, "I9") not in kept
    assert len(asked) == 1
    changed = kept.having({(Kind.INVOICE, "I1"): "new"})
    assert sorted(changed.values()) == ["I2", "I3", "new"]
    assert len(asked) == 2
    assert sorted(kept.values()) == ["I1", "I2", "I3"]
