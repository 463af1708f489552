"""Microsoft's own client drives Membri's stand-in over TLS: sign-in, rows, pages, references, choices, refusals."""

from __future__ import annotations

import datetime
import ipaddress
import json
import os
import ssl
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from connectors.sources.membri.sandbox import TENANT, Sandbox

pytestmark = pytest.mark.dataverse
CLIENT = "powerplatform-dataverse-client==1.1.0"
LOOPBACK = ipaddress.ip_address("127.0.0.1")
SCRIPT = Path(__file__).with_name("dataverse_client.py")


def certificate(folder: Path) -> Path:
    """A certificate of this machine's own for its loopback address, with its key."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.datetime.now(datetime.UTC)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(LOOPBACK)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
                                serialization.NoEncryption())  # fmt: skip
    file = folder / "own.pem"
    file.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return file


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[str, object]:
    """What the client says it found."""
    folder = tmp_path_factory.mktemp("client")
    python = folder / "venv" / "bin" / "python"
    subprocess.run([sys.executable, "-m", "venv", folder / "venv"], check=True)
    subprocess.run([python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", CLIENT], check=True)
    own = certificate(folder)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(own)
    with Sandbox(tls=tls) as sandbox:
        app = sandbox.dataverse.app
        done = subprocess.run(
            [python, SCRIPT, sandbox.url, TENANT, app.id, app.secret], check=False, capture_output=True, text=True,
            env={**os.environ, "REQUESTS_CA_BUNDLE": str(own)}, timeout=120,
        )  # fmt: skip
    assert done.returncode == 0, done.stderr
    found: dict[str, object] = json.loads(done.stdout)
    return found


def test_it_signs_in_creates_and_pages(told) -> None:
    assert told["pages"] == [["Membre 0", "Membre 1"], ["Membre 2", "Membre 3"], ["Membre 4"]]


def test_it_changes_reads_filters_and_deletes(told) -> None:
    assert told["read"] == {**told["read"], "name": "Membre 0", "telephone1": "418 555-0100"}
    assert told["filtered"] == ["Membre 3"]
    assert told["deleted"] is True


def test_it_finds_choices_by_label_and_binds_what_a_row_refers_to(told) -> None:
    assert (told["invoice"]["cdc_invoicetype"], told["invoice"]["cdc_total"]) == (282210011, 12.5)
    assert told["invoice"]["cdc_AccountId"]["name"] == "Membre 0"
    assert told["table"] == "accounts"


@pytest.mark.parametrize(("name", "status", "said"), [
    ("column", 400, "Could not find a property named 'nickname'"), ("payload", 400, "Invalid property 'nickname'"),
    ("gone", 404, "Does Not Exist"), ("choice", 400, "outside the valid range"), ("long", 400, "maximum allowed"),
])  # fmt: skip
def test_what_dataverse_refuses_is_refused_in_its_words(told, name: str, status: int, said: str) -> None:
    assert told[name][0] == status
    assert said in told[name][1]
