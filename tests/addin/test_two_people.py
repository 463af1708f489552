"""Two people as two accounts of this machine: the whole review, and every attempt to step over it.

The accounts are made with ``useradd`` and taken away again, so this runs as root, as CI does.
"""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import xlwings

from addin import ribbon
from addin.profile import load
from addin.usecases.rights import rights
from connectors.records import Kind
from docs.day import select
from tests.addin.conftest import INVOICES, Association, documents_in, small_association
from workbook.file.file_book import FileBook
from workbook.layout import SETTINGS_TABLE
from workbook.live.live_book import LiveBook
from workbook.review import text_of

pytestmark = pytest.mark.long

ROOT = Path(__file__).parents[2]
READS_ANYTHING = "+dac_override,+dac_read_search"
"""What lets an account run an interpreter that lies in root's home; whose process it is stays true."""


@dataclass
class Office:
    """A group of this machine, its accounts, and a company that they share."""

    folder: Path
    group: str
    uids: dict[str, int] = field(default_factory=dict)

    def account(self, person: str) -> str:
        """The account of a person of the story."""
        return f"{self.group}-{person}"

    @property
    def home(self) -> Path:
        return self.folder / "home"

    @property
    def company(self) -> Association:
        return Association(self.folder / "company")

    def run(self, person: str, *command: str, home: Path | None = None, **environment: str) -> dict[str, Any]:
        """What a command answers to a person."""
        own = self.folder / person
        own.mkdir(exist_ok=True)
        own.chmod(0o777)
        known = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
        done = subprocess.run(
            ["setpriv", "--reuid", self.account(person), "--regid", self.group, "--clear-groups",
             "--inh-caps", READS_ANYTHING, "--ambient-caps", READS_ANYTHING, "--",
             sys.executable, "-m", "addin", *command, "--json"],
            cwd=ROOT, capture_output=True, text=True, check=False,
            env={**known, "HOME": str(own), "PASSERELLE_HOME": str(home or self.home), "PASSERELLE_LANGUAGE": "en",
                 **environment},
        )  # fmt: skip
        assert "Traceback" not in done.stderr, done.stderr
        answer: dict[str, Any] = json.loads(done.stdout)
        return answer

    def codes(self, person: str, *command: str, **given: Any) -> set[str]:
        """The codes of the problems that a command tells a person."""
        return {problem["code"] for problem in self.run(person, *command, **given)["problems"]}


@pytest.fixture
def office(request: pytest.FixtureRequest) -> Iterator[Office]:
    """Ada administers, Alice approves, Bob prepares."""
    folder = Path(tempfile.mkdtemp(prefix="psl-"))
    folder.chmod(0o755)
    made = Office(folder, f"psl{os.getpid() % 100_000}")
    subprocess.run(["groupadd", made.group], check=True)
    try:
        for person in ("ada", "alice", "bob"):
            subprocess.run(["useradd", "-M", "-N", "-g", made.group, made.account(person)], check=True)
            told = subprocess.run(["id", "-u", made.account(person)], check=True, capture_output=True, text=True)
            made.uids[person] = int(told.stdout)
        yield made
    finally:
        for person in ("ada", "alice", "bob"):
            subprocess.run(["userdel", made.account(person)], check=False, capture_output=True)
        subprocess.run(["groupdel", made.group], check=False, capture_output=True)
        shutil.rmtree(folder)


NAME = "Petite association"
INVOICE = ("--kind", "invoice", "--number", "F-1")


def prepared(office: Office, monkeypatch: pytest.MonkeyPatch) -> Association:
    """The company, made by Ada and pulled by Bob: its invoice waits In Review."""
    monkeypatch.setenv("PASSERELLE_HOME", str(office.home))
    company = small_association(office.folder)
    company.write()
    for path in (office.folder, *office.folder.rglob("*")):
        os.chown(path, office.uids["ada"], -1)
        path.chmod(0o777 if path.is_dir() else 0o666)
    made = ("init", str(company.folder), "--company", NAME, "--shared", office.group)
    assert office.codes("ada", *made, "--set", "new_account_default=yes") == set()
    named = [part for role, person in (("administrator", "ada"), ("approver", "alice"), ("preparer", "bob"))
             for part in (f"--{role}", office.account(person))]  # fmt: skip
    assert office.codes("ada", "rights", NAME, *named, "--review", "invoice", "--two-people") == set()
    office.run("bob", "pull", NAME)
    assert company.row(INVOICES, "I1")["status"] == "In Review"
    return company


def posted(company: Association) -> int:
    return documents_in(company.folder / "book.beancount")["invoice", "I1"]


def test_the_whole_review_on_the_command_line_and_every_way_around_it(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    company = prepared(office, monkeypatch)
    workbook, place = company.profile.workbook, company.profile.place
    me, her = office.account("bob"), office.account("alice")

    # by the product
    assert office.codes("bob", "approve", NAME, *INVOICE) == {"role_lacking"}
    for variable in ("LOGNAME", "USER", "USERNAME", "SUDO_USER"):
        assert office.codes("bob", "approve", NAME, *INVOICE, **{variable: her}) == {"role_lacking"}
    assert office.codes("bob", "rights", NAME, "--approver", me) == {"role_lacking"}
    assert office.codes("bob", "rights", NAME, "--confirm") == {"role_lacking"}
    assert office.codes("bob", "undo", NAME, *INVOICE) == {"role_lacking"}
    office.run("bob", "mark", NAME, "--kind", "invoice", "--status", "to_transfer")
    assert company.row(INVOICES, "I1")["status"] == "In Review"

    # by the workbook
    company.type(INVOICES, "I1", status="To Be Transferred", reviewed_by=her)
    assert "status_refused" in office.codes("bob", "sync", NAME)
    company.type(SETTINGS_TABLE, "approvers", value=f"{her}, {me}")
    assert "right_typed" in office.codes("bob", "check", NAME)
    assert office.codes("bob", "approve", NAME, *INVOICE) == {"role_lacking"}
    copy = office.folder / "copy.xlsm"
    shutil.copy(workbook, copy)
    copy.chmod(0o666)
    assert office.codes("bob", "approve", str(copy), *INVOICE) == {"role_lacking"}

    # by a home of one's own
    mine = office.folder / "bob" / "home"
    shutil.copytree(office.home, mine)
    for path in (mine, *mine.rglob("*")):
        path.chmod(0o777 if path.is_dir() else 0o666)
    assert office.codes("bob", "approve", NAME, *INVOICE, home=mine) == {"role_lacking"}
    assert posted(company) == 0

    # what she approved is what leaves
    assert office.run("alice", "approve", NAME, *INVOICE)["approved"] == {"invoice": 1}
    before = workbook.read_bytes()
    company.files = small_association(office.folder).files
    company.files["documents"][0] |= {"subtotal": "900.00", "tax": "134.78", "total": "1034.78"}
    company.files["lines"][0] |= {"unit_price": "900.00", "amount": "900.00", "tax_amount": "134.78"}
    for tax, amount in zip(company.files["document_taxes"], ("45.00", "89.78"), strict=True):
        tax |= {"base": "900.00", "amount": amount}
    company.write()
    assert "approval_outdated" in office.codes("bob", "pull", NAME)
    workbook.write_bytes(before)  # the copy in which it is To Be Transferred
    office.run("bob", "sync", NAME)
    assert posted(company) == 0

    # around the product: the profile
    profile = place / "profile.toml"
    rightful = profile.read_text(encoding="utf-8")
    profile.write_text(rightful.replace(f'"{her}"', f'"{me}"'), encoding="utf-8")
    for told in (("check", NAME), ("log", NAME), ("doctor",)):
        assert "rights_differ" in office.codes("bob", *told)
    assert "role_lacking" in office.codes("bob", "approve", NAME, *INVOICE)
    assert "rights_differ" in office.codes("alice", "approve", NAME, *INVOICE)
    profile.write_text(rightful, encoding="utf-8")
    assert "rights_differ" not in office.codes("bob", "check", NAME)

    # around the product: the journal
    with closing(sqlite3.connect(place / "journal.sqlite")) as journal:
        journal.execute("UPDATE seen SET status = 'to_transfer' WHERE key = 'I1'")
        journal.execute(
            "UPDATE event SET content = (SELECT content FROM event WHERE action = 'approve'), action = 'approve', "
            "kind = 'invoice', key = 'I1' WHERE id = (SELECT max(id) FROM event)"
        )
        journal.commit()
    company.type(INVOICES, "I1", status="To Be Transferred")
    for told in (("sync", NAME), ("log", NAME), ("doctor",)):
        assert office.codes("bob", *told) & {"log_changed", "log_cut"}
    assert posted(company) == 0
    assert office.codes("alice", "approve", NAME, *INVOICE) & {"log_changed", "log_cut"}
    office.run("ada", "rights", NAME, "--confirm")
    office.run("bob", "pull", NAME)  # which brings the rows of the old copy up to date

    # two people: who marked it last may not approve it
    company.type(INVOICES, "I1", status="Stand By")
    office.run("alice", "check", NAME)
    company.type(INVOICES, "I1", status="In Review")
    office.run("alice", "check", NAME)
    assert "approval_own" in office.codes("alice", "approve", NAME, *INVOICE)
    company.type(INVOICES, "I1", status="To Be Transferred")
    office.run("bob", "check", NAME)
    company.type(INVOICES, "I1", status="Stand By")
    office.run("ada", "check", NAME)
    company.type(INVOICES, "I1", status="In Review")
    office.run("bob", "check", NAME)
    assert office.run("alice", "approve", NAME, *INVOICE)["approved"] == {"invoice": 1}
    assert office.run("bob", "sync", NAME)["posted"]["invoice"] == 1
    assert posted(company) == 1

    # and all of it is in the log
    lines = office.run("bob", "log", NAME, "--all")["events"]
    refused = {(line["who"], line["action"]) for line in lines if line["result"] == "not_allowed"}
    assert refused == {(me, "approve"), (me, "rights"), (me, "undo_transfer")}
    given = [line["who"] for line in lines if (line["action"], line["result"]) == ("approve", "done")]
    assert given.count(her) == 2
    assert {line["who"] for line in lines} <= {me, her, office.account("ada")}
    assert any(line["action"] == "setting" and line["number"] == "approvers" and line["who"] == me for line in lines)


@contextmanager
def working_as(uid: int) -> Iterator[None]:
    """This process is an account's: its real user id, which is what the system calls whose process it is."""
    os.setresuid(uid, 0, 0)
    try:
        yield
    finally:
        os.setresuid(0, 0, 0)


def test_the_whole_review_on_the_open_workbook(office: Office, app: xlwings.App, association: Association) -> None:
    association.init()
    named = {"administrators": (office.account("ada"),), "approvers": (office.account("alice"),),
             "preparers": (office.account("bob"),), "review": (Kind.INVOICE,)}  # fmt: skip
    with working_as(office.uids["ada"]):
        association.run(lambda session: rights(session, named))
    app.impl.said.clear()
    opened = app.books.open(str(association.profile.workbook))
    opened.set_mock_caller()
    book = LiveBook(opened)
    alice, bob = office.uids["alice"], office.uids["bob"]
    with working_as(bob):
        ribbon.pull()
        assert status(book) == "In Review"
        select(book, INVOICES, "A5")
        ribbon.approve()
        assert "role of approver" in app.impl.said[-1]
        book.write(INVOICES, {("invoice", "I1"): {"status": "To Be Transferred"}}, every=True)
        ribbon.sync()
        assert status(book) == "In Review"
        book.write(SETTINGS_TABLE, {("approvers",): {"value": office.account("bob")}}, every=True)
        ribbon.check()
        shown = {text_of(r.values["key"]): text_of(r.values["value"]) for r in book.read(SETTINGS_TABLE).rows}
        assert shown["approvers"] == office.account("alice")
    with working_as(alice):
        select(book, INVOICES, "A5")
        ribbon.approve()
        assert app.impl.said[-1].startswith("1 records approved")
        assert status(book) == "To Be Transferred"
    with working_as(bob):
        ribbon.sync()
        assert status(book) == "Transfer Completed"
    book.save()
    opened.close()
    assert documents_in(association.folder / "book.beancount")["invoice", "I1"] == 1
    assert association.row(INVOICES, "I1")["reviewed_by"] == office.account("alice")
    assert load(association.name).rights.approvers == (office.account("alice"),)
    assert isinstance(association.book, FileBook)


def status(book: LiveBook) -> str:
    return next(text_of(row.values["status"]) for row in book.read(INVOICES).rows)
