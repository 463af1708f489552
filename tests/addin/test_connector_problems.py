"""A ledger brings its own words: a code of its own, from ``problems.toml`` beside it, is said and counted like ours."""

import sys
from pathlib import Path

import pytest

from addin import texts
from addin.sync.effects import Effect, effect
from addin.texts import pages
from connectors.entries import LEDGERS
from connectors.problems import Owner, Problem, is_known

WORDS = """
[quill_dry]
owner = "administrator"
effect = "hold"
what.en = "The quill of {ledger} is dry."
what.fr = "La plume de {ledger} est sèche."
fix.en = "Dip it."
fix.fr = "Trempez-la."

[quill_lost]
owner = "later"
what.en = "The quill is lost."
what.fr = "La plume est perdue."
fix.en = "Wait."
fix.fr = "Attendez."
"""


@pytest.fixture
def quill(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A ledger that somebody else wrote, as an installed package; importing its connector would fail."""
    package, installed = tmp_path / "quill", tmp_path / "quill-1.0.dist-info"
    package.mkdir()
    installed.mkdir()
    (package / "__init__.py").write_text("")
    (package / "connector.py").write_text("raise AssertionError")
    (package / "problems.toml").write_text(WORDS, encoding="utf-8")
    (installed / "METADATA").write_text("Metadata-Version: 2.1\nName: quill\nVersion: 1.0\n")
    (installed / "entry_points.txt").write_text(f"[{LEDGERS}]\nquill = quill.connector:QuillLedger\n")
    monkeypatch.delitem(sys.modules, "quill", raising=False)
    monkeypatch.syspath_prepend(str(tmp_path))


@pytest.mark.usefixtures("quill")
def test_a_code_of_a_connector_is_owned_held_and_said_in_both_languages() -> None:
    problem = Problem(code="quill_dry", params={"ledger": "Quill"})
    assert (problem.owner, effect(problem)) == (Owner.ADMINISTRATOR, Effect.HOLD)
    assert (texts.what("fr", problem), texts.fix("en", problem)) == ("La plume de Quill est sèche.", "Dip it.")
    assert '<a id="quill_dry"></a>`quill_dry` | The quill of … is dry.' in pages.problems("en")


@pytest.mark.usefixtures("quill")
def test_a_code_of_which_no_effect_is_said_refuses_its_record() -> None:
    assert effect(Problem(code="quill_lost")) is Effect.REFUSE


@pytest.mark.usefixtures("quill")
def test_a_reason_that_is_a_connectors_own_is_filled_in_where_another_sentence_tells_it() -> None:
    params = {"because": "quill_dry", "of_ledger": "Quill", "reference": "Invoice:7"}
    told = texts.what("en", Problem(code="refused_before", params=params))
    assert "The quill of Quill is dry." in told


def test_without_its_package_nobody_knows_the_code() -> None:
    assert not is_known("quill_dry")
    with pytest.raises(ValueError, match="quill_dry"):
        Problem(code="quill_dry")
