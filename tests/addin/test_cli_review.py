"""The review commands as a person or a program uses them, and the help in the person's language."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.main import get_command

from addin import texts
from addin.cli import app, helped
from addin.usecases.connect import connect, disconnect
from addin.usecases.open_record import open_record
from connectors.problems import CannotRun
from connectors.records import Kind
from tests.addin.command_line import passerelle
from tests.addin.conftest import ACCOUNTS, INVOICES, Association
from tests.addin.test_cli import answer
from workbook.layout import OVERVIEW
from workbook.review import text_of


@pytest.fixture
def company(association: Association) -> Association:
    """The small association, pulled; its account and invoice have pages, one of them no web page."""
    association.settings = {}
    association.files["accounts"][0]["url"] = "https://example.org/accounts/A1"
    association.files["documents"][0]["url"] = "file:///etc/passwd"
    association.init()
    association.pull()
    return association


def test_help_is_in_french_for_whoever_speaks_it(tmp_path: Path) -> None:
    done = passerelle("--help", home=tmp_path, PASSERELLE_LANGUAGE="fr", COLUMNS="200")
    assert "Amener dans le classeur ce que contient la source." in done.stdout
    for explained in helped(get_command(app)):
        assert texts.say("fr", explained.help) != explained.help, explained.help


def test_links_and_no_go_by_commands(company: Association, tmp_path: Path) -> None:
    """A program is not asked, and has the counts and totals of each kind."""
    book, home = str(company.profile.workbook), tmp_path / "home"
    company.opened("H1", "Club d'échecs de l'Île")
    company.pull()
    assert answer(passerelle("link", book, "--sure", "--json", home=home))["linked"] == {"customer": 1}
    assert company.row(ACCOUNTS, "A1")["reference"] == "H1"
    assert answer(passerelle("unlink", book, "--all", "--json", home=home))["unlinked_again"] == {"customer": 1}
    marked = answer(passerelle("no-go", book, "--before", "2025-02-02", "--json", home=home))
    assert (marked["marked"], marked["totals"]) == (
        {"invoice": 1, "payment": 1},
        {"invoice": "114.98", "payment": "114.98"},
    )
    back = answer(passerelle("no-go", book, "--undo", "--json", home=home))
    assert back["given_back"] == {"invoice": 1, "payment": 1}
    started = answer(passerelle("start", book, "--on", "2025-02-01", "--json", home=home))
    assert (started["marked"], started["before"]) == ({"invoice": 1}, "2025-02-01")
    assert started["agreement"].startswith("1 accounts of 1 differ on 2025-01-31")
    assert [each["number"] for each in started["differences"]] == ["F-1"]
    assert passerelle("no-go", book, home=home).returncode == 2


def test_language_suggest_create_link_and_find_by_commands(company: Association, tmp_path: Path) -> None:
    book, home = str(company.profile.workbook), tmp_path / "home"
    assert answer(passerelle("suggest", book, "--json", home=home))["unlinked"] == 1
    assert answer(passerelle("find", book, "échecs", "--json", home=home))["customers"] == []
    assert answer(passerelle("link", book, "--above", "90", "--json", home=home))["linked"] == {}
    assert answer(passerelle("create", book, "--number", "1001", "--json", home=home))["new"] == {"customer": 1}
    assert company.row(ACCOUNTS, "A1")["new_account"] == "Yes"
    assert answer(passerelle("language", book, "fr", "--json", home=home))["speaks"] == "fr"
    assert company.row(INVOICES, "I1")["status"] == "À transférer"
    nothing = answer(passerelle("link", book, "--json", home=home))
    assert [problem["code"] for problem in nothing["problems"]] == ["nothing_selected"]
    assert passerelle("language", book, "de", home=home).returncode == 2


def test_a_record_opens_by_http_alone(company: Association) -> None:
    """A link of another scheme (file, javascript) is never handed to the browser."""
    opened: list[str] = []

    def browse(url: str) -> bool:
        opened.append(url)
        return True

    company.run(lambda session: open_record(session, Kind.CUSTOMER, "1001", browse))
    assert opened == ["https://example.org/accounts/A1"]
    with pytest.raises(CannotRun) as stopped:
        company.run(lambda session: open_record(session, Kind.INVOICE, "F-1", browse))
    assert stopped.value.problems[0].code == "link_missing"
    with pytest.raises(CannotRun) as stopped:
        company.run(lambda session: open_record(session, None, "", browse))
    assert stopped.value.problems[0].code == "nothing_selected"
    assert len(opened) == 1


def test_the_dashboard_shows_at_once_that_we_are_connected(association: Association) -> None:
    def state() -> dict[str, str]:
        rows = association.book.read(OVERVIEW).rows
        return {text_of(row.values["key"]): text_of(row.values["value"]) for row in rows}

    association.init()
    assert (state()["Accounting system"], state()["Next step"]) == ("Not connected", "Press Connect, then Pull.")
    association.run(connect)
    assert (state()["Accounting system"], state()["Next step"]) == ("Connected", "Press Pull.")
    association.pull()
    association.run(disconnect)
    assert (state()["Connection"], state()["Books of"]) == ("Not connected", "")
