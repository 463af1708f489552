"""Where a table's columns stand, by their captions: people move, hide and rename columns, and switch the language."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from workbook.layout import LANGUAGES, Table


def columns_found(captions: Sequence[object], table: Table) -> dict[str, int]:
    """Column key → position (0-based) in a header row, for every column whose caption is there in either language.

    The language in which more captions are found goes first: a column that a person added may bear a caption of the
    other one. Of two columns of one caption the first counts.
    """
    places: dict[str, int] = {}
    for position, caption in enumerate(captions):
        places.setdefault(_folded(str(caption or "")), position)
    found = [
        {c.key: places[name] for c in table.columns if (name := _folded(c.caption.of(language))) in places}
        for language in LANGUAGES
    ]
    most, least = sorted(found, key=len, reverse=True)
    both = {key: position for key, position in least.items() if position not in most.values()} | most
    return {column.key: both[column.key] for column in table.columns if column.key in both}


@lru_cache(maxsize=4096)  # the same captions are looked for in every table that is read
def _folded(caption: str) -> str:
    return " ".join(caption.split()).casefold()
