"""The engine over the sandbox where the ledger and the source both moved between a call and its look-up."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine

from addin.usecases.check import check
from addin.usecases.pull import pull
from addin.usecases.reconcile import reconcile
from addin.usecases.sync import sync
from addin.usecases.undo import undo_transfer
from connectors.ledgers.quickbooks_online.connector import QuickBooksOnlineLedger
from connectors.problems import CannotRun
from connectors.records import Kind
from tests.connectors.ledgers.quickbooks_harness import QuickBooksHarness, quickbooks
from tests.connectors.ledgers.quickbooks_many import Many
from workbook.file.file_book import FileBook
from workbook.layout import INVOICES


@pytest.fixture
def many(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Iterator[Many]:
    """One account with one invoice, or so many as a test asks for, pulled."""
    monkeypatch.setenv("PASSERELLE_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(QuickBooksOnlineLedger, "limits", ())
    with quickbooks(tmp_path, monkeypatch) as harness:
        association = Many(tmp_path, harness, invoices=getattr(request, "param", 1), customers=1, seed=1)
        association.set_up()
        yield association


def rename(many: Many, name: str) -> None:
    """The source calls its account otherwise."""
    give(many, name=name)


def give(many: Many, **cells: str) -> None:
    """The source says something else of its account."""
    path = many.folder / "source" / "accounts.csv"
    with path.open(encoding="utf-8", newline="") as file:
        [row] = csv.DictReader(file)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(row | cells))
        writer.writeheader()
        writer.writerow(row | cells)


def a_term_later(many: Many) -> None:
    engine = create_engine(f"sqlite:///{many.profile.place / 'journal.sqlite'}")
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE transfer SET sent = sent - 1000")
    engine.dispose()


def names(many: Many) -> list[str]:
    return [body["DisplayName"] for body in many.harness.query("Customer")]


@pytest.mark.parametrize("kind", ["drop_after", "drop_before"])
def test_what_is_looked_up_is_sought_as_it_was_sent_though_the_source_renamed_it_since(many: Many, kind: str) -> None:
    """docs/journal.md: unknown is looked up; the vendor tells customers by name alone (data queries)."""
    many.harness.fault(kind=kind, path="/batch", times=1)
    assert many.run(sync).counts["unknown"] == {Kind.CUSTOMER: 1}
    rename(many, "Autre nom")
    many.run(pull)
    a_term_later(many)
    done = many.run(sync).counts
    assert done["adopted" if kind == "drop_after" else "posted"][Kind.CUSTOMER] == 1
    assert done["posted"][Kind.INVOICE] == 1
    assert names(many) == ["Membre n° 00000"]
    many.run(pull)
    assert "Autre nom" in (many.folder / "source" / "accounts.csv").read_text(encoding="utf-8")
    assert many.run(sync).exit == 0


@pytest.mark.parametrize("many", [2], indirect=True)
@pytest.mark.parametrize(
    ("status", "code"), [(401, "sign_in_again"), (403, "no_access_to_company"), (429, "too_many_requests")]
)
def test_what_is_nobodys_document_is_told_once_and_the_document_stays_to_be_transferred(
    many: Many, status: int, code: str
) -> None:
    """One item of a batch may be refused for the sign-in or a limit: "sync again" has to send it, so it is no error."""
    many.harness.fault(kind="items", path="/batch", nth=2, items=[0], status=status)
    report = many.run(sync)
    assert [(problem.code, problem.key) for problem in report.problems] == [(code, "")]
    assert (report.counts["posted"][Kind.INVOICE], report.counts["rejected"], report.counts["unknown"]) == (1, {}, {})
    rows = [row.values for row in FileBook(many.profile.workbook).read(INVOICES).rows]
    assert sorted((row["status"], row["reason"]) for row in rows) == [
        ("To Be Transferred", None), ("Transfer Completed", None),
    ]  # fmt: skip
    report = many.run(sync)
    assert (report.counts["posted"], report.problems) == ({Kind.INVOICE: 1}, ())
    assert len(many.harness.query("Invoice")) == 2


def test_a_change_of_an_account_whose_answer_was_lost_waits_for_its_look_up(many: Many) -> None:
    """docs/journal.md: nothing leaves of what is unknown, though no invoice needs the account now."""
    many.run(sync)
    many.run(pull)
    rename(many, "Autre nom")
    many.run(pull)
    many.harness.fault(kind="drop_before", path="/batch", times=1)
    assert many.run(sync).counts["unknown"] == {Kind.CUSTOMER: 1}
    assert [problem.code for problem in many.run(sync).problems] == ["outcome_unknown"]
    assert names(many) == ["Membre n° 00000"]
    a_term_later(many)
    assert many.run(sync).counts["posted"] == {Kind.CUSTOMER: 1}
    assert names(many) == ["Autre nom"]


def test_what_the_source_changed_since_its_transfer_is_no_change_of_the_ledgers(many: Many) -> None:
    """What we booked is first told by the next pull, which brings the source's change as well."""
    many.run(sync)
    rename(many, "Autre nom")
    assert many.run(pull).counts["proposed"] == {}
    assert many.run(sync).counts["posted"] == {Kind.CUSTOMER: 1}
    rename(many, "Encore un autre")
    assert many.run(pull).counts["proposed"] == {}
    assert many.run(sync).counts["posted"] == {Kind.CUSTOMER: 1}
    assert names(many) == ["Encore un autre"]


def test_what_was_booked_in_other_books_is_never_taken_for_booked_here(many: Many) -> None:
    """A profile that was tried out in one company is pointed to another: ids of the first mean others in the second."""
    many.run(sync)
    other = QuickBooksHarness(many.harness.sandbox, many.folder, "US")
    was = many.profile.ledger_settings
    many.profile.model_copy(update={"ledger_settings": {**was, "company": other.realm}}).save()
    for use_case in (sync, undo_transfer, reconcile):
        with pytest.raises(CannotRun) as stopped:
            many.run(use_case)
        [problem] = stopped.value.problems
        assert problem.code == "books_differ"
        assert many.harness.realm in problem.params["expected"]
        assert other.realm in problem.params["found"]
    assert "books_differ" in [problem.code for problem in many.run(pull).problems]
    many.profile.model_copy(update={"ledger_settings": was}).save()
    assert many.run(sync).exit == 0


def test_a_ledger_that_has_a_word_for_its_books_only_now_is_the_same_ledger(many: Many) -> None:
    """A journal kept by a release whose connector had none goes on."""
    many.run(sync)
    engine = create_engine(f"sqlite:///{many.profile.place / 'journal.sqlite'}")
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE memo SET value = ? WHERE name = 'books'", (many.profile.ledger,))
    engine.dispose()
    assert many.run(sync).exit == 0


def test_books_may_be_changed_while_nothing_was_transferred(many: Many) -> None:
    """The administrator typed the wrong company."""
    other = QuickBooksHarness(many.harness.sandbox, many.folder, "US")
    was = many.profile.ledger_settings
    for realm in (other.realm, many.harness.realm):
        many.profile.model_copy(update={"ledger_settings": {**was, "company": realm}}).save()
        assert "books_differ" not in [problem.code for problem in many.run(pull).problems]
    assert many.run(sync).counts["posted"] == {Kind.CUSTOMER: 1, Kind.INVOICE: 1}


def test_check_tells_an_inactive_customer_and_an_inactive_item_before_anything_leaves(many: Many) -> None:
    """``trust.md`` 6: the vendor answers 610 "made inactive", without saying what."""
    bare = many.harness.make("Customer", DisplayName="Membre n° 00000")["Id"]
    give(many, sync_reference=bare)
    many.run(pull)
    told = {"account_inactive_in_ledger", "item_not_in_ledger"}
    assert not told & {each.code for each in many.run(check).problems}
    many.harness.change("Customer", bare, Active=False)
    many.run(pull)
    [problem] = [each for each in many.run(check).problems if each.code in told]
    assert (problem.code, problem.params["reference"]) == ("account_inactive_in_ledger", bare)
    many.run(sync)
    many.harness.change("Customer", bare, Active=True)
    for item in many.harness.query("Item"):
        many.harness.change("Item", item["Id"], Active=False)
    many.run(pull)
    assert told & {each.code for each in many.run(check).problems} == {"item_not_in_ledger"}
    many.run(sync)
    assert many.harness.query("Invoice") == []
