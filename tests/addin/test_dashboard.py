"""The dashboard names the ledger as people do, says what to press next, and keeps saying it in French."""

from __future__ import annotations

import pytest

from addin.usecases.check import check
from addin.usecases.connect import connect
from addin.usecases.language import language
from addin.usecases.reconcile import reconcile
from addin.usecases.sync import sync
from tests.addin.conftest import Association
from workbook.layout import OVERVIEW
from workbook.review import text_of


def shown(association: Association) -> dict[str, str]:
    rows = association.book.read(OVERVIEW).rows
    return {text_of(row.values["key"]): text_of(row.values["value"]) for row in rows}


def test_the_next_step_follows_the_work(association: Association) -> None:
    association.init()
    association.pull()
    assert shown(association)["Next step"] == "Review the rows, then press Check."
    association.run(check)
    assert shown(association)["Next step"].startswith("Press Preview")
    association.run(sync)
    assert shown(association)["Next step"].startswith("Nothing waits.")
    association.run(reconcile)
    assert shown(association)["Next step"].startswith("Nothing waits.")


def test_problems_are_the_next_step_as_long_as_there_are_any(association: Association) -> None:
    association.files["lines"][0]["description"] = ""
    association.init()
    association.pull()
    association.run(check)
    assert shown(association)["Next step"].startswith("Solve the problems below, or Sync the rest.")


@pytest.mark.parametrize(
    ("spoken", "system", "connection", "state"),
    [("en", "Ledger", "Connection", "Connected"), ("fr", "Système comptable", "Connexion", "Connecté")],
)
def test_connecting_after_a_pull_leaves_the_name_of_the_ledger(
    association: Association, spoken: str, system: str, connection: str, state: str
) -> None:
    association.init()
    association.pull()
    association.run(lambda session: language(session, spoken))
    association.run(connect)
    assert (shown(association)[system], shown(association)[connection]) == ("Beancount", state)
