"""Whatever fails, in whatever order: each document is in the ledger once, and where it is not, its row says why.

``PASSERELLE_CHAOS`` is how many seeds are tried, ``PASSERELLE_SEED`` replays one; ``PASSERELLE_PRESSES`` is how often
two people press Sync at once. ``tests/chaos/campaign.py`` runs a long campaign and counts what went wrong in it.
"""

from __future__ import annotations

import multiprocessing
import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from addin.journal import State
from addin.session import Session
from addin.usecases.sync import sync
from connectors.problems import CannotRun
from tests.addin.conftest import TODAY
from tests.chaos.campaign import try_seed
from tests.chaos.invariants import counted
from tests.chaos.trace import follows_the_model
from tests.chaos.worlds import World, Worlds

TRIES = int(os.environ.get("PASSERELLE_CHAOS", "6"))
SEEDS = [int(os.environ["PASSERELLE_SEED"])] if "PASSERELLE_SEED" in os.environ else list(range(1, TRIES + 1))
PRESSES = int(os.environ.get("PASSERELLE_PRESSES", "3"))


@pytest.fixture(scope="module")
def worlds(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Worlds]:
    """The companies that are copied, made when they are first asked for."""
    made = Worlds(tmp_path_factory.mktemp("worlds"))
    yield made
    made.close()


@pytest.fixture(autouse=True)
def home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Whichever home a copy takes, the next test has its own again."""
    monkeypatch.setenv("PASSERELLE_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("PASSERELLE_LANGUAGE", "en")


@pytest.mark.parametrize("seed", SEEDS)
def test_every_document_once_or_shown(seed: int, worlds: Worlds, tmp_path: Path) -> None:
    met = try_seed(seed, worlds, tmp_path / "company")
    print(f"seed {seed}: {dict(met)}")


@pytest.mark.long
def test_what_changes_while_a_record_waits_for_its_look_up_is_there_after_the_next_pull(
    worlds: Worlds, tmp_path: Path
) -> None:
    """A seed in which an invoice is put off in the source while nobody knows whether it is booked (docs/journal.md)."""
    met = try_seed(151, worlds, tmp_path / "company")
    assert met["source: an invoice is due later"]


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_two_press_sync_at_once(database: str, worlds: Worlds, tmp_path: Path) -> None:
    """From two machines where the journal is shared; the second is told who works on the company, where, since when."""
    told: Counter[str] = Counter()
    for _ in range(PRESSES):
        world = worlds.new(tmp_path / "company", shared=database == "postgresql")
        home = world.company.folder / "home"
        answers = pressed(world, home, world.second_machine() if world.database else home)
        assert sorted(answers)[0] == "done"
        there = counted(world.documents())
        assert set(there.values()) == {1}
        assert not world.wanted() - there
        told.update(answers)
        world.close()
    print(f"{database}: {dict(told)}")
    assert told.keys() == {"done", "sync_running by a person"}


def pressed(world: World, *homes: Path) -> list[str]:
    """What each of two people is told who press at the same time."""
    fork = multiprocessing.get_context("fork")
    gate, answers = fork.Barrier(len(homes)), fork.Queue()
    workers = [fork.Process(target=press, args=(world, home, gate, answers)) for home in homes]
    for worker in workers:
        worker.start()
    told = [answers.get(timeout=60) for _ in workers]
    for worker in workers:
        worker.join()
    return told


def press(world: World, home: Path, gate: object, answers: object) -> None:
    os.environ["PASSERELLE_HOME"] = str(home)
    book, profile = world.company.book, world.profile
    gate.wait()
    try:
        with Session.open(profile, book, "sync", TODAY) as session:
            sync(session)
    except CannotRun as stopped:
        problem = stopped.problems[0]
        known = problem.params.get("who") and problem.params.get("machine") and problem.params.get("since")
        answers.put(f"{problem.code} by a person" if known else str(stopped))
        return
    answers.put("done")


KEY = ("invoice", "I1", "")
BOOKED = (1, State.INTENT, State.POSTED)
LEFT, LOST = (1, None, State.INTENT), (1, State.INTENT, State.UNKNOWN)


@pytest.mark.parametrize(
    ("steps", "knows_keys"),
    [
        ([(1, None, State.POSTED)], True),
        ([(1, None, State.MANUAL)], True),
        ([LEFT, LOST, (1, State.UNKNOWN, State.POSTED)], True),
        ([LEFT, LOST, (2, State.UNKNOWN, State.INTENT)], False),
        ([LEFT, (1, State.INTENT, State.REJECTED), (1, State.REJECTED, State.INTENT)], True),
        ([LEFT, BOOKED, (2, State.POSTED, State.UNDONE)], True),
        ([LEFT, BOOKED, (2, State.POSTED, State.GONE), (3, None, State.INTENT)], False),
        ([LEFT, BOOKED, (1, State.POSTED, State.UNDOING)], True),
    ],
    ids=[
        "without an intent",
        "a step of nobody",
        "found by the run that lost it",
        "sent blindly",
        "twice in one run",
        "undone without an intent",
        "deleted, and back by itself",
        "undone by the run that booked it",
    ],
)
def test_a_trace_that_is_no_path_of_the_model_is_caught(
    steps: list[tuple[int, State | None, State]], knows_keys: bool
) -> None:
    with pytest.raises(AssertionError, match="the model does not know"):
        follows_the_model({KEY: steps}, knows_keys=knows_keys)


def test_a_trace_of_several_runs_is_a_path_of_the_model() -> None:
    steps = [LEFT, LOST, (2, State.UNKNOWN, State.ABSENT), (2, State.ABSENT, State.INTENT),
             (4, State.INTENT, State.POSTED)]  # fmt: skip
    follows_the_model({KEY: steps}, knows_keys=False)


@pytest.mark.parametrize("knows_keys", [True, False])
def test_a_trace_of_undoing_is_a_path_of_the_model(knows_keys: bool) -> None:
    """Undone, transferred as a new generation, deleted by a person, let go, and transferred once more."""
    again = (3, None, State.INTENT), (3, State.INTENT, State.POSTED)
    undone = (2, State.POSTED, State.UNDOING), (4, State.UNDOING, State.UNDONE)
    gone = (5, State.POSTED, State.GONE), (6, State.GONE, State.UNDONE), (7, None, State.INTENT)
    steps = [LEFT, BOOKED, *undone, *((n + 2, was, now) for n, was, now in again), *((n + 2, w, s) for n, w, s in gone)]
    follows_the_model({KEY: steps}, knows_keys=knows_keys)
