"""Taking documents back."""

from __future__ import annotations

from connectors.applying import Open, beyond_open
from connectors.ledger import Action, Posted, Posting
from connectors.ledgers.beancount.amending import standing_as_amended
from connectors.ledgers.beancount.applications import standing_as_applied
from connectors.ledgers.beancount.checks import CAPABILITIES
from connectors.ledgers.beancount.contents import RETURNS, Contents, word
from connectors.ledgers.beancount.documents import Documents
from connectors.ledgers.beancount.problems import where
from connectors.problems import Problem, problem_of
from connectors.undoing import obstacle


def found(posting: Posting, contents: Contents) -> Posted | None:
    """What the book has under a posting's key; a void is there as soon as what it names does not stand.

    An application is there as soon as all of it is applied, an amendment as soon as all of it is said, whoever did it.
    """
    if posting.action is Action.APPLY:
        return standing_as_applied(posting, contents)
    if posting.action is Action.AMEND:
        return standing_as_amended(posting, contents)
    if posting.action is not Action.VOID:
        return contents.posted[posting.key] if contents.stands(posting.key) else None
    if contents.stands(posting.reference) or posting.record.kind not in CAPABILITIES.voids:
        return None
    return Posted(key=posting.key, ledger_id=posting.reference, replayed=True)


def irreversible(posting: Posting, contents: Contents) -> Problem | None:
    """The first reason why a document is not taken back, if there is one."""
    now = Documents(contents).standings([posting.reference]).get(posting.reference)
    if problem := obstacle(posting, CAPABILITIES, now):
        return problem
    entry, record, closed = contents.transactions[posting.reference], posting.record, contents.settings.closing_date
    day = posting.reverse_on or entry.date
    if closed and day <= closed:
        words = {"date": str(day), "closing_date": str(closed)}
        return problem_of(record, "period_closed", column="date", **words)
    if problem := _paid_again(posting, contents):
        return problem
    for leg in entry.postings:
        if leg.units is None or leg.units.number is None or leg.cost or leg.price:
            return problem_of(record, "ledger_refused", detail=f"{leg.account}: {where(leg.meta)}")
        for balance in contents.asserted(leg.account):
            if balance.amount.currency == leg.units.currency and day < balance.date:
                words = {"code": balance.account, "date": str(day), "asserted": str(balance.date)}
                return problem_of(record, "balance_asserted", column="date", place=where(balance.meta), **words)
    return None


def _paid_again(posting: Posting, contents: Contents) -> Problem | None:
    """A payment that came back pays its documents again only as far as they are open."""
    payment, documents = word(contents.transactions[posting.reference].meta, RETURNS), Documents(contents)
    if not payment:
        return None
    parts = dict(contents.applied_of(payment))
    standing = documents.standings([payment, *parts])
    for name, amount in parts.items():
        part = standing[payment].total if amount is None and payment in standing else amount
        number = standing[name].number if name in standing else name
        document = Open(number=number, left=documents.open_amount(name))
        if part is not None and (problem := beyond_open(posting.record, payment, document, part)):
            return problem
    return None
