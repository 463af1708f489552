"""The part of the suite about what a supplier takes off its bills (books.md, rules 1 and 5)."""

from decimal import Decimal

import pytest

from connectors.conformance.applying import only_where
from connectors.conformance.harness import Harness
from connectors.conformance.making import Making, booked, post, void
from connectors.conformance.on_account import applying
from connectors.conformance.undoing import answer, code, nonzero
from connectors.ledger import Ledger, Posted
from connectors.records import Kind


class TakesOff:
    """Statements for ledgers that take vendor credits."""

    def test_a_vendor_credit_is_a_bill_the_other_way_round(
        self, ledger: Ledger, harness: Harness, make: Making, supplier: str
    ) -> None:
        """What we owe, the expense and the tax that is recovered go down; no receivable moves."""
        only_where(Kind.VENDOR_CREDIT in ledger.capabilities.kinds)
        before, lists = harness.balances(), ledger.lists()
        [bill] = booked(ledger, make.document(Kind.SUPPLIER_INVOICE, supplier, "100.00", tax="14.98"))
        credit = make.document(
            Kind.VENDOR_CREDIT, supplier, "60.00", tax="8.99", applied=[(bill, "68.99")], invoice="B-1"
        )
        booked(ledger, credit)
        assert owed(ledger, supplier, harness) == Decimal("45.99")
        assert not [aged for aged in ledger.aged_receivables(harness.day) if aged.customer == supplier]
        if before is None:
            return
        after = harness.balances() or {}
        moved = {account: after[account] - before.get(account, Decimal(0)) for account in after}
        assert moved[lists.payable] == Decimal("-45.99")
        assert moved[harness.chart.expense] == Decimal("40.00")

    @pytest.mark.parametrize("paid", ["100.00", "60.00"])
    def test_it_takes_what_is_open_of_its_bill_and_the_rest_stays_with_the_supplier(
        self, ledger: Ledger, harness: Harness, make: Making, supplier: str, paid: str
    ) -> None:
        only_where({Kind.VENDOR_CREDIT, Kind.SUPPLIER_PAYMENT} <= ledger.capabilities.kinds)
        [bill] = booked(ledger, make.document(Kind.SUPPLIER_INVOICE, supplier, "100.00"))
        booked(ledger, make.disbursement(supplier, paid, [(bill, paid)]))
        parts = [(bill, "100.00")]
        credit = make.document(Kind.VENDOR_CREDIT, supplier, "100.00", applied=parts, invoice="B-1")
        booked(ledger, credit)
        [aged] = [aged for aged in ledger.aged_payables(harness.day) if aged.customer == supplier]
        assert (aged.total, aged.current) == (-Decimal(paid), -Decimal(paid))
        with harness.open() as reopened:
            again = reopened.find([credit]) or post(reopened, credit)
            assert isinstance(again[credit.key], Posted)
            assert owed(reopened, supplier, harness) == -Decimal(paid)

    def test_one_of_more_than_its_bill_or_of_a_bill_that_is_not_there_is_refused(
        self, ledger: Ledger, make: Making, supplier: str
    ) -> None:
        only_where(Kind.VENDOR_CREDIT in ledger.capabilities.kinds)
        [bill] = booked(ledger, make.document(Kind.SUPPLIER_INVOICE, supplier, "100.00"))
        for reference, why in ((bill, "credit_over_total"), ("no-such-bill", "deleted_in_ledger")):
            credit = make.document(Kind.VENDOR_CREDIT, supplier, "100.01", applied=[(reference, "100.01")])
            assert code(ledger, credit) == why
            assert ledger.find([credit]) == {}

    def test_a_bill_is_undone_after_what_takes_off_it(
        self, ledger: Ledger, harness: Harness, make: Making, supplier: str
    ) -> None:
        only_where({Kind.SUPPLIER_INVOICE, Kind.VENDOR_CREDIT} <= ledger.capabilities.voids)
        before = harness.balances()
        bill = make.document(Kind.SUPPLIER_INVOICE, supplier, "100.00")
        undo = void(bill, answer(ledger, bill))
        credit = make.document(
            Kind.VENDOR_CREDIT, supplier, "60.00", applied=[(undo.reference, "60.00")], invoice="B-1"
        )
        uncredit = void(credit, answer(ledger, credit))
        assert code(ledger, undo) == "undo_applied"
        booked(ledger, uncredit)
        assert owed(ledger, supplier, harness) == Decimal("100.00")
        booked(ledger, undo)
        assert ledger.find([bill, credit]) == {}
        now = harness.balances()
        assert now is None or nonzero(now) == nonzero(before or {})

    def test_what_named_no_bill_is_applied_later_and_undone_whole(
        self, ledger: Ledger, harness: Harness, make: Making, supplier: str
    ) -> None:
        only_where(Kind.VENDOR_CREDIT in ledger.capabilities.applies_later)
        credit = make.document(Kind.VENDOR_CREDIT, supplier, "60.00")
        there = answer(ledger, credit)
        [bill] = booked(ledger, make.document(Kind.SUPPLIER_INVOICE, supplier, "100.00"))
        later = applying(credit, there, [(bill, "60.00")], make)
        booked(ledger, later)
        assert ledger.find([later]).keys() == {later.key}
        again = post(ledger, later)[later.key]
        assert isinstance(again, Posted)
        assert again.replayed
        [aged] = [aged for aged in ledger.aged_payables(harness.day) if aged.customer == supplier]
        assert aged.total == Decimal("40.00")


def owed(ledger: Ledger, supplier: str, harness: Harness) -> Decimal:
    """What a supplier is owed on the day of the harness."""
    return sum((a.total for a in ledger.aged_payables(harness.day) if a.customer == supplier), Decimal(0))
