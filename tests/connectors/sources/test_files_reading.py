"""How files are read: docs/source-files.md, "Files", "Text" and "What is wrong with a file"."""

import pytest
from conftest import ACCOUNTS, DOCUMENTS, LINES, csv_of, keys, told

from connectors.problems import CannotRun
from connectors.records import Kind

SOUND = {"A1", "A2", "D1", "D2"}


def in_dialect(text: str, delimiter: str) -> str:
    return text.replace(",", delimiter)


@pytest.mark.parametrize("delimiter", [",", ";"])
@pytest.mark.parametrize("declared", ["auto", "same"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_every_dialect_gives_the_same_records(company, delimiter, declared, encoding, newline):
    expected = company.pull()
    for name, text in (("accounts", ACCOUNTS), ("documents", DOCUMENTS), ("lines", LINES)):
        company.write(**{name: in_dialect(text, delimiter).replace("\n", newline).encode(encoding)})
    pulled = company.pull(
        delimiter="auto" if declared == "auto" else delimiter,
        encoding="cp1252" if encoding == "cp1252" else "auto",
    )
    assert pulled == expected
    assert keys(pulled) == SOUND
    assert not pulled.problems


def test_a_byte_order_mark_wins_over_a_declared_cp1252(company):
    expected = company.pull()
    company.write(accounts=ACCOUNTS.encode("utf-8-sig"))
    assert company.pull(encoding="cp1252") == expected


@pytest.mark.parametrize("encoding", ["auto", "utf-8"])
def test_cp1252_is_never_guessed_and_costs_only_its_line(company, encoding):
    company.write(accounts=ACCOUNTS.encode("cp1252"))
    pulled = company.pull(encoding=encoding)
    assert told(pulled) == [
        ("file_unreadable", "accounts.csv", "2", "name"),
        ("reference_unknown", "documents.csv", "2", "account"),
    ]
    assert pulled.problems[0].params["value"] == "Hôtel de l'Anse"
    assert keys(pulled) == {"A2", "D2"}


def test_a_byte_that_cp1252_lacks_is_a_problem_too(company):
    company.write(accounts=b"key,name\nA1,a\x81b\nA2,b\n")
    assert told(company.pull(encoding="cp1252"))[0] == ("file_unreadable", "accounts.csv", "2", "name")


def test_bad_bytes_in_a_column_that_is_not_ours_are_told(company):
    company.write(accounts=b"key,name,colour\nA1,a,\xe9\nA2,b,\n")
    assert ("file_unreadable", "accounts.csv", "2", "colour") in told(company.pull())


def test_a_header_in_another_encoding_is_told_once(company):
    company.write(accounts=b"key,nam\xe9\nA1,x\n")
    assert [row for row in told(company.pull()) if row[1] == "accounts.csv"] == [
        ("file_unreadable", "accounts.csv", "1", "")
    ]


@pytest.mark.parametrize("header", ["Key,NAME", "clé,nom", "CLE,Nom", "name,key", " key , name ,", "key,name,colour"])
def test_headings_go_by_either_language_in_any_case_and_order(company, header):
    first = header.casefold().strip()
    company.write(accounts=header + "\n" + ("x,A1,\nx,A2,\n" if first.startswith("name") else "A1,x,\nA2,x,\n"))
    pulled = company.pull()
    assert keys(pulled) == SOUND
    assert {problem.code for problem in pulled.problems} <= {"columns_not_read"}


def test_a_problem_names_the_heading_as_the_file_has_it(company):
    company.write(accounts="Clé,Nom,Exonéré de taxes\nA1,x,peut-être\nA2,x,non\n")
    problem = company.pull().problems[0]
    assert (problem.code, problem.column, problem.params["column"]) == (
        "value_unknown",
        "tax_exempt",
        "Exonéré de taxes",
    )
    assert problem.params["value"] == "peut-être"


@pytest.mark.parametrize(
    ("text", "code", "column"),
    [
        ("", "file_empty", ""),
        ("\n \n\n", "file_empty", ""),
        ("name\nx\n", "column_missing", "key"),
        ("key,clé,name\nA1,A1,x\n", "duplicate_column", "key"),
        ('"key,name\nA1,x\n', "quote_misplaced", ""),
    ],
)
def test_a_file_without_usable_headings_gives_nothing_and_the_others_still_come(company, text, code, column):
    company.write(accounts=text, gl_accounts="code,name\n4100,Dues\n")
    pulled = company.pull()
    assert [(p.code, p.column) for p in pulled.problems if p.params["file"] == "accounts.csv"] == [(code, column)]
    assert not keys(pulled)
    assert [account.code for account in pulled.lists.accounts] == ["4100"]


def test_a_header_alone_is_a_file_without_records(company):
    company.write(payments="key,date,account,amount\n")
    assert not company.pull().problems


def test_a_required_file_that_is_missing_is_told_and_what_refers_to_it_is_dropped(company):
    (company.source / "accounts.csv").unlink()
    assert told(company.pull()) == [
        ("file_missing", "accounts.csv", "", ""),
        ("reference_unknown", "documents.csv", "2", "account"),
        ("reference_unknown", "documents.csv", "3", "account"),
    ]


def test_the_source_folder_missing_stops_everything(company):
    for source in (company.open(path="elsewhere"), company.open(path="elsewhere.xlsx")):
        for asked in (source.connect, source.pull):
            with pytest.raises(CannotRun) as stopped:
                asked()
            assert stopped.value.problems[0].code == "file_missing"
    assert company.open().connect().company == "source"


def test_a_file_that_cannot_be_opened_is_told(company):
    (company.source / "payments.csv").mkdir()
    assert told(company.pull()) == [("not_a_file", "payments.csv", "", "")]


def test_quoted_line_breaks_and_delimiters_belong_to_the_value(company):
    company.write(accounts='key,name,notes\nA1,"a, ""b""","one\r\ntwo\n\nthree"\nA2,x,\n')
    first = company.pull().records[0]
    assert (first.name, first.notes, first.provenance.line) == ('a, "b"', "one\ntwo\n\nthree", 2)


@pytest.mark.parametrize("text", ["=1+2", "+1", "-x", "@SUM(A1)", "'=1", '5" pipe'])
def test_what_looks_like_a_formula_stays_text(company, text):
    company.write(accounts=f"key,name\nA1,{text}\nA2,x\n")
    assert company.pull().records[0].name == text


@pytest.mark.parametrize("text", ["a\x00b", "a\x1bb", "a\x7fb", "a\x85b", "a\ufffeb", "x" * 32_768, "😀" * 16_384])
def test_text_that_a_cell_cannot_hold_is_refused(company, text):
    company.write(accounts=f"key,name\nA1,{text}\nA2,x\n")
    pulled = company.pull()
    assert told(pulled)[0] == ("text_forbidden", "accounts.csv", "2", "name")
    value = pulled.problems[0].params["value"]
    assert len(value) <= 60
    assert not {"\x00", "\x1b", "\x7f", "\x85", "\ufffe"} & set(value)
    assert keys(pulled) == {"A2", "D2"}


@pytest.mark.parametrize("text", ["x" * 32_767, "😀" * 16_383, "tab\there"])
def test_text_that_a_cell_can_just_hold_is_kept(company, text):
    company.write(accounts=f"key,name\nA1,{text}\nA2,x\n")
    assert company.pull().records[0].name == text


def test_blanks_around_a_value_are_not_part_of_it(company):
    company.write(accounts="key,name\n A1 ,\u00a0x \nA2, x\n")
    assert [record.name for record in company.pull().records[:2]] == ["x", "x"]


def test_a_row_with_several_mistakes_tells_all_of_them_at_once(company):
    row = {
        "key": "D1", "kind": "bill", "number": "", "date": "2025-02-30", "account": "A9", "currency": "cad",
        "subtotal": "=1+2", "tax": "1.005", "total": "1.00", "balance": "", "sent": "perhaps",
    }  # fmt: skip
    company.write(documents=csv_of(row), lines="document,line,description,amount\nD1,1,x,1.00\n")
    pulled = company.pull()
    assert {(p.code, p.column) for p in pulled.problems} == {
        ("value_unknown", "kind"),
        ("value_missing", "number"),
        ("not_a_date", "date"),
        ("reference_unknown", "account"),
        ("value_unknown", "currency"),
        ("not_an_amount", "subtotal"),
        ("too_many_decimals", "tax"),
        ("value_missing", "balance"),
        ("value_unknown", "sent"),
    }
    for problem in pulled.problems:
        assert (problem.provenance.place, problem.provenance.line, problem.key) == ("documents.csv", 2, "D1")
        assert {"file", "line", "column", "value"} <= problem.params.keys()
    assert keys(pulled) == {"A1", "A2"}


def test_more_values_than_headings_are_told_because_they_may_have_shifted(company):
    company.write(accounts="key,name\nA1,Anse, Hôtel de l'\nA2,x,,\n")
    pulled = company.pull()
    assert told(pulled)[0] == ("too_many_values", "accounts.csv", "2", "")
    assert keys(pulled) == {"A2", "D2"}


def test_fewer_values_than_headings_are_empty_ones(company):
    company.write(accounts="key,name,notes,phone\nA1,x\nA2,x,n\n")
    assert not company.pull().problems


@pytest.mark.parametrize(
    ("written", "kind"),
    [("Facture", Kind.INVOICE), ("Note de crédit", Kind.CREDIT_NOTE), ("reçu-de-vente", Kind.SALES_RECEIPT)],
)
def test_choices_go_by_either_language(company, written, kind):
    company.write(documents=DOCUMENTS.replace("D1,invoice", f"D1,{written}"))
    assert next(record for record in company.pull().records if record.key == "D1").kind is kind
