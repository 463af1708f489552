"""What payments and credits are applied to, and the matching of what is fully paid."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from decimal import Decimal

from connectors.ledgers.tryton.books import Books
from connectors.ledgers.tryton.found import INVOICE, LINE, MOVE, cancelled, id_of
from connectors.ledgers.tryton.mapping import Target
from connectors.ledgers.tryton.problems import NoAnswer, Refusal
from connectors.ledgers.tryton.rpc import Row, Rpc

WIZARD = "wizard.account.move.reconcile_lines"
RECEIVABLE = ["account.type.receivable", "=", True]


def targets(rpc: Rpc, books: Books, references: Iterable[str]) -> dict[str, Target]:
    """The posted documents of these references: ids of ours (``account.invoice,12``) or numbers that people typed.

    What a person booked as a move is known by its number, or by ours where that is its whole description.
    """
    wanted = sorted(set(references))
    if not wanted:
        return {}
    mine = ["company", "=", books.company]
    numbered = ["OR", ["number", "in", wanted], ["reference", "in", wanted]]
    by_id = ["id", "in", [id_of(reference) for reference in wanted if reference.startswith(f"{INVOICE},")]]
    rows = rpc.rows(
        INVOICE,
        [mine, ["type", "=", "out"], ["state", "in", ["posted", "paid"]], ["OR", by_id, numbered]],
        "number", "reference", "party", "lines_to_pay", "lines", "total_amount", "amount_to_pay",
    )  # fmt: skip
    found = {name: _of_invoice(row, books) for row in rows if row["lines_to_pay"] for name in _names(row)}
    moves = [id_of(reference) for reference in wanted if reference.startswith(f"{MOVE},")]
    named = ["OR", ["move", "in", moves], ["move.number", "in", wanted], ["move.description", "in", wanted]]
    domain = [["move.company", "=", books.company], ["move_state", "=", "posted"], named, RECEIVABLE]
    rows = rpc.rows(LINE, domain, "move", "account", "party", "debit", "move.number", "move.description")
    gone = cancelled(rpc, [row["move"] for row in rows])
    paid = _paid(rpc, [row["id"] for row in rows])
    for row in (row for row in rows if row["move"] not in gone):
        number, total = row["move."]["description"] or row["move."]["number"], row["debit"]
        target = Target(row["id"], _code(books, row["account"]), row["party"], None, None, number, total,
                        total - paid[row["id"]])  # fmt: skip
        for name in (f"{MOVE},{row['move']}", row["move."]["number"], row["move."]["description"]):
            found.setdefault(name, target)
    return {reference: found[reference] for reference in wanted if reference in found}


def match(rpc: Rpc, touched: Iterable[Target]) -> None:
    """Reconcile, with Tryton's own wizard, each target whose open lines have come to nothing.

    Until then the payment is tied to its invoice by a link made in the same transaction as its lines, so nothing is
    lost when this does not happen: the lines stay open and the next payment, or a person, matches them.
    """
    wanted = {target.line: target for target in touched}
    if not wanted:
        return
    complete = [lines for lines in _open(rpc, wanted).values() if sum((a for _, a in lines), Decimal(0)) == 0]
    if not complete:
        return
    session, start, _ = rpc.call(f"{WIZARD}.create", rpc.context)
    for lines in complete:
        ids = [line for line, _ in lines]
        context = {**rpc.context, "active_model": LINE, "active_id": ids[0], "active_ids": ids}
        with suppress(Refusal, NoAnswer):
            rpc.call(f"{WIZARD}.execute", session, {}, start, context)
    rpc.call(f"{WIZARD}.delete", session, rpc.context)


def tie(rpc: Rpc, reducing: Mapping[int, Target]) -> None:
    """Tie posted credit notes (by their id) to the invoices they reduce, as a payment is from the beginning.

    One of more than the invoice has left is refused by Tryton, and stays on account.
    """
    origins = {f"{INVOICE},{invoice}": target for invoice, target in reducing.items()}
    rows = rpc.rows(LINE, [["move_origin", "in", sorted(origins)], RECEIVABLE], "move_origin")
    for row in rows:
        with suppress(Refusal, NoAnswer):
            rpc.model(LINE, "write", [row["id"]], {"invoice_payment": origins[row["move_origin"]].invoice})


def _open(rpc: Rpc, wanted: Mapping[int, Target]) -> dict[int, list[tuple[int, Decimal]]]:
    """The open lines of each target: its own, and those that pay it."""
    invoices = {target.invoice: line for line, target in wanted.items() if target.invoice}
    origins = {f"{LINE},{line}": line for line in wanted}
    documents = {f"{INVOICE},{invoice}": line for invoice, line in invoices.items()}
    rows = rpc.rows(
        LINE,
        [
            ["reconciliation", "=", None],
            ["move_state", "=", "posted"],
            RECEIVABLE,
            [
                "OR",
                ["id", "in", sorted(wanted)],
                ["origin", "in", sorted(origins)],
                ["invoice_payment", "in", sorted(invoices)],
                ["move_origin", "in", sorted(documents)],
            ],
        ],
        "debit", "credit", "origin", "invoice_payment", "move_origin",
    )  # fmt: skip
    found: dict[int, list[tuple[int, Decimal]]] = defaultdict(list)
    for row in rows:
        ties = (
            row["id"] if row["id"] in wanted else None,
            invoices.get(row["invoice_payment"]),
            origins.get(row["origin"]),
            documents.get(row["move_origin"]),
        )
        line = next(line for line in ties if line)
        found[line].append((row["id"], row["debit"] - row["credit"]))
    return {line: lines for line, lines in found.items() if len(lines) > 1}


def _of_invoice(row: Row, books: Books) -> Target:
    return Target(
        line=row["lines_to_pay"][0],
        account=books.receivable,
        party=row["party"],
        invoice=row["id"],
        invoice_line=next(iter(row["lines"]), None),
        number=row["reference"] or row["number"],
        total=row["total_amount"],
        left=row["amount_to_pay"],
    )


def _paid(rpc: Rpc, lines: Sequence[int]) -> defaultdict[int, Decimal]:
    """What is booked against lines that are no invoice's, by their ids; what cancels such a booking counts as well."""
    paid: defaultdict[int, Decimal] = defaultdict(Decimal)
    origins = {f"{LINE},{number}": number for number in lines}
    domain = [["origin", "in", sorted(origins)], ["move_state", "=", "posted"], RECEIVABLE]
    for row in rpc.rows(LINE, domain, "origin", "debit", "credit", "move") if origins else []:
        paid[origins[row["origin"]]] += row["credit"] - row["debit"]
    return paid


def _names(row: Row) -> Sequence[str]:
    return [name for name in (f"{INVOICE},{row['id']}", row["number"], row["reference"]) if name]


def _code(books: Books, account: int) -> str:
    return next((code for code, known in books.accounts.items() if known.id == account), "")
