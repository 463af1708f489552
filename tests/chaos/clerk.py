"""A person who books in the ledger by hand, types references, rightly or not, and answers what is asked."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from random import Random

from addin.hands import open_journal
from addin.journal import RecordKey, State, Transfer
from addin.journal.protocol import OPEN, SETTLED
from addin.session import Session
from addin.usecases.answering import same_one, second_one
from connectors.problems import CannotRun
from connectors.records import Kind
from tests.addin.conftest import TODAY
from tests.chaos.books import Document, NotReached, Slip
from tests.chaos.invariants import COMPLETED, Sheet, sheet_of
from tests.chaos.person import CHECK, Command, These
from tests.chaos.source import STRANGE
from tests.chaos.worlds import NAMES, World, is_plain, record_of
from workbook.book import Book, Row, Value
from workbook.layout import ACCOUNTS, INVOICES, PAYMENTS, REVIEW_TABLES, Table
from workbook.review import text_of
from workbook.row_keys import keyed

TABLES = {Kind.INVOICE: INVOICES, Kind.PAYMENT: PAYMENTS, Kind.CUSTOMER: ACCOUNTS}
ALIKE = {"another customer's reference of the same amount", "a reference of another amount"}
"""What is wrong in one thing alone is typed more often."""

MARKED = {"status": "To Be Transferred"}


@dataclass
class Clerk:
    """Works beside the product; of all he does, the ledger alone says what is true.

    ``typed`` are the records whose reference he typed wrongly and has not corrected, ``cleared`` those whose reference
    he took away; ``over`` is what he typed, wrongly, over the reference of what is transferred, whether its row knows
    that or the journal alone.
    """

    world: World
    chance: Random
    works: bool
    marks_all: bool
    typed: set[RecordKey] = field(default_factory=set)
    cleared: set[RecordKey] = field(default_factory=set)
    over: dict[str, str] = field(default_factory=dict)
    slips: int = 0

    def begins(self, sync: Callable[[], None]) -> None:
        """A part leaves calmly, so that its customers are in the ledger; he keeps the others back meanwhile."""
        aside = [key for key in self._documents() if self.works and self.chance.random() < 0.7]
        self._types({key: {"status": "Stand By"} for key in aside})
        sync()
        self._types(dict.fromkeys(aside, MARKED))

    def decides(self) -> None:
        """Between two runs."""
        if not self.works:
            return
        for act in (self._corrects, self._links_accounts, self._books, self._types_rightly, self._types_wrongly,
                    self._clears, self._answers_some, self._moves_rows, self._checks):  # fmt: skip
            if self.chance.random() < 0.5:
                act()

    def meanwhile(self, transfers: Mapping[RecordKey, tuple[Transfer, ...]], book: Book) -> None:
        """While a sync runs, before its next batch is looked for and leaves."""
        if self.works and self.chance.random() < 0.2:
            with suppress(NotReached):
                self._books_one_of(self._never_sent(transfers), "while a sync runs")
        if self.works and self.chance.random() < 0.1:
            self.world.note("person: sorts rows while a sync runs")
            for table in REVIEW_TABLES:
                self._sorted(book, table)

    def answers(self, press: Callable[[Command], None]) -> None:
        """Everything that is asked, truthfully: of what he booked himself it is that one, anything else is another."""
        standing = [each for each in self.world.documents() if each.by_hand and each.record]
        mine = {(each.kind, each.record) for each in standing}
        others = [key for key in self._all() if key not in mine]
        if mine:
            press(Command("same_one", lambda session: same_one(session, These(keys=sorted(mine)))))
        press(Command("second_one", lambda session: second_one(session, These(keys=others))))
        rows = self._rows() if mine else {}
        open_ = [key for key in sorted(mine) if rows[key].values["status"] != COMPLETED]
        self._types({key: self._named(key, standing) for key in open_})

    def settles(self) -> None:
        """Corrects whatever was typed wrongly, and has what he had left aside transferred."""
        if self.works:
            self._corrects()
            customers, names = self.world.books.customers(), self._names()
            accounts = [key for key in self.cleared if key[0] is Kind.CUSTOMER and names[key[1]] in customers]
            linked = {key: {"reference": customers[names[key[1]]]} for key in sorted(accounts)}
            self._types({key: {**MARKED, **linked.get(key, {})} for key in sorted(self.cleared)})
            self.cleared.clear()

    # what he books

    def _books(self) -> None:
        with closing(open_journal(self.world.profile)) as journal:
            free = self._never_sent(journal.transfers())
        for _ in range(self.chance.randint(1, 4)):
            self._books_one_of(free, "between runs")

    def _never_sent(self, transfers: Mapping[RecordKey, tuple[Transfer, ...]]) -> list[RecordKey]:
        """What is certainly in the ledger neither by us nor on its way there."""
        return [key for key in self._documents() if not (h := transfers.get(key)) or h[-1].state is State.UNDONE]

    def _documents(self) -> list[RecordKey]:
        """The invoices and payments that he works on."""
        return [key for key in self._all() if is_plain(key[1])]

    def _all(self) -> list[RecordKey]:
        return [(Kind(kind), key) for kind, key in self.world.wanted()]

    def _books_one_of(self, free: Collection[RecordKey], when: str) -> None:
        there = {(each.kind, each.record) for each in self.world.documents()}
        names, books = self._names(), self.world.books
        known = books.customers().keys()
        free = [key for key in free if key not in there and self._record(key)["date"] != STRANGE]
        chosen = [key for key in free if names[self._record(key)["account"]] in known]
        if not chosen:
            return
        kind, key = self.chance.choice(chosen)
        record = self._record((kind, key))
        total, owed = Decimal(record.get("total") or record["amount"]), self.chance.random() < 0.2
        self.slips += 1
        word = f"M-{kind.value[0]}{key[1:]}-{self.slips}-{self.chance.randrange(10**6)}"
        number = self.chance.choice(("", word) if kind is Kind.PAYMENT else (word,))
        if not owed and self.chance.random() < 0.4:
            number = record["number"]
        day = date.fromisoformat(record["date"]) + timedelta(self.chance.choice((0, 0, 1, -3, 9)))
        plain = number != record["number"] and self.chance.random() < 0.5
        slip = Slip(
            kind=kind, record="" if owed else key, customer=names[record["account"]], total=total,
            day=day.isoformat(), number=number, word=word, plain=plain,
        )  # fmt: skip
        try:
            books.key_in(slip)
        except NotReached:  # a document that was voided keeps its number, and QuickBooks refuses another of it
            self.world.note(f"person: cannot book what he has in hand, {when}")
            return
        what = "another one, owed too" if owed else "without a number" if not number else "it, under its number"
        what = what if owed or number in ("", record["number"]) else "it, under another number"
        self.world.note(f"person: books {what}, {when}")

    def _record(self, key: RecordKey) -> dict[str, str]:
        return record_of(self.world.company, key[1])

    def _names(self) -> dict[str, str]:
        return {row["key"]: row["name"] for row in self.world.company.files["accounts"]}

    # what he types

    def _types(self, cells: Mapping[RecordKey, Mapping[str, Value]]) -> None:
        """Type into rows, and save."""
        if not cells:
            return
        book, sent = self.world.company.book, self._sent()
        for kind in {kind for kind, _ in cells}:
            table = TABLES[kind]
            rows = {row_key[-1]: (row_key, row) for row_key, row in keyed(table, book.read(table).rows)}
            typed = {key: each for (of, key), each in cells.items() if of is kind}
            book.write(table, {rows[key][0]: each for key, each in typed.items()}, every=True)
            for key, each in typed.items():
                self.over.pop(key, None)
                completed = rows[key][1].values["status"] == COMPLETED or (kind, key) in sent
                if completed and "reference" in each:
                    self.over[key] = text_of(each["reference"])
        book.save()

    def _sent(self) -> set[RecordKey]:
        """What is in the ledger or on its way there by the journal, whether its row knows it or not."""
        with closing(open_journal(self.world.profile)) as journal:
            return {key for key, history in journal.transfers().items() if history[-1].state in SETTLED | OPEN}

    def _rows(self) -> dict[RecordKey, Row]:
        sheet: Sheet = sheet_of(self.world.company)
        rows = ((kind, text_of(row.values["key"]), row) for kind, table in TABLES.items() for row in sheet[table])
        mine = {row["key"] for row in self.world.company.files["accounts"] if row["name"] in NAMES}
        return {(kind, key): row for kind, key, row in rows if is_plain(key) or key in mine}

    def _named(self, key: RecordKey, standing: Collection[Document]) -> Mapping[str, Value]:
        """What he types where the ledger has it: as what, and that it is not left aside."""
        found = next(each for each in standing if (each.kind, each.record) == key)
        return {"reference": found.typed}

    def _open(self) -> list[RecordKey]:
        return [key for key, row in self._rows().items() if key[0] is not Kind.CUSTOMER
                and row.values["status"] != COMPLETED]  # fmt: skip

    def _types_rightly(self) -> None:
        standing = [each for each in self.world.documents() if each.by_hand and each.record]
        mine = {(each.kind, each.record) for each in standing} & set(self._open())
        chosen = sorted(mine)[: self.chance.randint(1, 3)]
        self._types({key: self._named(key, standing) for key in chosen})
        self.typed.difference_update(chosen)
        for _ in chosen:
            self.world.note("person: types a right reference")

    def _types_wrongly(self) -> None:
        """On what waits and, now and then, over what is Completed."""
        rows = {key: row for key, row in self._rows().items() if key[0] is not Kind.CUSTOMER}
        standing = self.world.documents()
        cells: dict[RecordKey, Mapping[str, Value]] = {}
        done = sorted(key for key, row in rows.items() if row.values["status"] == COMPLETED)
        waiting = sorted(rows.keys() - set(done))
        chosen = self.chance.sample(waiting, min(len(waiting), self.chance.randint(1, 4)))
        over = self.chance.sample(done, min(len(done), 1)) if self.chance.random() < 0.3 else []
        for key in (*chosen, *over):
            what, typed = self._wrong(key, standing)
            cells[key] = {"reference": typed}
            self.world.note(f"person: types {what}" + (" over what is there" if key in over else ""))
        self._types(cells)
        self.typed.update(cells)

    def _wrong(self, key: RecordKey, standing: Collection[Document]) -> tuple[str, str]:
        """A reference that is not this record's, and what is wrong with it."""
        record = self._record(key)
        customer, total = self._names()[record["account"]], Decimal(record.get("total") or record["amount"])
        kinds: list[tuple[str, str]] = [("a reference that is not there", f"NOPE-{key[1]}")]
        for each in standing:
            if record["number"] in each.names or each.record == key[1] or not (each.by_hand or is_plain(each.record)):
                continue
            if each.kind is not key[0]:
                kinds.append(("a reference of another kind", each.typed))
            elif each.customer != customer and each.total == total and each.by_hand:
                kinds.append(("another customer's reference of the same amount", each.typed))
            elif each.customer != customer:
                kinds.append(("another customer's reference", each.typed))
            elif not each.by_hand:
                kinds.append(("a reference of another record of ours", each.typed))
            elif each.total != total:
                kinds.append(("a reference of another amount", each.typed))
        alike = [one for one in kinds if one[0] in ALIKE]
        if alike and self.chance.random() < 0.5:
            kinds = alike
        what = self.chance.choice(sorted({what for what, _ in kinds}))
        return what, self.chance.choice([typed for each, typed in kinds if each == what])

    def _clears(self) -> None:
        """An account whose link is cleared is nobody's until it is linked anew: where documents are undone and all is
        marked at once, it would leave as a new one."""
        rows = self._rows()
        done = {key for key, row in rows.items() if row.values["status"] == COMPLETED}
        linked = [key for key, row in rows.items() if text_of(row.values["reference"])]
        free = sorted(key for key in linked if key[0] is not Kind.CUSTOMER or (key in done and not self.marks_all))
        cells: dict[RecordKey, Mapping[str, Value]] = {}
        for key in self.chance.sample(free, min(len(free), 2)):
            cells[key] = {"reference": None} if key in done else {"reference": None, **MARKED}
            self.world.note("person: clears a reference" + (" of an account" if key[0] is Kind.CUSTOMER else ""))
        self._types(cells)
        self.typed.difference_update(cells)
        self.cleared.update(cells)

    def _corrects(self) -> None:
        """Types the right reference where there is one, and none where there is not."""
        standing = [each for each in self.world.documents() if each.by_hand and each.record]
        mine, rows = {(each.kind, each.record) for each in standing}, self._rows()
        customers, names = self.world.books.customers(), self._names()
        cells: dict[RecordKey, Mapping[str, Value]] = {}
        for key in sorted(self.typed):
            if key in mine:
                cells[key] = self._named(key, standing)
            elif key[0] is Kind.CUSTOMER and names[key[1]] in customers:
                cells[key] = {"reference": customers[names[key[1]]]}
            else:
                done = rows[key].values["status"] == COMPLETED
                cells[key] = {"reference": None} if done else {"reference": None, **MARKED}
        self._types(cells)
        self.typed.clear()

    def _links_accounts(self) -> None:
        """Opens a customer in the ledger, and types it on its account, or something else, or on another's."""
        with closing(open_journal(self.world.profile)) as journal:
            known = journal.transfers()
        names, customers = self._names(), self.world.books.customers()
        names = {key: name for key, name in names.items() if name in NAMES}
        new = [key for key, name in names.items() if (Kind.CUSTOMER, key) not in known and name not in customers]
        if new and self.chance.random() < 0.7:
            key = self.chance.choice(new)
            self.world.books.open_customer(f"H{key}", names[key])
            typed = self.chance.choice((names[key], self.world.books.customers()[names[key]]))
            self._types({(Kind.CUSTOMER, key): {"reference": typed}})
            self.world.note("person: links an account to a customer of his own")
            return
        key = self.chance.choice(sorted(names))
        others = sorted(reference for name, reference in customers.items() if name in NAMES and name != names[key])
        typed = self.chance.choice(["NOPE", *others])
        self._types({(Kind.CUSTOMER, key): {"reference": typed}})
        self.typed.add((Kind.CUSTOMER, key))
        self.world.note("person: types " + ("another's" if typed != "NOPE" else "no") + " customer on an account")

    # what else he does

    def _checks(self) -> None:
        self.world.note("pressed: check")
        self._presses(CHECK)

    def _answers_some(self) -> None:
        self.world.note("person: answers what is asked")
        self.answers(self._presses)

    def _presses(self, command: Command) -> None:
        with (
            suppress(CannotRun),
            Session.open(self.world.profile, self.world.company.book, command.name, TODAY) as session,
        ):
            command.run(session)

    def _moves_rows(self) -> None:
        book = self.world.company.book
        for table in REVIEW_TABLES:
            self._sorted(book, table)
        book.save()
        self.world.note("person: sorts rows")

    def _sorted(self, book: Book, table: Table) -> None:
        rows = [row.values for row in book.read(table).rows]
        self.chance.shuffle(rows)
        book.replace(table, rows)
