"""What a company's Tryton has that may be a record of ours, whoever booked it.

Ids, numbers, parties and days are asked for, many in one question; the rest is compared here. A move that is an
invoice's own is told as that invoice, and one that cancels another not at all.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from typing import TypeVar

from connectors.ledger import Sought, Standing
from connectors.ledgers.tryton.books import Books
from connectors.ledgers.tryton.found import AT_ONCE, INVOICE, MOVE, id_of, literal
from connectors.ledgers.tryton.rpc import Rpc
from connectors.ledgers.tryton.standings import Now, Standings
from connectors.likeness import Likeness, spans
from connectors.records import CREDIT_KINDS, Kind

PAGE = re.compile(r"#[^/]*/model/(account\.invoice|account\.move)/(\d{1,10})(?:[;?].*)?$", re.ASCII)
"""The end of the address of a record's page in Tryton's web client."""
INVOICES = CREDIT_KINDS | {Kind.INVOICE, Kind.SUPPLIER_INVOICE}
"""What Tryton has invoices for; these too may be moves, as everything else is."""

Domain = list[object]
T = TypeVar("T")


def search(rpc: Rpc, books: Books, standings: Standings, sought: Sequence[Sought]) -> dict[str, list[Standing]]:
    """What may be each of these, by its name. Raises ``CannotRun``."""
    found: dict[str, dict[tuple[str, str], Standing]] = {each.name: {} for each in sought}
    typed: dict[str, list[Sought]] = defaultdict(list)
    for each in (each for each in sought if each.reference.strip()):
        typed[_plain(each.reference)].append(each)
    likeness = Likeness(each for each in sought if not each.reference)
    asking = _Asking(rpc, books, sorted({*typed, *(each.number for each in sought)} - {""}))
    alike = [each for each in sought if not each.reference and (each.customer or each.total is not None)]
    for now in (*standings.invoices(asking.invoices(alike)), *standings.moves(asking.moves(alike))):
        for one in _shares(now):
            known_as = {one.ledger_id: one} | {name: replace(one, number=name) for name in now.names}
            for name, named in known_as.items():
                for each in (*typed.get(name, ()), *likeness.of(named)):
                    found[each.name].setdefault((one.ledger_id, one.customer), named)
    return {name: list(answers.values()) for name, answers in found.items()}


def _plain(reference: str) -> str:
    """What was typed; of the address of a page, the reference that it shows."""
    text = reference.strip()
    page = PAGE.search(text)
    return f"{page[1]},{page[2]}" if page else text


def _shares(now: Now) -> Iterator[Standing]:
    """A document; of a person's move that settles with several at once, what it does for each."""
    if now.standing.key or len(now.shares) < 2:
        yield now.standing
        return
    for customer, amount in now.shares:
        yield replace(now.standing, customer=customer, total=abs(amount))


class _Asking:
    """Asks one company for ids."""

    def __init__(self, rpc: Rpc, books: Books, names: Sequence[str]) -> None:
        self._rpc, self._mine, self._names = rpc, ["company", "=", books.company], names

    def invoices(self, alike: Sequence[Sought]) -> list[int]:
        """Of invoices that bear one of the names, or that were issued to somebody in some days."""
        stands: Domain = [self._mine, ["state", "in", ["posted", "paid", "cancelled"]]]
        ids: set[int] = set()
        for some in _chunks(self._names):
            by_id = [number for name in some if name.startswith(f"{INVOICE},") and (number := id_of(name))]
            named = ["OR", ["id", "in", by_id], ["number", "in", some], ["reference", "in", some]]
            ids |= {row["id"] for row in self._rpc.rows(INVOICE, [*stands, named], "id")}
        billed = [each for each in alike if each.kind in INVOICES and each.customer]
        for clauses in _days(billed, "party.code", "accounting_date", "invoice_date"):
            ids |= {row["id"] for row in self._rpc.rows(INVOICE, [*stands, *clauses], "id")}
        return sorted(ids)

    def moves(self, alike: Sequence[Sought]) -> list[int]:
        """Of moves that bear one of the names, alone or before something else, or that were booked in some days."""
        stands: Domain = [self._mine, ["state", "=", "posted"]]
        origins: dict[int, str] = {}
        for some in _chunks(self._names):
            by_id = [number for name in some if name.startswith(f"{MOVE},") and (number := id_of(name))]
            begun = [["description", "like", f"{literal(name)} %"] for name in some]
            named = ["OR", ["id", "in", by_id], ["number", "in", some], ["description", "in", some], *begun]
            origins |= {row["id"]: str(row["origin"] or "") for row in self._rpc.rows(MOVE, [*stands, named], "origin")}
        for clauses in _days(alike, "lines.party.code", "date"):
            rows = self._rpc.rows(MOVE, [*stands, *clauses], "origin")
            origins |= {row["id"]: str(row["origin"] or "") for row in rows}
        invoiced = self._of_invoices([move for move, origin in origins.items() if origin.startswith(f"{INVOICE},")])
        return sorted(
            move for move, origin in origins.items() if not origin.startswith(f"{MOVE},") and move not in invoiced
        )

    def _of_invoices(self, moves: Sequence[int]) -> frozenset[int]:
        """Which of these are what an invoice itself books, and not what pays it."""
        own: set[int] = set()
        for some in _chunks(moves):
            either = ["OR", ["move", "in", some], ["cancel_move", "in", some]]
            for row in self._rpc.rows(INVOICE, [either], "move", "cancel_move"):
                own |= {row["move"], row["cancel_move"]}
        return frozenset(own)


def _days(alike: Sequence[Sought], party: str, *dates: str) -> Iterator[Domain]:
    """The clauses that together hold for every day that is asked for, and for the parties where all name one.

    Of several dates the first that a record has is its own.
    """
    codes = {each.customer for each in alike}
    theirs: Domain = [] if "" in codes or len(codes) > AT_ONCE else [[party, "in", sorted(codes)]]
    for first, last in spans((each.first or date.min, each.last or date.max) for each in alike):
        within = [[[name, ">=", first], [name, "<=", last]] for name in dates]
        own: Domain = ["OR", within[0], [[dates[0], "=", None], *within[-1]]]
        yield [*theirs, own if len(dates) > 1 else within[0]]


def _chunks(values: Sequence[T]) -> Iterable[list[T]]:
    return (list(values[start : start + AT_ONCE]) for start in range(0, len(values), AT_ONCE))
