"""Lambda: code signing, provisioned concurrency, asynchronous invocations by alias, and settings that stay.

AWS (Lambda API reference)

- ``CreateCodeSigningConfig`` and its siblings keep whose signatures count and what happens to other code;
  ``PutFunctionCodeSigningConfig`` gives one to a function, and one that a function has is not deleted.
- ``PutProvisionedConcurrencyConfig`` keeps so many environments of a version or an alias ready; ``$LATEST`` has none.
- ``PutFunctionEventInvokeConfig`` with a ``Qualifier`` is of that version or alias, ``UpdateFunctionEventInvokeConfig``
  changes what it names.

- A function answers its ``DeadLetterConfig``, ``LoggingConfig`` and ``FileSystemConfigs``, and ``ImageConfigResponse`` only
  where the image's settings are overridden; ``UpdateFunctionConfiguration`` changes all settings.
- An event source mapping answers the ARN of the version or alias that it was made for.
- A function takes layers of other accounts that share them, as AWS does with those of its own tools.

moto knows neither of the first two, except that a function shows the ARN it was created with; of the third it keeps one a
function, whatever the qualifier, and the first one for ever; and it refuses layers that were not made here, those of other
accounts among them, which are taken as they are named.

Code is not verified, and provisioned environments are ready at once.

Needed by ``aws_lambda_code_signing_config``, ``aws_lambda_function`` (``code_signing_config_arn``,
``dead_letter_config``, ``logging_config``), ``aws_lambda_event_source_mapping``,
``aws_lambda_provisioned_concurrency_config`` and ``aws_lambda_function_event_invoke_config``.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote
from uuid import uuid4

from moto.awslambda import urls
from moto.awslambda.exceptions import (
    InvalidParameterValueException,
    LambdaClientError,
    UnknownEventConfig,
)
from moto.awslambda.models import (
    EventInvokeConfig,
    EventSourceMapping,
    ImageConfig,
    LambdaBackend,
    LambdaFunction,
)
from moto.awslambda.responses import LambdaResponse

from orchestrator.emulator.patch import add, memory, replace, wrap

Answer = tuple[int, dict[str, Any], str]

_LATEST = "$LATEST"
_SETTINGS = ("DeadLetterConfig", "LoggingConfig", "FileSystemConfigs")
_CONFIG = "{0}/2020-04-22/code-signing-configs"
_FUNCTION = r"{0}/(?P<api_version>[^/]+)/functions/(?P<function_name>[\w_:%-]+)"


class CodeSigningConfig:
    """Whose signatures count, and what becomes of code without one."""

    def __init__(self, backend: Any, given: dict[str, Any]) -> None:
        self.id = f"csc-{uuid4().hex[:17]}"
        self.arn = f"arn:{backend.partition}:lambda:{backend.region_name}:{backend.account_id}:code-signing-config:{self.id}"
        self.tags: dict[str, str] = dict(given.get("Tags") or {})
        self.description = ""
        self.publishers: list[str] = []
        self.policy = "Warn"
        self.change(given)

    def change(self, given: dict[str, Any]) -> None:
        """Take what is given, keep the rest."""
        if (description := given.get("Description")) is not None:
            self.description = description
        if publishers := given.get("AllowedPublishers"):
            arns = publishers.get("SigningProfileVersionArns") or []
            if not 1 <= len(arns) <= 20:
                raise InvalidParameterValueException("A code signing config has 1 to 20 signing profiles.")
            self.publishers = arns
        if policies := given.get("CodeSigningPolicies"):
            self.policy = policies.get("UntrustedArtifactOnDeployment") or "Warn"
        self.modified = datetime.now(UTC).isoformat(timespec="milliseconds")

    def shown(self) -> dict[str, Any]:
        """As the API answers it."""
        return {
            "CodeSigningConfigId": self.id,
            "CodeSigningConfigArn": self.arn,
            "Description": self.description,
            "AllowedPublishers": {"SigningProfileVersionArns": self.publishers},
            "CodeSigningPolicies": {"UntrustedArtifactOnDeployment": self.policy},
            "LastModified": self.modified,
        }


def register() -> None:
    """Extend moto's Lambda backend and responses."""
    for path in (
        f"{_CONFIG}/?$",
        f"{_CONFIG}/(?P<arn>[^/]+)$",
        f"{_CONFIG}/(?P<arn>[^/]+)/functions$",
        f"{_FUNCTION}/provisioned-concurrency$",
    ):
        urls.url_paths[path] = LambdaResponse.dispatch
    _code_signing_configs()
    _code_signing_of_functions()
    _provisioned_concurrency()
    _event_invoke_configs()
    _settings_of_functions()
    _targets_of_mappings()
    _layers_of_other_accounts()


def _code_signing_configs() -> None:
    @wrap(LambdaBackend, "_get_resource_by_arn")
    def _get_resource_by_arn(original: Callable[[Any, str], Any], backend: Any, arn: str) -> Any:
        return _configs(backend)[arn] if arn in _configs(backend) else original(backend, arn)

    @add(LambdaResponse)
    def create_code_signing_config(response: Any) -> Answer:
        config = CodeSigningConfig(response.backend, response.json_body)
        _configs(response.backend)[config.arn] = config
        return 201, {"status": 201}, json.dumps({"CodeSigningConfig": config.shown()})

    @add(LambdaResponse)
    def get_code_signing_config(response: Any) -> str:
        return json.dumps({"CodeSigningConfig": _config(response.backend, _last(response)).shown()})

    @add(LambdaResponse)
    def list_code_signing_configs(response: Any) -> str:
        return json.dumps(
            {"CodeSigningConfigs": [config.shown() for config in _configs(response.backend).values()]}
        )

    @add(LambdaResponse)
    def update_code_signing_config(response: Any) -> str:
        config = _config(response.backend, _last(response))
        config.change(response.json_body)
        return json.dumps({"CodeSigningConfig": config.shown()})

    @add(LambdaResponse)
    def delete_code_signing_config(response: Any) -> Answer:
        config = _config(response.backend, _last(response))
        if _functions_with(response.backend, config.arn):
            raise _error("ResourceConflictException", "A function uses the code signing config.", 409)
        del _configs(response.backend)[config.arn]
        return 204, {"status": 204}, ""

    @add(LambdaResponse)
    def list_functions_by_code_signing_config(response: Any) -> str:
        config = _config(response.backend, unquote(response.path.split("/")[-2]))
        return json.dumps({"FunctionArns": _functions_with(response.backend, config.arn)})


def _code_signing_of_functions() -> None:
    @wrap(LambdaBackend, "create_function")
    def create_function(original: Callable[[Any, Any], Any], backend: Any, spec: Any) -> Any:
        if arn := spec.get("CodeSigningConfigArn"):
            _config(backend, arn)
        return original(backend, spec)

    @add(LambdaResponse)
    def put_function_code_signing_config(response: Any) -> str:
        arn = _config(response.backend, response.json_body["CodeSigningConfigArn"]).arn
        function = _function(response)
        function.code_signing_config_arn = arn
        return json.dumps({"CodeSigningConfigArn": arn, "FunctionName": function.function_name})

    @add(LambdaResponse)
    def delete_function_code_signing_config(response: Any) -> Answer:
        _function(response).code_signing_config_arn = None
        return 204, {"status": 204}, ""


def _provisioned_concurrency() -> None:
    @add(LambdaResponse)
    def put_provisioned_concurrency_config(response: Any) -> Answer:
        function, qualifier = _qualified(response)
        if qualifier == _LATEST:
            raise InvalidParameterValueException(
                "Provisioned Concurrency Configs cannot be applied to unpublished function versions."
            )
        wanted = response.json_body.get("ProvisionedConcurrentExecutions")
        if not isinstance(wanted, int) or wanted < 1:
            raise InvalidParameterValueException(
                "ProvisionedConcurrentExecutions must have value greater than or equal to 1."
            )
        config = {
            "RequestedProvisionedConcurrentExecutions": wanted,
            "AvailableProvisionedConcurrentExecutions": wanted,
            "AllocatedProvisionedConcurrentExecutions": wanted,
            "Status": "READY",
            "LastModified": _now(),
        }
        _provisioned(function)[qualifier] = config
        return 202, {"status": 202}, json.dumps(config)

    @add(LambdaResponse)
    def get_provisioned_concurrency_config(response: Any) -> str:
        function, qualifier = _qualified(response)
        if response._get_param("List") == "ALL":
            return json.dumps({"ProvisionedConcurrencyConfigs": _all_provisioned(function)})
        if qualifier not in _provisioned(function):
            raise _error(
                "ProvisionedConcurrencyConfigNotFoundException",
                "No Provisioned Concurrency Config found for this function",
                404,
            )
        return json.dumps(_provisioned(function)[qualifier])

    @add(LambdaResponse)
    def list_provisioned_concurrency_configs(response: Any) -> str:
        function, _ = _qualified(response)
        return json.dumps({"ProvisionedConcurrencyConfigs": _all_provisioned(function)})

    @add(LambdaResponse)
    def delete_provisioned_concurrency_config(response: Any) -> Answer:
        function, qualifier = _qualified(response)
        _provisioned(function).pop(qualifier, None)
        return 204, {"status": 204}, ""


def _event_invoke_configs() -> None:
    @replace(LambdaResponse, "put_function_event_invoke_config")
    def put_function_event_invoke_config(response: Any) -> str:
        function, qualifier = _qualified(response)
        return _keep(function, qualifier, response.json_body)

    @replace(LambdaResponse, "update_function_event_invoke_config")
    def update_function_event_invoke_config(response: Any) -> str:
        function, qualifier = _qualified(response)
        return _keep(function, qualifier, _invoke(function).get(qualifier, {}) | response.json_body)

    @replace(LambdaResponse, "get_function_event_invoke_config")
    def get_function_event_invoke_config(response: Any) -> str:
        function, qualifier = _qualified(response)
        return json.dumps(_kept(function, qualifier))

    @replace(LambdaResponse, "delete_function_event_invoke_config")
    def delete_function_event_invoke_config(response: Any) -> Answer:
        function, qualifier = _qualified(response)
        _kept(function, qualifier)
        del _invoke(function)[qualifier]
        return 204, {"status": 204}, ""

    @replace(LambdaResponse, "list_function_event_invoke_configs")
    def list_function_event_invoke_configs(response: Any) -> str:
        function = response.backend.get_function(unquote(response.path.rsplit("/", 3)[1]))
        return json.dumps({"FunctionEventInvokeConfigs": list(_invoke(function).values())})


def _settings_of_functions() -> None:
    @wrap(LambdaFunction, "__init__")
    def __init__(  # noqa: N807
        original: Callable[..., None], function: Any, account_id: str, spec: Any, *args: Any, **kwargs: Any
    ) -> None:
        original(function, account_id, spec, *args, **kwargs)
        # A published version is a copy of the function: each change makes a new dictionary, the versions keep theirs.
        function.orchestrator_settings = {
            "LoggingConfig": {"LogFormat": "Text", "LogGroup": f"/aws/lambda/{function.function_name}"}
        } | _settings(spec)

    @wrap(LambdaFunction, "update_configuration")
    def update_configuration(
        original: Callable[[Any, Any], Any], function: Any, updates: dict[str, Any]
    ) -> dict[str, Any]:
        original(function, updates)
        function.orchestrator_settings = function.orchestrator_settings | _settings(updates)
        function.tracing_config = updates.get("TracingConfig", function.tracing_config)
        function.kms_key_arn = updates.get("KMSKeyArn", function.kms_key_arn)
        if storage := updates.get("EphemeralStorage"):
            function.ephemeral_storage = storage["Size"]
        if "ImageConfig" in updates:
            function.image_config = ImageConfig(updates["ImageConfig"])
        configuration: dict[str, Any] = function.get_configuration()
        return configuration

    @wrap(LambdaFunction, "get_configuration")
    def get_configuration(
        original: Callable[..., dict[str, Any]], function: Any, *args: Any, **kwargs: Any
    ) -> dict[str, Any]:
        configuration = original(function, *args, **kwargs)
        image = function.image_config
        if not (image.cmd or image.entry_point or image.working_directory):
            configuration.pop("ImageConfigResponse", None)
        settings: dict[str, Any] = function.orchestrator_settings
        return configuration | settings


def _settings(given: dict[str, Any]) -> dict[str, Any]:
    return {name: given[name] for name in _SETTINGS if given.get(name) is not None}


def _targets_of_mappings() -> None:
    @wrap(LambdaBackend, "create_event_source_mapping")
    def create_event_source_mapping(original: Callable[[Any, Any], Any], backend: Any, spec: Any) -> Any:
        mapping = original(backend, spec)
        memory(mapping)["qualifier"] = _qualifier(spec["FunctionName"])
        return mapping

    @wrap(LambdaBackend, "update_event_source_mapping")
    def update_event_source_mapping(
        original: Callable[[Any, str, Any], Any], backend: Any, uuid: str, spec: Any
    ) -> Any:
        mapping = original(backend, uuid, spec)
        if mapping is not None and spec.get("FunctionName"):
            memory(mapping)["qualifier"] = _qualifier(spec["FunctionName"])
        return mapping

    @wrap(EventSourceMapping, "get_configuration")
    def get_configuration(original: Callable[[Any], dict[str, Any]], mapping: Any) -> dict[str, Any]:
        configuration = original(mapping)
        if qualifier := memory(mapping).get("qualifier"):
            unqualified = ":".join(configuration["FunctionArn"].split(":")[:7])
            configuration["FunctionArn"] = f"{unqualified}:{qualifier}"
        return configuration


def _qualifier(name: str) -> str | None:
    """The version or alias in a function's name or ARN."""
    parts = name.split(":")
    if name.startswith("arn:"):
        return parts[7] if len(parts) > 7 else None
    return parts[1] if len(parts) == 2 else None


def _configs(backend: Any) -> dict[str, CodeSigningConfig]:
    configs: dict[str, CodeSigningConfig] = memory(backend).setdefault("code_signing", {})
    return configs


def _config(backend: Any, arn: str) -> CodeSigningConfig:
    if arn not in _configs(backend):
        raise _error(
            "CodeSigningConfigNotFoundException",
            f"The code signing configuration {arn} cannot be found.",
            404,
        )
    return _configs(backend)[arn]


def _functions_with(backend: Any, arn: str) -> list[str]:
    return [
        function.function_arn
        for function in backend.list_functions()
        if function.code_signing_config_arn == arn
    ]


def _last(response: Any) -> str:
    return unquote(response.path.rsplit("/", 1)[-1])


def _function(response: Any) -> Any:
    """The function that the path names, ``…/functions/NAME/SUBRESOURCE``."""
    return response.backend.get_function(unquote(response.path.rsplit("/", 2)[1]))


def _qualified(response: Any) -> tuple[Any, str]:
    """The function, and the version or alias that is meant, which must exist."""
    qualifier = response._get_param("Qualifier")
    if qualifier and qualifier != _LATEST:
        response.backend.get_function(unquote(response.path.rsplit("/", 2)[1]), qualifier)
    return _function(response), qualifier or _LATEST


def _provisioned(function: Any) -> dict[str, dict[str, Any]]:
    kept: dict[str, dict[str, Any]] = memory(function).setdefault("provisioned_concurrency", {})
    return kept


def _all_provisioned(function: Any) -> list[dict[str, Any]]:
    return [
        {"FunctionArn": f"{function.function_arn}:{qualifier}", **config}
        for qualifier, config in _provisioned(function).items()
    ]


def _invoke(function: Any) -> dict[str, dict[str, Any]]:
    kept: dict[str, dict[str, Any]] = memory(function).setdefault("event_invoke", {})
    return kept


def _keep(function: Any, qualifier: str, given: dict[str, Any]) -> str:
    arn = f"{function.function_arn.removesuffix(':' + _LATEST)}:{qualifier}"
    config = {**given, "FunctionArn": arn, "LastModified": datetime.now(UTC).timestamp()}
    _invoke(function)[qualifier] = EventInvokeConfig(arn, config["LastModified"], config).response()
    return json.dumps(_invoke(function)[qualifier])


def _kept(function: Any, qualifier: str) -> dict[str, Any]:
    if qualifier not in _invoke(function):
        raise UnknownEventConfig(f"{function.function_arn}:{qualifier}")
    return _invoke(function)[qualifier]


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S+0000")


def _error(kind: str, message: str, status: int) -> LambdaClientError:
    error = LambdaClientError(kind, message)
    error.code = status
    return error


def _layers_of_other_accounts() -> None:
    @wrap(LambdaFunction, "_get_layers_data")
    def get_layers_data(original: Callable[..., Any], function: Any, arns: list[str]) -> list[dict[str, Any]]:
        layers: list[dict[str, Any]] = []
        for arn in arns:
            foreign = arn.split(":")[4:5] != [function.account_id]
            layers += [{"Arn": arn, "CodeSize": 0}] if foreign else original(function, [arn])
        return layers
