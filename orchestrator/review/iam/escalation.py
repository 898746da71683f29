"""Combinations of actions by which somebody can give themselves more than they were given.

Source: Rhino Security Labs' list of AWS IAM privilege escalation methods, and AWS's own documentation of each action.
"""

from __future__ import annotations

from orchestrator.review.iam.actions import Actions

ESCALATIONS: dict[str, frozenset[str]] = {
    "a new version of a policy": frozenset({"iam:createpolicyversion"}),
    "another default version of a policy": frozenset({"iam:setdefaultpolicyversion"}),
    "access keys of another user": frozenset({"iam:createaccesskey"}),
    "a password for another user": frozenset({"iam:createloginprofile"}),
    "another user's password": frozenset({"iam:updateloginprofile"}),
    "a policy attached to a user": frozenset({"iam:attachuserpolicy"}),
    "a policy attached to a group": frozenset({"iam:attachgrouppolicy"}),
    "a policy attached to a role": frozenset({"iam:attachrolepolicy"}),
    "a policy put into a user": frozenset({"iam:putuserpolicy"}),
    "a policy put into a group": frozenset({"iam:putgrouppolicy"}),
    "a policy put into a role": frozenset({"iam:putrolepolicy"}),
    "membership in a group": frozenset({"iam:addusertogroup"}),
    "another role's trust": frozenset({"iam:updateassumerolepolicy"}),
    "a boundary taken away": frozenset({"iam:deleterolepermissionsboundary"}),
    "a user's boundary taken away": frozenset({"iam:deleteuserpermissionsboundary"}),
    "any role that trusts the account": frozenset({"sts:assumerole"}),
    "commands on instances, with their roles": frozenset({"ssm:sendcommand"}),
    "a shell on instances, with their roles": frozenset({"ssm:startsession"}),
    "code in a function, by its configuration": frozenset({"lambda:updatefunctionconfiguration"}),
    "the key of a Glue endpoint": frozenset({"glue:updatedevendpoint"}),
    "a Glue endpoint with another role": frozenset({"iam:passrole", "glue:createdevendpoint"}),
    "a function with another role": frozenset(
        {"iam:passrole", "lambda:createfunction", "lambda:invokefunction"}
    ),
    "a function with another role, by an event": frozenset(
        {"iam:passrole", "lambda:createfunction", "lambda:createeventsourcemapping"}
    ),
    "the code of a function": frozenset({"lambda:updatefunctioncode"}),
    "an instance with another role": frozenset({"iam:passrole", "ec2:runinstances"}),
    "a task with another role": frozenset({"iam:passrole", "ecs:runtask", "ecs:registertaskdefinition"}),
    "a stack with another role": frozenset({"iam:passrole", "cloudformation:createstack"}),
    "a build with another role": frozenset(
        {"iam:passrole", "codebuild:createproject", "codebuild:startbuild"}
    ),
    "a Glue job with another role": frozenset({"iam:passrole", "glue:createjob", "glue:startjobrun"}),
    "a notebook with another role": frozenset({"iam:passrole", "sagemaker:createnotebookinstance"}),
    "a pipeline with another role": frozenset({"iam:passrole", "datapipeline:createpipeline"}),
    "a state machine with another role": frozenset(
        {"iam:passrole", "states:createstatemachine", "states:startexecution"}
    ),
}
"""What is gained → the actions that it takes, lower case."""


def gained(actions: Actions) -> list[str]:
    """What somebody with these actions can give themselves."""
    return sorted(what for what, needed in ESCALATIONS.items() if actions.includes(needed))
