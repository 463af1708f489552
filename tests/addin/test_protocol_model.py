"""The protocol of docs/journal.md, explored to the last state that can be reached."""

from __future__ import annotations

import gc
import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from addin.journal.protocol import BEYOND, TRANSITIONS, ProtocolBreach, State, next_generation
from tests.addin.protocol_model import MUTATIONS, UNDO_MUTATIONS, Broken, Model

DOCS = Path(__file__).parents[2] / "docs" / "journal.md"

EXPLORED = {
    "two workers, a ledger that knows keys": Model(runs=1),
    "two workers, a ledger that does not": Model(runs=1, idempotent=False),
    "one worker, two documents, a ledger that knows keys": Model(workers=1, documents=2),
    "one worker, two documents, a ledger that does not": Model(workers=1, documents=2, idempotent=False),
}
EXPLORED |= {
    "one worker, undone and marked anew, or deleted by a person, a ledger that knows keys": Model(
        workers=1, runs=3, undos=1, marks=1, deletions=1
    ),
    "one worker, undone and marked anew, or deleted by a person, a ledger that does not": Model(
        workers=1, runs=3, undos=1, marks=1, deletions=1, idempotent=False
    ),
    "two workers, undone and marked anew, a ledger that knows keys": Model(
        runs=1, booked=True, undos=1, marks=1, refusals=0
    ),
    "two workers, undone and marked anew, a ledger that does not": Model(
        runs=1, booked=True, undos=1, marks=1, refusals=0, idempotent=False
    ),
}
LONG = {
    "two runs of two workers, undone and marked anew, a ledger that knows keys": Model(
        booked=True, undos=1, marks=1, refusals=0
    ),
    "two runs of two workers, a ledger that knows keys": Model(),
    "two runs of two workers, a ledger that does not": Model(idempotent=False),
}


@pytest.fixture(autouse=True)
def _uncollected() -> Iterator[None]:
    """A walk keeps whatever it made; to look through all of it for garbage takes a quarter of its time."""
    gc.disable()
    yield
    gc.enable()


@pytest.mark.parametrize(
    "name",
    [
        *(pytest.param(name, marks=pytest.mark.long) if "undone" in name else name for name in EXPLORED),
        *(LONG if os.environ.get("PASSERELLE_MODEL") else ()),
    ],
)
def test_every_state_keeps_the_rules_and_the_docs_tell_how_many_there_are(name: str) -> None:
    count = {**EXPLORED, **LONG}[name].explore()
    print(f"{name}: {count} states")
    told = re.search(rf"^\| {re.escape(name)} \| ([0-9,]+) \|$", DOCS.read_text(encoding="utf-8"), re.MULTILINE)
    assert told, f"docs/journal.md does not tell of: {name}"
    assert int(told[1].replace(",", "")) == count


@pytest.mark.parametrize("mutation", MUTATIONS)
def test_a_protocol_without_one_of_its_rules_is_caught(mutation: str) -> None:
    with pytest.raises((Broken, ProtocolBreach)):
        Model(runs=1, idempotent=False, mutation=mutation).explore()


def test_without_the_lease_or_the_fence_even_a_ledger_that_knows_keys_is_not_enough() -> None:
    for mutation in ("no fence", "no lease"):
        with pytest.raises(Broken, match="forgotten that it was booked"):
            Model(runs=1, mutation=mutation).explore()


@pytest.mark.parametrize("mutation", UNDO_MUTATIONS)
def test_undoing_without_one_of_its_rules_is_caught(mutation: str) -> None:
    with pytest.raises(Broken):
        Model(workers=1, runs=3, undos=1, marks=1, deletions=1, mutation=mutation).explore()


def test_the_docs_show_every_transition() -> None:
    told = {
        tuple(cell.strip() for cell in line.strip("|\n ").split("|"))
        for line in DOCS.read_text(encoding="utf-8").splitlines()
        if line.startswith("| ")
    }
    for (before, step), after in TRANSITIONS.items():
        assert any(row[:3] == (before or "none", step, after) for row in told), (before, step, after)


def test_nothing_that_was_booked_is_sent_again() -> None:
    """What was booked may be undone or go from the ledger; to book it again is a new generation."""
    reached, before = {State.POSTED}, set()
    while reached != before:
        before = set(reached)
        reached |= {after for (state, _), after in TRANSITIONS.items() if state in reached}
    assert reached == {State.POSTED, *BEYOND}
    for state in reached:
        assert next_generation(state, 3) == 4


def test_nothing_leaves_while_its_outcome_is_open() -> None:
    assert not [key for key in TRANSITIONS if key[0] in (State.INTENT, State.UNKNOWN) and key[1] == "leave"]
