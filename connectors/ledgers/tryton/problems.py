"""Tryton's own words in our problem codes, by (kind of error, pattern of its English text).

The texts are those of ``message.xml`` of the modules ``account``, ``account_invoice``, ``party`` and ``ir`` (8.2);
every call asks for English, whatever the user's language is. What is not in the table is shown as Tryton says it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Self

from connectors.problems import CannotRun, Problem, problem_of
from connectors.records import Transferable

USER_ERROR, USER_WARNING = "UserError", "UserWarning"
BEFORE_COMMIT = frozenset({USER_ERROR, USER_WARNING, "ConcurrencyException"})
"""Raised while Tryton's transaction is open, which is then rolled back (``dispatcher._dispatch``)."""

HARMLESS = re.compile(r"\.invoice_(payment_term|date_future|taxes)$")
"""Names of warnings that a person would confirm: a due date in the past, a date in the future, taxes other than the
defaults (``account_invoice/invoice.py``)."""

TABLE: tuple[tuple[str, str, str], ...] = (
    (USER_ERROR, r"you must reopen the (period|fiscal year) ", "period_closed"),
    (USER_ERROR, r"for field \"Period\" in .* is not valid according to its domain", "period_closed"),
    (USER_WARNING, r"The invoice \".*\" is similar to invoice ", "number_taken"),
    (USER_ERROR, r"The code on party must be unique", "number_taken"),
    (USER_ERROR, r"(?s)The value \"(?P<value>.*)\" for field .* contains some invalid chars \"(?P<characters>.*)\"",
     "character_forbidden"),
    (USER_ERROR, r"To create a line on account \"(?P<code>.*)\", you must set a type or unclose it", "not_in_ledger"),
)  # fmt: skip


class Refusal(Exception):
    """Tryton answered no. ``certain``: its transaction was rolled back, nothing of the call was kept."""

    def __init__(self, kind: str, message: str, name: str = "") -> None:
        super().__init__(f"{kind}: {message}")
        self.kind, self.message, self.name = kind, message, name

    @property
    def certain(self) -> bool:
        """Whether nothing of the call can have been kept; an inner error may come after the commit."""
        return self.kind in BEFORE_COMMIT

    @property
    def harmless(self) -> bool:
        """Whether it is a warning that may be confirmed."""
        return self.kind == USER_WARNING and bool(HARMLESS.search(self.name))

    @classmethod
    def of(cls, error: object) -> Self:
        """From the ``error`` of an answer: a kind with its arguments, or a text with a traceback."""
        match error:
            case ["UserError", [message, *_]]:
                return cls(USER_ERROR, str(message))
            case ["UserWarning", [name, message, *_]]:
                return cls(USER_WARNING, str(message), str(name))
            case ["ConcurrencyException", message]:
                return cls("ConcurrencyException", str(message))
            case [text, *_]:
                return cls("Exception", str(text))
        return cls("Exception", str(error))


class NoAnswer(Exception):
    """The call left and no answer came: it may or may not have been carried out."""


def refusal_of(record: Transferable, refusal: Refusal) -> Problem:
    """What Tryton has against a record."""
    for kind, pattern, code in TABLE:
        found = re.search(pattern, refusal.message)
        if refusal.kind == kind and found:
            on = str(getattr(record, "date", ""))
            told = {"number": record.number, "date": on, "closing_date": on}
            return problem_of(record, code, detail=refusal.message, **(told | found.groupdict()))
    return problem_of(record, "ledger_refused", detail=refusal.message)


def unknown(record: Transferable, detail: str) -> Problem:
    """Nobody knows yet whether Tryton has it."""
    return problem_of(record, "outcome_unknown", detail=detail)


def lacking(what: str, name: str, known: Iterable[str]) -> CannotRun:
    """Tryton has no such company, account or journal as the settings ask for."""
    params = {"setting": f"ledger.{what}", "refused": "absent", "accepted": name or "?", "known": ", ".join(known)}
    return CannotRun(Problem(code="settings_invalid", params=params))
