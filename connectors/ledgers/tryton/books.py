"""What stands in a company's Tryton besides documents: accounts, taxes, journals, periods, terms, parties."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property

from connectors.ledger import BookingPeriod, LedgerCustomer, LedgerLists
from connectors.ledgers.tryton.problems import lacking
from connectors.ledgers.tryton.rpc import Row, Rpc
from connectors.ledgers.tryton.settings import TrytonSettings
from connectors.records import DocumentTax, LedgerAccount, ListEntry

ANY = ["active", "in", [True, False]]
"""Tryton leaves inactive records out of a search unless the domain speaks of ``active``."""


@dataclass(frozen=True, slots=True)
class Account:
    """An account that can be booked on; ``sells`` and ``buys`` say whether Tryton's invoices take it on a line.

    ``open`` is one that is not closed, ``active`` one in use today: Tryton gives an account a first and a last day.
    ``currency`` is the second currency that all its lines have to be in, where it asks for one.
    """

    id: int
    code: str
    name: str
    type: str
    open: bool
    active: bool
    sells: bool
    buys: bool
    with_party: bool
    currency: str = ""


@dataclass(frozen=True, slots=True)
class Period:
    """A standard period of a fiscal year."""

    id: int
    start: date
    end: date
    open: bool
    fiscal_year: int


@dataclass(frozen=True, slots=True)
class TaxRate:
    """One of Tryton's taxes: its rate as a fraction, and the account it is booked on."""

    id: int
    name: str
    rate: Decimal
    account: str


@dataclass(frozen=True, slots=True)
class Party:
    """A party with its first address, which every invoice of Tryton's must name."""

    id: int
    code: str
    address: int | None


@dataclass(frozen=True, kw_only=True)
class Books:
    """A company's lists, as read once; ``made`` is when the company was made, which copies of a database share."""

    company: int
    made: datetime
    name: str
    party: int
    currency: int
    home: str
    accounts: Mapping[str, Account]
    periods: tuple[Period, ...]
    taxes: tuple[TaxRate, ...]
    journals: Mapping[str, int]
    terms: Mapping[str, int]
    countries: Mapping[str, int]
    receivable: str
    payable: str
    deposit: str
    gains: str = ""
    losses: str = ""
    currencies: Mapping[str, int] = field(default_factory=dict)

    @property
    def closing_date(self) -> date | None:
        """The end of the last closed period before the first open one."""
        first = min((period.start for period in self.periods if period.open), default=date.max)
        return max((p.end for p in self.periods if not p.open and p.end < first), default=None)

    def period(self, on: date) -> Period | None:
        """The period a day lies in."""
        return next((period for period in self.periods if period.start <= on <= period.end), None)

    def tax(self, tax: DocumentTax) -> int | None:
        """Which of the taxes booked on the account this one is: that whose rate explains the amount to a few cents."""
        explained = [
            (abs(tax.base * rate.rate - tax.amount), rate.id) for rate in self.taxes if rate.account == tax.ledger_tax
        ]
        off, found = min(explained, default=(Decimal(1), 0))
        return found if off < Decimal("0.10") else None

    @property
    def zero_rate(self) -> int | None:
        """The oldest tax of 0 %, which tells what is zero-rated from what is exempt; ``None`` where there is none."""
        return next((tax.id for tax in self.taxes if not tax.rate), None)

    @cached_property
    def own(self) -> LedgerLists:
        """The lists without the parties: what a posting's accounts and day are held against."""
        return self.lists(())

    def lists(self, customers: Iterable[LedgerCustomer]) -> LedgerLists:
        """What drop-downs, mapping and planning need. A tax's code is that of the account it is booked on."""
        taxes: dict[str, list[str]] = defaultdict(list)
        for tax in self.taxes:
            taxes[tax.account].append(tax.name)
        return LedgerLists(
            customers=tuple(customers),
            accounts=tuple(
                LedgerAccount(
                    code=a.code,
                    name=a.name,
                    type=a.type,
                    active=a.open and a.active,
                    by_party=a.with_party,
                    currency=a.currency,
                )
                for a in self.accounts.values()
            ),
            tax_codes=tuple(ListEntry(code=code, name=" · ".join(names)) for code, names in sorted(taxes.items())),
            terms=tuple(ListEntry(code=name, name=name) for name in self.terms),
            home_currency=self.home,
            closing_date=self.closing_date,
            periods=tuple(BookingPeriod(first=each.start, last=each.end, open=each.open) for each in self.periods),
            receivable=self.receivable,
            payable=self.payable,
            deposit=self.deposit,
            gains=self.gains,
            losses=self.losses,
            currencies=tuple(sorted(self.currencies)),
        )


def read(rpc: Rpc, settings: TrytonSettings) -> Books:
    """The company's books. Raises ``CannotRun`` (no such company, no account, no journal)."""
    companies = rpc.rows("company.company", [], "party", "party.name", "currency", "currency.code", "create_date")
    wanted = [row for row in companies if settings.company in ("", row["party."]["name"])]
    if len(wanted) != 1:
        raise lacking("company", settings.company, [row["party."]["name"] for row in companies])
    [company] = wanted
    rpc.context["company"] = company["id"]
    mine = ["company", "=", company["id"]]
    accounts = _accounts(rpc.rows("account.account", [mine, ["type", "!=", None], ANY], *ACCOUNT_FIELDS))
    by_id = {account.id: account.code for account in accounts.values()}
    defaults = _defaults(rpc)
    journals = {row["type"]: row["id"] for row in reversed(rpc.rows("account.journal", [], "type"))}
    codes = {
        "receivable": settings.receivable or by_id.get(defaults["default_account_receivable"], ""),
        "payable": settings.payable or by_id.get(defaults["default_account_payable"], ""),
        "deposit": settings.deposit,
    }
    codes |= {
        name: settings.exchange or by_id.get(defaults[f"currency_exchange_{side}_account"], "")
        for name, side in (("gains", "credit"), ("losses", "debit"))
    }
    for setting, code in {**codes, "exchange": settings.exchange or codes["deposit"]}.items():
        if code not in accounts and setting not in ("gains", "losses"):
            raise lacking(setting, code, accounts)
    for kind in ("revenue", "expense", "cash", "general"):
        if kind not in journals:
            raise lacking("journal", kind, journals)
    return Books(
        company=company["id"],
        made=company["create_date"],
        name=company["party."]["name"],
        party=company["party"],
        currency=company["currency"],
        home=company["currency."]["code"],
        accounts=accounts,
        periods=_periods(rpc, mine[2]),
        taxes=tuple(
            TaxRate(row["id"], row["name"], row["rate"], by_id[row["invoice_account"]])
            for row in rpc.rows("account.tax", [mine, ["type", "=", "percentage"]], "name", "rate", "invoice_account")
            if row["invoice_account"] in by_id
        ),
        journals=journals,
        terms={row["name"]: row["id"] for row in rpc.rows("account.invoice.payment_term", [], "name")},
        currencies={row["code"]: row["id"] for row in rpc.rows("currency.currency", [], "code")},
        countries={row["code"]: row["id"] for row in rpc.rows("country.country", [], "code") if row["code"]},
        **codes,
    )


def parties(rpc: Rpc, codes: Iterable[str]) -> dict[str, Party]:
    """The parties of these codes, active or not."""
    found = rpc.rows("party.party", [["code", "in", sorted(set(codes))], ANY], "code", "addresses")
    return {row["code"]: Party(row["id"], row["code"], next(iter(row["addresses"]), None)) for row in found}


def customers(rpc: Rpc, company_party: int) -> list[LedgerCustomer]:
    """Every party but the company itself; its code is what a sync reference holds."""
    rows = rpc.rows("party.party", [["id", "!=", company_party], ANY], "code", "name", "email", "phone", "active")
    return [
        LedgerCustomer(
            reference=row["code"],
            name=row["name"] or row["code"],
            number=row["code"],
            email=row["email"] or "",
            phone=row["phone"] or "",
            active=bool(row["active"]),
        )
        for row in rows
    ]


DEFAULTS = ["default_account_receivable", "default_account_payable",
            "currency_exchange_credit_account", "currency_exchange_debit_account"]  # fmt: skip
"""The accounts of a company's configuration."""
ACCOUNT_FIELDS = (
    "code",
    "name",
    "closed",
    "active",
    "party_required",
    "second_currency",
    "second_currency.code",
    "type.name",
    "type.revenue",
    "type.expense",
    "type.debt",
)


def _accounts(rows: Iterable[Row]) -> dict[str, Account]:
    """By code; of two accounts with one code the older stands, and an account without a code cannot be named."""
    accounts: dict[str, Account] = {}
    for row in rows:
        kind = row["type."]
        if row["code"]:
            account = Account(
                id=row["id"],
                code=row["code"],
                name=row["name"],
                type=kind["name"],
                open=not row["closed"],
                active=bool(row["active"]),
                sells=bool(kind["revenue"]),
                buys=bool(kind["expense"] or kind["debt"]),
                with_party=bool(row["party_required"]),
                currency=row["second_currency."]["code"] if row["second_currency"] else "",
            )
            accounts.setdefault(account.code, account)
    return dict(sorted(accounts.items()))


def _periods(rpc: Rpc, company: int) -> tuple[Period, ...]:
    rows = rpc.rows(
        "account.period",
        [["fiscalyear.company", "=", company], ["type", "=", "standard"]],
        "start_date",
        "end_date",
        "state",
        "fiscalyear",
    )
    return tuple(
        Period(row["id"], row["start_date"], row["end_date"], row["state"] == "open", row["fiscalyear"]) for row in rows
    )


def _defaults(rpc: Rpc) -> Row:
    [defaults] = rpc.model("account.configuration", "read", [1], DEFAULTS)
    found: Row = defaults
    return found
