"""KMS keys: replicas of multi-Region keys that are keys of their own, and rotation periods.

AWS (KMS API reference, ``ReplicateKey``) makes a replica with the description, policy and tags of the request,
without the primary's aliases and grants, and answers ``MultiRegionKeyType`` as ``PRIMARY`` for the one and
``REPLICA`` for the other. ``EnableKeyRotation`` takes ``RotationPeriodInDays``, ``GetKeyRotationStatus`` answers it
(365 unless given). The id of a multi-Region key is ``mrk-`` and 32 hexadecimal digits. The key of an alias ``aws/…``, made
when it is needed first, is AWS's own: ``DescribeKey`` answers ``KeyManager`` as ``AWS``, and nobody can delete it.

moto shares one configuration between both, so that the primary becomes a replica too as soon as the replica is
looked at, and ignores description, policy and tags, and the rotation period. Its ids of multi-Region keys are longer
than its ciphertexts have room for: what such a key encrypts cannot be decrypted. AWS's keys it takes for customers'.

Needed by ``aws_kms_replica_key``, by ``aws_kms_key`` once it has a replica, and by its ``rotation_period_in_days``.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from typing import Any

from moto.kms import models
from moto.kms.models import KmsBackend, kms_backends
from moto.kms.responses import KmsResponse

from orchestrator.emulator.patch import memory, wrap


def register() -> None:
    """Extend moto's KMS backend and responses."""
    _shorten_key_ids()
    _make_replicas_independent()
    _keep_rotation_period()
    _leave_keys_to_aws()


def _leave_keys_to_aws() -> None:
    @wrap(KmsBackend, "_generate_default_keys")
    def generate(original: Callable[..., str | None], backend: Any, alias_name: str) -> str | None:
        key_id = original(backend, alias_name)
        if key_id is not None:
            backend.keys[key_id].key_manager = "AWS"
        return key_id


def _shorten_key_ids() -> None:
    def generate_key_id(multi_region: bool = False) -> str:
        return f"mrk-{uuid.uuid4().hex}" if multi_region else str(uuid.uuid4())

    # moto.kms.models calls it by this name of its own.
    models.generate_key_id = generate_key_id

    @wrap(KmsResponse, "_validate_cmk_id")
    def validate_cmk_id(original: Callable[[Any, str], None], response: Any, key_id: str) -> None:
        if response.kms_backend.get_key_id(key_id) not in response.kms_backend.keys:
            original(response, key_id)


def _make_replicas_independent() -> None:
    @wrap(KmsBackend, "replicate_key")
    def replicate_key(original: Callable[..., Any], backend: Any, key_id: str, replica_region: str) -> Any:
        replica = original(backend, key_id, replica_region)
        # The list of replicas stays the primary's: later replicas appear in it everywhere.
        replica.multi_region_configuration = {
            **replica.multi_region_configuration,
            "MultiRegionKeyType": "REPLICA",
        }
        replica.aliases = {}
        replica.grants = {}
        return replica

    @wrap(KmsResponse, "replicate_key")
    def answer_replicate_key(original: Callable[[Any], str], response: Any) -> str:
        answer = original(response)
        backend = kms_backends[response.current_account][response._get_param("ReplicaRegion")]
        key_id = backend.get_key_id(response._get_param("KeyId"))
        replica = backend.keys[key_id]
        replica.description = response._get_param("Description") or ""
        replica.policy = response._get_param("Policy") or replica.generate_default_policy()
        if tags := response._get_param("Tags"):
            backend.tagger.tag_resource(key_id, tags)
        return answer


def _keep_rotation_period() -> None:
    @wrap(KmsResponse, "enable_key_rotation")
    def enable_key_rotation(original: Callable[[Any], str], response: Any) -> str:
        answer = original(response)
        memory(_key(response))["rotation period"] = response._get_param("RotationPeriodInDays") or 365
        return answer

    @wrap(KmsResponse, "get_key_rotation_status")
    def get_key_rotation_status(original: Callable[[Any], str], response: Any) -> str:
        status: dict[str, Any] = json.loads(original(response))
        key = _key(response)
        status["KeyId"] = key.id
        if status["KeyRotationEnabled"]:
            status["RotationPeriodInDays"] = memory(key).get("rotation period", 365)
        return json.dumps(status)


def _key(response: Any) -> Any:
    """The key that the request names by id, ARN or alias."""
    return response.kms_backend.describe_key(response._get_param("KeyId"))
