"""Values that a module's rules refuse, told before Terraform looks at anything in an account.

Only the layers' variables are evaluated (``render.values``): no provider is started, no state read, no credentials are used.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from orchestrator.config.environment import Environment
from orchestrator.errors import OrchestratorError, Where
from orchestrator.modules.rules import variable_of
from orchestrator.render.values import values_root
from orchestrator.session import Session
from orchestrator.terraform.events import Diagnostic, TerraformError, without_rule


class RefusedValuesError(OrchestratorError):
    """The environment file has values that the rules of modules' variables refuse; the place is that of the first."""

    def __init__(self, refused: list[Diagnostic]) -> None:
        first, *others = refused
        super().__init__(
            " ".join(first.detail.split()),
            where=Where(Path(first.file), first.line, first.key),
            details=tuple(str(item) for item in others),
        )


def check_values(session: Session, layers: Iterable[str] | None = None) -> TerraformError | None:
    """Check the values of these layers' variables (default: all layers) as far as they are known before an apply.

    None: they keep the rules. An error: Terraform can't tell, which is left to the plan.

    Raises:
        RefusedValuesError: a rule is not kept.
        OrchestratorError: there is no Terraform, or it is too old; a service's code can't be read; interrupted.
    """
    environment = session.environment
    with TemporaryDirectory(prefix="orchestrator-values-") as folder:
        root = values_root(environment, environment.layers if layers is None else layers, Path(folder))
        root.write()
        extra, client = root.process_variables(), session.offline_client
        try:
            client.init(root.path, fingerprint="", lock_file=root.path / "none", extra=extra)
            client.plan(root.path, extra=extra)
        except TerraformError as error:
            refused = [item for one in error.diagnostics if (item := _placed(environment, one)).key]
            if refused:
                raise RefusedValuesError(refused) from error
            return error
    return None


def _placed(environment: Environment, said: Diagnostic) -> Diagnostic:
    """With the place of a value that nobody has set: its default does not do, and Terraform names only the rule."""
    rule = variable_of(said.detail) if not said.key else None
    where = environment.place_of(*rule) if rule else None
    if where is None or where.key is None:
        return said
    return replace(
        said, detail=without_rule(said.detail), file=str(where.file), line=where.line, key=where.key
    )
