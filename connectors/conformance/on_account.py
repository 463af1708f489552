"""The part of the suite about money and credits that are applied after they were booked (books.md, rule 6)."""

from dataclasses import replace
from decimal import Decimal

import pytest

from connectors.conformance.applying import only_where
from connectors.conformance.harness import Harness
from connectors.conformance.making import Making, booked, post, void
from connectors.conformance.undoing import answer, code
from connectors.ledger import Action, Applied, Ledger, Posted, Posting, Rejected
from connectors.problems import Problem
from connectors.records import CreditNote, Kind

KINDS = [Kind.PAYMENT, Kind.CREDIT_NOTE]


class AppliesLater:
    """Statements for ledgers that apply later what was on account."""

    @pytest.mark.parametrize("kind", KINDS)
    def test_what_was_on_account_goes_to_its_invoice_and_no_amount_moves(
        self, ledger: Ledger, harness: Harness, make: Making, customer: str, kind: Kind
    ) -> None:
        only_where(kind in ledger.capabilities.applies_later)
        [invoice] = booked(ledger, make.invoice(customer, "100.00"))
        credit = make.of_kind(kind, customer, "")
        there = answer(ledger, credit)
        before, later = harness.balances(), applying(credit, there, [(invoice, "100.00")], make)
        assert ledger.find([later]) == {}
        outcome = post(ledger, later)[later.key]
        assert isinstance(outcome, Posted)
        assert (outcome.ledger_id, outcome.number, outcome.replayed) == (there.ledger_id, there.number, False)
        assert harness.balances() == before
        assert not [aged for aged in ledger.aged_receivables(harness.day) if aged.customer == customer]
        with harness.open() as reopened:
            assert reopened.find([later])[later.key].ledger_id == there.ledger_id
            assert reopened.find([credit])[credit.key].ledger_id == there.ledger_id
        if ledger.capabilities.reads_back:
            now = ledger.read([replace(later, key="read", reference=each) for each in (invoice, there.ledger_id)])
            assert now[invoice].applied
            assert (now[there.ledger_id].total, now[there.ledger_id].customer) == (Decimal("100.00"), customer)

    @pytest.mark.parametrize("kind", KINDS)
    def test_it_is_applied_once_however_often_it_is_sent(
        self, ledger: Ledger, harness: Harness, make: Making, customer: str, kind: Kind
    ) -> None:
        """Under its own key, and under another's: what is asked for is a state, and it stands already."""
        only_where(kind in ledger.capabilities.applies_later)
        [invoice] = booked(ledger, make.invoice(customer, "250.00"))
        credit = make.of_kind(kind, customer, "")
        later = applying(credit, answer(ledger, credit), [(invoice, "100.00")], make)
        booked(ledger, later)
        once = ledger.aged_receivables(harness.day)
        for again in (later, replace(later, key=make.key())):
            outcome = post(ledger, again)[again.key]
            assert isinstance(outcome, Posted)
            assert outcome.replayed
        assert ledger.aged_receivables(harness.day) == once

    def test_a_payment_goes_to_a_second_invoice_and_the_first_keeps_its_part(
        self, ledger: Ledger, harness: Harness, make: Making, customer: str
    ) -> None:
        only_where(Kind.PAYMENT in ledger.capabilities.applies_later)
        first, second = booked(ledger, *(make.invoice(customer, amount) for amount in ("60.00", "90.00")))
        paid = make.payment(customer, "100.00", [(first, "60.00")])
        there = answer(ledger, paid)
        booked(ledger, applying(paid, there, [(first, "60.00"), (second, "30.00")], make))
        booked(ledger, applying(paid, there, [(first, "60.00"), (second, "40.00")], make))
        rest = make.payment(customer, "50.00", [(second, "50.00")])
        booked(ledger, rest)
        assert not [aged for aged in ledger.aged_receivables(harness.day) if aged.customer == customer]

    def test_more_than_is_open_is_not_applied(self, ledger: Ledger, make: Making, customer: str) -> None:
        only_where(Kind.PAYMENT in ledger.capabilities.applies_later)
        [invoice] = booked(ledger, make.invoice(customer, "100.00"))
        booked(ledger, make.payment(customer, "70.00", [(invoice, "70.00")]))
        paid = make.payment(customer, "100.00")
        later = applying(paid, answer(ledger, paid), [(invoice, "40.00")], make)
        problem = refusal(ledger, later)
        assert problem.code == "applied_beyond_open"
        assert (problem.params["amount"], problem.params["open"]) == ("40.00", "30.00")
        assert ledger.find([later]) == {}

    def test_two_of_one_batch_do_not_take_the_same_money(self, ledger: Ledger, make: Making, customer: str) -> None:
        only_where(Kind.PAYMENT in ledger.capabilities.applies_later and ledger.capabilities.batch_size > 1)
        [invoice] = booked(ledger, make.invoice(customer, "100.00"))
        paid = [make.payment(customer, "60.00") for _ in range(2)]
        later = [applying(each, answer(ledger, each), [(invoice, "60.00")], make) for each in paid]
        outcomes = post(ledger, *later)
        assert sorted(type(outcome).__name__ for outcome in outcomes.values()) == ["Posted", "Rejected"]

    def test_a_credit_note_takes_what_is_open_and_the_rest_stays_on_account(
        self, ledger: Ledger, harness: Harness, make: Making, customer: str
    ) -> None:
        only_where(Kind.CREDIT_NOTE in ledger.capabilities.applies_later)
        [invoice] = booked(ledger, make.invoice(customer, "100.00"))
        booked(ledger, make.payment(customer, "70.00", [(invoice, "70.00")]))
        credit = make.document(Kind.CREDIT_NOTE, customer, "100.00")
        later = applying(credit, answer(ledger, credit), [(invoice, "100.00")], make)
        booked(ledger, later)
        [aged] = [aged for aged in ledger.aged_receivables(harness.day) if aged.customer == customer]
        assert (aged.total, aged.current) == (Decimal("-70.00"), Decimal("-70.00"))
        assert ledger.find([later]).keys() == {later.key}

    def test_what_a_person_applied_otherwise_is_left_and_told(
        self, ledger: Ledger, make: Making, customer: str
    ) -> None:
        only_where(Kind.PAYMENT in ledger.capabilities.applies_later)
        first, second = booked(ledger, *(make.invoice(customer, "100.00") for _ in range(2)))
        paid = make.payment(customer, "100.00", [(first, "100.00")])
        later = applying(paid, answer(ledger, paid), [(second, "100.00")], make)
        assert refusal(ledger, later).code == "applied_otherwise"
        assert ledger.find([later]) == {}

    @pytest.mark.parametrize("kind", KINDS)
    def test_what_a_person_changed_or_deleted_is_not_applied(
        self, ledger: Ledger, harness: Harness, make: Making, customer: str, kind: Kind
    ) -> None:
        only_where(kind in ledger.capabilities.applies_later)
        [invoice] = booked(ledger, make.invoice(customer, "100.00"))
        for by_hand, told in (
            (harness.change_by_hand, "changed_in_ledger"),
            (harness.delete_by_hand, "deleted_in_ledger"),
        ):
            credit = make.of_kind(kind, customer, "")
            there = answer(ledger, credit)
            if by_hand(there.ledger_id):
                assert refusal(ledger, applying(credit, there, [(invoice, "50.00")], make)).code == told

    def test_an_invoice_that_is_not_there_is_told(self, ledger: Ledger, make: Making, customer: str) -> None:
        only_where(Kind.PAYMENT in ledger.capabilities.applies_later)
        paid = make.payment(customer)
        there = answer(ledger, paid)
        for typed in ("no-such-invoice", "x' OR 'a' = 'a"):
            assert refusal(ledger, applying(paid, there, [(typed, "10.00")], make)).code == "deleted_in_ledger"

    @pytest.mark.parametrize("kind", KINDS)
    def test_undone_it_leaves_its_invoice_open(
        self, ledger: Ledger, harness: Harness, make: Making, customer: str, kind: Kind
    ) -> None:
        only_where(kind in ledger.capabilities.applies_later & ledger.capabilities.voids)
        only_where(kind is not Kind.PAYMENT or ledger.capabilities.voids_on_account)
        bill = make.invoice(customer, "100.00")
        invoice = answer(ledger, bill)
        credit = make.of_kind(kind, customer, "")
        later = applying(credit, answer(ledger, credit), [(invoice.ledger_id, "100.00")], make)
        undo = void(later, answer(ledger, later))
        assert code(ledger, void(bill, invoice)) == "undo_applied"
        booked(ledger, undo)
        assert ledger.find([undo]).keys() == {undo.key}
        [aged] = [aged for aged in ledger.aged_receivables(harness.day) if aged.customer == customer]
        assert aged.total == Decimal("100.00")
        booked(ledger, void(bill, invoice))


def applying(credit: Posting, there: Posted, parts: list[tuple[str, str]], make: Making) -> Posting:
    """What applies a booked payment or credit note, under a key of its own, to all of these."""
    record = credit.record
    if isinstance(record, CreditNote):
        record = replace(record, invoice="I-1")
    applied = tuple(Applied(ledger_id=ledger_id, amount=Decimal(amount)) for ledger_id, amount in parts)
    return replace(
        credit, key=make.key(), record=record, action=Action.APPLY, reference=there.ledger_id, applied=applied,
        booked=there,
    )  # fmt: skip


def refusal(ledger: Ledger, posting: Posting) -> Problem:
    """The problem of what is refused."""
    outcome = post(ledger, posting)[posting.key]
    assert isinstance(outcome, Rejected)
    return outcome.problem
