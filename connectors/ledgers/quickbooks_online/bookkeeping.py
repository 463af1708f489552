"""One company's side of the ways to booked: how it is asked, what it answers, what it would refuse.

The vendor's query language filters customers by name, documents by number and date, payments by reference number, and
nothing by a note; the number belongs to the accountant. So the number, or the date where there is none of ours, says
where to look, and the key in the private note says that it is ours.

A body here is one of the vendor's answers: the transaction under the name of its entity, beside it what applies it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

from connectors.booking.bookkeeping import Bookkeeping
from connectors.booking.recipes import Answer, Body, Recipe, Sight, Target, Write, Writes
from connectors.booking.sights import paid_kind
from connectors.ledger import Action, Applied, LedgerLists, Posted, Posting, Standing
from connectors.ledgers.quickbooks_online import parties, recipes, standings
from connectors.ledgers.quickbooks_online.books import EVERYONE, Books, foreign
from connectors.ledgers.quickbooks_online.checks import CAPABILITIES, refused
from connectors.ledgers.quickbooks_online.forms import ENTITIES, OWN_NUMBERS, PAYERS, said
from connectors.ledgers.quickbooks_online.mapping import (
    leaves_number,
    lines_of,
    link_of,
    links,
    payer_link,
    posted,
    reference_of,
    with_lines,
)
from connectors.ledgers.quickbooks_online.notes import UNAPPLIED, as_unapplied, bears, is_void, key_in, marked
from connectors.ledgers.quickbooks_online.queries import Api, certain, quoted, telling
from connectors.ledgers.quickbooks_online.recipes import APPLICATION, Recipes, applications, applied_to
from connectors.ledgers.quickbooks_online.sending import ALONE, Sending
from connectors.ledgers.quickbooks_online.service import LABEL
from connectors.problems import Problem, problem_of
from connectors.records import CREDIT_KINDS, PAYMENT_KINDS, Customer, Kind, Transferable
from connectors.wire.paths import at, put

NUMBERED = frozenset({*OWN_NUMBERS, Kind.SUPPLIER_INVOICE, Kind.VENDOR_CREDIT})
"""What no two of bear the same number; a payment's reference is never unique."""
KINDS = {entity: kind for kind, entity in ENTITIES.items()}
TEXTS = {"memo": "PrivateNote", "confirmation": "PrivateNote", "due": "DueDate", "email": "BillEmail.Address"}
"""Where each field that is amended goes; the note holds the memo, the processor's number and our key."""
OF_PAYMENTS = ("CustomerRef", "VendorRef", "TotalAmt", "PayType", "CheckPayment", "CreditCardPayment")
"""What of a payment is sent as it stands when it is amended, with its lines, so that no money of it goes elsewhere."""


class QuickBooksBookkeeping(Bookkeeping):
    """The books of one company."""

    label = LABEL
    capabilities = CAPABILITIES

    def __init__(self, api: Api, books: Books, web: str) -> None:
        self._api, self._books, self._web = api, books, web
        self._recipes = Recipes(api, books)
        self._taken: set[str] = set()

    @property
    def lists(self) -> LedgerLists:
        return self._books.lists

    def refused(self, posting: Posting) -> Problem | None:
        """One reason is a number that another document was seen to have: the company may let a duplicate pass."""
        record, taken = posting.record, posting.key in self._taken
        self._taken.discard(posting.key)
        if problem := refused(posting, self._books):
            return problem
        return problem_of(record, "number_taken", column="number", number=record.number) if taken else None

    def seen(self, posting: Posting, answered: Sequence[Body]) -> None:
        self._taken.discard(posting.key)
        if self._keeps_number(posting.record.kind) and any(_takes_number(posting, body) for body in answered):
            self._taken.add(posting.key)

    def recipe(self, posting: Posting) -> Recipe:
        return self._recipes.of(posting)

    def more(self, posting: Posting, sight: Sight) -> Writes:
        assert not isinstance(sight.parts, Problem)
        entity = ENTITIES[posting.record.kind]
        now: Body = (sight.body or {})[entity]
        if posting.record.kind in CREDIT_KINDS:
            return [self._recipes.application(posting, now, sight.parts, ALONE)]
        return [Write(posting=posting, to=f"{ALONE} - {entity}", body=_paying_more(now, sight.parts))]

    # --- asking

    def by_ids(self, kind: Kind, references: Iterable[str]) -> Iterator[Body]:
        wanted = set(references)
        if kind is Kind.CUSTOMER:
            for entity in parties.FORMS:
                ids = {parties.bare_id(each, entity) for each in wanted} - {""}
                yield from ({entity: body} for body in self._api.among(entity, "Id", ids, EVERYONE))
            return
        entity = ENTITIES[kind]
        ids = {bare for each in wanted if (bare := _bare(each, entity))}
        found = [{entity: body} for body in self._api.among(entity, "Id", ids)]
        yield from self._with_payers(kind, found) if kind in CREDIT_KINDS else found

    def by_words(self, kind: Kind, words: Iterable[str]) -> Iterator[Body]:
        if kind is Kind.CUSTOMER:
            named: dict[str, list[str]] = defaultdict(list)
            for entity, _, name in (word.partition(" ") for word in words):
                named[entity].append(name)
            for entity, names in named.items():
                found = self._api.among(entity, "DisplayName", names, EVERYONE)
                yield from ({entity: body} for body in found)
            return
        yield from ({ENTITIES[kind]: body} for body in self._api.among(ENTITIES[kind], _number_field(kind), words))

    def by_days(self, kind: Kind, first: date, last: date) -> Iterator[Body]:
        days = f"TxnDate >= {quoted(first.isoformat())} and TxnDate <= {quoted(last.isoformat())}"
        return ({ENTITIES[kind]: body} for body in self._api.query(ENTITIES[kind], days))

    def by_number(self, kind: Kind, numbers: Iterable[str]) -> Iterator[Body]:
        entity = ENTITIES[kind]
        found = self._api.among(entity, _number_field(kind), filter(telling, numbers))
        return ({entity: body} for body in found)

    def word(self, posting: Posting) -> str:
        """Its name, or its number where the ledger keeps ours and every company can be asked for it."""
        record = posting.record
        if isinstance(record, Customer):
            return f"{parties.form_of(record).entity} {record.name.strip()}" if record.name.strip() else ""
        asked = self._keeps_number(record.kind) and certain(record.number)
        return record.number if asked else ""

    def _keeps_number(self, kind: Kind) -> bool:
        """Whether the ledger keeps our number of a kind, and gives none of its own."""
        return self._books.numbers or kind not in OWN_NUMBERS

    def _with_payers(self, kind: Kind, found: Sequence[Body]) -> Iterator[Body]:
        """Credits, each with the payments that use it."""
        payer, link = PAYERS[kind].entity, payer_link(kind)
        linked = {id_ for each in found for type_, id_ in links(each[ENTITIES[kind]]) if type_ == link}
        payments = {str(each["Id"]): each for each in self._api.among(payer, "Id", linked)}
        for each in found:
            own = [payments[id_] for type_, id_ in links(each[ENTITIES[kind]]) if type_ == link and id_ in payments]
            yield {**each, payer: own}

    # --- what is told

    def key_of(self, kind: Kind, body: Body) -> str:
        return key_in(standings.under(kind, body)[1])

    def borne(self, kind: Kind, body: Body, keys: Collection[str]) -> str:
        """Wherever a person may have moved it in the note."""
        _, there = standings.under(kind, body)
        if (own := key_in(there)) in keys:
            return own
        return next((key for key in keys if parties.has_key(there, key) or bears(there.get("PrivateNote"), key)), "")

    def standing(self, kind: Kind, body: Body) -> Standing:
        return standings.standing(*standings.under(kind, body), self._books, self._web)

    def posted(self, posting: Posting, body: Body, *, replayed: bool) -> Posted:
        return posted(posting.key, *standings.under(posting.record.kind, body), self._web, replayed=replayed)

    def joined(self, _: Posting, body: Body | None, write: Write, answer: Body) -> Body:
        before = body or {}
        if write.made == APPLICATION:
            answer = {name: [*before.get(name, ()), told] for name, told in answer.items()}
        return {**before, **answer}

    def target(self, kind: Kind, body: Body) -> Target:
        entity, now = standings.under(kind, body)
        total, left = (Decimal(str(now.get(name) or 0)) for name in ("TotalAmt", "Balance"))
        return Target(
            id=reference_of(entity, str(now["Id"])), number=str(now.get("DocNumber") or now["Id"]), total=total,
            left=left, party=standings.party_of(now), void=is_void(now), currency=foreign(now, self._books.home),
            day=str(now.get("TxnDate") or "")[:10],
        )  # fmt: skip

    def applied(self, posting: Posting, body: Body) -> Mapping[str, Decimal]:
        kind, paid = posting.record.kind, ENTITIES[paid_kind(posting)]
        if kind in CREDIT_KINDS:
            return applied_to(kind, body, paid)
        there: defaultdict[str, Decimal] = defaultdict(Decimal)
        for type_, id_, amount in lines_of(body[ENTITIES[kind]]):
            there[reference_of(type_, id_) if type_ == paid else f"{type_} {id_}"] += amount
        return there

    def own(self, posting: Posting, standing: Standing, body: Body) -> Standing:
        """Without our own applications of a credit note, which go with it."""
        ours = {f"{payer_link(posting.record.kind)} {each['Id']}" for each in applications(posting, body)}
        return replace(standing, applied=tuple(each for each in standing.applied if each not in ours))

    def kind_of(self, reference: str) -> Kind | None:
        entity, _, bare = reference.rpartition(":")
        if not entity and any(parties.bare_id(bare, each) for each in parties.FORMS):
            return Kind.CUSTOMER
        return KINDS.get(entity) if bare.isascii() and bare.isdigit() else None

    # --- amending

    def texts(self, posting: Posting, body: Body) -> Mapping[str, str]:
        _, now = standings.under(posting.record.kind, body)
        return {name: str(at(now, path) or "") for name, path in TEXTS.items()}

    def written(self, record: Transferable, name: str, body: Body) -> str:
        """The note with our key, as it stands there now."""
        if TEXTS[name] != "PrivateNote":
            return str(getattr(record, name) or "")
        _, now = standings.under(record.kind, body)
        note, key = str(now.get("PrivateNote") or ""), key_in(now)
        says = marked(said(record, numbers=self._books.numbers), key)
        return as_unapplied(says, key) if UNAPPLIED in note else says

    def amendments(self, posting: Posting, names: Sequence[str], body: Body) -> Writes:
        entity, now = standings.under(posting.record.kind, body)
        sent: Body = {"Id": now["Id"], "SyncToken": now["SyncToken"], "sparse": True}
        for name in names:
            put(sent, TEXTS[name], self.written(posting.record, name, body))
        if posting.record.kind in PAYMENT_KINDS - {Kind.RETURNED_PAYMENT}:
            sent |= {name: now[name] for name in OF_PAYMENTS if name in now}
            sent["Line"] = [link_of(amount, kind, id_) for kind, id_, amount in lines_of(now)]
        return [Write(posting=posting, to=f"{ALONE} - {entity}", body=sent)]

    def carry_out(self, writes: Sequence[Write]) -> Sequence[Answer]:
        return Sending(self._api, self._books).of(writes)


def _bare(reference: str, wanted: str) -> str:
    entity, _, bare = reference.rpartition(":")
    return bare if entity == wanted and bare.isascii() and bare.isdigit() else ""


def _number_field(kind: Kind) -> str:
    return "PaymentRefNum" if kind is Kind.PAYMENT else "DocNumber"


def _takes_number(posting: Posting, body: Body) -> bool:
    """Whether another document has a posting's number, and does not leave it to it."""
    record = posting.record
    if record.kind not in NUMBERED or posting.action is not Action.CREATE or not record.number:
        return False
    entity, there = standings.under(record.kind, body)
    same = str(there.get("DocNumber") or "") == record.number
    return same and not leaves_number(posting, entity, there) and not bears(there.get("PrivateNote"), posting.key)


def _paying_more(payment: Body, parts: Iterable[Applied]) -> Body:
    """A payment's update: its lines as they are, an invoice's amount added to its line where it has one."""
    amounts: defaultdict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for kind, id_, amount in lines_of(payment):
        amounts[kind, id_] += amount
    for part in recipes.with_bare_ids(parts):
        amounts[recipes.INVOICE, part.ledger_id] += part.amount
    return with_lines(payment, amounts)
