"""What is changed around the product is told, and lets nobody approve: profile, journal, sheet, workbook, home."""

from __future__ import annotations

import shutil
import sqlite3
import tomllib
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
import tomli_w
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import create_engine
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ProgrammingError

from addin.journal import Event, Holder, Journal
from addin.journal.chain import link, walk
from addin.profile import load
from addin.rights import COMMANDS, OF_NO_COMPANY, Rights, Role
from addin.session import Session
from addin.usecases.approve import approve
from addin.usecases.check import check
from addin.usecases.doctor import doctor
from addin.usecases.log import log
from addin.usecases.rights import rights
from addin.usecases.undo import Chosen
from connectors.problems import CannotRun
from connectors.records import Kind
from docs.day import know_a_customer
from tests.addin.conftest import INVOICES, Association, works_as
from tests.chaos.postgres import new_database
from workbook.captions import BUTTONS
from workbook.layout import ACCOUNT_MAP, ACCOUNTS, LOG_TABLE, PAYMENTS, SETTINGS_TABLE
from workbook.review import text_of

PEOPLE = {"administrators": ("ada",), "approvers": ("alice",), "preparers": ("bob",)}
TOLD = {"rights_differ", "log_changed", "log_cut", "log_replaced"}


def codes(report: object) -> set[str]:
    return {problem.code for problem in report.problems}  # type: ignore[attr-defined]


def approves(session: Session) -> object:
    return approve(session, Chosen(kind=Kind.INVOICE, numbers=("F-1",)))


approves.__name__ = "approve"


@pytest.fixture
def company(association: Association, monkeypatch: pytest.MonkeyPatch) -> Association:
    """Invoices are reviewed; Alice approved one, which Bob has not sent yet."""
    association.init()
    works_as(monkeypatch, "ada")
    association.run(lambda s: rights(s, {**PEOPLE, "review": (Kind.INVOICE,)}))
    works_as(monkeypatch, "bob")
    association.pull()
    return association


def approved(company: Association, monkeypatch: pytest.MonkeyPatch) -> None:
    works_as(monkeypatch, "alice")
    company.run(approves)
    works_as(monkeypatch, "bob")


def edit(company: Association, *statements: str) -> None:
    """What somebody does to the journal with a program for databases."""
    with closing(sqlite3.connect(company.profile.place / "journal.sqlite")) as journal:
        for statement in statements:
            journal.execute(statement)
        journal.commit()


def posts_nothing(company: Association) -> set[str]:
    report = company.sync()
    assert Kind.INVOICE not in report.counts["posted"]
    assert "F-1" not in company.ledger_text() if (company.folder / "passerelle.beancount").exists() else True
    return codes(report)


# the profile -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "edited",
    [
        Rights(),
        Rights(administrators=("bob",), approvers=("bob",)),
        Rights(administrators=("ada",), approvers=("alice", "bob"), preparers=("bob",), review=(Kind.INVOICE,)),
        Rights(administrators=("ada",), approvers=("alice",), preparers=("bob",)),
    ],
    ids=["removed", "administrator", "approver", "reviewing off"],
)
def test_rights_edited_in_the_profile_are_told_and_give_nothing(
    company: Association, monkeypatch: pytest.MonkeyPatch, edited: Rights
) -> None:
    approved(company, monkeypatch)
    company.profile.model_copy(update={"rights": edited}).save()
    assert "rights_differ" in posts_nothing(company)
    assert "rights_differ" in codes(company.run(check))
    assert "rights_differ" in codes(company.run(log))
    assert "rights_differ" in codes(doctor())
    with pytest.raises(CannotRun):
        company.run(approves)
    with pytest.raises(CannotRun, match="role_lacking"):
        company.run(confirms)
    works_as(monkeypatch, "ada")
    assert codes(company.run(lambda s: rights(s, {**PEOPLE, "review": (Kind.INVOICE,)}))) == set()
    works_as(monkeypatch, "bob")
    assert TOLD.isdisjoint(posts_nothing(company)), "what was approved before needs an approval anew"
    approved(company, monkeypatch)
    assert company.sync().counts["posted"][Kind.INVOICE] == 1


def confirms(session: Session) -> object:
    return rights(session, confirm=True)


confirms.__name__ = "rights"


def test_an_administrator_may_take_edited_rights_for_right(
    company: Association, monkeypatch: pytest.MonkeyPatch
) -> None:
    carol = company.profile.rights.model_copy(update={"approvers": ("carol",)})
    company.profile.model_copy(update={"rights": carol}).save()
    works_as(monkeypatch, "ada")
    assert codes(company.run(confirms)) == set()
    works_as(monkeypatch, "carol")
    assert company.run(approves).counts["approved"] == {Kind.INVOICE: 1}


# the journal -----------------------------------------------------------------------------------------------------

FORGED = (
    "INSERT INTO event (run, time, who, kind, key, number, action, result, reference, message, content, chain) "
    "SELECT 9, time, 'alice', 'invoice', 'I1', 'F-1', 'approve', 'done', '', '', content, chain "
    "FROM event WHERE action = 'rights' LIMIT 1"
)


@pytest.mark.parametrize(
    ("statements", "code"),
    [
        ((FORGED,), "log_changed"),
        (("UPDATE event SET who = 'alice' WHERE action = 'rights'",), "log_changed"),
        (("UPDATE event SET action = 'approve', kind = 'invoice', key = 'I1' WHERE id = 1",), "log_changed"),
        (("DELETE FROM event WHERE id = 1",), "log_changed"),
        (("DELETE FROM event WHERE id = (SELECT max(id) FROM event)",), "log_cut"),
        (("DELETE FROM event",), "log_cut"),
        (("DELETE FROM event", "DELETE FROM memo WHERE name = 'log_end'"), "log_replaced"),
        (("UPDATE event SET content = replace(content, 'alice', 'bob')",), "log_changed"),
    ],
)
def test_a_log_edited_in_the_database_is_told_and_approvals_do_not_count(
    company: Association, monkeypatch: pytest.MonkeyPatch, statements: tuple[str, ...], code: str
) -> None:
    approved(company, monkeypatch)
    edit(company, *statements)
    assert code in posts_nothing(company)
    for told in (company.run(check), company.run(log), doctor()):
        assert code in codes(told)
    works_as(monkeypatch, "ada")
    assert codes(company.run(lambda s: rights(s, {**PEOPLE, "review": (Kind.INVOICE,)}))) == set()
    approved(company, monkeypatch)
    assert company.sync().counts["posted"][Kind.INVOICE] == 1


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE seen SET status = 'to_transfer', reviewed_by = 'alice' WHERE key = 'I1'",
        "UPDATE seen SET status = 'stand_by' WHERE key = 'I1'",
    ],
)
def test_a_status_edited_in_the_database_approves_nothing(company: Association, statement: str) -> None:
    edit(company, statement)
    company.type(INVOICES, "I1", status="To Be Transferred")
    assert "approval_missing" in posts_nothing(company)
    assert company.row(INVOICES, "I1")["status"] == "In Review"


def test_without_reviewing_an_old_line_that_was_changed_is_told_by_log_and_doctor(association: Association) -> None:
    """Every command reads what is new; the whole log is read by those that are asked about it."""
    association.init()
    association.pull()
    edit(association, "UPDATE event SET who = 'eve' WHERE id = 1")
    assert "log_changed" in codes(association.run(log))
    assert "log_changed" in codes(doctor())
    edit(association, "DELETE FROM event WHERE id = (SELECT max(id) FROM event)")
    assert TOLD & codes(association.run(check))


def test_an_older_journal_in_its_place_is_told(company: Association, monkeypatch: pytest.MonkeyPatch) -> None:
    approved(company, monkeypatch)
    place = company.profile.place
    shutil.copy(place / "journal.sqlite", place / "older")
    company.type(INVOICES, "I1", status="Do Not Sync")
    company.run(check)
    for name in ("journal.sqlite", "journal.sqlite-wal", "journal.sqlite-shm"):
        (place / name).unlink(missing_ok=True)
    shutil.move(place / "older", place / "journal.sqlite")
    company.type(INVOICES, "I1", status="To Be Transferred")
    assert "log_replaced" in posts_nothing(company)


def test_on_a_shared_database_its_own_rights_stand_behind() -> None:
    """With the grants of the guide a preparer works, and changes or removes no line of the log."""
    url = new_database()
    Journal(url).close()
    owner = create_engine(make_url(url).set(drivername="postgresql+psycopg"))
    with owner.begin() as connection:
        for statement in (
            "CREATE ROLE preparer LOGIN",
            "GRANT USAGE ON SCHEMA public TO preparer",
            "GRANT SELECT, INSERT, UPDATE ON ALL TABLES IN SCHEMA public TO preparer",
            "REVOKE UPDATE ON event FROM preparer",
            "GRANT DELETE ON proposal TO preparer",
            "GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO preparer",
        ):
            connection.exec_driver_sql(statement)
    theirs = make_url(url).set(username="preparer")
    journal = Journal(theirs)
    journal.take("c", "beancount", Holder(who="bob", machine="bureau", id="1"))
    run = journal.start("check", "bob")
    journal.append([replace(LINE, run=run.id)])
    journal.note({("invoice", "I1"): "{}"})
    journal.finish(run, [replace(LINE, run=run.id)])
    assert (journal.walked().lines, journal.walked().broken) == (2, None)
    journal.close()
    engine = create_engine(theirs.set(drivername="postgresql+psycopg"))
    for statement in ("UPDATE event SET who = 'alice'", "DELETE FROM event", "DELETE FROM memo", "DELETE FROM typed"):
        with pytest.raises(ProgrammingError, match="permission denied"), engine.begin() as connection:
            connection.exec_driver_sql(statement)
    engine.dispose()
    owner.dispose()


# the workbook ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("right", "value"),
    [("approvers", "bob"), ("administrators", "bob"), ("review", ""), ("two_people", "Yes"), ("approvers", "")],
)
def test_a_right_typed_in_the_settings_sheet_does_not_count(company: Association, right: str, value: str) -> None:
    before = {name: company.row(SETTINGS_TABLE, name)["value"] for name in Rights.model_fields}
    assert before["approvers"] == "alice"
    company.type(SETTINGS_TABLE, right, value=value)
    report = company.run(check)
    assert "right_typed" in codes(report)
    assert {name: company.row(SETTINGS_TABLE, name)["value"] for name in Rights.model_fields} == before
    assert "right_typed" not in codes(company.run(check))
    assert any(e.action == "setting" and e.number == right and e.who == "bob" for e in events(company))
    with pytest.raises(CannotRun):
        company.run(approves)


def test_rights_that_an_administrator_set_are_shown_without_a_word(
    company: Association, monkeypatch: pytest.MonkeyPatch
) -> None:
    works_as(monkeypatch, "ada")
    company.run(lambda s: rights(s, {"approvers": ("alice", "carol")}))
    works_as(monkeypatch, "bob")
    assert "right_typed" not in codes(company.run(check))
    assert company.row(SETTINGS_TABLE, "approvers")["value"] == "alice, carol"


def test_a_cleared_reviewed_by_comes_back(company: Association, monkeypatch: pytest.MonkeyPatch) -> None:
    approved(company, monkeypatch)
    company.type(INVOICES, "I1", reviewed_by=None)
    company.run(check)
    assert company.row(INVOICES, "I1")["reviewed_by"] == "alice"


def test_a_copy_of_the_workbook_approves_no_more_than_the_workbook(company: Association) -> None:
    copy = company.folder / "copy.xlsm"
    shutil.copy(company.profile.workbook, copy)
    with pytest.raises(CannotRun, match="role_lacking"):
        company.run(approves, book=copy)


# one's own home --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("journal_too", [True, False])
def test_a_copied_home_gives_nobody_more(
    company: Association, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, journal_too: bool
) -> None:
    """A profile that was set with a journal counts with that journal alone."""
    home = company.profile.home
    mine = tmp_path / "mine"
    shutil.copytree(home, mine)
    if not journal_too:
        for path in mine.glob("companies/*/journal.sqlite*"):
            path.unlink()
    monkeypatch.setenv("PASSERELLE_HOME", str(mine))
    assert load(company.name).home == mine
    with pytest.raises(CannotRun, match="role_lacking"):
        company.run(approves)
    with pytest.raises(CannotRun, match="role_lacking"):
        company.run(confirms)
    if not journal_too:
        company.pull()
        works_as(monkeypatch, "alice")
        with pytest.raises(CannotRun, match="rights_differ"):
            company.run(approves)


# the log ---------------------------------------------------------------------------------------------------------


def events(company: Association) -> list[Event]:
    from addin.databases import open_journal

    with closing(open_journal(company.profile)) as journal:
        return journal.events(None)


def acts(company: Association, *actions: str) -> list[tuple[str, str, str, str, str]]:
    told = [e for e in reversed(events(company)) if e.action in actions]
    return [(e.who, e.action, e.number, e.was, e.becomes) for e in told]


def test_every_act_is_in_the_log_with_what_it_was_and_is(
    association: Association, monkeypatch: pytest.MonkeyPatch
) -> None:
    association.init()
    know_a_customer(association.folder / "book.beancount", "Club voisin")
    association.pull()
    works_as(monkeypatch, "bob")
    association.type(INVOICES, "I1", status="Stand By")
    association.type(PAYMENTS, "P1", deposit_account="1010")
    association.type(ACCOUNTS, "A1", new_account="No")
    association.type(ACCOUNT_MAP, "4100", ledger_code="2310")
    association.type(SETTINGS_TABLE, "all_when_paid", value="Yes")
    association.run(check)
    works_as(monkeypatch, "carol")
    association.type(INVOICES, "I1", status="Do Not Sync")
    association.type(ACCOUNTS, "A1", reference="C500")
    association.sync()
    association.type(ACCOUNTS, "A1", reference=None, status="To Be Transferred")
    association.run(check)
    before = association.row(ACCOUNT_MAP, "4100")
    assert before["ledger_code"] == "2310"
    assert acts(association, "status", "typed", "reference", "map", "setting")[:5] != []
    told = set(acts(association, "status", "typed", "reference", "map", "setting"))
    assert ("bob", "status", "F-1", "to_transfer", "stand_by") in told
    assert ("carol", "status", "F-1", "stand_by", "do_not_sync") in told
    assert ("bob", "typed", "R-1", "", "1010") in told
    assert ("bob", "typed", "1001", "yes", "no") in told
    assert any((e[0], e[1], e[2], e[4]) == ("bob", "map", "4100", "2310") for e in told)
    assert ("bob", "setting", "all_when_paid", "", "yes") in told
    assert ("carol", "reference", "1001", "", "C500") in told
    assert ("carol", "reference", "1001", "C500", "") in told
    rows = [{k: text_of(v) for k, v in row.values.items()} for row in association.book.read(LOG_TABLE).rows]
    assert any(row["message"] == "Stand By → Do Not Sync" and row["who"] == "carol" for row in rows)
    once = len(events(association))
    association.run(check)
    assert len(events(association)) == once, "nothing new was done"


def test_what_is_typed_at_any_length_can_be_logged(association: Association) -> None:
    association.init()
    association.pull()
    association.type(PAYMENTS, "P1", deposit_account="x" * 32_767)
    association.type(INVOICES, "I1", reference="y" * 32_767)
    association.run(check)
    [typed] = [line for line in events(association) if line.action == "typed"]
    assert typed.becomes == "x" * 299 + "…"


def test_what_we_wrote_ourselves_is_nobodys_act(association: Association) -> None:
    association.init()
    association.pull()
    association.sync()
    association.files["accounts"][0]["email"] = "nouveau@example.org"
    association.pull()
    association.sync()
    assert acts(association, "status", "typed", "reference", "map", "setting") == []


def test_a_refused_attempt_to_set_rights_sets_none(company: Association, monkeypatch: pytest.MonkeyPatch) -> None:
    """The refusal stands in the log under the same action, and is not read as what was set."""
    for _ in range(2):
        with pytest.raises(CannotRun, match="role_lacking"):
            company.run(confirms)
    report = company.run(check)
    assert TOLD.isdisjoint(codes(report))
    with pytest.raises(CannotRun, match="role_lacking"):
        company.run(approves)


def test_a_refused_attempt_is_in_the_log(company: Association) -> None:
    with pytest.raises(CannotRun):
        company.run(approves)
    assert [(e.who, e.action, e.result) for e in events(company) if e.result == "not_allowed"] == [
        ("bob", "approve", "not_allowed")
    ]


# roles -----------------------------------------------------------------------------------------------------------


def test_every_command_and_every_button_asks_for_a_role() -> None:
    from typer.main import get_command

    from addin.cli import app
    from addin.ribbon import BUTTONS as PRESSED
    from addin.session import READING

    command = get_command(app)
    named = {name.replace("-", "_") for name in command.commands}  # type: ignore[attr-defined] # a group
    asked = (named | BUTTONS.keys() | PRESSED.keys() | READING) - {"connection"}
    assert asked - COMMANDS.keys() - OF_NO_COMPANY == set()
    assert COMMANDS.keys() & OF_NO_COMPANY == set()
    pressed_as = {"show_rights", "show_preview", "undo_transfer", "suggest_matches"}
    assert COMMANDS.keys() - asked == pressed_as - asked


@pytest.mark.parametrize(
    ("name", "role"),
    [("ada", Role.ADMINISTRATOR), ("alice", Role.APPROVER), ("bob", Role.PREPARER), ("eve", Role.VIEWER)],
)
def test_each_may_do_what_the_role_says_and_no_more(
    company: Association, monkeypatch: pytest.MonkeyPatch, name: str, role: Role
) -> None:
    works_as(monkeypatch, name)
    for command, needed in COMMANDS.items():
        assert may(company, command) is role.includes(needed), command


def may(company: Association, command: str) -> bool:
    try:
        Session.open(company.profile, company.book, command).__exit__(None, None, None)
    except CannotRun as refused:
        return [problem.code for problem in refused.problems] != ["role_lacking"]
    return True


def test_without_an_administrator_everybody_is_one_and_with_viewers_others_are_nobody(
    association: Association, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = works_as(monkeypatch, "eve")
    assert Rights(approvers=("alice",)).role_of(person) is Role.ADMINISTRATOR
    assert Rights(administrators=("ada",)).role_of(person) is Role.VIEWER
    assert Rights(administrators=("ada",), viewers=("vera",)).role_of(person) is Role.NOBODY
    association.init()
    with pytest.raises(CannotRun, match="administrator_missing"):
        association.run(lambda s: rights(s, {"approvers": ("alice",)}))


# companies of a former release -----------------------------------------------------------------------------------


@pytest.fixture
def former(association: Association, monkeypatch: pytest.MonkeyPatch) -> Association:
    """Its Settings sheet switches reviewing on, and names who approves."""
    association.init()
    association.pull()
    book = association.book
    rows = [dict(row.values) for row in book.read(SETTINGS_TABLE).rows]
    kept = [row for row in rows if text_of(row["key"]) not in Rights.model_fields]
    old = [{"key": "in_review", "value": "Yes"}, {"key": "approvers", "value": "alice"}]
    book.replace(SETTINGS_TABLE, [*kept, *old])
    book.save()
    edit(association, "DELETE FROM typed WHERE scope = 'tblSettings'")
    works_as(monkeypatch, "alice")
    return association


def test_a_sheet_that_switched_reviewing_on_lets_nothing_leave_until_it_is_moved(
    former: Association, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "review_to_move" in posts_nothing(former)
    assert former.row(INVOICES, "I1")["status"] == "In Review"
    with pytest.raises(CannotRun, match="review_to_move"):
        former.run(approves)
    changes = {"administrators": ("alice",), "review": (Kind.INVOICE, Kind.PAYMENT)}
    former.run(lambda s: rights(s, changes))
    former.type(ACCOUNTS, "A1", status="To Be Transferred")  # accounts are not reviewed any more
    report = former.run(approves)
    assert report.counts["approved"] == {Kind.INVOICE: 1}
    assert "review_to_move" not in codes(report)
    assert former.sync().counts["posted"][Kind.INVOICE] == 1
    assert "in_review" not in {text_of(row.values["key"]) for row in former.book.read(SETTINGS_TABLE).rows}


def test_a_profile_of_a_former_release_waits_to_be_confirmed(association: Association) -> None:
    association.init()
    path = association.profile.place / "profile.toml"
    content = tomllib.loads(path.read_text(encoding="utf-8"))
    del content["rights"]
    content["options"] |= {"in_review": True, "approvers": "alice, bob"}
    path.write_text(tomli_w.dumps(content), encoding="utf-8")
    assert association.profile.rights.approvers == ("alice", "bob")
    assert set(association.profile.rights.review) == set(Kind)
    association.write()
    assert "rights_differ" in codes(association.pull())


# the chain -------------------------------------------------------------------------------------------------------

LINE = Event(run=1, time=datetime(2026, 1, 31, tzinfo=UTC), who="anne", action="status", result="done")


def chained(texts: list[str]) -> Iterator[dict[str, object]]:
    end = ""
    for text in texts:
        line = {name: getattr(replace(LINE, message=text), name) for name in Event.__dataclass_fields__}
        end = link(end, line)
        yield {**line, "chain": end}


@given(st.lists(st.text(), min_size=1, max_size=8), st.data())
def test_no_line_is_changed_removed_moved_or_doubled_unseen(texts: list[str], data: st.DataObject) -> None:
    lines = list(chained(texts))
    assert walk(lines).broken is None
    at = data.draw(st.integers(0, len(lines) - 1))
    name = data.draw(st.sampled_from([field for field in Event.__dataclass_fields__ if field not in ("time", "run")]))
    changes: list[Callable[[list[dict[str, object]]], list[dict[str, object]]]] = [
        lambda those: [*those[:at], {**those[at], name: f"{those[at][name]}x"}, *those[at + 1 :]],
        lambda those: [*those[: at + 1], *those[at:]],
    ]
    if at + 1 < len(lines):
        changes += [
            lambda those: [*those[:at], *those[at + 1 :]],
            lambda those: [*those[:at], those[at + 1], those[at], *those[at + 2 :]],
        ]
    for change in changes:
        assert walk(change(lines)).broken is not None
