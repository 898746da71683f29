"""What may be applied without a question, and what must be said by name."""

from __future__ import annotations

from typing import Any

import click
import pytest

from orchestrator.cli import confirm
from orchestrator.cli.confirm import Consent, consent_to
from orchestrator.errors import BlockedError
from orchestrator.policy.rules import EnforcementRules, Policy, PolicyFile
from orchestrator.policy.scan import Finding as Check
from orchestrator.policy.scan import ScanReport
from orchestrator.review import Review, read_plan, review_plan
from tests.unit.test_review import plan_text, resource

TABLE = resource("aws_dynamodb_table", {"name": "a"}, None, address="module.data.aws_dynamodb_table.a")
OTHER = resource("aws_dynamodb_table", {"name": "b"}, None, address="module.data.aws_dynamodb_table.b")
OPEN = resource(
    "aws_vpc_security_group_ingress_rule",
    None,
    {"cidr_ipv4": "0.0.0.0/0", "ip_protocol": "tcp", "from_port": 22, "to_port": 22},
    address="module.compute.aws_vpc_security_group_ingress_rule.ssh",
)
CHECK = Check("CKV_AWS_1", "a check", "module.data.x.y", "data", None, None, "failed", None, None)
SSH = "module.compute.aws_vpc_security_group_ingress_rule.ssh"
A, B = "module.data.aws_dynamodb_table.a", "module.data.aws_dynamodb_table.b"


def reviewed(*changes: dict[str, Any], enforcement: Any = "block", checks: tuple[Check, ...] = ()) -> Review:
    policy = Policy(PolicyFile(enforcement=EnforcementRules(default=enforcement)), "prod")
    scan = ScanReport("checkov", 1, 0, checks, enforcement, 0)
    return review_plan(read_plan(plan_text(*changes)), policy=policy, scan=scan)


def consent(review: Review, *said: str, yes: bool = True, **more: bool) -> tuple[str, ...] | None:
    return consent_to(review, "prod", "Apply?", Consent(yes, said, more.pop("may_ask", False)), **more)


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is typed, in order; asking more than there is fails."""
    typed: list[str] = []
    monkeypatch.setattr(confirm, "ask", lambda _question, wanted: typed.pop(0) == wanted)
    return typed


def test_a_plan_without_blocking_findings_needs_only_a_yes(answers: list[str]) -> None:
    assert consent(reviewed()) == ()
    answers += ["yes", "no"]
    assert consent(reviewed(), yes=False, may_ask=True) == ()
    assert consent(reviewed(), yes=False, may_ask=True) is None


def test_yes_does_not_take_what_blocks_and_the_refusal_names_it() -> None:
    for change, words in ((TABLE, f"DL001 {A}"), (OPEN, f"EX001 {SSH}")):
        with pytest.raises(BlockedError) as refused:
            consent(reviewed(change))
        assert refused.value.exit_code == 3
        assert refused.value.details[0].startswith(words)


def test_what_is_confirmed_on_the_command_line_is_not_asked_again() -> None:
    assert consent(reviewed(TABLE, OPEN), A, SSH) == (SSH, A)
    with pytest.raises(BlockedError, match="1 findings block"):
        consent(reviewed(TABLE, OTHER), A)
    with pytest.raises(click.UsageError, match="no finding about it"):
        consent(reviewed(TABLE), "module.data.aws_dynamodb_table.c")


def test_an_approval_takes_what_blocks_but_not_what_is_lost() -> None:
    assert consent(reviewed(OPEN), approved=True) == ()
    with pytest.raises(BlockedError, match="1 findings block"):
        consent(reviewed(OPEN, TABLE), approved=True)
    assert consent(reviewed(OPEN, TABLE), A, approved=True) == (A,)


def test_on_a_terminal_the_environment_and_what_is_lost_are_typed(answers: list[str]) -> None:
    answers += ["prod", A]
    assert consent(reviewed(OPEN, TABLE), may_ask=True) == (SSH, A)
    answers += ["lose 2 in prod"]
    assert consent(reviewed(TABLE, OTHER), may_ask=True) == (A, B)
    answers += ["yes"]
    assert consent(reviewed(TABLE), may_ask=True) is None
    answers += ["yes"]
    assert consent(reviewed(OPEN), may_ask=True) is None


def test_failed_checks_are_waived_and_never_confirmed(answers: list[str]) -> None:
    with pytest.raises(BlockedError, match="1 checks failed"):
        consent(reviewed(checks=(CHECK,)), CHECK.address, may_ask=True)
    assert consent(reviewed(checks=(CHECK,), enforcement="warn")) == ()


def test_where_findings_only_warn_losses_are_confirmed_all_the_same() -> None:
    assert consent(reviewed(OPEN, enforcement="warn")) == ()
    with pytest.raises(BlockedError):
        consent(reviewed(TABLE, enforcement="warn"))
