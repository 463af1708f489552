"""What settles what: the amounts that payments take from invoices, bills and credits, and the balances left.

Assumptions: a line has one link; more than the open balance of a document cannot be applied (6000); deleting or
voiding a paid invoice or bill leaves its payment unapplied; a credit that is in use cannot be deleted, and no
applied document can change its name or fall below what is applied (6000); a zero ``Payment`` with one line to an
invoice and one to a credit memo applies the credit. A payment may be linked to a journal entry (payment, LinkedTxn:
"JournalEntry"), up to what its lines on receivables debit the payment's customer; an entry that goes away leaves it
unapplied as an invoice does.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from connectors.ledgers.quickbooks_online.sandbox.bodies import ZERO, Body, cents, reference
from connectors.ledgers.quickbooks_online.sandbox.company import Company
from connectors.ledgers.quickbooks_online.sandbox.currencies import (
    ONE_ALONE,
    control_account,
    currency_of,
    parts_at_home,
    rate_of,
)
from connectors.ledgers.quickbooks_online.sandbox.refusals import business, missing, refuse
from connectors.ledgers.quickbooks_online.sandbox.transactions import links


@dataclass(frozen=True, slots=True, kw_only=True)
class Settling:
    """What a kind of payment settles: ``debts`` and ``credits`` by entity, whose ``name`` must agree."""

    debts: str
    credits: str
    name: str
    holder: str
    link_type: str


SETTLING = {
    "Payment": Settling(
        debts="Invoice", credits="CreditMemo", name="CustomerRef", holder="Customer", link_type="Payment"
    ),
    "BillPayment": Settling(
        debts="Bill", credits="VendorCredit", name="VendorRef", holder="Vendor", link_type="BillPaymentCheck"
    ),
}
ENTRY = "JournalEntry"
SETTLED = {kind: payer for payer, rule in SETTLING.items() for kind in (rule.debts, rule.credits)}


def unapplied(company: Company, entity: str, body: Body, old: Body | None) -> Decimal:
    """What a payment leaves unapplied; checks every line. Raises 620, 2020, 2290 and 6000."""
    rule = SETTLING[entity]
    total: Decimal = body["TotalAmt"]
    left = total
    taken: defaultdict[str, Decimal] = defaultdict(Decimal)
    for line, kind, id_ in _linked(body):
        target = company.find(kind, id_) if kind in (rule.debts, rule.credits, ENTRY) else None
        if target is None:
            raise refuse("620", f"Transaction {kind} {id_} cannot be linked", "LinkedTxn")
        total_of = _debited(company, rule, target, body) if kind == ENTRY else target["TotalAmt"]
        if kind != ENTRY and _family(company, rule, target) != _family(company, rule, body):
            raise business(f"The {kind} {id_} belongs to another {rule.holder.lower()}.")
        if currency_of(company, target) != currency_of(company, body):
            raise business(ONE_ALONE)
        amount: Decimal = line["Amount"]
        taken[id_] += amount
        mine = company.applied[id_].get(old["Id"], ZERO) if old else ZERO
        if taken[id_] > total_of - sum(company.applied[id_].values(), ZERO) + mine:
            raise business(f"The amount applied to {kind} {id_} exceeds its open balance.")
        left += amount if kind == rule.credits else -amount
    if left < 0:
        raise business("The amount applied exceeds the amount of the payment.")
    return left


def _debited(company: Company, rule: Settling, entry: Body, payment: Body) -> Decimal:
    """What a journal entry's lines on receivables debit the customer of a payment."""
    receivable = control_account(company, "receivable", currency_of(company, entry)) if rule.debts == "Invoice" else ""
    owed = ZERO
    for line in entry["Line"]:
        detail = line["JournalEntryLineDetail"]
        holder = reference(detail.get("Entity"), "EntityRef")
        own = reference(detail, "AccountRef") == receivable and holder == reference(payment, rule.name)
        owed += line["Amount"] if own and detail["PostingType"] == "Debit" else ZERO
    return owed


def apply(company: Company, entity: str, body: Body) -> list[Body]:
    """Record what a payment settles in place of what it settled before; the documents whose balance moved."""
    id_ = body["Id"]
    before = company.settled_by.pop(id_, set())
    for target in before:
        del company.applied[target][id_]
    for line, _, target in _linked(body):
        parts = company.applied[target]
        parts[id_] = parts.get(id_, ZERO) + line["Amount"]
        company.settled_by[id_].add(target)
    rule = SETTLING[entity]
    moved = []
    for target in before | company.settled_by[id_]:
        for kind in (rule.debts, rule.credits):
            if settled := company.find(kind, target):
                show_open(company, kind, settled)
                moved.append(settled)
    return moved


def release(company: Company, entity: str, body: Body) -> list[tuple[str, Body]]:
    """Take the payments off an invoice or bill that goes away; they keep the amount unapplied, and are answered."""
    paying = []
    rule = SETTLING[SETTLED.get(entity, "Payment")]
    for payer in company.applied.pop(body["Id"], {}):
        company.settled_by[payer].discard(body["Id"])
        payment = company.get(SETTLED.get(entity, "Payment"), payer)
        payment["Line"] = [line for line, _, target in _linked(payment) if target != body["Id"]]
        if rule.debts == "Invoice":
            payment["UnappliedAmt"] = unapplied(company, "Payment", payment, payment)
        company.touch(payment)
        paying.append((SETTLED.get(entity, "Payment"), payment))
    return paying


def paying(company: Company, target: Body) -> Iterator[tuple[str, Body]]:
    """The payments that are applied to a document."""
    for payer in company.applied[target["Id"]]:
        yield next((entity, found) for entity in SETTLING if (found := company.find(entity, payer)))


def settled_at_home(company: Company, entity: str, body: Body) -> Decimal:
    """By how much a payment lets a debt go down at home: what it settles by its own value, the rest at its rate."""
    rule, value, left = SETTLING[entity], ZERO, body["TotalAmt"]
    targets = {(kind, id_) for _, kind, id_ in _linked(body)}
    for line, kind, _ in _linked(body):
        left -= -line["Amount"] if kind == rule.credits else line["Amount"]
    for kind, id_ in targets:
        part = parts_at_home(company, kind, company.get(kind, id_))[body["Id"]]
        value += -part if kind == rule.credits else part
    return value + cents(left * rate_of(body))


def check_release(company: Company, entity: str, body: Body) -> None:
    """Refuse to let a credit go that is in use."""
    if company.applied.get(body["Id"]) and entity == SETTLING[SETTLED[entity]].credits:
        raise business(f"The {entity} {body['Id']} is applied to other transactions.")


def check_change(company: Company, entity: str, body: Body, old: Body) -> None:
    """Refuse a change that leaves less than what is applied, or hands an applied document to somebody else."""
    rule = SETTLING[SETTLED[entity]]
    used = sum(company.applied[old["Id"]].values(), ZERO)
    if used > body["TotalAmt"]:
        raise business(f"{used} is already applied to this {entity}.")
    if used and _family(company, rule, body) != _family(company, rule, old):
        raise business(f"Payments are applied to this {entity}: its {rule.holder.lower()} cannot change.")


def show_open(company: Company, entity: str, body: Body) -> None:
    """Write the open balance and the links of an invoice, bill or credit into it."""
    rule = SETTLING[SETTLED[entity]]
    body["Balance"] = _open(company, body)
    if entity == "Invoice" and "ExchangeRate" in body:
        taken = sum(parts_at_home(company, entity, body).values(), ZERO)
        body["HomeBalance"] = cents(body["TotalAmt"] * rate_of(body)) - taken
    if entity == "CreditMemo":
        body["RemainingCredit"] = body["Balance"]
    body["LinkedTxn"] = [{"TxnId": payer, "TxnType": rule.link_type} for payer in company.applied[body["Id"]]]


def _open(company: Company, target: Body) -> Decimal:
    total: Decimal = target["TotalAmt"]
    return total - sum(company.applied[target["Id"]].values(), ZERO)


def _family(company: Company, rule: Settling, body: Body) -> str:
    """The topmost customer: a parent may pay for a sub-customer."""
    holder = company.get(rule.holder, reference(body, rule.name))
    return str([holder, *company.ancestors(rule.holder, holder)][-1]["Id"])


def _linked(body: Body) -> Iterator[tuple[Body, str, str]]:
    for line in body.get("Line", []):
        if len(line.get("LinkedTxn", [])) != 1:
            raise missing("LinkedTxn")
        if line.get("Amount") is None:
            raise missing("Amount")
        if line["Amount"] < 0:
            raise refuse("2290", f"Negative Amount. Supplied value:{line['Amount']}", "Amount")
    return links(body)
