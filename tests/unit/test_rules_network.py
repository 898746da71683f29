"""The rules about networks, private endpoints, callers, origins and plain HTTP: what they say, and where they are quiet."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.test_review import ACCOUNT, resource
from tests.unit.test_rules_exposure import replaced, updated
from tests.unit.test_rules_iam import worst

GROUP = "aws_security_group"
RULE = "aws_vpc_security_group_ingress_rule"
TABLE = {"id": "rtb-1", "route": []}
ROUTE = {"route_table_id": "rtb-1", "destination_cidr_block": "0.0.0.0/0", "gateway_id": "igw-1"}
BALANCER = f"arn:aws:elasticloadbalancing:eu-west-1:{ACCOUNT}:loadbalancer/app/shop/1"
GUARDS = ("block_public_acls", "block_public_policy", "ignore_public_acls", "restrict_public_buckets")
OFF = dict.fromkeys(GUARDS, False)
ON = dict.fromkeys(GUARDS, True)


def way(low: int = 443, high: int | None = None, protocol: str = "tcp", **more: Any) -> dict[str, Any]:
    return {"from_port": low, "to_port": low if high is None else high, "protocol": protocol, **more}


def group(*ingress: dict[str, Any], egress: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    return {"id": "sg-1", "ingress": list(ingress), "egress": egress or []}


def from_range(cidr: str, low: int = 443, high: int | None = None, protocol: str = "tcp") -> dict[str, Any]:
    return way(low, high, protocol, cidr_blocks=[cidr])


def listener(action: str, protocol: str = "HTTP", **more: Any) -> dict[str, Any]:
    return {
        "protocol": protocol,
        "port": 80,
        "default_action": [{"type": action}],
        "load_balancer_arn": BALANCER,
        **more,
    }


def balancer(internal: bool) -> dict[str, Any]:
    side = {"arn": BALANCER, "internal": internal}
    return resource("aws_lb", side, side, address="module.data.aws_lb.this")


def subnet_to(table: str) -> dict[str, Any]:
    return {"subnet_id": "subnet-1", "route_table_id": table}


def cors(*origins: str, **more: Any) -> dict[str, Any]:
    return {"cors_configuration": [{"allow_origins": list(origins), "allow_methods": ["GET"], **more}]}


def client(*urls: str, flows: tuple[str, ...] = ("code",)) -> dict[str, Any]:
    return {"callback_urls": list(urls), "allowed_oauth_flows": list(flows)}


def api_route(asks: str) -> dict[str, Any]:
    return {"api_id": "a", "route_key": "GET /", "authorization_type": asks}


FOUND: dict[str, tuple[str, str, list[dict[str, Any]]]] = {
    "a table gets a way to a gateway": (
        "EX002",
        "medium",
        [resource("aws_route_table", TABLE, TABLE), resource("aws_route", None, ROUTE)],
    ),
    "an adopted table leads out": (
        "EX002",
        "medium",
        [
            resource(
                "aws_default_route_table",
                None,
                {
                    "default_route_table_id": "rtb-1",
                    "route": [{"cidr_block": "0.0.0.0/0", "gateway_id": "igw-1"}],
                },
            )
        ],
    ),
    "a subnet gets a public table": (
        "EX002",
        "medium",
        [
            resource("aws_route_table", TABLE, TABLE, address="a.private"),
            resource(
                "aws_route_table", {**TABLE, "id": "rtb-2"}, {**TABLE, "id": "rtb-2"}, address="a.public"
            ),
            resource("aws_route", {**ROUTE, "route_table_id": "rtb-2"}, {**ROUTE, "route_table_id": "rtb-2"}),
            resource("aws_route_table_association", subnet_to("rtb-1"), subnet_to("rtb-2")),
        ],
    ),
    "every port for a range": (
        "EX006",
        "medium",
        updated(GROUP, group(from_range("10.0.0.0/8")), group(from_range("10.0.0.0/8", 0, 65535))),
    ),
    "every protocol where the group itself came in": (
        "EX006",
        "medium",
        updated(
            GROUP,
            group(way(9000, self=True)),
            group(from_range("10.0.0.0/8", 0, 0, protocol="-1")),
        ),
    ),
    "every protocol for a handful": (
        "EX006",
        "low",
        updated(
            GROUP, group(from_range("10.1.2.0/28")), group(from_range("10.1.2.0/28", 0, 0, protocol="-1"))
        ),
    ),
    "a rule beside a group that is there": (
        "EX006",
        "medium",
        [
            resource(GROUP, group(from_range("10.0.0.0/8")), group(from_range("10.0.0.0/8"))),
            resource(
                RULE, None, {"security_group_id": "sg-1", "cidr_ipv4": "172.16.0.0/12", "ip_protocol": "-1"}
            ),
        ],
    ),
    "an API that was private": (
        "EX002",
        "high",
        updated(
            "aws_api_gateway_rest_api",
            {"endpoint_configuration": [{"types": ["PRIVATE"]}]},
            {"endpoint_configuration": [{"types": ["EDGE"]}]},
        ),
    ),
    "a domain leaves its VPC": (
        "EX002",
        "high",
        replaced("aws_opensearch_domain", {"vpc_options": [{"subnet_ids": ["s"]}]}, {"vpc_options": []}),
    ),
    "a file server for everybody": (
        "EX002",
        "high",
        updated("aws_transfer_server", {"endpoint_type": "VPC"}, {"endpoint_type": "PUBLIC"}),
    ),
    "a service that was private": (
        "EX002",
        "high",
        updated(
            "aws_apprunner_service",
            {"network_configuration": [{"ingress_configuration": [{"is_publicly_accessible": False}]}]},
            {"network_configuration": [{"ingress_configuration": [{"is_publicly_accessible": True}]}]},
        ),
    ),
    "an access point loses its guards": (
        "EX002",
        "high",
        replaced(
            "aws_s3_access_point",
            {"public_access_block_configuration": [ON]},
            {"public_access_block_configuration": [OFF]},
        ),
    ),
    "an access point leaves its VPC": (
        "EX002",
        "medium",
        replaced("aws_s3_access_point", {"vpc_configuration": [{"vpc_id": "v"}]}, {"vpc_configuration": []}),
    ),
    "a method loses its authorizer": (
        "EX002",
        "high",
        updated(
            "aws_api_gateway_method",
            {"http_method": "GET", "authorization": "CUSTOM"},
            {"http_method": "GET", "authorization": "NONE"},
        ),
    ),
    "a route loses its authorizer on its way to another address": (
        "EX002",
        "high",
        [
            resource("aws_apigatewayv2_route", api_route("JWT"), None, address="a.x"),
            resource("aws_apigatewayv2_route", None, api_route("NONE"), address="a.y"),
        ],
    ),
    "any token will do": (
        "EX002",
        "medium",
        updated(
            "aws_apigatewayv2_route",
            {"route_key": "GET /", "authorization_type": "JWT", "authorization_scopes": ["read"]},
            {"route_key": "GET /", "authorization_type": "JWT", "authorization_scopes": []},
        ),
    ),
    "clients need no certificate": (
        "EX002",
        "high",
        updated(
            "aws_apigatewayv2_domain_name",
            {"mutual_tls_authentication": [{"truststore_uri": "s3://a/b"}]},
            {"mutual_tls_authentication": []},
        ),
    ),
    "files need no signed address": (
        "EX002",
        "high",
        updated(
            "aws_cloudfront_distribution",
            {"default_cache_behavior": [{"trusted_key_groups": ["k"]}]},
            {"default_cache_behavior": [{"trusted_key_groups": []}]},
        ),
    ),
    "a listener's rule asks nobody": (
        "EX004",
        "high",
        updated(
            "aws_lb_listener_rule",
            {"action": [{"type": "authenticate-oidc"}, {"type": "forward"}]},
            {"action": [{"type": "forward"}]},
        ),
    ),
    "plain HTTP for the internet": (
        "EX005",
        "medium",
        [balancer(internal=False), resource("aws_lb_listener", None, listener("forward"))],
    ),
    "plain HTTP of a balancer that is not known": (
        "EX005",
        "low",
        [resource("aws_lb_listener", None, listener("forward"))],
    ),
    "targets in the clear": (
        "EX005",
        "medium",
        replaced("aws_lb_target_group", {"protocol": "HTTPS"}, {"protocol": "HTTP"}),
    ),
    "an old client may talk in the clear": (
        "EX005",
        "high",
        updated(
            "aws_elasticache_replication_group",
            {"transit_encryption_mode": "required"},
            {"transit_encryption_mode": "preferred"},
        ),
    ),
    "a document store without TLS": (
        "EX005",
        "high",
        updated(
            "aws_docdb_cluster_parameter_group",
            {"parameter": [{"name": "tls", "value": "enabled"}]},
            {"parameter": [{"name": "tls", "value": "disabled"}]},
        ),
    ),
    "FTP": (
        "EX005",
        "medium",
        updated("aws_transfer_server", {"protocols": ["SFTP"]}, {"protocols": ["SFTP", "FTP"]}),
    ),
    "any page, with credentials": (
        "EX008",
        "medium",
        updated(
            "aws_lambda_function_url",
            {"cors": [{"allow_origins": ["*"], "allow_credentials": False}]},
            {"cors": [{"allow_origins": ["*"], "allow_credentials": True}]},
        ),
    ),
    "another domain's page gets the code": (
        "EX008",
        "low",
        updated(
            "aws_cognito_user_pool_client",
            client("https://shop.example.co.uk/in"),
            client("https://shop.example.co.uk/in", "https://shop.other.co.uk/in"),
        ),
    ),
    "networks join by themselves": (
        "EX003",
        "low",
        updated(
            "aws_ec2_transit_gateway",
            {"auto_accept_shared_attachments": "disable"},
            {"auto_accept_shared_attachments": "enable"},
        ),
    ),
}

QUIET: dict[str, list[dict[str, Any]]] = {
    "a table that led out by another route": [
        resource("aws_route_table", TABLE, TABLE),
        resource("aws_route", ROUTE, None, address="a.old"),
        resource("aws_route", None, {**ROUTE, "gateway_id": "igw-2"}, address="a.new"),
    ],
    "a table that led out inline": [
        resource(
            "aws_route_table",
            {**TABLE, "route": [{"cidr_block": "0.0.0.0/0", "gateway_id": "igw-1"}]},
            TABLE,
        ),
        resource("aws_route", None, ROUTE),
    ],
    "a way by NAT": [
        resource("aws_route_table", TABLE, TABLE),
        resource("aws_route", None, {**ROUTE, "gateway_id": None, "nat_gateway_id": "nat-1"}),
    ],
    "a private network beside it": [
        resource("aws_route", None, {**ROUTE, "destination_cidr_block": "10.0.0.0/8"})
    ],
    "the group's rule in a resource of its own": [
        resource(GROUP, group(from_range("10.0.0.0/8", 0, 0, protocol="-1")), group()),
        resource(RULE, None, {"security_group_id": "sg-1", "cidr_ipv4": "10.0.0.0/8", "ip_protocol": "-1"}),
    ],
    "a part of what was let in": updated(
        GROUP,
        group(from_range("10.0.0.0/8", 0, 0, protocol="-1")),
        group(from_range("10.1.0.0/16", 0, 65535)),
    ),
    "ports not known yet": [
        resource(
            RULE,
            {"cidr_ipv4": "10.0.0.0/8", "ip_protocol": "tcp", "from_port": 1, "to_port": 1},
            {"cidr_ipv4": "10.0.0.0/8", "ip_protocol": "tcp"},
            unknown={"from_port": True, "to_port": True},
        )
    ],
    "a new group": [
        resource(GROUP, None, group(from_range("10.0.0.0/8", 0, 0, protocol="-1")) | {"id": None})
    ],
    "another group, on every port": updated(
        GROUP, group(way(443, security_groups=["sg-2"])), group(way(0, 65535, security_groups=["sg-2"]))
    ),
    "everything may leave, as before": updated(
        GROUP,
        group(egress=[from_range("0.0.0.0/0")]),
        group(egress=[from_range("0.0.0.0/0", 0, 0, protocol="-1")]),
    ),
    "an API of the region, for the edge": updated(
        "aws_api_gateway_rest_api",
        {"endpoint_configuration": [{"types": ["REGIONAL"]}]},
        {"endpoint_configuration": [{"types": ["EDGE"]}]},
    ),
    "an endpoint's type that comes with apply": [
        resource(
            "aws_transfer_server",
            {"endpoint_type": "VPC"},
            {},
            unknown={"endpoint_type": True},
        )
    ],
    "a server from the old kind of endpoint to the new": updated(
        "aws_transfer_server", {"endpoint_type": "VPC_ENDPOINT"}, {"endpoint_type": "VPC"}
    ),
    "another authorizer": updated(
        "aws_api_gateway_method",
        {"http_method": "GET", "authorization": "CUSTOM"},
        {"http_method": "GET", "authorization": "AWS_IAM"},
    ),
    "a browser asks an HTTP API first": [
        resource(
            "aws_apigatewayv2_route", None, {"route_key": "OPTIONS /{proxy+}", "authorization_type": "NONE"}
        )
    ],
    "a message on an open WebSocket": [
        resource("aws_apigatewayv2_route", None, {"route_key": "$disconnect", "authorization_type": "NONE"})
    ],
    "an open route at another address": [
        resource("aws_apigatewayv2_route", api_route("NONE"), None, address="a.x"),
        resource("aws_apigatewayv2_route", None, api_route("NONE"), address="a.y"),
    ],
    "a bucket's guards at another address": [
        resource("aws_s3_bucket_public_access_block", {"bucket": "b", **ON}, None, address="a.x"),
        resource("aws_s3_bucket_public_access_block", None, {"bucket": "b", **ON}, address="a.y"),
    ],
    "plain HTTP inside": [balancer(internal=True), resource("aws_lb_listener", None, listener("forward"))],
    "plain HTTP as before": updated("aws_lb_listener", listener("forward"), listener("forward", port=8080)),
    "a redirect": [balancer(internal=False), resource("aws_lb_listener", None, listener("redirect"))],
    "TLS that is being introduced": updated(
        "aws_elasticache_replication_group",
        {"transit_encryption_enabled": False, "transit_encryption_mode": ""},
        {"transit_encryption_enabled": True, "transit_encryption_mode": "preferred"},
    ),
    "any page as before": updated("aws_apigatewayv2_api", cors("*"), cors("*", max_age=60)),
    "one more of one's own pages": updated(
        "aws_apigatewayv2_api", cors("https://a.example.com"), cors("https://b.example.com")
    ),
    "one more of one's own hosts": updated(
        "aws_cognito_user_pool_client",
        client("https://shop.example.com/in"),
        client("https://shop.example.com/in", "https://admin.example.com/in", "http://localhost:3000/"),
    ),
    "a client's first addresses": [
        resource("aws_cognito_user_pool_client", None, client("https://shop.example.com/in"))
    ],
    "a sign-in by somebody else": updated(
        "aws_lb_listener",
        listener("authenticate-oidc", "HTTPS"),
        listener("authenticate-cognito", "HTTPS"),
    ),
}


@pytest.mark.parametrize("name", FOUND)
def test_what_exposes_is_found(name: str) -> None:
    rule, severity, changes = FOUND[name]
    assert worst(*changes).get(rule) == severity


@pytest.mark.parametrize("name", QUIET)
def test_what_does_not_is_not(name: str) -> None:
    assert {rule: severity for rule, severity in worst(*QUIET[name]).items() if severity != "info"} == {}


def configured(kind: str, expressions: dict[str, Any]) -> dict[str, Any]:
    found = {"address": f"{kind}.this", "expressions": expressions}
    return {"root_module": {"module_calls": {"data": {"module": {"resources": [found]}}}}}


@pytest.mark.parametrize(
    ("asked", "found"), [({"transit_encryption_enabled": {"constant_value": False}}, "medium"), ({}, None)]
)
def test_what_begins_in_the_clear_is_told_where_it_was_asked_for(
    asked: dict[str, Any], found: str | None
) -> None:
    kind = "aws_elasticache_replication_group"
    new = resource(kind, None, {"transit_encryption_enabled": False})
    assert worst(new, configuration=configured(kind, asked)).get("EX005") == found


@pytest.mark.parametrize(("gateway", "found"), [("internet_gateway", "medium"), ("vpn_gateway", None)])
def test_a_gateway_of_the_same_plan_is_known_by_the_code(gateway: str, found: str | None) -> None:
    references = {"gateway_id": {"references": [f"aws_{gateway}.this.id", f"aws_{gateway}.this"]}}
    route = resource("aws_route", None, {**ROUTE, "gateway_id": None}, unknown={"gateway_id": True})
    assert worst(route, configuration=configured("aws_route", references)).get("EX002") == found
