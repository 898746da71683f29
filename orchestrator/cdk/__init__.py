"""CDK apps: run the app, read its cloud assembly, hand on templates and assets for the layer ``cicd`` to deploy.

``synthesize`` is the one way in; ``CdkApp`` is the entry of ``cdk_apps:`` in an environment file.
"""

from orchestrator.cdk.app import CdkApp
from orchestrator.cdk.assembly import StackTemplate
from orchestrator.cdk.synthesize import Target, synthesize

__all__ = ["CdkApp", "StackTemplate", "Target", "synthesize"]
