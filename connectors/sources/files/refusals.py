"""What cannot be read, by its problem's code: a value here, a whole file there."""

from __future__ import annotations


class Refused(ValueError):
    """A cell that cannot be read, with the code of the problem."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class FileRefused(Exception):
    """A file that cannot be read, with the code of the problem, what it is instead, and technical detail."""

    def __init__(self, code: str, value: str = "", detail: str = "") -> None:
        super().__init__(code, value, detail)
        self.code, self.value, self.detail = code, value, detail
