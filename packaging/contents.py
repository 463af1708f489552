"""What the installed product holds beside its programs: by rule, so that a new file or connector needs no line here."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from configparser import ConfigParser
from importlib import import_module
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path, PurePath

PRODUCT = "passerelle"
PACKAGES = ("addin", "connectors", "workbook")
GROUPS = ("passerelle.ledgers", "passerelle.sources")

EXCLUDED = (
    "xlwings.pro",  # under a licence of its own, which is not free; xlwings does without it
    "xlwings.xlwingslib",  # serves the former alone
    "tkinter", "IPython", "numpy", "pandas", "matplotlib", "PIL", "pytest", "_pytest", "setuptools", "pip",
    "sqlalchemy.dialects.mysql", "sqlalchemy.dialects.oracle", "sqlalchemy.dialects.mssql", "babel.messages.frontend",
    "alembic.testing", "sqlalchemy.testing", "addin.texts.catalogue", "addin.texts.pages", "connectors.conformance",
)  # fmt: skip
"""Modules that no program of ours asks for, though something that we use could."""

NEEDLESS = (
    re.compile(r"babel/locale-data/(?!(en|fr|root)\.dat$)"),  # of Babel the product asks for what all locales share
    re.compile(r"xlwings/(?!xlwings\.bas$)"),
    re.compile(r"(alembic|mako|sqlalchemy)/.*(templates?|testing)/"),
)
"""Data of other packages that hooks of PyInstaller bring and nothing opens."""

UNREAD = re.compile(r"pygments/(lexers|styles|formatters)/(?!(_mapping|default|__init__)\.)")
"""Modules that another package looks up by names that nothing here ever asks for: no program text is coloured."""

MODULES = (".pyc", ".so", ".pyd", ".dll")


def connectors(group: str) -> dict[str, str]:
    """Name → class of the connectors that this environment can load; what they need and is not there leaves them out.

    Beancount is under the GPL: where it is not installed for the build, its ledger is no part of what is built.
    """
    points = distribution(PRODUCT).entry_points.select(group=group)
    return {point.name: point.value for point in points if _loads(point.value)}


def _loads(value: str) -> bool:
    try:
        import_module(value.partition(":")[0])
    except ModuleNotFoundError as missing:
        if (missing.name or "").partition(".")[0] in PACKAGES:
            raise
        return False
    return True


def left_out() -> tuple[str, ...]:
    """The packages of connectors that cannot be loaded here."""
    points = [point for group in GROUPS for point in distribution(PRODUCT).entry_points.select(group=group)]
    kept = {value for group in GROUPS for value in connectors(group).values()}
    return tuple(sorted({point.module.rpartition(".")[0] for point in points if point.value not in kept}))


def entry_points() -> str:
    """The text of ``entry_points.txt`` with the connectors that are shipped."""
    kept = ConfigParser(delimiters=("=",))
    kept.optionxform = str  # type: ignore[assignment,method-assign] # a name keeps its case
    for group in GROUPS:
        kept[group] = connectors(group)
    lines = [f"[{group}]\n" + "".join(f"{name} = {value}\n" for name, value in kept[group].items()) for group in GROUPS]
    return "\n".join(lines)


def needed(name: str = PRODUCT, extras: frozenset[str] = frozenset()) -> dict[str, Distribution]:
    """The distributions that one needs and that are installed, itself first, by name in small letters."""
    found: dict[str, Distribution] = {}
    _need(name, extras, found)
    return found


def _need(name: str, extras: frozenset[str], found: dict[str, Distribution]) -> None:
    try:
        here = distribution(name)
    except PackageNotFoundError:
        return
    found.setdefault(_plain(name), here)
    for other, asked in required(here, extras):
        if other not in found:
            _need(other, asked, found)


def required(needing: Distribution, extras: frozenset[str]) -> Iterator[tuple[str, frozenset[str]]]:
    """What a distribution with some extras asks for on this machine: its name in small letters, with which extras."""
    from packaging.requirements import Requirement

    for wanted in map(Requirement, needing.requires or ()):
        if wanted.marker is None or any(wanted.marker.evaluate({"extra": extra}) for extra in extras or {""}):
            yield _plain(wanted.name), frozenset(wanted.extras)


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def is_needless(place: str) -> bool:
    """Whether a file, by its place in the product, is one that nothing opens; modules are kept but for a few."""
    posix = PurePath(place).as_posix()
    return bool(UNREAD.match(posix)) or (not place.endswith(MODULES) and any(rule.match(posix) for rule in NEEDLESS))


def metadata_files(folder: Path, distributions: Iterable[Distribution]) -> Iterator[tuple[str, str]]:
    """What the product is told of each distribution at run time: metadata and entry points, written below ``folder``.

    Each as the pair that PyInstaller takes: the file, and the folder of the product that it goes to.
    """
    for each in distributions:
        name = f"{each.name.replace('-', '_')}-{each.version}.dist-info"
        texts = {"METADATA": each.read_text("METADATA"), "entry_points.txt": each.read_text("entry_points.txt")}
        if _plain(each.name) == PRODUCT:
            texts["entry_points.txt"] = entry_points()
        (folder / name).mkdir(parents=True, exist_ok=True)
        for file, text in texts.items():
            if text:
                (folder / name / file).write_text(text, encoding="utf-8")
                yield str(folder / name / file), name
