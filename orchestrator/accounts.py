"""Checks that credentials are of the account they are meant for, before anything is done with them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, replace

from orchestrator.aws import aws_client, role_request
from orchestrator.config.destination import Credentials, Destination
from orchestrator.config.environment import Environment
from orchestrator.errors import OrchestratorError, Where
from orchestrator.profiles import check_unattended
from orchestrator.render.providers import emulated, session_name

LEAST_SESSION = 900
"""Seconds: the shortest session of a role that there is."""


@dataclass(frozen=True)
class Identity:
    """Who credentials turned out to be."""

    account_id: str
    arn: str


class Accounts:
    """The accounts of one environment. Each set of credentials is asked for once in a process.

    ``variables``: gives the part of Terraform's process environment that names the credentials.
    """

    def __init__(self, environment: Environment, variables: Callable[[], Mapping[str, str]]) -> None:
        self._environment = environment
        self._variables = variables
        self._asked: dict[Credentials, Future[Identity]] = {}
        self._lock = threading.Lock()

    @contextmanager
    def checked(self, places: Mapping[str, Destination]) -> Iterator[None]:
        """Check where these layers go, while the block does something that only reads.

        Raises:
            OrchestratorError: see :meth:`check`. It comes before what fails in the block, which may be its consequence.
        """
        self.begin(places)
        try:
            yield
        except OrchestratorError:
            self.check(places)
            raise
        self.check(places)

    def begin(self, places: Mapping[str, Destination]) -> None:
        """Ask AWS, in the background, who the credentials of these layers are."""
        wanted = {place.credentials for place in places.values()}
        with self._lock:
            new = [one for one in wanted if one not in self._asked and not self._is_certain(one)]
            if not new:
                return
            self._variables()
            for one in new:
                self._asked[one] = Future()
                # A daemon: a command that fails for another reason does not wait for AWS.
                threading.Thread(target=self._ask, args=(one, self._asked[one]), daemon=True).start()

    def _ask(self, credentials: Credentials, answer: Future[Identity]) -> None:
        try:
            answer.set_result(self.identity(credentials))
        except BaseException as error:  # noqa: BLE001  (whoever waits for the answer gets it)
            answer.set_exception(error)

    def check(self, places: Mapping[str, Destination]) -> None:
        """Check that each layer's credentials are of the account that it goes into.

        Raises:
            OrchestratorError: those of a layer are of another one, or there are none; the further ones are its details.
        """
        self.begin(places)
        by_credentials: dict[Credentials, list[str]] = {}
        for layer, place in sorted(places.items()):
            by_credentials.setdefault(place.credentials, []).append(layer)
        problems = [
            problem
            for credentials, layers in by_credentials.items()
            if (problem := self._problem(credentials, layers)) is not None
        ]
        if problems:
            first, *rest = problems
            first.details = (*first.details, *map(str, rest))
            raise first

    def identity(self, credentials: Credentials) -> Identity:
        """Who these credentials are, by AWS's word.

        Raises:
            OrchestratorError: there are none, or they may not assume the role.
        """
        from botocore.exceptions import BotoCoreError, ClientError

        settings = self._environment.settings
        if settings.emulator:
            credentials = emulated(credentials, settings.account_id)
        elif credentials.profile:
            check_unattended(credentials.profile, None)
        try:
            sts = aws_client(
                "sts",
                settings.region,
                self._variables(),
                emulator=settings.emulator,
                profile=credentials.profile,
            )
            if credentials.role is None:
                answer = sts.get_caller_identity()
                return Identity(answer["Account"], answer["Arn"])
            name = session_name(credentials.role, self._environment.name)
            answer = sts.assume_role(**role_request(credentials.role, name), DurationSeconds=LEAST_SESSION)
            arn = answer["AssumedRoleUser"]["Arn"]
            return Identity(arn.split(":")[4], arn)
        except (BotoCoreError, ClientError) as error:
            raise self._refused(credentials, error) from error

    def _is_certain(self, credentials: Credentials) -> bool:
        """The emulator's key of the environment's account is made from its number."""
        settings = self._environment.settings
        return settings.emulator and emulated(credentials, settings.account_id).role is None

    def _problem(self, credentials: Credentials, layers: list[str]) -> OrchestratorError | None:
        if credentials not in self._asked:
            return None
        where = self._where(credentials, layers[0])
        try:
            found = self._asked[credentials].result()
        except OrchestratorError as error:
            return OrchestratorError(
                error.message, where=error.where if error.where.file else where, remedy=error.remedy
            )
        if found.account_id == credentials.account_id:
            return None
        return OrchestratorError(
            f"these credentials ({found.arn}) are of the account {found.account_id}, and "
            f"{_listed(layers)} into {credentials.account_id}",
            where=where,
            remedy="sign in to that account (AWS_PROFILE, or `profile:`), name a role of it (`assume_role:`), or mend `account_id`",
        )

    def _where(self, credentials: Credentials, layer: str) -> Where:
        """The place that names the account."""
        entry = self._environment.layers.get(layer)
        if entry is not None and (node := entry.node.child("account_id")) is not None:
            return replace(node.origin.where(f"layers.{layer}.account_id"), layer=layer)
        node = self._environment.tree.child("account_id")
        return node.origin.where("account_id") if node is not None else Where(layer=layer)

    def _refused(self, credentials: Credentials, error: Exception) -> OrchestratorError:
        if credentials.role is not None and "AccessDenied" in str(error):
            return OrchestratorError(
                f"the role {credentials.role.role_arn} can't be assumed: {error}",
                remedy="its trust policy must name who that is (and the external id), and whoever that is needs sts:AssumeRole on it",
            )
        profile = credentials.profile or self._environment.settings.profile
        what = f"the profile {profile}" if profile else "the credentials"
        login = f"aws sso login --profile {profile}" if profile else "aws sso login"
        return OrchestratorError(
            f"{what} of the account {credentials.account_id} can't be used: {error}",
            remedy=f"sign in to AWS (for example `{login}`)",
        )


def _listed(layers: list[str]) -> str:
    if len(layers) == 1:
        return f"the layer {layers[0]} goes"
    shown = ", ".join(layers[:5]) + (f" and {len(layers) - 5} more" if len(layers) > 5 else "")
    return f"the layers {shown} go"
