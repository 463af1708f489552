"""The method of a payment decides which account its money goes to, or comes from (books.md, rule 7).

Cards go to the processor's clearing account, cheques to undeposited funds, transfers to the bank, and a refund leaves
from where it was paid.
"""

from __future__ import annotations

import pytest

from addin.usecases.check import check
from tests.addin.conftest import Association, add_invoice, documents_in
from workbook.layout import METHOD_MAP, PAYMENTS

BANK, WAITING = "Assets:Bank", "Assets:UndepositedFunds"


@pytest.fixture
def paid(association: Association) -> Association:
    """Two invoices, one paid by cheque and one by transfer; a sale and a refund of it by transfer."""
    add_invoice(association, "I2", "F-2")
    association.add("payments", key="P2", number="R-2", date="2025-02-01", account="A1", currency="CAD",
                    amount="114.98", method="transfer", invoice="I2")  # fmt: skip
    association.add("methods", code="transfer", name="Virement")
    add_invoice(association, "S1", "V-1", kind="sales_receipt", method="transfer", balance="0")
    add_invoice(association, "S2", "V-2", kind="refund", method="transfer", balance="0")
    association.init()
    association.pull()
    association.type(METHOD_MAP, "transfer", deposit_account="1010")
    return association


def money(association: Association, number: str) -> dict[str, str]:
    """The accounts of money in the entry of this number, with their amounts."""
    _, _, entry = association.ledger_text().partition(f'number: "{number}"')
    lines = [line.split() for line in entry.partition("\n\n")[0].splitlines()]
    return {words[0]: words[1] for words in lines if words and words[0] in (BANK, WAITING)}


def test_each_method_has_its_account_and_what_has_none_waits_to_be_deposited(paid: Association) -> None:
    paid.sync()
    assert set(documents_in(paid.folder / "book.beancount").values()) == {1}
    assert money(paid, "R-1") == {WAITING: "114.98"}
    assert money(paid, "R-2") == money(paid, "V-1") == {BANK: "114.98"}
    assert money(paid, "V-2") == {BANK: "-114.98"}


def test_what_is_typed_for_one_payment_goes_before_its_method(paid: Association) -> None:
    paid.type(PAYMENTS, "P2", deposit_account="1050")
    paid.sync()
    assert money(paid, "R-2") == {WAITING: "114.98"}


def test_what_the_source_says_of_one_payment_goes_before_its_method(paid: Association) -> None:
    next(row for row in paid.files["payments"] if row["key"] == "P2")["deposit_account"] = "1050"
    paid.pull()
    paid.sync()
    assert money(paid, "R-2") == {WAITING: "114.98"}


def test_an_account_that_the_ledger_lacks_is_told_at_its_cell_of_the_mapping_sheet(paid: Association) -> None:
    paid.type(METHOD_MAP, "transfer", deposit_account="9997")
    found = [p for p in paid.run(check).problems if p.code == "not_in_ledger"]
    rows = [row.values["code"] for row in paid.book.read(METHOD_MAP).rows]
    column = chr(ord("V") + [column.key for column in METHOD_MAP.columns].index("deposit_account"))
    assert {(p.number, p.place.sheet, p.place.cell) for p in found if p.place} == {
        (number, "Mapping", f"{column}{5 + rows.index('transfer')}") for number in ("R-2", "V-1", "V-2")
    }


def test_what_is_paid_to_a_supplier_leaves_from_the_account_of_its_own_column(paid: Association) -> None:
    """A cheque received waits in undeposited funds; a cheque written leaves the bank."""
    paid.add("accounts", key="S1", number="2001", name="Imprimerie", is_supplier="yes")
    paid.add("payments", key="V1", number="1044", date="2025-02-10", account="S1", currency="CAD", amount="50.00",
             method="cheque")  # fmt: skip
    paid.pull()
    paid.type(METHOD_MAP, "cheque", deposit_account="1050", spending_account="1010")
    paid.sync()
    assert (money(paid, "R-1"), money(paid, "1044")) == ({WAITING: "114.98"}, {BANK: "-50.00"})
    paid.type(METHOD_MAP, "cheque", spending_account="9997")
    paid.add("payments", key="V2", number="1045", date="2025-02-10", account="S1", currency="CAD", amount="50.00",
             method="cheque")  # fmt: skip
    paid.pull()
    rows = [row.values["code"] for row in paid.book.read(METHOD_MAP).rows]
    column = [chr(n) for n in range(ord("V"), ord("Z") + 1)] + ["AA", "AB", "AC"]
    cell = f"{column[[each.key for each in METHOD_MAP.columns].index('spending_account')]}{5 + rows.index('cheque')}"
    found = [p.place.cell for p in paid.run(check).problems if p.code == "not_in_ledger" and p.place]
    assert found == [cell]


def test_the_account_of_every_method_is_that_of_the_default_row(paid: Association) -> None:
    paid.type(METHOD_MAP, "", deposit_account="1010")
    paid.sync()
    assert money(paid, "R-1") == {BANK: "114.98"}
