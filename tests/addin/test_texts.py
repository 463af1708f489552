"""Every sentence stands in both languages, with the same parameters, and every problem can fill its own in."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from string import Formatter

import pytest
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po

from addin import texts
from addin.options import Options
from addin.sync.effects import Effect
from addin.texts import catalogue, pages
from addin.texts.declared import INSTALL, not_installed
from addin.texts.options import MEANINGS
from addin.texts.problems import SENTENCES
from connectors.connector_problems import connector_problems
from connectors.problems import OWNERS, Owner, Problem, every_code, is_known
from connectors.records import SyncStatus
from workbook.layout import LANGUAGES, SHEETS, STATUSES, Language

ROOT = Path(__file__).parents[2]
FRENCH = catalogue.french()
SAID = catalogue.said()

ALIKE = {
    "{detail}": "another program's own words alone",
    "Code": "the same word in French",
    "Membri 365": "a name",
}
"""Sentences whose French is the English, each with the reason."""


def parameters(sentence: str) -> set[str]:
    """The {parameters} of a sentence; a column's caption is one parameter, whatever its language."""
    names = {name for _, name, _, _ in Formatter().parse(sentence) if name is not None}
    return {"column_…" if name in ("column_en", "column_fr") else name for name in names}


# the catalogue


def test_the_connectors_that_this_tree_declares_are_installed() -> None:
    """Else their sentences look as if nobody said them any more."""
    assert not_installed() == [], f"run: {INSTALL}"


def test_the_catalogue_holds_what_is_said_and_nothing_else() -> None:
    """Said in the tables of problems, owners and settings, or in a call of ``say`` or ``mark``."""
    assert set(FRENCH) == set(SAID), "run: python -m addin.texts.catalogue"


def test_every_sentence_has_its_french() -> None:
    assert [english for english, french in FRENCH.items() if not french.strip()] == []


def test_no_sentence_was_left_in_english() -> None:
    assert {english for english, french in FRENCH.items() if french == english} == set(ALIKE)


def test_no_entry_is_fuzzy_or_obsolete() -> None:
    with catalogue.SOURCE.open("rb") as stream:
        kept = read_po(stream)
    assert [message.id for message in kept if message.fuzzy] == []
    assert dict(kept.obsolete) == {}


def test_the_compiled_catalogue_is_the_written_one() -> None:
    assert catalogue.COMPILED.read_bytes() == catalogue.compiled(FRENCH), "run: python -m addin.texts.catalogue"
    kept = read_mo(BytesIO(catalogue.COMPILED.read_bytes()))
    assert {str(message.id): message.string for message in kept if message.id} == FRENCH


def test_the_header_tells_nothing_that_changes_by_itself() -> None:
    """No date, no person, no version of a tool: the same sentences give the same bytes on every machine."""
    header = catalogue.SOURCE.read_text(encoding="utf-8").split("\n\n")[0]
    assert set(re.findall(r'^"([\w-]+):', header, re.M)) == {
        "Language", "MIME-Version", "Content-Type", "Content-Transfer-Encoding",
    }  # fmt: skip


def test_bringing_the_catalogue_up_to_date_tells_what_is_missing_and_what_is_gone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    lost, kept = "The document has no line.", "Us: please report it"
    known = {english: french for english, french in FRENCH.items() if english != lost} | {"Nobody says this": "Rien"}
    monkeypatch.setattr(catalogue, "SOURCE", tmp_path / "passerelle.po")
    monkeypatch.setattr(catalogue, "COMPILED", tmp_path / "passerelle.mo")
    monkeypatch.setattr(catalogue, "said", lambda: {**SAID, "Nobody says this": []})
    catalogue.SOURCE.write_bytes(catalogue.written(known))
    monkeypatch.setattr(catalogue, "said", lambda: SAID)

    assert catalogue.main() == 1
    told = capsys.readouterr().out
    assert f"missing: {lost}" in told
    assert "no longer said: Nobody says this\n    Rien" in told
    assert catalogue.french()[lost] == ""
    assert catalogue.french()[kept] == FRENCH[kept]
    assert "Nobody says this" not in catalogue.french()


# the French


def test_a_french_sentence_has_the_parameters_of_the_english_one() -> None:
    assert [english for english, french in FRENCH.items() if parameters(french) != parameters(english)] == []


def test_columns_are_named_in_the_language_of_the_sentence() -> None:
    assert [english for english in FRENCH if "{column_fr}" in english] == []
    assert [french for french in FRENCH.values() if "{column_en}" in french] == []


@pytest.mark.parametrize(
    ("rule", "breach"),
    [
        ("a no-break space inside « »", "«(?!\u00a0)|(?<!\u00a0)»"),
        ("a no-break space before a colon", r"(?<!\u00a0):(?=\s|$)"),
        ("no space before ; ? !", r"\s[;?!]"),
        ("no quotation marks of other languages", "[“”‘]"),
        ("one apostrophe throughout, as in the captions of the workbook", "’"),
    ],
)
def test_french_typography(rule: str, breach: str) -> None:
    """Banque de dépannage linguistique (Office québécois de la langue française), "Espacement"."""
    assert [french for french in FRENCH.values() if re.search(breach, french)] == [], rule


def test_sheets_and_statuses_bear_their_own_names() -> None:
    """A sentence that sends someone to a sheet or a status says what stands on the screen, in both languages."""
    names = {f"{sheet.caption.en} sheet": f"feuille {sheet.caption.fr}" for sheet in SHEETS}
    names |= {status.en: f"«\u00a0{status.fr}\u00a0»" for status in STATUSES.values()}
    wrong = [
        (english, shown)
        for english, french in FRENCH.items()
        for name, shown in names.items()
        if re.search(rf"\b{name}\b", english) and shown not in french
    ]
    assert wrong == []


# what is said, and how it is found


def test_what_is_said_is_found() -> None:
    found = catalogue.literals(
        ast.parse(
            "mark('a'); texts.mark('b'); session.say('c', n=1); say(language, 'd' 'e')\n"
            "texts.say(self.language, 'f', **more); say(language, TABLE[code]); mark(session, choice, 'g')"
        )
    )
    assert list(found) == ["a", "b", "c", "de", "f"]


def test_no_sentence_is_put_together_where_it_is_said() -> None:
    """The message is written out, or it is the name of one that is: what is built up could not be looked up."""
    wrong = []
    for path in sorted((ROOT / "addin").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            match node:
                case ast.Call(func=ast.Name(id="say") | ast.Attribute(attr="say"), args=[message] | [_, message]):
                    if not (
                        isinstance(message, ast.Constant | ast.Name | ast.Subscript | ast.Attribute)
                        or _is_marked(message)
                    ):
                        wrong.append(f"{path.relative_to(ROOT)}:{node.lineno}")
                case ast.Call(func=ast.Name(id="say") | ast.Attribute(attr="say")):
                    wrong.append(f"{path.relative_to(ROOT)}:{node.lineno}")
    assert wrong == []


def _is_marked(message: ast.expr) -> bool:
    return isinstance(message, ast.Call) and isinstance(message.func, ast.Name) and message.func.id == "mark"


def test_a_sentence_is_said_in_the_language_asked_for() -> None:
    problem = Problem(
        code="column_renamed", params={"table": "tblInvoices", "column_en": "Due", "column_fr": "Échéance"}
    )
    assert texts.what("en", problem) == "The table Invoices has no column “Due” any more."
    assert texts.what("fr", problem) == "La table Factures n'a plus de colonne «\u00a0Échéance\u00a0»."


def test_statuses_and_reasons_inside_a_sentence_are_in_its_language() -> None:
    params = {
        "asked": SyncStatus.DO_NOT_SYNC, "kept": SyncStatus.COMPLETED,
        "why": "the ledger has it as {reference}", "reference": "F-12",
    }  # fmt: skip
    problem = Problem(code="status_refused", params=params)
    assert texts.what("fr", problem) == (
        "Le statut «\u00a0Ne pas synchroniser\u00a0» n'a pas été accepté\u00a0: le système comptable l'a sous F-12."
    )
    assert texts.fix("fr", problem) == "Il est de nouveau à «\u00a0Transfert complété\u00a0»."


@pytest.mark.parametrize("code", every_code())
def test_no_row_claims_that_nothing_was_sent(code: str) -> None:
    """Whoever wrote the sentence cannot know: a Sync sends other records, and another Sync this one."""
    for sentence in texts.sentences("en", code):
        assert not re.search(
            r"(nothing|not) (was|were|has been|have been) (sent|transferred|booked)(?! twice)", sentence
        )


def test_what_fills_a_sentence_in_is_never_read_as_a_sentence() -> None:
    """Names come from outside: braces in them are text."""
    problem = Problem(code="name_taken", params={"name": "{detail} {0} %s"})
    assert "{detail} {0} %s" in texts.what("fr", problem)


@pytest.mark.parametrize("who", Owner)
def test_who_acts_is_said_in_both_languages(who: Owner) -> None:
    assert texts.owner("fr", who) != texts.owner("en", who)


# problems and what fills them in


def test_every_problem_code_has_its_sentences() -> None:
    assert set(SENTENCES) == set(OWNERS)


def test_a_connector_says_its_own_problems_whole_and_none_that_all_share() -> None:
    """Its file names an owner and an effect that there are, and both sentences in both languages, alike filled in."""
    assert len(connector_problems()) >= 20
    assert connector_problems().keys() & OWNERS.keys() == set()
    for code, own in connector_problems().items():
        assert own.owner in set(Owner), code
        assert own.effect in set(Effect), code
        for said in (own.what, own.fix):
            assert list(said) == list(LANGUAGES), code
            assert parameters(said["en"]) == parameters(said["fr"]), code


def test_no_sentence_that_all_ledgers_share_names_one_of_them() -> None:
    """A ledger's menus and words stand in its own folder."""
    ledgers = re.compile(r"quickbooks|xero|tryton|beancount|sage|acomba|avantage|business central", re.IGNORECASE)
    assert [code for code, sentences in SENTENCES.items() if any(map(ledgers.search, sentences))] == []


def test_every_setting_has_its_meaning() -> None:
    assert list(MEANINGS) == list(Options.model_fields)


@dataclass(frozen=True, slots=True)
class Raiser:
    """A function that makes a problem: where its code stands among the arguments, and what it fills in by itself."""

    code: int | str
    given: frozenset[str] = frozenset()


ROW = frozenset({"file", "line", "column", "value", "detail"})
FILE = frozenset({"path", "detail"})
RAISERS: dict[str, Raiser] = {
    "Problem": Raiser("code"),
    "problem_of": Raiser(1),
    "_cannot": Raiser(0, FILE),  # workbook.package
    "about": Raiser(0, FILE),  # connectors.ledgers.beancount.problems
    "Fault": Raiser(0, ROW),  # connectors.sources.tables.rows
    "refuse": Raiser(0, ROW),  # connectors.sources.tables.fields
    "Refused": Raiser(0, ROW),  # connectors.sources.tables.numbers
    "RawRow": Raiser(2, ROW),  # connectors.sources.tables.rows
}


@dataclass(frozen=True, slots=True)
class Raised:
    """A place where problems are made: their possible codes, and their parameters where all can be seen."""

    place: str
    codes: tuple[str, ...]
    given: frozenset[str] | None


def raised(source: str, place: str) -> Iterator[Raised]:
    """The calls in a module that make a problem of a code that can be read there."""
    tree = ast.parse(source)
    scopes = [tree, *(node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))]
    scope_of = {call: scope for scope in scopes for call in ast.walk(scope) if isinstance(call, ast.Call)}
    for call, scope in scope_of.items():
        name = getattr(call.func, "id", getattr(call.func, "attr", ""))
        if name in RAISERS:
            codes = tuple(_texts(_code(call, RAISERS[name]), scope))
            if codes:
                given = _given(call, scope)
                yield Raised(f"{place}:{call.lineno}", codes, None if given is None else given | RAISERS[name].given)


def _code(call: ast.Call, raiser: Raiser) -> ast.expr | None:
    if isinstance(raiser.code, int):
        return call.args[raiser.code] if len(call.args) > raiser.code else None
    return next((keyword.value for keyword in call.keywords if keyword.arg == raiser.code), None)


def _texts(node: ast.expr | None, scope: ast.AST) -> Iterator[str]:
    match node:
        case ast.Constant(value=str(text)) if text:
            yield text
        case ast.IfExp(body=body, orelse=other):
            yield from _texts(body, scope)
            yield from _texts(other, scope)
        case ast.Name(id=name):
            for value in _assigned(name, scope):
                yield from _texts(value, scope)


def _assigned(name: str, scope: ast.AST) -> Iterator[ast.expr]:
    for node in ast.walk(scope):
        match node:
            case ast.Assign(targets=[ast.Name(id=found)], value=value) if found == name:
                yield value


def _given(call: ast.Call, scope: ast.AST) -> frozenset[str] | None:
    """The names of the parameters; nothing where some come from elsewhere."""
    names: set[str] = set()
    for keyword in call.keywords:
        if keyword.arg in ("params", None):
            keys = _keys(keyword.value, scope)
            if keys is None:
                return None
            names |= keys
        else:
            names.add(keyword.arg or "")
    return frozenset(names)


def _keys(node: ast.expr, scope: ast.AST) -> set[str] | None:
    if isinstance(node, ast.Name):
        known = list(_assigned(node.id, scope))
        return _keys(known[0], scope) if len(known) == 1 else None
    if isinstance(node, ast.Dict) and all(isinstance(key, ast.Constant) for key in node.keys):
        return {str(key.value) for key in node.keys if isinstance(key, ast.Constant)}
    return None


RAISED = [
    site
    for floor in ("connectors", "workbook", "addin")
    for path in sorted((ROOT / floor).rglob("*.py"))
    if not {"sandbox", "sandboxes"} & set(path.parts)  # a stand-in raises its vendor's codes, not ours
    for site in raised(path.read_text(encoding="utf-8"), path.relative_to(ROOT).as_posix())
]


def test_raised_problems_are_found() -> None:
    source = (
        "def f(x, more):\n"
        "    code = 'a' if x else 'b'\n"
        "    Problem(code=code, params={'n': 1}, detail='d')\n"
        "    words = {'m': 1}\n"
        "    problem_of(x, 'c', column='k', **words)\n"
        "    problem_of(x, 'd', **more)\n"
        "    self._cannot('e', wrong, owner='')\n"
        "    Problem(code=x.code)\n"
    )
    assert list(raised(source, "m")) == [
        Raised("m:3", ("a", "b"), frozenset({"code", "n", "detail"})),
        Raised("m:5", ("c",), frozenset({"column", "m"})),
        Raised("m:6", ("d",), None),
        Raised("m:7", ("e",), frozenset({"owner", "path", "detail"})),
    ]


def test_every_raised_problem_has_an_owner() -> None:
    assert len(RAISED) > 80
    assert [(site.place, code) for site in RAISED for code in site.codes if not is_known(code)] == []


def test_every_raised_problem_gives_what_its_sentences_show() -> None:
    wrong = [
        f"{site.place} {code}: {', '.join(sorted(missing))}"
        for site in RAISED
        if site.given is not None
        for code in site.codes
        if is_known(code) and (missing := _shown(code) - {_one_column(name) for name in site.given})
    ]
    assert wrong == []


def _shown(code: str) -> set[str]:
    return {name for sentence in texts.sentences("en", code) for name in parameters(sentence)}


def _one_column(name: str) -> str:
    return "column_…" if name in ("column_en", "column_fr") else name


# the pages


@pytest.mark.parametrize("page", pages.PAGES)
def test_the_page_says_what_the_code_says(page: str) -> None:
    assert (pages.DOCS / page).read_text(encoding="utf-8") == pages.PAGES[page](), (
        "run: python -m addin.texts.pages --write"
    )


def test_the_pages_hold_every_problem_and_every_setting() -> None:
    for page in (pages.problems("en"), pages.problems("fr")):
        assert sorted(re.findall(r'<a id="(\w+)">', page)) == sorted(every_code())
        assert "{" not in page
    for page in (pages.settings("en"), pages.settings("fr")):
        assert all(f"`{name}`" in page for name in Options.model_fields)


# what is empty


@pytest.mark.parametrize("language", ["en", "fr"])
def test_no_sentence_of_a_problem_has_a_gap_where_a_name_is_empty(language: Language) -> None:
    """Seen: "the item  () has no ledger item". Every code, each parameter alone and all of them empty or blank."""
    gap = re.compile(r"\(\s*\)|“\s*”|«\s*»|  |:\s*$|:\s*[.;]| [.,](?:\s|$)|^\s|\s$|…")
    for code in every_code():
        named = {name for text in texts.sentences(language, code) for name in parameters(text)} - {"table", "column_…"}
        named |= {"column_en", "column_fr"}
        for empty in (set(), *({name} for name in named), named):
            params = {name: "" if name in empty else "X" for name in named} | {"table": "tblLines"}
            detail = "" if "detail" in empty else "X"
            blank = {name: value or " " for name, value in params.items()}
            for given in (params, blank):
                problem = Problem(code=code, params=given, detail=detail)
                for said in (texts.what(language, problem), texts.fix(language, problem)):
                    assert not gap.search(said), (code, empty, said)


def test_what_an_empty_name_would_add_in_parentheses_is_left_out() -> None:
    problem = Problem(code="item_not_mapped", params={"line": "1", "code": "", "name": ""})
    assert texts.what("en", problem) == "Line 1: the item (without a code) has no ledger item."
    assert "l'article (sans code)" in texts.what("fr", problem)


@pytest.mark.parametrize(
    ("code", "params", "shown"),
    [
        ("already_booked", {"there": "F-9 · 2025-03-01 · 1234.50 CAD · Ville 3.50", "likeness": "number"},
         "F-9 · 2025-03-01 · 1\u00a0234,50 CAD · Ville 3.50"),
        ("reference_incorrect", {"reference": "9", "right": "F-9 · 0.50 CAD"}, "F-9 · 0,50 CAD"),
        ("reference_ambiguous", {"reference": "9", "candidates": "F-9 · 0.50 CAD; F-8 · -2 CAD; …"},
         "F-9 · 0,50 CAD; F-8 · -2 CAD; …"),
        ("dues_unpaid_after_term", {"amount": "100.00 CAD", "line": "1", "document": "F-1", "customer": "A",
                                    "account": "2200", "date": "2025-01-31"}, "100,00 CAD"),
        ("province_taxes_differ", {"province": "QC", "group": "QC", "taxes": "13 %", "expected": "5 % + 9.975 %"},
         "5 % + 9,975 %"),
    ],
)  # fmt: skip
def test_an_amount_or_rate_among_other_words_has_the_form_of_its_language(
    code: str, params: dict[str, str], shown: str
) -> None:
    """A person's own words stay as they are."""
    assert shown in texts.what("fr", Problem(code=code, params=params))
