"""What the source changes after a transfer: no amount hangs on it and it is brought to the ledger, or it is told which
way of correcting it is open (books.md, rule 11)."""

from __future__ import annotations

import tomllib
from dataclasses import replace

import pytest
import tomli_w

from addin.usecases.check import check
from addin.usecases.preview import preview
from addin.usecases.rights import rights
from addin.usecases.undo import Chosen, undo_transfer
from connectors.ledgers.beancount.connector import BeancountLedger
from connectors.records import Kind
from tests.addin.after_transfer import add_money_on_account, codes, lose_the_answer, transactions, transfer_all
from tests.addin.conftest import ACCOUNTS, INVOICES, PAYMENTS, Association, add_invoice, works_as
from workbook.layout import ENTRIES, Table


@pytest.fixture
def association(association: Association) -> Association:
    """A paid invoice, an open one and money on account, all in the ledger."""
    add_money_on_account(association)
    association.add("journal_entries", key="E1", number="J-1", date="2025-03-01", currency="CAD", memo="")
    association.add("entry_lines", entry="E1", line="1", gl_account="4100", debit="10.00", credit="0.00")
    association.add("entry_lines", entry="E1", line="2", gl_account="4100", debit="0.00", credit="10.00")
    transfer_all(association)
    return association


def close(association: Association, day: str) -> None:
    """The books are closed until a day, by the company's profile."""
    path = association.profile.place / "profile.toml"
    content = tomllib.loads(path.read_text(encoding="utf-8"))
    content["ledger_settings"]["closing_date"] = day
    path.write_text(tomli_w.dumps(content), encoding="utf-8")


def moved(association: Association) -> list[list[str]]:
    """Every leg of the book with its amount, in order; the book is sound."""
    return [
        [str(entry.date), leg.account, str(leg.units)] for entry in transactions(association) for leg in entry.postings
    ]


def test_the_processors_number_comes_to_a_payment_that_was_transferred(association: Association) -> None:
    """Novi: the receipt exists first, and is completed with the confirmation."""
    before = moved(association)
    association.files["payments"][1]["confirmation"] = "0042-77"
    association.pull()
    row = association.row(PAYMENTS, "P2")
    assert (row["status"], row["reference"]) == ("To Be Transferred", "R-2")
    [problem] = association.run(check).problems
    assert (problem.code, problem.key) == ("to_be_amended", "P2")
    assert "as R-2 (Confirmation – → 0042-77); no amount moves" in association.row(PAYMENTS, "P2")["reason"]
    seen = association.run(preview)
    assert (seen.counts["ready"], dict(seen.totals), seen.facts["accounts"]) == ({Kind.PAYMENT: 1}, {}, [])
    report = association.sync()
    assert (report.counts["amended"], report.counts["posted"], report.problems) == ({Kind.PAYMENT: 1}, {}, ())
    assert not report.totals
    row = association.row(PAYMENTS, "P2")
    assert (row["status"], row["reference"], row["reason"]) == ("Transfer Completed", "R-2", "")
    assert moved(association) == before
    assert association.ledger_text().count('confirmation: "0042-77"') == 1
    for _ in range(2):
        association.pull()
        assert association.sync().counts["amended"] == {}


@pytest.mark.parametrize(
    ("file", "place", "column", "value", "key", "written"),
    [
        ("documents", 1, "memo", "Bon de commande 77", "I2", '"Bon de commande 77"'),
        ("documents", 1, "due", "2025-06-30", "I2", "due: 2025-06-30"),
        ("documents", 1, "email", "tresor@ordre.ca", "I2", 'email: "tresor@ordre.ca"'),
        ("documents", 0, "terms", "NET60", "I1", 'terms: "NET60"'),
        ("lines", 0, "description", "Autre chose", "I1", 'memo: "Autre chose"'),
        ("payments", 0, "memo", "Chèque 12", "P1", '"Chèque 12"'),
        ("journal_entries", 0, "memo", "Correction", "E1", '"Correction"'),
        ("entry_lines", 1, "memo", "Part de mars", "E1", 'memo: "Part de mars"'),
    ],
)
def test_whatever_moves_no_amount_is_brought_to_the_ledger(
    association: Association, file: str, place: int, column: str, value: str, key: str, written: str
) -> None:
    before = moved(association)
    association.files[file][place][column] = value
    association.pull()
    assert codes(association) == [(key, "to_be_amended")]
    assert sum(association.sync().counts["amended"].values()) == 1
    assert written in association.ledger_text()
    assert moved(association) == before
    assert codes(association) == []


def test_what_it_says_is_taken_back_as_well(association: Association) -> None:
    text = association.ledger_text()
    for memo in ("Bon de commande 77", ""):
        association.files["documents"][1]["memo"] = memo
        association.pull()
        association.sync()
    assert association.ledger_text() == text


@pytest.mark.parametrize("when", ["before", "after"])
def test_an_answer_that_was_lost_is_looked_up_and_it_is_written_once(
    association: Association, monkeypatch: pytest.MonkeyPatch, when: str
) -> None:
    association.files["payments"][1]["confirmation"] = "0042-77"
    association.pull()
    with monkeypatch.context() as patch:
        lose_the_answer(patch, when)
        association.sync()
    assert association.ledger_text().count("0042-77") == (1 if when == "after" else 0)
    report = association.sync()
    assert (report.counts["adopted"], report.counts["amended"]) == (
        ({Kind.PAYMENT: 1}, {}) if when == "after" else ({}, {Kind.PAYMENT: 1})
    )
    assert association.ledger_text().count("0042-77") == 1
    assert association.row(PAYMENTS, "P2")["status"] == "Transfer Completed"


def test_what_a_person_wrote_in_the_book_meanwhile_is_not_written_over(association: Association) -> None:
    file = association.folder / "passerelle.beancount"
    file.write_text(file.read_text().replace('"R-2" ^', '"R-2, vu" ^', 1))
    association.files["payments"][1]["memo"] = "Autre"
    association.pull()
    [problem] = association.sync().problems
    assert (problem.code, problem.params["was"], problem.params["now"]) == ("changed_in_ledger", "R-2", "R-2, vu")
    assert association.row(PAYMENTS, "P2")["status"] == "Transfer Error"
    assert "R-2, vu" in file.read_text()


def test_what_a_person_moved_to_another_file_is_left_there(association: Association) -> None:
    file, book = association.folder / "passerelle.beancount", association.folder / "book.beancount"
    blocks = file.read_text().split("\n\n")
    [mine] = [block for block in blocks if '"R-2"' in block]
    file.write_text("\n\n".join(block for block in blocks if block != mine))
    book.write_text(f"{book.read_text()}\n{mine}\n")
    association.files["payments"][1]["confirmation"] = "0042-77"
    association.pull()
    [problem] = association.sync().problems
    assert problem.code == "amended_elsewhere"
    assert str(book) in problem.params["place"]


def test_set_aside_the_ledger_keeps_what_it_has_until_it_is_marked(association: Association) -> None:
    association.files["payments"][1]["confirmation"] = "0042-77"
    association.pull()
    association.type(PAYMENTS, "P2", status="Stand By")
    assert association.sync().counts["amended"] == {}
    assert association.row(PAYMENTS, "P2")["status"] == "Stand By"
    association.type(PAYMENTS, "P2", status="To Be Transferred")
    assert association.sync().counts["amended"] == {Kind.PAYMENT: 1}


def test_money_that_is_applied_and_gets_its_number_has_both(association: Association) -> None:
    """The update goes first, and the application with the next Sync."""
    association.files["payments"][1]["confirmation"] = "0042-77"
    association.add("allocations", payment="P2", invoice="I2", amount="60.00")
    association.files["documents"][1]["balance"] = "54.98"
    association.pull()
    first, second = association.sync().counts, association.sync().counts
    assert (first["amended"], first["applied"]) == ({Kind.PAYMENT: 1}, {})
    assert (second["amended"], second["applied"]) == ({}, {Kind.PAYMENT: 1})
    text = association.ledger_text()
    assert (text.count("0042-77"), text.count('custom "applied"')) == (1, 1)
    assert association.row(PAYMENTS, "P2")["status"] == "Transfer Completed"


def test_what_the_ledger_does_not_change_is_told_with_what_it_was_and_is(
    association: Association, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Part of it goes to the ledger; the row says the rest, and the books are left alone."""
    amends = {Kind.INVOICE: frozenset({"memo"})}
    monkeypatch.setattr(BeancountLedger, "capabilities", replace(BeancountLedger.capabilities, amends=amends))
    association.files["documents"][1] |= {"memo": "Bon 77", "due": "2025-06-30"}
    association.pull()
    assert codes(association) == [("I2", "amend_by_hand"), ("I2", "to_be_amended")]
    assert association.sync().counts["amended"] == {Kind.INVOICE: 1}
    assert '"Bon 77"' in association.ledger_text()
    assert "due: 2025-06-30" not in association.ledger_text()
    row = association.row(INVOICES, "I2")
    assert row["status"] == "Transfer Completed"
    assert "→ 2025-06-30" in row["reason"]
    assert row["fix"] == "Change it at F-2 by hand, where the ledger lets you."
    assert codes(association) == [("I2", "amend_by_hand")]


def test_no_due_date_moves_in_a_closed_period_and_a_memo_does(association: Association) -> None:
    close(association, "2025-12-31")
    association.files["documents"][1]["memo"] = "Bon 77"
    association.pull()
    assert association.sync().counts["amended"] == {Kind.INVOICE: 1}
    association.files["documents"][1]["due"] = "2025-06-30"
    association.pull()
    assert ("I2", "period_closed") in codes(association)
    assert association.sync().counts["amended"] == {}


@pytest.mark.parametrize(
    ("file", "place", "changes", "table", "key", "code"),
    [
        ("payments", 1, {"amount": "61.00"}, PAYMENTS, "P2", "changed_after_transfer"),
        ("documents", 0, {"date": "2025-01-20"}, INVOICES, "I1", "changed_with_applied"),
        ("journal_entries", 0, {"date": "2025-03-02"}, ENTRIES, "E1#1", "changed_after_transfer"),
    ],
)
def test_what_touches_amount_or_day_is_left_and_the_row_says_which_way_is_open(
    association: Association, file: str, place: int, changes: dict[str, str], table: Table, key: str, code: str
) -> None:
    before = association.ledger_text()
    association.files[file][place] |= changes
    association.pull()
    assert codes(association) == [(key[:2], code)]
    association.sync()
    assert association.ledger_text() == before
    row = association.row(table, key)
    assert row["status"] == "Transfer Completed"
    assert " → " in row["reason"]
    assert "undo" in row.get("fix", "undo")
    assert ("P1" in row["reason"] or "R-1" in row["reason"]) is (code == "changed_with_applied")


def test_in_a_closed_period_a_credit_and_a_new_document_are_offered_alone(association: Association) -> None:
    close(association, "2025-12-31")
    association.files["payments"][1]["amount"] = "61.00"
    association.pull()
    [problem] = association.run(check).problems
    assert (problem.code, problem.params["date"]) == ("changed_in_closed_period", "2025-02-10")
    assert "undo" not in association.row(PAYMENTS, "P2")["fix"]


def test_what_a_person_booked_is_not_ours_to_change(association: Association) -> None:
    add_invoice(association, "I3", "F-3")
    association.pull()
    association.keyed_in("H-3", "114.98", association.row(ACCOUNTS, "A1")["reference"])
    association.type(INVOICES, "I3", reference="H-3")
    association.sync()
    association.files["documents"][2]["memo"] = "Bon 77"
    association.pull()
    assert codes(association) == [("I3", "changed_beyond_undo")]


def test_undone_after_an_update_it_leaves_as_the_source_has_it(association: Association) -> None:
    association.files["payments"][1]["confirmation"] = "0042-77"
    association.pull()
    association.sync()
    chosen = Chosen(kind=Kind.PAYMENT, numbers=["R-2"])
    association.run(lambda session: undo_transfer(session, chosen))
    assert association.row(PAYMENTS, "P2")["status"] == "Stand By"
    association.type(PAYMENTS, "P2", status="To Be Transferred")
    report = association.sync()
    assert (report.counts["posted"], report.counts["amended"]) == ({Kind.PAYMENT: 1}, {})
    assert codes(association) == []


def test_where_its_kind_is_reviewed_an_approver_lets_it_go(
    association: Association, monkeypatch: pytest.MonkeyPatch
) -> None:
    works_as(monkeypatch, "ada")
    people = {"administrators": ("ada",), "approvers": ("ada",), "review": (Kind.PAYMENT,)}
    association.run(lambda session: rights(session, people))
    association.files["payments"][1]["confirmation"] = "0042-77"
    association.pull()
    assert association.row(PAYMENTS, "P2")["status"] == "In Review"
    assert association.sync().counts["amended"] == {}
