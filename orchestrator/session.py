"""What the stages of one command share: the environment, its graph, its states, and Terraform."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from orchestrator.accounts import Accounts
from orchestrator.aws import aws_client
from orchestrator.config.environment import Environment, Layer, load_environment
from orchestrator.config.project import Project
from orchestrator.config.schema import SigningKey
from orchestrator.emulator.access_keys import access_key_of
from orchestrator.errors import OrchestratorError
from orchestrator.files import make_private_folder, process_alive
from orchestrator.graph.graph import LayerGraph, build_graph
from orchestrator.plan.redact import Redactor
from orchestrator.plan.signing import Key, open_key
from orchestrator.profiles import signed_in
from orchestrator.render.workspace import Inputs, Workspace, layer_workspace, resolve_inputs
from orchestrator.review.plan import Code
from orchestrator.state.store import LocalStateStore, StateStore, open_store, refuse_migrated
from orchestrator.terraform.cli_config import CliConfig, find_cli_config
from orchestrator.terraform.client import (
    CONCURRENCY,
    Interrupts,
    Observe,
    TerraformClient,
    Versions,
    clean_environment,
    unobserved,
)
from orchestrator.terraform.fetch import module_fetcher
from orchestrator.terraform.lock_file import LOCK_FILE, locked_from_json
from orchestrator.terraform.packages import CheckedPackages

EMULATOR_MARK = "emulator-instance"
_AWS_VARIABLES = re.compile(r"AWS_(?!CA_BUNDLE\Z).*")


@dataclass
class Session:
    """One command's view of one environment."""

    environment: Environment
    graph: LayerGraph
    binary: str
    interrupts: Interrupts
    concurrency: int = CONCURRENCY
    observe: Observe = unobserved
    elsewhere: StateStore | None = None
    """Where the states are read instead of from the environment's backend."""

    @property
    def project(self) -> Project:
        """The project."""
        return self.environment.project

    @property
    def work(self) -> Path:
        """``.orchestrator/<env>``."""
        return self.environment.work

    @cached_property
    def cli_config(self) -> CliConfig:
        """Terraform's CLI configuration."""
        return find_cli_config(self.project.root / ".orchestrator", os.environ)

    @cached_property
    def emulator_instance(self) -> str | None:
        """The memory that holds the emulator's resources; None when AWS itself is used.

        Raises:
            OrchestratorError: the environment runs on the emulator, which is not running.
        """
        if not self.environment.settings.emulator:
            return None
        return str(self._emulator.instance_id)

    @cached_property
    def _emulator(self) -> Any:
        from orchestrator.emulator import status

        found = status(self.project.emulator)
        if not found.running:
            raise OrchestratorError(
                f"the environment {self.environment.name} runs on the emulator, which is not running",
                remedy="start it with `orchestrator emulator start`",
            )
        return found

    @cached_property
    def variables(self) -> dict[str, str]:
        """The process environment of Terraform and of our own AWS calls."""
        return {**self._credentials, "TF_CLI_CONFIG_FILE": str(self.cli_config.file)}

    @cached_property
    def _credentials(self) -> dict[str, str]:
        variables, settings = clean_environment(os.environ), self.environment.settings
        if not settings.emulator:
            node = self.environment.tree.child("profile")
            where = node.origin.where("profile") if node else None
            return signed_in(variables, settings.profile, settings.region, where)
        # Nothing of the user's own AWS set-up may be reached from an emulated environment.
        variables = {name: value for name, value in variables.items() if not _AWS_VARIABLES.match(name)}
        return {
            **variables,
            "AWS_ENDPOINT_URL": str(self._emulator.endpoint),
            "AWS_ACCESS_KEY_ID": access_key_of(settings.account_id),
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "AWS_EC2_METADATA_DISABLED": "true",
        }

    def sign_in(self) -> None:
        """Have the credentials ready; asks for the code of an MFA device if they need one.

        Raises:
            OrchestratorError: see ``profiles.signed_in``.
        """
        if not self.environment.settings.emulator:
            self._credentials  # noqa: B018

    @cached_property
    def accounts(self) -> Accounts:
        """The accounts of the environment, to be checked before anything is done in them."""
        return Accounts(self.environment, lambda: self._credentials)

    @cached_property
    def store(self) -> StateStore:
        """Where the states are.

        Raises:
            OrchestratorError: they have been migrated to another place, or not all have arrived here.
        """
        store = self.backend
        if self.elsewhere is None:
            refuse_migrated(store, self.environment.name)
        return store

    @cached_property
    def backend(self) -> StateStore:
        """The place that the environment names for its states, or the one they are read from instead; also when they left it."""
        return self.elsewhere or open_store(self.environment, lambda: self.variables)

    @cached_property
    def redactor(self) -> Redactor:
        """Knows the secrets met so far."""
        redactor = Redactor(self.store.fingerprint_key)
        for layer in self.environment.layers.values():
            for name, node in layer.variables.items():
                if layer.module.variables[name].sensitive:
                    redactor.learn(node.plain())
        return redactor

    @cached_property
    def packages(self) -> CheckedPackages:
        """What this run has found of the providers' packages."""
        return CheckedPackages()

    @cached_property
    def client(self) -> TerraformClient:
        """Terraform."""
        return TerraformClient(
            self.binary,
            self.variables,
            root=self.project.root,
            interrupts=self.interrupts,
            scrub=lambda text: self.redactor.text(text),
            place_of=self.environment.place_of,
            cache=self.cli_config.cache,
            packages=self.packages,
            concurrency=self.concurrency,
            observe=lambda folder, action: self.observe(folder, action),
        )

    @cached_property
    def offline_client(self) -> TerraformClient:
        """Terraform for what needs neither AWS nor states, such as its own version: it knows no credentials of the environment."""
        return TerraformClient(
            self.binary,
            clean_environment(os.environ),
            root=self.project.root,
            interrupts=self.interrupts,
            place_of=self.environment.place_of,
        )

    @cached_property
    def terraform(self) -> Versions:
        """Terraform's version, checked before anything is written or the emulator is asked for."""
        return self.offline_client.versions(self.project.root)

    def orphans(self) -> list[str]:
        """Layers that hold resources or a record, but are no longer in the environment."""
        left = [name for name in self.store.layers() if name not in self.environment.layers]
        states = self.store.read_all(left)
        return [name for name in left if name in states and not states[name].is_empty]

    @property
    def lock_file(self) -> Path:
        """The provider lock file of the environment's workspaces: the committed one, else our own."""
        committed = self.project.environments / self.environment.name / LOCK_FILE
        return committed if committed.is_file() else self.work / LOCK_FILE

    def workspace(self, name: str) -> Path:
        """The folder of a root: a layer's, or ``environment``."""
        return self.work / "workspaces" / name

    def module_fingerprint(self, layers: list[str]) -> str:
        """Changes when a module's code does, which is when its root must be initialised again."""
        digests = [self.module_digests[layer] for layer in layers]
        return hashlib.sha256("".join([*digests, self.terraform.terraform]).encode()).hexdigest()

    def inputs_of(self, layer: Layer) -> Inputs:
        """What a layer is called with, as its upstreams' states have their outputs.

        Raises:
            OrchestratorError: see ``resolve_inputs``.
        """
        upstream = layer.upstream() & set(self.environment.layers)
        return resolve_inputs(self.environment, layer, self.upstream_outputs(upstream))

    def root_of(self, layer: Layer, inputs: Inputs) -> Workspace:
        """The root of a layer at its place."""
        return layer_workspace(self.environment, layer, inputs, self.workspace(layer.name))

    def initialise(self, workspace: Workspace, layer: str) -> None:
        """Write and initialise a layer's root; one at a time.

        Raises:
            OrchestratorError: see ``TerraformClient.init``.
        """
        workspace.write()
        self.client.init(
            workspace.path,
            fingerprint=self.module_fingerprint([layer] if layer in self.environment.layers else []),
            lock_file=self.lock_file,
            layer=layer,
            extra=workspace.process_variables(),
        )

    @cached_property
    def module_digests(self) -> dict[str, str]:
        """sha256 of each layer's module folder."""
        return {name: layer.module.digest() for name, layer in self.environment.layers.items()}

    def configuration_digests(self, layers: list[str], policies: tuple[Path, ...]) -> dict[str, str]:
        """sha256 of all that the plan of these layers is made from, by path below the project."""
        files = [*self.environment.files, *(path for path in policies if path.is_file())]
        digests = {
            str(self.project.shown(path)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files
        }
        modules = {
            str(self.environment.layers[name].module.shown): self.module_digests[name] for name in layers
        }
        return digests | modules

    def upstream_outputs(self, layers: set[str]) -> Mapping[str, Mapping[str, Any] | None]:
        """The recorded outputs of these layers; None for one that was never applied."""
        states = self.store.read_all(sorted(layers))
        for state in states.values():
            for output in state.outputs.values():
                if output.get("sensitive"):
                    self.redactor.learn(output.get("value"))
        return {name: states[name].output_values() if name in states else None for name in layers}

    def key(self, settings: SigningKey, private_file: Path | None = None) -> Key:
        """A key that the environment names for signing; see ``plan.signing``.

        Raises:
            OrchestratorError: its file can't be read, or KMS does not know it.
        """
        environment = self.environment.settings
        return open_key(
            settings,
            self.project,
            lambda: aws_client("kms", environment.region, self.variables, emulator=environment.emulator),
            private_file,
        )

    def known_checks(self, layers: set[str]) -> set[tuple[str, str]]:
        """The checks (id, address) of these layers that failed when they were applied last."""
        records = {name: self.store.record(name) or {} for name in layers}
        return {
            (str(id), str(address)) for record in records.values() for id, address in record.get("checks", ())
        }

    def code_before(self) -> Code | None:
        """What the code was made of when each layer was applied last; None before the first apply.

        Of the providers, what the latest apply used counts.
        """
        records = {name: self.store.record(name) or {} for name in self.environment.layers}
        known = {name: record for name, record in records.items() if "providers" in record}
        if not known:
            return None
        latest = max(known.values(), key=lambda record: str(record["applied_at"]))
        return Code(
            locked_from_json(latest["providers"]),
            {name: str(record["origin"]) for name, record in known.items()},
        )

    @contextmanager
    def scratch(self) -> Iterator[Path]:
        """A private folder for plan files and joined states, gone afterwards.

        Left-overs of processes that were killed are removed as well.
        """
        parent = make_private_folder(self.work / "tmp")
        for left in parent.iterdir():
            pid = left.name.split("-")[0]
            if pid.isdigit() and not process_alive(int(pid)):
                shutil.rmtree(left, ignore_errors=True)
        folder = Path(tempfile.mkdtemp(prefix=f"{os.getpid()}-", dir=parent))
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def check_emulator_memory(self) -> None:
        """Refuse to go on when the states speak of resources that a restarted emulator has forgotten.

        Raises:
            OrchestratorError: the emulator is not the one that the states were applied to.
        """
        instance = self.emulator_instance
        if instance is None or not isinstance(self.store, LocalStateStore):
            return
        mark = self.store.folder / f".{EMULATOR_MARK}"
        recorded = mark.read_text().strip() if mark.is_file() else None
        if recorded is not None and recorded != instance and self.store.layers():
            raise OrchestratorError(
                f"the emulator was restarted since {self.environment.name} was applied: it keeps resources in memory, "
                "and those in the states are gone",
                remedy=f"`orchestrator emulator reset --env {self.environment.name}` sets the states aside and starts afresh",
            )

    def mark_emulator(self) -> None:
        """Remember which emulator the states belong to."""
        if self.emulator_instance is not None and isinstance(self.store, LocalStateStore):
            from orchestrator.files import write_atomic

            write_atomic(self.store.folder / f".{EMULATOR_MARK}", self.emulator_instance.encode())


def open_session(
    project: Project,
    name: str,
    binary: str = "terraform",
    interrupts: Interrupts | None = None,
    concurrency: int = CONCURRENCY,
) -> Session:
    """Load an environment and its graph.

    Raises:
        OrchestratorError: see ``load_environment`` and ``build_graph``.
    """
    environment = load_environment(project, name, module_fetcher(project, binary))
    return Session(environment, build_graph(environment), binary, interrupts or Interrupts(), concurrency)
