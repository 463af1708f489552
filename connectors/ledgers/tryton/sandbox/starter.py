"""A company in an empty Tryton database: chart of accounts, taxes, fiscal years, journals, payment terms.

Everything is made through JSON-RPC, as a person would through the client. The chart is an association's, in French
and English, the same as the starter book of the plain-text ledger.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from connectors.ledgers.tryton.rpc import Rpc

COMPANY = "Association Passerelle"
EDITION = 2
"""Counts up with what a new company has, so that a machine's database of an earlier one is no longer copied."""
YEARS = range(2023, 2028)
CLOSED = 2023

TYPES: dict[str, dict[str, object]] = {
    "Actif / Assets": {"statement": "balance", "assets": True},
    "Clients / Receivable": {"statement": "balance", "assets": True, "receivable": True},
    "Passif / Liabilities": {"statement": "balance"},
    "Fournisseurs / Payable": {"statement": "balance", "payable": True},
    "Avoir / Equity": {"statement": "balance"},
    "Revenus / Revenue": {"statement": "income", "revenue": True},
    "Charges / Expenses": {"statement": "income", "expense": True},
}


class Row(NamedTuple):
    """An account of the chart: its number, what people call it, its type."""

    code: str
    name: str
    type: str


ASSETS, RECEIVABLE, LIABILITIES, PAYABLE, EQUITY, REVENUE, EXPENSES = TYPES

CHART: tuple[Row, ...] = (
    Row("1010", "Banque / Bank", ASSETS),
    Row("1050", "Fonds non déposés / Undeposited funds", ASSETS),
    Row("1100", "Comptes clients / Accounts receivable", RECEIVABLE),
    Row("2100", "Comptes fournisseurs / Accounts payable", PAYABLE),
    Row("2310", "TPS à payer / GST payable", LIABILITIES),
    Row("2320", "TVQ à payer / QST payable", LIABILITIES),
    Row("2330", "TVH à payer / HST payable", LIABILITIES),
    Row("2400", "Cotisations perçues d'avance / Deferred dues", LIABILITIES),
    Row("3000", "Soldes d'ouverture / Opening balances", EQUITY),
    Row("4100", "Cotisations / Membership dues", REVENUE),
    Row("4200", "Événements / Events", REVENUE),
    Row("4300", "Commandites / Sponsorships", REVENUE),
    Row("4400", "Dons / Donations", REVENUE),
    Row("4500", "Ventes / Sales", REVENUE),
    Row("4800", "Gains et pertes de change / Exchange gains and losses", REVENUE),
    Row("4900", "Autres revenus / Other income", REVENUE),
    Row("5100", "Frais d'événements / Event costs", EXPENSES),
    Row("5200", "Frais de bureau / Office", EXPENSES),
    Row("5300", "Frais bancaires / Bank charges", EXPENSES),
    Row("5400", "Mauvaises créances / Bad debts", EXPENSES),
    Row("5900", "Autres charges / Other expenses", EXPENSES),
)

TAXES: tuple[tuple[str, Decimal, str], ...] = (
    ("TPS / GST 5 %", Decimal("0.05"), "2310"),
    ("TVQ / QST 9,975 %", Decimal("0.09975"), "2320"),
    ("TVH / HST 13 %", Decimal("0.13"), "2330"),
    ("TVH / HST 15 %", Decimal("0.15"), "2330"),
    ("Détaxé / Zero-rated 0 %", Decimal(0), "2310"),
)


def furnish(rpc: Rpc, company: str = COMPANY) -> None:
    """Make the company and all it needs, once; a database that has a company is left as it is."""
    if rpc.rows("company.company", []):
        return
    currency = _one(rpc, "currency.currency", name="Dollar canadien", code="CAD", symbol="$", digits=2)
    _one(rpc, "currency.currency", name="Dollar américain", code="USD", symbol="US$", digits=2)
    # Clients use the country of an address; only the one that matters is made.
    _one(rpc, "country.country", name="Canada", code="CA")
    party = _one(rpc, "party.party", name=company, addresses=[["create", [{}]]])
    number = _one(rpc, "company.company", party=party, currency=currency)
    rpc.model("res.user", "write", [_me(rpc)], {"companies": [["add", [number]]], "company": number})
    rpc.context["company"] = number
    accounts = _chart(rpc, number)
    _taxes(rpc, number, accounts)
    rpc.model(
        "account.configuration",
        "write",
        [1],
        {
            "default_account_receivable": accounts["1100"],
            "default_account_payable": accounts["2100"],
            "currency_exchange_credit_account": accounts["4800"],
            "currency_exchange_debit_account": accounts["4800"],
        },
    )
    for year in YEARS:
        _fiscal_year(rpc, number, year)
    close_year(rpc, CLOSED)


def close_year(rpc: Rpc, year: int) -> None:
    """Close every period of a year, as a person does at its end."""
    domain = [["start_date", ">=", date(year, 1, 1)], ["end_date", "<=", date(year, 12, 31)], ["state", "=", "open"]]
    if periods := [row["id"] for row in rpc.rows("account.period", domain)]:
        rpc.model("account.period", "close", periods)


def _chart(rpc: Rpc, company: int) -> dict[str, int]:
    made = _many(rpc, "account.account.type", [{"name": name, "company": company, **v} for name, v in TYPES.items()])
    types = dict(zip(TYPES, made, strict=True))
    accounts = _many(
        rpc,
        "account.account",
        [
            {
                "code": row.code,
                "name": row.name,
                "company": company,
                "type": types[row.type],
                "reconcile": row.type in (RECEIVABLE, PAYABLE),
                "party_required": row.type in (RECEIVABLE, PAYABLE),
            }
            for row in CHART
        ],
    )
    return {row.code: account for row, account in zip(CHART, accounts, strict=True)}


def _taxes(rpc: Rpc, company: int, accounts: dict[str, int]) -> None:
    _many(
        rpc,
        "account.tax",
        [
            {
                "name": name,
                "description": name,
                "company": company,
                "type": "percentage",
                "rate": rate,
                "invoice_account": accounts[code],
                "credit_note_account": accounts[code],
            }
            for name, rate, code in TAXES
        ],
    )


def _fiscal_year(rpc: Rpc, company: int, year: int) -> None:
    types = {row["name"]: row["id"] for row in rpc.rows("ir.sequence.type", [], "name")}
    moves, out, out_credit, bills, bill_credits = _many(
        rpc,
        "ir.sequence.strict",
        [
            {"name": f"{name} {year}", "company": company, "sequence_type": types[kind], "prefix": f"{prefix}{year}-"}
            for name, kind, prefix in (
                ("Moves", "Account Move", "M"),
                ("Invoices", "Invoice", "F"),
                ("Credit notes", "Invoice", "N"),
                ("Bills", "Invoice", "A"),
                ("Bill credits", "Invoice", "R"),
            )
        ],
    )
    sequences = {
        "company": company,
        "out_invoice_sequence": out,
        "out_credit_note_sequence": out_credit,
        "in_invoice_sequence": bills,
        "in_credit_note_sequence": bill_credits,
    }
    fiscal_year = _one(
        rpc,
        "account.fiscalyear",
        name=str(year),
        company=company,
        start_date=date(year, 1, 1),
        end_date=date(year, 12, 31),
        move_sequence=moves,
        invoice_sequences=[["create", [sequences]]],
    )
    months = [
        {
            "name": f"{year}-{month:02}",
            "fiscalyear": fiscal_year,
            "start_date": date(year, month, 1),
            "end_date": date(year, month, monthrange(year, month)[1]),
            "type": "standard",
        }
        for month in range(1, 13)
    ]
    _many(rpc, "account.period", months)


def _me(rpc: Rpc) -> int:
    [row] = rpc.rows("res.user", [["login", "=", rpc.user]])
    return int(row["id"])


def _one(rpc: Rpc, model: str, **values: object) -> int:
    [number] = _many(rpc, model, [values])
    return number


def _many(rpc: Rpc, model: str, values: Iterable[dict[str, object]]) -> list[int]:
    made: list[int] = rpc.model(model, "create", list(values))
    return made
