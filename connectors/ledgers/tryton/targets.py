"""What payments and credits are applied to, and the matching of what is fully paid."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from decimal import Decimal
from typing import Any, TypeAlias

from connectors.ledger import Posting
from connectors.ledgers.tryton.books import Books
from connectors.ledgers.tryton.found import INVOICE, LINE, MOVE, cancelled, id_of
from connectors.ledgers.tryton.mapping import Target
from connectors.ledgers.tryton.problems import NoAnswer, Refusal
from connectors.ledgers.tryton.rpc import Row, Rpc
from connectors.records import ZERO, CreditNote, Kind, Payment

WIZARD = "wizard.account.move.reconcile_lines"
RECEIVABLE, PAYABLE = (["account.type.receivable", "=", True], ["account.type.payable", "=", True])
OWED = ["OR", RECEIVABLE, PAYABLE]
AMOUNTS = ("debit", "credit", "amount_second_currency", "second_currency", "second_currency.code", "reconciliation")

Goal: TypeAlias = tuple[Kind, str]
"""What a payment or credit may be applied to: invoices or bills, and a reference of one."""


def goals(posting: Posting) -> list[Goal]:
    """What a posting is applied to, in its order."""
    record = posting.record
    kind = record.pays if isinstance(record, Payment | CreditNote) else Kind.INVOICE
    return [(kind, part.ledger_id) for part in posting.applied]


def targets(rpc: Rpc, books: Books, postings: Iterable[Posting]) -> dict[Goal, Target]:
    """The posted documents that these are applied to."""
    wanted = {goal for posting in postings for goal in goals(posting)}
    found: dict[Goal, Target] = {}
    for kind in {kind for kind, _ in wanted}:
        there = _targets(rpc, books, kind, sorted(reference for each, reference in wanted if each is kind))
        found |= {(kind, reference): target for reference, target in there.items()}
    return found


def _targets(rpc: Rpc, books: Books, kind: Kind, wanted: Sequence[str]) -> dict[str, Target]:
    """The posted documents of these references: ids of ours (``account.invoice,12``) or numbers that people typed.

    What a person booked as a move is known by its number, or by ours where that is its whole description.
    """
    bought = kind is Kind.SUPPLIER_INVOICE
    side, increasing = (PAYABLE, "credit") if bought else (RECEIVABLE, "debit")
    mine = ["company", "=", books.company]
    numbered = ["OR", ["number", "in", wanted], ["reference", "in", wanted]]
    by_id = ["id", "in", [id_of(reference) for reference in wanted if reference.startswith(f"{INVOICE},")]]
    rows = rpc.rows(
        INVOICE,
        [mine, ["type", "=", "in" if bought else "out"], ["state", "in", ["posted", "paid"]], ["OR", by_id, numbered]],
        "number", "reference", "party", "lines_to_pay", "payment_lines", "lines", "total_amount", "amount_to_pay",
        "currency", "currency.code",
    )  # fmt: skip
    account, values = books.payable if bought else books.receivable, _values(rpc, books, rows)
    found = {
        name: replace(_of_invoice(row, account), **values.get(row["id"], {}))
        for row in rows if row["lines_to_pay"] for name in _names(row)
    }  # fmt: skip
    moves = [id_of(reference) for reference in wanted if reference.startswith(f"{MOVE},")]
    named = ["OR", ["move", "in", moves], ["move.number", "in", wanted], ["move.description", "in", wanted]]
    domain = [["move.company", "=", books.company], ["move_state", "=", "posted"], named, side]
    rows = rpc.rows(LINE, domain, "move", "account", "party", "move.number", "move.description", *AMOUNTS)
    rows = [row for row in rows if row[increasing]]
    gone = cancelled(rpc, [row["move"] for row in rows])
    open_lines = _tied(rpc, [row["id"] for row in rows])
    for row in (row for row in rows if row["move"] not in gone):
        currency = row["second_currency."]["code"] if row["second_currency"] else ""
        number, tied = row["move."]["description"] or row["move."]["number"], open_lines[row["id"]]
        open_of = [] if row["reconciliation"] else [row, *tied]
        target = Target(
            line=row["id"], account=_code(books, row["account"]), party=row["party"], invoice=None, number=number,
            total=abs(own_amount(row)), left=abs(sum(map(own_amount, open_of), ZERO)), currency=currency,
            value=abs(sum((line["debit"] - line["credit"] for line in open_of), ZERO)),
        )  # fmt: skip
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
    complete = [[line["id"] for line in lines] for lines in _open(rpc, wanted).values() if _settled(lines)]
    if not complete:
        return
    session, start, _ = rpc.call(f"{WIZARD}.create", rpc.context)
    for ids in complete:
        context = {**rpc.context, "active_model": LINE, "active_id": ids[0], "active_ids": ids}
        with suppress(Refusal, NoAnswer):
            rpc.call(f"{WIZARD}.execute", session, {}, start, context)
    rpc.call(f"{WIZARD}.delete", session, rpc.context)


def tie(rpc: Rpc, reducing: Mapping[int, Target]) -> None:
    """Tie posted credit notes (by their id) to the invoices they reduce, as a payment is from the beginning.

    One of more than the invoice has left is refused by Tryton, and stays on account.
    """
    origins = {f"{INVOICE},{invoice}": target for invoice, target in reducing.items()}
    rows = rpc.rows(LINE, [["move_origin", "in", sorted(origins)], OWED], "move_origin")
    for row in rows:
        with suppress(Refusal, NoAnswer):
            rpc.model(LINE, "write", [row["id"]], {"invoice_payment": origins[row["move_origin"]].invoice})


def _settled(lines: Sequence[Row]) -> bool:
    """Whether lines come to nothing, in the company's currency and in every other."""
    sums: defaultdict[int | None, Decimal] = defaultdict(Decimal)
    for line in lines:
        sums[None] += line["debit"] - line["credit"]
        if line["second_currency"]:
            sums[line["second_currency"]] += line["amount_second_currency"]
    return not any(sums.values())


def _open(rpc: Rpc, wanted: Mapping[int, Target]) -> dict[int, list[Row]]:
    """The open lines of each target: its own, and those that pay it."""
    invoices = {target.invoice: line for line, target in wanted.items() if target.invoice}
    origins = {f"{LINE},{line}": line for line in wanted}
    documents = {f"{INVOICE},{invoice}": line for invoice, line in invoices.items()}
    rows = rpc.rows(
        LINE,
        [
            ["reconciliation", "=", None],
            ["move_state", "=", "posted"],
            OWED,
            [
                "OR",
                ["id", "in", sorted(wanted)],
                ["origin", "in", sorted(origins)],
                ["invoice_payment", "in", sorted(invoices)],
                ["move_origin", "in", sorted(documents)],
            ],
        ],
        "origin", "invoice_payment", "move_origin", *AMOUNTS,
    )  # fmt: skip
    found: dict[int, list[Row]] = defaultdict(list)
    for row in rows:
        ties = (
            row["id"] if row["id"] in wanted else None,
            invoices.get(row["invoice_payment"]),
            origins.get(row["origin"]),
            documents.get(row["move_origin"]),
        )
        line = next(line for line in ties if line)
        found[line].append(row)
    return {line: lines for line, lines in found.items() if len(lines) > 1}


def _of_invoice(row: Row, account: str) -> Target:
    return Target(
        line=row["lines_to_pay"][0],
        account=account,
        party=row["party"],
        invoice=row["id"],
        invoice_line=next(iter(row["lines"]), None),
        number=row["reference"] or row["number"],
        total=row["total_amount"],
        left=row["amount_to_pay"],
    )


def own_amount(line: Row) -> Decimal:
    """The debit less the credit of a line, in its second currency where it has one."""
    amount: Decimal = line["amount_second_currency"] if line["second_currency"] else line["debit"] - line["credit"]
    return amount


def _tied(rpc: Rpc, lines: Sequence[int]) -> defaultdict[int, list[Row]]:
    """What is booked against lines that are no invoice's, by their ids, and is matched with nothing else.

    What was undone is matched with what cancels it, and a payment that came back with its return.
    """
    tied: defaultdict[int, list[Row]] = defaultdict(list)
    origins = {f"{LINE},{number}": number for number in lines}
    domain = [["origin", "in", sorted(origins)], ["move_state", "=", "posted"], ["reconciliation", "=", None], OWED]
    for row in rpc.rows(LINE, domain, "origin", *AMOUNTS) if origins else []:
        tied[origins[row["origin"]]].append(row)
    return tied


def _values(rpc: Rpc, books: Books, invoices: Sequence[Row]) -> dict[int, dict[str, Any]]:
    """Of invoices in a foreign currency: which, and what is open of them in the company's."""
    foreign = {row["id"]: row for row in invoices if row["currency"] != books.currency}
    ids = [line for row in foreign.values() for line in (*row["lines_to_pay"], *row["payment_lines"])]
    domain = [["id", "in", sorted(ids)], ["reconciliation", "=", None]]
    lines = {row["id"]: row for row in (rpc.rows(LINE, domain, *AMOUNTS) if ids else [])}
    found: dict[int, dict[str, Any]] = {}
    for number, row in foreign.items():
        mine = [lines[line] for line in (*row["lines_to_pay"], *row["payment_lines"]) if line in lines]
        value = abs(sum((line["debit"] - line["credit"] for line in mine), ZERO))
        found[number] = {"currency": row["currency."]["code"], "value": value}
    return found


def _names(row: Row) -> Sequence[str]:
    return [name for name in (f"{INVOICE},{row['id']}", row["number"], row["reference"]) if name]


def _code(books: Books, account: int) -> str:
    return next((code for code, known in books.accounts.items() if known.id == account), "")
