"""Numbers that the guides promise are the ones that the product keeps, in both languages."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest

from addin import logbook
from addin.journal import lease, opening
from addin.options import Options
from addin.server import queue, rounds
from addin.sync import lookup, twins
from addin.usecases import auto_sync
from connectors.records import Kind
from connectors.signin import session as signin
from connectors.sources.files.xlsx import package, worksheet

DOCS = Path(__file__).parents[1] / "docs"
NUMBER = r"(\d[\d,.\s]*\d|\d)"
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
    ("sign-in.md", f"warns in the last {NUMBER} days", signin.SOON.days),
    ("connexion.md", f"avertit dans les {NUMBER} derniers jours", signin.SOON.days),
    ("source-files.md", f"At most {NUMBER} cells a sheet", worksheet.MAX_CELLS),
    ("fichiers-source.md", f"Au plus {NUMBER} de cellules par feuille", worksheet.MAX_CELLS),
    ("source-files.md", f"a sheet, {NUMBER} MB unpacked", package.MAX_UNPACKED >> 20),
    ("fichiers-source.md", f"par feuille, {NUMBER} Mo une fois", package.MAX_UNPACKED >> 20),
    ("source-files.md", f"no part {NUMBER} times larger", package.MAX_RATIO),
]
"""A guide, the words around the number, and what the product keeps."""


@pytest.mark.parametrize(("guide", "words", "kept"), PROMISES, ids=[f"{p[0]}: {p[1][:40]}" for p in PROMISES])
def test_a_number_that_a_guide_promises_is_the_one_that_is_kept(guide: str, words: str, kept: int) -> None:
    text = " ".join((DOCS / guide).read_text(encoding="utf-8").split())
    told = re.findall(words.replace(" ", r"\s"), text)
    assert told, "the guide says it no longer, or in other words"
    assert {int(re.sub(r"\D", "", each)) for each in told} == {kept}


def test_numbers_that_guides_write_in_words() -> None:
    assert rounds.MOST_TRIES == 10, "ten times, ten tries (administration.md)"
    assert Options().auto_sync_documents == 5, "five documents leave (first-sync.md)"
    assert auto_sync.LOOK == 30.0, "every half minute (first-sync.md)"
    assert timedelta(seconds=lookup.TERM) == timedelta(minutes=3), "press Sync after three minutes (undo_unknown)"


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
