"""The services map: one shape for layers, packages that are the same everywhere, names that must exist."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.conftest import Cli
from tests.project import HEADER, ProjectFolder

ENV = "terraform/envs/dev/environment.yaml"
LAYERS = "layers:\n  store: {variables: {tables: {orders: a}, more_tables: {audit: b}}}\n  run: {}\n"


@pytest.fixture
def shop(folder: ProjectFolder) -> ProjectFolder:
    """A layer that provides tables, and one that takes the services."""
    folder.module(
        "store",
        """\
        variable "tables" {
          type    = map(string)
          default = {}
        }
        variable "more_tables" {
          type    = map(string)
          default = {}
        }
        """,
        "description: a store\nprovides:\n  tables: [tables, more_tables]\n",
    )
    folder.module(
        "run",
        'variable "services" { type = any }\noutput "names" { value = keys(var.services) }\n',
        "description: what runs\ninputs:\n  services: environment.services\n",
    )
    folder.write("services/orders/handler.py", "def handle(event, context):\n    return {}\n")
    folder.write("services/orders/__pycache__/handler.pyc", "x")
    return folder


def services(text: str) -> str:
    return f"{HEADER}services:\n{text}{LAYERS}"


LAMBDA = "  orders: {runtime: lambda, package: {path: services/orders}, handler: h.h, lambda_runtime: python3.13%s}\n"


def rendered(cli: Cli, folder: ProjectFolder, layer: str = "run") -> Path:
    assert cli("render", "--env", "dev", "--out", "out").code == 0
    return folder.root / "out" / "layers" / layer


def test_a_layer_gets_every_service_with_every_attribute_and_the_code_as_a_zip(
    shop: ProjectFolder, cli: Cli
) -> None:
    shop.write(
        ENV,
        services(
            LAMBDA % ", uses: {tables: {orders: read_write, audit: write}}, routes: ['GET /orders/{id}']"
            + "  catalog: {runtime: ecs, cpu: 512, memory: 1024, uses: {services: [orders]}}\n"
            + "  old: {runtime: ecs, enabled: false}\n"
        ),
    )
    root = rendered(cli, shop)
    values = json.loads((root / "terraform.tfvars.json").read_text())["services"]
    assert set(values) == {"orders", "catalog"}
    assert values["orders"].keys() == values["catalog"].keys()
    orders = values["orders"]
    assert orders["routes"] == [
        {"method": "GET", "path": "/orders/{id}", "authorization": "jwt", "scopes": [], "via": "http_api"}
    ]
    assert orders["package"]["filename"] == "packages/orders.zip"
    assert (orders["deployment"]["strategy"], values["catalog"]["deployment"]["strategy"]) == (
        "all_at_once",
        "rolling",
    )
    assert (root / "packages" / "orders.zip").is_file()
    assert (shop.root / "out" / "environment" / "packages" / "orders.zip").is_file()
    assert not (shop.root / "out" / "layers" / "store" / "packages").exists()


def test_the_zip_depends_on_names_and_contents_alone(shop: ProjectFolder, cli: Cli) -> None:
    shop.write(ENV, services(LAMBDA % ""))

    def hash_of_code() -> str:
        values = json.loads((rendered(cli, shop) / "terraform.tfvars.json").read_text())
        return str(values["services"]["orders"]["package"]["source_code_hash"])

    first = hash_of_code()
    handler = shop.root / "services/orders/handler.py"
    handler.write_bytes(handler.read_bytes())  # another time of change
    shop.write("services/orders/.hidden", "x")
    assert hash_of_code() == first
    handler.write_text("def handle(event, context):\n    return 1\n")
    assert hash_of_code() != first


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(
            LAMBDA % ", uses: {tables: {order: read}}",
            [f"{ENV}:5", "services.orders.uses.tables.order", 'did you mean "orders"?', "layers.store"],
            id="a table that does not exist",
        ),
        pytest.param(
            LAMBDA % ", uses: {queues: {jobs: send}}",
            ["services.orders.uses.queues.jobs", "no layer of this environment has queues"],
            id="queues without a layer that has them",
        ),
        pytest.param(
            LAMBDA % ", uses: {services: [catalogue]}",
            ["services.orders.uses.services[0]", 'no "catalogue" among the services'],
            id="a service that does not exist",
        ),
        pytest.param(
            LAMBDA % ", triggers: {tables: {audits: {}}}",
            ["services.orders.triggers.tables.audits", 'did you mean "audit"?'],
            id="a trigger on a table that does not exist",
        ),
        pytest.param(
            LAMBDA % ", routes: ['GET /a/{id}']" + "  other: {runtime: ecs, routes: ['GET /a/{name}']}\n",
            [f"{ENV}:6", "services.other.routes[0]", "two services answer GET /a/{name}: orders and other"],
            id="two services on one route",
        ),
        pytest.param(
            LAMBDA % ", routes: ['FETCH /a']",
            ["services.orders.routes[0]", 'as in "GET /orders/{id}"'],
            id="a route without a method",
        ),
        pytest.param(
            LAMBDA % ", rotues: []",
            ["services.orders.rotues", "unknown key", 'did you mean "routes"?'],
            id="misspelt key",
        ),
        pytest.param(
            LAMBDA % ", scaling: {mn: 1}",
            ["services.orders.scaling.mn", 'did you mean "min"?'],
            id="misspelt key deeper down",
        ),
        pytest.param(
            LAMBDA % ", scaling: {min: 5, max: 2}",
            ["services.orders.scaling", "min (5) is more than max (2)"],
            id="min",
        ),
        pytest.param(
            "  orders: {runtime: lambda, image: i, handler: h}\n",
            ["services.orders", "an `image` brings its own handler"],
            id="image and handler",
        ),
        pytest.param(
            "  orders: {runtime: ecs, cpu: 256, memory: 4096}\n",
            ["services.orders", "with cpu 256 Fargate has memory from 512 to 2048"],
            id="a size that Fargate does not have",
        ),
        pytest.param(
            "  orders:\n    runtime: ecs\n    deployment:\n      strategy: blue_green\n",
            [
                f"{ENV}:8",
                "services.orders.deployment.strategy",
                "no route leads to orders",
                "`deployment: {strategy: rolling}`",
            ],
            id="traffic to move without a route",
        ),
        pytest.param(
            "  orders: {runtime: lambda, package: {path: services/orders}, handler: h, lambda_runtime: python2.7}\n",
            ["services.orders.lambda_runtime", "python3.13"],
            id="a runtime that has ended",
        ),
        pytest.param(
            "  Orders: {runtime: ecs}\n", ["services.Orders", "can't be a service's name"], id="name"
        ),
    ],
)
def test_what_does_not_hold_is_found_before_terraform(
    shop: ProjectFolder, cli: Cli, text: str, expected: list[str]
) -> None:
    shop.write(ENV, services(text))
    answer = cli("config", "validate", "--env", "dev")
    assert answer.code == 1
    for words in expected:
        assert words in answer.err


@pytest.mark.parametrize("strategy", ["blue_green", "canary", "linear"])
def test_traffic_is_moved_where_a_route_leads(shop: ProjectFolder, cli: Cli, strategy: str) -> None:
    shop.write(
        ENV,
        services(f"  orders: {{runtime: ecs, deployment: {{strategy: {strategy}}}, routes: ['GET /a']}}\n"),
    )
    assert cli("config", "validate", "--env", "dev").code == 0
    shop.write(ENV, services(f"  orders: {{runtime: ecs, deployment: {{strategy: {strategy}}}}}\n"))
    assert f"{strategy} moves a load balancer's traffic" in cli("config", "validate", "--env", "dev").err


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("services/none", "the package can't be read"),
        ("services/empty", "holds no files"),
        ("../outside", "lies outside the project"),
        ("services/orders/handler.py", "not a zip file"),
    ],
)
def test_a_package_that_is_none_is_refused(shop: ProjectFolder, cli: Cli, path: str, expected: str) -> None:
    (shop.root / "services" / "empty").mkdir()
    shop.write(ENV, services(LAMBDA.replace("services/orders", path) % ""))
    answer = cli("config", "validate", "--env", "dev")
    assert answer.code == 1
    assert expected in answer.err
    assert f"{ENV}:5" in answer.err


def test_a_module_gets_the_provider_of_the_region_it_asks_for(folder: ProjectFolder, cli: Cli) -> None:
    folder.write(
        "terraform/modules/base/main.tf",
        'terraform {\n  required_providers {\n    aws = {\n      source = "hashicorp/aws"\n'
        "      configuration_aliases = [aws.replica, aws.us_east_1]\n    }\n  }\n}\n",
    )
    folder.environment("dev", "base: {}\n", HEADER + "replica_region: eu-central-1\n")
    root = rendered(cli, folder, "base")
    main = json.loads((root / "main.tf.json").read_text())
    assert [(entry.get("alias"), entry["region"]) for entry in main["provider"]["aws"]] == [
        (None, "eu-west-1"),
        ("us_east_1", "us-east-1"),
        ("replica", "eu-central-1"),
    ]
    assert main["module"]["base"]["providers"]["aws.replica"] == "aws.replica"
    text = (folder.root / "terraform/modules/base/main.tf").read_text()
    folder.write("terraform/modules/base/main.tf", text.replace("aws.replica", "aws.replicas"))
    answer = cli("config", "validate", "--env", "dev")
    assert answer.code == 1
    assert 'did you mean "replica"?' in answer.err
