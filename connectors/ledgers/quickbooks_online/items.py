"""The writes of a batch, and what an item's lost answer is."""

from __future__ import annotations

from dataclasses import dataclass

from connectors.ledger import Applied, Posting, Unknown
from connectors.ledgers.quickbooks_online.queries import Body
from connectors.problems import problem_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One write of a batch; ``entity`` and ``body`` as the vendor names them."""

    posting: Posting
    entity: str
    body: Body
    operation: str = "create"
    applied: tuple[Applied, ...] = ()


def unknown(item: Item, detail: str) -> Unknown:
    """It may have been carried out."""
    return Unknown(key=item.posting.key, problem=problem_of(item.posting.record, "outcome_unknown", detail=detail))
