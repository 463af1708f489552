"""The template as a package: what Excel, olevba, openpyxl and LibreOffice see in it."""

import re
import shutil
import subprocess
import xml.etree.ElementTree as ET
from pathlib import Path
from zipfile import ZipFile

import pytest
from oletools.olevba import VBA_Parser
from openpyxl import load_workbook
from openpyxl.utils import range_boundaries
from openxml_audit import OpenXmlValidator

from connectors.problems import CannotRun
from tests.drawn_once import draw_once
from workbook.captions import BUTTONS, GROUPS, START, texts
from workbook.layout import (
    CANDIDATES,
    CHOICES,
    COUNTS,
    IDENTITY,
    LANGUAGES,
    RECONCILIATION,
    REVIEW_TABLES,
    SHEETS,
    STATUSES,
    TAX_BOXES,
    TEXTS,
    Type,
    tables,
)
from workbook.template.macros import SOURCES, for_excel, without_cells, xlwings_module
from workbook.template.sheets import LAST_ROW, last_row
from workbook.template.template import IDENTITY_ROWS, RIBBON, RIBBON_PART, build, draw

RIBBON_SPACE = "{http://schemas.microsoft.com/office/2009/07/customui}"
DESIGN = {
    "group_setup": ["set_up", "create_company", "apply_settings", "give_secret"],
    "group_connection": ["connect", "disconnect", "authorize", "connection"],
    "group_records": ["pull", "look_at_source", "confirm_source", "check", "preview"],
    "group_review": [
        "mark_to_transfer",
        "mark_stand_by",
        "mark_do_not_sync",
        "mark_in_review",
        "approve",
        "no_go_before",
        "no_go",
        "undo_no_go",
        "start_in_sync",
        "undo_mark",
    ],
    "group_accounts": ["suggest_matches", "link", "link_sure", "unlink", "create_new", "find_in_ledger"],
    "group_answers": ["same_one", "second_one", "confirm"],
    "group_sync": ["sync", "auto_sync", "stop"],
    "group_after": ["reconcile", "tax_boxes", "period_file", "undo_transfer", "undo_run", "open_record", "log"],
    "group_help": ["language", "settings", "doctor", "guide", "about"],
}
"""The ribbon's groups and buttons, in the order of the design."""


@pytest.fixture(scope="module", params=LANGUAGES)
def built(request, tmp_path_factory):
    path = tmp_path_factory.mktemp(request.param) / "book.xlsm"
    build(path, language=request.param, identity={"workbook_id": "w-1", "company": "=Érables & <cie>"})
    return path, request.param


@pytest.fixture(scope="module")
def book(built):
    return load_workbook(built[0], keep_vba=True)


def sheet_and_table(book, language, table, sheet):
    drawn = book[sheet.caption.of(language)]
    return drawn, drawn.tables[table.name]


def test_excel_is_expected_to_open_it_without_repair(built):
    result = OpenXmlValidator().validate(built[0])
    assert [(str(e.path), e.description) for e in result.errors] == []


def test_olevba_lists_every_module_with_the_source_it_was_built_from(built):
    parser = VBA_Parser(str(built[0]))
    modules = {name.rpartition(".")[0]: code for _, _, name, code in parser.extract_macros()}
    parser.close()
    own = {path.stem for path in SOURCES.glob("*.bas")}
    assert set(modules) == own | {"ThisWorkbook", "xlwings", "sheet_start", "sheet_lists", "sheet_marks"} | {
        f"sheet_{sheet.key}" for sheet in SHEETS
    }
    for name in own:
        assert modules[name].splitlines() == (SOURCES / f"{name}.bas").read_text().splitlines()


def test_same_input_same_bytes(tmp_path):
    for name in ("a", "b"):
        build(tmp_path / f"{name}.xlsm", identity={"company": "Érables"})
    assert (tmp_path / "a.xlsm").read_bytes() == (tmp_path / "b.xlsm").read_bytes()


@pytest.mark.parametrize("company", ["Petite association", "L'Île d'Orléans", "Érables & <cie>", " x"])
def test_the_template_that_tests_copy_is_the_one_that_is_drawn(tmp_path, company):
    own = {"workbook_id": "w-1", "company": company, "company_id": "c-1", "home": "/tmp/a b/home"}
    identity = {**IDENTITY_ROWS, **own}
    paths = tmp_path / "drawn.xlsm", tmp_path / "copied.xlsm"
    for path, drawing in zip(paths, (draw, draw_once), strict=True):
        drawing(path, "fr", identity)
    drawn, copied = ({name: file.read(name) for name in file.namelist()} for file in map(ZipFile, paths))
    assert copied == drawn


def test_it_is_written_beside_and_leaves_nothing_there(tmp_path):
    path = tmp_path / "a.xlsm"
    path.write_bytes(b"before")
    build(path)
    assert [p.name for p in tmp_path.iterdir()] == ["a.xlsm"]
    assert path.read_bytes()[:2] == b"PK"


@pytest.mark.parametrize(("system", "code"), [("nt", "workbook_open"), ("posix", "file_unwritable")])
def test_a_file_that_is_open_elsewhere_is_a_problem_and_stays(tmp_path, monkeypatch, system, code):
    path = tmp_path / "a.xlsm"
    path.write_bytes(b"before")

    def refuse(*_):
        monkeypatch.setattr("workbook.template.template.os.name", system)
        raise PermissionError("in use")  # what Windows answers for a file that Excel holds

    monkeypatch.setattr("workbook.template.template.os.replace", refuse)
    with pytest.raises(CannotRun) as stopped:
        build(path)
    monkeypatch.undo()
    assert stopped.value.problems[0].code == code
    assert [p.name for p in tmp_path.iterdir()] == ["a.xlsm"]
    assert path.read_bytes() == b"before"


def test_a_missing_folder_is_a_problem(tmp_path):
    with pytest.raises(CannotRun) as stopped:
        build(tmp_path / "nowhere" / "a.xlsm")
    assert stopped.value.problems[0].code == "file_missing"


RESERVED = {
    "any",
    "as",
    "byref",
    "byval",
    "case",
    "each",
    "else",
    "in",
    "new",
    "shared",
    "until",
    "with",
    "write",
    "optional",
    "paramarray",
    "preserve",
    "spc",
    "tab",
}


def test_no_macro_names_a_variable_with_a_word_that_excel_reserves():
    """The marker keywords of [MS-VBAL] 3.3.5.2, which LibreOffice and pyOpenVBA let pass."""
    for path in SOURCES.iterdir():
        for line in path.read_text().splitlines():
            declared = re.match(r"\s*(?:Dim|Private|Public|Static) (?!Sub|Function|Const)(.*)", line)
            for name in re.findall(r"(\w+)(?:\(\))? As ", declared[1] if declared else ""):
                assert name.lower() not in RESERVED, (path.name, line)


@pytest.mark.parametrize("language", LANGUAGES)
def test_captions_find_one_column_each(language):
    for _, table in tables():
        captions = [column.caption.of(language).casefold() for column in table.columns]
        assert len(set(captions)) == len(captions), table.name


def test_a_caption_in_either_language_means_one_column():
    for _, table in tables():
        meant = {}
        for column in table.columns:
            for caption in column.caption:
                assert meant.setdefault(caption.casefold(), column.key) == column.key, (table.name, caption)


@pytest.mark.parametrize(("sheet", "table"), [pytest.param(s, t, id=t.name) for s, t in tables()])
def test_every_table_stands_at_its_anchor_with_its_columns(book, built, sheet, table):
    drawn, found = sheet_and_table(book, built[1], table, sheet)
    captions = [column.caption.of(built[1]) for column in table.columns]
    left, top, right, bottom = range_boundaries(found.ref)
    assert found.ref.split(":")[0] == table.anchor
    assert [column.name for column in found.tableColumns] == captions
    assert [drawn.cell(top, place).value for place in range(left, right + 1)] == captions
    assert bottom > top


FORMED = {"dashboard", "reconciliation", "period"}
"""The sheets on which tables stand below others."""
TYPED_ABOVE = {RECONCILIATION.name: {"B5"}, TAX_BOXES.name: {"B5", "C5"}}
"""The day is typed above the balances, the period above the boxes."""


@pytest.mark.parametrize(("sheet", "table"), [pytest.param(s, t, id=t.name) for s, t in tables() if not s.hidden])
def test_only_what_the_accountant_edits_is_unlocked_now_and_in_rows_to_come(book, built, sheet, table):
    drawn, found = sheet_and_table(book, built[1], table, sheet)
    left, top, _, _ = range_boundaries(found.ref)
    stacked = len({other.anchor[1:] for other in sheet.tables}) > 1 and sheet.key in FORMED
    for place, column in enumerate(table.columns, left):
        assert drawn.cell(top + 1, place).protection.locked is not column.editable
        above = [drawn.cell(row, place) for row in range(1, top + 1)]
        unlocked = [cell.coordinate for cell in above if not cell.protection.locked]
        assert set(unlocked) <= TYPED_ABOVE.get(table.name, set())
        if not stacked:
            xml = cols(built[0], sheet)
            styles = [style for first, last, style in xml if first <= place <= last]
            assert len(styles) == 1
            assert book._cell_styles[styles[0]].protectionId == drawn.cell(top + 1, place)._style.protectionId
            assert book._cell_styles[styles[0]].numFmtId == drawn.cell(top + 1, place)._style.numFmtId


def cols(path, sheet):
    number = [s.key for s in SHEETS].index(sheet.key) + 2
    with ZipFile(path) as package:
        text = package.read(f"xl/worksheets/sheet{number}.xml").decode()
    found = re.findall(r'<col min="(\d+)" max="(\d+)" width="[\d.]+" style="(\d+)"', text)
    return [(int(first), int(last), int(style)) for first, last, style in found]


def test_numbers_dates_and_codes_have_their_formats(book, built):
    formats = {Type.AMOUNT: "#,##0.00;[Red]-#,##0.00", Type.DATE: "yyyy-mm-dd", Type.TEXT: "@", Type.CHOICE: "@"}
    for sheet, table in tables():
        drawn, found = sheet_and_table(book, built[1], table, sheet)
        left, top, _, _ = range_boundaries(found.ref)
        for place, column in enumerate(table.columns, left):
            if column.type in formats:
                assert drawn.cell(top + 1, place).number_format == formats[column.type], (table.name, column.key)


def test_every_editable_choice_has_its_drop_down_for_rows_to_come(book, built):
    for sheet, table in tables():
        drawn, found = sheet_and_table(book, built[1], table, sheet)
        left, top, _, _ = range_boundaries(found.ref)
        validations = {str(v.sqref): v for v in drawn.data_validations.dataValidation}
        for place, column in enumerate(table.columns, left):
            if not (column.editable and column.choices) or column.choices == CANDIDATES.name:
                continue
            letter = drawn.cell(top, place).column_letter
            found_validation = validations[f"{letter}{top + 1}:{letter}{LAST_ROW}"]
            assert found_validation.formula1 == f"list_{column.choices.replace('.', '_')}"
            assert found_validation.formula1 in book.defined_names
            wanted = "warning" if "." in column.choices else None  # None is stop, the default of the format
            assert found_validation.errorStyle in ((wanted,) if wanted else (None, "stop"))


def test_the_drop_downs_of_the_workbook_hold_every_choice_in_its_language(built):
    book = load_workbook(built[0], data_only=True)
    for name, choices in CHOICES.items():
        (sheet, area), *_ = book.defined_names[f"list_{name}"].destinations
        assert [row[0].value for row in book[sheet][area]] == [c.of(built[1]) for c in choices.values()]


def test_sheets_are_protected_without_a_password_and_allow_what_people_do(book, built):
    for sheet in SHEETS:
        drawn = book[sheet.caption.of(built[1])]
        if sheet.hidden:
            assert drawn.sheet_state == "veryHidden"
            continue
        protection = drawn.protection
        assert protection.sheet is not sheet.guarded
        if sheet.guarded:
            continue
        assert not protection.password
        refused = ("autoFilter", "sort", "formatColumns", "formatRows", "formatCells", "insertColumns", "pivotTables")
        assert not any(getattr(protection, action) for action in refused)


GUARDED = [pytest.param(s, t, id=t.name) for s, t in tables() if s.guarded]


@pytest.mark.parametrize(("sheet", "table"), GUARDED)
def test_what_is_only_read_on_an_unprotected_sheet_refuses_what_is_typed(book, built, sheet, table):
    """Excel sorts no range with locked cells on a protected sheet; a formula that is never true lets nothing in."""
    drawn, found = sheet_and_table(book, built[1], table, sheet)
    left, top, _, _ = range_boundaries(found.ref)
    validations = {str(v.sqref): v for v in drawn.data_validations.dataValidation}
    for place, column in enumerate(table.columns, left):
        letter = drawn.cell(top, place).column_letter
        guard = validations.get(f"{letter}{top + 1}:{letter}{LAST_ROW}")
        guards = guard is not None and (guard.type, guard.formula1, guard.allowBlank) == ("custom", "FALSE", False)
        assert guards is not column.editable, column.key


MOST_PIXELS = 1366 - 30 - 22
"""What Excel shows of a sheet on a screen of 1366 pixels at 100 %: without the row numbers and the scroll bar."""


@pytest.mark.parametrize("table", REVIEW_TABLES, ids=lambda table: table.name)
def test_what_is_worked_with_stands_in_sight_and_what_the_source_knows_besides_is_folded(table):
    """The design of the first hour, "Reviewing": at 1366 × 768, without scrolling. Arial 10 is 7 pixels wide."""
    worked = ("number", "name", "date", "total", "amount", "status", "reference", "reason", "fix")
    seen = [column for column in table.columns if not column.folded]
    last = max(place for place, column in enumerate(seen) if column.key in worked)
    assert sum(column.width * 7 + 5 for column in seen[: last + 1]) <= MOST_PIXELS
    assert [column.key for column in table.columns if column.folded and column.key in worked] == []
    folds = [column.folded for column in table.columns]
    assert folds == sorted(folds), "what is folded is one group"


@pytest.mark.parametrize("table", REVIEW_TABLES, ids=lambda table: table.name)
def test_the_folded_columns_are_a_closed_group_whose_sign_stands_left_of_it(book, built, table):
    sheet = next(sheet for sheet, each in tables() if each is table)
    drawn, found = sheet_and_table(book, built[1], table, sheet)
    left, top, _, _ = range_boundaries(found.ref)
    letters = {column.key: drawn.cell(top, place).column_letter for place, column in enumerate(table.columns, left)}
    for column in table.columns:
        group = next(
            each
            for each in drawn.column_dimensions.values()
            if each.min <= left + list(letters).index(column.key) <= each.max
        )
        assert (group.outlineLevel, bool(group.hidden)) == ((1, True) if column.folded else (0, False)), column.key
    assert drawn.sheet_properties.outlinePr.summaryRight is False


def test_the_workbook_opens_on_the_sheet_that_says_how_to_enable_macros(book, built):
    shown = [sheet.title for sheet in book.worksheets if sheet.sheet_state == "visible"]
    assert shown == [START.of(built[1]), *(s.caption.of(built[1]) for s in SHEETS if not s.hidden)]
    assert book.active.title == START.of(built[1])


def test_pages_print_landscape_on_letter_with_repeated_titles(book, built):
    for sheet in SHEETS:
        if sheet.hidden:
            continue
        drawn = book[sheet.caption.of(built[1])]
        assert drawn.page_setup.orientation == "landscape"
        assert int(drawn.page_setup.paperSize) == 1
        assert drawn.sheet_properties.pageSetUpPr.fitToPage
        assert (drawn.page_setup.fitToWidth or 1, drawn.page_setup.fitToHeight) == (sheet.pages, 0)
        assert drawn.print_title_rows == "$1:$4"
        assert drawn.freeze_panes == drawn.cell(5, sheet.frozen + 1).coordinate


def test_every_status_has_its_colour_in_both_languages(book, built):
    for sheet, table in tables():
        if "status" not in table:
            continue
        drawn = book[sheet.caption.of(built[1])]
        formulas = {f for rules in drawn.conditional_formatting for rule in rules.rules for f in rule.formula}
        for caption in STATUSES.values():
            assert {f'"{caption.en}"', f'"{caption.fr}"'} <= formulas


def test_colours_of_a_sheet_never_overlap(book, built):
    for sheet in SHEETS:
        seen: list[tuple[int, int, int, int]] = []
        for rules in book[sheet.caption.of(built[1])].conditional_formatting:
            for area in str(rules.sqref).split():
                left, top, right, bottom = range_boundaries(area)
                assert all(right < a or left > c or bottom < b or top > d for a, b, c, d in seen), (sheet.key, area)
                seen.append((left, top, right, bottom))


def test_identity_and_texts_are_on_the_hidden_sheet_as_text(book, built):
    drawn = book["_passerelle"]
    rows = {key.value: value.value for key, value in drawn["A5" : f"B{4 + len(IDENTITY_ROWS)}"]}
    wanted = IDENTITY_ROWS | {"language": built[1], "workbook_id": "w-1", "company": "=Érables & <cie>"}
    assert {key: value or "" for key, value in rows.items()} == wanted
    assert all(cell.data_type != "f" for row in drawn.iter_rows() for cell in row)
    left, top, right, bottom = range_boundaries(drawn.tables[TEXTS.name].ref)
    kept = {r[0].value: (r[1].value, r[2].value) for r in drawn.iter_rows(top + 1, bottom, left, right)}
    assert kept == {key: tuple(caption) for key, caption in texts().items()}
    assert drawn.tables[IDENTITY.name].ref == f"A4:B{4 + len(IDENTITY_ROWS)}"


def test_no_text_of_ours_is_empty_in_one_language():
    for key, caption in texts().items():
        assert all(text.strip() for text in caption), key


def test_the_dashboard_counts_every_kind_and_charts_it(built):
    with ZipFile(built[0]) as package:
        chart = package.read("xl/charts/chart1.xml").decode()
        assert len([part for part in package.namelist() if part.startswith("xl/charts/chart")]) == 1
    assert chart.count("<c:ser>") == len(STATUSES)
    assert last_row(COUNTS) < 31


def test_the_ribbon_is_in_the_package_and_found_from_its_root(built):
    with ZipFile(built[0]) as package:
        assert package.read(RIBBON_PART) == RIBBON.read_bytes()
        relations = ET.fromstring(package.read("_rels/.rels"))
        types = package.read("[Content_Types].xml").decode()
    targets = {r.get("Type"): r.get("Target") for r in relations}
    assert targets["http://schemas.microsoft.com/office/2007/relationships/ui/extensibility"] == RIBBON_PART
    assert "application/vnd.ms-excel.sheet.macroEnabled.main+xml" in types
    assert "spreadsheetml.sheet.main+xml" not in types


def ribbon():
    return ET.fromstring(RIBBON.read_bytes())


def test_the_ribbon_has_the_groups_and_buttons_of_the_design():
    found = {
        group.get("id"): [control.get("id") for control in group] for group in ribbon().iter(f"{RIBBON_SPACE}group")
    }
    assert found == DESIGN
    assert list(found) == list(DESIGN)


def test_every_id_of_the_ribbon_is_unique_and_has_its_texts():
    ids = [element.get("id") for element in ribbon().iter() if element.get("id")]
    assert len(set(ids)) == len(ids)
    assert set(ids) == set(GROUPS) | set(BUTTONS) | {"connection"}


def test_every_callback_of_the_ribbon_is_a_public_macro_of_the_right_shape():
    source = (SOURCES / "PasserelleRibbon.bas").read_text()
    shapes = {
        "onLoad": r"\(ui As IRibbonUI\)",
        "onAction": r"\(control As IRibbonControl\)",
    }
    for element in ribbon().iter():
        for name, callback in element.attrib.items():
            if name.startswith(("get", "on")):
                shape = shapes.get(name, r"\(control As IRibbonControl, ByRef \w+\)")
                assert re.search(rf"^Public Sub {callback}{shape}", source, re.MULTILINE), (name, callback)


def test_every_text_that_the_macros_look_up_exists():
    known = set(texts())
    for path in SOURCES.iterdir():
        for key in re.findall(r'TextOf\("([\w.]+)"\)', path.read_text()):
            assert key in known, (path.name, key)


def test_macros_are_plain_ascii_because_a_vba_project_has_a_code_page():
    for path in (*SOURCES.glob("*.bas"), *SOURCES.glob("*.cls")):
        assert path.read_text(encoding="utf-8").isascii(), path.name


def test_xlwings_keeps_its_lines_but_for_other_hosts():
    source = xlwings_module().read_text()
    kept = for_excel(source)
    assert set(kept.splitlines()) <= set(source.splitlines())
    assert "Public Function RunPython(" in kept
    assert "Public Function RunFrozenPython(" in kept
    assert "App = " not in kept
    assert "As Dictionary" not in kept
    assert kept.count("#If") == len(re.findall(r"#End If", kept))
    assert "#If Mac" in kept


def test_no_cell_and_no_file_beside_the_workbook_says_what_the_macros_start():
    """xlwings' settings are the person's own alone, and the macros name no program, and run no Python, of a cell's."""
    kept = without_cells(for_excel(xlwings_module().read_text()))
    config = kept[kept.index("Function GetConfig(") :]
    config = config[: config.index("End Function")]
    assert "GetConfigFromSheet" not in config
    assert "GetDirectoryConfigFilePath" not in config
    assert "GetConfigFilePath" in config
    ours = "".join(path.read_text() for path in SOURCES.glob("*.bas"))
    assert 'Identity("executable")' not in ours
    reads = 'CreateObject("WScript.Shell").RegRead(hive & "\\Software\\Passerelle\\Ribbon")'
    assert ours.count(reads) == 1, "where the installer registered the program"
    assert not re.search(r"\bRunPython\b|\bShell\b|CreateObject", ours.replace(reads, ""))
    assert re.findall(r"RunFrozenPython (.*)", ours) == ["program, control.ID"]


@pytest.mark.parametrize(
    ("source", "kept"),
    [
        ('#If App = "Microsoft Excel" Then\na\n#Else\nb\n#End If\nc\n', "a\nc\n"),
        ('#If App = "Microsoft Word" Then\na\n#ElseIf App = "Microsoft Excel" Then\nb\n#Else\nc\n#End If\n', "b\n"),
        ('#If App = "Microsoft Word" Then\n#If Mac Then\na\n#End If\n#Else\nb\n#End If\n', "b\n"),
        ("#If Mac Then\na\n#Else\nb\n#End If\n", "#If Mac Then\na\n#Else\nb\n#End If\n"),
        ('#If Mac Then\n#If App = "Microsoft Excel" Then\na\n#End If\n#End If\n', "#If Mac Then\na\n#End If\n"),
        ('#Const App = "Microsoft Excel"\na\n', "a\n"),
        ("Function GetConfigFromSheet()\n#If Mac Then\na\n#Else\nb\n#End If\n", "Function GetConfigFromSheet()\nb\n"),
    ],
)
def test_branches_for_other_hosts_go_and_all_others_stay(source, kept):
    assert for_excel(source) == kept


@pytest.mark.skipif(not shutil.which("soffice"), reason="soffice (libreoffice-calc)")
def test_libreoffice_opens_it(built, tmp_path):
    subprocess.run(
        [
            "soffice",
            f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}",
            *("--headless", "--convert-to", "xlsx", "--outdir", str(tmp_path), str(built[0])),
        ],
        check=True,
        capture_output=True,
        timeout=120,
    )
    converted = load_workbook(Path(tmp_path, "book.xlsx"))
    assert SHEETS[0].caption.of(built[1]) in converted.sheetnames
