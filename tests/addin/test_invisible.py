"""What cannot be seen in a stranger's text is shown as its number wherever we speak, and kept and posted as it is.

Unicode Technical Report 36, 3.1 (direction marks), Technical Standard 55; ECMA-48 (what commands a terminal).
"""

from __future__ import annotations

import json
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from addin import texts
from addin.defects import report_defect
from addin.logbook import keep_facts, logs
from addin.profile import load
from addin.screen import Screen
from addin.session import Session
from addin.texts.visible import visible
from addin.usecases.run_report import run_report
from connectors.facts import fact
from connectors.problems import Problem
from tests.addin.conftest import Association
from workbook.file.file_book import FileBook
from workbook.layout import ACCOUNTS, INVOICES, LOG_TABLE, PROBLEMS_TABLE
from workbook.review import text_of

MARKS = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c"
UNSEEN = f"{MARKS}\u200b\ufeff\u2028\u2029\u00ad\u2060\U000e0041\u3164"
CONTROLS = "\x00\x07\x1b\x7f\x85\x9b"
NAME = f"Club{UNSEEN}slx.exe"
ON_ONE_LINE = NAME.replace("\u2028", "").replace("\u2029", "")


def unseen_in(text: str) -> set[str]:
    """Characters of a text that have no form."""
    return {
        c
        for c in text
        if c not in "\n\t" and (unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp") or c in UNSEEN)
    }


@given(st.text())
def test_nothing_that_is_shown_is_unseen_and_nothing_else_is_touched(text: str) -> None:
    shown = visible(text)
    assert not unseen_in(shown)
    assert visible(shown) == shown
    assert shown == "".join(c if not unseen_in(c) and c not in "\u115f\u1160\u2800\uffa0" else visible(c) for c in text)


@given(st.text(st.sampled_from(UNSEEN + CONTROLS + 'aé"\\\n')))
def test_a_line_of_json_stays_one_and_means_the_same(text: str) -> None:
    line = visible(json.dumps({"name": text}, ensure_ascii=False))
    assert json.loads(line) == {"name": text}
    assert not unseen_in(line)


@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_sentence_about_a_strangers_text_shows_what_it_hides(language: str) -> None:
    problem = Problem(code="ledger_refused", detail=f"{NAME}{CONTROLS}\nnext", params={"name": NAME})
    said = texts.what(language, problem) + texts.fix(language, problem)  # type: ignore[arg-type]
    assert not unseen_in(said)
    assert "\\u202e" in said
    assert "\n" not in said


def test_names_and_numbers_of_strangers_show_what_they_hide_and_leave_as_they_are(
    association: Association, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Sheet, journal and ledger have the source's own text; sentences, log, report, terminal and JSON show it.

    What turns a number around or breaks a line is refused by the source before that (text_reordered, line_break).
    """
    keep_facts()
    association.files["accounts"][0]["name"] = ON_ONE_LINE
    association.files["documents"][0]["number"] = "F\u31641"
    association.files["lines"][0]["gl_account"] = "41\u316400"
    association.init()
    association.pull()
    synced = association.sync()
    assert association.row(ACCOUNTS, "A1")["name"] == ON_ONE_LINE
    assert association.row(INVOICES, "I1")["number"] == "F\u31641"
    assert "gl_account_not_mapped" in {problem.code for problem in synced.problems}
    for as_json in (False, True):
        Screen("en", as_json=as_json).show(synced, "sync")
    said = capsys.readouterr().out
    assert "\\u3164" in said
    assert not unseen_in(said)
    reasons = association.row(INVOICES, "I1")["reason"]
    assert "41\\u316400" in reasons
    for table, column in ((PROBLEMS_TABLE, "what"), (LOG_TABLE, "message")):
        cells = [text_of(row.values.get(column)) for row in association.book.read(table).rows]
        assert not unseen_in("".join(cells))
        assert "\\u3164" in "".join(cells)
    with Session.open(load(association.name), FileBook(association.profile.workbook), "report") as session:
        run_report(session, tmp_path / "report.html", 0)
    assert not unseen_in((tmp_path / "report.html").read_text(encoding="utf-8"))
    fact("request", to=NAME)
    assert not unseen_in("".join(path.read_text(encoding="utf-8") for path in logs().iterdir()))


def test_what_was_posted_is_the_sources_text(association: Association) -> None:
    association.files["accounts"][0]["name"] = "Club\u200dd'échecs\u202c"
    association.init()
    association.pull()
    assert association.sync().exit == 0
    assert "Club\u200dd'échecs\u202c" in association.ledger_text()


def test_a_report_of_a_defect_commands_no_terminal(association: Association) -> None:
    problem = report_defect(RuntimeError(f"{NAME}{CONTROLS}"))
    assert not unseen_in(Path(problem.params["path"]).read_text(encoding="utf-8"))
