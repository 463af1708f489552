"""Generated books: what may happen to a few members over two years, in any order, with syncs in between.

An event is drawn without looking at what it meets: an invoice may be paid beyond what is open, or credited twice. What
then has to stay out of the books is the auditor's to say.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

from hypothesis import strategies as st

from tests.auditor.source import Row, amount
from tests.auditor.writing import CENT, Writer

START, END = date(2024, 1, 5), date(2025, 12, 28)
GROUPS = ("QC", "ON", "ATL", "EXEMPT")


@dataclass(frozen=True, slots=True)
class Event:
    """What happens so many days after what happened before; ``which`` picks what it happens to, ``size`` how much."""

    what: str
    days: int
    which: int
    size: int


@dataclass(frozen=True, slots=True)
class Synced:
    """A moment at which the books are brought up to date; ``closed`` is the last day that is closed by then."""

    on: date
    closed: date


SALES = ("invoice", "invoice", "pay", "pay", "pay_all", "on_account", "credit", "receipt", "sync")
BESIDE = ("pay_charged", "pay_early")
PURCHASES = ("bill", "bill", "pay_bill", "pay_bill", "pay_supplier", "take_off", "take_off", "close", "sync")
DUES = ("dues", "dues", "pay_all", "pay_all", "credit_all", "refund", "sync")
EVERYTHING = (*SALES, *PURCHASES, *DUES, *BESIDE, "return", "allocate", "reschedule", "cancel", "close")


def events(kinds: Sequence[str], most: int = 14) -> st.SearchStrategy[list[Event]]:
    """Lives of these kinds of events."""
    one = st.builds(
        Event, what=st.sampled_from(kinds), days=st.integers(0, 75), which=st.integers(0, 9), size=st.integers(1, 12)
    )
    return st.lists(one, min_size=4, max_size=most)


class Lives:
    """Plays events into a source; each sync is yielded, with the source as it is by then."""

    def __init__(self, closed: date) -> None:
        self.source, self.today, self.closed = Writer("L"), START, closed
        self._members = [self.source.party() for _ in range(3)]
        self.supplier = self.source.party(is_supplier="yes")

    def play(self, events: Sequence[Event]) -> Iterator[Synced]:
        """Play one event after the other, and sync at the end of all."""
        for event in events:
            self.today = min(self.today + timedelta(days=event.days), END)
            if event.what == "sync":
                yield Synced(self.today, self.closed)
            else:
                PLAYED[event.what](self, event)
        yield Synced(END + timedelta(days=34), self.closed)

    @property
    def on(self) -> str:
        """Today as the files write it."""
        return self.today.isoformat()

    def member(self, event: Event) -> str:
        """One of the members."""
        return self._members[event.which % len(self._members)]

    def picked(self, event: Event, table: str, *kinds: str) -> Row | None:
        """One of the records of a kind, if there are any; of payments, those that the bank did not return."""
        rows = [row for row in self.source.tables[table] if not kinds or row.get("kind", "") in kinds]
        return rows[event.which % len(rows)] if rows else None


def invoice(life: Lives, event: Event) -> None:
    """Something sold on account."""
    net = f"{event.size * 17}.{event.which}5"
    life.source.invoice(life.member(event), life.on, ("4200", net), group=GROUPS[event.which % 4])


def dues(life: Lives, event: Event) -> None:
    """Dues in advance over as many months as its size, from some month about today."""
    first = (life.today.replace(day=1) + timedelta(days=31 * (event.which - 3))).replace(day=1)
    net = f"{event.size * 100}.00"
    life.source.dues(life.member(event), life.on, net, first.isoformat(), event.size, GROUPS[event.which % 4])


def receipt(life: Lives, event: Event) -> None:
    """Something sold on the spot."""
    life.source.document("sales_receipt", life.member(event), life.on, ("4500", f"{event.size}.99"))


def bill(life: Lives, event: Event) -> None:
    """Something bought on account."""
    net = f"{event.size * 13}.{event.which}0"
    life.source.document("supplier_invoice", life.supplier, life.on, ("5100", net), group=GROUPS[event.which % 4])


def pay_bill(life: Lives, event: Event) -> None:
    """A part of a bill, in tenths of its total and sometimes more than is open: a disbursement by what it pays."""
    if bought := life.picked(event, "documents", "supplier_invoice"):
        part = str((amount(bought["total"]) * event.size / 10).quantize(CENT, ROUND_HALF_UP))
        life.source.payment(life.supplier, life.on, part, {bought["key"]: part}, deposit_account="1010")


def take_off(life: Lives, event: Event) -> None:
    """A part of a bill that the supplier takes off, sometimes for no bill and sometimes more than the bill."""
    if bought := life.picked(event, "documents", "supplier_invoice"):
        line = next(row for row in life.source.tables["lines"] if row["document"] == bought["key"])
        net = str((amount(line["amount"]) * event.size / 10).quantize(CENT, ROUND_HALF_UP))
        life.source.document("vendor_credit", life.supplier, life.on, (line["gl_account"], net),
                             group=line["tax_group"], invoice=bought["key"] if event.which else "")  # fmt: skip


def pay_supplier(life: Lives, event: Event) -> None:
    """Money to the supplier for no bill yet; a disbursement by its party."""
    life.source.payment(life.supplier, life.on, f"{event.size * 20}.00", deposit_account="1010")


def pay(life: Lives, event: Event) -> None:
    """A part of an invoice, in twelfths of its total and sometimes more than is open."""
    if bill := life.picked(event, "documents", "invoice"):
        part = str((amount(bill["total"]) * event.size / 10).quantize(CENT, ROUND_HALF_UP))
        life.source.payment(bill["account"], life.on, part, {bill["key"]: part})


def pay_all(life: Lives, event: Event) -> None:
    """The whole of an invoice."""
    if bill := life.picked(event, "documents", "invoice"):
        life.source.payment(bill["account"], life.on, bill["total"], {bill["key"]: bill["total"]})


def pay_charged(life: Lives, event: Event) -> None:
    """A part of an invoice, of which the processor kept a fee."""
    if bill := life.picked(event, "documents", "invoice"):
        part = str((amount(bill["total"]) * event.size / 12).quantize(CENT, ROUND_HALF_UP))
        life.source.payment(bill["account"], life.on, part, {bill["key"]: part}, fee=f"0.{event.which}1")


def pay_early(life: Lives, event: Event) -> None:
    """The whole of an invoice but for some percent that are taken off because it is paid early."""
    if bill := life.picked(event, "documents", "invoice"):
        off = (amount(bill["total"]) * event.size / 100).quantize(CENT, ROUND_HALF_UP)
        money = str(amount(bill["total"]) - off)
        key = life.source.payment(bill["account"], life.on, money)
        life.source.allocate(key, bill["key"], money, discount=str(off))


def on_account(life: Lives, event: Event) -> None:
    """Money for no invoice yet."""
    life.source.payment(life.member(event), life.on, f"{event.size * 25}.00")


def allocate(life: Lives, event: Event) -> None:
    """Money that was on account goes to an invoice of its member later (rule 6)."""
    taken = {row["payment"] for row in life.source.tables["allocations"]}
    for row in life.source.tables["payments"]:
        bills = [each for each in life.source.tables["documents"]
                 if (each["kind"], each["account"]) == ("invoice", row["account"])]  # fmt: skip
        if row["key"] not in taken and bills and not row.get("kind"):
            bill = bills[event.which % len(bills)]
            life.source.allocate(row["key"], bill["key"], str(min(amount(row["amount"]), amount(bill["total"]))))
            return


def credit(life: Lives, event: Event) -> None:
    """A part of an invoice is credited, on the account of its line."""
    _credited(life, event, lambda line: amount(line["amount"]) * event.size / 12)


def credit_all(life: Lives, event: Event) -> None:
    """The whole of an invoice is credited: it is cancelled."""
    _credited(life, event, lambda line: amount(line["amount"]))


def _credited(life: Lives, event: Event, much: Callable[[Row], Decimal]) -> None:
    if bill := life.picked(event, "documents", "invoice"):
        line = next(row for row in life.source.tables["lines"] if row["document"] == bill["key"])
        net = str(much(line).quantize(CENT, ROUND_HALF_UP))
        life.source.document("credit_note", bill["account"], life.on, (line["gl_account"], net),
                             group=line["tax_group"], invoice=bill["key"])  # fmt: skip


def refund(life: Lives, event: Event) -> None:
    """An invoice is given back whole, in money."""
    if bill := life.picked(event, "documents", "invoice"):
        line = next(row for row in life.source.tables["lines"] if row["document"] == bill["key"])
        life.source.document("refund", bill["account"], life.on, (line["gl_account"], line["amount"]),
                             group=line["tax_group"], invoice=bill["key"], deposit_account="1010")  # fmt: skip


def returned(life: Lives, event: Event) -> None:
    """The bank returns a payment, with a fee."""
    if cheque := life.picked(event, "payments", ""):
        life.source.payment(cheque["account"], life.on, cheque["amount"], kind="returned", payment=cheque["key"],
                            fee=f"{event.size}.50")  # fmt: skip


def reschedule(life: Lives, event: Event) -> None:
    """Dues are spread over other months than before."""
    if schedule := life.picked(event, "schedules"):
        schedule["months"] = str(event.size)


def cancel(life: Lives, event: Event) -> None:
    """The source calls an invoice cancelled."""
    if bill := life.picked(event, "documents", "invoice"):
        bill["cancelled"] = "yes"


def close(life: Lives, event: Event) -> None:
    """The books are closed until the end of some month before."""
    until = life.today.replace(day=1) - timedelta(days=1 + 31 * (event.which % 3))
    life.closed = max(life.closed, until.replace(day=1) - timedelta(days=1))


PLAYED: dict[str, Callable[[Lives, Event], None]] = {
    "invoice": invoice, "dues": dues, "receipt": receipt, "bill": bill, "pay": pay, "pay_all": pay_all,
    "pay_bill": pay_bill, "pay_supplier": pay_supplier, "take_off": take_off, "on_account": on_account,
    "allocate": allocate,
    "credit": credit, "credit_all": credit_all, "refund": refund, "return": returned, "reschedule": reschedule,
    "cancel": cancel, "close": close, "pay_charged": pay_charged, "pay_early": pay_early,
}  # fmt: skip
