"""Which ledgers and sources there are, and what each can do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from enum import Enum
from typing import TYPE_CHECKING

from addin.usecases.report import Report
from connectors.entries import LEDGERS, SOURCES
from connectors.problems import CannotRun
from connectors.registry import GIVEN, ledger_type, names, source_type

if TYPE_CHECKING:
    from connectors.ledger import Capabilities
    from connectors.source import SourceCapabilities


def ledgers() -> Report:
    """Every ledger with its label, settings and capabilities."""
    return Report(run=0, facts={"ledgers": [_described(LEDGERS, name) for name in names(LEDGERS)]})


def sources() -> Report:
    """Every source with its label, settings and capabilities."""
    return Report(run=0, facts={"sources": [_described(SOURCES, name) for name in names(SOURCES)]})


def _described(group: str, name: str) -> Mapping[str, object]:
    try:
        kind = ledger_type(name) if group == LEDGERS else source_type(name)
    except CannotRun as missing:
        return {"name": name, "label": "", "installed": False, "needs": missing.problems[0].params.get("module", "")}
    return {
        "name": name,
        "label": kind.label,
        "installed": True,
        "settings": sorted(kind.Settings.model_fields.keys() - GIVEN),
        "capabilities": _plain(kind.capabilities),
    }


def _plain(capabilities: Capabilities | SourceCapabilities) -> dict[str, object]:
    return {field.name: _value(getattr(capabilities, field.name)) for field in fields(capabilities)}


def _value(value: object) -> object:
    if isinstance(value, Mapping):
        return {str(_value(key)): _value(each) for key, each in value.items()}
    if isinstance(value, frozenset):
        return sorted(str(_value(item)) for item in value)
    return value.value if isinstance(value, Enum) else value
