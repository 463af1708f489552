"""What the command line and the settings say where libraries speak: in the person's language, in plain words (issue
"the rest that was seen"; docs/house.md: sentences in English and French)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from pydantic import BaseModel, ValidationError

from addin import texts
from addin.cli import main
from addin.options import Options
from addin.profile import Profile, load, validated
from addin.rights import Rights
from addin.session import Session
from addin.texts.refused import REFUSED
from addin.usecases.about import of_company, of_machine, standing
from addin.usecases.doctor import doctor
from connectors.ledgers.beancount.settings import BeancountSettings
from connectors.ledgers.quickbooks_online.settings import QuickBooksOnlineSettings
from connectors.ledgers.tryton.settings import TrytonSettings
from connectors.ledgers.xero.settings import XeroSettings
from connectors.problems import CannotRun
from connectors.sources.files.settings import FilesSettings
from tests.addin.conftest import TODAY, Association
from workbook.layout import LANGUAGES, Language

Typing = Callable[..., tuple[object, str, str]]
"""Runs the command line in a language; its exit status, standard output and standard error."""

MODELS = (
    Options, Rights, Profile, FilesSettings, BeancountSettings, QuickBooksOnlineSettings, TrytonSettings, XeroSettings,
)  # fmt: skip


@pytest.fixture
def typing(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Typing:
    def run(language: str, *arguments: str) -> tuple[object, str, str]:
        monkeypatch.setenv("PASSERELLE_LANGUAGE", language)
        monkeypatch.setattr("sys.argv", ["passerelle", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        out, err = capsys.readouterr()
        return ended.value.code, out, err

    return run


WRONG = ("", "maybe", "x\ny", -1, 0, 1.5, None, [], {}, [[]], object(), float("nan"), float("inf"), date(2026, 1, 1),
         10**400, b"\xff", "\ud800")  # fmt: skip


@pytest.mark.parametrize("model", MODELS)
def test_whatever_a_setting_refuses_is_said_by_a_sentence_of_ours(model: type[BaseModel]) -> None:
    """No word of pydantic's reaches a person: each of its reasons that our settings give has a sentence."""
    kinds: dict[str, str] = {}
    for field in (*model.model_fields, "colour"):
        for value in WRONG:
            try:
                model.model_validate({field: value})
            except ValidationError as wrong:
                kinds |= {error["type"]: error["msg"] for error in wrong.errors(include_url=False)}
    assert kinds.keys() <= REFUSED.keys()
    assert "extra_forbidden" in kinds


@pytest.mark.parametrize(
    ("model", "given", "english", "french"),
    [
        (Options, {"all_when_paid": "maybe"}, "yes or no", "oui ou non"),
        (Options, {"tax_cents": 0}, "from 1", "à partir de 1"),
        (Options, {"entries_until": "soon"}, "2026-12-31", "une date"),
        (FilesSettings, {"folder": ".", "decimal": "x"}, "“.”, “,”", "“.”, “,”"),
        (FilesSettings, {"folder": ".", "currency": "cad"}, "like CAD", "comme CAD"),
        (FilesSettings, {"folder": ".", "date_format": "DD/MM"}, "once each", "une fois chacun"),
        (QuickBooksOnlineSettings, {"company": "mine", "client_id": "c"}, "like 9341", "comme 9341"),
        (XeroSettings, {"company": "mine", "client_id": "c"}, "like 7f2a1c3e", "comme 7f2a1c3e"),
        (BeancountSettings, {"folder": ".", "receivable": "5"}, "like Assets:", "comme Assets:"),
        (TrytonSettings, {"colour": "red"}, "no setting of this name", "pas de paramètre de ce nom"),
    ],
)
def test_a_setting_says_what_it_accepts(
    model: type[BaseModel], given: dict[str, object], english: str, french: str
) -> None:
    with pytest.raises(CannotRun) as stopped:
        validated(model, given, "ledger")
    (problem,) = stopped.value.problems
    assert english in texts.what("en", problem)
    assert french in texts.what("fr", problem)


def test_a_settings_file_that_cannot_be_read_names_its_line(association: Association) -> None:
    association.init()
    path = association.profile.place / "profile.toml"
    path.write_text('id = "x"\ncompany = \n', encoding="utf-8")
    with pytest.raises(CannotRun) as stopped:
        load(association.name)
    (problem,) = stopped.value.problems
    assert problem.code == "settings_unreadable"
    assert "line 2" in texts.what("en", problem)
    assert "à partir de la ligne 2" in texts.what("fr", problem)


MISTAKES: tuple[tuple[tuple[str, ...], str, str], ...] = (
    (("pull",), "BOOK is missing", "Il manque BOOK"),
    (("pull", "x", "--nope"), "There is no option --nope", "Il n'y a pas d'option --nope"),
    (("frobnicate",), "There is no command frobnicate", "Il n'y a pas de commande frobnicate"),
    (("pul", "x"), "Did you mean pull?", "Vouliez-vous dire pull?"),
    (("pull", "My", "company"), "company was not expected there", "company n'était pas attendu là"),
    (("sandbox", "x", "--port", "many"), "it accepts a whole number", "un nombre entier"),
    (("init", "x", "--company"), "needs a value", "doit être suivie d'une valeur"),
    (("pull", "x", "--json=1"), "takes no value", "ne prend pas de valeur"),
)


@pytest.mark.parametrize(("typed", "english", "french"), MISTAKES)
def test_a_command_line_that_is_not_understood_is_said_in_plain_words(
    typed: tuple[str, ...], english: str, french: str, typing: Typing
) -> None:
    for language, said in (("en", english), ("fr", french)):
        status, out, err = typing(language, *typed)
        assert (status, out) == (2, "")
        assert said in err
        assert "--help" in err
        library = ("Usage:", "Missing", "Invalid", "Input should", "unexpected", "No such")
        assert not any(word in err for word in library)


def test_a_help_page_is_french_to_its_last_word(typing: Typing) -> None:
    status, shown, _ = typing("fr", "demo", "--help")
    assert status == 0
    assert "Utilisation\u00a0: " in shown
    assert "par défaut\u00a0: beancount" in shown
    assert not any(word in shown for word in ("Usage", "Show this", "default", "required"))


def test_the_log_in_a_terminal_speaks_captions_and_its_json_codes(association: Association, typing: Typing) -> None:
    association.init()
    association.pull()
    status, shown, _ = typing("en", "log", association.name)
    assert status == 0
    assert "Pull" in shown
    assert "3 records pulled, 3 of them new" in shown
    assert "Done" in shown
    assert '"action": "pull"' in typing("en", "log", association.name, "--json")[1]


def test_an_empty_text_stays_empty_in_every_language() -> None:
    """The catalogue's header is its answer for an empty text, and stood in sentences."""
    assert [texts.say(language, "") for language in LANGUAGES] == ["", ""]


@pytest.mark.parametrize(
    ("language", "licence", "stands"),
    [("en", "under the MIT licence", "was not connected"), ("fr", "sous licence MIT", "pas encore été connectée")],
)
def test_doctor_and_about_speak_in_sentences(
    association: Association, language: Language, licence: str, stands: str
) -> None:
    association.init()
    said = list(of_machine(doctor().facts, language))
    assert licence in said[0]
    assert all(sentence.endswith(".") for sentence in said)
    with Session.open(association.profile, association.book, "log", TODAY) as session:
        about = list(of_company(standing(session.profile, session.journal), language))
    assert association.profile.company in about[0]
    assert stands in about[1]
    assert str(association.profile.workbook) in about[2]
    assert set(about) <= set(said)


def test_doctor_goes_on_past_a_company_that_cannot_be_opened(association: Association) -> None:
    association.init()
    (association.profile.place / "profile.toml").write_text("id = ", encoding="utf-8")
    said = " ".join(of_machine(doctor().facts, "fr"))
    assert "ne peuvent pas être ouverts" in said
    assert "ligne 1" in said
    assert "…" not in said
