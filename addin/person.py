"""Who works here: the signed-in account of the system, never what the environment or the workbook says."""

from __future__ import annotations

import os
import socket
import sys
from dataclasses import dataclass

UID = "uid:"
"""How the identity of an account of Linux or macOS begins; the number of the account follows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """An account of a machine: ``id`` is what the system knows it by (``uid:1001``, or a SID), ``name`` what it shows.

    On Windows the name has its domain, or the machine's name: ``OFFICE\\anne``.
    """

    id: str
    name: str
    machine: str = ""

    def is_named(self, name: str) -> bool:
        """Whether a name in the company's rights means this account: its name or its id, at this machine where it says
        one (``anne@bureau``).

        A name of Windows without a domain is an account of the machine itself. There names are the same in capitals and
        small letters; elsewhere they differ.
        """
        account, at, machine = name.strip().partition("@")
        if at and machine.casefold() != self.machine.casefold():
            return False
        if self.id.startswith(UID):
            return account in (self.id, self.name)
        whole = account if "\\" in account else f"{self.machine}\\{account}"
        return account.casefold() == self.id.casefold() or whole.casefold() == self.name.casefold()


def signed_in() -> Person:
    """The account this process runs as: on Windows its token's, elsewhere its real user id's."""
    machine = socket.gethostname()
    if sys.platform == "win32":
        from addin.windows_account import of_this_process

        sid, name = of_this_process()
        return Person(id=sid, name=name, machine=machine)
    return Person(id=f"{UID}{os.getuid()}", name=_name(os.getuid()), machine=machine)


if sys.platform != "win32":

    def _name(uid: int) -> str:
        """What the system's list of accounts calls a user id; the id itself where it is not listed."""
        import pwd

        try:
            return pwd.getpwuid(uid).pw_name
        except KeyError:
            return f"{UID}{uid}"
