"""What an auditor asks of the source's own records: days that are near, numbers without a gap, nothing taken away."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta

from addin.journal import Answer, RecordKey, Topic
from addin.sync.case import Case
from connectors.problems import Problem, problem_of
from connectors.records import Customer, Invoice, JournalEntry, Kind

SHOWN = 5
"""How many numbers a sentence names; the others are counted."""

ENDS_IN_DIGITS = re.compile(r"(.*?)(\d{1,15})$")


def days_are_near(case: Case) -> Iterator[Problem]:
    """What is dated far ahead (2062 for 2026) waits until a person confirms its day; how far is a setting.

    Not asked of a journal entry, which waits for its day anyway.
    """
    last = case.today + timedelta(days=case.options.days_ahead)
    for key, record in case.candidates.items():
        if isinstance(record, Customer | JournalEntry) or record.date <= last:
            continue
        if case.questions.said(key, Topic.DAY, record.date.isoformat()) is not Answer.YES:
            days = str(case.options.days_ahead)
            yield problem_of(record, "day_far_ahead", column="date", date=record.date.isoformat(), days=days)


def numbers_run_on(case: Case) -> Iterator[Problem]:
    """A gap and a repeat in the numbering of the source's invoices are told, all of them in one sentence each.

    Numbers that begin alike and end in digits are one series; one of which more is missing than there is, is none.
    """
    if not any(isinstance(record, Invoice) for record in case.candidates.values()):
        return
    numbers = _of_invoices(case.numbers())
    repeated = [number for number, count in Counter(numbers).items() if count > 1]
    missing = [number for series in _series(numbers) for number in series]
    for code, found in (("numbers_missing", missing), ("numbers_repeated", repeated)):
        if found:
            shown = ", ".join(sorted(found)[:SHOWN]) + (" …" if found[SHOWN:] else "")
            yield Problem(code=code, params={"numbers": shown, "count": str(len(found))})


def _of_invoices(numbers: Mapping[RecordKey, str]) -> list[str]:
    return [number for (kind, _), number in numbers.items() if kind is Kind.INVOICE and number]


def _series(numbers: Iterable[str]) -> Iterator[list[str]]:
    """The missing numbers of each series, written as their neighbours are."""
    series: defaultdict[str, dict[int, int]] = defaultdict(dict)
    for number in numbers:
        if parts := ENDS_IN_DIGITS.match(number):
            series[parts[1]][int(parts[2])] = len(parts[2])
    for before, widths in series.items():
        first, last = min(widths), max(widths)
        if last - first + 1 <= 2 * len(widths):
            width = min(widths.values())
            yield [f"{before}{each:0{width}}" for each in range(first, last) if each not in widths]


def nothing_was_taken_away(case: Case) -> Iterator[Problem]:
    """What the ledger has and the source has no longer is told in its row, where a pull shows all that there is.

    Of an entry that was made from a schedule, the schedule tells.
    """
    if not case.options.pulls_are_whole:
        return
    for key in case.awake:
        transfer = case.settled(key) if key[0] is not Kind.CUSTOMER and case.seen[key].left_source else None
        if transfer and not (key[0] is Kind.JOURNAL_ENTRY and case.schedules.behind(key[1])):
            yield problem_of(case.records[key], "left_after_transfer", column="status", reference=transfer.shown)
