"""Where secrets lie, in which order they are found, and that none is half written, plain, or taken for another."""

from __future__ import annotations

import base64
import os
import stat
import subprocess
import sys
from pathlib import Path

import keyring.backends.fail
import keyring.backends.null
import pytest
from hypothesis import given
from hypothesis import strategies as st
from keyring.backend import KeyringBackend
from keyring.backends.chainer import ChainerBackend
from keyring.errors import KeyringLocked, PasswordDeleteError

from connectors.problems import CannotRun
from connectors.secrets import store as store_module
from connectors.secrets.sealed import SealedFolder
from connectors.secrets.secret import Secret
from connectors.secrets.store import Secrets, SecretStore, open_secrets, variable
from connectors.secrets.vault import LARGEST_ENTRY, KeyringVault, trusted
from tests.connectors.test_http_secrets import shown

TOKEN = "PLANTED-0123456789abcdef"
KEY = base64.b64encode(bytes(range(32))).decode()


class CredentialManager(KeyringBackend):
    """What Windows does: an entry holds 2,560 bytes of UTF-16 at most (CRED_MAX_CREDENTIAL_BLOB_SIZE, wincred.h)."""

    priority = 5

    def __init__(self) -> None:
        self.entries: dict[tuple[str, str], str] = {}
        self.fails_after = 10**6

    def get_password(self, service: str, username: str) -> str | None:
        return self.entries.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.fails_after -= 1
        if self.fails_after < 0:
            raise KeyringLocked(f"with {password}")
        assert len(password.encode("utf-16-le")) <= LARGEST_ENTRY
        assert not any(known == service and user != username for known, user in self.entries)
        self.entries[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        if self.entries.pop((service, username), None) is None:
            raise PasswordDeleteError(service)


def code_of(caught: pytest.ExceptionInfo[CannotRun]) -> str:
    (problem,) = caught.value.problems
    return problem.code


@pytest.fixture(params=["vault", "sealed"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> SecretStore:
    return KeyringVault(CredentialManager()) if request.param == "vault" else SealedFolder(tmp_path / "s", Secret(KEY))


# every store


@pytest.mark.parametrize("length", [0, 1, 633, 634, 635, 640, 641, 1279, 1280, 1281, 5000])
@pytest.mark.parametrize("letter", ["a", "é", "😀"])
def test_a_secret_of_any_length_is_kept(store: SecretStore, length: int, letter: str) -> None:
    """Sage's tokens are up to 2,048 characters, Microsoft's longer."""
    store.write("xero.ligue", Secret(letter * length))
    found = store.read("xero.ligue")
    assert found is not None
    assert found.reveal() == letter * length


def test_a_secret_is_replaced_and_forgotten(store: SecretStore) -> None:
    assert store.read("a") is None
    store.write("a", Secret("x" * 3000))
    store.write("b", Secret("other"))
    store.write("a", Secret("y" * 2000))
    assert store.read("a") == Secret("y" * 2000)
    store.write("a", Secret("short"))
    assert store.read("a") == Secret("short")
    store.forget("a")
    store.forget("a")
    assert store.read("a") is None
    assert store.read("b") == Secret("other")


@pytest.mark.parametrize("name", ["", "../up", "a/b", "A", "a b", ".hidden", "a\\b", "a\n", "é", "x" * 121])
def test_a_name_is_never_a_path(store: SecretStore, name: str) -> None:
    for call in (store.read, store.forget, lambda name: store.write(name, Secret("x"))):
        with pytest.raises(ValueError, match="not a name"):
            call(name)


# the machine's vault


def test_a_long_secret_counts_only_when_all_of_it_is_there() -> None:
    """Whatever entry fails to be written, the former secret stands."""
    for fails_after in range(5):
        backend = CredentialManager()
        vault = KeyringVault(backend)
        vault.write("a", Secret("x" * 2000))
        backend.fails_after = fails_after
        with pytest.raises(CannotRun) as caught:
            vault.write("a", Secret("y" * 3000))
        assert code_of(caught) == "vault_locked"
        assert vault.read("a") == Secret("x" * 2000)


def test_nothing_is_left_behind() -> None:
    backend = CredentialManager()
    vault = KeyringVault(backend)
    for text in ("x" * 3000, "y" * 3000, "short"):
        vault.write("a", Secret(text))
    assert len(backend.entries) == 1
    vault.write("a", Secret("x" * 3000))
    vault.forget("a")
    assert backend.entries == {}


def test_a_secret_with_a_lost_part_is_damaged_not_shortened() -> None:
    backend = CredentialManager()
    vault = KeyringVault(backend)
    vault.write("a", Secret("x" * 3000))
    part = next(entry for entry in backend.entries if entry[0].endswith("/2"))
    del backend.entries[part]
    with pytest.raises(CannotRun) as caught:
        vault.read("a")
    assert code_of(caught) == "secret_damaged"


@pytest.mark.parametrize("head", ["", "odd", "parts:x", "parts:m:n:d", "parts:m:99999999999:d"])
def test_an_entry_that_is_not_ours_is_damaged(head: str) -> None:
    backend = CredentialManager()
    backend.entries["Passerelle/a", "passerelle"] = head
    with pytest.raises(CannotRun) as caught:
        KeyringVault(backend).read("a")
    assert code_of(caught) == "secret_damaged"


def test_a_system_that_fails_behind_the_vault_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """Windows, where nobody is logged on: a backend lets the system's own error through."""

    def nobody_logged_on(*_: str) -> str | None:
        raise OSError(1312, "A specified logon session does not exist")

    backend = CredentialManager()
    monkeypatch.setattr(backend, "get_password", nobody_logged_on)
    with pytest.raises(CannotRun) as caught:
        KeyringVault(backend).read("a")
    assert code_of(caught) == "vault_locked"


def test_a_vault_that_fails_is_said_without_the_secret() -> None:
    backend = CredentialManager()
    backend.fails_after = 0
    vault = KeyringVault(backend)

    def failing() -> str:
        try:
            vault.write("a", Secret(TOKEN))
        except CannotRun as error:
            return shown(error)
        raise AssertionError("it did not fail")

    assert TOKEN not in failing()


def _kind(name: str, module: str) -> KeyringBackend:
    kind = type(name, (CredentialManager,), {"priority": 0.5})
    kind.__module__ = module
    return kind()


REFUSED = {
    "fail": keyring.backends.fail.Keyring(),
    "null": keyring.backends.null.Keyring(),
    "plain text": _kind("PlaintextKeyring", "keyrings.alt.file"),
    "plain text elsewhere": _kind("PlaintextKeyring", "somewhere"),
    "another of keyrings.alt": _kind("EncryptedKeyring", "keyrings.alt.file"),
}


@pytest.mark.parametrize("backend", REFUSED.values(), ids=REFUSED)
def test_a_vault_that_protects_nothing_is_refused(backend: KeyringBackend) -> None:
    with pytest.raises(CannotRun) as caught:
        KeyringVault(backend)
    assert code_of(caught) == "vault_missing"


@pytest.mark.parametrize("real", [True, False])
def test_of_a_chain_the_first_that_protects_is_used(monkeypatch: pytest.MonkeyPatch, real: bool) -> None:
    good = CredentialManager()
    chain = [*REFUSED.values(), *([good] if real else [])]
    monkeypatch.setattr(ChainerBackend, "backends", chain)
    if real:
        assert trusted(ChainerBackend()) is good
    else:
        with pytest.raises(CannotRun):
            trusted(ChainerBackend())


# encrypted files


def test_a_file_shows_nothing_and_is_its_owners_alone(tmp_path: Path) -> None:
    SealedFolder(tmp_path / "s", Secret(KEY)).write("a", Secret(TOKEN))
    (path,) = (tmp_path / "s").iterdir()
    assert TOKEN.encode() not in path.read_bytes()
    if os.name == "posix":
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_the_same_secret_is_never_sealed_the_same_way_twice(tmp_path: Path) -> None:
    sealed = set()
    for _ in range(20):
        SealedFolder(tmp_path, Secret(KEY)).write("a", Secret(TOKEN))
        sealed.add((tmp_path / "a.sealed").read_bytes())
    assert len(sealed) == 20


@given(st.data())
def test_a_changed_byte_is_noticed(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    folder = tmp_path_factory.mktemp("s")
    store = SealedFolder(folder, Secret(KEY))
    store.write("a", Secret(TOKEN))
    whole = (folder / "a.sealed").read_bytes()
    at, bit = data.draw(st.integers(0, len(whole) - 1)), data.draw(st.integers(0, 7))
    changed = bytearray(whole)
    changed[at] ^= 1 << bit
    cut = whole[: data.draw(st.integers(0, len(whole) - 1))]
    for content in (bytes(changed), cut, whole + b"x"):
        (folder / "a.sealed").write_bytes(content)
        with pytest.raises(CannotRun) as caught:
            store.read("a")
        assert code_of(caught) == "secret_damaged"


def test_a_file_under_another_name_or_key_is_refused(tmp_path: Path) -> None:
    SealedFolder(tmp_path, Secret(KEY)).write("a", Secret(TOKEN))
    (tmp_path / "b.sealed").write_bytes((tmp_path / "a.sealed").read_bytes())
    other = Secret(base64.b64encode(bytes(32)).decode())
    for store, name in ((SealedFolder(tmp_path, Secret(KEY)), "b"), (SealedFolder(tmp_path, other), "a")):
        with pytest.raises(CannotRun) as caught:
            store.read(name)
        assert code_of(caught) == "secret_damaged"


def test_a_write_that_fails_leaves_what_was_there(tmp_path: Path) -> None:
    store = SealedFolder(tmp_path, Secret(KEY))
    (tmp_path / "a.sealed").mkdir()
    with pytest.raises(CannotRun) as caught:
        store.write("a", Secret("new"))
    assert code_of(caught) == "secret_unwritable"
    assert [path.name for path in tmp_path.iterdir()] == ["a.sealed"]
    with pytest.raises(CannotRun) as caught:
        store.read("a")
    assert code_of(caught) == "secret_unreadable"


@pytest.mark.parametrize("alphabet", [base64.b64encode, base64.urlsafe_b64encode])
def test_a_key_is_256_bits_in_either_alphabet(tmp_path: Path, alphabet: object) -> None:
    bits = bytes(range(224, 256))
    SealedFolder(tmp_path, Secret(alphabet(bits).decode())).write("a", Secret("x"))
    assert SealedFolder(tmp_path, Secret(base64.b64encode(bits).decode())).read("a") == Secret("x")


@pytest.mark.parametrize("key", ["", "short", "é" * 32, KEY[:-4], base64.b64encode(bytes(16)).decode(), "*" * 44])
def test_any_other_key_is_refused(tmp_path: Path, key: str) -> None:
    with pytest.raises(CannotRun) as caught:
        SealedFolder(tmp_path, Secret(key))
    assert code_of(caught) == "secrets_key_invalid"
    assert caught.value.problems[0].params["variable"] == "PASSERELLE_SECRETS_KEY"


# the order


def test_what_is_given_comes_before_what_is_kept(tmp_path: Path) -> None:
    kept = KeyringVault(CredentialManager())
    folders = (tmp_path / "credentials", tmp_path / "run")
    for folder in folders:
        folder.mkdir()
    environ: dict[str, str] = {}
    secrets = Secrets(lambda: kept, environ, folders)
    assert secrets.read("xero.client-secret") is None
    kept.write("xero.client-secret", Secret("kept"))
    assert secrets.read("xero.client-secret") == Secret("kept")
    (folders[1] / "xero.client-secret").write_text("run\n")
    assert secrets.read("xero.client-secret") == Secret("run")
    (folders[0] / "xero.client-secret").write_text("credentials\n")
    assert secrets.read("xero.client-secret") == Secret("credentials")
    environ["PASSERELLE_XERO_CLIENT_SECRET"] = "environment"
    assert secrets.read("xero.client-secret") == Secret("environment")


def test_what_is_given_is_not_written_over(tmp_path: Path) -> None:
    """It would be kept and never be read again."""
    secrets = Secrets(lambda: KeyringVault(CredentialManager()), {"PASSERELLE_A": "given"}, ())
    with pytest.raises(CannotRun) as caught:
        secrets.write("a", Secret("new"))
    assert code_of(caught) == "secret_given"
    secrets.write("b", Secret("new"))
    assert secrets.read("b") == Secret("new")
    secrets.forget("b")
    assert secrets.read("b") is None


def test_what_is_missing_is_said_with_its_variable() -> None:
    secrets = Secrets(lambda: KeyringVault(CredentialManager()), {}, ())
    with pytest.raises(CannotRun) as caught:
        secrets.required("xero.client-secret")
    assert code_of(caught) == "secret_missing"
    assert caught.value.problems[0].params["variable"] == variable("xero.client-secret")


def test_a_file_that_is_no_text_is_said_without_its_content(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(TOKEN.encode() + b"\xff")
    with pytest.raises(CannotRun) as caught:
        Secrets(lambda: KeyringVault(CredentialManager()), {}, (tmp_path,)).read("a")
    assert code_of(caught) == "secret_unreadable"
    assert TOKEN not in shown(caught.value)


def test_a_machine_where_all_is_given_needs_no_vault() -> None:
    def none() -> SecretStore:
        raise AssertionError("the vault was opened")

    assert Secrets(none, {"PASSERELLE_A": "given"}, ()).read("a") == Secret("given")


# this machine, in a process of its own

PROCESS = """
import sys
from pathlib import Path
from connectors.problems import CannotRun
from connectors.secrets.secret import Secret
from connectors.secrets.store import open_secrets
try:
    secrets = open_secrets(Path(sys.argv[1]))
    secrets.write("a", Secret("kept"))
    print(secrets.read("a").reveal(), "keyring" in sys.modules, "cryptography" in sys.modules)
except CannotRun as wrong:
    print(wrong.problems[0].code, "keyring" in sys.modules, "cryptography" in sys.modules)
"""


def run(folder: Path, **environ: str) -> str:
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("PASSERELLE", "CREDENTIALS"))}
    done = subprocess.run(
        [sys.executable, "-c", PROCESS, str(folder)], env=clean | environ, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def test_a_machine_with_a_key_keeps_encrypted_files(tmp_path: Path) -> None:
    assert run(tmp_path, PASSERELLE_SECRETS_KEY=KEY) == "kept False True"
    assert [path.name for path in tmp_path.iterdir()] == ["a.sealed"]


def test_the_service_manager_may_give_the_key(tmp_path: Path) -> None:
    """systemd: ``LoadCredential=`` puts it below ``$CREDENTIALS_DIRECTORY``."""
    (tmp_path / "credentials").mkdir()
    (tmp_path / "credentials" / "secrets-key").write_text(KEY)
    assert run(tmp_path / "s", CREDENTIALS_DIRECTORY=str(tmp_path / "credentials")) == "kept False True"


def test_a_machine_without_a_vault_is_refused(tmp_path: Path) -> None:
    backend = "keyring.backends.null.Keyring"
    assert run(tmp_path, PYTHON_KEYRING_BACKEND=backend) == "vault_missing True False"
    assert list(tmp_path.iterdir()) == []


def test_encrypted_files_need_their_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PASSERELLE_SECRETS_KEY", KEY)
    for name in ("connectors.secrets.sealed", "cryptography.exceptions"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    monkeypatch.setitem(sys.modules, "cryptography", None)
    with pytest.raises(CannotRun, match="encryption_missing"):
        open_secrets(tmp_path).write("a", Secret("x"))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("shipped", [True, False])
def test_a_new_key_is_given_where_files_can_be_encrypted_and_else_the_vault_is_asked(
    monkeypatch: pytest.MonkeyPatch, shipped: bool
) -> None:
    """A copy for Windows is shipped without the package cryptography: the demo keeps its secrets in the vault there."""
    if not shipped:
        monkeypatch.setattr(store_module, "find_spec", lambda _: None)
    keys = store_module.new_key()
    assert list(keys) == (["PASSERELLE_SECRETS_KEY"] if shipped else [])
    assert all(len(base64.b64decode(key)) == 32 for key in keys.values())
    assert not shipped or store_module.new_key() != keys


def test_open_secrets_reads_the_environment_of_now(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PASSERELLE_XERO_CLIENT_SECRET", " given ")
    assert open_secrets(tmp_path).required("xero.client-secret") == Secret("given")
