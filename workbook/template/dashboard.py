"""What only the Dashboard and the first sheet show: a new workbook's state, the chart, how to enable macros."""

from __future__ import annotations

from xlsxwriter.chart_bar import ChartBar
from xlsxwriter.utility import xl_cell_to_rowcol, xl_col_to_name
from xlsxwriter.worksheet import Worksheet

from connectors.records import Kind
from workbook.captions import OVERVIEW_ROWS, START, START_LEAD, START_PARTS, START_TITLE
from workbook.layout import COUNTS, KINDS, OVERVIEW, STATUSES, Language, sheet_of
from workbook.template.sheets import Canvas, sheet_name, where
from workbook.template.styles import CHART_COLOURS, FONT, INK, MUTED, RULE

CHART_WIDTH, CHART_HEIGHT = 920, 280
_FIGURES = tuple(column.key for column in COUNTS.columns if column.key != "key")


def draw_start(canvas: Canvas) -> None:
    """The first sheet: what a person sees while macros are disabled."""
    drawn = canvas.book.add_worksheet(START.of(canvas.language))
    drawn.set_vba_name("sheet_start")
    drawn.hide_gridlines(2)
    drawn.set_column(0, 0, 5)
    drawn.set_column(1, 1, 108)
    drawn.set_row(0, 34)
    canvas.say(drawn, "A1", START_TITLE, "title")
    drawn.set_row(1, 34)
    drawn.merge_range("A2:B2", "", canvas.styles["lead"])
    canvas.say(drawn, "A2", START_LEAD, "lead")
    row = 3
    for heading, steps in START_PARTS:
        drawn.set_row(row, 26)
        drawn.write_blank(row, 1, None, canvas.styles["part"])
        canvas.say(drawn, f"A{row + 1}", heading, "part")
        row += 1
        for number, step in enumerate(steps, 1):
            drawn.set_row(row, 34 if max(map(len, step)) > 108 else 19)
            drawn.write_number(row, 0, number, canvas.styles["number"])
            canvas.say(drawn, f"B{row + 1}", step, "step")
            row += 1
        row += 1
    drawn.protect("", {"objects": True, "scenarios": True})
    drawn.set_landscape()
    drawn.set_paper(1)
    drawn.fit_to_pages(1, 1)
    drawn.activate()


def first_rows(company: str, language: Language) -> dict[str, list[dict[str, str | int]]]:
    """What the Dashboard's tables hold in a workbook that has not pulled yet."""
    overview = [(what, value.of(language) if value else company) for what, value in OVERVIEW_ROWS]
    return {
        OVERVIEW.name: [{"key": what.of(language), "value": value} for what, value in overview],
        COUNTS.name: [{"key": KINDS[kind].of(language)} | dict.fromkeys(_FIGURES, 0) for kind in Kind],
    }


def complete_dashboard(canvas: Canvas, drawn: Worksheet) -> None:
    """Add what no table shows: the chart."""
    row = xl_cell_to_rowcol(COUNTS.anchor)[0]
    drawn.insert_chart(row + len(Kind) + 2, where(COUNTS, "key")[1], _chart(canvas), {"object_position": 1})
    drawn.set_zoom(90)


def _chart(canvas: Canvas) -> ChartBar:
    """How many records of each kind have each status, as bars; its words are the table's own cells."""
    chart = canvas.book.add_chart({"type": "bar", "subtype": "stacked"})
    name = sheet_name(sheet_of(COUNTS), canvas.language)
    row, first = where(COUNTS, "key")
    letter = xl_col_to_name(first)
    for code in STATUSES:
        place = xl_col_to_name(where(COUNTS, code)[1])
        chart.add_series(
            {
                "name": f"={name}!${place}${row + 1}",
                "categories": f"={name}!${letter}${row + 2}:${letter}${row + 1 + len(Kind)}",
                "values": f"={name}!${place}${row + 2}:${place}${row + 1 + len(Kind)}",
                "fill": {"color": CHART_COLOURS[code]},
                "gap": 45,
                "overlap": 100,
            }
        )
    font = {"name": FONT, "size": 9, "color": INK}
    lines = {"visible": True, "line": {"color": RULE}}
    chart.set_title({"name": f"={name}!${letter}${row}", "name_font": {"name": FONT, "size": 11, "color": MUTED}})
    chart.set_x_axis({"num_font": font, "num_format": "#,##0", "major_gridlines": lines})
    chart.set_y_axis({"num_font": font, "reverse": True, "line": {"color": RULE}})
    chart.set_legend({"position": "bottom", "font": font})
    chart.set_chartarea({"border": {"none": True}})
    chart.set_size({"width": CHART_WIDTH, "height": CHART_HEIGHT})
    return chart
