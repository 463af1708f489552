"""Each difference between the two sides is put down to what explains it."""

from __future__ import annotations

from decimal import Decimal

from addin.usecases.check import check, preview
from addin.usecases.reconcile import reconcile
from connectors.records import Kind
from tests.addin.conftest import Association, add_invoice
from workbook.layout import MISMATCH, OVERVIEW, RECONCILIATION
from workbook.review import text_of


def explained(association: Association) -> list[tuple[str, str, str]]:
    """The number, amount and reason of each difference."""
    association.run(reconcile)
    rows = (row.values for row in association.book.read(MISMATCH).rows)
    return [tuple(text_of(row[column]) for column in ("number", "amount", "reason")) for row in rows]  # type: ignore[misc]


def test_a_document_that_changed_after_its_transfer_explains_the_difference(association: Association) -> None:
    association.init()
    association.pull()
    association.sync()
    association.files["documents"][0].update(subtotal="110.00", total="124.98")
    association.files["lines"][0]["amount"] = "110.00"
    association.files["payments"][0]["amount"] = "120.00"
    association.pull()
    other = "Booked in the ledger with another amount than the source now has"
    assert sorted(explained(association)) == [("F-1", "-10", other), ("R-1", "5.02", other)]


def test_a_payment_that_came_from_the_ledger_neither_waits_nor_is_missing_there(association: Association) -> None:
    association.files["payments"][0].update(direction="from_ledger", amount="100.00")
    association.files["allocations"][0]["amount"] = "100.00"
    association.init()
    association.pull()
    association.sync()
    association.run(check)
    shown = {text_of(row.values["key"]): text_of(row.values["value"]) for row in association.book.read(OVERVIEW).rows}
    assert shown["Waiting to be transferred"] == "0"
    assert shown["Next step"] == "Nothing waits. Reconcile compares the balances."
    # This book does not have it, so that the whole difference is the ledger's.
    assert explained(association) == [("", "100", "Booked in the ledger, and no document explains it")]


def test_what_pays_a_supplier_is_no_receivable(association: Association) -> None:
    association.add("accounts", key="S1", number="9001", name="Imprimerie du Nord", is_supplier="yes")
    association.files["accounts"][0]["is_supplier"] = "no"
    add_invoice(association, "B1", "B-1", "S1", kind="supplier_invoice")
    association.add("payments", key="P2", number="R-2", date="2025-02-01", account="S1", currency="CAD",
                    amount="114.98", direction="from_ledger")  # fmt: skip
    association.files["payments"][0]["direction"] = "to_ledger"
    association.add("allocations", payment="P2", invoice="B1", amount="114.98")
    association.init()
    association.pull()
    association.sync()
    facts = association.run(reconcile).facts
    assert (Decimal(facts["source_balance"]), Decimal(facts["ledger_balance"])) == (0, 0)
    assert facts["accounts"] == 0


def test_what_two_currencies_come_to_is_never_added_up(association: Association) -> None:
    add_invoice(association, "I2", "F-2", currency="USD")
    association.init()
    association.pull()
    previewed = association.run(preview)
    assert previewed.totals[Kind.INVOICE] == Decimal("114.98")
    sides: dict[str, list[Decimal]] = {}
    for row in previewed.facts["accounts"]:  # type: ignore[attr-defined]
        side = sides.setdefault(row["currency"], [Decimal(0), Decimal(0)])
        side[:] = side[0] + Decimal(row["debit"]), side[1] + Decimal(row["credit"])
    assert sides == {"CAD": [Decimal("229.96")] * 2, "USD": [Decimal("114.98")] * 2}
    assert association.sync().totals[Kind.INVOICE] == Decimal("114.98")
    facts = association.run(reconcile).facts
    assert (facts["source_balance"], facts["ledger_balance"]) == ("0", "0")
    shown = [text_of(row.values["account"]) for row in association.book.read(RECONCILIATION).rows]
    assert shown == ["Club d'échecs de l'Île (USD)"]
