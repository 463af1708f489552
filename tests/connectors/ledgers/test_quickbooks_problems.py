"""The vendor's documented and recorded errors, each as it was written, and what we make of them.

Sources: the sample answer of Batch (6240, 610, 5010); the recorded answers of quickbooks-ruby (6240, 2050, 3001, 4001,
10000) and of a public question (6140); the error code pages for the words of the others.
"""

import json
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from addin import texts
from connectors.http import Answer
from connectors.ledgers.quickbooks_online.problems import TABLE, Fault, code_of, faults, refusal, stopped
from connectors.ledgers.quickbooks_online.service import throttled
from connectors.problems import every_code
from connectors.records import Customer, Payment

SAMPLES = json.loads((Path(__file__).parent / "test_quickbooks_samples.json").read_text(encoding="utf-8"))["samples"]
BATCH = {item["bId"]: item for item in SAMPLES["batch"][1]["BatchItemResponse"]}


def fault(code, message, detail="", element=""):
    error = {"Message": message, "Detail": detail, "code": code, "element": element}
    return {"Fault": {"Error": [error], "type": "ValidationFault"}, "time": "2015-01-01T00:00:00.000-08:00"}


EXPIRED = {
    "fault": {
        "error": [
            {
                "message": "message=AuthenticationFailed; errorCode=003200; statusCode=401",
                "detail": "Token expired: AB0123",
                "code": "3200",
            }
        ],
        "type": "AUTHENTICATION",
    }
}
TAKEN = fault(
    "6140",
    "Duplicate Document Number Error",
    "Duplicate Document Number Error : You must specify a different number. This number has already been used. "
    "DocNumber=O0010714 is assigned to TxnType=Invoice with TxnId=45823",
)
SLOW_DOWN = fault("3001", "message=ThrottleExceeded; errorCode=003001; statusCode=403", "Slow down")
CLOSED = "The account period has closed and the account books cannot be updated through the QBO Services API."

ANSWERS = [
    (BATCH["bid1"], "name_taken"),
    (BATCH["bid2"], "inactive_in_ledger"),
    (BATCH["bid3"], "ledger_busy"),
    (TAKEN, "number_taken"),
    (fault("6210", "Duplicate Document Number"), "number_taken"),
    (fault("6200", "Account Period Closed", CLOSED), "period_closed"),
    (fault("6210", "Account Period Closed, Required Password", CLOSED), "period_closed"),
    (fault("610", "Object Not Found", "Object Not Found : Unable to find the object"), "deleted_in_ledger"),
    (fault("2500", "Invalid Reference Id", "Something you're trying to use has been made inactive"),
     "inactive_in_ledger"),
    (fault("6240", "Le nom indiqué existe déjà"), "name_taken"),
    (fault("6140", "Numéro de document en double", "DocNumber=F-1 is assigned to TxnType=Invoice with TxnId=9"),
     "number_taken"),
    (fault("6200", "Exercice clos"), "period_closed"),
    (fault("6210", "Exercice clos, mot de passe requis"), "period_closed"),
    (fault("610", "Objet introuvable", "Un élément a été désactivé."), "inactive_in_ledger"),
    (fault("620", "Transaction cannot be linked", "The transaction you are trying to link"), "deleted_in_ledger"),
    (fault("2500", "Invalid Reference Id", "Invalid Reference Id : Accounts element id 7 not found"), "not_in_ledger"),
    (fault("2500", "Invalid Reference Id", "Invalid Reference Id : Names element id 7 not found"),
     "account_unknown_in_ledger"),
    (fault("6250", "Invalid or inactive sales customer"), "account_unknown_in_ledger"),
    (fault("2250", "Missing lines"), "no_lines"),
    (fault("2210", "Invalid Email Address format", "The email address does not conform to RFC 822."), "email_refused"),
    (fault("10000", "An application error has occurred", "System Failure Error"), "outcome_unknown"),
    (SLOW_DOWN, "too_many_requests"),
    (EXPIRED, "sign_in_again"),
    (fault("3202", "Empty field", "oauth_token"), "sign_in_again"),
    (fault("100", "General authentication error"), "sign_in_again"),
    (fault("110", "Authentication OAuth error"), "sign_in_again"),
    (fault("120", "Authorization Failure"), "no_access_to_company"),
    (fault("3100", "message=ApplicationAuthorizationFailed; errorCode=003100; statusCode=403"),
     "no_access_to_company"),
    (fault("5020", "Permission denied"), "access_denied"),
    (fault("6190", "Invalid Company Status", "Subscription period has ended or canceled"),
     "subscription_ended"),
]  # fmt: skip
VERBATIM = [
    fault("6000", "A business validation error has occurred", "Business Validation Error: You cannot do this."),
    fault("2010", "Request has invalid or unsupported property", "Property Name:DueDat is unsupported", "DueDat"),
    fault("2020", "Required param missing, need to supply the required value for the API", "Line", "Line"),
    fault("2050", "String length is either shorter or longer than supported by specification",
          "String length specified does not match the supported length. Min:0 Max:15 supported. Supplied length:19"),
    fault("6070", "Amount is not equal to UnitPrice * Qty. Supplied value:1"),
    fault("2040", "Invalid String", "Unsupported characters"),
    fault("2300", "Debits not equal to credits", "Debits must equal credits"),
    fault("9999", "What nobody has seen yet"),
]  # fmt: skip
PAYMENT = Payment(key="p", number="R-1", date=date(2024, 3, 15), customer="c", currency="CAD", amount=Decimal(1))


@pytest.mark.parametrize(("answer", "code"), ANSWERS, ids=[f"{faults(a)[0].code}-{code}" for a, code in ANSWERS])
def test_a_documented_answer_is_our_problem(answer, code):
    record = Customer(key="c", name="Le Bic inc.") if code in ("name_taken", "email_refused") else PAYMENT
    problem = refusal(record, faults(answer), "1-abc")
    assert problem.code == code
    assert faults(answer)[0].code in problem.detail
    assert problem.detail.endswith("[1-abc]")


@pytest.mark.parametrize("answer", VERBATIM, ids=[faults(a)[0].words[:12] for a in VERBATIM])
def test_what_no_row_knows_is_shown_as_the_vendor_wrote_it(answer):
    [found] = faults(answer)
    problem = refusal(PAYMENT, (found,), "1-abc")
    assert problem.code == "ledger_refused"
    assert all(words in problem.detail for words in (found.code, found.message, found.detail, found.element, "1-abc"))


def test_every_row_has_an_answer():
    met = {next(row for row in TABLE if row.code == f.code and code_of(f)[0] == row.problem)
           for answer, _ in ANSWERS for f in faults(answer)}  # fmt: skip
    assert met == set(TABLE)
    assert {row.problem for row in TABLE} <= set(every_code())


def test_the_id_of_what_is_not_there_is_told():
    problem = refusal(PAYMENT, faults(fault("2500", "Invalid Reference Id", "Accounts element id 7 not found")), "")
    assert problem.params["code"] == "7"


def test_a_name_is_told_with_its_refusal():
    problem = refusal(Customer(key="c", name="Le Bic inc."), faults(BATCH["bid1"]), "")
    assert problem.params["name"] == "Le Bic inc."


@pytest.mark.parametrize("record", [PAYMENT, Customer(key="c", name="Le Bic inc.")], ids=["payment", "customer"])
@pytest.mark.parametrize("row", TABLE, ids=[f"{row.code}-{row.problem}" for row in TABLE])
def test_every_problem_can_be_said(row, record):
    """Nothing is left out of a sentence ("…") for want of what the vendor does not tell."""
    said = row.pattern.split("|")[0].replace("(?P<code>\\S+)", "7").replace("\\b(?:", "").replace("?", "")
    problem = refusal(record, (Fault(code=row.code, message=said),), "")
    assert problem.code in (row.problem, "ledger_refused")
    for language in ("en", "fr"):
        assert "…" not in texts.what(language, problem) + texts.fix(language, problem)


def test_several_errors_are_all_told():
    answer = fault("2010", "First")
    answer["Fault"]["Error"].append({"Message": "Second", "Detail": "", "code": "2020"})
    assert refusal(PAYMENT, faults(answer), "").detail == "2010 First; 2020 Second"


@pytest.mark.parametrize("body", [None, [], "", {}, {"Fault": None}, {"Fault": {"Error": None}}, {"Invoice": {}}])
def test_what_is_no_fault_is_none(body):
    assert faults(body) == ()


def test_throttling_is_known_by_its_status_or_its_code():
    assert throttled(Answer(status=429, headers={}))
    assert throttled(Answer(status=403, headers={}, body=SLOW_DOWN))
    assert not throttled(Answer(status=403, headers={}, body=fault("120", "Authorization Failure")))


def test_a_refusal_of_the_whole_request_names_its_owner():
    [problem] = stopped(faults(EXPIRED), "401 [1-abc]").problems
    assert (problem.code, problem.kind) == ("sign_in_again", None)
    assert "1-abc" in problem.detail
