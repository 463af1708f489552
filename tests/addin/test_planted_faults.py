"""One Check finds every planted fault, with its cell, and nothing else; Sync then says what Check said.

``trust.md`` 6: of what pulled lists and look-ups can know, Sync refuses none that Check called ready.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random

import pytest

from addin.profile import Profile, load
from addin.session import Session
from addin.sync.plan import plan
from addin.usecases.check import check
from addin.usecases.connect import authorize
from addin.usecases.demo import COMPANY, TODAY, choose
from addin.usecases.init import init
from addin.usecases.pull import pull
from addin.usecases.report import Report
from addin.usecases.sync import sync
from connectors.ledgers.quickbooks_online.connector import QuickBooksOnlineLedger
from connectors.registry import demonstration, ledger_type
from connectors.sources.files.sample import refer, write_sample
from connectors.sources.files.sample_books import by_hand, kept
from tests.addin.planting import RECORDS, Planting, Source, cells, plant, sound
from tests.connectors.sources.sample_problems import EXPECTED
from workbook.file.file_book import FileBook
from workbook.row_keys import keyed

Found = tuple[str, str, str, str, str]
Figures = tuple[str, str, frozenset[tuple[str, str]]]
"""A code, a record's key, and what the sentence shows."""

CALLED_OTHERWISE = {"quickbooks-online": {("gl_account_not_mapped", "D0595"): "item_not_mapped"}}
"""A sample's own fault where the ledger's sales name items."""


@dataclass
class Outcome:
    """What a Check found and called ready, and what a Sync made of it."""

    planting: Planting
    expected: Counter[Found]
    found: Counter[Found]
    figures: Counter[Figures]
    ready: set[tuple[str, str]]
    posted: set[tuple[str, str]]
    synced: Report


def run(folder: Path, ledger: str, seed: int, faults: int, *, whole: bool) -> Outcome:
    """Plant in the sample association, or beside some sound invoices of its own; check; sync."""
    write_sample(folder)
    with (
        demonstration(ledger)(folder / "books", replace(kept(folder), one_currency=True), by_hand()) as shown,
        pytest.MonkeyPatch.context() as patch,
    ):
        for name, value in {"PASSERELLE_HOME": str(folder / "home"), **shown.environment}.items():
            patch.setenv(name, value)
        patch.setattr(QuickBooksOnlineLedger, "limits", ())
        refer(folder, shown.references)
        source = Source(folder / "source")
        for name in () if whole else RECORDS:
            source.files[name].clear()
        planting = Planting(source, Random(seed), ledger)
        sound(planting, 25)
        plant(planting, faults)
        source.save()
        known = {f"ledger.{name}" for name in ledger_type(ledger).Settings.model_fields}
        settings = {"new_account_default": "yes", **{f"ledger.{n}": v for n, v in shown.settings.items()}}
        if "ledger.closing_date" in known:
            settings["ledger.closing_date"] = "2023-12-31"
        init(folder, COMPANY, "files", ledger, settings, FileBook, "en")
        profile = load(COMPANY)
        if consent := shown.consent:
            _as(profile, "authorize", lambda session: authorize(session, consent))
        _as(profile, "pull", pull)
        _type(profile, planting, shown.choices)
        checked = _as(profile, "check", check)
        found = Counter(
            (p.code, str(p.kind), p.key, p.place.sheet if p.place else "", p.place.cell if p.place else "")
            for p in checked.problems if p.kind
        )  # fmt: skip
        figures = Counter((p.code, p.key, frozenset(p.params.items())) for p in checked.problems if p.kind)
        expected = Counter(cells(profile.workbook, planting.faults))
        ready = _ready(profile)
        synced = _as(profile, "sync", sync)
        with Session.open(profile, FileBook(profile.workbook), "log", TODAY) as session:
            posted = {
                (str(kind), key) for (kind, key), history in session.journal.transfers().items()
                if history[-1].action == "create" and history[-1].state == "posted"
            }  # fmt: skip
    return Outcome(planting, expected, found, figures, ready, posted, synced)


def _as(profile: Profile, command: str, use_case: Callable[[Session], Report]) -> Report:
    with Session.open(profile, FileBook(profile.workbook), command, TODAY) as session:
        return use_case(session)


def _type(profile: Profile, planting: Planting, choices: Mapping[str, Mapping[str, str]]) -> None:
    book = FileBook(profile.workbook)
    choose(book, choices)
    for table, row, typed in planting.typed:
        rows = keyed(table, book.read(table).rows)
        key = next(each for each, _ in rows if row in (each[0], each[-1]))
        book.write(table, {key: typed}, every=True)
    book.save()


def _ready(profile: Profile) -> set[tuple[str, str]]:
    with Session.open(profile, FileBook(profile.workbook), "preview", TODAY) as session:
        case, standing = session.case()
        return {(str(kind), key) for kind, key in (each.id for each in plan(case, standing))}


def compare(outcome: Outcome, ledger: str, known: Counter[tuple[str, str, str]]) -> None:
    """What is found was planted, cell by cell, or is ``known`` of the sample; ready is posted, planted is not."""
    planted = {(code, kind, key) for code, kind, key, *_ in outcome.expected}
    others = Counter({each: n for each, n in outcome.found.items() if each[:3] not in planted})
    mine = Counter({each: n for each, n in outcome.found.items() if each[:3] in planted})
    print(
        f"{ledger}: {len(outcome.planting.source.files['documents'])} documents, {len(outcome.planting.faults)} faults"
        f" of {len({fault.code for fault in outcome.planting.faults})} codes; found {mine.total()}, others "
        f"{others.total()} of {known.total()} known; ready {len(outcome.ready)}, posted {len(outcome.posted)}"
    )
    assert outcome.expected - mine == Counter(), "planted and not found"
    assert mine - outcome.expected == Counter(), "found at another cell, or more often"
    shown = Counter((fault.code, fault.key, frozenset(fault.figures.items())) for fault in outcome.planting.faults)
    assert shown - outcome.figures == Counter(), "planted, and other figures are shown"
    assert Counter(each[:3] for each in others) == known, "found and not planted"
    assert outcome.ready == outcome.posted
    assert not outcome.posted & outcome.planting.held
    told = {(p.code, str(p.kind), p.key) for p in outcome.synced.problems if p.kind}
    assert told == {each[:3] for each in outcome.found}, "Sync says what Check said"


LEDGERS = ("beancount", "quickbooks-online", pytest.param("tryton", marks=pytest.mark.tryton))


@pytest.mark.parametrize("ledger", LEDGERS)
def test_one_check_finds_each_planted_fault_and_sync_says_the_same(tmp_path: Path, ledger: str) -> None:
    compare(run(tmp_path, ledger, seed=1, faults=30, whole=False), ledger, Counter())


IN_DOLLARS = (("invoice", "D0693"), ("payment", "P0472"))
"""What the sample bills and is paid in US dollars: no fault, but a company of one currency takes neither."""
OF_ONE_CURRENCY = {"quickbooks-online": "currencies_off"}
"""What says so, of the ledgers whose company keeps one currency here."""


def sample(ledger: str) -> Counter[tuple[str, str, str]]:
    """The sample's own faults, as (code, kind, key), and what the ledger's company does not take."""
    otherwise = CALLED_OTHERWISE.get(ledger, {})
    faults = Counter((otherwise.get((code, key), code), kind, key) for kind, key, _, code in EXPECTED)
    refused = OF_ONE_CURRENCY.get(ledger)
    return faults + Counter((refused, kind, key) for kind, key in IN_DOLLARS if refused)


@pytest.mark.long
@pytest.mark.parametrize("ledger", LEDGERS)
def test_sixty_faults_in_seven_hundred_documents(tmp_path: Path, ledger: str) -> None:
    compare(run(tmp_path, ledger, seed=20261130, faults=60, whole=True), ledger, sample(ledger))
