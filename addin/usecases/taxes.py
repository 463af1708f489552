"""The boxes of the returns of GST, HST and QST for a period, from what is booked."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from addin.session import Session
from addin.sync.tax_boxes import FEDERAL, QUEBEC, Return, period
from addin.texts import CATEGORIES, mark
from addin.usecases.report import Report

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
    rows = [row for each in found.returns for row in _rows(session, each)]
    sales = [{"category": session.say(CATEGORIES[category]), "amount": str(amount)}
             for category, amount in found.sales.items()]  # fmt: skip
    facts: dict[str, object] = {"period": f"{first} – {last}"}
    return Report(run=session.run.id, problems=found.unknown, facts=facts | ({} if found.unknown else {
        "boxes": rows, "sales": sales}))  # fmt: skip


def _rows(session: Session, each: Return) -> Iterator[dict[str, str]]:
    for (box, amount), meaning in zip(each.boxes.items(), MEANINGS, strict=True):
        yield {
            "return": session.say(NAMES[each.program]),
            "registration": each.registration,
            "box": box,
            "meaning": session.say(meaning),
            "amount": str(amount),
        }
