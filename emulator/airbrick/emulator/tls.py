"""TLS for the local workspace: an authority made here, and the one certificate that it ever signs.

The authority's key is never written. Whoever trusts ``ca.pem`` trusts that certificate alone; nobody can make another.
"""

from __future__ import annotations

import ipaddress
import os
import socket
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from airbrick.emulator.errors import StartError

_LIFE = timedelta(days=365)
_RENEWED_BEFORE_END = timedelta(days=30)
# A client whose clock is a little behind must not meet a certificate from the future.
_BACKDATED = timedelta(hours=1)
_LOOPBACK_NAMES = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True, slots=True)
class Certificate:
    """The files of a certificate.

    :param ca: the authority, for clients to trust
    :param server: the server's key and certificate
    """

    ca: Path
    server: Path

    def environment(self) -> dict[str, str]:
        """Return what makes clients trust the server: requests reads the first, aiohttp and httpx the second."""
        return {"REQUESTS_CA_BUNDLE": str(self.ca), "SSL_CERT_FILE": str(self.ca)}


def certificate(folder: Path, host: str) -> Certificate:
    """Return the certificate in a folder; make one when there is none, or when it ends soon or is for other names.

    :param folder: made when it is missing
    :param host: address on which the server listens
    :raises StartError: the folder cannot be written
    """
    files = Certificate((folder / "ca.pem").absolute(), (folder / "server.pem").absolute())
    names = _names(host)
    try:
        if not _is_good(files, names):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            ca, server = _make(names)
            _write(files.server, server)
            _write(files.ca, ca)
    except OSError as error:
        raise StartError(f"cannot keep a certificate in {folder}: {error.strerror or error}") from None
    return files


def _names(host: str) -> list[x509.GeneralName]:
    loopback = host in _LOOPBACK_NAMES
    texts = dict.fromkeys([*_LOOPBACK_NAMES, host, *([] if loopback else [socket.gethostname()])])
    return [_general_name(text) for text in texts]


def _general_name(text: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(text))
    except ValueError:
        return x509.DNSName(text)


def _is_good(files: Certificate, names: Iterable[x509.GeneralName]) -> bool:
    try:
        ca = x509.load_pem_x509_certificate(files.ca.read_bytes())
        server = x509.load_pem_x509_certificate(files.server.read_bytes())
        server.verify_directly_issued_by(ca)
        covered = server.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (FileNotFoundError, ValueError, InvalidSignature, x509.ExtensionNotFound):
        return False
    return set(names) <= set(covered) and server.not_valid_after_utc - datetime.now(UTC) > _RENEWED_BEFORE_END


def _make(names: list[x509.GeneralName]) -> tuple[bytes, bytes]:
    ca_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    ca_name = _distinguished("airbrick emulator, this machine only")
    ca = (
        _builder(ca_name, ca_name, ca_key.public_key(), ca_key.public_key())
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .sign(ca_key, SHA256())
    )
    server = (
        _builder(_distinguished("airbrick emulator"), ca_name, key.public_key(), ca_key.public_key())
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .sign(ca_key, SHA256())
    )
    secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return ca.public_bytes(Encoding.PEM), secret + server.public_bytes(Encoding.PEM)


def _distinguished(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, issuer_key: ec.EllipticCurvePublicKey
) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder(subject_name=subject, issuer_name=issuer, public_key=key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _BACKDATED)
        .not_valid_after(now + _LIFE)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key), critical=False)
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _write(path: Path, content: bytes) -> None:
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    with os.fdopen(handle, "wb") as file:
        file.write(content)
    Path(name).replace(path)
