"""Applying what stands in the book already: a line is added that says to what more it goes, and no amount moves."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal

from connectors.applying import Open, to_apply
from connectors.ledger import Applied, Posted, Posting, Standing
from connectors.ledgers.beancount.checks import CAPABILITIES, special
from connectors.ledgers.beancount.contents import Contents
from connectors.ledgers.beancount.documents import Documents
from connectors.problems import Problem, problem_of
from connectors.refusals import undeclared


def standing_as_applied(posting: Posting, contents: Contents) -> Posted | None:
    """What is applied as the posting asks, if it is: by what the book says of it, whoever wrote that."""
    if posting.record.kind not in CAPABILITIES.applies_later or _to_apply(posting, contents) != ():
        return None
    now = Documents(contents).standings([posting.reference])[posting.reference]
    return Posted(key=posting.key, ledger_id=posting.reference, number=now.number, total=now.total, replayed=True)


def unapplicable(posting: Posting, contents: Contents) -> Problem | None:
    """The first reason why a payment or credit note is not applied to more, if there is one."""
    if refused := next(undeclared(posting, CAPABILITIES, special(contents)), None):
        return refused
    wanted = _to_apply(posting, contents)
    return wanted if isinstance(wanted, Problem) else None


def added(posting: Posting, contents: Contents) -> Sequence[Applied]:
    """What it goes to that it did not go to before."""
    wanted = _to_apply(posting, contents)
    return () if isinstance(wanted, Problem) else wanted


def first_day(posting: Posting, contents: Contents) -> date:
    """The first day on which all of them stand and the books are open: no age of a closed period changes."""
    standing = Documents(contents).standings([posting.reference, *(part.ledger_id for part in posting.applied)])
    days, closed = [each.date for each in standing.values() if each.date], contents.settings.closing_date
    return max([*days, closed + timedelta(days=1)] if closed else days)


def _to_apply(posting: Posting, contents: Contents) -> tuple[Applied, ...] | Problem:
    if contents.back(posting.reference):
        return problem_of(posting.record, "payment_returned", column="invoice")
    documents = Documents(contents)
    names = list(dict.fromkeys(part.ledger_id for part in posting.applied))
    standing = documents.standings([posting.reference, *names])
    opened = {
        name: Open(number=standing[name].number or name, left=documents.open_amount(name))
        for name in names
        if name in standing and not standing[name].void
    }
    now = standing.get(posting.reference)
    return to_apply(posting, now, _there(posting, now, standing, contents), opened)


def _there(
    posting: Posting, now: Standing | None, standing: Mapping[str, Standing], contents: Contents
) -> dict[str, Decimal]:
    """What the book has it applied to: documents that the posting names by its names, others as the book has them.

    A person may have written no amount: then all of it goes there.
    """
    called = {standing[part.ledger_id].number: part.ledger_id for part in posting.applied if part.ledger_id in standing}
    there: defaultdict[str, Decimal] = defaultdict(Decimal)
    for name, amount in contents.applied_of(posting.reference):
        whole = now.total if now and now.total is not None else Decimal(0)
        there[called.get(name, name)] += whole if amount is None else amount
    return dict(there)
