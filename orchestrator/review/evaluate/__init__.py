"""Computes what the configuration says of a value that the plan only calls unknown.

A policy of an ARN that comes with apply is unknown as a whole to Terraform; its actions stand in the code all the same.
``Evaluation`` follows a resource's argument through variables, local values, modules and documents, with what the plan
knows already. What the plan does not know stays unknown (``Unknown``), and what we can't compute is told apart from that:
``opaque``. A policy with anything opaque in it has not been read.
"""

from orchestrator.review.evaluate.evaluation import Evaluation
from orchestrator.review.evaluate.values import Encoded, Unknown, decoded

__all__ = ["Encoded", "Evaluation", "Unknown", "decoded"]
