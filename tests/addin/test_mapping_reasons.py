"""The Mapping sheet says itself what is wanted of it, where the accountant looks (design: workbook, Mapping)."""

from __future__ import annotations

from addin.usecases.check import check
from tests.addin.conftest import Association, add_invoice
from workbook.layout import ACCOUNT_MAP, ITEM_MAP

WANTED = "Held back for want of a ledger code: {}. Choose one here."


def test_a_code_without_one_of_the_ledger_says_how_many_records_wait_for_it(association: Association) -> None:
    add_invoice(association, "I2", "F-2")
    for line in association.files["lines"]:
        line["gl_account"] = "4999"
    association.add("gl_accounts", code="4999", name="Divers")
    association.init()
    association.pull()
    assert association.row(ACCOUNT_MAP, "4999")["reason"] == WANTED.format(2)
    association.run(check)
    assert association.row(ACCOUNT_MAP, "4999")["reason"] == WANTED.format(2)
    association.sync()  # refuses both: they are in error now, and still want it
    association.run(check)
    assert association.row(ACCOUNT_MAP, "4999")["reason"] == WANTED.format(2)
    association.type(ACCOUNT_MAP, "4999", ledger_code="4100")
    association.run(check)
    assert association.row(ACCOUNT_MAP, "4999")["reason"] == ""


def test_a_code_that_the_ledger_does_not_have_says_so(association: Association) -> None:
    association.init()
    association.pull()
    association.type(ACCOUNT_MAP, "4100", ledger_code="4444")
    association.run(check)
    assert association.row(ACCOUNT_MAP, "4100")["reason"].startswith("The ledger does not have this code")


def test_a_list_that_the_ledger_lacks_asks_for_nothing(association: Association) -> None:
    association.add("items", code="DUES", name="Cotisation")
    association.init()
    association.pull()
    assert (
        association.row(ITEM_MAP, "")["reason"]
        == "The ledger has no such list: leave the ledger codes of this table empty."
    )
    assert association.row(ITEM_MAP, "DUES")["reason"] == association.row(ACCOUNT_MAP, "4100")["reason"] == ""
    assert association.row(ACCOUNT_MAP, "(default, sales)")["reason"] == ""
