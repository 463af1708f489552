"""Tryton's JSON-RPC: signing in, calling, and what an answer that is not a result means.

Facts: ``trytond.protocols.jsonrpc`` and ``trytond.protocols.dispatcher`` (8.2). A call is one transaction in Tryton.
"""

from __future__ import annotations

import base64
import contextlib
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import quote

from connectors.http import Answer, Http, MayHaveHappened, Refused, Vendor
from connectors.ledgers.tryton.problems import NoAnswer, Refusal
from connectors.ledgers.tryton.settings import TrytonSettings
from connectors.problems import CannotRun, Problem
from connectors.secrets.secret import Secret

TRYTON = Vendor(label="Tryton")
UNHOLDABLE = re.compile("[\ud800-\udfff]|\x00")
"""What a database of Tryton's may not hold: UTF-8 has no lone surrogates and PostgreSQL's texts no NUL."""

MOMENT = ("year", "month", "day", "hour", "minute", "second", "microsecond")
READS = frozenset({"read", "search_read", "search_count"})

Row = Mapping[str, Any]
Domain = Sequence[object]


class Rpc:
    """One user's session with one database; begun by the first call, and anew when Tryton has ended it.

    ``context`` goes with every call: messages in English, so that they can be recognised, and the company.
    """

    def __init__(self, settings: TrytonSettings, password: Callable[[], Secret]) -> None:
        self._settings, self._password = settings, password
        base = f"{settings.url.rstrip('/')}/{quote(settings.database, safe='')}"
        self._door, self._http = Http(base, TRYTON), Http(base, TRYTON, signer=self)
        self._token: Secret | None = None
        self.user_id = 0
        self.context: dict[str, object] = {"language": "en"}

    @property
    def user(self) -> str:
        """The name we sign in by."""
        return self._settings.user

    def headers(self) -> Mapping[str, Secret]:
        """What proves the session (the contract of ``Http``'s signer). Raises ``CannotRun``."""
        if self._token is None:
            self._token = self._sign_in()
        return {"Authorization": self._token}

    def renew(self, refused: Mapping[str, Secret]) -> None:
        """Tryton has ended the session: it does so after some minutes without a call."""
        if refused.get("Authorization") == self._token:
            self._token = None

    def model(self, model: str, method: str, *arguments: object, **context: object) -> Any:  # noqa: ANN401 (JSON)
        """Call a method of a model. Raises ``Refusal``, ``NoAnswer``, ``CannotRun``."""
        return self.call(f"model.{model}.{method}", *arguments, {**self.context, **context})

    def rows(self, model: str, domain: Domain, *fields: str) -> list[Row]:
        """Every record of a domain with these fields, the oldest first. Raises ``CannotRun``."""
        try:
            found: list[Row] = self.model(model, "search_read", domain, 0, None, [["id", "ASC"]], list(fields))
        except Refusal as refusal:
            problem = Problem(code="access_denied", params={"ledger": TRYTON.label}, detail=str(refusal))
            raise CannotRun(problem) from refusal
        except NoAnswer as unreadable:
            problem = Problem(code="ledger_unreachable", params={"ledger": TRYTON.label}, detail=str(unreadable))
            raise CannotRun(problem) from unreadable
        return found

    def call(self, method: str, *arguments: object) -> Any:  # noqa: ANN401 (JSON)
        """One call. Raises ``Refusal`` (answered no), ``NoAnswer`` (it may have been carried out), ``CannotRun``."""
        try:
            answer = self._http.post("rpc/", json=_request(method, arguments), reads=method.rpartition(".")[2] in READS)
        except Refused as refused:
            if refused.answer.status in (401, 403):
                raise
            raise Refusal("UserError", refused.answer.detail) from refused
        except MayHaveHappened as doubt:
            raise NoAnswer(doubt.problem.detail) from doubt
        return _result(answer)

    def close(self) -> None:
        """End the session where that is still possible, and let go of the connections."""
        if self._token is not None:
            with contextlib.suppress(Refusal, NoAnswer, CannotRun):
                self.call("common.db.logout")
            self._token = None
        self._http.close()
        self._door.close()

    def _sign_in(self) -> Secret:
        asked = {"id": 0, "method": "common.db.login", "params": [self.user, {"password": self._password()}, "en"]}
        kind = {"Content-Type": "application/json"}
        try:
            session = _result(self._door.post("rpc/", form=asked, headers=kind, reads=True))
        except Refused as refused:
            if refused.answer.status != 401:
                raise
            session = None
        except Refusal as refusal:
            raise CannotRun(self._refused(str(refusal))) from refusal
        if not session:
            raise CannotRun(self._refused("wrong user name or password"))
        self.user_id = session[0]
        proof = ":".join((self.user, str(session[0]), str(session[1])))
        return Secret(f"Session {base64.b64encode(proof.encode()).decode()}")

    def _refused(self, why: str) -> Problem:
        return Problem(code="access_denied", params={"ledger": TRYTON.label}, detail=f"{self.user}: {why}")


def _request(method: str, arguments: Sequence[object]) -> object:
    return {"id": 0, "method": method, "params": [_plain(argument) for argument in arguments]}


def _result(answer: Answer) -> Any:  # noqa: ANN401 (JSON)
    if not isinstance(answer.body, Mapping):
        raise NoAnswer(f"not an answer of JSON-RPC: {answer.detail}")
    if answer.body.get("error"):
        raise Refusal.of(_typed(answer.body["error"]))
    return _typed(answer.body.get("result"))


def _plain(value: object) -> object:
    """A value as Tryton's JSON has it; a float is a plain number there, an amount never is."""
    match value:
        case Decimal():
            return {"__class__": "Decimal", "decimal": f"{value:f}"}
        case float():
            return Decimal(repr(value))
        case datetime():
            return {"__class__": "datetime", **{part: getattr(value, part) for part in MOMENT}}
        case date():
            return {"__class__": "date", "year": value.year, "month": value.month, "day": value.day}
        case str():
            return UNHOLDABLE.sub("\ufffd", value)
        case Mapping():
            return {name: _plain(part) for name, part in value.items()}
        case list() | tuple():
            return [_plain(part) for part in value]
    return value


def _typed(value: object) -> object:
    match value:
        case {"__class__": "Decimal", "decimal": str(digits)}:
            return Decimal(digits)
        case {"__class__": "datetime", **parts}:
            moment: dict[str, Any] = {name: parts[name] for name in MOMENT}
            return datetime(**moment)  # noqa: DTZ001 - Tryton's have no zone
        case {"__class__": "date", "year": int(year), "month": int(month), "day": int(day)}:
            return date(year, month, day)
        case Mapping():
            return {name: _typed(part) for name, part in value.items()}
        case list():
            return [_typed(part) for part in value]
    return value
