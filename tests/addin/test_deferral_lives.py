"""Whatever happens to dues, in any order, what was recognised is what money allows by then, to the cent.

The expected amount is computed here with fractions from the life itself, and shares nothing with the product.
"""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from addin.options import Recognise
from connectors.records import Invoice, JournalEntry, Payment, RevenueSchedule, Transferable
from tests.addin.test_deferral_steps import credited, dues, line, made, paid, refunded, revenue, schedule
from tests.sampled import examples

ZERO, CENT = Decimal(0), Decimal("0.01")


@dataclass
class Life:
    """One invoice of dues and another sale, what became of it, and what was transferred."""

    amount: Decimal
    other: Decimal
    schedule: RevenueSchedule
    rule: Recognise
    today: date
    closed: date = date(2019, 12, 31)
    invoiced: date = date(2024, 1, 1)
    cancelled: bool = False
    events: list[Transferable] = field(default_factory=list)
    transferred: list[JournalEntry] = field(default_factory=list)

    @property
    def total(self) -> Decimal:
        return self.amount + self.other

    def credited(self) -> Decimal:
        return sum((each.total for each in self.events if not isinstance(each, Payment)), ZERO)

    def taken(self, account: str) -> Decimal:
        lines = (each for event in self.events if not isinstance(event, Payment) for each in event.lines)
        return sum((each.amount for each in lines if each.gl_account == account), ZERO)

    def received(self) -> Decimal:
        paid_in = sum((each.amount for each in self.events if isinstance(each, Payment)), ZERO)
        return paid_in - sum((each.total for each in self.events if each.kind == "refund"), ZERO)

    def invoice(self) -> Invoice:
        lines = (line(str(self.amount)), *([line(str(self.other), 2, "4200")] if self.other else []))
        balance = max(self.total - self.credited() - self.received(), ZERO)
        return dues(str(self.total), str(self.invoiced), str(balance), *lines, cancelled=self.cancelled)

    def planned(self) -> tuple[JournalEntry, ...]:
        return made(
            self.invoice(), *self.events, schedules=(self.schedule,), transferred=tuple(self.transferred),
            closed=self.closed, today=str(self.today), rule=self.rule,
        ).entries  # fmt: skip

    def sync(self) -> None:
        """What is planned up to today leaves; what was transferred is in the plan as it was sent."""
        there = {each.key for each in self.transferred}
        for entry in self.planned():
            if entry.key not in there and entry.date <= self.today:
                assert entry.date > self.closed
                assert entry.date >= self.invoiced
                self.transferred.append(entry)

    def allowed(self, months: int) -> Decimal:
        """What of so many months may be revenue by what happened up to today."""
        owed = self.total - self.credited()
        share = Fraction(0)
        if self.received() >= owed and (owed > 0 or any(isinstance(each, Payment) for each in self.events)):
            share = Fraction(1)
        elif self.rule is Recognise.IN_PROPORTION and self.received() > 0 and owed > 0:
            share = Fraction(self.received()) / Fraction(owed)
        left = Fraction(self.amount) - Fraction(self.credited())
        if self.cancelled:
            share = Fraction(0)
        on_revenue = self.taken("4100")
        whole = min(Fraction(self.amount) * months / self.schedule.months, left) * share
        return on_revenue + (Decimal(whole.numerator) / Decimal(whole.denominator)).quantize(CENT, ROUND_HALF_UP)

    def months_come(self) -> int:
        days = [later(self.schedule.start, month) for month in range(self.schedule.months)]
        return sum(1 for day in days if day <= self.today) if self.today >= self.invoiced else 0

    def judge(self) -> None:
        """The books after a sync."""
        recognised = sum((revenue(each) for each in self.transferred), ZERO)
        assert recognised == self.allowed(self.months_come())
        assert self.amount - self.taken("2400") - recognised >= 0
        whole = recognised + sum((revenue(each) for each in self.planned() if each not in self.transferred), ZERO)
        assert whole == self.allowed(self.schedule.months)
        for names in ([each.key for each in self.transferred], [each.number for each in self.transferred]):
            assert len(set(names)) == len(names)


def later(start: date, months: int) -> date:
    years, month = divmod(start.month - 1 + months, 12)
    return date(start.year + years, month + 1, min(start.day, monthrange(start.year + years, month + 1)[1]))


@st.composite
def lives(draw: st.DrawFn) -> tuple[Life, list[tuple[str, int, int]]]:
    amount = Decimal(draw(st.integers(1, 50_000))).scaleb(-2)
    other = Decimal(draw(st.sampled_from([0, 1, 2_500]))).scaleb(-2)
    start = date(2024, 1, 1) + timedelta(draw(st.integers(-40, 60)))
    months = draw(st.integers(1, 14))
    life = Life(
        amount, other, replace(schedule(str(amount), months), start=start), draw(st.sampled_from(Recognise)),
        date(2024, 1, 1),
    )  # fmt: skip
    kinds = ["pay", "pay", "pay", "rest", "credit", "refund", "cancel", "move", "months", "close", "sync"]
    steps = st.lists(st.tuples(st.sampled_from(kinds), st.integers(0, 45), st.integers(1, 100)), max_size=14)
    return life, draw(steps)


def happen(life: Life, what: str, percent: int, number: int) -> None:
    owed = life.total - life.credited() - life.received()
    back, on = life.today - timedelta(percent % 50), str(max(life.today - timedelta(percent % 50), life.invoiced))
    match what:
        case "pay" | "rest":
            part = owed if what == "rest" else (owed * percent / 100).quantize(CENT)
            if part > 0:
                life.events.append(paid(str(part), str(back), f"P{number}"))
        case "credit":
            part = min((life.total * percent / 100).quantize(CENT), life.amount - life.credited())
            if part > 0:
                account = "2400" if percent % 3 else "4100"
                life.events.append(credited(str(part), on, line(str(part), account=account), key=f"C{number}"))
        case "refund":
            part = min((life.received() * percent / 100).quantize(CENT), life.amount - life.credited())
            if part > 0:
                life.events.append(replace(refunded(str(part), on), key=f"R{number}", number=f"R{number}"))
        case "cancel":
            life.cancelled = percent > 30
        case "move":
            payments = [each for each in life.events if isinstance(each, Payment)]
            life.events = [each for each in life.events if each not in payments[:1]]
        case "months":
            life.schedule = replace(life.schedule, months=1 + percent % 14)
        case "close":
            ended = life.today.replace(day=1) - timedelta(1)
            life.closed = max(life.closed, ended)
        case "sync":
            life.sync()
            life.judge()


@given(lives())
@settings(max_examples=examples(50), deadline=None)
def test_what_was_recognised_is_what_money_allows(drawn: tuple[Life, list[tuple[str, int, int]]]) -> None:
    life, events = drawn
    for number, (what, days, percent) in enumerate(events):
        life.today += timedelta(days)
        happen(life, what, percent, number)
    life.sync()
    life.judge()
    life.sync()
    life.judge()
