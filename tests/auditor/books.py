"""The auditor's books: what may stand in them of a source, what may not and why, and what is revenue by then."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from tests.auditor.entries import Chart, DoubleEntry, Entry
from tests.auditor.refusals import Key, Refusals
from tests.auditor.revenue import Revenue
from tests.auditor.source import Source


class Auditor:
    """Judges a source as it lies there on one day; ``closed`` is the last day of what is closed by then.

    ``booked`` is what stands in the books already, and is not judged again; ``absent`` what a ledger does not have.
    """

    def __init__(
        self,
        source: Source,
        chart: Chart,
        *,
        closed: date | None = None,
        proportion: bool = False,
        booked: Collection[Key] = (),
        absent: Collection[Key] = (),
    ) -> None:
        self.records = DoubleEntry(source, chart)
        self.refusals = Refusals(self.records, closed=closed, booked=booked, absent=absent)
        self.revenue = Revenue(self.records, self.refusals, closed, proportion)

    @property
    def refused(self) -> dict[Key, str]:
        """What stays out, by kind and key, and why."""
        return self.refusals.reasons

    def stands(self, entry: Entry) -> bool:
        """Whether nothing keeps an entry out, nor the payment that it is of."""
        return (entry.kind, entry.key) not in self.refused and entry.of not in self.refused

    def entries(self, until: date) -> list[Entry]:
        """What stands in the books on a day."""
        booked = [each for each in self.records if each.on <= until and self.stands(each)]
        return booked + list(self.revenue.entries(until))
