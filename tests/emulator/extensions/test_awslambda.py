"""Lambda: code signing, provisioned concurrency, asynchronous invocations by version or alias."""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.emulator.conftest import Aws

PROFILE = "arn:aws:signer:eu-west-1:123456789012:/signing-profiles/shop/abcdefghij"
OTHER = "arn:aws:signer:eu-west-1:123456789012:/signing-profiles/other/abcdefghij"


@pytest.fixture
def functions(aws: Aws) -> Any:
    return aws("lambda")


def code() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("handler.py", "def handle(event, context):\n    return event\n")
    return packed.getvalue()


@pytest.fixture
def function(aws: Aws, functions: Any, name: str) -> dict[str, Any]:
    """What makes the function of the test; it is not made yet."""
    trust = {"Version": "2012-10-17", "Statement": []}
    role = aws("iam").create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
    return {
        "FunctionName": name,
        "Role": role,
        "Runtime": "python3.13",
        "Handler": "handler.handle",
        "Code": {"ZipFile": code()},
        "Publish": True,
    }


@pytest.fixture
def alias(functions: Any, function: dict[str, Any], name: str) -> str:
    version = functions.create_function(**function)["Version"]
    functions.create_alias(FunctionName=name, Name="live", FunctionVersion=version)
    return name


@pytest.fixture
def signing(functions: Any) -> str:
    config = functions.create_code_signing_config(
        Description="ours", AllowedPublishers={"SigningProfileVersionArns": [PROFILE]}, Tags={"team": "shop"}
    )["CodeSigningConfig"]
    assert config["CodeSigningPolicies"] == {"UntrustedArtifactOnDeployment": "Warn"}
    return str(config["CodeSigningConfigArn"])


def test_a_code_signing_config_is_changed_where_it_is_told(functions: Any, signing: str) -> None:
    functions.update_code_signing_config(
        CodeSigningConfigArn=signing,
        AllowedPublishers={"SigningProfileVersionArns": [OTHER]},
        CodeSigningPolicies={"UntrustedArtifactOnDeployment": "Enforce"},
    )
    config = functions.get_code_signing_config(CodeSigningConfigArn=signing)["CodeSigningConfig"]
    assert config["Description"] == "ours"
    assert config["AllowedPublishers"] == {"SigningProfileVersionArns": [OTHER]}
    assert config["CodeSigningPolicies"] == {"UntrustedArtifactOnDeployment": "Enforce"}
    assert functions.list_tags(Resource=signing)["Tags"] == {"team": "shop"}


def test_a_code_signing_config_of_a_function_stays(
    functions: Any, function: dict[str, Any], signing: str, name: str
) -> None:
    functions.create_function(**function, CodeSigningConfigArn=signing)
    listed = functions.list_functions_by_code_signing_config(CodeSigningConfigArn=signing)["FunctionArns"]
    assert [arn.split(":")[6] for arn in listed] == [name]
    with pytest.raises(ClientError, match="ResourceConflictException"):
        functions.delete_code_signing_config(CodeSigningConfigArn=signing)
    functions.delete_function_code_signing_config(FunctionName=name)
    functions.delete_code_signing_config(CodeSigningConfigArn=signing)
    with pytest.raises(ClientError, match="CodeSigningConfigNotFoundException"):
        functions.get_code_signing_config(CodeSigningConfigArn=signing)
    with pytest.raises(ClientError, match="CodeSigningConfigNotFoundException"):
        functions.put_function_code_signing_config(FunctionName=name, CodeSigningConfigArn=signing)


def test_a_function_gets_a_code_signing_config_later(functions: Any, alias: str, signing: str) -> None:
    functions.put_function_code_signing_config(FunctionName=alias, CodeSigningConfigArn=signing)
    assert functions.get_function_code_signing_config(FunctionName=alias)["CodeSigningConfigArn"] == signing


def test_an_alias_has_environments_ready_and_the_unpublished_version_has_none(
    functions: Any, alias: str
) -> None:
    functions.put_provisioned_concurrency_config(
        FunctionName=alias, Qualifier="live", ProvisionedConcurrentExecutions=2
    )
    config = functions.get_provisioned_concurrency_config(FunctionName=alias, Qualifier="live")
    assert (config["Status"], config["AllocatedProvisionedConcurrentExecutions"]) == ("READY", 2)
    listed = functions.list_provisioned_concurrency_configs(FunctionName=alias)[
        "ProvisionedConcurrencyConfigs"
    ]
    assert [entry["FunctionArn"].rsplit(":", 1)[1] for entry in listed] == ["live"]
    with pytest.raises(ClientError, match="InvalidParameterValueException"):
        functions.put_provisioned_concurrency_config(
            FunctionName=alias, Qualifier="$LATEST", ProvisionedConcurrentExecutions=2
        )
    functions.delete_provisioned_concurrency_config(FunctionName=alias, Qualifier="live")
    with pytest.raises(ClientError, match="ProvisionedConcurrencyConfigNotFoundException"):
        functions.get_provisioned_concurrency_config(FunctionName=alias, Qualifier="live")


def test_asynchronous_invocations_are_set_by_alias(functions: Any, alias: str) -> None:
    functions.put_function_event_invoke_config(FunctionName=alias, MaximumRetryAttempts=0)
    functions.put_function_event_invoke_config(
        FunctionName=alias, Qualifier="live", MaximumEventAgeInSeconds=60
    )
    functions.update_function_event_invoke_config(
        FunctionName=alias, Qualifier="live", MaximumRetryAttempts=1
    )
    live = functions.get_function_event_invoke_config(FunctionName=alias, Qualifier="live")
    assert (live["MaximumRetryAttempts"], live["MaximumEventAgeInSeconds"]) == (1, 60)
    assert live["FunctionArn"].endswith(":live")
    functions.delete_function_event_invoke_config(FunctionName=alias, Qualifier="live")
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        functions.get_function_event_invoke_config(FunctionName=alias, Qualifier="live")
    assert functions.get_function_event_invoke_config(FunctionName=alias)["MaximumRetryAttempts"] == 0


def test_settings_of_a_function_stay_and_change(functions: Any, function: dict[str, Any], name: str) -> None:
    queue = "arn:aws:sqs:eu-west-1:123456789012:failed"
    functions.create_function(
        **function,
        DeadLetterConfig={"TargetArn": queue},
        LoggingConfig={"LogFormat": "JSON", "LogGroup": "/shop/orders"},
    )
    functions.update_function_configuration(
        FunctionName=name,
        LoggingConfig={"LogFormat": "Text", "LogGroup": "/shop/orders"},
        TracingConfig={"Mode": "Active"},
    )
    now = functions.get_function_configuration(FunctionName=name)
    assert now["DeadLetterConfig"] == {"TargetArn": queue}
    assert now["TracingConfig"] == {"Mode": "Active"}
    assert now["LoggingConfig"]["LogFormat"] == "Text"
    published = functions.get_function_configuration(FunctionName=name, Qualifier="1")
    assert published["LoggingConfig"]["LogFormat"] == "JSON"


def test_a_mapping_names_the_alias_it_was_made_for(aws: Aws, functions: Any, alias: str) -> None:
    queue = aws("sqs").create_queue(QueueName=alias)["QueueUrl"]
    arn = aws("sqs").get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"][
        "QueueArn"
    ]
    target = functions.get_alias(FunctionName=alias, Name="live")["AliasArn"]
    made = functions.create_event_source_mapping(EventSourceArn=arn, FunctionName=target)
    assert functions.get_event_source_mapping(UUID=made["UUID"])["FunctionArn"] == target


def test_a_function_takes_layers_that_other_accounts_share(
    functions: Any, function: dict[str, Any], account: str
) -> None:
    shared = "arn:aws:lambda:eu-west-1:901920570463:layer:aws-otel-python-arm64-ver-1-32-0:2"
    made = functions.create_function(**function, Layers=[shared])
    assert [layer["Arn"] for layer in made["Layers"]] == [shared]

    own = f"arn:aws:lambda:eu-west-1:{account}:layer:nothing:1"
    with pytest.raises(ClientError) as error:
        functions.update_function_configuration(FunctionName=made["FunctionName"], Layers=[own])
    assert error.value.response["Error"]["Code"] == "ResourceNotFoundException"
