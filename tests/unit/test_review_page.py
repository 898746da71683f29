"""The review's page: whole, inert whatever the plan says, and without a request to anywhere."""

from __future__ import annotations

import base64
import hashlib
import re
from html.parser import HTMLParser
from typing import Any

from orchestrator.plan.model import split_plan
from orchestrator.review import read_plan, review_plan
from orchestrator.review.page import About, page
from orchestrator.review.page.graph import HEIGHT, WIDTH, draw
from tests.unit.test_review import plan_text, policy, resource

HOSTILE = "</script><img src=x onerror=alert(1)>\"'`{{7*7}}"
UP: dict[str, set[str]] = {
    "network": set(),
    "data": {"network"},
    "api": {"network"},
    "compute": {"network", "data", "api"},
}


class Page(HTMLParser):
    """All start tags with their attributes, and the text of scripts and styles."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: dict[str, str] = {}
        self._within = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._within = tag

    def handle_endtag(self, tag: str) -> None:
        self._within = ""

    def handle_data(self, data: str) -> None:
        self.texts[self._within] = self.texts.get(self._within, "") + data

    def all(self, name: str) -> list[dict[str, str | None]]:
        return [attributes for tag, attributes in self.tags if tag == name]


def written(*changes: dict[str, Any], title: str = "Review of prod") -> tuple[str, Page]:
    text = plan_text(*changes)
    plan = read_plan(text)
    import json

    layers = split_plan(json.loads(text), list(UP), {})
    html = page(review_plan(plan), plan, About(title, (("Plan", "1"),), UP), layers)
    return html, Page(html)


TABLE = resource(
    "aws_dynamodb_table",
    {"name": "a"},
    {"name": "b"},
    replace=[["name"]],
    address="module.data.aws_dynamodb_table.a",
)
EVIL = resource(
    "aws_lambda_function",
    None,
    {"function_name": HOSTILE, "tags": {HOSTILE: HOSTILE}, "environment": [{"variables": {"API_KEY": "q8Zr2LxV9nTb4Wc7"}}]},
    address=f'module.compute.aws_lambda_function.this["{HOSTILE}"]',
)  # fmt: skip
ROLE = resource(
    "aws_iam_role_policy",
    {"policy": policy({"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::a/*"})},
    {"policy": policy({"Effect": "Allow", "Action": ["s3:GetObject", "s3:PutObject"], "Resource": "arn:aws:s3:::a/*"})},
    address="module.compute.aws_iam_role_policy.uses",
)  # fmt: skip


def test_the_page_has_findings_changes_permissions_and_the_graph() -> None:
    html, parsed = written(TABLE, ROLE)
    items = [item for item in parsed.all("li") if "data-severity" in item]
    assert next((item["data-severity"], item["data-layer"], item["data-blocking"]) for item in items) == (
        "0",
        "data",
        "1",
    )
    assert "replaced, forced by name" in html
    assert re.search(r'<tr class="added">.*s3:putobject', html)
    assert 'class="removed"' not in html  # what was allowed before is allowed still
    assert {item.get("id") for item in parsed.all("details")} >= {"layer-data", "layer-compute"}
    assert {item["href"] for item in parsed.all("a") if (item["href"] or "").startswith("#layer-")} == {
        f"#layer-{name}" for name in UP
    }


def test_nothing_that_the_plan_says_becomes_markup_or_code() -> None:
    html, parsed = written(EVIL, title=HOSTILE)
    assert not parsed.all("img")
    assert len(parsed.all("script")) == 1
    assert not [name for _, attributes in parsed.tags for name in attributes if name.startswith("on")]
    assert not [tag for tag, attributes in parsed.tags if "style" in attributes]
    assert "49" not in html.split("<main>")[0]
    assert html.count("<script>") == 1


def test_the_page_asks_nobody_for_anything_and_its_own_policy_allows_only_what_is_in_it() -> None:
    _, parsed = written(TABLE, EVIL)
    for tag, attributes in parsed.tags:
        assert "src" not in attributes, tag
        if tag != "a":
            assert not (attributes.get("href") or "").startswith("http"), tag
    for link in parsed.all("a"):
        if not (link["href"] or "").startswith("#"):
            assert (link["href"] or "").startswith("https://")
            assert link["rel"] == "noopener noreferrer"
    allowed = next(item["content"] for item in parsed.all("meta") if item.get("http-equiv"))
    assert allowed is not None
    for kind in ("script", "style"):
        digest = base64.b64encode(hashlib.sha256(parsed.texts[kind].encode()).digest()).decode()
        assert f"{kind}-src 'sha256-{digest}'" in allowed
    assert allowed.startswith("default-src 'none'")


def test_a_plan_without_changes_or_layers_has_a_page_too() -> None:
    plan = read_plan(plan_text())
    html = page(review_plan(plan), plan, About("Review of a plan"))
    assert "Nothing was found." in html
    assert "<svg" not in html


def test_layers_stand_right_of_what_they_need_and_no_two_overlap() -> None:
    drawing = draw({**UP, "lonely": set()})
    place = {node.layer: node for node in drawing.nodes}
    assert place["network"].x < place["data"].x == place["api"].x < place["compute"].x
    assert {(source, target) for source, target, _ in drawing.arrows} == {
        ("network", "data"), ("network", "api"), ("data", "compute"), ("api", "compute"),
    }  # fmt: skip
    boxes = [(node.x, node.y) for node in drawing.nodes]
    assert len(set(boxes)) == len(boxes)
    assert all(x + WIDTH <= drawing.width and y + HEIGHT <= drawing.height for x, y in boxes)
    assert draw({}).nodes == ()
