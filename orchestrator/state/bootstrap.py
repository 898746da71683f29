"""Makes the bucket that keeps an environment's states what it has to be, or takes over one that is there.

Each property is looked at first and set only when it is another one, so a second run changes nothing. What others have put
into the bucket's policy and lifecycle stays. https://docs.aws.amazon.com/AmazonS3/latest/userguide/security-best-practices.html
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal

from orchestrator.aws import aws_client
from orchestrator.config.schema import EnvironmentFile, S3Backend
from orchestrator.errors import OrchestratorError
from orchestrator.state.store import SIGNED_OUT

OLD_VERSIONS_DAYS = 365
OLD_VERSIONS_KEPT = 50
"""So many old versions of each state stay whatever their age."""
LOGS_DAYS = 400
_TLS, _LOGS = "OnlyOverTls", "AccessLogs"
_LIFECYCLE = "orchestrator-old-versions"
_BLOCKED = {
    "BlockPublicAcls": True,
    "IgnorePublicAcls": True,
    "BlockPublicPolicy": True,
    "RestrictPublicBuckets": True,
}


@dataclass(frozen=True)
class Step:
    """A property of a bucket: how it was, or what was done about it."""

    bucket: str
    what: str
    status: Literal["as it should be", "created", "changed", "would be created", "would be changed"]

    def as_json(self) -> dict[str, str]:
        """Plain data."""
        return {"bucket": self.bucket, "what": self.what, "status": self.status}


def bootstrap_of(
    backend: S3Backend, settings: EnvironmentFile, variables: Mapping[str, str], *, dry_run: bool = False
) -> Bootstrap:
    """The work on an environment's buckets. ``variables``: Terraform's process environment."""
    s3, sts = (
        aws_client(service, backend.region, variables, emulator=settings.emulator, role=backend.assume_role)
        for service in ("s3", "sts")
    )
    return Bootstrap(s3, sts, backend, settings.account_id, dry_run=dry_run)


class Bootstrap:
    """Works on one backend's buckets. The backend's ``bucket_owner``, else ``account_id``, must own them; ``dry_run`` only looks.

    ``sts``: a client with the credentials of ``s3``. A bucket that is created belongs to whoever they are.
    """

    def __init__(
        self, s3: Any, sts: Any, backend: S3Backend, account_id: str, *, dry_run: bool = False
    ) -> None:
        self._s3 = s3
        self._sts = sts
        self._backend = backend
        self._account = backend.owner(account_id)
        self._owner = {"ExpectedBucketOwner": self._account}
        self._dry_run = dry_run
        self.logs_bucket = f"{backend.bucket[:58]}-logs"

    def run(self) -> Iterator[Step]:
        """Every property in turn, the log bucket's first.

        Raises:
            OrchestratorError: a bucket of that name is somebody else's, or AWS refuses.
        """
        yield from self._bucket(self.logs_bucket, self._logs_properties())
        yield from self._bucket(self._backend.bucket, self._state_properties())

    def _bucket(
        self, name: str, properties: dict[str, tuple[Callable[[], Any], Any, Callable[[Any], Any]]]
    ) -> Iterator[Step]:
        with _explained(name, self._account):
            exists = self._exists(name)
            if not exists:
                self._check_caller(name)
            if not exists and not self._dry_run:
                place = self._backend.region
                where = (
                    {}
                    if place == "us-east-1"
                    else {"CreateBucketConfiguration": {"LocationConstraint": place}}
                )
                self._s3.create_bucket(Bucket=name, **where)
        yield Step(name, "the bucket", "as it should be" if exists else self._did("created"))
        for what, (read, wanted, write) in properties.items():
            with _explained(name, self._account):
                now = read() if exists or not self._dry_run else None
                right = now == wanted
                if not right and not self._dry_run:
                    write(wanted)
            yield Step(name, what, "as it should be" if right else self._did("changed"))

    def _check_caller(self, name: str) -> None:
        """Check that a bucket would be created in the account that has to own it."""
        caller = self._sts.get_caller_identity()
        if caller["Account"] != self._account:
            raise OrchestratorError(
                f"the bucket {name} has to be made in the account {self._account}, and these credentials "
                f"({caller['Arn']}) are of {caller['Account']}",
                remedy="sign in to that account, or name its role as `backend.assume_role`",
            )

    def _did(self, what: Literal["created", "changed"]) -> Any:
        return f"would be {what}" if self._dry_run else what

    def _exists(self, name: str) -> bool:
        from botocore.exceptions import ClientError

        try:
            self._s3.head_bucket(Bucket=name, **self._owner)
        except ClientError as error:
            code = error.response["Error"]["Code"]
            if code in ("404", "NoSuchBucket", "NotFound"):
                return False
            if code in ("403", "AccessDenied", "Forbidden"):
                raise OrchestratorError(
                    f"the bucket {name} is not the account {self._account}'s, or these credentials may not see it",
                    remedy="name another bucket in `backend.bucket`, or sign in to the account that owns it",
                ) from error
            raise
        return True

    def _state_properties(self) -> dict[str, tuple[Callable[[], Any], Any, Callable[[Any], Any]]]:
        name = self._backend.bucket
        logging = {"TargetBucket": self.logs_bucket, "TargetPrefix": f"{name}/"}
        lifecycle = {
            "ID": _LIFECYCLE,
            "Status": "Enabled",
            "Filter": {"Prefix": ""},
            "NoncurrentVersionExpiration": {
                "NoncurrentDays": OLD_VERSIONS_DAYS,
                "NewerNoncurrentVersions": OLD_VERSIONS_KEPT,
            },
            "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7},
        }
        encryption = {"SSEAlgorithm": "aws:kms"}
        if self._backend.kms_key_id:
            encryption["KMSMasterKeyID"] = self._backend.kms_key_id
        return {
            **self._common(name),
            "versions are kept": (
                lambda: self._s3.get_bucket_versioning(Bucket=name, **self._owner).get("Status"),
                "Enabled",
                lambda status: self._s3.put_bucket_versioning(
                    Bucket=name, VersioningConfiguration={"Status": status}, **self._owner
                ),
            ),
            "encrypted with KMS": self._encryption(name, encryption),
            f"old versions end after {OLD_VERSIONS_DAYS} days": self._lifecycle(name, lifecycle),
            "only over TLS": self._statements(name, [self._tls(name)]),
            f"access is logged to {self.logs_bucket}": (
                lambda: self._s3.get_bucket_logging(Bucket=name, **self._owner).get("LoggingEnabled"),
                logging,
                lambda wanted: self._s3.put_bucket_logging(
                    Bucket=name, BucketLoggingStatus={"LoggingEnabled": wanted}, **self._owner
                ),
            ),
        }

    def _logs_properties(self) -> dict[str, tuple[Callable[[], Any], Any, Callable[[Any], Any]]]:
        name = self.logs_bucket
        delivery = {
            "Sid": _LOGS,
            "Effect": "Allow",
            "Principal": {"Service": "logging.s3.amazonaws.com"},
            "Action": "s3:PutObject",
            "Resource": f"arn:aws:s3:::{name}/*",
            "Condition": {
                "ArnLike": {"aws:SourceArn": f"arn:aws:s3:::{self._backend.bucket}"},
                "StringEquals": {"aws:SourceAccount": self._account},
            },
        }
        lifecycle = {
            "ID": _LIFECYCLE,
            "Status": "Enabled",
            "Filter": {"Prefix": ""},
            "Expiration": {"Days": LOGS_DAYS},
        }
        return {
            **self._common(name),
            "encrypted": self._encryption(
                name, {"SSEAlgorithm": "AES256"}
            ),  # logs can't be delivered with KMS
            f"logs end after {LOGS_DAYS} days": self._lifecycle(name, lifecycle),
            "only over TLS, and S3 may deliver logs": self._statements(name, [self._tls(name), delivery]),
        }

    def _common(self, name: str) -> dict[str, tuple[Callable[[], Any], Any, Callable[[Any], Any]]]:
        return {
            "no ACLs": (
                lambda: _quiet(
                    lambda: self._s3.get_bucket_ownership_controls(Bucket=name, **self._owner)[
                        "OwnershipControls"
                    ]["Rules"]
                ),
                [{"ObjectOwnership": "BucketOwnerEnforced"}],
                lambda rules: self._s3.put_bucket_ownership_controls(
                    Bucket=name, OwnershipControls={"Rules": rules}, **self._owner
                ),
            ),
            "public access is blocked": (
                lambda: _quiet(
                    lambda: self._s3.get_public_access_block(Bucket=name, **self._owner)[
                        "PublicAccessBlockConfiguration"
                    ]
                ),
                _BLOCKED,
                lambda wanted: self._s3.put_public_access_block(
                    Bucket=name, PublicAccessBlockConfiguration=wanted, **self._owner
                ),
            ),
        }

    def _encryption(
        self, name: str, wanted: dict[str, str]
    ) -> tuple[Callable[[], Any], Any, Callable[[Any], Any]]:
        def read() -> Any:
            found = _quiet(lambda: self._s3.get_bucket_encryption(Bucket=name, **self._owner))
            rules = found["ServerSideEncryptionConfiguration"]["Rules"] if found else []
            default = rules[0].get("ApplyServerSideEncryptionByDefault", {}) if rules else {}
            return {key: default[key] for key in ("SSEAlgorithm", "KMSMasterKeyID") if default.get(key)}

        def write(value: Any) -> Any:
            rule = {
                "ApplyServerSideEncryptionByDefault": value,
                "BucketKeyEnabled": value["SSEAlgorithm"] == "aws:kms",
            }
            return self._s3.put_bucket_encryption(
                Bucket=name, ServerSideEncryptionConfiguration={"Rules": [rule]}, **self._owner
            )

        return read, wanted, write

    def _lifecycle(
        self, name: str, rule: dict[str, Any]
    ) -> tuple[Callable[[], Any], Any, Callable[[Any], Any]]:
        def rules() -> list[dict[str, Any]]:
            found = _quiet(lambda: self._s3.get_bucket_lifecycle_configuration(Bucket=name, **self._owner))
            return list(found["Rules"]) if found else []

        def ours() -> Any:
            return next((one for one in rules() if one.get("ID") == _LIFECYCLE), None)

        def write(wanted: Any) -> Any:
            others = [one for one in rules() if one.get("ID") != _LIFECYCLE]
            return self._s3.put_bucket_lifecycle_configuration(
                Bucket=name, LifecycleConfiguration={"Rules": [*others, wanted]}, **self._owner
            )

        return ours, rule, write

    def _statements(
        self, name: str, wanted: list[dict[str, Any]]
    ) -> tuple[Callable[[], Any], Any, Callable[[Any], Any]]:
        names = {statement["Sid"] for statement in wanted}

        def policy() -> dict[str, Any]:
            found = _quiet(lambda: self._s3.get_bucket_policy(Bucket=name, **self._owner)["Policy"])
            return json.loads(found) if found else {"Version": "2012-10-17", "Statement": []}

        def ours() -> Any:
            statements = {one.get("Sid"): one for one in policy()["Statement"]}
            return [statements.get(one["Sid"]) for one in wanted]

        def write(statements: Any) -> Any:
            now = policy()
            now["Statement"] = [one for one in now["Statement"] if one.get("Sid") not in names] + statements
            return self._s3.put_bucket_policy(Bucket=name, Policy=json.dumps(now), **self._owner)

        return ours, wanted, write

    @staticmethod
    def _tls(name: str) -> dict[str, Any]:
        return {
            "Sid": _TLS,
            "Effect": "Deny",
            "Principal": {"AWS": "*"},
            "Action": "s3:*",
            "Resource": [f"arn:aws:s3:::{name}", f"arn:aws:s3:::{name}/*"],
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        }


def _quiet(read: Callable[[], Any]) -> Any:
    """What is there; None where AWS says that nothing was configured."""
    from botocore.exceptions import ClientError

    try:
        return read()
    except ClientError as error:
        code = error.response["Error"]["Code"]
        if (code.startswith("NoSuch") and code != "NoSuchBucket") or code.endswith("NotFoundError"):
            return None
        raise


@contextmanager
def _explained(bucket: str, account: str) -> Iterator[None]:
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        yield
    except (BotoCoreError, ClientError) as error:
        code = error.response["Error"]["Code"] if isinstance(error, ClientError) else type(error).__name__
        remedy = f"check the credentials (of account {account}?), the region and the network"
        if code in SIGNED_OUT:
            remedy = "sign in to AWS again (for example `aws sso login`)"
        elif code == "BucketAlreadyExists":
            remedy = "somebody else has a bucket of that name: name another one in `backend.bucket`"
        raise OrchestratorError(f"the bucket {bucket} can't be set up: {error}", remedy=remedy) from error
