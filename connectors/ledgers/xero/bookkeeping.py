"""One organisation's side of the ways to booked: how it is asked, what it answers, what it would refuse."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from connectors.booking.bookkeeping import Bookkeeping
from connectors.booking.recipes import Answer, Body, Done, Doubt, Recipe, Refusal, Sight, Stopped, Target, Write, Writes
from connectors.http import MayHaveHappened, Refused
from connectors.ledger import LedgerLists, Posted, Posting, Standing
from connectors.ledgers.xero import standings
from connectors.ledgers.xero.checks import CAPABILITIES, refused
from connectors.ledgers.xero.company import Books
from connectors.ledgers.xero.recipes import ALLOCATION, OVERPAYMENT, Recipes, allocate, allocations, bare, form_of
from connectors.ledgers.xero.service import LABEL, Api, conditions_of_days
from connectors.ledgers.xero.standings import TYPES, kind_of
from connectors.ledgers.xero.words import messages, refusal
from connectors.ledgers.xero.words import refused as refused_for
from connectors.problems import CannotRun, Problem
from connectors.records import CREDIT_KINDS, Customer, Kind, Payment
from connectors.wire.paths import at

BUNDLED = frozenset({Kind.PAYMENT, Kind.SUPPLIER_PAYMENT})
AT_ONCE = 50
"""Elements of one request (limits)."""
NOT_IN_A_CONDITION = frozenset('"\\')
NAMES = {
    **dict.fromkeys(CREDIT_KINDS, "CreditNoteNumber"), Kind.SALES_RECEIPT: "Reference", Kind.REFUND: "Reference",
    Kind.PAYMENT: "Reference", Kind.SUPPLIER_PAYMENT: "Reference", Kind.JOURNAL_ENTRY: "Narration",
}  # fmt: skip
"""The text in which a kind bears what people call it, beside invoices and bills, which are listed by their numbers."""


class XeroBookkeeping(Bookkeeping):
    """The books of one organisation."""

    label = LABEL
    capabilities = CAPABILITIES

    def __init__(self, api: Api, books: Books, web: str) -> None:
        self._api, self._books, self._web = api, books, web
        self._recipes = Recipes(books)

    @property
    def lists(self) -> LedgerLists:
        return self._books.lists

    def refused(self, posting: Posting) -> Problem | None:
        return refused(posting, self._books)

    def recipe(self, posting: Posting) -> Recipe:
        return self._recipes.of(posting)

    def more(self, posting: Posting, sight: Sight) -> Writes:
        assert not isinstance(sight.parts, Problem)
        return tuple(allocate(posting, sight, part) for part in sight.parts)

    # --- asking

    def by_ids(self, kind: Kind, references: Iterable[str]) -> Iterator[Body]:
        wanted = {each for each in references if kind_of(each) is kind}
        if not wanted:
            return iter(())
        if kind in BUNDLED:
            return self._bundles_of(kind, wanted)
        ids = {bare(each) for each in wanted}
        form = form_of(kind)
        if kind in (Kind.INVOICE, Kind.SUPPLIER_INVOICE, Kind.CUSTOMER):
            also = {"includeArchived": "true"} if kind is Kind.CUSTOMER else {}
            return self._of(kind, self._api.among(form.entity, "IDs", ids, **also))
        return self._of(kind, self._api.either(form.entity, (f'{form.id}=guid("{each}")' for each in ids)))

    def by_words(self, kind: Kind, words: Iterable[str]) -> Iterator[Body]:
        if kind is Kind.CUSTOMER:
            conditions = (f'ContactNumber=="{each}"' for each in words)
            return self._api.either("Contacts", conditions, includeArchived="true")
        return self._of(kind, self._api.among("Invoices", "InvoiceNumbers", words))

    def by_days(self, kind: Kind, first: date, last: date) -> Iterator[Body]:
        where = conditions_of_days(first, last)
        if kind in BUNDLED:
            return self._bundles(kind, self._api.every("Payments", where=where),
                                 self._api.every("Overpayments", where=where))  # fmt: skip
        return self._of(kind, self._api.every(form_of(kind).entity, where=where))

    def by_number(self, kind: Kind, numbers: Iterable[str]) -> Iterator[Body]:
        plain = {each for each in numbers if each.strip() and each.isprintable() and not set(each) & NOT_IN_A_CONDITION}
        if not plain:
            return
        if kind in (Kind.INVOICE, Kind.SUPPLIER_INVOICE):
            listed = {each for each in plain if "," not in each}
            yield from self._of(kind, self._api.among("Invoices", "InvoiceNumbers", listed))
            odd = (f'InvoiceNumber=="{each}"' for each in plain - listed)
            yield from self._of(kind, self._api.either("Invoices", odd))
            return
        entity, field = form_of(kind).entity, NAMES[kind]
        begins = (f'({field}!=null AND {field}.StartsWith("{each}"))' for each in plain)
        found = self._api.either(entity, begins)
        if kind in BUNDLED:
            yield from self._bundles(kind, found, self._api.every("Overpayments"))
        else:
            yield from self._of(kind, found)

    def word(self, posting: Posting) -> str:
        if isinstance(posting.record, Customer):
            return posting.key
        number = posting.record.number.strip()
        listed = posting.record.kind in (Kind.INVOICE, Kind.SUPPLIER_INVOICE) and "," not in number
        return number if listed else ""

    def _of(self, kind: Kind, bodies: Iterable[Body]) -> Iterator[Body]:
        """The bodies of an entity that are of a kind."""
        return (body for body in bodies if body.get("Type") in TYPES.get(kind, (body.get("Type"),)))

    def _bundles_of(self, kind: Kind, wanted: set[str]) -> Iterator[Body]:
        """The payments of these references, each with all that bears its key."""
        by_entity: dict[str, set[str]] = defaultdict(set)
        for each in wanted:
            by_entity["Overpayment" if "Overpayment" in each else "Payment"].add(f'guid("{bare(each)}")')
        found: dict[str, list[Body]] = {
            word: list(self._api.either(f"{word}s", (f"{word}ID={each}" for each in ids)))
            for word, ids in by_entity.items()
        }
        bundles = list(self._bundles(kind, found.get("Payment", ()), found.get("Overpayment", ())))
        days = [day for each in bundles if self.key_of(kind, each) for day in standings.days_of(each)]
        if days:
            keys = {self.key_of(kind, each) for each in bundles} - {""}
            whole = {self.key_of(kind, each): each for each in self.by_days(kind, min(days), max(days))}
            bundles = [each for each in bundles if self.key_of(kind, each) not in keys & whole.keys()]
            bundles += [whole[key] for key in keys & whole.keys()]
        return iter(bundles)

    def _bundles(self, kind: Kind, payments: Iterable[Body], overpayments: Iterable[Body]) -> Iterator[Body]:
        """Payments and overpayments that bear one key, together; those of a person each alone."""
        types = TYPES[kind]
        bundles: dict[str, Body] = {}
        for name, bodies in (("Payments", payments), ("Overpayments", overpayments)):
            for body in bodies:
                if body.get("PaymentType", body.get("Type")) in types:
                    alone = {name: [body]}
                    key = standings.key_in_bundle(alone)
                    label = f"{key} {body.get('Status') in standings.GONE}" if key else str(id(body))
                    bundles.setdefault(label, {}).setdefault(name, []).append(body)
        return iter(bundles.values())

    # --- what is told

    def key_of(self, kind: Kind, body: Body) -> str:
        return standings.key_of(kind, body)

    def standing(self, kind: Kind, body: Body) -> Standing:
        return standings.standing(kind, body, self._books, self._web)

    def posted(self, posting: Posting, body: Body, *, replayed: bool) -> Posted:
        now = self.standing(posting.record.kind, body)
        entry = posting.record.kind is Kind.JOURNAL_ENTRY
        return Posted(key=posting.key, ledger_id=now.ledger_id, number=now.number, url=now.url, replayed=replayed,
                      total=None if entry or isinstance(posting.record, Customer) else now.total)  # fmt: skip

    def joined(self, posting: Posting, body: Body | None, write: Write, answer: Body) -> Body:
        match write.made:
            case "payment":
                before = body or {}
                return {**before, "Payments": [*before.get("Payments", ()), answer]}
            case "overpayment":
                over = {**answer, "RemainingCredit": answer.get("Total"), "Allocations": []}
                return {**(body or {}), "Overpayments": [over]}
            case "allocation":
                before = body or {}
                return {**before, "Allocations": [*(before.get("Allocations") or ()), answer]}
        return answer

    def target(self, kind: Kind, body: Body) -> Target:
        now = self.standing(kind, body)
        return Target(id=now.ledger_id, number=now.number, party=now.customer, total=now.total or Decimal(0),
                      left=Decimal(str(body.get("AmountDue") or 0)), void=now.void, currency=now.currency,
                      day=now.date.isoformat() if now.date else "")  # fmt: skip

    def applied(self, posting: Posting, body: Body) -> Mapping[str, Decimal]:
        amounts, record = allocations(body), posting.record
        if not isinstance(record, Payment):
            return amounts
        for each in body.get("Payments") or ():
            id_ = f"{standings.WORDS[record.pays][0]}:{at(each, 'Invoice.InvoiceID')}"
            amounts[id_] = amounts.get(id_, Decimal(0)) + Decimal(str(each["Amount"]))
        return amounts

    def own(self, posting: Posting, standing: Standing, body: Body) -> Standing:
        return standings.own(posting.record.kind, standing, body)

    def kind_of(self, reference: str) -> Kind | None:
        return kind_of(reference)

    # --- writing

    def carry_out(self, writes: Sequence[Write]) -> Sequence[Answer]:
        """Those of one place in one request, at most 50; a request that is refused whole is sent one by one."""
        answers: dict[int, Answer] = {}
        by_place: dict[str, list[int]] = defaultdict(list)
        for place, write in enumerate(writes):
            alone = "/" in write.to or write.made == "renamed"
            by_place[f"{write.to} {place}" if alone else write.to].append(place)
        stopped: Stopped | None = None
        for places in by_place.values():
            for start in range(0, len(places), AT_ONCE):
                some = places[start : start + AT_ONCE]
                told = [stopped] * len(some) if stopped else self._sent([writes[place] for place in some])
                stopped = stopped or next((each for each in told if isinstance(each, Stopped)), None)
                answers |= dict(zip(some, told, strict=True))
        return [answers[place] for place in range(len(writes))]

    def _sent(self, writes: Sequence[Write]) -> list[Answer]:
        method, _, path = writes[0].to.partition(" ")
        entity = [part for part in path.split("/") if part[:1].isupper()][-1]
        keys = [_key(write) for write in writes]
        try:
            if method == "DELETE" or path.startswith("Payments/"):
                told = self._api.write(method, path, writes[0].body or None, keys)
                return [self._answered(writes[0], told.get(entity, [told])[0])]
            told = self._api.write(method, path, {entity: [write.body for write in writes]}, keys)
        except MayHaveHappened as doubt:
            return [Doubt(doubt.problem.detail)] * len(writes)
        except Refused as no:
            return self._refused(writes, no)
        except CannotRun as why:
            return [Stopped(why)] * len(writes)
        elements: Any = told.get(entity)
        if not isinstance(elements, list) or len(elements) != len(writes):
            return [Doubt(f"no {entity} for each of {len(writes)} in the answer")] * len(writes)
        return [self._answered(write, element) for write, element in zip(writes, elements, strict=True)]

    def _answered(self, write: Write, element: Body) -> Answer:
        if said := refused_for(element):
            return Refusal(self._refusal(write, said))
        if write.made == OVERPAYMENT and not element.get("OverpaymentID"):
            return Doubt("no id of the overpayment in the answer")
        names = ("AllocationID", "Invoice", "IsDeleted") if write.made == ALLOCATION else standings.ID_NAMES
        if not any(element.get(name) for name in names):
            return Doubt("no id in the answer")
        return Done(element)

    def _refused(self, writes: Sequence[Write], no: Refused) -> list[Answer]:
        if no.answer.status in (401, 403):
            return [Stopped(no)] * len(writes)
        if len(writes) > 1:
            return [self._sent([write])[0] for write in writes]
        said = messages(no.answer.body)
        [write] = writes
        if no.answer.status == 404:
            return [Refusal(self._refusal(write, f"could not be found {no.answer.detail}"))]
        return [Refusal(self._refusal(write, said or no.answer.detail))]

    def _refusal(self, write: Write, said: str) -> Problem:
        posting = write.posting
        closed = self.lists.closing_date
        known = {"closing_date": str(closed) if closed else "", "reference": posting.customer or posting.reference}
        if posting.applied:
            known["reference"] = ", ".join(part.ledger_id for part in posting.applied)
        return refusal(posting.record, said, **{name: value for name, value in known.items() if value})


def _key(write: Write) -> str:
    """What tells a write from every other of its posting: what it makes, for which document, and how often before."""
    return f"{write.posting.key}#{write.again} {write.made} {at(write.body, 'Invoice.InvoiceID') or ''}"
