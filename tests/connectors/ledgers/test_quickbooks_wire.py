"""Whatever we send has the fields, values and references of the vendor's documented samples.

The conformance suite's own traffic is held to them too, request by request (``test_quickbooks_conformance``); here goes
one of each kind with every field filled, and proof that a field that is not documented would be seen.
"""

from copy import deepcopy
from dataclasses import replace
from decimal import Decimal

import pytest

from connectors import exact_json
from connectors.conformance.making import Making, booked, post
from connectors.http import session
from connectors.http.attempt import Call
from connectors.ledgers.quickbooks_online import forms
from connectors.ledgers.quickbooks_online.connector import QuickBooksOnlineLedger
from connectors.records import DOCUMENT_KINDS, Address, EntryLine, ExchangeRate, Kind
from tests.connectors.ledgers.quickbooks_harness import quickbooks
from tests.connectors.ledgers.quickbooks_wire import (
    BOOLEANS,
    ENTITIES,
    ENUMERATIONS,
    NUMBERS,
    Recorder,
    recorded,
    wrong,
)

URL = "https://quickbooks.api.intuit.com/v3/company/1"


@pytest.fixture(scope="module")
def sent(tmp_path_factory):
    """Every item of a batch that leaves when each kind is sent with every field filled: entity, operation and body."""
    items, attempted = [], session.attempt

    def kept(one, call, *rest):
        if call.url.endswith("/batch"):
            for item in exact_json.loads(call.content)["BatchItemRequest"]:
                [entity] = item.keys() - {"bId", "operation"}
                items.append((entity, item["operation"], item[entity]))
        return attempted(one, call, *rest)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(session, "attempt", kept)
        folder = tmp_path_factory.mktemp("wire")
        with quickbooks(folder, patch, currencies=True) as harness, harness.open() as ledger, recorded():
            term = harness.query("Term")[0]["Name"]
            harness.make("Class", Name="Est")
            everything(ledger, Making(harness, "CAD"), term)
    return items


def test_every_kind_with_every_field_is_what_the_vendor_documents(sent):
    assert {entity for entity, _, _ in sent} == set(ENTITIES.values())
    assert [found for entity, operation, body in sent for found in wrong(entity, body, operation)] == []


def places(value, path=()):
    """Where the values of a body are, as keys and positions."""
    for key, part in value.items() if isinstance(value, dict) else enumerate(value):
        if isinstance(part, dict | list):
            yield from places(part, (*path, key))
        yield (*path, key), part


def changed(body, place, name, value):
    """A body of which one value has another name, or is another value."""
    body = deepcopy(body)
    inner = body
    for key in place[:-1]:
        inner = inner[key]
    inner.pop(place[-1]) if isinstance(place[-1], str) else None
    inner[name] = value
    return body


def test_each_field_of_what_we_send_would_be_seen_if_it_were_misspelt_or_misplaced(sent):
    """Mutation: of every body, every name in turn with a letter too many, and every value in another place."""
    mutants = 0
    for entity, operation, body in sent:
        for place, part in places(body):
            if isinstance(place[-1], str) and part not in ("", {}, []):
                assert wrong(entity, changed(body, place, f"{place[-1]}s", part), operation), place
                assert wrong(entity, {**body, "Rest": part}, operation), place
                mutants += 2
    assert mutants > 450


def test_what_the_vendor_reckons_would_be_seen(sent):
    [body, *_] = [body for entity, operation, body in sent if (entity, operation) == ("Invoice", "create")]
    assert "Invoice.Balance is read only" in wrong("Invoice", {**body, "Balance": Decimal(1)})


def test_each_value_would_be_seen_if_it_were_none_of_the_documented(sent):
    """Mutation: every enumeration, number, yes-or-no and reference in turn as what it is not."""
    broken = {"SalesItemLine", "", 7}
    mutants = 0
    for entity, operation, body in sent:
        for place, part in places(body):
            last = place[-1]
            others = broken if last in ENUMERATIONS else {"1"} if last in NUMBERS | BOOLEANS else {7}
            for other in others if not isinstance(part, dict | list) and isinstance(last, str) else ():
                assert wrong(entity, changed(body, place, last, other), operation), (place, other)
                mutants += 1
            if isinstance(part, dict) and str(last).endswith("Ref"):
                assert wrong(entity, changed(body, place, last, part["value"]), operation), place
                assert wrong(entity, changed(body, place, last, {"id": part["value"]}), operation), place
                mutants += 2
    assert mutants > 450


@pytest.mark.parametrize(
    "call",
    [
        Call(method="POST", url=f"{URL}/query", content=b"select Id from Customer"),
        Call(method="POST", url=f"{URL}/query", content=b"select * from Customer where DisplayNam = 'x'"),
        Call(method="POST", url=f"{URL}/query", content=b"select * from Customers"),
        Call(method="POST", url=f"{URL}/query", content=b"select * from Invoice where Id = '1' or Id = '2'"),
        Call(method="POST", url=f"{URL}/query", content=b"select * from Invoice startposition 0 maxresults 10"),
        Call(method="POST", url=f"{URL}/query", content=b"select * from Invoice maxresults 1001"),
        Call(method="GET", url=f"{URL}/reports/AgedReceivable"),
        Call(method="GET", url=f"{URL}/reports/AgedReceivables", query={"reportdate": "2025-01-01"}),
        Call(method="GET", url=f"{URL}/cdc", query={"entities": "Invoices", "changedSince": "2025-01-01"}),
        Call(method="POST", url=f"{URL}/batch", content=b'{"BatchItemRequests": []}'),
        Call(method="POST", url=f"{URL}/batch",
             content=b'{"BatchItemRequest": [{"bId": "1", "operation": "make", "Invoice": {}}]}'),
        Call(method="POST", url=f"{URL}/invoices", content=b"{}"),
        Call(method="POST", url=f"{URL}/invoice", query={"operation": "void"}, content=b'{"Id": "1"}'),
        Call(method="POST", url="https://oauth.example/tokens", form={"grant_type": "refresh_token", "token": "x"}),
    ],
    ids=lambda call: f"{call.url.rpartition('/')[2]} {dict(call.query)} {call.content.decode()}"[:80],
)  # fmt: skip
def test_a_request_that_is_not_the_vendors_would_be_seen(call):
    recorder = Recorder()
    recorder.take(call)
    assert recorder.wrong


def test_a_misspelt_field_of_the_connectors_own_table_fails_its_run(tmp_path, monkeypatch):
    form = forms.FORMS[Kind.INVOICE]
    fields = tuple(replace(each, wire="DueDat") if each.wire == "DueDate" else each for each in form.fields)
    monkeypatch.setitem(forms.FORMS, Kind.INVOICE, replace(form, fields=fields))

    def run():
        with quickbooks(tmp_path, monkeypatch) as harness, harness.open() as ledger, recorded():
            make = Making(harness, "CAD")
            post(ledger, make.invoice(*booked(ledger, make.customer())))

    with pytest.raises(AssertionError, match=r"Invoice\.DueDat is not documented"):
        run()


def everything(ledger: QuickBooksOnlineLedger, make: Making, term: str) -> None:
    """One of each kind with every field filled, changes of accounts, credits and payments that are applied.

    All of it is in a foreign currency, and at its rate.
    """
    euros = {"currency": make.harness.foreign}
    street = Address(street="1\n2\n3\n4\n5\n6", city="Rimouski", region="QC", postal_code="G5L 1A6", country="CA")
    full = {
        "first_name": "Zoé", "last_name": "Roy", "email": "z@example.org", "phone": "1", "mobile": "2", "fax": "3",
        "website": "https://example.org", "billing": street, "shipping": street, "terms": term, "tax_exempt": True,
        "exempt_reason": "OBNL", "notes": "Note", **euros,
    }  # fmt: skip
    person, firm = make.customer("Zoé", is_person=True, **full), make.customer("Papier inc.", is_supplier=True, **full)
    customer, supplier = booked(ledger, person, firm)
    booked(ledger, replace(make.customer("Filiale", **euros), parent=customer))
    changed = {"email": "", "billing": Address(city="Lévis"), "notes": "", "terms": "", "tax_exempt": False}
    booked(ledger, make.change(customer, person, **changed), make.change(supplier, firm, **changed))
    documents = {}
    for kind in sorted(DOCUMENT_KINDS):
        posting = make.of_kind(kind, customer, supplier, tax="14.98", memo="Merci", ledger_terms=term, **euros)
        lines = tuple(replace(line, ledger_class="Est") for line in posting.record.lines)
        paid = {"ledger_method": "Visa", "deposit_account": "Checking"}
        more = paid if kind in (Kind.SALES_RECEIPT, Kind.REFUND) else {}
        documents[kind] = replace(posting, record=replace(posting.record, lines=lines, **more))
    ids = dict(zip(documents, booked(ledger, *documents.values()), strict=True))
    invoice = ids[Kind.INVOICE]
    booked(ledger, make.document(Kind.CREDIT_NOTE, customer, "10.00", applied=[(invoice, "10.00")], **euros))
    booked(ledger, make.payment(customer, "60.00", [(invoice, "50.00")], ledger_method="Visa", memo="Reçu", **euros))
    bill = ids[Kind.SUPPLIER_INVOICE]
    for account in ("Checking", "Credit Card"):
        paid = {"deposit_account": account, "memo": "Payé", **euros}
        booked(ledger, make.disbursement(supplier, "20.00", [(bill, "20.00")], **paid))
    entry = make.entry("20.00", **euros, exchange=ExchangeRate(rate=Decimal("1.25")))
    due = EntryLine(account="1100", debit=entry.record.lines[0].debit, memo="Dû", customer=customer,
                    ledger_account=ledger.lists().receivable)  # fmt: skip
    booked(ledger, replace(entry, record=replace(entry.record, lines=(due, entry.record.lines[1]))))
    [another] = booked(ledger, make.customer("Une autre", **euros))
    credit = make.document(Kind.CREDIT_NOTE, another, "5.00", applied=[(invoice, "5.00")], **euros)
    post(ledger, credit)  # taken out again
