"""The Set-up sheet: a workbook of no company makes one, and later changes its settings (design: setting up)."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest

from addin.profile import Profile, load
from addin.questions import SIDES, every_question
from addin.session import Session, claimed, identity
from addin.usecases.check import check
from addin.usecases.connect import connect
from addin.usecases.init import build
from addin.usecases.language import language
from addin.usecases.password import keep_for
from addin.usecases.report import Report
from addin.usecases.setup import apply_settings, create
from addin.usecases.setup_sheet import ASKED_LATER, KEPT, setup_rows, show_company
from connectors.problems import CannotRun
from connectors.secrets.secret import Secret
from tests.addin.conftest import Association
from tests.addin.test_cli import answer, passerelle
from workbook.file.file_book import FileBook
from workbook.layout import SETUP
from workbook.review import text_of


@pytest.fixture
def empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A workbook of no company, on a machine that knows none."""
    monkeypatch.setenv("PASSERELLE_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("PASSERELLE_SECRETS_KEY", "QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUE=")
    build(tmp_path / "new.xlsm", "en", FileBook)
    return tmp_path / "new.xlsm"


def fill(workbook: Path, answers: dict[str, str]) -> FileBook:
    """Type answers into the sheet, save, and open the workbook anew."""
    book = FileBook(workbook)
    book.write(SETUP, {(name,): {"value": value} for name, value in answers.items()})
    book.save()
    return FileBook(workbook)


def shown(workbook: Path, column: str) -> dict[str, str]:
    """What a column of the sheet shows, by question."""
    rows = FileBook(workbook).read(SETUP).rows
    return {text_of(row.values.get("key")): text_of(row.values.get(column)) for row in rows}


def codes(act: Callable[[], Report]) -> list[str]:
    with pytest.raises(CannotRun) as stopped:
        act()
    return [problem.code for problem in stopped.value.problems]


def apply(profile: Profile) -> Report:
    """Apply settings on the closed workbook."""
    with Session.open(profile, FileBook(profile.workbook), "apply_settings") as session:
        return apply_settings(session)


# making a company ------------------------------------------------------------------------------------------------


def test_one_typed_cell_makes_a_company_that_connects(empty: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(empty.parent))
    report = create(fill(empty, {"company": "Été boréal"}))
    profile = load("Été boréal")
    assert profile.workbook == empty
    assert profile.folder == empty.parent / "Passerelle" / profile.place.name
    assert report.facts["folder"] == str(profile.folder)
    assert (profile.folder / "book.beancount").is_file()
    assert (profile.place / "journal.sqlite").is_file()
    assert identity(FileBook(empty))["company_id"] == profile.id
    (profile.folder / "source").mkdir()
    with Session.open(profile, FileBook(empty), "connect") as session:
        assert connect(session).facts["books_of"]


def test_every_question_of_every_connector_has_its_row_and_those_of_others_are_out_of_sight(empty: Path) -> None:
    assert list(shown(empty, "key")) == [question.name for question in every_question()]
    sheet = openpyxl.load_workbook(empty)["Set up"]
    first = openpyxl.utils.cell.range_boundaries(sheet.tables["tblSetup"].ref)[1]
    hidden = {row.key for number, row in enumerate(setup_rows({"source": "files", "ledger": "beancount"}), first + 1)
              if sheet.row_dimensions[number].hidden}  # fmt: skip
    others = {q.name for q in every_question() if q.of and q.of not in ("source.files", "ledger.beancount")}
    assert hidden == others


def test_each_cell_says_what_it_wants_and_offers_what_can_be_chosen(empty: Path) -> None:
    book = openpyxl.load_workbook(empty)
    sheet = book["Set up"]
    said = {str(each.sqref): each for each in sheet.data_validations.dataValidation}
    first = openpyxl.utils.cell.range_boundaries(sheet.tables["tblSetup"].ref)[1]
    for number, question in enumerate(every_question(), first + 1):
        cell = said[f"B{number}"]
        assert (cell.promptTitle, cell.prompt) == (question.label, question.meaning)
        assert cell.showInputMessage
        assert cell.type == ("list" if question.choices else "custom" if question.is_secret else None)
    ledgers = next(q for q in every_question() if q.name == "ledger")
    offered = book.defined_names["list_setup_ledger"].attr_text
    assert offered.endswith(f"$2:${offered.split('$')[1]}${len(ledgers.choices) + 1}")


def test_what_is_wrong_is_said_beside_its_cell_and_nothing_is_made(empty: Path) -> None:
    wrong = {
        "company": "A\u2028B", "folder": "livres", "source.files.date_format": "DD/DD", "language": "Klingon",
        "ledger": "Tryton", "ledger.tryton.database": "x", "ledger.beancount.closing_date": "nonsense",
    }  # fmt: skip
    book = fill(empty, wrong)
    found = codes(lambda: create(book))
    assert sorted(found) == ["answer_not_offered", "company_name_wrong", "folder_not_whole", "settings_invalid"]
    reasons = {name: reason for name, reason in shown(empty, "reason").items() if reason}
    assert reasons.keys() == {"company", "folder", "source.files.date_format", "language"}
    assert "not the whole path" in reasons["folder"]
    assert "company" not in {name for name, value in claimed(FileBook(empty)).items() if value}
    assert not (empty.parent / "home" / "companies").exists()
    right = {"company": "Aube", "folder": str(empty.parent / "aube"), "language": "English", "ledger": "beancount",
             "source.files.date_format": "", "ledger.beancount.closing_date": ""}  # fmt: skip
    create(fill(empty, right))
    assert not any(shown(empty, "reason").values())


def test_a_secret_typed_in_a_cell_is_taken_away_refused_and_never_sent_on(empty: Path) -> None:
    answers = {"company": "Aube", "ledger": "QuickBooks Online", "ledger.quickbooks-online.client_id": "client",
               "ledger.quickbooks-online.company": "9341453908059321"}  # fmt: skip
    book = fill(empty, {**answers, "ledger.quickbooks-online.secret": "Hush-4711"})
    assert codes(lambda: create(book)) == ["secret_in_cell"]
    assert shown(empty, "value")["ledger.quickbooks-online.secret"] == ASKED_LATER
    with zipfile.ZipFile(empty) as package:
        sheets = b"".join(package.read(name) for name in package.namelist() if "worksheets" in name)
    assert b"Hush-4711" not in sheets
    create(FileBook(empty))
    assert b"Hush-4711" not in (load("Aube").place / "profile.toml").read_bytes()


def test_a_workbook_of_a_company_makes_no_second_one(association: Association) -> None:
    association.init()
    assert codes(lambda: create(association.book)) == ["workbook_bound"]


def test_a_workbook_without_the_sheet_says_how_it_comes_back(association: Association) -> None:
    association.init()
    book = association.book
    book.replace(SETUP, [])
    book.save()
    assert codes(lambda: apply(association.profile)) == ["setup_missing"]


def test_nobody_agrees_and_nothing_is_made(empty: Path) -> None:
    asked: list[str] = []
    report = create(fill(empty, {"company": "Aube", "folder": str(empty.parent / "aube")}), asked.append)  # type: ignore[arg-type]
    assert report.facts == {"declined": True}
    assert "Beancount" in asked[0]
    assert not (empty.parent / "aube").exists()


def test_another_language_than_the_workbooks_is_spoken_from_then_on(empty: Path) -> None:
    create(fill(empty, {"company": "Aube", "folder": str(empty.parent / "aube"), "language": "French"}))
    assert load("Aube").language == "fr"
    assert shown(empty, "question")["folder"] == "Dossier"
    assert shown(empty, "value")["language"] == "Français"
    assert shown(empty, "value")["source"] == "Fichiers CSV ou Excel"


def test_the_command_line_makes_the_company_of_a_sheet(empty: Path) -> None:
    fill(empty, {"company": "Aube", "folder": str(empty.parent / "aube")})
    home = empty.parent / "home"
    assert answer(passerelle("create-company", str(empty), "--json", home=home))["company"] == "Aube"
    fill(empty, {"source.files.currency": "USD"})
    done = answer(passerelle("apply-settings", "Aube", "--json", home=home))
    assert done["settings"] == ["source.files.currency"]
    assert load("Aube").source_settings["currency"] == "USD"


# changing it later -----------------------------------------------------------------------------------------------


def test_the_sheet_of_a_company_shows_its_settings_and_applying_them_as_they_are_changes_nothing(
    association: Association,
) -> None:
    association.settings = {"source.currency": "EUR", "ledger.receivable": "Assets:Debtors"}
    association.init()
    values = shown(association.profile.workbook, "value")
    assert values["company"] == association.name
    assert values["source.files.currency"] == "EUR"
    assert values["ledger.beancount.receivable"] == "Assets:Debtors"
    before = association.profile
    assert apply(before).facts["settings"] == []
    assert association.profile == before


def test_what_is_changed_is_asked_about_kept_and_logged(association: Association) -> None:
    association.init()
    fill(association.profile.workbook, {"ledger.beancount.closing_date": "2025-03-31", "source.files.date_format": ""})
    asked: list[str] = []
    with Session.open(association.profile, association.book, "apply_settings") as session:
        apply_settings(session, lambda text: not asked.append(text))  # type: ignore[func-returns-value]
    assert "Closing date: – → 2025-03-31" in asked[0]
    assert association.profile.ledger_settings["closing_date"] == "2025-03-31"
    assert ("settings", "ledger.beancount.closing_date:  → 2025-03-31") in [
        (event.action, event.message)
        for event in association.run(check_log).facts["log"]  # type: ignore[attr-defined]
    ]


def check_log(session: Session) -> Report:
    return Report(run=0, facts={"log": list(session.journal.events(50))})


def test_settings_that_the_sheet_does_not_ask_stay_as_they_are(association: Association) -> None:
    association.settings = {"ledger.includes": "other"}
    association.init()
    fill(association.profile.workbook, {"ledger.beancount.closing_date": "2025-03-31"})
    apply(association.profile)
    assert association.profile.ledger_settings["includes"] == "other"


def test_settings_whose_rows_the_sheet_lacks_stay_as_they_are(association: Association) -> None:
    """A workbook of an earlier release has no row for what a later one asks."""
    association.settings = {"ledger.receivable": "Assets:Debtors"}
    association.init()
    book = association.book
    lost = ("ledger.beancount.receivable", "folder")
    rows = [dict(row.values) for row in book.read(SETUP).rows if row.values["key"] not in lost]
    book.replace(SETUP, rows)
    book.save()
    fill(association.profile.workbook, {"ledger.beancount.closing_date": "2025-03-31"})
    stood = association.profile
    assert apply(stood).facts["settings"] == ["ledger.beancount.closing_date"]
    assert association.profile.ledger_settings["receivable"] == "Assets:Debtors"
    assert association.profile.folder == stood.folder


@pytest.mark.parametrize(("question", "other"), [("company", "Another"), ("ledger", "Tryton")])
def test_a_company_with_records_stays_itself_in_its_ledger(association: Association, question: str, other: str) -> None:
    association.init()
    association.pull()
    stood = association.profile
    fill(stood.workbook, {question: other})
    assert codes(lambda: apply(stood)) == ["setup_fixed"]
    assert "cannot change any more" in shown(stood.workbook, "reason")[question]
    assert association.profile == stood


def test_a_setting_that_is_refused_stands_with_its_reason_and_the_company_stays_as_it_was(
    association: Association,
) -> None:
    association.init()
    stood = association.profile
    fill(stood.workbook, {"ledger.beancount.closing_date": "soon", "source.files.currency": "USD"})
    assert codes(lambda: apply(stood)) == ["settings_invalid"]
    assert "2026-12-31" in shown(stood.workbook, "reason")["ledger.beancount.closing_date"]
    assert association.profile == stood


def test_a_secret_that_is_kept_is_still_said_to_be_kept_where_nothing_changes_or_something_is_refused(
    empty: Path,
) -> None:
    secret, client = "ledger.quickbooks-online.secret", "ledger.quickbooks-online.client_id"
    create(fill(empty, {"company": "Aube", "ledger": "QuickBooks Online", client: "client",
                        "ledger.quickbooks-online.company": "9341453908059321"}))  # fmt: skip
    profile = load("Aube")
    keep_for("ledger", profile, Secret("Hush-4711"))
    book = FileBook(empty)
    show_company(book, "en", profile)
    book.save()
    assert shown(empty, "value")[secret] == KEPT
    fill(empty, {client: ""})
    assert codes(lambda: apply(profile)) == ["settings_invalid"]
    assert shown(empty, "value")[secret] == KEPT


def test_switching_the_language_says_the_sheet_anew_and_changes_nothing_typed(association: Association) -> None:
    association.init()
    association.pull()
    before = shown(association.profile.workbook, "value")
    association.run(lambda session: language(session, "fr"))
    french = shown(association.profile.workbook, "value")
    assert french["language"] == "Français"
    assert {name: text for name, text in french.items() if name not in ("language", "source", *SIDES)
            and "secret" not in name} == {name: text for name, text in before.items()
            if name not in ("language", "source", *SIDES) and "secret" not in name}  # fmt: skip
    association.run(lambda session: language(session, "en"))
    assert shown(association.profile.workbook, "value") == before
    assert association.run(check)
