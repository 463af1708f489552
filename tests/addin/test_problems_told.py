"""Problems that nothing else shows: each is provoked as it happens to a person, and read in its row or sentence.

That every code of the product is provoked by some test is counted by `tests/provoked.py`.
"""

from __future__ import annotations

import importlib.util
import sys
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
import xlwings
from sqlalchemy.engine import make_url

from addin import trust
from addin.cli import main
from addin.schedule import here
from addin.usecases.answering import confirm
from addin.usecases.check import check
from addin.usecases.demo import demo
from addin.usecases.reconcile import reconcile
from addin.usecases.undo import Chosen
from connectors import private, registry
from connectors.ledger import Posted
from connectors.ledgers.beancount.connector import BeancountLedger
from connectors.problems import CannotRun, Problem
from connectors.records import Kind
from tests.addin.conftest import ACCOUNTS, INVOICES, PAYMENTS, Association, add_invoice
from workbook.book import CellError
from workbook.file.file_book import FileBook
from workbook.layout import CLASS_MAP, ENTRIES, METHOD_MAP, MISMATCH, TAX_MAP


def told(report: object, code: str) -> list[Problem]:
    """The problems of one code in a report."""
    return [problem for problem in report.problems if problem.code == code]  # type: ignore[attr-defined]


def add_entry(association: Association, on: str, *amounts: tuple[str, str, str]) -> None:
    """Add a journal entry; each line is an account, its debit and its credit."""
    association.add("journal_entries", key="E1", number="E-1", date=on, currency="CAD", memo="Correction")
    for number, (account, debit, credit) in enumerate(amounts, 1):
        association.add("entry_lines", entry="E1", line=str(number), gl_account=account, debit=debit, credit=credit)


CORRECTION = (("4100", "10.00", "0"), ("4100", "0", "10.00"))


# amounts


def test_a_negative_total_is_refused_with_its_amount(association: Association) -> None:
    """A refund is a credit note, never a negative invoice."""
    add_invoice(association, "I2", "F-2", subtotal="-100.00", tax="-14.98", total="-114.98", balance="-114.98")
    association.files["lines"][-1].update(unit_price="-100.00", amount="-100.00", tax_amount="-14.98")
    for tax, amount in zip(association.files["document_taxes"][-2:], ("-5.00", "-9.98"), strict=True):
        tax.update(base="-100.00", amount=amount)
    association.init()
    association.pull()
    [problem] = told(association.sync(), "negative_total")
    assert (problem.number, problem.column, problem.params["total"]) == ("F-2", "total", "-114.98")
    row = association.row(INVOICES, "I2")
    assert row["status"] == "Transfer Error"
    assert "-114.98" in row["reason"]
    assert association.row(INVOICES, "I1")["status"] == "Transfer Completed"


def test_an_entry_that_does_not_balance_is_refused_with_both_sums(association: Association) -> None:
    add_entry(association, "2025-03-01", ("4100", "10.00", "0"), ("4100", "0", "9.99"))
    association.init()
    association.pull()
    [problem] = told(association.sync(), "entry_not_balanced")
    assert problem.number == "E-1"
    row = association.row(ENTRIES, "E1#1")
    assert row["status"] == "Transfer Error"
    assert "10.00" in row["reason"]
    assert "9.99" in row["reason"]
    assert "E-1" not in association.ledger_text()


def test_a_payment_that_pays_more_than_it_is_is_refused(association: Association) -> None:
    association.files["payments"][0]["amount"] = "100.00"
    association.init()
    association.pull()
    [problem] = told(association.sync(), "payment_over_allocated")
    assert problem.number == "R-1"
    assert association.row(PAYMENTS, "P1")["status"] == "Transfer Error"
    assert "R-1" not in association.ledger_text()


def test_a_ledgers_other_total_is_told_beside_the_reference(
    association: Association, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A ledger that computes by itself may book a cent more: the row says both totals and stays Completed."""
    post = BeancountLedger.post

    def a_cent_more(self: BeancountLedger, postings: object) -> object:
        for outcome in post(self, postings):  # type: ignore[arg-type]
            total = Decimal("114.99") if isinstance(outcome, Posted) and outcome.total is not None else None
            yield replace(outcome, total=total) if total else outcome

    monkeypatch.setattr(BeancountLedger, "post", a_cent_more)
    association.init()
    association.pull()
    report = association.sync()
    [problem] = told(report, "total_differs")
    assert (problem.number, problem.params) == ("F-1", {"ledger_total": "114.99", "total": "114.98"})
    row = association.row(INVOICES, "I1")
    assert (row["status"], row["reference"]) == ("Transfer Completed", "F-1")
    assert "114.99" in row["reason"]
    assert "114.98" in row["reason"]


def test_what_no_document_explains_is_told_with_its_amount(association: Association) -> None:
    association.init()
    association.pull()
    association.sync()
    customer = association.row(ACCOUNTS, "A1")["reference"]
    association._book_it(
        f'2025-02-02 * "Money owed, without a document"\n  Assets:AccountsReceivable:{customer}  12.50 CAD\n'
        "  Equity:Opening  -12.50 CAD\n"
    )
    report = association.run(reconcile)
    [problem] = told(report, "unexplained_balance")
    assert problem.params == {"count": "1", "amount": "12.50 CAD"}
    assert report.exit == 1
    [row] = [row for row in association.book.read(MISMATCH).rows if row.values["what"] == "Receivable"]
    assert row.values["amount"] == Decimal("12.50"), "what is of no kind has no direction, and is not put down to it"
    assert str(row.values["reason"]) == "Booked in the ledger, and no document explains it"


# dates


def test_an_entry_waits_for_its_date_and_leaves_on_that_day(association: Association) -> None:
    """Membri 365, step 6: each entry is transferred at its own date, and neither a day before nor a day late."""
    add_entry(association, "2026-02-01", *CORRECTION)
    association.init()
    association.pull()
    [problem] = told(association.run(check, date(2026, 1, 31)), "waits_for_date")
    assert problem.params["date"] == "2026-02-01"
    row = association.row(ENTRIES, "E1#1")
    assert row["status"] == "To Be Transferred"
    assert "2026-02-01" in row["reason"]
    assert told(association.run(check, date(2026, 2, 1)), "waits_for_date") == []


# what is typed


def test_two_statuses_of_one_entry_hold_it(association: Association) -> None:
    add_entry(association, "2025-03-01", *CORRECTION)
    association.init()
    association.pull()
    association.type(ENTRIES, "E1#2", status="Stand By")
    report = association.sync()
    [problem] = told(report, "statuses_differ")
    assert (problem.kind, problem.key) == (Kind.JOURNAL_ENTRY, "E1")
    assert problem.place is not None
    assert "E-1" not in association.ledger_text()
    association.type(ENTRIES, "E1#2", status="To Be Transferred")
    assert association.sync().counts["posted"][Kind.JOURNAL_ENTRY] == 1


def test_an_error_in_a_cell_that_we_read_holds_its_record_alone(association: Association) -> None:
    add_invoice(association, "I2", "F-2", on="2025-08-15")
    association.init()
    association.pull()
    association.type(INVOICES, "I2", reference=CellError("#REF!"))
    [problem] = told(association.run(check), "cell_error")
    assert (problem.key, problem.column, problem.params["value"]) == ("I2", "reference", "#REF!")
    assert problem.place is not None
    association.sync()
    assert "F-2" not in association.ledger_text()
    assert association.row(INVOICES, "I1")["status"] == "Transfer Completed"


def test_a_reference_of_a_document_waits_for_its_account(association: Association) -> None:
    """Without the customer a document of another's would be taken for ours."""
    association.init()
    association.opened("H1", "Quelqu'un")
    association.keyed_in("HAND-1", "114.98", "H1")
    association.pull()
    association.type(INVOICES, "I1", reference="HAND-1")
    association.type(ACCOUNTS, "A1", status="Stand By", new_account="No")
    [problem] = told(association.sync(), "reference_waits_for_account")
    assert (problem.number, problem.params["reference"]) == ("F-1", "HAND-1")
    row = association.row(INVOICES, "I1")
    assert row["status"] == "To Be Transferred"
    assert "Club d'échecs de l'Île" in row["reason"]


def test_where_a_ledger_cannot_be_asked_a_person_confirms_what_was_typed(
    association: Association, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(BeancountLedger, "capabilities", replace(BeancountLedger.capabilities, searches=False))
    association.init()
    association.opened("H1", "Club d'échecs de l'Île")
    association.pull()
    association.type(ACCOUNTS, "A1", reference="H1")
    association.type(INVOICES, "I1", reference="HAND-1")
    [problem] = told(association.sync(), "reference_unproven")
    assert (problem.number, problem.params["reference"]) == ("F-1", "HAND-1")
    assert association.row(INVOICES, "I1")["status"] == "To Be Transferred"
    association.run(lambda session: confirm(session, Chosen(kind=Kind.INVOICE, numbers=["F-1"])))
    association.sync()
    assert association.row(INVOICES, "I1")["status"] == "Transfer Completed"
    assert "F-1" not in association.ledger_text()


def test_a_reference_of_what_was_taken_back_is_refused(association: Association) -> None:
    association.init()
    association.opened("H1", "Club d'échecs de l'Île")
    association._book_it(
        '2025-01-15 * "Keyed in" "HAND-1"\n  number: "HAND-1"\n  kind: "invoice"\n  key: "by hand"\n'
        "  Assets:AccountsReceivable:H1  114.98 CAD\n  Income:Dues  -114.98 CAD\n"
        '2025-01-16 * "Taken back"\n  key: "taken back"\n  voids: "by hand"\n'
        "  Assets:AccountsReceivable:H1  -114.98 CAD\n  Income:Dues  114.98 CAD\n"
    )
    association.pull()
    association.type(ACCOUNTS, "A1", reference="H1")
    association.type(INVOICES, "I1", reference="HAND-1")
    [problem] = told(association.sync(), "reference_void")
    assert problem.params["reference"] == "HAND-1"
    row = association.row(INVOICES, "I1")
    assert (row["status"], row["reference"]) == ("Transfer Error", "HAND-1")


# the machine


def passerelle(monkeypatch: pytest.MonkeyPatch, *words: str) -> object:
    """The exit status of a command in this process."""
    monkeypatch.setattr(sys, "argv", ["passerelle", *words])
    with pytest.raises(SystemExit) as ended:
        main()
    return ended.value.code


def test_a_ledger_without_a_stand_in_says_so(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PASSERELLE_LANGUAGE", "en")
    with pytest.raises(CannotRun) as caught:
        registry.sandbox("beancount")
    assert caught.value.problems[0].code == "sandbox_missing"
    assert passerelle(monkeypatch, "sandbox", "beancount") == 2
    assert "beancount" in capsys.readouterr().out


def test_what_a_person_confirmed_is_not_guessed_from_a_damaged_file(person: Path) -> None:
    place = private.person_place() / trust.FILE
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text("[{", encoding="utf-8")
    with pytest.raises(CannotRun) as caught:
        trust.confirmations()
    assert (caught.value.problems[0].code, caught.value.problems[0].params["path"]) == ("trust_damaged", str(place))


def test_a_journal_of_a_kind_that_is_not_installed_is_named_without_its_password(association: Association) -> None:
    association.settings["journal"] = "mysql://comptable:secret@base.example/passerelle"
    from addin.journal.opening import _engine

    with pytest.raises(CannotRun) as caught:
        _engine(make_url(association.settings["journal"]))
    [problem] = caught.value.problems
    assert problem.code == "journal_driver_missing"
    assert "base.example" in problem.params["url"]
    assert "secret" not in problem.params["url"]


def test_a_machine_without_a_scheduler_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(CannotRun) as caught:
        here.registrars()
    assert caught.value.problems[0].code == "scheduler_missing"


def test_a_demo_takes_no_folder_that_holds_something_else(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(CannotRun) as caught:
        demo(tmp_path, "beancount", "en", FileBook, lambda _: None)
    assert (caught.value.problems[0].code, caught.value.problems[0].params["folder"]) == (
        "folder_not_empty", str(tmp_path),
    )  # fmt: skip
    assert (tmp_path / "mine.txt").read_text(encoding="utf-8") == "mine"


def test_a_part_that_is_not_installed_is_named(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """`pip install passerelle` alone has no Prometheus client."""
    assert importlib.util.find_spec("prometheus_client"), "installed here, hidden below"
    monkeypatch.setenv("PASSERELLE_LANGUAGE", "en")
    monkeypatch.delitem(sys.modules, "addin.usecases.metrics", raising=False)
    monkeypatch.setitem(sys.modules, "prometheus_client", None)
    assert passerelle(monkeypatch, "metrics") == 2
    said = capsys.readouterr().out
    assert "server" in said, "extra_missing"
    assert "prometheus_client" in said


def test_a_workbook_that_lies_nowhere_on_this_machine_is_told(office: xlwings.App) -> None:
    """xlwings knows the local file of a synchronized folder, and says so where there is none."""
    from workbook.live.live_book import LiveBook

    class Online:
        name = "Passerelle.xlsm"

        @property
        def fullname(self) -> str:
            raise xlwings.XlwingsError("Couldn't find the local OneDrive file")

    with pytest.raises(CannotRun) as caught:
        LiveBook(Online())  # type: ignore[arg-type]
    assert (caught.value.problems[0].code, caught.value.problems[0].params["name"]) == (
        "workbook_online", "Passerelle.xlsm",
    )  # fmt: skip


# what has no code of the ledger


@pytest.fixture
def wanting(association: Association, monkeypatch: pytest.MonkeyPatch) -> Association:
    """A company whose ledger has classes, methods and taxes, and whose source names some that nobody mapped."""
    lists = BeancountLedger.lists

    def longer(self: BeancountLedger) -> object:
        own = lists(self)
        return replace(own, classes=own.tax_codes[:1], methods=own.tax_codes[:1])

    monkeypatch.setattr(BeancountLedger, "lists", longer)
    association.add("classes", code="EST", name="Section de l'Est")
    association.files["lines"][0]["class"] = "EST"
    for tax in association.files["taxes"]:
        tax["sync_reference"] = ""
    association.init()
    association.pull()
    return association


@pytest.mark.parametrize(
    ("code", "column", "table", "key", "name"),
    [
        ("tax_not_mapped", "I1", TAX_MAP, "GST", "TPS"),
        ("class_not_mapped", "I1", CLASS_MAP, "EST", "Section de l'Est"),
        ("method_not_mapped", "P1", METHOD_MAP, "cheque", "Chèque"),
    ],
)
def test_a_code_that_nobody_mapped_is_named_and_what_names_it_stays(
    wanting: Association, code: str, column: str, table: object, key: str, name: str
) -> None:
    problems = told(wanting.run(check), code)
    assert (key, name) in {(problem.params["code"], problem.params["name"]) for problem in problems}
    assert {problem.key for problem in problems} == {column}
    wanting.sync()
    row = wanting.row(PAYMENTS if column == "P1" else INVOICES, column)
    assert row["status"] in ("Transfer Error", "To Be Transferred")
    assert name in row["reason"]
    assert "F-1" not in wanting.ledger_text()
