"""Bad input from the source: each mistake with its place and its fix, and everything else still processed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from addin.usecases.pull import pull
from connectors.problems import CannotRun
from connectors.records import Kind
from connectors.sources.tables.columns import TABLES
from tests.addin.conftest import ACCOUNTS, INVOICES, Association, add_invoice

HEADS = {table.name: ",".join(column.name for column in table.columns) + "\n" for table in TABLES}

Break = Callable[[Association], None]


def bad_invoice(**cells: str) -> Break:
    def break_it(association: Association) -> None:
        add_invoice(association, "I9", "F-9", **cells)

    return break_it


def _lines_that_do_not_add_up(association: Association) -> None:
    add_invoice(association, "I9", "F-9")
    association.files["lines"][-1]["amount"] = "90.00"


def _duplicate_number(association: Association) -> None:
    add_invoice(association, "I8", "F-9")
    add_invoice(association, "I9", "F-9")


def _unmapped_account(association: Association) -> None:
    add_invoice(association, "I9", "F-9")
    association.files["lines"][-1]["gl_account"] = "4999"


def _payment_over_the_balance(association: Association) -> None:
    add_invoice(association, "I2", "F-2")
    association.add("payments", key="P9", number="R-9", date="2025-02-01", account="A1", amount="200.00")
    association.add("allocations", payment="P9", invoice="I2", amount="200.00")


def _circular_parent(association: Association) -> None:
    association.add("accounts", key="A8", number="8", name="Mère", parent="A9")
    association.add("accounts", key="A9", number="9", name="Fille", parent="A8")
    add_invoice(association, "I9", "F-9", customer="A9")


@pytest.mark.parametrize(
    ("break_it", "code", "place"),
    [
        (bad_invoice(total="12 dollars"), "not_an_amount", "documents.csv:3"),
        (bad_invoice(total="114.9812"), "too_many_decimals", "documents.csv:3"),
        (bad_invoice(date="2025-02-30"), "not_a_date", "documents.csv:3"),
        (bad_invoice(total="=1+2"), "not_an_amount", "documents.csv:3"),
        (bad_invoice(account="A77"), "reference_unknown", "documents.csv:3"),
        (_lines_that_do_not_add_up, "lines_do_not_add_up", "Invoices:E6"),
        (_duplicate_number, "duplicate_number", "Invoices:B6"),
        (_unmapped_account, "gl_account_not_mapped", "Invoices:H6"),
        (_payment_over_the_balance, "payment_over_balance", "Payments:E6"),
        (_circular_parent, "parent_circular", "Accounts:R6"),
    ],
)
def test_one_bad_record_is_told_with_its_place_and_fix_and_the_rest_goes(
    association: Association, break_it: Break, code: str, place: str
) -> None:
    break_it(association)
    association.init()
    pulled = association.pull()
    synced = association.sync()
    problems = [p for p in (*pulled.problems, *synced.problems) if p.code == code]
    places = {
        f"{p.place.sheet}:{p.place.cell}" if p.place else f"{Path(p.provenance.place).name}:{p.provenance.line}"
        for p in problems
    }
    assert place in places
    assert 1 in (pulled.exit, synced.exit)
    assert association.row(INVOICES, "I1")["status"] == "Transfer Completed"
    assert "F-9" not in association.ledger_text()


def _remove(name: str) -> Callable[[Association], None]:
    return lambda association: (association.folder / "source" / f"{name}.csv").unlink()


def _write(name: str, content: bytes) -> Callable[[Association], None]:
    return lambda association: (association.folder / "source" / f"{name}.csv").write_bytes(content)


def _cp1252_bytes(association: Association) -> None:
    path = association.folder / "source" / "payments.csv"
    path.write_bytes(path.read_bytes() + "P9,R-9,2025-02-01,A1,CAD,5.00,chèque\n".encode("cp1252"))


def _giant_line(association: Association) -> None:
    with (association.folder / "source" / "payments.csv").open("ab") as file:
        file.write(b"P9," + b"x" * 40_000_000 + b"\n")


@pytest.mark.parametrize(
    ("break_it", "code", "invoice_goes"),
    [
        (_remove("lines"), "file_missing", False),
        (_write("payments", b""), "file_empty", True),
        (_write("payments", b"key,number,date\nP1,R-1,2025-02-01\n"), "column_missing", True),
        (_cp1252_bytes, "file_unreadable", True),
        (_giant_line, "line_too_long", True),
    ],
)
def test_a_bad_file_is_told_and_what_does_not_need_it_goes(
    association: Association, break_it: Break, code: str, invoice_goes: bool
) -> None:
    association.init()
    association.write()
    break_it(association)
    pulled = association.run(pull)
    assert code in {problem.code for problem in pulled.problems}
    assert pulled.exit == 1
    synced = association.sync()
    assert (synced.counts["posted"].get(Kind.INVOICE) == 1) is invoice_goes


def test_a_missing_source_folder_cannot_run_and_leaves_the_workbook_alone(association: Association) -> None:
    association.init()
    association.pull()
    before = association.profile.workbook.read_bytes()
    (association.folder / "source").rename(association.folder / "elsewhere")
    with pytest.raises(CannotRun) as stopped:
        association.run(pull)
    assert [problem.code for problem in stopped.value.problems] == ["file_missing"]
    assert association.profile.workbook.read_bytes() == before


def test_a_cell_that_begins_with_an_equals_sign_stays_text_all_the_way(association: Association) -> None:
    association.files["accounts"][0]["name"] = '=cmd|" /C calc"!A0'
    association.init()
    association.pull()
    assert association.row(ACCOUNTS, "A1")["name"] == '=cmd|" /C calc"!A0'
    assert association.sync().exit == 0
    from openpyxl import load_workbook

    sheet = load_workbook(association.profile.workbook)["Accounts"]
    cell = next(cell for row in sheet.iter_rows() for cell in row if cell.value == '=cmd|" /C calc"!A0')
    assert cell.data_type in ("s", "inlineStr")


@pytest.mark.parametrize(
    ("break_it", "codes"),
    [
        (lambda folder, name: (folder / f"{name}.csv").unlink(), {"file_missing"}),
        (lambda folder, name: (folder / f"{name}.csv").write_text(HEADS.get(name, "")), {"source_empty"}),
    ],
    ids=["an empty folder", "titles alone"],
)
def test_a_first_pull_that_brings_nothing_says_what_is_missing_and_not_to_pull_first(
    association: Association, break_it: Callable[[Path, str], None], codes: set[str]
) -> None:
    association.init()
    association.write()
    for path in (association.folder / "source").glob("*.csv"):
        break_it(path.parent, path.stem)
    with pytest.raises(CannotRun) as stopped:
        association.run(pull)
    assert {problem.code for problem in stopped.value.problems} == codes
