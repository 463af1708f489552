"""Revenue received in advance: a schedule equals its line, what corrects says so, and nothing waits for ever unseen."""

from __future__ import annotations

from collections.abc import Iterator

from addin.sync.case import Case
from addin.sync.deferral import month_of
from connectors.problems import Problem, problem_of
from connectors.records import ZERO, JournalEntry, RevenueSchedule


def schedules_equal_lines(case: Case) -> Iterator[Problem]:
    """A line has one schedule, of its own amount; else no entry of it leaves. The document itself may."""
    for entry, schedule in _scheduled(case):
        document = case.recognised(entry)
        lines = document.lines if document else ()
        line = next((each for each in lines if each.number == schedule.line), None)
        if document is None or line is None:
            continue
        words = {"line": str(line.number), "document": document.number or document.key, "amount": str(line.amount)}
        others = case.schedules.on_line.get((document.key, line.number), ())
        if len(others) > 1:
            told = ", ".join(f"{each.key} ({each.amount})" for each in others)
            yield problem_of(entry, "schedules_on_one_line", schedules=told, **words)
        elif schedule.amount != line.amount:
            scheduled = str(schedule.amount)
            yield problem_of(entry, "schedule_differs", schedule=schedule.key, scheduled=scheduled, **words)


def changed_schedules_are_told(case: Case) -> Iterator[Problem]:
    """An entry that corrects for a schedule that changed names those that were transferred before and are other now."""
    for entry, schedule in _scheduled(case):
        numbers = case.schedules.outdated.get(schedule.key)
        if numbers and not month_of(entry.key):
            yield problem_of(entry, "schedule_changed", numbers=", ".join(numbers), **_about(case, entry, schedule))


def _scheduled(case: Case) -> Iterator[tuple[JournalEntry, RevenueSchedule]]:
    """The entries that are to leave and were made from schedules, each with its own."""
    for entry in case.candidates.values():
        if isinstance(entry, JournalEntry) and (schedule := case.schedules.behind(entry.key)):
            yield entry, schedule


def _about(case: Case, entry: JournalEntry, schedule: RevenueSchedule) -> dict[str, str]:
    document = case.recognised(entry)
    amount = sum((line.debit for line in entry.lines), ZERO)
    name = document.number or document.key if document else schedule.invoice
    return {"line": str(schedule.line), "document": name, "amount": str(amount), "schedule": schedule.key}


def dues_that_wait_are_listed(case: Case) -> Iterator[Problem]:
    """Dues that are in the ledger and not paid when their months are over stay on their account: each is told of."""
    over = [each for each in case.schedules.waiting if each.ends <= case.today]
    case.transfers.fetch([(each.kind, each.key) for each in over])
    for each in over:
        if case.settled((each.kind, each.key)):
            yield Problem(
                code="dues_unpaid_after_term",
                params={
                    "document": each.document, "line": str(each.line), "customer": each.account,
                    "amount": f"{each.amount} {each.currency}", "account": each.deferred, "date": each.ends.isoformat(),
                },
            )  # fmt: skip
