"""One emulator for all tests of a session, and clients for it."""

from __future__ import annotations

import os
import time
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest
from botocore.config import Config

from orchestrator import emulator
from orchestrator.emulator import EmulatorStatus

REGION = "eu-west-1"
KEY = "test"  # moto takes any; the account follows from it

Aws = Callable[..., Any]


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmulatorStatus]:
    """An emulator that ends with the session, however that ends."""
    root = tmp_path_factory.mktemp("emulator")
    yield emulator.start(root, stop_with_pid=os.getpid())
    emulator.stop(root)


@pytest.fixture(scope="session")
def aws(running: EmulatorStatus) -> Aws:
    """Makes boto3 clients: ``aws("sqs")``, ``aws("dynamodb", region="eu-central-1")``."""

    def client(service: str, *, region: str = REGION, key: str = KEY, **settings: Any) -> Any:
        config = Config(
            retries={"max_attempts": 1}, s3={"addressing_style": "path"}, **settings.pop("config", {})
        )
        make: Any = boto3.client
        credentials = {"aws_access_key_id": key, "aws_secret_access_key": key} | settings
        return make(service, region_name=region, endpoint_url=running.endpoint, config=config, **credentials)

    return client


@pytest.fixture
def name() -> str:
    """A name that no other test has."""
    return f"test-{uuid.uuid4().hex[:12]}"


@pytest.fixture(scope="session")
def account(aws: Aws) -> str:
    """The id of the account that the clients are in."""
    return str(aws("sts").get_caller_identity()["Account"])


def eventually(check: Callable[[], Any], *, seconds: float = 600) -> Any:
    """The first true answer of ``check``; AWS takes its time where the emulator answers at once."""
    deadline = time.monotonic() + seconds
    while not (answer := check()):
        assert time.monotonic() < deadline, "it did not become true in time"
        time.sleep(0.2)
    return answer
