"""Create, update, delete and void: each is whole or changes nothing. The caller holds the company's lock."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from copy import deepcopy
from dataclasses import dataclass

from connectors.ledgers.quickbooks_online.sandbox import entries, lists, names, payments, purchases, sales, settling
from connectors.ledgers.quickbooks_online.sandbox.bodies import ZERO, Body, reference
from connectors.ledgers.quickbooks_online.sandbox.books import Leg, Posting
from connectors.ledgers.quickbooks_online.sandbox.company import TRANSACTIONS, Company
from connectors.ledgers.quickbooks_online.sandbox.fields import read
from connectors.ledgers.quickbooks_online.sandbox.refusals import missing, refuse, unsupported
from connectors.ledgers.quickbooks_online.sandbox.transactions import complete, day, refuse_closed

Prepare = Callable[[Company, Body, Body | None], None]
Legs = Callable[[Company, Body], tuple[Leg, ...]]

VOID_BY_OPERATION = ("Invoice",)
VOID_BY_INCLUDE = ("SalesReceipt", "BillPayment", "Payment")
"""Each as the reference of its entity says, and the vendor's own libraries send it; a bill payment was recorded to be
answered "Unknown Operation" where it came the first way."""
NOTE_LENGTH = 4000

SYSTEM = ("Id", "SyncToken", "MetaData", "domain", "sparse", "status")
_SINGLE = ("Preferences", "CompanyInfo")
_UNMADE = (*_SINGLE, "TaxCode", "TaxRate")


@dataclass(frozen=True, slots=True)
class Options:
    """``include=allowduplicatedocnum`` and ``include=void``."""

    duplicates: bool = False
    void: bool = False


def _sale(entity: str) -> tuple[Prepare, Legs]:
    return lambda c, b, _: sales.prepare(c, entity, b), lambda c, b: sales.legs(c, entity, b)


def _purchase(entity: str) -> tuple[Prepare, Legs]:
    return lambda c, b, _: purchases.prepare(c, entity, b), lambda c, b: purchases.legs(c, entity, b)


_LEGS: dict[str, tuple[Prepare, Legs]] = {
    **{entity: _sale(entity) for entity in ("Invoice", "CreditMemo", "SalesReceipt", "RefundReceipt")},
    **{entity: _purchase(entity) for entity in ("Bill", "VendorCredit")},
    "Payment": (payments.prepare_payment, payments.payment_legs),
    "BillPayment": (payments.prepare_bill_payment, payments.bill_payment_legs),
    "Purchase": (lambda c, b, _: purchases.prepare_purchase(c, b), purchases.purchase_legs),
    "JournalEntry": (lambda c, b, _: entries.prepare(c, b), entries.legs),
}
_PREPARE: dict[str, Prepare] = {
    "Customer": lambda c, b, old: names.prepare(c, "Customer", b, old),
    "Vendor": lambda c, b, old: names.prepare(c, "Vendor", b, old),
    "Account": lists.prepare_account,
    "Item": lists.prepare_item,
    "Term": lists.prepare_term,
    "PaymentMethod": lists.prepare_method,
    "Class": lists.prepare_class,
    "Department": lists.prepare_department,
    "TaxAgency": lists.prepare_agency,
    **{entity: prepare for entity, (prepare, _) in _LEGS.items()},
}


def write(company: Company, entity: str, sent: object, options: Options = Options()) -> Body:
    """Create an object, or change the one whose Id is sent."""
    if isinstance(sent, dict) and (sent.get("Id") or entity in _SINGLE):
        return update(company, entity, sent, options)
    return create(company, entity, sent, options)


def create(company: Company, entity: str, sent: object, options: Options = Options()) -> Body:
    """Make an object."""
    if entity in _UNMADE:
        raise unsupported("create")
    _subscribed(company)
    body = _writable(read(entity, sent, latin=company.american))
    _prepare(company, entity, body, None, options)
    kept = company.insert(entity, body)
    _touch(company, _settle(company, entity, kept))
    return kept


def update(company: Company, entity: str, sent: object, options: Options = Options()) -> Body:
    """Change an object: sparse keeps what is not sent, full clears it. Raises 610, 2020 and 5010 first."""
    if entity in ("TaxCode", "TaxRate", "TaxAgency"):
        raise unsupported("update")
    _subscribed(company)
    body = read(entity, sent, latin=company.american)
    old = _current(company, entity, body)
    if options.void:
        if entity not in VOID_BY_INCLUDE:
            raise unsupported("void")
        return _void(company, entity, old)
    new = _merged(old, body) if body.get("sparse") or entity in _SINGLE else _writable(body)
    _prepare(company, entity, new, old, options)
    kept = company.replace(entity, new, old)
    _touch(company, _settle(company, entity, kept))
    company.show_balances(f"Name {parent}" for parent in {names.parent_of(old), names.parent_of(kept)} - {""})
    return kept


def delete(company: Company, entity: str, sent: object) -> Body:
    """Delete a transaction; names and lists are made inactive instead."""
    if entity not in TRANSACTIONS:
        raise unsupported("delete")
    _subscribed(company)
    old = _current(company, entity, read(entity, sent))
    refuse_closed(company, old)
    _unsettle(company, entity, old)
    company.show_balances(company.books.remove(old["Id"]))
    company.remove(entity, old)
    return {"status": "Deleted", "domain": "QBO", "Id": old["Id"]}


def void(company: Company, entity: str, sent: object) -> Body:
    """Void with ``operation=void``."""
    if entity not in VOID_BY_OPERATION:
        raise unsupported("void")
    _subscribed(company)
    return _void(company, entity, _current(company, entity, read(entity, sent)))


def merge(company: Company, gone: str, into: str) -> None:
    """What a person does in the vendor's own application: make one customer of two. The interface cannot.

    Assumption: the documents of the one go over to the other, it is made inactive, and ``(deleted)`` stands after its
    name.
    """
    moved = []
    for entity in TRANSACTIONS:
        for old in [body for body in company.every(entity) if reference(body, "CustomerRef") == gone]:
            body = {**_writable(deepcopy(old)), "CustomerRef": {"value": into}}
            company.resolve(body, "CustomerRef", "Customer")
            moved.append((entity, company.replace(entity, body, old)))
    for entity, kept in moved:
        _touch(company, _settle(company, entity, kept))
    old = company.get("Customer", gone)
    name = f"{old['DisplayName']} (deleted)"
    inactive = {"DisplayName": name, "FullyQualifiedName": name, "Active": False}
    company.replace("Customer", {**_writable(old), **inactive}, old)


def sell_on(company: Company, item: str, account: str) -> None:
    """What a person does in the vendor's own application: choose a liability as a service's income account.

    https://quickbooks.intuit.com/learn-support/en-ca/taxes/re-how-to-set-up-deferred-sales-with-quickbbooks-online/01/1395251:
    make an account of Other Current Liabilities for deferred revenue and "from the Income account dropdown menu, select
    the liability account". That the interface takes one is not established.
    """
    old = company.get("Item", item)
    body = {**_writable(deepcopy(old)), "IncomeAccountRef": {"value": account}}
    company.resolve(body, "IncomeAccountRef", "Account")
    company.replace("Item", body, old)


def post_again(company: Company) -> None:
    """Rebuild books, links and balances from the documents, after a snapshot was loaded."""
    for entity in TRANSACTIONS:
        for body in company.every(entity):
            _settle(company, entity, body)


def _void(company: Company, entity: str, old: Body) -> Body:
    """What is void keeps its lines at zero, but for a payment's, and ``PrivateNote`` says Voided before what it said.

    Recorded readings have "Voided - " before an existing note, several times; the samples, of documents without a
    note, the word alone.
    """
    refuse_closed(company, old)
    _unsettle(company, entity, old)
    new = deepcopy(old)
    note = " - ".join(part for part in ("Voided", old.get("PrivateNote")) if part)
    new.update({"PrivateNote": note[:NOTE_LENGTH], "TotalAmt": ZERO})
    if entity in ("Payment", "BillPayment"):
        new["Line"] = []
    for line in new["Line"]:
        line["Amount"] = ZERO
        detail = line.get("SalesItemLineDetail", {})
        detail.pop("UnitPrice", None)
        detail.pop("TaxInclusiveAmt", None)
        if detail:
            detail["Qty"] = ZERO
    nothing = dict.fromkeys(("Balance", "UnappliedAmt", "HomeTotalAmt", "HomeBalance"), ZERO)
    for name, value in {**nothing, "TxnTaxDetail": {"TotalTax": ZERO}}.items():
        if name in new:
            new[name] = value
    kept = company.replace(entity, new, old)
    _touch(company, _settle(company, entity, kept))
    return kept


def _prepare(company: Company, entity: str, body: Body, old: Body | None, options: Options) -> None:
    if entity in TRANSACTIONS:
        complete(company, entity, body, old, duplicates=options.duplicates)
    if entity in _PREPARE:
        _PREPARE[entity](company, body, old)
    if old and entity in settling.SETTLED:
        settling.check_change(company, entity, body, old)


def _settle(company: Company, entity: str, kept: Body) -> list[Body]:
    """Let a kept object take effect: legs, links and balances; the other documents that it changed."""
    if entity == "TaxAgency":
        lists.keep_agency_account(company, kept)
    if entity not in TRANSACTIONS:
        return []
    moved = settling.apply(company, entity, kept) if entity in settling.SETTLING else []
    _post(company, entity, kept)
    if entity in settling.SETTLED:
        settling.show_open(company, entity, kept)
    for target in (kept, *moved):
        for payer, payment in settling.paying(company, target):
            _post(company, payer, payment)
    return moved


def _post(company: Company, entity: str, kept: Body) -> None:
    """Put a transaction's legs into the books, in place of those it had."""
    _, legs = _LEGS[entity]
    number = str(kept.get("DocNumber") or kept.get("PaymentRefNum", ""))
    posting = Posting(entity=entity, id=kept["Id"], day=day(kept), number=number, legs=legs(company, kept))
    company.show_balances(company.books.post(posting))


def _touch(company: Company, bodies: Iterable[Body]) -> None:
    for body in bodies:
        company.touch(body)


def _unsettle(company: Company, entity: str, old: Body) -> None:
    if entity in settling.SETTLED:
        settling.check_release(company, entity, old)
    if entity in settling.SETTLED or entity == settling.ENTRY:
        for payer, payment in settling.release(company, entity, old):
            _post(company, payer, payment)
    if entity in settling.SETTLING:
        moved = settling.apply(company, entity, {**old, "Line": []})
        _touch(company, moved)
        for target in moved:
            for payer, payment in settling.paying(company, target):
                _post(company, payer, payment)


def _current(company: Company, entity: str, body: Body) -> Body:
    id_ = "1" if entity in _SINGLE else body.get("Id")
    if not id_:
        raise missing("Id")
    old = company.get(entity, id_)
    if body.get("SyncToken") is None:
        raise missing("SyncToken")
    if body["SyncToken"] != old["SyncToken"]:
        raise refuse(
            "5010",
            "Stale Object Error : You and root were working on this at the same time."
            " root finished before you did, so your work was not saved.",
        )
    return old


def _merged(old: Body, body: Body) -> Body:
    """A sparse update over what is there; new lines without tax lines are taxed anew."""
    base = {name: value for name, value in deepcopy(old).items() if name not in SYSTEM}
    if "Line" in body and "TxnTaxDetail" not in body:
        code = (base.pop("TxnTaxDetail", None) or {}).get("TxnTaxCodeRef")
        base |= {"TxnTaxDetail": {"TxnTaxCodeRef": code}} if code else {}
    for name, value in body.items():
        if name in base and isinstance(value, dict) and name.endswith("Prefs"):
            body[name] = {**base[name], **value}
    return _writable({**base, **body})


def _writable(body: Body) -> Body:
    return {name: value for name, value in body.items() if value is not None and name not in SYSTEM}


def _subscribed(company: Company) -> None:
    if not company.switches.subscribed:
        raise refuse("6190", "Subscription period has ended or been canceled, or there was a billing problem")
