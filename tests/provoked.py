"""A plug-in of pytest that watches the problems that the product makes, in every test: their codes and their sentences.

Every code has a test that provokes it through the product and names it, and no sentence of a problem has a gap: a test
in which the product makes one without a parameter that its sentences show fails.

A code counts where the product itself made the problem in a test, or gave it that code (one that a test made does not),
and a file of tests names the code. A whole run tells the codes that no test counted for, and fails of them; a run of a
part of the tests tells nothing.
"""

from __future__ import annotations

import dataclasses
import re
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from types import FrameType

import pytest

import connectors.problems
from addin import texts
from connectors.problems import Problem, every_code

ROOT = Path(__file__).parents[1]
PRODUCT = tuple(f"{ROOT / floor}/" for floor in ("addin", "connectors", "workbook"))
SUITES = (ROOT / "tests", ROOT / "connectors" / "conformance")
"""Where tests are; the second ships with the product, and what it makes is no more the product's than what tests do."""
OURS = Path(__file__)
PROBLEMS = connectors.problems.__file__
PROVOKED = "provoked"
WHOLE = {"not", "and", "tryton", "dataverse", "long", "frozen"}
"""The words of the marker expressions of a whole run: the default one, and CI's, which has the long tests too."""


class Provoked:
    """The files of tests by the code that was provoked in them; a worker tells them with its reports."""

    def __init__(self) -> None:
        self.files: defaultdict[str, set[str]] = defaultdict(set)
        self.made: set[str] = set()
        self.gaps: list[str] = []

    def note(self, problem: Problem, frame: FrameType | None) -> None:
        """Take in a problem that was just made, if the product made it; a copy shows what it is a copy of."""
        copied = frame is not None and frame.f_back is not None and _copies(frame.f_back)
        while frame is not None and (frame.f_code.co_filename in ("<string>", PROBLEMS) or _gives_a_code(frame)):
            frame = frame.f_back
        if frame is not None and _is_the_products(frame.f_code.co_filename):
            self.made.add(problem.code)
            if not copied and _has_a_gap(problem):
                self.gaps.append(f"{problem.code} {dict(problem.params)}: {texts.what('en', problem)}")

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self) -> Iterator[None]:
        """Fail a test in which the product made a problem whose sentences have a gap."""
        yield
        assert self.gaps == [], "a sentence shows what the problem does not hold"

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo[None]) -> None:
        """Tell with the end of each test what was made in it, and the files it is written in: its own, its suite's."""
        if call.when == "teardown":
            function = getattr(item, "function", None)
            written = Path(function.__code__.co_filename) if hasattr(function, "__code__") else item.path
            files = {str(path.relative_to(ROOT)) for path in (item.path, written) if path.is_relative_to(ROOT)}
            item.user_properties.append((PROVOKED, (sorted(self.made), sorted(files))))
            self.made.clear()
            self.gaps.clear()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Take over what was told, from this process or from a worker."""
        for name, told in report.user_properties if report.when == "teardown" else ():
            if name == PROVOKED:
                codes, files = told  # type: ignore[misc]
                for code in codes:
                    self.files[code].update(files)

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Fail a whole run in which a code was not provoked."""
        if _whole(session) and not session.testsfailed and self.missing():
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
        """Tell how many codes were provoked in a whole run, and which were not."""
        if terminalreporter._session is not None and _whole(terminalreporter._session):
            missing = self.missing()
            codes = len(every_code())
            terminalreporter.write_line(f"problem codes provoked: {codes - len(missing)} of {codes}")
            for code in missing:
                terminalreporter.write_line(f"  no test provokes and names {code}", red=True)

    def missing(self) -> list[str]:
        """The codes that no test provoked, or no file of tests names."""
        files = (path for suite in SUITES for path in sorted(suite.rglob("*.py")) if path != OURS)
        texts = (path.read_text(encoding="utf-8") for path in files)
        named = {word for text in texts for word in re.findall(r"\w+", text)}
        return [code for code in every_code() if not self.files[code] or code not in named]


def _is_the_products(file: str) -> bool:
    return file.startswith(PRODUCT) and not file.startswith(f"{SUITES[1]}/")


def _has_a_gap(problem: Problem) -> bool:
    """Whether a parameter is missing: it shows as …, which stands in no sentence and here in no value."""
    values = (problem.detail, *problem.params.values())
    if any("…" in value or len(value) > texts.SHOWN for value in values):
        return False
    return "…" in texts.what("en", problem) + texts.fix("en", problem)


def _copies(frame: FrameType) -> bool:
    """Whether this is ``dataclasses.replace`` at work."""
    return frame.f_code.co_filename == dataclasses.__file__ and "changes" in frame.f_locals


def _gives_a_code(frame: FrameType) -> bool:
    """Whether a problem is being copied under a code not its own; ``changes`` has also what stays as it was."""
    if not _copies(frame):
        return False
    original = frame.f_locals.get("obj", frame.f_locals.get("self"))
    return isinstance(original, Problem) and frame.f_locals["changes"].get("code", original.code) != original.code


def _whole(session: pytest.Session) -> bool:
    option = session.config.option
    return (
        not hasattr(session.config, "workerinput")
        and session.config.args_source == pytest.Config.ArgsSource.TESTPATHS
        and leaves_out_machines_alone(option.markexpr)
        and not (option.keyword or option.deselect or getattr(option, "lf", False) or option.collectonly)
    )


def leaves_out_machines_alone(markers: str) -> bool:
    """Whether a marker expression leaves out only tests that take long, or need another program than ours."""
    words = set(re.findall(r"\w+", markers))
    return words <= WHOLE and markers.count("not ") == len(words & WHOLE - {"not", "and"})


def pytest_configure(config: pytest.Config) -> None:
    """Watch every problem that is made."""
    provoked = Provoked()
    config.pluginmanager.register(provoked, "provoked")
    check = Problem.__post_init__

    def checked_and_noted(self: Problem) -> None:
        check(self)
        provoked.note(self, sys._getframe(1))

    Problem.__post_init__ = checked_and_noted  # type: ignore[method-assign]
