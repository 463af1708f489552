"""What QuickBooks Online says, in our problem codes: a table of its codes and the words they come with."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from connectors.problems import CannotRun, Problem, problem_of
from connectors.records import Customer, Transferable
from connectors.watch import NothingDone
from connectors.wire.words import UNMAPPED, Row, problem_in

THROTTLED = "3001"
UNPARSED = frozenset({"4000", "4001"})
"""The parser does not read a query, or a property is none that it filters by."""


class QueryRefused(NothingDone):
    """A query was not read: nothing is proved by it of what it asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One error of the vendor: its code (text, as it sends it), its words, and the field it names, if any."""

    code: str
    message: str = ""
    detail: str = ""
    element: str = ""

    @property
    def words(self) -> str:
        """All it says, for a person and for the vendor's support."""
        said = self.detail if self.message in self.detail else f"{self.message}: {self.detail}".strip(": ")
        return f"{self.code} {said}".strip() + (f" ({self.element})" if self.element else "")


INACTIVE = r"inactive|inactif|désactiv"
TABLE: tuple[Row, ...] = (
    Row(code="6240", pattern=r"", problem="name_taken"),
    Row(code="6140", pattern=r"", problem="number_taken"),
    Row(code="6210", pattern=r"Document Number|DocNumber|Numéro de document", problem="number_taken"),
    Row(code="6200", pattern=r"", problem="period_closed"),
    Row(code="6210", pattern=r"", problem="period_closed"),
    Row(code="610", pattern=INACTIVE, problem="inactive_in_ledger"),
    Row(code="2500", pattern=INACTIVE, problem="inactive_in_ledger"),
    Row(code="2210", pattern=r"", problem="email_refused"),
    Row(code="610", pattern=r"", problem="deleted_in_ledger"),
    Row(code="620", pattern=r"", problem="deleted_in_ledger"),
    Row(code="2500", pattern=r"\b(?:Customers?|Vendors?|Names?)\b", problem="account_unknown_in_ledger"),
    Row(code="2500", pattern=r"element id (?P<code>\S+)", problem="not_in_ledger"),
    Row(code="6250", pattern=r"", problem="account_unknown_in_ledger"),
    Row(code="2250", pattern=r"", problem="no_lines"),
    Row(code="5010", pattern=r"", problem="ledger_busy"),
    Row(code="10000", pattern=r"", problem="outcome_unknown"),
    Row(code=THROTTLED, pattern=r"", problem="too_many_requests"),
    Row(code="3200", pattern=r"", problem="sign_in_again"),
    Row(code="3202", pattern=r"", problem="sign_in_again"),
    Row(code="100", pattern=r"", problem="sign_in_again"),
    Row(code="110", pattern=r"", problem="sign_in_again"),
    Row(code="120", pattern=r"", problem="no_access_to_company"),
    Row(code="3100", pattern=r"", problem="no_access_to_company"),
    Row(code="5020", pattern=r"", problem="access_denied"),
    Row(code="6190", pattern=r"", problem="subscription_ended"),
)
"""In order: the first row whose code is equal and whose pattern is found (in any case) holds.

The code decides, for the words are in the company's language (recorded, from French Canada). Words count where one code
means several things: 610 and 2500 of what is gone and of what was made inactive, 6210, which one of the vendor's own
pages lists as a duplicate number. What stands in no row is shown as the vendor wrote it.
"""

OF_ACCOUNTS, OF_DOCUMENTS = frozenset({"name_taken", "email_refused"}), frozenset({"not_in_ledger", "period_closed"})
"""Problems whose sentences make sense for an account alone, and for anything but one; else the words are shown."""

BATCH_WIDE = frozenset(
    {"too_many_requests", "sign_in_again", "access_denied", "no_access_to_company", "subscription_ended"}
)
"""Problems that are nobody's document: they stop the run."""


def faults(body: object) -> tuple[Fault, ...]:
    """The errors of an answer or of a batch's item, whatever the case of their names (401s use small letters)."""
    errors = _get(_get(body, "Fault"), "Error")
    return tuple(
        Fault(
            code=str(_get(error, "code") or ""),
            message=str(_get(error, "Message") or ""),
            detail=str(_get(error, "Detail") or ""),
            element=str(_get(error, "element") or ""),
        )
        for error in (errors if isinstance(errors, list) else [])
    )


def faults_within(answer: object) -> tuple[Fault, ...]:
    """The errors in the answer of a query or of a change data capture, where an object is due (schema)."""
    told = tuple(_get(answer, name) for name in ("QueryResponse", "CDCResponse"))
    parts = [part for each in told for part in (each if isinstance(each, list) else [each]) if part]
    return tuple(fault for part in parts for fault in (*faults(part), *faults_within(part)))


def code_of(fault: Fault) -> tuple[str, dict[str, str]]:
    """Our code for an error, with what its words tell; ``ledger_refused`` for what no row knows."""
    return problem_in(TABLE, f"{fault.message} {fault.detail}", fault.code)


def refusal(record: Transferable, found: tuple[Fault, ...], request_id: str, **known: str) -> Problem:
    """Our problem for the vendor's answer about a record; ``known`` are what our sentences may need."""
    code, told = code_of(found[0])
    if code in (OF_DOCUMENTS if isinstance(record, Customer) else OF_ACCOUNTS):
        code = UNMAPPED
    said = "; ".join(fault.words for fault in found)
    params = {**dict(_params(record)), **known, **told}
    return problem_of(record, code, detail=f"{said} [{request_id}]" if request_id else said, **params)


def stopped(found: tuple[Fault, ...], detail: str, *, writes: bool = False) -> CannotRun:
    """The whole request was answered with an error; where it ``writes``, a failure of the service leaves a doubt."""
    code = code_of(found[0])[0] if found else UNMAPPED
    if code == "outcome_unknown" and not writes:
        code = "ledger_unreachable"
    said = "; ".join(fault.words for fault in found) or detail
    ended = CannotRun if code == "outcome_unknown" else NothingDone
    if found and found[0].code in UNPARSED:
        ended = QueryRefused
    return ended(Problem(code=code, params={"ledger": "QuickBooks Online"}, detail=f"{said} {detail}".strip()))


def _params(record: Transferable) -> Iterator[tuple[str, str]]:
    yield "ledger", "QuickBooks Online"
    yield "number", record.number
    if isinstance(record, Customer):
        yield "name", record.name
        yield "email", record.email
        yield "reference", record.name
        return
    yield "date", record.date.isoformat()
    yield "reference", getattr(record, "invoice", "") or record.number
    yield "closing_date", record.date.isoformat()


def _get(body: object, name: str) -> Any:  # noqa: ANN401 (JSON is anything)
    if not isinstance(body, dict):
        return None
    return next((value for key, value in body.items() if key.lower() == name.lower()), None)
