"""What was said once is said in the workbook's language of now: the log's lines, and what moved in a record."""

from __future__ import annotations

import json
from contextlib import closing
from dataclasses import replace

from addin import texts
from addin.databases import open_journal
from addin.journal.chain import LINKED, link
from addin.journal.rows import problem_text
from addin.session import Session
from addin.usecases.language import language
from addin.usecases.log import log
from addin.usecases.mark import Choice, mark
from addin.usecases.report import Report
from connectors.problems import Problem
from connectors.records import Kind, SyncStatus
from tests.addin.conftest import Association, add_invoice
from workbook.layout import INVOICES, LOG_TABLE
from workbook.review import text_of

REFUSED = Problem(code="ledger_refused", kind=Kind.INVOICE, key="I1", number="F-1", detail="no such account")


def test_the_log_speaks_the_language_of_now(association: Association) -> None:
    """Its lines keep the problem behind their words; lines of earlier releases keep the words of their day."""
    association.init()
    association.pull()

    def noted(session: Session) -> Report:
        session.log("create", "rejected", kind=Kind.INVOICE, number="F-1", message="Said in English.", problem=REFUSED)
        session.log("create", "rejected", kind=Kind.INVOICE, number="F-0", message="Said long ago.")
        moved = json.dumps([("email", "a@example.org", "b@example.org")])
        session.log("accept", "changed", kind=Kind.CUSTOMER, number="1001", content=moved)
        return Report(run=session.run.id)

    association.run(noted)
    association.run(lambda session: mark(session, Choice(kind=Kind.INVOICE), SyncStatus.STAND_BY))
    english = _messages(association)
    assert texts.what("en", REFUSED) in english
    assert "Said in English." not in english
    association.run(lambda session: language(session, "fr"))
    french = _messages(association)
    assert texts.what("en", REFUSED) not in french
    assert texts.what("fr", REFUSED) in french
    assert "Said long ago." in french
    assert "Courriel: a@example.org → b@example.org" in french
    assert "En attente: 1" in french
    shown = {text_of(row.values["message"]) for row in association.book.read(LOG_TABLE).rows}
    assert set(french[1:]) <= shown


def test_what_moved_is_said_in_the_language_of_now(association: Association) -> None:
    association.init()
    association.pull()
    association.files["documents"][0] |= {"date": "2025-01-20", "origin": "event"}
    association.pull()
    english = association.row(INVOICES, "I1")["changed"]
    assert english.startswith("Date: 2025-01-15 → 2025-01-20, Origin: ")
    association.run(lambda session: language(session, "fr"))
    french = association.row(INVOICES, "I1")["changed"]
    assert french.startswith("Date: 2025-01-15 → 2025-01-20, Origine: ")
    assert french.count("→") == english.count("→") == 2
    association.run(lambda session: language(session, "en"))
    assert association.row(INVOICES, "I1")["changed"] == english


def test_an_account_that_moved_is_named_as_people_know_it(association: Association) -> None:
    association.add("accounts", key="A2", number="1002", name="Harmonie de Sorel")
    add_invoice(association, "I2", "F-2")
    association.init()
    association.pull()
    association.files["documents"][1]["account"] = "A2"
    association.pull()
    assert "Club d'échecs de l'Île → Harmonie de Sorel" in association.row(INVOICES, "I2")["changed"]


def test_what_an_earlier_release_noted_of_a_change_stays(association: Association) -> None:
    association.init()
    association.pull()

    def noted(session: Session) -> Report:
        seen = session.journal.seen()[Kind.INVOICE, "I1"]
        session.journal.see([replace(seen, changed="Date: hier → demain")])
        return Report(run=session.run.id)

    association.run(noted)
    association.files["documents"][0]["date"] = "2025-01-20"
    association.pull()
    assert association.row(INVOICES, "I1")["changed"] == "Date: hier → demain, Date: 2025-01-15 → 2025-01-20"


def test_the_chain_covers_the_problem_of_a_line() -> None:
    """Who changes what a line tells of breaks the log; a line without one has the digest that it always had."""
    line: dict[str, object] = dict.fromkeys(LINKED, "x")
    told = {**line, "problem": problem_text(REFUSED)}
    assert len({link("", line), link("", told), link("", {**told, "problem": "{}"})}) == 3
    assert link("", line) == link("", {**line, "problem": None})


def test_a_log_with_problems_is_whole(association: Association) -> None:
    association.init()
    association.pull()

    def noted(session: Session) -> Report:
        session.log("create", "rejected", problem=REFUSED)
        return Report(run=session.run.id)

    association.run(noted)
    with closing(open_journal(association.profile)) as journal:
        assert journal.walked().broken is None
        assert [event.problem for event in journal.events(1)] == [REFUSED]


def _messages(association: Association) -> list[str]:
    events = association.run(log).facts["events"]
    assert isinstance(events, list)
    return [event["message"] for event in events]
