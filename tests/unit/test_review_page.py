"""The review's page: whole, inert whatever the plan says, and without a request to anywhere."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from dataclasses import replace
from datetime import date
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from orchestrator.plan.model import ChangeSet, LayerChanges, split_plan
from orchestrator.policy.waivers import Waiver
from orchestrator.review import read_plan, review_plan
from orchestrator.review.page import About, page
from orchestrator.review.page.graph import GAP_X, HEIGHT, WIDTH, draw
from orchestrator.review.source import RootSource
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
    assert re.search(r'class="added">.*s3:putobject', html)
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
    assert 'class="verdict passes"' in html
    assert "<svg" not in html


def test_every_link_within_the_page_leads_somewhere_and_ids_are_told_apart() -> None:
    _, parsed = written(TABLE, ROLE)
    ids = [attributes["id"] for _, attributes in parsed.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    links = [item["href"] or "" for item in parsed.all("a")]
    assert {link[1:] for link in links if link.startswith("#")} <= set(ids)


def test_the_head_counts_what_is_found_and_what_changes() -> None:
    html, _ = written(TABLE, ROLE)
    tiles = dict(re.findall(r"<dt>(?:<span[^>]*>.</span> )?([a-z ]+)</dt><dd>(\d+)</dd>", html))
    assert tiles == {
        "critical": "1", "high": "1", "medium": "0", "low": "0", "info": "0", "waived": "0",
        "to create": "0", "to change": "1", "to replace": "1", "to destroy": "0",
    }  # fmt: skip
    assert "2 findings have to be confirmed, or waived, before this is applied; 1 of them" in html


def test_filters_are_labelled_and_find_what_findings_carry() -> None:
    plan = read_plan(plan_text(TABLE, ROLE))
    first, second = review_plan(plan).findings
    waiver = Waiver(
        id=first.id, address="*", owner="ops", reason="was copied before", ticket="OPS-1", expires=date.max,
        environments=["prod"],
    )  # fmt: skip
    found = (replace(second, known=True), replace(first, waiver=waiver, blocks=False))
    parsed = Page(page(replace(review_plan(plan), findings=found), plan, About("Review")))
    old, waived = [item for item in parsed.all("li") if "data-severity" in item]
    assert (old["data-fresh"], old["data-waived"], old["data-blocking"]) == ("0", "0", "1")
    assert (waived["data-fresh"], waived["data-waived"], waived["data-blocking"]) == ("1", "1", "0")
    assert old["data-category"] == "iam"
    assert waived["data-text"] is not None
    assert "module.data.aws_dynamodb_table.a" in waived["data-text"]
    names = {item.get("name") for kind in ("select", "input") for item in parsed.all(kind)}
    assert names == {"severity", "category", "layer", "text", "blocking", "fresh", "open"}
    assert len(parsed.all("label")) == len(names)
    assert [item for item in parsed.all("output") if item.get("aria-live") == "polite"]


def test_the_changes_of_a_plan_without_layers_are_shown_by_module() -> None:
    lone = resource("aws_sqs_queue", {"name": "a"}, {"name": "b"}, address="aws_sqs_queue.lone")
    plan = read_plan(plan_text(TABLE, lone))
    html = page(review_plan(plan), plan, About("Review of a plan"))
    changed = html.split('id="changes"')[1]
    assert changed.index("root module") < changed.index("aws_sqs_queue.lone") < changed.index(">data<")


def test_long_values_are_shown_where_they_differ() -> None:
    start = "same " * 200
    html, _ = written(
        resource("aws_ssm_parameter", {"value": f"{start}old"}, {"value": f"{start}new"},
                 address="module.api.aws_ssm_parameter.a"),
    )  # fmt: skip
    old, new = re.findall(r"<(?:del|ins)><code>(…same[^<]*)</code>", html.split('id="layer-api"')[1])
    assert old.endswith("same old&#34;")
    assert new.endswith("same new&#34;")


def test_what_was_changed_outside_is_shown() -> None:
    plan = read_plan(plan_text())
    (drifted,) = split_plan(json.loads(plan_text(TABLE)), list(UP), {}).layers["data"].changes
    changes = ChangeSet({"data": LayerChanges("data", drift=(drifted,))})
    html = page(review_plan(plan), plan, About("Review"), changes)
    assert "module.data.aws_dynamodb_table.a" in html.split('id="drift"')[1]


def test_a_policy_shows_what_is_new_in_it_and_one_that_is_not_known_says_so() -> None:
    here, there = "arn:aws:iam::123456789012:root", "arn:aws:iam::999999999999:root"

    def trusted(*who: str) -> dict[str, Any]:
        statement = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": list(who)}}
        return {"assume_role_policy": policy(statement)}

    role = resource("aws_iam_role", trusted(here), trusted(here, there), address="module.api.aws_iam_role.a")
    later = resource("aws_s3_bucket_policy", {"policy": policy()}, {}, unknown={"policy": True})
    html, _ = written(role, later)
    assert re.findall(r"<mark>([^<]*)</mark>", html) == [f"AWS:{there}"]
    assert "What it says is known only after apply." in html


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


def test_an_arrow_past_a_layer_does_not_run_behind_it() -> None:
    upstream: dict[str, set[str]] = {
        "a": set(),
        "x": set(),
        "b": {"a"},
        "c": {"b"},
        "d": {"c", "x"},
        "e": {"a"},
    }
    drawing = draw(upstream)
    (path,) = [path for source, target, path in drawing.arrows if (source, target) == ("x", "d")]
    lanes = [(int(x), int(y)) for y, x in re.findall(r" (\d+)H(\d+)", path)]
    assert [x for x, _ in lanes] == [WIDTH + GAP_X + WIDTH, 2 * (WIDTH + GAP_X) + WIDTH]
    for x, y in lanes:
        column = [node for node in drawing.nodes if node.x + WIDTH == x]
        assert column
        assert not any(node.y <= y <= node.y + HEIGHT for node in column)


def test_a_long_chain_and_a_cycle_are_drawn() -> None:
    chain = {f"l{number}": {f"l{number - 1}"} if number else set() for number in range(300)}
    assert len(draw({name: set(above) for name, above in chain.items()}).nodes) == 300
    assert len(draw({"a": {"b"}, "b": {"a"}}).nodes) == 2


def test_a_policy_that_is_computed_is_in_the_permission_diff_and_no_secret_of_it(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text(
        'resource "aws_sqs_queue_policy" "a" {\n  policy = jsonencode({ Statement = [{ Effect = "Allow", '
        'Action = var.action, Resource = aws_sqs_queue.a.arn, Principal = "*", '
        'Condition = { StringEquals = { "aws:Referer" = var.token } } }] })\n}\n'
        'variable "action" {}\nvariable "token" { sensitive = true }\n'
    )
    name = "aws_sqs_queue_policy"
    before = {"queue_url": "q", "policy": policy({"Effect": "Allow", "Action": "sqs:Old", "Resource": "*"})}
    change = resource(name, before, {"queue_url": "q"}, unknown={"policy": True}, address=f"{name}.a")
    values = {"action": {"value": "sqs:SendMessage"}, "token": {"value": "hunter2-hunter2"}}

    def shown(change: dict[str, Any]) -> str:
        plan = read_plan(plan_text(change, variables=values))
        html = page(
            review_plan(plan, RootSource(tmp_path)), plan, About("Review"), source=RootSource(tmp_path)
        )
        return html.split('id="permissions"')[1].split('id="changes"')[0]

    seen = shown(change)
    assert "sqs:sendmessage" in seen
    assert "sqs:old" in seen
    change["change"]["after_sensitive"] = {"policy": True}  # as Terraform marks what is made from a secret
    hidden = shown(change)
    assert "What it says is secret." in hidden
    assert "hunter2" not in hidden
    assert "sqs:sendmessage" not in hidden
