"""``orchestrator completion``."""

from __future__ import annotations

import click

from orchestrator.errors import EXIT_OK


@click.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def command(ctx: click.Context, shell: str) -> int:
    """Print the completion script for a shell.

    Commands, options, environments and layers are completed.

    \b
      eval "$(orchestrator completion bash)"                 # in ~/.bashrc
      eval "$(orchestrator completion zsh)"                  # in ~/.zshrc
      orchestrator completion fish > ~/.config/fish/completions/orchestrator.fish
    """
    from click.shell_completion import get_completion_class

    completion = get_completion_class(shell)
    assert completion is not None
    root = ctx.find_root().command
    click.echo(completion(root, {}, "orchestrator", "_ORCHESTRATOR_COMPLETE").source())
    return EXIT_OK
