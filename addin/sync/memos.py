"""What the memo of an entry of deferred revenue says: which month it is of, what it catches up with, or why it takes
back."""

from __future__ import annotations

from collections.abc import Callable

from addin.sync.allowance import Allowance
from addin.sync.money import Movement
from addin.sync.recognition import Step
from addin.texts import mark
from connectors.records import CreditNote, Refund

CAUGHT_UP = mark("{document}: {first} to {last}, caught up with")
CREDITED_ON_REVENUE = mark("{document}: moved, as {number} of {date} credits it on the revenue account")
PAID_SINCE = mark("{document}: paid since, up to {last}")
CHANGED = mark("{document}: its schedule was changed")
CANCELLED = mark("{document}: taken back, as it is cancelled")
CREDITED = mark("{document}: taken back, as {number} of {date} credits it")
REFUNDED = mark("{document}: taken back, as {number} of {date} refunds it")
RETURNED = mark("{document}: taken back, as payment {number} was returned on {date}")
UNPAID = mark("{document}: taken back, as less is paid of it than before")

BECAUSE: dict[type, str] = {CreditNote: CREDITED, Refund: REFUNDED}
"""Why something is taken back, by what the source has since; anything else that takes money back returned it."""


def memo_of(allowance: Allowance, step: Step, changed: bool, say: Callable[..., str]) -> str:
    """The memo of an entry; ``changed`` says that the schedule is another than transferred entries were made from."""
    document, schedule = allowance.document.number or allowance.document.key, allowance.schedule
    if step.month:
        month = f"{allowance.days[step.month - 1]:%Y-%m}"
        late = f" ({month})" if f"{step.on:%Y-%m}" != month else ""
        return f"{document} {step.month}/{schedule.months}{late}"
    if step.amount * schedule.amount <= 0:
        return _taken_back(allowance, step, changed, say)
    for each in allowance.movements:
        if each.on == step.by and each.taken.get(schedule.revenue_account):
            return _because(CREDITED_ON_REVENUE, document, each, say)
    months = [f"{allowance.days[month - 1]:%Y-%m}" for month in step.caught_up]
    if months:
        return say(CAUGHT_UP, document=document, first=months[0], last=months[-1])
    sentence = CHANGED if changed else PAID_SINCE
    return say(sentence, document=document, last=f"{step.by:%Y-%m}")


def _taken_back(allowance: Allowance, step: Step, changed: bool, say: Callable[..., str]) -> str:
    document = allowance.document.number or allowance.document.key
    if allowance.document.cancelled:
        return say(CANCELLED, document=document)
    if step.cause is None:
        sentence = CHANGED if changed else UNPAID
        return say(sentence, document=document)
    return _because(BECAUSE.get(type(step.cause.cause), RETURNED), document, step.cause, say)


def _because(sentence: str, document: str, movement: Movement, say: Callable[..., str]) -> str:
    number = movement.cause.number or movement.cause.key
    return say(sentence, document=document, number=number, date=movement.on)
