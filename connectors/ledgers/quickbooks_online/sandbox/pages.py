"""The pages a person sees: the books of each company, and the question whether an app may connect."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from html import escape

from connectors.ledgers.quickbooks_online.sandbox import reports
from connectors.ledgers.quickbooks_online.sandbox.bodies import ZERO, Body, reference
from connectors.ledgers.quickbooks_online.sandbox.company import TRANSACTIONS, Company
from connectors.ledgers.quickbooks_online.sandbox.currencies import ENABLED, currency_of
from connectors.ledgers.quickbooks_online.sandbox.signin import AUTHORIZE
from connectors.sandboxes.faults import Answer

SHOWN = 200
CURRENCIES = "/currencies"

_STYLE = (
    "body{font:15px/1.4 system-ui,sans-serif;margin:2em auto;max-width:70em;padding:0 1em;color:#222}"
    "table{border-collapse:collapse;width:100%;margin-bottom:2em}"
    "th,td{border-bottom:1px solid #ccc;padding:.25em .6em;text-align:left}"
    "td.n,th.n{text-align:right;font-variant-numeric:tabular-nums}nav a{margin-right:1em}"
)


def books(companies: Mapping[str, Company], chosen: str) -> Answer:
    """A company's customers with their balances, its latest transactions and its trial balance."""
    company = companies.get(chosen) or next(iter(companies.values()))
    with company.lock:
        parts = [
            _navigation(companies, company),
            _currencies(company),
            "<h2>Customers</h2>",
            _table(("Id", "Name", "Currency", "Balance"), _customers(company)),
            f"<h2>Transactions (latest {SHOWN})</h2>",
            _table(("Id", "Type", "Number", "Date", "Name", "Currency", "Total", "Balance"), _transactions(company)),
            "<h2>Trial balance</h2>",
            _table(("Account", "Debit", "Credit"), _trial_balance(company)),
        ]
        return _page(f"{_name(company)} — QuickBooks Online sandbox", "".join(parts))


def question(companies: Mapping[str, Company], asked: Mapping[str, str]) -> Answer:
    """The authorize page: which company, yes or no."""
    hidden = "".join(
        f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">' for name, value in asked.items()
    )
    choices = "".join(
        f'<p><label><input type="radio" name="realm" value="{escape(realm)}"{" checked" if first else ""}> '
        f"{escape(_name(company))} ({escape(company.country)}, {escape(realm)})</label></p>"
        for first, (realm, company) in zip((True, *(False,) * len(companies)), companies.items(), strict=False)
    )
    form = (
        f'<form method="post" action="{AUTHORIZE}">{hidden}{choices}'
        '<button name="decision" value="accept">Connect</button> '
        '<button name="decision" value="refuse">No, thanks</button></form>'
    )
    return _page("Connect an app to a company", f"<p>Scopes: {escape(asked.get('scope', ''))}</p>{form}")


def problem(text: str) -> Answer:
    """A page that says why a request cannot go on."""
    return _page("This request cannot go on", f"<p>{escape(text)}</p>", 400)


def _navigation(companies: Mapping[str, Company], here: Company) -> str:
    links = (
        f'<a href="/?company={escape(realm)}">{escape(_name(company))} ({escape(company.country)})</a>'
        for realm, company in companies.items()
    )
    return f"<nav>{''.join(links)}</nav><p>realmId {escape(here.realm)}, {escape(here.home_currency)}</p>"


def _currencies(company: Company) -> str:
    """What a person turns on in the application's settings, and the interface cannot."""
    if company.preference(*ENABLED):
        return "<p>Multicurrency is on.</p>"
    hidden = f'<input type="hidden" name="company" value="{escape(company.realm)}">'
    return f'<form method="post" action="{CURRENCIES}">{hidden}<button>Turn on multicurrency</button></form>'


def _customers(company: Company) -> Iterable[tuple[object, ...]]:
    for customer in company.every("Customer"):
        currency = currency_of(company, customer)
        yield customer["Id"], customer["FullyQualifiedName"], currency, customer["Balance"]


def _transactions(company: Company) -> Iterable[tuple[object, ...]]:
    found = [(int(body["Id"]), entity, body) for entity in TRANSACTIONS for body in company.every(entity)]
    for id_, entity, body in sorted(found, key=lambda each: -each[0])[:SHOWN]:
        party = reference(body, "CustomerRef") or reference(body, "VendorRef")
        holder = company.find("Customer", party) or company.find("Vendor", party) or {}
        number = body.get("DocNumber", body.get("PaymentRefNum", ""))
        told = (id_, entity, number, body["TxnDate"], holder.get("DisplayName", ""), currency_of(company, body))
        yield (*told, body["TotalAmt"], body.get("Balance", ZERO))


def _trial_balance(company: Company) -> Iterable[tuple[object, ...]]:
    rows: list[Body] = reports.report(company, "TrialBalance", {})["Rows"].get("Row", [])
    for row in rows:
        cells = row.get("ColData") or row["Summary"]["ColData"]
        yield tuple(Decimal(cell["value"]) if at and cell["value"] else cell["value"] for at, cell in enumerate(cells))


def _table(titles: tuple[str, ...], rows: Iterable[tuple[object, ...]]) -> str:
    head = "".join(f"<th>{escape(title)}</th>" for title in titles)
    body = "".join(f"<tr>{''.join(map(_cell, row))}</tr>" for row in rows)
    return f"<table><tr>{head}</tr>{body}</table>"


def _cell(value: object) -> str:
    if isinstance(value, Decimal):
        return f'<td class="n">{value:,.2f}</td>'
    return f"<td>{escape(str(value))}</td>"


def _name(company: Company) -> str:
    return str(company.get("CompanyInfo", "1")["CompanyName"])


def _page(title: str, content: str, status: int = 200) -> Answer:
    text = (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f"<style>{_STYLE}</style></head><body><h1>{escape(title)}</h1>{content}</body></html>"
    )
    headers = {"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'"}
    return Answer(status=status, body=text.encode(), content_type="text/html;charset=UTF-8", headers=headers)
