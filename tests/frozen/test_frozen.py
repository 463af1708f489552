"""The built product on this system: what a person who installed it runs, without a Python environment around it.

``PASSERELLE_FROZEN`` names one that was built before; else it is built here.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from addin.usecases.demo import COMPANY as DEMO
from tests.addin.test_journal_releases import first_release

pytestmark = pytest.mark.frozen

ROOT = Path(__file__).parents[2]
COMPANY = "Société d'ici"
LARGEST = 110_000_000
SETTINGS = ("ledger.company=9341453908059321", "ledger.client_id=ours")
CRONTAB = """#!/bin/sh
if [ "$1" = -l ]; then cat "{file}" 2>/dev/null; else cat > "{file}"; fi
"""


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if named := os.environ.get("PASSERELLE_FROZEN"):
        return Path(named)
    folder = tmp_path_factory.mktemp("frozen")
    subprocess.run([sys.executable, ROOT / "packaging" / "build.py", folder], check=True)
    return folder / "passerelle"


@dataclass(frozen=True)
class Machine:
    """A machine on which the product was installed, in a folder with accents and spaces, and nothing else."""

    folder: Path
    at: Path

    def runs(self, *arguments: str, program: str = "passerelle", **more: str) -> subprocess.CompletedProcess[str]:
        """What one of the programs answers."""
        environment = {"HOME": str(self.at), "PATH": f"{self.at / 'bin'}:/usr/bin:/bin", "LC_ALL": "C.UTF-8"}
        return subprocess.run(
            [self.folder / program, *arguments], env=environment | more, cwd=self.at, capture_output=True, text=True,
            encoding="utf-8", check=False, timeout=600,
        )  # fmt: skip

    def facts(self, *arguments: str, status: int = 0, **more: str) -> dict[str, Any]:
        """The facts that a command answers."""
        done = self.runs(*arguments, "--json", **more)
        assert done.returncode == status, (done.stdout, done.stderr)
        answer: dict[str, Any] = json.loads(done.stdout)
        return answer


@pytest.fixture
def machine(built: Path, tmp_path: Path) -> Machine:
    folder = tmp_path / "Programmes installés" / "passerelle"
    shutil.copytree(built, folder, symlinks=True)
    (tmp_path / "bin").mkdir()
    crontab = tmp_path / "bin" / "crontab"
    crontab.write_text(CRONTAB.format(file=tmp_path / "kept"))
    crontab.chmod(0o755)
    return Machine(folder, tmp_path)


def company(machine: Machine) -> Path:
    """A company that the installed product made."""
    exports = machine.at / "exports"
    machine.facts("sample", str(exports))
    given = [part for pair in (f"source.path={exports}", *SETTINGS) for part in ("--set", pair)]
    machine.facts("init", str(machine.at / "dossier"), "--company", COMPANY, *given)
    return next((machine.at / "dossier").glob("*.xlsm"))


def test_it_is_small_and_its_licences_are_beside_it(built: Path) -> None:
    assert sum(path.stat().st_size for path in built.rglob("*") if path.is_file() and not path.is_symlink()) < LARGEST
    listed = (built / "licences" / "LICENCES.txt").read_text(encoding="utf-8").splitlines()
    assert {line.split()[0] for line in listed} >= {"passerelle", "xlwings", "SQLAlchemy", "Python"}
    assert not [line for line in listed if "beancount" in line.lower()]
    assert (built / "licences" / "PyInstaller bootloader" / "COPYING.txt").stat().st_size > 10_000
    assert not list(built.rglob("*beancount*/*.py*")), "GPL parts, and the ledger that needs them, stay out"
    assert not list((built / "_internal" / "xlwings").glob("pro"))


def test_its_connectors_are_those_that_work(machine: Machine) -> None:
    assert "quickbooks-online" in (ledgers := machine.runs("ledgers").stdout)
    assert "beancount" not in ledgers
    assert "files" in machine.runs("sources").stdout


@pytest.mark.parametrize("language", ["en", "fr"])
def test_doctor_says_that_it_is_installed(machine: Machine, language: str) -> None:
    with (machine.folder / "installed.ini").open("a", encoding="ascii") as choices:
        choices.write(f"language={language}\n")
    said = machine.runs("doctor").stdout.replace("\n", " ")
    wanted = {"en": "This is the installed program, in", "fr": "Ceci est le programme installé, dans"}
    assert wanted[language] in said
    facts = machine.facts("doctor")
    assert facts["runtime"] == "installed"
    assert facts["ribbon"] == str(machine.folder / "passerelle-ribbon")


def test_the_demo_books_over_the_stand_in_that_is_shipped(machine: Machine) -> None:
    report = machine.facts("demo", "--folder", str(machine.at / "Démo d'été"))
    assert report["ledger"] == "quickbooks-online"
    assert report["company"] == DEMO
    assert report["pulled"]["invoice"] > 100
    assert report["posted"]["invoice"] > 100


def test_a_company_its_workbook_and_its_schedule(machine: Machine) -> None:
    workbook = company(machine)
    assert "tblIdentity" in {name for sheet in load_workbook(workbook).worksheets for name in sheet.tables}
    machine.facts("schedule", COMPANY, "--every", "1h")
    line = (machine.at / "kept").read_text(encoding="utf-8")
    assert str(machine.folder / "passerelle") in line
    assert "-m addin" not in line


def test_a_journal_of_the_first_release_is_brought_forward(machine: Machine) -> None:
    company(machine)
    (profile,) = machine.at.rglob("profile.toml")
    journal = profile.with_name("journal.sqlite")
    first_release(f"sqlite:///{journal}")
    done = machine.runs("log", COMPANY, "--json")
    assert done.returncode in (0, 1), done.stderr
    assert journal.with_name("journal.sqlite.0001").exists(), "and is kept as it was"


def test_a_button_reaches_for_excel(machine: Machine) -> None:
    """Without Excel that is as far as a button gets: everything that it loads is there."""
    done = machine.runs("about", program="passerelle-ribbon")
    assert done.returncode == 1
    assert "in caller" in done.stderr
