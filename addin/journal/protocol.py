"""The protocol of a transfer as a table: every state, every step, and what may follow what; ``docs/journal.md``."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class State(StrEnum):
    """Where a transfer stands: told to leave, booked, refused, not known, proved absent, or done by hand."""

    INTENT = "intent"
    POSTED = "posted"
    REJECTED = "rejected"
    UNKNOWN = "unknown"
    ABSENT = "absent"
    MANUAL = "manual"


SETTLED = frozenset({State.POSTED, State.MANUAL})
OPEN = frozenset({State.INTENT, State.UNKNOWN})


class Step(StrEnum):
    """What can happen to a transfer."""

    LEAVE = "leave"
    REFUSE = "refuse"
    BOOK = "book"
    DECLINE = "decline"
    LOSE = "lose"
    FIND = "find"
    MISS = "miss"
    TYPE = "type"
    TAKE_BACK = "take back"
    VANISH = "vanish"


TRANSITIONS: Mapping[tuple[State | None, Step], State] = {
    (None, Step.LEAVE): State.INTENT,
    (None, Step.REFUSE): State.REJECTED,
    (None, Step.TYPE): State.MANUAL,
    (State.INTENT, Step.BOOK): State.POSTED,
    (State.INTENT, Step.DECLINE): State.REJECTED,
    (State.INTENT, Step.LOSE): State.UNKNOWN,
    (State.INTENT, Step.FIND): State.POSTED,
    (State.INTENT, Step.MISS): State.ABSENT,
    (State.INTENT, Step.TYPE): State.MANUAL,
    (State.UNKNOWN, Step.FIND): State.POSTED,
    (State.UNKNOWN, Step.MISS): State.ABSENT,
    (State.UNKNOWN, Step.LOSE): State.UNKNOWN,
    (State.UNKNOWN, Step.TYPE): State.MANUAL,
    (State.REJECTED, Step.LEAVE): State.INTENT,
    (State.REJECTED, Step.REFUSE): State.REJECTED,
    (State.REJECTED, Step.TYPE): State.MANUAL,
    (State.ABSENT, Step.LEAVE): State.INTENT,
    (State.ABSENT, Step.REFUSE): State.REJECTED,
    (State.ABSENT, Step.TYPE): State.MANUAL,
    (State.MANUAL, Step.TYPE): State.MANUAL,
    (State.MANUAL, Step.TAKE_BACK): State.ABSENT,
    (State.POSTED, Step.VANISH): State.POSTED,
}
"""What follows what within one generation. Nothing leaves an open transfer but an answer, a look-up or a person; and
what was booked stays booked, even when the ledger no longer has it: to book it again is a new generation."""

FOLLOWERS: Mapping[State | None, frozenset[State]] = {
    state: frozenset(after for (before, _), after in TRANSITIONS.items() if before is state) for state in (None, *State)
}


class ProtocolBreach(Exception):
    """A step that the protocol does not know: a defect of ours, stopped before it is written."""


def next_state(state: State | None, step: Step) -> State:
    """The state after a step; ``None`` is a generation that never left. Raises ``ProtocolBreach``."""
    try:
        return TRANSITIONS[state, step]
    except KeyError:
        raise ProtocolBreach(f"{state} does not allow {step}") from None


def may_follow(before: State | None, after: State) -> bool:
    """Whether the journal may hold one state after the other; what is told of a transfer does not change its state.

    An intent is never written over an intent: that would be sending again without having looked.
    """
    return after in FOLLOWERS[before] or (before is after and after is not State.INTENT)


def next_generation(state: State, generation: int) -> int:
    """The generation that leaves next: the same until the ledger has it, so that its key stays the same."""
    return generation + 1 if state in SETTLED else generation
