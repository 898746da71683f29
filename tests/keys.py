"""Ed25519 key pairs for tests."""

from __future__ import annotations

from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat


def key_pair(public: Path, private: Path, *, ssh: bool = False) -> Path:
    """Write a pair, in PEM or as ssh-keygen does; the private file's path."""
    key = Ed25519PrivateKey.generate()
    form = (
        (Encoding.OpenSSH, PublicFormat.OpenSSH) if ssh else (Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    )
    public.parent.mkdir(parents=True, exist_ok=True)
    public.write_bytes(key.public_key().public_bytes(*form))
    secret = PrivateFormat.OpenSSH if ssh else PrivateFormat.PKCS8
    private.write_bytes(key.private_bytes(Encoding.PEM, secret, NoEncryption()))
    return private
