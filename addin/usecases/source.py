"""Looking at the source's export, and confirming how it is read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from addin.session import Session
from addin.texts.grounds import grounds
from addin.usecases.report import Report
from addin.usecases.source_sheet import NOT_READ, as_corrected, name_of, show
from connectors.problems import CannotRun, Problem
from connectors.sources.exports.drafting import with_every_tax
from connectors.sources.exports.fields import UNREAD
from connectors.sources.exports.looked_at import LookedAt
from connectors.sources.exports.reading import Reading, SheetRead
from connectors.sources.tables.columns import heading
from workbook.layout import caption_of, code_of


@dataclass(frozen=True, slots=True)
class Answers:
    """What a person says of a reading beside the Source sheet: fields by ``sheet/heading``, and how all is written."""

    fields: Mapping[str, str] = field(default_factory=dict)
    dates: str = ""
    decimal: str = ""


def look_at_source(session: Session) -> Report:
    """Guess what the export's sheets and columns are, and show it. Raises ``CannotRun``."""
    with _source(session) as source:
        reading, problems = source.look()
    show(session, reading)
    session.book.save()
    return _report(session, reading, problems)


def confirm_source(session: Session, answers: Answers = Answers()) -> Report:
    """From now on read the export as the Source sheet and the answers say. Raises ``CannotRun``."""
    with _source(session) as source:
        reading = source.waiting()
        if reading is None:
            raise CannotRun(Problem(code="not_confirmed", params={"file": str(session.profile.source)}))
        reading = with_every_tax(_answered(as_corrected(session, reading), answers))
        source.amend(reading)
        confirmed = reading.model_copy(update={"confirmed": session.today, "by": session.who})
        try:
            source.confirm(confirmed)
        except CannotRun:
            show(session, reading)
            session.book.save()
            raise
    show(session, confirmed)
    session.book.save()
    return _report(session, confirmed, ())


@contextmanager
def _source(session: Session) -> Iterator[LookedAt]:
    """The company's source. Raises ``CannotRun`` where it is none that is looked at."""
    with session.profile.open_source() as source:
        if not isinstance(source, LookedAt):
            raise CannotRun(Problem(code="not_looked_at", params={"source": source.label}))
        yield source


def _answered(reading: Reading, answers: Answers) -> Reading:
    said = _said(reading, answers)
    return reading.model_copy(
        update={"sheets": tuple(_sheet(sheet, name_of(sheet, reading), said, answers) for sheet in reading.sheets)}
    )


def _said(reading: Reading, answers: Answers) -> Mapping[tuple[str, str], str]:
    """The fields that the answers give, by sheet and heading. Raises ``CannotRun`` where one names nothing."""
    there = {(heading(name_of(s, reading)), heading(c.heading)) for s in reading.sheets for c in s.columns}
    said: dict[tuple[str, str], str] = {}
    for column, told in answers.fields.items():
        sheet, _, title = column.rpartition("/")
        at, code = (heading(sheet), heading(title)), code_of("source_field", told)
        if at not in there or code is None:
            raise CannotRun(Problem(code="answer_unknown", params={"value": f"{column}={told}"}))
        said[at] = UNREAD if code == NOT_READ else code
    return said


def _sheet(sheet: SheetRead, name: str, said: Mapping[tuple[str, str], str], answers: Answers) -> SheetRead:
    columns = (
        column.model_copy(update={"field": said.get((heading(name), heading(column.heading)), column.field)})
        for column in sheet.columns
    )
    dates = answers.dates.upper() if sheet.dates and answers.dates else sheet.dates
    decimal = answers.decimal if sheet.decimal and answers.decimal else sheet.decimal
    return sheet.model_copy(update={"columns": tuple(columns), "dates": dates, "decimal": decimal})


def _report(session: Session, reading: Reading, problems: tuple[Problem, ...]) -> Report:
    language = session.language
    columns = [
        {
            "sheet": name_of(sheet, reading),
            "heading": column.heading,
            "field": caption_of("source_field", column.field or NOT_READ, language),
            "sure": caption_of("sure", column.sure or NOT_READ, language),
            "ground": grounds(language, column.grounds),
        }
        for sheet in reading.sheets
        for column in sheet.columns
    ]
    read = [column for sheet in reading.sheets if sheet.kind for column in sheet.columns if column.field]
    return Report(
        run=session.run.id,
        problems=problems,
        facts={
            "columns_shown": columns,
            "columns": len(read),
            "sheets": sum(1 for sheet in reading.sheets if sheet.kind),
            "sure": sum(column.sure == "sure" for column in read),
        },
    )
