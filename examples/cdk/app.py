"""The CDK app: one stack, for whatever account and region it is deployed to."""

from __future__ import annotations

import aws_cdk as cdk
from digest.stack import DigestStack

app = cdk.App()
DigestStack(app, "Digest")
app.synth()
