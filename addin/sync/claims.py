"""Typed references: each a claim that the ledger has this record already, believed once the ledger was asked.

What a claim names is decided by these rules alone; nothing here asks the ledger (``enquiry``) or changes the journal.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from addin.journal import Answer, Question, Questions, RecordKey, Seen, State, Topic, Transfer
from addin.journal.rows import former, settled
from addin.sync.linking import Directory, candidates, resembles
from addin.sync.offers import shown
from addin.sync.twins import Likeness
from connectors.ledger import LedgerCustomer, Sought, Standing
from connectors.problems import Problem, problem_of
from connectors.records import Customer, JournalEntry, Kind, Transferable, total_of
from workbook.review import Review, Typed, text_of

LISTED = 5
"""How many documents a sentence names where a reference may mean several."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A reference that was typed and that the journal does not know yet, with what the record was booked as before."""

    reference: str
    typed: Typed
    transfer: Transfer | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What came of a claim: what the ledger has under it, or why that is not believed.

    ``question`` is what a person may confirm in that case.
    """

    standing: Standing | None = None
    problem: Problem | None = None
    question: Question | None = None


def claims(
    review: Review, seen: Mapping[RecordKey, Seen], transfers: Mapping[RecordKey, tuple[Transfer, ...]]
) -> dict[RecordKey, Claim]:
    """Every typed reference that says something new, and those that an earlier release believed unseen."""
    found = {}
    for key, typed in review.rows.items():
        if key not in seen or key in review.unsound or not {"reference", "status"} <= typed.grid.letters.keys():
            continue
        history = transfers.get(key, ())
        transfer = settled(history)
        if history and history[-1].state is State.UNDOING:
            continue
        known = former(history) | ({transfer.ledger_id, transfer.ledger_number} if transfer else set())
        reference = typed_reference(typed, known)
        if reference and (reference not in known or (transfer and _unproven(transfer))):
            found[key] = Claim(reference, typed, transfer)
    return found


def typed_reference(typed: Typed, known: Container[str]) -> str:
    """The reference that was typed on any of a record's rows; of several, one that says something new."""
    references = [reference for row in typed.rows if (reference := text_of(row.values.get("reference")))]
    return next((each for each in references if each not in known), references[0] if references else "")


def _unproven(transfer: Transfer) -> bool:
    """Whether an earlier release took a document's reference as it was typed: nothing that the ledger told is known."""
    told = transfer.total is not None or transfer.customer or transfer.url
    return transfer.state is State.MANUAL and transfer.kind is not Kind.CUSTOMER and not told


Alike = Mapping[RecordKey, Sequence[tuple[Standing, Likeness]]]
"""What the ledger has that may be a record, and why."""


@dataclass(frozen=True, slots=True)
class Answered:
    """What a ledger has: under references, like records, and of which records of ours those documents are, by id."""

    under: Mapping[RecordKey, Sequence[Standing]] = field(default_factory=dict)
    alike: Alike = field(default_factory=dict)
    owners: Mapping[str, RecordKey] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Claimed:
    """All claims of one moment and what is known for judging them.

    ``directory`` is ``None`` where the ledger's customers were never pulled; ``home`` is the ledger's currency,
    ``limit`` how far an amount may be off, and ``searches`` whether the ledger can be asked at all.
    """

    claims: Mapping[RecordKey, Claim]
    records: Mapping[RecordKey, Transferable]
    transfers: Mapping[RecordKey, tuple[Transfer, ...]]
    questions: Questions
    directory: Directory | None
    home: str
    limit: Decimal
    searches: bool = True

    def accounts(self) -> dict[RecordKey, Finding]:
        """What the claims of accounts come to."""
        of_accounts = {key: claim for key, claim in self.claims.items() if key[0] is Kind.CUSTOMER}
        return {key: self._account(key, claim) for key, claim in of_accounts.items()}

    def _account(self, key: RecordKey, claim: Claim) -> Finding:
        account = self.records[key]
        assert isinstance(account, Customer)
        if self.directory is None:
            return _wrong(account, "reference_waits", reference=claim.reference)
        meant = self.directory.named(claim.reference)
        if len(meant) > 1:
            return _wrong(account, "reference_ambiguous", reference=claim.reference, candidates=candidates(meant))
        if not meant:
            right = self.directory.right(account)
            if right is None:
                return _wrong(account, "account_unknown_in_ledger", reference=claim.reference)
            return _wrong(account, "reference_incorrect", reference=claim.reference, right=shown(right))
        return self._linked(account, claim, meant[0])

    def _linked(self, account: Customer, claim: Claim, customer: LedgerCustomer) -> Finding:
        """An existing customer is the account's, unless it looks like another's: then a person says so."""
        assert self.directory is not None
        standing = Standing(ledger_id=customer.reference, number=customer.reference)
        asked = Question(kind=account.kind, record=account.key, topic=Topic.LINK, about=customer.reference)
        if self.questions.said(asked.id, asked.topic, asked.about) is Answer.YES:
            return Finding(standing=standing)
        suggested = self.directory.suggested(claim.typed.text("suggested"))
        ours = claim.transfer is not None and claim.transfer.state is State.POSTED
        names = {"reference": claim.reference, "customer": shown(customer), "name": account.name}
        if ours and claim.transfer and claim.transfer.ledger_id != customer.reference:
            was = self.directory.name(claim.transfer.ledger_id)
            return _wrong(account, "account_link_moves", asked, was=was, **names)
        if self.directory.offered(claim.reference):
            return Finding(standing=standing)
        if suggested and suggested.reference != customer.reference:
            return _wrong(account, "account_not_suggested", asked, suggested=shown(suggested), **names)
        if not suggested and not resembles(account, customer):
            return _wrong(account, "account_name_differs", asked, **names)
        return Finding(standing=standing)

    def sought(self) -> Iterator[tuple[RecordKey, Sought]]:
        """What the ledger is asked of the claims of documents, payments and entries, by name."""
        for number, (key, claim) in enumerate(self.claims.items()):
            if key[0] is not Kind.CUSTOMER and not _ours(claim):
                yield key, Sought(name=f"claim {number}", kind=key[0], reference=claim.reference)

    def documents(self, answered: Answered | None, customers: Mapping[str, str]) -> dict[RecordKey, Finding]:
        """What the claims of all others come to; ``answered`` is ``None`` where the ledger was not asked.

        ``customers`` are the ledger's ids of the accounts that it has.
        """
        documents = {key: claim for key, claim in self.claims.items() if key[0] is not Kind.CUSTOMER}
        found = {key: self._document(key, claim, answered, customers) for key, claim in documents.items()}
        return {**found, **self._shared(found)}

    def _document(
        self, key: RecordKey, claim: Claim, answered: Answered | None, customers: Mapping[str, str]
    ) -> Finding:
        record = self.records[key]
        if _ours(claim) and claim.transfer:
            return _wrong(record, "reference_replaces_ours", reference=claim.reference, booked=claim.transfer.shown)
        if not self.searches:
            return self._unlookable(record, claim)
        if answered is None:
            return _wrong(record, "reference_waits", reference=claim.reference)
        account = getattr(record, "customer", "")
        if account and account not in customers:
            return _wrong(record, "reference_waits_for_account", reference=claim.reference, account=self._name(account))
        customer = customers.get(account, "")
        meant = _most_alike(record, answered.under.get(key, ()), customer, claim.reference)
        if not meant:
            return self._not_there(record, claim, [there for there, _ in answered.alike.get(key, ())])
        if len(meant) > 1:
            listed = self._listed(meant)
            return _wrong(record, "reference_ambiguous", reference=claim.reference, candidates=listed)
        return self._checked(record, claim, meant[0], answered.owners, customer)

    def _checked(
        self, record: Transferable, claim: Claim, there: Standing, owners: Mapping[str, RecordKey], customer: str
    ) -> Finding:
        """The one document that bears the reference, held against the record."""
        owner = owners.get(there.ledger_id)
        names = {"reference": claim.reference, "there": self._described(there)}
        if owner and owner != (record.kind, record.key):
            other = self.records.get(owner)
            number = (other.number if other else "") or owner[1]
            return _wrong(record, "reference_taken", kind=owner[0], number=number, **names)
        if there.void:
            return _wrong(record, "reference_void", **names)
        if there.kind not in (None, record.kind):
            return _wrong(record, "reference_of_other_kind", kind=record.kind, **names)
        if customer and there.customer and there.customer != customer:
            return _wrong(record, "reference_of_other_customer", customer=self._customer(customer), **names)
        total = total_of(record)
        currency = there.currency or self.home
        off = there.total is not None and abs(there.total - total) > self.limit
        if off or currency != getattr(record, "currency", currency):
            return _wrong(record, "reference_of_other_amount", total=str(total), ledger_total=str(there.total), **names)
        return Finding(standing=there)

    def _not_there(self, record: Transferable, claim: Claim, alike: Sequence[Standing]) -> Finding:
        """Nothing bears the reference; the one document that is like the record is named."""
        standing = [each for each in alike if not each.void]
        if len(standing) == 1:
            right = self._described(standing[0])
            return _wrong(record, "reference_incorrect", reference=claim.reference, right=right)
        return _wrong(record, "reference_not_in_ledger", reference=claim.reference)

    def _unlookable(self, record: Transferable, claim: Claim) -> Finding:
        """A ledger that cannot be asked what it has: a person confirms what was typed."""
        asked = Question(kind=record.kind, record=record.key, topic=Topic.LINK, about=claim.reference)
        if self.questions.said(asked.id, asked.topic, asked.about) is Answer.YES:
            return Finding(standing=Standing(ledger_id=claim.reference, number=claim.reference))
        return _wrong(record, "reference_unproven", asked, reference=claim.reference)

    def _shared(self, found: Mapping[RecordKey, Finding]) -> dict[RecordKey, Finding]:
        """Of documents, one reference on several rows holds them all."""
        claimed: dict[str, list[RecordKey]] = {}
        for key, finding in found.items():
            if finding.standing:
                claimed.setdefault(finding.standing.ledger_id, []).append(key)
        several: dict[RecordKey, Finding] = {}
        for keys in claimed.values():
            for key in keys if len(keys) > 1 else ():
                other = next(each for each in keys if each != key)
                named = {"reference": self.claims[key].reference, "kind": other[0]}
                number = self.records[other].number or other[1]
                standing = found[key].standing
                there = self._described(standing) if standing else ""
                several[key] = _wrong(self.records[key], "reference_taken", number=number, there=there, **named)
        return several

    def _name(self, account: str) -> str:
        record = self.records.get((Kind.CUSTOMER, account))
        return record.name if isinstance(record, Customer) else account

    def _customer(self, reference: str) -> str:
        return self.directory.name(reference) if self.directory else reference

    def _described(self, there: Standing) -> str:
        name = self._customer(there.customer) if there.customer else ""
        return described(there, name, self.home)

    def _listed(self, several: Iterable[Standing]) -> str:
        listed = [self._described(each) for each in several]
        return "; ".join((*listed[:LISTED], *(("…",) if len(listed) > LISTED else ())))


def described(there: Standing, customer: str, home: str) -> str:
    """A document of the ledger in a sentence: its number, day, amount and customer, as far as they are told."""
    amount = "" if there.total is None else f"{there.total:.2f} {there.currency or home}"
    parts = (there.number or there.ledger_id, there.date.isoformat() if there.date else "", amount, customer)
    return " · ".join(filter(None, parts))


def _ours(claim: Claim) -> bool:
    """Whether another reference was typed over that of a document which we booked."""
    return claim.transfer is not None and claim.transfer.state is State.POSTED


def _most_alike(record: Transferable, answers: Sequence[Standing], customer: str, reference: str) -> Sequence[Standing]:
    """Of the documents that bear a reference, the one whose id it is, or those that are most like the record."""
    exact = [each for each in answers if each.ledger_id == reference]
    if len(exact) == 1:
        return exact
    day, total = getattr(record, "date", None), total_of(record)
    parties = ("", customer) if customer and not isinstance(record, JournalEntry) else None
    rules: tuple[Callable[[Standing], bool], ...] = (
        lambda each: not each.void,
        lambda each: each.kind in (None, record.kind),
        lambda each: parties is None or each.customer in parties,
        lambda each: each.total in (None, total),
        lambda each: each.date in (None, day),
    )
    for rule in rules:
        answers = [each for each in answers if rule(each)] or answers
    return answers


def _wrong(record: Transferable, code: str, question: Question | None = None, /, **params: str) -> Finding:
    return Finding(problem=problem_of(record, code, column="reference", **params), question=question)


def with_place(finding: Finding, claim: Claim) -> Finding:
    """A finding whose problem stands at the cell in which the reference was typed."""
    if finding.problem is None:
        return finding
    row = next((row for row in claim.typed.rows if text_of(row.values.get("reference")) == claim.reference), None)
    place = claim.typed.grid.place(row or claim.typed.rows[0], "reference")
    return replace(finding, problem=replace(finding.problem, place=place))
