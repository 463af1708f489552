"""What a credit note does to the invoice it names, in every ledger.

It goes to the invoice up to what is open of it, and the rest stays on the customer's account: the ordinary refund is of
an invoice that was paid. One of more than its invoice's total is refused.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal

from connectors.ledger import Applied
from connectors.problems import Problem, problem_of
from connectors.records import ZERO, Transferable


def over_total(record: Transferable, credited: Decimal, invoice: str, total: Decimal | None) -> Problem | None:
    """The refusal of what comes to more than its invoice, which is called by its number."""
    if total is None or credited <= total:
        return None
    words = {"invoice": invoice, "credited": f"{credited:.2f}", "total": f"{total:.2f}"}
    return problem_of(record, "credit_over_total", column="total", **words)


def up_to_open(applied: Iterable[Applied], left: dict[str, Decimal]) -> tuple[Applied, ...]:
    """What each invoice takes, by its id, of what is ``left`` open of it; what it takes is then open no more."""
    parts = []
    for part in applied:
        taken = min(part.amount, left.get(part.ledger_id, ZERO))
        if taken > ZERO:
            left[part.ledger_id] -= taken
            parts.append(replace(part, amount=taken))
    return tuple(parts)
