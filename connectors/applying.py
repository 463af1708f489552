"""What is still to be applied of a booked payment or credit note: the same questions for every ledger.

What the ledger has it applied to is compared with all that the source applies it to, so that an application that was
lost on its way is known by what it did, and one that is sent again adds nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from connectors.crediting import up_to_open
from connectors.ledger import Applied, Posting, Standing
from connectors.problems import Problem, problem_of
from connectors.records import ZERO, CreditNote, Transferable
from connectors.undoing import changed_there


@dataclass(frozen=True, slots=True, kw_only=True)
class Open:
    """A document in the ledger: what people call it, and what is open of it."""

    number: str
    left: Decimal


def to_apply(
    posting: Posting, now: Standing | None, there: Mapping[str, Decimal], documents: Mapping[str, Open]
) -> tuple[Applied, ...] | Problem:
    """What is to be added to what the ledger has, or why it is not; nothing where all is applied already.

    ``there`` is what the ledger has it applied to, by the same ids as ``posting.applied``; of what a person applied it
    to besides, nothing is known in the source, and nothing is added. A credit note takes what is open of its invoice.
    """
    record, booked = posting.record, posting.booked
    shown = (booked.number or booked.ledger_id) if booked else posting.reference
    if now is None or now.void:
        return problem_of(record, "deleted_in_ledger", reference=shown)
    if changed := changed_there(posting, now):
        return changed
    wanted: defaultdict[str, Decimal] = defaultdict(Decimal)
    for part in posting.applied:
        if part.ledger_id not in documents:
            return problem_of(record, "deleted_in_ledger", reference=part.ledger_id)
        wanted[part.ledger_id] += part.amount
    if any(amount > wanted.get(name, ZERO) for name, amount in there.items()):
        words = {"there": _named(there, documents), "parts": _named(wanted, documents)}
        return problem_of(record, "applied_otherwise", column="reference", reference=shown, **words)
    more = [Applied(ledger_id=name, amount=amount - there.get(name, ZERO)) for name, amount in wanted.items()]
    left = {name: document.left for name, document in documents.items()}
    if isinstance(record, CreditNote):
        return up_to_open(more, left)
    for part in more:
        document = documents[part.ledger_id]
        if problem := beyond_open(record, shown, document, part.amount):
            return problem
    return tuple(part for part in more if part.amount)


def beyond_open(record: Transferable, reference: str, document: Open, amount: Decimal) -> Problem | None:
    """The refusal of more than is open of a document; ``reference`` is what people call the payment."""
    if amount <= document.left:
        return None
    words = {"amount": f"{amount:.2f}", "open": f"{document.left:.2f}"}
    return problem_of(record, "applied_beyond_open", column="reference", reference=reference, document=document.number,
                      **words)  # fmt: skip


def _named(parts: Mapping[str, Decimal], documents: Mapping[str, Open]) -> str:
    """Documents by their numbers, each with its amount."""
    numbers = {name: documents[name].number if name in documents else name for name in parts}
    return ", ".join(f"{numbers[name]}: {amount:.2f}" for name, amount in parts.items()) or "—"
