"""The first guess over a corpus of exports: right for 95 of 100 columns, each with its ground."""

from __future__ import annotations

import random

import pytest

from connectors.sources.exports.guess import Sure
from connectors.sources.exports.looking import look
from connectors.sources.files.exported import export_sheets
from connectors.sources.files.settings import FilesSettings

from .corpus import Export, convert, misspelt, styles, write


@pytest.fixture(scope="module")
def corpus(tmp_path_factory) -> list[Export]:
    folder = tmp_path_factory.mktemp("corpus")
    made = [write(folder, style) for style in styles()]
    convert(made, folder / "office" / "profile")
    return made


def guessed(export: Export):
    sheets, problems = export_sheets(FilesSettings(folder=export.path.parent, path=export.path.name))
    assert not problems
    return {(guess.sheet.name or guess.sheet.file.removesuffix(".csv")): guess for guess in look(sheets)}


def test_the_corpus_has_every_format_language_order_sign_and_encoding(corpus):
    said = [export.style for export in corpus]
    assert len(said) >= 40
    assert len({style.system for style in said}) >= 5
    assert {style.format for style in said} == {"csv", "xlsx", "xls", "ods"}
    assert {style.order for style in said} == {"YMD", "DMY", "MDY"}
    assert {style.encoding for style in said} >= {"cp1252", "utf-16", "utf-8"}


def test_of_a_hundred_columns_the_first_guess_is_right_for_95_and_says_why(corpus):
    wrong: list[str] = []
    count = 0
    for export in corpus:
        found = guessed(export)
        for sheet, answers in export.answers.items():
            guess = found[sheet]
            by_place = {column.at: column for column in guess.columns}
            for at, (heading, field) in enumerate(answers):
                count += 1
                column = by_place.get(at)
                if column is None or column.field != field:
                    wrong.append(
                        f"{export.style.name} {sheet} ({guess.kind}): {heading} → {column and column.field} for {field}"
                    )
                else:
                    assert column.grounds
    assert len(wrong) <= 0.05 * count, "\n".join((f"{len(wrong)} of {count}", *wrong))


def test_with_a_slip_in_every_heading_most_are_known_and_no_wrong_one_is_called_sure(tmp_path):
    draw = random.Random(7)
    right, count, wrong = 0, 0, []
    for style in (style for style in styles(3) if style.format in ("csv", "xlsx")):
        export = write(tmp_path, style, lambda heading: misspelt(heading, draw))
        found = guessed(export)
        for sheet, answers in export.answers.items():
            by_place = {column.at: column for column in found[sheet].columns}
            for at, (heading, field) in enumerate(answers):
                column = by_place.get(at)
                count += 1
                right += column is not None and column.field == field
                if column and column.field not in ("", field):
                    wrong.append((column.sure, f"{style.name} {sheet}: {heading} → {column.field} for {field}"))
    assert not [told for sure, told in wrong if sure is Sure.SURE]
    assert len([told for sure, told in wrong if sure is Sure.LIKELY]) <= 0.01 * count
    assert right >= 0.9 * count, f"{right} of {count}"


def test_dates_and_amounts_are_told_or_asked_and_never_chosen_wrongly(corpus):
    for export in corpus:
        for guess in guessed(export).values():
            assert not guess.orders or export.style.order in guess.orders, export.style.name
            assert not guess.signs or export.style.decimal in guess.signs, export.style.name
