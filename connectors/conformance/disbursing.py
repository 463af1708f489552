"""The part of the suite about what suppliers are owed and paid (books.md, rule 1)."""

from datetime import timedelta
from decimal import Decimal

from connectors.conformance.applying import only_where
from connectors.conformance.harness import Harness
from connectors.conformance.making import Making, booked, post, void
from connectors.conformance.undoing import answer, code
from connectors.ledger import Ledger, Rejected
from connectors.records import Kind


class Disburses:
    """Statements for ledgers that take payments to suppliers."""

    def test_money_paid_to_a_supplier_leaves_its_account_and_what_is_owed(
        self, ledger: Ledger, harness: Harness, make: Making, supplier: str
    ) -> None:
        """For a bill, and on account: no receivable moves, and each side says what a textbook does."""
        only_where(Kind.SUPPLIER_PAYMENT in ledger.capabilities.kinds)
        before, lists = harness.balances(), ledger.lists()
        [bill] = booked(ledger, make.document(Kind.SUPPLIER_INVOICE, supplier, "230.00"))
        booked(ledger, make.disbursement(supplier, "200.00", [(bill, "200.00")]))
        for posting in (make.disbursement(supplier, "100.00"), make.disbursement(supplier, "50.00", [(bill, "30.00")])):
            if ledger.capabilities.pays_on_account:
                booked(ledger, posting)
            else:
                assert code(ledger, posting) == "paid_for_no_bill"
        assert not [aged for aged in ledger.aged_receivables(harness.day) if aged.customer == supplier]
        if before is None:
            return
        after = harness.balances() or {}
        moved = {account: after[account] - before.get(account, Decimal(0)) for account in after}
        spent = Decimal("350.00") if ledger.capabilities.pays_on_account else Decimal("200.00")
        assert moved[lists.payable] == spent - Decimal("230.00")
        assert moved[harness.chart.bank] == -spent
        assert not moved.get(lists.receivable)

    def test_one_payment_over_several_bills(
        self, ledger: Ledger, harness: Harness, make: Making, supplier: str
    ) -> None:
        only_where(Kind.SUPPLIER_PAYMENT in ledger.capabilities.kinds)
        first, second = booked(
            ledger, *(make.document(Kind.SUPPLIER_INVOICE, supplier, a) for a in ("100.00", "50.00"))
        )
        paid = make.disbursement(supplier, "120.00", [(first, "100.00"), (second, "20.00")])
        booked(ledger, paid)
        with harness.open() as reopened:
            assert reopened.find([paid]).keys() == {paid.key}

    def test_a_bill_that_was_paid_is_undone_after_its_payment(
        self, ledger: Ledger, harness: Harness, make: Making, supplier: str
    ) -> None:
        only_where({Kind.SUPPLIER_INVOICE, Kind.SUPPLIER_PAYMENT} <= ledger.capabilities.voids)
        before = harness.balances()
        bill = make.document(Kind.SUPPLIER_INVOICE, supplier, "100.00")
        undo = void(bill, answer(ledger, bill))
        paid = make.disbursement(supplier, "60.00", [(undo.reference, "60.00")])
        unpay = void(paid, answer(ledger, paid))
        assert code(ledger, undo) == "undo_applied"
        booked(ledger, unpay)
        booked(ledger, undo)
        assert ledger.find([bill, paid]) == {}
        now = harness.balances()
        assert now is None or {k: v for k, v in now.items() if v} == {k: v for k, v in (before or {}).items() if v}

    def test_a_bill_that_is_not_there_is_not_paid(self, ledger: Ledger, make: Making, supplier: str) -> None:
        only_where(Kind.SUPPLIER_PAYMENT in ledger.capabilities.kinds)
        for typed in ("no-such-bill", "x' OR 'a' = 'a"):
            paid = make.disbursement(supplier, "10.00", [(typed, "10.00")])
            outcome = post(ledger, paid)[paid.key]
            assert isinstance(outcome, Rejected)
            assert outcome.problem.code == "deleted_in_ledger"

    def test_it_is_refused_in_a_closed_period_and_of_who_is_not_there(
        self, ledger: Ledger, harness: Harness, make: Making, supplier: str
    ) -> None:
        only_where(Kind.SUPPLIER_PAYMENT in ledger.capabilities.kinds)
        [bill] = booked(ledger, make.document(Kind.SUPPLIER_INVOICE, supplier, "100.00"))
        parts = [(bill, "100.00")]
        assert code(ledger, make.disbursement("NOBODY-9", applied=parts)) == "account_unknown_in_ledger"
        unknown = make.disbursement(supplier, applied=parts, deposit_account="NO-SUCH")
        assert code(ledger, unknown) == "not_in_ledger"
        if harness.closed:
            late = make.disbursement(supplier, applied=parts, date=harness.closed - timedelta(days=1))
            assert code(ledger, late) == "period_closed"
