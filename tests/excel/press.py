"""Presses buttons of the installed product on a workbook that Excel's stand-in has open, and reads what they say.

``python press.py PROGRAMS FOLDER HANDLE-FILE``, in Python for Windows, with ``standin.py`` running: the demo makes a
company in FOLDER; then each button is started as the macro starts it, by the ribbon's program, with the workbook's
name and Excel's window. What it says stands in a box of Windows, which is read and closed.
"""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import win32con
import win32gui
import xlwings
import xlwings._xlwindows

SAID = {
    "check": "records are ready to leave",
    "suggest_matches": "accounts that are not linked have a suggestion",
    "about": "free software under the MIT licence",
}
"""Buttons in the order in which they are pressed, and words of what each says."""
LONGEST = 600
"""Seconds that one may take, here."""


def box() -> tuple[int, str] | None:
    """The message that is shown, and its handle."""
    found = win32gui.FindWindow("#32770", "Passerelle")
    if not found:
        return None
    texts: list[str] = []
    win32gui.EnumChildWindows(found, lambda child, _: texts.append(win32gui.GetWindowText(child)) or True, None)
    return found, max(texts, key=len, default="")


def pressed(program: Path, button: str, workbook: str, handle: int) -> str:
    """What a button says."""
    command = [program, button, f"--wb={workbook}", "--from_xl=1", "--app=", f"--hwnd={handle}"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as running:
        ends, said = time.monotonic() + LONGEST, ""
        while running.poll() is None and time.monotonic() < ends:
            if shown := box():
                said = said or shown[1]
                win32gui.PostMessage(shown[0], win32con.WM_COMMAND, win32con.IDOK, 0)
            time.sleep(0.2)
        if running.poll() is None:
            running.kill()
            raise TimeoutError(button)
        assert running.returncode == 0, running.stdout and running.stdout.read().decode("utf-8", "replace")
    return said


def main(programs: Path, folder: Path, handle: int) -> None:
    """Press them all."""
    demo = [programs / "passerelle.exe", "demo", "--ledger", "quickbooks-online", "--folder", folder, "--json"]
    done = subprocess.run(demo, capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    (workbook,) = folder.glob("*.xlsm")
    app = xlwings.App(impl=xlwings._xlwindows.App(xl=handle))
    book = app.books.open(str(workbook))
    for button, words in SAID.items():
        said = pressed(programs / "passerelle-ribbon.exe", button, workbook.name, handle)
        print(f"{button}: {said}", flush=True)
        assert words in said, button
    assert not app.status_bar, "it was given back"
    book.close()
    print("pressed")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), int(Path(sys.argv[3]).read_text("ascii")))
