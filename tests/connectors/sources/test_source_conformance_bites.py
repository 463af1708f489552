"""The suite of sources finds the faults it is there for: each source below has one, and the named test catches it."""

import csv
import inspect
from dataclasses import replace

import pytest

from connectors.conformance import SourceConformance
from connectors.conformance.source import AMOUNT, Content
from connectors.records import Provenance, SyncStatus
from connectors.sources.files.connector import FilesSource
from tests.connectors.sources.files_harness import FilesHarness

SUITE = SourceConformance


class LosesARecord(FilesSource):
    def pull(self):
        pulled = super().pull()
        return replace(pulled, records=pulled.records[:-1])


class HasOneAddress(FilesSource):
    def pull(self):
        pulled = super().pull()
        return replace(pulled, records=tuple(replace(r, provenance=Provenance(place="x")) for r in pulled.records))


class RemembersWhatItSaw(FilesSource):
    """It gives what it read first, for good."""

    seen = None

    def pull(self):
        self.seen = self.seen or super().pull()
        return self.seen


class TakesAnyTitle(FilesSource):
    """A total that is not there is taken for nothing."""

    def pull(self):
        path = self._settings.source / "documents.csv"
        path.write_text(path.read_text().replace("ttal", "total"))
        return super().pull()


class TellsNothing(FilesSource):
    def acknowledge(self, results):
        return ()


class TellsNoReason(FilesSource):
    def acknowledge(self, results):
        return super().acknowledge([replace(result, reason="") for result in results])


class KeepsTheFirst(FilesSource):
    def acknowledge(self, results):
        if self._settings.results.exists():
            return ()
        return super().acknowledge(results)


class CallsAllDone(FilesSource):
    def acknowledge(self, results):
        return super().acknowledge([replace(result, status=SyncStatus.COMPLETED) for result in results])


class MarksTheRecord(FilesSource):
    """It writes into what is not its own."""

    def acknowledge(self, results):
        path = self._settings.source / "documents.csv"
        path.write_text(path.read_text().replace("F-D", "F/D"))
        return super().acknowledge(results)


class WritesBackWhatItRead(FilesSource):
    """What a person changed meanwhile is lost."""

    read = ()

    def pull(self):
        self.read = [(path, path.read_bytes()) for path in self._settings.source.glob("*s.csv")]
        return super().pull()

    def acknowledge(self, results):
        for path, content in self.read:
            path.write_bytes(content)
        return super().acknowledge(results)


class MakesAgain(FilesSource):
    """A record that went is made anew, of what it was told."""

    def acknowledge(self, results):
        path = self._settings.source / "accounts.csv"
        with path.open("a", newline="") as stream:
            csv.writer(stream).writerows([[result.key, result.number] for result in results])
        return super().acknowledge(results)


FAULTS = [
    (LosesARecord, SUITE.test_it_gives_all_that_is_there),
    (HasOneAddress, SUITE.test_each_record_has_its_own_address),
    (RemembersWhatItSaw, SUITE.test_what_a_person_changed_between_is_shown_and_stays),
    (TakesAnyTitle, SUITE.test_a_name_that_is_missing_is_named_and_nothing_is_read_without_it),
    (TellsNothing, SUITE.test_it_is_told_what_became_of_its_records),
    (TellsNoReason, SUITE.test_it_is_told_why_a_record_was_refused),
    (CallsAllDone, SUITE.test_it_is_told_why_a_record_was_refused),
    (KeepsTheFirst, SUITE.test_what_it_is_told_last_stands),
    (MarksTheRecord, SUITE.test_to_tell_changes_nothing_else),
    (WritesBackWhatItRead, SUITE.test_what_a_person_changed_between_is_shown_and_stays),
    (MakesAgain, SUITE.test_a_record_that_went_meanwhile_is_not_made_again),
]


def run(source, test, folder) -> None:
    """Call a test of the suite with what its fixtures would give."""
    harness = FilesHarness(folder, source)
    accounts = harness.add_accounts(2)
    invoices = [harness.add_invoice(account, AMOUNT) for account in accounts]
    payment = harness.add_payment(accounts[0], invoices[0], AMOUNT)
    content = Content(accounts=tuple(accounts), invoices=tuple(invoices), payment=payment)
    given = {"self": SUITE(), "harness": harness, "source": harness.open(), "content": content}
    test(**{name: given[name] for name in inspect.signature(test).parameters})


@pytest.mark.parametrize(("fault", "test"), FAULTS, ids=lambda value: getattr(value, "__name__", ""))
def test_the_suite_catches(fault, test, tmp_path) -> None:
    with pytest.raises((AssertionError, ValueError)):
        run(fault, test, tmp_path)


@pytest.mark.parametrize("test", dict.fromkeys(test for _, test in FAULTS), ids=lambda test: test.__name__)
def test_the_same_test_passes_without_the_fault(test, tmp_path) -> None:
    run(FilesSource, test, tmp_path)
