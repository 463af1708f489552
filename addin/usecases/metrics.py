"""Metrics: where every company of this machine stands, in Prometheus' format, read from the journals when asked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from threading import Thread

from prometheus_client import CollectorRegistry, generate_latest, start_http_server
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from addin.databases import open_journal
from addin.journal import Journal
from addin.profile import Profile, known, load, slug
from connectors.problems import CannotRun, Problem

COMMANDS = ("pull", "sync")
COMPANY = ("company", "ledger")


class Companies(Collector):
    """Reads the journals at every scrape, so that it tells the truth whichever process worked."""

    def collect(self) -> Iterable[Metric]:
        """One family of each kind of number; a journal that cannot be read is down, and has no other numbers."""
        families = _families()
        for company in known():
            self._company(company, families)
        return families.values()

    def _company(self, company: str, families: dict[str, GaugeMetricFamily]) -> None:
        labels = [slug(company), ""]
        try:
            profile = load(company)
            labels = [slug(company), profile.ledger]
            self._numbers(profile, labels, families)
        except CannotRun:
            families["up"].add_metric(labels, 0)
        else:
            families["up"].add_metric(labels, 1)

    def _numbers(self, profile: Profile, labels: list[str], families: dict[str, GaugeMetricFamily]) -> None:
        with closing(open_journal(profile)) as journal:
            for (kind, state), count in journal.states().items():
                families["transfers"].add_metric([*labels, kind, state], count)
            for (kind, status), count in journal.statuses().items():
                families["records"].add_metric([*labels, kind, status], count)
            for command, ended in _ended(journal):
                families["ended"].add_metric([*labels, command], ended.timestamp())


def _families() -> dict[str, GaugeMetricFamily]:
    told = {
        "up": ("passerelle_journal_up", "1 when the company's journal can be read.", ()),
        "transfers": ("passerelle_transfers", "Transfers by state.", ("kind", "state")),
        "records": ("passerelle_records", "Records by status.", ("kind", "status")),
        "ended": ("passerelle_last_run_timestamp_seconds", "When a command last ended.", ("command",)),
    }
    return {
        short: GaugeMetricFamily(name, text, labels=[*COMPANY, *more]) for short, (name, text, more) in told.items()
    }


def _ended(journal: Journal) -> Iterator[tuple[str, datetime]]:
    for command in COMMANDS:
        ended = journal.last(command)
        if ended:
            yield command, ended if ended.tzinfo else ended.replace(tzinfo=UTC)


def metrics() -> str:
    """The numbers as they are now."""
    return generate_latest(_registry()).decode()


def serve_metrics(port: int) -> tuple[int, Thread]:
    """Answer Prometheus on this machine alone, at a port (0 takes a free one); in a thread that lives as the process.

    Raises ``CannotRun`` (port_unusable).
    """
    try:
        server, thread = start_http_server(port, addr="127.0.0.1", registry=_registry())
    except (OSError, OverflowError) as refused:
        raise CannotRun(Problem(code="port_unusable", params={"port": str(port)}, detail=str(refused))) from refused
    return server.server_port, thread


def _registry() -> CollectorRegistry:
    registry = CollectorRegistry()
    registry.register(Companies())
    return registry
