"""Whether a newer release exists: asked only where an address was set, bounded, and what it says is text."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from addin import releases, texts
from addin.databases import open_journal
from addin.profile import load
from addin.releases import ask, ask_once_a_day, newer
from addin.session import Session, identify
from addin.usecases.about import of_machine
from addin.usecases.check import check
from addin.usecases.doctor import doctor
from connectors.problems import CannotRun
from tests.addin.conftest import Association
from tests.addin.test_dashboard import shown
from tests.connectors.scripted_server import Server, answer, silent
from workbook.layout import REVISION

TODAY = date(2026, 1, 31)
TOLD = {
    "version": "7.2",
    "date": "2026-01-30",
    "page": "https://example.org/passerelle",
    "news": {"en": ["Faster.", "Kinder."], "fr": ["Plus rapide.", "Plus aimable."]},
    "files": [{"name": "passerelle-7.2.whl", "sha256": "0" * 64}],
}


def says(session: Session, **identity: str) -> None:
    """Change what a workbook says of itself."""
    identify(session.book, identity)
    session.book.save()


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> dict[str, object]:
    """What the address says; a test changes it before the product asks."""
    monkeypatch.delenv(releases.ADDRESS, raising=False)
    return dict(TOLD)


@pytest.fixture
def server(told: dict[str, object], monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """The server at the address, which somebody has set."""
    with Server(lambda sock, request: answer(body=json.dumps(told))(sock, request)) as serving:
        monkeypatch.setenv(releases.ADDRESS, f"{serving.url}/releases.json")
        yield serving


def test_without_an_address_nobody_asks_and_doctor_says_so(association: Association, told: dict[str, object]) -> None:
    association.init()
    association.pull()
    facts = doctor().facts
    assert facts["release"] == {"address": "", "newest": None}
    assert any("PASSERELLE_RELEASES" in line for line in of_machine(facts, "en"))
    assert newer() is None


def test_a_pull_asks_once_a_day_and_sends_nothing_of_ours(association: Association, server: Server) -> None:
    association.init()
    association.pull()
    association.pull()
    (request,) = server.requests
    assert (request.method, request.path, request.query, request.body) == ("GET", "/releases.json", {}, b"")
    assert not {"cookie", "authorization", "referer", "from"} & {name.lower() for name in request.headers}
    assert request.headers["User-Agent"] == "Passerelle"
    ask_once_a_day(TODAY + timedelta(days=1))
    assert len(server.requests) == 2


@pytest.mark.parametrize(
    ("language", "caption", "said"),
    [
        ("en", "Newer release", "Passerelle 7.2 of 2026-01-30 exists; this is {}. Faster. Kinder. It is on https://"),
        ("fr", "Version plus récente", "Passerelle 7.2, du 2026-01-30, existe; celle-ci est la {}. Plus rapide. Plus "),
    ],
)
def test_the_dashboard_and_doctor_say_what_is_new(
    language: str, caption: str, said: str, association: Association, server: Server
) -> None:
    association.init()
    association.pull()
    association.run(lambda session: says(session, language=language))
    association.run(check)
    line = shown(association)[caption]
    facts = doctor().facts
    said = said.format(facts["version"])
    assert line.startswith(said)
    assert line in list(of_machine(facts, "fr" if language == "fr" else "en"))
    assert facts["release"]["newest"]["files"] == TOLD["files"]  # type: ignore[index]


@pytest.mark.parametrize(
    ("version", "is_newer"), [("0.1", False), ("0.1.0", False), ("0.0.9", False), ("0.1.0.1", True), ("0.10", True)]
)
def test_numbers_are_compared_as_numbers(
    version: str, is_newer: bool, told: dict[str, object], server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("addin.releases.version", lambda _: "0.1.0")
    told["version"] = version
    ask(TODAY)
    assert (newer() is not None) is is_newer


def test_what_it_says_is_text_and_no_more_than_a_cell_is_for(association: Association, told: dict[str, object],
                                                             server: Server) -> None:  # fmt: skip
    told["news"] = {"en": ["=HYPERLINK(1)\u202e\n\x07" + "x" * 5000]}
    association.init()
    association.pull()
    line = shown(association)["Newer release"]
    assert "=HYPERLINK(1)\\u202e \\u0007xx" in line
    assert "\u202e" not in line
    assert len(line) < 1200


@pytest.mark.parametrize(
    "said",
    [
        {"version": "7.2; rm -rf"},
        {"version": "1" * 50},
        {"date": "tomorrow"},
        {"files": [{"name": "x", "sha256": "short"}]},
        {"page": "https://example.org/" + "x" * 400},
        {"news": {"de": ["Neu"]}},
    ],
    ids=str,
)
def test_what_is_no_release_is_none(said: dict[str, object], told: dict[str, object], server: Server) -> None:
    told |= said
    with pytest.raises(CannotRun) as stopped:
        ask(TODAY)
    assert [problem.code for problem in stopped.value.problems] == ["releases_unknown"]
    assert newer() is None


@pytest.mark.parametrize(
    "reply",
    [answer(404), answer(302, Location="http://127.0.0.1:9/"), answer(body="no"), answer(body=b"[" + b" " * 70_000)],
    ids=["not there", "elsewhere", "no JSON", "too much"],
)  # fmt: skip
def test_an_answer_that_is_none_stops_no_pull_and_doctor_tells_it(
    reply: object, association: Association, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Server(reply) as serving:  # type: ignore[arg-type]
        monkeypatch.setenv(releases.ADDRESS, serving.url)
        association.init()
        association.pull()
        report = doctor()
    (problem,) = (each for each in report.problems if each.code == "releases_unknown")
    assert serving.url in texts.what("en", problem)
    assert "PASSERELLE_RELEASES" in texts.fix("fr", problem)
    assert len(serving.requests) == 2, "each asked once, and nothing was followed"
    assert "Newer release" not in shown(association)


def test_a_silent_address_is_given_up(told: dict[str, object], monkeypatch: pytest.MonkeyPatch) -> None:
    with Server(silent) as serving:
        monkeypatch.setenv(releases.ADDRESS, serving.url)
        monkeypatch.setattr("addin.releases.BOUNDS", {**releases.BOUNDS, "read": 0.05})
        with pytest.raises(CannotRun) as stopped:
            ask(TODAY)
    assert stopped.value.problems[0].code == "releases_unknown"


def test_only_https_is_asked_beyond_this_machine(told: dict[str, object], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(releases.ADDRESS, "http://example.org/releases.json")
    with pytest.raises(CannotRun) as stopped:
        ask(TODAY)
    assert [problem.code for problem in stopped.value.problems] == ["settings_invalid"]


def test_an_answer_of_another_address_counts_no_more(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    ask(TODAY)
    assert newer() is not None
    monkeypatch.setenv(releases.ADDRESS, "https://elsewhere.example/releases.json")
    assert newer() is None


def test_a_note_that_somebody_damaged_is_asked_anew(person: Path, server: Server) -> None:
    ask(TODAY)
    (note,) = person.rglob("release.json")
    note.write_bytes(b"{")
    assert newer() is None
    ask_once_a_day(TODAY)
    assert newer() is not None


def test_a_workbook_of_a_newer_passerelle_is_refused_in_words(association: Association) -> None:
    association.init()
    association.pull()
    association.run(lambda session: says(session, schema=str(REVISION + 1)))
    with pytest.raises(CannotRun) as stopped:
        association.run(check)
    (problem,) = stopped.value.problems
    assert (problem.code, problem.params["found"]) == ("workbook_newer", str(REVISION + 1))
    assert "plus récente" in texts.what("fr", problem)


@pytest.mark.parametrize("said", ["", "0", "soon", "²", "9" * 5000])
def test_what_is_no_revision_refuses_no_workbook(said: str, association: Association) -> None:
    association.init()
    association.pull()
    association.run(lambda session: says(session, schema=said))
    association.run(check)


def test_settings_of_a_newer_passerelle_are_refused_in_words(association: Association) -> None:
    association.init()
    path = association.profile.place / "profile.toml"
    path.write_text(path.read_text(encoding="utf-8").replace("revision = 1\n", "revision = 2\nkind_of = 1\n"), "utf-8")
    with pytest.raises(CannotRun) as stopped:
        load(association.name)
    (problem,) = stopped.value.problems
    assert problem.code == "profile_newer"
    assert "newer Passerelle" in texts.what("en", problem)


def test_settings_that_say_no_revision_are_those_of_the_first(association: Association) -> None:
    association.init()
    path = association.profile.place / "profile.toml"
    path.write_text(path.read_text(encoding="utf-8").replace("revision = 1\n", ""), encoding="utf-8")
    open_journal(load(association.name)).close()
