"""Books that grow from sync to sync: what was booked once stays as it was booked, and revenue follows what is known."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date

from tests.auditor.books import Auditor
from tests.auditor.entries import Chart, Entry
from tests.auditor.refusals import Key
from tests.auditor.source import Source


@dataclass
class History:
    """The auditor's books after some syncs; ``refused`` is what stayed out of the last one, and why."""

    chart: Chart
    proportion: bool = False
    booked: dict[Key, Entry] = field(default_factory=dict)
    revenue: list[Entry] = field(default_factory=list)
    refused: dict[Key, str] = field(default_factory=dict)

    def sync(self, source: Source, today: date, closed: date, absent: Collection[Key] = ()) -> list[Entry]:
        """Everything that stands in the books after a sync on a day; ``absent`` is what a ledger does not have."""
        auditor = Auditor(
            source, self.chart, closed=closed, proportion=self.proportion, booked=self.booked.keys(), absent=absent
        )
        self.refused = auditor.refused
        for entry in auditor.records:
            key = entry.kind, entry.key
            if entry.on <= today and auditor.stands(entry):
                self.booked.setdefault(key, entry)
        self.revenue = list(auditor.revenue.entries(today))
        return [*self.booked.values(), *self.revenue]
