"""AWS Config: conformance packs.

AWS (AWS Config API reference): ``PutConformancePack``, ``DescribeConformancePacks``, ``DescribeConformancePackStatus``
and ``DeleteConformancePack`` keep packs of rules; a pack needs a configuration recorder.

``DescribeConformancePackStatus`` answers an empty list for a pack that is not there, where describing it is an error.

moto knows the packs of organizations only. A pack's rules are not made here, and nothing is evaluated.

Needed by ``aws_config_conformance_pack``.
"""

from __future__ import annotations

import json
import time
from typing import Any

from moto.config.responses import ConfigResponse
from moto.core.exceptions import JsonRESTError
from moto.moto_api._internal import mock_random

from orchestrator.emulator.patch import add, memory

_FIELDS = ("DeliveryS3Bucket", "DeliveryS3KeyPrefix", "ConformancePackInputParameters")


def register() -> None:
    """Extend moto's Config responses."""

    @add(ConfigResponse)
    def put_conformance_pack(response: Any) -> str:
        name = response._get_param("ConformancePackName")
        if not response.config_backend.recorders:
            raise JsonRESTError(
                "NoAvailableConfigurationRecorderException",
                "Configuration recorder is not available to put config rule.",
            )
        if not (response._get_param("TemplateBody") or response._get_param("TemplateS3Uri")):
            raise JsonRESTError(
                "ConformancePackTemplateValidationException", "A template body or its S3 URI is needed."
            )
        pack = _packs(response).setdefault(name, {})
        identity = pack.get("ConformancePackId") or f"conformance-pack-{mock_random.get_random_hex(9)}"
        pack.clear()
        pack |= {
            "ConformancePackName": name,
            "ConformancePackId": identity,
            "ConformancePackArn": (
                f"arn:{response.partition}:config:{response.region}:{response.current_account}"
                f":conformance-pack/{name}/{identity}"
            ),
            "LastUpdateRequestedTime": time.time(),
        }
        pack |= {field: value for field in _FIELDS if (value := response._get_param(field)) is not None}
        return json.dumps({"ConformancePackArn": pack["ConformancePackArn"]})

    @add(ConfigResponse)
    def describe_conformance_packs(response: Any) -> str:
        return json.dumps({"ConformancePackDetails": _wanted(response)})

    @add(ConfigResponse)
    def describe_conformance_pack_status(response: Any) -> str:
        named = ("ConformancePackName", "ConformancePackId", "ConformancePackArn")
        states = [
            {field: pack[field] for field in named}
            | {
                "ConformancePackState": "CREATE_COMPLETE",
                "StackArn": (
                    f"arn:{response.partition}:cloudformation:{response.region}:{response.current_account}"
                    f":stack/awsconfigconforms-{pack['ConformancePackId']}"
                ),
                "LastUpdateRequestedTime": pack["LastUpdateRequestedTime"],
                "LastUpdateCompletedTime": pack["LastUpdateRequestedTime"],
            }
            for name, pack in _packs(response).items()
            if name in (response._get_param("ConformancePackNames") or [name])
        ]
        return json.dumps({"ConformancePackStatusDetails": states})

    @add(ConfigResponse)
    def delete_conformance_pack(response: Any) -> str:
        name = response._get_param("ConformancePackName")
        if _packs(response).pop(name, None) is None:
            raise _not_found(name)
        return ""


def _packs(response: Any) -> dict[str, dict[str, Any]]:
    kept: dict[str, dict[str, Any]] = memory(response.config_backend).setdefault("packs", {})
    return kept


def _wanted(response: Any) -> list[dict[str, Any]]:
    """The packs that a request names, or all."""
    names = response._get_param("ConformancePackNames")
    packs = _packs(response)
    for name in names or []:
        if name not in packs:
            raise _not_found(name)
    return [pack for name, pack in packs.items() if not names or name in names]


def _not_found(name: str) -> JsonRESTError:
    return JsonRESTError("NoSuchConformancePackException", f"The conformance pack {name} does not exist.")
