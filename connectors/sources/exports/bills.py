"""The documents of an export with their lines and taxes, whether it has a row for each document or for each line."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from itertools import groupby

from connectors.records import ZERO
from connectors.sources.exports.entries import Entry
from connectors.sources.exports.fields import PAID, TAX
from connectors.sources.exports.parties import NAMED_BY as CUSTOMER_NAMED_BY
from connectors.sources.exports.parties import Parties
from connectors.sources.exports.reading import TaxRead
from connectors.sources.exports.reckoning import CENT
from connectors.sources.exports.vocabulary import vocabulary, words_of
from connectors.sources.tables.columns import DOCUMENTS, LINES
from connectors.sources.tables.rows import Row
from connectors.sources.tables.values import shown

NAMED_BY = ("documents.key", "documents.number")
TOTAL, SUBTOTAL, BALANCE = (f"documents.{name}" for name in ("total", "subtotal", "balance"))
AMOUNT = "lines.amount"
_OURS = {f"documents.{column.name}": column.name for column in DOCUMENTS.columns}
_OF_LINES = {f"lines.{column.name}": column.name for column in LINES.columns}
CREDITS = frozenset({"credit_note", "refund"})


@dataclass
class Bills:
    """Rows of documents, lines and taxes, and the tax codes and groups that they use."""

    documents: list[Row] = field(default_factory=list)
    lines: list[Row] = field(default_factory=list)
    taxes: list[Row] = field(default_factory=list)
    rates: dict[str, Decimal] = field(default_factory=dict)
    groups: dict[str, tuple[str, ...]] = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=dict)
    accounts: dict[str, str] = field(default_factory=dict)


def key_of(entry: Entry) -> str:
    """What a document is named by: its own key, or its number."""
    return entry.text(*NAMED_BY)


def bills(
    documents: Sequence[Entry], lines: Sequence[Entry], taxes: Sequence[TaxRead], parties: Parties,
    paid: Mapping[str, Decimal],
) -> Bills:  # fmt: skip
    """Everything billed; without rows of documents, the lines repeat them."""
    found = Bills()
    seen: dict[str, Mapping[str, object]] = {}
    for head, own in _with_lines(documents, lines):
        key = key_of(head)
        if key and seen.get(key) == head.cells:
            continue
        seen[key] = head.cells
        _Bill(head, own, taxes, own_rows=bool(documents)).into(found, parties, paid)
    return found


def _with_lines(documents: Sequence[Entry], lines: Sequence[Entry]) -> Iterator[tuple[Entry, Sequence[Entry]]]:
    """Each document with its lines. Two documents of one key are what two sheets
    say of one by lines, and lines that contradict each other."""
    if documents:
        of_document = _by_document(lines, documents)
        yield from ((head, of_document.get(key_of(head), []) if key_of(head) else []) for head in documents)
    by_sheet = groupby(() if documents else lines, key=lambda line: line.place)
    for rows in (rows for _, of_sheet in by_sheet for rows in _by_document(of_sheet, ()).values()):
        yield rows[0], rows if key_of(rows[0]) else []
        yield from ((row, [row]) for row in rows if _contradict(rows[0], row))


def _contradict(head: Entry, line: Entry) -> bool:
    """Whether two lines of one number name two customers or days, so that they are not of one document."""
    told = ((head.text(name).casefold(), line.text(name).casefold()) for name in ("documents.date", *CUSTOMER_NAMED_BY))
    return any(one and other and one != other for one, other in told)


def _by_document(lines: Iterable[Entry], documents: Sequence[Entry]) -> dict[str, list[Entry]]:
    """Lines by their document's key, whichever of its names they say; lines of none by themselves."""
    keys = {entry.text(name): key_of(entry) for entry in documents for name in NAMED_BY if entry.text(name)}
    found: dict[str, list[Entry]] = defaultdict(list)
    for at, line in enumerate(lines):
        name = key_of(line)
        found[keys.get(name, name) or f"\0{at}"].append(line)
    return found


class _Bill:
    """One document: its head, its lines, and what they come to."""

    def __init__(self, head: Entry, lines: Sequence[Entry], taxes: Sequence[TaxRead], own_rows: bool) -> None:
        self.head, self.lines, self._own_rows = head, lines, own_rows
        read = [tax for tax in taxes if any(tax.field in entry.cells for entry in (head, *lines))]
        self.taxes = [tax for tax in read if tax.field != TAX] or read
        told = _kind(head)
        total = head.amount(TOTAL) if head.amount(TOTAL) is not None else self.subtotal
        self.kind = told or ("credit_note" if total is not None and total < 0 else "invoice")
        self.sign = -1 if self.kind in CREDITS and total is not None and total < 0 else 1

    @property
    def subtotal(self) -> Decimal | None:
        """The amount before tax: as it is told, as the lines come to, or what is left of the total."""
        if (told := self.head.amount(SUBTOTAL)) is not None:
            return told
        if self.lines:
            return sum((line_amount(line) or ZERO for line in self.lines), ZERO)
        total = self.head.amount(TOTAL)
        return None if total is None else total - sum((amount for _, amount in self.amounts), ZERO)

    @property
    def amounts(self) -> list[tuple[TaxRead, Decimal]]:
        """What each tax comes to: of the document, or of each of its lines where these say it."""
        found = [(tax, self._amount(tax)) for tax in self.taxes]
        return [(tax, amount) for tax, amount in found if amount]

    def _amount(self, tax: TaxRead) -> Decimal:
        once = self.head.amount(tax.field) or ZERO
        if tax.field in self.head.cells and (self._own_rows or len(self.lines) < 2):
            return once
        each = [line.amount(tax.field) or ZERO for line in self.lines]
        return once if set(each) == {once} and self._repeats() else sum(each, ZERO)

    def _repeats(self) -> bool:
        """Whether the lines repeat the document's taxes: its total says so."""
        total = self.head.amount(TOTAL)
        lines = sum((line_amount(line) or ZERO for line in self.lines), ZERO)
        taxes = sum((self.head.amount(tax.field) or ZERO for tax in self.taxes), ZERO)
        return total is not None and abs(lines + taxes - total) < CENT

    def into(self, found: Bills, parties: Parties, paid: Mapping[str, Decimal]) -> None:
        """Add its rows."""
        key = key_of(self.head)
        account = parties.key_of(self.head)
        group = self._taxes(found, key)
        for name in filter(None, map(self.head.text, NAMED_BY)):
            found.keys.setdefault(name, key)
        found.accounts.setdefault(key, account)
        found.documents.append(self._document(key, account, paid.get(key, ZERO)))
        of_sheet = Counter[str]()
        for line in self.lines or [self.head]:
            of_sheet[line.place] += 1
            found.lines.append(self._line(line, key, of_sheet[line.place], group))

    def _taxes(self, found: Bills, key: str) -> str:
        """Add the taxes; the code of the group that they make."""
        base, codes = self.subtotal or ZERO, []
        for tax, amount in self.amounts:
            rate = min(tax.rates, key=lambda rate: abs(base * rate / 100 - amount)) if tax.rates else ZERO
            code = tax.code if len(tax.rates) < 2 else f"{tax.code} {rate.normalize():f}"
            found.rates[code] = rate
            codes.append(code)
            cells = {"document": key, "tax": code, "amount": self._told(amount), "base": self._told(base)}
            found.taxes.append(self.head.row(cells))
        group = "+".join(codes)
        if group:
            found.groups[group] = tuple(codes)
        return group

    def _told(self, amount: Decimal | None) -> str | None:
        return None if amount is None else str(self.sign * amount)

    def _document(self, key: str, account: str, paid: Decimal) -> Row:
        cells = {ours: self.head.cells[name] for name, ours in _OURS.items() if name in self.head.cells}
        subtotal, tax = self.subtotal, sum((amount for _, amount in self.amounts), ZERO)
        total = self.head.amount(TOTAL)
        whole = total if total is not None else subtotal + tax if subtotal is not None else None
        reckoned = {
            "subtotal": self._or_cell(SUBTOTAL, subtotal),
            "tax": self._or_cell(TAX, tax) if not self.taxes else self._told(tax),
            "total": self._or_cell(TOTAL, whole),
            "balance": self._balance(whole, paid),
        }
        named = {"key": key, "number": self.head.text("documents.number") or key, "account": account}
        return self.head.row({**cells, "kind": self.kind, **reckoned, **named})

    def _or_cell(self, field_name: str, amount: Decimal | None) -> object:
        """An amount; where the cell says something that is none, the cell, which is then refused."""
        cell = self.head.cells.get(field_name)
        if shown(cell) and self.head.amount(field_name) is None:
            return cell
        return self._told(amount)

    def _balance(self, total: Decimal | None, paid: Decimal) -> object:
        """What is left to pay: as it is told, or the total without what was paid."""
        if BALANCE in self.head.cells and shown(self.head.cells[BALANCE]):
            return self._or_cell(BALANCE, self.head.amount(BALANCE))
        told = self.head.amount(PAID)
        left = None if total is None else total - (told if told is not None else self.sign * paid)
        return self._told(left)

    def _line(self, line: Entry, key: str, at: int, group: str) -> Row:
        cells = {ours: line.cells[name] for name, ours in _OF_LINES.items() if name in line.cells}
        amount = line_amount(line) if self.lines else self.subtotal
        told = cells.get("amount")
        refused = self.lines and shown(told) and line.amount(AMOUNT) is None
        own = {"document": key, "line": cells.get("line") or str(at), "amount": told if refused else self._told(amount)}
        if not cells.get("description"):
            own["description"] = line.text("documents.memo", "documents.number") or key
        if group:
            own["tax_group"] = group
        price = line.amount("lines.unit_price")
        if price is not None and self.sign < 0 and (line.amount("lines.quantity") or ZERO) > 0:
            own["unit_price"] = self._told(price)
        return line.row({**cells, **own})


def line_amount(line: Entry) -> Decimal | None:
    """The amount of a line: as it is told, or its quantity times its price."""
    if (told := line.amount(AMOUNT)) is not None or shown(line.cells.get(AMOUNT)):
        return told
    quantity, price = line.amount("lines.quantity"), line.amount("lines.unit_price")
    if price is None:
        return None
    return ((Decimal(1) if quantity is None else quantity) * price).quantize(Decimal("0.01"), ROUND_HALF_UP)


def _kind(head: Entry) -> str:
    """The kind that a cell names, in our word where it is known; empty where it names none."""
    text = head.text("documents.kind")
    return vocabulary().kinds.get(words_of(text), text) if text else ""
