"""The suite: a source gives what it holds, takes back what became of it, and loses nothing on the way."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

import pytest

from connectors.conformance.applying import only_where
from connectors.conformance.source_harness import SourceHarness, Told, Trouble
from connectors.problems import CannotRun, Problem
from connectors.records import Invoice, Kind, SyncStatus
from connectors.source import Pulled, Result, Source

DAY = date(2026, 1, 31)
AMOUNT, CHANGED = Decimal("120.00"), Decimal("95.50")
PASSING = [Trouble.HALF_AN_ANSWER, Trouble.THROTTLED, Trouble.SIGNED_OUT, Trouble.NO_ANSWER]
"""Troubles that are over by themselves."""


@dataclass(frozen=True, kw_only=True)
class Content:
    """Two accounts, an invoice of each, and a payment of the first: their keys."""

    accounts: tuple[str, ...]
    invoices: tuple[str, ...]
    payment: str

    @property
    def all(self) -> set[tuple[Kind, str]]:
        """Kind and key of each."""
        named = {Kind.CUSTOMER: self.accounts, Kind.INVOICE: self.invoices, Kind.PAYMENT: (self.payment,)}
        return {(kind, key) for kind, keys in named.items() for key in keys}


class SourceConformance:
    """Subclass it and give a fixture ``harness``."""

    @pytest.fixture
    def harness(self) -> SourceHarness:
        """The source under test, with nothing in it."""
        raise NotImplementedError("give a fixture named harness")

    @pytest.fixture
    def content(self, harness: SourceHarness) -> Content:
        accounts = harness.add_accounts(2)
        invoices = [harness.add_invoice(account, AMOUNT) for account in accounts]
        payment = harness.add_payment(accounts[0], invoices[0], AMOUNT)
        return Content(accounts=tuple(accounts), invoices=tuple(invoices), payment=payment)

    @pytest.fixture
    def source(self, harness: SourceHarness, content: Content) -> Iterator[Source]:
        """A connected instance."""
        with harness.open() as source:
            source.connect()
            yield source

    # --- what it gives

    def test_it_tells_what_it_is_connected_to(self, source: Source) -> None:
        assert source.connect().company

    def test_it_gives_all_that_is_there(self, source: Source, content: Content) -> None:
        pulled = source.pull()
        assert [problem.code for problem in pulled.problems] == []
        assert keys(pulled) == content.all
        assert invoice(pulled, content.invoices[0]).total == AMOUNT

    def test_each_record_has_its_own_address(self, source: Source, content: Content) -> None:
        places = [(each.provenance.place, each.provenance.line) for each in source.pull().records]
        assert all(place for place, _ in places)
        assert len(set(places)) == len(places) == len(content.all)

    def test_its_pages_end_and_each_record_comes_once(
        self, harness: SourceHarness, source: Source, content: Content
    ) -> None:
        """Two full pages and one record, and then two full pages and nothing."""
        only_where(harness.page)
        added = harness.add_accounts(2 * harness.page - len(content.accounts))
        for _ in range(2):
            found = [each.key for each in source.pull().records if each.kind is Kind.CUSTOMER]
            assert len(found) == len(set(found))
            assert set(found) == {*content.accounts, *added}
            added += harness.add_accounts(1)

    def test_to_pull_changes_nothing(self, harness: SourceHarness, source: Source) -> None:
        before = harness.content()
        assert source.pull() == source.pull()
        assert harness.content() == before

    def test_a_name_that_is_missing_is_named_and_nothing_is_read_without_it(
        self, harness: SourceHarness, content: Content
    ) -> None:
        """An invoice without its total is none; what a name is missing for is said before anything is booked."""
        missing = harness.rename_column()
        told: list[Problem] = []
        found: set[tuple[Kind, str]] = set()
        try:
            with harness.open() as source:
                source.connect()
                pulled = source.pull()
                told += pulled.problems
                found = keys(pulled)
        except CannotRun as refused:
            told += refused.problems
        assert any(missing in " ".join((each.column, *each.params.values())) for each in told)
        assert not {(Kind.INVOICE, key) for key in content.invoices} & found

    # --- what it is told

    def test_it_is_told_what_became_of_its_records(
        self, harness: SourceHarness, source: Source, content: Content
    ) -> None:
        results = [posted(*each) for each in sorted(content.all)]
        assert list(source.acknowledge(results)) == []
        for result in results:
            told = harness.told(result.kind, result.key)
            assert told is not None
            assert (told.reference, told.number, told.reason) == (result.sync_reference, result.ledger_number, "")

    def test_it_is_told_why_a_record_was_refused(
        self, harness: SourceHarness, source: Source, content: Content
    ) -> None:
        done, refused = posted(Kind.INVOICE, content.invoices[0]), failed(Kind.INVOICE, content.invoices[1])
        assert list(source.acknowledge([done, refused])) == []
        first, second = harness.told(Kind.INVOICE, done.key), harness.told(Kind.INVOICE, refused.key)
        assert first is not None
        assert second is not None
        assert (second.reason, second.reference, second.number) == (refused.reason, "", "")
        assert first.status != second.status

    def test_what_it_is_told_last_stands(self, harness: SourceHarness, source: Source, content: Content) -> None:
        result = posted(Kind.INVOICE, content.invoices[0])
        source.acknowledge([failed(Kind.INVOICE, content.invoices[0])])
        source.acknowledge([result])
        told = harness.told(Kind.INVOICE, result.key)
        assert told is not None
        assert (told.reference, told.reason) == (result.sync_reference, "")

    def test_what_is_told_twice_changes_nothing(self, harness: SourceHarness, source: Source, content: Content) -> None:
        results = [posted(*each) for each in sorted(content.all)]
        source.acknowledge(results)
        before, told = harness.content(), [harness.told(*each) for each in sorted(content.all)]
        with harness.open() as again:
            again.connect()
            assert list(again.acknowledge(results)) == []
        assert harness.content() == before
        assert [harness.told(*each) for each in sorted(content.all)] == told

    def test_to_tell_changes_nothing_else(self, harness: SourceHarness, source: Source, content: Content) -> None:
        """What the source holds of a record stays as it was, and so does every other record."""
        before = harness.content()
        source.acknowledge([posted(Kind.INVOICE, content.invoices[1])])
        assert harness.content() == before

    def test_what_a_person_changed_between_is_shown_and_stays(
        self, harness: SourceHarness, source: Source, content: Content
    ) -> None:
        key = content.invoices[1]
        source.pull()
        harness.change_invoice(key, CHANGED)
        changed = harness.content()
        assert list(source.acknowledge([posted(Kind.INVOICE, key)])) == []
        assert harness.content() == changed
        assert invoice(source.pull(), key).total == CHANGED
        told = harness.told(Kind.INVOICE, key)
        assert told is not None
        assert told.reference == posted(Kind.INVOICE, key).sync_reference

    def test_a_record_that_went_meanwhile_is_not_made_again(
        self, harness: SourceHarness, source: Source, content: Content
    ) -> None:
        """The others are told all the same."""
        source.pull()
        gone, there = content.invoices[1], content.invoices[0]
        harness.delete_invoice(gone)
        without = harness.content()
        problems = source.acknowledge([posted(Kind.INVOICE, gone), posted(Kind.INVOICE, there)])
        expected = [] if harness.beside else [(Kind.INVOICE, gone)]
        assert [(each.kind, each.key) for each in problems] == expected
        assert harness.content() == without
        assert harness.told(Kind.INVOICE, there) == told_of(harness, there)
        assert (Kind.INVOICE, gone) not in keys(source.pull())

    def test_a_reference_that_a_person_typed_meanwhile_stays_and_both_are_named(
        self, harness: SourceHarness, source: Source, content: Content
    ) -> None:
        only_where(not harness.beside)
        key = content.invoices[0]
        source.pull()
        harness.type_reference(key, "TYPED-7")
        [problem] = source.acknowledge([posted(Kind.INVOICE, key)])
        told = harness.told(Kind.INVOICE, key)
        assert told is not None
        assert told.reference == "TYPED-7"
        assert {"TYPED-7", posted(Kind.INVOICE, key).sync_reference} <= set(problem.params.values())

    # --- what goes wrong on the way

    @pytest.mark.parametrize("trouble", PASSING)
    @pytest.mark.parametrize("nth", [1, 2, 3])
    def test_a_pull_is_whole_whatever_came_between(
        self, harness: SourceHarness, content: Content, trouble: Trouble, nth: int
    ) -> None:
        only_where(harness.networked)
        with harness.open() as source:
            source.connect()
            harness.provoke(trouble, nth)
            assert keys(source.pull()) == content.all

    @pytest.mark.parametrize("nth", [1, 2, 4])
    def test_a_pull_that_was_cut_off_gives_nothing(self, harness: SourceHarness, content: Content, nth: int) -> None:
        """A part would look as if the rest had been deleted."""
        only_where(harness.networked)
        with harness.open() as source:
            source.connect()
            harness.provoke(Trouble.DOWN, nth)
            with pytest.raises(CannotRun):
                source.pull()
            harness.is_over()
            assert keys(source.pull()) == content.all

    def test_it_waits_as_long_as_it_is_asked_to(self, harness: SourceHarness, content: Content) -> None:
        only_where(harness.networked)
        with harness.open() as source:
            source.connect()
            harness.provoke(Trouble.THROTTLED)
            source.pull()
            assert harness.waited() >= harness.pause

    @pytest.mark.parametrize("trouble", [*PASSING, Trouble.DOWN])
    @pytest.mark.parametrize("nth", [1, 2, 3, 4])
    def test_what_was_told_is_what_it_says_and_the_next_run_tells_the_rest(
        self, harness: SourceHarness, content: Content, trouble: Trouble, nth: int
    ) -> None:
        """Nothing is said to be told that was not."""
        only_where(harness.networked)
        results = [posted(*each) for each in sorted(content.all)]
        with harness.open() as source:
            source.connect()
            before = harness.content()
            harness.provoke(trouble, nth)
            left = untold(source, results)
            harness.is_over()
            for result in results:
                assert (result.kind, result.key) in left or harness.told(result.kind, result.key)
        with harness.open() as again:
            again.connect()
            assert list(again.acknowledge([each for each in results if (each.kind, each.key) in left])) == []
        for result in results:
            told = harness.told(result.kind, result.key)
            assert told is not None
            assert (told.reference, told.number) == (result.sync_reference, result.ledger_number)
        assert harness.content() == before


def keys(pulled: Pulled) -> set[tuple[Kind, str]]:
    """Kind and key of every record."""
    return {(each.kind, each.key) for each in pulled.records}


def invoice(pulled: Pulled, key: str) -> Invoice:
    """The invoice of a key, as pulled."""
    [found] = [each for each in pulled.records if isinstance(each, Invoice) and each.key == key]
    return found


def posted(kind: Kind, key: str) -> Result:
    """What is told of a record that was booked."""
    reference = f"{kind}-{key[-6:]}"
    return Result(
        kind=kind, key=key, number=key[-6:], status=SyncStatus.COMPLETED, sync_reference=reference,
        ledger_number=f"N-{key[-6:]}", on=DAY,
    )  # fmt: skip


def failed(kind: Kind, key: str) -> Result:
    """What is told of a record that was refused."""
    told = replace(posted(kind, key), status=SyncStatus.ERROR, reason="Écriture refusée : période fermée")
    return replace(told, sync_reference="", ledger_number="")


def told_of(harness: SourceHarness, key: str) -> Told:
    """What the source shows of an invoice that was booked, in its own word for that."""
    told, result = harness.told(Kind.INVOICE, key), posted(Kind.INVOICE, key)
    assert told is not None
    return replace(told, reference=result.sync_reference, number=result.ledger_number, reason="")


def untold(source: Source, results: Sequence[Result]) -> set[tuple[Kind | None, str]]:
    """The results that a source says it did not take; all where it cannot say."""
    try:
        return {(each.kind, each.key) for each in source.acknowledge(results)}
    except CannotRun:
        return {(each.kind, each.key) for each in results}
