"""Equal codes are chosen whenever the ledger is first read, and the terms that are mapped are those of accounts too."""

from __future__ import annotations

from functools import partial

from addin.usecases.pull import pull
from connectors.records import Kind
from tests.addin.conftest import ACCOUNTS, Association
from workbook.layout import ACCOUNT_MAP, LEDGER_ACCOUNTS, TERM_MAP
from workbook.review import text_of


def chosen(company: Association) -> dict[str, str]:
    """The ledger's code of each account of the source."""
    rows = company.book.read(ACCOUNT_MAP).rows
    return {text_of(row.values["code"]): text_of(row.values["ledger_code"]) for row in rows}


def test_a_ledger_connected_later_is_first_read_at_a_later_pull(association: Association) -> None:
    association.init()
    association.run(partial(pull, ledger_lists=False))
    assert chosen(association)["4100"] == ""
    association.pull()
    assert chosen(association)["4100"] == "4100"
    association.type(ACCOUNT_MAP, "4100", ledger_code=None)
    association.pull()
    assert chosen(association)["4100"] == "", "what a person emptied later stays empty: it means stop"


def test_or_at_a_sync(association: Association) -> None:
    association.init()
    association.run(partial(pull, ledger_lists=False))
    assert association.sync().counts["posted"] == {Kind.CUSTOMER: 1, Kind.INVOICE: 1, Kind.PAYMENT: 1}
    assert chosen(association)["4100"] == "4100"
    assert "4100" in {row.values["code"] for row in association.book.read(LEDGER_ACCOUNTS).rows}


def test_an_account_s_terms_are_the_ledger_s_of_the_mapping(association: Association) -> None:
    association.files["accounts"][0]["terms"] = "N30"
    association.add("terms", code="N30", name="Net 30")
    association.add("terms", code="N60", name="Net 60")
    association.init()
    association.pull()
    used = {row.values["code"]: text_of(row.values["used"]) for row in association.book.read(TERM_MAP).rows}
    assert (used["N30"], used["N60"]) == ("1", "0")
    association.type(TERM_MAP, "N30", ledger_code="Trente jours")
    association.sync()
    assert 'terms: "Trente jours"' in association.ledger_text()
    assert association.row(ACCOUNTS, "A1")["terms"] == "N30"
