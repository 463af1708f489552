"""The customers of an export: a sheet of their own, or what its invoices, lines and payments say of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from connectors.sources.exports.entries import Entry
from connectors.sources.tables.columns import ACCOUNTS, heading
from connectors.sources.tables.rows import Row

KEY, NUMBER, NAME = NAMED_BY = ("accounts.key", "accounts.number", "accounts.name")
"""The fields that name a customer, the surest first."""
_WHOLE_NAME = ("accounts.first_name", "accounts.last_name")


class Parties:
    """Customers by what names them; those of no sheet of their own are taken in as they are met."""

    def __init__(self, own: Iterable[Entry], listed: bool) -> None:
        self.rows: dict[str, Row] = {}
        self.again: list[Row] = []
        self._listed = False
        self._fields: set[str] = set()
        self._keys: dict[tuple[str, str], str | None] = {}
        for entry in own:
            self.key_of(entry)
        self._listed = listed

    def key_of(self, entry: Entry) -> str:
        """The key of the customer that a row names, empty where it names none.

        Where customers have a sheet, one who is not on it keeps what names it: that is told as a reference to nobody.
        """
        names, known = _names(entry), self.known(entry)
        if known is not None and (self._listed or not self._is_sheet_row(entry)):
            return self._filled(known, entry)
        key = next(iter(names.values()), "")
        if key and not self._listed:
            self._take_in(key, names, entry)
        return key

    def known(self, entry: Entry) -> str | None:
        """The key of the customer that a row names, where there is one and no other of that name.

        What names customers surest decides alone: two of one name are told apart by their numbers.
        """
        told = [(field, text) for field, text in _names(entry).items() if field in self._fields]
        return self._keys.get(_alike(*told[0])) if told else None

    def _is_sheet_row(self, entry: Entry) -> bool:
        return all(field.startswith("accounts.") for field in entry.cells)

    def _take_in(self, key: str, names: Mapping[str, str], entry: Entry) -> None:
        row = _row(key, names, entry)
        if key in self.rows:
            self.again.append(row)
        else:
            self.rows[key] = row
        for at in names.items():
            alike = _alike(*at)
            self._fields.add(at[0])
            self._keys[alike] = key if self._keys.get(alike, key) == key else None

    def _filled(self, key: str, entry: Entry) -> str:
        """A known customer, with what a further row says that nothing said before."""
        if not self._listed and (row := self.rows.get(key)):
            new = {name: cell for name, cell in _own(entry).items() if not row.cells.get(name)}
            self.rows[key] = replace(row, cells={**row.cells, **new})
        return key


def _names(entry: Entry) -> dict[str, str]:
    """What names the customer of a row, by field; a first and a last name are a name where there is no other."""
    names = {field: text for field in NAMED_BY if (text := entry.text(field))}
    if NAME not in names and (whole := " ".join(filter(None, map(entry.text, _WHOLE_NAME)))):
        names[NAME] = whole
    return names


def _alike(field: str, text: str) -> tuple[str, str]:
    """What two names are compared by: names without case and accents, codes without case."""
    return field, heading(text) if field == NAME else text.casefold()


def _own(entry: Entry) -> dict[str, object]:
    columns = {column.name for column in ACCOUNTS.columns}
    parts = ((field.partition("."), cell) for field, cell in entry.cells.items() if cell is not None)
    return {name: cell for (table, _, name), cell in parts if table == ACCOUNTS.name and name in columns}


def _row(key: str, names: Mapping[str, str], entry: Entry) -> Row:
    cells = _own(entry)
    person = {} if cells.get("name") or NAME not in names else {"is_person": "yes"}
    return entry.row({**cells, **person, "key": key, "name": names.get(NAME, key)}, of=ACCOUNTS.name)
