"""No window ever holds more calls than its limit, whoever calls and whenever."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.pace import Limit, Pacer
from connectors.problems import CannotRun, Owner
from tests.connectors.scripted_server import Hands

KEPT = Limit(10**6, 10**6)
"""Never reached; makes the pacer remember every call, so that a test can count them."""

LIMITS = st.lists(
    st.builds(Limit, st.integers(1, 5), st.sampled_from([0.5, 1.0, 10.0, 60.0]), st.sampled_from(["", "batch"])),
    min_size=1, max_size=3,
)  # fmt: skip
ARRIVALS = st.lists(st.tuples(st.floats(0, 20), st.sampled_from(["", "batch", "other"])), max_size=25)


def calls(pacer: Pacer) -> list[tuple[float, str]]:
    return pacer._calls.execute("SELECT at, lane FROM call ORDER BY at").fetchall()


def worst(times: Sequence[float], seconds: float) -> int:
    """The most calls in any window that is closed on the left and open on the right."""
    return max((sum(1 for t in times if start <= t < start + seconds) for start in times), default=0)


def keeps(limits: Sequence[Limit], made: Sequence[tuple[float, str]]) -> bool:
    return all(
        worst([at for at, lane in made if limit.lane in ("", lane)], limit.seconds - 1e-6) <= limit.calls
        for limit in limits
    )


@given(LIMITS, ARRIVALS)
def test_no_window_is_ever_too_full(limits: list[Limit], arrivals: list[tuple[float, str]]) -> None:
    hands = Hands()
    pacer = Pacer(*limits, KEPT, label="L", clock=hands.clock)
    for gap, lane in arrivals:
        hands.at += gap
        with pacer.turn(lane):
            pass
    made = calls(pacer)
    assert len(made) == len(arrivals)
    assert keeps(limits, made)


@given(LIMITS, ARRIVALS)
def test_nobody_waits_without_need(limits: list[Limit], arrivals: list[tuple[float, str]]) -> None:
    """A call that waited left as soon as a window had room: a hair earlier, and one would have been too full."""
    hands = Hands()
    pacer = Pacer(*limits, KEPT, label="L", clock=hands.clock)
    for gap, lane in arrivals:
        hands.at += gap
        before = hands.at
        with pacer.turn(lane):
            pass
        if hands.at > before:
            earlier = [*calls(pacer)[:-1], (hands.at - 1e-3, lane)]
            assert not keeps([Limit(one.calls, one.seconds, one.lane) for one in limits], earlier)


@settings(max_examples=15)
@given(LIMITS, st.lists(st.sampled_from(["", "batch"]), min_size=2, max_size=16))
def test_threads_keep_to_the_limits_together(limits: list[Limit], lanes: list[str]) -> None:
    hands = Hands()
    pacer = Pacer(*limits, KEPT, label="L", concurrent=3, clock=hands.clock, longest_wait=10**6)
    start = threading.Barrier(len(lanes))
    under_way: list[int] = []
    most: list[int] = []

    def call(lane: str) -> None:
        start.wait()
        with pacer.turn(lane):
            under_way.append(1)
            most.append(len(under_way))
            under_way.pop()

    threads = [threading.Thread(target=call, args=(lane,)) for lane in lanes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(calls(pacer)) == len(lanes)
    assert keeps(limits, calls(pacer))
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
    made = sqlite3.connect(shared).execute("SELECT at, lane FROM call").fetchall()
    assert len(made) == 12
    assert keeps([Limit(4, 0.2)], made)


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
    assert problem.params == {"ledger": "Xero", "minutes": str(21 * 60)}
    assert hands.waited == []
    hands.at += 21 * 3600
    with pacer.turn():
        pass


def test_a_minute_is_waited_out_with_a_countdown() -> None:
    hands, shown = Hands(), list[float]()
    pacer = Pacer(Limit(1, 60), label="L", clock=hands.clock, countdown=shown.append)
    for _ in range(2):
        with pacer.turn():
            pass
    assert shown == list(range(60, 0, -1))


def test_what_the_countdown_raises_ends_the_wait() -> None:
    class Stopped(Exception):
        pass

    def stop(_: float) -> None:
        raise Stopped

    pacer = Pacer(label="L", clock=Hands().clock, countdown=stop)
    pacer.hold(30)
    with pytest.raises(Stopped), pacer.turn():
        pass
    with pytest.raises(Stopped):
        pacer.wait(5)


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
    assert sum(hands.waited) == 60
    pacer.hold(30)
    hands.at -= 7200
    with pacer.turn():
        pass
    assert sum(hands.waited) == 120
