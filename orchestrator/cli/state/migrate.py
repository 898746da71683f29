"""``orchestrator state migrate``."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import click

from orchestrator.cli.options import env_option, json_option, safe_interrupts, session_of
from orchestrator.cli.state.consent import may_go_on
from orchestrator.errors import EXIT_ERROR, EXIT_OK

if TYPE_CHECKING:
    from orchestrator.state.migrate import Migration


@click.command()
@env_option
@click.option(
    "--from",
    "said",
    required=True,
    metavar="PLACE",
    help="Where the states are now: `local`, or `s3://BUCKET/KEY_PREFIX?region=REGION` (also &kms_key_id=, &bucket_owner=).",
)
@click.option("--dry-run", is_flag=True, help="Check both places, and list what would be copied.")
@click.option(
    "--verify-plan/--no-verify-plan",
    default=None,
    help="Let Terraform read every state in the new place, and plan the environment upon old and new states: the plans "
    "must be the same. Default: where Terraform is at hand.",
)
@click.option("--yes", "-y", is_flag=True, help="Do not ask.")
@json_option
@click.pass_context
def migrate(
    ctx: click.Context, env: str, said: str, dry_run: bool, verify_plan: bool | None, yes: bool, as_json: bool
) -> int:
    """Move the states to the backend that the environment file now names.

    States, records, audit log, journal and the key of the digests are copied and read back. Only then is the old place
    given up: local files go to the backups, objects stay where they are, and a mark there says where the states are now, so that
    nobody applies from an older checkout. Cut off in the middle, the same command goes on.

    \b
      # in environment.yaml: backend: {type: s3, bucket: shop-states, region: eu-west-1}
      orchestrator bootstrap --env prod
      orchestrator state migrate --env prod --from local --dry-run
      orchestrator state migrate --env prod --from local
    """
    from orchestrator.apply.journal import hold_places
    from orchestrator.plan.run import new_plan_id
    from orchestrator.state import migrate as migrating
    from orchestrator.state.verify import verifier
    from orchestrator.views.console import make_console, print_json
    from orchestrator.views.progress import PhaseLine

    progress = make_console(stderr=as_json)
    with safe_interrupts(lambda text: progress.print(text)) as interrupts:
        session = session_of(ctx, env, interrupts)
        migration = migrating.prepare_migration(session, said)
        what = migration.as_json()
        lines = [f"{item.status:<10} {item.size:>9} bytes  {item.name}" for item in migration.items]
        where = f"{migration.source.location} → {migration.target.location}"
        if dry_run or migration.done:
            if as_json:
                print_json({"environment": env, **what, "dry_run": dry_run})
            else:
                click.echo("\n".join([*lines, f"{where}: {_verdict(migration)}"]))
            return EXIT_OK
        if not may_go_on(env, [*lines, f"The states of {env} move: {where}."], yes, as_json):
            click.echo("Not migrated.")
            return EXIT_ERROR
        at_hand = shutil.which(session.binary) is not None
        plan = at_hand if verify_plan is None else verify_plan
        run = new_plan_id()
        with PhaseLine(progress, f"migrate {env}") as line:
            verify = verifier(session, migration, line.phase, plan=plan)
            with hold_places(session, "state migrate", run, migration.source, migration.target):
                line.phase("copying")
                kept = migrating.migrate(session, migration, run, verify)
    if as_json:
        print_json(
            {
                "environment": env,
                **what,
                "dry_run": False,
                "verified_by_plan": plan,
                "kept": kept.id if kept else None,
            }
        )
    else:
        click.echo(f"Migrated: {where}." + (f" The states are kept as {kept.id}, too." if kept else ""))
        click.echo(
            "Terraform reads the same states, and its plan is the same."
            if plan
            else f"Not looked at with Terraform; do so: orchestrator plan --env {env}"
        )
        click.echo("Commit the environment file: the old place now refuses whoever still uses it.")
    return EXIT_OK


def _verdict(migration: Migration) -> str:
    if migration.done:
        return "migrated already; nothing to do"
    if migration.unfinished:
        return "everything is copied; the old place is still to be given up"
    return "may be migrated"
