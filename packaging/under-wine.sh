#!/usr/bin/env bash
# The product for Windows, built, installed, used and removed on Debian under Wine: packaging/under-wine.sh FOLDER
#
# It is for seeing what can be seen without Windows; a release is built on Windows with python.org's Python. Needs root
# (it installs Wine, Xvfb, NSIS, msitools, mingw and LibreOffice), network to PyPI, 2 GB in FOLDER, and about ten minutes.
set -euo pipefail
source=$(cd "$(dirname "$0")/.." && pwd)
work=$(mkdir -p "$1" && cd "$1" && pwd)
cd "$work"

apt-get install -y -qq --no-install-recommends wine wine64 xvfb nsis msitools wixl locales gcc-mingw-w64-x86-64-win32 \
  mingw-w64-tools libreoffice-calc python3-uno >apt.log
localedef -i fr_CA -f UTF-8 fr_CA.UTF-8 # Wine takes names with accents on its command line in a locale that has them
export WINEPREFIX=$work/prefix WINEDEBUG=-all WINEDLLOVERRIDES="mscoree,mshtml=" DISPLAY=:77 LC_ALL=fr_CA.UTF-8
gcc=x86_64-w64-mingw32-gcc

echo "== Python for Windows: python.org's own files, which ride in panda3d's wheel, and this machine's modules"
python3 -m venv tools
tools/bin/pip install -q -c "$source/.ci/constraints.txt" "$source[packaging,postgres]"
for_windows=(--only-binary=:all: --platform win_amd64 --python-version 3.11)
tools/bin/pip download -q --no-deps "${for_windows[@]}" -d panda panda3d==1.10.16
tools/bin/python - <<'P'
import os
import shutil
import zipfile
from pathlib import Path

wheel = zipfile.ZipFile(next(Path("panda").glob("*.whl")))
top, beside = {"vcruntime140.dll", "python311.dll"}, {"libffi-8.dll", "libcrypto-3.dll", "libssl-3.dll", "sqlite3.dll"}
Path("py/DLLs").mkdir(parents=True, exist_ok=True)
for each in wheel.infolist():
    name = os.path.basename(each.filename).lower()
    if each.filename.startswith("deploy_libs/") and (name.endswith(".pyd") or name in top | beside):
        place = Path("py") if name in top else Path("py/DLLs")
        (place / (os.path.basename(each.filename) if name.endswith(".pyd") else name)).write_bytes(wheel.read(each))
left = shutil.ignore_patterns("site-packages", "dist-packages", "test", "lib-dynload", "idlelib", "turtledemo", "config-3*",
                              "_sysconfigdata*", "EXTERNALLY-MANAGED", "__pycache__")
shutil.copytree(Path(os.__file__).parent, "py/Lib", ignore=left, dirs_exist_ok=True)
Path("py/Lib/site-packages").mkdir(exist_ok=True)
P
cat >python.c <<'C'
#include <windows.h>
int Py_Main(int, wchar_t **);
int wmain(int argc, wchar_t **argv) { return Py_Main(argc, argv); }
C
$gcc -O1 -s -municode python.c py/python311.dll -o py/python.exe
cat >prng.c <<'C'
#include <windows.h>
BOOLEAN NTAPI SystemFunction036(PVOID, ULONG);
__declspec(dllexport) BOOL WINAPI ProcessPrng(PBYTE d, SIZE_T n) { return SystemFunction036(d, (ULONG)n); }
C

echo "== Wine"
# Its services must be there before a pipe is used, or they hold it; and what CPython writes must be read from a pipe.
Xvfb "$DISPLAY" -screen 0 1024x768x24 >/dev/null 2>&1 </dev/null &
screen=$!
trap '/usr/lib/wine/wineserver64 -k || true; kill "$screen" 2>/dev/null || true' EXIT
sleep 1
(setsid /usr/lib/wine/wineserver64 -p3600 >/dev/null 2>&1 </dev/null &)
wine wineboot -i >/dev/null 2>&1 </dev/null
wine winecfg -v win10 >/dev/null 2>&1 </dev/null
$gcc -shared -s -O1 -o "$WINEPREFIX/drive_c/windows/system32/bcryptprimitives.dll" prng.c -ladvapi32 # Wine 8 has none
windows() { timeout 1800 wine py/python.exe "$@" </dev/null 2>&1 | cat; return "${PIPESTATUS[0]}"; }
windows -c "import sys; print(sys.version)"

echo "== the product, and what builds it"
tools/bin/pip wheel -q --no-deps -w wheels "$source"
product=$(echo "$PWD"/wheels/passerelle-*.whl)
tools/bin/pip download -q -c "$source/.ci/constraints.txt" "${for_windows[@]}" -d wheels \
  "${product}[packaging,postgres]" pip setuptools wheel
tools/bin/pip download -q --no-deps "${for_windows[@]}" -d wheels colorama pywin32 pywin32-ctypes pefile tzdata # pip asks Linux
pip=$(echo "$PWD"/wheels/pip-*.whl)
PYTHONPATH="Z:${pip//\//\\}" windows -m pip install -q --no-index --find-links wheels pip setuptools wheel
windows -m pip install -q --no-index --no-warn-script-location --find-links wheels 'passerelle[packaging,postgres]' pywin32

echo "== built"
build=$source/packaging/build.py folder=$work/built
windows "Z:${build//\//\\}" "Z:${folder//\//\\}" --here
echo "== installers"
PATH="$work/tools/bin:$PATH" tools/bin/python "$source/packaging/installers.py" built/passerelle installers

echo "== Excel's stand-in, with LibreOffice behind it"
x86_64-w64-mingw32-widl -L"$(dirname "$(find /usr/lib -name stdole2.tlb | head -1)")" -t -o keywords.tlb "$source/tests/excel/keywords.idl"
rm -f port handle
(cd "$source" && exec "$work/tools/bin/python" -m tests.excel.serving "$work/port") &
until [ -s port ]; do sleep 1; done
standin=$source/tests/excel/standin.py
(windows "Z:${standin//\//\\}" "$(cat port)" keywords.tlb handle) &
until [ -s handle ]; do sleep 1; done

echo "== the Book's contract: in the closed file, and by COM in the workbook that the stand-in has open"
tools/bin/pip download -q -c "$source/.ci/constraints.txt" "${for_windows[@]}" -d wheels pytest hypothesis openpyxl
cp -r py pytest # what is built has no part of the tests
tests() { (cd "$source" && timeout 1800 wine "$work/pytest/python.exe" "$@" </dev/null 2>&1 | cat; exit "${PIPESTATUS[0]}"); }
wheels=$work/wheels base=$work/tmp
tests -m pip install -q --no-index --no-warn-script-location --find-links "Z:${wheels//\//\\}" pytest hypothesis openpyxl
PASSERELLE_EXCEL=$(cat handle) PYTHONUTF8=1 tests -m pytest -q -o addopts= -p no:cacheprovider -p no:faulthandler --basetemp "Z:${base//\//\\}" \
  tests/workbook/test_book_contract.py tests/excel/refusing.py

echo "== installed in French, silently, into a folder with accents and spaces; used; installed over; pressed; removed"
cat >try.py <<'P'
"""What a person does with the installer, as far as Wine can show it."""

import subprocess
import sys
from pathlib import Path

FOLDER = Path(r"C:\Été à Montréal\Passerelle")
DEMO = Path("Démo été").absolute()
RELEASES = "https://example.org/releases.json"
PRESS = Path(sys.argv[1])
SETUP = next(Path("installers").glob("Passerelle.Installer_*.exe")).resolve()


def run(command: str) -> str:
    """The text that a command shows; it ends with 0."""
    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
    if done.returncode:
        sys.exit(f"{command}: {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout


program = f'"{FOLDER / "passerelle.exe"}"'
run(f'{SETUP} /S /LANG=fr /RELEASES="{RELEASES}" /D={FOLDER}')
choices = (FOLDER / "installed.ini").read_text("ascii")
assert "language=fr" in choices and f"releases={RELEASES}" in choices, choices
print(run(f"{program} doctor"))
print(run(rf'{program} demo --folder "C:\users\Public\Documents\Démo d’été"'))
run(f"{SETUP} /S")
assert (FOLDER / "installed.ini").read_text("ascii") == choices, "an update keeps the language, the ledger and the folder"
print(run(f"{program} ledgers"))
print(run(f'{sys.executable} "{PRESS}" "{FOLDER}" "{DEMO}" handle'))
run(f'"{FOLDER / "uninstall.exe"}" /S _?={FOLDER}')
assert not (FOLDER / "passerelle.exe").exists()
assert list(Path(r"C:\users\Public\Documents\Démo d’été").glob("*.xlsm")), "what a person made stays"
print("seen")
P
press=$source/tests/excel/press.py
PYTHONUTF8=1 PASSERELLE_LANGUAGE=en windows try.py "Z:${press//\//\\}"
windows -c "import win32con, win32gui; win32gui.PostMessage($(cat handle), win32con.WM_CLOSE, 0, 0)"
