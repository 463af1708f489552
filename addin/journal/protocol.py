"""The protocol of a transfer as a table: every state, every step, and what may follow what; ``docs/journal.md``."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class State(StrEnum):
    """Where a transfer stands: told to leave, booked, refused, not known, proved absent, or done by hand; told to be
    undone, undone, or gone from the ledger without us."""

    INTENT = "intent"
    POSTED = "posted"
    REJECTED = "rejected"
    UNKNOWN = "unknown"
    ABSENT = "absent"
    MANUAL = "manual"
    UNDOING = "undoing"
    UNDONE = "undone"
    GONE = "gone"


SETTLED = frozenset({State.POSTED, State.MANUAL})
OPEN = frozenset({State.INTENT, State.UNKNOWN, State.UNDOING})
BEYOND = frozenset({State.UNDOING, State.UNDONE, State.GONE})
"""What the ledger had, and has no longer or perhaps not."""
WAITING = OPEN | {State.GONE}
"""What nothing more leaves of before a look-up has spoken or, where a person deleted it there, the accountant."""
OUTCOMES = frozenset(State) - OPEN - {State.ABSENT}
"""What a source is told of; an answer that is still awaited says nothing yet."""


class Step(StrEnum):
    """What can happen to a transfer."""

    LEAVE = "leave"
    REFUSE = "refuse"
    BOOK = "book"
    DECLINE = "decline"
    LOSE = "lose"
    HOLD_BACK = "hold back"
    FIND = "find"
    MISS = "miss"
    TYPE = "type"
    TAKE_BACK = "take back"
    WITHDRAW = "withdraw"
    UNDO = "undo"
    KEEP = "keep"
    VANISH = "vanish"
    ACCEPT = "accept"


TRANSITIONS: Mapping[tuple[State | None, Step], State] = {
    (None, Step.LEAVE): State.INTENT,
    (None, Step.REFUSE): State.REJECTED,
    (None, Step.TYPE): State.MANUAL,
    (State.INTENT, Step.BOOK): State.POSTED,
    (State.INTENT, Step.DECLINE): State.REJECTED,
    (State.INTENT, Step.LOSE): State.UNKNOWN,
    (State.INTENT, Step.HOLD_BACK): State.ABSENT,
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
    (State.POSTED, Step.WITHDRAW): State.UNDOING,
    (State.POSTED, Step.VANISH): State.GONE,
    (State.MANUAL, Step.VANISH): State.GONE,
    (State.UNDOING, Step.UNDO): State.UNDONE,
    (State.UNDOING, Step.KEEP): State.POSTED,
    (State.UNDOING, Step.LOSE): State.UNDOING,
    (State.GONE, Step.FIND): State.POSTED,
    (State.GONE, Step.ACCEPT): State.UNDONE,
}
"""What follows what within one generation. Nothing leaves an open transfer but an answer, a look-up or a person; and
nothing leads from what was booked to being sent again: to book it again is a new generation."""

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
    return generation + 1 if state in SETTLED | BEYOND else generation
