"""A book that the source tells twice (`tests/auditor/changes.py`): what is applied later, what changes after transfer,
and what Reconcile, the tax boxes and a period's file make of it are the auditor's (rules 6, 9, 10 and 11).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path

import openpyxl
import pytest

from addin.session import Session
from addin.usecases.check import check
from addin.usecases.period import period
from addin.usecases.reconcile import reconcile
from addin.usecases.report import Report
from addin.usecases.taxes import taxes
from addin.usecases.undo import Chosen, undo_transfer
from connectors.records import Kind
from tests.addin.audited import ASSOCIATION, CLOSED, TODAY, Audited, Key, company
from tests.addin.ledger_reports import Balances, Booked, booked, left_open, said_of, sums, together
from tests.auditor import changes
from tests.auditor.books import Auditor
from tests.auditor.entries import Entry
from tests.auditor.history import History
from tests.auditor.reports import by_party, trial_balance
from tests.auditor.source import Source
from workbook.file.file_book import FileBook
from workbook.layout import RECONCILIATION, SETTINGS_TABLE

FILED, THEN = date(2024, 3, 31), date(2024, 5, 31)
OWED = {"Receivable": ASSOCIATION.receivable, "Payable": ASSOCIATION.payable}

Rows = Mapping[tuple[str, str], tuple[Decimal, Decimal]]
"""What the source and the ledger say of a party: by what it holds and the source's key."""


@dataclass(frozen=True, kw_only=True)
class Told:
    """What was seen of the book that was told twice; ``before`` and ``then`` are the source's files of both times.

    ``ids`` are the ledger's of our records, ``signed`` what the file of March says that we moved on each account,
    before and by its end.
    """

    ledger: str
    before: Source
    then: Source
    ids: Mapping[Key, str]
    boxes: Mapping[str, str]
    signed: tuple[Balances, Balances]
    documents: Mapping[str, float]
    journal: list[Booked]
    open: Balances
    said: Mapping[Key, str]
    changed: set[Key]
    reconciled: Mapping[date, Rows]

    def booked(self) -> list[Entry]:
        """The auditor's books after the second telling: what was booked once stays as it was booked."""
        kept = History(ASSOCIATION)
        for source in (self.before, self.then):
            kept.sync(source, TODAY, CLOSED)
        assert kept.refused == {}
        return [*kept.booked.values(), *kept.revenue]


def auditor(source: Source) -> Auditor:
    """The auditor's books of a source as it stands, whatever was transferred before."""
    return Auditor(source, ASSOCIATION, closed=CLOSED)


@pytest.fixture(scope="module", params=["beancount", pytest.param("quickbooks-online", marks=pytest.mark.long)])
def told(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Told:
    """The book over one ledger."""
    ledger, folder = str(request.param), tmp_path_factory.mktemp("told")
    with company(folder, ledger, changes.first()) as audited:
        empty = _march(audited, folder / "before.xlsx")
        audited.sync(changes.first())
        source = Source.read(folder / "source")
        boxes = _run(audited, partial(taxes, first=date(2024, 1, 1), last=FILED)).facts["boxes"]
        march = _march(audited, folder / "after.xlsx")
        audited.sync(changes.then())
        then = Source.read(folder / "source")
        found = _run(audited, check).problems
        reconciled = {day: _reconciled(audited, day) for day in (THEN, TODAY)}
    assert isinstance(boxes, list)
    return Told(
        ledger=ledger, before=source, then=then, ids=audited.posted, boxes={row["box"]: row["amount"] for row in boxes},
        signed=(_beyond(empty[0], march[0]), _beyond(empty[1], march[1])),
        documents=_documents(folder / "after.xlsx"), journal=booked(folder, ledger), open=left_open(folder, ledger),
        said={key: said_of(folder, ledger, audited.posted[key]) for key in changes.TEXTS.keys() | changes.ONLY_TOLD},
        changed={(str(each.kind), each.key) for each in found if each.code.startswith("changed_")},
        reconciled=reconciled,
    )  # fmt: skip


def _run(audited: Audited, ask: Callable[[Session], Report]) -> Report:
    with Session.open(audited.profile, FileBook(audited.profile.workbook), "check", TODAY) as session:
        return ask(session)


OWN = {"Canada Revenue Agency Payable": "2310", "Revenu Québec Payable": "2320"}
"""The accounts of tax agencies, which QuickBooks makes by itself."""


def _march(audited: Audited, to: Path) -> tuple[Balances, Balances]:
    """What the file of March says of each account before and at its end."""
    _run(audited, partial(period, first=date(2024, 3, 1), last=FILED, to=to))
    rows = list(openpyxl.load_workbook(to)["Accounts"].iter_rows(min_row=5, values_only=True))
    before, after = ({OWN.get(row[0], row[0]): round(Decimal(str(row[at])), 2) for row in rows} for at in (3, 5))
    return before, after


def _beyond(empty: Balances, booked: Balances) -> Balances:
    return sums((*booked.items(), *((code, -amount) for code, amount in empty.items())))


def _documents(file: Path) -> dict[str, float]:
    rows = openpyxl.load_workbook(file)["Documents"].iter_rows(min_row=5, values_only=True)
    return {row[1]: row[4] for row in rows if row[7]}


def _reconciled(audited: Audited, day: date) -> Rows:
    _run(audited, partial(reconcile, on=day))
    rows = [row.values for row in FileBook(audited.profile.workbook).read(RECONCILIATION).rows]
    return {
        (str(row["what"]), str(row["key"])): (row["source_balance"], row["ledger_balance"])
        for row in rows if str(row["key"]).startswith("AY") or row["what"] == "Deferred revenue"
    }  # fmt: skip


def test_what_is_applied_later_is_open_no_more_and_every_other_bill_as_before(told: Told) -> None:
    """Rule 6; of what the source changed later the amount that was transferred is open."""
    keys = {id_: key for key, id_ in told.ids.items()}
    expected = changes.left_open(auditor(told.then))
    expected["DY011"] = changes.left_open(auditor(told.before))["DY011"]
    assert {keys[id_][1]: left for id_, left in told.open.items()} == expected


def test_amounts_and_days_are_never_written_over_and_texts_are_brought(told: Told) -> None:
    """Rule 11."""
    entries = told.booked()
    for day in (FILED, THEN, TODAY):
        there = sums((line.account, line.amount) for line in told.journal if line.on <= day)
        assert there == together(told.ledger, trial_balance(entries, day)), day
    assert told.changed == changes.ONLY_TOLD
    assert {key for key, text in changes.TEXTS.items() if text not in told.said[key]} == set()
    assert not [key for key in changes.ONLY_TOLD if changes.BESIDES in told.said[key]]


def test_both_sides_of_the_reconciliation_are_the_auditors_on_any_day(told: Told) -> None:
    """Rule 9; the ledger's as it was booked, the source's as it stands now."""
    there, here = told.booked(), auditor(told.then)
    for day, rows in told.reconciled.items():
        for what, account in OWED.items():
            ledger, source = by_party(there, account, day), by_party(here.entries(day), account, day)
            sign = 1 if what == "Receivable" else -1
            expected = {party: (sign * source.get(party, 0), sign * ledger.get(party, 0)) for party in source | ledger}
            assert {key: both for (of, key), both in rows.items() if of == what} == expected, (day, what)
        deferred = -trial_balance(there, day)["2400"]
        assert rows["Deferred revenue", "2400"] == (deferred, deferred), day


def test_the_tax_boxes_are_the_auditors(told: Told) -> None:
    """Rule 9, of the first telling: of a document that was changed since no figure is said."""
    expected = changes.boxes(auditor(told.before), date(2024, 1, 1), FILED)
    assert {box: Decimal(amount) for box, amount in told.boxes.items()} == expected


def test_a_periods_file_has_every_account_and_document_of_the_auditors(told: Told) -> None:
    """Rule 10."""
    here = auditor(told.before)
    ends = [trial_balance(here.entries(TODAY), day) for day in (date(2024, 2, 29), FILED)]
    assert list(told.signed) == [together(told.ledger, each) for each in ends]
    rows = {**here.records.documents, **here.records.payments}
    wanted = {entry.key for entry in here.entries(FILED) if entry.on >= date(2024, 3, 1)}
    totals = {row["number"]: float(row.get("total") or row["amount"]) for key, row in rows.items() if key in wanted}
    assert told.documents == totals


def test_what_is_undone_of_a_filed_period_leaves_it_as_it_was(tmp_path: Path) -> None:
    """Rule 10: it is reversed today, and the balances that were signed stay."""
    with company(tmp_path, "beancount", changes.first()) as audited:
        audited.sync(changes.first())
        book = FileBook(audited.profile.workbook)
        book.write(SETTINGS_TABLE, {("filed_until",): {"value": FILED.isoformat()}}, every=True)
        book.save()
        chosen = Chosen(kind=Kind(changes.UNDONE[0]), numbers=[changes.UNDONE[1]])
        assert _run(audited, partial(undo_transfer, chosen=chosen)).counts["undone"] == {Kind.INVOICE: 1}
    entries = auditor(Source.read(tmp_path / "source")).entries(TODAY)
    left = [entry for entry in entries if (entry.kind, entry.key) != changes.UNDONE]
    lines = booked(tmp_path, "beancount")
    assert sums((line.account, line.amount) for line in lines if line.on <= FILED) == trial_balance(entries, FILED)
    assert sums((line.account, line.amount) for line in lines) == trial_balance(left)


def test_what_a_closed_quarter_lacks_comes_on_the_first_open_day(tmp_path: Path) -> None:
    """Rule 3: as one entry there, besides that day's own month, and all later months on their own days."""
    kept, first_day = History(ASSOCIATION), FILED + timedelta(days=1)
    with company(tmp_path, "beancount", changes.late()[0]) as audited:
        for writer, closed in zip(changes.late(), (CLOSED, FILED), strict=True):
            audited.set(closing_date=closed.isoformat())
            audited.sync(writer)
            kept.sync(Source.read(tmp_path / "source"), TODAY, closed)
    lines, entries = booked(tmp_path, "beancount"), [*kept.booked.values(), *kept.revenue]
    for day in (FILED, first_day, THEN, TODAY):
        assert sums((line.account, line.amount) for line in lines if line.on <= day) == trial_balance(entries, day), day
    there = sorted(line.amount for line in lines if (line.account, line.on) == ("4100", first_day))
    assert there == [Decimal("-300.00"), Decimal("-100.00")]
