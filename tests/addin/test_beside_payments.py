"""What payments bring besides their money, as records: fees, discounts, and what these are mapped by (rule 7)."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

from addin.journal import RecordKey
from addin.sync.fees import DISCOUNT_CODES, Payments, beside, discount_of, is_discount, with_discounts
from addin.sync.give_back import standing_discounts, to_give_back
from connectors.records import (
    Allocation,
    CreditNote,
    Direction,
    EntryLine,
    ExchangeRate,
    InvoiceLine,
    Item,
    JournalEntry,
    Kind,
    LedgerAccount,
    Payment,
    Provenance,
    ReturnedPayment,
    SupplierInvoice,
    SupplierPayment,
    TaxCategory,
    TaxGroup,
    Transferable,
    VendorCredit,
)
from connectors.source import SourceLists
from tests.addin.cases import DAY, company, document, transfer

RATE = ExchangeRate(rate=Decimal("1.35"))
PLACE = Provenance(place="payments.csv", line=2)
FEE, DISCOUNT = Decimal("2.90"), Decimal("2.00")
INVOICE = document(currency="USD")


def paid(key: str = "P1", *, type_: type[Any] = Payment, discount: Decimal = DISCOUNT, **changes: Any) -> Any:
    """A payment of an invoice, of which a fee was kept and which a discount was taken with."""
    parts = (Allocation(invoice="I1", amount=Decimal("98.00"), discount=discount),)
    made = type_(key=key, number=f"R-{key}", date=DAY, customer="A9", currency="USD", amount=Decimal("98.00"), fee=FEE,
                 allocations=parts, exchange=RATE, provenance=PLACE)  # fmt: skip
    return replace(made, **changes)


def said(message: str, **words: object) -> str:
    """A sentence with its words, in no language."""
    return message.format(**words)


def made(*records: Transferable, before: tuple[Transferable, ...] = (), longest: int | None = None) -> tuple[Any, ...]:
    """What is made of these records, where some was made before."""
    known = {(record.kind, record.key): record for record in before}
    return beside(Payments(records=records, before=known, say=said, longest=longest))


def test_a_payment_brings_its_fee_and_the_discount_of_each_part() -> None:
    fee, discount = made(INVOICE, paid())
    assert fee == JournalEntry(
        key="P1/fee", number="R-P1-fee", date=DAY, currency="USD", memo="Fee of payment R-P1", payment="P1",
        lines=(EntryLine(account="", debit=FEE), EntryLine(account="", credit=FEE)), exchange=RATE,
    )  # fmt: skip
    text = "Early-payment discount of payment R-P1"
    assert discount == CreditNote(
        key="P1/I1", number="R-P1-discount", date=DAY, customer="A1", currency="USD", subtotal=DISCOUNT,
        tax=Decimal(0), total=DISCOUNT, invoice="I1", payment="P1", exchange=RATE,
        lines=(InvoiceLine(key="P1/I1/1", number=1, description=text, amount=DISCOUNT, unit_price=DISCOUNT,
                           item="discount", gl_account="discount", tax_group="discount"),),
    )  # fmt: skip
    assert fee.provenance == discount.provenance == discount.lines[0].provenance == PLACE
    assert (is_discount(discount), is_discount(document(type_=CreditNote)), is_discount(INVOICE)) == (
        True,
        False,
        False,
    )


def test_a_discount_of_a_supplier_is_a_credit_of_its_own_code() -> None:
    bill = document(type_=SupplierInvoice, customer="S1")
    _, discount = made(bill, paid(type_=SupplierPayment))
    assert (type(discount), discount.key, discount.customer) == (VendorCredit, "P1/I1", "S1")
    [only] = discount.lines
    assert {only.item, only.gl_account, only.tax_group} == {"discount received"}
    part = paid().allocations[0]
    assert discount_of(paid(type_=SupplierPayment), part) == (Kind.VENDOR_CREDIT, "P1/I1")
    assert discount_of(paid(), part) == (Kind.CREDIT_NOTE, "P1/I1")
    assert sorted(DISCOUNT_CODES) == ["discount", "discount received"]


def test_what_brings_nothing() -> None:
    """Neither fee nor discount; from the ledger; a discount of what is no invoice here, or that came back."""
    assert made(INVOICE, paid(fee=Decimal(0), discount=Decimal(0))) == ()
    assert made(INVOICE, paid(direction=Direction.FROM_LEDGER)) == ()
    assert [each.key for each in made(paid())] == ["P1/fee"]
    back = ReturnedPayment(key="B1", date=DAY, customer="A9", currency="USD", amount=Decimal("98.00"), payment="P1")
    assert [each.key for each in made(INVOICE, paid(), back)] == ["P1/fee"]
    assert [each.key for each in made(INVOICE, paid(), paid("P2"), back)] == ["P1/fee", "P2/fee", "P2/I1"]


def test_a_payment_without_a_number_is_called_by_its_key_and_no_number_is_given_twice() -> None:
    unnumbered = made(INVOICE, paid(number=""))
    assert [each.number for each in unnumbered] == ["P1-fee", "P1-discount"]
    assert [unnumbered[0].memo, unnumbered[1].lines[0].description] == [
        "Fee of payment P1", "Early-payment discount of payment P1",
    ]  # fmt: skip
    entry = JournalEntry(key="J1", number="R-P1-FEE", date=DAY, currency="CAD", lines=())
    note = document("C1", type_=CreditNote, number="R-P1-DISCOUNT")
    assert [each.number for each in made(INVOICE, entry, paid())] == ["R-P1-fee/2", "R-P1-discount"]
    assert [each.number for each in made(INVOICE, note, paid())] == ["R-P1-fee", "R-P1-discount/2"]
    assert [each.number for each in made(INVOICE, paid(), longest=7)] == ["-P1-fee", "1-discount"]


def test_what_was_made_before_stays_as_it_was_while_its_figures_are_the_same() -> None:
    before = tuple(replace(each, number="old", provenance=Provenance(place="x")) for each in made(INVOICE, paid()))
    again = made(INVOICE, paid(), before=before)
    assert [each.number for each in again] == ["old", "old"]
    assert [each.provenance for each in again] == [PLACE, PLACE]
    other: list[dict[str, Any]] = [
        {"date": DAY.replace(day=6)}, {"currency": "CAD"}, {"exchange": None},
        {"fee": Decimal(1), "discount": Decimal(1)},
    ]  # fmt: skip
    for changes in other:
        assert [each.number for each in made(INVOICE, paid(**changes), before=before)] == ["R-P1-fee", "R-P1-discount"]
    moved = document(currency="USD", customer="A2")
    assert [each.number for each in made(moved, paid(), before=before)] == ["old", "R-P1-discount"]
    for field in ("invoice", "payment"):
        changed = tuple(replace(each, **{field: "other"}) for each in before)
        assert [each.number for each in made(INVOICE, paid(), before=changed)] == ["R-P1-fee", "R-P1-discount"]


def test_a_discount_is_mapped_by_a_code_of_its_own_unless_the_source_has_it() -> None:
    received = document("C2", type_=VendorCredit, payment="P2")
    given = document("C1", type_=CreditNote, payment="P1")
    name = "Early-payment discounts given"
    account, item = LedgerAccount(code="discount", name=name), Item(code="discount", name=name, account="discount")
    group = TaxGroup(code="discount", name=name, category=TaxCategory.OUT_OF_SCOPE)
    rent = LedgerAccount(code="4200", name="Rent")
    lists = SourceLists(accounts=(rent,))
    assert with_discounts(lists, (given, INVOICE), said) == SourceLists(
        accounts=(rent, account), items=(item,), tax_groups=(group,)
    )
    both = with_discounts(lists, (received, given), said)
    assert [each.name for each in both.accounts[1:]] == ["Early-payment discounts received", name]
    assert [each.code for each in both.items] == ["discount received", "discount"]
    plain = document("C1", type_=CreditNote)
    assert with_discounts(lists, (plain, INVOICE, paid()), said) == lists
    own = SourceLists(
        accounts=(rent, replace(account, name="Own")), items=(replace(item, name="Own"),),
        tax_groups=(replace(group, name="Own"),),
    )  # fmt: skip
    assert with_discounts(own, (given,), said) == own


def test_the_discounts_of_a_payment_that_came_back_go_too() -> None:
    """As far as the ledger has them, once it has the return: nobody paid early after all."""
    payment, (_, discount) = paid(), made(INVOICE, paid())
    back = ReturnedPayment(key="B1", date=DAY, customer="A9", currency="USD", amount=Decimal("98.00"), payment="P1")
    everything = (INVOICE, payment, discount, back)
    key = (Kind.CREDIT_NOTE, "P1/I1")

    def goes(*booked: Transferable, records: tuple[Transferable, ...] = everything) -> list[RecordKey]:
        return to_give_back(company(*records, transfers=tuple(map(transfer, booked))).case())

    assert goes(*everything) == [key]
    assert goes(INVOICE, payment, discount) == []
    assert goes(INVOICE, payment, back) == []
    assert goes(back, records=(INVOICE, payment, back)) == []
    other = paid("P2")
    standing = standing_discounts(company(*everything, other, transfers=(transfer(discount),)).case(), payment)
    assert list(standing) == [key]
    taken = company(*everything, transfers=(transfer(discount),)).case()
    assert list(standing_discounts(taken, paid(discount=Decimal(0)))) == []
    twice = (*everything, replace(back, key="B2"))
    assert goes(*twice, records=twice) == [key]
