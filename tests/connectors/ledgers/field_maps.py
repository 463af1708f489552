"""Where each field of ours goes in a ledger, found out from its mapping: a field is changed, and what changes on the
wire is where it goes. What goes nowhere must be named, with why.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterator, Mapping, Set
from dataclasses import dataclass, fields, is_dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import Any

from connectors import ledgers
from connectors.ledger import Applied, Posting
from connectors.records import (
    CREDIT_KINDS,
    DOCUMENT_KINDS,
    PAYMENT_KINDS,
    PURCHASES,
    TYPES,
    Address,
    Allocation,
    Customer,
    DocumentTax,
    EntryLine,
    ExchangeRate,
    InvoiceLine,
    JournalEntry,
    Kind,
    TaxCategory,
)
from tests.connectors.ledgers.in_french import french_page, heading, said
from workbook.layout import LANGUAGES, Language

DAY = date(2025, 3, 15)
PAYS = (PAYMENT_KINDS | CREDIT_KINDS) - {Kind.RETURNED_PAYMENT}
"""The kinds of what is applied to documents."""
SUPPLIER = "supplier"
ORDER: list[str] = [Kind.CUSTOMER, SUPPLIER, *(kind for kind in Kind if kind is not Kind.CUSTOMER)]
WHICH = "Customer or Vendor"
"""In a body: which of a ledger's entities it is. Where that changes, all does."""
PARTS: dict[str, type] = {"taxes": DocumentTax, "allocations": Allocation}
MAPPED = {
    "item": "ledger_item", "gl_account": "ledger_account", "account": "ledger_account", "tax_group": "ledger_tax",
    "taxes.tax": "ledger_tax", "class_code": "ledger_class", "terms": "ledger_terms", "method": "ledger_method",
}  # fmt: skip
"""A code of the source goes as what the Mapping sheet says it is in the ledger; both are one field here."""

COMMON = {
    "sync_reference": "the source's own memory of a former transfer",
    "balance": "what is left to pay follows from the payments that are transferred",
    "sent": "decides with the settings whether the document leaves",
    "cancelled": "a cancelled document is not transferred",
    "direction": "only what goes to the ledger is sent",
    "returned_payment.allocations.invoice": "what came back pays nothing any more",
    "returned_payment.allocations.amount": "what came back pays nothing any more",
    "fee": "an entry of its own books what a payment cost",
    "subtotal": "the ledger adds up its lines; what does not come to the total is refused",
    "total": "the ledger adds up its lines; what does not come to the total is refused",
    "currency": "the company's own; another is refused",
    "exchange": "another currency is refused",
    "allocations.discount": "a credit note of its own",
    "payment": "decides with the mapping on accounts, and on when it leaves",
}
"""What no ledger is sent, unless it is."""

Body = Callable[[Posting], Any]
Why = tuple[str, ...]
"""A reason in each of ``LANGUAGES``."""
LEDGERS = Path(ledgers.__file__).parent


@dataclass(frozen=True, kw_only=True)
class Guide:
    """A ledger's page: what its mapping makes of a posting, what it tells back, its limits, and what it is not sent."""

    page: Path
    kinds: frozenset[Kind]
    body: Body
    told: Callable[[str], Set[str]]
    limit: Callable[[str, str], str]

    @property
    def unsent(self) -> Mapping[str, Why]:
        """Why a field goes nowhere, by its name: what stands beside the ledger in ``unsent.toml``."""
        folder = self.page.stem.removeprefix("ledger-").replace("-", "_")
        told = tomllib.loads((LEDGERS / folder / "unsent.toml").read_text(encoding="utf-8"))["reason"]
        return {field: tuple(each[language] for language in LANGUAGES) for each in told for field in each["fields"]}


@dataclass(frozen=True, order=True)
class Row:
    """A field with where it goes, the most it holds there, and which way; or why it goes nowhere."""

    field: str
    theirs: str
    way: str
    why: Why = ()


def our_fields(what: str) -> list[str]:
    """Every field of a record that a source fills in; of lines, taxes and allocations as ``lines.amount``."""
    found: list[str] = []
    parts = {**PARTS, "lines": EntryLine if what == Kind.JOURNAL_ENTRY else InvoiceLine}
    for each in fields(TYPES[kind_of(what)]):
        part = parts.get(each.name)
        names = [f"{each.name}.{inner.name}" for inner in fields(part)] if part else [each.name]
        found += [name for name in names if not re.search(r"(^|\.)(provenance|key|ledger_\w+)$", name)]
    return found


def kind_of(what: str) -> Kind:
    """The kind of a record; a supplier is a customer that bills us."""
    return Kind.CUSTOMER if what == SUPPLIER else Kind(what)


def full(what: str) -> Posting:
    """A posting with every field filled, in words that every list of a ledger knows."""
    kind = kind_of(what)
    record = TYPES[kind](**{each.name: _filled(kind, each.name) for each in fields(TYPES[kind])})
    if isinstance(record, Customer):
        record = replace(record, is_supplier=what == SUPPLIER)
    of_supplier = kind in PURCHASES
    paid = "Bill:7" if of_supplier else "Invoice:7"
    applied = (Applied(ledger_id=paid, amount=Decimal(40)),) if kind in PAYS else ()
    customer = "" if kind is Kind.JOURNAL_ENTRY else "V5" if of_supplier else "5"
    returned = "Payment:7" if kind is Kind.RETURNED_PAYMENT else ""
    return Posting(key="our-key", record=record, customer=customer, applied=applied, returned=returned)


LINE = InvoiceLine(
    key="1", number=1, description="Cotisation", amount=Decimal(100), quantity=Decimal(4), unit_price=Decimal(25),
    item="i", gl_account="a", tax_group="t", class_code="c", tax_amount=Decimal(5), ledger_account="a", ledger_item="i",
    ledger_tax="t", ledger_class="c", tax_category=TaxCategory.ZERO_RATED,
)  # fmt: skip
ENTRY = EntryLine(account="1100", debit=Decimal(100), memo="m", customer="5", ledger_account="1100")
FILLED: dict[str, Any] = {
    "date": DAY, "due": DAY + timedelta(days=30), "total": Decimal(105), "subtotal": Decimal(100), "tax": Decimal(5),
    "balance": Decimal(5), "amount": Decimal(100), "fee": Decimal(3), "currency": "CAD", "lines": (LINE,),
    "exchange": ExchangeRate(rate=Decimal("1.35"), date=DAY, source="s"),
    "taxes": (DocumentTax(tax="t", amount=Decimal(5), base=Decimal(100), ledger_tax="t"),),
    "allocations": (Allocation(invoice="i", amount=Decimal(40), discount=Decimal(2)),),
    "billing": Address(street="1, rue X", city="Bic", region="QC", postal_code="G0L", country="CA"),
    "shipping": Address(street="2, rue Y", city="Bic", region="QC", postal_code="G0L", country="CA"),
    "tax_exempt": True, "is_person": False, "is_supplier": False, "sent": True, "cancelled": False,
}  # fmt: skip


def _filled(kind: Kind, name: str) -> Any:
    if (kind, name) == (Kind.JOURNAL_ENTRY, "lines"):
        return (ENTRY, replace(ENTRY, debit=Decimal(0), credit=Decimal(100)))
    default = next(each for each in fields(TYPES[kind]) if each.name == name).default
    return FILLED[name] if name in FILLED else default if isinstance(default, Enum) else name


def changed(posting: Posting, name: str) -> Posting:
    """A posting with one field changed; what refers to a record does so by the ledger's id of it."""
    record = posting.record
    if name == "customer" and not isinstance(record, JournalEntry):
        return replace(posting, customer=f"{posting.customer}1")
    if name == "payment" and posting.returned:
        return replace(posting, returned="Payment:8")
    if name == "parent":
        return replace(posting, parent="6")
    if name == "invoice" and posting.applied:
        return replace(posting, applied=(replace(posting.applied[0], ledger_id=_next(posting)),))
    if name.startswith("allocations.") and name != "allocations.discount" and posting.applied:
        part = {"invoice": {"ledger_id": _next(posting)}, "amount": {"amount": Decimal(30)}}[name.partition(".")[2]]
        return replace(posting, applied=(replace(posting.applied[0], **part),))
    outer, _, inner = name.partition(".")
    if inner:
        parts = list(getattr(record, outer))
        place = -1 if inner == "credit" else 0
        parts[place] = replace(parts[place], **_others(parts[place], inner, name))
        return replace(posting, record=replace(record, **{outer: tuple(parts)}))
    return replace(posting, record=replace(record, **_others(record, name, name)))


def _next(posting: Posting) -> str:
    """The id of another document of the kind that a posting pays."""
    return posting.applied[0].ledger_id.replace("7", "8")


def _others(holder: Any, name: str, path: str) -> dict[str, Any]:
    twin = MAPPED.get(path, MAPPED.get(name, ""))
    names = [name, *([twin] if twin in {each.name for each in fields(holder)} else [])]
    return {each: _other(getattr(holder, each)) for each in names}


def _other(value: Any) -> Any:
    match value:
        case bool():
            return not value
        case Enum():
            return next(each for each in type(value) if each is not value)
        case Decimal():
            return value + 1
        case date():
            return value + timedelta(days=1)
        case ExchangeRate():
            return ExchangeRate(rate=value.rate + 1, date=DAY, source="t")
        case Address():
            return replace(value, street="9, rue Z", city="Lévis", region="ON", postal_code="K1P", country="")
    return f"{value}2"


def flat(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """The dotted paths and values of a body; positions in lists do not count."""
    if isinstance(value, Mapping):
        for name, part in value.items():
            yield from flat(part, f"{path}.{name}".lstrip("."))
    elif is_dataclass(value) and not isinstance(value, type):
        yield path, repr(value)
    elif isinstance(value, list | tuple):
        for part in value:
            yield from flat(part, path)
    else:
        yield path, repr(value)


def goes_to(guide: Guide, what: str, name: str) -> list[str]:
    """The places that change on the wire when a field does."""
    posting = full(what)
    before, after = (sorted(flat(guide.body(each))) for each in (posting, changed(posting, name)))
    moved = {path for path, _ in set(before) ^ set(after)}
    return sorted(moved) if WHICH not in moved else [WHICH]


def records(guide: Guide) -> list[str]:
    """What a ledger takes: its kinds, and suppliers apart from customers."""
    return [what for what in ORDER if what in guide.kinds or what == SUPPLIER]


def rows(guide: Guide, what: str) -> Iterator[Row]:
    told = guide.told(what)
    for name in our_fields(what):
        if places := goes_to(guide, what, name):
            back = "both ways" if name.partition(".")[0] in told else "to the ledger"
            limits = ((place, guide.limit(what, place)) for place in places)
            yield Row(name, ", ".join(f"`{place}`{f' ({most})' if most else ''}" for place, most in limits), back)
        else:
            yield Row(name, "", "not sent", reason(guide, what, name))


def reason(guide: Guide, what: str, name: str) -> Why:
    """Why a field goes nowhere. Raises ``StopIteration`` for one of which nobody has said."""
    common = {field: tuple(said(language, why) for language in LANGUAGES) for field, why in COMMON.items()}
    return next(known[key] for known in (guide.unsent, common) for key in (f"{what}.{name}", name) if key in known)


def table(guide: Guide, language: Language) -> Iterator[str]:
    """The page's table; records of which all is alike stand together."""
    yield from heading(language, "our field", "of", "in the ledger", "way")
    of: dict[Row, list[str]] = {}
    for what in records(guide):
        for row in rows(guide, what):
            of.setdefault(row, []).append(what)
    order = {name: place for place, name in enumerate(name for what in ORDER for name in our_fields(what))}
    for row, whats in sorted(of.items(), key=lambda each: (order[each[0].field], each[0])):
        words = said(language, row.field.replace(".", ": ").replace("_", " "))
        colon = " : " if language == "fr" else ": "
        way = said(language, row.way) + (colon + row.why[LANGUAGES.index(language)] if row.why else "")
        yield f"| {words} | {_named(guide, whats, language)} | {_places(row.theirs, language) or '—'} | {way} |"


LIMITS = re.compile(
    "characters with our key|characters|one line|4 decimals|Customer or Vendor|the open itself|the transaction itself"
)
"""What is said in our own words of a place on the wire."""


def _places(theirs: str, language: Language) -> str:
    return LIMITS.sub(lambda found: said(language, found[0]), theirs)


def _named(guide: Guide, whats: list[str], language: Language) -> str:
    documents = [what for what in ORDER if what in DOCUMENT_KINDS & guide.kinds]
    if len(whats) == len(records(guide)):
        return said(language, "every record")
    together = ["every document"] if set(documents) <= set(whats) else []
    named = [*together, *(what for what in whats if not together or what not in documents)]
    return ", ".join(said(language, what.replace("_", " ")) for what in named)


def page_of(guide: Guide, language: Language) -> Path:
    """The ledger's page in a language."""
    return guide.page if language == "en" else french_page(guide.page)


def current(guide: Guide, language: Language) -> str:
    """The page with its table as the mapping has it."""
    begin, end = "<!-- table: fields -->", "<!-- end: fields -->"
    body = "\n".join([begin, *table(guide, language), end])
    page = page_of(guide, language)
    text = page.read_text(encoding="utf-8")
    assert begin in text, page.name
    return re.sub(f"{begin}.*?{end}", lambda _: body, text, flags=re.DOTALL)
