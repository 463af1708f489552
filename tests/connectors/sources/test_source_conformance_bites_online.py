"""The suite of sources finds what goes wrong on the way: each source has one fault, and the named test catches it."""

import inspect
from contextlib import suppress

import pytest

from connectors.conformance import SourceConformance, Trouble
from connectors.conformance.source import AMOUNT, Content
from connectors.problems import CannotRun
from connectors.source import Pulled
from connectors.sources.membri.connector import MembriSource
from connectors.sources.membri.telling import Telling
from tests.connectors.sources.membri_harness import membri

SUITE = SourceConformance


class StopsAtTheFirstPage(MembriSource):
    def _rows(self, section):
        return self._api._listed(self._api._read(section.entity.entity_set, section.of_chapter(self._chapter)))


class GivesWhatItGot(MembriSource):
    """A table that could not be read is taken for an empty one."""

    def _rows(self, section):
        with suppress(CannotRun):
            yield from super()._rows(section)

    def pull(self):
        with suppress(CannotRun):
            return super().pull()
        return Pulled()


class CallsAllTold(MembriSource):
    """What could not be told is not said."""

    def acknowledge(self, results):
        super().acknowledge(results)
        return ()


class WritesOver(MembriSource):
    """What a person typed meanwhile is lost."""

    def acknowledge(self, results):
        for result in results:
            section = next(Telling(self._api, self._fitted, self._names)._sections(result.kind))
            row = self._api.row(section.entity.entity_set, result.key, [section.told.reference])
            values = {section.told.reference: result.sync_reference}
            self._api.change(section.entity.entity_set, result.key, row["@odata.etag"], values)
        return ()


class MakesAnew(MembriSource):
    """It changes rows without asking whether they are there (an upsert)."""

    def acknowledge(self, results):
        for result in results:
            section = next(Telling(self._api, self._fitted, self._names)._sections(result.kind))
            values = {section.told.reference: result.sync_reference}
            self._http.request("PATCH", f"{section.entity.entity_set}({result.key})", json=values)
        return ()


FAULTS = [
    (StopsAtTheFirstPage, SUITE.test_its_pages_end_and_each_record_comes_once, {}),
    (GivesWhatItGot, SUITE.test_a_pull_that_was_cut_off_gives_nothing, {"nth": 4}),
    (CallsAllTold, SUITE.test_what_was_told_is_what_it_says_and_the_next_run_tells_the_rest,
     {"trouble": Trouble.DOWN, "nth": 3}),
    (WritesOver, SUITE.test_a_reference_that_a_person_typed_meanwhile_stays_and_both_are_named, {}),
    (MakesAnew, SUITE.test_a_record_that_went_meanwhile_is_not_made_again, {}),
]  # fmt: skip


def run(source, test, parameters, folder, patch) -> None:
    """Call a test of the suite with what its fixtures would give."""
    with membri(folder, patch) as harness:
        accounts = harness.add_accounts(2)
        invoices = [harness.add_invoice(account, AMOUNT) for account in accounts]
        payment = harness.add_payment(accounts[0], invoices[0], AMOUNT)
        harness.source = source
        content = Content(accounts=tuple(accounts), invoices=tuple(invoices), payment=payment)
        with harness.open() as opened:
            opened.connect()
            given = {"self": SUITE(), "harness": harness, "source": opened, "content": content, **parameters}
            test(**{name: given[name] for name in inspect.signature(test).parameters})


@pytest.mark.parametrize(("fault", "test", "parameters"), FAULTS, ids=lambda value: getattr(value, "__name__", ""))
def test_the_suite_catches(fault, test, parameters, tmp_path, monkeypatch) -> None:
    with pytest.raises((AssertionError, ValueError, pytest.fail.Exception)):
        run(fault, test, parameters, tmp_path, monkeypatch)


@pytest.mark.parametrize(("_", "test", "parameters"), FAULTS, ids=lambda value: getattr(value, "__name__", ""))
def test_the_same_test_passes_without_the_fault(_, test, parameters, tmp_path, monkeypatch) -> None:
    run(MembriSource, test, parameters, tmp_path, monkeypatch)
