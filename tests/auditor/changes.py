"""A small book that the source tells twice: as it was when it was transferred, and what it changed of it afterwards.

Of the second telling some is brought to the ledger without an amount moving (rules 6 and 11), and some never is. What
it tells is also looked at as Reconcile, the tax boxes and a period's file show it (rules 9 and 10).
"""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from datetime import date
from decimal import Decimal

from tests.auditor.books import Auditor
from tests.auditor.entries import Entry
from tests.auditor.source import ZERO, Row
from tests.auditor.writing import Writer

MEMO, CONFIRMATION, BESIDES = "Bon de commande 77", "0042-77", "Et cent de plus"
"""What the source says of three records only when it tells of them again; of one of them the amount is another too."""


def first() -> Writer:
    """What is transferred: sales of each group, money and a credit on account, bills, dues that nobody has paid."""
    w = Writer("Y")
    club, member, house, press = w.party(), w.party(), w.party(), w.party(is_supplier="yes")
    w.invoice(club, "2024-02-01", ("4200", "100.00"))  # D005
    w.payment(club, "2024-02-10", "60.00")  # P006, on account
    w.invoice(club, "2024-02-05", ("4500", "80.00"), group="ON")  # D007
    w.document("credit_note", club, "2024-03-01", ("4500", "30.00"), group="ON")  # D008, for no invoice
    paid = w.invoice(club, "2024-03-05", ("4500", "50.00"), group="ATL")  # D009
    w.payment(club, "2024-03-06", w.total(paid), {paid: w.total(paid)}, method="TRANSFER")  # P010
    w.invoice(house, "2024-03-10", ("4200", "200.00"))  # D011, changes
    owed = w.invoice(house, "2024-04-01", ("4200", "100.00"))  # D012
    w.payment(house, "2024-04-10", "150.00", {owed: "100.00"})  # P013
    w.invoice(club, "2024-05-01", ("4500", "70.00"), group="EXEMPT")  # D014, moves to another day
    bill = w.document("supplier_invoice", press, "2024-02-20", ("5100", "300.00"))  # D015
    w.payment(press, "2024-05-03", "100.00", {bill: "100.00"}, kind="paid", deposit_account="1010")  # P016
    w.document("vendor_credit", press, "2024-05-04", ("5100", "12.00"), invoice=bill)  # D017
    w.invoice(club, "2024-02-25", ("4200", "10.00"))  # D018, undone once the quarter is filed
    w.dues(member, "2024-01-10", "1200.00", "2024-01-01", 12)  # D019, S020
    w.invoice(club, "2024-01-15", ("3000", "500.00"), group="EXEMPT", origin="opening_balance")  # D021
    w.document("refund", club, "2024-06-02", ("4200", "60.00"), deposit_account="1010", method="CHEQUE")  # D022
    return w


def then() -> Writer:
    """The same, told again: what was on account is applied, texts are there, an amount and a day are others."""
    w = deepcopy(first())
    w.allocate("PY006", "DY005", "60.00")
    w.row("documents", "DY008")["invoice"] = "DY007"
    w.row("documents", "DY009")["memo"] = MEMO
    w.row("payments", "PY010")["confirmation"] = CONFIRMATION
    more = w.row("documents", "DY011")
    more.update(subtotal="300.00", tax="44.93", total="344.93", memo=BESIDES)
    next(row for row in w.tables["lines"] if row["document"] == "DY011").update(unit_price="300.00", amount="300.00")
    for row, tax in zip((t for t in w.tables["document_taxes"] if t["document"] == "DY011"), ("15.00", "29.93"),
                        strict=True):  # fmt: skip
        row.update(amount=tax, base="300.00")
    w.row("documents", "DY014")["date"] = "2024-06-15"
    return w


def late() -> tuple[Writer, Writer]:
    """Dues that were transferred and paid; their schedule is told only once the first quarter is closed (rule 3)."""
    w = Writer("Z")
    member = w.party()
    dues = w.invoice(member, "2024-01-10", ("2400", "1200.00"))
    w.payment(member, "2024-01-20", w.total(dues), {dues: w.total(dues)})
    scheduled = deepcopy(w)
    scheduled.schedule(dues, "1200.00", "2024-01-01", 12)
    return w, scheduled


ONLY_TOLD = frozenset({("invoice", "DY011"), ("invoice", "DY014")})
"""What is never written over: the amount of one invoice, and the day of another."""
UNDONE = "invoice", "DY018"
TEXTS = {("invoice", "DY009"): MEMO, ("payment", "PY010"): CONFIRMATION}
"""What is brought to the ledger, by the record that says it."""


def left_open(auditor: Auditor, without: tuple[str, str] | None = None) -> dict[str, Decimal]:
    """What is open of each invoice and bill that stands in the books, where anything is."""
    documents = {row["key"]: row for row in auditor.records.documents.values() if (row["kind"], row["key"]) != without}
    bills = (row for row in documents.values() if row["kind"] in ("invoice", "supplier_invoice"))
    there = (row for row in bills if (row["kind"], row["key"]) not in auditor.refused)
    return {row["key"]: left for row in there if (left := auditor.refusals.open(row))}


def boxes(auditor: Auditor, first_day: date, last: date) -> dict[str, Decimal]:
    """The boxes of the returns of GST and HST, and of QST, by the documents of the days between.

    What was owed when the books were opened was sold, and declared, before.
    """
    made = {"101": ZERO, "105": ZERO, "108": ZERO, "205": ZERO, "208": ZERO}
    entries = {(entry.kind, entry.key): entry for entry in auditor.records if auditor.stands(entry)}
    for row in auditor.records.documents.values():
        entry = entries.get((row["kind"], row["key"]))
        if entry and first_day <= entry.on <= last and row.get("origin") != "opening_balance":
            for box, value in _boxes(auditor, row, entry):
                made[box] += value
    return {
        **made, "103": made["105"], "106": made["108"], "109": made["105"] - made["108"],
        "201": made["101"], "203": made["205"], "206": made["208"], "209": made["205"] - made["208"],
    }  # fmt: skip


def _boxes(auditor: Auditor, row: Row, entry: Entry) -> Iterator[tuple[str, Decimal]]:
    """What a document adds to which box: credits and refunds take off."""
    bought = row["kind"] in ("supplier_invoice", "vendor_credit")
    sign = -1 if row["kind"] in ("credit_note", "refund", "vendor_credit") else 1
    if not bought:
        lines = entry.legs[1 : 1 + len(auditor.records.lines[row["key"]])]
        yield "101", -sum((leg.amount for leg in lines), ZERO)
    for leg in entry.legs:
        if leg.tax:
            yield ("2" if leg.tax == "QST" else "1") + ("08" if bought else "05"), sign * abs(leg.amount)
