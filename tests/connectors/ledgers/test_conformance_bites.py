"""The conformance suite finds the faults it is there for: each ledger below has one, and the named test catches it."""

import inspect
from dataclasses import fields, replace

import pytest

from connectors.conformance import LedgerConformance
from connectors.conformance.making import Making, booked
from connectors.ledger import AgedBalance, Posted, Rejected
from connectors.ledgers.beancount.connector import BeancountLedger
from connectors.problems import problem_of
from connectors.records import CreditNote, Customer, Invoice
from tests.connectors.ledgers.beancount_harness import BeancountHarness


class LosesAnOutcome(BeancountLedger):
    def post(self, postings):
        return iter(list(super().post(postings))[:-1])


class BooksAKeyAgain(BeancountLedger):
    def post(self, postings):
        known = self.find(postings)
        again = [
            replace(p, key=f"{p.key}-2", record=replace(p.record, number="")) if p.key in known else p for p in postings
        ]
        return (replace(o, key=o.key.removesuffix("-2")) for o in super().post(again))


class RefusesTheWholeBatch(BeancountLedger):
    def post(self, postings):
        if all(posting.customer != "NOBODY-9" for posting in postings):
            return super().post(postings)
        return (Rejected(key=p.key, problem=problem_of(p.record, "account_unknown_in_ledger")) for p in postings)


class SaysPostedAndDoesNothing(BeancountLedger):
    def post(self, postings):
        if any(isinstance(posting.record, Customer) for posting in postings):
            return super().post(postings)
        return (Posted(key=p.key, ledger_id=p.key) for p in postings)


class ForgetsOnClosing(BeancountLedger):
    def find(self, postings):
        return {}


class FindsEverything(BeancountLedger):
    def find(self, postings):
        return {p.key: Posted(key=p.key, ledger_id=p.key) for p in postings}


class SwapsSides(BeancountLedger):
    def post(self, postings):
        return super().post([replace(p, record=_swapped(p.record)) for p in postings])


def _swapped(record):
    if not isinstance(record, Invoice):
        return record
    return CreditNote(**{field.name: getattr(record, field.name) for field in fields(Invoice)})


class AgesNothing(BeancountLedger):
    def aged_receivables(self, on):
        aged = super().aged_receivables(on)
        return [AgedBalance(customer=a.customer, name=a.name, current=a.total) for a in aged]


class KnowsNoClosedPeriod(BeancountLedger):
    def __init__(self, settings):
        super().__init__(settings.model_copy(update={"closing_date": None}))


class CutsNames(BeancountLedger):
    def lists(self):
        lists = super().lists()
        return replace(lists, customers=tuple(replace(c, name=c.name[:100]) for c in lists.customers))


class MixesCurrencies(BeancountLedger):
    def aged_receivables(self, on):
        return [replace(aged, currency="") for aged in super().aged_receivables(on)]


SUITE = LedgerConformance
FAULTS = [
    (LosesAnOutcome, SUITE.test_a_refused_posting_may_come_again_corrected, {}),
    (BooksAKeyAgain, SUITE.test_a_key_posted_again_is_one_document, {}),
    (RefusesTheWholeBatch, SUITE.test_a_refused_posting_leaves_its_siblings_alone, {}),
    (SaysPostedAndDoesNothing, SUITE.test_receivables_are_what_was_posted, {}),
    (ForgetsOnClosing, SUITE.test_everything_is_still_there_after_reopening, {}),
    (FindsEverything, SUITE.test_an_unknown_key_is_proved_absent, {}),
    (SwapsSides, SUITE.test_the_books_show_its_debits_and_credits, {"kind": "invoice"}),
    (AgesNothing, SUITE.test_what_a_customer_owes_by_age, {}),
    (KnowsNoClosedPeriod, SUITE.test_a_closed_period_is_refused, {}),
    (CutsNames, SUITE.test_people_write_what_they_want, {"text": "é" * 500}),
    (MixesCurrencies, SUITE.test_another_currency_is_booked_or_refused_as_declared, {}),
]


class Faulty(BeancountHarness):
    fault = BeancountLedger

    def open(self):
        return self.fault(super().open()._settings)


def run(fault, test, parameters, folder):
    """Call a test of the suite with what its fixtures would give."""
    harness = Faulty(folder)
    sound = BeancountHarness(folder).open()
    make = Making(harness, "CAD")
    customer, supplier = booked(sound, make.customer(), make.customer(is_supplier=True))
    harness.fault = fault
    given = {
        "self": LedgerConformance(),
        "harness": harness,
        "ledger": harness.open(),
        "make": make,
        "customer": customer,
        "supplier": supplier,
        **parameters,
    }
    test(**{name: given[name] for name in inspect.signature(test).parameters})


@pytest.mark.parametrize(("fault", "test", "parameters"), FAULTS, ids=lambda value: getattr(value, "__name__", ""))
def test_the_suite_catches(fault, test, parameters, tmp_path):
    with pytest.raises((AssertionError, ValueError, KeyError)):
        run(fault, test, parameters, tmp_path)


@pytest.mark.parametrize(("_", "test", "parameters"), FAULTS, ids=lambda value: getattr(value, "__name__", ""))
def test_the_same_test_passes_without_the_fault(_, test, parameters, tmp_path):
    run(BeancountLedger, test, parameters, tmp_path)
