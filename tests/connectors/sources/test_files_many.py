"""What is wrong with a whole column has one cause and is told of once, with the setting that mends it."""

import csv
import re

from connectors.sources.files.connector import FilesSource
from connectors.sources.files.sample import write_sample
from connectors.sources.files.settings import FilesSettings


def told(folder, **settings):
    return [
        (problem.code, problem.provenance.place, problem.column, problem.params.get("count"))
        for problem in FilesSource(FilesSettings(folder=folder, **settings)).pull().problems
    ]


def written(cell):
    cell = re.sub(r"^(\d{4})-(\d\d)-(\d\d)$", r"\3/\2/\1", cell)
    return cell.replace(".", ",") if re.fullmatch(r"-?\d+\.\d+", cell) else cell


def saved_by_excel(folder):
    """The sample as an Excel of Québec saves it: cp1252, semicolons, decimal commas, days first."""
    write_sample(folder)
    for path in (folder / "source").glob("*.csv"):
        text = path.read_text(encoding="utf-8")
        rows = [[written(cell) for cell in row] for row in csv.reader(text.splitlines())]
        with path.open("w", encoding="cp1252", newline="") as file:
            csv.writer(file, delimiter=";").writerows(rows)


def test_a_folder_saved_by_excel_names_its_encoding_amounts_and_dates_once_each(tmp_path):
    saved_by_excel(tmp_path)
    encoding = told(tmp_path)
    assert ("encoding_differs", "accounts.csv") in {row[:2] for row in encoding}
    assert sum(int(row[3] or 1) for row in encoding) > 50 * len(encoding)
    amounts = told(tmp_path, encoding="cp1252")
    assert ("amounts_differ", "documents.csv", "total", "693") in amounts
    assert ("dates_differ", "documents.csv", "date", "693") in amounts
    assert sum(int(row[3] or 1) for row in amounts) > 50 * len(amounts)
    assert told(tmp_path, encoding="cp1252", decimal=",", date_format="DD/MM/YYYY") == []


def test_a_few_are_told_one_by_one_with_their_records(tmp_path):
    write_sample(tmp_path)
    path = tmp_path / "source" / "documents.csv"
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text("".join([lines[0], lines[1].replace("690.00", "690.00 $"), *lines[2:]]), encoding="utf-8")
    assert ("not_an_amount", "documents.csv", "total", None) in told(tmp_path)
    assert {row[3] for row in told(tmp_path)} == {None}
