"""People are who they are: the signed-in account of the system, whatever the environment says."""

from __future__ import annotations

import ctypes
import os
import pwd
from collections.abc import Iterator
from types import SimpleNamespace

import pytest

from addin import person as person_module
from addin.person import Person, signed_in
from addin.windows_account import of_this_process

SID = "S-1-5-21-1-2-3-1001"


@pytest.mark.parametrize("variable", ["LOGNAME", "USER", "LNAME", "USERNAME", "SUDO_USER"])
def test_the_environment_changes_nothing(variable: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """``getpass.getuser`` asks LOGNAME, USER, LNAME and USERNAME in this order before it asks the system."""
    monkeypatch.setenv(variable, "somebody.else")
    person = signed_in()
    assert person.id == f"uid:{os.getuid()}"
    assert person.name == pwd.getpwuid(os.getuid()).pw_name
    assert person.machine


def test_an_account_that_the_system_does_not_list_is_its_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "getuid", lambda: 3_999_999)
    assert signed_in().name == "uid:3999999"


@pytest.mark.parametrize(
    ("named", "means"),
    [
        ("anne", True),
        ("Anne", False),
        ("uid:1001", True),
        ("uid:100", False),
        ("1001", False),
        ("anne@bureau", True),
        ("anne@BUREAU", True),
        ("anne@elsewhere", False),
        ("bureau\\anne", False),
        ("", False),
        ("*", False),
        (" anne ", True),
        ("annette", False),
    ],
)
def test_a_name_means_one_account_of_linux(named: str, means: bool) -> None:
    assert Person(id="uid:1001", name="anne", machine="bureau").is_named(named) is means


@pytest.mark.parametrize(
    ("named", "means"),
    [
        ("OFFICE\\anne", True),
        ("office\\ANNE", True),
        ("OTHER\\anne", False),
        ("anne", False),  # would be an account of the machine itself
        (SID, True),
        (SID[:-1], False),
        ("OFFICE\\anne@PC-7", True),
        ("OFFICE\\anne@PC-8", False),
    ],
)
def test_a_name_means_one_account_of_windows(named: str, means: bool) -> None:
    assert Person(id=SID, name="OFFICE\\anne", machine="PC-7").is_named(named) is means


def test_a_name_without_a_domain_is_an_account_of_the_machine_itself() -> None:
    assert Person(id=SID, name="PC-7\\anne", machine="PC-7").is_named("anne")
    assert not Person(id=SID, name="PC-8\\anne", machine="PC-7").is_named("anne")


class Told:
    """The functions of Windows that are asked for an account, as their reference describes them."""

    def __init__(self, domain_answers: bool = True) -> None:
        self.closed: list[int | None] = []
        self.freed = 0
        self._sid = ctypes.create_string_buffer(b"the binary SID")
        self._answers = domain_answers
        names = (self.OpenProcessToken, self.GetTokenInformation, self.ConvertSidToStringSidW, self.LookupAccountSidW)
        self.advapi32 = SimpleNamespace(**{each.__name__: each for each in names})
        self.kernel32 = SimpleNamespace(
            CloseHandle=lambda token: self.closed.append(token.value), LocalFree=self._free, GetLastError=lambda: 5
        )

    def OpenProcessToken(self, process: ctypes.c_void_p, access: int, token: object) -> int:  # noqa: N802
        assert ctypes.c_ssize_t(process.value or 0).value == -1
        assert access == 8
        token._obj.value = 77  # type: ignore[attr-defined] # what byref points at
        return 1

    def GetTokenInformation(self, token: ctypes.c_void_p, what: int, into: object, size: object, length: object) -> int:  # noqa: N802
        assert (token.value, what) == (77, 1)
        length._obj.value = 44  # type: ignore[attr-defined]
        if into is None:
            return 0  # ERROR_INSUFFICIENT_BUFFER, with the length that it takes
        ctypes.c_void_p.from_buffer(into).value = ctypes.addressof(self._sid)  # type: ignore[arg-type]
        return 1

    def ConvertSidToStringSidW(self, sid: ctypes.c_void_p, text: object) -> int:  # noqa: N802
        assert sid.value == ctypes.addressof(self._sid)
        text._obj.value = SID  # type: ignore[attr-defined]
        return 1

    def LookupAccountSidW(self, *given: object) -> int:  # noqa: N802
        if not self._answers:
            return 0  # ERROR_NONE_MAPPED
        given[2].value, given[4].value = "anne", "OFFICE"  # type: ignore[attr-defined]
        return 1

    def _free(self, _: object) -> None:
        self.freed += 1


@pytest.fixture
def told() -> Iterator[Told]:
    windows = Told()
    yield windows
    assert windows.closed == [77]


def test_windows_tells_the_tokens_sid_and_its_name(told: Told) -> None:
    assert of_this_process(told) == (SID, "OFFICE\\anne")
    assert told.freed == 1


def test_without_a_domain_that_answers_the_sid_is_the_name() -> None:
    assert of_this_process(Told(domain_answers=False)) == (SID, SID)


def test_an_account_that_windows_does_not_tell_is_no_account(told: Told) -> None:
    told.advapi32.ConvertSidToStringSidW = lambda *_: 0
    with pytest.raises(OSError, match="error 5"):
        of_this_process(told)


def test_nothing_else_of_ours_asks_who_somebody_is() -> None:
    """One place says who works; a second one could be lied to."""
    root = person_module.__file__.rpartition("/addin/")[0]
    for folder in ("addin", "connectors", "workbook"):
        for path in sorted(os.walk(f"{root}/{folder}")):
            for name in path[2]:
                if name.endswith(".py"):
                    with open(f"{path[0]}/{name}", encoding="utf-8") as file:
                        assert "getuser" not in file.read(), f"{path[0]}/{name}"
