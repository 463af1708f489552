"""The template of each language, drawn once for many companies: to draw it takes longer than to pull into it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from workbook.layout import Caption, Language
from workbook.template.setup import SetupRow
from workbook.template.template import ZIP_TIME, draw

STRINGS = "xl/sharedStrings.xml"
OWN = ("workbook_id", "company", "company_id", "home")
"""What two companies' workbooks differ in."""

PLAIN = re.compile(r"[\w./-]+(?:[ '][\w./-]+)*")
"""What stands in a part of XML as it is."""


def draw_once(path: Path, language: Language, identity: Mapping[str, str], setup: Sequence[SetupRow] = ()) -> None:
    """Draw a workbook as ``draw`` does, part by part to the byte, from one that was drawn before."""
    answers = {row.key: row.value.en for row in setup if row.key in ("company", "folder") and row.value.en}
    own = {**{key: identity[key] for key in OWN if identity.get(key)}, **answers}
    same = answers.get("company", "") == identity["company"]
    if not (same and all(PLAIN.fullmatch(value) for value in own.values())):
        draw(path, language, identity, setup)
        return
    standing = tuple({**identity, **{key: f"own-{key}" for key in own if key in OWN}}.items())
    asked = tuple(replace(row, value=Caption(*[f"own-{row.key}"] * 2)) if row.key in answers else row for row in setup)
    parts = dict(_parts(language, standing, asked))
    for key, value in own.items():
        parts[STRINGS] = parts[STRINGS].replace(f"<t>own-{key}</t>".encode(), f"<t>{value}</t>".encode())
    with ZipFile(path, "w") as package:
        for name, content in parts.items():
            part = ZipInfo(name, ZIP_TIME)
            part.compress_type = ZIP_DEFLATED
            package.writestr(part, content, compresslevel=1)


@cache
def _parts(
    language: Language, identity: tuple[tuple[str, str], ...], setup: tuple[SetupRow, ...]
) -> Mapping[str, bytes]:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "template.xlsm"
        draw(path, language, dict(identity), setup)
        with ZipFile(path) as package:
            return {name: package.read(name) for name in package.namelist()}
