"""``passerelle init`` without options asks for a new company in the terminal (design: setting up, the command line)."""

from __future__ import annotations

import io
import os
import pty
import select
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from addin.commands.asking import Given, make
from addin.profile import Profile, load
from addin.questions import choice_of, connector_questions, every_question, side_question, wrong_answer
from addin.screen import Screen
from addin.usecases.password import kept_for
from connectors.problems import CannotRun
from tests.addin.test_cli import answer, passerelle


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty home, of this process and of those that are started."""
    place = tmp_path / "home"
    place.mkdir()
    monkeypatch.setenv("PASSERELLE_HOME", str(place))
    return place


WHOLE = ["", "Été boréal", "", "", "", "", "", "", "", "", "beancount", "", "", "", "", "", "", ""]
"""The answers of a company whose every default will do; an empty line takes it."""


def answering(lines: list[str], home: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """``passerelle init`` with these lines on its standard input, and nothing after them."""
    given = {**os.environ, "PASSERELLE_HOME": str(home), "HOME": str(home), **environment}
    return subprocess.run(
        [sys.executable, "-m", "addin", "init"],
        input="".join(f"{line}\n" for line in lines), env=given, capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_the_answers_make_the_company_that_they_describe(home: Path) -> None:
    done = answering(WHOLE, home)
    assert done.returncode == 0, done.stderr
    profile = load("Été boréal")
    assert (profile.source, profile.ledger, profile.language) == ("files", "beancount", "en")
    assert profile.folder == home / "Passerelle" / profile.place.name
    assert profile.workbook.is_file()
    assert (profile.folder / "book.beancount").is_file()


def test_every_question_is_told_with_what_it_is_an_example_and_its_choices(home: Path) -> None:
    told = answering(WHOLE, home).stderr
    asked = [*connector_questions("source", "files"), *connector_questions("ledger", "beancount")]
    for question in (*asked, side_question("ledger")):
        assert f"\n{question.label}\n" in told
        assert question.meaning in " ".join(told.split())
    assert "For example: DD/MM/YYYY" in told
    assert "2  QuickBooks Online" in told


def test_nonsense_is_refused_in_words_and_asked_again(home: Path) -> None:
    lines = ["klingon", "fr", "", "Aube", "livres", str(home / "aube"), "fichiers csv ou excel", "source",
             "latin-1", "", "", "", "DD/DD", "DD/MM/YYYY", "dollars", "USD", "abacus", "1"]  # fmt: skip
    done = answering([*lines, "", "a/b", "", "31 décembre", "2025-12-31", "", "", "", "", ""], home)
    assert done.returncode == 0, done.stderr
    for code in ("answer_not_offered", "company_name_wrong", "folder_not_whole", "settings_invalid"):
        assert code in TOLD
        assert TOLD[code] in done.stderr.replace("\u00a0", " ")
    profile = load("Aube")
    assert profile.language == "fr"
    assert profile.source_settings == {
        "path": "source", "encoding": "auto", "delimiter": "auto", "decimal": ".", "date_format": "DD/MM/YYYY",
        "currency": "USD",
    }  # fmt: skip
    assert profile.ledger_settings["closing_date"] == "2025-12-31"


TOLD = {
    "answer_not_offered": "« abacus » n'est pas parmi les choix",
    "company_name_wrong": "ne peut pas être le nom d'une entreprise",
    "folder_not_whole": "« livres » n'est pas le chemin complet d'un dossier",
    "settings_invalid": "Le paramètre source.date_format n'est pas accepté",
}
"""What is said of each nonsense above, in the language that was chosen before it."""


@pytest.mark.parametrize("ended_after", [0, 7])
def test_the_end_of_the_input_ends_it_cleanly_and_nothing_was_made(ended_after: int, home: Path) -> None:
    done = answering(WHOLE[:ended_after], home)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr + done.stdout
    assert "The answers ended before everything was asked, and nothing was made." in done.stdout  # input_ended
    assert not (home / "companies").exists()


def test_where_the_input_ends_before_the_first_answer_that_is_said(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    with pytest.raises(CannotRun) as ended:
        make(Screen("en", as_json=False), Given(answers={}, settings={}), "")
    assert [problem.code for problem in ended.value.problems] == ["input_ended"]
    assert not (home / "companies").exists()


def test_what_is_given_is_not_asked(home: Path) -> None:
    given = ("--company", "Aube", "--ledger", "beancount", "--set", "source.path=export", "--language", "en")
    done = subprocess.run(
        [sys.executable, "-m", "addin", "init", str(home / "aube"), *given[2:]],
        input="Aube\n" + "\n" * 13, env={**os.environ, "PASSERELLE_HOME": str(home)}, capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    for label in ("Folder", "Accounting system", "Language", "Files"):
        assert f"\n{label}\n" not in done.stderr
    assert load("Aube").source_settings["path"] == "export"


def test_a_program_is_told_what_is_missing_and_asked_nothing(home: Path) -> None:
    done = passerelle("init", "--json", home=home)
    assert done.returncode == 2
    assert [problem["code"] for problem in answer(done)["problems"]] == ["usage"]
    assert done.stderr == ""


def test_a_secret_is_typed_unseen_and_goes_to_the_credential_store(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PASSERELLE_SECRETS_KEY", "QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUE=")
    lines = ["en", "Aube", str(home / "aube"), "", "", "", "", "", "", "", "QuickBooks Online", "9341453908059321"]
    seen = in_terminal([*lines, "", "", "client", "Hush-4711"], home)
    profile = load("Aube")
    assert profile.ledger == "quickbooks-online"
    assert kept_for("ledger", profile)
    assert "Client secret" in seen
    assert "Hush-4711" not in seen
    everywhere = b"".join(path.read_bytes() for path in home.rglob("*") if path.is_file())
    assert b"Hush-4711" not in everywhere


def in_terminal(lines: list[str], home: Path) -> str:
    """``passerelle init`` in a terminal in which a person types these lines, each once it is asked; what it showed."""
    person, terminal = pty.openpty()
    given = {**os.environ, "PASSERELLE_HOME": str(home)}
    process = subprocess.Popen(
        [sys.executable, "-m", "addin", "init"], stdin=terminal, stdout=terminal, stderr=terminal, env=given,
        start_new_session=True,
    )  # fmt: skip
    os.close(terminal)
    seen = ""
    for line in lines:
        seen += until_asked(person)
        os.write(person, f"{line}\n".encode())
    seen += until_asked(person)
    assert process.wait(60) == 0, seen
    os.close(person)
    return seen


def until_asked(terminal: int) -> str:
    """What a terminal shows until it is quiet with a question, or closed."""
    seen, until = b"", time.monotonic() + 60
    while time.monotonic() < until:
        if select.select([terminal], [], [], 0.3)[0]:
            try:
                part = os.read(terminal, 65536)
            except OSError:  # Linux says so once the other side is closed
                break
            if not part:
                break
            seen += part
        elif seen.rstrip().endswith((b">", b":")):
            break
    return seen.decode()


def test_every_answer_that_a_question_shows_as_its_example_or_default_is_accepted(home: Path) -> None:
    for question in every_question():
        for shown in {question.example, question.default, *question.choices} - {""}:
            assert wrong_answer(question, shown) is None, (question.name, shown)


def test_a_choice_is_found_by_its_code_and_by_its_name_in_either_language() -> None:
    assert choice_of(side_question("source"), "fichiers CSV ou Excel") == "files"
    ledger = side_question("ledger")
    assert {
        choice_of(ledger, typed) for typed in ("quickbooks-online", "QuickBooks Online", " quickbooks online ")
    } == {"quickbooks-online"}
    assert choice_of(ledger, " Abacus ") == "Abacus"


def test_what_init_made_is_what_its_options_make(home: Path) -> None:
    answering(WHOLE, home)
    by_options = passerelle(
        "init", str(home / "other"), "--company", "Other", "--ledger", "beancount", "--language", "en", "--json",
        home=home,
    )  # fmt: skip
    assert by_options.returncode == 0

    def settled(profile: Profile) -> dict[str, Any]:
        with profile.open_ledger() as ledger, profile.open_source() as source:
            return {"ledger": type(ledger), "source": type(source), "options": profile.options}

    assert settled(load("Été boréal")) == settled(load("Other"))
