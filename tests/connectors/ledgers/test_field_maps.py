"""The published field map of each ledger is what its mapping does; ``python -m …test_field_maps`` writes the tables.

Every field of every record is either seen to go somewhere, or named with the reason why it does not.
"""

import re
from collections import defaultdict
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from connectors.booking.recipes import Sight, Target
from connectors.double_entry import legs
from connectors.ledger import LedgerLists
from connectors.ledgers.beancount import mapping as beancount
from connectors.ledgers.beancount.connector import BeancountLedger
from connectors.ledgers.quickbooks_online import forms, notes, parties
from connectors.ledgers.quickbooks_online import mapping as quickbooks
from connectors.ledgers.quickbooks_online.books import Books as QuickBooksBooks
from connectors.ledgers.quickbooks_online.books import TaxCode
from connectors.ledgers.quickbooks_online.connector import QuickBooksOnlineLedger
from connectors.ledgers.quickbooks_online.sandbox.fields import TYPES as DOCUMENTED
from connectors.ledgers.tryton import changes
from connectors.ledgers.tryton import mapping as tryton
from connectors.ledgers.tryton.books import Account, Party, Period, TaxRate
from connectors.ledgers.tryton.books import Books as TrytonBooks
from connectors.ledgers.tryton.connector import TrytonLedger
from connectors.ledgers.tryton.moves import move
from connectors.ledgers.tryton.returning import Received
from connectors.ledgers.tryton.targets import goals
from connectors.ledgers.tryton.valuing import Valuing
from connectors.ledgers.xero.company import Books as XeroBooks
from connectors.ledgers.xero.connector import XeroLedger
from connectors.ledgers.xero.forms import NOTED_IN_A_LINE
from connectors.ledgers.xero.recipes import Recipes as XeroRecipes
from connectors.ledgers.xero.recipes import allocate, form_of
from connectors.ledgers.xero.sandbox.service import SCHEMA as XERO_SCHEMA
from connectors.records import CREDIT_KINDS, DOCUMENT_KINDS, PAYMENT_KINDS, CodeTax, Kind, LedgerAccount, Side
from connectors.wire.form import Codes
from tests.connectors.ledgers.field_maps import (
    DAY,
    SUPPLIER,
    WHICH,
    Guide,
    current,
    full,
    our_fields,
    page_of,
    records,
    rows,
)
from tests.connectors.ledgers.in_french import FRENCH
from workbook.layout import LANGUAGES

DOCS = Path(__file__).parents[3] / "docs"
NONE: frozenset[str] = frozenset()


class AnyCode(dict):
    """A list of a company that knows every code."""

    def __init__(self, make):
        super().__init__()
        self.make = make

    def __missing__(self, code):
        return self.make(code)

    def __contains__(self, code):
        return True

    def get(self, code, default=None):
        return self.make(code) if code else default

    def values(self):
        return ()

    def items(self):
        return (("terms", "3"), ("terms2", "4"))


# --- Beancount


def beancount_body(posting):
    """Its text: metadata by name, and the postings."""
    record = posting.record
    if record.kind is Kind.CUSTOMER:
        text = beancount.opening(posting, record, f"{'2100' if record.is_supplier else '1100'}:X", DAY)
    else:
        lists = LedgerLists(receivable="1100", payable="2100", deposit="1050")
        text = beancount.transaction(
            posting, [(leg.account, leg) for leg in legs(posting, lists)], posting.customer, "CAD"
        )
    found = defaultdict(list)
    for line in text.splitlines():
        name, colon, value = line.strip().partition(": ")
        outer = "posting: " if line.startswith("    ") else ""
        if colon:
            found[outer + name].append(value)
        elif line.startswith("  "):
            account, amount, _ = line.split()
            found["posting: account"].append(account)
            found["posting: amount"].append(f"{account} {amount}")
        elif line:
            found[f"the {'open' if ' open ' in line else 'transaction'} itself"].append(line)
    return found


BEANCOUNT = Guide(
    page=DOCS / "ledger-beancount.md",
    kinds=BeancountLedger.capabilities.kinds,
    body=beancount_body,
    told=lambda _: NONE,
    limit=lambda _, __: "",
)


# --- QuickBooks Online

QUICKBOOKS_BOOKS = QuickBooksBooks(
    name="", american=False, home="USD", multi_currency=True, numbers=True, automated_tax=False, closing_date=None,
    accounts=AnyCode("account {}".format), items=AnyCode("item {}".format), terms=AnyCode("term {}".format),
    methods=AnyCode("method {}".format), classes=AnyCode("class {}".format),
    lists=LedgerLists(accounts=tuple(LedgerAccount(code=code, name=code, type="Bank")
                                     for code in ("deposit_account", "deposit_account2"))),
    taxes=AnyCode(lambda code: TaxCode(
        id=f"tax {code}", taxes=tuple(CodeTax(name=code, percent=Decimal(5), side=side) for side in Side))),
    rates=AnyCode("rate {}".format),
)  # fmt: skip


def quickbooks_body(posting):
    if posting.record.kind is Kind.CUSTOMER:
        form = parties.form_of(posting.record)
        return {**form.body(posting, QUICKBOOKS_BOOKS), WHICH: form.entity}
    body = quickbooks.body_of(posting, QUICKBOOKS_BOOKS, posting.applied)
    if posting.returned:
        bare = posting.returned.partition(":")[2]
        paid = {"Id": bare, "SyncToken": "0", "TotalAmt": Decimal(100), "CustomerRef": {"value": "5"}}
        body["Payment"] = quickbooks.with_lines(paid, {("JournalEntry", "9"): Decimal(100)})
    if posting.record.kind in CREDIT_KINDS:
        body[forms.PAYERS[posting.record.kind].entity] = quickbooks.credit_applied(
            posting, "9", posting.applied, QUICKBOOKS_BOOKS
        )
    return body


def quickbooks_limit(what, place):
    """The lengths of the vendor's documentation, as the stand-in enforces them; our key is in the notes."""
    noted = {"Notes": parties.NOTES_LENGTH, "PrivateNote": notes.NOTE_LENGTH}
    if place in noted:
        return f"{noted[place]} characters with our key"
    type_ = quickbooks_form(what).entity
    for name in place.split("."):
        type_ = DOCUMENTED.get(type_.strip("[]"), {}).get(name, "")
    longest = re.fullmatch(r"string (\d+)", type_)
    return f"{longest[1]} characters" if longest else ""


def quickbooks_form(what):
    return {SUPPLIER: parties.VENDOR, Kind.CUSTOMER: parties.CUSTOMER}.get(what) or forms.FORMS[Kind(what)]


def quickbooks_told(what):
    """What the tables read, and what is read of several places together; what came back is an entry there."""
    form = quickbooks_form(Kind.JOURNAL_ENTRY if what == Kind.RETURNED_PAYMENT else what)
    names = {name.partition(".")[0] for field in form.fields if field.way != "there" for name in field.names}
    more = {"care_of", "contact"} if form is parties.CUSTOMER else {"care_of"} if form is parties.VENDOR else set()
    more |= {"lines"} if form.lines else set()
    more |= {"subtotal"} if form.kind in DOCUMENT_KINDS else {"allocations"} if form.kind in PAYMENT_KINDS else set()
    return (names | more) - form.untold


QUICKBOOKS = Guide(
    page=DOCS / "ledger-quickbooks-online.md",
    kinds=QuickBooksOnlineLedger.capabilities.kinds,
    body=quickbooks_body,
    told=quickbooks_told,
    limit=quickbooks_limit,
)


# --- Tryton

TRYTON_BOOKS = TrytonBooks(
    company=1, made=datetime(2024, 1, 1, tzinfo=UTC), name="", party=1, currency=1, home="CAD",
    accounts=AnyCode(lambda code: Account(code, code, code, "", open=True, active=True,
                                          sells=True, buys=True,
                                          with_party=code in ("1100", "2100"))),
    periods=(Period(1, DAY.replace(month=1, day=1), DAY.replace(month=12, day=31), True, 1),),
    taxes=(TaxRate(1, "t", Decimal("0.05"), "t"), TaxRate(2, "t", Decimal("0.05"), "t2"),
           TaxRate(3, "zero", Decimal(0), "t3")),
    journals={"revenue": 1, "expense": 2, "cash": 3, "general": 4}, terms=AnyCode("term {}".format),
    countries={"CA": 1}, receivable="1100", payable="2100", deposit="1050", gains="4800", losses="4800",
    currencies=AnyCode("currency {}".format),
)  # fmt: skip


def tryton_body(posting):
    """What is in a foreign currency has some more on each line, and is a move."""
    record = posting.record
    if record.kind is not Kind.CUSTOMER and record.currency != "CAD":
        return tryton_body(replace(posting, record=replace(record, currency="CAD"))) | _abroad(posting)
    if record.kind is Kind.CUSTOMER:
        return tryton.party(posting, record, TRYTON_BOOKS)
    if posting.record.kind in CREDIT_KINDS:  # one that goes to its invoice in part is a move
        posting = replace(posting, applied=tuple(replace(p, amount=posting.record.total) for p in posting.applied))
    targets = [tryton.Target(part.ledger_id, "1100", 1, part.ledger_id, part.ledger_id) for part in posting.applied]
    known = AnyCode(lambda code: Party(code, code, code))
    if tryton.is_invoice(posting, TRYTON_BOOKS, targets):
        target = next(iter(targets), None)
        return tryton.invoice(posting, record, TRYTON_BOOKS, known[posting.customer], record.date, target)
    return move(posting, record, TRYTON_BOOKS, known, targets)


def _abroad(posting):
    goal = {goal: tryton.Target(1, "1100", 1, 1, left=Decimal(900), value=Decimal(900)) for goal in goals(posting)}
    back = {posting.returned: Received(lines=(1,), amount=Decimal(100), returned=False, value=Decimal(100),
                                       money=Decimal(100))} if posting.returned else {}  # fmt: skip
    worth = Valuing(TRYTON_BOOKS, goal, back).of(posting)
    known = AnyCode(lambda code: Party(code, code, code))
    [[_, lines]] = move(posting, posting.record, TRYTON_BOOKS, known, list(goal.values()), worth)["lines"]
    return {f"lines.{name}": line[name] for line in lines for name in ("second_currency", "amount_second_currency")
            if name in line}  # fmt: skip


ONE_LINE = frozenset({"reference", "name", "code", "description", "city", "postal_code", "addresses.create.city"})
TRYTON = Guide(
    page=DOCS / "ledger-tryton.md",
    kinds=TrytonLedger.capabilities.kinds,
    body=tryton_body,
    told=lambda what: {
        Kind.CUSTOMER: changes.CUSTOMER, SUPPLIER: changes.CUSTOMER,
        **dict.fromkeys((Kind.PAYMENT, Kind.SUPPLIER_PAYMENT), changes.PAYMENT), Kind.JOURNAL_ENTRY: changes.ENTRY,
    }.get(what, changes.DOCUMENT),
    limit=lambda _, place: "one line" if place in ONE_LINE else "4 decimals" if place.endswith("unit_price") else "",
)  # fmt: skip

# --- Xero

XERO_CODES = Codes(
    tables={name: AnyCode(f"{name} {{}}".format) for name in ("accounts", "banks", "taxes", "classes")},
    taxes_of=lambda code: tuple(CodeTax(name=code, percent=Decimal(5), side=side) for side in Side),
)
XERO_BOOKS = XeroBooks(name="", short="", home="CAD", codes=XERO_CODES, lists=LedgerLists())


def xero_body(posting):
    """What a posting's requests hold together: a payment's parts, a credit note and its allocations."""
    targets = {
        part.ledger_id: Target(
            id=part.ledger_id, number="7", party="5", total=Decimal(900), left=Decimal(900), day="2025"
        )
        for part in posting.applied
    }
    sight = Sight(parts=posting.applied, targets=targets)
    first, *others = XeroRecipes(XERO_BOOKS).of(posting)[0].missing(posting, sight)
    body = first.body | {write.to.partition(" ")[2]: write.body for write in others}
    if posting.record.kind in CREDIT_KINDS:
        body["Allocations"] = [allocate(posting, sight, part).body for part in posting.applied]
    return body


def xero_told(what):
    kind = Kind.CUSTOMER if what == SUPPLIER else Kind(what)
    if kind in PAYMENT_KINDS:
        return {"number", "memo", "date", "customer", "currency", "amount", "allocations"}
    names = {name.partition(".")[0] for field in form_of(kind).fields if field.way != "there" for name in field.names}
    lines = {"lines"} if form_of(kind).lines else set()
    noted = {"memo"} if kind in NOTED_IN_A_LINE else set()
    return (names | lines | noted) - {"balance", "deposit_account"}


XERO_KEYED = {"Reference": 255, "Narration": 4000}
XERO_OBJECTS = {"Contacts": "Contact", "Invoices": "Invoice", "CreditNotes": "CreditNote", "Payments": "Payment",
                "BankTransactions": "BankTransaction", "ManualJournals": "ManualJournal"}  # fmt: skip


def xero_limit(what, place):
    """The lengths of the vendor's schema, and those of its pages where that has none."""
    if place in XERO_KEYED:
        return f"{XERO_KEYED[place]} characters with our key"
    if place == "LineItems.Description":
        return "4000 characters"
    type_, most = XERO_OBJECTS[form_of(Kind.CUSTOMER if what == SUPPLIER else Kind(what)).entity], ""
    for name in place.split("."):
        told = XERO_SCHEMA.get(type_, {}).get(name, {})
        type_, most = told.get("object") or told.get("list") or "", told.get("most", "")
    return f"{most} characters" if most else ""


XERO = Guide(
    page=DOCS / "ledger-xero.md",
    kinds=XeroLedger.capabilities.kinds,
    body=xero_body,
    told=xero_told,
    limit=xero_limit,
)

GUIDES = {"beancount": BEANCOUNT, "quickbooks-online": QUICKBOOKS, "tryton": TRYTON, "xero": XERO}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", GUIDES)
def test_the_published_field_map_is_current(name, language):
    guide = GUIDES[name]
    assert current(guide, language) == page_of(guide, language).read_text(encoding="utf-8")


def test_every_french_text_is_on_a_page():
    pages = "".join(page_of(guide, "fr").read_text(encoding="utf-8") for guide in GUIDES.values())
    assert [text for text in FRENCH.values() if text not in pages] == []


@pytest.mark.parametrize("name", GUIDES)
def test_every_field_of_every_record_goes_somewhere_or_is_named_with_why(name):
    guide = GUIDES[name]
    for what in records(guide):
        assert [row.field for row in rows(guide, what)] == our_fields(what)


@pytest.mark.parametrize("name", GUIDES)
def test_no_reason_is_given_for_what_is_sent(name):
    guide = GUIDES[name]
    unsent = {row.why for what in records(guide) for row in rows(guide, what) if row.way == "not sent"}
    assert [field for field, why in guide.unsent.items() if why not in unsent] == []


@pytest.mark.parametrize("kind", list(Kind))
def test_the_record_that_the_map_is_found_with_has_every_field_filled(kind):
    record = full(kind).record
    names = {name.partition(".")[0] for name in our_fields(kind)}
    assert [name for name in names if getattr(record, name) in ("", None, ())] == []
    assert kind not in DOCUMENT_KINDS or record.lines[0].quantity * record.lines[0].unit_price == record.lines[0].amount


if __name__ == "__main__":
    for each in GUIDES.values():
        for spoken in LANGUAGES:
            page_of(each, spoken).write_text(current(each, spoken), encoding="utf-8")
