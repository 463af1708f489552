"""Documents as Tryton has them: its invoices, and moves that are none's own, whoever booked them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from connectors.ledger import Standing
from connectors.ledgers.tryton.books import Books
from connectors.ledgers.tryton.exchange import in_own_currency
from connectors.ledgers.tryton.found import AT_ONCE, INVOICE, INVOICE_LINE, LINE, MOVE, cancelled
from connectors.ledgers.tryton.mapping import KEY
from connectors.ledgers.tryton.rpc import Row, Rpc
from connectors.ledgers.tryton.targets import AMOUNTS
from connectors.records import ZERO, Kind

INVOICE_FIELDS = ("type", "state", "number", "reference", "total_amount", "party.code", "currency.code", "move",
                  "accounting_date", "invoice_date", "allow_cancel", "payment_lines", "lines_to_pay")  # fmt: skip
LINE_FIELDS = ("move", *AMOUNTS, "party", "party.code", "account.type.receivable", "account.type.payable",
               "account.type.revenue", "account.type.expense")  # fmt: skip

KINDS = {
    ("out", False): Kind.INVOICE, ("out", True): Kind.CREDIT_NOTE,
    ("in", False): Kind.SUPPLIER_INVOICE, ("in", True): Kind.VENDOR_CREDIT,
}  # fmt: skip
"""What an invoice of Tryton's is, by its type and whether it comes to less than nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Now:
    """A document as Tryton has it: on which day, by which lines it is matched, whether a person may cancel it.

    ``names`` are the numbers it is known by, its own first; ``shares`` what a move adds to or takes from each customer
    or supplier: of one by hand there may be several.
    """

    standing: Standing
    model: str
    id: int
    on: date
    lines: tuple[int, ...]
    names: tuple[str, ...]
    cancels: bool = True
    shares: tuple[tuple[str, Decimal], ...] = ()


class Standings:
    """Reads the documents of one company; ``web`` is where Tryton's web client answers."""

    def __init__(self, rpc: Rpc, books: Books, web: str) -> None:
        self._rpc, self._books, self._web = rpc, books, web

    def invoices(self, ids: Sequence[int]) -> Iterator[Now]:
        """Invoices, credit notes and supplier invoices, by their ids."""
        for start in range(0, len(ids), AT_ONCE):
            some = list(ids[start : start + AT_ONCE])
            rows = self._rpc.rows(INVOICE, [["id", "in", some], self._mine], *INVOICE_FIELDS)
            paying = self._lines([line for row in rows for line in row["payment_lines"]])
            notes = self._rpc.rows(INVOICE_LINE, [["invoice", "in", some], ["note", "!=", None]], "invoice", "note")
            keys = {row["invoice"]: row["note"] for row in reversed(notes)}
            for row in rows:
                yield self._invoice(row, [paying[line] for line in row["payment_lines"] if line in paying], keys)

    def moves(self, ids: Sequence[int]) -> Iterator[Now]:
        """Moves, by their ids."""
        for start in range(0, len(ids), AT_ONCE):
            some = list(ids[start : start + AT_ONCE])
            rows = self._rpc.rows(MOVE, [["id", "in", some], self._mine], "description", "number", "date",
                                  "journal.type")  # fmt: skip
            gone = cancelled(self._rpc, some)
            lines: defaultdict[int, list[Row]] = defaultdict(list)
            for line in self._rpc.rows(LINE, [["move", "in", some]], *LINE_FIELDS):
                lines[line["move"]].append(line)
            applied = self._applied([line["id"] for some in lines.values() for line in some if line["party"]])
            for row in rows:
                yield self._move(row, lines[row["id"]], applied, void=row["id"] in gone)

    def _invoice(self, row: Row, applied: Sequence[str], keys: dict[int, str]) -> Now:
        on = row["accounting_date"] or row["invoice_date"]
        return Now(
            standing=Standing(
                ledger_id=f"{INVOICE},{row['id']}",
                number=row["reference"] or row["number"] or "",
                total=abs(row["total_amount"]),
                customer=row["party."]["code"],
                applied=tuple(applied),
                void=row["state"] == "cancelled",
                kind=KINDS[row["type"], row["total_amount"] < 0],
                date=on,
                currency="" if row["currency."]["code"] == self._books.home else row["currency."]["code"],
                url=f"{self._web}/model/{INVOICE}/{row['id']}",
                key=keys.get(row["id"], ""),
            ),
            model=INVOICE,
            id=row["id"],
            on=on,
            lines=tuple(row["lines_to_pay"]),
            names=tuple(row[name] or "" for name in ("reference", "number") if row[name] or name == "number"),
            cancels=row["allow_cancel"],
        )

    def _move(self, row: Row, lines: Sequence[Row], applied: dict[int, list[str]], *, void: bool) -> Now:
        described, mine = KEY.search(row["description"] or ""), [line for line in lines if line["party"]]
        currency, lines = in_own_currency(lines)
        kind = _kind(row["journal."]["type"], lines, ours=bool(described))
        return Now(
            standing=Standing(
                ledger_id=f"{MOVE},{row['id']}",
                number=number_of(row),
                total=_total(kind, lines),
                customer=next((line["party."]["code"] for line in mine), ""),
                applied=tuple(name for line in mine for name in applied[line["id"]]),
                void=void,
                kind=kind,
                date=row["date"],
                currency=currency,
                url=f"{self._web}/model/{MOVE}/{row['id']}",
                key=described["key"] if described else "",
            ),
            model=MOVE,
            id=row["id"],
            on=row["date"],
            lines=tuple(line["id"] for line in mine),
            names=tuple(_names(row)),
            shares=tuple(_shares(lines)),
        )

    def _applied(self, ids: Sequence[int]) -> defaultdict[int, list[str]]:
        """What is booked for a line on an account's side, by the number of its move; not what cancels it."""
        found: defaultdict[int, list[str]] = defaultdict(list)
        origins = {f"{LINE},{number}": number for number in ids}
        domain = [["origin", "in", sorted(origins)], ["move_state", "=", "posted"]]
        others = self._rpc.rows(LINE, domain, "origin") if origins else []
        named = self._lines([row["id"] for row in others])
        for row in others:
            if row["id"] in named:
                found[origins[row["origin"]]].append(named[row["id"]])
        return found

    def _lines(self, ids: Sequence[int]) -> dict[int, str]:
        """Lines by the numbers of their moves, without those that are cancelled or cancel another."""
        if not ids:
            return {}
        fields = ("move", "move.description", "move.number", "move.origin")
        rows = self._rpc.rows(LINE, [["id", "in", list(ids)]], *fields)
        gone = cancelled(self._rpc, [row["move"] for row in rows])
        return {
            row["id"]: number_of(row["move."])
            for row in rows
            if row["move"] not in gone and not str(row["move."]["origin"] or "").startswith(f"{MOVE},")
        }

    @property
    def _mine(self) -> list[object]:
        return ["company", "=", self._books.company]


def number_of(move: Row) -> str:
    """A move's number: ours before the key in its description, or Tryton's own."""
    described = str(move["description"] or "")
    key = KEY.search(described)
    return (described[: key.start()].strip() if key else "") or move["number"] or ""


def _names(move: Row) -> Iterator[str]:
    """A person's move is known by its whole description too, and by how that begins."""
    described = str(move["description"] or "")
    yield number_of(move)
    if not KEY.search(described):
        yield from dict.fromkeys(part for part in (described, described.partition(" ")[0]) if part)
    elif move["number"]:
        yield move["number"]


def _kind(journal: str, lines: Sequence[Row], *, ours: bool) -> Kind | None:
    """By its journal, by whose account it falls on and by what stands against that; what may be several is none."""
    if ours and journal == "general":
        return Kind.JOURNAL_ENTRY
    owed, owing = (_sum(lines, f"account.type.{side}") for side in ("receivable", "payable"))
    sold, spent = (_has(lines, f"account.type.{type_}") for type_ in ("revenue", "expense"))
    if owed > ZERO:
        if sold or journal == "revenue":
            return Kind.INVOICE
        return Kind.RETURNED_PAYMENT if journal == "cash" else None
    if owed < ZERO:
        return Kind.CREDIT_NOTE if sold or journal == "revenue" else Kind.PAYMENT
    if owing > ZERO:
        return Kind.VENDOR_CREDIT if spent or journal == "expense" else Kind.SUPPLIER_PAYMENT
    if owing:
        return Kind.SUPPLIER_INVOICE if spent or journal == "expense" else None
    if journal == "cash" and (earned := _sum(lines, "account.type.revenue")):
        return Kind.SALES_RECEIPT if earned < ZERO else Kind.REFUND
    return Kind.JOURNAL_ENTRY


def _total(kind: Kind | None, lines: Sequence[Row]) -> Decimal:
    """What a move comes to: its account's side, the money of a sale on the spot, the debits of an entry."""
    match kind:
        case Kind.JOURNAL_ENTRY:
            return sum((line["debit"] for line in lines), ZERO)
        case Kind.SALES_RECEIPT:
            return sum((line["debit"] for line in lines if not _is(line, "account.type.revenue")), ZERO)
        case Kind.REFUND:
            return sum((line["credit"] for line in lines if not _is(line, "account.type.revenue")), ZERO)
    return sum((abs(amount) for _, amount in _shares(lines)), ZERO)


def _shares(lines: Sequence[Row]) -> Iterator[tuple[str, Decimal]]:
    shares: defaultdict[str, Decimal] = defaultdict(Decimal)
    for line in lines:
        if _is(line, "account.type.receivable") or _is(line, "account.type.payable"):
            shares[line["party."]["code"] if line["party"] else ""] += line["debit"] - line["credit"]
    return ((party, amount) for party, amount in shares.items() if amount)


def _sum(lines: Sequence[Row], path: str) -> Decimal:
    return sum((line["debit"] - line["credit"] for line in lines if _is(line, path)), ZERO)


def _has(lines: Sequence[Row], path: str) -> bool:
    return any(_is(line, path) for line in lines)


def _is(line: Row, path: str) -> bool:
    """Whether a line's account is of a type, as the rows of nested fields have it."""
    value: object = line
    for name in path.split("."):
        value = (value.get(f"{name}.") or value.get(name)) if isinstance(value, dict) else None
    return bool(value)
