"""What the company of the campaign has besides invoices and what pays them.

Purchases, paid whole and in part, of which the supplier takes something off; dues in advance, paid at once, by halves,
or given back in part; a payment that the bank gave back, with its fee, and what paid anew; what a processor
kept, what was taken off for paying early, money on account; and, where the ledger takes it, a currency from abroad.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

from tests.addin.conftest import Association
from tests.auditor.source import Row
from tests.auditor.writing import Writer

RECEIVED, SPENT = "cheque", "virement"
"""The methods of what comes in, which waits to be deposited, and of what leaves the bank."""
NAMES = {"AX001": "Papeterie du Canal", "AX002": "Florence Roy", "AX003": "Gérard Hébert", "AX004": "Ingrid Bélanger"}
DUES, BANK_FEE = "163.48", "12.50"


@dataclass
class Company(Association):
    """The company's source, whose documents show what is left to pay of them."""

    later: dict[str, str] = field(default_factory=dict)
    """What something may happen to later, by what it is called here: keys of records."""

    def tables(self) -> dict[str, list[Row]]:
        """The rows of every file."""
        writer = Writer("", defaultdict(list, self.files))
        return {name: [self._shown(row, writer) for row in rows] if name == "documents" else rows
                for name, rows in self.files.items()}  # fmt: skip

    def _shown(self, row: Row, writer: Writer) -> Row:
        return row if "balance" in row else {**row, "balance": str(writer.left_to_pay(row))}


def add(company: Company, *, foreign: bool) -> None:
    """Add them to the source."""
    w = Writer("X", defaultdict(list))
    supplier, dues, money, abroad = (w.party(is_supplier="yes"), w.party(), w.party(), w.party())
    for row in w.tables["accounts"]:
        row["name"] = NAMES[row["key"]]
    _purchases(w, supplier)
    company.later |= _dues(w, dues) | _money(w, money)
    if foreign:
        _foreign(w, abroad)
    else:
        w.tables["accounts"].pop()
    for name, rows in w.tables.items():
        company.files.setdefault(name, []).extend(rows)


def pay_the_rest(company: Company) -> None:
    """What is open of the dues of which a part was paid."""
    w, key = Writer("Y", defaultdict(list, company.files)), company.later["halves"]
    bill = w.row("documents", key)
    _receive(w, bill["account"], "2025-02-21", str(w.left_to_pay(bill)), key)


def cancel(company: Company) -> None:
    """Dues that were paid are cancelled."""
    Writer("", company.files).row("documents", company.later["cancelled"])["cancelled"] = "yes"


def apply(company: Company) -> None:
    """Money on account goes to an invoice."""
    w, key = Writer("", company.files), company.later["on account"]
    w.allocate(key, company.later["unpaid"], w.row("payments", key)["amount"])


def put_off(company: Company) -> None:
    """An invoice is due later: no amount hangs on it."""
    Writer("", company.files).row("documents", company.later["unpaid"])["due"] = "2025-06-30"


def _purchases(w: Writer, supplier: str) -> None:
    spent = {"method": SPENT, "kind": "paid"}
    paid, part, credited = (
        w.document("supplier_invoice", supplier, f"2025-01-{on}", ("5200", net)) for on, net in
        (("20", "310.00"), ("21", "427.00"), ("22", "538.00"))
    )  # fmt: skip
    w.payment(supplier, "2025-02-10", w.total(paid), {paid: w.total(paid)}, **spent)
    w.payment(supplier, "2025-02-11", "150.00", {part: "150.00"}, **spent)
    w.document("vendor_credit", supplier, "2025-02-12", ("5200", "77.00"), invoice=part)
    w.document("vendor_credit", supplier, "2025-02-13", ("5200", "538.00"), invoice=credited)


def _dues(w: Writer, member: str) -> dict[str, str]:
    halves = w.dues(member, "2025-01-10", DUES, "2025-01-01", 3)
    _receive(w, member, "2025-01-25", "100.00", halves)
    back = w.dues(member, "2025-01-11", "240.00", "2025-02-01", 4)
    _receive(w, member, "2025-02-02", w.total(back), back)
    w.document("refund", member, "2025-03-05", ("2400", "60.00"), invoice=back, method=RECEIVED)
    cancelled = w.dues(member, "2025-01-12", "90.00", "2025-03-01", 2)
    _receive(w, member, "2025-02-04", w.total(cancelled), cancelled)
    return {"halves": halves, "cancelled": cancelled}


def _money(w: Writer, member: str) -> dict[str, str]:
    charged, early, returned, unpaid = (
        w.invoice(member, f"2025-01-{on}", ("4100", net)) for on, net in
        (("13", "71.00"), ("14", "83.00"), ("15", "117.00"), ("16", "95.00"))
    )  # fmt: skip
    _receive(w, member, "2025-02-05", w.total(charged), charged, fee="2.90")
    w.allocate(_receive(w, member, "2025-02-06", "93.43"), early, "93.43", discount="2.00")
    bounced = _receive(w, member, "2025-02-07", w.total(returned), returned)
    w.payment(member, "2025-02-14", w.total(returned), kind="returned", payment=bounced, fee=BANK_FEE, method=RECEIVED)
    _receive(w, member, "2025-02-20", w.total(returned), returned)
    return {"on account": _receive(w, member, "2025-02-08", "61.25"), "unpaid": unpaid}


def _foreign(w: Writer, member: str) -> None:
    dollars = {"currency": "USD", "rate_date": "2025-01-17", "rate_source": "Bank of Canada"}
    sold = w.invoice(member, "2025-01-17", ("4100", "100.00"), **dollars, rate="1.3521")
    for on, money, rate in (("08", "60.00", "1.4012"), ("09", "54.98", "1.3333")):
        _receive(w, member, f"2025-02-{on}", money, sold, **dollars, rate=rate)


def _receive(w: Writer, member: str, on: str, money: str, paid: str = "", **cells: str) -> str:
    return w.payment(member, on, money, {paid: money} if paid else {}, method=RECEIVED, **cells)
