"""What the sync rules without asking anybody: statuses, claims, approvals, what leaves in which order, and how.

Each rule on records alone; that the product follows them, and what its rows say, is held by the tests that run it.
"""

from __future__ import annotations

import json
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from addin.journal import Answer, Event, Journal, Question, Questions, State, Topic
from addin.journal.inbound import Proposal
from addin.journal.rows import idempotency_key, payload_of
from addin.options import Options
from addin.sync import accepted as payments_accepted
from addin.sync import claims, linking, plan, postings, refused, twins
from addin.sync.accepted import AcceptedPayment
from addin.sync.approval import content, differences, judge
from addin.sync.case import References, booked_on, invoices_of, ours
from addin.sync.claims import Answered, Claimed, Finding
from addin.sync.deferral import Schedules
from addin.sync.enquiry import examined
from addin.sync.resolve import placed_code, resolve
from addin.sync.sides import sold_to
from addin.sync.statuses import Judge, accept, offered_again
from connectors.ledger import Action, Applied, Capabilities, LedgerCustomer, LedgerLists, Posted, Sought, Standing
from connectors.problems import Problem, problem_of
from connectors.records import (
    Allocation,
    CodeTax,
    CreditNote,
    Customer,
    Direction,
    DocumentTax,
    EntryLine,
    Item,
    JournalEntry,
    Kind,
    LedgerAccount,
    ListEntry,
    Payment,
    Refund,
    ReturnedPayment,
    RevenueSchedule,
    SalesReceipt,
    Side,
    SupplierInvoice,
    SupplierPayment,
    SyncStatus,
    Tax,
    TaxCategory,
    TaxGroup,
    What,
)
from connectors.source import SourceLists
from tests.addin.cases import DAY, TODAY, Company, company, document, line, seen_of, transfer
from workbook.layout import ACCOUNT_MAP, CLASS_MAP, ITEM_MAP, METHOD_MAP, STATUSES, TAX_MAP, TERM_MAP

CLUB = Customer(key="A1", number="1001", name="Club")
LIGUE = Customer(key="A2", number="1002", name="Ligue")
INVOICE = (Kind.INVOICE, "I1")


def paid(key: str = "P1", **shares: str) -> Payment:
    """A payment of the club over invoices."""
    parts = tuple(Allocation(invoice=invoice, amount=Decimal(share)) for invoice, share in shares.items())
    return Payment(key=key, number=f"R-{key}", date=DAY, customer="A1", currency="CAD", amount=Decimal("100.00"),
                   allocations=parts)  # fmt: skip


def credit(key: str = "C1", invoice: str = "I1", **changes: Any) -> CreditNote:
    """A credit note of an invoice."""
    made: CreditNote = document(key, type_=CreditNote, invoice=invoice, **changes)
    return made


def entry(key: str = "J1", **changes: Any) -> JournalEntry:
    """A journal entry of 10.00 whose second line names the club."""
    sides = (EntryLine(account="4100", debit=Decimal(10)), EntryLine(account="1200", credit=Decimal(10), customer="A1"))
    return replace(JournalEntry(key=key, number=f"E-{key}", date=DAY, currency="CAD", lines=sides), **changes)


# statuses


def ruled(moment: Company, *, who: Judge | None = None, findings: Any = None) -> Any:
    """What is accepted of a sheet."""
    case = moment.case()
    transfers = {key: case.transfers[key] for key in case.transfers}
    seen = {key: case.seen[key] for key in case.seen}
    return accept(case.review, seen, transfers, who or Judge(company="c", ledger="beancount", who="anne"),
                  findings or {})  # fmt: skip


def of_one(status: object, was: SyncStatus = SyncStatus.STAND_BY, **given: Any) -> tuple[str, list[str]]:
    """The status that an invoice has after a status was typed, and the codes of what is said of it."""
    who, sent = given.pop("who", None), given.pop("sent", ())
    shown = STATUSES[status.value].en if isinstance(status, SyncStatus) else status
    moment = company(document(), typed={"I1": {"status": shown} | given.pop("cells", {})},
                     seen={"I1": {"status": was} | given.pop("seen", {})}, transfers=sent)  # fmt: skip
    done = ruled(moment, who=who, **given)
    return done.statuses.get(INVOICE, "none"), [problem.code for problem in done.problems]


REVIEWED = Judge(company="c", ledger="beancount", who="anne", reviewed=frozenset({Kind.INVOICE}))
APPROVER = replace(REVIEWED, approver=True)


@pytest.mark.parametrize("status", [SyncStatus.STAND_BY, SyncStatus.TO_TRANSFER, SyncStatus.DO_NOT_SYNC])
def test_a_status_that_a_person_may_set_is_set(status: SyncStatus) -> None:
    assert of_one(status, SyncStatus.TO_TRANSFER) == (status, [])


def test_what_no_person_may_set_stays_as_it_was_and_says_why() -> None:
    """Only a Sync sets an error; a record is reviewed where that is on; who approves does so with the button."""
    error, review, leaves = SyncStatus.ERROR, SyncStatus.IN_REVIEW, SyncStatus.TO_TRANSFER
    assert of_one(error) == (SyncStatus.STAND_BY, ["status_refused"])
    assert of_one(error, error) == (error, [])
    assert of_one(review) == (SyncStatus.STAND_BY, ["status_refused"])
    assert of_one(review, review) == of_one(review, who=REVIEWED) == (review, [])
    for judged, status, expected in (
        (REVIEWED, leaves, (review, ["status_refused"])), (APPROVER, leaves, (review, ["status_refused"])),
        (REVIEWED, SyncStatus.DO_NOT_SYNC, (review, ["status_refused"])),
        (APPROVER, SyncStatus.DO_NOT_SYNC, (SyncStatus.DO_NOT_SYNC, [])),
    ):  # fmt: skip
        assert of_one(status, review, who=judged) == expected
    assert of_one(leaves, review) == (leaves, [])
    assert of_one(leaves, SyncStatus.STAND_BY, who=REVIEWED) == (leaves, [])


@pytest.mark.parametrize(
    ("wanted", "was", "who", "why"),
    [
        (SyncStatus.ERROR, SyncStatus.STAND_BY, None, "only a Sync sets it"),
        (SyncStatus.IN_REVIEW, SyncStatus.STAND_BY, None, "reviewing is switched off for records of this kind"),
        (SyncStatus.TO_TRANSFER, SyncStatus.IN_REVIEW, REVIEWED, "an approver has to press Approve"),
        (SyncStatus.STAND_BY, SyncStatus.IN_REVIEW, REVIEWED, "only an approver moves it out of review"),
    ],
)
def test_a_refusal_says_what_was_asked_what_stays_why_and_where(
    wanted: SyncStatus, was: SyncStatus, who: Judge | None, why: str
) -> None:
    moment = company(document(), typed={"I1": {"status": STATUSES[wanted.value].en}}, seen={"I1": {"status": was}})
    [problem] = ruled(moment, who=who).problems
    assert problem.params == {"asked": wanted, "why": why, "kept": was, "reference": ""}
    assert_of_the_row(problem)


def assert_of_the_row(problem: Problem, column: str = "status") -> None:
    """That a problem is of the invoice, and names its cell."""
    assert (problem.kind, problem.key, problem.number, problem.column) == (Kind.INVOICE, "I1", "F-I1", column)
    assert problem.place is None or (problem.place.sheet, problem.place.cell[-1]) == ("Invoices", "5")


@pytest.mark.parametrize(
    ("typed", "code", "value"),
    [("Soon", "status_unknown", "Soon"), (None, "status_missing", ""), ("", "status_missing", "")],
)
def test_a_status_that_is_none_is_told_and_nothing_of_it_leaves(typed: str | None, code: str, value: str) -> None:
    moment = company(document(), typed={"I1": {"status": typed}})
    done = ruled(moment)
    [problem] = done.problems
    assert (problem.code, problem.params, problem.place is not None, done.statuses) == (
        code,
        {"value": value},
        True,
        {},
    )
    assert problem.place == moment.case().review.rows[INVOICE].place("status")
    assert_of_the_row(problem)


def test_two_statuses_on_the_rows_of_one_entry_are_told() -> None:
    moment = company(entry())
    case = moment.case()
    rows = case.review.rows[Kind.JOURNAL_ENTRY, "J1"].rows
    assert len(rows) == 2
    assert ruled(moment).statuses == {(Kind.JOURNAL_ENTRY, "J1"): SyncStatus.TO_TRANSFER}
    rows[1].values["status"] = STATUSES["stand_by"].en  # type: ignore[index]
    done = accept(case.review, {k: case.seen[k] for k in case.seen}, {}, REVIEWED, {})
    assert [(p.code, p.key, p.column, p.place is not None) for p in done.problems] == [
        ("statuses_differ", "J1", "status", True)
    ]
    assert done.statuses == {}


def test_completed_without_a_reference_stands_by() -> None:
    """A person who says that it is done does not ask for it to be sent."""
    moment = company(document(), typed={"I1": {"status": STATUSES["completed"].fr}})
    done = ruled(moment)
    [problem] = done.problems
    assert (problem.code, done.statuses) == ("completed_without_reference", {INVOICE: SyncStatus.STAND_BY})
    assert problem.place is not None
    assert_of_the_row(problem)


def test_a_row_of_nothing_that_we_know_is_told_and_one_that_cannot_be_trusted_is_left() -> None:
    moment = company(document(), CLUB, unsound=frozenset({"I1"}))
    case = moment.case()
    done = accept(case.review, {INVOICE: case.seen[INVOICE]}, {}, REVIEWED, {})
    assert done.statuses == {}
    assert [(p.code, p.params, p.place.sheet if p.place else "") for p in done.problems] == [
        ("row_unknown", {"table": "tblAccounts"}, "Accounts")
    ]
    for gone in ("reference", "status"):
        case = company(document()).case()
        del case.review.rows[INVOICE].grid.letters[gone]  # type: ignore[attr-defined]
        assert accept(case.review, {INVOICE: case.seen[INVOICE]}, {}, REVIEWED, {}).statuses == {}


THERE = Standing(ledger_id="17", number="77", total=Decimal("100.00"), customer="L-A1", url="https://x/17")


def test_a_reference_that_was_proved_completes_its_record_as_the_ledger_has_it() -> None:
    """Membri 365, "Manually transfer a customer account, an invoice or a payment"."""
    moment = company(document(), seen={"I1": {"digest": "d"}})
    found = {INVOICE: Finding(standing=THERE)}
    done = ruled(moment, findings=found)
    [made] = done.by_hand
    assert done.statuses == {INVOICE: SyncStatus.COMPLETED}
    assert done.problems == []
    assert (made.kind, made.record, made.number, made.generation, made.action, made.state, made.digest) == (
        Kind.INVOICE, "I1", "F-I1", 0, "link", State.MANUAL, "d",
    )  # fmt: skip
    assert made.key == idempotency_key("c", "beancount", Kind.INVOICE, "I1", 0)
    assert (made.ledger_id, made.ledger_number, made.total, made.customer, made.url) == (
        "17", "77", Decimal("100.00"), "L-A1", "https://x/17",
    )  # fmt: skip
    waits = Finding(problem=problem_of(document(), "reference_waits", reference="77"))
    before = company(document(), transfers=(made,))
    assert ruled(before, findings=found).by_hand == []
    told = replace(made, told_source=True)
    renumbered = {INVOICE: Finding(standing=replace(THERE, number="78"))}
    [again] = ruled(company(document(), transfers=(told,)), findings=renumbered).by_hand
    assert again == replace(made, ledger_number="78", told_source=False)
    posted = transfer(document(), ledger_id="17")
    assert ruled(company(document(), transfers=(posted,)), findings=found).by_hand == []
    [other] = ruled(company(document(), transfers=(replace(posted, ledger_id="18"),)), findings=found).by_hand
    assert (other.generation, other.ledger_id) == (1, "17")
    [after] = ruled(company(document(), transfers=(transfer(document(), State.REJECTED),)), findings=found).by_hand
    assert after.generation == 0
    assert ruled(moment, findings={INVOICE: waits}).by_hand == []


def test_a_reference_typed_in_review_completes_nothing_but_for_an_approver() -> None:
    review = SyncStatus.IN_REVIEW
    found = {INVOICE: Finding(standing=THERE)}
    assert of_one(review, review, who=REVIEWED, findings=found) == (review, ["status_refused"])
    assert of_one(review, review, who=APPROVER, findings=found) == (SyncStatus.COMPLETED, [])
    assert of_one(review, review, findings=found) == (SyncStatus.COMPLETED, [])
    moment = company(document(), seen={"I1": {"status": review}})
    [problem] = ruled(moment, who=REVIEWED, findings=found).problems
    why = "only an approver moves it out of review"
    assert problem.params == {"asked": "completed", "why": why, "kept": "in_review", "reference": ""}


@pytest.mark.parametrize(
    ("code", "typed", "was", "becomes"),
    [
        ("reference_not_in_ledger", "to_transfer", SyncStatus.TO_TRANSFER, SyncStatus.ERROR),
        ("reference_not_in_ledger", "completed", SyncStatus.COMPLETED, SyncStatus.ERROR),
        ("reference_not_in_ledger", "stand_by", SyncStatus.TO_TRANSFER, SyncStatus.STAND_BY),
        ("reference_not_in_ledger", "do_not_sync", SyncStatus.TO_TRANSFER, SyncStatus.DO_NOT_SYNC),
        ("reference_not_in_ledger", "to_transfer", SyncStatus.IN_REVIEW, SyncStatus.IN_REVIEW),
        ("reference_waits", "to_transfer", SyncStatus.TO_TRANSFER, SyncStatus.TO_TRANSFER),
        ("reference_waits", "completed", SyncStatus.COMPLETED, SyncStatus.STAND_BY),
        ("reference_waits", "completed", SyncStatus.ERROR, SyncStatus.ERROR),
    ],
)
def test_a_reference_that_is_not_believed_completes_nothing(
    code: str, typed: str, was: SyncStatus, becomes: SyncStatus
) -> None:
    """It is an error where something would leave, and waits where the ledger could not be asked."""
    found = {INVOICE: Finding(problem=problem_of(document(), code, reference="X"))}
    assert of_one(STATUSES[typed].en, was, findings=found) == (becomes, [code])
    booked = {"sent": (transfer(document()),)}
    if (code, was) == ("reference_waits", SyncStatus.COMPLETED):
        assert of_one(STATUSES[typed].en, was, findings=found, **booked)[0] == SyncStatus.COMPLETED


def test_a_cleared_reference_takes_the_link_away() -> None:
    """trust.md, section 2; nothing of it leaves by that."""
    linked = transfer(document(), State.MANUAL, ledger_number="77", told_source=True)
    for typed, becomes, codes in (
        ("completed", SyncStatus.STAND_BY, ["link_taken_away"]), (None, SyncStatus.STAND_BY, ["link_taken_away"]),
        ("to_transfer", SyncStatus.TO_TRANSFER, []), ("error", SyncStatus.STAND_BY, ["status_refused"]),
    ):  # fmt: skip
        shown = STATUSES[typed].en if typed in STATUSES else typed
        moment = company(document(), transfers=(linked,), typed={"I1": {"status": shown}})
        done = ruled(moment)
        assert [problem.code for problem in done.problems] == codes
        assert done.statuses.get(INVOICE, SyncStatus.STAND_BY) == becomes
        [gone] = done.by_hand
        assert gone.problem is not None
        assert (gone.state, gone.told_source, gone.problem.params) == (State.ABSENT, False, {"reference": "77"})
        assert_of_the_row(gone.problem, "reference")
    without = replace(linked, ledger_number="")
    [gone] = ruled(company(document(), transfers=(without,))).by_hand
    assert gone.problem is not None
    assert gone.problem.params == {"reference": "L-I1"}
    kept = company(document(), transfers=(linked,), typed={"I1": {"reference": "77"}})
    assert ruled(kept).by_hand == []


def test_what_the_ledger_has_stays_completed_and_a_status_typed_over_it_is_refused() -> None:
    done, leaves = SyncStatus.COMPLETED, SyncStatus.TO_TRANSFER
    posted = transfer(document(), told_sheet=True, ledger_number="77")
    assert of_one(leaves, done, sent=(posted,)) == (done, ["status_refused"])
    assert of_one(done, done, sent=(posted,)) == of_one(None, done, sent=(posted,)) == (done, [])
    assert of_one(leaves, done, sent=(replace(posted, told_sheet=False),)) == (done, [])
    assert of_one(leaves, leaves, sent=(posted,)) == (done, [])
    linked = replace(posted, state=State.MANUAL, told_sheet=False)
    assert of_one(leaves, done, sent=(linked,), cells={"reference": "77"}) == (done, ["status_refused"])
    for number, shown in (("77", "77"), ("", "L-I1")):
        moment = company(document(), transfers=(replace(posted, ledger_number=number),), seen={"I1": {"status": done}})
        [problem] = ruled(moment).problems
        assert problem.params == {
            "asked": leaves, "why": "the ledger has it as {reference}", "kept": done, "reference": shown,
        }  # fmt: skip


def test_an_account_that_changed_since_goes_again_unless_a_person_says_otherwise() -> None:
    """Membri 365, "Update customer accounts"."""

    def of(status: object, digest: str = "before", record: Any = CLUB) -> Any:
        sent = transfer(record, digest=digest, told_sheet=True)
        moment = company(record, transfers=(sent,), typed={record.key: {"status": status}},
                         seen={record.key: {"status": SyncStatus.COMPLETED}})  # fmt: skip
        return ruled(moment).statuses.get((record.kind, record.key))

    assert of(None) == of(STATUSES["to_transfer"].en) == SyncStatus.TO_TRANSFER
    assert of(STATUSES["completed"].en) == SyncStatus.COMPLETED
    assert of(STATUSES["do_not_sync"].en) == SyncStatus.DO_NOT_SYNC
    same = transfer(CLUB).digest
    assert of(None, same) == of(STATUSES["do_not_sync"].en, same) == SyncStatus.COMPLETED
    assert of(None, record=document()) == SyncStatus.COMPLETED


def test_what_is_being_undone_is_gone_or_was_undone_waits() -> None:
    done, by, error = SyncStatus.COMPLETED, SyncStatus.STAND_BY, SyncStatus.ERROR
    leaves = SyncStatus.TO_TRANSFER
    assert of_one(leaves, done, sent=(transfer(document(), State.UNDOING),)) == (done, [])
    gone = (transfer(document(), State.GONE),)
    assert of_one(leaves, done, sent=gone) == of_one(None, done, sent=gone) == (error, [])
    for status in (by, SyncStatus.DO_NOT_SYNC):
        assert of_one(status, done, sent=gone) == (status, [])
    undone = (transfer(document(), State.UNDONE),)
    assert of_one(leaves, by, sent=undone) == (leaves, [])
    old: dict[str, Any] = {"sent": undone, "cells": {"reference": "L-I1"}}
    assert of_one(leaves, done, **old) == of_one(leaves, error, **old) == of_one(leaves, by, **old) == (by, [])
    assert of_one(leaves, SyncStatus.DO_NOT_SYNC, **old) == (SyncStatus.DO_NOT_SYNC, [])
    assert of_one(error, error, sent=undone) == (by, ["status_refused"])


def test_documents_that_were_refused_are_offered_again_once_their_account_is_linked_to_another() -> None:
    link = transfer(CLUB, State.MANUAL, ledger_id="9")
    refusal = transfer(document(), State.REJECTED, customer="8")

    def of(linked: Any, sent: Any, status: SyncStatus = SyncStatus.ERROR) -> Any:
        case = company(CLUB, document(), transfers=(sent,)).case()
        return offered_again([linked], case.awake, case.seen, case.transfers, {INVOICE: status})

    assert of(link, refusal) == {INVOICE: SyncStatus.TO_TRANSFER}
    assert of(link, replace(refusal, customer="9")) == of(link, replace(refusal, state=State.ABSENT)) == {}
    assert of(replace(link, state=State.POSTED), refusal) == of(replace(link, record="A2"), refusal) == {}
    assert of(replace(link, kind=Kind.PAYMENT), refusal) == of(link, refusal, SyncStatus.STAND_BY) == {}


# claims


def claim_of(moment: Company) -> Any:
    """What the sheet claims."""
    case = moment.case()
    return claims.claims(case.review, case.seen, case.transfers)


def test_a_typed_reference_is_a_claim_where_it_says_something_new() -> None:
    def of(reference: str | None, *sent: Any, **given: Any) -> Any:
        return claim_of(company(document(), typed={"I1": {"reference": reference}}, transfers=sent, **given))

    assert of("77")[INVOICE].reference == "77"
    assert of(None) == of(" ") == of("77", unsound=frozenset({"I1"})) == {}
    posted = transfer(document(), ledger_number="77")
    assert of("77", posted) == of("L-I1", posted) == {}
    assert of("78", posted)[INVOICE].transfer == posted
    undone = replace(posted, state=State.UNDONE)
    assert of("77", undone) == {}
    assert of("78", undone)[INVOICE].transfer is None
    assert of("78", replace(posted, state=State.UNDOING)) == {}
    unproven = replace(posted, state=State.MANUAL)
    assert of("77", unproven)[INVOICE].reference == "77"
    for proof in ({"total": Decimal(1)}, {"customer": "c"}, {"url": "u"}):
        assert of("77", replace(unproven, **proof)) == {}
    linked = company(CLUB, typed={"A1": {"reference": "L-A1"}}, transfers=(transfer(CLUB, State.MANUAL),))
    assert claim_of(linked) == {}
    for gone in ("reference", "status"):
        case = company(document(), typed={"I1": {"reference": "77"}}).case()
        del case.review.rows[INVOICE].grid.letters[gone]  # type: ignore[attr-defined]
        assert claims.claims(case.review, case.seen, case.transfers) == {}
        assert claims.claims(case.review, {}, case.transfers) == {}


CUSTOMERS = (
    LedgerCustomer(reference="L-A1", name="Club", number="1001"), LedgerCustomer(reference="L-A2", name="Ligue"),
    LedgerCustomer(reference="Assets:Receivable:M3", name="Ligue"), LedgerCustomer(reference="9", name="Autre chose"),
)  # fmt: skip


def found_of(
    record: Any,
    reference: str,
    *others: Any,
    cells: Any = None,
    sent: Any = (),
    directory: Any = CUSTOMERS,
    **given: Any,
) -> Finding:
    """What comes of a claim."""
    moment = company(record, *others, typed={record.key: {"reference": reference} | (cells or {})}, transfers=sent)
    case = moment.case()
    answered, customers = given.pop("answered", Answered()), given.pop("customers", {"A1": "L-A1"})
    claimed = Claimed(
        claims=claims.claims(case.review, case.seen, case.transfers), records=case.records, transfers=case.transfers,
        **{"questions": Questions(), "home": "CAD", "limit": Decimal("0.05"),
           "directory": None if directory is None else linking.Directory(directory)} | given,
    )  # fmt: skip
    key = record.kind, record.key
    if record.kind is Kind.CUSTOMER:
        return claimed.accounts()[key]
    return claimed.documents(answered, customers)[key]


def test_without_a_ledger_accounts_are_found_in_its_list_and_documents_wait() -> None:
    """An account whose reference is not believed is linked to nobody, whether it was before or not."""
    moment = company(CLUB, LIGUE, document(), typed={
        "A1": {"reference": "nobody"}, "A2": {"reference": "L-A2"}, "I1": {"reference": "77"},
    })  # fmt: skip
    case = moment.case()
    claimed = Claimed(
        claims=claims.claims(case.review, case.seen, case.transfers), records=case.records, transfers=case.transfers,
        questions=Questions(), home="CAD", limit=Decimal("0.05"), directory=linking.Directory(CUSTOMERS),
    )  # fmt: skip
    for linked in ({}, {"A1": "L-A1"}):
        found = examined(claimed, linked, None)
        assert found[Kind.CUSTOMER, "A1"].problem is not None
        assert found[Kind.CUSTOMER, "A2"].standing == Standing(ledger_id="L-A2", number="L-A2")
        assert found.keys() == claimed.claims.keys()
        assert found[INVOICE].standing is None
        asked: list[Any] = []
        books: Any = SimpleNamespace(search=lambda _, mine, asked=asked: asked.append(mine) or UNDER_77)
        problem = examined(claimed, linked, books)[INVOICE].problem
        assert problem is not None
        assert (problem.code, asked[0][INVOICE].customer) == ("reference_waits_for_account", "")


UNDER_77 = Answered(under={INVOICE: (Standing(ledger_id="77", number="77", total=Decimal("100.00"), kind=Kind.INVOICE,
                                           date=DAY, customer="L-A1"),)})  # fmt: skip
"""What a ledger has under a reference that was typed."""


def said(finding: Finding) -> tuple[str, dict[str, str]]:
    """The code and figures of a finding that is not believed."""
    assert finding.problem is not None
    assert finding.standing is None
    assert finding.problem.column == "reference"
    return finding.problem.code, dict(finding.problem.params)


def test_an_account_is_named_by_what_people_know_of_a_customer() -> None:
    for typed in ("L-A1", "1001", "CLUB", "https://x/app?id=L-A1", "L-A1 · Club"):
        assert found_of(CLUB, typed) == Finding(standing=Standing(ledger_id="L-A1", number="L-A1")), typed
    assert said(found_of(CLUB, "ligue")) == (
        "reference_ambiguous", {"reference": "ligue", "candidates": "L-A2 · Ligue; Assets:Receivable:M3 · Ligue"}
    )  # fmt: skip
    assert said(found_of(CLUB, "X", directory=None)) == ("reference_waits", {"reference": "X"})
    assert said(found_of(CLUB, "X")) == ("reference_incorrect", {"reference": "X", "right": "L-A1 · Club"})
    assert said(found_of(replace(CLUB, name="Inconnu", number=""), "X")) == (
        "account_unknown_in_ledger", {"reference": "X"}
    )  # fmt: skip


def test_a_customer_that_looks_like_anothers_is_asked_about() -> None:
    names = {"reference": "9", "customer": "9 · Autre chose", "name": "Club"}
    asked = Question(kind=Kind.CUSTOMER, record="A1", topic=Topic.LINK, about="9")
    finding = found_of(CLUB, "9")
    assert (said(finding), finding.question) == (("account_name_differs", names), asked)
    yes = Questions.of([replace(asked, answer=Answer.YES)])
    assert found_of(CLUB, "9", questions=yes).standing == Standing(ledger_id="9", number="9")
    finding = found_of(CLUB, "9", cells={"suggested": "L-A1 · Club"})
    assert (said(finding), finding.question) == (("account_not_suggested", names | {"suggested": "L-A1 · Club"}), asked)
    assert found_of(CLUB, "9", cells={"suggested": "9 · Autre chose"}).problem is None
    finding = found_of(CLUB, "9", sent=(transfer(CLUB),))
    assert (said(finding), finding.question) == (("account_link_moves", names | {"was": "L-A1 · Club"}), asked)
    assert found_of(CLUB, "L-A1", sent=(transfer(CLUB, ledger_id="8"),)).problem is not None
    assert said(found_of(CLUB, "9", sent=(transfer(CLUB, State.MANUAL),)))[0] == "account_name_differs"
    assert found_of(CLUB, "1001", sent=(transfer(CLUB),)).problem is None


def under(*standing: Standing, key: Any = INVOICE, **given: Any) -> dict[str, Any]:
    """A ledger that has these under what was typed."""
    return {"answered": Answered(under={key: standing}, **given)}


BOOKED = replace(THERE, kind=Kind.INVOICE, date=DAY)
SHOWN = "77 · 2026-01-05 · 100.00 CAD · L-A1 · Club"


def test_a_document_is_the_one_that_bears_the_reference_and_is_like_it() -> None:
    assert found_of(document(), "77", CLUB, **under(BOOKED)) == Finding(standing=BOOKED)
    cent = replace(BOOKED, total=Decimal("100.05"))
    assert found_of(document(), "77", CLUB, **under(cent)) == Finding(standing=cent)
    for untold in (replace(BOOKED, kind=None), replace(BOOKED, customer=""), replace(BOOKED, total=None)):
        assert found_of(document(), "77", CLUB, **under(untold)) == Finding(standing=untold)


@pytest.mark.parametrize(
    ("there", "code", "figures"),
    [
        (replace(BOOKED, void=True), "reference_void", {}),
        (replace(BOOKED, kind=Kind.PAYMENT), "reference_of_other_kind", {"kind": "invoice"}),
        (replace(BOOKED, customer="9"), "reference_of_other_customer",
         {"customer": "L-A1 · Club", "there": "77 · 2026-01-05 · 100.00 CAD · 9 · Autre chose"}),
        (replace(BOOKED, total=Decimal("100.06")), "reference_of_other_amount",
         {"total": "100.00", "ledger_total": "100.06", "there": "77 · 2026-01-05 · 100.06 CAD · L-A1 · Club"}),
        (replace(BOOKED, currency="USD"), "reference_of_other_amount",
         {"total": "100.00", "ledger_total": "100.00", "there": "77 · 2026-01-05 · 100.00 USD · L-A1 · Club"}),
    ],
)  # fmt: skip
def test_one_of_another_customer_amount_or_kind_is_refused_with_both(
    there: Standing, code: str, figures: dict[str, str]
) -> None:
    assert said(found_of(document(), "77", CLUB, **under(there))) == (
        code, {"reference": "77", "there": SHOWN} | figures
    )  # fmt: skip


def test_a_reference_that_is_another_records_or_replaces_ours_is_refused() -> None:
    other = document("I2")
    taken = found_of(document(), "77", CLUB, other, **under(BOOKED, owners={"17": (Kind.INVOICE, "I2")}))
    assert said(taken) == ("reference_taken", {"reference": "77", "there": SHOWN, "kind": "invoice", "number": "F-I2"})
    unnamed = found_of(document(), "77", CLUB, **under(BOOKED, owners={"17": (Kind.PAYMENT, "P9")}))
    assert said(unnamed)[1] | {"there": ""} == {"reference": "77", "there": "", "kind": "payment", "number": "P9"}
    own = found_of(document(), "77", CLUB, **under(BOOKED, owners={"17": INVOICE}))
    assert own.problem is None
    ours_ = found_of(document(), "77", CLUB, sent=(transfer(document(), ledger_number="70"),))
    assert said(ours_) == ("reference_replaces_ours", {"reference": "77", "booked": "70"})


def test_what_cannot_be_asked_waits_or_is_for_a_person_to_say() -> None:
    assert said(found_of(document(), "77", answered=None)) == ("reference_waits", {"reference": "77"})
    assert said(found_of(document(), "77", CLUB, customers={})) == (
        "reference_waits_for_account", {"reference": "77", "account": "Club"}
    )  # fmt: skip
    assert said(found_of(document(customer="A9"), "77"))[1]["account"] == "A9"
    finding = found_of(document(), "77", searches=False)
    asked = Question(kind=Kind.INVOICE, record="I1", topic=Topic.LINK, about="77")
    assert (said(finding), finding.question) == (("reference_unproven", {"reference": "77"}), asked)
    yes = Questions.of([replace(asked, answer=Answer.YES)])
    assert found_of(document(), "77", searches=False, questions=yes).standing == Standing(ledger_id="77", number="77")


def test_where_nothing_bears_the_reference_the_one_like_the_record_is_named() -> None:
    def alike(*standing: Standing) -> Any:
        answered = Answered(alike={INVOICE: [(each, twins.Likeness.CONTENT) for each in standing]})
        return said(found_of(document(), "X", CLUB, answered=answered))

    assert alike() == ("reference_not_in_ledger", {"reference": "X"})
    assert alike(BOOKED) == ("reference_incorrect", {"reference": "X", "right": SHOWN})
    assert alike(BOOKED, replace(BOOKED, void=True))[0] == "reference_incorrect"
    assert alike(BOOKED, replace(BOOKED, ledger_id="18"))[0] == "reference_not_in_ledger"


def test_of_several_that_bear_it_the_one_most_like_the_record_is_meant() -> None:
    def of(*standing: Standing, typed: str = "77", record: Any = None) -> Finding:
        record = record or document()
        return found_of(record, typed, CLUB, **under(*standing, key=(record.kind, record.key)))

    second = replace(BOOKED, ledger_id="18")
    for lesser in (
        replace(second, void=True), replace(second, kind=Kind.CREDIT_NOTE), replace(second, customer="9"),
        replace(second, total=Decimal(1)), replace(second, date=TODAY),
    ):  # fmt: skip
        assert of(lesser, BOOKED).standing == of(BOOKED, lesser).standing == BOOKED
    code, figures = said(of(BOOKED, second))
    assert (code, figures) == ("reference_ambiguous", {"reference": "77", "candidates": f"{SHOWN}; {SHOWN}"})
    assert of(BOOKED, replace(second, number="17"), typed="17").standing == BOOKED
    many = said(of(*(replace(BOOKED, ledger_id=str(n)) for n in range(20, 26))))[1]["candidates"]
    assert many == "; ".join([SHOWN] * 5 + ["…"])
    five = said(of(*(replace(BOOKED, ledger_id=str(n)) for n in range(20, 25))))[1]["candidates"]
    assert five == "; ".join([SHOWN] * 5)


def test_one_reference_on_two_rows_holds_both_documents() -> None:
    records = (document(), document("I2"))
    moment = company(CLUB, *records, typed={each.key: {"reference": "77"} for each in records})
    case = moment.case()
    claimed = Claimed(
        claims=claims.claims(case.review, case.seen, case.transfers), records=case.records, transfers=case.transfers,
        questions=Questions(), home="CAD", limit=Decimal(0), directory=linking.Directory(CUSTOMERS),
    )  # fmt: skip
    keys = [(Kind.INVOICE, "I1"), (Kind.INVOICE, "I2")]
    found = claimed.documents(Answered(under=dict.fromkeys(keys, (BOOKED,))), {"A1": "L-A1"})
    taken = {"reference": "77", "kind": "invoice", "there": SHOWN}
    assert [said(found[key]) for key in keys] == [
        ("reference_taken", taken | {"number": "F-I2"}), ("reference_taken", taken | {"number": "F-I1"}),
    ]  # fmt: skip
    assert [*claimed.sought()] == [
        (key, Sought(name=f"claim {n}", kind=Kind.INVOICE, reference="77")) for n, key in enumerate(keys)
    ]


def test_nothing_is_asked_of_accounts_nor_of_what_we_booked() -> None:
    posted = transfer(document(), ledger_number="70")
    case = company(
        CLUB, document(), typed={key: {"reference": "X"} for key in ("A1", "I1")}, transfers=(posted,)
    ).case()
    claimed = Claimed(
        claims=claims.claims(case.review, case.seen, case.transfers), records=case.records, transfers=case.transfers,
        questions=Questions(), home="CAD", limit=Decimal(0), directory=None,
    )  # fmt: skip
    assert len(claimed.claims) == 2
    assert [*claimed.sought()] == []
    assert [*claimed.accounts()] == [(Kind.CUSTOMER, "A1")]
    assert [*claimed.documents(None, {})] == [INVOICE]


def test_a_finding_stands_at_the_cell_in_which_the_reference_was_typed() -> None:
    case = company(entry()).case()
    typed = case.review.rows[Kind.JOURNAL_ENTRY, "J1"]
    typed.rows[1].values["reference"] = "77"  # type: ignore[index]
    [claim] = claims.claims(case.review, case.seen, case.transfers).values()
    finding = Finding(problem=problem_of(entry(), "reference_waits", reference="77"))
    placed = claims.with_place(finding, claim).problem
    assert placed is not None
    assert placed.place == typed.grid.place(typed.rows[1], "reference")
    other = claims.with_place(finding, replace(claim, reference="0")).problem
    assert other is not None
    assert other.place == typed.grid.place(typed.rows[0], "reference")
    assert claims.with_place(Finding(standing=THERE), claim) == Finding(standing=THERE)
    assert claims.typed_reference(typed, ()) == "77"
    typed.rows[0].values["reference"] = "70"  # type: ignore[index]
    assert claims.typed_reference(typed, {"70"}) == "77"
    assert claims.typed_reference(typed, {"70", "77"}) == "70"


# which customer is meant


def test_a_customer_is_found_by_all_that_a_person_may_type() -> None:
    directory = linking.Directory(CUSTOMERS)

    def named(typed: str) -> list[str]:
        return [customer.reference for customer in directory.named(typed)]

    for typed in ("m3", "assets:receivable:m3", "https://x/books/#/vendors/M3/", "https://x/?a=1&id=M3", "x=M3#y?z=9"):
        assert "Assets:Receivable:M3" in named(typed) or typed == "x=M3#y?z=9", typed
    assert named("https://x/#/detail?id=9") == named("https://x/9") == named("https://x/a/9/") == ["9"]
    assert named("") == named("http://[::1") == named("zz") == []
    assert ("9" in directory, "x" in directory, directory["9"].name) == (True, False, "Autre chose")
    assert (directory.name("9"), directory.name("x")) == ("9 · Autre chose", "x")
    assert directory.suggested("L-A1 · Club") == CUSTOMERS[0]
    assert directory.suggested("Club") is None


def test_the_right_one_is_named_where_more_than_a_name_like_it_says_so() -> None:
    """A number in common is 70 per cent; words in common that come to less are not worth naming."""
    directory = linking.Directory(CUSTOMERS)
    assert directory.right(Customer(key="A", name="Z", number="1001")) == CUSTOMERS[0]
    assert directory.right(Customer(key="A", name="Autre chose encore")) is None
    assert directory.right(Customer(key="A", name="Z")) is None


def test_candidates_are_listed_five_at_most() -> None:
    six = [LedgerCustomer(reference=str(n), name="") for n in range(6)]
    assert linking.candidates(six[:5]) == "0; 1; 2; 3; 4"
    assert linking.candidates(six) == "0; 1; 2; 3; 4; …"


def test_an_account_resembles_a_customer_that_has_anything_in_common_or_is_not_in_use() -> None:
    assert linking.resembles(CLUB, CUSTOMERS[0])
    assert not linking.resembles(CLUB, CUSTOMERS[3])
    assert linking.resembles(CLUB, replace(CUSTOMERS[3], active=False))


# what in the books may be ours

MINE = twins.Features(kind=Kind.INVOICE, number="F-1", customer="7", total=Decimal("100.00"), day=DAY, currency="CAD")
THEIRS = Standing(ledger_id="17", number="F-1", total=Decimal("100.00"), customer="7", kind=Kind.INVOICE, date=DAY)


def like(mine: dict[str, Any], theirs: dict[str, Any]) -> str:
    """Why a document of the ledger may be a record, or nothing."""
    return twins.likeness(replace(MINE, **mine), replace(THEIRS, **theirs), "CAD") or ""


@pytest.mark.parametrize(
    ("mine", "theirs", "why"),
    [
        ({}, {}, "number"),
        ({}, {"number": " f-1 ", "total": Decimal(1), "customer": "8", "date": None}, "number"),
        ({}, {"void": True}, ""),
        ({}, {"kind": Kind.CREDIT_NOTE}, ""),
        ({}, {"kind": None, "currency": "CAD"}, "number"),
        ({}, {"currency": "USD"}, ""),
        ({"currency": "USD"}, {"currency": "USD"}, "number"),
        ({"currency": "USD"}, {}, ""),
        ({}, {"number": "F-2"}, "content"),
        ({"number": ""}, {"number": ""}, "content"),
        ({}, {"number": "F-2", "total": Decimal("100.05")}, "content"),
        ({}, {"number": "F-2", "total": Decimal("99.94")}, ""),
        ({}, {"number": "F-2", "date": date(2026, 1, 15)}, "content"),
        ({}, {"number": "F-2", "date": date(2025, 12, 25)}, ""),
        ({}, {"number": "F-2", "total": None}, ""),
        ({}, {"number": "F-2", "date": None}, ""),
        ({}, {"number": "F-2", "customer": "8"}, ""),
        ({"customer": ""}, {"number": "F-2", "customer": ""}, ""),
        ({"kind": Kind.SUPPLIER_INVOICE}, {"kind": None, "total": Decimal(1)}, "number"),
        ({"kind": Kind.SUPPLIER_INVOICE}, {"kind": None, "customer": "8"}, ""),
        ({"kind": Kind.SUPPLIER_INVOICE, "customer": ""}, {"kind": None}, "number"),
        ({"kind": Kind.SUPPLIER_INVOICE, "customer": ""}, {"kind": None, "total": Decimal(1)}, ""),
        ({"kind": Kind.PAYMENT}, {"kind": None}, "number"),
        ({"kind": Kind.PAYMENT}, {"kind": None, "total": Decimal(1)}, ""),
        ({"kind": Kind.PAYMENT, "method": "CHQ"}, {"kind": None, "number": "F-2", "method": "CARD"}, ""),
        ({"kind": Kind.PAYMENT, "method": "CHQ"}, {"kind": None, "number": "F-2", "method": "chq"}, "content"),
        ({"kind": Kind.PAYMENT, "method": "CHQ"}, {"kind": None, "number": "", "method": "CARD"}, "content"),
        ({"kind": Kind.PAYMENT}, {"kind": None, "number": "F-2", "method": "CARD"}, "content"),
        ({"method": "CHQ"}, {"number": "F-2", "method": "CARD"}, "content"),
        ({"kind": Kind.JOURNAL_ENTRY, "customer": ""}, {"kind": None, "number": ""}, "content"),
        ({"kind": Kind.JOURNAL_ENTRY, "customer": ""}, {"kind": None, "number": "F-2"}, ""),
        ({"kind": Kind.JOURNAL_ENTRY, "customer": ""}, {"kind": None, "number": "", "date": date(2026, 1, 6)}, ""),
    ],
)
def test_what_is_like_a_record_and_why(mine: dict[str, Any], theirs: dict[str, Any], why: str) -> None:
    """trust.md, section 5: by number, or by customer, amount (five cents) and day (ten, an entry none)."""
    assert like(mine, theirs) == why


def test_what_a_record_is_compared_by_and_what_is_asked_for() -> None:
    receipt = document(type_=SalesReceipt, ledger_method="CHQ")
    assert twins.features(receipt, "7") == twins.Features(
        kind=Kind.SALES_RECEIPT, number="F-I1", customer="7", total=Decimal("100.00"), day=DAY, currency="CAD",
        method="CHQ",
    )  # fmt: skip
    assert twins.features(document(), "").method == ""
    first, last = date(2025, 12, 26), date(2026, 1, 15)
    by_customer = Sought(name="n", kind=Kind.INVOICE, number="F-1", customer="7", first=first, last=last)
    assert twins.sought("n", MINE) == by_customer
    assert twins.sought("n", replace(MINE, customer="")) == Sought(name="n", kind=Kind.INVOICE, number="F-1")
    assert twins.sought("n", replace(MINE, number="")) == replace(by_customer, number="")
    assert twins.sought("n", replace(MINE, number="", customer="")) is None
    for customer in ("", "7"):
        one = replace(MINE, kind=Kind.JOURNAL_ENTRY, customer=customer, number="")
        assert twins.sought("n", one) == Sought(
            name="n", kind=Kind.JOURNAL_ENTRY, total=Decimal("100.00"), first=DAY, last=DAY
        )


def test_two_records_of_the_source_that_may_be_one() -> None:
    first = paid(I1="100.00")
    assert twins.identity(first) == twins.identity(replace(first, key="P2", number="r-p1", method="x", allocations=()))
    bare = replace(first, number="")
    assert twins.identity(bare) == twins.identity(replace(bare, key="P2"))
    for other in ({"method": "x"}, {"allocations": ()}, {"customer": "A2"}, {"date": TODAY}, {"amount": Decimal(1)}):
        assert twins.identity(bare) != twins.identity(replace(bare, **other)), other
    one = entry()
    assert twins.identity(one) == twins.identity(replace(one, key="J2", number="e-j1"))
    for other in ({"lines": one.lines[:1]}, {"date": TODAY}, {"invoice": "I1"}, {"number": "x"},
                  {"lines": (one.lines[0], replace(one.lines[1], customer=""))}):  # fmt: skip
        assert twins.identity(one) != twins.identity(replace(one, **other)), other
    assert twins.identity(document()) is None
    unnamed = document(number="")
    assert twins.identity(unnamed) == twins.identity(document("I2", number=""))
    for other in ({"customer": "A2"}, {"date": TODAY}, {"total": Decimal(1)}, {"lines": (line("1.00"),)},
                  {"lines": (line("100.00", description="x"),)}):  # fmt: skip
        assert twins.identity(unnamed) != twins.identity(replace(unnamed, **other)), other
    assert twins.identity(unnamed) != twins.identity(document("I2", number="", type_=SupplierInvoice))
    assert twins.identity(CLUB) is None


# approval


def approved(moment: Company, content_: str | None = None, action: str = "approve") -> Any:
    """What approvals say of the invoice, which is reviewed."""
    case = moment.case()
    events = {}
    if content_ is not None:
        events["invoice", "I1"] = Event(run=1, time=datetime(2026, 1, 5, tzinfo=UTC), who="alice", action=action,
                                        result="done", content=content_)  # fmt: skip
    return judge(case, frozenset({Kind.INVOICE}), events)


def told_of(judged: Any) -> list[tuple[str, dict[str, str]]]:
    """The codes and figures of what approvals say; each of the invoice's status."""
    assert all((p.kind, p.key, p.number, p.column) == (*INVOICE, "F-I1", "status") for p in judged.problems)
    return [(problem.code, dict(problem.params)) for problem in judged.problems]


def test_what_leaves_was_approved_as_it_is() -> None:
    now = content(company(document()).case(), INVOICE)
    back = {INVOICE: SyncStatus.IN_REVIEW}
    moment = company(document(), paid())
    assert (approved(moment, now).statuses, told_of(approved(moment, now))) == ({}, [])
    for judged in (approved(moment), approved(moment, now, "withdraw")):
        assert (judged.statuses, told_of(judged)) == (back, [("approval_missing", {})])
    changed = company(document(memo="x"))
    shown = {"changed": json.dumps([["memo", "", "x"]]), "who": "alice"}
    judged = approved(changed, now)
    assert (judged.statuses, told_of(judged)) == (back, [("approval_outdated", shown)])
    changed.statuses["I1"] = SyncStatus.IN_REVIEW
    judged = approved(changed, now)
    assert (judged.statuses, told_of(judged)) == ({}, [("approval_outdated", shown)])
    assert told_of(approved(replace(changed, statuses={"I1": SyncStatus.STAND_BY}), now)) == []
    waiting = company(document(), statuses={"I1": SyncStatus.IN_REVIEW})
    assert (approved(waiting).statuses, told_of(approved(waiting))) == ({}, [])


def test_what_the_ledger_has_needs_no_approval_and_a_changed_account_does() -> None:
    posted = company(document(memo="x"), transfers=(transfer(document()),))
    assert told_of(approved(posted)) == []
    kinds = frozenset({Kind.CUSTOMER, Kind.PAYMENT})
    for digest, codes in (("before", ["approval_missing"]), (transfer(CLUB).digest, [])):
        case = company(CLUB, transfers=(transfer(CLUB, digest=digest),)).case()
        assert [problem.code for problem in judge(case, kinds, {}).problems] == codes
    theirs = company(replace(paid(), direction=Direction.FROM_LEDGER)).case()
    assert judge(theirs, kinds, {}).problems == ()


def test_an_approval_is_of_all_that_a_ledger_would_book_and_of_nothing_else() -> None:
    """The record in the ledger's words, its account and customer there, and how often it was undone."""
    maps = {ACCOUNT_MAP.name: {"4100": "Income"}, TERM_MAP.name: {"N30": "Net 30"}, TAX_MAP.name: {"GST": "2310"}}
    made = document(terms="N30", taxes=(DocumentTax(tax="GST", amount=Decimal(0)),), care_of="é" * 201)
    link = transfer(CLUB, State.MANUAL)
    case = company(CLUB, made, maps=maps, transfers=(link, transfer(made, State.UNDONE, generation=2))).case()
    parts = json.loads(content(case, INVOICE))
    assert parts["customer"] == "Club (1001)"
    assert parts["ledger_customer"] == "L-A1"
    assert parts["generation"] == 3
    assert (parts["total"], parts["date"], parts["number"], parts["due"]) == ("100", "2026-01-05", "F-I1", None)
    assert (
        parts.keys() & {"url", "sync_reference", "balance", "sent", "cancelled", "provenance", "ledger_terms"} == set()
    )
    for longer in ("lines", "codes", "care_of", "taxes"):
        [digest] = parts[longer]
        assert len(digest) == 24, longer
    bare = json.loads(content(company(document()).case(), INVOICE))
    assert (bare["generation"], bare["customer"], "ledger_customer" in bare) == (0, "A1", False)
    made_there = company(replace(CLUB, number=""), document(), transfers=(transfer(CLUB),))
    own = json.loads(content(made_there.case(), INVOICE))
    assert (own["customer"], own["ledger_customer"]) == ("Club (A1)", "")
    long = json.loads(content(company(document(memo="x" * 200)).case(), INVOICE))
    assert long["memo"] == "x" * 200


@pytest.mark.parametrize(
    "maps", [{ACCOUNT_MAP.name: {"4100": "Other"}}, {TERM_MAP.name: {"N30": "Net 60"}}, {TAX_MAP.name: {"GST": "9"}}]
)
def test_a_code_that_was_mapped_otherwise_was_not_approved(maps: dict[str, dict[str, str]]) -> None:
    made = document(terms="N30", taxes=(DocumentTax(tax="GST", amount=Decimal(0)),))
    before, now = (content(company(made, maps=each).case(), INVOICE) for each in ({}, maps))
    assert [name for name, _, _ in json.loads(differences(before, now))] == ["codes"]


def test_differences_name_each_part_with_what_it_was_and_is() -> None:
    assert differences('{"a": 1, "b": "x"}', '{"b": "x", "a": 1}') == ""
    assert json.loads(differences('{"b": 1, "a": "x", "c": 0}', '{"b": 2, "c": 0, "d": null, "e": 3}')) == [
        ["a", "x", None], ["b", 1, 2], ["e", None, 3],
    ]  # fmt: skip


# the case


def test_candidates_are_what_waits_to_be_transferred_and_is_ours_to_transfer() -> None:
    theirs = replace(paid("P2"), direction=Direction.FROM_LEDGER)
    records = (CLUB, document("I1"), document("I2"), document("I3"), paid(), theirs)
    case = company(*records, statuses={"I2": SyncStatus.STAND_BY}, transfers=(transfer(document("I3")),)).case()
    assert [*case.candidates] == [(Kind.INVOICE, "I1"), (Kind.PAYMENT, "P1")]
    assert case.documents() == [document("I1")]
    assert ours(paid())
    assert not ours(theirs)


def test_accounts_are_billed_with_their_parents_where_the_ledger_knows_them() -> None:
    family = (replace(CLUB, parent="A2"), replace(LIGUE, parent="A3"), Customer(key="A3", name="Trois"))
    case = company(*family, Customer(key="A4", name="Quatre"), document()).case()
    assert sorted(case.billed) == sorted(case.new_accounts) == ["A1", "A2", "A3"]
    flat = company(*family, document(), capabilities=Capabilities(sub_customers=False)).case()
    assert [*flat.billed] == ["A1"]
    case = company(*family, document(), transfers=(transfer(family[0]), transfer(family[1])),
                   statuses={"A3": SyncStatus.DO_NOT_SYNC, "A2": SyncStatus.COMPLETED}).case()  # fmt: skip
    assert ([*case.new_accounts], [*case.changed_accounts]) == ([], ["A1"])
    never = company(CLUB, transfers=(transfer(CLUB),), capabilities=Capabilities(updates_customers=False)).case()
    assert never.changed_accounts == {}


def test_a_chain_of_parents_ends_where_it_bites_its_own_tail() -> None:
    ring = [Customer(key=key, name=key, parent=parent) for key, parent in (("A", "B"), ("B", "C"), ("C", "B"))]
    assert company(*ring).case().ancestors("A") == ["B", "C"]
    assert company(*ring).case().ancestors("B") == ["C"]
    assert company(Customer(key="A", name="a", parent="Z")).case().ancestors("A") == ["Z"]
    assert company().case().ancestors("A") == []


def test_payments_come_in_order_of_date_number_and_key() -> None:
    four = [paid("P4"), replace(paid("P3"), number="R-P4"), replace(paid("P1"), date=TODAY), paid("P2")]
    assert [each.key for each in company(*four, credit()).case().payments()] == ["P2", "P3", "P4", "P1"]
    assert [each.key for each in company(*four, credit()).case().credit_notes()] == ["C1"]


def test_what_records_refer_to_is_called_by_name_with_them() -> None:
    case = company(CLUB, LIGUE, document(), document("I2"), paid(I1="1", I9="1")).case()
    assert {*case.called([(Kind.PAYMENT, "P1")])} == {
        (Kind.PAYMENT, "P1"), INVOICE, (Kind.CUSTOMER, "A1"), (Kind.CUSTOMER, "A2"),
    }  # fmt: skip
    assert case.invoice(INVOICE) == document()
    assert case.invoice((Kind.PAYMENT, "P1")) is case.invoice((Kind.INVOICE, "I9")) is None


def test_what_a_record_cannot_be_booked_before() -> None:
    assert [*invoices_of(paid(I1="1", I2="2"))] == [INVOICE, (Kind.INVOICE, "I2")]
    assert [*invoices_of(credit())] == [*invoices_of(entry(invoice="I1"))] == [INVOICE]
    supplied = SupplierPayment(key="P1", date=DAY, customer="A1", currency="CAD", amount=Decimal(1),
                               allocations=(Allocation(invoice="B1", amount=Decimal(1)),))  # fmt: skip
    assert [*invoices_of(supplied)] == [(Kind.SUPPLIER_INVOICE, "B1")]
    assert [*invoices_of(credit(invoice=""))] == [*invoices_of(document())] == [*invoices_of(CLUB)] == []
    refund: Refund = document("R1", type_=Refund, invoice="I1")
    assert [*invoices_of(refund)] == []


def test_the_payment_behind_a_fee_a_discount_or_a_return() -> None:
    fee, discount, plain = entry("P1/fee", payment="P1"), credit("P1/I1", payment="P1"), entry()
    back = ReturnedPayment(key="B1", date=DAY, customer="A1", currency="CAD", amount=Decimal("100.00"), payment="P1")
    case = company(CLUB, document(), paid(), fee, discount, plain, credit(), back).case()
    assert [case.payment_of(each) for each in (fee, discount, back)] == [paid()] * 3
    assert [case.payment_of(each) for each in (plain, credit(), paid(), document())] == [None] * 4
    assert case.payment_of(replace(fee, payment="P9")) is None


def test_the_document_behind_a_deferred_entry() -> None:
    schedule = RevenueSchedule(key="S1", invoice="I1", line=1, start=DAY, months=1, amount=Decimal(1),
                               deferred_account="2", revenue_account="4")  # fmt: skip
    receipt = document(type_=SalesReceipt)

    def of(record: Any, **changes: Any) -> Any:
        made = entry("S1/2026-01", **changes)
        return company(record, made, deferred=lambda: Schedules((schedule,))).case().recognised(made)

    assert of(document(), invoice="I1") == document()
    assert of(receipt) == receipt
    assert of(receipt, invoice="I1") is None
    own = entry("J1", invoice="I1")
    assert company(document(), own, deferred=lambda: Schedules((schedule,))).case().recognised(own) is None


def test_what_the_ledger_calls_what_it_has() -> None:
    case = company(CLUB, LIGUE, document(), transfers=(transfer(CLUB), transfer(document()))).case()
    ids = References(case, but=[INVOICE])
    assert (ids[Kind.CUSTOMER, "A1"], ids.get((Kind.CUSTOMER, "A2")), ids.get(INVOICE)) == ("L-A1", None, None)
    with pytest.raises(KeyError):
        ids[INVOICE]
    assert (INVOICE in ids, (Kind.CUSTOMER, "A1") in ids) == (False, True)
    ids.add(INVOICE, "new")
    assert ids[INVOICE] == "new"
    assert (ids.name("A1"), ids.name("Madame Roy")) == ("Club", "Madame Roy")
    assert (booked_on(document(), ids), booked_on(paid(), ids), booked_on(CLUB, ids)) == ("L-A1", "L-A1", "")
    assert booked_on(document(customer="A2"), ids) == booked_on(entry(), ids) == ""


# codes

CODES = SourceLists(
    accounts=(LedgerAccount(code="4100", name="Dues"),), items=(Item(code="M", name="Membre"),),
    taxes=(Tax(code="GST", name="TPS", rate=Decimal(5)),), tax_groups=(TaxGroup(code="QC", name="Québec"),),
    methods=(ListEntry(code="chq", name="Chèque"),), classes=(ListEntry(code="E", name="Est"),),
)  # fmt: skip


def codes_of(record: Any, **given: Any) -> list[tuple[str, str, dict[str, str]]]:
    """What has no code in the ledger."""
    case = company(record, source_lists=CODES, **given).case()
    return [(problem.code, problem.column, dict(problem.params)) for problem in resolve(case, record).problems]


def test_every_code_has_one_in_the_ledger_or_is_told_with_its_name() -> None:
    coded = document(lines=(line(item="M", tax_group="QC", class_code="E"),),
                     taxes=(DocumentTax(tax="GST", amount=Decimal(0)),))  # fmt: skip
    classes = LedgerLists(classes=(ListEntry(code="x", name="x"),), methods=(ListEntry(code="y", name="y"),))
    of_line = [("gl_account_not_mapped", "4100", "Dues"), ("item_not_mapped", "M", "Membre"),
               ("tax_not_mapped", "QC", "Québec"), ("class_not_mapped", "E", "Est")]  # fmt: skip
    account, item, group, class_ = [(code, "", {"line": "1", "code": c, "name": name}) for code, c, name in of_line]
    tax = ("tax_not_mapped", "", {"code": "GST", "name": "TPS"})
    assert codes_of(coded) == [account, tax]
    assert codes_of(coded, lists=classes) == [account, class_, tax]
    by_item = Capabilities(lines_by="item", taxes_by="group")
    assert codes_of(coded, capabilities=by_item) == [item, group]
    bill = document("B1", type_=SupplierInvoice, lines=coded.lines)
    assert codes_of(bill, capabilities=by_item) == [account, group]
    unknown = document(lines=(line(gl_account="9"),))
    assert codes_of(unknown) == [("gl_account_not_mapped", "", {"line": "1", "code": "9", "name": ""})]
    sides = [("gl_account_not_mapped", "account", {"line": n, "code": code, "name": name})
             for n, code, name in (("1", "4100", "Dues"), ("2", "1200", ""))]  # fmt: skip
    assert codes_of(entry()) == sides
    method = [("method_not_mapped", "method", {"code": "chq", "name": "Chèque"})]
    receipts = [document(type_=kind, lines=(), method="chq") for kind in (SalesReceipt, Refund)]
    for record in (replace(paid(), method="chq"), *receipts):
        assert codes_of(record, lists=classes) == method
        assert codes_of(record) == codes_of(replace(record, method=""), lists=classes) == []
        assert codes_of(record, lists=classes, maps={METHOD_MAP.name: {"chq": "CHQ"}}) == []


def resolved(record: Any, **given: Any) -> Any:
    """A record in the ledger's words."""
    return resolve(company(record, **given).case(), record).record


def test_a_record_in_the_ledgers_words() -> None:
    maps = {ACCOUNT_MAP.name: {"4100": "Income", "5000": "Cost"}, ITEM_MAP.name: {"M": "7", "N / 4100": "8", "N": "9"},
            TAX_MAP.name: {"QC": "S", "GST": "2310", "GST (purchases)": "1310"}, CLASS_MAP.name: {"E": "East"},
            TERM_MAP.name: {"N30": "Net 30"}, METHOD_MAP.name: {"chq": "CHQ"}}  # fmt: skip
    made = line(item="M", tax_group="QC", class_code="E")
    taxes = (DocumentTax(tax="GST", amount=Decimal(0)),)
    of = resolved(document(lines=(made,), taxes=taxes, terms="N30"), maps=maps)
    [one] = of.lines
    assert (one.ledger_account, one.ledger_item, one.ledger_tax, one.ledger_class) == ("Income", "7", "S", "East")
    assert (of.taxes[0].ledger_tax, of.ledger_terms) == ("2310", "Net 30")
    groups = SourceLists(tax_groups=(TaxGroup(code="QC", name="", category=TaxCategory.ZERO_RATED),))
    [free] = resolved(document(lines=(made,)), maps=maps, source_lists=groups).lines
    assert (one.tax_category, free.tax_category) == (None, TaxCategory.ZERO_RATED)
    [other] = resolved(document(lines=(line(item="N"),)), maps=maps).lines
    assert (other.ledger_item, other.ledger_class) == ("8", "")
    bill = resolved(document("B1", type_=SupplierInvoice, taxes=taxes), maps=maps)
    assert bill.taxes[0].ledger_tax == "1310"
    items = (Item(code="7", name="", account="Sales"), Item(code="9", name=""))
    by_item: dict[str, Any] = {"capabilities": Capabilities(lines_by="item"), "lists": LedgerLists(items=items)}
    [sold] = resolved(document(lines=(made,)), maps=maps, **by_item).lines
    assert (sold.ledger_account, sold.ledger_item) == ("Sales", "7")
    [mapped] = resolved(document(lines=(line(item="N", gl_account="5000"),)), maps=maps, **by_item).lines
    assert (mapped.ledger_account, mapped.ledger_item) == ("Cost", "9")
    typed = {"I1/1": {"ledger_account": "X", "ledger_item": "Y", "ledger_tax": "Z"}}
    [told] = resolved(document(lines=(made,)), maps=maps, lines=typed).lines
    assert (told.ledger_account, told.ledger_item, told.ledger_tax) == ("X", "Y", "Z")
    assert resolved(replace(CLUB, terms="N30"), maps=maps).terms == "Net 30"
    assert resolved(replace(CLUB, terms="N60"), maps=maps).terms == "N60"
    assert resolved(replace(paid(), method="chq"), maps=maps).ledger_method == "CHQ"
    deposit = replace(paid(), deposit_account="1000")
    assert resolved(deposit).deposit_account == "1000"
    assert resolved(deposit, typed={"P1": {"deposit_account": "1050"}}).deposit_account == "1050"
    assert resolved(deposit, gone=frozenset({"P1"})).deposit_account == "1000"
    assert [each.ledger_account for each in resolved(entry(), maps=maps).lines] == ["Income", ""]
    receipt = resolved(document(type_=SalesReceipt, method="chq"), maps=maps)
    refund = resolved(document(type_=Refund, method="chq"), maps=maps)
    assert (receipt.ledger_method, refund.ledger_method) == ("CHQ", "CHQ")


def test_a_tax_is_called_as_the_tax_codes_of_the_lines_that_bear_it_call_it() -> None:
    """Where the ledger's lines bear codes of several taxes: one of the rate, on the document's side, and no other."""

    def of(*lines: Any, type_: Any = SalesReceipt) -> list[str]:
        taxes = tuple(DocumentTax(tax=code, amount=Decimal(0)) for code in ("GST", "QST", "PST"))
        groups = tuple(TaxGroup(code=code, name="", taxes=(tax,)) for code, tax in (("G", "GST"), ("Q", "QST")))
        rates = (Tax(code="GST", name="GST", rate=Decimal(5)), Tax(code="QST", name="QST", rate=Decimal(7)))
        maps = {TAX_MAP.name: {"G": "G5", "Q": "Q7", "X": "X5"}}
        made = tuple(line(key=f"I1/{n}", number=n, tax_group=group) for n, group in enumerate(lines, 1))
        document_ = resolved(
            document(lines=made, taxes=taxes, type_=type_), maps=maps, capabilities=Capabilities(taxes_by="group"),
            source_lists=SourceLists(taxes=rates, tax_groups=groups), lists=LedgerLists(tax_codes=codes),
        )  # fmt: skip
        return [tax.ledger_tax for tax in document_.taxes]

    def charging(code: str, **percents: int) -> ListEntry:
        return ListEntry(code=code, name="", taxes=tuple(
            CodeTax(name=name, percent=Decimal(percent), side=Side.PURCHASES if name == "ITC" else Side.SALES)
            for name, percent in percents.items()
        ))  # fmt: skip

    codes = (charging("G5", GST=5, ITC=5), charging("Q7", Other=5, Q=7), charging("X5", Any=5))
    assert of("G", "Q") == ["GST", "Q", ""]
    assert of("Q") == ["", "Q", ""]  # no line bears the first, and the other tax of its rate is another
    assert of("X") == ["Any", "", ""]  # what it charges is not known: it may be any
    assert of("G", type_=SupplierInvoice) == ["ITC", "", ""]


def test_a_code_that_the_ledger_lacks_is_shown_where_it_was_typed_or_mapped() -> None:
    maps = {ACCOUNT_MAP.name: {"4100": "Income"}, TAX_MAP.name: {"GST": "2310", "QST": "2320"},
            TERM_MAP.name: {"N": "30"}, METHOD_MAP.name: {"chq": "CHQ"}}  # fmt: skip
    taxes = tuple(DocumentTax(tax=code, amount=Decimal(0)) for code in ("GST", "QST"))
    made = document(taxes=taxes, terms="N", lines=(line(), line(key="I1/2", number=2)))

    def at(record: Any, column: str, moment: Company | None = None, **params: str) -> str:
        problem = Problem(code="not_in_ledger", column=column, params={"code": "", "date": "", **params})
        place = placed_code((moment or company(record, maps=maps)).case(), record, problem).place
        return f"{place.sheet} {place.cell}" if place else ""

    mapped = at(made, "ledger_account", line="2")
    assert mapped == f"{ACCOUNT_MAP.caption.en} C5"
    typed = company(made, maps=maps, lines={"I1/2": {"ledger_account": "X"}})
    assert at(made, "ledger_account", typed, line="2").startswith("Lines ")
    assert at(made, "ledger_account", typed, line="1") == mapped
    assert (
        at(made, "ledger_account", line="9") == at(made, "ledger_class", line="1") == at(made, "total", line="1") == ""
    )
    assert at(made, "ledger_tax", code="2320") == f"{TAX_MAP.caption.en} C5"
    assert at(made, "ledger_tax", code="9") == ""
    assert at(made, "terms") == f"{TERM_MAP.caption.en} C5"
    assert at(document(), "terms") == ""
    assert at(replace(paid(), method="chq"), "method") == f"{METHOD_MAP.caption.en} C5"
    back = ReturnedPayment(key="B1", date=DAY, customer="A1", currency="CAD", amount=Decimal("100.00"), payment="P1")
    both = company(replace(paid(), method="chq"), back, accounts_of_methods={"chq": "1010"})
    assert at(back, "deposit_account", both).startswith(f"{METHOD_MAP.caption.en} ")
    own = replace(paid(), method="chq", deposit_account="1000")
    assert at(own, "deposit_account", company(own, accounts_of_methods={"chq": "1010"})) == ""
    spent = SupplierPayment(key="S1", date=DAY, customer="A1", currency="CAD", amount=Decimal(1), method="chq")
    spending = [column.key for column in METHOD_MAP.columns].index("spending_account")
    shown_at = at(spent, "deposit_account", company(spent, accounts_of_methods={"chq": "1010"}))
    assert shown_at == f"{METHOD_MAP.caption.en} {chr(ord('A') + spending)}5"
    assert at(entry(), "ledger_account", line="1") == mapped
    assert at(entry(), "ledger_account", line="2") == at(entry(), "memo", line="1") == ""


# what leaves


def steps(moment: Company) -> list[list[list[str]]]:
    """The keys of what would leave, step by step and level by level."""
    return [[[each.record.key for each in level] for level in levels] for _, levels in plan.plan(moment.case()).steps]


MAPPED = {ACCOUNT_MAP.name: {"4100": "Income", "1200": "Receivable"}}


def test_what_leaves_goes_in_the_order_of_the_steps_and_parents_before_their_children() -> None:
    """Membri 365, "The synchronization tool"; a credit takes what is open of its invoice once that was paid."""
    child = replace(CLUB, parent="A2")
    changed = Customer(key="A3", name="Trois")
    moment = company(
        child, LIGUE, changed, document("I2", date=TODAY, balance=Decimal(0)), document("I1", balance=Decimal(0)),
        paid(I1="100.00"),
        credit("C1", "I2", balance=Decimal(0)), entry(lines=(EntryLine(account="4100", debit=Decimal(1)),
                                                            EntryLine(account="4100", credit=Decimal(1)))),
        document("S1", type_=SalesReceipt, balance=Decimal(0)), document("R1", type_=Refund, balance=Decimal(0)),
        maps=MAPPED, transfers=(transfer(changed, digest="before"),),
    )  # fmt: skip
    assert steps(moment) == [
        [["A2"], ["A1"]], [["A3"]], [["I1", "S1", "I2"]], [["R1", "P1"]], [["C1"]], [], [["J1"]], []
    ]  # fmt: skip
    whole = plan.plan(moment.case())
    assert [name for name, _ in whole.steps] == [
        "New accounts", "Changed accounts", "Invoices", "Payments and refunds", "Credit notes",
        "Money and credits on account applied", "Journal entries",
        "Updates of what is booked",
    ]  # fmt: skip
    assert [each.action for each in whole][:3] == [Action.CREATE, Action.CREATE, Action.UPDATE]
    assert whole.problems == ()


def test_nothing_leaves_before_what_it_needs_and_that_is_told() -> None:
    held = {"statuses": {"A1": SyncStatus.STAND_BY}, "maps": MAPPED}

    def told(*records: Any, **given: Any) -> list[tuple[str, str, str, dict[str, str]]]:
        found = plan.plan(company(*records, **{**held, **given}).case()).problems
        return [(p.code, p.key, p.column, dict(p.params)) for p in found]

    invoice, owed = document(), paid(I1="100.00")
    assert told(CLUB, replace(invoice, balance=Decimal(0)), owed) == [
        ("account_not_transferred", "I1", "account", {"account": "Club"}),
        ("invoice_not_transferred", "P1", "invoice", {"invoice": "F-I1"}),
    ]
    assert told(paid(I9="1")) == [("invoice_not_transferred", "P1", "invoice", {"invoice": "I9"})]
    assert told(document(customer="A9")) == [("account_not_transferred", "I1", "account", {"account": "A9"})]
    of_line = entry(lines=(EntryLine(account="4100", debit=Decimal(1), customer="A1"),
                           EntryLine(account="4100", credit=Decimal(1))))  # fmt: skip
    assert told(CLUB, of_line) == [("account_not_transferred", "J1", "account", {"account": "Club"})]
    child = (replace(CLUB, parent="A2"), LIGUE, invoice)
    assert [code for code, *_ in told(*child, statuses={"A2": SyncStatus.STAND_BY})] == ["account_not_transferred"] * 2
    flat = Capabilities(sub_customers=False)
    assert told(*child, statuses={"A2": SyncStatus.STAND_BY}, capabilities=flat) == []


def test_an_entry_of_deferred_revenue_waits_for_its_document_of_whatever_kind() -> None:
    schedule = RevenueSchedule(key="S1", invoice="I1", line=1, start=DAY, months=1, amount=Decimal(1),
                               deferred_account="2", revenue_account="4")  # fmt: skip
    made = entry("S1/2026-01")
    for number, shown in (("F-1", "F-1"), ("", "I1")):
        receipt = document(type_=SalesReceipt, number=number)
        case = company(receipt, made, deferred=lambda: Schedules((schedule,))).case()
        held = plan.held_back(case, made, ())
        assert held is not None
        assert (held.code, held.column, held.params) == ("invoice_not_transferred", "invoice", {"invoice": shown})


def test_an_item_is_sold_to_its_account_though_the_source_does_not_list_it() -> None:
    items = (Item(code="M", name="x", account="4100"), Item(code="N", name="y", account="9"), Item(code="O", name="z"))
    lists = SourceLists(items=items, accounts=(LedgerAccount(code="4100", name="Dues"),))
    assert sold_to(lists) == {
        "M": LedgerAccount(code="4100", name="Dues"), "N": LedgerAccount(code="9", name="9")
    }  # fmt: skip


def test_what_a_problem_refuses_or_holds_does_not_leave_and_what_it_only_tells_does() -> None:
    wrong, told = document("I2", lines=()), document("I1", balance=Decimal("-1.00"))
    moment = company(CLUB, wrong, told, maps=MAPPED)
    whole = plan.plan(moment.case(), (problem_of(told, "row_duplicated", value="x"),))
    assert [each.id for each in whole] == []
    assert whole.unsound == {(Kind.INVOICE, "I2"), INVOICE}
    assert [code for code in (p.code for p in whole.problems) if code == "row_duplicated"] == ["row_duplicated"]
    assert [each.record.key for each in plan.plan(moment.case())] == ["A1", "I1"]


def test_an_account_leaves_with_what_is_billed_to_it_and_never_by_itself() -> None:
    assert steps(company(CLUB, document(), maps=MAPPED))[0] == [["A1"]]
    assert steps(company(CLUB, maps=MAPPED))[0] == []
    assert steps(company(CLUB, paid(), maps=MAPPED))[0] == [["A1"]]
    assert steps(company(CLUB, paid(I1="1"), document(customer="A2"), maps=MAPPED))[0] == []
    left = (transfer(CLUB, State.UNDONE), transfer(document()))
    assert steps(company(CLUB, paid(I1="1"), document(), transfers=left, maps=MAPPED))[0] == [["A1"]]
    undecided = company(CLUB, transfers=(transfer(CLUB, digest="x"),), undecided=frozenset({(Kind.CUSTOMER, "A1")}))
    assert steps(undecided)[1] == []
    never = company(CLUB, transfers=(transfer(CLUB),), capabilities=Capabilities(updates_customers=False))
    assert steps(never)[1] == []


def test_each_carries_its_generation_and_the_key_of_that() -> None:
    made = document()
    first = plan.planned(company(made, maps=MAPPED).case(), made, Action.CREATE)
    again = company(made, maps=MAPPED, transfers=(transfer(made, State.UNDONE, generation=2),)).case()
    third = plan.planned(again, made, Action.CREATE)
    assert (first.generation, third.generation, first.action, first.id) == (0, 3, Action.CREATE, INVOICE)
    assert first.key == idempotency_key("c", "beancount", Kind.INVOICE, "I1", 0)
    assert third.key == idempotency_key("c", "beancount", Kind.INVOICE, "I1", 3)
    assert first.record.lines[0].ledger_account == "Income"  # type: ignore[union-attr]


def test_the_first_of_a_plan_take_what_they_need_with_them_and_what_was_sent_in_vain_comes_last() -> None:
    accounts = [replace(CLUB, key=f"A{n}", name=f"N{n}", number=str(n)) for n in (1, 2, 3)]
    bills = [document(f"I{n}", customer=f"A{n}") for n in (1, 2, 3)]
    absent = transfer(bills[0], State.ABSENT, sent=9.0)
    case = company(*accounts, *bills, maps=MAPPED, transfers=(absent,)).case()
    whole = plan.plan(case)
    assert [each.record.key for each in plan.first(case, whole, 2)] == ["A2", "A3", "I2", "I3"]
    assert [each.record.key for each in plan.first(case, whole, 9)] == [each.record.key for each in whole]
    assert [each.record.key for each in plan.first(case, whole, 1)] == ["A2", "I2"]
    schedule = RevenueSchedule(key="S1", invoice="I1", line=1, start=DAY, months=1, amount=Decimal(100),
                               deferred_account="4100", revenue_account="4100")  # fmt: skip
    dues, other = entry("S1/2026-01", invoice="I1"), entry("J1", date=DAY + timedelta(days=1))
    vain = transfer(document(), State.ABSENT, sent=9.0)
    spread = company(CLUB, document(), dues, other, maps=MAPPED, transfers=(vain,),
                     deferred=lambda: Schedules((schedule,))).case()  # fmt: skip
    assert [each.record.key for each in plan.plan(spread)] == ["A1", "I1", "S1/2026-01", "J1"]
    assert [each.record.key for each in plan.first(spread, plan.plan(spread), 1)] == ["A1", "J1"]
    family = company(replace(CLUB, parent="A2"), LIGUE, Customer(key="A3", name="Trois"), bills[0],
                     replace(bills[1], customer="A3"), maps=MAPPED).case()  # fmt: skip
    assert [each.record.key for each in plan.first(family, plan.plan(family), 1)] == ["A2", "A1", "I1"]


# what is sent


def test_a_posting_has_every_reference_in_the_ledgers_words() -> None:
    child = replace(CLUB, parent="A2", care_of="A2")
    case = company(child, LIGUE, document(), transfers=tuple(map(transfer, (child, LIGUE, document())))).case()
    ids = References(case, but=())

    def sent(record: Any, action: Action = Action.CREATE) -> Any:
        return postings.posting_of(plan.Planned(record=record, action=action, generation=0, key="k"), ids)

    account = sent(child, Action.UPDATE)
    assert (account.key, account.action, account.reference, account.parent, account.customer) == (
        "k", Action.UPDATE, "L-A1", "L-A2", "",
    )  # fmt: skip
    assert (account.record.care_of, sent(child).reference) == ("Ligue", "")
    invoice = sent(document(care_of="Madame Roy"))
    assert (invoice.customer, invoice.parent, invoice.applied, invoice.record.care_of) == ("L-A1", "", (), "Madame Roy")
    assert sent(paid(I1="60.00")).applied == (Applied(ledger_id="L-I1", amount=Decimal("60.00")),)
    assert sent(credit()).applied == (Applied(ledger_id="L-I1", amount=Decimal("100.00")),)
    assert sent(credit(invoice="")).applied == ()
    assert [each.customer for each in sent(entry()).record.lines] == ["", "L-A1"]
    was = document(care_of="A2")
    left = transfer(document(), payload=payload_of(was))
    amended = company(LIGUE, document(), transfers=(transfer(LIGUE), left)).case()
    amending = plan.Planned(record=document(), action=Action.AMEND, generation=0, key="k")
    before = postings.posting_of(amending, References(amended, but=())).before
    assert before == replace(was, care_of="Ligue")
    back = ReturnedPayment(key="B1", date=DAY, customer="A1", currency="CAD", amount=Decimal("100.00"), payment="P1")
    given = company(LIGUE, paid(), back, transfers=(transfer(LIGUE), transfer(paid()))).case()
    returning = plan.Planned(record=back, action=Action.CREATE, generation=0, key="k")
    assert postings.posting_of(returning, References(given, but=())).returned == "L-P1"
    assert sent(document(), Action.APPLY).booked == ids.answered(INVOICE)
    assert ids.answered(INVOICE).ledger_id == "L-I1"
    assert sent(document()).booked is None


def test_what_undoes_a_transfer_says_what_the_ledger_answered() -> None:
    done = transfer(document(), ledger_number="77", total=Decimal("100.01"), customer="L-A1", number="old")
    posting = postings.withdrawal(done, document())
    assert (posting.key, posting.action, posting.reference, posting.customer) == (
        "psl-I1-undo", Action.VOID, "L-I1", "L-A1",
    )  # fmt: skip
    assert posting.booked == Posted(key="psl-I1", ledger_id="L-I1", number="77", total=Decimal("100.01"))
    assert posting.record == document(number="old")


# refusals


def test_a_refusal_is_tried_again_once_its_cause_is_gone() -> None:
    """Ours, once no check finds it; the ledger's, once the source moved the record or what it is booked on."""
    error = {"I1": SyncStatus.ERROR}
    why = problem_of(document(), "no_lines")

    def of(*moved: Any, **changes: Any) -> list[Any]:
        own = {name: changes.pop(name) for name in ("sent", "told_sheet", "state", "problem") if name in changes}
        sent = replace(transfer(document(), State.REJECTED, problem=why, sent=0.0, told_sheet=True), **own)
        records = (replace(CLUB, parent="A2"), LIGUE, changes.pop("record", document()))
        moment = company(*records, transfers=(sent,), statuses=changes.pop("statuses", error), maps=MAPPED)
        return refused.mended(moment.case(), changes.pop("standing", ()), set(moved))

    assert of() == [INVOICE]
    assert of(record=document(lines=(), subtotal=Decimal(0), total=Decimal(0))) == []
    assert of(standing=[why]) == of(told_sheet=False) == of(state=State.ABSENT) == of(problem=None) == []
    assert of(statuses={"I1": SyncStatus.STAND_BY}) == []
    assert of(sent=1.0) == of((Kind.CUSTOMER, "A9"), sent=1.0) == []
    for moved in (INVOICE, (Kind.CUSTOMER, "A1"), (Kind.CUSTOMER, "A2")):
        assert of(moved, sent=1.0) == [INVOICE]
    refusal = transfer(paid(I1="1"), State.REJECTED, problem=why, told_sheet=True)
    case = company(document(), paid(I1="1"), transfers=(refusal,), statuses={"P1": SyncStatus.ERROR}).case()
    assert refused.mended(case, (), {INVOICE}) == [(Kind.PAYMENT, "P1")]


# the ledger's payments


def part(ledger_id: str = "17", invoice: str = "I1", amount: str = "30.00", balance: str = "100.00") -> AcceptedPayment:
    """What an accepted payment pays of an invoice."""
    return AcceptedPayment(ledger_id=ledger_id, number="R", invoice=invoice, amount=Decimal(amount),
                           balance=Decimal(balance))  # fmt: skip


def test_a_row_shows_what_is_left_once_the_accepted_payments_are_taken_off() -> None:
    shown = payments_accepted.as_shown
    assert shown(document(), [part(), part("18", amount="20.00"), part("19", "I2")]) == document(
        balance=Decimal("50.00")
    )
    assert shown(document(), [part(amount="130.00")]) == document(balance=Decimal(0))
    assert shown(document(), [part("19", "I2")]) == document()
    bill = document("I1", type_=SupplierInvoice)
    assert shown(bill, [part()]) == bill


def test_a_payment_is_shown_by_the_source_once_it_names_it_or_says_another_balance() -> None:
    def left(*records: Any) -> list[str]:
        known = {(record.kind, record.key): record for record in records}
        return [each.ledger_id for each in payments_accepted.not_shown([part(), part("18", "I9")], known)]

    assert left(document()) == left() == ["17", "18"]
    assert left(document(balance=Decimal("70.00"))) == ["18"]
    assert left(document(), replace(paid(), sync_reference="17")) == ["18"]
    assert left(replace(CLUB, sync_reference="17")) == ["17", "18"]


def test_what_an_accepted_payment_pays_are_invoices_of_ours_that_still_stand(tmp_path: Path) -> None:
    """What was undone since, stands under another id by now, or is a credit note, is paid by none."""
    standing, credited = document(), credit("C1")
    booked = transfer(standing, State.INTENT, ledger_id="Invoice:7")
    again = replace(booked, state=State.INTENT, generation=1, key="psl-again", ledger_id="Invoice:8")
    pays = Proposal(kind=Kind.PAYMENT, ledger_id="17", number="R", what=What.CREATED, happened="2026-01-01",
                    theirs={"allocations": "Invoice:7: 30.00\nCredit:9: 1.00"})  # fmt: skip
    with closing(Journal.at(tmp_path / "journal.sqlite")) as journal:
        journal.see(seen_of(record) for record in (standing, credited))
        journal.write([booked, transfer(credited, State.INTENT, ledger_id="Credit:9")])
        journal.write([replace(booked, state=State.POSTED), transfer(credited, ledger_id="Credit:9")])
        assert payments_accepted.take(journal, [pays]) == {"I1"}
        assert [(each.invoice, each.amount) for each in payments_accepted.kept(journal)] == [("I1", Decimal(30))]
        journal.write([replace(booked, state=State.UNDOING)])
        journal.write([replace(booked, state=State.UNDONE)])
        assert payments_accepted.take(journal, [pays]) == {"I1"}  # it shows its whole balance again
        assert payments_accepted.kept(journal) == ()
        journal.write([again])
        journal.write([replace(again, state=State.POSTED)])
        assert payments_accepted.take(journal, [pays]) == frozenset()


def test_options_are_the_cautious_ones() -> None:
    """Membri 365, accounting system settings."""
    assert (Options().require_sent, Options().new_account_default, Options().tax_cents) == (True, False, 2)
