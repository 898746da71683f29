"""What a resource block says in ``lifecycle``, which Terraform's JSON plan does not tell."""

from __future__ import annotations

import re

_ARGUMENT = re.compile(r"\bignore_changes\s*=\s*(all\b|\[)")
_COMMENT = re.compile(r"/\*.*?\*/|(?:#|//)[^\n]*", re.DOTALL)
_KEY = re.compile(r'\[\s*"?([^"\]]*)"?\s*\]')


def ignored_changes(block: str) -> tuple[str, ...]:
    """The attributes in ``ignore_changes`` of a block's text, as dotted paths (``tags["x"]`` → ``tags.x``); ``all`` for all.

    https://developer.hashicorp.com/terraform/language/meta-arguments/lifecycle#ignore_changes
    """
    text = _COMMENT.sub("", block)
    found = _ARGUMENT.search(text)
    if found is None:
        return ()
    if found[1] == "all":
        return ("all",)
    inside, depth = [], 1
    for sign in text[found.end() :]:
        depth += {"[": 1, "]": -1}.get(sign, 0)
        if not depth:
            break
        inside.append(sign)
    return tuple(_KEY.sub(r".\1", item.strip()) for item in "".join(inside).split(",") if item.strip())
