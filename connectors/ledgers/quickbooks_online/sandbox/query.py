"""The query dialect: ``select * | *, Sku | count(*) from Entity [where … and …] [orderby …] [startposition n]
[maxresults n]``.

Assumptions: only properties that the attribute tables call filterable may be named, with TotalAmt (the documentation
queries it) and the two times of MetaData; ``maxresults`` above 1000 is refused in the words used for 0; entity and
property names have no case (the documentation says both). A backslash stands before an apostrophe alone, which is all
that is documented of it; any other is an error of the parser.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal, InvalidOperation

from connectors.ledgers.quickbooks_online.sandbox.bodies import Body, Json
from connectors.ledgers.quickbooks_online.sandbox.company import ENTITIES, PACIFIC, Company
from connectors.ledgers.quickbooks_online.sandbox.fields import FILTERABLE, TYPES
from connectors.ledgers.quickbooks_online.sandbox.refusals import Refusal, Unreadable, refuse

DEFAULT_RESULTS = 100
MOST_RESULTS = 1000

_TOKEN = re.compile(r"\s*(?:'((?:[^'\\]|\\')*)'|(<=|>=|!=|[<>=(),*])|([\w.:+\-]+))", re.ASCII | re.DOTALL)
_TIMES = {"metadata.createtime": "CreateTime", "metadata.lastupdatedtime": "LastUpdatedTime"}
_COMPARE: dict[str, Callable[[Json, Json], bool]] = {
    "=": operator.eq,
    "<": operator.lt,
    ">": operator.gt,
    "<=": operator.le,
    ">=": operator.ge,
}


@dataclass(frozen=True, slots=True)
class Condition:
    """One clause of ``where``: a property, an operator, and its value or values."""

    name: str
    operator: str
    values: tuple[str, ...]


@dataclass(slots=True)
class Query:
    """A query as parsed; ``start`` is 1-based."""

    entity: str
    counts: bool
    conditions: list[Condition] = field(default_factory=list)
    order: list[tuple[str, bool]] = field(default_factory=list)
    start: int = 1
    results: int = DEFAULT_RESULTS


def run(company: Company, text: str) -> Body:
    """The ``QueryResponse`` of a query; without the entity's key when nothing matches.

    Raises 4000 and 4001, and ``Unreadable``.
    """
    if company.american or company.switches.latin_queries:
        _refuse_other_characters(text, 0xFF)
    if company.switches.ascii_queries:
        _refuse_other_characters(text, 0x7F)
    query = _Parser(text).parse()
    if query.entity in company.switches.unreadable:
        raise Unreadable
    found = list(_matching(company, query))
    if query.counts:
        return {"totalCount": len(found)}
    for name, descending in reversed(query.order):
        found.sort(key=lambda body: _sortable(_value(query.entity, body, name)), reverse=descending)
    page = found[query.start - 1 : query.start - 1 + query.results]
    return {query.entity: page, "startPosition": query.start, "maxResults": len(page)} if page else {}


def _refuse_other_characters(text: str, last: int) -> None:
    """What the parser of some companies makes of a character outside ISO-8859-1, even in quotes (recorded)."""
    if odd := next((each for each in text if ord(each) > last), ""):
        at = text.index(odd) + 1
        detail = f'Lexical error at line 1, column {at}.  Encountered: "\\u{ord(odd):04x}" ({ord(odd)}), after : ""'
        raise refuse("4000", f"QueryParserError: {detail}")


def _matching(company: Company, query: Query) -> Iterator[Body]:
    conditions = list(query.conditions)
    if "Active" in TYPES[query.entity] and not any(condition.name == "Active" for condition in conditions):
        conditions.append(Condition("Active", "=", ("true",)))
    tests = [_test(company, query.entity, condition) for condition in conditions]
    return (body for body in _candidates(company, query) if all(test(body) for test in tests))


def _candidates(company: Company, query: Query) -> Iterable[Body]:
    """The objects worth testing: those of a number or an id where the query names one."""
    for condition in query.conditions:
        if condition.operator in ("=", "in") and condition.name in ("DocNumber", "Id"):
            ids = {
                id_
                for value in condition.values
                for id_ in (company.numbered(query.entity, value) if condition.name == "DocNumber" else {value})
            }
            if ids or condition.name == "Id":
                return [body for id_ in sorted(ids) if (body := company.find(query.entity, id_))]
    return company.every(query.entity)


def _test(company: Company, entity: str, condition: Condition) -> Callable[[Body], bool]:
    if condition.operator == "like":
        pattern = re.compile(".*".join(re.escape(part) for part in condition.values[0].split("%")), re.I | re.S)
        return lambda body: bool(pattern.fullmatch(str(_value(entity, body, condition.name) or "")))
    wanted = [_typed(company, entity, condition.name, value) for value in condition.values]
    if condition.operator == "in":
        return lambda body: _value(entity, body, condition.name) in wanted
    compare = _COMPARE[condition.operator]

    def test(body: Body) -> bool:
        value = _value(entity, body, condition.name)
        return value is not None and compare(value, wanted[0])

    return test


def _value(entity: str, body: Body, name: str) -> Json:
    """A property as it compares: text without case, a reference by its id, a time as a moment."""
    if name in _TIMES.values():
        return datetime.fromisoformat(body["MetaData"][name])
    value = body.get(name)
    if isinstance(value, dict):
        value = value.get("value", "")
    kind = TYPES[entity][name]
    if value is None and kind == "boolean":
        return False
    if isinstance(value, str):
        return int(value) if name == "Id" and value.isdigit() else value.casefold()
    return value


def _typed(company: Company, entity: str, name: str, text: str) -> Json:
    try:
        if name in _TIMES.values():
            moment = datetime.fromisoformat(text)
            return moment if moment.tzinfo else moment.replace(tzinfo=PACIFIC)
        kind = TYPES[entity][name]
        if kind in ("decimal", "integer"):
            return Decimal(text)
        if kind == "boolean":
            return {"true": True, "false": False}[text.lower()]
        if kind == "date" and text.upper() == "CURRENT_DATE":
            return company.clock.today().isoformat()
    except (ValueError, KeyError, InvalidOperation) as wrong:
        raise _invalid(f"Invalid value {text} for property {name}") from wrong
    return int(text) if name == "Id" and text.isdigit() else text.casefold()


def _sortable(value: Json) -> tuple[bool, Json]:
    return (value is not None, value if value is not None else "")


def _invalid(detail: str) -> Refusal:
    return refuse("4001", f"QueryValidationError: {detail}")


class _Parser:
    """Reads one query; words keep whether they stood in quotes."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = list(self._split(text.strip()))
        self._at = 0

    def parse(self) -> Query:
        self._expect("select")
        counts = self._selection()
        self._expect("from")
        query = Query(self._entity(), counts)
        if self._take("where"):
            query.conditions.append(self._condition(query.entity))
            while self._take("and"):
                query.conditions.append(self._condition(query.entity))
        if self._take("orderby") or (self._take("order") and self._expect("by")):
            query.order = list(self._order(query.entity))
        while self._at < len(self._tokens):
            self._bound(query)
        return query

    def _split(self, text: str) -> Iterator[tuple[str, bool]]:
        at = 0
        while at < len(text):
            match = _TOKEN.match(text, at)
            if match is None or match.end() == at:
                raise self._wrong(text[at : at + 1])
            quoted, sign, word = match.groups()
            yield (quoted.replace("\\'", "'"), True) if quoted is not None else (sign or word, False)
            at = match.end()

    def _selection(self) -> bool:
        if self._take("*"):
            if self._take(","):
                self._expect("sku")
            return False
        self._expect("count")
        for sign in "(*)":
            self._expect(sign)
        return True

    def _entity(self) -> str:
        word = self._word()
        if word.lower() not in ENTITIES:
            raise _invalid(f"Invalid context declaration: {word}")
        return ENTITIES[word.lower()]

    def _property(self, entity: str) -> str:
        word = self._word()
        if word.lower() in _TIMES:
            return _TIMES[word.lower()]
        name = next((name for name in TYPES[entity] if name.lower() == word.lower()), None)
        if name is None:
            raise _invalid(f"Property {word} not found for Entity {entity}")
        if name not in FILTERABLE[entity]:
            raise _invalid(f"property '{name}' is not queryable")
        return name

    def _condition(self, entity: str) -> Condition:
        name = self._property(entity)
        sign = self._word().lower()
        if sign not in (*_COMPARE, "in", "like"):
            raise self._wrong(sign)
        if name == "Id" and sign not in ("=", "in"):
            raise _invalid(f"Operator {sign} is not supported for property Id")
        return Condition(name, sign, tuple(self._values()) if sign == "in" else (self._literal(),))

    def _values(self) -> Iterator[str]:
        self._expect("(")
        yield self._literal()
        while self._take(","):
            yield self._literal()
        self._expect(")")

    def _order(self, entity: str) -> Iterator[tuple[str, bool]]:
        while True:
            name = self._property(entity)
            descending = self._take("desc")
            if not descending:
                self._take("asc")
            yield name, descending
            if not self._take(","):
                return

    def _bound(self, query: Query) -> None:
        word = self._word().lower()
        if word not in ("startposition", "maxresults"):
            raise self._wrong(word)
        text = self._word()
        if not text.isdigit():
            raise self._wrong(text)
        number = int(text)
        if number < 1:
            raise _invalid(f"value {number} is too small. Min allowed value is 1")
        if word == "startposition":
            query.start = number
        elif number > MOST_RESULTS:
            raise _invalid(f"value {number} is too large. Max allowed value is {MOST_RESULTS}")
        else:
            query.results = number

    def _literal(self) -> str:
        if self._at >= len(self._tokens):
            raise self._wrong("<EOF>")
        text, quoted = self._tokens[self._at]
        if not quoted and not (text[0].isalnum() or text[0] in "-+"):
            raise self._wrong(text)
        self._at += 1
        return text

    def _word(self) -> str:
        if self._at >= len(self._tokens):
            raise self._wrong("<EOF>")
        text, quoted = self._tokens[self._at]
        if quoted:
            raise self._wrong(text)
        self._at += 1
        return text

    def _take(self, word: str) -> bool:
        here = self._tokens[self._at] if self._at < len(self._tokens) else ("", True)
        if not here[1] and here[0].lower() == word:
            self._at += 1
            return True
        return False

    def _expect(self, word: str) -> bool:
        if not self._take(word):
            raise self._wrong(self._tokens[self._at][0] if self._at < len(self._tokens) else "<EOF>")
        return True

    def _wrong(self, found: str) -> Refusal:
        return refuse("4000", f'QueryParserError: Encountered "{found}" in "{self._text[:200]}"')
