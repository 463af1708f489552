"""The part of the suite about payments that the bank gave back (books.md, rules 2 and 5)."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from connectors.conformance.applying import only_where
from connectors.conformance.harness import Harness
from connectors.conformance.making import Making, booked, post, void
from connectors.conformance.undoing import answer, code, nonzero, owed
from connectors.ledger import Applied, Ledger, Posted, Posting
from connectors.records import Kind


class Returns:
    """Statements for ledgers that take returned payments."""

    def test_a_payment_that_came_back_opens_its_invoice_again(
        self, ledger: Ledger, harness: Harness, make: Making, customer: str
    ) -> None:
        """At the invoice's own age; the money leaves the account that it had gone to."""
        only_where(Kind.RETURNED_PAYMENT in ledger.capabilities.kinds)
        due = harness.day - timedelta(days=40)
        [invoice] = booked(ledger, make.invoice(customer, "100.00", due=due))
        before = harness.balances()
        [paid] = booked(ledger, make.payment(customer, "100.00", [(invoice, "100.00")]))
        back = make.returned(customer, paid)
        booked(ledger, back)
        [aged] = [aged for aged in ledger.aged_receivables(harness.day) if aged.customer == customer]
        assert (aged.days_60, aged.total) == (Decimal("100.00"), Decimal("100.00"))
        after = harness.balances()
        assert after is None or nonzero(after) == nonzero(before or {})

    def test_all_that_it_paid_is_open_again_and_can_be_paid_anew(
        self, ledger: Ledger, harness: Harness, make: Making, customer: str
    ) -> None:
        """Of several invoices, in part, with money on account beside."""
        only_where(Kind.RETURNED_PAYMENT in ledger.capabilities.kinds)
        first, second = booked(ledger, make.invoice(customer, "100.00"), make.invoice(customer, "50.00"))
        parts = [(first, "100.00"), (second, "20.00")]
        [paid] = booked(ledger, make.payment(customer, "150.00", parts))
        booked(ledger, make.returned(customer, paid, "150.00"))
        assert owed(ledger, customer, harness) == Decimal("150.00")
        anew = make.payment(customer, "150.00", [(first, "100.00"), (second, "50.00")])
        booked(ledger, anew)
        assert owed(ledger, customer, harness) == 0
        assert ledger.find([anew]).keys() == {anew.key}

    def test_it_comes_back_once_however_often_it_is_sent(
        self, ledger: Ledger, harness: Harness, make: Making, customer: str
    ) -> None:
        only_where(Kind.RETURNED_PAYMENT in ledger.capabilities.kinds)
        [invoice] = booked(ledger, make.invoice(customer, "100.00"))
        [paid] = booked(ledger, make.payment(customer, "100.00", [(invoice, "100.00")]))
        back = make.returned(customer, paid)
        booked(ledger, back)
        with harness.open() as reopened:
            assert reopened.find([back]).keys() == {back.key}
            again = post(reopened, back)[back.key]
            assert isinstance(again, Posted)
            assert again.replayed
            assert owed(reopened, customer, harness) == Decimal("100.00")
        assert code(ledger, make.returned(customer, paid)) == "returned_twice"

    def test_it_is_undone_before_its_payment_and_the_invoice_is_paid_again(
        self, ledger: Ledger, harness: Harness, make: Making, customer: str
    ) -> None:
        only_where({Kind.PAYMENT, Kind.RETURNED_PAYMENT} <= ledger.capabilities.voids)
        [invoice] = booked(ledger, make.invoice(customer, "100.00"))
        before = harness.balances()
        payment = make.payment(customer, "60.00", [(invoice, "60.00")])
        unpay = void(payment, answer(ledger, payment))
        back = make.returned(customer, unpay.reference, "60.00")
        unreturn = self._unreturned(back, answer(ledger, back), [(invoice, "60.00")])
        assert code(ledger, unpay) == "undo_applied"
        booked(ledger, unreturn)
        assert ledger.find([unreturn]).keys() == {unreturn.key}
        assert owed(ledger, customer, harness) == Decimal("40.00")
        [aged] = [aged for aged in ledger.aged_receivables(harness.day) if aged.customer == customer]
        assert aged.current == Decimal("40.00")
        booked(ledger, unpay)
        assert ledger.find([back, payment]) == {}
        after = harness.balances()
        assert after is None or nonzero(after) == nonzero(before or {})

    def test_it_is_not_undone_once_its_invoice_was_paid_again(
        self, ledger: Ledger, make: Making, customer: str
    ) -> None:
        only_where(Kind.RETURNED_PAYMENT in ledger.capabilities.voids)
        [invoice] = booked(ledger, make.invoice(customer, "100.00"))
        parts = [(invoice, "100.00")]
        [paid] = booked(ledger, make.payment(customer, "100.00", parts))
        back = make.returned(customer, paid)
        undo = self._unreturned(back, answer(ledger, back), parts)
        booked(ledger, make.payment(customer, "100.00", parts))
        assert code(ledger, undo) == "applied_beyond_open"
        assert ledger.find([back]).keys() == {back.key}

    def test_what_is_not_there_or_was_more_does_not_come_back(
        self, ledger: Ledger, harness: Harness, make: Making, customer: str
    ) -> None:
        only_where(Kind.RETURNED_PAYMENT in ledger.capabilities.kinds)
        [paid] = booked(ledger, make.payment(customer, "100.00"))
        assert code(ledger, make.returned(customer, "no-such-payment")) == "deleted_in_ledger"
        assert code(ledger, make.returned(customer, paid, "99.99")) == "changed_in_ledger"
        if harness.closed:
            late = make.returned(customer, paid, date=harness.closed - timedelta(days=1))
            assert code(ledger, late) == "period_closed"

    @staticmethod
    def _unreturned(back: Posting, there: Posted, parts: list[tuple[str, str]]) -> Posting:
        """What undoes a return: it says what the payment is to pay again."""
        applied = tuple(Applied(ledger_id=name, amount=Decimal(amount)) for name, amount in parts)
        return replace(void(back, there), returned=back.returned, applied=applied)
