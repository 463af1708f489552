"""The demo over ledgers that somebody else runs: the same documents and receivables as in the plain-text book.

Each is shown on its stand-in, over HTTP and with its own sign-in; its books are then looked at without our connector.
"""

from __future__ import annotations

import os
import sqlite3
from collections import Counter
from collections.abc import Mapping
from contextlib import closing
from decimal import Decimal
from pathlib import Path

import pytest
import requests
from beancount import loader
from beancount.core import data

from addin.journal.protocol import State
from addin.profile import load
from addin.screen import Screen
from addin.session import Session
from addin.usecases import demo as module
from addin.usecases.demo import COMPANY, TODAY, demo
from addin.usecases.preview import preview
from addin.usecases.report import Report
from addin.usecases.sync import sync
from connectors import exact_json
from connectors.ledger import LedgerLists
from connectors.ledgers.beancount.connector import BeancountLedger
from connectors.ledgers.beancount.settings import BeancountSettings
from connectors.ledgers.quickbooks_online.connector import QuickBooksOnlineLedger
from connectors.ledgers.quickbooks_online.sandbox import Sandbox
from connectors.ledgers.quickbooks_online.sandbox.company import Company
from connectors.ledgers.quickbooks_online.sandbox.demonstration import furnish
from connectors.ledgers.quickbooks_online.sandbox.reports import report
from connectors.ledgers.tryton.rpc import Rpc
from connectors.ledgers.tryton.settings import TrytonSettings
from connectors.ledgers.xero.connector import XeroLedger
from connectors.ledgers.xero.sandbox import TENANTS, Xero
from connectors.ledgers.xero.sandbox.reports import balances
from connectors.problems import CannotRun
from connectors.registry import demonstration
from connectors.secrets.store import open_secrets
from connectors.sources.files.sample import write_sample
from connectors.sources.files.sample_books import by_hand, kept
from tests.connectors.sources.sample_problems import EXPECTED
from workbook.file.file_book import FileBook

Sides = Mapping[str, tuple[Decimal, Decimal]]
Shown = tuple[Path, Report, Sides]

DATES = {"start_date": "2020-01-01", "end_date": "2030-12-31"}

RECOGNISED = ("2400", "3000", "4100", "4200", "4300", "4350", "4400", "4500")
"""Dues in advance and what becomes of them, opening balances, and the other revenue."""
TEXT_ALONE = {"3000": Decimal("18450.00"), "4300": Decimal("1000.00")}
"""What the accountant wrote into the plain-text book alone: the bank's opening balance and a sponsorship."""

IN_DOLLARS = {
    "1100": ("3341.04", "3341.04"), "4300": ("0", "3341.04"), "1050": ("3373.68", "0"), "4800": ("0", "32.64")
}  # fmt: skip
"""What 2,400.00 US dollars, billed at 1.3921 and paid at 1.4057, come to on each account at home."""
GAINED = Decimal("-32.64")

RENAMED = {("invoice", "D0595", "F25-0335", "gl_account_not_mapped"): "item_not_mapped"}
"""QuickBooks' sales name products: what has no account in the plain-text book has no product there."""

OWED = """
    SELECT party.name, sum(line.debit - line.credit)
    FROM account_move_line AS line JOIN account_account AS account ON account.id = line.account
    JOIN account_move AS move ON move.id = line.move JOIN party_party AS party ON party.id = line.party
    WHERE move.state = 'posted' AND account.code = '1100' AND move.date <= ? GROUP BY party.name
"""


def transfers(folder: Path) -> Counter[tuple[str, str, str]]:
    """What became of every record, by kind and key."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PASSERELLE_HOME", str(folder / "home"))
        profile = load(COMPANY)
        with Session.open(profile, FileBook(profile.workbook), "log", TODAY) as session:
            known = session.journal.transfers()
    return Counter((kind, key, history[-1].state) for (kind, key), history in known.items())


def posted(folder: Path) -> set[tuple[str, str]]:
    return {(kind, key) for kind, key, state in transfers(folder) if state is State.POSTED}


def in_the_book(folder: Path) -> dict[str, Decimal]:
    """What each customer owes in the plain-text book, by name."""
    book = BeancountLedger(BeancountSettings(folder=folder))
    owed: Counter[str] = Counter()
    for aged in book.aged_receivables(TODAY):
        owed[aged.name] += aged.total  # type: ignore[assignment] # counts money
    return {name: amount for name, amount in owed.items() if amount}


@pytest.fixture(scope="module")
def quickbooks(tmp_path_factory: pytest.TempPathFactory) -> Shown:
    """The demo in QuickBooks Online, without the vendor's pace; what the preview said of it."""
    folder = tmp_path_factory.mktemp("quickbooks") / "demo"
    previews: list[Sides] = []

    def watched(session: Session) -> Report:
        previews.append(planned(session))
        return sync(session)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(QuickBooksOnlineLedger, "limits", ())
        patch.setattr(module, "sync", watched)
        report = demo(folder, "quickbooks-online", "en", Screen("en", as_json=True).book, lambda _: None)
    return folder, report, previews[0]


def planned(session: Session) -> Sides:
    """Debits and credits by account that a preview says, with those of ``IN_DOLLARS``, which it says in dollars."""
    rows: list[dict[str, str]] = preview(session).facts["accounts"]  # type: ignore[assignment] # a fact of any kind
    sides = {
        row["account"]: (Decimal(row["debit"]), Decimal(row["credit"])) for row in rows if row["currency"] == "CAD"
    }
    for account, (debit, credit) in IN_DOLLARS.items():
        there = sides.get(account, (Decimal(0), Decimal(0)))
        sides[account] = there[0] + Decimal(debit), there[1] + Decimal(credit)
    return sides


@pytest.mark.long
def test_quickbooks_has_the_documents_of_the_plain_text_book(quickbooks: Shown, synced: Path) -> None:
    folder, report, _ = quickbooks
    assert posted(folder) == posted(synced)
    assert len(posted(folder)) > 1500
    expected = {
        (kind, key, number, RENAMED.get((kind, key, number, code), code)) for kind, key, number, code in EXPECTED
    }
    assert {(p.kind, p.key, p.number, p.code) for p in report.problems if p.kind} == expected


@pytest.mark.long
def test_no_item_of_quickbooks_books_elsewhere_than_the_source_says(quickbooks: Shown) -> None:
    """An opening balance neither: its product stands on equity there, as its accountant set it up."""
    assert [p.params for p in quickbooks[1].problems if p.code == "item_account_differs"] == []


@pytest.mark.long
def test_quickbooks_own_balances_are_those_of_the_plain_text_book(quickbooks: Shown, synced: Path) -> None:
    folder, report, _ = quickbooks
    kept = exact_json.loads((folder / "home/sandboxes/quickbooks-online/books.json").read_bytes())
    [company] = [company for company in kept["companies"] if company["country"] == "CA"]
    customers = company["objects"]["Customer"]
    assert {body["DisplayName"]: body["Balance"] for body in customers if body["Balance"]} == in_the_book(synced)
    assert report.facts["receivable"]["by_hand"] == 1  # type: ignore[index] # a mapping; M-2024-007 came by hand


@pytest.mark.long
def test_the_stand_in_is_gone_and_the_person_is_told_how_to_start_it_again(
    quickbooks: Shown,
) -> None:
    folder, report, _ = quickbooks
    assert str(report.facts["books"]).startswith("passerelle sandbox quickbooks-online --port ")
    assert str(folder / "home" / "sandboxes" / "quickbooks-online") in str(report.facts["books"])
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PASSERELLE_HOME", str(folder / "home"))
        with load(COMPANY).open_ledger() as ledger, pytest.raises(CannotRun):
            ledger.connect()
    assert not [name for name in os.environ if name.startswith("PASSERELLE_QUICKBOOKS")]


@pytest.mark.long
def test_the_books_can_be_looked_at_afterwards(quickbooks: Shown) -> None:
    folder, _, _ = quickbooks
    with Sandbox() as sandbox:
        sandbox.quickbooks.load(folder / "home" / "sandboxes" / "quickbooks-online" / "books.json")
        page = requests.get(sandbox.url, timeout=30).text
    assert "Zephyr Realty Trust" in page
    assert "Comptes clients" in page


@pytest.mark.long
def test_quickbooks_own_trial_balance_moved_by_what_the_preview_said(quickbooks: Shown, tmp_path: Path) -> None:
    """Each account's net amount, to the cent, but for M-2024-007 (see Tryton below); the taxes in one sum.

    A sales line names a product, so it falls on the product's account and not on the one the source says. Taxes have
    codes and no accounts here.
    """
    folder, _, said = quickbooks
    write_sample(tmp_path)
    with Sandbox() as before, Sandbox() as after:
        furnish(before.company(), kept(tmp_path), by_hand())
        after.quickbooks.load(folder / "home" / "sandboxes" / "quickbooks-online" / "books.json")
        was, now = net(before.company()), net(after.company())
    codes = {account.name: account.code for account in kept(tmp_path).accounts}
    codes["Accounts Receivable (A/R) - USD"] = "1100"
    moved: Counter[str] = Counter()
    for name in was.keys() | now.keys():
        moved[codes.get(name, "")] += now[name] - was[name]  # type: ignore[assignment] # counts money
    expected: Counter[str] = Counter()
    for code, (debit, credit) in said.items():
        elsewhere = code not in codes.values() or code == "4800"  # QuickBooks gains on an account of its own
        expected["" if elsewhere else code] += debit - credit  # type: ignore[assignment] # counts money
    assert {code: amount for code, amount in moved.items() if amount} == {
        code: amount for code, amount in expected.items() if amount
    }


@pytest.mark.long
def test_deferred_dues_and_revenue_are_in_quickbooks_what_they_are_in_the_plain_text_book(
    quickbooks: Shown, synced: Path, tmp_path: Path
) -> None:
    """To the cent, on each account of its own, but for what the accountant wrote into the plain-text book alone."""
    folder, _, _ = quickbooks
    write_sample(tmp_path)
    with Sandbox() as sandbox:
        sandbox.quickbooks.load(folder / "home" / "sandboxes" / "quickbooks-online" / "books.json")
        there = net(sandbox.company())
    names = {account.code: account.name for account in kept(tmp_path).accounts}
    here = in_the_plain_text_book(synced)
    rest = {code: there[names[code]] - here[code] for code in RECOGNISED if there[names[code]] != here[code]}
    assert rest == TEXT_ALONE
    assert here["2400"] == Decimal("-11880.00")
    assert there["Exchange Gain or Loss"] == here["4800"] == GAINED


def in_the_plain_text_book(folder: Path) -> Counter[str]:
    """The balance of each account that has a code in the plain-text book, read by beancount itself; debits positive."""
    entries, errors, _ = loader.load_file(str(folder / "book.beancount"))
    assert errors == []
    codes = {entry.account: entry.meta.get("code", "") for entry in entries if isinstance(entry, data.Open)}
    sums: Counter[str] = Counter()
    for entry in entries:
        for posting in entry.postings if isinstance(entry, data.Transaction) else ():
            sums[codes[posting.account]] += posting.units.number
    return sums


def net(company: Company) -> Counter[str]:
    """The stand-in's own trial balance, by account's name; debits are positive."""
    rows = [row["ColData"] for row in report(company, "TrialBalance", DATES)["Rows"]["Row"] if "ColData" in row]
    return Counter({a["value"]: Decimal(d["value"] or 0) - Decimal(c["value"] or 0) for a, d, c in rows})  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def xero(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Report]:
    """The demo in Xero, without the vendor's pace."""
    folder = tmp_path_factory.mktemp("xero") / "demo"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(XeroLedger, "limits", ())
        report = demo(folder, "xero", "en", Screen("en", as_json=True).book, lambda _: None)
    return folder, report


OUT_OF_XERO = {
    **dict.fromkeys(
        (("journal_entry", key) for key in ("J0001", "J0002", "J0003", "P0396/fee")), "account_without_entries"
    ),
    **dict.fromkeys((("sales_receipt", key) for key in ("D0642", "D0657", "D0663", "D0666")), "tax_not_borne"),
    ("refund", "D0688"): "tax_not_borne",
    ("returned_payment", "P0471"): "kind_unsupported",
    ("invoice", "D0693"): "currency_unsupported",
    ("payment", "P0472"): "currency_unsupported",
    ("journal_entry", "P0471/fee"): "account_without_entries",
}
"""What Xero's own rules keep out: entries on the bank account, a payment that came back, and money taken or given back
whose tax it would reckon a cent otherwise, two taxes together and rounded once; and its connector US dollars."""


@pytest.mark.long
def test_xero_has_the_documents_of_the_plain_text_book_but_for_what_its_rules_keep_out(
    xero: tuple[Path, Report], synced: Path
) -> None:
    folder, report = xero
    assert posted(synced) - posted(folder) == OUT_OF_XERO.keys() | {("customer", "A0247")}, "whom nothing is booked on"
    assert posted(folder) < posted(synced)
    told = {(p.kind, p.key): p.code for p in report.problems if (p.kind, p.key) in OUT_OF_XERO}
    assert told == OUT_OF_XERO
    rest = {(p.kind, p.key, p.number, p.code) for p in report.problems if p.kind and (p.kind, p.key) not in OUT_OF_XERO}
    assert rest == set(EXPECTED)


@pytest.mark.long
def test_xeros_own_receivables_are_those_of_the_plain_text_book(xero: tuple[Path, Report], synced: Path) -> None:
    folder, report = xero
    vendor = Xero()
    vendor.load(folder / "home" / "sandboxes" / "xero" / "books.json")
    books = vendor.organisations[TENANTS[0][0]]
    owed: Counter[str] = Counter()
    for bill in books.every("Invoices"):
        if bill["Type"] == "ACCREC":
            owed[books.get("Contacts", bill["ContactID"])["Name"]] += books.due(bill)  # type: ignore[assignment]
    for entity in ("CreditNotes", "Overpayments"):
        for credit in books.every(entity):
            if credit["Type"] in ("ACCRECCREDIT", "RECEIVE-OVERPAYMENT"):
                name = books.get("Contacts", credit["ContactID"])["Name"]
                owed[name] -= books.remaining(entity, credit)  # type: ignore[assignment]
    there, here = {name: amount for name, amount in owed.items() if amount}, in_the_book(synced)
    apart = {name: here[name] - there.get(name, 0) for name in here if here[name] != there.get(name, 0)}
    assert there.keys() <= here.keys()
    assert list(apart.values()) == [Decimal("477.15")], "what the bank returned is not open again there"
    assert report.facts["receivable"]["by_hand"] == 1  # type: ignore[index] # a mapping; M-2024-007 came by hand


@pytest.mark.long
def test_opening_balances_stand_in_equity_in_xero(xero: tuple[Path, Report], synced: Path) -> None:
    vendor = Xero()
    vendor.load(xero[0] / "home" / "sandboxes" / "xero" / "books.json")
    books = vendor.organisations[TENANTS[0][0]]
    [equity] = [id_ for id_, account in books.kept["Accounts"].items() if account.get("Code") == "3000"]
    here = in_the_plain_text_book(synced)["3000"]
    assert balances(books, TODAY.isoformat())[equity] == here + TEXT_ALONE["3000"] == -owed_at_first()


def owed_at_first() -> Decimal:
    """What customers owed when the books were opened."""
    return sum((row.record.total for row in by_hand() if row.record.number.startswith("SO-2024")), Decimal(0))  # type: ignore[union-attr] # documents


class Seen:
    """What was looked at just before and just after the sync."""

    planned: Sides
    before: Sides
    after: Sides


@pytest.fixture(scope="module")
def tryton(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Report, Seen]:
    """The demo in Tryton, its trial balance looked at before and after the sync."""
    folder, seen = tmp_path_factory.mktemp("tryton") / "demo", Seen()

    def watched(session: Session) -> Report:
        seen.planned = planned(session)
        settings = TrytonSettings.model_validate(session.profile.ledger_settings)
        seen.before = trial_balance(settings)
        report = sync(session)
        seen.after = trial_balance(settings)
        return report

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "sync", watched)
        try:
            report = demo(folder, "tryton", "en", Screen("en", as_json=True).book, lambda _: None)
        except CannotRun as missing:
            if {problem.code for problem in missing.problems} != {"connector_not_installed"}:
                raise
            pytest.skip(f"Tryton cannot be installed from PyPI: {missing}")
    return folder, report, seen


def trial_balance(settings: TrytonSettings) -> Sides:
    """Debits and credits by account, as Tryton itself reckons them of what is posted."""
    rpc = Rpc(settings, lambda: open_secrets(settings.place).required(settings.secret))
    ids = rpc.model("account.account", "search", [["code", "!=", None]], 0, None, None)
    rows = rpc.model("account.account", "read", ids, ["code", "debit", "credit"], posted=True)
    rpc.close()
    return {row["code"]: (row["debit"], row["credit"]) for row in rows}


@pytest.mark.tryton
def test_tryton_has_the_documents_of_the_plain_text_book(tryton: tuple[Path, Report, Seen], synced: Path) -> None:
    folder, report, _ = tryton
    assert posted(folder) == posted(synced)
    assert {(p.kind, p.key, p.number, p.code) for p in report.problems if p.kind} == set(EXPECTED)


@pytest.mark.tryton
def test_trytons_own_receivables_are_those_of_the_plain_text_book(
    tryton: tuple[Path, Report, Seen], synced: Path
) -> None:
    file = tryton[0] / "home" / "sandboxes" / "tryton" / "tryton.sqlite"
    with closing(sqlite3.connect(file)) as database:
        rows = database.execute(OWED, (TODAY.isoformat(),)).fetchall()
    owed = {name: round(Decimal(str(amount)), 2) for name, amount in rows}
    assert {name: amount for name, amount in owed.items() if amount} == in_the_book(synced)


@pytest.mark.tryton
def test_trytons_own_trial_balance_moved_by_what_the_preview_said(tryton: tuple[Path, Report, Seen]) -> None:
    """Debits and credits of each account, to the cent; what a person has booked already is in neither."""
    _, report, seen = tryton
    assert [p.number for p in report.problems if p.code == "already_booked"] == ["M-2024-007"]
    moved = {}
    for code, (debit, credit) in seen.after.items():
        was = seen.before.get(code, (Decimal(0), Decimal(0)))
        moved[code] = (debit - was[0], credit - was[1])
    assert {code: sides for code, sides in moved.items() if any(sides)} == seen.planned


@pytest.mark.tryton
def test_deferred_dues_and_revenue_are_in_tryton_what_they_are_in_the_plain_text_book(
    tryton: tuple[Path, Report, Seen], synced: Path
) -> None:
    """To the cent, but for what the accountant wrote into the plain-text book alone."""
    after, here = tryton[2].after, in_the_plain_text_book(synced)
    there = {code: after[code][0] - after[code][1] for code in (*RECOGNISED, "4800")}
    assert there["4800"] == here["4800"] == GAINED
    rest = {code: there[code] - here[code] for code in RECOGNISED if there[code] != here[code]}
    assert rest == TEXT_ALONE


def test_a_ledger_without_a_stand_in_is_shown_as_it_is() -> None:
    with demonstration("beancount")(Path(), LedgerLists(), ()) as shown:
        assert (shown.port, dict(shown.settings), shown.consent) == (0, {}, None)
