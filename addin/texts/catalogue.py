"""The French catalogue: every sentence of ``addin`` with its French, and the compiled file that gettext reads.

``python -m addin.texts.catalogue`` takes in what is newly said, takes out what no longer is, compiles, and prints both.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from babel.messages import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from typer.main import get_command

from addin.cli import app, helped
from addin.questions import every_question
from connectors.entries import SOURCES
from connectors.registry import names, source_type

from .declared import require_installed
from .options import ACCEPTED, MEANINGS, NAMES, RIGHTS
from .problems import OWNERS, SENTENCES
from .refused import OTHERWISE, REFUSED

ADDIN = Path(__file__).parents[1]
SOURCE = Path(__file__).parent / "fr" / "LC_MESSAGES" / "passerelle.po"
COMPILED = SOURCE.with_suffix(".mo")


class _Undated(Catalog):
    """A catalogue whose header holds no date, name or version: the same sentences give the same bytes."""

    @property
    def mime_headers(self) -> list[tuple[str, str]]:
        """The header."""
        return [
            ("Language", "fr"),
            ("MIME-Version", "1.0"),
            ("Content-Type", "text/plain; charset=UTF-8"),
            ("Content-Transfer-Encoding", "8bit"),
        ]


def said() -> dict[str, list[str]]:
    """Every English sentence, and where it is said: modules by path, entries of the tables by their key."""
    places: dict[str, list[str]] = {}
    for text, place in (*_in_tables(), *_in_code(), *_in_help()):
        found = places.setdefault(text, [])
        if place not in found:
            found.append(place)
    return places


def _in_tables() -> Iterator[tuple[str, str]]:
    for code, sentences in SENTENCES.items():
        yield sentences.what, f"{code}: what happened"
        yield sentences.fix, f"{code}: what to do"
    yield from ((text, f"{owner}: who acts") for owner, text in OWNERS.items())
    yield from ((text, f"{option}: the setting's name") for option, text in NAMES.items())
    yield from ((text, f"{option}: what the setting does") for option, text in (MEANINGS | RIGHTS).items())
    for question in every_question():
        yield question.label, f"{question.name}: what is asked"
        yield question.meaning, f"{question.name}: what it is"
    yield from ((source_type(name).label, f"source.{name}: what it is called") for name in names(SOURCES))
    yield from ((text, "what a setting accepts") for text in ACCEPTED.values())
    yield from ((text, "why a setting is not accepted") for text in (*REFUSED.values(), OTHERWISE))


def _in_help() -> Iterator[tuple[str, str]]:
    yield from ((each.help, "passerelle --help") for each in helped(get_command(app)))


def _in_code() -> Iterator[tuple[str, str]]:
    for path in sorted(ADDIN.rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for text in literals(tree):
            yield text, path.relative_to(ADDIN.parent).as_posix()


def literals(tree: ast.AST) -> Iterator[str]:
    """The texts written out in calls of ``mark(text)``, ``session.say(text)`` and ``say(language, text)``."""
    for node in ast.walk(tree):
        match node:
            case ast.Call(
                func=ast.Name(id="say" | "mark") | ast.Attribute(attr="say" | "mark"),
                args=[ast.Constant(value=str(text))] | [_, ast.Constant(value=str(text))],
            ):
                yield text


def french() -> dict[str, str]:
    """The French of each English sentence, as the catalogue has it; empty where it is still to be written."""
    with SOURCE.open("rb") as stream:
        return {str(message.id): str(message.string) for message in read_po(stream) if message.id}


def written(translations: dict[str, str]) -> bytes:
    """The catalogue's source: every sentence now said, in the order of the code, with its French where there is one."""
    stream = BytesIO()
    write_po(stream, _catalogue(translations), width=0)
    return stream.getvalue()


def compiled(translations: dict[str, str]) -> bytes:
    """The catalogue as gettext reads it."""
    stream = BytesIO()
    write_mo(stream, _catalogue(translations))
    return stream.getvalue()


def _catalogue(translations: dict[str, str]) -> Catalog:
    catalogue = _Undated(header_comment="# The sentences of Passerelle in French.", fuzzy=False)
    for text, places in said().items():
        catalogue.add(text, translations.get(text, ""), auto_comments=places)
    return catalogue


def main() -> int:
    """Bring both files up to date; 1 when a sentence has no French yet."""
    require_installed()
    known, wanted = french(), said()
    SOURCE.write_bytes(written(known))
    COMPILED.write_bytes(compiled(known))
    missing = [text for text in wanted if not known.get(text)]
    sys.stdout.writelines(f"missing: {text}\n" for text in missing)
    sys.stdout.writelines(f"no longer said: {text}\n    {known[text]}\n" for text in known if text not in wanted)
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
