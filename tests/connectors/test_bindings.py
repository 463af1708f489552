"""A secret goes to the hosts it was entered for, and in a home that had to be confirmed to its company alone."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.ledgers.quickbooks_online.connector import QuickBooksOnlineLedger
from connectors.ledgers.quickbooks_online.settings import QuickBooksOnlineSettings
from connectors.ledgers.tryton.connector import TrytonLedger
from connectors.ledgers.tryton.settings import TrytonSettings
from connectors.problems import CannotRun
from connectors.secrets.bindings import BoundSecrets, bindings, release
from connectors.secrets.holder import Holder
from connectors.secrets.secret import Secret
from tests.sampled import examples

EVIL = "https://evil.example"
STRANGER = Holder(home="/archive/home", company="x", own=False)


class Kept:
    """A vault of one process."""

    def __init__(self) -> None:
        self.secrets: dict[str, Secret] = {}

    def read(self, name: str) -> Secret | None:
        return self.secrets.get(name)

    def required(self, name: str) -> Secret:
        return self.secrets[name]

    def write(self, name: str, secret: Secret) -> None:
        self.secrets[name] = secret

    def forget(self, name: str) -> None:
        self.secrets.pop(name, None)


def settings_of(folder: Path, holder: Holder, **addresses: str) -> QuickBooksOnlineSettings:
    return QuickBooksOnlineSettings(folder=folder, holder=holder, company="12345", client_id="AB1", **addresses)


@pytest.fixture(autouse=True)
def victim(monkeypatch: pytest.MonkeyPatch) -> None:
    """An application's secret and tokens that an administrator gave from outside."""
    monkeypatch.setenv("PASSERELLE_QUICKBOOKS_ONLINE_AB1_CLIENT_SECRET", "the secret")
    monkeypatch.setenv("PASSERELLE_TRYTON_127_0_0_1_8000_TRYTON_ADMIN", "the password")


@pytest.mark.parametrize("address", ["token_url", "revoke_url"])
def test_an_applications_secret_goes_to_no_other_host(tmp_path: Path, address: str) -> None:
    _ = QuickBooksOnlineLedger(settings_of(tmp_path, Holder())).sign_in
    _ = QuickBooksOnlineLedger(settings_of(tmp_path, Holder(company="another of mine"))).sign_in
    with pytest.raises(CannotRun, match="secret_elsewhere") as stopped:
        _ = QuickBooksOnlineLedger(settings_of(tmp_path, Holder(), **{address: EVIL})).sign_in
    assert "evil.example:443" in stopped.value.problems[0].params["hosts"]
    assert "the secret" not in str(stopped.value)


def test_a_token_goes_to_no_other_host(tmp_path: Path) -> None:
    """Kept by an earlier release, it is bound by its first use; then the company's address is another's."""
    kept = Kept()
    kept.write("tokens", Secret("t"))
    vendor, token = "https://quickbooks.api.intuit.com", "https://oauth.platform.intuit.com/oauth2/v1/tokens/bearer"
    assert BoundSecrets(kept, Holder(), (vendor, token)).read("tokens") == Secret("t")
    for addresses in (
        (EVIL, token),
        (vendor, EVIL),
        (vendor + ":8443", token),
        (vendor.replace("https", "http"), EVIL),
    ):
        with pytest.raises(CannotRun, match="secret_elsewhere"):
            BoundSecrets(kept, Holder(), addresses).read("tokens")


def test_a_confirmed_home_is_given_what_was_entered_for_it_alone() -> None:
    kept = Kept()
    kept.write("tokens", Secret("t"))
    theirs = BoundSecrets(kept, STRANGER, ("https://vendor.example",))
    with pytest.raises(CannotRun, match="secret_unbound"):
        theirs.read("tokens")
    BoundSecrets(kept, Holder(), ("https://vendor.example",)).read("tokens")
    with pytest.raises(CannotRun, match="secret_elsewhere"):
        theirs.read("tokens")
    theirs.write("tokens", Secret("new"))
    assert theirs.read("tokens") == Secret("new")


def test_what_was_used_in_ones_own_home_is_used_there_without_the_shell_that_names_it() -> None:
    """Excel and a clock do not have ``PASSERELLE_HOME``; every company that used the secret goes on."""
    kept = Kept()
    kept.write("secret", Secret("s"))
    for company in ("a", "b"):
        BoundSecrets(kept, Holder(home="/srv", company=company), (EVIL,)).read("secret")
    for company in ("a", "b"):
        assert BoundSecrets(kept, Holder(home="/srv", company=company, own=False), (EVIL,)).read("secret")
    with pytest.raises(CannotRun, match="secret_elsewhere"):
        BoundSecrets(kept, Holder(home="/srv", company="c", own=False), (EVIL,)).read("secret")


def test_a_password_of_tryton_is_not_sent_where_its_name_alone_would_do() -> None:
    """Names fold what they cannot hold: two addresses may share one."""
    mine = TrytonSettings(url="http://127.0.0.1:8000")
    TrytonLedger(mine)._password()
    with pytest.raises(CannotRun, match="secret_elsewhere"):
        TrytonLedger(mine.model_copy(update={"holder": STRANGER}))._password()


def test_ports_of_this_machine_are_one_place_and_withdrawn_is_forgotten() -> None:
    kept = Kept()
    kept.write("s", Secret("s"))
    for port in (1, 2):
        assert BoundSecrets(kept, Holder(), (f"http://127.0.0.1:{port}",)).read("s")
    assert release("s")
    assert not release("s")
    assert BoundSecrets(kept, Holder(), (EVIL,)).read("s")


HOSTS = st.lists(st.sampled_from(["https://a.example", "https://b.example", "https://a.example:1", "http://127.0.0.1:1"]),
                 min_size=1, max_size=3)  # fmt: skip
HOLDERS = st.builds(Holder, home=st.sampled_from("xy"), company=st.sampled_from("12"), own=st.booleans())


@settings(max_examples=examples(100), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(st.tuples(st.sampled_from(["read", "write"]), HOLDERS, HOSTS), max_size=6))
def test_only_hosts_that_a_secret_was_entered_for_ever_get_it(
    steps: list[tuple[str, Holder, list[str]]],
) -> None:
    """The property: after the first use, no reading names a host that no entering did."""
    kept = Kept()
    kept.write("s", Secret("s"))
    release("s")
    allowed: set[str] = set()
    for what, holder, addresses in steps:
        bound = BoundSecrets(kept, holder, addresses)
        if what == "write":
            bound.write("s", Secret("s"))
            allowed = set(addresses)
            continue
        try:
            bound.read("s")
        except CannotRun:
            continue
        assert not allowed or set(addresses) <= allowed
        allowed = allowed or set(addresses)
    assert len(bindings()) <= 1
