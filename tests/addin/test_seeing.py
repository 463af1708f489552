"""What happened can be seen: a report of each run, numbers for Prometheus, a bundle for support."""

from __future__ import annotations

import json
import re
import socket
from html.parser import HTMLParser
from pathlib import Path
from zipfile import ZipFile

import pytest
import requests
from filelock import FileLock
from prometheus_client.parser import text_string_to_metric_families

from addin.defects import report_defect
from addin.journal import Journal
from addin.logbook import keep_facts, logs
from addin.session import Session
from addin.usecases.bundle import bundle
from addin.usecases.metrics import metrics, serve_metrics
from addin.usecases.run_report import run_report
from connectors.problems import CannotRun
from tests.addin.conftest import Association
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


def free_port() -> int:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        port: int = bound.getsockname()[1]
        return port


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


def test_a_run_that_never_was_is_said_so(association: Association, tmp_path: Path) -> None:
    synced(association)
    with pytest.raises(CannotRun) as unknown:
        written(association, tmp_path / "report.html", run=99)
    assert [problem.code for problem in unknown.value.problems] == ["run_unknown"]


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
    port = free_port()
    serve_metrics(port)
    answer = requests.get(f"http://127.0.0.1:{port}/metrics", timeout=10)
    assert "passerelle_transfers{" in answer.text


def test_a_bundle_names_no_customer_and_no_document_unless_asked(association: Association, tmp_path: Path) -> None:
    association.files["accounts"][0]["name"] = "Zoé Planted"
    association.files["documents"][0]["number"] = "F-PLANTED"
    keep_facts()
    synced(association)
    report_defect(ValueError("Zoé Planted\n  owes F-PLANTED"))
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
