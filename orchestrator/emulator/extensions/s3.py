"""S3 bucket policies with conditions, and the bucket configurations moto has no place for.

Bucket policies. AWS (IAM user guide, "Policy evaluation logic") applies a statement only when its conditions hold.
moto's ``IAMPolicyStatement`` takes a condition it does not know for met: the usual "deny what is not TLS" statement
denies every request for an object with HTTP 403. Needed by ``aws_s3_object`` in any bucket with such a policy.

Configurations. AWS (S3 API reference, ``PutBucketIntelligentTieringConfiguration`` and its kin for metrics,
analytics and inventory, ``PutBucketRequestPayment``, ``PutBucketLifecycleConfiguration``, ``PutBucketReplication``)
keeps each as a document and answers what was put. moto takes a PUT of a configuration it does not know for
``CreateBucket`` and a DELETE for ``DeleteBucket``: destroying an inventory destroys the bucket. Its lifecycle rules
lose sizes and the number of versions to keep, its replication rules which objects they select. Needed by
``aws_s3_bucket_intelligent_tiering_configuration``, ``_metric``, ``_analytics_configuration``, ``_inventory``,
``_request_payment_configuration``, ``_replication_configuration`` and ``_lifecycle_configuration`` (whose creation
waits until what it reads is what it wrote).

Notifications. AWS (``GetBucketNotificationConfiguration``) answers an EventBridge configuration; moto keeps it and
does not answer it. Needed by ``eventbridge`` of ``aws_s3_bucket_notification``.

Owners. AWS (S3 user guide, "Verifying bucket ownership with bucket owner condition") refuses a request whose
``x-amz-expected-bucket-owner`` is not the bucket's account; moto does not look. Needed by our own reading of states.

Conditional writes. AWS (S3 user guide, "Add preconditions to S3 operations with conditional requests") carries out one of
several writes that come at once on the same condition; moto looks and then writes, so that two may pass. Needed by
our locks and by Terraform's.
"""

from __future__ import annotations

import json
import threading
import uuid
from collections.abc import Callable
from typing import Any
from xml.etree import ElementTree

from flask import has_request_context, request
from moto.iam.access_control import PermissionResult
from moto.s3.exceptions import S3ClientError
from moto.s3.models import FakeBucket
from moto.s3.responses import S3Response

from orchestrator.emulator.bucket_policy import Context, Decision, decide
from orchestrator.emulator.patch import memory, replace, wrap

Answer = tuple[int, dict[str, str], str]
Query = dict[str, Any]

_NAMESPACE = "http://s3.amazonaws.com/doc/2006-03-01/"
_LIST_ROOTS = {
    "analytics": "ListBucketAnalyticsConfigurationResult",
    "intelligent-tiering": "ListBucketIntelligentTieringConfigurationsOutput",
    "inventory": "ListInventoryConfigurationsResult",
    "metrics": "ListMetricsConfigurationsResult",
}
_UNKNOWN = frozenset({"abac", "metadataConfiguration", "metadataTable", "session"})
_MINIMUM_SIZE_HEADER = "x-amz-transition-default-minimum-object-size"
_MINIMUM_SIZE = "all_storage_classes_128K"
_PERMISSIONS = {
    Decision.ALLOWED: PermissionResult.PERMITTED,
    Decision.DENIED: PermissionResult.DENIED,
    Decision.SILENT: PermissionResult.NEUTRAL,
}


def register() -> None:
    """Extend moto's buckets and S3 responses."""
    ElementTree.register_namespace("", _NAMESPACE)
    _decide_bucket_policies()
    _keep_configurations()
    _keep_rules()
    _answer_eventbridge()
    _compare_owners()
    _write_one_by_one()


def _write_one_by_one() -> None:
    writing = threading.RLock()

    @wrap(S3Response, "put_object")
    def put_object(original: Callable[..., Any], response: Any) -> Any:
        with writing:
            return original(response)


def _compare_owners() -> None:
    def is_anothers(response: Any, sent: Any, url: str) -> bool:
        expected = sent.headers.get("x-amz-expected-bucket-owner")
        if expected is None:
            return False
        try:
            bucket = response.backend.get_bucket(response.parse_bucket_name_from_url(sent, url))
        except S3ClientError:
            return False  # moto's own answer says that it is not there
        return bool(bucket.account_id != expected)

    for name in ("_bucket_response", "_key_response"):

        @wrap(S3Response, name)
        def answer(original: Callable[..., Any], response: Any, sent: Any, url: str) -> Any:
            if is_anothers(response, sent, url):
                return 403, {}, "<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>"
            return original(response, sent, url)


def _decide_bucket_policies() -> None:
    @replace(FakeBucket, "get_permission")
    def get_permission(bucket: Any, action: str, resource: str) -> PermissionResult:
        if bucket.policy is None:
            return PermissionResult.NEUTRAL
        action = action.replace("s3:HeadObject", "s3:GetObject")
        return _PERMISSIONS[decide(json.loads(bucket.policy), action, resource, _context(bucket))]


def _context(bucket: Any) -> Context:
    """The condition keys of the request in hand. The emulator stands for an endpoint that speaks TLS."""
    headers = request.headers if has_request_context() else {}
    context: dict[str, str | None] = {
        "aws:securetransport": "true",
        "s3:tlsversion": "1.3",
        "aws:resourceaccount": bucket.account_id,
    }
    for name in ("acl", "server-side-encryption", "server-side-encryption-aws-kms-key-id", "storage-class"):
        context[f"s3:x-amz-{name}"] = headers.get(f"x-amz-{name}")
    return context


def _documents(bucket: Any, kind: str) -> dict[str, str]:
    """The configurations of one kind that a bucket was given, by id."""
    documents: dict[str, str] = memory(bucket).setdefault(kind, {})
    return documents


def _kind(query: Query) -> str | None:
    if unknown := _UNKNOWN & query.keys():
        raise NotImplementedError(f"bucket configuration {min(unknown)}")
    return next((kind for kind in _LIST_ROOTS if kind in query), None)


def _keep_configurations() -> None:
    @wrap(S3Response, "_bucket_response_put")
    def put(original: Callable[..., Any], response: Any, sent: Any, name: str, query: Query) -> Any:
        if kind := _kind(query):
            _documents(response.backend.get_bucket(name), kind)[query["id"][0]] = response.body.decode()
            return 200, {}, ""
        if "requestPayment" in query:
            payer = _parse(response.body).findtext(f"{{{_NAMESPACE}}}Payer")
            response.backend.get_bucket(name).payer = payer
            return 200, {}, ""
        return original(response, sent, name, query)

    @wrap(S3Response, "_bucket_response_get")
    def get(original: Callable[..., Any], response: Any, name: str, query: Query) -> Any:
        if kind := _kind(query):
            return _get_documents(_documents(response.backend.get_bucket(name), kind), kind, query)
        if "requestPayment" in query:
            payer = response.backend.get_bucket(name).payer
            root = "RequestPaymentConfiguration"
            return 200, {}, f'<{root} xmlns="{_NAMESPACE}"><Payer>{payer}</Payer></{root}>'
        return original(response, name, query)

    @wrap(S3Response, "_bucket_response_delete")
    def delete(original: Callable[..., Any], response: Any, name: str, query: Query) -> Any:
        if kind := _kind(query):
            documents = _documents(response.backend.get_bucket(name), kind)
            if documents.pop(query["id"][0], None) is None:
                return _no_such_configuration()
            return 204, {}, ""
        return original(response, name, query)


def _get_documents(documents: dict[str, str], kind: str, query: Query) -> Answer:
    if "id" not in query:
        listed = "".join(
            text[text.index("<", 1) if text.startswith("<?") else 0 :] for text in documents.values()
        )
        root = _LIST_ROOTS[kind]
        body = f'<{root} xmlns="{_NAMESPACE}"><IsTruncated>false</IsTruncated>{listed}</{root}>'
        return 200, {}, body
    if query["id"][0] not in documents:
        return _no_such_configuration()
    return 200, {}, documents[query["id"][0]]


def _no_such_configuration() -> Answer:
    message = "The specified configuration does not exist."
    return 404, {}, f"<Error><Code>NoSuchConfiguration</Code><Message>{message}</Message></Error>"


def _keep_rules() -> None:
    @wrap(S3Response, "_bucket_response_put")
    def put(original: Callable[..., Any], response: Any, sent: Any, name: str, query: Query) -> Any:
        answer = original(response, sent, name, query)
        if kind := next((kind for kind in ("lifecycle", "replication") if kind in query), None):
            documents = _documents(response.backend.get_bucket(name), kind)
            documents["rules"] = _with_rule_ids(response.body.decode())
            if kind == "lifecycle":
                documents["minimum size"] = response.headers.get(_MINIMUM_SIZE_HEADER, _MINIMUM_SIZE)
                return 200, {_MINIMUM_SIZE_HEADER: documents["minimum size"]}, ""
        return answer

    @wrap(S3Response, "get_bucket_lifecycle")
    def get_bucket_lifecycle(original: Callable[[Any], Answer], response: Any) -> Answer:
        status, headers, _ = original(response)
        documents = _documents(response.backend.get_bucket(response.bucket_name), "lifecycle")
        return status, headers | {_MINIMUM_SIZE_HEADER: documents["minimum size"]}, documents["rules"]

    @wrap(S3Response, "get_bucket_replication")
    def get_bucket_replication(original: Callable[[Any], Answer], response: Any) -> Answer:
        status, headers, _ = original(response)
        documents = _documents(response.backend.get_bucket(response.bucket_name), "replication")
        return status, headers, documents["rules"]


def _parse(document: str | bytes) -> ElementTree.Element:
    # From a client on this machine, and moto parses the same bytes; the parser fetches nothing external.
    return ElementTree.fromstring(document)  # noqa: S314


def _with_rule_ids(document: str) -> str:
    """The document with an id for each rule that was sent without one."""
    root = _parse(document)
    for rule in root.iterfind(f"{{{_NAMESPACE}}}Rule"):
        if not rule.findtext(f"{{{_NAMESPACE}}}ID"):
            ElementTree.SubElement(rule, f"{{{_NAMESPACE}}}ID").text = uuid.uuid4().hex
    return ElementTree.tostring(root, encoding="unicode")


def _answer_eventbridge() -> None:
    @wrap(S3Response, "get_bucket_notification")
    def get_bucket_notification(original: Callable[[Any], Answer], response: Any) -> Answer:
        status, headers, body = original(response)
        configuration = response.backend.get_bucket_notification_configuration(response.bucket_name)
        if configuration is None or configuration.event_bridge is None:
            return status, headers, body
        root = _parse(body)
        ElementTree.SubElement(root, f"{{{_NAMESPACE}}}EventBridgeConfiguration")
        return status, headers, ElementTree.tostring(root, encoding="unicode")
