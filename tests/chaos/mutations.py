"""Which seeds catch an engine that breaks one of its rules: ``python -m tests.chaos.mutations [SEEDS [NAME]]``.

Each rule is left out in turn, and seeds are tried until one has failed; a rule that no seed needs would be shown.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
import traceback
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from fractions import Fraction
from itertools import count
from math import inf
from pathlib import Path
from types import ModuleType
from weakref import WeakKeyDictionary

import pytest

from addin.journal import Journal, RecordKey, State, Transfer
from addin.journal import journal as journal_module
from addin.journal.lease import Lease
from addin.journal.protocol import OPEN, TRANSITIONS, Step
from addin.sync import approval as approval_module
from addin.sync import calls as calls_module
from addin.sync import checks as checks_module
from addin.sync import claims as claims_module
from addin.sync import deliver as deliver_module
from addin.sync import lookup as lookup_module
from addin.sync import plan as plan_module
from addin.sync import referring as referring_module
from addin.sync import run as run_module
from addin.sync import statuses as statuses_module
from addin.sync import twins as twins_module
from addin.sync import undo as undo_module
from addin.sync.allowance import Allowance
from addin.sync.approval import Judged
from addin.sync.calls import Answers, ask
from addin.sync.case import Case
from addin.sync.checks import standing as standing_module
from addin.sync.checks.settling import _Settled
from addin.sync.claims import Claim, Claimed, Finding
from addin.sync.enquiry import Books
from addin.usecases import sync as sync_module
from connectors.ledger import Ledger, Posted, Posting, Rejected, Standing, Unknown
from connectors.ledgers.beancount import book as beancount_book
from connectors.problems import problem_of
from connectors.records import CreditNote, Kind, Payment, ReturnedPayment, SyncStatus
from connectors.source import Source
from connectors.watch import Watch
from tests.chaos.campaign import try_seed
from tests.chaos.worlds import Worlds
from workbook.book import Grid, RowKey
from workbook.file import package
from workbook.file.file_book import FileBook
from workbook.layout import Table
from workbook.row_keys import keyed
from workbook.rows import Cells

INVARIANTS = {"audit.py", "invariants.py", "trace.py", "going_wrong.py", "review.py", "source.py"}
"""Where what must hold is asserted."""

Mutation = Callable[[pytest.MonkeyPatch], None]


def no_intent(patch: pytest.MonkeyPatch) -> None:
    written = Journal.write

    def write(journal: Journal, transfers: list[Transfer]) -> None:
        written(journal, [each for each in transfers if each.state is not State.INTENT])

    patch.setattr(Journal, "write", write)
    patch.setattr(journal_module, "may_follow", lambda *_: True)


def blind(patch: pytest.MonkeyPatch) -> None:
    def look_up(journal: Journal, ledger: Ledger, run: int) -> list[Transfer]:
        sent = OPEN - {State.UNDOING}
        waiting = [each for history in journal.open().values() for each in history if each.state in sent]
        journal.write([each.after(Step.MISS) for each in waiting])
        return []

    patch.setattr(sync_module, "look_up", look_up)


def no_lease(patch: pytest.MonkeyPatch) -> None:
    """Whoever asks for it has it, and so nobody can be told that another took over."""
    taken = Lease._taken
    patch.setattr(Lease, "_taken", lambda lease, connection: taken(lease, connection) and None)
    patch.setattr(Lease, "confirm", lambda *_: None)


def one_key_each_time(patch: pytest.MonkeyPatch) -> None:
    numbers, made = count(), plan_module.idempotency_key
    patch.setattr(plan_module, "idempotency_key", lambda *parts: f"{made(*parts)[:20]}-{next(numbers)}")


def move(path: Path, content: bytes, still: Callable[[], bool]) -> bool:
    beside = path.with_name(f"{path.name}.new")
    beside.write_bytes(content)
    beside.replace(path)
    return still()


def write_beside(target: Path, content: bytes) -> Path:
    beside = target.with_name(f".{target.name}.tmp")
    beside.write_bytes(content)
    return beside


def undone_without_an_intent(patch: pytest.MonkeyPatch) -> None:
    written = Journal.write

    def write(journal: Journal, transfers: list[Transfer]) -> None:
        written(journal, [each for each in transfers if each.state is not State.UNDOING])

    patch.setattr(Journal, "write", write)
    patch.setattr(journal_module, "may_follow", lambda *_: True)


def kept_at_once(patch: pytest.MonkeyPatch) -> None:
    looked_up = lookup_module._undoing_looked_up
    patch.setattr(lookup_module, "_undoing_looked_up", lambda *given: looked_up(*given[:3], inf, given[4]))


def silence_refuses(patch: pytest.MonkeyPatch, module: ModuleType) -> None:
    asked = ask

    def heard(ledger: Ledger, postings: Sequence[Posting], watch: Watch) -> Answers:
        answers = asked(ledger, postings, watch)
        if answers.unsent:
            return answers
        known = {key: each for key, each in answers.outcomes.items() if not isinstance(each, Unknown)}
        refused = {p.key: Rejected(key=p.key, problem=problem_of(p.record, "ledger_refused")) for p in postings}
        return replace(answers, outcomes=refused | known)

    patch.setattr(module, "ask", heard)


def one_generation(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(plan_module, "next_generation", lambda _, generation: generation)
    patch.setattr(journal_module, "may_follow", lambda *_: True)
    patch.setattr(run_module, "next_state", lambda state, step: TRANSITIONS.get((state, step), State.INTENT))


def gone_is_open(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(statuses_module, "ASIDE", frozenset(SyncStatus))
    others = tuple(each for each in checks_module.CHECKS if each is not checks_module.what_was_booked_is_there)
    patch.setattr(checks_module, "CHECKS", others)


def told_before(patch: pytest.MonkeyPatch) -> None:
    tell = deliver_module.tell_source

    def tell_source(journal: Journal, source: Source, case: Case, today: date) -> int:
        waiting = journal.untold()
        journal.write([replace(each, told_source=True) for each in waiting])
        with pytest.MonkeyPatch.context() as once:
            once.setattr(Journal, "untold", lambda _: waiting)
            return tell(journal, source, case, today)

    patch.setattr(deliver_module, "tell_source", tell_source)


def believed(patch: pytest.MonkeyPatch) -> None:
    """What is typed is what the ledger has, whatever that is."""

    def document(_: Claimed, key: RecordKey, claim: Claim, *rest: object) -> Finding:
        return Finding(standing=Standing(ledger_id=claim.reference, number=claim.reference))

    patch.setattr(Claimed, "_document", document)


def compared_without(patch: pytest.MonkeyPatch, **field: object) -> None:
    """What a reference names is compared as if the ledger had not told one thing of it."""
    checked, alike = Claimed._checked, claims_module._most_alike

    def without(there: Standing) -> Standing:
        return replace(there, **field)  # type: ignore[arg-type]

    patch.setattr(claims_module, "_most_alike", lambda record, told, *rest: alike(record, [*map(without, told)], *rest))
    patch.setattr(Claimed, "_checked", lambda this, record, claim, there, *rest: checked(
        this, record, claim, without(there), *rest))  # fmt: skip


def not_looked_for(patch: pytest.MonkeyPatch) -> None:
    searched = Books.search
    patch.setattr(Books, "search", lambda *given: replace(searched(*given), alike={}))


def approver_is_not_asked(patch: pytest.MonkeyPatch) -> None:
    """The status alone lets a record leave, whoever typed it."""
    others = tuple(rule for rule in statuses_module.RULES if rule.__name__ != "_approver_releases")
    patch.setattr(statuses_module, "RULES", others)
    patch.setattr(approval_module, "judge", lambda *_: Judged(statuses={}, problems=()))


def by_row_number(patch: pytest.MonkeyPatch) -> None:
    """A row is written to where it stood when the table was first read."""
    read, first = FileBook.read, WeakKeyDictionary[FileBook, dict[str, dict[RowKey, int]]]()

    def reading(book: FileBook, table: Table) -> Grid:
        grid = read(book, table)
        there = {key: row.number for key, row in keyed(table, grid.rows)}
        first.setdefault(book, {}).setdefault(table.name, there)
        return grid

    def write(book: FileBook, table: Table, cells: Mapping[RowKey, Cells], *, every: bool = False) -> frozenset[RowKey]:
        reading(book, table)
        there = first[book][table.name]
        book._put(table, {there[key]: each for key, each in cells.items() if key in there})
        return frozenset(cells.keys() - there.keys())

    patch.setattr(FileBook, "read", reading)
    patch.setattr(FileBook, "write", write)


def fee_stays(patch: pytest.MonkeyPatch) -> None:
    """Neither what is chosen with a payment nor what is undone before it knows of its fee and discount."""
    for module in (referring_module, undo_module):
        patch.setattr(module, "brought_by", lambda *_: defaultdict(list))


def opens_nothing(patch: pytest.MonkeyPatch) -> None:
    """What came back still pays its invoice."""
    count_ = _Settled.count

    def count(settled: _Settled, record: Payment | CreditNote) -> None:
        if not isinstance(record, ReturnedPayment):
            count_(settled, record)

    patch.setattr(_Settled, "count", count)


MUTATIONS: dict[str, Mutation] = {
    "outcome without an intent": no_intent,
    "sent again without looking up": blind,
    "absent at once": lambda patch: patch.setattr(lookup_module, "TERM", 0.0),
    "a new key for each attempt": one_key_each_time,
    "not answered counts as refused": lambda patch: silence_refuses(patch, calls_module),
    "refused believed first": lambda patch: patch.setattr(
        calls_module, "_caution", lambda outcome: (Posted, Unknown, Rejected).index(type(outcome))
    ),
    "no lease, and so no fence": no_lease,
    "no fence": lambda patch: patch.setattr(Lease, "confirm", lambda *_: None),
    "sent however late": lambda patch: patch.setattr(Journal, "left", lambda _: lambda: inf),
    "a clock set back is believed": lambda patch: patch.setattr(
        lookup_module, "min", lambda sent, _: sent, raising=False
    ),
    "undone without an intent": undone_without_an_intent,
    "still there counts as kept at once": kept_at_once,
    "an undoing not answered counts as refused": lambda patch: silence_refuses(patch, undo_module),
    "one generation, undone or not": one_generation,
    "deleted there, and sent again by its status": gone_is_open,
    "a former reference counts as booked by hand": lambda patch: patch.setattr(
        statuses_module, "former", lambda _: frozenset()
    ),
    "told to the source before it was": told_before,
    "a reference is believed without a look": believed,
    "a reference's customer is not compared": lambda patch: compared_without(patch, customer=""),
    "a reference's amount is not compared": lambda patch: compared_without(patch, total=None),
    "nothing is looked for before it leaves": not_looked_for,
    "looked for on its own day alone": lambda patch: patch.setattr(twins_module, "DAYS", dict.fromkeys(Kind, 0)),
    "an approval is bound to nothing": lambda patch: patch.setattr(approval_module, "differences", lambda *_: ""),
    "an approver is not asked for": approver_is_not_asked,
    "what could not be read leaves": lambda patch: patch.setattr(standing_module, "_not_read", lambda *_: iter(())),
    "results by row number": by_row_number,
    "a fee stays when its payment is undone": fee_stays,
    "a returned payment opens nothing again": opens_nothing,
    "a part of dues earns all of them": lambda patch: patch.setattr(Allowance, "_share", lambda *_: Fraction(1)),
    "the book is not made durable": lambda patch: patch.setattr(beancount_book, "_move_in_place", move),
    "the workbook is not made durable": lambda patch: patch.setattr(package, "write_beside", write_beside),
}


def killer(mutation: Mutation, seeds: int, worlds: Worlds, folder: Path) -> tuple[int, str]:
    """The first seed in which an invariant fails under a mutation, or 0, and how it shows.

    A seed that falls over in another way shows that something broke, and not that the rule is watched.
    """
    fell_over = ""
    for seed in range(1, seeds + 1):
        with pytest.MonkeyPatch.context() as patch:
            mutation(patch)
            try:
                try_seed(seed, worlds, folder / "company")
            except Exception as shown:  # noqa: BLE001 - where no invariant failed, the next seed may still show it
                if of_an_invariant(shown):
                    return seed, (" ".join(str(shown).split()) or "an assertion without words")[:120]
                fell_over = f"no invariant; seed {seed} fell over: {type(shown).__name__}"
    return 0, fell_over


def of_an_invariant(shown: Exception) -> bool:
    """Whether it is an invariant that did not hold, and not a program that broke."""
    last = traceback.extract_tb(shown.__traceback__)[-1]
    return isinstance(shown, AssertionError) and Path(last.filename).name in INVARIANTS


def main(seeds: int, name: str = "") -> int:
    """Print the table; how many rules no seed needs."""
    folder = Path(tempfile.mkdtemp(prefix="mutations"))
    worlds, free = Worlds(folder), 0
    for shared in (False, True):
        worlds.new(folder / "company", shared=shared, online=shared).close()
    print("| a rule left out | caught by seed | as |\n|---|---|---|")
    for mutation, change in MUTATIONS.items():
        if name in mutation:
            seed, shown = killer(change, seeds, worlds, folder)
            free += not seed
            print(f"| {mutation} | {seed or 'none'} | {shown} |", flush=True)
    worlds.close()
    shutil.rmtree(folder)
    return free


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 200, *sys.argv[2:3]))
