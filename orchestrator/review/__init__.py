"""The review: what in a plan can hurt, worst first.

``review_plan`` is the one way in. Rules are functions over one change of a plan (``rules/``, a file each); they see
what is before and after, and what is only known after apply.
"""

from orchestrator.review.finding import SEVERITIES, Finding, Severity
from orchestrator.review.plan import ReviewedPlan, read_plan
from orchestrator.review.review import Review, review_plan

__all__ = ["SEVERITIES", "Finding", "Review", "ReviewedPlan", "Severity", "read_plan", "review_plan"]
