"""Payment (from customers) and BillPayment (to vendors)."""

from __future__ import annotations

from connectors.ledgers.quickbooks_online.sandbox.bodies import ZERO, Body, cents, reference
from connectors.ledgers.quickbooks_online.sandbox.books import Leg
from connectors.ledgers.quickbooks_online.sandbox.company import Company
from connectors.ledgers.quickbooks_online.sandbox.refusals import business, missing, refuse
from connectors.ledgers.quickbooks_online.sandbox.sales import deposit_account
from connectors.ledgers.quickbooks_online.sandbox.settling import unapplied
from connectors.ledgers.quickbooks_online.sandbox.transactions import at_home

_PAID_FROM = {
    "Check": ("CheckPayment", "BankAccountRef", "Bank"),
    "CreditCard": ("CreditCardPayment", "CCAccountRef", "Credit Card"),
}


def prepare_payment(company: Company, body: Body, old: Body | None) -> None:
    """Check and complete a customer's payment. Raises 610, 620, 2020, 2290, 2500, 6000 and 6430."""
    _total(body)
    if company.resolve(body, "CustomerRef", "Customer") is None:
        raise missing("CustomerRef")
    company.resolve(body, "PaymentMethodRef", "PaymentMethod")
    company.resolve(body, "ARAccountRef", "Account")
    deposit_account(company, body)
    body.setdefault("Line", [])
    body.setdefault("ProcessPayment", False)
    body["UnappliedAmt"] = unapplied(company, "Payment", body, old)


def payment_legs(company: Company, body: Body) -> tuple[Leg, ...]:
    """Money in, the customer's debt down; applied credits post nothing of their own."""
    receivable = Leg(
        account=company.special["receivable"], amount=-body["TotalAmt"], name=reference(body, "CustomerRef")
    )
    return at_home(body, (receivable, Leg(account=reference(body, "DepositToAccountRef"), amount=body["TotalAmt"])))


def prepare_bill_payment(company: Company, body: Body, old: Body | None) -> None:
    """Check and complete a payment to a vendor. Raises 610, 620, 2020, 2290, 2500, 6000 and 6430."""
    _total(body)
    if company.resolve(body, "VendorRef", "Vendor") is None:
        raise missing("VendorRef")
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
    unapplied(company, "BillPayment", body, old)


def bill_payment_legs(company: Company, body: Body) -> tuple[Leg, ...]:
    """Money out, the debt to the vendor down."""
    part, name, _ = _PAID_FROM[body["PayType"]]
    payable = Leg(account=company.special["payable"], amount=body["TotalAmt"], name=reference(body, "VendorRef"))
    return at_home(body, (payable, Leg(account=reference(body[part], name), amount=-body["TotalAmt"])))


def _total(body: Body) -> None:
    if "TotalAmt" not in body:
        raise missing("TotalAmt")
    if body["TotalAmt"] < ZERO:
        raise business("Transaction amount must be 0 or greater.")
    for part in (body, *body.get("Line", [])):
        for name in ("TotalAmt", "Amount"):
            if name in part:
                part[name] = cents(part[name])
