"""Somebody in front of a visible office, who answers the boxes that come up: reads, types, presses a button.

LibreOffice paints into memory (``SAL_USE_VCLPLUGIN=svp``), so that no screen is needed; what it shows is read and
worked through its accessibility, as a screen reader does.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import TypeVar

import xlwings

from workbook.libreoffice.office import FAILURE, Uno

T = TypeVar("T")

PATIENCE = 60.0  # seconds
LOOK_EVERY = 0.05
MOST_PARTS = 30
PUSH = 0


@dataclass(frozen=True)
class Box:
    """A box as it came up: its title, its texts, what stood in its input line, its buttons."""

    title: str
    texts: tuple[str, ...]
    given: str
    buttons: frozenset[str]


class Person:
    """Answers boxes of one office."""

    def __init__(self, app: xlwings.App) -> None:
        self.app, self.office = app, app.impl.office
        self.toolkit = self.office.service("com.sun.star.awt.Toolkit")

    def answers(self, call: Callable[[], T], press: str, typed: str | None = None) -> tuple[T, Box]:
        """Do what brings up a box, and answer it; what the call then returns, and the box."""
        with ThreadPoolExecutor(1) as beside:
            called = beside.submit(call)
            try:
                box, parts = self._wait(called)
                if typed is not None:
                    next(part for part in parts if part.getAccessibleRole() == self._role("TEXT")).setText(typed)
                next(part for part in parts if part.getAccessibleName() == press).doAccessibleAction(PUSH)
                return called.result(PATIENCE), box
            except TimeoutError:
                self.app.kill()  # or the call would wait for its answer for ever
                raise

    def _wait(self, called: Future[T]) -> tuple[Box, list[Uno]]:
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            wait([called], LOOK_EVERY)
            assert not called.done(), f"no box came up: {called.result()}"
            try:
                for parts in map(list, self._boxes()):
                    return self._read(parts), parts
            except self.office.exception(FAILURE):
                continue  # a window that went while it was looked at
        raise TimeoutError("no box came up")

    def _boxes(self) -> Iterator[Iterator[Uno]]:
        for number in range(self.toolkit.getTopWindowCount()):
            window = self.toolkit.getTopWindow(number)
            seen = window and window.getAccessibleContext()
            if seen and seen.getAccessibleRole() in (self._role("DIALOG"), self._role("ALERT")):
                yield self._parts(seen)

    def _parts(self, of: Uno) -> Iterator[Uno]:
        yield of
        for number in range(min(of.getAccessibleChildCount(), MOST_PARTS)):
            if child := of.getAccessibleChild(number):
                yield from self._parts(child.getAccessibleContext())

    def _read(self, parts: list[Uno]) -> Box:
        named = [(part.getAccessibleRole(), part.getAccessibleName()) for part in parts]
        given = next((part.getText() for part in parts if part.getAccessibleRole() == self._role("TEXT")), "")
        buttons = frozenset(name for role, name in named if role == self._role("PUSH_BUTTON"))
        texts = tuple(name for role, name in named[1:] if name and name not in buttons)
        return Box(named[0][1], texts, given, buttons)

    def _role(self, name: str) -> int:
        return int(self.office.uno.getConstantByName(f"com.sun.star.accessibility.AccessibleRole.{name}"))
