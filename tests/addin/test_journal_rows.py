"""What is remembered of a record and of its transfers, as values: which generation counts, and what a change is."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy.engine import make_url
from sqlalchemy.exc import OperationalError, ProgrammingError

from addin.journal import Journal, OnDemand, Records, State, opening
from addin.journal.inbound import Heard, Proposal
from addin.journal.opening import shown
from addin.journal.protocol import (
    BEYOND,
    SETTLED,
    TRANSITIONS,
    ProtocolBreach,
    Step,
    may_follow,
    next_generation,
    next_state,
)
from addin.journal.rows import (
    RecordKey,
    Seen,
    digest_of,
    former,
    idempotency_key,
    latest,
    payload_of,
    problem_read,
    problem_text,
    says_the_same,
    settled,
    with_changed,
)
from connectors.problems import CannotRun, Problem
from connectors.records import (
    Address,
    Allocation,
    Customer,
    DocumentTax,
    ExchangeRate,
    Invoice,
    InvoiceLine,
    Kind,
    Payment,
    Provenance,
    SyncStatus,
    What,
)
from tests.addin.test_journal_memory import seen, transfer

INVOICE = Invoice(
    key="I1", number="F-1", date=date(2026, 1, 5), customer="A1", currency="CAD", subtotal=Decimal("100.00"),
    tax=Decimal("5.00"), total=Decimal("105.00"), taxes=(DocumentTax(tax="GST", amount=Decimal("5.00")),),
    lines=(InvoiceLine(key="I1/1", number=1, description="Cotisation", amount=Decimal("100.00")),),
)  # fmt: skip


# generations


def generations(*states: State) -> tuple[Any, ...]:
    """A record's history, one generation for each state."""
    return tuple(transfer(state=state, generation=n) for n, state in enumerate(states))


@pytest.mark.parametrize(
    ("states", "there", "says"),
    [
        ((State.POSTED,), 0, 0),
        ((State.MANUAL,), 0, 0),
        ((State.INTENT,), None, 0),
        ((State.REJECTED,), None, 0),
        ((State.POSTED, State.REJECTED), 0, 1),
        ((State.POSTED, State.POSTED), 1, 1),
        ((State.UNDONE, State.REJECTED), None, 1),
        ((State.POSTED, State.UNDOING), None, 1),
        ((State.GONE, State.REJECTED), None, 0),
        ((State.GONE, State.POSTED), 1, 1),
    ],
)
def test_which_generation_the_ledger_has_and_which_says_how_a_record_stands(
    states: tuple[State, ...], there: int | None, says: int
) -> None:
    """What is gone stays gone, though a change of it was tried since."""
    history = generations(*states)
    assert settled(history) == (None if there is None else history[there])
    assert latest(history) == history[says]
    assert settled(()) is None


def test_what_the_ledger_had_is_known_by_its_former_references() -> None:
    history = (
        transfer(state=State.UNDONE, ledger_id="17", ledger_number="F-1"), transfer(state=State.GONE, ledger_id="18"),
        transfer(state=State.UNDOING, ledger_number="F-3"), transfer(state=State.POSTED, ledger_id="19"),
    )  # fmt: skip
    assert former(history) == {"17", "F-1", "18", "F-3"}


def test_a_changed_generation_takes_its_place_and_a_new_one_comes_last() -> None:
    first, second = generations(State.UNDONE, State.INTENT)
    posted = replace(second, state=State.POSTED)
    assert with_changed((first, second), posted) == (first, posted)
    assert with_changed((second,), first) == (first, second)


def test_what_a_sync_reference_shows_and_the_keys_of_a_transfer() -> None:
    made = transfer(ledger_id="17", ledger_number="F-1")
    assert (made.shown, replace(made, ledger_number="").shown, replace(made, kind=Kind.CUSTOMER).shown) == (
        "F-1", "17", "17",
    )  # fmt: skip
    assert (made.undo_key, made.id) == ("psl-I1-0-undo", (Kind.INVOICE, "I1"))
    assert made.after(Step.BOOK, ledger_id="18") == replace(made, state=State.POSTED, ledger_id="18")


def test_the_key_of_a_document_is_the_same_for_ever() -> None:
    """The first 24 digits of the SHA-256 of these five as JSON: a ledger bears it for good."""
    assert idempotency_key("association", "beancount", Kind.INVOICE, "I1", 0) == "psl-f4fd25811de270b64da3216a"
    assert idempotency_key("association", "beancount", Kind.INVOICE, "I1", 1) == "psl-d3d187667765c5cf1e1685a7"


# the protocol


def test_the_next_generation_leaves_once_the_ledger_has_or_had_the_one_before() -> None:
    assert {state for state in State if next_generation(state, 3) == 4} == SETTLED | BEYOND
    assert {next_generation(state, 3) for state in set(State) - SETTLED - BEYOND} == {3}


def test_no_step_is_taken_that_the_protocol_does_not_know() -> None:
    for state in (None, *State):
        for step in Step:
            if (state, step) in TRANSITIONS:
                assert next_state(state, step) is TRANSITIONS[state, step]
            else:
                with pytest.raises(ProtocolBreach, match=f"^{state} does not allow {step}$"):
                    next_state(state, step)


def test_what_is_told_of_a_transfer_may_be_written_again_but_never_an_intent() -> None:
    assert {state for state in State if may_follow(state, state)} == set(State) - {State.INTENT}
    assert may_follow(None, State.INTENT)
    assert not may_follow(State.POSTED, State.INTENT)


# records


def test_a_digest_changes_with_what_a_ledger_would_book_and_with_nothing_else() -> None:
    """Not by a payment, a sending or where it was read; nor is a number written otherwise another one."""
    line, place = INVOICE.lines[0], Provenance(place="documents.csv", line=7)
    for same in (
        {"url": "u"}, {"sync_reference": "F"}, {"balance": Decimal(1)}, {"sent": False}, {"cancelled": True},
        {"provenance": place}, {"lines": (replace(line, provenance=place),)},
    ):  # fmt: skip
        assert digest_of(replace(INVOICE, **same)) == digest_of(INVOICE), same
        assert says_the_same(INVOICE, replace(INVOICE, **same))
    for other in (
        {"date": date(2026, 1, 6)}, {"customer": "A2"}, {"number": "F-2"}, {"memo": "x"}, {"terms": "30"},
        {"lines": (replace(line, description="x"),)}, {"taxes": ()}, {"total": Decimal("105.01")},
    ):  # fmt: skip
        assert digest_of(replace(INVOICE, **other)) != digest_of(INVOICE), other
        assert not says_the_same(INVOICE, replace(INVOICE, **other))
    assert says_the_same(INVOICE, replace(INVOICE, total=Decimal("105.0000")))
    rated = replace(INVOICE, exchange=ExchangeRate(rate=Decimal("1.35")))
    assert digest_of(rated) != digest_of(INVOICE)
    club = Customer(key="A1", name="Club", url="u")
    assert says_the_same(club, replace(club, url="v"))


def test_a_fee_or_a_discount_changes_nothing_of_the_payment_itself() -> None:
    """Each is a record of its own, so that one told later does not make a booked payment another."""
    part = Allocation(invoice="I1", amount=Decimal("1.10"))
    paid = Payment(key="P1", date=date(2026, 1, 5), customer="A1", currency="CAD", amount=Decimal("1.10"),
                   allocations=(part,))  # fmt: skip
    for same in (
        {"fee": Decimal("0.20")}, {"allocations": (replace(part, discount=Decimal("0.05")),)},
    ):  # fmt: skip
        assert digest_of(replace(paid, **same)) == digest_of(paid), same


@pytest.mark.parametrize(
    "record",
    [
        INVOICE,
        Customer(key="A1", name="Île", billing=Address(city="Lévis"), provenance=Provenance(place="a.csv", line=2)),
        Payment(key="P1", date=date(2026, 1, 5), customer="A1", currency="CAD", amount=Decimal("1.10"),
                allocations=(Allocation(invoice="I1", amount=Decimal("1.10")),)),
    ],
    ids=["invoice", "customer", "payment"],
)  # fmt: skip
def test_a_record_is_read_from_its_text_as_it_was(record: Any) -> None:
    kept = seen(record.key, record.kind, payload=payload_of(record))
    assert kept.record() == record
    assert kept.record().provenance == record.provenance
    assert Records({kept.id: kept})[kept.id] == record


def test_what_the_source_cancelled_is_told_from_its_text() -> None:
    assert seen(payload=payload_of(replace(INVOICE, cancelled=True))).cancelled
    assert not seen(payload=payload_of(INVOICE)).cancelled


def test_a_problem_is_read_from_its_text_as_it_was() -> None:
    problem = Problem(code="ledger_refused", kind=Kind.INVOICE, key="I1", params={"ledger": "é"}, detail="d")
    text = problem_text(problem)
    assert text is not None
    assert problem_read(text) == problem
    assert (problem_text(None), problem_read(None)) == (None, None)


def test_records_are_read_when_they_are_asked_for_and_once() -> None:
    held = {(Kind.INVOICE, f"I{n}"): n for n in (1, 2, 3)}
    asked: list[Any] = []

    def read(keys: Collection[RecordKey] | None) -> Mapping[RecordKey, int]:
        asked.append(None if keys is None else [key for _, key in keys])
        return held if keys is None else {key: held[key] for key in keys if key in held}

    demand: OnDemand[int] = OnDemand(read)
    assert demand[Kind.INVOICE, "I1"] == 1
    assert demand[Kind.INVOICE, "I1"] == 1
    assert demand.fetch([(Kind.INVOICE, "I1"), (Kind.INVOICE, "I9")]) is demand
    assert (Kind.INVOICE, "I9") not in demand
    with pytest.raises(KeyError):
        demand[Kind.INVOICE, "I9"]
    assert demand.known() == {(Kind.INVOICE, "I1"): 1}
    assert asked == [["I1"], ["I9"]]
    changed = demand.having({(Kind.INVOICE, "I1"): 7, (Kind.INVOICE, "I5"): 5})
    assert (len(changed), changed[Kind.INVOICE, "I1"], demand[Kind.INVOICE, "I1"]) == (4, 7, 1)
    assert dict(demand) == held
    assert (Kind.INVOICE, "I8") not in demand.having({})
    assert len(demand) == 3
    assert asked == [["I1"], ["I9"], None, None]


def test_records_behind_what_was_seen_are_as_many_and_in_its_order() -> None:
    kept = {(Kind.INVOICE, key): seen(key, payload=payload_of(replace(INVOICE, key=key))) for key in ("I2", "I1")}
    records = Records(kept)
    assert ([*records], len(records)) == ([*kept], 2)
    assert (Kind.INVOICE, "I1") in records
    assert (Kind.PAYMENT, "I1") not in records
    assert records[Kind.INVOICE, "I1"] is records[Kind.INVOICE, "I1"]


def test_what_the_ledger_told_is_named_by_kind_id_and_field() -> None:
    made = Proposal(kind=Kind.INVOICE, ledger_id="17", field="total", what=What.CHANGED, happened="")
    assert (made.key, replace(made, field="").key, made.about) == (
        "invoice/17/total", "invoice/17", (Kind.INVOICE, "17"),
    )  # fmt: skip
    assert Heard(kind=Kind.INVOICE, ledger_id="17", told={}).id == (Kind.INVOICE, "17")
    assert Seen(kind=Kind.INVOICE, key="I1", number="", payload="", digest="", status=SyncStatus.ERROR).id == (
        Kind.INVOICE, "I1",
    )  # fmt: skip


# where it is kept


@pytest.mark.parametrize(
    ("url", "place"),
    [
        ("sqlite:////home/anne/journal.sqlite", "/home/anne/journal.sqlite"),
        ("postgresql://anne:secret@server/company", "postgresql://anne:***@server/company"),
        ("postgresql+psycopg://anne@server/company?sslmode=verify-full",
         "postgresql://anne@server/company?sslmode=verify-full"),
    ],
)  # fmt: skip
def test_a_journal_is_named_by_its_path_or_its_url_without_the_password(url: str, place: str) -> None:
    assert shown(make_url(url)) == place


class Refusal(Exception):
    """What a driver raises: a code of the database, and its words."""

    def __init__(self, words: str = "", **codes: str) -> None:
        super().__init__(words)
        for name, code in codes.items():
            setattr(self, name, code)


@pytest.mark.parametrize(
    ("refusal", "code"),
    [
        *((Refusal(sqlite_errorname=name), code) for name, code in {
            "SQLITE_FULL": "disk_full", "SQLITE_READONLY": "journal_unwritable",
            "SQLITE_READONLY_DBMOVED": "journal_unwritable", "SQLITE_CANTOPEN": "journal_unwritable",
            "SQLITE_PERM": "journal_unwritable", "SQLITE_IOERR_WRITE": "journal_unwritable",
            "SQLITE_CORRUPT_VTAB": "journal_damaged", "SQLITE_NOTADB": "journal_damaged",
            "SQLITE_BUSY": "journal_unreachable", "SQLITE_FULLER": "journal_unreachable",
        }.items()),
        *((Refusal(sqlstate=state), code) for state, code in {
            "53100": "disk_full", "42501": "journal_unwritable", "25006": "journal_unwritable",
            "XX001": "journal_damaged", "XX002": "journal_damaged", "57P01": "journal_unreachable",
        }.items()),
        *((Refusal(f"connection failed: {words}"), "database_refused") for words in (
            'FATAL: password authentication failed for user "a"', "fe_sendauth: no password supplied",
            'FATAL: no pg_hba.conf entry for host "x"', 'FATAL: role "a" does not exist',
            'FATAL: database "c" does not exist', 'FATAL: role "a" is not permitted to log in',
            'FATAL: permission denied for database "c"', 'invalid connection option "x"',
            'invalid URI query parameter: "x"',
        )),
        (Refusal("connection refused"), "journal_unreachable"),
    ],
)  # fmt: skip
def test_what_a_database_refuses_is_told_by_its_own_code_and_words(refusal: Refusal, code: str) -> None:
    """sqlite.org/rescode.html; PostgreSQL, appendix A; it gives no SQLSTATE where it lets nobody in."""
    engine = opening._engine(make_url("postgresql://anne:secret@server/company"))
    place = "postgresql://anne:***@server/company"
    with pytest.raises(CannotRun) as stopped, opening.speaking(engine):
        raise OperationalError("SELECT", {}, refusal)
    [problem] = stopped.value.problems
    assert (problem.code, problem.params) == (code, {"path": place, "place": place})
    assert problem.detail == str(refusal).strip()


def test_a_read_only_file_on_a_full_disk_is_a_full_disk(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """SQLite says so only where it was its own file that grew, not what its programs share."""
    place = make_url(f"sqlite:///{tmp_path / 'journal.sqlite'}")

    def code(free: int) -> str:
        monkeypatch.setattr(opening.shutil, "disk_usage", lambda path: (
            type("Usage", (), {"free": free}) if path == tmp_path else pytest.fail(str(path))
        ))  # fmt: skip
        cause = Refusal(sqlite_errorname="SQLITE_READONLY")
        return opening._problem(opening._engine(place), OperationalError("SELECT", {}, cause)).code

    assert code(opening.ROOM - 1) == "disk_full"
    assert code(opening.ROOM) == "journal_unwritable"

    def gone(_: object) -> None:
        raise OSError

    monkeypatch.setattr(opening.shutil, "disk_usage", gone)
    assert not opening._is_full(place)
    assert not opening._is_full(make_url("sqlite://"))
    assert not opening._is_full(make_url("postgresql://server/company"))


def test_a_mistake_in_a_statement_of_ours_is_a_defect_and_about_rights_is_not() -> None:
    engine = opening._engine(make_url("postgresql://server/company"))
    with pytest.raises(ProgrammingError), opening.speaking(engine):
        raise ProgrammingError("SELECT", {}, Refusal(sqlstate="42703"))
    with pytest.raises(CannotRun) as stopped, opening.speaking(engine):
        raise ProgrammingError("SELECT", {}, Refusal(sqlstate="42501"))
    assert stopped.value.problems[0].code == "journal_unwritable"


def test_what_the_system_refuses_of_a_file_is_told_with_its_words() -> None:
    engine = opening._engine(make_url("sqlite:////home/anne/journal.sqlite"))
    for errno, code in ((28, "disk_full"), (13, "journal_unwritable")):
        with pytest.raises(CannotRun) as stopped, opening.speaking(engine):
            raise OSError(errno, "words")
        [problem] = stopped.value.problems
        assert (problem.code, problem.detail) == (code, f"[Errno {errno}] words")
        assert problem.params == dict.fromkeys(("path", "place"), "/home/anne/journal.sqlite")


def test_every_change_of_an_sqlite_journal_is_on_the_disk_when_it_is_made(tmp_path: Any) -> None:
    """sqlite.org/pragma.html: in WAL mode FULL alone waits for the disk at each commit."""
    journal = Journal.at(tmp_path / "journal.sqlite")
    with journal._engine.connect() as connection:
        told = [connection.exec_driver_sql(f"PRAGMA {name}").scalar()
                for name in ("journal_mode", "synchronous", "busy_timeout")]  # fmt: skip
    assert told == ["wal", 2, 30_000]
    journal.close()


def test_a_url_that_says_how_long_to_wait_wins() -> None:
    """docs: every wait for a server that is gone is bounded."""
    told: list[dict[str, Any]] = []

    def connect(**given: Any) -> None:
        told.append(given)
        raise OSError

    engine = opening._engine(make_url("postgresql://server/company?connect_timeout=2&keepalives_idle=7"))
    engine.dialect.connect = connect  # type: ignore[method-assign,assignment]
    with pytest.raises(OSError):  # noqa: PT011
        engine.connect()
    [given] = told
    assert (given["connect_timeout"], given["keepalives_idle"]) == ("2", "7")
    assert (given["keepalives_interval"], given["keepalives_count"], given["tcp_user_timeout"]) == (10, 3, 60_000)
    assert given["options"] == "-c lock_timeout=30s -c idle_in_transaction_session_timeout=60s"
