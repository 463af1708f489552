"""What the ledger tells of its changes, held against what we know: what is ours, what is news, what has come to rest.

A change is news where the ledger's value is neither ours nor the one it told before. What we posted and nobody touched
is told too, and is remembered only.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

from addin.journal import Journal, RecordKey, Seen, State, Transfer
from addin.journal.inbound import Decision, Heard, LedgerKey, Proposal
from addin.journal.lease import TERM
from addin.journal.protocol import SETTLED
from connectors.changes import Told, differences, our_values, plain, values, whole
from connectors.ledger import Applied, Change, LedgerCustomer, Posting
from connectors.records import PURCHASES, Customer, Document, Kind, Payment, Transferable, What

INBOUND = frozenset(Kind) - PURCHASES
"""What a source is told of though it never had it (Novi AMS, "Transaction Types"); purchases are the ledger's own."""

OVER = frozenset({What.VOIDED, What.DELETED, What.MERGED})
OPEN = frozenset({Decision.WAITING, Decision.ACCEPTED})
"""Where a proposal is still on its way to the source."""
HOLDING = SETTLED | {State.GONE}
"""Where the ledger has a record of ours, or a person took it out there."""


@dataclass(frozen=True, slots=True)
class News:
    """What changes in the journal: proposals to ask anew, what was heard, proposals that have no object any more."""

    asked: tuple[Proposal, ...]
    heard: tuple[Heard, ...]
    gone: tuple[Proposal, ...]


@dataclass(frozen=True, kw_only=True)
class Known:
    """What the journal knows of the records that a ledger tells of, read in a few statements.

    ``by_id`` finds our transfers by the ledger's id (customers apart from documents), ``by_number`` those that a person
    booked and typed the number of. ``awaited`` are the keys of ours whose outcome is not known: what bears one is for
    the next look-up, while a copy of what we booked is a person's. ``booked`` says what the ledger calls our records,
    ``terms`` what it calls the source's payment terms.
    """

    by_id: Mapping[tuple[bool, str], Transfer]
    by_number: Mapping[tuple[Kind, str], Transfer]
    awaited: frozenset[str]
    seen: Mapping[RecordKey, Seen]
    accounts: Mapping[RecordKey, Seen]
    booked: Mapping[RecordKey, Transfer]
    heard: Mapping[LedgerKey, Heard]
    proposals: Mapping[LedgerKey, Mapping[str, Proposal]]
    terms: Mapping[str, str] = field(default_factory=dict)

    def holder(self, change: Change) -> Transfer | None:
        """Our transfer behind a change, if there is one."""
        found = self.by_id.get((change.kind is Kind.CUSTOMER, change.ledger_id))
        return found or self.by_number.get((change.kind, change.number))

    def customer(self, key: str) -> str:
        """The ledger's id of an account."""
        booked = self.booked.get((Kind.CUSTOMER, key))
        return booked.ledger_id if booked else ""

    def name(self, holder: Transfer | None) -> str:
        """What people call a record of ours: an account by its name, a document by that of its account."""
        record = self.seen[holder.id].record() if holder and holder.id in self.seen else None
        if isinstance(record, Document | Payment):
            account = self.accounts.get((Kind.CUSTOMER, record.customer))
            record = account.record() if account else None
        return record.name if isinstance(record, Customer) else ""

    def waits(self, about: LedgerKey, name: str) -> Proposal | None:
        """The proposal of a field that is still on its way to the source."""
        found = self.proposals.get(about, {}).get(name)
        return found if found and found.decision in OPEN else None

    def told(self, about: LedgerKey) -> Mapping[str, str]:
        """What the ledger told of a record before."""
        return self.heard[about].told if about in self.heard else {}


def beginning(found: News, customers: Iterable[LedgerCustomer]) -> News:
    """What is there when a ledger is first listened to: remembered, and not asked about."""
    listed = (
        Heard(kind=Kind.CUSTOMER, ledger_id=c.reference, told={"name": c.name, "email": c.email, "phone": c.phone})
        for c in customers
    )
    return News((), tuple({each.id: each for each in (*listed, *found.heard)}.values()), ())


def known(journal: Journal, changes: Sequence[Change], terms: Mapping[str, str]) -> Known:
    """Look up in the journal what a ledger tells of; ``terms`` is what it calls those of the source."""
    asked = {word for each in changes for word in (each.ledger_id, each.number, each.key) if word}
    histories = journal.held(asked)
    holding = [t for history in histories.values() for t in history if t.state in HOLDING]
    seen = journal.seen(only={t.id for t in holding})
    named = {key for each in seen.values() for key in _named(each.record())}
    proposals: dict[LedgerKey, dict[str, Proposal]] = {}
    for proposal in journal.proposals().values():
        proposals.setdefault(proposal.about, {})[proposal.field] = proposal
    found = Known(
        by_id={(t.kind is Kind.CUSTOMER, t.ledger_id): t for t in holding if t.ledger_id},
        by_number={(t.kind, t.ledger_id): t for t in holding if t.state is State.MANUAL},
        awaited=frozenset(t.key for history in histories.values() for t in history if t.state not in HOLDING),
        seen=seen,
        accounts=journal.seen(only={key for key in named if key[0] is Kind.CUSTOMER}),
        booked={key: t for key, history in journal.transfers(only=named).items() if (t := _held(history))},
        heard={},
        proposals=proposals,
        terms=terms,
    )
    told_of = {(holder.kind if (holder := found.holder(c)) else c.kind, c.ledger_id) for c in changes}
    return replace(found, heard=journal.heard(told_of))


def _held(history: Sequence[Transfer]) -> Transfer | None:
    """What the ledger calls a record, or called it before a person took it out there."""
    return next((transfer for transfer in reversed(history) if transfer.state in HOLDING), None)


def understood(changes: Iterable[Change], known: Known) -> list[Change]:
    """The changes with our own kind of each record, and with what a ledger does not say of a merge.

    Assumption: a customer of ours that is gone, while documents of ours that were booked on it now stand under one
    other customer, was merged into that one.
    """
    ours = [(change, known.holder(change)) for change in changes]
    merged = _merged(ours, known)
    found = []
    for change, holder in ours:
        if holder:
            change = replace(change, kind=holder.kind)
        if change.what is What.DELETED and change.kind is Kind.CUSTOMER and change.ledger_id in merged:
            change = replace(change, what=What.MERGED, merged_into=merged[change.ledger_id])
        found.append(change)
    return found


def _merged(ours: Iterable[tuple[Change, Transfer | None]], known: Known) -> dict[str, str]:
    moved: dict[str, set[str]] = {}
    for change, holder in ours:
        record = change.record
        if holder and holder.id in known.seen and "customer" in change.told and isinstance(record, Document | Payment):
            was = known.customer(getattr(known.seen[holder.id].record(), "customer", ""))
            if was and was != record.customer:
                moved.setdefault(was, set()).add(record.customer)
    return {was: into.pop() for was, into in moved.items() if len(into) == 1}


def news(changes: Iterable[Change], known: Known) -> News:
    """What is to be remembered of the changes, and what of it a person is asked about."""
    asked: list[Proposal] = []
    heard: list[Heard] = []
    gone: list[Proposal] = []
    changes = understood(changes, known)
    merged = {change.ledger_id: change.merged_into for change in changes if change.what is What.MERGED}
    for change in changes:
        about = change.kind, change.ledger_id
        if change.record is not None and known.told(about) != (told := _told(change)):
            heard.append(Heard(kind=change.kind, ledger_id=change.ledger_id, told=told))
        now = {each.field: each for each in _proposed(change, known, merged)}
        before = known.proposals.get(about, {})
        asked += [each for name, each in now.items() if _says_more(each, before.get(name))]
        gone += [each for name, each in before.items() if name not in now and _over(each, change)]
    return News(tuple(asked), tuple(heard), tuple(gone))


def _proposed(change: Change, known: Known, merged: Mapping[str, str]) -> Iterator[Proposal]:
    holder = known.holder(change)
    if holder is None or holder.id not in known.seen:
        yield from _of_a_stranger(change, known)
    elif change.record is None:
        yield _proposal(change, holder, known)
    else:
        ours = _posting(known.seen[holder.id].record(), holder, known)
        change = _comparable(change, change.record, ours)
        mine, theirs = _texts(our_values(ours, change.told)), _told(change)
        differing = [each.field for each in differences(ours, change)]
        explained = "customer" in differing and merged.get(mine["customer"]) == theirs["customer"]
        moved = [name for name in differing if _moved(change, holder, known, name, theirs[name])]
        for name in dict.fromkeys(map(_whole, moved)):
            if not (explained and name == "customer"):
                yield replace(
                    _proposal(change, holder, known), field=name, ours=_of(mine, name), theirs=_of(theirs, name)
                )


def _moved(change: Change, holder: Transfer, known: Known, name: str, theirs: str) -> bool:
    """Whether a value is another than the ledger told before, or is still being asked about.

    What a person booked or linked by hand was never as ours is: of that, what is first told is where it begins.
    """
    about = change.kind, change.ledger_id
    told = known.told(about)
    if holder.state is State.MANUAL and name not in told:
        return False
    if _as_sent(change, holder, known):
        return known.waits(about, _whole(name)) is not None
    return told.get(name) != theirs or known.waits(about, _whole(name)) is not None


def _as_sent(change: Change, holder: Transfer, known: Known) -> bool:
    """Whether the ledger has what we sent, and it was the source that moved on since.

    Assumption: a person does not change it there within the time that the call itself may take.
    """
    return known.seen[holder.id].digest != holder.digest and change.when.timestamp() <= holder.sent + TERM


def _of_a_stranger(change: Change, known: Known) -> Iterator[Proposal]:
    """What the source never had: a person made it in the ledger, or another program."""
    about = change.kind, change.ledger_id
    before = known.proposals.get(about, {}).get("")
    taken = before is not None and before.decision is Decision.TAKEN
    supplier = isinstance(change.record, Customer) and change.record.is_supplier
    if change.kind not in INBOUND or change.key in known.awaited or supplier:
        return
    if change.record is None:
        if taken:
            yield _proposal(change, None, known)
    elif taken:
        yield from _since_taken(change, known)
    elif before is not None or (change.what is What.CREATED and about not in known.heard):
        theirs = _texts(whole(change.record, change.told))
        yield replace(_proposal(change, None, known), what=What.CREATED, theirs=theirs)


def _since_taken(change: Change, known: Known) -> Iterator[Proposal]:
    """What changed of a record that the source has taken, and has not given back to us as one of its own."""
    about = change.kind, change.ledger_id
    now = _told(change)
    for name in dict.fromkeys(map(_whole, now)):
        waiting = known.waits(about, name)
        was = dict(waiting.ours) if waiting else _of(known.told(about), name)
        if was != _of(now, name):
            yield replace(_proposal(change, None, known), field=name, ours=was, theirs=_of(now, name))


def _proposal(change: Change, holder: Transfer | None, known: Known) -> Proposal:
    return Proposal(
        kind=change.kind,
        ledger_id=change.ledger_id,
        record=holder.record if holder else "",
        number=change.number or (holder.number if holder else ""),
        name=change.name or known.name(holder),
        word=change.word,
        what=What.CHANGED if change.record is not None else change.what,
        merged_into=change.merged_into,
        happened=change.when.isoformat(timespec="seconds"),
        url=change.url or (holder.url if holder else ""),
    )


def _says_more(now: Proposal, before: Proposal | None) -> bool:
    """Whether a person is to be asked: it is new, says something else than before, or what is over happened again."""
    if before is None:
        return True
    if (now.what, now.theirs, now.merged_into) != (before.what, before.theirs, before.merged_into):
        return True
    return now.what in OVER and now.happened > before.happened


def _over(proposal: Proposal, change: Change) -> bool:
    """Whether a proposal that is not made any more has no object: nobody decided it, or its value is gone."""
    if proposal.decision in OPEN:
        return True
    return bool(proposal.field) and change.record is not None and _of(_told(change), proposal.field) != proposal.theirs


def _told(change: Change) -> dict[str, str]:
    """What a change tells, as text."""
    assert change.record is not None
    return _texts(values(change.record, change.told))


def _texts(values: Mapping[str, Told]) -> dict[str, str]:
    return {name: text(value) for name, value in values.items()}


def _whole(name: str) -> str:
    """The field that a person decides about: an address is taken as a whole."""
    return name.partition(".")[0]


def _of(told: Mapping[str, str], whole: str) -> dict[str, str]:
    return {name: value for name, value in told.items() if _whole(name) == whole}


def _posting(record: Transferable, holder: Transfer, known: Known) -> Posting:
    """Our record in the ledger's words, as it would be posted now."""
    parts: tuple[Applied, ...] = ()
    if isinstance(record, Customer):
        care = known.accounts.get((Kind.CUSTOMER, record.care_of))
        named = care.record() if care else None
        terms = known.terms.get(record.terms) or record.terms
        record = replace(record, terms=terms, care_of=named.name if isinstance(named, Customer) else record.care_of)
    if isinstance(record, Payment):
        invoices = [(known.booked.get((record.pays, part.invoice)), part.amount) for part in record.allocations]
        parts = tuple(Applied(ledger_id=t.ledger_id if t else "", amount=amount) for t, amount in invoices)
    return Posting(
        key=holder.key,
        record=record,
        customer=known.customer(record.customer) if isinstance(record, Document | Payment) else "",
        parent=known.customer(record.parent) if isinstance(record, Customer) else "",
        applied=parts,
    )


def _comparable(change: Change, theirs: Transferable, ours: Posting) -> Change:
    """Without the fields that our side cannot say in the ledger's ids: what is not linked, or was linked by number.

    What a document or payment of ours leaves open is no difference in any case.
    """
    record, aside = ours.record, set()
    if isinstance(record, Customer) and record.parent and not ours.parent:
        aside.add("parent")
    if isinstance(theirs, Payment):
        forms = {part.invoice.partition(":")[0] for part in theirs.allocations}
        if forms and {part.ledger_id.partition(":")[0] for part in ours.applied} != forms:
            aside.add("allocations")
    return replace(change, told=change.told - aside)


def _named(record: Transferable) -> Iterator[RecordKey]:
    """The accounts and invoices that a record names."""
    match record:
        case Customer():
            yield Kind.CUSTOMER, record.parent
            yield Kind.CUSTOMER, record.care_of
        case Payment():
            yield Kind.CUSTOMER, record.customer
            yield from ((record.pays, part.invoice) for part in record.allocations)
        case Document():
            yield Kind.CUSTOMER, record.customer


def text(value: Told) -> str:
    """A value as it is kept and shown: dates as ISO 8601, amounts with a point, yes or no."""
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case Decimal():
            return plain(value)
        case date():
            return value.isoformat()
        case _:
            return value
