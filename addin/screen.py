"""What a command shows: a report as tables or as JSON on standard output, progress on standard error."""

from __future__ import annotations

import json
import signal
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from decimal import Decimal
from getpass import getpass
from pathlib import Path
from threading import Event
from typing import Any

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from addin import texts
from addin.texts import mark
from addin.texts.visible import visible
from addin.trust import Ask, question
from addin.usecases.about import of_machine
from addin.usecases.dashboard import ACTIONS, RESULTS
from addin.usecases.report import Report
from addin.usecases.totals import CAPTIONS, Direction, by_direction
from connectors.problems import Owner, Problem
from connectors.records import Kind
from connectors.secrets.secret import Secret
from workbook.book import Book
from workbook.file.file_book import FileBook
from workbook.layout import Language, caption_of

SHOWN_PROBLEMS, OF_A_KIND = 20, 3
"""Where one person has more problems than that, so many of each kind are shown, and how many more there are."""

YES = frozenset({"y", "yes", "o", "oui"})

WIDE = 10_000
"""Characters of a line where no terminal says how many: a file or a service's log gets it whole."""

NAMES: dict[str, str] = {
    "pulled": mark("pulled"),
    "new": mark("new"),
    "changed": mark("changed"),
    "proposed": mark("proposed by the ledger"),
    "offered": mark("offered again"),
    "ready": mark("ready to leave"),
    "tried_again": mark("refused before, to be tried again"),
    "marked": mark("marked"),
    "given_back": mark("as they were before"),
    "suggested": mark("suggested"),
    "linked": mark("linked"),
    "unlinked_again": mark("no longer linked"),
    "undone": mark("undone"),
    "undoable": mark("would be undone"),
    "answered": mark("answered"),
    "approved": mark("approved"),
    "posted": mark("posted"),
    "adopted": mark("found in the ledger"),
    "applied": mark("on account until now, applied"),
    "amended": mark("changed in the ledger"),
    "rejected": mark("refused"),
    "unknown": mark("not known"),
    "held": mark("held back"),
    "skipped": mark("left out"),
}
RECEIVABLE = mark(
    "Receivables and payables: {agree} accounts of {accounts} are equal in the source and in the ledger; "
    "{explained} differences are explained by a document that was not transferred, {by_hand} was booked by hand."
)
WRONG = mark(
    "{count} records need a person: what is wrong in the sample on purpose, and what this ledger does not take; the "
    "reason and the fix stand in their rows and on the Dashboard: {numbers}."
)
OPEN = mark("Done in {seconds} s. Open the workbook: {workbook}")
FACT = mark("{name}: {value}")
NOTHING = mark("There was nothing to do.")
BOOKS = mark("To look at the ledger's own books, start its stand-in again; it says where they are: {command}")

FACTS: dict[str, str] = {
    "workbook": mark("workbook"),
    "ledger": mark("ledger"),
    "company": mark("company"),
    "source": mark("source"),
    "columns": mark("columns that are read"),
    "columns_shown": mark("columns"),
    "sheets": mark("sheets that are read"),
    "sure": mark("for sure"),
    "sheet": mark("sheet"),
    "heading": mark("their heading"),
    "field": mark("our field"),
    "ground": mark("ground"),
    "books_of": mark("books of"),
    "source_of": mark("source of"),
    "until": mark("authorized until"),
    "at_most": mark("authorized at most until"),
    "receivable": mark("accounts receivable"),
    "accounts": mark("accounts"),
    "agree": mark("agree"),
    "on": mark("as of"),
    "before": mark("dated before"),
    "agreement": mark("in sync"),
    "reason": mark("reason"),
    "source_balance": mark("receivables in the source"),
    "ledger_balance": mark("receivables in the ledger"),
    "payable_source": mark("payables in the source"),
    "payable_ledger": mark("payables in the ledger"),
    "deferred_source": mark("deferred revenue by the schedules"),
    "deferred_ledger": mark("deferred revenue in the ledger"),
    "explained": mark("differences explained"),
    "by_hand": mark("booked by hand in the ledger"),
    "unexplained": mark("differences that nothing explains"),
    "seconds": mark("seconds"),
    "folder": mark("folder"),
    "lacking": mark("only a new workbook would have"),
    "profile": mark("profile"),
    "stopped": mark("stopped"),
    "declined": mark("answered no"),
    "rounds": mark("rounds"),
    "unlinked": mark("accounts not linked"),
    "left": mark("left as they are"),
    "speaks": mark("language"),
    "text": mark("text searched for"),
    "url": mark("web page"),
    "schedules": mark("schedules"),
    "secret": mark("kept as the secret"),
    "forgotten": mark("removed the secret"),
    "file": mark("file"),
    "events": mark("log"),
    "proposals": mark("proposals"),
    "customers": mark("customers"),
    "every": mark("every"),
    "scheduler": mark("scheduler"),
    "time": mark("time"),
    "run": mark("run"),
    "who": mark("who"),
    "kind": mark("kind"),
    "number": mark("number"),
    "name": mark("name"),
    "key": mark("key"),
    "action": mark("action"),
    "result": mark("result"),
    "reference": mark("reference"),
    "message": mark("message"),
    "was": mark("before"),
    "becomes": mark("after"),
    "administrators": mark("administrators"),
    "approvers": mark("approvers"),
    "preparers": mark("preparers"),
    "viewers": mark("viewers"),
    "review": mark("kinds that need an approval"),
    "two_people": mark("two people"),
    "you": mark("you"),
    "role": mark("your role"),
    "account": mark("account"),
    "currency": mark("currency"),
    "debit": mark("debit"),
    "credit": mark("credit"),
    "system": mark("system"),
    "packages": mark("packages"),
    "home": mark("home"),
    "credentials": mark("credential store"),
    "ledgers": mark("ledgers"),
    "sources": mark("sources"),
    "companies": mark("companies"),
    "ribbon": mark("program of the ribbon"),
    "confirmed": mark("confirmed companies"),
    "bound": mark("secrets and what they are for"),
    "addresses": mark("addresses"),
    "withdrawn": mark("withdrawn"),
    "left_out": mark("In another currency, left out of the amounts:"),
    "direction": mark("direction"),
    "count": mark("number of records"),
    "amount": mark("amount"),
    "period": mark("period"),
    "boxes": mark("boxes"),
    "sales": mark("sales before tax"),
    "category": mark("category"),
    "return": mark("return"),
    "registration": mark("registration"),
    "box": mark("box"),
    "meaning": mark("what it is"),
}

CONNECTORS = ("ledgers", "sources")
ABSENT = mark("Not installed here: it needs the module {module}.")
SETTINGS = mark("Settings: {settings}.")
ABLE: dict[str, str] = {"kinds": mark("Knows: {kinds}."), "voids": mark("Can take out again: {kinds}.")}

FIGURES = frozenset(
    {
        "amount",
        "source_balance",
        "ledger_balance",
        "payable_source",
        "payable_ledger",
        "deferred_source",
        "deferred_ledger",
        "debit",
        "credit",
        "seconds",
    }
)
"""Facts that are written as amounts are in a language."""


SAID: dict[str, Mapping[str, str]] = {"action": ACTIONS, "result": RESULTS}
"""Columns of the log that hold codes, and what each says."""

CODES = frozenset({"was", "becomes"})
"""Columns of the log that are for programs: what a line says shows them in words."""


class Plain(Console):
    """Shows text as it is: what looks like rich's markup or an emoji's name is a name or a message like any other.

    What commands a terminal shows as its number.
    """

    def __init__(self, **options: Any) -> None:  # noqa: ANN401 - those of rich
        super().__init__(highlight=False, markup=False, emoji=False, **options)

    def render_str(self, text: str, **options: Any) -> Text:  # noqa: ANN401 - as above
        """The text that every string becomes before it is shown, in a table too."""
        return super().render_str(visible(text), **options)


class Screen:
    """A terminal, or a program that reads our JSON."""

    def __init__(self, language: Language, as_json: bool) -> None:
        self.language = language
        self._as_json = as_json
        self._stop = Event()
        self._out = Plain(width=None if sys.stdout.isatty() else WIDE)
        self._err = Plain(stderr=True)

    def book(self, path: Path) -> Book:
        """The workbook at a path, whose progress shows here."""
        return FileBook(path, progress=self.progress, stop=self._stop.is_set)

    @contextmanager
    def stoppable(self) -> Iterator[None]:
        """Take Ctrl-C, or the system's wish that we end, as Stop; the second time it ends us at once."""
        former = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}

        def stop(number: int, _: object) -> None:
            self._stop.set()
            signal.signal(number, former[signal.Signals(number)])

        for number in former:
            signal.signal(number, stop)
        try:
            yield
        finally:
            for number, handler in former.items():
                signal.signal(number, handler)

    def progress(self, text: str) -> None:
        """One line that the next one overwrites, on a terminal alone."""
        if self._err.is_terminal:
            self._err.print(text.ljust(self._err.width - 1)[: self._err.width - 1], end="\r")

    def secret(self, name: str) -> Secret:
        """A secret that the person types unseen, or that a program writes as one line on standard input."""
        if sys.stdin.isatty():
            return Secret(getpass(f"{name}: "))
        return Secret(sys.stdin.readline().rstrip("\r\n"))

    def line(self, prompt: str) -> str | None:
        """A line that the person types, or a program writes, on standard input; nothing once that has ended."""
        self._err.print(Text(visible(prompt)), end="")
        line = sys.stdin.readline()
        if not line:
            self._err.print()
        return line.strip() if line else None

    def ask(self, title: str, lines: Iterable[str]) -> None:
        """Put a question: its title, and what there is to know before it is answered."""
        self._err.print(Text(visible(f"\n{title}"), style="bold"))
        for line in lines:
            self._err.print(Padding(Text(visible(line)), (0, 0, 0, 2)))

    def tell(self, what: str, fix: str) -> None:
        """What is wrong with an answer, and what to do."""
        self._err.print(Text(visible(what), style="red"), soft_wrap=True)
        self._err.print(Text(visible(f"  → {fix}")), soft_wrap=True)

    def asker(self, *, yes: bool = False) -> Ask | None:
        """Who asks the person at this terminal whether to work with a company; nobody for a program or a clock."""
        if yes:
            return lambda _: True
        return (lambda profile: self._agreed(question(profile, self.language))) if self._attended else None

    def continuing(self, *, yes: bool = False) -> Callable[[str], bool] | None:
        """Who asks the person at this terminal whether to go on; nobody for a program or a clock."""
        return self._agreed if self._attended and not yes else None

    @property
    def _attended(self) -> bool:
        """Whether a person is at this terminal."""
        return not self._as_json and sys.stdin.isatty() and sys.stderr.isatty()

    def _agreed(self, asked: str) -> bool:
        self._err.print(asked, soft_wrap=True)
        self._err.print("[y/N] " if self.language == "en" else "[o/N] ", end="")
        return sys.stdin.readline().strip().lower() in YES

    def step(self, text: str) -> None:
        """One line that stays."""
        self._err.print(f"· {text}", soft_wrap=True)

    def show(self, report: Report, command: str) -> None:
        """Show a report; the same facts in both forms."""
        if self._as_json:
            sys.stdout.write(visible(json.dumps(report.as_json(self.language), ensure_ascii=False)) + "\n")
            return
        if command == "demo" and report.could_run:
            self._tour(report)
            return
        if command == "doctor" and "standing" in report.facts:
            for sentence in of_machine(report.facts, self.language):
                self._out.print(sentence, soft_wrap=True)
            self._problems(report.problems)
            return
        if any(any(kinds.values()) for kinds in report.counts.values()):
            self._out.print(self._counts(report, NAMES))
            self._directions(report)
        elif report.counts and not report.problems and not any(report.facts.values()):
            self._out.print(texts.say(self.language, NOTHING))
            return
        for each in (report.facts.get(name) for name in CONNECTORS):
            if isinstance(each, list):
                self._connectors(each)
                return
        for name, value in report.facts.items():
            self._fact(self._name(name), self._shown(name, value))
        self._problems(report.problems)

    def _connectors(self, each: list[Mapping[str, Any]]) -> None:
        """What there is to choose from, a paragraph for each of 80 columns; every capability is in JSON."""
        for found in each:
            self._out.print(f"{found['name']}  {texts.say(self.language, found['label'])}".rstrip(), style="bold")
            for sentence, params in _can(found, self.language):
                self._out.print(Padding(texts.say(self.language, sentence, **params), (0, 0, 0, 2)), width=80)

    def _tour(self, report: Report) -> None:
        """What the demo did, on one screen: counts, receivables, who needs a person, what to open."""
        self._out.print(self._counts(report, ("pulled", "posted", "rejected", "held", "skipped")))
        if others := report.facts["left_out"]:
            self._fact(self._name("left_out"), others)
        receivable = report.facts["receivable"]
        assert isinstance(receivable, Mapping)
        wrong = [problem for problem in report.problems if problem.kind]
        numbers = ", ".join(dict.fromkeys(problem.number for problem in wrong))
        for sentence, params in (
            (RECEIVABLE, receivable),
            (WRONG, {"count": len({(p.kind, p.key) for p in wrong}), "numbers": numbers}),
            (OPEN, {"workbook": report.facts["workbook"], "seconds": self._shown("seconds", report.facts["seconds"])}),
        ):
            said = texts.say(self.language, sentence, **params)
            self._out.print(f"\n{said}", soft_wrap=sentence is OPEN)  # a path is not broken up
        if command := report.facts.get("books"):
            self._out.print("\n" + texts.say(self.language, BOOKS, command=command), soft_wrap=True)

    def _counts(self, report: Report, names: Iterable[str]) -> Table:
        columns = [name for name in names if name in report.counts and any(report.counts[name].values())]
        table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0), header_style="bold")
        table.add_column("", no_wrap=True)
        amounts = (mark("amount"),) if report.totals else ()
        for name in (*(NAMES[name] for name in columns), *amounts):
            table.add_column(texts.say(self.language, name), justify="right", no_wrap=True)
        for kind in Kind:
            numbers = [report.counts[name].get(kind, 0) for name in columns]
            if any(numbers):
                total = report.totals.get(kind)
                shown = [str(number) if number else "·" for number in numbers]
                money = [texts.amount(self.language, total) if total else ""] if amounts else []
                table.add_row(caption_of("kind", kind, self.language), *shown, *money)
        return table

    def _directions(self, report: Report) -> None:
        """What goes the same way, where several kinds do or there is more than one way."""
        sums = by_direction(report.totals)
        for direction, total in sums.items() if len(report.totals) > 1 else ():
            self._say(texts.say(self.language, CAPTIONS[direction]), texts.amount(self.language, total))

    def _shown(self, name: str, value: object) -> object:
        if name == "direction" and value in list(Direction):
            return texts.say(self.language, CAPTIONS[Direction(str(value))])
        if name in SAID and value in SAID[name]:
            return texts.say(self.language, SAID[name][str(value)])
        if name == "kind" and value in list(Kind):
            return caption_of("kind", str(value), self.language)
        return texts.amount(self.language, Decimal(str(value))) if name in FIGURES and value else value

    def _name(self, fact: str) -> str:
        return texts.say(self.language, FACTS[fact]) if fact in FACTS else fact

    def _fact(self, name: str, value: object) -> None:
        if isinstance(value, list) and value and isinstance(value[0], Mapping):
            if name == self._name("left_out"):
                self._out.print(name)
            self._out.print(self._table(value))
        elif isinstance(value, Mapping):
            self._say(name, " · ".join(f"{self._name(str(key))} {shown}" for key, shown in value.items()))
        elif isinstance(value, list):
            self._say(name, " · ".join(map(str, value)) or "–")
        elif value not in ("", None, False):
            self._say(name, value)

    def _say(self, name: str, value: object) -> None:
        self._out.print(texts.say(self.language, FACT, name=name, value=value), soft_wrap=True)

    def _table(self, rows: Iterable[Mapping[str, object]]) -> Table:
        table = Table(box=None, pad_edge=False, header_style="bold")
        for number, row in enumerate(rows):
            shown = {name: value for name, value in row.items() if name not in CODES or "action" not in row}
            if number == 0:
                for name in shown:
                    table.add_column(self._name(name), overflow="fold", justify="right" if name in FIGURES else "left")
            table.add_row(*(_cell(self._shown(name, value)) for name, value in shown.items()))
        return table

    def _problems(self, problems: Iterable[Problem]) -> None:
        shown = list(problems)
        for owner in Owner:
            mine = [problem for problem in shown if problem.owner is owner]
            if mine:
                self._out.print(f"\n{texts.owner(self.language, owner)} ({len(mine)})", style="bold")
            if len(mine) <= SHOWN_PROBLEMS:
                for problem in mine:
                    self._problem(problem)
            else:
                self._by_kind(mine)

    def _by_kind(self, problems: Iterable[Problem]) -> None:
        """A few problems of each kind, and how many more there are of it: none is hidden by many of another."""
        kinds: dict[str, list[Problem]] = {}
        for problem in problems:
            kinds.setdefault(problem.code, []).append(problem)
        for alike in kinds.values():
            for problem in alike[:OF_A_KIND]:
                self._problem(problem)
            if left := len(alike) - OF_A_KIND if len(alike) > OF_A_KIND else 0:
                self._out.print("  " + texts.say(self.language, mark("… and {count} more like it"), count=left))

    def _problem(self, problem: Problem) -> None:
        where = f"{problem.place.sheet}!{problem.place.cell} " if problem.place else ""
        number = f"{problem.number}: " if problem.number else ""
        what, fix = texts.what(self.language, problem), texts.fix(self.language, problem)
        self._out.print(f"  {where}{number}{what}", soft_wrap=True)
        self._out.print(f"    → {fix}", style="dim", soft_wrap=True)


def _can(connector: Mapping[str, Any], language: Language) -> Iterator[tuple[str, dict[str, str]]]:
    """What a connector can do and wants to know, as sentences with their parameters."""
    if not connector["installed"]:
        yield ABSENT, {"module": connector["needs"]}
        return
    for name, sentence in ABLE.items():
        known = connector["capabilities"].get(name) or ()
        kinds = [caption_of("kind", kind, language) for kind in Kind if kind in known]
        if kinds:
            yield sentence, {"kinds": ", ".join(kinds)}
    yield SETTINGS, {"settings": ", ".join(connector["settings"])}


def _cell(value: object) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{name}={_cell(each)}" for name, each in value.items())
    if isinstance(value, list):
        return " ".join(map(str, value))
    return str(value)
