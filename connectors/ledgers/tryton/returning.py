"""Payments that the bank gave back: a move takes the money out again, and the payment is matched with that move.

The payment's lines are unmatched from what they paid, which is open again, untied from their invoices, which could not
be paid anew beside them (``invoice_payment``, 8.2), and matched with the line of the return. What they had paid is told
by their origins. A return whose line is not matched is booked by half: it is matched when it is sent again.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from connectors.ledger import Posting
from connectors.ledgers.tryton.books import Books
from connectors.ledgers.tryton.found import LINE, MOVE, cancelled, id_of
from connectors.ledgers.tryton.rpc import Row, Rpc
from connectors.ledgers.tryton.targets import AMOUNTS, RECEIVABLE, WIZARD, match, own_amount, targets
from connectors.problems import Problem, problem_of
from connectors.records import ZERO, ReturnedPayment

Wizard = Callable[[str, str, Mapping[str, object], str, Sequence[int]], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """A payment as it stands: its lines on receivables, what they come to, and whether it came back already.

    Of one in a foreign currency, ``amount`` is in that; ``value`` and ``money`` are in the company's what it took off
    receivables and what went to the account of its money, and ``exchange`` is the account that the difference is on.
    """

    lines: tuple[int, ...]
    amount: Decimal
    returned: bool
    value: Decimal = ZERO
    money: Decimal = ZERO
    exchange: str = ""


def received(rpc: Rpc, books: Books, postings: Iterable[Posting]) -> dict[str, Received]:
    """The payments that these give back, by their references; one that is not there or is cancelled has none."""
    wanted = {id_of(p.returned): p.returned for p in postings if p.returned.startswith(f"{MOVE},")}
    if not wanted:
        return {}
    domain = [["move", "in", sorted(wanted)], ["move.company", "=", books.company], ["move_state", "=", "posted"]]
    rows = rpc.rows(LINE, domain, "move", "account.code", "account.type.receivable", *AMOUNTS)
    gone = cancelled(rpc, wanted)
    lines: defaultdict[int, list[Row]] = defaultdict(list)
    for row in (row for row in rows if row["move"] not in gone):
        lines[row["move"]].append(row)
    owed = {move: [row for row in several if _is_owed(row)] for move, several in lines.items()}
    back = _given_back(rpc, [row["id"] for several in owed.values() for row in several])
    return {wanted[move]: _payment(lines[move], own, back) for move, own in owed.items() if own}


def _is_owed(line: Row) -> bool:
    return bool(line["account."]["type."]["receivable"])


def _payment(lines: Sequence[Row], owed: Sequence[Row], back: Collection[int]) -> Received:
    ids = tuple(row["id"] for row in owed)
    value = sum((row["credit"] - row["debit"] for row in owed), ZERO)
    apart = [row for row in lines if row not in owed and owed[0]["second_currency"] and not row["second_currency"]]
    return Received(
        lines=ids, amount=-sum(map(own_amount, owed), ZERO), returned=not set(ids).isdisjoint(back), value=value,
        money=value + sum((row["credit"] - row["debit"] for row in apart), ZERO),
        exchange=apart[0]["account."]["code"] if apart else "",
    )  # fmt: skip


def refusal(posting: Posting, payment: Received | None) -> Problem | None:
    """Why a payment does not come back, if it does not."""
    record = posting.record
    if payment is None or not isinstance(record, ReturnedPayment):
        return problem_of(record, "deleted_in_ledger", reference=posting.returned)
    if payment.returned:
        return problem_of(record, "returned_twice", column="invoice", payment=posting.returned)
    if payment.amount != record.amount:
        words = {"was": f"{record.amount:.2f}", "now": f"{payment.amount:.2f}"}
        return problem_of(record, "changed_in_ledger", column="reference", **words)
    return None


def unmatched(rpc: Rpc, moves: Sequence[int]) -> dict[int, tuple[int, int]]:
    """The returns among these moves that are booked by half: their line, and the line of the payment, by the move."""
    domain = [["move", "in", list(moves)], ["reconciliation", "=", None], RECEIVABLE]
    rows = rpc.rows(LINE, domain, "move", "origin") if moves else []
    origins = {row["move"]: (row["id"], id_of(str(row["origin"] or ""))) for row in rows}
    return {move: pair for move, pair in origins.items() if pair[1]}


def match_returns(rpc: Rpc, books: Books, moves: Sequence[int], wizard: Wizard) -> None:
    """Match each of these returns with its payment, unmatched from what it paid."""
    for own, of_payment in unmatched(rpc, moves).values():
        [row] = rpc.rows(LINE, [["id", "=", of_payment]], "move")
        domain = [["move", "=", row["move"]], ["move.company", "=", books.company], RECEIVABLE]
        lines = rpc.rows(LINE, domain, "reconciliation", "invoice_payment")
        matched = [line["id"] for line in lines if line["reconciliation"]]
        wizard("account.move.unreconcile_lines", "unreconcile", {}, LINE, matched)
        if tied := [line["id"] for line in lines if line["invoice_payment"]]:
            rpc.model(LINE, "write", tied, {"invoice_payment": None})
        ids = [own, *(line["id"] for line in lines)]
        session, start, _ = rpc.call(f"{WIZARD}.create", rpc.context)
        context = {**rpc.context, "active_model": LINE, "active_id": ids[0], "active_ids": ids}
        rpc.call(f"{WIZARD}.execute", session, {}, start, context)
        rpc.call(f"{WIZARD}.delete", session, rpc.context)


def pay_again(rpc: Rpc, books: Books, posting: Posting) -> None:
    """Tie the lines of a payment whose return was taken out to what they had paid, and match what is then paid."""
    found = targets(rpc, books, [posting])
    invoices = {f"{LINE},{target.line}": target.invoice for target in found.values() if target.invoice}
    domain = [["move", "=", id_of(posting.returned)], ["move.company", "=", books.company], RECEIVABLE]
    for line in rpc.rows(LINE, domain, "origin"):
        if invoice := invoices.get(str(line["origin"] or "")):
            rpc.model(LINE, "write", [line["id"]], {"invoice_payment": invoice})
    match(rpc, found.values())


def _given_back(rpc: Rpc, lines: Sequence[int]) -> frozenset[int]:
    """Which lines of payments a posted return names that no other move cancels."""
    origins = {f"{LINE},{number}": number for number in lines}
    domain = [["origin", "in", sorted(origins)], ["move_state", "=", "posted"], ["debit", ">", 0]]
    rows = rpc.rows(LINE, domain, "origin", "move") if origins else []
    gone = cancelled(rpc, [row["move"] for row in rows])
    return frozenset(origins[row["origin"]] for row in rows if row["move"] not in gone)
