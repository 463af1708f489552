"""Auto sync: batches of five repeated for up to twenty minutes, a connection left idle closes (AutoVu, "Sync in use").

Real companies, workbooks and books; only time is ours.
"""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from addin.session import Session
from addin.sync.plan import first, plan
from addin.usecases import auto_sync
from addin.usecases.auto_sync import LOOK, AutoSync
from addin.usecases.report import Report
from connectors.ledger import Connected, Outcome, Posting, Unknown
from connectors.ledgers.beancount.connector import BeancountLedger
from connectors.problems import CannotRun, Problem
from connectors.records import Kind
from tests.addin.conftest import INVOICES, TODAY, Association, add_invoice, documents_in
from tests.sampled import examples
from workbook.file.file_book import FileBook
from workbook.layout import SETTINGS_TABLE


@dataclass
class Time:
    """Seconds that pass when somebody pauses; ``events`` happen when their time has come."""

    now: float = 0.0
    events: dict[float, Callable[[], object]] = field(default_factory=dict)

    def pause(self, seconds: float) -> None:
        self.now += seconds
        for due in [at for at in self.events if at <= self.now]:
            self.events.pop(due)()


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def many(association: Association) -> Association:
    """Twelve invoices besides the fixture's one, and its payment: fourteen documents of one new account."""
    for n in range(2, 14):
        add_invoice(association, f"I{n}", f"F-{n}", balance="114.98")
    association.settings["auto_sync_minutes"] = "2"
    association.init()
    association.write()
    return association


def run(company: Association, time: Time, stop: Callable[[], bool] = lambda: False) -> Report:
    def opened() -> Session:
        return Session.open(company.profile, FileBook(company.profile.workbook, stop=stop), "sync", TODAY)

    return AutoSync(opened, lambda: time.now, time.pause).run()


def booked(company: Association) -> int:
    return documents_in(company.folder / "book.beancount").total()


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The numbers that each batch brought to the ledger."""
    batches: list[list[str]] = []
    post = BeancountLedger.post
    monkeypatch.setattr(
        BeancountLedger, "post",
        lambda self, postings: (batches.append([p.record.number for p in postings]), post(self, postings))[1],
    )  # fmt: skip
    return batches


@pytest.fixture
def connections(monkeypatch: pytest.MonkeyPatch, time: Time) -> list[tuple[str, float]]:
    """When the ledger was connected to and let go of."""
    seen: list[tuple[str, float]] = []
    connect, close = BeancountLedger.connect, BeancountLedger.close

    def connecting(self: BeancountLedger) -> Connected:
        seen.append(("connect", time.now))
        return connect(self)

    def closing(self: BeancountLedger) -> None:
        seen.append(("close", time.now))
        close(self)

    monkeypatch.setattr(BeancountLedger, "connect", connecting)
    monkeypatch.setattr(BeancountLedger, "close", closing)
    return seen


def test_five_at_a_time_until_all_have_left_over_one_connection(
    many: Association, time: Time, sent: list[list[str]], connections: list[tuple[str, float]]
) -> None:
    many.pull()
    connections.clear()
    report = run(many, time)
    assert [len(batch) for batch in sent] == [1, 5, 5, 3, 1]
    assert sent[0] == ["1001"]
    assert sent[-1] == ["R-1"]
    assert report.counts["posted"] == {Kind.CUSTOMER: 1, Kind.INVOICE: 13, Kind.PAYMENT: 1}
    assert report.totals == {Kind.INVOICE: Decimal("1494.74"), Kind.PAYMENT: Decimal("114.98")}
    assert booked(many) == 14
    assert [what for what, _ in connections] == ["connect", "close"]


def test_it_goes_on_for_the_minutes_of_the_setting(
    association: Association, time: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twenty, where nothing else is set."""
    monkeypatch.setattr(auto_sync, "LOOK", 300.0)
    association.init()
    report = run(association, time)
    assert time.now == 20 * 60
    assert report.facts == {"rounds": 5, "stopped": False}


def test_the_settings_of_the_sheet_decide(many: Association, time: Time, sent: list[list[str]]) -> None:
    many.type(SETTINGS_TABLE, "auto_sync_documents", value="8")
    many.type(SETTINGS_TABLE, "auto_sync_minutes", value="1")
    run(many, time)
    assert [len(batch) for batch in sent] == [1, 8, 5, 1]
    assert 60 <= time.now < 60 + LOOK


def test_what_is_new_in_the_source_and_newly_marked_in_the_sheet_is_picked_up(many: Association, time: Time) -> None:
    many.pull()
    many.type(INVOICES, "I13", status="Stand By")

    def meanwhile() -> None:
        add_invoice(many, "I20", "F-20", balance="114.98")
        many.write()
        many.type(INVOICES, "I13", status="To Be Transferred")

    time.events[50.0] = meanwhile
    report = run(many, time)
    assert report.counts["posted"][Kind.INVOICE] == 14
    assert many.row(INVOICES, "I13")["status"] == many.row(INVOICES, "I20")["status"] == "Transfer Completed"


def test_stop_ends_after_the_document_in_hand(many: Association, time: Time, sent: list[list[str]]) -> None:
    report = run(many, time, stop=lambda: len(sent) >= 2)
    assert report.facts == {"rounds": 1, "stopped": True}
    assert booked(many) == 5
    assert time.now == 0.0
    assert many.sync().counts["posted"] == {Kind.INVOICE: 8, Kind.PAYMENT: 1}


def test_stop_is_heard_while_nothing_leaves(many: Association, time: Time) -> None:
    report = run(many, time, stop=lambda: time.now > 45)
    assert report.facts["stopped"]
    assert time.now < 46
    assert booked(many) == 14


def test_a_connection_left_idle_closes_and_the_next_document_opens_another(
    many: Association, time: Time, connections: list[tuple[str, float]], monkeypatch: pytest.MonkeyPatch
) -> None:
    many.type(SETTINGS_TABLE, "idle_minutes", value="5")
    many.type(SETTINGS_TABLE, "auto_sync_minutes", value="20")
    monkeypatch.setattr(auto_sync, "LOOK", 100.0)

    def meanwhile() -> None:
        add_invoice(many, "I20", "F-20", balance="114.98")
        many.write()

    time.events[450.0] = meanwhile
    many.pull()
    connections.clear()
    run(many, time)
    assert booked(many) == 15
    assert connections == [("connect", 0.0), ("close", 300.0), ("connect", 500.0), ("close", 800.0)]


def test_a_document_that_is_held_back_is_tried_again_and_told(association: Association, time: Time) -> None:
    """The payment waits for its invoice, which was refused: its ledger account does not exist."""
    association.files["lines"][0]["gl_account"] = "4999"
    association.add("gl_accounts", code="4999", name="Ailleurs")
    association.settings["auto_sync_minutes"] = "1"
    association.init()
    association.write()
    report = run(association, time)
    assert {problem.code for problem in report.problems} == {"gl_account_not_mapped", "invoice_not_transferred"}
    assert booked(association) == 0


def test_what_will_pass_is_waited_for(many: Association, time: Time, monkeypatch: pytest.MonkeyPatch) -> None:
    """The ledger goes away after the first five and comes back a minute later; the connection is made anew."""
    post = BeancountLedger.post

    def posting(self: BeancountLedger, postings: Sequence[Posting]) -> Iterator[Outcome]:
        if time.now < 60 and postings[0].record.number == "F-6":
            time.now += 1
            raise CannotRun(Problem(code="ledger_unreachable", params={"ledger": "beancount"}))
        yield from post(self, postings)

    monkeypatch.setattr(BeancountLedger, "post", posting)
    report = run(many, time)
    assert booked(many) == 14
    assert report.problems == ()


def test_a_stop_pressed_while_nothing_ran_does_not_end_it(many: Association, time: Time) -> None:
    """The ribbon's Stop stays in the workbook until somebody looks (``LiveBook.stop_asked``)."""
    pressed = [True]
    time.events[11.0] = lambda: pressed.append(True)
    report = run(many, time, lambda: bool(pressed) and pressed.pop())
    assert (booked(many), time.now, report.facts["stopped"]) == (14, 11.0, True)


def test_a_program_too_busy_to_say_whether_stop_was_pressed_does_not_end_it(many: Association, time: Time) -> None:
    """As Excel is while a person edits a cell between two rounds (``LiveBook.stop_asked``)."""
    answers = {11.0: "busy", 11.5: "yes"}

    def stop() -> bool:
        if answers.get(time.now) == "busy":
            raise CannotRun(Problem(code="excel_busy", params={"seconds": "16"}))
        return answers.get(time.now) == "yes"

    report = run(many, time, stop)
    assert report.facts["stopped"]
    assert (booked(many), time.now) == (14, 11.5)


def test_documents_that_the_ledger_never_answers_for_do_not_keep_the_others(
    many: Association, time: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    """More of them than leave at a time, each looked up and not there, every time; all the others are booked."""
    post, lost = BeancountLedger.post, {f"F-{n}" for n in range(2, 10)}

    def posting(self: BeancountLedger, postings: Sequence[Posting]) -> Iterator[Outcome]:
        for posting in postings:
            if posting.record.number in lost:
                yield Unknown(key=posting.key, problem=Problem(code="outcome_unknown"))
            else:
                yield from post(self, [posting])

    monkeypatch.setattr(BeancountLedger, "post", posting)
    run(many, time)
    assert booked(many) == 14 - len(lost)


def test_what_needs_a_person_ends_it(many: Association, time: Time) -> None:
    """What was transferred until then is in the report."""
    path = many.profile.workbook
    time.events[10.0] = lambda: shutil.move(path, path.with_suffix(".elsewhere"))
    report = run(many, time)
    assert [problem.code for problem in report.problems] == ["workbook_missing"]
    assert report.counts["posted"][Kind.INVOICE] == 13
    assert time.now == LOOK


def test_at_the_start_what_stops_it_is_told_at_once(many: Association, time: Time) -> None:
    with Session.open(many.profile, many.book, "mark", TODAY), pytest.raises(CannotRun, match="sync_running"):
        run(many, time)
    assert time.now == 0.0


def test_others_may_work_between_two_rounds(many: Association, time: Time) -> None:
    """Another takes the company when the time comes, and lets go of it later: Auto sync waits for its turn."""
    taken = ExitStack()
    time.events[10.0] = lambda: taken.enter_context(Session.open(many.profile, many.book, "mark", TODAY))
    time.events[80.0] = taken.close

    def meanwhile() -> None:
        add_invoice(many, "I20", "F-20", balance="114.98")
        many.write()

    time.events[50.0] = meanwhile
    report = run(many, time)
    assert report.problems == ()
    assert booked(many) == 15


def test_from_the_command_line_ctrl_c_is_stop(many: Association) -> None:
    command = [sys.executable, "-m", "addin", "auto-sync", many.name, "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as running:
        while "R-1" not in many.ledger_text() and running.poll() is None:
            pass
        running.send_signal(signal.SIGINT)
        said, _ = running.communicate(timeout=60)
    report = json.loads(said)
    assert (running.returncode, report["stopped"]) == (0, True)
    assert report["posted"] == {"customer": 1, "invoice": 13, "payment": 1}


@settings(max_examples=examples(25))
@given(most=st.integers(1, 30))
def test_the_first_of_a_plan_refer_to_nothing_that_is_left_out(most: int, planned: Session) -> None:
    """Whatever number is asked for: parents before children, and never more documents than asked for."""
    case, standing = planned.case()
    whole = plan(case, standing)
    some = first(case, whole, most)
    ids = [each.id for each in some]
    assert ids == [each.id for each in whole if each.id in set(ids)]
    documents = [key for key in ids if key[0] is not Kind.CUSTOMER]
    assert len(documents) == min(most, sum(1 for each in whole if each.id[0] is not Kind.CUSTOMER))
    for each in some:
        customer = getattr(each.record, "customer", None)
        assert customer is None or (Kind.CUSTOMER, customer) in ids
        parent = getattr(each.record, "parent", None)
        assert not parent or ids.index((Kind.CUSTOMER, parent)) < ids.index(each.id)
        for part in getattr(each.record, "allocations", ()):
            assert ids.index((Kind.INVOICE, part.invoice)) < ids.index(each.id)


@pytest.fixture(scope="module")
def planned(tmp_path_factory: pytest.TempPathFactory) -> object:
    """A company of two accounts, one below the other, and documents of both, ready to leave."""
    folder: Path = tmp_path_factory.mktemp("planned")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PASSERELLE_HOME", str(folder / "home"))
        patch.setenv("PASSERELLE_LANGUAGE", "en")
        from tests.chaos.conftest import make

        company = make(folder / "company")
        company.init()
        company.pull()
        with Session.open(company.profile, company.book, "preview", TODAY) as session:
            yield session
