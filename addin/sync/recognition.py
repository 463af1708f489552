"""The entries that a schedule still needs: what may be revenue, less what entries of it moved already.

Each month has an entry of its own on its own day. What could not be recognised on its day (the money came later, the
period is closed) comes together, in one entry on the first day that it may; what was recognised beyond is taken back
by an entry of its own. Nothing that was transferred is ever made again or written over.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import groupby

from addin.sync.allowance import Allowance
from addin.sync.money import Movement
from connectors.records import ZERO

Opening = Callable[[date], date]
"""The first day from a day on that the ledger books on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """What an entry that the ledger has, or may have, moved to revenue; ``month`` is its own (1-based), 0 for none."""

    on: date
    amount: Decimal
    month: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """An entry to be made: its day and amount, with the schedule's sign.

    ``month`` is the one (1-based) whose own entry it is, 0 where it catches up with the months of ``caught_up`` or
    takes something back; ``by`` is the day whose facts it follows, ``cause`` the credit, refund or returned payment
    that takes it back.
    """

    on: date
    amount: Decimal
    by: date
    month: int = 0
    caught_up: tuple[int, ...] = ()
    cause: Movement | None = None


def steps(allowance: Allowance, moved: Sequence[Moved], opening: Opening, today: date) -> list[Step]:
    """The entries that bring what was moved to what may be revenue, in order of date."""
    walk = _Walk(allowance, moved, opening, today)
    walk.up_to_the_last()
    walk.onward()
    return sorted(walk.steps, key=lambda step: step.on)


class _Walk:
    """One schedule's entries, from the first moment to the last; ``_have`` is what was moved and is to be by then."""

    def __init__(self, allowance: Allowance, moved: Sequence[Moved], opening: Opening, today: date) -> None:
        self._allowance, self._moved, self._opening, self._today = allowance, moved, opening, today
        self._have = sum((each.amount for each in moved), ZERO)
        self._done = {each.month for each in moved}
        self._last = max((each.on for each in moved), default=None)
        self.steps: list[Step] = []

    def up_to_the_last(self) -> None:
        """Up to the last entry that was moved: the months between that were not, and one that corrects the sum.

        What was moved too early is right by now, and stays.
        """
        last, allowed = self._last, self._allowance
        if last is None:
            return
        for month, day in enumerate(allowed.days, 1):
            if day <= last and month not in self._done:
                own = self._opening(day) == day >= allowed.document.date
                amount = min(allowed.part(day, month), allowed.part(last, month), key=abs) if own else ZERO
                if amount:
                    self._add(Step(on=day, amount=amount, by=last, month=month))
                elif any(self._forward(each.amount) and not each.month and each.on >= day for each in self._moved):
                    self._done.add(month)  # it came with others
        months = allowed.elapsed(last)
        cause = self._cause(last) if self._forward(self._have - self._wanted(last, months)) else None
        on = max(cause.on, allowed.document.date) if cause else last
        self._settle(self._opening(on), last, months, cause=cause)

    def onward(self) -> None:
        """From then on, moment by moment; what falls on days that are closed comes on the first open one."""
        left = [moment for moment in self._allowance.moments if self._last is None or moment > self._last]
        for on, together in groupby(left, self._opening):
            *closed, latest = together
            if latest != on:
                self._settle(on, latest, self._allowance.elapsed(latest))
                continue
            if closed:
                self._settle(on, closed[-1], self._allowance.elapsed(closed[-1]))
            before, now = self._allowance.before(on), self._allowance.elapsed(on)
            self._settle(on, on, before)
            if now > before:
                self._settle(on, on, now, month=now)

    def _settle(self, on: date, by: date, months: int, month: int = 0, cause: Movement | None = None) -> None:
        """One entry that makes the sum what so many months may come to by what had happened then."""
        wanted = self._wanted(by, months)
        amount = wanted - self._have
        missing = tuple(each for each in range(1, months + 1) if each not in self._done)
        alone = len(missing) == 1 and amount == self._allowance.part(by, missing[0])
        if not self._forward(amount):
            self._add(Step(on=on, amount=amount, by=by, cause=cause or self._latest_cause(by)))
        elif month in missing or alone:
            self._add(Step(on=on, amount=amount, by=by, month=month or missing[0]))
        else:
            self._add(Step(on=on, amount=amount, by=by, caught_up=missing))
        if self._allowance.target(by, months):
            self._done.update(missing)

    def _wanted(self, by: date, months: int) -> Decimal:
        """What the sum is to be; what was moved too early stays where it is right by now, or called paid."""
        allowed, known = self._allowance, max(by, self._today)
        wanted = allowed.target(by, months)
        if self._forward(self._have - wanted):
            come = max(months, allowed.come(by))
            now = allowed.target(known, come, as_paid=allowed.payment_not_shown)
            wanted = now if self._forward(now - wanted) else wanted
            wanted = self._have if self._forward(wanted - self._have) else wanted
        return wanted

    def _add(self, step: Step) -> None:
        if step.amount:
            self._have += step.amount
            self._done.add(step.month)
            self.steps.append(step)

    def _forward(self, amount: Decimal) -> bool:
        """Whether an amount moves to revenue what the schedule moves there."""
        return amount * self._allowance.schedule.amount > 0

    def _cause(self, last: date) -> Movement | None:
        """The credit, refund or returned payment since which too much stands: known by today, and none that was
        followed by an entry."""
        for each in self._allowance.movements:
            stood = sum((moved.amount for moved in self._moved if moved.on <= each.on), ZERO)
            over = stood - self._allowance.target(each.on, self._allowance.elapsed(each.on))
            if each.reduces and each.on <= max(last, self._today) and self._forward(over):
                return each
        return None

    def _latest_cause(self, by: date) -> Movement | None:
        """The last of them up to a day, that no entry has followed yet."""
        found = [each for each in self._allowance.movements if each.reduces and each.on <= by]
        return found[-1] if found and (self._last is None or found[-1].on > self._last) else None
