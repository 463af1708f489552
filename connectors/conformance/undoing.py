"""The part of the suite about undoing: what a ledger declares to void goes out of its books, once, and nothing else."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from connectors.conformance.applying import only_where
from connectors.conformance.harness import Harness
from connectors.conformance.making import KINDS_BOOKED, Making, booked, post, void
from connectors.ledger import Ledger, Posted, Posting, Rejected
from connectors.records import DOCUMENT_KINDS, Document, Kind, Payment


class Undoes:
    """Statements for ledgers that declare ``voids``; what is not declared is seen to be refused."""

    @pytest.mark.parametrize("kind", KINDS_BOOKED)
    def test_what_it_declares_goes_out_of_the_books_and_the_rest_is_refused(
        self, ledger: Ledger, harness: Harness, make: Making, customer: str, supplier: str, kind: Kind
    ) -> None:
        only_where(kind in ledger.capabilities.kinds)
        fields = {"tax": "14.98"} if kind in DOCUMENT_KINDS else {}
        posting = make.to_undo(kind, customer, supplier, **fields)
        before = harness.balances()
        undo = void(posting, answer(ledger, posting))
        outcome = post(ledger, undo)[undo.key]
        if kind not in ledger.capabilities.voids:
            assert isinstance(outcome, Rejected)
            assert outcome.problem.code == "undo_unsupported"
            assert posting.key in ledger.find([posting])
            return
        assert isinstance(outcome, Posted)
        assert not outcome.replayed
        assert ledger.find([posting]) == {}
        assert ledger.find([undo]).keys() == {undo.key}
        now = ledger.read([undo]).get(undo.reference)
        assert now is None or now.void
        if before is not None:
            assert nonzero(harness.balances() or {}) == nonzero(before)

    def test_reversed_on_a_later_day_it_stands_until_then(
        self, ledger: Ledger, harness: Harness, make: Making, customer: str
    ) -> None:
        only_where(Kind.INVOICE in ledger.capabilities.reverses)
        later = harness.day + timedelta(days=40)
        invoice = make.invoice(customer, "100.00")
        undo = replace(void(invoice, answer(ledger, invoice)), reverse_on=later)
        booked(ledger, undo)
        assert ledger.find([undo]).keys() == {undo.key}
        assert ledger.find([invoice]) == {}
        owing = {day: [each.total for each in ledger.aged_receivables(day) if each.customer == customer]
                 for day in (harness.day, later)}  # fmt: skip
        assert owing == {harness.day: [Decimal("100.00")], later: []}

    def test_an_account_is_not_undone(self, ledger: Ledger, make: Making) -> None:
        posting = make.customer()
        undo = void(posting, answer(ledger, posting))
        assert code(ledger, undo) == "undo_unsupported"
        assert ledger.find([undo]) == {}
        assert ledger.find([posting]).keys() == {posting.key}

    def test_a_voided_invoice_is_owed_no_more_and_its_number_is_free(
        self, ledger: Ledger, harness: Harness, make: Making, customer: str
    ) -> None:
        only_where(Kind.INVOICE in ledger.capabilities.voids)
        first, second = make.invoice(customer, "100.00"), make.invoice(customer, "40.00")
        undo = void(first, answer(ledger, first))
        booked(ledger, second, undo)
        with harness.open() as reopened:
            assert owed(reopened, customer, harness) == Decimal("40.00")
            anew = make.invoice(customer, "70.00", number=first.record.number)
            booked(reopened, anew)
            assert owed(reopened, customer, harness) == Decimal("110.00")
            assert reopened.find([first, second, anew]).keys() == {second.key, anew.key}

    def test_undone_twice_is_undone_once(self, ledger: Ledger, harness: Harness, make: Making, customer: str) -> None:
        only_where(Kind.INVOICE in ledger.capabilities.voids)
        rest, posting = make.invoice(customer, "10.00"), make.invoice(customer, "100.00")
        undo = void(posting, answer(ledger, posting))
        booked(ledger, rest, undo)
        with harness.open() as reopened:
            again = post(reopened, undo)[undo.key]
            assert isinstance(again, Posted)
            assert again.replayed
            assert owed(reopened, customer, harness) == Decimal("10.00")

    def test_a_key_that_was_undone_is_not_booked_again_where_the_ledger_knows_keys(
        self, ledger: Ledger, harness: Harness, make: Making, customer: str
    ) -> None:
        only_where(Kind.INVOICE in ledger.capabilities.voids and ledger.capabilities.idempotent)
        posting = make.invoice(customer, "100.00")
        booked(ledger, void(posting, answer(ledger, posting)))
        assert isinstance(post(ledger, posting)[posting.key], Rejected)
        assert owed(ledger, customer, harness) == 0

    @pytest.mark.parametrize("kind", [Kind.INVOICE, Kind.PAYMENT])
    def test_what_a_person_changed_is_not_undone(
        self, ledger: Ledger, harness: Harness, make: Making, customer: str, supplier: str, kind: Kind
    ) -> None:
        only_where(kind in ledger.capabilities.voids)
        posting = make.to_undo(kind, customer, supplier)
        undo = void(posting, answer(ledger, posting))
        only_where(harness.change_by_hand(undo.reference))
        with harness.open() as reopened:
            assert code(reopened, undo) == "changed_in_ledger"
            assert undo.key not in reopened.find([undo])
            assert reopened.read([undo])[undo.reference].void is False

    def test_what_was_booked_otherwise_than_we_remember_is_not_undone(
        self, ledger: Ledger, make: Making, customer: str
    ) -> None:
        only_where(Kind.INVOICE in ledger.capabilities.voids)
        posting = make.invoice(customer, "100.00")
        undo = void(posting, answer(ledger, posting))
        assert undo.booked
        for other in (replace(undo.booked, number="OTHER"), replace(undo.booked, total=Decimal("99.00"))):
            assert code(ledger, replace(undo, booked=other)) == "changed_in_ledger"
        another = booked(ledger, make.customer("Club d'hiver"))[0]
        assert code(ledger, replace(undo, customer=another)) == "changed_in_ledger", "a person moved it since"
        booked(ledger, undo)

    def test_what_a_person_deleted_is_undone_already(
        self, ledger: Ledger, harness: Harness, make: Making, customer: str
    ) -> None:
        only_where(Kind.INVOICE in ledger.capabilities.voids)
        posting, other = make.invoice(customer, "100.00"), make.invoice(customer, "25.00")
        undo, kept = void(posting, answer(ledger, posting)), void(other, answer(ledger, other))
        assert ledger.read([undo]).keys() == {undo.reference}
        if not harness.delete_by_hand(undo.reference):
            return
        with harness.open() as reopened:
            assert reopened.read([undo, kept]).keys() == {kept.reference}
            assert reopened.find([posting]) == {}
            assert reopened.find([undo, kept]).keys() == {undo.key}
            outcome = post(reopened, undo)[undo.key]
            assert isinstance(outcome, Posted)
            assert outcome.replayed
            assert owed(reopened, customer, harness) == Decimal("25.00")

    def test_an_invoice_with_a_payment_is_undone_after_its_payment(
        self, ledger: Ledger, harness: Harness, make: Making, customer: str
    ) -> None:
        only_where({Kind.INVOICE, Kind.PAYMENT} <= ledger.capabilities.voids)
        invoice = make.invoice(customer, "100.00")
        undo = void(invoice, answer(ledger, invoice))
        payment = make.payment(customer, "60.00", [(undo.reference, "60.00")])
        unpay = void(payment, answer(ledger, payment))
        assert code(ledger, undo) == "undo_applied"
        assert owed(ledger, customer, harness) == Decimal("40.00")
        booked(ledger, unpay)
        assert owed(ledger, customer, harness) == Decimal("100.00")
        booked(ledger, undo)
        assert owed(ledger, customer, harness) == 0

    @pytest.mark.parametrize("kind", [Kind.PAYMENT, Kind.CREDIT_NOTE])
    def test_what_settled_an_invoice_in_full_is_undone_and_the_invoice_is_open_again(
        self, ledger: Ledger, harness: Harness, make: Making, customer: str, kind: Kind
    ) -> None:
        only_where(kind in ledger.capabilities.kinds & ledger.capabilities.voids)
        due = harness.day - timedelta(days=40)
        invoice = make.invoice(customer, "100.00", due=due)
        [reference] = booked(ledger, invoice)
        parts = [(reference, "100.00")]
        settling = (
            make.payment(customer, "100.00", parts)
            if kind is Kind.PAYMENT
            else make.document(kind, customer, "100.00", applied=parts)
        )
        undo = void(settling, answer(ledger, settling))
        assert owed(ledger, customer, harness) == 0
        booked(ledger, undo)
        [aged] = [aged for aged in ledger.aged_receivables(harness.day) if aged.customer == customer]
        assert (aged.days_60, aged.total) == (Decimal(100), Decimal(100))
        again = make.payment(customer, "100.00", parts)
        booked(ledger, again)
        assert owed(ledger, customer, harness) == 0

    def test_a_payment_of_what_was_undone_is_refused(self, ledger: Ledger, make: Making, customer: str) -> None:
        only_where(Kind.INVOICE in ledger.capabilities.voids)
        invoice = make.invoice(customer, "100.00")
        undo = void(invoice, answer(ledger, invoice))
        booked(ledger, undo)
        payment = make.payment(customer, "60.00", [(undo.reference, "60.00")])
        assert isinstance(post(ledger, payment)[payment.key], Rejected)

    def test_a_void_that_is_refused_leaves_its_siblings_alone(
        self, ledger: Ledger, harness: Harness, make: Making, customer: str
    ) -> None:
        only_where(Kind.INVOICE in ledger.capabilities.voids)
        postings = [make.invoice(customer, f"{n}.00") for n in (10, 20, 30)]
        undoing = [void(posting, answer(ledger, posting)) for posting in postings]
        assert undoing[1].booked
        undoing[1] = replace(undoing[1], booked=replace(undoing[1].booked, total=Decimal("21.00")))
        outcomes = post(ledger, *undoing)
        assert [isinstance(outcomes[undo.key], Posted) for undo in undoing] == [True, False, True]
        assert owed(ledger, customer, harness) == Decimal("20.00")

    def test_reading_tells_number_total_and_customer(self, ledger: Ledger, make: Making, customer: str) -> None:
        only_where(ledger.capabilities.reads_back)
        postings: Sequence[Posting] = [make.invoice(customer, "100.00"), make.payment(customer, "60.00")]
        undoing = [void(posting, answer(ledger, posting)) for posting in postings]
        found = ledger.read(undoing)
        for undo in undoing:
            now, record = found[undo.reference], undo.record
            assert isinstance(record, Document | Payment)
            assert undo.booked
            assert now.number == undo.booked.number
            assert now.total in (None, record.total if isinstance(record, Document) else record.amount)
            assert (now.customer, now.applied, now.void) == (customer, (), False)
        assert ledger.read([]) == {}


def answer(ledger: Ledger, posting: Posting) -> Posted:
    """What the ledger answers to a posting that it books."""
    outcome = post(ledger, posting)[posting.key]
    assert isinstance(outcome, Posted), outcome
    return outcome


def owed(ledger: Ledger, customer: str, harness: Harness) -> Decimal:
    """What a customer owes on the day of the harness."""
    return sum((aged.total for aged in ledger.aged_receivables(harness.day) if aged.customer == customer), Decimal(0))


def code(ledger: Ledger, posting: Posting) -> str:
    """The code a void is refused with; it names the record."""
    outcome = post(ledger, posting)[posting.key]
    assert isinstance(outcome, Rejected), outcome
    assert (outcome.problem.kind, outcome.problem.key) == (posting.record.kind, posting.record.key)
    return outcome.problem.code


def nonzero(balances: object) -> dict[str, Decimal]:
    """Balances without those that are nothing."""
    assert isinstance(balances, dict)
    return {code: amount for code, amount in balances.items() if amount}
