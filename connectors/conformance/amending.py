"""The part of the suite about what a source changes of a booked record without an amount moving (books.md, rule 11)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from connectors.conformance.applying import only_where
from connectors.conformance.harness import Harness
from connectors.conformance.making import KINDS_BOOKED, Making, booked, post
from connectors.conformance.on_account import refusal
from connectors.conformance.undoing import answer
from connectors.ledger import Action, Ledger, Posted, Posting
from connectors.records import Document, JournalEntry, Kind, Transferable

TEXTS = {"memo": "Bon de commande 77", "care_of": "Succession", "terms": "NET60", "email": "tresor@ordre.ca",
         "confirmation": "0042-77", "origin": "event"}  # fmt: skip


class AmendsBooked:
    """Statements for ledgers that change what no amount hangs on; each of the fields that they declare, by kind."""

    @pytest.mark.parametrize("kind", KINDS_BOOKED)
    def test_what_no_amount_hangs_on_is_changed_and_nothing_else(
        self, ledger: Ledger, harness: Harness, make: Making, customer: str, supplier: str, kind: Kind
    ) -> None:
        only_where(kind in ledger.capabilities.kinds and ledger.capabilities.amends.get(kind))
        posting = make.of_kind(kind, customer, supplier)
        there = answer(ledger, posting)
        balances, before = harness.balances(), reading(ledger, posting, there)
        change = amending(posting, there, make, ledger.capabilities.amends[kind])
        assert ledger.find([change]) == {}
        outcome = post(ledger, change)[change.key]
        assert isinstance(outcome, Posted)
        assert (outcome.ledger_id, outcome.number, outcome.replayed) == (there.ledger_id, there.number, False)
        assert harness.balances() == balances
        assert reading(ledger, posting, there) == before
        with harness.open() as reopened:
            assert reopened.find([change])[change.key].ledger_id == there.ledger_id
            assert reopened.find([posting])[posting.key].ledger_id == there.ledger_id

    @pytest.mark.parametrize("kind", KINDS_BOOKED)
    def test_each_field_by_itself_and_back_again(
        self, ledger: Ledger, make: Making, customer: str, supplier: str, kind: Kind
    ) -> None:
        only_where(kind in ledger.capabilities.kinds and ledger.capabilities.amends.get(kind))
        for name in sorted(ledger.capabilities.amends[kind]):
            posting = make.of_kind(kind, customer, supplier)
            there = answer(ledger, posting)
            change = amending(posting, there, make, {name})
            booked(ledger, change)
            back = replace(change, key=make.key(), record=posting.record, before=change.record)
            assert ledger.find([back]) == {}, name
            booked(ledger, back)
            assert ledger.find([back]).keys() == {back.key}
            assert ledger.find([change]) == {}, name

    @pytest.mark.parametrize("kind", KINDS_BOOKED)
    def test_it_is_changed_once_however_often_it_is_sent(
        self, ledger: Ledger, make: Making, customer: str, supplier: str, kind: Kind
    ) -> None:
        only_where(kind in ledger.capabilities.kinds and ledger.capabilities.amends.get(kind))
        posting = make.of_kind(kind, customer, supplier)
        change = amending(posting, answer(ledger, posting), make, ledger.capabilities.amends[kind])
        booked(ledger, change)
        for again in (change, replace(change, key=make.key())):
            outcome = post(ledger, again)[again.key]
            assert isinstance(outcome, Posted)
            assert outcome.replayed

    def test_several_of_one_batch_are_each_changed(self, ledger: Ledger, make: Making, customer: str) -> None:
        only_where(ledger.capabilities.amends.get(Kind.INVOICE) and ledger.capabilities.batch_size > 1)
        invoices = [make.invoice(customer) for _ in range(3)]
        names = ledger.capabilities.amends[Kind.INVOICE]
        changes = [amending(each, answer(ledger, each), make, names) for each in invoices]
        booked(ledger, *changes)
        assert ledger.find(changes).keys() == {change.key for change in changes}

    def test_what_is_paid_says_something_else_and_stays_paid(
        self, ledger: Ledger, harness: Harness, make: Making, customer: str
    ) -> None:
        only_where({"memo"} <= ledger.capabilities.amends.get(Kind.INVOICE, frozenset()))
        invoice = make.invoice(customer, "100.00")
        there = answer(ledger, invoice)
        paid = make.payment(customer, "100.00", [(there.ledger_id, "100.00")])
        money = answer(ledger, paid)
        booked(ledger, amending(invoice, there, make, {"memo"}))
        if "memo" in ledger.capabilities.amends.get(Kind.PAYMENT, frozenset()):
            booked(ledger, amending(paid, money, make, ledger.capabilities.amends[Kind.PAYMENT]))
        assert not [aged for aged in ledger.aged_receivables(harness.day) if aged.customer == customer]

    @pytest.mark.parametrize("kind", KINDS_BOOKED)
    def test_what_a_person_changed_or_deleted_there_is_left_and_told(
        self, ledger: Ledger, harness: Harness, make: Making, customer: str, supplier: str, kind: Kind
    ) -> None:
        only_where(kind in ledger.capabilities.kinds and ledger.capabilities.amends.get(kind))
        for by_hand, told in (
            (harness.change_by_hand, "changed_in_ledger"),
            (harness.delete_by_hand, "deleted_in_ledger"),
        ):
            posting = make.of_kind(kind, customer, supplier)
            there = answer(ledger, posting)
            if by_hand(there.ledger_id):
                assert refusal(ledger, amending(posting, there, make, ledger.capabilities.amends[kind])).code == told

    @pytest.mark.parametrize("kind", KINDS_BOOKED)
    def test_what_a_person_wrote_in_such_a_field_is_not_written_over(
        self, ledger: Ledger, make: Making, customer: str, supplier: str, kind: Kind
    ) -> None:
        """The person's own words are in the ledger where the record was otherwise when it left."""
        only_where(kind in ledger.capabilities.kinds and ledger.capabilities.amends.get(kind))
        for name in sorted(ledger.capabilities.amends[kind]):
            posting = make.of_kind(kind, customer, supplier)
            there = answer(ledger, posting)
            change = amending(posting, there, make, {name})
            other = changed(posting.record, {name}, again=True)
            problem = refusal(ledger, replace(change, before=other))
            assert problem.code == "changed_in_ledger", name
            assert problem.params["now"] != problem.params["was"]

    def test_no_due_date_of_a_closed_period_moves(
        self, ledger: Ledger, harness: Harness, make: Making, customer: str
    ) -> None:
        only_where(harness.closed and "due" in ledger.capabilities.amends.get(Kind.INVOICE, frozenset()))
        invoice = make.invoice(customer)
        there = answer(ledger, invoice)
        change = amending(invoice, there, make, {"due"})
        days: dict[str, Any] = {"date": harness.closed}
        assert change.before
        closed = replace(change, record=replace(change.record, **days), before=replace(change.before, **days))
        assert refusal(ledger, closed).code == "period_closed"

    @pytest.mark.parametrize("kind", KINDS_BOOKED)
    def test_a_field_that_is_not_declared_is_not_changed(
        self, ledger: Ledger, make: Making, customer: str, supplier: str, kind: Kind
    ) -> None:
        only_where(ledger.capabilities.amends and kind in ledger.capabilities.kinds)
        posting = make.of_kind(kind, customer, supplier)
        names = {"memo", "confirmation", "due", "description"} - ledger.capabilities.amends.get(kind, frozenset())
        names = {name for name in names if name == "description" or hasattr(posting.record, name)}
        names -= set() if isinstance(posting.record, Document | JournalEntry) else {"description"}
        only_where(names)
        there = answer(ledger, posting)
        assert refusal(ledger, amending(posting, there, make, names)).code == "kind_unsupported"


def amending(posting: Posting, there: Posted, make: Making, names: set[str] | frozenset[str]) -> Posting:
    """What changes these fields of a booked record, under a key of its own."""
    return replace(
        posting, key=make.key(), action=Action.AMEND, record=changed(posting.record, names), before=posting.record,
        reference=there.ledger_id, booked=there,
    )  # fmt: skip


def changed(record: Transferable, names: set[str] | frozenset[str], again: bool = False) -> Transferable:
    """A record with other values in some fields."""
    values: dict[str, Any] = {name: TEXTS[name] + ("2" if again else "") for name in names & TEXTS.keys()}
    if "due" in names and isinstance(record, Document):
        values["due"] = record.date + timedelta(days=91 if again else 45)
    if "description" in names:
        text = "Autre texte" if again else "Cotisation 2024, corrigée"
        match record:
            case JournalEntry():
                values["lines"] = tuple(replace(line, memo=text) for line in record.lines)
            case Document():
                values["lines"] = tuple(replace(line, description=text) for line in record.lines)
    return replace(record, **values)


def reading(ledger: Ledger, posting: Posting, there: Posted) -> object:
    """What a ledger tells of a document by its id, where it does."""
    if not ledger.capabilities.reads_back:
        return None
    return ledger.read([replace(posting, key="read", reference=there.ledger_id)])[there.ledger_id]
