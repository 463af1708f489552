"""Whether revenue in advance stands where its monthly entries take it from (books.md, rule 2), on records alone."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from addin.journal import State
from addin.sync.advance import booked_as, misplaced, unproven, waits_on
from addin.sync.case import Case
from addin.sync.deferral import Schedules
from connectors.ledger import Capabilities, LedgerLists
from connectors.records import (
    CreditNote,
    EntryLine,
    Item,
    JournalEntry,
    Kind,
    LedgerAccount,
    Payment,
    RevenueSchedule,
    SupplierInvoice,
)
from connectors.source import SourceLists
from tests.addin.cases import DAY, company, document, line, transfer
from workbook.layout import ACCOUNT_MAP, ITEM_MAP

SCHEDULE = RevenueSchedule(key="S1", invoice="I1", line=1, start=DAY, months=12, amount=Decimal("100.00"),
                           deferred_account="2400", revenue_account="4100")  # fmt: skip
DUES = line(item="COT", gl_account="2400")
ADVANCE, SALES = LedgerAccount(code="21", name="Dues in advance"), LedgerAccount(code="41", name="Dues")
SOLD = (Item(code="Advance", name="", account="21"), Item(code="Membership", name="", account="41"))
MAPPED = {"2400": "21", "4100": "41", "4200": "42"}
SIDES = (EntryLine(account="2400", debit=Decimal(1)), EntryLine(account="4100", credit=Decimal(1)))
ENTRY = JournalEntry(key="S1/2026-02", number="E-1", date=DAY, currency="CAD", invoice="I1", lines=SIDES)


def of(*records: Any, item: str = "Advance", by: str = "item", **given: Any) -> Case:
    """A company whose product COT is mapped to an item, on a ledger whose lines name items, unless it is accounts."""
    maps = {ACCOUNT_MAP.name: MAPPED, ITEM_MAP.name: {"COT": item}} | given.pop("maps", {})
    made: dict[str, Any] = {
        "deferred": lambda: Schedules((SCHEDULE,)), "capabilities": Capabilities(lines_by=by),  # type: ignore[arg-type]
        "lists": LedgerLists(accounts=(ADVANCE, SALES), items=SOLD), "maps": maps,
        "source_lists": SourceLists(accounts=(LedgerAccount(code="2400", name="Reportés"),)),
    }  # fmt: skip
    return company(*records, **(made | given)).case()


def told(case: Case, record: Any) -> list[tuple[str, dict[str, str]]]:
    """What is said of the lines of a document: code and what the sentence shows."""
    return [(problem.code, dict(problem.params)) for problem in misplaced(case, record)]


def test_a_line_waits_where_its_schedule_moves_it_from_or_where_any_schedule_moves_from() -> None:
    invoice = document(lines=(DUES, replace(DUES, key="I1/2", number=2), line(key="I1/3", number=3, item="X")))
    case = of(invoice)
    assert [waits_on(case, invoice, each) for each in invoice.lines] == ["2400", "2400", ""]
    other = replace(SCHEDULE, deferred_account="2450")
    assert waits_on(of(invoice, deferred=lambda: Schedules((other,))), invoice, DUES) == "2450"
    typed = of(invoice, lines={"I1/1": {"ledger_item": "Other"}, "I1/2": {"ledger_item": "Other"}})
    assert [waits_on(typed, invoice, each) for each in invoice.lines[:2]] == ["2400", ""]
    assert [waits_on(of(invoice, by="account"), invoice, each) for each in invoice.lines[:2]] == ["2400", ""]
    lists = SourceLists(items=(Item(code="COT", name="", account="2400"),))
    unnamed = document("I2", lines=(line(item="COT", gl_account=""),))
    assert waits_on(of(unnamed, source_lists=lists), unnamed, unnamed.lines[0]) == "2400"


def test_a_line_that_its_item_books_elsewhere_is_told_with_both_accounts_and_the_row_to_mend() -> None:
    invoice = document(lines=(DUES,))
    assert told(of(invoice), invoice) == []
    words = {"line": "1", "account": "21 Dues in advance", "booked": "41 Dues", "item": "Membership", "code": "COT"}
    wrong = of(invoice, item="Membership")
    assert told(wrong, invoice) == [("deferred_item_differs", words)]
    [problem] = misplaced(wrong, invoice)
    assert (problem.kind, problem.key) == (Kind.INVOICE, "I1")
    apart = {ITEM_MAP.name: {"COT": "Advance", "COT / 2400": "Membership"}}
    assert told(of(invoice, maps=apart), invoice) == [("deferred_item_differs", words | {"code": "COT / 2400"})]
    unknown = {ITEM_MAP.name: {"COT": "Gone"}}
    assert told(of(invoice, maps=unknown), invoice) == [
        ("deferred_item_differs", words | {"booked": "—", "item": "Gone"})
    ]


def test_an_account_whose_name_is_its_code_or_is_not_listed_is_named_once() -> None:
    invoice = document(lines=(DUES,))
    lists = LedgerLists(accounts=(LedgerAccount(code="21", name="21"),), items=SOLD)
    [(_, words)] = told(of(invoice, item="Membership", lists=lists), invoice)
    assert (words["account"], words["booked"]) == ("21", "41")


def test_a_line_on_an_account_of_ones_own_differs_by_the_account() -> None:
    elsewhere = document(lines=(replace(DUES, gl_account="4100"),))
    assert told(of(elsewhere, by="account"), elsewhere) == [
        ("deferred_account_differs", {"line": "1", "account": "21 Dues in advance", "booked": "41 Dues"})
    ]
    invoice = document(lines=(DUES,))
    assert told(of(invoice, by="account"), invoice) == []


def test_an_account_that_is_not_mapped_is_told_by_its_name_and_a_line_without_a_code_by_what_is_not_mapped() -> None:
    invoice = document(lines=(DUES,))
    unmapped: dict[str, dict[str, str]] = {ACCOUNT_MAP.name: {"4100": "41"}}
    assert told(of(invoice, maps=unmapped), invoice) == [
        ("gl_account_not_mapped", {"line": "1", "code": "2400", "name": "Reportés"})
    ]
    assert told(of(invoice, maps=unmapped, source_lists=SourceLists()), invoice) == [
        ("gl_account_not_mapped", {"line": "1", "code": "2400", "name": ""})
    ]
    two = document(lines=(replace(DUES, item="NEW"), replace(DUES, key="I1/2", number=2)))
    assert [words["line"] for _, words in told(of(two, item="Membership"), two)] == ["2"]
    assert told(of(invoice, by="account", maps=unmapped), invoice) == []


def held(case: Case, entry: JournalEntry = ENTRY) -> list[tuple[str, str, dict[str, str]]]:
    """What holds an entry: code, column and what the sentence shows."""
    return [(problem.code, problem.column, dict(problem.params)) for problem in unproven(case, entry)]


NOT_KNOWN = [("deferral_not_known", "reason", {"line": "1", "document": "F-I1", "account": "21 Dues in advance"})]
STOOD = json.dumps({"1": "2400"})


@pytest.mark.parametrize(
    ("sent", "given", "known"),
    [
        ({}, {}, False),
        ({"accounts": STOOD}, {}, True),
        ({"accounts": json.dumps({"1": "4100"})}, {}, False),
        ({"accounts": json.dumps({"2": "2400"})}, {}, False),
        ({"accounts": STOOD}, {"item": "Membership"}, True),
        ({"state": State.MANUAL}, {}, False),
        ({"state": State.MANUAL}, {"lines": {"I1/1": {"ledger_item": "Advance"}}}, True),
        ({"state": State.MANUAL}, {"lines": {"I1/1": {"ledger_item": "Membership"}}}, False),
        ({}, {"lines": {"I1/1": {"ledger_item": "Advance"}}}, False),
        ({}, {"by": "account"}, True),
    ],
)
def test_an_entry_leaves_once_its_line_is_known_to_stand_where_it_takes_it_from(
    sent: dict[str, Any], given: dict[str, Any], known: bool
) -> None:
    """We booked it so, or a person did and says so on the line itself; the mapping of today is no proof."""
    invoice = document(lines=(DUES,))
    assert held(of(invoice, ENTRY, transfers=(transfer(invoice, **sent),), **given)) == ([] if known else NOT_KNOWN)


def test_an_entry_of_what_has_not_left_or_of_nothing_deferred_is_not_held() -> None:
    invoice = document(lines=(DUES,))
    assert held(of(invoice, ENTRY)) == []
    without_line = document(lines=(replace(DUES, number=2),))
    assert held(of(without_line, ENTRY)) == NOT_KNOWN
    assert held(of(invoice, ENTRY), replace(ENTRY, key="J1")) == []
    assert held(of(ENTRY)) == []
    unnamed = document(number="", lines=(DUES,))
    [(_, _, words)] = held(of(unnamed, ENTRY, transfers=(transfer(unnamed),), maps={ACCOUNT_MAP.name: {}}))
    assert (words["document"], words["account"]) == ("I1", "2400")


def test_what_a_document_leaves_with_says_where_each_line_stands() -> None:
    """By number of line; a line that its item books elsewhere is not in it."""
    rent = line(key="I1/2", number=2, item="RENT", gl_account="4200")
    dinner = line(key="I1/3", number=3, item="COT", gl_account="4100", ledger_item="Membership")
    booked = document(lines=(replace(DUES, ledger_item="Advance"), replace(rent, ledger_item="Rent"), dinner))
    assert json.loads(booked_as(of(booked), booked)) == {"1": "2400", "3": "4100"}
    assert booked_as(of(booked, by="account"), booked) == ""
    assert booked_as(of(booked), replace(booked, lines=(rent,))) == ""
    bill = document(type_=SupplierInvoice, lines=(replace(DUES, ledger_item="Advance"),))
    assert booked_as(of(bill), bill) == ""
    payment = Payment(key="P1", date=DAY, customer="A1", currency="CAD", amount=Decimal(1))
    assert booked_as(of(payment), payment) == ""
    credit = document("C1", type_=CreditNote, lines=(replace(DUES, ledger_item="Advance"),))
    assert json.loads(booked_as(of(credit), credit)) == {"1": "2400"}
    unlisted = document(lines=(replace(DUES, ledger_item="Gone"),))
    assert booked_as(of(unlisted, maps={ACCOUNT_MAP.name: {}}), unlisted) == ""
