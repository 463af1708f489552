"""What Xero says of what it refuses, in our problem codes: it has words and no codes ("Errors")."""

from __future__ import annotations

from collections.abc import Iterator

from connectors.ledgers.xero.service import LABEL, Body
from connectors.problems import Problem, problem_of
from connectors.records import Customer, Transferable
from connectors.wire.words import UNMAPPED, Row, problem_in

TABLE: tuple[Row, ...] = (
    Row(pattern=r"contact name .* is already assigned to another contact", problem="name_taken"),
    Row(pattern=r"another contact has this contact number", problem="name_taken"),
    Row(pattern=r"# must be unique", problem="number_taken"),
    Row(pattern=r"cannot be before the .*lock date, currently set at (?P<closing_date>[^.]+)", problem="period_closed"),
    Row(pattern=r"matched an archived contact", problem="inactive_in_ledger"),
    Row(pattern=r"email address must be valid", problem="email_refused"),
    Row(pattern=r"contact could not be found|a contact must be specified", problem="account_unknown_in_ledger"),
    Row(pattern=r"account code '(?P<code>[^']+)'", problem="not_in_ledger"),
    Row(pattern=r"because it has payments or credit notes allocated", problem="undo_applied"),
    Row(pattern=r"could not be found|against authorised documents", problem="deleted_in_ledger"),
)
OF_ACCOUNTS, OF_DOCUMENTS = frozenset({"name_taken", "email_refused"}), frozenset({"not_in_ledger", "period_closed"})
"""Problems whose sentences make sense for an account alone, and for anything but one; else the words are shown."""


def refused(element: Body) -> str:
    """What an answered element was refused for; empty where it was carried out.

    The element of a refusal repeats what was asked for, its status too, so that only this says what was done.
    """
    errors = [
        str(each.get("Message") or each.get("Description") or "") for each in element.get("ValidationErrors") or []
    ]
    if errors or element.get("StatusAttributeString") == "ERROR" or element.get("HasErrors") is True:
        return "; ".join(filter(None, errors)) or "refused without a word"
    return ""


def messages(answer: object) -> str:
    """The words of an answer that refuses a whole request."""
    if not isinstance(answer, dict):
        return ""
    elements = [each for each in answer.get("Elements") or [] if isinstance(each, dict)]
    said = [refused(each) for each in elements]
    return "; ".join(filter(None, said)) or str(answer.get("Message") or answer.get("Detail") or "")


def refusal(record: Transferable, said: str, **known: str) -> Problem:
    """Our problem for the vendor's words about a record; ``known`` are what our sentences may need."""
    code, told = problem_in(TABLE, said)
    if code in (OF_DOCUMENTS if isinstance(record, Customer) else OF_ACCOUNTS):
        code = UNMAPPED
    return problem_of(record, code, detail=said, **{**dict(_params(record)), **known, **told})


def _params(record: Transferable) -> Iterator[tuple[str, str]]:
    yield "ledger", LABEL
    yield "number", record.number
    yield "reference", record.number or record.key
    yield "numbers", record.number
    if isinstance(record, Customer):
        yield "name", record.name
        yield "email", record.email
        return
    yield "date", record.date.isoformat()
    yield "closing_date", record.date.isoformat()
    yield "code", ""
