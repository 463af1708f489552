"""The part of the suite about foreign currency (books.md, rule 8): for ledgers that take it.

What is booked is in the home currency, at the record's own rate, to the cent; what is owed is in its own.
"""

from decimal import Decimal
from typing import Any

import pytest

from connectors.conformance.applying import only_where
from connectors.conformance.harness import Harness
from connectors.conformance.making import Making, booked, void
from connectors.conformance.undoing import answer, code, nonzero
from connectors.ledger import Ledger
from connectors.records import CreditNote, ExchangeRate, Kind, SupplierPayment


class ForeignCurrency:
    """Statements for ledgers that take other currencies than their own, whoever books their gains and losses."""

    @pytest.fixture
    def abroad(self, ledger: Ledger, harness: Harness) -> str:
        """A currency that is not the ledger's own; empty where the ledger takes none."""
        takes = ledger.capabilities.multi_currency and not ledger.lists().one_currency
        return harness.foreign if takes else ""

    @pytest.fixture
    def customer_abroad(self, ledger: Ledger, make: Making, customer: str, abroad: str) -> str:
        """A customer that may be billed in it."""
        return make.abroad(ledger, customer) if abroad else customer

    @pytest.fixture
    def supplier_abroad(self, ledger: Ledger, make: Making, supplier: str, abroad: str) -> str:
        """A supplier that may bill in it."""
        return make.abroad(ledger, supplier, is_supplier=True) if abroad else supplier

    def test_a_document_is_booked_at_its_rate_and_the_last_line_takes_what_rounding_leaves(
        self, ledger: Ledger, harness: Harness, make: Making, customer_abroad: str, abroad: str
    ) -> None:
        """114.97 at 1.3521 is 155.45 and its tax of 14.97 is 20.24; lines one by one would come to a cent more."""
        only_where(abroad)
        before = _balances(ledger, harness)
        booked(ledger, make.invoice(customer_abroad, "33.33", "33.33", "33.34", tax="14.97", **_at(abroad, "1.3521")))
        chart, booked_at = harness.chart, _moved(ledger, harness, before)
        assert booked_at[chart.revenue] == Decimal("-135.21")
        assert Decimal("-20.24") in booked_at.values()
        assert booked_at[_receivable(ledger, harness)] == Decimal("155.45")
        assert _owed(ledger, harness, customer_abroad) == {abroad: Decimal("114.97")}

    def test_what_is_paid_at_another_rate_gains_or_loses_and_is_owed_no_more(
        self, ledger: Ledger, harness: Harness, make: Making, customer_abroad: str, abroad: str
    ) -> None:
        only_where(abroad)
        before = _balances(ledger, harness)
        first, second = booked(
            ledger, *(make.invoice(customer_abroad, "100.00", **_at(abroad, "1.3521")) for _ in range(2))
        )
        booked(ledger, make.payment(customer_abroad, "100.00", [(first, "100.00")], **_at(abroad, "1.4017")))
        gained = _moved(ledger, harness, before)
        assert gained[ledger.lists().gains] == Decimal("-4.96")
        assert gained[harness.chart.bank] == Decimal("140.17")
        booked(ledger, make.payment(customer_abroad, "100.00", [(second, "100.00")], **_at(abroad, "1.25")))
        both = _moved(ledger, harness, before)
        assert _exchanged(ledger, both) == Decimal("5.25")
        assert _receivable(ledger, harness) not in both
        assert _owed(ledger, harness, customer_abroad) == {}

    def test_part_payments_at_several_rates_leave_not_a_cent(
        self, ledger: Ledger, harness: Harness, make: Making, customer_abroad: str, abroad: str
    ) -> None:
        """Whether they come one after the other or in one batch."""
        only_where(abroad)
        before = _balances(ledger, harness)
        [invoice] = booked(ledger, make.invoice(customer_abroad, "114.98", **_at(abroad, "1.3521")))
        parts = (("33.33", "1.30"), ("33.33", "1.41"), ("48.32", "1.3333"))
        payments = [make.payment(customer_abroad, much, [(invoice, much)], **_at(abroad, rate)) for much, rate in parts]
        booked(ledger, payments[0])
        assert _owed(ledger, harness, customer_abroad) == {abroad: Decimal("81.65")}
        booked(ledger, *payments[1:])
        after = _moved(ledger, harness, before)
        assert _exchanged(ledger, after) == Decimal("155.46") - Decimal("154.76")
        assert _receivable(ledger, harness) not in after
        assert _owed(ledger, harness, customer_abroad) == {}

    def test_one_payment_of_several_invoices_leaves_not_a_cent(
        self, ledger: Ledger, harness: Harness, make: Making, customer_abroad: str, abroad: str
    ) -> None:
        """0.50 at 1.35 is 0.68, and twice that is a cent more than 1.00 at 1.35."""
        only_where(abroad)
        before = _balances(ledger, harness)
        rate = _at(abroad, "1.35")
        both = booked(
            ledger, make.invoice(customer_abroad, "0.50", **rate), make.invoice(customer_abroad, "0.50", **rate)
        )
        booked(ledger, make.payment(customer_abroad, "1.00", [(each, "0.50") for each in both], **rate))
        after = _moved(ledger, harness, before)
        assert _receivable(ledger, harness) not in after
        assert _exchanged(ledger, after) == Decimal("0.01")

    def test_money_beyond_what_is_owed_stays_on_account_in_its_currency(
        self, ledger: Ledger, harness: Harness, make: Making, customer_abroad: str, abroad: str
    ) -> None:
        only_where(abroad)
        before = _balances(ledger, harness)
        [invoice] = booked(ledger, make.invoice(customer_abroad, "50.00", **_at(abroad, "1.35")))
        booked(ledger, make.payment(customer_abroad, "80.00", [(invoice, "50.00")], **_at(abroad, "1.40")))
        after = _moved(ledger, harness, before)
        assert after[_receivable(ledger, harness)] == Decimal("-42.00")
        assert _exchanged(ledger, after) == Decimal("-2.50")
        assert _owed(ledger, harness, customer_abroad) == {abroad: Decimal("-30.00")}

    def test_a_credit_at_another_rate_takes_its_invoice_off_at_what_it_came_with(
        self, ledger: Ledger, harness: Harness, make: Making, customer_abroad: str, abroad: str
    ) -> None:
        only_where(abroad)
        before = _balances(ledger, harness)
        [invoice] = booked(ledger, make.invoice(customer_abroad, "100.00", **_at(abroad, "1.3521")))
        credit = make.document(
            Kind.CREDIT_NOTE, customer_abroad, "40.00", applied=[(invoice, "40.00")], **_at(abroad, "1.30")
        )
        assert isinstance(credit.record, CreditNote)
        booked(ledger, credit)
        after = _moved(ledger, harness, before)
        assert after[_receivable(ledger, harness)] == Decimal("81.13")
        assert _exchanged(ledger, after) == Decimal("2.08")
        assert _owed(ledger, harness, customer_abroad) == {abroad: Decimal("60.00")}
        booked(ledger, make.payment(customer_abroad, "60.00", [(invoice, "60.00")], **_at(abroad, "1.3521")))
        assert _receivable(ledger, harness) not in _moved(ledger, harness, before)

    def test_a_bill_is_paid_at_another_rate(
        self, ledger: Ledger, harness: Harness, make: Making, supplier_abroad: str, abroad: str
    ) -> None:
        only_where(abroad)
        before = _balances(ledger, harness)
        [bill] = booked(ledger, make.document(Kind.SUPPLIER_INVOICE, supplier_abroad, "100.00", **_at(abroad, "1.30")))
        part = make.disbursement(supplier_abroad, "40.00", [(bill, "40.00")], **_at(abroad, "1.40"))
        assert isinstance(part.record, SupplierPayment)
        booked(ledger, part)
        after = _moved(ledger, harness, before)
        assert after[harness.chart.bank] == Decimal("-56.00")
        assert after[_payable(ledger, harness)] == Decimal("-78.00")
        assert _exchanged(ledger, after) == Decimal("4.00")
        [owed] = [each for each in ledger.aged_payables(harness.day) if each.customer == supplier_abroad]
        assert (owed.currency, owed.total) == (abroad, Decimal("60.00"))

    def test_what_is_undone_gives_its_gain_back_and_is_owed_again_to_the_cent(
        self, ledger: Ledger, harness: Harness, make: Making, customer_abroad: str, abroad: str
    ) -> None:
        only_where(abroad)
        only_where({Kind.PAYMENT, Kind.INVOICE} <= ledger.capabilities.voids)
        nothing = _balances(ledger, harness)
        invoice = make.invoice(customer_abroad, "100.00", **_at(abroad, "1.3521"))
        sold = answer(ledger, invoice)
        before = _balances(ledger, harness)
        payment = make.payment(customer_abroad, "33.33", [(sold.ledger_id, "33.33")], **_at(abroad, "1.41"))
        undo = void(payment, answer(ledger, payment))
        booked(ledger, undo)
        assert _moved(ledger, harness, before) == {}
        assert _owed(ledger, harness, customer_abroad) == {abroad: Decimal("100.00")}
        booked(ledger, make.payment(customer_abroad, "100.00", [(sold.ledger_id, "100.00")], **_at(abroad, "1.3521")))
        assert _receivable(ledger, harness) not in _moved(ledger, harness, nothing)

    def test_an_invoice_is_undone_whole(
        self, ledger: Ledger, harness: Harness, make: Making, customer_abroad: str, abroad: str
    ) -> None:
        only_where(abroad)
        only_where(Kind.INVOICE in ledger.capabilities.voids)
        before = _balances(ledger, harness)
        invoice = make.invoice(customer_abroad, "33.33", "33.33", "33.34", tax="14.97", **_at(abroad, "1.3521"))
        booked(ledger, void(invoice, answer(ledger, invoice)))
        assert _moved(ledger, harness, before) == {}
        assert _owed(ledger, harness, customer_abroad) == {}

    def test_a_payment_that_came_back_takes_its_gain_with_it(
        self, ledger: Ledger, harness: Harness, make: Making, customer_abroad: str, abroad: str
    ) -> None:
        """Whatever the rate is by then; what is paid once more gains or loses by its own."""
        only_where(abroad)
        only_where(Kind.RETURNED_PAYMENT in ledger.capabilities.kinds)
        [invoice] = booked(ledger, make.invoice(customer_abroad, "100.00", **_at(abroad, "1.3521")))
        before = _balances(ledger, harness)
        parts = [(invoice, "100.00")]
        [paid] = booked(ledger, make.payment(customer_abroad, "120.00", parts, **_at(abroad, "1.40")))
        booked(ledger, make.returned(customer_abroad, paid, "120.00", **_at(abroad, "1.45")))
        assert _moved(ledger, harness, before) == {}
        assert _owed(ledger, harness, customer_abroad) == {abroad: Decimal("100.00")}
        booked(ledger, make.payment(customer_abroad, "100.00", parts, **_at(abroad, "1.30")))
        assert _exchanged(ledger, _moved(ledger, harness, before)) == Decimal("5.21")

    def test_what_is_read_back_and_found_is_in_its_own_currency(
        self, ledger: Ledger, harness: Harness, make: Making, customer_abroad: str, abroad: str
    ) -> None:
        only_where(abroad)
        only_where(ledger.capabilities.reads_back)
        rate = _at(abroad, "1.3521")
        invoice = make.invoice(customer_abroad, "100.00", **rate)
        sold = answer(ledger, invoice).ledger_id
        payment = make.payment(customer_abroad, "100.00", [(sold, "100.00")], **_at(abroad, "1.40"))
        paid = answer(ledger, payment).ledger_id
        for posting, id_ in ((invoice, sold), (payment, paid)):
            standing = ledger.read([void(posting, answer(ledger, posting))])[id_]
            assert (standing.kind, standing.currency, standing.total, standing.customer) == (
                posting.record.kind, abroad, Decimal("100.00"), customer_abroad
            )  # fmt: skip

    def test_what_is_in_one_currency_does_not_settle_what_is_in_another(
        self, ledger: Ledger, harness: Harness, make: Making, customer_abroad: str, abroad: str
    ) -> None:
        only_where(abroad)
        only_where(not ledger.capabilities.currency_by_party)
        there, here = booked(
            ledger,
            make.invoice(customer_abroad, "100.00", **_at(abroad, "1.3521")),
            make.invoice(customer_abroad, "100.00"),
        )
        assert code(ledger, make.payment(customer_abroad, "100.00", [(there, "100.00")])) == "currency_differs"
        wrong = make.payment(customer_abroad, "100.00", [(here, "100.00")], **_at(abroad, "1.3521"))
        assert code(ledger, wrong) == "currency_differs"

    def test_a_sale_on_the_spot_and_an_entry_are_booked_at_their_rate(
        self, ledger: Ledger, harness: Harness, make: Making, customer_abroad: str, abroad: str
    ) -> None:
        only_where(abroad)
        before = _balances(ledger, harness)
        rate = _at(abroad, "1.3521")
        booked(ledger, make.document(Kind.SALES_RECEIPT, customer_abroad, "12.34", **rate), make.entry("10.00", **rate))
        after = _moved(ledger, harness, before)
        assert after[harness.chart.revenue] == Decimal("-30.20")
        assert after[harness.chart.deferred] == Decimal("13.52")


def _at(currency: str, rate: str) -> dict[str, Any]:
    return {"currency": currency, "exchange": ExchangeRate(rate=Decimal(rate))}


def _balances(ledger: Ledger, harness: Harness) -> dict[str, Decimal]:
    """The trial balance in the home currency alone: nothing stands there in another."""
    balances = ledger.balances(harness.day)
    assert {each.currency for each in balances} <= {""}
    return {each.account: each.amount for each in balances}


def _moved(ledger: Ledger, harness: Harness, before: dict[str, Decimal]) -> dict[str, Decimal]:
    now = _balances(ledger, harness)
    return dict(nonzero({each: now.get(each, Decimal(0)) - before.get(each, Decimal(0)) for each in now | before}))


def _exchanged(ledger: Ledger, moved: dict[str, Decimal]) -> Decimal:
    """What was lost, gains taken off."""
    lists = ledger.lists()
    return sum((moved.get(account, Decimal(0)) for account in {lists.gains, lists.losses}), Decimal(0))


def _owed(ledger: Ledger, harness: Harness, customer: str) -> dict[str, Decimal]:
    return {each.currency: each.total for each in ledger.aged_receivables(harness.day) if each.customer == customer}


def _receivable(ledger: Ledger, harness: Harness) -> str:
    """The account of what is owed in the foreign currency."""
    return _control(ledger, harness, ledger.lists().receivable)


def _payable(ledger: Ledger, harness: Harness) -> str:
    return _control(ledger, harness, ledger.lists().payable)


def _control(ledger: Ledger, harness: Harness, code: str) -> str:
    """The account of that kind of the foreign currency, where the ledger makes one with the first document of it."""
    if not ledger.capabilities.currency_by_party:
        return code
    with harness.open() as again:
        accounts = again.lists().accounts
    kind = next(account.type for account in accounts if account.code == code)
    alike = (each for each in accounts if each.by_party and each.type == kind and each.currency == harness.foreign)
    return next((account.code for account in alike), code)
