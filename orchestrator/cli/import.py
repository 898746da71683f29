"""``orchestrator import``."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from pathlib import Path
from typing import IO, TYPE_CHECKING

import click

from orchestrator.cli.carry_out import Said, carry_out
from orchestrator.cli.options import (
    concurrency_option,
    env_option,
    events_option,
    json_option,
    layer_option,
    outside_window_option,
    safe_interrupts,
    session_of,
)
from orchestrator.errors import EXIT_ERROR, EXIT_INTERRUPTED, EXIT_OK, OrchestratorError

if TYPE_CHECKING:
    from rich.console import Console

    from orchestrator.imports.account import Account
    from orchestrator.imports.find import Found
    from orchestrator.imports.managed import Managed
    from orchestrator.imports.wanted import Wanted
    from orchestrator.plan.bundle import Bundle
    from orchestrator.runs.recorder import Recorder
    from orchestrator.session import Session


@click.command("import")
@env_option
@layer_option
@click.option(
    "--mapping",
    "-m",
    metavar="FILE",
    help="What to import: YAML or JSON with a line for each, ADDRESS: ID. The address may leave out `module.<layer>.`; "
    "the id is what the provider imports that type by. `-` is standard input.",
)
@click.option(
    "--tag",
    "tags",
    metavar="KEY=VALUE",
    multiple=True,
    help="Look in the account for what the layer would create, among what has this tag; may be repeated.",
)
@click.option("--find", "find", is_flag=True, help="The same, whatever its tags.")
@click.option(
    "--write-mapping",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="With --find or --tag: write what was found as a mapping to be edited, and do nothing else.",
)
@click.option("--dry-run", is_flag=True, help="Plan and show; `apply --plan ID` does it later.")
@click.option("--yes", "-y", is_flag=True, help="Do not ask, unless the review blocks.")
@click.option(
    "--confirm",
    "confirmed",
    metavar="ADDRESS",
    multiple=True,
    help="Take what the review says about this address, that it is imported and then replaced included; may be repeated.",
)
@outside_window_option
@concurrency_option
@events_option
@json_option
@click.pass_context
def command(
    ctx: click.Context,
    env: str,
    layer_name: str,
    mapping: str | None,
    tags: tuple[str, ...],
    find: bool,
    write_mapping: Path | None,
    dry_run: bool,
    yes: bool,
    confirmed: tuple[str, ...],
    outside_window: str | None,
    events: IO[str] | None,
    as_json: bool,
) -> int:
    """Take what was made by hand into a layer's state, without making it anew.

    The layer's configuration describes it already. What is to be imported comes from a mapping, or is looked for:
    what the layer would create, found in the account by name, tags and attributes. Then the layer is planned with
    import blocks, scanned and reviewed, and shown: what is imported, and what would change about it. It is applied as
    `apply` does. What would be imported and then replaced is refused, unless it is named with --confirm.

    \b
      orchestrator import --env prod --layer data --find --write-mapping data.yaml
      orchestrator import --env prod --layer data --mapping data.yaml --dry-run
      orchestrator import --env prod --layer data --mapping data.yaml
      orchestrator import --env prod --layer data --tag Team=orders

    \b
    A mapping:
      aws_dynamodb_table.this["orders"]: shop-orders
      aws_sqs_queue.this["orders"]: https://sqs.eu-west-1.amazonaws.com/123456789012/shop-orders
    """
    from orchestrator.imports.account import Account
    from orchestrator.imports.managed import Managed
    from orchestrator.imports.wanted import read_mapping
    from orchestrator.runs.recorder import recorded
    from orchestrator.views.console import make_console, print_json
    from orchestrator.views.imports import imported_json, show_found, show_imports
    from orchestrator.views.plan import show_plan, show_report

    wanted_tags = _usage(mapping, tags, find, write_mapping, as_json=as_json, asks=not (yes or dry_run))
    content = _read(mapping) if mapping is not None else None
    progress = make_console(stderr=as_json)
    with safe_interrupts(lambda text: progress.print(text)) as interrupts, ExitStack() as stack:
        session = session_of(ctx, env, interrupts)
        layer = session.environment.layers[session.graph.slice((layer_name,)).order()[0]]
        wanted: tuple[Wanted, ...] = ()
        if content is not None:
            shown = Path("standard input" if mapping == "-" else str(mapping))
            wanted = read_mapping(content, shown, session.environment, layer)
        run = stack.enter_context(recorded(session, "import", events, progress.print))
        if not (dry_run or write_mapping):
            _may_apply(session, outside_window, run)
        session.accounts.check(session.environment.destinations((layer.name,)))
        account = Account(session, layer)
        wanted = tuple(account.by_arn(item) for item in wanted)
        managed = Managed(session.store.read_all(session.store.layers()))
        managed.check(layer.name, wanted, account.place_of)
        found: Found | None = None
        if content is None:
            found = _find(session, layer_name, wanted_tags, account, managed, run, progress)
            if not as_json:
                show_found(make_console(), found)
            if write_mapping is not None:
                return _write(write_mapping, found, env, as_json=as_json)
            wanted = found.decided()
        bundle = _plan(session, layer_name, wanted, account, managed, run, progress)
        imported = {
            "environment": env,
            "layer": layer_name,
            **imported_json(bundle),
            **({"found": found.as_json()} if found else {}),
        }
        if not as_json:
            show_plan(make_console(), bundle, session.project.shown(bundle.path))
            show_imports(make_console(), bundle)
        if dry_run:
            if as_json:
                shown_path = str(session.project.shown(bundle.path))
                review = bundle.review.as_json()
                print_json({"id": bundle.manifest.id, "bundle": shown_path, **imported, "review": review})
            else:
                click.echo(
                    f"Nothing was changed. Do it: orchestrator apply --env {env} --plan {bundle.manifest.id}"
                )
            return EXIT_OK
        report = carry_out(
            session,
            bundle,
            run,
            Said(yes, confirmed, as_json, parallelism=1, outside_window=outside_window),
            progress,
            question=f"\nImport and apply this to {env}? Only `yes` is taken.",
        )
        if report is None:
            return EXIT_ERROR
    if as_json:
        print_json({"changed": True, "run": run.id, **report.as_json(), **imported})
    else:
        show_report(make_console(), report, run.id)
    if interrupts.requested:
        return EXIT_INTERRUPTED
    return EXIT_OK if report.ok else EXIT_ERROR


def _usage(
    mapping: str | None,
    tags: tuple[str, ...],
    find: bool,
    write_mapping: Path | None,
    *,
    as_json: bool,
    asks: bool,
) -> dict[str, str]:
    """The tags; raises for what does not go together."""
    if mapping is not None and (tags or find):
        raise click.UsageError("--mapping says what to import; leave out --find and --tag.")
    if mapping is None and not (tags or find):
        raise click.UsageError(
            "say what to import with --mapping, or have it looked for with --find or --tag."
        )
    if write_mapping is not None:
        if mapping is not None:
            raise click.UsageError("--write-mapping goes with --find or --tag.")
        if write_mapping.exists():
            raise click.UsageError(
                f"{write_mapping} is there already; --write-mapping does not overwrite it."
            )
    elif asks and as_json:
        raise click.UsageError("--json can't ask; give --yes or --dry-run.")
    elif asks and not sys.stdin.isatty():
        raise click.UsageError("there is no terminal to ask on; give --yes or --dry-run.")
    pairs = [tag.partition("=") for tag in tags]
    for (key, sign, _), tag in zip(pairs, tags, strict=True):
        if not (key and sign):
            raise click.UsageError(f"--tag {tag}: write it as KEY=VALUE.")
    return {key: value for key, _, value in pairs}


def _read(mapping: str) -> bytes:
    if mapping == "-":
        return sys.stdin.buffer.read()
    try:
        return Path(mapping).read_bytes()
    except OSError as error:
        raise OrchestratorError(
            f"the mapping {mapping} can't be read ({error.strerror or error})",
            remedy="name a file that is there",
        ) from error


def _may_apply(session: Session, outside_window: str | None, run: Recorder) -> None:
    """What would refuse the apply is said before anything is looked for."""
    from orchestrator.apply.refused import check_may_begin, check_takes_unapproved

    check_may_begin(session, run.id, "import", outside_windows=outside_window is not None)
    env = session.environment.name
    check_takes_unapproved(
        session,
        run.id,
        f"import with --dry-run, have that plan approved, then `orchestrator apply --env {env} --plan ID`",
        "import",
    )


def _find(
    session: Session,
    layer: str,
    tags: dict[str, str],
    account: Account,
    managed: Managed,
    run: Recorder,
    progress: Console,
) -> Found:
    from orchestrator.imports.find import find_imports
    from orchestrator.views.progress import PhaseLine

    with PhaseLine(progress, f"look for {layer}") as line:
        return find_imports(
            session, layer, tags, account, managed, on_phase=run.steps(line.phase), on_event=line.event
        )


def _write(path: Path, found: Found, env: str, *, as_json: bool) -> int:
    from orchestrator.files import write_atomic
    from orchestrator.views.console import print_json

    write_atomic(path, found.mapping().encode())
    if as_json:
        print_json({"environment": env, "mapping": str(path), "found": found.as_json()})
    else:
        click.echo(
            f"Written to {path}. Go on: orchestrator import --env {env} --layer {found.layer} --mapping {path}"
        )
    return EXIT_OK


def _plan(
    session: Session,
    layer: str,
    wanted: tuple[Wanted, ...],
    account: Account,
    managed: Managed,
    run: Recorder,
    progress: Console,
) -> Bundle:
    from orchestrator.imports.refused import explained
    from orchestrator.plan.run import Selection, changes_ahead, plan_environment
    from orchestrator.terraform.events import TerraformError
    from orchestrator.views.progress import PhaseLine

    selection = Selection((layer,))
    with PhaseLine(progress, f"plan {layer}") as line:
        try:
            bundle = plan_environment(
                session,
                selection,
                on_event=line.event,
                on_phase=run.steps(line.phase),
                plan_id=run.id,
                imports={item.address: item.id for item in wanted},
                check=lambda changes: managed.check_plan(changes, wanted),
            )
        except TerraformError as error:
            raise explained(
                error,
                wanted,
                account.place_of,
                lambda: [change.address for change in changes_ahead(session, selection).all()],
            ) from error
    run.planned(bundle)
    return bundle
