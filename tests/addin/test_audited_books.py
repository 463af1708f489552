"""The tricky book of the auditor's, synced onto each ledger: equal to the cent by account, by party and by tax, or
refused for a reason that the auditor agrees with. A chapter that a rule is still wanting for says which.
"""

from __future__ import annotations

import os
import pickle
from calendar import monthrange
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import pytest
from beancount import loader
from filelock import FileLock

from addin.session import Session
from addin.usecases.reconcile import reconcile
from tests.addin.audited import ASSOCIATION, CLOSED, TODAY, company
from tests.addin.ledger_reports import Balances, Booked, booked, quickbooks_taxes, sums, together
from tests.auditor.books import Auditor
from tests.auditor.entries import Entry
from tests.auditor.reports import by_party, trial_balance, unbalanced
from tests.auditor.source import Source
from tests.auditor.tricky import CHAPTERS, whole
from tests.auditor.tricky import chapter as one
from workbook.file.file_book import FileBook

LEDGERS = ("beancount", "quickbooks-online", "tryton")
CHART = replace(ASSOCIATION, methods={"TRANSFER": "1010"})
"""Rule 7: transfers go to the bank at once, while cheques and cards wait to be deposited."""

MONTHS = [date(year, month, monthrange(year, month)[1]) for year in (2024, 2025) for month in range(1, 13)]
"""The days on which balances are compared, besides the last."""

WANTING = {}
"""What the product does not fulfil yet: the ledgers, and the rule. Who lands the rule takes its line away."""

AGREED = {
    "the period is closed": {"period_closed"},
    "a foreign currency without a rate": {"currency_unsupported", "rate_missing"},
    "cancelled": {"cancelled_in_source"},
    "a draft": {"not_sent"},
    "nothing says which way it went": {"payment_way_missing"},
    "below zero": {"negative_total"},
    "it does not add up": {"lines_do_not_add_up"},
    "a tax that is not of its group": {"tax_not_of_group"},
    "a tax that is not its rate": {"tax_differs"},
    "a tax of its group is missing": {"tax_missing"},
    "credited beyond its invoice": {"credit_over_total"},
    "a negative payment that is no return": {"payment_negative"},
    "shared out beyond its amount": {"payment_over_allocated"},
    "paid beyond what is open": {"payment_over_balance", "payment_over_open"},
    "it settles a stranger's document": {"invoice_of_another"},
    "what it settles is not in the books": {"invoice_not_transferred"},
    "what is returned is not in the books": {"payment_not_transferred", "return_of_no_receipt"},
    "what is returned is not what was paid": {"returned_twice", "return_differs"},
    "debits are not credits": {"entry_not_balanced"},
    "on receivables or payables without a party": {"account_by_party"},
}
"""The product's code for each of the auditor's reasons; a reason of which nothing is said here is in no code yet."""

CANNOT = {
    "beancount": set[str](),
    "quickbooks-online": {
        *("kind_unsupported", "customer_bought_from", "supplier_sold_to", "tax_not_mapped", "paid_for_no_bill"),
    },
    "tryton": {"kind_unsupported", "invoice_of_another"},
}
"""What a ledger cannot keep, and says so: QuickBooks has customers and suppliers apart, needs a tax code on every
line, and pays suppliers for bills alone; Tryton has no families."""


@dataclass(frozen=True)
class Compared:
    """The tricky book after its sync: what was posted and told, and the ledger's own journal of it."""

    folder: Path
    ledger: str
    posted: dict[tuple[str, str], str]
    told: dict[tuple[str, str], set[str]]
    journal: list[Booked]

    def of(self, letter: str) -> dict[str, tuple[str, str]]:
        """The records of a chapter that were posted, by the ledger's id."""
        return {id_: key for key, id_ in self.posted.items() if key[1][1:2] == letter and key[0] != "customer"}

    def trial(self, letter: str) -> Balances:
        """The ledger's trial balance of a chapter."""
        records = self.of(letter)
        return sums((line.account, line.amount) for line in self.journal if line.id in records)


@pytest.fixture(scope="session", params=[*LEDGERS[:2], pytest.param("tryton", marks=pytest.mark.tryton)])
def tricky(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Compared:
    """The whole book over one ledger."""
    return synced_onto(str(request.param), tmp_path_factory)


def synced_onto(ledger: str, tmp_path_factory: pytest.TempPathFactory) -> Compared:
    """The whole book, synced once for all workers."""
    base = tmp_path_factory.getbasetemp()
    place = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / f"tricky-{ledger}"
    with FileLock(place.with_suffix(".lock")):
        if not (place / "told").exists():
            with company(place, ledger, whole()) as audited:
                audited.put(CHART.methods, CHART.fees)
                audited.sync(whole())
            (place / "told").write_bytes(pickle.dumps((audited.posted, dict(audited.told))))
    posted, told = pickle.loads((place / "told").read_bytes())
    return Compared(place, ledger, posted, told, booked(place, ledger))


@pytest.mark.long
def test_reconcile_explains_a_parent_that_pays_for_its_child(tmp_path: Path) -> None:
    """Rules 6 and 9: QuickBooks ages the invoices, whoever paid them, and no difference is left unexplained."""
    with company(tmp_path, "quickbooks-online", one("F")) as audited:
        audited.sync(one("F"))
        with Session.open(audited.profile, FileBook(audited.profile.workbook), "reconcile", TODAY) as session:
            report = reconcile(session)
    assert (report.facts["explained"], report.facts["unexplained"], report.problems) == (2, 0, ())


@pytest.fixture
def chapter(request: pytest.FixtureRequest, tricky: Compared) -> str:
    """A chapter of the book, marked where its rule is still wanting."""
    letter = str(request.param)
    ledgers, rule = WANTING.get(letter, ((), ""))
    if tricky.ledger in ledgers:
        request.applymarker(pytest.mark.xfail(strict=True, reason=rule, raises=AssertionError))
    return letter


@pytest.mark.parametrize("chapter", CHAPTERS, indirect=True, ids=[each.__name__ for each in CHAPTERS.values()])
def test_each_chapter_is_what_the_auditor_makes_of_it(tricky: Compared, chapter: str) -> None:
    found = list(disagreements(tricky, chapter))
    assert not found, "\n".join(found)


def test_no_number_stands_for_two_entries(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Rule 3, of what is made from schedules: two lines of one invoice become revenue in the same months."""
    entries, _, _ = loader.load_file(str(synced_onto("beancount", tmp_path_factory).folder / "passerelle.beancount"))
    made = [entry.meta["number"] for entry in entries if getattr(entry, "meta", {}).get("kind") == "journal_entry"]
    assert len(made) > 100
    assert [number for number, count in Counter(made).items() if count > 1] == []


@pytest.mark.parametrize("ledger", [LEDGERS[1], pytest.param("tryton", marks=pytest.mark.tryton)])
def test_one_source_has_one_trial_balance(ledger: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Chapter by chapter, after the documented correspondence, where each ledger took the same records."""
    here, there = synced_onto("beancount", tmp_path_factory), synced_onto(ledger, tmp_path_factory)
    same = [letter for letter in CHAPTERS if set(here.of(letter).values()) == set(there.of(letter).values())]
    assert set(same) >= {"Q", "C"}
    apart = [(letter, here.trial(letter), there.trial(letter)) for letter in same]
    assert [each for each in apart if together(ledger, each[1]) != each[2]] == []


def test_the_tricky_book_has_at_least_sixty_documents_and_its_entries_balance() -> None:
    source = Source(whole().tables)
    auditor = Auditor(source, CHART, closed=CLOSED)
    assert len(source.rows("documents")) >= 60
    assert unbalanced(each for each in auditor.records if (each.kind, each.key) not in auditor.refused) == {}
    assert unbalanced(auditor.revenue.entries(TODAY)) == {}


def disagreements(tricky: Compared, letter: str) -> Iterator[str]:
    """Where ledger and auditor differ on a chapter, each with its figures."""
    source = Source.read(tricky.folder / "source")
    auditor = Auditor(source, CHART, closed=CLOSED)
    refused = {key: why for key, why in auditor.refused.items() if key[1][1:2] == letter}
    cannot = {key for key, codes in tricky.told.items() if codes & CANNOT[tricky.ledger]}
    cannot |= {key for key, codes in tricky.told.items() if codes == {"invoice_not_transferred"} and key not in refused}
    for key, why in refused.items():
        if key in tricky.posted:
            yield f"{key} is booked, and the auditor refuses it: {why}"
        elif not tricky.told.get(key, set()) & AGREED.get(why, set()):
            yield f"{key}: {why}; told as {tricky.told.get(key)}"
    there = Auditor(source, CHART, closed=CLOSED, absent=cannot)
    entries = [each for each in there.entries(TODAY) if each.key[1:2] == letter]
    for entry in entries:
        key = entry.kind, entry.key
        if not entry.is_revenue and key not in tricky.posted:
            yield f"{key} is not booked: {tricky.told.get(key)}"
    yield from _figures(tricky, letter, entries, {row["key"]: row["name"] for row in source.rows("accounts")})


def _figures(tricky: Compared, letter: str, entries: list[Entry], names: dict[str, str]) -> Iterator[str]:
    records = tricky.of(letter)
    lines = [line for line in tricky.journal if line.id in records]
    expected = together(tricky.ledger, trial_balance(entries))
    yield from _apart("account", tricky.trial(letter), expected)
    for day in MONTHS:
        here = together(tricky.ledger, trial_balance(entries, day))
        yield from _apart(f"on {day} account", sums((x.account, x.amount) for x in lines if x.on <= day), here)
    for account in (CHART.receivable, CHART.payable):
        theirs = sums((line.party, line.amount) for line in lines if line.account == account)
        ours = {names.get(party, party): balance for party, balance in by_party(entries, account).items()}
        yield from _apart(f"party on {account}", theirs, ours)
    if tricky.ledger == "quickbooks-online":
        there = {(records[id_], tax): each for (id_, tax), each in quickbooks_taxes(tricky.folder).items()
                 if id_ in records}  # fmt: skip
        here = sums((f"{e.kind} {e.key} {leg.tax}", abs(leg.amount)) for e in entries for leg in e.legs if leg.tax)
        yield from _apart("tax", {f"{kind} {key} {tax}": each for ((kind, key), tax), each in there.items()}, here)


def _apart(what: str, theirs: Balances, ours: Balances) -> Iterator[str]:
    for name in sorted(theirs.keys() | ours.keys()):
        if theirs.get(name, 0) != ours.get(name, 0):
            yield f"{what} {name}: ledger {theirs.get(name, 0)}, auditor {ours.get(name, 0)}"
