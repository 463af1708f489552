"""What the journal was told it says again, whole, on SQLite and on PostgreSQL; and the log shows what was changed."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, select, update

from addin.journal import (
    Answer,
    Event,
    Holder,
    Journal,
    Question,
    Seen,
    State,
    Topic,
    Transfer,
    schema,
)
from addin.journal.chain import Break, Walked
from addin.journal.inbound import Decision, Heard, Proposal
from addin.journal.protocol import ProtocolBreach
from connectors.facts import LOG
from connectors.ledger import Standing
from connectors.problems import CannotRun, Place, Problem
from connectors.records import Kind, Provenance, SyncStatus, What
from tests.chaos.postgres import new_database

MANY = 1_201
"""Records asked for at once: more than fit twice into one statement."""

NOON = datetime(2026, 1, 31, 12, 0, 0, 123456, tzinfo=UTC)
REFUSED = Problem(
    code="ledger_refused", kind=Kind.INVOICE, key="I1", number="F-1", column="total", params={"ledger": "Beancount"},
    detail="no such customer [7]", provenance=Provenance(place="documents.csv", line=2),
    place=Place(sheet="Invoices", cell="G2"),
)  # fmt: skip


@pytest.fixture(params=["sqlite", "postgresql"])
def journal(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Journal]:
    url = f"sqlite:///{tmp_path / 'journal.sqlite'}" if request.param == "sqlite" else new_database()
    opened = Journal(url)
    yield opened
    opened.close()


def seen(key: str = "I1", kind: Kind = Kind.INVOICE, **changes: Any) -> Seen:
    made = Seen(kind=kind, key=key, number=f"F-{key}", payload="{}", digest="d", status=SyncStatus.STAND_BY)
    return replace(made, **changes)


def transfer(key: str = "I1", state: State = State.INTENT, generation: int = 0, **changes: Any) -> Transfer:
    made = Transfer(
        kind=Kind.INVOICE, record=key, number=f"F-{key}", generation=generation, key=f"psl-{key}-{generation}",
        action="create", digest="d", state=state,
    )  # fmt: skip
    return replace(made, **changes)


def event(action: str = "mark", **changes: Any) -> Event:
    made = Event(run=1, time=NOON, who="anne", action=action, result="done", kind="invoice", key="I1")
    return replace(made, **changes)


def utc(when: datetime | None) -> datetime | None:
    """A time as SQLite tells it, without its zone, or PostgreSQL, in the session's."""
    return when and (when.astimezone(UTC) if when.tzinfo else when.replace(tzinfo=UTC))


# records


def test_a_record_is_remembered_whole_and_as_last_seen(journal: Journal) -> None:
    assert not journal.pulled()
    first = seen(reviewed_by="anne", changed='["date"]', left_source=True, unread="why", status=SyncStatus.ERROR)
    customer = seen("A1", Kind.CUSTOMER)
    journal.see([first, customer])
    assert journal.pulled()
    assert journal.seen() == {first.id: first, customer.id: customer}
    again = seen(number="F-9", payload='{"a": 1}', digest="e", status=SyncStatus.COMPLETED)
    journal.see([again])
    journal.see([])
    assert journal.seen([again.id, (Kind.PAYMENT, "I1"), (Kind.CUSTOMER, "I1")]) == {again.id: again}
    assert journal.seen([]) == {}
    assert journal.statuses() == {(Kind.INVOICE, SyncStatus.COMPLETED): 1, (Kind.CUSTOMER, SyncStatus.STAND_BY): 1}


def test_more_are_asked_for_than_one_statement_takes(journal: Journal) -> None:
    """SQLite takes 32,766 parameters; all of a large company's are asked for in pieces, and none is left out."""
    everything = [seen(f"I{n}") for n in range(MANY)] + [seen("A1", Kind.CUSTOMER)]
    journal.see(everything)
    journal.write([transfer(f"I{n}", ledger_id=f"L{n}") for n in range(MANY)])
    asked = [each.id for each in everything]
    assert journal.seen(asked) == {each.id: each for each in everything} == journal.seen()
    assert len(journal.transfers(asked)) == MANY == len(journal.transfers())
    assert len(journal.held([f"L{n}" for n in range(MANY)])) == MANY
    assert len(journal.held([f"psl-I{n}-0" for n in range(MANY)])) == MANY
    for place in (0, 600, MANY - 1):  # whichever statement finds it
        with pytest.raises(ProtocolBreach, match=f"invoice I{place}: intent → intent"):
            journal.write([transfer(f"I{n}", State.INTENT if n == place else State.UNKNOWN) for n in range(MANY)])
    assert journal.states() == {(Kind.INVOICE, State.INTENT): MANY}


@pytest.mark.parametrize(
    ("state", "counts"),
    [(None, False), (State.REJECTED, False), (State.INTENT, True), (State.POSTED, True), (State.MANUAL, True)],
)
def test_a_number_counts_while_the_source_or_the_ledger_has_it(
    journal: Journal, state: State | None, counts: bool
) -> None:
    journal.see([seen("I1"), seen("I2", left_source=True), seen("I2", Kind.PAYMENT, left_source=True)])
    if state:
        first = State.INTENT if state is State.POSTED else state
        journal.write([transfer("I2", first)])
        journal.write([transfer("I2", state, told_sheet=True)] if state is not State.INTENT else [])
    ours = {(Kind.INVOICE, "I2"): "F-I2"} if counts else {}
    assert journal.numbers() == {(Kind.INVOICE, "I1"): "F-I1", **ours}


def test_at_rest_is_what_the_ledger_has_just_as_the_source_says_it(journal: Journal) -> None:
    booked = ("I1", "changed", "cancelled")
    journal.see([seen(key) for key in (*booked, "new", "refused", "by hand")])
    journal.see([seen("A1", Kind.CUSTOMER), seen("I1", Kind.PAYMENT)])
    journal.see([seen("changed", digest="e"), seen("cancelled", payload='{"cancelled":true}')])
    journal.write([*(transfer(key) for key in (*booked, "A1")), transfer("refused", State.REJECTED)])
    journal.write([*(transfer(key, State.POSTED) for key in booked), transfer("by hand", State.MANUAL)])
    journal.write([transfer("A1", State.MANUAL, 1, kind=Kind.CUSTOMER)])
    journal.write([transfer("new", State.REJECTED), transfer("new", State.REJECTED, 1)])
    assert sorted(journal.awake()) == [
        (Kind.CUSTOMER, "A1"), *((Kind.INVOICE, key) for key in ("cancelled", "changed", "new", "refused")),
        (Kind.PAYMENT, "I1"),
    ]  # fmt: skip


# transfers


def test_a_transfer_is_remembered_whole_with_every_generation_in_order(journal: Journal) -> None:
    first = transfer(
        state=State.POSTED, ledger_id="17", ledger_number="F-1", url="https://ledger/17", total=Decimal("114.98"),
        run=3, told_sheet=True, told_source=True, sent=12.5, customer="C1", accounts='{"1": "4100"}',
    )  # fmt: skip
    second = transfer(state=State.REJECTED, generation=1, problem=REFUSED, run=4)
    journal.write([])
    journal.write([transfer()])
    journal.write([second])
    journal.write([first])
    assert journal.transfers() == {(Kind.INVOICE, "I1"): (first, second)}
    assert journal.transfers([(Kind.PAYMENT, "I1")]) == {}
    assert journal.states(3) == {(Kind.INVOICE, State.POSTED): 1}
    assert journal.states(9) == {}


def test_what_is_open_and_what_the_source_was_not_told(journal: Journal) -> None:
    states = {
        "intent": State.INTENT, "unknown": State.UNKNOWN, "undoing": State.UNDOING, "absent": State.ABSENT,
        "posted": State.POSTED, "told": State.POSTED, "refused": State.REJECTED, "hand": State.MANUAL,
    }  # fmt: skip
    way = {State.UNKNOWN: [], State.UNDOING: [State.POSTED], State.ABSENT: [], State.POSTED: []}
    for key, state in states.items():
        steps = [State.INTENT, *way.get(state, [])] if state not in (State.REJECTED, State.MANUAL) else []
        for step in dict.fromkeys([*steps, state]):
            journal.write([transfer(key, step, told_source=key == "told" and step is state)])
    journal.write([transfer("told", State.REJECTED, 1, told_source=True)])
    journal.write([transfer("again", State.REJECTED), transfer("again", State.INTENT, 1)])
    assert {key for _, key in journal.open()} == {"intent", "unknown", "undoing", "again"}
    assert {each.record for each in journal.untold()} == {"posted", "refused", "hand"}
    assert journal.open()[Kind.INVOICE, "intent"] == (transfer("intent"),)


def test_what_the_ledger_has_is_found_by_its_id_and_by_our_key_alone(journal: Journal) -> None:
    journal.write([transfer("I1", ledger_id="17"), transfer("I2", ledger_id="18", ledger_number="17")])
    assert [key for _, key in journal.held(["17"])] == ["I1"]
    assert [key for _, key in journal.held({"psl-I2-0"})] == ["I2"]
    assert journal.held([]) == {}


def test_the_log_for_support_has_each_step_of_a_transfer(journal: Journal) -> None:
    told: list[dict[str, object]] = []

    class Listening(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            told.append({"event": record.getMessage(), **record.__dict__["values"]})

    listening, level = Listening(), LOG.level
    LOG.addHandler(listening)
    LOG.setLevel(logging.INFO)
    try:
        journal.write([transfer(run=3), transfer("I2", State.REJECTED, run=4, problem=REFUSED, ledger_id="17")])
    finally:
        LOG.removeHandler(listening)
        LOG.setLevel(level)
    step = {"event": "transfer", "kind": "invoice", "action": "create"}
    assert told == [
        {**step, "run": 3, "number": "F-I1", "key": "psl-I1-0", "state": "intent", "ledger_id": "", "problem": ""},
        {**step, "run": 4, "number": "F-I2", "key": "psl-I2-0", "state": "rejected", "ledger_id": "17",
         "problem": "ledger_refused"},
    ]  # fmt: skip


# what the ledger tells


def proposal(**changes: Any) -> Proposal:
    made = Proposal(kind=Kind.INVOICE, ledger_id="17", what=What.CREATED, happened="2026-01-31T12:00:00Z")
    return replace(made, **changes)


def test_a_proposal_is_remembered_whole_and_goes_alone(journal: Journal) -> None:
    whole = proposal(
        field="email", record="I1", number="F-1", name="Club", word="E-mail", what=What.CHANGED, ours={"email": "a@b"},
        theirs={"email": "c@d"}, merged_into="18", url="https://ledger/17", decision=Decision.ACCEPTED,
    )  # fmt: skip
    others = [
        proposal(field="name"),
        proposal(field="email", ledger_id="18"),
        proposal(field="email", kind=Kind.PAYMENT),
    ]
    journal.hear([whole, *others])
    assert list(journal.proposals()) == ["invoice/17/email", "invoice/17/name", "invoice/18/email", "payment/17/email"]
    assert journal.proposals()["invoice/17/email"] == whole
    journal.hear([replace(others[0], decision=Decision.IGNORED)], gone=[whole])
    assert list(journal.proposals()) == ["invoice/17/name", "invoice/18/email", "payment/17/email"]
    assert journal.proposals()["invoice/17/name"].decision is Decision.IGNORED


def test_strangers_are_whole_records_that_the_source_lacks_and_nobody_decided_on(journal: Journal) -> None:
    strangers = [proposal(ledger_id="1"), proposal(ledger_id="2", decision=Decision.ACCEPTED)]
    journal.hear(
        [*strangers, proposal(ledger_id="3", decision=Decision.IGNORED), proposal(ledger_id="4", record="I4"),
         proposal(ledger_id="5", field="name"), proposal(ledger_id="6", what=What.DELETED),
         proposal(ledger_id="7", decision=Decision.TAKEN)]
    )  # fmt: skip
    assert sorted(journal.strangers(), key=lambda each: each.ledger_id) == strangers


def test_undecided_are_the_records_of_ours_that_a_proposal_waits_for(journal: Journal) -> None:
    journal.hear(
        [proposal(record="I1"), proposal(ledger_id="2"), proposal(ledger_id="3", record="I3", decision=Decision.TAKEN),
         proposal(ledger_id="4", kind=Kind.PAYMENT, record="P4")]
    )  # fmt: skip
    assert journal.undecided() == {(Kind.INVOICE, "I1"), (Kind.PAYMENT, "P4")}


def test_what_was_heard_is_kept_by_record_and_until_when(journal: Journal) -> None:
    heard = [Heard(kind=Kind.INVOICE, ledger_id=f"L{n}", told={"total": str(n)}) for n in range(MANY)]
    journal.hear([], heard, until="2026-01-31T12:00:00Z")
    assert journal.heard([each.id for each in heard]) == {each.id: each for each in heard}
    assert journal.heard([(Kind.PAYMENT, "L1")]) == {}
    assert journal.kept("listened") == "2026-01-31T12:00:00Z"
    again = replace(heard[0], told={"total": "9"})
    journal.hear([], [again])
    assert journal.heard([again.id]) == {again.id: again}
    assert journal.kept("listened") == "2026-01-31T12:00:00Z"


# what a person says


def test_a_question_and_its_answer_are_kept_whole_until_it_is_over(journal: Journal) -> None:
    there = Standing(
        ledger_id="17", number="F-1", total=Decimal("1.10"), customer="C", applied=("R-1",), void=True,
        kind=Kind.INVOICE, date=date(2026, 1, 31), currency="CAD", url="https://ledger/17", key="psl", method="CHQ",
    )  # fmt: skip
    asked = Question(kind=Kind.INVOICE, record="I1", topic=Topic.SAME, about="17", rule="number", standing=there)
    others = [replace(asked, record="I2"), replace(asked, topic=Topic.ONCE), replace(asked, about="18"),
              replace(asked, kind=Kind.PAYMENT, standing=None)]  # fmt: skip
    journal.ask([asked, *others])
    questions = journal.questions()
    assert set(questions.known[Kind.INVOICE, "I1"]) == {asked, others[1], others[2]}
    assert set(questions.open()) == {(Kind.INVOICE, "I1"), (Kind.INVOICE, "I2"), (Kind.PAYMENT, "I1")}
    journal.ask([asked.answered(Answer.SECOND, "anne", NOON)])
    known = journal.questions()
    [answered] = [each for each in known.known[Kind.INVOICE, "I1"] if each.answer]
    assert (answered.answer, answered.who, answered.standing) == (Answer.SECOND, "anne", there)
    assert utc(answered.when) == NOON
    assert known.waiting((Kind.INVOICE, "I1")) == [each for each in known.known[Kind.INVOICE, "I1"] if not each.answer]
    assert known.said((Kind.INVOICE, "I1"), Topic.SAME, "17") is Answer.SECOND
    assert known.said((Kind.INVOICE, "I1"), Topic.SAME, "18") is None
    journal.ask([], over=[asked])
    left = [each for some in journal.questions().known.values() for each in some]
    assert sorted(left, key=repr) == sorted(others, key=repr)


def test_what_is_typed_and_kept_is_as_last_said(journal: Journal) -> None:
    journal.note({("row", "I1"): "a", ("map", "I1"): "b"})
    journal.note({("row", "I1"): "c"})
    journal.note({})
    assert journal.noted() == {("row", "I1"): "c", ("map", "I1"): "b"}
    assert journal.kept("name") is None
    journal.keep("name", "1")
    journal.keep("name", "2")
    assert (journal.kept("name"), journal.kept("other")) == ("2", None)


# runs and the log


def test_runs_are_told_newest_first_with_their_ends(journal: Journal) -> None:
    first, second = journal.start("pull", "anne"), journal.start("sync", "bruno")
    assert (first.command, first.who, second.id) == ("pull", "anne", first.id + 1)
    assert abs((datetime.now(UTC) - first.started).total_seconds()) < 60
    assert journal.last("sync") is None
    journal.finish(second, [])
    assert journal.last("pull") is None
    ended = journal.last("sync")
    assert ended is not None
    assert [(run.id, run.ended == ended) for run in journal.runs(None)] == [(second.id, True), (first.id, False)]
    assert [run.id for run in journal.runs(1)] == [second.id]
    assert [run.who for run in journal.runs(None, "pull")] == ["anne"]


def test_the_log_is_told_whole_newest_first_of_one_run_or_all(journal: Journal) -> None:
    whole = event(
        number="F-1", reference="17", message="what was said", person="uid:1000", machine="bureau", was="a",
        becomes="b", content="{}", problem=REFUSED,
    )  # fmt: skip
    run = journal.start("mark", "anne")
    journal.append([whole])
    journal.append([])
    journal.finish(run, [event("sync", run=2), event("sync", run=2, key="I2")])
    told = journal.events(None)
    assert [(each.run, each.key) for each in told] == [(2, "I2"), (2, "I1"), (1, "I1")]
    assert replace(told[-1], time=NOON) == whole
    assert utc(told[-1].time) == NOON
    assert [each.key for each in journal.events(1)] == ["I2"]
    assert [each.run for each in journal.events(None, run=1)] == [1]


def test_the_last_line_of_each_record_is_the_last_that_was_done(journal: Journal) -> None:
    journal.append([event("approve", message="1"), event("approve", message="2"), event("approve", key="I2"),
                    event("approve", message="refused", result="refused"), event("mark", message="3"),
                    event("approve", kind="payment", message="4")])  # fmt: skip
    found = journal.last_of("approve", "withdraw")
    assert {key: each.message for key, each in found.items()} == {
        ("invoice", "I1"): "2", ("invoice", "I2"): "", ("payment", "I1"): "4",
    }  # fmt: skip
    assert (found["invoice", "I1"].who, found["invoice", "I1"].action) == ("anne", "approve")
    last = journal.last_act("approve")
    assert last is not None
    assert last.message == "4"
    assert journal.last_act("withdraw") is None
    assert journal.last_of("approve", confirmed=True) == found
    journal.confirm(event("x"))
    assert journal.last_of("approve", confirmed=True) == {}
    journal.append([event("approve", message="5")])
    assert [each.message for each in journal.last_of("approve", confirmed=True).values()] == ["5"]
    assert len(journal.last_of("approve")) == 3


# the chain


def lines(journal: Journal) -> list[Any]:
    with journal._engine.connect() as connection:
        return [*connection.execute(select(schema.event).order_by(schema.event.c.id)).mappings()]


def change(journal: Journal, line: int, **values: object) -> None:
    with journal._engine.begin() as connection:
        connection.execute(update(schema.event).where(schema.event.c.id == lines(journal)[line]["id"]).values(**values))


def test_a_log_as_it_was_written_has_no_break_and_goes_on_where_it_was_left(journal: Journal) -> None:
    assert journal.walked() == Walked()
    assert journal.log_end() == ""
    journal.append([event(message="é", problem=REFUSED), event()])
    first, second = (line["chain"] for line in lines(journal))
    assert first != second
    assert journal.walked() == Walked(lines=2, end=second, said=second)
    assert journal.log_end() == f"2 {second}"
    journal.append([event()])
    third = lines(journal)[2]["chain"]
    assert journal.walked(2, second) == Walked(lines=3, end=third, said=third)
    assert [journal.has_line(n, digest) for n, digest in ((1, first), (2, second), (2, first), (3, third))] == [
        True, True, False, True,
    ]  # fmt: skip
    assert journal.has_line(0, "anything")
    assert not journal.has_line(4, third)


def test_whatever_is_changed_of_a_line_shows_with_its_time_its_person_and_its_act(journal: Journal) -> None:
    journal.append([event(), event("undo", who="bruno"), event()])
    was = lines(journal)[1]
    becomes = {
        "run": 9, "time": NOON.replace(hour=13), "who": "eve", "kind": "payment", "number": "F-2", "action": "x",
        "result": "refused", "reference": "1", "message": "m", "key": "I2", "person": "p", "machine": "m", "was": "w",
        "becomes": "b", "content": "c", "problem": "{}", "chain": "0" * 64,
    }  # fmt: skip
    assert becomes.keys() == was.keys() - {"id"}
    for column, value in becomes.items():
        change(journal, 1, **{column: value})
        told = {"time": "2026-01-31T12:00:00.123456", "who": "bruno", "action": "undo"}
        if column in told:
            told[column] = "2026-01-31T13:00:00.123456" if column == "time" else str(value)
        assert journal.walked().broken == Break(**told), column
        change(journal, 1, **{column: was[column]})
        assert journal.walked().broken is None, column


def test_lines_that_were_cut_off_show_as_a_break_at_the_end(journal: Journal) -> None:
    journal.append([event(), event()])
    with journal._engine.begin() as connection:
        connection.execute(delete(schema.event).where(schema.event.c.id == lines(journal)[1]["id"]))
    assert journal.walked().broken == Break()


def test_what_an_administrator_confirmed_is_no_break_and_what_comes_after_is(journal: Journal) -> None:
    journal.append([event(), event()])
    change(journal, 0, who="eve")
    assert journal.walked().broken == Break(time="2026-01-31T12:00:00.123456", who="eve", action="mark")
    journal.confirm(event("whatever", who="admin"))
    assert journal.walked().broken is None
    [line] = [line for line in lines(journal) if line["action"] == "confirm_log"]
    assert (line["who"], len(line["content"])) == ("admin", 64)
    assert journal.log_end() == f"3 {line['chain']}"
    journal.append([event()])
    assert journal.walked().broken is None
    change(journal, 3, message="another")
    assert journal.walked().broken is not None


# the lease


def test_who_works_is_told_by_name_machine_and_the_minute_of_ours(journal: Journal) -> None:
    assert journal.at_work("beancount") is None
    assert journal.running("beancount").params == {"who": "", "machine": "", "since": ""}
    journal.take("c", "beancount", Holder(who="anne", machine="bureau-1", id="1"))
    with journal._engine.begin() as connection:
        connection.execute(update(schema.lease).values(since=NOON.timestamp()))
    since = f"{NOON.astimezone():%Y-%m-%d %H:%M}"
    for told in (journal.at_work("beancount"), journal.running("beancount")):
        assert told is not None
        assert (told.code, told.params) == ("sync_running", {"who": "anne", "machine": "bureau-1", "since": since})
    assert journal.at_work("another") is None
    assert journal.kept("company_id") == "c"


def test_the_log_is_written_though_another_took_the_place(journal: Journal) -> None:
    """What a run did has to be found there; nothing else that it writes counts any more."""
    journal.take("c", "beancount", Holder(who="anne", machine="bureau-1", id="1"))
    with journal._engine.begin() as connection:
        connection.execute(update(schema.lease).values(token=schema.lease.c.token + 1))
    journal.append([event()])
    journal.finish(journal.start("sync", "anne"), [event()])
    assert len(journal.events(None)) == 2
    for write in (
        lambda: journal.see([]), lambda: journal.hear([]), lambda: journal.note({}), lambda: journal.keep("a", "b"),
        lambda: journal.write([transfer()]),
        lambda: journal.ask([Question(kind=Kind.INVOICE, record="I1", topic=Topic.SAME, about="1")]),
    ):  # fmt: skip
        with pytest.raises(CannotRun) as lost:
            write()
        assert lost.value.problems[0].code == "lease_lost"
