"""What an organisation is like: its accounts, tax rates and tracking options, read once for each connection."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from connectors.ledger import AccountBalance, LedgerCustomer, LedgerLists
from connectors.ledgers.xero.service import Api, Body, day_of
from connectors.ledgers.xero.settings import XeroSettings
from connectors.problems import CannotRun, Problem
from connectors.records import ZERO, CodeTax, LedgerAccount, ListEntry, Side
from connectors.wire.form import Codes
from connectors.wire.paths import at

BANK = "BANK"
CONTROL = {"DEBTORS": "receivable", "CREDITORS": "payable"}
NO_ENTRIES = frozenset({*CONTROL, "RETAINEDEARNINGS"})
"""System accounts that manual journals do not take, beside bank accounts (manual journals)."""
TAB = "\t"
PHONE = ("PhoneCountryCode", "PhoneAreaCode", "PhoneNumber")
"""What a telephone number is made of."""
RATE = Decimal("0.0001")
UNTAXED = "NONE"
"""The tax type of a line that no tax code is named for; without one the account's own would be taken."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Books:
    """An organisation; ``ids`` are the codes of its accounts by the vendor's ids."""

    name: str
    short: str
    home: str
    codes: Codes
    lists: LedgerLists
    ids: dict[str, str] = field(default_factory=dict)

    def taxes_of(self, code: str) -> tuple[CodeTax, ...]:
        """The taxes of a tax rate."""
        return self.lists.taxes_of(code)


def read(api: Api, settings: XeroSettings) -> Books:
    """Read an organisation and its lists. Raises ``CannotRun``."""
    [about] = api.one("Organisation")
    accounts = {_code(row): row for row in sorted(api.one("Accounts"), key=lambda row: not row.get("Code"))}
    active = {code: row for code, row in accounts.items() if is_active(row)}
    rates = [row for row in api.one("TaxRates") if is_active(row)]
    options = dict(_options(api.one("TrackingCategories")))
    system = {row["SystemAccount"]: code for code, row in active.items() if row.get("SystemAccount")}
    locks = [day_of(about[name]) for name in ("PeriodLockDate", "EndOfYearLockDate") if about.get(name)]
    lists = LedgerLists(
        accounts=tuple(_account(code, row) for code, row in accounts.items()),
        tax_codes=tuple(_rate(row) for row in rates),
        classes=tuple(ListEntry(code=code, name=code) for code in options),
        home_currency=str(about.get("BaseCurrency") or "CAD"),
        closing_date=max(locks, default=None),
        receivable=system.get("DEBTORS", ""),
        payable=system.get("CREDITORS", ""),
        deposit=_deposit(active, settings),
    )
    banks = {code: str(row["AccountID"]) for code, row in active.items()}
    tables = {
        "accounts": {code: str(row["Code"]) for code, row in accounts.items() if row.get("Code")},
        "banks": {**banks, "": banks.get(lists.deposit, "")},
        "taxes": {**{str(row["Name"]): str(row["TaxType"]) for row in rates}, "": UNTAXED},
        "classes": options,
    }
    return Books(
        name=str(about.get("Name") or settings.company),
        short=str(about.get("ShortCode") or ""),
        home=lists.home_currency,
        codes=Codes(tables=tables, taxes_of=lists.taxes_of),
        lists=lists,
        ids={str(row["AccountID"]): code for code, row in accounts.items()},
    )


def is_active(row: Body, name: str = "Status") -> bool:
    """Whether something of a list is in use, as what has no status is (samples of accounts)."""
    return row.get(name) in (None, "ACTIVE")


def with_whole_phones(contact: Body) -> Body:
    """A contact whose numbers hold their country and area codes, which a person may have typed apart."""
    phones = [
        {**each, "PhoneNumber": " ".join(filter(None, (each.get(part) for part in PHONE)))}
        for each in contact.get("Phones") or ()
    ]
    return {**contact, "Phones": phones}


def customers(api: Api) -> Iterator[LedgerCustomer]:
    """All contacts, archived ones too: a contact may be sold to and bought from."""
    for row in api.every("Contacts", includeArchived="true"):
        yield LedgerCustomer(
            reference=str(row["ContactID"]),
            name=str(row.get("Name", "")),
            email=str(row.get("EmailAddress") or ""),
            phone=str(at(with_whole_phones(row), "Phones[PhoneType=DEFAULT].PhoneNumber") or ""),
            active=is_active(row, "ContactStatus"),
        )


def trial_balance(api: Api, books: Books, on: date) -> list[AccountBalance]:
    """The vendor's trial balance of a day: the columns of the year so far, by the codes of its accounts."""
    report = api.report("TrialBalance", date=on.isoformat())
    found = []
    for cells in _rows(report.get("Rows") or []):
        id_ = next((str(each.get("Value")) for each in cells[0].get("Attributes") or []), "")
        amount = _amount(cells, -2) - _amount(cells, -1)
        if id_ and amount:
            found.append(AccountBalance(account=books.ids.get(id_, str(cells[0].get("Value"))), amount=amount))
    return found


def _rows(rows: Sequence[Body]) -> Iterator[list[Body]]:
    for row in rows:
        if row.get("RowType") == "Row":
            yield row["Cells"]
        yield from _rows(row.get("Rows") or [])


def _amount(cells: Sequence[Body], place: int) -> Decimal:
    text = str(cells[place].get("Value") or "").replace(",", "")
    return Decimal(text) if text else ZERO


def _code(row: Body) -> str:
    """What people know an account by: its code; bank accounts may have none, and go by their name."""
    return str(row.get("Code") or row["Name"])


def _account(code: str, row: Body) -> LedgerAccount:
    return LedgerAccount(
        code=code,
        name=str(row["Name"]),
        type=str(row.get("Type", "")),
        active=is_active(row),
        by_party=row.get("SystemAccount") in CONTROL,
        entries=row.get("Type") != BANK and row.get("SystemAccount") not in NO_ENTRIES,
    )


def _rate(row: Body) -> ListEntry:
    """A tax rate with its components, for the sides that it may be used on; one without any charges nothing."""
    sides = [side for side, name in ((Side.SALES, "CanApplyToRevenue"), (Side.PURCHASES, "CanApplyToExpenses"))
             if row.get(name) is not False]  # fmt: skip
    parts = row.get("TaxComponents") or []
    plain = sum((_percent(part) for part in parts if not part.get("IsCompound")), ZERO)
    taxes = tuple(
        CodeTax(name=str(part["Name"]), side=side, percent=_percent(part, plain if part.get("IsCompound") else ZERO))
        for side in sides
        for part in parts
    )
    untaxed = not any(tax.percent for tax in taxes)
    return ListEntry(code=str(row["Name"]), name=str(row["Name"]), untaxed=untaxed, taxes=taxes)


def _percent(part: Body, before: Decimal = ZERO) -> Decimal:
    """A component's percentage of the amount; a compound one is of what the others made of it, to four decimals."""
    own = Decimal(str(part["Rate"]))
    return (own * (100 + before) / 100).quantize(RATE) if before else own


def _options(categories: Sequence[Body]) -> Iterator[tuple[str, str]]:
    """Options by their names, with the category before it where several have one of that name."""
    shown = [(str(category["Name"]), str(option["Name"])) for category in categories
             if is_active(category) for option in category.get("Options") or [] if is_active(option)]  # fmt: skip
    for category, option in shown:
        alone = [each for _, each in shown].count(option) == 1
        yield (option if alone else f"{category}: {option}"), f"{category}{TAB}{option}"


def _deposit(active: dict[str, Body], settings: XeroSettings) -> str:
    banks = [code for code, row in active.items() if row.get("Type") == BANK]
    wanted = settings.deposit_account
    if wanted and wanted not in banks:
        params = {"setting": "ledger.deposit_account", "refused": "absent", "accepted": wanted,
                  "known": ", ".join(banks)}  # fmt: skip
        raise CannotRun(Problem(code="settings_invalid", params=params))
    return wanted or next(iter(banks), "")
