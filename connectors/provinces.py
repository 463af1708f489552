"""The GST, HST and QST of each province of supply.

Source: a table of the rates by province of May 2025 (ace-volve.com) and, for Nova Scotia's 14 % since 2025-04-01, the
Canada Revenue Agency's GST/HST Notice 342; the agency's own table was not reached. Provincial sales taxes that are no
value-added tax (British Columbia, Manitoba, Saskatchewan) are not among them: not every supply that bears GST bears
those.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

GST, QST = Decimal(5), Decimal("9.975")
SINCE = date(2016, 10, 1)
"""Before, nothing is said."""

PROVINCES: Mapping[str, tuple[tuple[date, frozenset[Decimal]], ...]] = {
    **dict.fromkeys(("AB", "BC", "MB", "NT", "NU", "SK", "YT"), ((SINCE, frozenset({GST})),)),
    "QC": ((SINCE, frozenset({GST, QST})),),
    "ON": ((SINCE, frozenset({Decimal(13)})),),
    **dict.fromkeys(("NB", "NL", "PE"), ((SINCE, frozenset({Decimal(15)})),)),
    "NS": ((SINCE, frozenset({Decimal(15)})), (date(2025, 4, 1), frozenset({Decimal(14)}))),
}
"""By province, the rates in percent and the day that they are good from, in order."""

VALUE_ADDED = frozenset(rate for stages in PROVINCES.values() for _, rates in stages for rate in rates)


def rates_in(province: str, on: date) -> frozenset[Decimal]:
    """The rates of a taxed supply in a province on a day; none of what is no province, or before 2016-10-01."""
    stages = [rates for since, rates in PROVINCES.get(province, ()) if since <= on]
    return stages[-1] if stages else frozenset()
