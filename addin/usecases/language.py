"""Language: the workbook in the other language; captions, reasons and titles change, no stored value does."""

from __future__ import annotations

from addin.options import CHOICES_OF, Options, shown
from addin.rights_in_sheet import right_row
from addin.session import Session, identify, identity
from addin.sync.accepted import kept
from addin.texts import say
from addin.texts.options import MEANINGS, NAMES, RIGHTS, option_named
from addin.usecases.check import check
from addin.usecases.mapping import DEFAULT, DEFAULT_OF
from addin.usecases.moved import changed_text
from addin.usecases.proposals import decide, draw
from addin.usecases.report import Report
from addin.usecases.setup_sheet import said_in
from workbook.book import Row, RowKey
from workbook.captions import OVERVIEW_ROWS, PULL_NEXT
from workbook.layout import (
    AS_OF,
    AS_OF_ROW,
    CHOICES,
    MAPPING_TABLES,
    OVERVIEW,
    PERIOD,
    PERIOD_ROW,
    SETTINGS_TABLE,
    SETUP,
    SIDED,
    Language,
    Table,
    caption_of,
    code_of,
    default_of,
    is_default,
    shown_code,
    tables,
)
from workbook.review import read, text_of
from workbook.row_keys import keyed
from workbook.rows import Cells
from workbook.rows import shown as cells_of

CHOSEN = {
    name: CHOICES_OF[field.annotation] for name, field in Options.model_fields.items() if field.annotation in CHOICES_OF
}
"""The settings whose value is one of some captions, and the list of these."""

FORMS = {AS_OF: AS_OF_ROW, PERIOD: PERIOD_ROW}
"""The forms of one row, and what that row is called."""

Place = tuple[str, RowKey]


def language(session: Session, to: Language) -> Report:
    """Switch the workbook to a language; reasons and fixes are said anew by a check. Raises ``CannotRun``.

    A reconciliation's reasons, what the tax boxes hold and what a preview said stay as they were until the next time.
    """
    session.book.progress(say(to, "Changing the language…"))
    decide(session)
    session.book.speak(to)
    identify(session.book, {"language": to})
    session.profile.model_copy(update={"language": to}).save()
    session.identity = identity(session.book)
    links = _of_records(session)
    for _, table in tables():
        _say(session, table, to, links)
    draw(session)
    problems = check(session).problems if session.journal.seen() else ()
    session.book.save()
    session.book.progress("")
    session.log("language", "done", message=to)
    return Report(run=session.run.id, problems=problems, facts={"speaks": to})


def _say(session: Session, table: Table, to: Language, links: dict[Place, Cells]) -> None:
    changes: dict[RowKey, Cells] = {}
    for key, row in keyed(table, session.book.read(table).rows):
        said = {
            **_choices(table, row, to),
            **_sentences(session, table, row, to),
            **links.get((table.name, key), {}),
        }
        moved = {key: value for key, value in said.items() if text_of(value) != text_of(row.values.get(key))}
        if moved:
            changes[key] = moved
    session.book.write(table, changes, every=True)


def _choices(table: Table, row: Row, to: Language) -> Cells:
    """The captions of the codes in a row; what is no caption of ours stays as somebody typed it."""
    columns = [column for column in table.columns if column.choices in CHOICES]
    codes = {column: code_of(column.choices, text_of(row.values.get(column.key))) for column in columns}
    return {column.key: caption_of(column.choices, code, to) for column, code in codes.items() if code}


def _sentences(session: Session, table: Table, row: Row, to: Language) -> Cells:
    if table is SETUP:
        return said_in(to, row)
    if table is SETTINGS_TABLE:
        return _setting(session, row, to)
    if table is OVERVIEW:
        return _overview(row, to)
    if table in FORMS:
        return {"key": FORMS[table].of(to)}
    return _mapping(table, text_of(row.values.get("code")), to) if table in MAPPING_TABLES else {}


def _mapping(table: Table, code: str, to: Language) -> Cells:
    """A default row, and the code of a tax on purchases; its name is said anew by the next pull."""
    cells: Cells = {"code": shown_code(table, code, to)}
    if not is_default(table, code):
        return cells
    side = default_of(code) if table.name in SIDED else None
    name = DEFAULT_OF[side] if side else DEFAULT
    return {**cells, "name": say(to, name)}


def _setting(session: Session, row: Row, to: Language) -> Cells:
    name = option_named(text_of(row.values.get("key")))
    if name in RIGHTS:
        return right_row(session.profile.rights, name, to)
    if name not in MEANINGS:
        return {}
    default = shown(getattr(Options(), name), to)
    cells: Cells = {"key": say(to, NAMES[name]), "meaning": say(to, MEANINGS[name]), "default": default}
    code = code_of(CHOSEN[name], text_of(row.values.get("value"))) if name in CHOSEN else None
    return cells | ({"value": caption_of(CHOSEN[name], code, to)} if code else {})


def _overview(row: Row, to: Language) -> Cells:
    """The first dashboard of a workbook that has not pulled yet; later ones are shown anew by the check."""
    captions = [PULL_NEXT, *(caption for pair in OVERVIEW_ROWS for caption in pair if caption)]
    known = {text: caption.of(to) for caption in captions for text in caption}
    return {key: known[text] for key, value in row.values.items() if (text := text_of(value)) in known}


def _of_records(session: Session) -> dict[Place, Cells]:
    """What rows say of their records in words of ours: the link to the source, and what moved."""
    seen = session.journal.seen()
    names = session.names({key: each.record() for key, each in seen.items()})
    payments, said = kept(session.journal), dict[Place, Cells]()
    for key, typed in read(session.book).rows.items():
        if key in seen:
            cells = cells_of(seen[key].record(), names)[0]
            cells["changed"] = changed_text(session, seen[key], names, payments)
            mine = {name: cells[name] for name in ("source_link", "changed") if name in typed.table}
            said.update({(typed.table.name, row): mine for row, _ in keyed(typed.table, typed.rows)})
    return said
