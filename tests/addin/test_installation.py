"""An installed copy: known by what PyInstaller sets, never by a folder's name; what was chosen at installing counts."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from addin import texts
from addin.installation import chosen, command_line
from addin.usecases.about import of_machine
from addin.usecases.doctor import doctor
from workbook.layout import Language

SENTENCES: dict[Language, tuple[str, str]] = {
    "en": ("This is the installed program, in {}.", "It runs from the Python environment {}."),
    "fr": ("Ceci est le programme installé, dans {}.", "Il s'exécute depuis l'environnement Python {}."),
}


ENDING = ".exe" if sys.platform == "win32" else ""
"""What a program's file ends with."""


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of an installed copy, which runs."""
    folder = tmp_path / "Programmes installés"
    folder.mkdir()
    for name in ("passerelle", "passerelle-ribbon"):
        (folder / f"{name}{ENDING}").touch(0o755)
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setattr(sys, "executable", str(folder / f"passerelle{ENDING}"))
    return folder


def test_a_schedule_starts_the_installed_program(installed: Path) -> None:
    assert command_line() == (str(installed / f"passerelle{ENDING}"),)
    (installed / "passerelle-scheduled.exe").touch()
    assert command_line() == (str(installed / "passerelle-scheduled.exe"),)


def test_a_schedule_of_an_environment_starts_its_python(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python.exe"))
    (tmp_path / "passerelle-scheduled.exe").touch()
    assert command_line() == (str(tmp_path / "python.exe"), "-m", "addin")
    (tmp_path / "pythonw.exe").touch()
    assert command_line() == (str(tmp_path / "pythonw.exe"), "-m", "addin")


def test_the_language_and_the_ledger_are_those_that_were_chosen(
    installed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PASSERELLE_LANGUAGE", raising=False)
    monkeypatch.setenv("LC_ALL", "en_CA.UTF-8")
    assert (chosen("ledger"), texts.machine_language()) == ("", "en")
    (installed / "installed.ini").write_text("[passerelle]\r\nlanguage=fr\r\nledger=tryton\r\n", encoding="utf-8-sig")
    assert (chosen("ledger"), texts.machine_language()) == ("tryton", "fr")
    monkeypatch.setenv("PASSERELLE_LANGUAGE", "en")
    assert texts.machine_language() == "en"
    monkeypatch.setattr(sys, "frozen", False)
    assert chosen("ledger") == "", "a checkout is nobody's installation"


@pytest.mark.parametrize("written", [b"language=fr", b"[passerelle]\nlanguage", b"[passerelle]\nlanguage=\xff", b""])
def test_choices_that_cannot_be_read_are_none(installed: Path, written: bytes) -> None:
    (installed / "installed.ini").write_bytes(written)
    assert chosen("language") == ""


@pytest.mark.parametrize("language", SENTENCES)
def test_doctor_says_whether_it_is_installed_and_notes_its_ribbon(
    language: Language, installed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    facts = doctor().facts
    assert (facts["runtime"], facts["folder"], facts["ribbon"]) == (
        "installed", str(installed), str(installed / f"passerelle-ribbon{ENDING}"),
    )  # fmt: skip
    of_installed, of_environment = (sentence.format(installed) for sentence in SENTENCES[language])
    assert of_installed in list(of_machine(facts, language))
    monkeypatch.setattr(sys, "frozen", False)
    facts = doctor().facts
    assert facts["runtime"] == "environment"
    assert of_environment in list(of_machine(facts, language))
