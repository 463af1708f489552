"""The boxes of the returns of GST, HST and QST for a period, from what is booked."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from addin.session import Session
from addin.sync.tax_boxes import FEDERAL, QUEBEC, Period, Return, period
from addin.texts import CATEGORIES, fix, mark, what
from addin.usecases.chosen_period import chosen_period
from addin.usecases.report import Report
from workbook.layout import TAX_BOXES, TAX_DOUBTS, TAX_SALES
from workbook.rows import Cells

NAMES = {FEDERAL: mark("GST/HST (GST34, FPZ-500)"), QUEBEC: mark("QST (FPZ-500)")}
MEANINGS = (
    mark("sales and other revenue"),
    mark("tax collected or collectible"),
    mark("collected, before adjustments"),
    mark("tax recovered on purchases"),
    mark("recovered, before adjustments"),
    mark("net tax"),
)
"""What the boxes hold, in their order."""


def taxes(session: Session, first: date, last: date) -> Report:
    """Say what goes into each box, and what was sold by category; nothing where a document's tax is unknown.

    Raises ``CannotRun``.
    """
    case, _ = session.case()
    found = period(case, first, last)
    facts: dict[str, object] = {"period": f"{first} – {last}"}
    if not found.unknown:
        facts |= {"boxes": _texts(_boxes(session, found)), "sales": _texts(_sales(session, found))}
    return Report(run=session.run.id, problems=found.unknown, facts=facts)


def tax_boxes(session: Session) -> Report:
    """Show the same on the Period sheet, for the days typed there; or the documents whose tax is unknown.

    Raises ``CannotRun`` (period_unread).
    """
    first, last = chosen_period(session)
    case, _ = session.case()
    found = period(case, first, last)
    boxes = [] if found.unknown else [{**row, "first": first, "last": last} for row in _boxes(session, found)]
    session.book.replace(TAX_BOXES, boxes)
    session.book.replace(TAX_SALES, list(_sales(session, found)))
    session.book.replace(TAX_DOUBTS, list(_doubts(session, found)))
    session.book.save()
    facts = {"period": f"{first} – {last}", "shown": len(boxes), "unknown": len(found.unknown)}
    return Report(run=session.run.id, problems=found.unknown, facts=facts)


def _boxes(session: Session, found: Period) -> Iterator[Cells]:
    return (row for each in found.returns for row in _rows(session, each))


def _rows(session: Session, each: Return) -> Iterator[Cells]:
    for (box, amount), meaning in zip(each.boxes.items(), MEANINGS, strict=True):
        yield {
            "return": session.say(NAMES[each.program]),
            "registration": each.registration,
            "box": box,
            "meaning": session.say(meaning),
            "amount": amount,
        }


def _sales(session: Session, found: Period) -> Iterator[Cells]:
    for category, amount in found.sales.items():
        yield {"category": session.say(CATEGORIES[category]), "amount": amount}


def _doubts(session: Session, found: Period) -> Iterator[Cells]:
    names, language = session.names({}), session.language
    for each in found.unknown:
        kind = names.choice("kind", each.kind) if each.kind else ""
        yield {"kind": kind, "number": each.number or each.key, "reason": what(language, each),
               "fix": fix(language, each)}  # fmt: skip


def _texts(rows: Iterator[Cells]) -> list[dict[str, str]]:
    return [{name: str(value) for name, value in row.items()} for row in rows]
