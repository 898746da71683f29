"""CloudFormation: EventBridge connections, with secrets that CloudFormation looks up itself.

AWS (CloudFormation user guide, ``AWS::Events::Connection`` and "Get a secret from Secrets Manager";
EventBridge API reference, ``CreateConnection``)

- The resource makes a connection; its ``Ref`` is the name, ``Fn::GetAtt`` gives ``Arn`` and ``SecretArn``. Another name
  makes another connection, anything else updates it.
- ``{{resolve:secretsmanager:<secret>:SecretString:<key>}}`` in a property is replaced by the secret's value when the
  stack is created or updated; the template keeps the reference. A secret or key that is not there fails the stack.

moto's CloudFormation knows neither the type nor the references.

Needed by ``aws_cloudformation_stack`` for connections, whose secrets Terraform must not hold.
"""

from __future__ import annotations

import json
import re
from typing import Any

from moto.cloudformation.exceptions import ValidationError
from moto.core.common_models import CloudFormationModel
from moto.events.models import events_backends
from moto.secretsmanager.exceptions import SecretNotFoundException
from moto.secretsmanager.models import secretsmanager_backends

_REFERENCE = re.compile(
    r"\{\{resolve:secretsmanager:(?P<secret>arn:[^:]+:secretsmanager:[^:]+:[0-9]+:secret:[^:}]+|[^:}]+)"
    r"(:SecretString(:(?P<key>[^:}]*)(:(?P<stage>[^:}]*)(:(?P<version>[^}]*))?)?)?)?\}\}"
)


class CloudFormationConnection(CloudFormationModel):  # type: ignore[misc] # moto is not typed for us
    """A connection that a stack made."""

    def __init__(self, name: str, account_id: str, region: str) -> None:
        self.name = name
        self.account_id = account_id
        self.region = region

    @property
    def physical_resource_id(self) -> str:
        """What ``Ref`` gives."""
        return self.name

    @staticmethod
    def cloudformation_name_type() -> str:
        """The property that names the resource."""
        return "Name"

    @staticmethod
    def cloudformation_type() -> str:
        """The type in templates."""
        return "AWS::Events::Connection"

    @classmethod
    def has_cfn_attr(cls, attr: str) -> bool:
        """Whether ``Fn::GetAtt`` knows the attribute."""
        return attr in ("Arn", "SecretArn")

    def get_cfn_attribute(self, attribute_name: str) -> str:
        """What ``Fn::GetAtt`` gives."""
        described = events_backends[self.account_id][self.region].describe_connection(self.name)
        return str(described["ConnectionArn" if attribute_name == "Arn" else "SecretArn"])

    @classmethod
    def create_from_cloudformation_json(
        cls, resource_name: str, cloudformation_json: Any, account_id: str, region_name: str, **_settings: Any
    ) -> CloudFormationConnection:
        """Make the connection."""
        properties = cloudformation_json["Properties"]
        name = properties.get("Name") or resource_name
        events_backends[account_id][region_name].create_connection(
            name=name,
            description=properties.get("Description"),
            authorization_type=properties["AuthorizationType"],
            auth_parameters=_resolve(properties["AuthParameters"], account_id, region_name),
        )
        return cls(name, account_id, region_name)

    @classmethod
    def update_from_cloudformation_json(
        cls,
        original_resource: Any,
        new_resource_name: str,
        cloudformation_json: Any,
        account_id: str,
        region_name: str,
    ) -> CloudFormationConnection:
        """Change the connection, or make another one when its name changes."""
        properties = cloudformation_json["Properties"]
        if properties.get("Name", new_resource_name) != original_resource.name:
            made = cls.create_from_cloudformation_json(
                new_resource_name, cloudformation_json, account_id, region_name
            )
            events_backends[account_id][region_name].delete_connection(original_resource.name)
            return made
        events_backends[account_id][region_name].update_connection(
            name=original_resource.name,
            description=properties.get("Description"),
            authorization_type=properties["AuthorizationType"],
            auth_parameters=_resolve(properties["AuthParameters"], account_id, region_name),
        )
        return cls(original_resource.name, account_id, region_name)

    @classmethod
    def delete_from_cloudformation_json(
        cls, resource_name: str, _cloudformation_json: Any, account_id: str, region_name: str
    ) -> None:
        """Remove the connection."""
        backend = events_backends[account_id][region_name]
        if resource_name in backend.connections:
            backend.delete_connection(resource_name)


def _resolve(value: Any, account_id: str, region: str) -> Any:
    """The value with its references to secrets replaced."""
    if isinstance(value, dict):
        return {key: _resolve(item, account_id, region) for key, item in value.items()}
    if isinstance(value, list):
        return [_resolve(item, account_id, region) for item in value]
    if isinstance(value, str):
        return _REFERENCE.sub(lambda match: _secret(match, account_id, region), value)
    return value


def _secret(match: re.Match[str], account_id: str, region: str) -> str:
    try:
        found = secretsmanager_backends[account_id][region].get_secret_value(
            match["secret"], match["version"] or "", match["stage"] or "AWSCURRENT"
        )
    except SecretNotFoundException:
        raise ValidationError(message=f"Secrets Manager can't find the secret {match['secret']}") from None
    text = str(found["SecretString"])
    if not match["key"]:
        return text
    try:
        return str(json.loads(text)[match["key"]])
    except (ValueError, KeyError, TypeError):
        message = f"Could not find a value associated with JSONKey in SecretString: {match['key']}"
        raise ValidationError(message=message) from None


def register() -> None:
    """moto finds the class by its base: to be imported is all it takes."""
