"""The command line as a person or a program uses it: exit statuses, JSON alone on standard output, sentences."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from addin.session import Session
from tests.addin.command_line import passerelle, started
from tests.addin.conftest import INVOICES, Association, add_invoice


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
def test_what_a_console_cannot_show_stops_no_command(tmp_path: Path, encoding: str) -> None:
    """Seen under Windows: an arrow in a sentence, written into a pipe of an 8-bit code page, was a traceback."""
    done = started("check", "nobody → 会社", home=tmp_path, PYTHONIOENCODING=encoding)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr + done.stdout
    assert ("→" if sys.platform == "win32" else "?") in done.stdout, "Windows' pipes are UTF-8 whatever is asked"


def answer(done: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    """The one JSON object on standard output."""
    assert "Traceback" not in done.stderr + done.stdout
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_a_whole_day_by_commands_alone(association: Association, tmp_path: Path, home: Path) -> None:
    association.write()
    folder = str(association.folder)
    made = passerelle("init", folder, "--company", "Été", "--set", "new_account_default=yes", "--json", home=home)
    assert made.returncode == 0
    book = answer(made)["workbook"]
    assert answer(passerelle("connect", book, "--json", home=home))["books_of"]
    assert answer(passerelle("pull", book, "--json", home=home))["pulled"] == {
        "customer": 1,
        "invoice": 1,
        "payment": 1,
    }
    assert passerelle("check", "Été", "--json", home=home).returncode == 0
    previewed = answer(passerelle("preview", book, "--json", home=home))
    debit = sum(float(row["debit"]) for row in previewed["accounts"])
    assert debit == sum(float(row["credit"]) for row in previewed["accounts"]) == pytest.approx(229.96)
    done = passerelle("sync", book, "--json", home=home)
    assert done.returncode == 0
    report = answer(done)
    assert {"run", "posted", "adopted", "rejected", "unknown", "held", "skipped", "totals", "problems"} <= report.keys()
    assert report["posted"] == {"customer": 1, "invoice": 1, "payment": 1}
    assert report["totals"] == {"invoice": "114.98", "payment": "114.98"}
    assert len(answer(passerelle("log", "Été", "--json", home=home))["events"]) >= 3
    again = answer(passerelle("sync", book, "--json", home=home))
    assert again["posted"] == {}


def test_problems_name_sheet_cell_sentence_and_fix(association: Association, home: Path) -> None:
    association.files["lines"][0]["amount"] = "90.00"
    association.init()
    association.pull()
    done = passerelle("sync", association.name, "--json", home=home)
    assert done.returncode == 1
    problem = next(p for p in answer(done)["problems"] if p["code"] == "lines_do_not_add_up")
    assert problem["owner"] == "accountant"
    assert (problem["kind"], problem["number"], problem["key"]) == ("invoice", "F-1", "I1")
    assert problem["sheet"] == "Invoices"
    assert problem["cell"].startswith("E")
    assert "90.00" in problem["what"]
    assert problem["fix"]


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("pull", "nothing.xlsm"), "workbook_missing"),
        (("pull", "Nobody"), "company_unknown"),
        (("init", "X", "--company", "C", "--ledger", "abacus"), "connector_unknown"),
        (("init", "X", "--company", "C", "--set", "ledger.colour=red"), "settings_invalid"),
        (("init", "X", "--company", "C", "--set", "all_when_paid=maybe"), "settings_invalid"),
        (("init", "X", "--company", "C", "--set", "wrong.key=1"), "settings_invalid"),
    ],
)
def test_what_cannot_run_ends_with_2_and_says_what_to_do(
    arguments: tuple[str, ...], code: str, tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    done = passerelle(*arguments, "--json", home=home)
    assert done.returncode == 2
    assert [problem["code"] for problem in answer(done)["problems"]] == [code]
    spoken = passerelle(*arguments, home=home)
    assert spoken.returncode == 2
    assert "→" in spoken.stdout
    assert not (tmp_path / "X" / "c.xlsm").exists()


def test_usage_mistakes_end_with_2(home: Path) -> None:
    assert passerelle("sync", home=home).returncode == 2
    assert passerelle("frobnicate", home=home).returncode == 2
    assert passerelle("mark", "B", "--kind", "invoice", "--status", "lost", home=home).returncode == 2


def test_a_workbook_that_is_not_ours_is_told_apart(tmp_path: Path, home: Path) -> None:
    from openpyxl import Workbook

    Workbook().save(tmp_path / "mine.xlsx")
    done = passerelle("pull", str(tmp_path / "mine.xlsx"), "--json", home=home)
    assert done.returncode == 2
    assert [problem["code"] for problem in answer(done)["problems"]] == ["workbook_foreign"]
    (tmp_path / "broken.xlsm").write_bytes(b"not a zip")
    broken = passerelle("pull", str(tmp_path / "broken.xlsm"), "--json", home=home)
    assert [problem["code"] for problem in answer(broken)["problems"]] == ["workbook_of_another_format"]


def test_marking_by_number_and_by_column_and_in_french(association: Association, home: Path) -> None:
    add_invoice(association, "I2", "F-2", origin="event")
    association.init()
    association.pull()
    by_number = passerelle(
        "mark", association.name, "--kind", "invoice", "--status", "stand_by", "--number", "F-1", "--json", home=home
    )
    assert answer(by_number)["marked"] == {"invoice": 1}
    by_column = passerelle(
        "mark", association.name, "--kind", "invoice", "--status", "do_not_sync", "--where", "Origine=événement",
        "--json", home=home,
    )  # fmt: skip
    assert answer(by_column)["marked"] == {"invoice": 1}
    assert association.row(INVOICES, "I1")["status"] == "Stand By"
    assert association.row(INVOICES, "I2")["status"] == "Do Not Sync"
    wrong = passerelle(
        "mark", association.name, "--kind", "invoice", "--status", "stand_by", "--where", "Couleur=rouge", "--json",
        home=home,
    )  # fmt: skip
    assert wrong.returncode == 2


def test_a_second_company_of_one_name_is_refused(association: Association, home: Path) -> None:
    association.init()
    again = passerelle("init", str(association.folder), "--company", association.name, "--json", home=home)
    assert again.returncode == 2
    assert [problem["code"] for problem in answer(again)["problems"]] == ["company_exists"]


def test_what_exists_and_what_it_can_do(home: Path) -> None:
    ledgers = answer(passerelle("ledgers", "--json", home=home))["ledgers"]
    beancount = next(ledger for ledger in ledgers if ledger["name"] == "beancount")
    assert beancount["capabilities"]["idempotent"] is True
    sources = answer(passerelle("sources", "--json", home=home))["sources"]
    assert [source["name"] for source in sources] == ["files", "membri"]
    assert answer(passerelle("doctor", "--json", home=home))["ledgers"]["beancount"] == "Beancount"
    for command in ("ledgers", "sources"):
        listed = passerelle(command, home=home)
        assert listed.returncode == 0
        assert max(map(len, listed.stdout.splitlines())) <= 80
        assert "Knows: Account, Invoice, Credit note" in " ".join(listed.stdout.split())


def test_our_own_defect_ends_with_3_a_sentence_and_a_report_and_no_traceback(
    association: Association, home: Path, tmp_path: Path
) -> None:
    association.init()
    association.pull()
    (tmp_path / "sitecustomize.py").write_text(
        "import addin.usecases.sync as s\ndef broken(*_):\n    raise KeyError('surprise')\ns.plan = broken\n"
    )
    root = str(Path(__file__).parents[2])
    done = started("sync", association.name, "--json", home=home, PYTHONPATH=os.pathsep.join([str(tmp_path), root]))
    assert done.returncode == 3
    problem = answer(done)["problems"][0]
    assert problem["code"] == "defect"
    report = next(home.glob("defect-*.txt")).read_text(encoding="utf-8")
    assert "surprise" in report


def test_a_ribbon_button_imports_no_connector_and_nothing_it_does_not_need() -> None:
    """What the Sync button imports: no ledger, no source, no terminal, no template."""
    program = (
        "import sys, addin.ribbon, addin.usecases.sync, workbook.live\n"
        "print([m for m in sys.modules if m.split('.')[0] in"
        " ('beancount', 'typer', 'rich', 'xlsxwriter', 'openpyxl', 'requests', 'pyopenvba', 'psycopg')"
        " or m.startswith(('connectors.ledgers.', 'connectors.sources.', 'sqlalchemy.dialects.postgresql'))])"
    )
    root = str(Path(__file__).parents[2])
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True,
        env={**os.environ, "PYTHONPATH": root},
    )  # fmt: skip
    assert done.stdout.strip() == "[]"


@pytest.mark.long
def test_the_demo_leaves_a_workbook_that_finds_its_company_without_being_told(tmp_path: Path) -> None:
    """What a person does next: a command on the demo's workbook, or on a copy of it, from any home."""
    folder = tmp_path / "demo"
    made = passerelle("demo", "--folder", str(folder), "--json", home=tmp_path / "elsewhere")
    assert made.returncode == 0
    workbook = Path(answer(made)["workbook"])
    assert sum(answer(made)["posted"].values()) > 400
    copy = tmp_path / "copy.xlsm"
    copy.write_bytes(workbook.read_bytes())
    for book in (workbook, copy):
        again = passerelle("sync", str(book), "--json", home=tmp_path / "elsewhere")
        assert answer(again)["posted"] == answer(again)["adopted"] == {}
    assert not (tmp_path / "elsewhere" / "companies").exists()


def test_what_a_schedule_is_asked_has_one_meaning(association: Association, home: Path) -> None:
    """Neither a company to take nor one to give back may be guessed."""
    association.init()
    for arguments in ((association.name, "--every", "15m", "--remove"), ("--every", "15m"), ("--remove",)):
        done = passerelle("schedule", *arguments, "--json", home=home)
        assert done.returncode == 2
        assert [problem["code"] for problem in answer(done)["problems"]] == ["usage"]


def test_a_scheduled_run_keeps_its_facts_in_the_companys_home(association: Association, home: Path) -> None:
    """A scheduler knows the workbook's path alone; the machine's own home is another one then."""
    association.init()
    elsewhere = home.with_name("elsewhere")
    done = passerelle("pull", str(association.profile.workbook), home=elsewhere)
    assert done.returncode == 0, done.stdout
    assert (home / "logs").is_dir()
    assert not (elsewhere / "logs").exists()


def test_refusals_of_a_company_are_in_its_language(association: Association, home: Path) -> None:
    association.init()
    association.profile.model_copy(update={"language": "fr"}).save()
    with Session.open(association.profile, association.book, "sync"):
        done = passerelle("sync", association.name, home=home)
    assert "travaille dans cette entreprise" in done.stdout


def test_lines_are_whole_where_no_terminal_breaks_them(association: Association, home: Path) -> None:
    """A file, a pipe, a service's log: nothing is cut or broken at eighty characters; headings are in the language."""
    association.files["documents"][0]["number"] = number = "F-" + 60 * "9"
    association.init()
    association.pull()
    association.sync()
    done = passerelle("log", association.name, home=home, COLUMNS="80", PASSERELLE_LANGUAGE="fr")
    (line,) = [line for line in done.stdout.splitlines() if number in line]
    assert "…" not in line


def test_a_sync_with_nothing_to_do_says_so(association: Association, home: Path) -> None:
    association.init()
    association.pull()
    association.sync()
    done = passerelle("sync", association.name, home=home)
    assert (done.returncode, done.stdout.strip()) == (0, "There was nothing to do.")


def test_a_stand_in_on_a_port_that_another_has_is_no_defect(home: Path) -> None:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        bound.listen()
        for port in (bound.getsockname()[1], 65536):
            done = passerelle("sandbox", "quickbooks-online", "--port", str(port), home=home)
            assert done.returncode == 2, done.stdout
            assert f"The port {port} of this machine cannot be used" in done.stdout
