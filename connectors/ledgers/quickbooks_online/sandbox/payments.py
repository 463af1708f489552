"""Payment (from customers) and BillPayment (to vendors)."""

from __future__ import annotations

from connectors.ledgers.quickbooks_online.sandbox.bodies import ZERO, Body, cents, reference
from connectors.ledgers.quickbooks_online.sandbox.books import Leg
from connectors.ledgers.quickbooks_online.sandbox.company import Company
from connectors.ledgers.quickbooks_online.sandbox.currencies import (
    check_account,
    check_party,
    control_account,
    currency_of,
    rate_of,
)
from connectors.ledgers.quickbooks_online.sandbox.refusals import business, missing, refuse
from connectors.ledgers.quickbooks_online.sandbox.sales import deposit_account
from connectors.ledgers.quickbooks_online.sandbox.settling import settled_at_home, unapplied

_PAID_FROM = {
    "Check": ("CheckPayment", "BankAccountRef", "Bank"),
    "CreditCard": ("CreditCardPayment", "CCAccountRef", "Credit Card"),
}


def prepare_payment(company: Company, body: Body, old: Body | None) -> None:
    """Check and complete a customer's payment. Raises 610, 620, 2020, 2290, 2500, 6000 and 6430."""
    _total(body)
    if (customer := company.resolve(body, "CustomerRef", "Customer")) is None:
        raise missing("CustomerRef")
    check_party(company, body, customer)
    company.resolve(body, "PaymentMethodRef", "PaymentMethod")
    if receivable := company.resolve(body, "ARAccountRef", "Account"):
        check_account(company, body, receivable)
    deposit_account(company, body)
    body.setdefault("Line", [])
    body.setdefault("ProcessPayment", False)
    body["UnappliedAmt"] = unapplied(company, "Payment", body, old)


def payment_legs(company: Company, body: Body) -> tuple[Leg, ...]:
    """Money in, the customer's debt down by what it came with; applied credits post nothing but what they gain."""
    return _legs(company, "Payment", body, reference(body, "DepositToAccountRef"))


def prepare_bill_payment(company: Company, body: Body, old: Body | None) -> None:
    """Check and complete a payment to a vendor. Raises 610, 620, 2020, 2290, 2500, 6000 and 6430."""
    _total(body)
    if (vendor := company.resolve(body, "VendorRef", "Vendor")) is None:
        raise missing("VendorRef")
    check_party(company, body, vendor)
    if not body.get("Line"):
        raise missing("Line")
    if "PayType" not in body:
        raise missing("PayType")
    part, name, type_ = _PAID_FROM[body["PayType"]]
    account = company.resolve(body.get(part) or {}, name, "Account")
    if account is None:
        raise missing(f"{part}.{name}")
    if account["AccountType"] != type_:
        raise refuse("6430", f"Account {account['Name']} is not of type {type_}", name)
    check_account(company, body, account)
    unapplied(company, "BillPayment", body, old)


def bill_payment_legs(company: Company, body: Body) -> tuple[Leg, ...]:
    """Money out, the debt to the vendor down by what it came with."""
    part, name, _ = _PAID_FROM[body["PayType"]]
    return _legs(company, "BillPayment", body, reference(body[part], name))


def _legs(company: Company, entity: str, body: Body, money: str) -> tuple[Leg, ...]:
    """What was paid at its own rate, and the debt at what it came with; the difference is gain or loss."""
    sign, which, holder = (1, "receivable", "CustomerRef") if entity == "Payment" else (-1, "payable", "VendorRef")
    paid = cents(body["TotalAmt"] * rate_of(body))
    settled = settled_at_home(company, entity, body)
    foreign = -sign * body["TotalAmt"]
    account = control_account(company, which, currency_of(company, body))
    legs = [
        Leg(account=account, amount=-sign * settled, name=reference(body, holder), foreign=foreign),
        Leg(account=money, amount=sign * paid),
    ]
    if paid != settled:
        legs.append(Leg(account=company.special["exchange"], amount=sign * (settled - paid)))
    return tuple(leg for leg in legs if leg.amount or leg.foreign)


def _total(body: Body) -> None:
    if "TotalAmt" not in body:
        raise missing("TotalAmt")
    if body["TotalAmt"] < ZERO:
        raise business("Transaction amount must be 0 or greater.")
    for part in (body, *body.get("Line", [])):
        for name in ("TotalAmt", "Amount"):
            if name in part:
                part[name] = cents(part[name])
