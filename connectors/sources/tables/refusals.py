"""A value that cannot be read, by its problem's code."""

from __future__ import annotations


class Refused(ValueError):
    """A cell that cannot be read, with the code of the problem."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code
