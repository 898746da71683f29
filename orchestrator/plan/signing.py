"""Signatures over bundles and approvals: a local Ed25519 key, or a key in KMS.

Ed25519: RFC 8032, through ``cryptography``. KMS: https://docs.aws.amazon.com/kms/latest/APIReference/API_Sign.html
"""

from __future__ import annotations

import base64
import hashlib
import os
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from orchestrator.errors import OrchestratorError, Where

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

    from orchestrator.config.project import Project
    from orchestrator.config.schema import SigningKey

KEY_VARIABLE = "ORCHESTRATOR_SIGNING_KEY"
"""The file of the private Ed25519 key, for whom no option names one."""


@dataclass(frozen=True)
class Signature:
    """A signature: its algorithm, the key's fingerprint or ARN, and the bytes in base64."""

    algorithm: str
    key: str
    value: str

    def as_json(self) -> dict[str, Any]:
        """Plain data."""
        return asdict(self)


class Key(Protocol):
    """A key that an environment names."""

    name: str
    """Its fingerprint, or its ARN."""

    def sign(self, message: bytes) -> Signature:
        """Sign. Raises OrchestratorError when the private part is not at hand."""

    def verifies(self, message: bytes, signature: Signature) -> bool:
        """Whether the signature is this key's, over this message."""


class Ed25519Key:
    """A key whose public part is in the project, and whose private part its holder has in a file."""

    def __init__(self, public_file: Path, shown: Path, private_file: Path | None) -> None:
        self._public = _read_public(public_file, shown)
        self._private_file = private_file
        self._shown = shown
        self.name = fingerprint(self._public)

    def sign(self, message: bytes) -> Signature:
        """See :class:`Key`."""
        if self._private_file is None:
            raise OrchestratorError(
                f"the private key that belongs to {self._shown} is needed to sign",
                remedy=f"name its file with {KEY_VARIABLE}",
            )
        private = _read_private(self._private_file)
        if fingerprint(private.public_key()) != self.name:
            raise OrchestratorError(
                f"the private key is another one than {self._shown}",
                where=Where(file=self._private_file),
                remedy=f"name the file of the key that belongs to it with {KEY_VARIABLE}",
            )
        return Signature("ed25519", self.name, base64.b64encode(private.sign(message)).decode())

    def verifies(self, message: bytes, signature: Signature) -> bool:
        """See :class:`Key`."""
        from cryptography.exceptions import InvalidSignature

        if signature.algorithm != "ed25519" or signature.key != self.name:
            return False
        try:
            self._public.verify(base64.b64decode(signature.value, validate=True), message)
        except (InvalidSignature, ValueError):
            return False
        return True


class KmsKey:
    """An asymmetric key in KMS; who may use it is said by its key policy."""

    def __init__(self, key_id: str, client: Any) -> None:
        self._client = client
        described = self._ask(lambda: client.describe_key(KeyId=key_id))["KeyMetadata"]
        self.name = str(described["Arn"])
        algorithms = described.get("SigningAlgorithms") or []
        fitting = [name for name in algorithms if name.endswith("SHA_256")]
        if described.get("KeyUsage") != "SIGN_VERIFY" or not fitting:
            raise OrchestratorError(
                f"the KMS key {key_id} can't sign with SHA-256",
                remedy="use a key of usage SIGN_VERIFY and spec ECC_NIST_P256 or RSA",
            )
        self._algorithm = str(fitting[-1])

    def sign(self, message: bytes) -> Signature:
        """See :class:`Key`."""
        answer = self._ask(
            lambda: self._client.sign(
                KeyId=self.name,
                Message=hashlib.sha256(message).digest(),
                MessageType="DIGEST",
                SigningAlgorithm=self._algorithm,
            )
        )
        value = base64.b64encode(answer["Signature"]).decode()
        return Signature(f"kms/{self._algorithm}", self.name, value)

    def verifies(self, message: bytes, signature: Signature) -> bool:
        """See :class:`Key`."""
        from botocore.exceptions import ClientError

        if signature.key != self.name or signature.algorithm != f"kms/{self._algorithm}":
            return False
        try:
            value = base64.b64decode(signature.value, validate=True)
        except ValueError:
            return False

        def verify() -> Any:
            try:
                return self._client.verify(
                    KeyId=self.name,
                    Message=hashlib.sha256(message).digest(),
                    MessageType="DIGEST",
                    Signature=value,
                    SigningAlgorithm=self._algorithm,
                )
            except ClientError as error:
                if error.response["Error"]["Code"] == "KMSInvalidSignatureException":
                    return {"SignatureValid": False}
                raise

        return bool(self._ask(verify).get("SignatureValid"))

    @staticmethod
    def _ask(call: Callable[[], Any]) -> Any:
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            return call()
        except (BotoCoreError, ClientError) as error:
            raise OrchestratorError(
                f"KMS does not answer as it should: {error}",
                remedy="check the key's id and policy, your credentials, and the region",
            ) from error


def open_key(
    settings: SigningKey, project: Project, kms: Callable[[], Any], private_file: Path | None = None
) -> Key:
    """The key that an environment names. ``kms`` makes a client; ``private_file`` defaults to the variable's.

    Raises:
        OrchestratorError: its public file can't be read, or KMS does not know it.
    """
    if settings.kms is not None:
        return KmsKey(settings.kms, kms())
    assert settings.ed25519 is not None
    named = os.environ.get(KEY_VARIABLE)
    private = private_file or (Path(named).expanduser() if named else None)
    path = project.root / settings.ed25519
    return Ed25519Key(path, project.shown(path), private)


def fingerprint(public: Ed25519PublicKey) -> str:
    """As ``ssh-keygen -l`` shows it: ``SHA256:…``."""
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    line = public.public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH)
    digest = hashlib.sha256(base64.b64decode(line.split()[1])).digest()
    return "SHA256:" + base64.b64encode(digest).decode().rstrip("=")


def _read_public(path: Path, shown: Path) -> Ed25519PublicKey:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    content = _read(path, shown)
    load = (
        serialization.load_ssh_public_key
        if content.startswith(b"ssh-")
        else serialization.load_pem_public_key
    )
    try:
        key = load(content)
    except (ValueError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, Ed25519PublicKey):
        raise OrchestratorError(
            "this is no Ed25519 public key",
            where=Where(file=shown),
            remedy="make a pair with `ssh-keygen -t ed25519`, and commit the .pub file",
        )
    return key


def _read_private(path: Path) -> Ed25519PrivateKey:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    content = _read(path, path)
    load = (
        serialization.load_ssh_private_key
        if b"OPENSSH" in content[:60]
        else serialization.load_pem_private_key
    )
    try:
        key = load(content, None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, Ed25519PrivateKey):
        raise OrchestratorError(
            "this is no Ed25519 private key, or it has a passphrase",
            where=Where(file=path),
            remedy="take a key without one from your secret store for the time of the command",
        )
    return key


def _read(path: Path, shown: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise OrchestratorError(
            f"the key can't be read ({error.strerror})", where=Where(file=shown), remedy="mend its path"
        ) from error
