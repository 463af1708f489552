"""Where a sheet's headings stand, under titles or over two rows, and which rows below them are totals."""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass
from datetime import date
from statistics import median

from connectors.sources.exports.sheets import Sheet
from connectors.sources.exports.traits import traits
from connectors.sources.exports.vocabulary import vocabulary, words_of
from connectors.sources.tables.cells import Unread
from connectors.sources.tables.rows import RawRow
from connectors.sources.tables.values import blank, shown

SEARCHED = 40
"""Rows among which the headings are looked for."""
UNDER = 3
"""Rows below headings that are looked at, to see whether something stands under them."""
FEWEST = 2
"""Columns that a sheet has at least."""


@dataclass(frozen=True, slots=True)
class Head:
    """The headings by column, the line of the lowest of their rows, and how many rows they take."""

    line: int
    headings: tuple[str, ...]
    rows: int = 1


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A row below the headings that is no record: its line, how it begins, and whether it is a total."""

    line: int
    text: str
    total: bool


def head_of(sheet: Sheet) -> Head | None:
    """The row of headings: whose texts are known or are followed by values; ``None`` where there is none."""
    rows = [row for row in sheet.rows[:SEARCHED] if not row.code]
    best, most = None, 0.0
    for head in heads(rows):
        score = _score(head, [row for row in rows if row.line > head.line][:UNDER])
        if score > most:
            best, most = head, score
    return best


def heads(rows: Sequence[RawRow]) -> Iterator[Head]:
    """Every row, and every two that follow each other, as headings."""
    for at, row in enumerate(rows):
        yield _single(row)
        if at and (grouped := _grouped(rows[at - 1], row)):
            yield grouped


def _single(row: RawRow) -> Head:
    texts = ("" if isinstance(cell, Unread) else shown(cell) for cell in row.cells)
    return Head(row.line, tuple(" ".join(text.split()) for text in texts))


def _grouped(above: RawRow, row: RawRow) -> Head | None:
    """Headings of two rows: one over several columns goes before each below it, one over two rows stands alone."""
    upper, lower = _single(above).headings, _single(row).headings
    if row.line != above.line + 1 or not any(upper) or not all(map(_wordy, above.cells)):
        return None
    found, group = [], ""
    for at in range(max(len(upper), len(lower))):
        here, below = (texts[at] if at < len(texts) else "" for texts in (upper, lower))
        group = (here or group) if below else ""
        both = f"{group} {below}".strip()
        found.append((both if here or vocabulary().knows(both) else below) or here)
    return Head(row.line, tuple(found), rows=2)


def _wordy(cell: object) -> bool:
    """Whether a cell can be a heading: a text that is no date, amount or address."""
    if blank(cell) or isinstance(cell, Unread):
        return True
    told = traits((cell,))
    return isinstance(cell, str) and not (told.dates or told.amounts or told.emails)


def _score(head: Head, below: Sequence[RawRow]) -> float:
    """How much speaks for headings: those that are known, those that are texts, and values under them."""
    filled = [at for at, text in enumerate(head.headings) if text]
    if len(filled) < FEWEST:
        return 0
    known = sum(vocabulary().knows(head.headings[at]) for at in filled)
    wordy = sum(_wordy(head.headings[at]) for at in filled)
    under = max(
        (sum(1 for at in filled if at < len(row.cells) and not blank(row.cells[at])) for row in below), default=0
    )
    distinct = len({head.headings[at] for at in filled}) / len(filled)
    return (3 * known + wordy - 3 * (len(filled) - wordy) + 0.5 * under) * distinct - 0.1 * head.rows


def body_of(sheet: Sheet, head: Head) -> list[RawRow]:
    """The rows below the headings that hold something."""
    return [row for row in sheet.rows if row.line > head.line and (row.code or not all(map(blank, row.cells)))]


def left_out(rows: Sequence[RawRow]) -> list[LeftOut]:
    """Rows that are no records: totals, which begin with the word and are not full, and notes below."""
    counts = [_filled(row) for row in rows]
    usual = median(counts) if counts else 0
    found = [
        LeftOut(row.line, _first(row), total=True)
        for row, count in zip(rows, counts, strict=True)
        if count < usual and begins_total(_first(row))
    ]
    return sorted((*found, *_notes(rows, {row.line for row in found})), key=lambda row: row.line)


def _notes(rows: Sequence[RawRow], totals: Set[int]) -> Iterator[LeftOut]:
    """Lines of one text below the last record, with a blank line before them."""
    notes: list[LeftOut] = []
    for row, above in zip(reversed(rows[1:]), reversed(rows[:-1]), strict=True):
        if row.line in totals:
            continue
        if _filled(row) != 1 or not _wordy(_first(row)):
            return
        notes.append(LeftOut(row.line, _first(row), total=False))
        if row.line > above.line + 1:
            yield from notes
            return


def begins_total(text: str) -> bool:
    """Whether a row that begins so may be one of totals."""
    words = words_of(text.split(":")[0])
    first = words_of(text.split()[0].rstrip(":")) if text.split() else ()
    return words in vocabulary().totals or (bool(first) and first in vocabulary().totals)


def _filled(row: RawRow) -> int:
    return sum(not blank(cell) for cell in row.cells)


def _first(row: RawRow) -> str:
    return next((shown(cell) for cell in row.cells if isinstance(cell, str | date) and not blank(cell)), "")
