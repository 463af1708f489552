"""The accounting service of one or more companies: paths below ``/v3/company/{realm}/`` to operations and answers.

Assumptions: ``requestid`` is at most 50 characters (commonly said, else 2130), is remembered for the server's life
per realm, and replays successes alone, whatever the new payload; an access token of another company or scope answers
403; a request that does not accept JSON, which the vendor answers in XML, is refused (406).
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from http import HTTPStatus
from random import Random

from connectors.ledgers.quickbooks_online.sandbox import batch, changes, operations, reports, tax_service
from connectors.ledgers.quickbooks_online.sandbox.bodies import Body, dumps, loads
from connectors.ledgers.quickbooks_online.sandbox.company import ENTITIES, Company
from connectors.ledgers.quickbooks_online.sandbox.limits import Throttle, Throttled
from connectors.ledgers.quickbooks_online.sandbox.operations import Options
from connectors.ledgers.quickbooks_online.sandbox.query import run
from connectors.ledgers.quickbooks_online.sandbox.refusals import (
    Error,
    Refusal,
    Unreadable,
    missing,
    refuse,
    unsupported,
)
from connectors.ledgers.quickbooks_online.sandbox.signin import ACCOUNTING, SignIn
from connectors.sandboxes.faults import Answer
from connectors.sandboxes.server import Request

LONGEST_REQUEST_ID = 50
JSON = "application/json;charset=UTF-8"

_PATH = re.compile(r"/v3/company/([^/]+)/(.+?)/?")
_UNREADABLE = "Property Name:failed to parse json object; a property specified is unsupported or invalid"


class Service:
    """Answers the requests of signed-in clients; ``faults_with_200`` sends every Fault under status 200."""

    def __init__(
        self, companies: Mapping[str, Company], sign_in: SignIn, throttle: Throttle, *, faults_with_200: bool = False
    ) -> None:
        self._companies = companies
        self._sign_in = sign_in
        self._throttle = throttle
        self._faults_with_200 = faults_with_200
        self._replays: dict[tuple[str, str], Answer] = {}
        self._random = Random(0)  # noqa: S311 - the order of a batch, repeatable, guards nothing

    def answer(self, request: Request) -> Answer:
        """The answer to a request below ``/v3/``."""
        match = _PATH.fullmatch(request.path)
        if match is None:
            return self._told(
                HTTPStatus.NOT_FOUND, system_fault(f"Could not find resource for relative : {request.path}")
            )
        realm, resource = match.groups()
        grant = self._sign_in.bearer(request.headers.get("authorization", ""))
        if grant is None:
            return self._told(HTTPStatus.UNAUTHORIZED, TOKEN_EXPIRED)
        if grant.realm != realm or ACCOUNTING not in grant.scope.split() or realm not in self._companies:
            return self._told(HTTPStatus.FORBIDDEN, FORBIDDEN)
        if "json" not in request.headers.get("accept", ""):
            return Answer(status=HTTPStatus.NOT_ACCEPTABLE, content_type="text/plain", body=b"XML is not offered here")
        return self._served(self._companies[realm], resource, request)

    def fault(self, status: int) -> Answer:
        """The vendor's own words for a status that a switch asks for."""
        return self._told(status, _words(status))

    def _served(self, company: Company, resource: str, request: Request) -> Answer:
        try:
            self._throttle.count(company.realm, batch=resource == "batch")
            with company.lock:
                return self._once(company, resource, request)
        except Refusal as refusal:
            status = HTTPStatus.OK if self._faults_with_200 and refusal.status == 400 else refusal.status
            return self._told(status, {"Fault": company.fault(refusal), "time": company.now()})

    def _once(self, company: Company, resource: str, request: Request) -> Answer:
        id_ = request.query.get("requestid", "") if request.method == "POST" else ""
        if len(id_) > LONGEST_REQUEST_ID:
            raise refuse("2130", f"The request id is longer than {LONGEST_REQUEST_ID} characters")
        if id_ and (replay := self._replays.get((company.realm, id_))):
            return replay
        done = self._done(company, resource, request)
        answer = self._told(HTTPStatus.OK, done if "Header" in done else {**done, "time": company.now()})
        if id_:
            self._replays[company.realm, id_] = answer
        return answer

    def _done(self, company: Company, resource: str, request: Request) -> Body:
        word, _, rest = resource.partition("/")
        if word == "query":
            return {"QueryResponse": _asked(company, _query(request))}
        if request.method == "GET":
            return _read(company, word, rest, request.query)
        if request.method != "POST":
            raise unsupported(request.method)
        sent = _json(request)
        if word == "batch":
            failing = dict.fromkeys(request.failing_items, _words(request.failing_status))
            return batch.answer(company, sent, self._random, failing)
        if resource == "taxservice/taxcode":
            return tax_service.create(company, sent)
        if rest:
            raise _no_resource(resource)
        return _written(company, _entity(word), sent, request.query)

    def _told(self, status: int, body: object) -> Answer:
        headers = {"intuit_tid": f"1-{uuid.uuid4()}", "QBO-Version": "1953.130"}
        return Answer(status=status, body=dumps(body), content_type=JSON, headers=headers)


def system_fault(detail: str) -> Body:
    """A Fault of the vendor's own making."""
    error = Error(code="10000", detail=f"System Failure Error: {detail}")
    return {"Fault": Refusal([error], 500, "SystemFault").fault()}


def _lower_case(type_: str, message: str, detail: str, code: str) -> Body:
    """Authentication answers spell the keys of a Fault in lower case."""
    return {"fault": {"error": [{"message": message, "detail": detail, "code": code}], "type": type_}}


TOKEN_EXPIRED = _lower_case(
    "AUTHENTICATION",
    "message=AuthenticationFailed; errorCode=003200; statusCode=401",
    "Token expired: the access token is not valid",
    "3200",
)
FORBIDDEN = _lower_case(
    "AUTHORIZATION",
    "message=ApplicationAuthorizationFailed; errorCode=003100; statusCode=403",
    "The token does not give access to this company",
    "3100",
)
"""Assumption: status and words of a token for another company or without the accounting scope."""


def _words(status: int) -> Body:
    words: dict[int, Body] = {
        HTTPStatus.UNAUTHORIZED: TOKEN_EXPIRED,
        HTTPStatus.FORBIDDEN: FORBIDDEN,
        HTTPStatus.TOO_MANY_REQUESTS: {"Fault": Throttled().fault()},
        HTTPStatus.OK: {"Fault": refuse("6000", "Business Validation Error: Unexpected Internal Error.").fault()},
    }
    return words.get(status, system_fault("the service failed"))


def _written(company: Company, entity: str, sent: object, query: Mapping[str, str]) -> Body:
    included = query.get("include", "").split(",")
    options = Options(duplicates="allowduplicatedocnum" in included, void="void" in included)
    match query.get("operation"):
        case "delete":
            return {entity: operations.delete(company, entity, sent)}
        case "void":
            return {entity: operations.void(company, entity, sent)}
        case "update":
            return {entity: operations.update(company, entity, sent, options)}
        case None | "" | "create":
            return {entity: operations.write(company, entity, sent, options)}
        case other:
            raise unsupported(other)


def _asked(company: Company, text: str) -> Body:
    """What a query finds, or the Fault that stands in its place."""
    try:
        return run(company, text)
    except Unreadable as unreadable:
        return {"Fault": company.fault(unreadable)}


def _read(company: Company, word: str, rest: str, query: Mapping[str, str]) -> Body:
    if word == "reports":
        return reports.report(company, rest, query)
    if word == "cdc":
        return changes.since(company, query.get("entities", ""), query.get("changedSince", ""))
    entity = _entity(word)
    if entity in ("Preferences", "CompanyInfo"):
        return {entity: company.get(entity, "1")}
    if not rest:
        raise missing("Id")
    if "/" in rest:
        raise _no_resource(f"{word}/{rest}")
    return {entity: company.get(entity, rest)}


def _query(request: Request) -> str:
    if request.method == "GET":
        return request.query.get("query", "")
    if "text" not in request.headers.get("content-type", ""):
        raise refuse("1050", "A query that is posted has the content type application/text")
    return request.body.decode("utf-8", "replace")


def _json(request: Request) -> object:
    if "json" not in request.headers.get("content-type", ""):
        raise refuse("1050", "Only JSON is supported")
    try:
        return loads(request.body)
    except ValueError as wrong:
        raise refuse("2010", _UNREADABLE) from wrong


def _entity(word: str) -> str:
    if word.lower() not in ENTITIES:
        raise _no_resource(word)
    return ENTITIES[word.lower()]


def _no_resource(path: str) -> Refusal:
    detail = f"System Failure Error: Could not find resource for relative : {path}"
    return Refusal([Error(code="10000", detail=detail)], HTTPStatus.NOT_FOUND, "SystemFault")
