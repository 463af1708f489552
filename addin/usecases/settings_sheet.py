"""The Settings sheet shows the company's rights, and sets none of them."""

from __future__ import annotations

from addin.noticing import noted_text
from addin.rights import Rights
from addin.rights_in_sheet import right_row
from addin.session import Session, identify
from addin.texts.options import option_named
from workbook.book import Row
from workbook.layout import SETTINGS_TABLE
from workbook.review import text_of
from workbook.row_keys import keyed
from workbook.rows import Cells

FORMER = frozenset({"in_review"})
"""Settings of a former release whose place the rights have taken."""


def show_rights(session: Session) -> None:
    """Show the rights as they are, also in a workbook of a former release; the caller saves it."""
    identify(session.book, {"review": "yes" if session.in_force.review else "no"})
    grid = session.book.read(SETTINGS_TABLE)
    if not grid.found or any(problem.code == "review_to_move" for problem in session.in_force.problems):
        return
    rights = session.profile.rights
    wanted = {name: right_row(rights, name, session.language) for name in Rights.model_fields}
    rows = {option_named(text_of(row.values.get("key"))): row for row in grid.rows}
    if FORMER & rows.keys() or wanted.keys() - rows.keys():
        others = [dict(row.values) for name, row in rows.items() if name and name not in FORMER | wanted.keys()]
        session.book.replace(SETTINGS_TABLE, [*others, *wanted.values()])
    else:
        named = ((at, row, option_named(at[0])) for at, row in keyed(SETTINGS_TABLE, grid.rows))
        moved = {at: _moved(row, wanted[name]) for at, row, name in named if name in wanted}
        session.book.write(SETTINGS_TABLE, {at: cells for at, cells in moved.items() if cells}, every=True)
    session.journal.note(
        {(SETTINGS_TABLE.name, name): noted_text(text_of(cells["value"])) for name, cells in wanted.items()}
    )


def _moved(row: Row, cells: Cells) -> Cells:
    return {name: value for name, value in cells.items() if text_of(value) != text_of(row.values.get(name))}
