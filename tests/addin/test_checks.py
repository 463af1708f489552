"""Each check by its rule, on records alone: what it says of which record and cell, and what it leaves alone.

That the product asks them, and what becomes of a row, is held by the tests that run it whole.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from addin.journal import Answer, Question, Questions, State, Topic
from addin.journal.inbound import Proposal
from addin.journal.rows import payload_of, problem_text
from addin.options import Options
from addin.sync.checks import (
    accounts,
    amounts,
    balances,
    booked,
    booking,
    currencies,
    settling,
    sheet,
    standing,
    tax_doubts,
    taxes,
)
from addin.sync.deferral import Schedules
from connectors.ledger import Capabilities, LedgerCustomer, LedgerLists, Standing
from connectors.problems import Place, Problem, problem_of
from connectors.records import (
    Allocation,
    CreditNote,
    Customer,
    EntryLine,
    Item,
    JournalEntry,
    Kind,
    LedgerAccount,
    Origin,
    Payment,
    Refund,
    RevenueSchedule,
    SalesReceipt,
    SupplierInvoice,
    SupplierPayment,
    SyncStatus,
    Tax,
    TaxGroup,
    TaxRounding,
    What,
)
from connectors.source import SourceLists
from tests.addin.cases import DAY, TODAY, borne, company, document, line, told, told_in, transfer
from workbook.layout import ACCOUNT_MAP, ITEM_MAP, LINES, METHOD_MAP, PAYMENTS

CLUB = Customer(key="A1", number="1001", name="Club")
LIGUE = Customer(key="A2", number="1002", name="Ligue")
CENT = Decimal("0.01")


def payment(key: str = "P1", amount: str = "100.00", **shares: str) -> Payment:
    """A payment of the club, shared out over invoices."""
    parts = tuple(Allocation(invoice=invoice, amount=Decimal(share)) for invoice, share in shares.items())
    return Payment(key=key, number=f"R-{key}", date=DAY, customer="A1", currency="CAD", amount=Decimal(amount),
                   allocations=parts)  # fmt: skip


def credit(key: str = "C1", total: str = "100.00", invoice: str = "I1", **changes: Any) -> CreditNote:
    """A credit note of an invoice."""
    made: CreditNote = document(key, total, type_=CreditNote, invoice=invoice, **changes)
    return made


def entry(key: str = "J1", *amounts_: tuple[str, str], **changes: Any) -> JournalEntry:
    """A journal entry of (debit, credit)."""
    sides = tuple(EntryLine(account="4100", debit=Decimal(d), credit=Decimal(c)) for d, c in amounts_)
    made = JournalEntry(key=key, number=f"E-{key}", date=DAY, currency="CAD", lines=sides)
    return replace(made, **changes)


# amounts


def test_lines_and_taxes_come_to_the_sources_total() -> None:
    assert told(amounts.lines_add_up, company(document(**borne(GST="5.00", QST="9.98")))) == []
    wrong = document(lines=(line("60.00"), line("30.00", key="I1/2")), **borne(GST="5.00", QST="9.98"))
    assert told(amounts.lines_add_up, company(wrong)) == [
        ("lines_do_not_add_up", "invoice/I1", "total", {"lines": "90.00", "taxes": "14.98", "total": "114.98"})
    ]
    for field, value in (("subtotal", "100.01"), ("tax", "0.01"), ("total", "100.01")):
        one = document(**{field: Decimal(value)})
        assert [code for code, *_ in told(amounts.lines_add_up, company(one))] == ["lines_do_not_add_up"], field


def test_a_document_has_lines_and_no_total_below_nothing() -> None:
    assert told(amounts.lines_add_up, company(document(lines=()))) == [("no_lines", "invoice/I1", "", {})]
    negative = document("C1", "-0.01", type_=CreditNote)
    assert told(amounts.lines_add_up, company(negative)) == [
        ("negative_total", "credit_note/C1", "total", {"total": "-0.01"})
    ]
    assert told(amounts.lines_add_up, company(document(net="0.00"))) == []


def test_each_line_has_text() -> None:
    """AutoVu, check 7."""
    lines = (line("60.00"), line("40.00", key="I1/2", number=2, description=" \n"))
    assert told(amounts.lines_have_text, company(document(lines=lines))) == [
        ("line_without_text", "invoice/I1", "", {"line": "2"})
    ]


def test_debits_equal_credits() -> None:
    apart = entry("J2", ("10.00", "0"), ("5.00", "0"), ("0", "14.99"))
    assert told(amounts.entries_balance, company(entry("J1", ("10", "0"), ("0", "10")), apart, entry("J3"))) == [
        ("entry_not_balanced", "journal_entry/J2", "", {"debit": "15.00", "credit": "14.99"}),
        ("entry_not_balanced", "journal_entry/J3", "", {"debit": "0", "credit": "0"}),
    ]


def test_no_two_documents_of_a_kind_carry_one_number_in_any_case() -> None:
    """AutoVu, check 4."""
    same = [document("I1", number="f-1"), document("I2", number="F-1")]
    others = [document("I3", number=""), document("I4", number=""), document("C1", number="F-1", type_=CreditNote)]
    assert told(amounts.numbers_are_unique, company(*same, *others)) == [
        ("duplicate_number", "invoice/I1", "number", {"count": "2", "number": "f-1"}),
        ("duplicate_number", "invoice/I2", "number", {"count": "2", "number": "F-1"}),
    ]
    at_rest = company(*same, transfers=(transfer(same[1]),))
    assert [who for _, who, *_ in told(amounts.numbers_are_unique, at_rest)] == ["invoice/I1"]


def test_a_document_that_leaves_once_though_the_source_lost_it_still_has_its_number() -> None:
    mine, other = document("I1", number="F-1"), document("I2", number="F-1")
    unlisted = company(mine, other, numbers=lambda: {(Kind.INVOICE, "I2"): "F-1"})
    assert [(who, shown["count"]) for _, who, _, shown in told(amounts.numbers_are_unique, unlisted)] == [
        ("invoice/I1", "2")
    ]
    assert told(amounts.numbers_are_unique, company(mine, numbers=dict)) == []


def test_a_payment_is_shared_out_to_its_amount_and_no_further() -> None:
    invoices = [document("I1"), document("I2")]
    assert told(settling.settlements_fit, company(*invoices, payment(amount="100.00", I1="60.00", I2="40.00"))) == []
    assert told(settling.settlements_fit, company(*invoices, payment(amount="99.99", I1="60.00", I2="40.00"))) == [
        ("payment_over_allocated", "payment/P1", "amount", {"allocated": "100.00", "amount": "99.99"})
    ]


@pytest.mark.parametrize(
    ("state", "counts"),
    [(State.POSTED, True), (State.MANUAL, True), (State.UNKNOWN, True), (State.REJECTED, False), (State.UNDONE, False),
     (None, False)],
)  # fmt: skip
def test_what_the_ledger_has_of_an_invoices_payments_counts_before_what_leaves(
    state: State | None, counts: bool
) -> None:
    """What stays here pays nothing there."""
    invoice, there, leaves = document("I1"), payment("P9", "60.00", I1="60.00"), payment("P1", "60.00", I1="60.00")
    sent = (transfer(there, state),) if state else ()
    moment = company(invoice, leaves, there, transfers=sent, statuses={"P9": SyncStatus.STAND_BY})
    found = [("payment_over_balance", "payment/P1", "amount",
              {"invoice": "F-I1", "paid": "120.00", "total": "100.00"})]  # fmt: skip
    assert told(settling.settlements_fit, moment) == (found if counts else [])


def test_payments_of_one_invoice_count_in_order_of_date_and_by_its_key_where_it_has_no_number() -> None:
    early, late = payment("P2", "60.00", I1="60.00"), replace(payment("P1", "60.00", I1="60.00"), date=TODAY)
    moment = company(document("I1", number=""), late, early)
    assert told(settling.settlements_fit, moment) == [
        ("payment_over_balance", "payment/P1", "amount", {"invoice": "I1", "paid": "120.00", "total": "100.00"})
    ]
    assert told(settling.settlements_fit, company(late, early)) == []


@pytest.mark.parametrize(
    ("state", "counts"), [(State.POSTED, True), (State.UNKNOWN, True), (State.REJECTED, False), (None, False)]
)
def test_the_credits_of_an_invoice_come_to_its_total_and_no_further(state: State | None, counts: bool) -> None:
    there, leaves = credit("C9", "50.00"), credit("C1", "50.01")
    sent = (transfer(there, state),) if state else ()
    moment = company(document("I1"), leaves, there, transfers=sent, statuses={"C9": SyncStatus.STAND_BY})
    found = [("credit_over_total", "credit_note/C1", "total",
              {"invoice": "F-I1", "credited": "100.01", "total": "100.00"})]  # fmt: skip
    assert told(settling.settlements_fit, moment) == (found if counts else [])
    exactly = company(document("I1", number=""), credit("C1", "100.00"), credit("C2", "0.01"), credit("C3", invoice=""))
    assert told(settling.settlements_fit, exactly) == [
        ("credit_over_total", "credit_note/C2", "total", {"invoice": "I1", "credited": "100.01", "total": "100.00"})
    ]
    assert told(settling.settlements_fit, company(document("I1"), there, credit("C3", "1000.00", invoice=""))) == []
    after = company(document("I1"), credit("C0", invoice=""), credit("C1", "100.01"))
    assert [who for _, who, *_ in told(settling.settlements_fit, after)] == ["credit_note/C1"]


def test_a_payment_or_credit_goes_to_invoices_of_its_own_account() -> None:
    """Or of its family, where the ledger lets it."""
    stranger = document("I1", customer="A2")
    paid, credited = payment(I1="100.00"), credit(invoice="I1")
    apart = {"invoice": "F-I1", "account": "Club", "other": "Ligue"}
    both = [("invoice_of_another", "payment/P1", "invoice", apart),
            ("invoice_of_another", "credit_note/C1", "invoice", apart)]  # fmt: skip
    assert told(amounts.invoices_are_the_payers, company(CLUB, LIGUE, stranger, paid, credited)) == both
    assert told(amounts.invoices_are_the_payers, company(CLUB, document("I1"), paid, credited)) == []
    unnamed = company(replace(stranger, number=""), paid)
    assert told(amounts.invoices_are_the_payers, unnamed) == [
        ("invoice_of_another", "payment/P1", "invoice", {"invoice": "I1", "account": "A1", "other": "A2"})
    ]
    for parent in ("A1", "A0"):
        family = (replace(CLUB, parent="A0"), replace(LIGUE, parent=parent), Customer(key="A0", name="Fédération"))
        moment = company(*family, stranger, paid)
        assert told(amounts.invoices_are_the_payers, moment) == []
        alone = company(*family, stranger, paid, capabilities=Capabilities(pays_for_family=False))
        assert len(told(amounts.invoices_are_the_payers, alone)) == 1


def test_accounts_of_one_customer_of_the_ledger_pay_for_each_other_and_of_two_do_not() -> None:
    """A household: several accounts, one customer. What was booked on another customer counts as of that one."""
    stranger, paid = document("I1", customer="A2"), payment(I1="100.00")

    def linked(one: str, other: str, booked_on: str | None = None) -> list[str]:
        sent = [transfer(CLUB, State.MANUAL, ledger_id=one), transfer(LIGUE, State.MANUAL, ledger_id=other)]
        sent += [transfer(stranger, customer=booked_on)] if booked_on is not None else []
        moment = company(CLUB, LIGUE, stranger, paid, transfers=tuple(sent))
        return [code for code, *_ in told(amounts.invoices_are_the_payers, moment)]

    assert linked("7", "7") == []
    assert linked("7", "8") == ["invoice_of_another"]
    assert linked("7", "8", booked_on="7") == []
    assert linked("7", "7", booked_on="8") == ["invoice_of_another"]
    assert linked("7", "7", booked_on="") == []


def test_what_pays_an_invoice_is_in_its_currency() -> None:
    paid, credited = replace(payment(I1="100.00"), currency="USD"), credit(currency="EUR")
    assert told(currencies.currencies_agree, company(document("I1"), paid, credited)) == [
        ("currency_differs", "payment/P1", "currency", {"invoice": "F-I1", "currency": "USD", "other": "CAD"}),
        ("currency_differs", "credit_note/C1", "currency", {"invoice": "F-I1", "currency": "EUR", "other": "CAD"}),
    ]
    assert told(currencies.currencies_agree, company(document("I1"), payment(I1="1"), entry(invoice="I1"))) == []
    unnamed = company(document("I1", number=""), paid)
    assert told(currencies.currencies_agree, unnamed)[0][3]["invoice"] == "I1"


def test_who_is_kept_in_one_currency_is_billed_in_no_other() -> None:
    """One that the ledger has by what it says of it; a new one by what is to leave for it, else by the source."""
    can = Capabilities(currency_by_party=True)
    dollars, euros = document("I1", currency="USD"), document("I2", currency="EUR")

    def refused(*records: Any, account: Customer = CLUB, **given: Any) -> list[tuple[str, str, dict[str, str]]]:
        moment = company(account, *records, **({"capabilities": can} | given))
        return [(about, column, words) for code, about, column, words
                in told(currencies.accounts_keep_their_currency, moment)]  # fmt: skip

    def words(currency: str, kept: str) -> dict[str, str]:
        return {"account": "Club", "kept": kept, "currency": currency}

    assert refused(dollars) == []
    assert refused(dollars, euros) == [
        ("invoice/I1", "currency", words("USD", "CAD")), ("invoice/I2", "currency", words("EUR", "CAD")),
    ]  # fmt: skip
    of_the_source = replace(CLUB, currency="EUR")
    assert refused(dollars, euros, account=of_the_source) == [("invoice/I1", "currency", words("USD", "EUR"))]
    assert refused(dollars, euros, capabilities=Capabilities()) == []
    assert refused(dollars, euros, lists=LedgerLists(one_currency=True)) == []

    linked = {"transfers": (transfer(CLUB, State.MANUAL, ledger_id="7"),)}
    for kept, found in (("", ["invoice/I1", "payment/P1"]), ("USD", []), ("EUR", ["invoice/I1", "payment/P1"])):
        there = LedgerLists(customers=(LedgerCustomer(reference="7", name="Club", currency=kept),))
        paid = replace(payment(I1="1.00"), currency="USD")
        assert [about for about, *_ in refused(dollars, paid, lists=there, **linked)] == found
    assert refused(dollars, **linked) == []  # made since the last pull: the ledger says


def test_an_entry_is_in_the_currency_of_whose_debt_it_moves() -> None:
    there = LedgerLists(
        accounts=(LedgerAccount(code="1100", name="Owed", by_party=True), LedgerAccount(code="4100", name="Income")),
        customers=(LedgerCustomer(reference="7", name="Club", currency="USD"),),
    )
    linked = {"lists": there, "transfers": (transfer(CLUB, State.MANUAL, ledger_id="7"),)}
    ten, can = Decimal(10), Capabilities(currency_by_party=True)

    def refused(first: str, second: str, currency: str = "CAD") -> list[str]:
        lines = (EntryLine(account=first, debit=ten, customer="A1"), EntryLine(account=second, credit=ten))
        made = entry(lines=lines, currency=currency)
        moment = company(CLUB, made, **linked, capabilities=can, maps={ACCOUNT_MAP.name: {"A": "1100", "I": "4100"}})
        return [code for code, *_ in told(currencies.accounts_keep_their_currency, moment)]

    assert refused("A", "I") == ["account_in_another_currency"]
    assert refused("A", "I", "USD") == []
    assert refused("I", "A") == []


# balances


def test_a_balance_is_what_payments_and_credits_leave_of_the_total() -> None:
    """Membri 365; a document of the source that nothing pays says nothing of payments."""

    def of(balance: str, *others: Any, **given: Any) -> list[Any]:
        invoice = document("I1", balance=Decimal(balance))
        return told(balances.balances_follow_payments, company(invoice, *others, **given))

    paid, credited = payment(I1="30.00"), credit(total="20.00")
    figures = {"total": "100.00", "paid": "50.00", "owed": "50.00"}
    assert of("50.00", paid, credited) == []
    assert of("60.00", paid, credited) == [("balance_differs", "invoice/I1", "balance", {"balance": "60.00"} | figures)]
    assert of("0.00", paid, credited) == [("balance_differs", "invoice/I1", "balance", {"balance": "0.00"} | figures)]
    assert of("60.00") == []
    nothing = {"balance": "0.00", "total": "100.00", "paid": "0", "owed": "100.00"}
    elsewhere = payment(I9="30.00")
    assert of("0.00", elsewhere) == [("paid_without_payment", "invoice/I1", "balance", nothing)]
    waits = Options(all_when_paid=True)
    assert of("0.00", elsewhere, options=waits) == [("payment_not_shown", "invoice/I1", "balance", nothing)]
    assert of("60.00", elsewhere, options=waits)[0][0] == "balance_differs"
    for balance in ("-0.01", "100.01"):
        words = {"balance": balance, "total": "100.00"}
        assert of(balance, elsewhere) == [("balance_impossible", "invoice/I1", "balance", words)]
        assert of(balance) == [("balance_impossible", "invoice/I1", "balance", words)]
    assert of("-50.00", payment(amount="150.00", I1="150.00")) == []
    assert of("0.00", payment(amount="150.00", I1="150.00")) == []


def test_what_left_the_source_or_is_cancelled_pays_nothing() -> None:
    invoice = document("I1", balance=Decimal("100.00"))
    others = (payment("P2", I1="30.00"), payment("P3", I1="30.00"), credit("C1", "20.00", cancelled=True))
    moment = company(invoice, *others, seen={"P2": {"left_source": True}})
    assert [shown["paid"] for *_, shown in told(balances.balances_follow_payments, moment)] == ["30.00"]
    gone = company(replace(invoice, cancelled=True, balance=Decimal(7)), payment(I1="30.00"))
    assert told(balances.balances_follow_payments, gone) == []


def test_a_document_that_is_no_invoice_owes_its_total_or_nothing() -> None:
    """Nothing of the source's payments goes to it, whatever their keys."""
    for balance, codes in (("100.00", []), ("0.00", []), ("40.00", []), ("100.01", ["balance_impossible"])):
        bill = document("I1", type_=SupplierInvoice, balance=Decimal(balance))
        found = told(balances.balances_follow_payments, company(bill, document("I2"), payment(I1="60.00")))
        assert [code for code, who, *_ in found if who == "supplier_invoice/I1"] == codes, balance


# taxes

GST = Tax(code="GST", name="TPS", rate=Decimal("5"))
QST = Tax(code="QST", name="QST", rate=Decimal("9.9750"))
QC = TaxGroup(code="QC", name="Québec", taxes=("GST", "QST"))
SUM = TaxGroup(code="SUM", name="Somme", taxes=("GST",), rounding=TaxRounding.ROUNDED_SUM)
LISTS = SourceLists(taxes=(GST, QST), tax_groups=(QC, SUM, TaxGroup(code="EX", name="Exonéré")))


def taxed(gst: str = "5.00", qst: str = "9.98", own: str = "14.98", **changes: Any) -> Any:
    """An invoice of 100.00 of one line of the group QC, with these taxes; those of nothing are left out."""
    amounts_ = {name: amount for name, amount in (("GST", gst), ("QST", qst)) if amount}
    group = changes.pop("group", "QC")
    made = borne(**amounts_) | {"lines": (line(tax_group=group, tax_amount=Decimal(own)),)} | changes
    return document(**made)


def of_taxes(*documents: Any, cents: int = 2, **given: Any) -> list[Any]:
    """What is said of taxes."""
    lists = given.pop("source_lists", LISTS)
    moment = company(CLUB, *documents, options=Options(tax_cents=cents), source_lists=lists, **given)
    return told(taxes.taxes_follow_rates, moment)


AT_5 = {"tax": "TPS (GST)", "rate": "5", "base": "100.00", "expected": "5.00"}
AT_10 = {"tax": "QST", "rate": "9.975", "base": "100.00", "expected": "9.98"}


def test_a_tax_as_its_rate_says_is_not_told_and_within_the_cents_of_the_setting_it_leaves() -> None:
    assert of_taxes(taxed()) == []
    within, beyond = taxed(gst="5.02", own="15.00"), taxed(gst="5.03", own="15.01")
    on_line = {"line": "1", "group": "QC", "base": "100.00", "expected": "14.98"}
    assert of_taxes(within) == [
        ("tax_rounded", "invoice/I1", "tax", AT_5 | {"amount": "5.02"}),
        ("line_tax_rounded", "invoice/I1", "tax", on_line | {"amount": "15.00"}),
    ]
    assert of_taxes(beyond) == [
        ("tax_differs", "invoice/I1", "tax", AT_5 | {"amount": "5.03"}),
        ("line_tax_differs", "invoice/I1", "tax", on_line | {"amount": "15.01"}),
    ]
    assert [code for code, *_ in of_taxes(beyond, cents=3)] == ["tax_rounded", "line_tax_rounded"]
    assert [code for code, *_ in of_taxes(within, cents=1)] == ["tax_differs", "line_tax_differs"]


def test_a_tax_that_is_missing_or_of_no_group_is_told_with_its_groups() -> None:
    assert of_taxes(taxed(qst="", own="14.98")) == [
        ("tax_missing", "invoice/I1", "tax", AT_10 | {"group": "QC"}),
        ("line_taxes_differ", "invoice/I1", "tax", {"lines": "14.98", "taxes": "5.00"}),
    ]
    lines = (line("60.00", tax_group="EX"), line("40.00", key="I1/2", number=2), line("0.00", key="I1/3", number=3))
    assert of_taxes(document(**borne(GST="5.00") | {"lines": lines})) == [
        ("tax_not_of_group", "invoice/I1", "tax", {"tax": "GST", "amount": "5.00", "groups": "EX, —"})
    ]
    assert of_taxes(document(**borne(GST="0.00") | {"lines": lines})) == []
    small = document(net="0.40", lines=(line("0.40", tax_group="SUM"),))
    assert [code for code, *_ in of_taxes(small)] == ["tax_rounded"]


def test_the_groups_that_a_missing_tax_is_of_are_all_named() -> None:
    lines = (line("60.00", tax_group="SUM"), line("40.00", key="I1/2", number=2, tax_group="QC"))
    [(code, _, _, shown), *_] = of_taxes(document(**borne(QST="3.99") | {"lines": lines}))
    assert (code, shown["group"], shown["base"], shown["expected"]) == ("tax_missing", "QC + SUM", "100.00", "5.00")


def test_a_base_that_the_lines_do_not_come_to_is_told() -> None:
    def with_base(base: str) -> list[Any]:
        made = taxed()
        return of_taxes(replace(made, taxes=(replace(made.taxes[0], base=Decimal(base)), made.taxes[1])))

    assert with_base("100.02") == with_base("100.00") == with_base("0") == []
    assert with_base("100.03") == [("tax_base_differs", "invoice/I1", "tax", AT_5 | {"said": "100.03"})]
    assert with_base("80.00")[0][3]["said"] == "80.00"


def test_where_a_group_rounds_the_sum_a_cent_of_each_line_may_be_on_whichever_line() -> None:
    def of(*owns: str) -> list[Any]:
        lines = tuple(line("0.10", key=f"I1/{n}", number=n, tax_group="SUM", tax_amount=Decimal(own))
                      for n, own in enumerate(owns, 1))  # fmt: skip
        total = Decimal("0.10") * len(owns)
        sums = {"subtotal": total, "tax": Decimal("0.02"), "total": total + Decimal("0.02"), "balance": Decimal(0)}
        made = document(lines=lines, taxes=borne(GST="0.02")["taxes"], **sums)
        return of_taxes(made, cents=1)

    assert of("0.02", "0.00", "0.00", "0.00") == []
    assert of("0.05", "-0.03", "0.00", "0.00") == []
    assert of("0.05", "-0.04", "0.01", "0.00") == [
        ("line_tax_differs", "invoice/I1", "tax",
         {"line": "2", "group": "SUM", "base": "0.10", "expected": "0.01", "amount": "-0.04"})
    ]  # fmt: skip


def test_the_line_farthest_from_its_group_is_told_and_of_no_group_bears_nothing() -> None:
    lines = (line("50.00", tax_group="QC", tax_amount=Decimal("7.50")),
             line("50.00", key="I1/2", number=2, tax_group="QC", tax_amount=Decimal("7.60")))  # fmt: skip
    [one] = [each for each in of_taxes(document(**borne(GST="5.00", QST="9.98") | {"lines": lines}))
             if each[0].startswith("line_tax_")]  # fmt: skip
    assert one == ("line_tax_differs", "invoice/I1", "tax",
                   {"line": "2", "group": "QC", "base": "50.00", "expected": "7.49", "amount": "7.60"})  # fmt: skip
    bare = (line("100.00", tax_group="QC", tax_amount=Decimal("14.98")),
            line("0.00", key="I1/2", number=2, tax_amount=Decimal("0.00")))  # fmt: skip
    assert of_taxes(document(**borne(GST="5.00", QST="9.98") | {"lines": bare})) == []


def test_the_taxes_of_the_lines_come_to_the_documents_but_for_a_cent_a_line() -> None:
    assert of_taxes(taxed(own="14.96"))[-1][0] != "line_taxes_differ"
    apart = of_taxes(taxed(own="14.95"))
    assert apart[-1] == ("line_taxes_differ", "invoice/I1", "tax", {"lines": "14.95", "taxes": "14.98"})
    assert of_taxes(taxed(own="0")) == []
    many = tuple(line("10.00", key=f"I1/{n}", number=n, tax_group="QC", tax_amount=Decimal("1.50")) for n in range(10))
    codes = [code for code, *_ in of_taxes(document(**borne(GST="5.00", QST="9.98") | {"lines": many}))]
    assert "line_taxes_differ" not in codes


def test_without_groups_each_tax_is_held_against_the_base_that_the_document_says() -> None:
    def of(gst: str, base: str) -> list[Any]:
        made = document(**borne(GST=gst))
        return of_taxes(replace(made, taxes=(replace(made.taxes[0], base=Decimal(base)),)))

    assert of("5.00", "100.00") == []
    assert of("5.02", "100.00") == [("tax_rounded", "invoice/I1", "tax", AT_5 | {"amount": "5.02"})]
    assert of("5.03", "100.00") == [("tax_differs", "invoice/I1", "tax", AT_5 | {"amount": "5.03"})]
    beyond = {**AT_5, "base": "100.00", "expected": "6.00", "said": "120.00"}
    assert of("6.00", "120.00") == [("tax_base_differs", "invoice/I1", "tax", beyond)]
    assert of("5.00", "0") == [("taxes_not_compared", "", "", {"count": "1", "number": "F-I1", "taxes": "GST"})]


def test_taxes_that_nothing_can_be_compared_with_are_told_of_once() -> None:
    """For want of a rate or of a group; that which bears none is not counted."""
    documents = [
        document(key, **borne(**{code: "5.00"})) for key, code in (("I1", "PST"), ("I2", "GST"), ("I3", "PST"))
    ]
    none = document("I4", **borne(GST="0.00"))
    assert of_taxes(*documents, none) == [
        ("taxes_not_compared", "", "", {"count": "3", "number": "F-I1", "taxes": "GST, PST"})
    ]
    unknown = taxed(group="ON", qst="", own="5.00")
    assert [code for code, *_ in of_taxes(unknown)] == ["taxes_not_compared"]


def test_nothing_is_said_of_taxes_where_the_document_does_not_add_up_or_an_exempt_account_bears_none() -> None:
    assert of_taxes(taxed(gst="50.00", total=Decimal("1.00"))) == []
    exempt = replace(CLUB, key="A9", tax_exempt=True)
    untaxed = document(customer="A9", lines=(line(tax_group="QC"),))
    assert of_taxes(exempt, untaxed) == []
    assert [code for code, *_ in of_taxes(replace(untaxed, customer="A1"))] == ["tax_missing", "tax_missing"]
    assert [code for code, *_ in of_taxes(exempt, taxed(gst="50.00", customer="A9"))] == [
        "tax_differs", "line_taxes_differ"
    ]  # fmt: skip


def test_a_suppliers_bill_may_be_rounded_in_the_other_way() -> None:
    """Half a cent a line: whether the sum or each was rounded is the supplier's choice."""
    lines = tuple(line("10.00", key=f"B1/{n}", number=n, tax_group="SUM") for n in range(10))
    for gst, code in (("5.05", "tax_rounded"), ("5.06", "tax_differs")):
        bill = document("B1", type_=SupplierInvoice, **borne(GST=gst) | {"lines": lines})
        assert [code for code, *_ in of_taxes(bill)] == [code], gst
    invoice = document("I1", **borne(GST="5.05") | {"lines": lines})
    assert [code for code, *_ in of_taxes(invoice)] == ["tax_differs"]


def test_a_cent_is_the_smallest_unit_of_the_documents_currency() -> None:
    yen = taxed(gst="7", qst="10", own="0", currency="JPY")
    assert [code for code, *_ in of_taxes(yen)] == ["tax_rounded"]


def test_an_exempt_account_that_is_billed_a_tax_is_told_of_for_a_sale_alone() -> None:
    exempt = replace(CLUB, tax_exempt=True)
    made = company(exempt, taxed(), document("I2"), document("B1", type_=SupplierInvoice, **borne(GST="5.00")))
    assert told(tax_doubts.taxes_in_doubt, made) == [
        ("exempt_taxed", "invoice/I1", "tax", {"account": "Club", "tax": "14.98"})
    ]
    for plain in (company(CLUB, taxed()), company(taxed())):
        assert told(tax_doubts.taxes_in_doubt, plain) == []


# accounts


def test_no_account_is_its_own_ancestor() -> None:
    three = [Customer(key=key, name=name, parent=parent)
             for key, name, parent in (("A1", "Un", "A2"), ("A2", "Deux", "A3"), ("A3", "Trois", "A1"))]  # fmt: skip
    child, alone = Customer(key="A4", name="Quatre", parent="A1"), Customer(key="A5", name="Cinq", parent="A5")
    assert told(accounts.parents_end, company(*three, child, alone)) == [
        ("parent_circular", "customer/A1", "parent", {"chain": "Deux → Trois → Un"}),
        ("parent_circular", "customer/A2", "parent", {"chain": "Trois → Un → Deux"}),
        ("parent_circular", "customer/A3", "parent", {"chain": "Un → Deux → Trois"}),
        ("parent_circular", "customer/A5", "parent", {"chain": "Cinq"}),
    ]
    assert told(accounts.parents_end, company(Customer(key="A1", name="Un", parent="A9"))) == []


@pytest.mark.parametrize(
    ("care_of", "wrong"),
    [
        ("A2", False),
        ("A77", True),
        ("Ligue", False),
        ("Madame Roy", False),
        ("", False),
        ("B77", False),
        ("A-7", False),
    ],
)
def test_in_whose_care_mail_is_sent_is_an_account_where_it_is_written_like_one(care_of: str, wrong: bool) -> None:
    """AutoVu, check 3; a name goes as it is."""
    word = Customer(key="siege", name="Siège")
    moment = company(CLUB, LIGUE, word, document(care_of=care_of))
    found = [("care_of_unknown", "invoice/I1", "care_of", {"care_of": care_of})]
    assert told(accounts.care_is_known, moment) == (found if wrong else [])
    account = company(replace(CLUB, care_of=care_of), LIGUE, word, document())
    assert [who for _, who, *_ in told(accounts.care_is_known, account)] == (["customer/A1"] if wrong else [])
    changed = company(
        replace(CLUB, care_of=care_of), LIGUE, word, transfers=(transfer(CLUB, digest="before"),)
    )  # fmt: skip
    assert [who for _, who, *_ in told(accounts.care_is_known, changed)] == (["customer/A1"] if wrong else [])


def test_a_billed_account_is_linked_or_flagged_as_new() -> None:
    """Membri 365, "Create new customer accounts"."""
    no: dict[str, Any] = {"typed": {"A1": {"new_account": "No"}}}
    assert told(accounts.accounts_are_linked, company(CLUB, LIGUE, document(), **no)) == [
        ("account_not_linked", "customer/A1", "new_account", {})
    ]
    assert told(accounts.accounts_are_linked, company(CLUB, document())) == []
    assert told(accounts.accounts_are_linked, company(CLUB, **no)) == []
    assert told(accounts.accounts_are_linked, company(CLUB, document(), gone=frozenset({"A1"}))) == []
    for state, codes in ((State.POSTED, 0), (State.MANUAL, 0), (State.REJECTED, 1), (State.GONE, 0)):
        sent = company(CLUB, document(), transfers=(transfer(CLUB, state),), **no)
        assert len(told(accounts.accounts_are_linked, sent)) == codes, state


THERE = LedgerLists(customers=tuple(LedgerCustomer(reference=f"L-A{n}", name=f"N{n}", active=n != 2) for n in (1, 2)))


def test_a_linked_account_is_a_customer_of_the_ledger() -> None:
    def of(lists: LedgerLists, reference: str, action: str = "link") -> list[Any]:
        sent = transfer(CLUB, State.MANUAL, ledger_id=reference, action=action)
        return told(accounts.links_are_known, company(CLUB, transfers=(sent,), lists=lists))

    assert of(THERE, "X") == [("account_unknown_in_ledger", "customer/A1", "reference", {"reference": "X"})]
    assert of(THERE, "L-A1") == of(LedgerLists(), "X") == of(THERE, "X", action="create") == []


def test_two_accounts_of_one_customer_are_held_until_a_person_says_that_they_share_it() -> None:
    """A household may have several accounts and one customer (trust.md, section 2)."""
    three = (CLUB, LIGUE, Customer(key="A3", name="Trio"))
    sent = tuple(transfer(each, ledger_id="L-A1") for each in three)
    alone = transfer(Customer(key="A4", name="Quatre"))
    moment = company(*three, Customer(key="A4", name="Quatre"), transfers=(*sent, alone))
    assert told(accounts.links_are_known, moment) == [
        ("account_linked_twice", "customer/A1", "reference", {"reference": "L-A1", "others": "Ligue, Trio"}),
        ("account_linked_twice", "customer/A2", "reference", {"reference": "L-A1", "others": "Club, Trio"}),
        ("account_linked_twice", "customer/A3", "reference", {"reference": "L-A1", "others": "Club, Ligue"}),
    ]
    asked = [Question(kind=Kind.CUSTOMER, record=each.key, topic=Topic.SHARE, about="L-A1", answer=Answer.YES)
             for each in three]  # fmt: skip
    for answers, held in ((asked, 0), (asked[:2], 3)):
        shared = company(*three, transfers=sent, questions=Questions.of(answers))
        assert len(told(accounts.links_are_known, shared)) == held


def test_the_customer_of_a_billed_account_is_in_use() -> None:
    sent = tuple(map(transfer, (CLUB, LIGUE)))
    billed = company(CLUB, LIGUE, document(customer="A2"), document("I2"), transfers=sent, lists=THERE)
    assert told(accounts.linked_are_in_use, billed) == [
        ("account_inactive_in_ledger", "customer/A2", "reference", {"reference": "L-A2", "name": "N2"})
    ]
    assert told(accounts.linked_are_in_use, company(CLUB, LIGUE, document(), transfers=sent, lists=THERE)) == []


def test_no_two_new_accounts_have_one_name_where_names_are_unique() -> None:
    """Which of them may take it is not known; one that is not flagged as new takes none."""
    named = [Customer(key=f"A{n}", name=name) for n, name in enumerate(("Club", "CLUB", "club", "Ligue"), 1)]
    bills = [document(f"I{n}", customer=f"A{n}") for n in range(1, 5)]
    unique = Capabilities(unique_names=True)
    assert told(accounts.names_are_apart, company(*named, *bills, capabilities=unique)) == [
        ("names_equal", f"customer/{each.key}", "name", {"name": each.name, "count": "3"}) for each in named[:3]
    ]
    assert told(accounts.names_are_apart, company(*named, *bills)) == []
    no = company(*named[:2], *bills[:2], capabilities=unique, typed={"A2": {"new_account": "No"}})
    assert told(accounts.names_are_apart, no) == []
    gone = company(*named[:2], *bills[:2], capabilities=unique, gone=frozenset({"A2"}))
    assert told(accounts.names_are_apart, gone) == []


def test_no_new_account_stands_deeper_than_the_ledger_takes() -> None:
    chain = [Customer(key=f"A{n}", name=f"N{n}", parent=f"A{n - 1}" if n > 1 else "") for n in (1, 2, 3)]
    bill = document(customer="A3")
    two = Capabilities(customer_levels=2)
    assert told(accounts.families_are_shallow, company(*chain, bill, capabilities=two)) == [
        ("parents_too_many", "customer/A3", "parent", {"chain": "N1 → N2 → N3", "limit": "2"})
    ]
    for others in (
        Capabilities(customer_levels=3),
        Capabilities(),
        Capabilities(customer_levels=2, sub_customers=False),
    ):
        assert told(accounts.families_are_shallow, company(*chain, bill, capabilities=others)) == []


def test_a_sale_is_billed_to_a_customer_and_a_purchase_by_a_supplier_where_the_ledger_keeps_them_apart() -> None:
    supplier = replace(LIGUE, is_supplier=True)
    sale, bill = document("I1", customer="A2"), document("B1", type_=SupplierInvoice)
    right = (document("I2"), document("B2", type_=SupplierInvoice, customer="A2"), document("I3", customer="A9"))
    apart = Capabilities(parties_apart=True)
    both = [("supplier_sold_to", "invoice/I1", "account", {"account": "Ligue"}),
            ("customer_bought_from", "supplier_invoice/B1", "account", {"account": "Club"})]  # fmt: skip
    assert told(accounts.sides_agree, company(CLUB, supplier, sale, bill, *right, capabilities=apart)) == both
    assert told(accounts.sides_agree, company(CLUB, supplier, sale, bill)) == []
    for supplies, codes in ((True, ["supplier_sold_to"]), (False, [])):
        lists = LedgerLists(customers=(LedgerCustomer(reference="L-A1", name="x", is_supplier=supplies),))
        linked = company(CLUB, right[0], transfers=(transfer(CLUB),), capabilities=apart, lists=lists)
        assert [code for code, *_ in told(accounts.sides_agree, linked)] == codes
    unknown = company(CLUB, right[0], transfers=(transfer(CLUB),), capabilities=apart)
    assert told(accounts.sides_agree, unknown) == []


def test_money_is_paid_to_an_account_that_the_source_calls_a_supplier_or_that_has_billed_us() -> None:
    """Given back to a customer it would be a refund (books.md, rule 1)."""
    supplied = SupplierPayment(key="P2", date=DAY, customer="A1", currency="CAD", amount=Decimal(1))
    assert told(accounts.suppliers_are_paid, company(CLUB, supplied)) == [
        ("paid_no_supplier", "supplier_payment/P2", "account", {"account": "Club"})
    ]
    bill = document("B1", type_=SupplierInvoice)
    for right in ((replace(CLUB, is_supplier=True), supplied), (CLUB, supplied, bill), (CLUB, payment()), (supplied,)):
        assert told(accounts.suppliers_are_paid, company(*right)) == []
    other = company(CLUB, supplied, replace(bill, customer="A2"), document("I1"))
    assert len(told(accounts.suppliers_are_paid, other)) == 1


def test_what_a_person_changed_of_an_account_in_the_ledger_is_decided_before_it_is_written_over() -> None:
    undecided = frozenset({(Kind.CUSTOMER, "A1"), (Kind.INVOICE, "I1"), (Kind.CUSTOMER, "A9")})
    told_of = [("change_undecided", "customer/A1", "status", {})]

    def of(**given: Any) -> list[Any]:
        sent = given.pop("transfers", (transfer(CLUB),))
        return told(accounts.changes_are_decided, company(CLUB, document(), transfers=sent, **given))

    assert of(undecided=undecided) == told_of
    assert of() == of(undecided=undecided, transfers=()) == []
    assert of(undecided=undecided, statuses={"A1": SyncStatus.STAND_BY}) == []


# booking


def test_documents_are_sent_and_invoices_paid_where_the_settings_ask_for_it() -> None:
    """AutoVu, check 1; Membri 365, settings."""
    draft, owed = document("C1", type_=CreditNote, sent=False), document("I1")
    dues = [document(f"D{n}", origin=origin) for n, origin in enumerate((Origin.MEMBERSHIP, Origin.RENEWAL))]
    paid, receipt = document("I2", balance=Decimal(0)), document("S1", type_=SalesReceipt)

    def of(**options: bool) -> list[Any]:
        return told(booking.settings_allow, company(draft, owed, *dues, paid, receipt, options=Options(**options)))

    assert of() == [("not_sent", "credit_note/C1", "sent", {})]
    assert of(require_sent=False) == []
    waits = [("waits_for_payment", f"invoice/{key}", "paid", {}) for key in ("I1", "D0", "D1")]
    assert of(require_sent=False, all_when_paid=True) == waits
    assert of(require_sent=False, dues_when_paid=True) == waits[1:]


def test_an_entry_is_transferred_at_its_own_date() -> None:
    """Membri 365, step 6."""
    entries = [entry(f"J{n}", date=date(2026, 2, n)) for n in (1, 2)] + [entry("J3", date=TODAY)]
    late = [("waits_for_date", f"journal_entry/J{n}", "date", {"date": f"2026-02-0{n}"}) for n in (1, 2)]
    assert told(booking.entries_are_due, company(*entries, document("I1", date=date(2026, 3, 1)))) == late
    until = Options(entries_until=date(2026, 2, 1))
    assert told(booking.entries_are_due, company(*entries, options=until)) == late[1:]


def test_an_account_of_the_other_side_is_told_of_once() -> None:
    lists = SourceLists(accounts=(LedgerAccount(code="5100", name="Frais", type="Expense"),
                                  LedgerAccount(code="4100", name="Dues", type="Income")))  # fmt: skip
    lines = (line("10.00"), line("60.00", key="I1/2", number=2, gl_account="5100"),
             line("30.00", key="I1/3", number=3, gl_account="5100"))  # fmt: skip
    sale, bill = document("I1", lines=lines), document("B1", type_=SupplierInvoice)
    crossed = [
        ("account_crosses_sides", "invoice/I1", "",
         {"line": "2", "account": "5100", "name": "Frais", "type": "Expense"}),
        ("account_crosses_sides", "supplier_invoice/B1", "",
         {"line": "1", "account": "4100", "name": "Dues", "type": "Income"}),
    ]  # fmt: skip
    assert told(booking.accounts_are_of_the_side, company(sale, bill, source_lists=lists)) == crossed
    there = LedgerLists(accounts=(LedgerAccount(code="X", name="Ventes", type="Revenue"),
                                  LedgerAccount(code="Y", name="Autre", type="Equity")))  # fmt: skip
    mapped = {ACCOUNT_MAP.name: {"5100": "X", "4100": "Y"}}
    [one] = told(booking.accounts_are_of_the_side, company(sale, bill, source_lists=lists, lists=there, maps=mapped))
    assert one == crossed[1], "the ledger's type counts where it says a side, else the source's"


def test_where_sales_name_items_the_item_decides_on_the_account_and_that_is_told_once() -> None:
    lists = LedgerLists(items=(Item(code="7", name="Dues", account="Sales"), Item(code="8", name="Other", account="Z")))
    maps = {ACCOUNT_MAP.name: {"4100": "Dues income", "4200": "Z", "5100": "Cost"}, ITEM_MAP.name: {"M": "7", "N": "8"}}
    lines = (line("60.00", item="M"), line("40.00", key="I1/2", number=2, item="N", gl_account="4200"))
    documents = (document("I1", lines=lines), document("I2", lines=(line(item="M"),)),
                 document("B1", type_=SupplierInvoice, lines=(line(item="M", gl_account="5100"),)))  # fmt: skip
    by_item = Capabilities(lines_by="item")
    moment = company(*documents, lists=lists, maps=maps, capabilities=by_item)
    assert told(booking.items_book_as_mapped, moment) == [
        ("item_account_differs", "", "", {"item": "7", "booked": "Sales", "account": "Dues income", "count": "2"})
    ]
    assert told(booking.items_book_as_mapped, company(*documents, lists=lists, maps=maps)) == []
    defaults = {"(default, sales)": "Default income", "(default, purchases)": "x"}
    by_default = {**maps, ACCOUNT_MAP.name: defaults}
    [(_, _, _, shown)] = told(
        booking.items_book_as_mapped, company(documents[1], lists=lists, maps=by_default, capabilities=by_item)
    )
    assert shown["account"] == "Default income"
    unmapped = company(*documents, lists=lists, maps={ITEM_MAP.name: maps[ITEM_MAP.name]}, capabilities=by_item)
    assert told(booking.items_book_as_mapped, unmapped) == []


def test_what_the_ledger_is_known_not_to_take_is_refused_of_records_and_of_accounts() -> None:
    short = Capabilities(number_length=4, name_length=3, kinds=frozenset(Kind) - {Kind.PAYMENT})
    bill, paid = document(number="F-1"), payment(I1="1")
    changed = company(CLUB, replace(LIGUE, name="Une"), bill, replace(bill, key="I2", number="F-123"), paid,
                      capabilities=short, transfers=(transfer(LIGUE, digest="before"),))  # fmt: skip
    found = told(booking.ledger_can, changed)
    assert sorted((code, who) for code, who, *_ in found) == [
        ("kind_unsupported", "payment/P1"), ("name_too_long", "customer/A1"), ("number_too_long", "invoice/I2"),
    ]  # fmt: skip


def test_a_name_that_the_ledger_has_is_taken_but_by_what_was_sent_before() -> None:
    """One that was sent may be there already, and the ledger knows it again by the one customer of its name."""
    lists = LedgerLists(customers=(LedgerCustomer(reference="7", name="CLUB"),))
    unique = Capabilities(unique_names=True)

    def of(lists: LedgerLists, *transfers: Any) -> list[str]:
        moment = company(CLUB, document(), capabilities=unique, lists=lists, transfers=transfers)
        return [code for code, *_ in told(booking.ledger_can, moment)]

    assert of(lists) == ["name_taken"]
    assert of(lists, transfer(CLUB, State.REJECTED)) == []
    assert of(lists, transfer(CLUB, State.REJECTED, sent=0.0)) == ["name_taken"]
    two = LedgerLists(customers=(*lists.customers, LedgerCustomer(reference="8", name="club")))
    assert of(two, transfer(CLUB, State.REJECTED)) == ["name_taken"]


# the sheet


def places(check: Any, moment: Any) -> list[Place | None]:
    """The cells of what a check says."""
    return [problem.place for problem in check(moment.case())]


def test_a_locked_cell_shows_what_the_source_says() -> None:
    moment = company(CLUB, document(), typed={"I1": {"total": Decimal("1.00"), "number": " F-I1 "}})
    assert told(sheet.cells_are_the_sources, moment) == [
        ("cell_changed", "invoice/I1", "total",
         {"column_en": "Total", "column_fr": "Total", "expected": "100", "value": "1"})
    ]  # fmt: skip
    renamed = company(CLUB, document(), typed={"A1": {"name": None}})
    assert told(sheet.cells_are_the_sources, renamed)[0][3] == {
        "column_en": "Name", "column_fr": "Nom", "expected": "Club", "value": ""
    }  # fmt: skip
    for given in ({"unsound": frozenset({"I1"})}, {"transfers": (transfer(document()),)}):
        assert told(sheet.cells_are_the_sources, replace(moment, **given)) == []


def test_a_record_whose_row_was_deleted_is_told() -> None:
    gone: dict[str, Any] = {"gone": frozenset({"I1", "A1"})}
    missing = [("row_missing", "customer/A1", "", {}), ("row_missing", "invoice/I1", "", {})]
    assert told(sheet.rows_are_there, company(CLUB, document(), document("I2"), **gone)) == missing
    left = company(CLUB, document(), seen={"I1": {"left_source": True}}, transfers=(transfer(CLUB),), **gone)
    assert told(sheet.rows_are_there, left) == []


def test_a_line_shows_what_the_source_says_and_has_its_row() -> None:
    lines = (line("60.00"), line("40.00", key="I1/2", number=2, description="Autre"))
    made = document(lines=lines)
    assert told(sheet.lines_are_the_sources, company(made)) == []
    assert told(sheet.lines_are_the_sources, company(made, gone=frozenset({"I1/1"}))) == [
        ("line_row_missing", "invoice/I1", "reason", {"line": "1"})
    ]
    moment = company(made, gone=frozenset({"I1/1"}), lines={"I1/2": {"description": "x"}})
    [_, changed] = told(sheet.lines_are_the_sources, moment)
    assert changed == (
        "cell_changed", "invoice/I1", "description",
        {"column_en": "Description", "column_fr": "Description", "expected": "Autre", "value": "x"},
    )  # fmt: skip
    column = chr(ord("A") + [each.key for each in LINES.columns].index("description"))
    assert places(sheet.lines_are_the_sources, moment) == [None, Place(sheet="Lines", cell=f"{column}5")]


def test_where_a_column_of_codes_is_gone_nothing_leaves_of_what_it_may_have_decided() -> None:
    def lost(table: Any, column: str) -> Any:
        return Problem(code="column_renamed", column=column,
                       params={"table": table.name, "column_en": "a", "column_fr": "b"})  # fmt: skip

    records = (document("I1"), document("B1", type_=SupplierInvoice), payment(), entry())

    def of(*problems: Any) -> list[str]:
        found = told(sheet.decisions_are_read, company(*records, problems=problems))
        assert all((code, column) == ("column_renamed", problems[0].column) for code, _, column, _ in found)
        return [who for _, who, *_ in found]

    for column in ("ledger_account", "ledger_item", "ledger_tax"):
        assert of(lost(LINES, column)) == ["invoice/I1", "supplier_invoice/B1"]
    assert of(lost(PAYMENTS, "deposit_account")) == of(lost(METHOD_MAP, "deposit_account")) == ["payment/P1"]
    assert of(lost(LINES, "description")) == of(lost(PAYMENTS, "ledger_tax")) == of() == []
    [problem] = sheet.decisions_are_read(
        company(payment(), problems=(lost(PAYMENTS, "deposit_account"),)).case()
    )  # fmt: skip
    assert (problem.number, problem.params["column_fr"]) == ("R-P1", "b")


def test_a_code_typed_on_a_line_counts_for_something() -> None:
    """A ledger's lines name an account or an item; taxes by groups go by lines, each by itself by documents."""
    codes = {"ledger_account": "4", "ledger_item": "7", "ledger_tax": "T"}
    sale, bill = document("I1"), document("B1", type_=SupplierInvoice, lines=(line(key="B1/1"),))

    def of(record: Any, **capabilities: Any) -> list[tuple[str, str]]:
        moment = company(record, lines={f"{record.key}/1": codes}, capabilities=Capabilities(**capabilities))
        found = told(sheet.typed_codes_count, moment)
        assert all((code, shown["line"]) == ("line_code_unread", "1") for code, _, _, shown in found)
        return [(column, shown["value"]) for _, _, column, shown in found]

    assert of(sale, taxes_by="tax") == of(bill, taxes_by="tax") == [("ledger_item", "7"), ("ledger_tax", "T")]
    assert of(sale, taxes_by="group", lines_by="item") == [("ledger_account", "4")]
    assert of(bill, taxes_by="group", lines_by="item") == of(sale, taxes_by="group") == [("ledger_item", "7")]
    assert told(sheet.typed_codes_count, company(sale)) == []
    moment = company(sale, lines={"I1/1": {"ledger_item": "7"}})
    [(_, _, _, shown)] = told(sheet.typed_codes_count, moment)
    assert (shown["column_en"], shown["column_fr"]) == ("Ledger item", "Article comptable")
    column = chr(ord("A") + [each.key for each in LINES.columns].index("ledger_item"))
    assert places(sheet.typed_codes_count, moment) == [Place(sheet="Lines", cell=f"{column}5")]
    assert told(sheet.typed_codes_count, company(sale, gone=frozenset({"I1/1"}))) == []


# where a record stands


@pytest.mark.parametrize(
    ("state", "says"), [(State.INTENT, True), (State.UNKNOWN, True), (State.REJECTED, False), (State.ABSENT, False)]
)
def test_what_may_be_in_the_ledger_never_leaves_before_that_is_known(state: State, says: bool) -> None:
    moment = company(CLUB, document(), transfers=(transfer(CLUB, state), transfer(document(), state)))
    both = [("outcome_unknown", "invoice/I1", "", {}), ("outcome_unknown", "customer/A1", "", {})]
    assert told(standing.answers_arrived, moment) == (both if says else [])


def test_what_is_being_undone_or_gone_is_told_and_not_booked_again() -> None:
    gone = problem_of(document("I2"), "deleted_in_ledger", reference="F-2")
    sent = (transfer(document(), State.UNDOING, ledger_number="77"), transfer(document("I2"), State.GONE, problem=gone),
            transfer(document("I3"), State.GONE), transfer(document("I4")))  # fmt: skip
    moment = company(*(document(f"I{n}") for n in range(1, 6)), transfers=sent)
    assert told(standing.what_was_booked_is_there, moment) == [
        ("undo_unknown", "invoice/I1", "reference", {"reference": "77"}),
        ("deleted_in_ledger", "invoice/I2", "", {"reference": "F-2"}),
    ]


def test_what_the_source_changed_or_cancelled_after_its_transfer_is_told() -> None:
    was = document()
    now, cancelled = replace(was, memo="x", date=TODAY), replace(was, cancelled=True)

    def of(record: Any, **changes: Any) -> list[Any]:
        return told(standing.transferred_stays, company(record, transfers=(replace(transfer(was), **changes),)))

    assert of(was) == []
    of_unknown = {"reference": "L-I1", "changes": "", "ledger": "beancount"}
    assert of(now) == [("changed_beyond_undo", "invoice/I1", "changed", of_unknown)]
    assert of(now, ledger_number="77")[0][3]["reference"] == "77"
    assert of(cancelled) == [("cancelled_after_transfer", "invoice/I1", "status", {"reference": "L-I1"})]
    assert of(now, state=State.REJECTED) == []
    account = company(replace(CLUB, name="x"), transfers=(transfer(CLUB),))
    assert told(standing.transferred_stays, account) == []


def test_what_the_ledger_refused_is_remembered_until_the_source_changes_it() -> None:
    """trust.md, section 6."""
    why = problem_of(document(), "period_closed", detail="its words", date="2026-01-05", closing_date="2026-01-06")
    refused = transfer(document(), State.REJECTED, problem=why)
    shown = {"because": "period_closed", "of_date": "2026-01-05", "of_closing_date": "2026-01-06"}

    def of(record: Any, *transfers: Any) -> list[Any]:
        return told(standing.refusals_are_remembered, company(record, transfers=transfers))

    assert of(document(), refused) == [("refused_before", "invoice/I1", "status", shown)]
    [problem] = standing.refusals_are_remembered(company(document(), transfers=(refused,)).case())
    assert problem.detail == "its words"
    assert of(document(date=TODAY), refused) == of(document(), replace(refused, sent=0.0)) == []
    assert of(document(), replace(refused, problem=None)) == of(document(), replace(refused, state=State.ABSENT)) == []
    for sent in ((), (transfer(CLUB),)):  # new, and written over
        again = (*sent, replace(transfer(CLUB, State.REJECTED, problem=why), generation=1))
        found = told(standing.refusals_are_remembered, company(CLUB, document(), transfers=again))
        assert [who for _, who, *_ in found] == ["customer/A1"]


def test_only_what_the_last_pull_read_leaves() -> None:
    """Anything else may leave once, as it was, where a person says so."""

    def of(seen: dict[str, Any], *questions: Question, **changes: Any) -> list[Any]:
        moment = company(document(**changes), seen={"I1": seen}, questions=Questions.of(questions))
        return told(standing.source_has_it, moment)

    params = {"file": "documents.csv", "line": "2", "value": "hier", "column": "date"}
    unread = problem_text(Problem(code="not_a_date", params=params))
    left = [("left_source", "invoice/I1", "status", {})]
    told_why = [("not_read_again", "invoice/I1", "status",
                 {"because": "not_a_date"} | {f"of_{name}": text for name, text in params.items()})]  # fmt: skip
    assert of({}) == []
    assert of({"left_source": True}) == of({"left_source": True}, cancelled=True) == left
    assert of({}, cancelled=True) == [("cancelled_in_source", "invoice/I1", "status", {})]
    assert of({"unread": unread}) == told_why
    once = Question(kind=Kind.INVOICE, record="I1", topic=Topic.ONCE, about="d", answer=Answer.YES)
    for seen in ({"left_source": True}, {"unread": unread}):
        assert of({**seen, "digest": "d"}, once) == []
        assert of({**seen, "digest": "e"}, once) != []
        assert of({**seen, "digest": "d"}, replace(once, answer=None)) != []
    assert of({"digest": "d"}, once, cancelled=True) == [("cancelled_in_source", "invoice/I1", "status", {})]


def test_what_the_source_has_as_another_kind_of_document_was_replaced() -> None:
    was, now = document("I1"), document("I1", type_=Refund)

    def of(**seen: Any) -> list[Any]:
        moment = company(was, seen={"I1": {"left_source": True}}).case()
        held = {(Kind.INVOICE, "I1"): moment.seen[Kind.INVOICE, "I1"]}
        other = replace(held[Kind.INVOICE, "I1"], kind=Kind.REFUND, payload=payload_of(now), **seen)
        moment.seen._known.update({other.id: other})
        return [(problem.code, problem.column) for problem in standing.source_has_it(moment)]

    assert of(left_source=False) == [("replaced_in_source", "status")]
    assert of(left_source=True) == [("left_source", "status")]


@pytest.mark.parametrize("state", [State.POSTED, State.MANUAL, State.UNKNOWN, State.REJECTED, State.UNDONE])
def test_what_was_booked_as_one_kind_does_not_leave_as_another(state: State) -> None:
    was, now = document("I1"), document("I1", type_=Refund, balance=Decimal(0))
    held = [("booked_as_another", "refund/I1", "kind", {"kind": "invoice", "reference": "77"})]
    sent = replace(transfer(was, state), ledger_number="77")

    def of(*, left: bool, **given: Any) -> list[Any]:
        moment = company(now, **given)
        case = moment.case()
        gone = replace(case.seen[Kind.REFUND, "I1"], kind=Kind.INVOICE, left_source=left, payload=payload_of(was))
        case.seen._known.update({gone.id: gone})
        case.transfers._known.update({gone.id: (sent,)})
        return told_in(standing.kinds_stay, case)

    there = state in (State.POSTED, State.MANUAL, State.UNKNOWN)
    assert of(left=True) == (held if there else [])
    assert of(left=False) == of(left=True, statuses={"I1": SyncStatus.STAND_BY}) == []


def test_an_entry_that_its_schedule_no_longer_makes_was_replaced() -> None:
    """One whose schedule the source has no longer, and none instead on the line, left with it."""
    schedule = RevenueSchedule(key="S1", invoice="I1", line=1, start=DAY, months=2, amount=Decimal("100.00"),
                               deferred_account="2400", revenue_account="4100")  # fmt: skip

    def of(key: str, *schedules: RevenueSchedule, left: frozenset[str] = frozenset()) -> list[str]:
        made = entry(key, ("50.00", "0"), ("0", "50.00"), invoice="I1")
        known = Schedules(schedules, left)
        moment = company(document("I1"), made, seen={key: {"left_source": True}}, deferred=lambda: known)
        return [code for code, who, *_ in told(standing.source_has_it, moment) if who == f"journal_entry/{key}"]

    gone = frozenset({"S1"})
    assert of("S1/2026-03", schedule) == ["replaced_in_source"]
    assert of("S1/2026-01", schedule, left=gone) == of("J9", schedule) == ["left_source"]
    assert of("S1/2026-01", schedule, replace(schedule, key="S2"), left=gone) == ["replaced_in_source"]
    assert of("S1/2026-01", schedule, replace(schedule, key="S2", line=2), left=gone) == ["left_source"]


# in the books already


def test_what_was_found_in_the_books_is_asked_about_with_what_is_there() -> None:
    """trust.md, section 5."""
    there = Standing(ledger_id="17", number="77", total=Decimal("100"), customer="L-A1", date=DAY, url="https://x/17")
    asked = Question(kind=Kind.INVOICE, record="I1", topic=Topic.SAME, about="17", rule="number", standing=there)
    lists = LedgerLists(customers=(LedgerCustomer(reference="L-A1", name="Club"),))

    def of(question: Question, **given: Any) -> list[Any]:
        questions = Questions.of([question, replace(question, record="I1", topic=Topic.ONCE)])
        moment = company(CLUB, document(), questions=questions, lists=lists, **given)
        return told(booked.not_in_the_books, moment)

    shown = {"there": "77 · 2026-01-05 · 100.00 CAD · Club", "likeness": "number", "url": "https://x/17"}
    assert of(asked) == [("already_booked", "invoice/I1", "reference", shown)]
    assert of(replace(asked, answer=Answer.SECOND)) == []
    assert of(asked, statuses={"I1": SyncStatus.STAND_BY}) == []
    elsewhere = replace(asked, standing=replace(there, customer="L-9", total=None, number="", date=None))
    assert of(elsewhere)[0][3]["there"] == "17 · L-9"


def test_what_a_person_made_in_the_ledger_and_nobody_decided_on_may_be_ours() -> None:
    theirs = {"number": "F-I1", "total": "100.00", "date": "2026-01-05", "customer": "L-A1", "currency": "CAD"}
    stranger = Proposal(kind=Kind.INVOICE, ledger_id="17", what=What.CREATED, happened="", theirs=theirs, url="u")
    sent = (transfer(CLUB),)

    def of(*strangers: Proposal, questions: Questions | None = None, **changes: Any) -> list[Any]:
        moment = company(CLUB, document(**changes), transfers=sent, strangers=strangers,
                         questions=questions or Questions())  # fmt: skip
        return told(booked.not_in_the_books, moment)

    shown = {"there": "F-I1 · 2026-01-05 · 100.00 CAD · L-A1", "likeness": "number", "url": "u"}
    assert of(stranger) == [("already_booked", "invoice/I1", "reference", shown)]
    assert of() == of(replace(stranger, kind=Kind.PAYMENT)) == []
    other = {**theirs, "number": "Z", "total": "50.00"}
    assert of(replace(stranger, theirs=other)) == []
    said = Question(kind=Kind.INVOICE, record="I1", topic=Topic.SAME, about="17", answer=Answer.SECOND)
    assert of(stranger, questions=Questions.of([said])) == []
    alike = of(replace(stranger, theirs={**theirs, "number": ""}))
    assert [each[3]["likeness"] for each in alike] == ["content"]


def test_what_a_person_made_is_taken_as_the_ledger_told_it() -> None:
    told_whole = {"number": "n", "total": "1.10", "amount": "9", "date": "2026-01-05", "customer": "c",
                  "currency": "USD", "ledger_method": "m"}  # fmt: skip
    made = Proposal(kind=Kind.PAYMENT, ledger_id="17", what=What.CREATED, happened="", theirs=told_whole, url="u")
    whole = Standing(ledger_id="17", number="n", total=Decimal("1.10"), customer="c", kind=Kind.PAYMENT, date=DAY,
                     currency="USD", url="u", method="m")  # fmt: skip
    assert booked.told_by(made) == whole
    assert booked.told_by(replace(made, number="own")) == replace(whole, number="own")
    assert booked.told_by(replace(made, theirs={**told_whole, "total": ""})).total == 9
    assert booked.told_by(replace(made, theirs={})) == Standing(ledger_id="17", kind=Kind.PAYMENT, url="u")


@pytest.mark.parametrize("state", [None, State.POSTED, State.UNKNOWN, State.REJECTED])
def test_of_two_alike_in_the_source_one_leaves_and_the_other_is_asked_about(state: State | None) -> None:
    first, second = payment("P1", I1="100.00"), replace(payment("P2", I1="100.00"), number="R-P1")
    sent = (transfer(second, state),) if state else ()
    there = state in (State.POSTED, State.UNKNOWN)
    moment = company(document(), first, second, transfers=sent, statuses={"P2": SyncStatus.COMPLETED} if state else {})
    shown = {"number": "R-P1", "total": "100.00", "date": "2026-01-05"}
    doubt = ("twice_in_source", "payment/P1", "number", shown | {"other": "P2"})
    if state is None:
        doubt = ("twice_in_source", "payment/P2", "number", shown | {"other": "P1"})
    assert told(booked.not_in_the_books, moment) == ([] if state and not there else [doubt])
    about = "source/payment/" + ("P1" if state is None else "P2")
    said = Question(kind=Kind.PAYMENT, record=doubt[1].partition("/")[2], topic=Topic.SAME, about=about,
                    answer=Answer.SECOND)  # fmt: skip
    moment.of_the_case["questions"] = Questions.of([said])
    assert told(booked.not_in_the_books, moment) == []


def test_documents_are_told_apart_by_their_numbers_and_without_one_by_all_that_they_say() -> None:
    """Equal numbers are refused by a rule of their own."""
    one, other = document("I1", number=""), document("I2", number="")
    found = told(booked.not_in_the_books, company(one, other))
    assert found == [("twice_in_source", "invoice/I2", "number",
                      {"number": "I2", "other": "I1", "total": "100.00", "date": "2026-01-05"})]  # fmt: skip
    assert told(booked.not_in_the_books, company(one, replace(other, date=TODAY))) == []
    assert told(booked.not_in_the_books, company(document("I1", number="1"), document("I2", number="1"))) == []
