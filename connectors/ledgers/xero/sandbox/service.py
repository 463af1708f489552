"""The accounting service: paths below ``/api.xro/2.0`` to what is kept, with its refusals, limits and replayed keys."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from copy import deepcopy
from http import HTTPStatus
from importlib.resources import files
from typing import Any

from connectors import exact_json
from connectors.ledgers.xero.sandbox import contacts, documents, money, query, reports
from connectors.ledgers.xero.sandbox.organisation import IDS, Body, Invalid, Missing, Organisation, moment
from connectors.sandboxes import schema
from connectors.sandboxes.faults import Answer
from connectors.sandboxes.replays import OtherRequest, Replays
from connectors.sandboxes.server import Request
from connectors.sandboxes.windows import Exceeded

ROOT = "/api.xro/2.0/"
NOBODY = "00000000-0000-0000-0000-000000000000"
SCHEMA: schema.Schema = json.loads(files(__package__).joinpath("schema.json").read_text(encoding="utf-8"))
"""A reduced extract of Xero-OpenAPI 16.1.0 (MIT licence, Copyright (c) 2017 Xero Developer API)."""
OBJECTS = {
    "Contacts": "Contact", "Invoices": "Invoice", "CreditNotes": "CreditNote", "Payments": "Payment",
    "BankTransactions": "BankTransaction", "ManualJournals": "ManualJournal", "Allocations": "Allocation",
}  # fmt: skip
LONGEST_KEY = 128


def answer(books: Organisation, replays: Replays, request: Request) -> Answer:
    """The answer to one signed-in request for one organisation."""
    key = request.headers.get("idempotency-key", "") if request.method in ("PUT", "POST") else ""
    if len(key) > LONGEST_KEY:
        return _exception("Idempotency Key is longer than 128 characters.")
    try:
        kept = replays.of(f"{books.id} {key}", request) if key else None
    except OtherRequest:
        return _exception(f"Idempotency Key: {key} is used with a different request.")
    if kept:
        return kept
    with books.lock:
        told = _served(books, request)
    if key:
        replays.keep(f"{books.id} {key}", request, told)
    return told


def too_many(exceeded: Exceeded, left: dict[str, int]) -> Answer:
    """No body, and headers that say which limit and how long (recorded)."""
    named = {"Retry-After": str(exceeded.seconds), "X-Rate-Limit-Problem": exceeded.window}
    headers = {**named, **left_of(left)}
    return Answer(status=HTTPStatus.TOO_MANY_REQUESTS, content_type="text/html", headers=headers)


def left_of(left: dict[str, int]) -> dict[str, str]:
    """What every answer says is left of the minute and of the day (limits); of the application's, nobody comes near."""
    return {"X-MinLimit-Remaining": str(left["minute"]), "X-DayLimit-Remaining": str(left["day"]),
            "X-AppMinLimit-Remaining": "9000"}  # fmt: skip


def _served(books: Organisation, request: Request) -> Answer:
    entity, *rest = request.path.removeprefix(ROOT).strip("/").split("/")
    try:
        if request.method == "GET":
            return _told(_read(books, entity, rest, request))
        return _written(books, entity, rest, request)
    except Missing:
        return Answer(status=HTTPStatus.NOT_FOUND, content_type="text/html")
    except Invalid as invalid:
        return _exception(*invalid.messages)


def _read(books: Organisation, entity: str, rest: list[str], request: Request) -> Body:
    if entity == "Organisation":
        return {"Organisations": [_organisation(books)]}
    if entity == "Reports":
        report = {"TrialBalance": reports.trial_balance, "AgedReceivablesByContact": reports.aged_receivables}
        if rest[0] not in report:
            raise Missing
        return report[rest[0]](books, request.query)
    if entity not in IDS or entity == "Allocations":
        raise Missing
    if rest:
        return {entity: [books.told(entity, books.get(entity, rest[0]))]}
    rows, pages = query.listed(books, entity, request.query, request.headers.get("if-modified-since", ""))
    whole = bool(pages) or entity not in query.PAGED or "Statuses" in request.query
    return {**pages, entity: [books.told(entity, row, whole=whole) for row in rows]}


def _written(books: Organisation, entity: str, rest: list[str], request: Request) -> Answer:
    if request.method == "DELETE":
        if len(rest) != 3 or rest[1] != "Allocations" or entity not in ("CreditNotes", "Overpayments"):
            raise Missing
        return _told(documents.release(books, entity, rest[0], rest[2]))
    update, exact = request.method == "POST", request.query.get("unitdp") == "4"
    listed, write = _writer(books, entity, rest, update=update, exact=exact)
    sent = _elements(request, listed)
    apart = {name.lower(): value.lower() for name, value in request.query.items()}.get("summarizeerrors") == "false"
    before = None if apart else deepcopy(books.kept)
    told, refused = [], False
    for each in sent:
        body, invalid = _one(books, listed, each, write, strange=list(schema.wrong(SCHEMA, OBJECTS[listed], each)))
        told.append({**body, "StatusAttributeString": "ERROR" if invalid else "OK"} if apart else body)
        refused |= invalid
    if refused and before is not None:
        books.put_back(before)
        elements = [each for each in told if each.get("ValidationErrors")]
        return _exception("A validation exception occurred", elements=elements)
    return _told({listed: told})


def _writer(
    books: Organisation, entity: str, rest: list[str], *, update: bool, exact: bool
) -> tuple[str, Callable[[Body], Body]]:
    """What a path's elements are, and what writes one."""
    if len(rest) == 2 and rest[1] == "Allocations" and entity in ("CreditNotes", "Overpayments") and not update:
        return "Allocations", lambda sent: documents.allocate(books, entity, rest[0], sent)
    if len(rest) > 1 or (rest and not update):
        raise Missing
    named = {IDS[entity]: rest[0]} if rest and entity in IDS else {}
    match entity:
        case "Contacts":
            return entity, lambda sent: contacts.write(books, {**sent, **named}, update=update)
        case "Invoices" | "CreditNotes":
            return entity, lambda sent: documents.write(books, entity, {**sent, **named}, update=update, exact=exact)
        case "ManualJournals":
            return entity, lambda sent: money.journal(books, {**sent, **named}, update=update)
        case "Payments":
            return entity, lambda sent: (
                money.unpay(books, rest[0] if rest else str(sent.get("PaymentID")), sent)
                if rest or (update and sent.get("PaymentID")) else money.pay(books, sent)
            )  # fmt: skip
        case "BankTransactions":
            return entity, lambda sent: (
                money.unmove(books, rest[0] if rest else str(sent["BankTransactionID"]), sent)
                if rest or (update and sent.get("BankTransactionID")) else money.move(books, sent, exact=exact)
            )  # fmt: skip
    raise Missing


def _one(
    books: Organisation, listed: str, sent: Body, write: Callable[[Body], Body], *, strange: list[str]
) -> tuple[Body, bool]:
    """An element's answer, and whether it was refused: then it is what was sent, with an id of zeros if it had none."""
    messages: tuple[str, ...] = tuple(strange)
    kept: Body = {}
    try:
        kept = {} if strange else write(sent)
    except Invalid as invalid:
        messages = invalid.messages
    if messages:
        errors = [{"Message": message} for message in messages]
        echo = {**sent, IDS[listed]: sent.get(IDS[listed], NOBODY), "HasErrors": True, "ValidationErrors": errors}
        return echo, True
    if listed == "Allocations":
        told: Body = {name: kept[name] for name in ("AllocationID", "Amount")} | {"Date": moment(kept["Date"])}
        return {**told, "Invoice": {"InvoiceID": kept["InvoiceID"]}, "ValidationErrors": []}, False
    shown = books.told(listed, kept)
    if kept.get("Status") == "VOIDED" and listed == "Invoices":
        shown["AmountDue"] = kept["Total"]  # the answer still shows it (recorded)
    return {**shown, "HasErrors": False, "ValidationErrors": []}, False


def _elements(request: Request, listed: str) -> list[Body]:
    if "json" not in request.headers.get("content-type", ""):
        raise Invalid("The content type has to be application/json.")
    try:
        sent = exact_json.loads(request.body)
    except ValueError as wrong:
        raise Invalid("The request body cannot be read.") from wrong
    many: Any = sent.get(listed, [sent]) if isinstance(sent, dict) else sent
    if not isinstance(many, list) or not all(isinstance(each, dict) for each in many):
        raise Invalid("The request body cannot be read.")
    return many


def _organisation(books: Organisation) -> Body:
    locks = {"PeriodLockDate": books.period_lock, "EndOfYearLockDate": books.year_lock}
    return {
        "OrganisationID": books.id, "Name": books.name, "LegalName": books.name, "BaseCurrency": books.currency,
        "CountryCode": books.country, "ShortCode": f"!{books.id[:5]}", "Version": "GLOBAL",
        "OrganisationStatus": "ACTIVE",
        **{name: moment(day) for name, day in locks.items() if day},
    }  # fmt: skip


def _told(body: Body) -> Answer:
    head = {"Id": str(uuid.uuid4()), "Status": "OK", "ProviderName": "Sandbox"}
    return Answer(body=exact_json.dumps({**head, **body}).encode())


def _exception(*messages: str, elements: list[Body] | None = None) -> Answer:
    told: Body = {"ErrorNumber": 10, "Type": "ValidationException", "Message": "; ".join(messages)}
    told["Elements"] = elements if elements is not None else [{"ValidationErrors": [{"Message": m} for m in messages]}]
    return Answer(status=HTTPStatus.BAD_REQUEST, body=exact_json.dumps(told).encode())
