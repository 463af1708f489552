"""No window ever holds more calls than its limit, whoever calls and whenever."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.pace import DRIFT, UNDER_WAY, Limit, Pacer
from connectors.problems import CannotRun, Owner
from connectors.watch import NoTurn, Watch, watched
from tests.connectors.scripted_server import Hands
from tests.sampled import examples


def code_of(caught: pytest.ExceptionInfo[CannotRun]) -> str:
    return caught.value.problems[0].code


KEPT = Limit(10**6, 10**6)
"""Never reached; makes the pacer remember every call, so that a test can count them."""

LIMITS = st.lists(
    st.builds(Limit, st.integers(1, 5), st.sampled_from([0.5, 1.0, 10.0, 60.0]), st.sampled_from(["", "batch"])),
    min_size=1, max_size=3,
)  # fmt: skip
CALLS = st.lists(
    st.tuples(st.floats(0, 20), st.floats(0, 3), st.floats(0, 1), st.sampled_from(["", "batch", "other"])), max_size=25
)
"""Seconds until a call is wanted, seconds it takes, where in between the vendor counts it, its lane."""


@dataclass
class Vendor:
    """Counts the calls that arrive in true sliding windows and refuses what is one too many (limits and throttles)."""

    limits: Sequence[Limit]
    arrivals: list[tuple[float, str]] = field(default_factory=list)

    def takes(self, at: float, lane: str) -> bool:
        full = any(
            sum(1 for then, other in self.arrivals if limit.lane in ("", other) and then > at - limit.seconds)
            >= limit.calls
            for limit in self.limits
            if limit.lane in ("", lane)
        )
        self.arrivals += [] if full else [(at, lane)]
        return not full


def calls(pacer: Pacer) -> list[tuple[float, str]]:
    return pacer._calls.execute("SELECT arrived, lane FROM call ORDER BY arrived").fetchall()


def takes_all(limits: Sequence[Limit], made: Sequence[tuple[float, str]]) -> bool:
    vendor = Vendor(limits)
    return all(vendor.takes(at, lane) for at, lane in sorted(made))


@given(LIMITS, CALLS)
def test_wherever_on_its_way_a_call_is_counted_the_vendor_never_says_too_many(
    limits: list[Limit], wanted: list[tuple[float, float, float, str]]
) -> None:
    hands, vendor = Hands(), Vendor(limits)
    pacer = Pacer(*limits, label="L", clock=hands.clock, longest_wait=10**6)
    for gap, takes, counted, lane in wanted:
        hands.at += gap
        with pacer.turn(lane):
            arrived = hands.at + takes * counted
            hands.at += takes
            assert vendor.takes(arrived, lane)
    assert len(vendor.arrivals) == len(wanted)


@given(LIMITS, CALLS)
def test_nobody_waits_without_need(limits: list[Limit], wanted: list[tuple[float, float, float, str]]) -> None:
    """A call that waited left as soon as a window had room for the latest moment at which the others were counted."""
    hands = Hands()
    pacer = Pacer(*limits, KEPT, label="L", clock=hands.clock, longest_wait=10**6)
    for gap, takes, _, lane in wanted:
        hands.at += gap
        before = hands.at
        with pacer.turn(lane):
            earlier = hands.at - 0.2  # DRIFT of a minute, and a little
            if earlier > before:
                assert not takes_all(limits, [*(c for c in calls(pacer) if c[0] <= hands.at), (earlier, lane)])
            hands.at += takes


def test_the_published_limit_is_used_to_nine_tenths_and_more_at_any_latency_up_to_five_seconds() -> None:
    """40 batches a minute (limits and throttles), one batch after the other, for an hour."""
    for takes in (0.01, 0.15, 1.4):
        hands, vendor = Hands(), Vendor([Limit(40, 60)])
        pacer = Pacer(*vendor.limits, label="L", clock=hands.clock)
        start = hands.at
        while hands.at < start + 3600:
            with pacer.turn():
                hands.at += takes
                assert vendor.takes(hands.at - takes / 2, "")
        assert len(vendor.arrivals) >= 0.95 * 40 * 60


@settings(max_examples=examples(15))
@given(LIMITS, st.lists(st.sampled_from(["", "batch"]), min_size=2, max_size=16))
def test_threads_keep_to_the_limits_together(limits: list[Limit], lanes: list[str]) -> None:
    hands, one_at_a_time = Hands(), threading.Lock()

    def sleep(seconds: float) -> None:
        with one_at_a_time:
            hands.sleep(seconds)

    pacer = Pacer(*limits, label="L", concurrent=3, clock=replace(hands.clock, sleep=sleep), longest_wait=10**6)
    start = threading.Barrier(len(lanes))
    under_way: list[int] = []
    most: list[int] = []
    arrivals: list[tuple[float, str]] = []

    def call(lane: str) -> None:
        start.wait()
        with pacer.turn(lane):
            under_way.append(1)
            most.append(len(under_way))
            arrivals.append((hands.at, lane))
            under_way.pop()

    threads = [threading.Thread(target=call, args=(lane,)) for lane in lanes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(arrivals) == len(lanes)
    assert takes_all(limits, arrivals)
    assert max(most) <= 3


def test_only_so_many_are_under_way_at_once() -> None:
    pacer = Pacer(label="L", concurrent=2, clock=Hands().clock)
    inside, leave = threading.Semaphore(0), threading.Event()
    most, now, lock = [0], [0], threading.Lock()

    def call() -> None:
        with pacer.turn():
            with lock:
                now[0] += 1
                most[0] = max(most[0], now[0])
            inside.release()
            leave.wait()
            with lock:
                now[0] -= 1

    threads = [threading.Thread(target=call) for _ in range(6)]
    for thread in threads:
        thread.start()
    inside.acquire()
    inside.acquire()
    assert not inside.acquire(timeout=0.05)
    leave.set()
    for thread in threads:
        thread.join()
    assert most == [2]


def test_programs_that_make_the_file_at_the_same_instant_wait_for_each_other(tmp_path: Path) -> None:
    """SQLite answers "database is locked" without waiting where several switch a new file to WAL at once."""
    for each in range(100):
        together, failed = threading.Barrier(6), list[CannotRun]()

        def begin(shared: Path, together: threading.Barrier, failed: list[CannotRun]) -> None:
            together.wait()
            try:
                Pacer(Limit(4, 0.2), label="L", shared=shared)
            except CannotRun as refused:
                failed.append(refused)

        asked = (tmp_path / f"{each}.sqlite", together, failed)
        programs = [threading.Thread(target=begin, args=asked) for _ in range(6)]
        for program in programs:
            program.start()
        for program in programs:
            program.join()
        assert failed == []


PROCESS = """
import sys
from pathlib import Path
from connectors.pace import Limit, Pacer
pacer = Pacer(Limit(4, 0.2), Limit(10**6, 10**6), label="L", shared=Path(sys.argv[1]))
for _ in range(4):
    with pacer.turn():
        pass
"""


def test_processes_keep_to_the_limits_together(tmp_path: Path) -> None:
    shared = tmp_path / "pace.sqlite"
    processes = [subprocess.Popen([sys.executable, "-c", PROCESS, str(shared)]) for _ in range(3)]
    assert [process.wait() for process in processes] == [0, 0, 0]
    made = sqlite3.connect(shared).execute("SELECT departed, lane FROM call").fetchall()
    assert len(made) == 12
    assert takes_all([Limit(4, 0.2)], made)


def test_a_limit_of_the_day_is_remembered_by_the_next_run(tmp_path: Path) -> None:
    hands = Hands()
    for _ in range(3):
        pacer = Pacer(Limit(3, 86_400), label="Xero", shared=tmp_path / "pace.sqlite", clock=hands.clock)
        with pacer.turn():
            pass
        pacer.close()
        hands.at += 3600
    pacer = Pacer(Limit(3, 86_400), label="Xero", shared=tmp_path / "pace.sqlite", clock=hands.clock)
    with pytest.raises(CannotRun) as caught, pacer.turn():
        pass
    (problem,) = caught.value.problems
    assert (problem.code, problem.owner) == ("day_limit_reached", Owner.LATER)
    assert problem.params["ledger"] == "Xero"
    opens = datetime.fromisoformat(problem.params["when"]).timestamp()
    assert 0 <= opens - (hands.at + 21 * 3600) <= 86_400 * DRIFT + 60
    assert hands.waited == []
    hands.at = opens
    with pacer.turn():
        pass


def test_a_minute_is_waited_out_with_a_countdown() -> None:
    hands, shown = Hands(), list[float]()
    pacer = Pacer(Limit(1, 60), label="L", clock=hands.clock)
    with watched(Watch(waiting=shown.append)):
        for _ in range(2):
            with pacer.turn():
                pass
    assert [round(left) for left in shown] == [*range(60, -1, -1)]


def test_stop_ends_a_wait() -> None:
    hands = Hands()
    pacer = Pacer(label="L", clock=hands.clock)
    pacer.hold(30)
    end = hands.at + 3
    with watched(Watch(stop=lambda: hands.at >= end)):
        with pytest.raises(NoTurn) as stopped, pacer.turn():
            pass
        assert (code_of(stopped), stopped.value.soon, hands.at) == ("stopped", False, end)
        with pytest.raises(NoTurn):
            pacer.wait(5)


def test_a_wait_longer_than_a_write_may_still_leave_in_is_not_begun() -> None:
    hands = Hands()
    pacer = Pacer(label="L", clock=hands.clock)
    pacer.hold(30)
    with watched(Watch(left=lambda: 29)), pytest.raises(NoTurn) as caught, pacer.turn():
        pass
    assert (code_of(caught), caught.value.soon, hands.waited) == ("too_many_requests", True, [])


def test_a_kept_place_is_used_by_its_own_call_and_otherwise_given_back() -> None:
    hands = Hands()
    pacer = Pacer(Limit(2, 60, "batch"), label="L", clock=hands.clock)
    one, other = Watch(), Watch()
    with watched(one):
        assert pacer.keep("batch", 2) == 0
    with watched(other):
        assert pacer.keep("batch") > 0
    with watched(one), pacer.turn("batch"):
        pass
    assert hands.waited == []
    one.give_back()
    with watched(other):
        assert pacer.keep("batch") == 0
        with pacer.turn("batch"):
            pass
        assert pacer.keep("batch") == pytest.approx(60, rel=2 * DRIFT)
    assert hands.waited == []


def test_a_hold_holds_who_kept_a_place_too() -> None:
    hands = Hands()
    pacer = Pacer(label="L", clock=hands.clock)
    with watched(Watch()):
        pacer.keep()
        pacer.hold(10)
        with pacer.turn():
            pass
    assert sum(hands.waited) == 10


def test_a_call_whose_program_died_is_counted_once_it_must_have_ended(tmp_path: Path) -> None:
    hands = Hands()
    died = Pacer(Limit(1, 60), label="L", shared=tmp_path / "p", clock=hands.clock)
    with watched(Watch()):
        died.keep()
    pacer = Pacer(Limit(1, 60), label="L", shared=tmp_path / "p", clock=hands.clock, longest_wait=100)
    with pacer.turn():
        pass
    assert sum(hands.waited) == pytest.approx(UNDER_WAY + 60, rel=DRIFT)


def test_a_hold_holds_everybody_and_the_longest_counts(tmp_path: Path) -> None:
    hands = Hands()
    one, other = (Pacer(label="L", shared=tmp_path / "p", clock=hands.clock) for _ in range(2))
    one.hold(30)
    one.hold(10)
    with other.turn():
        pass
    assert sum(hands.waited) == 30


def test_a_failed_call_gives_its_place_back() -> None:
    pacer = Pacer(label="L", concurrent=1, clock=Hands().clock)
    for _ in range(3):
        with pytest.raises(KeyError), pacer.turn():
            raise KeyError
    with pacer.turn():
        pass


def test_a_clock_that_is_set_back_does_not_block_for_longer_than_the_window() -> None:
    hands = Hands()
    pacer = Pacer(Limit(1, 60), label="L", clock=hands.clock)
    with pacer.turn():
        pass
    hands.at -= 7200
    with pacer.turn():
        pass
    assert sum(hands.waited) == pytest.approx(60, rel=2 * DRIFT)
    pacer.hold(30)
    hands.at -= 7200
    with pacer.turn():
        pass
    assert sum(hands.waited) == pytest.approx(120, rel=2 * DRIFT)


@pytest.mark.parametrize("content", [b"not a database at all, but as long as a header is " * 4, b"half"])
def test_a_damaged_file_is_made_anew(tmp_path: Path, content: bytes) -> None:
    """As a power cut may leave it: what it forgets are calls of minutes ago, and nobody but us could repair it."""
    shared = tmp_path / "pace.sqlite"
    shared.write_bytes(content)
    for _ in range(2):
        pacer = Pacer(Limit(1, 60), label="Ledger", shared=shared, clock=Hands().clock)
        with pacer.turn():
            pass
        pacer.close()


def test_a_full_disk_is_said_before_anything_is_sent(tmp_path: Path) -> None:
    pacer = Pacer(Limit(10, 60), label="Ledger", shared=tmp_path / "pace.sqlite", clock=Hands().clock)
    pacer._calls.execute("PRAGMA query_only = TRUE")
    with pytest.raises(CannotRun) as stopped, pacer.turn():
        raise AssertionError("it left")
    assert code_of(stopped) == "file_unwritable"
    pacer._calls.execute("PRAGMA query_only = FALSE")
    pacer._calls.execute("PRAGMA max_page_count = 1")
    with pytest.raises(CannotRun) as stopped:
        pacer.keep("x" * 100_000)
    assert code_of(stopped) == "disk_full"
    pacer.close()


def test_a_disk_that_fills_up_during_a_call_does_not_lose_its_answer(tmp_path: Path) -> None:
    """It counts as under way then, as one whose program died."""
    shared, hands = tmp_path / "pace.sqlite", Hands()
    pacer, answers = Pacer(Limit(1, 60), label="Ledger", shared=shared, clock=hands.clock), []
    with pacer.turn():
        pacer._calls.execute("PRAGMA query_only = TRUE")
        answers.append("booked")
    assert answers == ["booked"]
    pacer.close()
    next_run = Pacer(Limit(1, 60), label="Ledger", shared=shared, clock=hands.clock)
    assert next_run.keep() > 0
    next_run.close()


# what the vendor says is left


LEFT = "X-DayLimit-Remaining"


def test_nothing_new_begins_once_the_vendor_says_that_little_is_left_of_a_day(tmp_path: Path) -> None:
    """Another machine used it; what was begun goes on, and another process here knows as well."""
    hands, day = Hands(), Limit(5000, 86_400, header=LEFT, reserve=100)
    pacer = Pacer(day, label="Xero", shared=tmp_path / "pace.sqlite", clock=hands.clock)
    with watched(Watch()):
        assert pacer.keep() == 0
    with pacer.turn():
        pacer.heed({LEFT: "100"})
    other = Pacer(day, label="Xero", shared=tmp_path / "pace.sqlite", clock=hands.clock)
    for each in (pacer, other):
        with watched(Watch()), pytest.raises(NoTurn) as caught:
            each.keep()
        assert (code_of(caught), caught.value.soon) == ("day_limit_reached", False)
        with each.turn():
            pass
    assert hands.waited == []
    hands.at += 86_400
    with watched(Watch()):
        assert other.keep() == 0


def test_a_day_of_which_little_is_left_never_passes_by_itself_in_a_minute() -> None:
    """Also where the window of our own first call is over in a minute: whose window the vendor's is, nobody tells."""
    hands = Hands()
    pacer = Pacer(Limit(5000, 86_400, header=LEFT), label="Xero", clock=hands.clock)
    with pacer.turn():
        pass
    hands.at += 86_340
    with pacer.turn():
        pass
    pacer.heed({LEFT: "0"})
    with watched(Watch()), pytest.raises(NoTurn) as caught:
        pacer.keep()
    opens = datetime.fromisoformat(caught.value.problems[0].params["when"]).timestamp()
    assert 3600 <= opens - hands.at < 3600 + 120


@pytest.mark.parametrize(
    "left", ["0", "", "none", "²", "9" * 5000], ids=["0", "nothing", "a word", "no digit", "no count"]
)
def test_a_minute_that_others_used_up_is_waited_out(left: str) -> None:
    hands = Hands()
    pacer = Pacer(Limit(60, 60, header=LEFT), label="Xero", clock=hands.clock)
    with pacer.turn():
        pass
    hands.at += 20
    pacer.heed({LEFT: left})
    with pacer.turn():
        pass
    assert sum(hands.waited) == (pytest.approx(40) if left == "0" else 0)
    pacer.heed({LEFT: "60"})
    with pacer.turn():
        pass
    assert sum(hands.waited) <= 40.1
