"""How much of a scheduled line may be revenue on a day: what its months have come to, as far as money stands for it.

Money is what payments brought for the document and was not given back; a balance of 0 alone is none (books.md, 2). What
a credit or refund took off the line's account becomes revenue no more. What it took off the revenue account instead has
to leave the line's account all the same, on its day: nobody owes it, and revenue would fall below nothing.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from calendar import monthrange
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from functools import cached_property

from addin.options import Recognise
from addin.sync.money import Movement
from connectors.records import ZERO, Document, Invoice, RevenueSchedule
from connectors.taxes import unit


@dataclass(frozen=True, kw_only=True)
class Allowance:
    """A schedule with what happened to its document.

    ``deferred`` is what all lines of the document put on the schedule's deferred account, ``direct`` what others put on
    its revenue account at once. Amounts have the sign of the schedule's; the kind of the document says to which side
    they go. ``currency`` is that of the schedule's amount, where that is not the document's.
    """

    schedule: RevenueSchedule
    document: Document
    movements: tuple[Movement, ...] = ()
    rule: Recognise = Recognise.PAID_IN_FULL
    deferred: Decimal = ZERO
    direct: Decimal = ZERO
    currency: str = ""

    @cached_property
    def days(self) -> tuple[date, ...]:
        """The day of each month of the schedule."""
        return tuple(month_later(self.schedule.start, month) for month in range(self.schedule.months))

    @cached_property
    def moments(self) -> tuple[date, ...]:
        """The days on which more or less may be revenue than before, none before the document's own date."""
        days = (*self.days, *(each.on for each in self.movements), self.document.date)
        return tuple(sorted({max(day, self.document.date) for day in days}))

    def come(self, on: date) -> int:
        """How many months have come by a day."""
        return bisect_right(self.days, on)

    def elapsed(self, on: date) -> int:
        """How many months have come by a day; none before the document's date."""
        return self.come(on) if on >= self.document.date else 0

    def before(self, on: date) -> int:
        """How many months had come before a day."""
        return bisect_left(self.days, on) if on >= self.document.date else 0

    def target(self, on: date, months: int, *, as_paid: bool = False) -> Decimal:
        """What may be revenue of so many months by what happened up to a day; ``as_paid`` takes all for received.

        Rounded as a whole, so that the months' amounts come to it and differ by a cent at most.
        """
        amount, share = Fraction(self.schedule.amount), self._share(on, as_paid)
        gone, on_revenue = self._credited_parts(on)
        earned, most = amount * months / self.schedule.months * share, amount * (1 - gone - on_revenue) * share
        return self._rounded(min(earned, most, key=abs)) + self._rounded(amount * on_revenue)

    def _rounded(self, exact: Fraction) -> Decimal:
        amount = Decimal(exact.numerator) / Decimal(exact.denominator)
        return amount.quantize(unit(self.currency or self.document.currency), ROUND_HALF_UP)

    def part(self, on: date, month: int, *, as_paid: bool = False) -> Decimal:
        """What one month (1-based) adds to it."""
        return self.target(on, month, as_paid=as_paid) - self.target(on, month - 1, as_paid=as_paid)

    def waiting(self, on: date) -> Decimal:
        """What of the line no money stands for on a day, and no credit has taken off its account."""
        return self.target(on, self.schedule.months, as_paid=True) - self.target(on, self.schedule.months)

    @property
    def payment_not_shown(self) -> bool:
        """Whether the source calls an invoice paid, and neither payments nor credits show it."""
        document = self.document
        if not isinstance(document, Invoice) or document.cancelled or not document.paid:
            return False
        credited, received = self._sums(date.max)
        return received < document.total - credited

    def _credited_parts(self, on: date) -> tuple[Fraction, Fraction]:
        """Which part of the line was credited by a day on its own account, and which on its revenue account.

        A credit of several lines on one account is of each by its amount.
        """
        if not self.deferred:
            return Fraction(0), Fraction(0)
        deferred, revenue = self._taken(self.schedule.deferred_account, on), ZERO
        if self.schedule.revenue_account != self.schedule.deferred_account:
            revenue = max(self._taken(self.schedule.revenue_account, on) - self.direct, ZERO)
        gone = min(max(Fraction(deferred) / Fraction(self.deferred), Fraction(0)), Fraction(1))
        return gone, min(max(Fraction(revenue) / Fraction(self.deferred), Fraction(0)), 1 - gone)

    def _taken(self, account: str, on: date) -> Decimal:
        """What credits and refunds took off an account by a day."""
        return sum((each.taken.get(account, ZERO) for each in self.movements if each.on <= on), ZERO)

    def _share(self, on: date, as_paid: bool) -> Fraction:
        """The part of the document that money stands for by then: of what is owed after credits, what was received."""
        document = self.document
        if document.cancelled:
            return Fraction(0)
        if as_paid or not isinstance(document, Invoice):
            return Fraction(1)
        credited, received = self._sums(on)
        owed = document.total - credited
        if credited and owed <= 0:
            return Fraction(int(any(each.received > 0 for each in self.movements if each.on <= on)))
        if owed <= received:
            return Fraction(1)
        in_part = self.rule is Recognise.IN_PROPORTION and received > 0
        return Fraction(received) / Fraction(owed) if in_part else Fraction(0)

    def _sums(self, on: date) -> tuple[Decimal, Decimal]:
        """What was credited and what was received by a day."""
        past = [each for each in self.movements if each.on <= on]
        return sum((each.credited for each in past), ZERO), sum((each.received for each in past), ZERO)


def month_later(start: date, months: int) -> date:
    """A date so many months later: its day of the month, or the month's last where it has no such day."""
    years, month = divmod(start.month - 1 + months, 12)
    year = start.year + years
    return date(year, month + 1, min(start.day, monthrange(year, month + 1)[1]))
