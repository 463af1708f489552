"""Run report: one run as a page to keep or send, with a timeline; the Log sheet holds the same lines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from html import escape
from pathlib import Path

from addin.journal import Event, Run
from addin.session import Session
from addin.texts import mark
from addin.texts.visible import visible
from addin.usecases.dashboard import message_of, result_of
from addin.usecases.report import Report
from connectors import private
from connectors.disk import refusal
from connectors.problems import CannotRun, Problem
from connectors.records import Kind
from workbook.layout import LOG_TABLE, caption_of

COLOURS = {"posted": "#2e7d32", "manual": "#2e7d32", "done": "#2e7d32", "rejected": "#c62828"}
DOUBTFUL = "#ef6c00"
LANE, LEFT, WIDTH = 26, 190, 900
"""Pixels: the height of a kind's lane, the room for its name, and the width of all the time there was."""

WHEN = mark("By {who}, from {started} to {ended} (UTC).")
CUT_OFF = mark("By {who}, since {started} (UTC). It goes on or was cut off; as far as it came, by kind:")

STYLE = """
body { font: 14px/1.4 system-ui, sans-serif; margin: 2rem; color: #222; }
table { border-collapse: collapse; margin: 1rem 0; }
th, td { text-align: left; padding: .2rem .8rem; border-bottom: 1px solid #ddd; vertical-align: top; }
td.number { text-align: right; }
"""


def run_report(session: Session, to: Path, run: int = 0) -> Report:
    """Write the report of a run, the last Sync unless another is named, as one HTML file.

    Raises ``CannotRun``: ``run_unknown``, ``never_synced``, or what is wrong with the file that is to be written.
    """
    runs = session.journal.runs(None) if run else session.journal.runs(1, "sync")
    found = next((each for each in runs if run in (0, each.id)), None)
    if found is None:
        raise CannotRun(Problem(code="run_unknown", params={"run": str(run)}) if run else Problem(code="never_synced"))
    events = list(reversed(session.journal.events(None, found.id)))
    _write(to, "".join(_page(session, found, events)))
    return Report(run=found.id, facts={"file": str(to)})


def _write(to: Path, page: str) -> None:
    try:
        private.write(to, page)
    except OSError as refused:
        raise CannotRun(refusal(refused, to, writing=True)) from refused


def _page(session: Session, run: Run, events: Sequence[Event]) -> Iterator[str]:
    title = session.say("Run {run}: {command}, {company}", run=run.id, command=run.command,
                        company=session.profile.company)  # fmt: skip
    yield f'<!doctype html><html lang="{session.language}"><meta charset="utf-8"><title>{escape(title)}</title>'
    yield f"<style>{STYLE}</style><h1>{escape(title)}</h1>"
    ended, said = (_moment(run.ended), WHEN) if run.ended else ("", CUT_OFF)
    when = session.say(said, who=run.who, started=_moment(run.started), ended=ended)
    yield f"<p>{escape(when)}</p>"
    answered: Mapping[tuple[str, str], int] = Counter((event.kind, event.result) for event in events if event.kind)
    moved = {(kind.value, state.value): count for (kind, state), count in session.journal.states(run.id).items()}
    yield from _counts(session, answered if ended else moved)
    if events:
        yield _timeline(session, run, events)
        yield from _lines(session, events)


def _counts(session: Session, counts: Mapping[tuple[str, str], int]) -> Iterator[str]:
    if counts:
        yield "<table>"
        for kind, result in sorted(counts, key=lambda each: (list(Kind).index(Kind(each[0])), each[1])):
            name, said = caption_of("kind", kind, session.language), result_of(session, result)
            yield f'<tr><th>{escape(name)}<td>{escape(said)}<td class="number">{counts[kind, result]}'
        yield "</table>"


def _timeline(session: Session, run: Run, events: Sequence[Event]) -> str:
    """A lane for each kind, a stroke for each record where it was answered, from the first second to the last."""
    lanes = [kind for kind in Kind if any(event.kind == kind for event in events)]
    last = max(event.time for event in events)
    span = max((last - run.started).total_seconds(), 0.001)
    drawn = [f'<svg width="{LEFT + WIDTH + 10}" height="{LANE * (len(lanes) + 1)}" role="img">']
    for lane, kind in enumerate(lanes):
        middle = lane * LANE + LANE // 2
        name = escape(caption_of("kind", kind, session.language))
        drawn.append(f'<text x="0" y="{middle + 5}">{name}</text>')
        drawn.append(f'<line x1="{LEFT}" x2="{LEFT + WIDTH}" y1="{middle}" y2="{middle}" stroke="#ddd"/>')
        for event in events:
            if event.kind == kind:
                x = LEFT + WIDTH * (event.time - run.started).total_seconds() / span
                drawn.append(
                    f'<rect x="{x:.1f}" y="{middle - 8}" width="2" height="16" '
                    f'fill="{COLOURS.get(event.result, DOUBTFUL)}"><title>{escape(visible(event.number))} · '
                    f"{escape(result_of(session, event.result))} · {event.time:%H:%M:%S}</title></rect>"
                )
    below = LANE * len(lanes) + 14
    drawn.append(f'<text x="{LEFT}" y="{below}">{run.started:%H:%M:%S}</text>')
    drawn.append(f'<text x="{LEFT + WIDTH}" y="{below}" text-anchor="end">{last:%H:%M:%S}</text></svg>')
    return "".join(drawn)


def _lines(session: Session, events: Sequence[Event]) -> Iterator[str]:
    shown = ("time", "kind", "number", "result", "reference", "message")
    yield "<table><tr>"
    yield from (f"<th>{escape(LOG_TABLE.column(name).caption.of(session.language))}" for name in shown)
    for event in events:
        kind = caption_of("kind", event.kind, session.language) if event.kind else ""
        cells = (_moment(event.time), kind, event.number, result_of(session, event.result), event.reference,
                 message_of(session, event))  # fmt: skip
        yield "<tr>" + "".join(f"<td>{escape(visible(cell))}" for cell in cells)
    yield "</table>"


def _moment(time: datetime) -> str:
    return f"{time:%Y-%m-%d %H:%M:%S}"
