"""The account of this process on Windows: the SID and the name of the user of its access token.

Microsoft Learn: OpenProcessToken, GetTokenInformation (TokenUser), ConvertSidToStringSidW, LookupAccountSidW.
"""

from __future__ import annotations

import ctypes
from typing import Any

TOKEN_QUERY = 0x0008
TOKEN_USER = 1
"""``TokenUser`` of TOKEN_INFORMATION_CLASS: what is read begins with a pointer to the SID of the user."""

Windows = Any
"""``ctypes.windll``, or what answers like it; its functions have no types of their own."""


def of_this_process(windows: Windows = None) -> tuple[str, str]:
    """The SID as text, and ``DOMAIN\\name``; the SID in its place where no domain can be asked. Raises ``OSError``."""
    api = windows or ctypes.windll  # type: ignore[attr-defined] # there on Windows alone
    token = ctypes.c_void_p()
    process = ctypes.c_void_p(-1)  # GetCurrentProcess: a pseudo handle
    _ask(api, api.advapi32.OpenProcessToken(process, TOKEN_QUERY, ctypes.byref(token)))
    try:
        user = _user(api, token)
        sid = ctypes.c_void_p.from_buffer(user)
        text = _text(api, sid)
        return text, _name(api, sid) or text
    finally:
        api.kernel32.CloseHandle(token)


def _user(api: Windows, token: ctypes.c_void_p) -> ctypes.Array[ctypes.c_char]:
    """What GetTokenInformation tells of the token's user; asked twice, first for its length."""
    length = ctypes.c_uint32()
    api.advapi32.GetTokenInformation(token, TOKEN_USER, None, 0, ctypes.byref(length))
    user = ctypes.create_string_buffer(max(length.value, ctypes.sizeof(ctypes.c_void_p)))
    _ask(api, api.advapi32.GetTokenInformation(token, TOKEN_USER, user, length, ctypes.byref(length)))
    return user


def _text(api: Windows, sid: ctypes.c_void_p) -> str:
    text = ctypes.c_wchar_p()
    _ask(api, api.advapi32.ConvertSidToStringSidW(sid, ctypes.byref(text)))
    told = text.value or ""
    api.kernel32.LocalFree(text)
    return told


def _name(api: Windows, sid: ctypes.c_void_p) -> str:
    name, domain = ctypes.create_unicode_buffer(257), ctypes.create_unicode_buffer(257)
    longest, widest, use = ctypes.c_uint32(257), ctypes.c_uint32(257), ctypes.c_uint32()
    found = api.advapi32.LookupAccountSidW(
        None, sid, name, ctypes.byref(longest), domain, ctypes.byref(widest), ctypes.byref(use)
    )
    return f"{domain.value}\\{name.value}" if found else ""


def _ask(api: Windows, answer: int) -> None:
    """Raise what Windows says of a call that failed, which answers 0."""
    if not answer:
        raise OSError(f"Windows: error {api.kernel32.GetLastError()}")
