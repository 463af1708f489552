"""Diagnostic bundle: what we need to help, in one file; no secret ever, no customer data unless asked."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import closing
from dataclasses import asdict
from io import BytesIO
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

from addin.databases import journal_url, open_journal
from addin.defects import REPORTS
from addin.home import home
from addin.journal import Journal
from addin.logbook import logs
from addin.profile import Profile, known, load
from addin.usecases.doctor import doctor
from addin.usecases.report import Report
from connectors import private
from connectors.disk import refusal
from connectors.problems import CannotRun
from connectors.secrets.redaction import scrubbed

SAFE = frozenset(
    {"time", "event", "process", "run", "company", "command", "trouble", "to", "method", "status", "fate", "request_id",
     "seconds", "kind", "action", "state", "problem"}
)  # fmt: skip
"""What a line of the log may say without naming a customer or a document."""

SETTINGS = frozenset({"id", "source", "ledger", "options", "language"})
"""What of a company's profile names nobody."""

RUNS, EVENTS = 200, 2_000
FRAME = re.compile(r"  File .*|[A-Za-z_][\w.]*(?=: |$)")
"""Of a traceback, where it went and the errors' names; what an error says may name a customer."""


def bundle(to: Path, with_data: bool = False) -> Report:
    """Write the bundle as a zip file. Raises ``CannotRun`` where the file cannot be written.

    With data: also the log's lines with numbers and names, the settings with their paths, and what errors said.
    """
    content = BytesIO()
    with ZipFile(content, "w", ZIP_DEFLATED) as package:
        for name, text in _parts(with_data):
            package.writestr(name, scrubbed(text))
    try:
        private.put(to, content.getvalue())
    except OSError as refused:
        raise CannotRun(refusal(refused, to, writing=True)) from refused
    return Report(run=0, facts={"file": str(to)})


def _parts(with_data: bool) -> Iterator[tuple[str, str]]:
    facts = doctor().facts
    unnamed = {name: value for name, value in facts.items() if name not in ("home", "companies", "standing", "ribbon")}
    yield "machine.json", _json(facts if with_data else unnamed)
    for number, company in enumerate(known(), 1):
        yield f"company-{number}.json", _json(dict(_company(company, with_data)))
    for path in sorted(logs().glob("passerelle-*.jsonl")):
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
        yield f"logs/{path.name}", "\n".join(line if with_data else _safe(line) for line in lines)
    for path in sorted(home().glob(REPORTS)):
        text = path.read_text(encoding="utf-8", errors="replace")
        yield f"defects/{path.name}", text if with_data else "\n".join(_frames(text))


def _company(company: str, with_data: bool) -> Iterator[tuple[str, object]]:
    """Its settings, runs and counts; where they cannot be read, the codes of what is wrong."""
    try:
        profile = load(company)
        yield "profile", _settings(profile, with_data)
        with closing(open_journal(profile)) as journal:
            yield from _journal(journal, with_data)
    except CannotRun as wrong:
        yield "problems", [problem.code for problem in wrong.problems]


def _settings(profile: Profile, with_data: bool) -> dict[str, object]:
    """Without data, no path and nobody's name; an address that holds a password is wrong, and never told."""
    settings = profile.model_dump(mode="json")
    if not with_data:
        return {name: settings[name] for name in sorted(SETTINGS)}
    try:
        journal_url(profile)
    except CannotRun as wrong:
        settings["journal_url"] = wrong.problems[0].code
    return settings


def _journal(journal: Journal, with_data: bool) -> Iterator[tuple[str, object]]:
    yield "runs", [{**asdict(run), "who": run.who if with_data else ""} for run in journal.runs(RUNS)]
    yield "transfers", {f"{kind} {state}": count for (kind, state), count in journal.states().items()}
    yield "records", {f"{kind} {status}": count for (kind, status), count in journal.statuses().items()}
    if with_data:
        yield "events", [asdict(event) for event in journal.events(EVENTS)]


def _safe(line: str) -> str:
    """A line of the log without whom it is about; one that cannot be read is left out."""
    try:
        values = json.loads(line)
    except ValueError:
        return "{}"
    return json.dumps({name: value for name, value in values.items() if name in SAFE})


def _frames(text: str) -> Iterator[str]:
    return (found.group() for line in text.splitlines() if (found := FRAME.match(line)))


def _json(value: object) -> str:
    return json.dumps(value, indent=1, ensure_ascii=False, default=str)
