"""Transfer Errors stay told until they are solved, records are counted once, and what was mended is offered again.

The rules are the last two of section 6 of the design page on trust.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pytest

from addin.screen import Screen
from addin.texts import say
from addin.usecases.check import check
from addin.usecases.dashboard import ALL_DONE, FACTS, SOLVE
from addin.usecases.preview import preview
from addin.usecases.report import Exit, Report, needing
from addin.usecases.rights import rights
from connectors.ledger import Outcome, Posting, Rejected
from connectors.ledgers.beancount.connector import BeancountLedger
from connectors.problems import Problem
from connectors.records import Kind
from tests.addin.conftest import Association, add_invoice, documents_in
from workbook.layout import ACCOUNTS, INVOICES, OVERVIEW, PROBLEMS_TABLE, Language
from workbook.review import text_of


def dashboard(company: Association, language: Language = "en") -> dict[str, str]:
    """What the dashboard says, by its English captions."""
    shown = {text_of(row.values["key"]): text_of(row.values["value"]) for row in company.book.read(OVERVIEW).rows}
    return {fact: shown[say(language, fact)] for fact in FACTS}


def listed(company: Association) -> list[tuple[str, str]]:
    """The code and number of every problem on the dashboard."""
    rows = company.book.read(PROBLEMS_TABLE).rows
    return [(text_of(row.values["code"]), text_of(row.values["number"])) for row in rows]


@pytest.fixture
def refused(association: Association) -> Association:
    """One invoice was refused, for its lines do not come to its total; another and its payment left."""
    add_invoice(association, "I2", "F-2", total="999.98")
    association.init()
    association.pull()
    assert association.sync().counts["rejected"] == {Kind.INVOICE: 1}
    assert association.row(INVOICES, "I2")["status"] == "Transfer Error"
    return association


def test_a_refusal_stays_on_the_dashboard_until_it_is_solved(refused: Association) -> None:
    for use_case in (check, preview, check):
        report = refused.run(use_case)
        assert [(p.code, p.number) for p in report.problems] == [("lines_do_not_add_up", "F-2")]
        assert (report.needing, report.exit) == (1, Exit.NEEDS_A_PERSON)
    again = refused.sync()
    assert again.counts["rejected"] == again.counts["posted"] == {}
    assert (again.needing, again.exit) == (1, Exit.NEEDS_A_PERSON)
    refused.pull()
    assert listed(refused) == [("lines_do_not_add_up", "F-2")]
    refused.run(check)
    told = dashboard(refused)
    assert told["Problems to solve"] == "1"
    assert told["Next step"] == SOLVE
    assert refused.row(INVOICES, "I2")["reason"] != ""


def test_once_it_is_solved_nothing_waits(refused: Association) -> None:
    refused.type(INVOICES, "I2", status="Do Not Sync")
    assert refused.run(check).problems == ()
    assert listed(refused) == []
    assert dashboard(refused)["Next step"] == ALL_DONE


def test_what_was_mended_in_the_source_is_offered_again_at_pull_and_said(refused: Association) -> None:
    assert refused.pull().counts["offered"] == {}
    refused.files["documents"][1]["total"] = "114.98"
    report = refused.pull()
    assert report.counts["offered"] == {Kind.INVOICE: 1}
    assert report.problems == ()
    row = refused.row(INVOICES, "I2")
    assert row["status"] == "To Be Transferred"
    assert row["reason"] == "It was refused; what refused it is gone, so it is offered again."
    assert row["fix"] == ""
    assert refused.sync().counts["posted"] == {Kind.INVOICE: 1}
    assert refused.row(INVOICES, "I2")["reason"] == ""
    assert set(documents_in(refused.folder / "book.beancount").values()) == {1}


def test_mended_by_halves_it_stays_refused(refused: Association) -> None:
    refused.files["documents"][1]["total"] = "999.99"
    assert refused.pull().counts["offered"] == {}
    assert refused.row(INVOICES, "I2")["status"] == "Transfer Error"
    assert listed(refused) == [("lines_do_not_add_up", "F-2")]


def test_with_reviewing_on_it_is_offered_to_the_reviewer(association: Association) -> None:
    add_invoice(association, "I2", "F-2", total="999.98")
    association.init()
    association.run(lambda session: rights(session, {"review": (Kind.INVOICE,)}))
    association.pull()
    association.sync()
    association.files["documents"][1]["total"] = "114.98"
    association.pull()
    assert association.row(INVOICES, "I2")["status"] == "In Review"
    assert "I2" not in {key for _, key in documents_in(association.folder / "book.beancount")}


def test_what_a_ledger_refused_is_offered_again_once_the_source_moved_it_or_its_account(
    association: Association, monkeypatch: pytest.MonkeyPatch
) -> None:
    association.init()
    association.pull()
    post = BeancountLedger.post

    def refusing(self: BeancountLedger, postings: Sequence[Posting]) -> Iterator[Outcome]:
        if postings[0].record.kind is not Kind.INVOICE:
            yield from post(self, postings)
            return
        for posting in postings:
            yield Rejected(key=posting.key, problem=Problem(code="ledger_refused", detail="Not today"))

    with monkeypatch.context() as patched:
        patched.setattr(BeancountLedger, "post", refusing)
        assert association.sync().counts["rejected"] == {Kind.INVOICE: 1}
    assert association.pull().counts["offered"] == {}
    association.files["accounts"][0]["phone"] = "514 555-0100"
    assert association.pull().counts["offered"] == {Kind.INVOICE: 1}
    posted = association.sync().counts["posted"]
    assert (posted[Kind.INVOICE], posted[Kind.PAYMENT]) == (1, 1)


def test_a_record_counts_once_however_many_of_its_cells_are_wrong(association: Association) -> None:
    association.init()
    association.pull()
    book = association.book
    book.append(INVOICES, [book.read(INVOICES).rows[0].values])
    book.save()
    report = association.run(check)
    assert [p.code for p in report.problems].count("row_duplicated") == 2
    assert report.needing == needing(report.problems) == 2, "the invoice, and its payment"
    assert dashboard(association)["Problems to solve"] == "2"
    assert association.sync().counts["held"] == {Kind.INVOICE: 1, Kind.PAYMENT: 1}


def test_many_problems_of_one_kind_hide_no_other_and_say_how_many_there_are(capsys: pytest.CaptureFixture[str]) -> None:
    many = [Problem(code="no_lines", kind=Kind.INVOICE, key=f"I{n}", number=f"F-{n}") for n in range(30)]
    other = Problem(code="duplicate_number", kind=Kind.INVOICE, key="I99", number="F-99", params={"number": "F-99"})
    Screen("en", as_json=False).show(Report(run=1, problems=(*many, other)), "check")
    shown = capsys.readouterr().out
    assert "(31)" in shown
    assert "… and 27 more like it" in shown
    assert "F-99: " in shown
    assert shown.count("F-") - shown.count("F-99") == 3


def test_what_the_ledger_refused_is_not_called_ready_until_it_changes(
    association: Association, monkeypatch: pytest.MonkeyPatch
) -> None:
    """``trust.md`` 6: a refusal that only the ledger could know becomes a new check; its words are no sentence."""
    association.init()
    association.pull()

    def refusing(_: BeancountLedger, postings: Sequence[Posting]) -> Iterator[Outcome]:
        for posting in postings:
            yield Rejected(key=posting.key, problem=Problem(code="ledger_refused", detail="Not today"))

    with monkeypatch.context() as patched:
        patched.setattr(BeancountLedger, "post", refusing)
        assert association.sync().counts["rejected"] == {Kind.CUSTOMER: 1}
    assert "Not today" not in association.row(ACCOUNTS, "A1")["reason"]
    association.type(ACCOUNTS, "A1", status="To Be Transferred")
    checked = association.run(check)
    [told] = [problem for problem in checked.problems if problem.code == "refused_before"]
    assert (told.kind, told.key, told.detail) == (Kind.CUSTOMER, "A1", "Not today")
    assert checked.counts["tried_again"] == {Kind.CUSTOMER: 1}
    assert Kind.CUSTOMER not in checked.counts["ready"]
    association.files["accounts"][0]["phone"] = "514 555-0100"
    association.pull()
    assert "tried_again" not in association.run(check).counts
    assert association.sync().counts["posted"] == {Kind.CUSTOMER: 1, Kind.INVOICE: 1, Kind.PAYMENT: 1}


def test_an_asserted_balance_is_known_before_anything_leaves(association: Association) -> None:
    """What is dated before a statement that a person reconciled in the book is refused by Check, naming the day."""
    association.init()
    book = association.folder / "book.beancount"
    asserted = "\n2025-03-01 balance Income:Dues  0.00 CAD\n"
    book.write_text(book.read_text(encoding="utf-8") + asserted, encoding="utf-8")
    association.pull()
    [problem] = [each for each in association.run(check).problems if each.key == "I1"]
    assert (problem.code, problem.params["asserted"]) == ("balance_asserted", "2025-03-01")
    assert association.sync().counts["posted"] == {}
