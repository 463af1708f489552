"""Memory and lines stay bounded whatever a file holds."""

import io
import tracemalloc

import pytest
from conftest import ACCOUNTS, keys, told

from connectors.sources.files.csv_rows import MAX_LINE, MAX_RECORD, Line, lines, rows

MEGABYTE = 1 << 20


def parsed(text: str, delimiter: str = ",") -> list[tuple[int, tuple[object, ...], str]]:
    return [(row.line, row.cells, row.code) for row in rows(lines(io.StringIO(text)), delimiter)]


@pytest.mark.parametrize("end", ["\n", ""])
def test_a_line_at_the_limit_is_read_and_one_beyond_is_skipped(end):
    text = "a" * 10 + "\n" + "b" * 11 + "\n" + "c" * 35 + "\nd\n" + "e" * 12 + end
    assert list(lines(io.StringIO(text), 10)) == [
        Line(1, "a" * 10 + "\n"),
        Line(2, None),
        Line(3, None),
        Line(4, "d\n"),
        Line(5, None),
    ]


class Endless(io.TextIOBase):
    """A line without end but for a limit of its own: the reader must not ask for all of it at once."""

    def __init__(self, size: int) -> None:
        self.left = size
        self.asked: list[int] = []

    def readline(self, size: int = -1, /) -> str:
        self.asked.append(size)
        given = min(self.left, size)
        self.left -= given
        return "x" * given


def test_a_gigabyte_without_a_line_break_is_asked_for_in_pieces():
    stream = Endless(1 << 30)
    assert list(lines(stream)) == [Line(1, None)]
    assert min(stream.asked) > 0
    assert max(stream.asked) <= MAX_LINE + 1


def test_a_huge_line_in_a_file_costs_itself_and_little_memory(company):
    path = company.source / "accounts.csv"
    with path.open("wb") as file:
        file.write(b"key,name\nA1,x\nA9,")
        file.seek(80 * MEGABYTE)
        file.write(b"\nA2,y\n")
    tracemalloc.start()
    pulled = company.pull()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert told(pulled) == [("line_too_long", "accounts.csv", "3", "")]
    assert keys(pulled) == {"A1", "A2", "D1", "D2"}
    assert peak < 16 * MEGABYTE


def test_a_huge_first_line_is_the_files_only_problem(company):
    company.write(accounts="key," + "x" * (2 * MAX_LINE) + "\n" + ACCOUNTS)
    assert told(company.pull())[0] == ("line_too_long", "accounts.csv", "1", "")


def test_a_quotation_mark_never_closed_costs_only_its_line():
    assert parsed('a,b\n"c,d\ne,f\ng,h\n') == [
        (1, ("a", "b"), ""),
        (2, (), "quote_misplaced"),
        (3, ("e", "f"), ""),
        (4, ("g", "h"), ""),
    ]


def test_a_quotation_mark_never_closed_in_a_long_file_costs_only_its_line():
    body = "".join(f"{n},{'x' * 90}\n" for n in range(MAX_RECORD // 50))
    found = parsed('"a,b\n' + body)
    assert found[0] == (1, (), "quote_misplaced")
    assert [cells[0] for _, cells, _ in found[1:]] == [str(n) for n in range(MAX_RECORD // 50)]


def test_text_after_a_closing_quotation_mark_is_told():
    assert [code for _, _, code in parsed('"a"b,c\nd,e\n')] == ["quote_misplaced", ""]


def test_a_quotation_mark_inside_a_bare_value_is_text():
    assert parsed('5" pipe,x\n6" pipe,y\n') == [(1, ('5" pipe', "x"), ""), (2, ('6" pipe', "y"), "")]


def test_a_field_longer_than_any_cell_is_told_by_its_line():
    assert [code for _, _, code in parsed("a" * (MAX_RECORD + 10) + ",b\nc,d\n")] == ["line_too_long", ""]


def test_a_quoted_value_may_not_run_into_a_line_that_is_too_long():
    found = parsed('"a\n' + "x" * (MAX_LINE + 5) + '\n",b\nc,d\n')
    assert [(line, code) for line, _, code in found] == [
        (1, "quote_misplaced"),
        (2, "line_too_long"),
        (3, "quote_misplaced"),
        (4, ""),
    ]
