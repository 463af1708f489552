"""What a title that nobody knows was probably meant to be."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from difflib import get_close_matches

from connectors.sources.tables.columns import heading
from connectors.sources.tables.values import legible

MOST = 8
"""Titles that one notice names."""
SHOWN = 24
NEAR = 0.7
"""Of two titles that are so much alike (``difflib``), one is probably a slip of the other."""


def listed(titles: Sequence[str], known: Iterable[str]) -> str:
    """Titles as a list: ``factur (→ facture); colour``."""
    by_heading = {heading(title): title for title in known}
    parts = [_with_nearest(title, by_heading) for title in titles[:MOST]]
    return "; ".join((*parts, *(["…"] if len(titles) > MOST else [])))


def _with_nearest(title: str, known: dict[str, str]) -> str:
    plain = legible(" ".join(title.split()))
    nearest = get_close_matches(heading(title), known, n=1, cutoff=NEAR)
    told = plain if len(plain) <= SHOWN else f"{plain[: SHOWN - 1]}…"
    return f"{told} (→ {known[nearest[0]]})" if nearest else told
