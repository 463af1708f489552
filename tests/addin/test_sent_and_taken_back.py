"""What is asked of a ledger when something leaves, is changed there or is taken back, and what is said meanwhile."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from addin.journal import Journal, State
from addin.journal.rows import digest_of, payload_of
from addin.sync import lookup
from addin.sync.plan import plan, planned
from addin.sync.run import Sync
from addin.sync.turns import settling_order, turns
from connectors.ledger import Action, Applied, LedgerLists, Posting, Standing, Unknown
from connectors.problems import CannotRun, Problem, problem_of
from connectors.records import CreditNote, JournalEntry, Kind, Refund, ReturnedPayment, SyncStatus
from connectors.watch import NoTurn
from tests.addin.cases import DAY, company, document, transfer
from tests.addin.test_carrying_out import (
    CLUB,
    INVOICE,
    LIGUE,
    MAPPED,
    PAYMENT,
    RUN,
    VOIDS,
    Scripted,
    codes,
    counts,
    journal,
    known,
    owing,
    paid,
    refusing,
    sent,
    synced,
    undone,
)

__all__ = ["journal"]


class Asked(Scripted):
    """A ledger that keeps what it was asked a turn for."""

    def __init__(self, **capabilities: Any) -> None:
        super().__init__(**capabilities)
        self.waited_for: list[list[str]] = []

    def turn(self, postings: Sequence[Posting]) -> float:
        self.waited_for.append([posting.key for posting in postings])
        return super().turn(postings)


def returned(key: str = "B1", **changes: Any) -> ReturnedPayment:
    """The payment, which the bank gave back."""
    made = ReturnedPayment(key=key, number=f"R-{key}", date=DAY, customer="A1", currency="CAD",
                           amount=Decimal("100.00"), payment="P1")  # fmt: skip
    return replace(made, **changes)


DONE = {"A1": SyncStatus.COMPLETED}
"""What nothing is to be done about."""
FEE = JournalEntry(key="P1/fee", number="E-1", date=DAY, currency="CAD", lines=(), payment="P1")


def test_a_turn_is_asked_for_what_is_to_leave_then(journal: Journal) -> None:
    """A ledger that counts what it takes waits for as many as that are."""
    ledger = Asked(idempotent=True)
    synced(journal, ledger, company(CLUB, owing(), owing("I2"), maps=MAPPED))
    assert ledger.waited_for == [[posting.key for posting in batch] for batch in ledger.posted]
    taken = Asked(voids=VOIDS, idempotent=True)
    moment = company(CLUB, owing("I3"), transfers=(transfer(owing("I3")),))
    undone(journal, taken, moment, (Kind.INVOICE, "I3"))
    assert taken.waited_for == [["psl-I3-undo"]]


def test_a_returned_payment_is_taken_back_with_the_payment_that_it_gave_back(journal: Journal) -> None:
    """With what that pays again."""
    back = returned()
    ledger = Scripted(voids=VOIDS, idempotent=True)
    moment = company(CLUB, owing(), paid(), back, transfers=tuple(map(transfer, (owing(), paid(), back))))
    undone(journal, ledger, moment, (Kind.RETURNED_PAYMENT, "B1"))
    [[posting]] = ledger.posted
    assert (posting.key, posting.returned, posting.applied) == (
        "psl-B1-undo", "L-P1", (Applied(ledger_id="L-I1", amount=Decimal("100.00")),),
    )  # fmt: skip
    alone = Scripted(voids=VOIDS, idempotent=True)
    other = returned("B2", payment="P9")
    undone(journal, alone, company(CLUB, other, transfers=(transfer(other),)), (Kind.RETURNED_PAYMENT, "B2"))
    assert [(posting.returned, posting.applied) for posting in alone.posted[0]] == [("", ())]
    plain = Scripted(voids=VOIDS, idempotent=True)
    undone(journal, plain, company(CLUB, paid("P3", ""), transfers=(transfer(paid("P3", "")),)), (Kind.PAYMENT, "P3"))
    assert [(posting.returned, posting.applied) for posting in plain.posted[0]] == [("", ())]


def test_a_payment_stays_while_its_return_or_its_fee_is_there(journal: Journal) -> None:
    moment = company(CLUB, owing(), paid(), returned(), FEE)
    moment.transfers = tuple(map(transfer, (owing(), paid(), returned(), FEE)))
    result, _ = undone(journal, Scripted(voids=VOIDS, idempotent=True), moment, PAYMENT)
    assert [(p.code, p.key, dict(p.params)) for p in result.problems] == [
        ("undo_applied", "P1", {"numbers": "R-B1, E-1"})
    ]
    pair = owing("I2"), paid("P2", "I2", number="")
    unnumbered = company(*pair, transfers=tuple(map(transfer, pair)))
    result, _ = undone(journal, Scripted(voids=VOIDS, idempotent=True), unnumbered, (Kind.INVOICE, "I2"))
    assert [dict(problem.params) for problem in result.problems] == [{"numbers": "P2"}]


def test_what_a_payment_brought_is_taken_back_before_it_and_a_return_before_that(journal: Journal) -> None:
    everything = (owing(), paid(), returned(), FEE)
    ledger = Scripted(voids=VOIDS, idempotent=True)
    moment = company(CLUB, *everything, transfers=tuple(map(transfer, everything)))
    result, shown = undone(journal, ledger, moment, *((each.kind, each.key) for each in everything))
    assert sent(ledger) == [["P1/fee"], ["B1"], ["P1"], ["I1"]]
    assert (result.problems, shown) == ([], [(0, 4), (1, 4), (2, 4), (3, 4)])


def test_what_was_deleted_and_what_was_found_to_be_undone_are_both_undone(journal: Journal) -> None:
    gone, found = transfer(document(), State.GONE), transfer(document("I2"), State.UNDONE, run=RUN)
    moment = company(document(), document("I2"), document("I3"), transfers=(gone, found))
    result, _ = undone(journal, Scripted(voids=VOIDS), moment, INVOICE, (Kind.INVOICE, "I2"), (Kind.INVOICE, "I3"))
    assert [each.record for each in result.transfers] == ["I1", "I2"]
    assert codes(result) == [("undo_nothing", "I3")]


def test_what_is_undone_in_a_batch_is_counted_and_ends_where_no_turn_comes(journal: Journal) -> None:
    """Two batches of two; the second gets no turn, and what was refused in the first is told before that."""
    ledger = Scripted(voids=VOIDS, idempotent=True, batch_size=2)
    ledger.says = {"I1": refusing}
    ledger.turns = [0.0, NoTurn(Problem(code="day_limit_reached", params={"ledger": "L", "when": "w"}))]
    four = [document(f"I{n}") for n in (1, 2, 3, 4)]
    moment = company(CLUB, *four, transfers=tuple(map(transfer, four)))
    result, shown = undone(journal, ledger, moment, *((each.kind, each.key) for each in four))
    assert (sent(ledger), shown) == ([["I1", "I2"]], [(0, 4), (1, 4)])
    assert codes(result) == [("ledger_refused", "I1"), ("day_limit_reached", "")]
    assert [each.record for each in result.transfers] == ["I2"]
    assert journal.transfers()[Kind.INVOICE, "I3"][0].state is State.POSTED


def test_a_field_that_the_ledger_changes_is_brought_to_it_and_the_rest_stays_as_it_was(journal: Journal) -> None:
    """What was booked is kept with the changed field alone; the amount that the source changed is not."""
    was, now = owing(memo="old", email="a@b.org"), owing(memo="new", email="c@d.org")
    ledger = Scripted(idempotent=True, amends={Kind.INVOICE: frozenset({"memo"})})
    moment = company(CLUB, now, maps=MAPPED, capabilities=ledger.capabilities, statuses=DONE)
    moment.transfers = (transfer(CLUB), transfer(was, payload=payload_of(was), customer="L-A1"))
    tally, _ = synced(journal, ledger, moment)
    [[posting]] = ledger.posted
    assert (posting.action, posting.reference, posting.record.memo, posting.record.email) == (  # type: ignore[union-attr]
        Action.AMEND, "L-I1", "new", "a@b.org",
    )  # fmt: skip
    assert posting.before is not None
    assert (dict(tally.amended), dict(tally.posted), tally.amended.total()) == ({Kind.INVOICE: 1}, {}, 1)
    kept = journal.transfers()[INVOICE][-1]
    assert (kept.action, kept.state, kept.generation) == ("amend", State.POSTED, 1)
    assert kept.digest == digest_of(replace(now, email="a@b.org"))
    assert kept.left_as() == replace(now, email="a@b.org")


def test_what_is_brought_whole_is_kept_as_the_source_has_it(journal: Journal) -> None:
    was, now = document(memo="old"), owing(memo="new")
    ledger = Scripted(idempotent=True, amends={Kind.INVOICE: frozenset({"memo"})})
    moment = company(CLUB, now, maps=MAPPED, capabilities=ledger.capabilities, statuses=DONE)
    moment.transfers = (transfer(CLUB), transfer(was, payload=payload_of(was)))
    tally, _ = synced(journal, ledger, moment)
    kept = journal.transfers()[INVOICE][-1]
    assert (kept.digest, kept.payload, kept.left_as()) == (digest_of(now), payload_of(now), now)
    assert "to_be_amended" not in {problem.code for problem in tally.problems}


def test_money_that_is_applied_later_counts_as_applied(journal: Journal) -> None:
    was, now = paid(invoice=""), paid()
    ledger = Scripted(idempotent=True, applies_later=frozenset({Kind.PAYMENT}))
    moment = company(CLUB, owing(), now, maps=MAPPED, capabilities=ledger.capabilities, statuses=DONE)
    moment.transfers = (*map(transfer, (CLUB, owing())), transfer(was, payload=payload_of(was)))
    tally, _ = synced(journal, ledger, moment)
    [[posting]] = ledger.posted
    assert (posting.action, posting.applied) == (
        Action.APPLY, (Applied(ledger_id="L-I1", amount=Decimal("100.00")),),
    )  # fmt: skip
    assert (dict(tally.applied), dict(tally.posted)) == ({Kind.PAYMENT: 1}, {})


def test_what_is_held_counts_as_done_and_what_is_only_told_holds_nothing(journal: Journal) -> None:
    ledger = Scripted()
    ledger.says = {"A1": refusing}
    moment = company(CLUB, LIGUE, document(), document("I2", customer="A2"), maps=MAPPED)
    case = known(journal, moment).case()
    shown: list[tuple[str, int, int]] = []
    run = Sync(case, journal, ledger, RUN, lambda _, one, n, of: shown.append((one.record.key, n, of)), lambda: False)
    made = plan(case)
    notice = problem_of(document("I2"), "tax_rounded", tax="T", amount="1", computed="2")
    tally = run.carry_out(replace(made, problems=(*made.problems, notice)))
    assert shown == [("A1", 0, 4), ("I2", 3, 4)]
    assert counts(tally)["held"] == {Kind.INVOICE: 1}
    assert notice in tally.problems


def test_an_answer_that_is_not_known_is_told_as_the_ledger_says_it_and_kept(journal: Journal) -> None:
    ledger = Scripted()
    doubt = Problem(code="outcome_unknown", detail="timeout")
    ledger.says = {"I1": lambda posting: Unknown(key=posting.key, problem=doubt)}
    tally, _ = synced(journal, ledger, company(CLUB, owing(), maps=MAPPED))
    [kept] = journal.transfers()[INVOICE]
    assert kept.problem is not None
    assert (kept.state, kept.problem.key, kept.problem.detail) == (State.UNKNOWN, "I1", "timeout")
    assert tally.problems == [kept.problem]


def test_why_a_run_ended_is_told_once_though_several_calls_were_under_way(journal: Journal) -> None:
    ledger = Scripted(concurrency=2, batch_size=1)
    down = CannotRun(Problem(code="ledger_unreachable"))
    ledger.says = {"I1": lambda _: down, "I2": lambda _: down}
    tally, _ = synced(journal, ledger, company(CLUB, owing(), owing("I2"), maps=MAPPED))
    assert [code for code, _ in codes(tally)].count("ledger_unreachable") == 1


def test_a_return_follows_its_payment_and_what_pays_again_follows_the_return() -> None:
    """All on one day, whatever their numbers; a credit comes last."""
    first = paid("P1", number="Z")
    back, again = returned("B1", number="A"), paid("P2", number="A")
    other = paid("P3", "I9", number="A")
    case = company(CLUB, first, back, again, other).case()
    credit = document("C1", type_=CreditNote, invoice="I1", number="A")
    assert sorted([credit, again, back, first, other], key=lambda each: settling_order(case, each)) == [
        first, back, again, other, credit,
    ]  # fmt: skip
    assert turns(case, [credit, again, back, first, other]) == {
        (Kind.PAYMENT, "P1"): 0, (Kind.RETURNED_PAYMENT, "B1"): 1, (Kind.PAYMENT, "P2"): 2, (Kind.PAYMENT, "P3"): 0,
    }  # fmt: skip


def test_what_pays_again_follows_the_return_of_its_own_invoice() -> None:
    """Two payments came back; each invoice is paid again, and a third payment pays both."""
    first, second = paid("P1"), paid("P2", "I2")
    back, other = returned("B1"), returned("B2", payment="P2")
    again = paid("P3", number="Z"), paid("P4", "I2", number="Z")
    both = (*again[0].allocations, *again[1].allocations)
    last = paid("P5", "", number="ZZ", allocations=both)
    everything = (first, second, back, other, *again, last)
    found = turns(company(CLUB, *everything).case(), everything)
    assert {key: turn for (_, key), turn in found.items()} == {
        "P1": 0, "P2": 0, "B1": 1, "B2": 1, "P3": 2, "P4": 2, "P5": 2
    }  # fmt: skip


def test_what_is_undone_on_a_day_of_its_own_names_it(journal: Journal) -> None:
    """Of a closed period it is reversed on the first open day from today on, where the ledger reverses."""
    closed = LedgerLists(closing_date=DAY)
    ledger = Scripted(voids=VOIDS, idempotent=True, reverses=VOIDS)
    moment = company(CLUB, owing(), transfers=(transfer(owing()),), lists=closed)
    undone(journal, ledger, moment, INVOICE)
    [[posting]] = ledger.posted
    assert posting.reverse_on == moment.case().today
    with_none = Scripted(voids=VOIDS, idempotent=True)
    later = company(CLUB, owing("I2"), transfers=(transfer(owing("I2")),), lists=closed)
    result, _ = undone(journal, with_none, later, (Kind.INVOICE, "I2"))
    assert [(p.code, p.key, p.column, dict(p.params)) for p in result.problems] == [
        ("undo_in_past", "I2", "date", {"date": "2026-01-05"})
    ]


def test_a_fee_that_never_left_keeps_no_payment(journal: Journal) -> None:
    moment = company(owing(), paid(), FEE, transfers=tuple(map(transfer, (owing(), paid()))))
    result, _ = undone(journal, Scripted(voids=VOIDS, idempotent=True), moment, PAYMENT)
    assert ([each.record for each in result.transfers], result.problems) == (["P1"], [])


def test_a_payment_and_a_refund_are_taken_back_together(journal: Journal) -> None:
    records = paid("P1", ""), document("R1", type_=Refund)
    ledger = Scripted(voids=VOIDS, idempotent=True, batch_size=10)
    moment = company(CLUB, *records, transfers=tuple(map(transfer, records)))
    undone(journal, ledger, moment, *((each.kind, each.key) for each in records))
    assert sent(ledger) == [["P1", "R1"]]


def test_only_what_was_to_leave_is_refused(journal: Journal) -> None:
    """Neither what stands by nor what the ledger has is in error over what a check says of it."""
    two, three = document("I2"), document("I3")
    moment = company(CLUB, document(), two, three, maps=MAPPED, transfers=(transfer(three),),
                     statuses={"I2": SyncStatus.STAND_BY})  # fmt: skip
    case = known(journal, moment).case()
    wrong = tuple(problem_of(each, "no_lines") for each in (document(), two, three))
    run = Sync(case, journal, Scripted(), RUN, lambda *_: None, lambda: False)
    tally = run.carry_out(replace(plan(case, wrong), problems=wrong))
    assert counts(tally)["rejected"] == {Kind.INVOICE: 1}
    assert codes(tally) == [("no_lines", "I1"), ("no_lines", "I2"), ("no_lines", "I3")]
    assert (Kind.INVOICE, "I2") not in journal.transfers()


def test_a_look_up_seeks_what_was_booked_as_it_is_now_and_what_was_amended_as_it_left(journal: Journal) -> None:
    was = owing(memo="as it left")
    looked_for: list[Posting] = []

    class Looking(Scripted):
        def find(self, postings: Sequence[Posting]) -> dict[str, Any]:
            looked_for.extend(postings)
            return {}

    new = transfer(owing(), State.UNKNOWN, payload=payload_of(was), ledger_id="")
    base = transfer(owing("I2"), payload=payload_of(owing("I2")))
    amends = replace(base, state=State.UNKNOWN, payload=payload_of(owing("I2", memo="left")), key="psl-2",
                     generation=1, action="amend", ledger_id="")  # fmt: skip
    known(journal, company(owing(), owing("I2"), transfers=(new, base, amends)))
    lookup.look_up(journal, Looking(), RUN)
    assert [(each.record.memo, each.action) for each in looked_for] == [("", Action.CREATE), ("left", Action.AMEND)]  # type: ignore[union-attr]
    assert [each.before for each in looked_for] == [None, owing("I2")]
    assert [each.booked.ledger_id if each.booked else "" for each in looked_for] == ["", "L-I2"]


def test_what_ends_an_undoing_is_told_after_what_came_up_before_it(journal: Journal) -> None:
    """One that stands by hand, one that the ledger refuses, and then the ledger is gone: nothing more is asked."""
    ledger = Scripted(voids=VOIDS, idempotent=True, batch_size=1)
    ledger.says = {"I2": refusing, "I3": lambda _: CannotRun(Problem(code="ledger_unreachable"))}
    four = [document(f"I{n}") for n in (1, 2, 3, 4)]
    sent_before = (transfer(four[0], State.MANUAL), *map(transfer, four[1:]))
    moment = company(CLUB, *four, transfers=sent_before)
    result, _ = undone(journal, ledger, moment, *((each.kind, each.key) for each in four))
    assert codes(result) == [("undo_by_hand", "I1"), ("ledger_refused", "I2"), ("ledger_unreachable", "")]
    assert (sent(ledger), result.stopped) == ([["I2"], ["I3"]], False)


def test_what_ends_a_run_is_told_after_what_the_checks_say(journal: Journal) -> None:
    ledger = Scripted()
    ledger.says = {"A1": lambda _: CannotRun(Problem(code="ledger_unreachable"))}
    tally, _ = synced(journal, ledger, company(CLUB, document(), document("I2", lines=()), maps=MAPPED))
    assert codes(tally) == [("no_lines", "I2"), ("ledger_unreachable", ""), ("outcome_unknown", "A1")]
    assert (counts(tally)["unknown"], sent(ledger)) == ({Kind.CUSTOMER: 1}, [["A1"]])


def test_a_document_whose_sending_the_journal_lost_is_known_by_the_key_it_bears(journal: Journal) -> None:
    """It is ours, and no other that a person is asked about; what the ledger answers then adopts it."""
    moment = company(CLUB, document(), document("I2"), maps=MAPPED)
    key = planned(moment.case(), document("I2"), Action.CREATE).key
    ledger = Scripted(searches=True, idempotent=True)
    there = Standing(ledger_id="17", number="F-I1", total=Decimal("100.00"), kind=Kind.INVOICE, date=DAY, key=key)
    ledger.like = {"F-I1": [there]}
    tally, _ = synced(journal, ledger, moment)
    assert codes(tally) == []
