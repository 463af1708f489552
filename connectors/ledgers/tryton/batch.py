"""A batch on its way: made in Tryton as drafts, then posted, each posting with its own outcome.

A call is one transaction, so one bad document fails all that are in the call: the batch is then halved until the bad
one stands alone, and its siblings are booked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import md5

from connectors.ledger import Posting
from connectors.ledgers.tryton.found import INVOICE
from connectors.ledgers.tryton.mapping import Target, Values
from connectors.ledgers.tryton.problems import NoAnswer, Refusal
from connectors.ledgers.tryton.rpc import Rpc

WARNINGS = 3
"""How many different warnings one document can raise."""


@dataclass(slots=True)
class Draft:
    """A posting with what it becomes in Tryton, and there its id once it is made."""

    posting: Posting
    model: str
    values: Values
    targets: Sequence[Target] = ()
    id: int = 0


Failed = dict[str, Refusal | NoAnswer]
"""By key: why a posting did not get through."""


def make(rpc: Rpc, drafts: Sequence[Draft]) -> Failed:
    """Create the drafts of one model."""

    def create(some: Sequence[Draft]) -> None:
        made = rpc.model(some[0].model, "create", [draft.values for draft in some])
        for draft, number in zip(some, made, strict=True):
            draft.id = number

    return _apart(create, drafts)


def post(rpc: Rpc, drafts: Sequence[Draft]) -> Failed:
    """Post the drafts of one model, confirming the warnings that a person would confirm."""

    def one_call(some: Sequence[Draft]) -> None:
        ids = [draft.id for draft in some]
        for attempt in range(WARNINGS * len(some) + 1):
            try:
                rpc.model(some[0].model, "post", ids)
            except Refusal as refusal:
                if not refusal.harmless or attempt == WARNINGS * len(some):
                    raise
                rpc.call("model.res.user.warning.skip", refusal.name, False, rpc.context)
            else:
                return

    return _apart(one_call, drafts)


def confirm_past(rpc: Rpc, drafts: Iterable[Draft]) -> None:
    """Confirm beforehand which of these invoices fall due in the past; to be asked would cost a call for each.

    The name of a warning is that of ``res.user.warning.format`` (8.2); where it is another, ``post`` is asked.
    """
    today = datetime.now(UTC).date()
    past = [d.id for d in drafts if d.values["type"] == "out" and str(d.values["payment_term_date"]) < str(today)]
    named = [md5(f"{INVOICE},{number}".encode(), usedforsecurity=False).hexdigest() for number in past]
    values = [{"user": rpc.user_id, "name": f"{name}.invoice_payment_term"} for name in named]
    if values:
        rpc.model("res.user.warning", "create", values)


def _apart(call: Callable[[Sequence[Draft]], None], drafts: Sequence[Draft]) -> Failed:
    return dict(_halved(call, drafts)) if drafts else {}


def _halved(
    call: Callable[[Sequence[Draft]], None], drafts: Sequence[Draft]
) -> Iterator[tuple[str, Refusal | NoAnswer]]:
    try:
        call(drafts)
    except NoAnswer as doubt:
        yield from ((draft.posting.key, doubt) for draft in drafts)
    except Refusal as refusal:
        if len(drafts) == 1 or not refusal.certain:
            yield from ((draft.posting.key, refusal) for draft in drafts)
        else:
            half = len(drafts) // 2
            yield from _halved(call, drafts[:half])
            yield from _halved(call, drafts[half:])
