"""Numbers that the guides promise are the ones that the product keeps, in both languages."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest

from addin import logbook
from addin.journal import lease, opening
from addin.options import Options
from addin.schedule import registrar
from addin.server import database, queue, rounds
from addin.sync import lookup, run, twins
from addin.usecases import auto_sync, ending
from connectors import pace
from connectors.http import Bounds, exchange
from connectors.ledgers.quickbooks_online import service
from connectors.ledgers.quickbooks_online.checks import CAPABILITIES
from connectors.ledgers.quickbooks_online.settings import QuickBooksOnlineSettings
from connectors.records import Kind
from connectors.sources.files.xlsx import package, worksheet
from workbook.file import package as workbooks

DOCS = Path(__file__).parents[1] / "docs"
IN_WORDS = {"three": 3, "trois": 3, "five": 5, "cinq": 5, "ten": 10, "dix": 10}
NUMBER = rf"(\d[\d,.\s]*\d|\d|{'|'.join(IN_WORDS)})"
MINUTE, SECOND, BATCHES = service.LIMITS
LIFE = int(service.provider(QuickBooksOnlineSettings(company="1", client_id="x")).refresh_life or 0)
WAITS = dict(re.findall(r"(\w+)=(\d+)s", str(opening.WAITS["options"])))
PROMISES = [
    ("administration.md", f"something unexpected, kept for {NUMBER} days", logbook.KEPT),
    ("administration.md", f"one JSON object a line, kept for {NUMBER} days", logbook.KEPT),
    ("installation.md", f"quelque chose d'imprévu, gardé {NUMBER} jours", logbook.KEPT),
    ("installation.md", f"un objet JSON par ligne, gardé {NUMBER} jours", logbook.KEPT),
    ("administration.md", f"tried again\\*\\*, after {NUMBER} s", rounds.FIRST_WAIT),
    ("installation.md", f"à nouveau\\*\\*, après {NUMBER} s", rounds.FIRST_WAIT),
    ("administration.md", f"after 15 s, {NUMBER} s and so on", rounds.FIRST_WAIT * 2),
    ("administration.md", f"up to {NUMBER} minutes, ten times", rounds.LONGEST_WAIT // 60),
    ("installation.md", f"jusqu'à {NUMBER} minutes, dix fois", rounds.LONGEST_WAIT // 60),
    ("administration.md", f"as `failed` for {NUMBER} days", queue.KEPT_HOURS // 24),
    ("administration.md", f"noticed after {NUMBER} s without a sign of life", int(queue.Timing().stopped)),
    ("installation.md", f"remarqué après {NUMBER} s sans signe de vie", int(queue.Timing().stopped)),
    ("first-sync.md", f"on for {NUMBER} minutes", Options().auto_sync_minutes),
    ("premiere-synchronisation.md", f"ainsi de suite pendant {NUMBER} minutes", Options().auto_sync_minutes),
    ("first-sync.md", f"\\(within {NUMBER} cents\\)", int(twins.CENTS * 100)),
    ("premiere-synchronisation.md", f"à {NUMBER} cents près", int(twins.CENTS * 100)),
    ("first-sync.md", f"at most {NUMBER} days apart", twins.DAYS[Kind.INVOICE]),
    ("premiere-synchronisation.md", f"à {NUMBER} jours au plus", twins.DAYS[Kind.INVOICE]),
    ("journal.md", f"lasts {NUMBER} s after its last renewal", int(lease.TERM)),
    ("journal.md", f"is renewed every {NUMBER} s", int(lease.BEAT)),
    ("journal.md", f"after {NUMBER} s from its departure an intent is not sent", int(lease.TERM - lease.MARGIN)),
    ("journal.md", f"counts only {NUMBER} s after it was sent", int(lookup.TERM)),
    ("journal.md", f"counts only {NUMBER} s after the\\s+intent was written", int(lookup.TERM)),
    ("journal.md", f"intent was written: {NUMBER} s to send it", int(lease.TERM - lease.MARGIN)),
    ("journal.md", f"to send it, {NUMBER} s for the ledger to book it", int(lease.MARGIN)),
    ("journal.md", f"for a connection {NUMBER} s", opening.WAITS["connect_timeout"]),
    ("journal.md", f"for another's lock {NUMBER} s", int(WAITS["lock_timeout"])),
    ("journal.md", f"loses it after {NUMBER} s", int(WAITS["idle_in_transaction_session_timeout"])),
    ("sign-in.md", f"Passerelle warns in the last {NUMBER} days, when", ending.SOON.days),
    ("sign-in.md", f"and Passerelle warns in the last {NUMBER} days", ending.SOON_AT_MOST.days),
    ("connexion.md", f"Passerelle avertit dans les {NUMBER} derniers jours, à", ending.SOON.days),
    ("connexion.md", f"et Passerelle avertit dans les {NUMBER} derniers jours", ending.SOON_AT_MOST.days),
    ("source-files.md", f"At most {NUMBER} cells a sheet", worksheet.MAX_CELLS),
    ("fichiers-source.md", f"Au plus {NUMBER} de cellules par feuille", worksheet.MAX_CELLS),
    ("source-files.md", f"a sheet, {NUMBER} MB unpacked", package.MAX_UNPACKED >> 20),
    ("fichiers-source.md", f"par feuille, {NUMBER} Mo une fois", package.MAX_UNPACKED >> 20),
    ("source-files.md", f"no part {NUMBER} times larger", package.MAX_RATIO),
    ("administration.md", f"up to 15 minutes, {NUMBER} times", rounds.MOST_TRIES),
    ("installation.md", f"jusqu'à 15 minutes, {NUMBER} fois", rounds.MOST_TRIES),
    ("administration.md", f"waits for up to {NUMBER} minutes", registrar.WAIT // 60),
    ("installation.md", f"attend jusqu'à {NUMBER} minutes", registrar.WAIT // 60),
    ("administration.md", f"ends after {NUMBER} minutes at most", int(Bounds().whole / 60)),
    ("installation.md", f"dure au plus {NUMBER} minutes", int(Bounds().whole / 60)),
    ("administration.md", f"takes {NUMBER} MiB at most", Bounds().size >> 20),
    ("installation.md", f"compte au plus {NUMBER} Mio", Bounds().size >> 20),
    ("administration.md", f"may have {NUMBER} MiB in a part", workbooks.PART_LIMIT >> 20),
    ("installation.md", f"peut avoir {NUMBER} Mio dans une partie", workbooks.PART_LIMIT >> 20),
    ("administration.md", f"in a part and {NUMBER} GiB in all", workbooks.WHOLE_LIMIT >> 30),
    ("installation.md", f"et {NUMBER} Gio en tout", workbooks.WHOLE_LIMIT >> 30),
    ("journal.md", f"for a connection {NUMBER} s", database.CONNECT_SECONDS),
    ("ledger-quickbooks-online.md", f"{NUMBER} requests a minute", MINUTE.calls),
    ("grand-livre-quickbooks-online.md", f"{NUMBER} demandes à la minute", MINUTE.calls),
    ("ledger-quickbooks-online.md", f"{NUMBER} a second for a company", SECOND.calls),
    ("grand-livre-quickbooks-online.md", f"{NUMBER} à la seconde par entreprise", SECOND.calls),
    ("ledger-quickbooks-online.md", f"{NUMBER} batches \\(of up to", BATCHES.calls),
    ("grand-livre-quickbooks-online.md", f"{NUMBER} lots \\(d'au plus", BATCHES.calls),
    ("ledger-quickbooks-online.md", f"batches \\(of up to {NUMBER} documents\\) a minute", CAPABILITIES.batch_size),
    ("ledger-quickbooks-online.md", f"up to {NUMBER} requests are under way", service.CONCURRENT),
    ("grand-livre-quickbooks-online.md", f"jusqu'à {NUMBER} demandes sont en route", service.CONCURRENT),
    ("ledger-quickbooks-online.md", f"lasts {NUMBER} days from its last use", LIFE // 86_400),
    ("grand-livre-quickbooks-online.md", f"dure {NUMBER} jours après sa dernière", LIFE // 86_400),
    ("sign-in.md", f"QuickBooks Online \\| {NUMBER} days after the last renewal", LIFE // 86_400),
    ("connexion.md", f"QuickBooks Online \\| {NUMBER} jours après le dernier", LIFE // 86_400),
]
"""A guide, the words around the number, and what the product keeps."""


@pytest.mark.parametrize(("guide", "words", "kept"), PROMISES, ids=[f"{p[0]}: {p[1][:40]}" for p in PROMISES])
def test_a_number_that_a_guide_promises_is_the_one_that_is_kept(guide: str, words: str, kept: int) -> None:
    text = " ".join((DOCS / guide).read_text(encoding="utf-8").split())
    told = re.findall(words.replace(" ", r"\s"), text)
    assert told, "the guide says it no longer, or in other words"
    assert {IN_WORDS.get(each) or int(re.sub(r"\D", "", each)) for each in told} == {kept}


def test_numbers_that_guides_write_in_words() -> None:
    assert Options().auto_sync_documents == 5, "five documents leave (first-sync.md)"
    assert auto_sync.LOOK == 30.0, "every half minute (first-sync.md)"
    assert timedelta(seconds=lookup.TERM) == timedelta(minutes=3), "press Sync after three minutes (undo_unknown)"
    assert service.VENDOR.pause == 60, "or a minute, and sends again (ledger-quickbooks-online.md)"


def test_a_lease_outlives_several_beats_and_the_slowest_request() -> None:
    """One renewal that fails, or two, must not lose it; QuickBooks Online ends a request after 120 s."""
    assert lease.BEAT * 3 < lease.TERM - lease.MARGIN + 1
    assert lease.MARGIN >= 120
    assert lookup.TERM >= lease.TERM


def test_tries_come_twice_as_late_each_time_and_end() -> None:
    """Administration guide: 15 s, 30 s and so on up to 15 minutes, ten times."""
    from connectors.problems import Problem

    later, person = (Problem(code="ledger_unreachable"),), (Problem(code="not_signed_in"),)
    waits = [rounds.wait_before_again(later, tries) for tries in range(12)]
    assert waits == [15, 30, 60, 120, 240, 480, 900, 900, 900, 900, None, None]
    assert rounds.wait_before_again((*later, *person), 0) is None


def test_a_file_too_is_waited_for_half_a_minute_where_another_writes_it(tmp_path: Path) -> None:
    """Journal: "for another's lock 30 s", which SQLite counts in milliseconds; what is written outlives a power cut."""
    engine = opening.opened(f"sqlite:///{tmp_path / 'journal.sqlite'}")
    with engine.connect() as connection:
        told = {name: connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in ("busy_timeout", "synchronous")}
    engine.dispose()
    assert told == {"busy_timeout": 1000 * int(WAITS["lock_timeout"]), "synchronous": 2}


def test_what_waits_for_another_waits_long_enough_for_it() -> None:
    """The slowest answer of a vendor ends before we give it up; a call under way is not forgotten before it ends."""
    assert Bounds().read > 120, "QuickBooks Online ends a request after 120 s"
    assert Bounds().whole > Bounds().read > Bounds().connect
    assert Bounds().whole <= pace.UNDER_WAY
    assert Bounds().attempts == run.PATIENCE, "turned away as often as HTTP tries"
    assert exchange.LONGEST_BACK_OFF * Bounds().attempts < Bounds().whole, "five tries wait less than one may take"
