"""What happened can be seen: a report of each run, numbers for Prometheus, a bundle for support."""

from __future__ import annotations

import json
import os
import re
from html.parser import HTMLParser
from pathlib import Path
from zipfile import ZipFile

import pytest
import requests
from filelock import FileLock
from prometheus_client.parser import text_string_to_metric_families

from addin.defects import report_defect
from addin.home import home
from addin.journal import Journal
from addin.logbook import keep_facts, logs
from addin.rights import Rights
from addin.screen import Screen
from addin.session import Session
from addin.usecases.bundle import bundle
from addin.usecases.metrics import metrics, serve_metrics
from addin.usecases.report import Report
from addin.usecases.run_report import run_report
from addin.usecases.sync import sync
from addin.usecases.watch import watch
from connectors.facts import fact
from connectors.problems import CannotRun
from tests.addin.conftest import TODAY, Association
from workbook.file.file_book import FileBook


class Page(HTMLParser):
    """The tags of a page in order, and its text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.tags.append(tag)

    def handle_data(self, data: str) -> None:
        self.text += data


def synced(association: Association) -> Association:
    association.init()
    association.pull()
    association.sync()
    return association


def journal_of(association: Association) -> Journal:
    return Journal.at(association.profile.place / "journal.sqlite")


def written(association: Association, to: Path, run: int = 0) -> Page:
    profile = association.profile
    with Session.open(profile, FileBook(profile.workbook), "report") as session:
        run_report(session, to, run)
    return Page(to.read_text(encoding="utf-8"))


def test_a_report_has_a_stroke_and_a_line_for_each_record(association: Association, tmp_path: Path) -> None:
    posted = [e for e in journal_of(synced(association)).events(None) if e.result == "posted"]
    page = written(association, tmp_path / "report.html")
    assert page.tags.count("rect") == page.tags.count("tr") - 1 - len({e.kind for e in posted})
    assert page.tags.count("rect") == len(posted) > 0
    assert all(event.number in page.text for event in posted)


def test_what_came_from_outside_is_text_on_the_page(association: Association, tmp_path: Path) -> None:
    association.files["documents"][0]["number"] = "<script>alert(1)</script>"
    synced(association)
    page = written(association, tmp_path / "report.html")
    assert "script" not in page.tags
    assert "<script>" in page.text


@pytest.mark.parametrize("name", ["Club [/b] [red]x[/red]", ":warning: Club", "\x1b]0;Club\x07\x1b[2J\x9b1m"])
def test_what_came_from_outside_is_text_on_the_terminal(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Neither rich's markup nor a command to the terminal (ECMA-48: C0 and C1), in a line, a table or progress."""
    screen = Screen("en", as_json=False)
    screen.show(Report(run=0, facts={"text": name, "customers": [{"name": name}]}), "find")
    screen.step(name)
    said = "".join(capsys.readouterr())
    assert said.count(re.sub("[\x00-\x1f\x7f-\x9f]", lambda found: f"\\u{ord(found[0]):04x}", name)) == 3
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f]", said)


def test_a_run_that_never_was_is_said_so(association: Association, tmp_path: Path) -> None:
    synced(association)
    with pytest.raises(CannotRun) as unknown:
        written(association, tmp_path / "report.html", run=99)
    assert [problem.code for problem in unknown.value.problems] == ["run_unknown"]


def test_a_company_without_a_sync_has_no_report_yet(association: Association, tmp_path: Path) -> None:
    association.init()
    with pytest.raises(CannotRun, match="never_synced"):
        written(association, tmp_path / "report.html")


def test_a_run_that_never_ended_says_so_and_how_far_it_came(association: Association, tmp_path: Path) -> None:
    association.init()
    association.pull()
    with Session.open(association.profile, association.book, "sync", TODAY) as cut_off:
        sync(cut_off)
        page = written(association, tmp_path / "report.html")
    assert "It goes on or was cut off" in page.text
    assert "Invoice" in page.text
    assert "Invoice" in written(association, tmp_path / "report.html").text


def test_who_watches_is_told_how_far_it_came_and_then_what_it_did(association: Association) -> None:
    association.init()
    association.pull()
    profile, told = association.profile, list[str]()
    working = Session.open(profile, association.book, "sync", TODAY)

    def meanwhile(_: float) -> None:
        with working:
            sync(working)

    with Session.open(profile, association.book, "watch") as watching:
        done = watch(watching, told.append, meanwhile)
    assert "is working on this company" in told[0]
    assert told[0].endswith(": 0 answered, 0 on the way.")
    assert told[1:] == ["Nobody is working on this company now."]
    assert sum(done.counts["posted"].values()) == 3


def test_who_waits_is_told_for_whom(association: Association) -> None:
    association.init()
    profile = association.profile

    def shown(text: str) -> None:
        raise InterruptedError(text)

    with Session.open(profile, association.book, "sync") as working:
        said = re.escape(f"{working.who} is working on this company on ")
        with pytest.raises(InterruptedError, match=said):
            Session.open(profile, FileBook(profile.workbook, progress=shown), "sync", wait=600)


def test_a_report_can_be_written_while_a_sync_runs(association: Association, tmp_path: Path) -> None:
    synced(association)
    with FileLock(association.profile.place / "running.lock"):
        assert written(association, tmp_path / "report.html").tags


def test_the_numbers_are_the_journals(association: Association) -> None:
    synced(association)
    families = {family.name: family for family in text_string_to_metric_families(metrics())}
    transfers = {
        (sample.labels["kind"], sample.labels["state"]): sample.value
        for sample in families["passerelle_transfers"].samples
    }
    counted: dict[tuple[str, str], int] = {}
    for history in journal_of(association).transfers().values():
        for each in history:
            counted[each.kind, each.state] = counted.get((each.kind, each.state), 0) + 1
    assert transfers == counted
    assert [sample.value for sample in families["passerelle_journal_up"].samples] == [1]
    assert {s.labels["command"] for s in families["passerelle_last_run_timestamp_seconds"].samples} == {"pull", "sync"}


def test_a_journal_that_cannot_be_read_is_down_and_the_others_are_told(association: Association) -> None:
    synced(association)
    (association.profile.place / "journal.sqlite").write_bytes(b"not a database, at all" * 100)
    (up,) = re.findall(r"passerelle_journal_up\{.*\} (.*)", metrics())
    assert float(up) == 0


def test_prometheus_is_answered_on_this_machine(association: Association) -> None:
    synced(association)
    port, _ = serve_metrics(0)
    answer = requests.get(f"http://127.0.0.1:{port}/metrics", timeout=10)
    assert "passerelle_transfers{" in answer.text
    for unusable in (port, 65536, -1):
        with pytest.raises(CannotRun, match="port_unusable"):
            serve_metrics(unusable)


def test_a_bundle_names_no_customer_and_no_document_unless_asked(association: Association, tmp_path: Path) -> None:
    association.files["accounts"][0]["name"] = "Zoé Planted"
    association.files["documents"][0]["number"] = "F-PLANTED"
    keep_facts()
    synced(association)
    named = Rights(approvers=("planted.approver",))
    association.profile.model_copy(update={"rights": named}).save()
    report_defect(ValueError("Zoé Planted\n  owes F-PLANTED\nPLANTED: late\nPLANTED\n  File PLANTED"))
    for with_data in (False, True):
        to = tmp_path / f"{with_data}.zip"
        bundle(to, with_data)
        with ZipFile(to) as package:
            whole = {name: package.read(name).decode() for name in package.namelist()}
        assert ("PLANTED" in "".join(whole.values()).upper()) is with_data
        assert json.loads(whole["company-1.json"])["transfers"]
        assert any(name.startswith("logs/") and '"event": "transfer"' in text for name, text in whole.items())
        assert any(name.startswith("defects/") and "ValueError" in text for name, text in whole.items())
    assert logs().is_dir()


def test_a_line_that_a_crash_cut_keeps_no_bundle_from_being_written(association: Association, tmp_path: Path) -> None:
    """What was written of a file when the power went may end in the middle of a letter."""
    association.init()
    for path in (logs() / "passerelle-2026-01-31.jsonl", home() / "defect-20260131-120000-1.txt"):
        path.parent.mkdir(exist_ok=True)
        path.write_bytes('{"event": "transfer"}\n{"number": "É'.encode()[:-1])
    bundle(tmp_path / "b.zip")
    with ZipFile(tmp_path / "b.zip") as package:
        assert b'"event": "transfer"' in package.read("logs/passerelle-2026-01-31.jsonl")


def test_a_fact_that_no_file_can_hold_as_it_is_stops_nothing(association: Association) -> None:
    """Half of a surrogate pair, as a vendor's JSON may hold it, is no Unicode text."""
    keep_facts()
    fact("transfer", number="F-\ud83d")
    fact("transfer", number="F-2")
    (file,) = logs().iterdir()
    assert file.read_text(encoding="utf-8").count("F-") == 2


def test_a_defect_is_told_though_its_report_cannot_be_written_below_the_home(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The disk that is full may be the very reason; a file in the folder's place refuses the same way."""
    (tmp_path / "home").touch()
    monkeypatch.setenv("PASSERELLE_HOME", str(tmp_path / "home"))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    told = report_defect(KeyError("surprise"))
    assert "surprise" in Path(told.params["path"]).read_text(encoding="utf-8")
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "home"))
    assert report_defect(KeyError("surprise")).detail.startswith("KeyError (")


def test_reports_of_defects_are_kept_as_long_as_the_log(association: Association) -> None:
    association.init()
    first = Path(report_defect(KeyError("first")).params["path"])
    os.utime(first, (0, 0))
    second = Path(report_defect(KeyError("second")).params["path"])
    assert list(home().glob("defect-*.txt")) == [second]


@pytest.mark.parametrize("address", ["postgresql://clerk:S3cret@host/club", "postgresql://clerk:S3cret"])
def test_a_password_in_a_wrong_address_is_in_no_bundle(association: Association, tmp_path: Path, address: str) -> None:
    association.init()
    association.profile.model_copy(update={"journal_url": address}).save()
    bundle(tmp_path / "b.zip", with_data=True)
    with ZipFile(tmp_path / "b.zip") as package:
        whole = "".join(package.read(name).decode() for name in package.namelist())
    assert "S3cret" not in whole
    assert "database_" in whole
