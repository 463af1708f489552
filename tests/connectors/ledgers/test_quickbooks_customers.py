"""Every field that Novi AMS pushes to QuickBooks arrives there, is changed there and is cleared there.

Novi, "How the QuickBooks Online sync works": "Novi Company Records to QuickBooks Online", "Novi People Records to
QuickBooks Online"; and the two lists the other way, which is how each field is read back here.
"""

from dataclasses import fields, replace

import pytest

from connectors.conformance.making import Making, booked, post
from connectors.ledger import Posted, Rejected
from connectors.ledgers.quickbooks_online.books import Books
from connectors.ledgers.quickbooks_online.parties import CUSTOMER, EXEMPTIONS, read
from connectors.records import Address, Customer
from tests.connectors.ledgers.quickbooks_harness import quickbooks

HERE = Address(street="12, rue du Quai\nbureau 3", city="Rimouski", region="QC", postal_code="G5L 1A6", country="CA")
THERE = Address(street="1 Main Street", city="Ottawa", region="ON", postal_code="K1P 5M7", country="CA")

COMPANY = {
    "name": ("Coopérative du Bic", "Coopérative du Bic et d'Orford"),
    "email": ("info@bic.example.org", "compta@bic.example.org"),
    "phone": ("418 555-0100", "418 555-0101"),
    "mobile": ("418 555-0200", "418 555-0201"),
    "website": ("https://bic.example.org", "https://orford.example.org"),
    "fax": ("418 555-0300", "418 555-0301"),
    "billing": (HERE, THERE),
    "shipping": (THERE, HERE),
    "tax_exempt": (True, False),
    "exempt_reason": ("Organisme de bienfaisance", "Bande indienne"),
    "terms": ("Net 30", "Net 15"),
    "contact": ("Gérard Forget-Boutin", "Marcelle Chartrand"),
    "care_of": ("Cabinet Gagnon CPA", "Bennett & Shaw LLP"),
    "notes": ("Facturer en janvier.\nDemander un bon.", "Facturer en mars."),
}
PERSON = COMPANY | {"first_name": ("Zoé", "Zoë"), "last_name": ("L'Heureux", "Tremblay-Roy")}

EVERYBODY = {
    "Display Name": "name", "Contact Email": "email", "Phone #": "phone", "Mobile": "mobile", "Website": "website",
    "Fax": "fax", "Billing Address": "billing", "Shipping Address": "shipping", "Payment Terms": "terms",
    "Billing Notes": "notes",
}  # fmt: skip
EXEMPTION = {
    "Tax Exempt setting (on/off)": "tax_exempt",
    "Reason for Exemption": "exempt_reason",
    "Sales Term": "terms",
}
NAMES = {"First Name": "first_name", "Last Name": "last_name", "Parent": "parent"}
NOVI = {
    "Company Records to QuickBooks": EVERYBODY | EXEMPTION | {"Company Name": "name", "Staff/Sub-Customers": "parent"},
    "People Records to QuickBooks": EVERYBODY | EXEMPTION | NAMES,
    "QuickBooks Company Records to Novi": EVERYBODY | {"Staff/Sub-Customers": "parent"},
    "QuickBooks People Records to Novi": EVERYBODY | NAMES,
}
"""Novi's four lists, and our field for each; the associated transactions are the documents."""

LISTLESS = Books(name="", american=False, home="CAD", multi_currency=False, numbers=True, automated_tax=False,
                 closing_date=None)  # fmt: skip
CLEARED = [name for name in PERSON if name not in ("name", "tax_exempt")]
FIELDS = [(name, False) for name in COMPANY] + [(name, True) for name in PERSON]


@pytest.fixture
def harness(tmp_path, monkeypatch):
    with quickbooks(tmp_path, monkeypatch) as harness:
        yield harness


@pytest.fixture
def ledger(harness):
    with harness.open() as ledger:
        yield ledger


@pytest.fixture
def make(harness):
    return Making(harness, "CAD")


def whole(make, **fields):
    """An account with every field filled."""
    values = {name: value for name, (value, _) in PERSON.items()}
    return make.customer(**{**values, "is_person": True, **fields})


def kept(harness, reference):
    """The customer as the ledger has it, its terms by name."""
    [body] = harness.query("Customer", f"Id = '{reference}'")
    terms = {term["Name"]: term["Id"] for term in harness.query("Term")}
    return read("Customer", body, replace(LISTLESS, terms=terms))[0]


@pytest.mark.parametrize(("name", "is_person"), FIELDS, ids=[f"{n}-{'person' if p else 'company'}" for n, p in FIELDS])
def test_a_field_is_pushed_and_pushed_again_when_it_changed(ledger, harness, make, name, is_person):
    before, after = PERSON[name]
    given = {name: before, "is_person": is_person, **({"tax_exempt": True} if name == "exempt_reason" else {})}
    posting = make.customer(**{"name": "Un compte", **given})
    [reference] = booked(ledger, posting)
    assert getattr(kept(harness, reference), name) == before
    booked(ledger, make.change(reference, posting, **{name: after}))
    assert getattr(kept(harness, reference), name) == after


@pytest.mark.parametrize("name", CLEARED)
def test_a_field_that_was_emptied_is_emptied_and_the_others_stay(ledger, harness, make, name):
    posting = whole(make)
    [reference] = booked(ledger, posting)
    empty = getattr(Customer(key="", name=""), name)
    booked(ledger, make.change(reference, posting, **{name: empty}))
    now = kept(harness, reference)
    assert getattr(now, name) == empty
    others = {other for other in PERSON if other != name}
    assert {other: getattr(now, other) for other in others} == {other: PERSON[other][0] for other in others}


def test_a_company_has_its_company_name_and_a_person_none(ledger, harness, make):
    company, person = booked(ledger, make.customer("Le Bic inc."), make.customer("Zoé Roy", is_person=True))
    [body] = harness.query("Customer", f"Id = '{company}'")
    assert body["CompanyName"] == body["DisplayName"] == "Le Bic inc."
    assert not kept(harness, company).is_person
    assert kept(harness, person).is_person


def test_terms_are_known_by_their_name_in_any_case_and_by_the_ledgers_id(ledger, harness, make):
    """Novi: "Sales Term (aka payment terms)"; a source may keep the name or, once synced, the ledger's id."""
    [term] = harness.query("Term", "Name = 'Net 60'")
    for terms in ("Net 60", "net 60", term["Id"]):
        [reference] = booked(ledger, make.customer(f"Compte {terms} {make.key()}", terms=terms))
        assert kept(harness, reference).terms == "Net 60"


def test_notes_that_are_too_long_are_cut_and_not_what_stands_after_them(ledger, harness, make):
    """Customer, Notes: 1,024 characters when it is made (schema); contact, reason and our key stand in it too."""
    posting = whole(make, notes="n" * 3000)
    [reference] = booked(ledger, posting)
    [body] = harness.query("Customer", f"Id = '{reference}'")
    assert len(body["Notes"]) == 1024
    now = kept(harness, reference)
    assert (now.contact, now.exempt_reason) == (PERSON["contact"][0], PERSON["exempt_reason"][0])
    assert posting.key in ledger.find([posting])


@pytest.mark.parametrize("lines", range(8))
def test_a_long_street_keeps_its_words_beside_whose_care_it_is_in(ledger, harness, make, lines):
    """Customer, BillAddr: five lines."""
    street = [f"ligne {number}" for number in range(lines)]
    [reference] = booked(ledger, make.customer(care_of="Cabinet Gagnon CPA", billing=Address(street="\n".join(street))))
    now = kept(harness, reference)
    assert now.care_of == "Cabinet Gagnon CPA"
    assert now.billing.street.split() == " ".join(street).split()


def test_mail_in_care_that_a_person_wrote_in_french_is_read_as_ours(harness):
    made = harness.make(
        "Customer", DisplayName="Le Bic", BillAddr={"Line1": "a/s Cabinet Gagnon CPA", "Line2": "1, rue X"}
    )
    now = kept(harness, made["Id"])
    assert (now.care_of, now.billing.street) == ("Cabinet Gagnon CPA", "1, rue X")


def test_terms_that_the_ledger_has_not_leave_its_own_as_they_are(ledger, harness, make):
    posting = whole(make)
    [reference] = booked(ledger, posting)
    booked(ledger, make.change(reference, posting, terms="Fin du mois", phone="418 555-9999"))
    assert (kept(harness, reference).terms, kept(harness, reference).phone) == ("Net 30", "418 555-9999")


def test_a_person_is_a_sub_customer_of_its_company(ledger, harness, make):
    """Novi: "Parent – Displayed as a sub-member of the parent company"."""
    [parent] = booked(ledger, make.customer("Le Bic inc."))
    [child] = booked(ledger, replace(make.customer("Zoé Roy", is_person=True), parent=parent))
    [body] = harness.query("Customer", f"Id = '{child}'")
    assert (body["ParentRef"]["value"], body["Job"]) == (parent, True)
    assert body["FullyQualifiedName"] == "Le Bic inc.:Zoé Roy"


def test_what_is_not_pushed_stays_as_a_person_left_it(ledger, harness, make):
    """Novi, "Fields that are not pushed": preferred delivery method and the like are the ledger's own."""
    posting = whole(make)
    [reference] = booked(ledger, posting)
    [body] = harness.query("Customer", f"Id = '{reference}'")
    harness.make("Customer", Id=reference, SyncToken=body["SyncToken"], sparse=True, PreferredDeliveryMethod="Print")
    booked(ledger, make.change(reference, posting, phone="418 555-9999"))
    [body] = harness.query("Customer", f"Id = '{reference}'")
    assert body["PreferredDeliveryMethod"] == "Print"
    assert body["PrimaryPhone"]["FreeFormNumber"] == "418 555-9999"


def test_with_automated_sales_tax_the_vendors_own_reason_for_exemption_is_told(make):
    """Customer, ``TaxExemptionReasonId``: 5 is a charitable organization; "applicable if automated sales tax is on"."""
    posting = make.customer(tax_exempt=True, exempt_reason="Charitable organization")
    common = {"name": "", "american": True, "home": "USD", "multi_currency": False, "numbers": True}
    asks = Books(**common, automated_tax=True, closing_date=None)
    body = CUSTOMER.body(posting, asks)
    assert body["TaxExemptionReasonId"] == EXEMPTIONS["charitable organization"] == "5"
    assert "charitable" not in body["Notes"].lower()
    assert read("Customer", {"Id": "1", **body}, asks)[0].exempt_reason == "charitable organization"
    without = CUSTOMER.body(posting, Books(**common, automated_tax=False, closing_date=None))
    assert "TaxExemptionReasonId" not in without
    assert read("Customer", {"Id": "1", **without}, asks)[0].exempt_reason == "Charitable organization"


def test_a_supplier_becomes_a_vendor_and_is_changed_as_one(ledger, harness, make):
    posting = whole(make, is_supplier=True)
    [reference] = booked(ledger, posting)
    assert reference.startswith("V")
    booked(ledger, make.change(reference, posting, phone="418 555-9999", email=""))
    [body] = harness.query("Vendor", f"Id = '{reference[1:]}'")
    now, _ = read("Vendor", body, LISTLESS)
    assert (now.phone, now.email, now.fax, now.billing) == ("418 555-9999", "", "418 555-0300", HERE)
    assert body["TermRef"]["value"] in {term["Id"] for term in harness.query("Term", "Name = 'Net 30'")}


def test_a_name_is_taken_by_a_vendor_too(ledger, make):
    """6240: "Another customer, vendor or employee is already using this name"."""
    booked(ledger, make.customer("Imprimerie Gagné", is_supplier=True))
    posting = make.customer("Imprimerie Gagné")
    outcome = post(ledger, posting)[posting.key]
    assert isinstance(outcome, Rejected)
    assert (outcome.problem.code, outcome.problem.params["name"]) == ("name_taken", "Imprimerie Gagné")


def test_a_customer_of_ours_that_is_there_already_is_adopted(ledger, harness, make):
    """Sent twice because a look-up came too early: the name is taken, by ourselves."""
    posting = make.customer("Le Bic inc.")
    [reference] = booked(ledger, posting)
    again = post(ledger, replace(posting, record=replace(posting.record, phone="418 555-1111")))[posting.key]
    assert isinstance(again, Posted)
    assert (again.ledger_id, again.replayed) == (reference, True)
    assert len(harness.query("Customer")) == 1


@pytest.mark.parametrize("listed", NOVI)
def test_every_field_of_novis_lists_makes_the_round_trip(listed):
    tested = PERSON if "People" in listed else COMPANY
    assert set(NOVI[listed].values()) - {"parent"} <= tested.keys(), (
        "parents: a person is a sub-customer of its company"
    )


def test_every_field_of_an_account_is_pushed_or_known_not_to_be():
    """A field added to the record must be placed here or in what is pushed."""
    not_pushed = {
        "key", "number", "sync_reference", "url", "provenance",  # the source's own
        "is_person", "is_supplier",  # decide what it becomes
        "parent", "currency",  # parent: tested above; the currency in test_quickbooks_currencies
    }  # fmt: skip
    assert {field.name for field in fields(Customer)} == not_pushed | PERSON.keys()
