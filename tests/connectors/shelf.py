"""A ledger in memory, as small as the ways to booked allow, and a wire that goes wrong where a test says."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum

from connectors.booking.bookkeeping import Bookkeeping
from connectors.booking.recipes import Answer, Body, Done, Doubt, Recipe, Refusal, Sight, Step, Stopped, Target, Write
from connectors.crediting import over_total, up_to_open
from connectors.ledger import Applied, Capabilities, LedgerLists, Posted, Posting, Standing
from connectors.problems import CannotRun, Problem, problem_of
from connectors.records import CreditNote, Invoice, Kind, Payment


class Wrong(StrEnum):
    """What happens to one write."""

    LOST_CALL = "lost call"
    LOST_ANSWER = "lost answer"
    EMPTY_ANSWER = "empty answer"
    REFUSED = "refused"
    STOPPED = "stopped"
    KILLED = "killed"
    KILLED_AFTER = "killed after"


class Killed(BaseException):
    """The program ends."""


@dataclass
class Shelf:
    """What the ledger has, and which write (from 1) goes wrong how."""

    rows: dict[str, Body] = field(default_factory=dict)
    wrong: dict[int, Wrong] = field(default_factory=dict)
    writes: int = 0

    def left(self, invoice: str) -> Decimal:
        row = self.rows[invoice]
        taken = sum((amount for each in self.rows.values() if not each["void"]
                     for to, amount in each.get("applied", {}).items() if to == invoice), Decimal(0))  # fmt: skip
        return row["total"] - taken

    def carry_out(self, write: Write) -> Answer:
        self.writes += 1
        wrong = self.wrong.get(self.writes)
        match wrong:
            case Wrong.LOST_CALL:
                return Doubt("no connection")
            case Wrong.REFUSED:
                return Refusal(problem_of(write.posting.record, "ledger_refused", ledger="Shelf"))
            case Wrong.STOPPED:
                return Stopped(CannotRun(Problem(code="ledger_unreachable", params={"ledger": "Shelf"})))
            case Wrong.KILLED:
                raise Killed
        answer = self._done(write)
        if wrong is Wrong.KILLED_AFTER:
            raise Killed
        return Doubt("no answer") if wrong in (Wrong.LOST_ANSWER, Wrong.EMPTY_ANSWER) else answer

    def _done(self, write: Write) -> Answer:
        verb, _, id_ = write.to.partition(" ")
        match verb:
            case "make":
                new = f"R{len(self.rows) + 1}"
                self.rows[new] = {"id": new, "void": False, "applied": {}, **write.body}
                return Done(dict(self.rows[new]))
            case "apply":
                for to, amount in write.body.items():
                    if amount > self.left(to):
                        return Refusal(problem_of(write.posting.record, "ledger_refused", ledger="Shelf"))
                    self.rows[id_]["applied"][to] = amount
                return Done(dict(self.rows[id_]))
            case "release":
                self.rows[id_]["applied"] = {}
                return Done(dict(self.rows[id_]))
        self.rows[id_]["void"] = True
        return Done(dict(self.rows[id_]))


class ShelfBooks(Bookkeeping):
    """Invoices by one write; credit notes that are made, then applied; payments of a part for each invoice."""

    label = "Shelf"
    capabilities = Capabilities(voids=frozenset({Kind.INVOICE, Kind.CREDIT_NOTE, Kind.PAYMENT}),
                                applies_later=frozenset({Kind.CREDIT_NOTE}))  # fmt: skip
    lists = LedgerLists()  # type: ignore[assignment]

    def __init__(self, shelf: Shelf) -> None:
        self.shelf = shelf

    def refused(self, posting: Posting) -> Problem | None:
        return None if posting.customer else problem_of(posting.record, "account_unknown_in_ledger", reference="")

    def recipe(self, posting: Posting) -> Recipe:
        match posting.record:
            case Payment():
                return (Step(missing=self._parts, back=self._void, parted=True),)
            case CreditNote() if posting.applied:
                return Step(missing=self._made, back=self._void), Step(
                    missing=self._more, back=self._released, looks=True
                )
        return (Step(missing=self._made, back=self._void),)

    def _made(self, posting: Posting, sight: Sight) -> Sequence[Write]:
        if sight.body is not None:
            return ()
        record = posting.record
        assert isinstance(record, Invoice | CreditNote)
        body = {"key": posting.key, "kind": record.kind, "total": record.total, "customer": posting.customer}
        return (Write(posting=posting, to="make", body=body, again=sight.gone),)

    def _more(self, posting: Posting, sight: Sight) -> Sequence[Write] | Problem:
        left = {}
        for part in sight.parts:
            target = sight.targets[part.ledger_id]
            if problem := over_total(posting.record, part.amount, target.number, target.total):
                return problem
            left[target.id] = target.left
        there = (sight.body or {}).get("applied", {})
        more = [
            Applied(ledger_id=p.ledger_id, amount=p.amount - there.get(p.ledger_id, Decimal(0))) for p in sight.parts
        ]
        parts = up_to_open([part for part in more if part.amount > 0], left)
        if sight.body is None or not parts:
            return ()
        return (Write(posting=posting, to=f"apply {sight.body['id']}", body={p.ledger_id: p.amount for p in parts}),)

    def _parts(self, posting: Posting, sight: Sight) -> Sequence[Write]:
        made = {to for each in (sight.body or {}).get("parts", ()) for to in each["applied"]}
        return [
            Write(posting=posting, to="make", made="part",
                  body={"key": posting.key, "kind": Kind.PAYMENT, "total": part.amount, "customer": posting.customer,
                        "applied": {part.ledger_id: part.amount}})
            for part in sight.parts if part.ledger_id not in made
        ]  # fmt: skip

    def _void(self, posting: Posting, sight: Sight) -> Sequence[Write]:
        rows = (sight.body or {}).get("parts") or [sight.body]
        return [Write(posting=posting, to=f"void {row['id']}", body={}) for row in rows if not row["void"]]

    def _released(self, posting: Posting, sight: Sight) -> Sequence[Write]:
        body = sight.body or {}
        return (Write(posting=posting, to=f"release {body['id']}", body={}),) if body.get("applied") else ()

    def carry_out(self, writes: Sequence[Write]) -> Sequence[Answer]:
        return [self.shelf.carry_out(write) for write in writes]

    def by_ids(self, kind: Kind, references: Iterable[str]) -> Iterator[Body]:
        wanted = set(references)
        return (body for body in self._every(kind) if self.standing(kind, body).ledger_id in wanted)

    def by_words(self, kind: Kind, words: Iterable[str]) -> Iterator[Body]:
        return iter(())

    def by_days(self, kind: Kind, first: date, last: date) -> Iterator[Body]:
        return self._every(kind)

    def by_number(self, kind: Kind, numbers: Iterable[str]) -> Iterator[Body]:
        return iter(())

    def word(self, posting: Posting) -> str:
        return ""

    def _every(self, kind: Kind) -> Iterator[Body]:
        rows = [dict(row) for row in self.shelf.rows.values() if row["kind"] is kind]
        if kind is not Kind.PAYMENT:
            return iter(rows)
        bundles: dict[tuple[str, bool], Body] = {}
        for row in rows:
            bundles.setdefault((row["key"], row["void"]), {"parts": []})["parts"].append(row)
        return iter(bundles.values())

    def key_of(self, kind: Kind, body: Body) -> str:
        return str((body.get("parts") or [body])[0]["key"])

    def standing(self, kind: Kind, body: Body) -> Standing:
        rows = body.get("parts") or [body]
        ids = [name for row in rows for name in row["applied"]] if kind is Kind.CREDIT_NOTE else []
        if kind is Kind.INVOICE:
            live = [each for each in self.shelf.rows.values() if not each["void"]]
            ids = [each["id"] for each in live if body["id"] in each["applied"]]
        total, void = sum((row["total"] for row in rows), Decimal(0)), all(row["void"] for row in rows)
        return Standing(ledger_id=str(rows[0]["id"]), total=total, customer=rows[0]["customer"], applied=tuple(ids),
                        void=void)  # fmt: skip

    def posted(self, posting: Posting, body: Body, *, replayed: bool) -> Posted:
        now = self.standing(posting.record.kind, body)
        return Posted(key=posting.key, ledger_id=now.ledger_id, total=now.total, replayed=replayed)

    def joined(self, posting: Posting, body: Body | None, write: Write, answer: Body) -> Body:
        return {"parts": [*(body or {}).get("parts", ()), answer]} if write.made else answer

    def target(self, kind: Kind, body: Body) -> Target:
        return Target(id=body["id"], number=body["id"], party=body["customer"], total=body["total"],
                      left=self.shelf.left(body["id"]), void=body["void"])  # fmt: skip

    def applied(self, posting: Posting, body: Body) -> Mapping[str, Decimal]:
        return body["applied"]

    def own(self, posting: Posting, standing: Standing, body: Body) -> Standing:
        return replace(standing, applied=()) if posting.record.kind is Kind.CREDIT_NOTE else standing

    def kind_of(self, reference: str) -> Kind | None:
        return self.shelf.rows[reference]["kind"] if reference in self.shelf.rows else None

    def more(self, posting: Posting, sight: Sight) -> Sequence[Write]:
        body = sight.body or {}
        return (Write(posting=posting, to=f"apply {body['id']}", body={p.ledger_id: p.amount for p in sight.parts}),)

    def live(self) -> Counter[str]:
        """How many rows that are not void bear each key."""
        return Counter(row["key"] for row in self.shelf.rows.values() if not row["void"])
