"""The layout's captions in another language: which sheets and headers are renamed, and what refers to them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from workbook.captions import START
from workbook.found import columns_found
from workbook.layout import SHEETS, Language, Table
from workbook.markup import ATTRIBUTES, Element, elements, spliced, text_of, with_attribute

_FORMULA = re.compile(
    rb"(<(?:[\w.-]+:)?(?:f|formula[12]?|definedName|calculatedColumnFormula|totalsRowFormula)(?=[\s>])"
    + ATTRIBUTES
    + rb">)([^<]+)(?=</)"
)
_TARGETS = (b' location="', b' textlink="', b' sheet="')
_TARGET = re.compile(rb"""(<[^<>]*?\s(location|textlink|sheet)=")([^"]*)(?=")""")
_TOKEN = re.compile(
    r'"(?:[^"]|"")*"'
    r"|'(?P<quoted>(?:[^']|'')+)'!"
    r"|(?<![\w.\]])(?P<bare>[^\W\d][\w.]*(?::[^\W\d][\w.]*)?)!"
    r"|(?P<table>[^\W\d][\w.]*)(?P<columns>\[(?:[^\[\]']|'.|\[(?:[^\[\]']|'.)*\])*\])"
)
_COLUMN = re.compile(r"\[((?:[^\[\]']|'.)*)\]")
_ESCAPED = re.compile(r"'(.)")
_SPECIAL = re.compile(r"(['#\[\]@])")


@dataclass(frozen=True, slots=True)
class Renaming:
    """Sheets, old name → new; columns, folded table name → folded old caption → new."""

    sheets: Mapping[str, str]
    columns: Mapping[str, Mapping[str, str]]

    def formula(self, text: str) -> str:
        """A formula in which sheets and columns of tables bear their new names; texts in it are passed over."""
        return _TOKEN.sub(self._token, text) if "!" in text or "[" in text else text

    def _token(self, found: re.Match[str]) -> str:
        if found["table"]:
            columns = self.columns.get(found["table"].casefold(), {})
            return found["table"] + _COLUMN.sub(lambda column: _column(column, columns), found["columns"])
        old = (found["quoted"] or found["bare"] or "").replace("''", "'").split(":")
        new = [self.sheets.get(name, name) for name in old]
        return found[0] if new == old else "'" + ":".join(new).replace("'", "''") + "'!"

    def part(self, body: bytes) -> bytes:
        """A part of the package whose formulas, links and sources follow; any other byte stays."""
        body = _FORMULA.sub(self._element, body)
        return _TARGET.sub(self._target, body) if any(name in body for name in _TARGETS) else body

    def _element(self, found: re.Match[bytes]) -> bytes:
        if b"!" not in found[2] and b"[" not in found[2]:
            return found[0]
        old = text_of(found[2])
        new = self.formula(old)
        return found[0] if new == old else found[1] + _escaped(new)

    def _target(self, found: re.Match[bytes]) -> bytes:
        old = text_of(found[3])
        new = self.sheets.get(old, old) if found[2] == b"sheet" else self.formula(old)
        return found[0] if new == old else found[1] + _escaped(new).replace(b'"', b"&quot;")

    def workbook(self, body: bytes) -> bytes:
        """The workbook's own part with its sheets renamed."""
        sheets = [e for e in elements(body) if e.path == "workbook/sheets/sheet"]
        return spliced(body, (_named(body, e, self.sheets[n]) for e in sheets if (n := _name(e)) in self.sheets))

    def table(self, body: bytes, name: str) -> bytes:
        """A table's own part with its columns renamed."""
        new = self.columns.get(name.casefold(), {})
        columns = [e for e in elements(body) if e.path == "table/tableColumns/tableColumn"]
        return spliced(body, (_named(body, e, new[n]) for e in columns if (n := _name(e).casefold()) in new))


def _column(found: re.Match[str], columns: Mapping[str, str]) -> str:
    new = columns.get(_ESCAPED.sub(r"\1", found[1]).casefold())
    return found[0] if new is None else "[" + _SPECIAL.sub(r"'\1", new) + "]"


def _name(element: Element) -> str:
    return element.attributes.get("name", "")


def _named(body: bytes, element: Element, name: str) -> tuple[int, int, bytes]:
    return element.start, element.inner, with_attribute(body[element.start : element.inner], "name", name)


def _escaped(text: str) -> bytes:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").encode()


def sheets_renamed(names: Iterable[str], language: Language) -> dict[str, str]:
    """Which sheets take another name: those that bear a caption of ours, where nobody took the new name."""
    taken = list(names)
    wanted = {text.casefold(): c.of(language) for c in (START, *(sheet.caption for sheet in SHEETS)) for text in c}
    new = {name: wanted[name.casefold()] for name in taken if name.casefold() in wanted}
    others = {name.casefold() for name in taken}
    return {old: name for old, name in new.items() if old != name and name.casefold() not in others - {old.casefold()}}


def headers_renamed(captions: Sequence[object], table: Table, language: Language) -> dict[str, str]:
    """Column key → new caption, where a column bears its caption of another language and nobody took the new one."""
    texts = [str(caption or "") for caption in captions]
    places = columns_found(texts, table)
    wanted = {key: table.column(key).caption.of(language) for key in places}
    staying = {text.casefold() for position, text in enumerate(texts) if position not in places.values()}
    return {
        key: caption
        for key, caption in wanted.items()
        if texts[places[key]] != caption and caption.casefold() not in staying
    }
