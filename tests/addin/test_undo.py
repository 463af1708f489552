"""Undo a transfer: out of the books, the row waits, nothing leaves by itself; and what a person deleted there."""

from __future__ import annotations

import re
import signal
import sqlite3
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing
from copy import deepcopy
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from beancount import loader
from beancount.core import data

from addin import profile as profile_module
from addin.journal import State, Transfer
from addin.session import Session
from addin.sync import lookup as lookup_module
from addin.usecases.check import check
from addin.usecases.reconcile import reconcile
from addin.usecases.report import Report
from addin.usecases.undo import Chosen, undo_transfer
from connectors.ledger import Outcome, Posting, Rejected
from connectors.ledgers.beancount.connector import BeancountLedger
from connectors.problems import CannotRun, Problem, problem_of
from connectors.records import Kind, SyncStatus
from connectors.watch import NoTurn
from tests.addin.conftest import INVOICES, PAYMENTS, Association, add_invoice, copy_of, small_association
from tests.addin.test_preview import asking
from workbook.book import RowKey
from workbook.file.file_book import FileBook
from workbook.layout import ACCOUNTS, Table


@pytest.fixture(scope="module")
def first_sync(tmp_path_factory: pytest.TempPathFactory) -> Association:
    """The small association with a second, unpaid invoice, after its first sync; its home is beside its folder."""
    made = small_association(tmp_path_factory.mktemp("first_sync"))
    add_invoice(made, "I2", "F-2", balance="114.98")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PASSERELLE_HOME", str(made.folder.with_name("home")))
        patch.setenv("PASSERELLE_LANGUAGE", "en")
        made.init()
        made.pull()
        assert made.sync().problems == ()
    return made


@pytest.fixture
def transferred(first_sync: Association, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Association:
    """A copy of it, of this test alone."""
    copy_of(first_sync.folder.parent, tmp_path / "own", monkeypatch)
    monkeypatch.setenv("PASSERELLE_LANGUAGE", "en")
    return replace(first_sync, folder=tmp_path / "own" / "company", files=deepcopy(first_sync.files))


def undo(association: Association, kind: Kind, *numbers: str) -> Report:
    return association.run(lambda session: undo_transfer(session, Chosen(kind=kind, numbers=numbers)))


def state(association: Association, kind: Kind, key: str) -> list[State]:
    return [transfer.state for transfer in history(association, kind, key)]


def history(association: Association, kind: Kind, key: str) -> tuple[Transfer, ...]:
    found: list[tuple[Transfer, ...]] = []

    def look(session: Session) -> Report:
        found.append(session.journal.transfers().get((kind, key), ()))
        return Report(run=0)

    association.run(look)
    return found[0]


def standing(association: Association) -> Counter[str]:
    """The numbers of the documents that count in a book that bean-check accepts; reversed ones do not."""
    entries, errors, _ = loader.load_file(str(association.folder / "book.beancount"))
    assert errors == []
    ours = [entry for entry in entries if isinstance(entry, data.Transaction) and "key" in entry.meta]
    gone = {entry.meta["voids"] for entry in ours if "voids" in entry.meta}
    return Counter(e.meta["number"] for e in ours if "voids" not in e.meta and e.meta["key"] not in gone)


def codes(report: Report) -> list[str]:
    return [problem.code for problem in report.problems]


def shown(association: Association, table: Table, key: str) -> tuple[str, str]:
    row = association.row(table, key)
    return row["status"], row["reference"]


# --- from the sheet to the books and back


def test_an_undone_invoice_is_out_of_the_books_and_its_row_waits(transferred: Association) -> None:
    assert shown(transferred, INVOICES, "I2") == ("Transfer Completed", "F-2")
    report = undo(transferred, Kind.INVOICE, "F-2")
    assert report.counts["undone"] == {Kind.INVOICE: 1}
    assert report.exit == 0
    assert standing(transferred) == {"F-1": 1, "R-1": 1}
    assert shown(transferred, INVOICES, "I2") == ("Stand By", "")
    assert "undone on" in transferred.row(INVOICES, "I2")["reason"]
    assert "F-2" in transferred.row(INVOICES, "I2")["reason"]
    assert state(transferred, Kind.INVOICE, "I2") == [State.UNDONE]
    told = (transferred.folder / "source" / "results.csv").read_text(encoding="utf-8-sig")
    assert "invoice,I2,F-2,stand_by,,," in told


def test_nothing_leaves_before_it_is_marked_and_then_it_leaves_as_a_new_generation(transferred: Association) -> None:
    undo(transferred, Kind.INVOICE, "F-2")
    assert transferred.sync().counts["posted"] == {}
    transferred.pull()
    assert transferred.sync().counts["posted"] == {}
    assert shown(transferred, INVOICES, "I2") == ("Stand By", "")
    transferred.type(INVOICES, "I2", status="To Be Transferred")
    assert transferred.sync().counts["posted"] == {Kind.INVOICE: 1}
    assert standing(transferred) == {"F-1": 1, "R-1": 1, "F-2": 1}
    assert shown(transferred, INVOICES, "I2") == ("Transfer Completed", "F-2")
    assert transferred.row(INVOICES, "I2")["reason"] == ""
    first, second = history(transferred, Kind.INVOICE, "I2")
    assert (first.state, second.state) == (State.UNDONE, State.POSTED)
    assert first.key != second.key
    undo(transferred, Kind.INVOICE, "F-2")
    assert standing(transferred) == {"F-1": 1, "R-1": 1}
    assert state(transferred, Kind.INVOICE, "I2") == [State.UNDONE, State.UNDONE]


def test_undone_twice_is_undone_once(transferred: Association) -> None:
    undo(transferred, Kind.INVOICE, "F-2")
    before = transferred.ledger_text()
    report = undo(transferred, Kind.INVOICE, "F-2")
    assert codes(report) == ["undo_nothing"]
    assert transferred.ledger_text() == before
    assert shown(transferred, INVOICES, "I2") == ("Stand By", "")


def test_an_invoice_is_undone_after_its_payment_or_together_with_it(transferred: Association) -> None:
    report = undo(transferred, Kind.INVOICE, "F-1")
    [problem] = report.problems
    assert (problem.code, problem.params["numbers"]) == ("undo_applied", "R-1")
    assert report.exit == 1
    assert "R-1" in transferred.row(INVOICES, "I1")["reason"]
    assert shown(transferred, INVOICES, "I1") == ("Transfer Completed", "F-1")

    class Both(Chosen):
        def of(self, *_: object) -> list[tuple[Kind, str]]:
            return [(Kind.INVOICE, "I1"), (Kind.PAYMENT, "P1")]

    report = transferred.run(lambda session: undo_transfer(session, Both()))
    assert report.counts["undone"] == {Kind.INVOICE: 1, Kind.PAYMENT: 1}
    assert standing(transferred) == {"F-2": 1}
    assert transferred.ledger_text().index("Void: R-1") < transferred.ledger_text().index("Void: F-1")


def test_a_payment_is_held_while_its_invoice_is_undone(transferred: Association) -> None:
    undo(transferred, Kind.PAYMENT, "R-1")
    undo(transferred, Kind.INVOICE, "F-1")
    transferred.type(PAYMENTS, "P1", status="To Be Transferred")
    report = transferred.sync()
    assert "invoice_not_transferred" in codes(report)
    assert standing(transferred) == {"F-2": 1}
    transferred.type(INVOICES, "I1", status="To Be Transferred")
    assert transferred.sync().counts["posted"] == {Kind.INVOICE: 1, Kind.PAYMENT: 1}
    assert standing(transferred) == {"F-1": 1, "F-2": 1, "R-1": 1}


def test_what_a_person_changed_in_the_ledger_is_refused_and_says_what_differs(transferred: Association) -> None:
    file = transferred.folder / "passerelle.beancount"
    head, _, tail = file.read_text(encoding="utf-8").partition('number: "F-2"')
    tail = tail.replace("114.98", "120.98").replace("-100.00", "-106.00")
    file.write_text(f'{head}number: "F-2"{tail}', encoding="utf-8")
    before = transferred.ledger_text()
    report = undo(transferred, Kind.INVOICE, "F-2")
    [problem] = report.problems
    assert (problem.code, problem.params["was"], problem.params["now"]) == ("changed_in_ledger", "114.98", "120.98")
    assert transferred.ledger_text() == before
    assert shown(transferred, INVOICES, "I2") == ("Transfer Completed", "F-2")
    assert state(transferred, Kind.INVOICE, "I2") == [State.POSTED]
    assert "120.98" in transferred.row(INVOICES, "I2")["reason"]


@pytest.mark.parametrize(("legs", "there"), [(["H9  114.98"], "H9"), (["1001  100.00", "H9  14.98"], "1001 · H9")])
def test_what_a_person_moved_to_another_customer_is_refused_and_says_to_whom(
    transferred: Association, legs: list[str], there: str
) -> None:
    """Its number and total are the same, and its metadata as we wrote them; it is another's debt now."""
    transferred.opened("H9", "Autre club")
    file = transferred.folder / "passerelle.beancount"
    head, _, tail = file.read_text(encoding="utf-8").partition('number: "F-2"')
    moved = "".join(f"  Assets:AccountsReceivable:{leg} CAD\n" for leg in legs)
    tail, found = re.subn(r"  Assets:AccountsReceivable:1001 +114\.98 CAD\n", moved, tail, count=1)
    assert found
    file.write_text(f'{head}number: "F-2"{tail}', encoding="utf-8")
    before = transferred.ledger_text()
    [problem] = undo(transferred, Kind.INVOICE, "F-2").problems
    assert (problem.code, problem.params["was"], problem.params["now"]) == ("changed_in_ledger", "1001", there)
    assert transferred.ledger_text() == before
    assert state(transferred, Kind.INVOICE, "I2") == [State.POSTED]


def test_a_document_booked_by_hand_is_not_ours_to_undo(transferred: Association) -> None:
    add_invoice(transferred, "I3", "F-3", balance="114.98", on="2025-05-15")
    transferred.keyed_in("MAIN-7", "114.98", "1001", on="2025-05-15")
    transferred.pull()
    transferred.type(INVOICES, "I3", reference="MAIN-7")
    transferred.sync()
    assert codes(undo(transferred, Kind.INVOICE, "F-3")) == ["undo_by_hand"]
    assert shown(transferred, INVOICES, "I3") == ("Transfer Completed", "MAIN-7")


def test_an_account_is_not_undone(transferred: Association) -> None:
    assert codes(undo(transferred, Kind.CUSTOMER, "1001")) == ["undo_unsupported"]
    assert transferred.row(ACCOUNTS, "A1")["status"] == "Transfer Completed"


def test_nothing_chosen_is_said(transferred: Association) -> None:
    for chosen in (Chosen(), Chosen(kind=Kind.INVOICE, numbers=["F-99"])):
        with pytest.raises(CannotRun) as stopped:
            transferred.run(lambda session, chosen=chosen: undo_transfer(session, chosen))  # type: ignore[misc]
        assert stopped.value.problems[0].code == "nothing_selected"


def test_the_selected_rows_are_meant(transferred: Association) -> None:
    class Selected(FileBook):
        def selected(self, table: Table) -> tuple[RowKey, ...]:
            return (("invoice", "I2"),) if table is INVOICES else ()

    with Session.open(transferred.profile, Selected(transferred.profile.workbook), "undo_transfer") as session:
        report = undo_transfer(session)
    assert report.counts["undone"] == {Kind.INVOICE: 1}
    assert report.facts["left"] == 0
    assert standing(transferred) == {"F-1": 1, "R-1": 1}


# --- a sheet that was not told, and copies of it


def test_a_copy_of_the_workbook_from_before_does_not_bring_the_reference_back(
    transferred: Association, tmp_path: Path
) -> None:
    """A reference that is typed is a transfer by hand; that of what was undone is not."""
    old = tmp_path / "old.xlsm"
    old.write_bytes(transferred.profile.workbook.read_bytes())
    undo(transferred, Kind.INVOICE, "F-2")
    with Session.open(transferred.profile, FileBook(old), "check") as session:
        check(session)
    assert state(transferred, Kind.INVOICE, "I2") == [State.UNDONE]
    row = next(row for row in FileBook(old).read(INVOICES).rows if row.values["key"] == "I2")
    assert (row.values["status"], row.values["reference"]) == ("Stand By", None)


def test_a_workbook_that_cannot_be_written_is_told_by_the_next_run(
    transferred: Association, monkeypatch: pytest.MonkeyPatch
) -> None:
    def shut(_: object) -> None:
        raise CannotRun(Problem(code="workbook_open", params={"path": "book.xlsm"}))

    with monkeypatch.context() as patch:
        patch.setattr(FileBook, "save", shut)
        report = undo(transferred, Kind.INVOICE, "F-2")
    assert codes(report) == ["workbook_open", "results_wait"]
    assert shown(transferred, INVOICES, "I2") == ("Transfer Completed", "F-2")
    assert standing(transferred) == {"F-1": 1, "R-1": 1}
    transferred.sync()
    assert shown(transferred, INVOICES, "I2") == ("Stand By", "")
    assert "undone on" in transferred.row(INVOICES, "I2")["reason"]
    assert standing(transferred) == {"F-1": 1, "R-1": 1}


# --- answers that do not arrive


class Cut(BeancountLedger):
    """A book to which the line is cut: before or after it has carried out what it was sent."""

    after = False

    def post(self, postings: Sequence[Posting]) -> Iterator[Outcome]:
        if self.after:
            list(super().post(postings))
        raise CannotRun(Problem(code="ledger_unreachable", params={"ledger": "book"}))


class Refusing(BeancountLedger):
    """A book that lets nothing go."""

    def post(self, postings: Sequence[Posting]) -> Iterator[Outcome]:
        for each in postings:
            yield Rejected(key=each.key, problem=problem_of(each.record, "undo_unsupported", kind=each.record.kind))


@pytest.mark.parametrize("again", [False, True])
@pytest.mark.parametrize("after", [False, True])
def test_a_void_whose_answer_is_lost_is_looked_up_and_never_sent_blindly(
    transferred: Association, monkeypatch: pytest.MonkeyPatch, after: bool, again: bool
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(Cut, "after", after)
        patch.setattr(profile_module, "ledger_type", lambda _: Cut)
        report = undo(transferred, Kind.INVOICE, "F-2")
    assert "undo_unknown" in codes(report)
    assert state(transferred, Kind.INVOICE, "I2") == [State.UNDOING]
    assert transferred.row(INVOICES, "I2")["reference"] == "F-2"
    if again:
        report = undo(transferred, Kind.INVOICE, "F-2")
        assert report.counts["undone"] == ({Kind.INVOICE: 1} if after else {})
        assert codes(report) == ([] if after else ["undo_unknown"])
    report = transferred.sync()
    if after:
        assert state(transferred, Kind.INVOICE, "I2") == [State.UNDONE]
        assert shown(transferred, INVOICES, "I2") == ("Stand By", "")
        return
    assert "undo_unknown" in codes(report)
    assert codes(undo(transferred, Kind.INVOICE, "F-2")) == ["undo_unknown"]
    assert state(transferred, Kind.INVOICE, "I2") == [State.UNDOING]
    assert standing(transferred) == {"F-1": 1, "R-1": 1, "F-2": 1}
    monkeypatch.setattr(lookup_module, "TERM", 0.0)
    assert undo(transferred, Kind.INVOICE, "F-2").counts["undone"] == {Kind.INVOICE: 1}
    assert standing(transferred) == {"F-1": 1, "R-1": 1}


def cut_off(transferred: Association, monkeypatch: pytest.MonkeyPatch) -> None:
    """Begin to undo F-2, whose answer does not arrive; the next run believes what it then finds."""
    with monkeypatch.context() as patch:
        patch.setattr(profile_module, "ledger_type", lambda _: Cut)
        undo(transferred, Kind.INVOICE, "F-2")
    monkeypatch.setattr(lookup_module, "TERM", 0.0)


def test_an_undo_that_was_cut_off_is_finished_by_the_next_sync(
    transferred: Association, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may have been done by half, where undoing takes several writes (chaos seed 2399): nothing of it is kept."""
    with monkeypatch.context() as patch:
        patch.setattr(profile_module, "ledger_type", lambda _: Cut)
        undo(transferred, Kind.INVOICE, "F-2")
        monkeypatch.setattr(lookup_module, "TERM", 0.0)
        report = transferred.sync()
        assert sorted(codes(report)) == ["ledger_unreachable", "undo_unknown"]
        assert state(transferred, Kind.INVOICE, "I2") == [State.UNDOING]
    report = transferred.sync()
    assert report.counts["undone"] == {Kind.INVOICE: 1}
    assert codes(report) == []
    assert shown(transferred, INVOICES, "I2") == ("Stand By", "")
    assert standing(transferred) == {"F-1": 1, "R-1": 1}


def test_an_undo_that_was_cut_off_is_finished_though_its_row_is_gone(
    transferred: Association, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the ledger has just as it was pulled is not looked at without its row: this is."""
    cut_off(transferred, monkeypatch)
    book = transferred.book
    kept = [row.values for row in book.read(INVOICES).rows if row.values["number"] != "F-2"]
    book.replace(INVOICES, kept)
    book.save()
    assert transferred.sync().counts["undone"] == {Kind.INVOICE: 1}
    assert standing(transferred) == {"F-1": 1, "R-1": 1}


def test_an_undo_that_was_cut_off_is_finished_and_said_though_the_transfer_is_declined(
    transferred: Association, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who began it was asked then; what the question is about stays."""
    cut_off(transferred, monkeypatch)
    add_invoice(transferred, "I3", "F-3")
    transferred.pull()
    report = asking(transferred, False, [])
    assert (report.counts["undone"], "posted" in report.counts) == ({Kind.INVOICE: 1}, False)
    assert shown(transferred, INVOICES, "I2") == ("Stand By", "")
    assert standing(transferred) == {"F-1": 1, "R-1": 1}


def test_stop_pressed_while_an_undo_is_finished_stops_the_transfers_too(
    transferred: Association, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A workbook says once that Stop was pressed."""
    cut_off(transferred, monkeypatch)
    add_invoice(transferred, "I3", "F-3")
    transferred.pull()
    pressed = iter([True])
    with monkeypatch.context() as patch:
        patch.setattr(FileBook, "stop_asked", lambda _: next(pressed, False))
        report = transferred.sync()
    assert (report.facts["stopped"], report.counts["posted"]) == (True, {})
    assert standing(transferred) == {"F-1": 1, "F-2": 1, "R-1": 1}
    assert transferred.sync().counts["undone"] == {Kind.INVOICE: 1}
    assert standing(transferred) == {"F-1": 1, "F-3": 1, "R-1": 1}


def test_an_unfinished_undo_that_the_ledger_refuses_is_told_until_it_is_finished(
    transferred: Association, monkeypatch: pytest.MonkeyPatch
) -> None:
    cut_off(transferred, monkeypatch)
    with monkeypatch.context() as patch:
        patch.setattr(profile_module, "ledger_type", lambda _: Refusing)
        for _ in range(2):
            assert codes(transferred.sync()) == ["undo_unsupported"]
            assert shown(transferred, INVOICES, "I2") == ("Transfer Completed", "F-2")
            assert "cut off" in transferred.row(INVOICES, "I2")["reason"]  # undo_unfinished
    assert transferred.sync().counts["undone"] == {Kind.INVOICE: 1}
    assert shown(transferred, INVOICES, "I2") == ("Stand By", "")


@pytest.mark.parametrize("ends", [False, True])
def test_its_turn_is_waited_for_before_any_intent_is_written(
    transferred: Association, monkeypatch: pytest.MonkeyPatch, ends: bool
) -> None:
    """docs/journal.md: the limits of a ledger are waited for before an intent is written."""
    file, seen = transferred.profile.place / "journal.sqlite", []

    def turn(_: BeancountLedger, __: Sequence[Posting]) -> float:
        with closing(sqlite3.connect(file)) as journal:
            seen.extend(journal.execute("SELECT count(*) FROM transfer WHERE state = 'undoing'").fetchone())
        if ends and len(seen) > 1:
            raise NoTurn(Problem(code="day_limit_reached", params={"ledger": "", "when": ""}))
        return 0.0 if len(seen) > 2 else 0.001

    monkeypatch.setattr(BeancountLedger, "turn", turn)
    report = undo(transferred, Kind.INVOICE, "F-2")
    assert set(seen) == {0}
    assert codes(report) == (["day_limit_reached"] if ends else [])
    assert state(transferred, Kind.INVOICE, "I2") == [State.POSTED if ends else State.UNDONE]


def test_after_a_batch_whose_answer_was_lost_no_other_leaves(
    transferred: Association, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The ledger cannot be reached: what was sent is in doubt, what was not is as it was, and it is told once."""
    add_invoice(transferred, "I3", "F-3", balance="114.98", on="2025-05-15")
    transferred.pull()
    transferred.sync()
    sent: list[Sequence[Posting]] = []

    class One(Cut):
        capabilities = replace(BeancountLedger.capabilities, batch_size=1)

        def post(self, postings: Sequence[Posting]) -> Iterator[Outcome]:
            sent.append(postings)
            return super().post(postings)

    with monkeypatch.context() as patch:
        patch.setattr(profile_module, "ledger_type", lambda _: One)
        report = undo(transferred, Kind.INVOICE, "F-2", "F-3")
    assert [len(postings) for postings in sent] == [1]
    assert sorted([state(transferred, Kind.INVOICE, key)[-1] for key in ("I2", "I3")]) == [State.POSTED, State.UNDOING]
    assert sorted(codes(report)) == ["ledger_unreachable", "undo_unknown"]
    assert standing(transferred) == {"F-1": 1, "R-1": 1, "F-2": 1, "F-3": 1}


def test_stop_is_heard_while_its_turn_is_waited_for(transferred: Association, monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[float] = []

    def turn(*_: object) -> float:
        waits.append(0.001)
        return waits[-1]

    monkeypatch.setattr(BeancountLedger, "turn", turn)
    book = FileBook(transferred.profile.workbook, stop=lambda: len(waits) >= 3)
    with Session.open(transferred.profile, book, "undo_transfer") as session:
        report = undo_transfer(session, Chosen(kind=Kind.INVOICE, numbers=("F-2",)))
    assert (len(waits), report.facts, report.counts["undone"]) == (3, {"left": 1, "stopped": True}, {})
    assert state(transferred, Kind.INVOICE, "I2") == [State.POSTED]
    assert shown(transferred, INVOICES, "I2") == ("Transfer Completed", "F-2")


@pytest.mark.parametrize("moment", ["intent", "void", "outcome"])
def test_killed_in_the_middle_it_is_undone_or_not_and_known(transferred: Association, moment: str) -> None:
    """The program dies: after the intent was written, after the ledger carried it out, after the outcome was kept."""
    program = f"""
import os, signal
from addin.profile import load
from addin.session import Session
from addin.sync import undo as module
from addin.usecases.undo import Chosen, undo_transfer
from connectors.ledgers.beancount.connector import BeancountLedger
from connectors.records import Kind
from workbook.file.file_book import FileBook

def die(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)

post = BeancountLedger.post
keep = module.Undo._keep
if {moment!r} == "intent":
    BeancountLedger.post = die
elif {moment!r} == "void":
    BeancountLedger.post = lambda self, postings: (list(post(self, postings)), die())
else:
    module.Undo._keep = lambda self, transfers: (keep(self, transfers), die()) if transfers else None
profile = load({transferred.name!r})
with Session.open(profile, FileBook(profile.workbook), "undo_transfer") as session:
    undo_transfer(session, Chosen(kind=Kind.INVOICE, numbers=["F-2"]))
"""
    died = subprocess.run([sys.executable, "-c", program], check=False, capture_output=True, timeout=60)
    assert died.returncode == -signal.SIGKILL, died.stderr.decode()
    transferred.sync()
    if moment == "intent":
        assert state(transferred, Kind.INVOICE, "I2") == [State.UNDOING]
        assert standing(transferred) == {"F-1": 1, "R-1": 1, "F-2": 1}
        assert "may or may not have been undone" in transferred.row(INVOICES, "I2")["reason"]
    else:
        assert state(transferred, Kind.INVOICE, "I2") == [State.UNDONE]
        assert standing(transferred) == {"F-1": 1, "R-1": 1}
        assert shown(transferred, INVOICES, "I2") == ("Stand By", "")


# --- what a person deleted in the ledger


def delete_there(association: Association, number: str) -> None:
    """Cut a document out of our file, as a person would."""
    file = association.folder / "passerelle.beancount"
    blocks = file.read_text(encoding="utf-8").split("\n\n")
    kept = [block for block in blocks if f'number: "{number}"' not in block]
    assert len(kept) == len(blocks) - 1
    file.write_text("\n\n".join(kept), encoding="utf-8")


def test_what_was_deleted_there_is_shown_and_never_booked_again_by_itself(transferred: Association) -> None:
    delete_there(transferred, "F-2")
    report = transferred.run(reconcile)
    assert "gone_from_ledger" in codes(report)
    assert state(transferred, Kind.INVOICE, "I2") == [State.GONE]
    assert shown(transferred, INVOICES, "I2") == ("Transfer Error", "F-2")
    assert "deleted in the ledger" in transferred.row(INVOICES, "I2")["reason"]
    to_transfer, cleared = {"status": "To Be Transferred"}, {"reference": None}
    for cells in (to_transfer, cleared, {**to_transfer, **cleared}, {"status": None, **cleared}, {"reference": "F-2"}):
        transferred.type(INVOICES, "I2", **cells)
        assert transferred.sync().counts["posted"] == {}
        assert standing(transferred) == {"F-1": 1, "R-1": 1}
        assert shown(transferred, INVOICES, "I2") == ("Transfer Error", "F-2")
    assert "gone_from_ledger" in codes(transferred.run(reconcile))


def test_it_is_let_go_by_undo_and_transferred_anew_once_marked(transferred: Association) -> None:
    delete_there(transferred, "F-2")
    transferred.run(reconcile)
    before = transferred.ledger_text()
    assert undo(transferred, Kind.INVOICE, "F-2").counts["undone"] == {Kind.INVOICE: 1}
    assert transferred.ledger_text() == before
    assert shown(transferred, INVOICES, "I2") == ("Stand By", "")
    assert transferred.sync().counts["posted"] == {}
    transferred.type(INVOICES, "I2", status="To Be Transferred")
    assert transferred.sync().counts["posted"] == {Kind.INVOICE: 1}
    assert standing(transferred) == {"F-1": 1, "R-1": 1, "F-2": 1}


def test_what_was_deleted_there_may_be_set_aside_and_stays_so(transferred: Association) -> None:
    delete_there(transferred, "F-2")
    transferred.run(reconcile)
    transferred.type(INVOICES, "I2", status="Do Not Sync")
    transferred.sync()
    assert shown(transferred, INVOICES, "I2") == ("Do Not Sync", "F-2")
    transferred.type(INVOICES, "I2", status="To Be Transferred")
    assert transferred.sync().counts["posted"] == {}
    assert shown(transferred, INVOICES, "I2") == ("Transfer Error", "F-2")


def test_what_was_deleted_there_and_booked_by_hand_is_linked_by_its_new_number(transferred: Association) -> None:
    delete_there(transferred, "F-2")
    transferred.run(reconcile)
    transferred.keyed_in("MAIN-8", "114.98", "1001")
    transferred.type(INVOICES, "I2", reference="MAIN-8")
    transferred.sync()
    assert shown(transferred, INVOICES, "I2") == ("Transfer Completed", "MAIN-8")
    assert state(transferred, Kind.INVOICE, "I2") == [State.GONE, State.MANUAL]
    assert standing(transferred) == {"F-1": 1, "R-1": 1}


def test_what_is_there_again_is_completed_again(transferred: Association) -> None:
    """A person restored the book from a copy."""
    file = transferred.folder / "passerelle.beancount"
    before = file.read_text(encoding="utf-8")
    delete_there(transferred, "F-2")
    transferred.run(reconcile)
    file.write_text(before, encoding="utf-8")
    transferred.run(reconcile)
    assert state(transferred, Kind.INVOICE, "I2") == [State.POSTED]
    assert shown(transferred, INVOICES, "I2") == ("Transfer Completed", "F-2")


def test_a_payment_waits_while_its_invoice_is_deleted_there(transferred: Association) -> None:
    delete_there(transferred, "R-1")
    delete_there(transferred, "F-1")
    transferred.run(reconcile)
    undo(transferred, Kind.PAYMENT, "R-1")
    transferred.type(PAYMENTS, "P1", status="To Be Transferred")
    assert "invoice_not_transferred" in codes(transferred.sync())
    assert standing(transferred) == {"F-2": 1}


def test_the_source_is_told(transferred: Association) -> None:
    delete_there(transferred, "F-2")
    transferred.run(reconcile, date(2026, 2, 1))
    transferred.sync()
    told = (transferred.folder / "source" / "results.csv").read_text(encoding="utf-8-sig")
    assert f"invoice,I2,F-2,{SyncStatus.ERROR},,," in told
