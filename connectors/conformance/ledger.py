"""The suite: a ledger keeps the contract of ``connectors.ledger`` and does what its capabilities say.

What a ledger does not declare is not asked of it: planning never sends it, so there is nothing to see.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from connectors.conformance.abroad import ForeignCurrency
from connectors.conformance.amending import AmendsBooked
from connectors.conformance.applying import only_where
from connectors.conformance.changes import TellsChanges
from connectors.conformance.disbursing import Disburses
from connectors.conformance.harness import Harness
from connectors.conformance.making import TYPED, Making, booked, day_of_next_year, post
from connectors.conformance.on_account import AppliesLater
from connectors.conformance.returning import Returns
from connectors.conformance.searching import Searches
from connectors.conformance.taking_off import TakesOff
from connectors.conformance.undoing import Undoes
from connectors.double_entry import legs
from connectors.ledger import Action, AgedBalance, Changes, Ledger, LedgerCustomer, Posted, Posting, Rejected
from connectors.records import DOCUMENT_KINDS, Direction, Invoice, InvoiceLine, JournalEntry, Kind, Record

KINDS = sorted(Kind)
PLAIN_TEXTS = {
    "apostrophe": "L'Ordre d'Orford",
    "accents": "Coopérative Œuvre-Été à Îles-Dupas ÇÀÉ",
    "emoji": "Équipe 🎉 Fête",
    "quotes": 'La "Maison" \\ C:\\temp',
    "formula": "=1+1",
    "brackets": "<b>&amp;</b> {x} %s ; # ^lien",
    "500 characters": "é" * 500,
}
ODD_TEXTS = {
    "line ends": "un\ndeux\r\ntrois",
    "control characters": "a\x01b\x1fc\x7fd\te",
    "nul": "a\x00b",
    "direction marks": "a\u202eb\u200bc\u2028d",
    "lone surrogate": "a\ud800b",
    "only blanks": "   ",
}


class LedgerConformance(Undoes, Searches, Disburses, TakesOff, Returns, AppliesLater, AmendsBooked, ForeignCurrency):
    """Subclass it and give a fixture ``harness``; with ``TellsChanges`` where the ledger declares that."""

    @pytest.fixture
    def harness(self) -> Harness:
        """The books under test."""
        raise NotImplementedError("give a fixture named harness")

    @pytest.fixture
    def ledger(self, harness: Harness) -> Iterator[Ledger]:
        """A connected instance; when the test is over the books must be sound."""
        with harness.open() as ledger:
            ledger.connect()
            yield ledger
        harness.check()

    @pytest.fixture
    def make(self, harness: Harness, ledger: Ledger) -> Making:
        return Making(harness, ledger.lists().home_currency, ledger)

    @pytest.fixture
    def customer(self, ledger: Ledger, make: Making) -> str:
        """The ledger's id of a customer."""
        return booked(ledger, make.customer())[0]

    @pytest.fixture
    def supplier(self, ledger: Ledger, make: Making) -> str:
        """The ledger's id of a supplier."""
        return booked(ledger, make.customer("Imprimerie Gagné", is_supplier=True))[0]

    # --- changes

    def test_what_it_declares_of_changes_is_what_it_is_held_to(self, ledger: Ledger, make: Making) -> None:
        assert isinstance(self, TellsChanges) is ledger.capabilities.tells_changes, "is its class a TellsChanges too?"
        booked(ledger, make.customer())
        now = datetime.now(UTC)
        assert ledger.capabilities.tells_changes or ledger.changes(now) == Changes(until=now)

    # --- connecting and lists

    def test_it_tells_whose_books_these_are(self, ledger: Ledger) -> None:
        assert ledger.connect().company

    def test_its_lists_are_well_formed(self, ledger: Ledger, harness: Harness) -> None:
        lists = ledger.lists()
        for codes in (
            [entry.code for entry in lists.accounts],
            [entry.code for entry in lists.items],
            [entry.code for entry in lists.tax_codes],
            [entry.reference for entry in lists.customers],
        ):
            assert all(codes)
            assert not [code for code, times in Counter(codes).items() if times > 1]
        assert len(lists.home_currency) == 3
        chart, active = harness.chart, {account.code for account in lists.accounts if account.active}
        assert {chart.revenue, chart.deferred, chart.expense, chart.bank} <= active
        assert {lists.receivable, lists.payable, lists.deposit} <= active
        assert chart.tax in {code.code for code in lists.tax_codes}
        assert all(account.name for account in lists.accounts)

    # --- customers

    def test_a_new_customer_is_listed_under_its_reference(self, ledger: Ledger, make: Making) -> None:
        posting = make.customer("Nouvelle Membre inc.", email="n@example.org", phone="418 555-0100")
        [reference] = booked(ledger, posting)
        found = _customer(ledger, reference)
        assert (found.name, found.email, found.phone, found.active) == (
            "Nouvelle Membre inc.",
            "n@example.org",
            "418 555-0100",
            True,
        )

    def test_a_customer_that_is_in_use_no_more_is_listed_as_that(
        self, ledger: Ledger, harness: Harness, make: Making
    ) -> None:
        """A typed reference of it is then refused by name, and not taken for one that is not there."""
        only_where(ledger.capabilities.searches)
        [reference] = booked(ledger, make.customer("Membre retiré"))
        assert _customer(ledger, reference).active
        harness.hands().retire_customer(reference)
        with harness.open() as reopened:
            assert not _customer(reopened, reference).active

    def test_two_customers_of_one_name_are_two_or_the_second_is_refused(self, ledger: Ledger, make: Making) -> None:
        first, second = make.customer("Jean Tremblay"), make.customer("Jean Tremblay")
        [reference] = booked(ledger, first)
        outcome = post(ledger, second)[second.key]
        if isinstance(outcome, Posted):
            assert outcome.ledger_id != reference
        else:
            assert outcome.problem.code == "name_taken"

    def test_a_changed_customer_shows_its_new_name(self, ledger: Ledger, harness: Harness, make: Making) -> None:
        only_where(ledger.capabilities.updates_customers)
        posting = make.customer("Ancien nom", email="a@example.org")
        [reference] = booked(ledger, posting)
        change = make.change(reference, posting, name="Nouveau nom", email="")
        assert booked(ledger, change) == [reference]
        with harness.open() as reopened:
            assert _customer(reopened, reference).name == "Nouveau nom"
            assert _customer(reopened, reference).email == ""
            assert change.key in reopened.find([change])

    def test_a_change_of_an_unknown_customer_is_refused(self, ledger: Ledger, make: Making) -> None:
        only_where(ledger.capabilities.updates_customers)
        change = make.change("NOBODY-9", make.customer(), name="Personne")
        assert _code(ledger, change) == "account_unknown_in_ledger"

    def test_a_sub_customer_is_booked(self, ledger: Ledger, make: Making, customer: str) -> None:
        only_where(ledger.capabilities.sub_customers)
        child = replace(make.customer("Filiale"), parent=customer)
        assert booked(ledger, child) != [customer]

    # --- every kind

    @pytest.mark.parametrize("kind", KINDS)
    def test_a_kind_it_declares_is_booked_and_found_and_another_is_refused(
        self, ledger: Ledger, make: Making, customer: str, supplier: str, kind: Kind
    ) -> None:
        posting = make.of_kind(kind, customer, supplier)
        if kind not in ledger.capabilities.kinds:
            assert _code(ledger, posting) == "kind_unsupported"
            return
        outcome = post(ledger, posting)[posting.key]
        assert isinstance(outcome, Posted)
        assert outcome.ledger_id
        assert not outcome.replayed
        if outcome.total is not None and kind in DOCUMENT_KINDS:
            assert outcome.total == getattr(posting.record, "total")  # noqa: B009 - only documents have one
        assert ledger.find([posting])[posting.key].ledger_id == outcome.ledger_id

    @pytest.mark.parametrize("kind", KINDS)
    def test_the_books_show_its_debits_and_credits(
        self, ledger: Ledger, harness: Harness, make: Making, customer: str, supplier: str, kind: Kind
    ) -> None:
        only_where(harness.balances() is not None and kind in ledger.capabilities.kinds)
        fields = {"tax": "14.98"} if kind in DOCUMENT_KINDS else {}
        posting = make.of_kind(kind, customer, supplier, **fields)
        before = harness.balances() or {}
        booked(ledger, posting)
        after = harness.balances() or {}
        moved = {code: after.get(code, Decimal(0)) - before.get(code, Decimal(0)) for code in after.keys() | before}
        expected: Counter[str] = Counter()
        one_account = dict.fromkeys(harness.chart.taxed.values(), harness.chart.tax)
        for leg in legs(posting, ledger.lists()):
            expected[one_account.get(leg.account, leg.account)] += leg.amount  # type: ignore[assignment] # counts money
        assert {code: amount for code, amount in moved.items() if amount} == {
            code: amount for code, amount in expected.items() if amount
        }

    # --- exactly once

    def test_an_unknown_key_is_proved_absent(self, ledger: Ledger, make: Making) -> None:
        assert ledger.find([make.customer(), make.invoice("NOBODY-9")]) == {}
        assert ledger.find([]) == {}

    def test_an_empty_batch_has_no_outcome(self, ledger: Ledger) -> None:
        assert list(ledger.post([])) == []

    def test_a_key_posted_again_is_one_document(
        self, ledger: Ledger, harness: Harness, make: Making, customer: str
    ) -> None:
        only_where(_offers(ledger, idempotent=True))
        posting = make.invoice(customer, "40.00")
        [ledger_id] = booked(ledger, posting)
        owed = _owed(ledger, customer, harness.day)
        with harness.open() as reopened:
            again = post(reopened, posting)[posting.key]
            assert isinstance(again, Posted)
            assert again.ledger_id == ledger_id
            assert again.replayed
            assert _owed(reopened, customer, harness.day) == owed == Decimal("40.00")

    def test_a_key_twice_in_a_batch_is_one_document(
        self, ledger: Ledger, harness: Harness, make: Making, customer: str
    ) -> None:
        only_where(_offers(ledger, idempotent=True, batch=2))
        posting = make.invoice(customer, "40.00")
        answers = list(ledger.post([posting, posting]))
        assert [answer.key for answer in answers] == [posting.key] * 2
        assert len({answer.ledger_id for answer in answers if isinstance(answer, Posted)}) == 1
        assert _owed(ledger, customer, harness.day) == Decimal("40.00")

    def test_it_posts_and_finds_in_as_many_threads_as_it_declares(
        self, ledger: Ledger, harness: Harness, make: Making, customer: str
    ) -> None:
        declared = ledger.capabilities
        only_where(declared.concurrency > 1)
        size = min(declared.batch_size, 3)
        batches = [[make.invoice(customer, "1.00") for _ in range(size)] for _ in range(2 * declared.concurrency)]
        with ThreadPoolExecutor(declared.concurrency) as threads:
            outcomes = list(threads.map(lambda batch: post(ledger, *batch), batches))
            found = list(threads.map(ledger.find, batches))
        assert all(isinstance(outcome, Posted) for some in outcomes for outcome in some.values())
        assert [one.keys() for one in found] == [{posting.key for posting in batch} for batch in batches]
        assert _owed(ledger, customer, harness.day) == size * len(batches)

    def test_everything_is_still_there_after_reopening(
        self, ledger: Ledger, harness: Harness, make: Making, customer: str
    ) -> None:
        postings = [make.invoice(customer, f"{n}.00") for n in range(1, 8)]
        ids = booked(ledger, *postings)
        ledger.close()
        with harness.open() as reopened:
            reopened.connect()
            found = reopened.find(postings)
            assert [found[posting.key].ledger_id for posting in postings] == ids
            assert [found[posting.key].number for posting in postings] == [p.record.number for p in postings]
            assert _customer(reopened, customer).active

    # --- refusals

    def test_a_refused_posting_leaves_its_siblings_alone(
        self, ledger: Ledger, harness: Harness, make: Making, customer: str
    ) -> None:
        good = [make.invoice(customer, "10.00") for _ in range(ledger.capabilities.batch_size)]
        bad = make.invoice("NOBODY-9", "1000.00")
        postings = [*good[: len(good) // 2], bad, *good[len(good) // 2 :]]
        outcomes = post(ledger, *postings)
        assert isinstance(outcomes.pop(bad.key), Rejected)
        assert all(isinstance(outcome, Posted) for outcome in outcomes.values())
        assert ledger.find(postings).keys() == {posting.key for posting in good}
        assert _owed(ledger, customer, harness.day) == 10 * len(good)

    def test_a_refused_posting_may_come_again_corrected(self, ledger: Ledger, make: Making, customer: str) -> None:
        bad = make.invoice("NOBODY-9")
        assert _code(ledger, bad) == "account_unknown_in_ledger"
        assert bad.key not in ledger.find([bad])
        good = replace(bad, customer=customer)
        booked(ledger, good)
        assert good.key in ledger.find([good])

    def test_an_unknown_customer_is_refused(self, ledger: Ledger, make: Making) -> None:
        assert _code(ledger, make.invoice("NOBODY-9")) == "account_unknown_in_ledger"
        assert _code(ledger, make.payment("")) == "account_unknown_in_ledger"

    def test_an_unknown_account_is_refused(self, ledger: Ledger, make: Making, customer: str) -> None:
        unknown = "NO-SUCH" if ledger.capabilities.lines_by == "account" else ""
        line = InvoiceLine(
            key="1", number=1, description="?", amount=Decimal("100.00"), ledger_account=unknown, ledger_item="NO-SUCH"
        )
        named = "not_in_ledger" if ledger.capabilities.lines_by == "account" else "item_not_in_ledger"
        assert _code(ledger, make.invoice(customer, lines=(line,))) == named
        assert _code(ledger, make.payment(customer, deposit_account="NO-SUCH")) == "not_in_ledger"

    def test_a_taken_number_is_refused(self, ledger: Ledger, harness: Harness, make: Making, customer: str) -> None:
        only_where(harness.refuses_taken_numbers)
        first = make.invoice(customer)
        booked(ledger, first)
        second = make.invoice(customer, number=first.record.number)
        with harness.open() as reopened:
            assert _code(reopened, second) == "number_taken"

    def test_a_closed_period_is_refused(self, ledger: Ledger, harness: Harness, make: Making, customer: str) -> None:
        only_where(harness.closed is not None)
        for posting in (make.invoice(customer, date=harness.closed), make.payment(customer, date=harness.closed)):
            assert _code(ledger, posting) == "period_closed"
        assert ledger.lists().closing_date is None or ledger.lists().closing_date >= harness.closed  # type: ignore[operator]

    @pytest.mark.parametrize("typed", ["no-such-document", *TYPED.values()])
    def test_a_payment_of_a_document_that_is_not_there_is_refused(
        self, ledger: Ledger, make: Making, customer: str, typed: str
    ) -> None:
        booked(ledger, make.invoice(customer, "10.00"))
        payment = make.payment(customer, "10.00", [(typed, "10.00")])
        assert _code(ledger, payment) == "deleted_in_ledger"

    @pytest.mark.parametrize("typed", TYPED.values(), ids=TYPED)
    def test_a_reference_that_a_person_typed_is_never_a_query(self, ledger: Ledger, make: Making, typed: str) -> None:
        assert _code(ledger, make.invoice(typed)) == "account_unknown_in_ledger"
        undo = Posting(key=make.key(), record=make.invoice(typed).record, action=Action.VOID, reference=typed)
        assert not ledger.capabilities.reads_back or ledger.read([undo]) == {}

    @pytest.mark.parametrize("like", ["A%1", "A_1", "A\\1", "A'1", "A*1"])
    def test_a_number_is_taken_by_itself_alone(self, ledger: Ledger, make: Making, customer: str, like: str) -> None:
        if not set(like) & set(ledger.capabilities.forbidden_in_numbers):
            booked(ledger, make.invoice(customer, number="AB1"))
            booked(ledger, make.invoice(customer, number=like))

    def test_what_does_not_add_up_is_refused(self, ledger: Ledger, make: Making, customer: str) -> None:
        kinds = ledger.capabilities.kinds
        [invoice] = booked(ledger, make.invoice(customer, "100.00"))
        assert _code(ledger, make.invoice(customer, "100.00", total=Decimal("100.01"))) == "lines_do_not_add_up"
        assert _code(ledger, make.invoice(customer, "100.00", total=Decimal("NaN"))) == "no_amount"
        over = make.payment(customer, "10.00", [(invoice, "10.01")])
        assert Kind.PAYMENT not in kinds or _code(ledger, over) == "payment_over_allocated"
        entry = make.entry("100.00")
        assert isinstance(entry.record, JournalEntry)
        debit, credit = entry.record.lines
        lopsided = replace(entry.record, lines=(replace(debit, debit=Decimal("100.01")), credit))
        assert Kind.JOURNAL_ENTRY not in kinds or _code(ledger, replace(entry, record=lopsided)) == "entry_not_balanced"

    def test_what_is_not_meant_for_a_ledger_is_refused(self, ledger: Ledger, make: Making, customer: str) -> None:
        inbound = make.payment(customer, direction=Direction.FROM_LEDGER)
        assert _code(ledger, inbound) == "kind_unsupported"
        posting = make.invoice(customer)
        [ledger_id] = booked(ledger, posting)
        assert _code(ledger, make.change(ledger_id, posting, memo="Autre")) == "kind_unsupported"

    def test_a_number_it_cannot_hold_is_refused(self, ledger: Ledger, make: Making, customer: str) -> None:
        declared = ledger.capabilities
        if declared.number_length is not None:
            long = make.invoice(customer, number="9" * (declared.number_length + 1))
            assert _code(ledger, long) == "number_too_long"
        for character in declared.forbidden_in_numbers:
            assert _code(ledger, make.invoice(customer, number=f"A{character}1")) == "character_forbidden"

    def test_a_name_it_cannot_hold_is_refused(self, ledger: Ledger, make: Making) -> None:
        declared = ledger.capabilities
        if declared.name_length is not None:
            assert _code(ledger, make.customer("n" * (declared.name_length + 1))) == "name_too_long"
        for character in declared.forbidden_in_names:
            assert _code(ledger, make.customer(f"A{character}B")) == "character_forbidden"

    # --- texts

    @pytest.mark.parametrize("text", PLAIN_TEXTS.values(), ids=PLAIN_TEXTS)
    def test_people_write_what_they_want(self, ledger: Ledger, make: Making, text: str) -> None:
        declared = ledger.capabilities
        only_where(declared.name_length is None or len(text) <= declared.name_length)
        only_where(not set(text) & set(declared.forbidden_in_names))
        [reference] = booked(ledger, make.customer(text, notes=text, contact=text))
        booked(ledger, make.invoice(reference, memo=text))
        assert _customer(ledger, reference).name == text

    @pytest.mark.parametrize("text", ODD_TEXTS.values(), ids=ODD_TEXTS)
    def test_odd_text_is_booked_or_refused_and_hurts_nothing_else(
        self, ledger: Ledger, harness: Harness, make: Making, customer: str, text: str
    ) -> None:
        odd = make.invoice(customer, "5.00", memo=text, number=f"N{text}")
        person = make.customer(text, email=text, notes=text)
        good = make.invoice(customer, "7.00")
        outcomes = post(ledger, odd, person, good)
        assert isinstance(outcomes[good.key], Posted)
        with harness.open() as reopened:
            found = reopened.find([odd, person, good]).keys()
            assert found == {key for key, outcome in outcomes.items() if isinstance(outcome, Posted)}
            assert _owed(reopened, customer, harness.day) == (12 if odd.key in found else 7)

    # --- amounts, currencies and dates

    def test_small_and_odd_amounts(self, ledger: Ledger, harness: Harness, make: Making, customer: str) -> None:
        booked(
            ledger,
            make.invoice(customer, "0.01"),
            make.invoice(customer, "0.00"),
            make.invoice(customer, "100.00", "-30.00"),
            make.invoice(customer, "33.33", "33.33", "33.34", tax="14.98"),
            make.invoice(customer, "9999999.99"),
        )
        assert _owed(ledger, customer, harness.day) == Decimal("10000184.98")

    @pytest.mark.parametrize("amount", ["6.12", "6.13"])
    def test_a_line_of_half_a_cent_is_booked_at_its_amount(
        self, ledger: Ledger, harness: Harness, make: Making, customer: str, amount: str
    ) -> None:
        """Half of 12.25 is 6.125: a source may round it either way, and a ledger that multiplies again must not."""
        posting = make.invoice(customer, amount)
        assert isinstance(posting.record, Invoice)
        [line] = posting.record.lines
        half = replace(line, quantity=Decimal("0.5"), unit_price=Decimal("12.25"))
        booked(ledger, replace(posting, record=replace(posting.record, lines=(half,))))
        assert _owed(ledger, customer, harness.day) == Decimal(amount)

    def test_another_currency_is_booked_or_refused_as_declared(
        self, ledger: Ledger, harness: Harness, make: Making, customer: str
    ) -> None:
        foreign = {"currency": harness.foreign}
        if not ledger.capabilities.multi_currency:
            assert _code(ledger, make.invoice(customer, "80.00", **foreign)) == "currency_unsupported"
            return
        if ledger.lists().one_currency:
            assert _code(ledger, make.invoice(customer, "80.00", **foreign)) == "currencies_off"
            return
        of_it = make.abroad(ledger, customer)
        assert _code(ledger, make.invoice(of_it, "80.00", exchange=None, **foreign)) == "rate_missing"
        booked(ledger, make.invoice(of_it, "80.00", **foreign), make.invoice(customer, "10.00"))
        owed = [aged for each in {customer, of_it} for aged in _aged(ledger, each, harness.day)]
        assert {aged.currency: aged.total for aged in owed} == {"": Decimal(10), harness.foreign: Decimal(80)}

    def test_who_is_kept_in_one_currency_takes_nothing_in_another(
        self, ledger: Ledger, harness: Harness, make: Making, customer: str, supplier: str
    ) -> None:
        only_where(ledger.capabilities.currency_by_party and not ledger.lists().one_currency)
        of_it, bill = make.abroad(ledger, customer), Kind.SUPPLIER_INVOICE
        assert {each.reference: each.currency for each in ledger.lists().customers}[of_it] == harness.foreign
        refused = [
            make.invoice(customer, "80.00", currency=harness.foreign),
            make.invoice(of_it, "80.00"),
            make.payment(of_it, "80.00"),
            make.document(bill, supplier, "80.00", currency=harness.foreign),
        ]
        assert {_code(ledger, posting) for posting in refused} == {"account_in_another_currency"}
        assert not _aged(ledger, of_it, harness.day)

    def test_the_edges_of_a_year(self, ledger: Ledger, harness: Harness, make: Making, customer: str) -> None:
        new_year = day_of_next_year(harness.day)
        eve = new_year - timedelta(days=1)
        booked(ledger, make.invoice(customer, "1.00", date=eve), make.invoice(customer, "2.00", date=new_year))
        assert _owed(ledger, customer, eve) == 1
        assert _owed(ledger, customer, new_year) == 3

    # --- receivables

    def test_what_a_customer_owes_by_age(self, ledger: Ledger, harness: Harness, make: Making, customer: str) -> None:
        ages = {"current": 0, "days_30": 1, "days_60": 31, "days_90": 61, "older": 91}
        on = harness.day + timedelta(days=91)
        postings = [
            make.invoice(customer, f"{n}.00", due=on - timedelta(days=days)) for n, days in enumerate(ages.values(), 1)
        ]
        booked(ledger, *postings)
        [aged] = _aged(ledger, customer, on)
        assert {age: getattr(aged, age) for age in ages} == {age: Decimal(n) for n, age in enumerate(ages, 1)}
        assert aged.name == _customer(ledger, customer).name

    def test_a_payment_over_several_documents(
        self, ledger: Ledger, harness: Harness, make: Making, customer: str
    ) -> None:
        first, second, third = booked(ledger, *(make.invoice(customer, a) for a in ("100.00", "50.00", "20.00")))
        booked(ledger, make.payment(customer, "130.00", [(first, "100.00"), (second, "30.00")]))
        booked(ledger, make.payment(customer, "20.00", [(third, "20.00")]))
        [aged] = _aged(ledger, customer, harness.day)
        assert (aged.current, aged.total) == (Decimal(20), Decimal(20))

    def test_money_on_account_reduces_what_is_owed(
        self, ledger: Ledger, harness: Harness, make: Making, customer: str
    ) -> None:
        [invoice] = booked(ledger, make.invoice(customer, "100.00"))
        booked(ledger, make.payment(customer, "130.00", [(invoice, "100.00")]), make.payment(customer, "5.00"))
        assert _owed(ledger, customer, harness.day) == -35

    def test_a_credit_note_reduces_its_invoice(
        self, ledger: Ledger, harness: Harness, make: Making, customer: str
    ) -> None:
        only_where(Kind.CREDIT_NOTE in ledger.capabilities.kinds)
        due = harness.day - timedelta(days=40)
        [invoice] = booked(ledger, make.invoice(customer, "100.00", due=due))
        booked(ledger, make.document(Kind.CREDIT_NOTE, customer, "60.00", applied=[(invoice, "60.00")]))
        [aged] = _aged(ledger, customer, harness.day)
        assert (aged.days_60, aged.total) == (Decimal(40), Decimal(40))

    @pytest.mark.parametrize("paid", ["100.00", "60.00"])
    def test_the_ordinary_refund_goes_to_what_is_open_and_the_rest_stays_on_the_account(
        self, ledger: Ledger, harness: Harness, make: Making, customer: str, paid: str
    ) -> None:
        """An invoice that was paid, then credited in full: nothing of it is owed, and the customer has money left."""
        only_where(ledger.capabilities.searches and Kind.CREDIT_NOTE in ledger.capabilities.kinds)
        due = harness.day - timedelta(days=40)
        [invoice] = booked(ledger, make.invoice(customer, "100.00", due=due))
        booked(ledger, make.payment(customer, paid, [(invoice, paid)]))
        credit = make.document(Kind.CREDIT_NOTE, customer, "100.00", applied=[(invoice, "100.00")])
        booked(ledger, credit)
        [aged] = _aged(ledger, customer, harness.day)
        assert (aged.days_60, aged.current, aged.total) == (Decimal(0), -Decimal(paid), -Decimal(paid))
        assert ledger.find([credit]).keys() == {credit.key}
        with harness.open() as reopened:
            again = reopened.find([credit]) or post(reopened, credit)
            assert isinstance(again[credit.key], Posted)
            assert _owed(reopened, customer, harness.day) == -Decimal(paid)
            before = _owed(reopened, customer, harness.day)
            anew = make.invoice(customer, "10.00")
            [other] = booked(reopened, anew)
            booked(reopened, make.document(Kind.CREDIT_NOTE, customer, "10.00", applied=[(other, "10.00")]))
            assert _owed(reopened, customer, harness.day) == before

    def test_a_credit_of_more_than_its_invoice_is_refused(self, ledger: Ledger, make: Making, customer: str) -> None:
        only_where(ledger.capabilities.searches and Kind.CREDIT_NOTE in ledger.capabilities.kinds)
        [invoice] = booked(ledger, make.invoice(customer, "100.00"))
        credit = make.document(Kind.CREDIT_NOTE, customer, "100.01", applied=[(invoice, "100.01")])
        assert _code(ledger, credit) == "credit_over_total"
        assert ledger.find([credit]) == {}

    def test_a_customer_that_owes_nothing_is_not_aged(
        self, ledger: Ledger, harness: Harness, make: Making, customer: str
    ) -> None:
        [invoice] = booked(ledger, make.invoice(customer, "100.00"))
        booked(ledger, make.payment(customer, "100.00", [(invoice, "100.00")]))
        assert not _aged(ledger, customer, harness.day)

    def test_receivables_are_what_was_posted(self, ledger: Ledger, harness: Harness, make: Making) -> None:
        before = sum((aged.total for aged in ledger.aged_receivables(harness.day)), Decimal(0))
        references = booked(ledger, *(make.customer(f"Client {n}") for n in range(5)))
        postings: list[Posting] = []
        for n, reference in enumerate(references, 1):
            postings += [make.invoice(reference, f"{n}00.00", tax="15.00"), make.payment(reference, f"{n}.50")]
        booked(ledger, *postings)
        owed = {aged.customer: aged.total for aged in ledger.aged_receivables(harness.day)}
        assert {ref: owed[ref] for ref in references} == {
            ref: Decimal(f"{n}00.00") + 15 - Decimal(f"{n}.50") for n, ref in enumerate(references, 1)
        }
        assert sum(owed.values(), Decimal(0)) == before + Decimal("1557.50")
        balances = harness.balances()
        assert balances is None or balances[ledger.lists().receivable] == sum(owed.values(), Decimal(0))

    # --- payables

    def test_what_a_supplier_is_owed_by_age_on_a_day(
        self, ledger: Ledger, harness: Harness, make: Making, supplier: str
    ) -> None:
        """A bill counts from its own day on, at its age of the day asked about; customers are not among them."""
        only_where(Kind.SUPPLIER_INVOICE in ledger.capabilities.kinds)
        first, second = harness.day, harness.day + timedelta(days=10)
        bills = [(first, "100.00"), (second, "40.00")]
        booked(ledger, *(make.document(Kind.SUPPLIER_INVOICE, supplier, a, date=d, due=d) for d, a in bills))
        late = {aged.customer: aged for aged in ledger.aged_payables(second)}[supplier]
        assert (late.current, late.days_30, late.total) == (Decimal(40), Decimal(100), Decimal(140))
        assert {aged.customer: aged.total for aged in ledger.aged_payables(first)}[supplier] == 100
        assert supplier not in {aged.customer for aged in ledger.aged_payables(first - timedelta(days=1))}
        assert supplier not in {aged.customer for aged in ledger.aged_receivables(second)}

    # --- the trial balance

    def test_the_trial_balance_of_a_day_is_what_was_booked_until_then(
        self, ledger: Ledger, harness: Harness, make: Making, customer: str
    ) -> None:
        chart, day = harness.chart, harness.day
        before = _held(ledger, day)
        booked(ledger, make.invoice(customer, "100.00"), make.entry("40.00", date=day + timedelta(days=1)))
        receivable = ledger.lists().receivable
        then, later = _held(ledger, day), _held(ledger, day + timedelta(days=1))
        assert then[receivable] - before.get(receivable, Decimal(0)) == 100
        assert then[chart.revenue] - before.get(chart.revenue, Decimal(0)) == -100
        assert later[chart.revenue] - then[chart.revenue] == -40
        assert later[chart.deferred] - then.get(chart.deferred, Decimal(0)) == 40
        assert sum(later.values(), Decimal(0)) == 0


def _held(ledger: Ledger, on: date) -> dict[str, Decimal]:
    """What each account holds in the home currency, by its code."""
    return {each.account: each.amount for each in ledger.balances(on) if not each.currency}


def _code(ledger: Ledger, posting: Posting) -> str:
    """The code a posting is refused with; it names the record."""
    outcome = post(ledger, posting)[posting.key]
    assert isinstance(outcome, Rejected), outcome
    record: Record = posting.record
    assert (outcome.problem.kind, outcome.problem.key) == (record.kind, record.key)
    return outcome.problem.code


def _customer(ledger: Ledger, reference: str) -> LedgerCustomer:
    [found] = [customer for customer in ledger.lists().customers if customer.reference == reference]
    return found


def _aged(ledger: Ledger, customer: str, on: date) -> Sequence[AgedBalance]:
    return [aged for aged in ledger.aged_receivables(on) if aged.customer == customer]


def _owed(ledger: Ledger, customer: str, on: date) -> Decimal:
    return sum((aged.total for aged in _aged(ledger, customer, on)), Decimal(0))


def _offers(ledger: Ledger, *, idempotent: bool = False, batch: int = 1) -> bool:
    declared = ledger.capabilities
    return (declared.idempotent or not idempotent) and declared.batch_size >= batch
