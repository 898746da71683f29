"""A role trusts somebody outside."""

from __future__ import annotations

import re
from collections.abc import Iterable

from orchestrator.review.finding import Hit, rule
from orchestrator.review.iam.documents import outsiders, policies_of
from orchestrator.review.iam.policy import UNKNOWN, Statement
from orchestrator.review.plan import Change, ReviewedPlan


@rule(
    "IA007",
    "A role trusts somebody outside",
    "high",
    "iam",
    why="Another account, or any repository of a code host, can act with the role.",
    fix="Name the principal; for GitHub and the like, hold it back by the subject (sub) and audience.",
    source="https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_oidc.html",
)
def trust_without_subject(change: Change, plan: ReviewedPlan) -> Iterable[Hit]:
    if change.type != "aws_iam_role":
        return
    for name, before, after in policies_of(change, plan):
        if name != "assume_role_policy":
            continue
        trusted = {who for statement in before or () if statement.allow for who in statement.principals}
        for statement in after:
            if not statement.allow or (before and statement in before):
                continue
            newly = sorted(statement.principals - trusted)
            for who in outsiders(newly, plan):
                yield Hit(f"{who.partition(':')[2]} of another account is trusted", name, None, who)
            if plan.account is None and change.creates:
                for who in newly:
                    if re.match(r"AWS:arn:aws[\w-]*:(iam|sts)::\d{12}:", who):
                        yield Hit(
                            f"{who.partition(':')[2]} is trusted, of an account by number",
                            name,
                            None,
                            who,
                            "medium",
                        )
            federated = [who for who in statement.principals if _is_oidc(who, statement)]
            subjects = [
                item
                for item in statement.conditions
                if ":sub=" in item.lower().replace('"', "") or UNKNOWN in item.partition("=")[0]
            ]
            if federated and not subjects:
                yield Hit(
                    f"{federated[0].partition(':')[2]} is trusted whatever the subject",
                    name,
                    severity="critical",
                )
            for item in subjects:
                if any(
                    re.fullmatch(r"(?:repo:)?\*(?:[:/]\*)*", value)
                    for value in item.partition("=")[2].split(",")
                ):
                    yield Hit(f"the subject may be anything: {item}", name, severity="critical")


def _is_oidc(principal: str, statement: Statement) -> bool:
    """Whether it is an OpenID Connect provider, perhaps one that the same plan makes."""
    by_token = "sts:assumerolewithwebidentity" in statement.actions
    return principal.startswith("Federated:") and (
        "oidc-provider" in principal or (by_token and UNKNOWN in principal)
    )
