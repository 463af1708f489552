"""What a company of QuickBooks Online is like: its preferences and lists, read once for each connection."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from connectors.ledger import LedgerCustomer, LedgerLists
from connectors.ledgers.quickbooks_online.preferences import classes_by_document, classes_by_line, warnings_of
from connectors.ledgers.quickbooks_online.queries import Api, Body
from connectors.ledgers.quickbooks_online.settings import QuickBooksOnlineSettings
from connectors.problems import CannotRun, Problem
from connectors.records import CodeTax, Item, LedgerAccount, ListEntry, Side

SUPPLIER = "V"
"""Before a vendor's id in a reference: whether customers and vendors share one row of ids is not established."""

RECEIVABLE, PAYABLE, UNDEPOSITED = "Accounts Receivable", "Accounts Payable", "UndepositedFunds"
EXCHANGE = "ExchangeGainOrLoss"
"""The sub-type of the account that differences of currencies are booked on, by the vendor itself."""
EVERYONE = "Active in (true, false)"
"""What was made inactive is not told otherwise (data queries)."""
TAXED, UNTAXED = "TAX", "NON"
"""The only tax codes of a line in a US company (6100 otherwise); the document names the real one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxCode:
    """A tax code: what a line says for it, and the taxes (the vendor's rates) that it stands for.

    ``document`` is what a whole document says for it, in a US company.
    """

    id: str
    document: str = ""
    taxes: tuple[CodeTax, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Books:
    """A company; the mappings go from our codes to the vendor's ids, ``rates`` from the names of its tax rates.

    ``controls`` are the accounts of receivables and payables by their type and currency: the vendor makes one with the
    first document of a currency, so that they are asked for anew where an entry moves one of a foreign currency.
    ``numbers`` tells whether our document numbers are taken (preference "custom transaction numbers"),
    ``automated_tax`` whether the company computes sales tax itself (automated sales tax, US) and takes the vendor's own
    reasons for exemption. ``class_of_document`` is true where the company gives a whole document one class, and its
    lines none.
    """

    name: str
    american: bool
    home: str
    multi_currency: bool
    numbers: bool
    automated_tax: bool
    closing_date: date | None
    accounts: Mapping[str, str] = field(default_factory=dict)
    items: Mapping[str, str] = field(default_factory=dict)
    taxes: Mapping[str, TaxCode] = field(default_factory=dict)
    rates: Mapping[str, str] = field(default_factory=dict)
    terms: Mapping[str, str] = field(default_factory=dict)
    methods: Mapping[str, str] = field(default_factory=dict)
    classes: Mapping[str, str] = field(default_factory=dict)
    controls: Mapping[tuple[str, str], str] = field(default_factory=dict)
    class_of_document: bool = False
    warnings: tuple[Problem, ...] = ()
    lists: LedgerLists = field(default_factory=LedgerLists)

    def word(self, listed: str, code: str) -> str:
        """The vendor's id of a code; money goes to the deposit account where no other is named."""
        match listed:
            case "taxes":
                return self.taxes[code].id if code in self.taxes else ""
            case "classes of lines":
                return "" if self.class_of_document else self.classes.get(code, "")
            case "money":
                return self.accounts.get(code or self.lists.deposit, "")
        return self._ids(listed).get(code, "")

    def code(self, listed: str, word: str) -> str:
        """The code that people know an id by; empty for what is inactive now."""
        return next((code for code, id_ in self._ids(listed).items() if id_ == word), "")

    def _ids(self, listed: str) -> Mapping[str, str]:
        ids: Mapping[str, str] = getattr(self, "classes" if listed == "classes of lines" else listed)
        return ids

    def type_of(self, code: str) -> str:
        """The vendor's type of an account."""
        return next((account.type for account in self.lists.accounts if account.code == code), "")

    @property
    def bank(self) -> str:
        """The account that a bill payment of nothing names; empty where the company has no bank account."""
        banks = sorted(account.code for account in self.lists.accounts if account.type == "Bank" and account.active)
        return self.lists.deposit if self.lists.deposit in banks else next(iter(banks), "")

    def taxes_of(self, code: str) -> tuple[CodeTax, ...]:
        """The taxes of a tax code; none of one that the company has not."""
        return self.taxes[code].taxes if code in self.taxes else ()


def read(api: Api, settings: QuickBooksOnlineSettings) -> Books:
    """Read a company's preferences and lists. Raises ``CannotRun``."""
    company = next(api.query("CompanyInfo"), {})
    wishes = next(api.query("Preferences"), {})
    american = str(company.get("Country", "")).upper() in ("US", "USA")
    home = str(_at(wishes, "CurrencyPrefs", "HomeCurrency", "value") or ("USD" if american else "CAD"))
    accounts = _coded(list(api.query("Account", EVERYONE)), "AcctNum")
    at_home = {code: row for code, row in accounts.items() if not foreign(row, home)}
    sold = _coded(list(api.query("Item", EVERYONE)))
    items = {code: row for code, row in sold.items() if row.get("Type") not in ("Category", "Group")}
    rates = {str(rate["Id"]): rate for rate in api.query("TaxRate")}
    taxes = _taxes(api, rates, american)
    named = {entity: _coded(list(api.query(entity))) for entity in ("Term", "PaymentMethod", "Class")}
    one_class = classes_by_document(wishes) and not classes_by_line(wishes)
    classes = named["Class"] if one_class or classes_by_line(wishes) else {}
    several = _at(wishes, "CurrencyPrefs", "MultiCurrencyEnabled") is True
    closing = _day(_at(wishes, "AccountingInfoPrefs", "BookCloseDate"))
    return Books(
        name=str(company.get("CompanyName") or company.get("LegalName") or settings.company),
        american=american,
        home=home,
        multi_currency=several,
        numbers=_numbers(wishes),
        automated_tax=_at(wishes, "TaxPrefs", "PartnerTaxEnabled") is True,
        closing_date=closing,
        accounts=_ids(accounts),
        items=_ids(items),
        taxes=taxes,
        rates={str(rate["Name"]): id_ for id_, rate in rates.items()},
        terms=_ids(named["Term"]),
        methods=_ids(named["PaymentMethod"]),
        classes=_ids(classes),
        class_of_document=one_class,
        warnings=tuple(warnings_of(wishes, closing, numbers=_numbers(wishes), home=home)),
        lists=LedgerLists(
            accounts=tuple(_ledger_account(code, row, home) for code, row in accounts.items()),
            items=tuple(
                Item(code=code, name=_name(row), account=_account(row, accounts), active=_active(row))
                for code, row in items.items()
            ),
            tax_codes=tuple(
                ListEntry(code=code, name=code, untaxed=_untaxed(code, tax, american), taxes=tax.taxes)
                for code, tax in taxes.items()
            ),
            terms=_entries(named["Term"]),
            methods=_entries(named["PaymentMethod"]),
            classes=_entries(classes),
            one_class=one_class,
            home_currency=home,
            one_currency=not several,
            latin=american,
            closing_date=closing,
            receivable=_first(at_home, AccountType=RECEIVABLE),
            payable=_first(at_home, AccountType=PAYABLE),
            deposit=_deposit(accounts, settings),
            gains=(exchange := _first(accounts, AccountSubType=EXCHANGE)),
            losses=exchange,
        ),
    )


def _ledger_account(code: str, row: Body, home: str) -> LedgerAccount:
    return LedgerAccount(
        code=code,
        name=_name(row),
        type=str(row.get("AccountType", "")),
        active=_active(row),
        by_party=row.get("AccountType") in (RECEIVABLE, PAYABLE),
        currency=foreign(row, home),
    )


def control_accounts(api: Api) -> dict[tuple[str, str], str]:
    """The accounts of receivables and payables in use, by their type and currency, as they are now."""
    return {
        (str(row["AccountType"]), str(_at(row, "CurrencyRef", "value") or "")): str(row["Id"])
        for row in api.query("Account")
        if row.get("AccountType") in (RECEIVABLE, PAYABLE)
    }


def foreign(row: Body, home: str) -> str:
    """The currency of a customer, vendor or account; empty for the home currency."""
    currency = str(_at(row, "CurrencyRef", "value") or "")
    return "" if currency == home else currency


def parties(api: Api, home: str) -> Iterator[LedgerCustomer]:
    """Customers and vendors, inactive ones too; a vendor's reference is its id after a ``V``."""
    for entity, before in (("Customer", ""), ("Vendor", SUPPLIER)):
        for row in api.query(entity, EVERYONE):
            yield LedgerCustomer(
                reference=f"{before}{row['Id']}",
                name=str(row.get("DisplayName", "")),
                email=str(_at(row, "PrimaryEmailAddr", "Address") or ""),
                phone=str(_at(row, "PrimaryPhone", "FreeFormNumber") or ""),
                active=_active(row),
                is_supplier=entity == "Vendor",
                currency=foreign(row, home),
            )


def _coded(rows: Sequence[Body], number: str = "") -> dict[str, Body]:
    """Rows by the code people know them by: their own number where it is theirs alone, else their full name.

    What is inactive takes no code from what is in use.
    """
    by_code: dict[str, Body] = {}
    for some in ([row for row in rows if _active(row)], [row for row in rows if not _active(row)]):
        taken = Counter(word for row in some for word in {str(row.get(number) or ""), _name(row)})
        for row in some:
            own = str(row.get(number) or "") if number else ""
            code = own if own and taken[own] == 1 and own not in by_code else _name(row)
            by_code.setdefault(code, row)
    return by_code


def _taxes(api: Api, rates: Mapping[str, Body], american: bool) -> dict[str, TaxCode]:
    codes = {
        str(code["Name"]): TaxCode(
            id=TAXED if american else str(code["Id"]),
            document=str(code["Id"]) if american else "",
            taxes=(
                *_rates(code, "SalesTaxRateList", Side.SALES, rates),
                *_rates(code, "PurchaseTaxRateList", Side.PURCHASES, rates),
            ),
        )
        for code in api.query("TaxCode")
        if _active(code)
    }
    return codes | {code: TaxCode(id=code) for code in (TAXED, UNTAXED)} if american else codes


def _rates(code: Body, listed: str, side: Side, rates: Mapping[str, Body]) -> Iterator[CodeTax]:
    for detail in _at(code, listed, "TaxRateDetail") or []:
        id_ = str(_at(detail, "TaxRateRef", "value") or "")
        if rate := rates.get(id_):
            yield CodeTax(name=str(rate["Name"]), percent=Decimal(str(rate.get("RateValue", 0))), side=side)


def _untaxed(code: str, tax: TaxCode, american: bool) -> bool:
    """Whether a tax code charges nothing; what the line code TAX charges in a US company is not told."""
    return code == UNTAXED if american else not any(each.percent for each in tax.taxes)


def _deposit(accounts: Mapping[str, Body], settings: QuickBooksOnlineSettings) -> str:
    wanted = settings.deposit_account
    if wanted and not (wanted in accounts and _active(accounts[wanted])):
        known = ", ".join(code for code, row in accounts.items() if row.get("AccountType") == "Bank" and _active(row))
        params = {"setting": "ledger.deposit_account", "refused": "absent", "accepted": wanted, "known": known}
        raise CannotRun(Problem(code="settings_invalid", params=params))
    return wanted or _first(accounts, AccountSubType=UNDEPOSITED)


def _numbers(wishes: Body) -> bool:
    """The preference; the samples call it ``CustomTxnNumbers``, the type definition ``CustomTxnNumber``."""
    sales = wishes.get("SalesFormsPrefs") or {}
    return sales.get("CustomTxnNumbers", sales.get("CustomTxnNumber", True)) is not False


def _first(accounts: Mapping[str, Body], **wanted: str) -> str:
    [(name, value)] = wanted.items()
    return next((code for code, row in accounts.items() if row.get(name) == value and _active(row)), "")


def _account(row: Body, accounts: Mapping[str, Body]) -> str:
    income = str(_at(row, "IncomeAccountRef", "value") or "")
    return next((code for code, account in accounts.items() if account["Id"] == income), "")


def _entries(rows: Mapping[str, Body]) -> tuple[ListEntry, ...]:
    return tuple(ListEntry(code=code, name=_name(row)) for code, row in rows.items() if _active(row))


def _ids(rows: Mapping[str, Body]) -> dict[str, str]:
    return {code: str(row["Id"]) for code, row in rows.items() if _active(row)}


def _name(row: Body) -> str:
    return str(row.get("FullyQualifiedName") or row.get("Name") or row.get("Id"))


def _active(row: Body) -> bool:
    return row.get("Active") is not False


def _day(text: object) -> date | None:
    return date.fromisoformat(text) if isinstance(text, str) and text else None


def _at(row: object, *path: str) -> Any:  # noqa: ANN401 (JSON is anything)
    for name in path:
        row = row.get(name) if isinstance(row, dict) else None
    return row
