"""What a list is asked for: conditions, ids, numbers, pages, and what changed since a moment."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from connectors.ledgers.xero.sandbox.organisation import IDS, Body, Invalid, Organisation

MOST, USUAL = 1000, 100
"""Elements of a page; more than the most is taken as the most ("Retrieving paged resources")."""
LISTS = {"IDs": "", "InvoiceNumbers": "InvoiceNumber", "Statuses": "Status", "ContactIDs": "ContactID"}
PAGED = frozenset(
    {"Invoices", "Contacts", "CreditNotes", "BankTransactions", "ManualJournals", "Payments", "Overpayments"}
)

_TOKEN = re.compile(
    r"\s*(?:(?P<joint>AND|and|&&|OR|or|\|\|)\b|(?P<joint2>&&|\|\|)|(?P<open>\()|(?P<close>\))|"
    r'(?P<path>[A-Za-z][A-Za-z.]*)\s*(?:(?P<op>==|=|!=|>=|<=|>|<)\s*(?P<value>null|guid\("[^"]*"\)|'
    r'DateTime\([^)]*\)|"[^"]*"|-?[0-9.]+|true|false)|\("(?P<argument>[^"]*)"\)))'
)
Test = Callable[[Body], bool]


def listed(books: Organisation, entity: str, query: Mapping[str, str], since: str) -> tuple[list[Body], Body]:
    """The elements of a list that are asked for, as they are kept, and what is said of the pages."""
    rows = [row for row in books.every(entity) if _shown(entity, row, query)]
    if query.get("where"):
        test = parsed(query["where"])
        rows = [row for row in rows if test(_flat(books, entity, row))]
    for name, field in LISTS.items():
        if name in query:
            wanted = {each.strip().casefold() for each in query[name].split(",")}
            rows = [r for r in rows if str(_flat(books, entity, r).get(field or IDS[entity], "")).casefold() in wanted]
    if since:
        at = datetime.fromisoformat(since.replace("Z", "+00:00"))
        at = at if at.tzinfo else at.replace(tzinfo=UTC)
        rows = [row for row in rows if datetime.fromisoformat(row["UpdatedDateUTC"]) >= at]
    if "page" not in query or entity not in PAGED:
        return rows, {}
    size, page = max(1, min(MOST, int(query.get("pageSize", USUAL)))), max(1, int(query["page"]))
    pages = {"page": page, "pageSize": size, "pageCount": -(-len(rows) // size), "itemCount": len(rows)}
    return rows[(page - 1) * size : page * size], {"pagination": pages}


def parsed(where: str) -> Test:
    """A condition as the service reads it. Raises ``Invalid`` for what it cannot read."""
    tokens, at = [], 0
    while where[at:].strip():
        found = _TOKEN.match(where, at)
        if found is None:
            raise Invalid(f"The where clause cannot be read at {where[at : at + 20]!r}")
        tokens.append(found)
        at = found.end()
    test = _or(tokens)
    if tokens:
        raise Invalid("The where clause cannot be read")
    return test


def _or(tokens: list[re.Match[str]]) -> Test:
    tests = [_and(tokens)]
    while tokens and _joint(tokens[0]) in ("or", "||"):
        tokens.pop(0)
        tests.append(_and(tokens))
    return lambda body: any(test(body) for test in tests)


def _and(tokens: list[re.Match[str]]) -> Test:
    tests = [_one(tokens)]
    while tokens and _joint(tokens[0]) in ("and", "&&"):
        tokens.pop(0)
        tests.append(_one(tokens))
    return lambda body: all(test(body) for test in tests)


def _joint(token: re.Match[str]) -> str:
    return (token["joint"] or token["joint2"] or "").lower()


def _one(tokens: list[re.Match[str]]) -> Test:
    token = tokens.pop(0) if tokens else None
    if token is not None and token["open"]:
        test = _or(tokens)
        if not tokens or not tokens.pop(0)["close"]:
            raise Invalid("The where clause cannot be read")
        return test
    if token is None or not token["path"]:
        raise Invalid("The where clause cannot be read")
    path, argument = token["path"], token["argument"]
    if argument is not None:
        return _called(path, argument)
    value, operator = _value(token["value"]), token["op"]
    return lambda body: _holds(_at(body, path), operator, value)


def _called(path: str, argument: str) -> Test:
    of, _, function = path.rpartition(".")
    functions: Mapping[str, Callable[[str], bool]] = {
        "StartsWith": lambda text: text.startswith(argument.casefold()),
        "Contains": lambda text: argument.casefold() in text,
    }
    if function not in functions:
        raise Invalid(f"No such method: {function}")
    return lambda body: _at(body, of) is not None and functions[function](str(_at(body, of)).casefold())


def _value(text: str) -> Any:  # noqa: ANN401 (a literal of any type)
    if text == "null":
        return None
    if text.startswith("guid("):
        return text[6:-2].lower()
    if text.startswith("DateTime("):
        year, month, day = (int(part) for part in text[9:-1].split(",")[:3])
        return f"{year:04d}-{month:02d}-{day:02d}"
    if text.startswith('"'):
        return text[1:-1]
    return text == "true" if text in ("true", "false") else Decimal(text)


def _holds(there: Any, operator: str, value: Any) -> bool:  # noqa: ANN401 (JSON is anything)
    if value is None or there is None:
        return (there is None) is (value is None and operator != "!=") if operator in ("=", "==", "!=") else False
    if isinstance(value, str):
        there, value = str(there).casefold(), value.casefold()
    match operator:
        case "=" | "==":
            return bool(there == value)
        case "!=":
            return bool(there != value)
        case ">=":
            return bool(there >= value)
        case "<=":
            return bool(there <= value)
        case ">":
            return bool(there > value)
    return bool(there < value)


def _at(body: Body, path: str) -> Any:  # noqa: ANN401 (JSON is anything)
    value: Any = body
    for name in path.split("."):
        value = (
            next((v for k, v in value.items() if k.lower() == name.lower()), None) if isinstance(value, dict) else None
        )
    return value


def _flat(books: Organisation, entity: str, row: Body) -> Body:
    """What a condition may name: kept fields, status as it is shown, and the contact and invoice within."""
    flat = dict(row)
    if "ContactID" in row and entity != "Contacts":
        flat["Contact"] = books.kept["Contacts"][row["ContactID"]]
    if entity == "Invoices":
        flat |= {"Status": books.told(entity, row)["Status"], "AmountDue": books.due(row)}
    if entity == "Payments" and row.get("InvoiceID"):
        flat["Invoice"] = books.kept["Invoices"][row["InvoiceID"]]
    return flat


def _shown(entity: str, row: Body, query: Mapping[str, str]) -> bool:
    archived = str(query.get("includeArchived", "")).lower() == "true"
    return entity != "Contacts" or row["ContactStatus"] == "ACTIVE" or archived
