"""One row of a sheet's XML: its cells as they stand, and the row again with some of them changed."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

from workbook.addresses import column_number, letters
from workbook.cells import Content
from workbook.markup import ATTRIBUTES, BrokenMarkup, hides, masked, spliced, with_attribute, without_attribute

REFERENCE = re.compile(rb"""\sr\s*=\s*["']([A-Z]*)([0-9]*)["']""")
_STYLE = re.compile(rb"""\ss\s*=\s*["']([0-9]+)["']""")
_TYPED = re.compile(rb"\s(?:t|cm|vm)\s*=").search
_SPANS = re.compile(rb"""\sspans\s*=\s*["']([0-9]+):([0-9]+)["']""")


class Grammar:
    """The patterns of rows, cells and formulas whose elements carry one prefix (``x:`` or nothing).

    ``any`` finds the content of every cell; ``filled``, much faster, of those that are not empty, where all of them
    name their place first, as every program in use writes them.
    """

    def __init__(self, prefix: bytes) -> None:
        name = re.escape(prefix)
        self.prefix = prefix
        self.placed = b'<%bc r="' % prefix
        self.row = re.compile(rb"<%brow(?=[\s/>])%b/?>" % (name, ATTRIBUTES))
        self.row_start = re.compile(rb'<%brow(?: r="([0-9]+)"|(?=[\s/>]))' % name)
        self.cell = re.compile(rb'<%bc(?=[\s/>])(?: r="([A-Z]+)[0-9]+")?%b/?>' % (name, ATTRIBUTES))
        self.formula = re.compile(rb"<%bf(?=[\s/>])(%b)(?:/>|>([^<]*)</%bf\s*>)" % (name, ATTRIBUTES, name))
        value = rb"(?:<%bf>[^<]*</%bf>)?<%bv>" % (name, name, name)
        text = rb'(?<=t="inlineStr">)<%bis><%bt(?: xml:space="preserve")?>' % (name, name)
        ends = rb"(?:</%bv>|</%bt></%bis>)</%bc>" % (name, name, name, name)
        content = rb"(?:(?:%b|%b)([^<]*)%b|(.*?)</%bc\s*>)" % (value, text, ends, name)
        self.any = re.compile(rb"<%bc(?=[\s/>])()([^>]*?)(?:/>|>%b)" % (name, content), re.DOTALL)
        self.filled = re.compile(rb'<%bc r="([A-Z]+)[0-9]+"([^>]*)(?<!/)>%b' % (name, content), re.DOTALL)

    def names_places(self, rows: bytes, *within: int) -> bool:
        """Whether every cell of some rows names its place first."""
        return rows.count(self.placed, *within) == rows.count(self.placed[:-4], *within)


grammar = cache(Grammar)


def stretches(tags: Iterator[re.Match[bytes]], end: int) -> Iterator[tuple[re.Match[bytes], int]]:
    """Each tag with the offset up to which what it begins may reach."""
    last = None
    for tag in tags:
        if last is not None:
            yield last, tag.start()
        last = tag
    if last is not None:
        yield last, end


class Cell(NamedTuple):
    """A cell as it stands: column, start tag, what follows up to the next cell, and what its end tag begins with."""

    column: int
    tag: bytes
    rest: bytes
    closing: bytes

    @property
    def raw(self) -> bytes:
        """All of it."""
        return self.tag + self.rest

    @property
    def inner(self) -> bytes:
        """What is inside."""
        return self.rest[: max(0, self._close)]

    @property
    def after(self) -> bytes:
        """What stands between it and the next cell."""
        return self.rest[self.rest.index(b">", self._close) + 1 :] if self._close >= 0 else self.rest

    @property
    def _close(self) -> int:
        return -1 if self.tag.endswith(b"/>") else masked(self.rest).rindex(self.closing)

    @property
    def style(self) -> bytes:
        """The index of its format; empty is the default."""
        found = _STYLE.search(self.tag)
        return found[1] if found else b""


@dataclass(frozen=True, slots=True)
class Row:
    """A row taken apart: its opening, its cells from left to right, its end."""

    opening: bytes
    cells: tuple[Cell, ...]
    end: bytes


def parsed(chunk: bytes, words: Grammar) -> Row:
    """A row taken apart; raises ``BrokenMarkup`` for cells out of order."""
    shape = masked(chunk)
    opening = words.row.match(shape)
    if opening is None:
        raise BrokenMarkup("no row")
    if opening[0].endswith(b"/>"):
        start = chunk[: opening.end() - 2].rstrip() + b">"
        return Row(start, (), b"</%brow>" % words.prefix + chunk[opening.end() :])
    end = shape.rindex(b"</%brow" % words.prefix)
    closing = b"</%bc" % words.prefix
    cells: list[Cell] = []
    last, first = 0, end
    for tag, stop in stretches(words.cell.finditer(shape, opening.end(), end), end):
        column = column_number(tag[1].decode()) if tag[1] else _unplaced(tag[0], last)
        if column <= last:
            raise BrokenMarkup(f"cell {letters(column)} after cell {letters(last)}")
        cells.append(Cell(column, tag[0], chunk[tag.end() : stop], closing))
        last, first = column, min(first, tag.start())
    return Row(chunk[:first], tuple(cells), chunk[end:])


def _unplaced(tag: bytes, last: int) -> int:
    """The column of a cell that does not name its place first; without one it is the next."""
    reference = REFERENCE.search(tag)
    return column_number(reference[1].decode()) if reference else last + 1


def cells_found(
    chunk: bytes, number: int, columns: Collection[int], words: Grammar
) -> dict[int, tuple[int, Cell]] | None:
    """Cells of a row with their offsets, by column, without taking the row apart.

    ``None`` unless each is there and every cell of the row names its place first, as programs in use write them.
    """
    if hides(chunk) or not words.names_places(chunk):
        return None
    closing, cells = b"</%bc" % words.prefix, {}
    for column in columns:
        start = chunk.find(b'%b%b%d"' % (words.placed, letters(column).encode(), number))
        tag = words.cell.match(chunk, start) if start >= 0 else None
        if tag is None:
            return None
        stop = chunk.find(words.placed, tag.end())
        rest = chunk[tag.end() : stop if stop >= 0 else chunk.rindex(b"</%brow" % words.prefix)]
        cells[column] = start, Cell(column, tag[0], rest, closing)
    return cells


def respelled(
    chunk: bytes, number: int, cells: Mapping[int, tuple[int, Cell]], contents: Mapping[int, Content], words: Grammar
) -> bytes:
    """A row's bytes with another content in each of these cells."""
    return spliced(
        chunk,
        (
            (start, start + len(cell.raw), _changed(cell, number, contents[column], words))
            for column, (start, cell) in cells.items()
        ),
    )


def rebuilt(
    row: Row, number: int, contents: Mapping[int, Content], styles: Mapping[int, bytes], words: Grammar
) -> bytes:
    """A row's bytes with other contents in some columns; ``styles`` are the formats of cells that are new."""
    new = {cell.column: _changed(cell, number, contents.get(cell.column), words) for cell in row.cells}
    for column, content in contents.items():
        style = styles.get(column, b"")
        if column not in new and (content.inner or style):
            new[column] = _made(number, column, content, style, words)
    opening = _spanning(row.opening, min(new), max(new)) if new else row.opening
    return b"".join((opening, *(new[column] for column in sorted(new)), row.end))


def _changed(cell: Cell, number: int, content: Content | None, words: Grammar) -> bytes:
    tag = cell.tag
    if content is None and tag.startswith(words.placed):
        return tag + cell.rest
    numbered = REFERENCE.search(tag) is not None
    if not numbered:
        tag = with_attribute(tag, "r", f"{letters(cell.column)}{number}")
    if content is None:
        return tag + cell.rest
    # A value's metadata (cm, vm: dynamic arrays, pictures in cells) belongs to the value that goes.
    tag = without_attribute(tag, "t", "cm", "vm") if _TYPED(tag) else tag
    tag = tag.removesuffix(b">").removesuffix(b"/").rstrip()
    return _filled(tag, content, words) + cell.after


def _made(number: int, column: int, content: Content, style: bytes, words: Grammar) -> bytes:
    tag = b'<%bc r="%b%d"' % (words.prefix, letters(column).encode(), number)
    return _filled(tag + (b' s="%b"' % style if style else b""), content, words)


def _filled(tag: bytes, content: Content, words: Grammar) -> bytes:
    if not content.inner:
        return tag + b"/>"
    type_ = b' t="%b"' % content.type if content.type else b""
    return b"%b%b>%b</%bc>" % (tag, type_, content.inner, words.prefix)


def new_row(number: int, contents: Mapping[int, Content], styles: Mapping[int, bytes], words: Grammar) -> bytes:
    """The bytes of a row that the sheet does not have yet."""
    prefix = words.prefix
    cells = (
        _made(number, column, contents[column], styles.get(column, b""), words)
        for column in sorted(contents)
        if contents[column].inner or styles.get(column)
    )
    return b'<%brow r="%d">%b</%brow>' % (prefix, number, b"".join(cells), prefix)


def joined(row: Row, cells: Sequence[Cell]) -> bytes:
    """The bytes of a row with these cells, as they stand, from left to right."""
    opening = _spanning(row.opening, cells[0].column, cells[-1].column) if cells else row.opening
    return b"".join((opening, *(cell.raw for cell in cells), row.end))


def _spanning(opening: bytes, first: int, last: int) -> bytes:
    """``spans`` is a hint for readers, wrong once a cell stands outside it."""
    found = _SPANS.search(opening)
    if found and int(found[1]) <= first and last <= int(found[2]):
        return opening
    return without_attribute(opening, "spans") if found else opening
