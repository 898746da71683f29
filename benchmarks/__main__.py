"""``python -m benchmarks``: what orchestrator costs, as ratios against plain Terraform in the same run."""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from benchmarks.generate import LAYER_TF, layer_name, make_project, write_environment
from benchmarks.measure import Measured, best, run
from orchestrator.config.project import find_project
from orchestrator.plan.run import Selection, prepare
from orchestrator.session import open_session
from orchestrator.state.state import join_states
from orchestrator.terraform.client import CONCURRENCY

LAYERS = 10
SIZES = (50, 100, 200, 500)
WORK = Path(__file__).parent / ".work"
ORCHESTRATOR = [sys.executable, "-m", "orchestrator"]


@dataclass
class Row:
    """One line of the table: a figure, its baseline, and the bound on their ratio."""

    what: str
    measured: float
    baseline: float
    against: str
    bound: float

    @property
    def ratio(self) -> float:
        """Measured over baseline."""
        return self.measured / self.baseline

    @property
    def held(self) -> bool:
        """Whether the bound holds."""
        return self.ratio <= self.bound

    def __str__(self) -> str:
        mark = "ok" if self.held else "MISSED"
        return (
            f"{self.what:<44} {self.measured:8.2f}s   {self.against:<44} {self.baseline:8.2f}s"
            f"   ratio {self.ratio:5.2f} (≤ {self.bound:.2f}) {mark}"
        )


class Bench:
    """A generated project on the emulator: ten layers of six resources in a chain, unless said otherwise."""

    def __init__(
        self, runs: int, layers: int = LAYERS, fan: int = 1, module: str = LAYER_TF, name: str = "chain"
    ) -> None:
        self.runs = runs
        self.layers = layers
        self.root = WORK / name
        shutil.rmtree(WORK, ignore_errors=True)
        make_project(self.root, layers, fan=fan, module=module)
        self.env = dict(os.environ)

    def orchestrator(self, *words: str, accept: tuple[int, ...] = (0,), memory: bool = False) -> Measured:
        """One command of ours."""
        return run([*ORCHESTRATOR, *words], cwd=self.root, env=self.env, accept=accept, memory=memory)

    def terraform_environment(self) -> dict[str, str]:
        """The environment in which plain Terraform reaches the same emulator and providers."""
        session = open_session(find_project(self.root), "local")
        return session.variables

    def loop(self, action: str, *, memory: bool = False) -> Measured:
        """The shell loop: plan and show (and apply) in every layer's root, one after the other."""
        steps = "terraform plan -input=false -out=loop.tfplan >/dev/null && terraform show -json loop.tfplan >/dev/null"
        if action == "apply":
            steps += " && terraform apply -input=false loop.tfplan >/dev/null"
        names = " ".join(layer_name(index) for index in range(self.layers))
        script = f"set -e; for layer in {names}; do (cd $layer && {steps}); done"
        return run(
            ["bash", "-c", script],
            cwd=self.root / ".orchestrator" / "local" / "workspaces",
            env=self.terraform_environment(),
            memory=memory,
        )

    def bare(self, *, memory: bool = False) -> Measured:
        """Plain Terraform on the same environment root and the same joined state, as many resources at a time."""
        session = open_session(find_project(self.root), "local")
        prepared = prepare(session, Selection(), "bench")
        state = WORK / "joined.tfstate"
        state.write_bytes(join_states(prepared.states, prepared.root.outputs, prepared.root.providers))
        out = WORK / "bare.tfplan"
        script = (
            f"terraform plan -input=false -lock=false -parallelism={CONCURRENCY} -state={state} -out={out} >/dev/null "
            f"&& terraform show -json {out} >/dev/null"
        )
        return run(
            ["bash", "-c", script], cwd=prepared.root.workspace.path, env=session.variables, memory=memory
        )

    def chain(self) -> tuple[list[Row], dict[str, float]]:
        """The rows about Terraform, and the peak memory by program."""
        self.orchestrator("emulator", "start")
        try:
            print("applying ten layers of six resources …", flush=True)
            self.orchestrator("apply", "--env", "local", "--yes")
            plan = best(lambda: self.orchestrator("plan", "--env", "local", memory=True), self.runs)
            bare = best(self.bare, self.runs)
            loop = best(lambda: self.loop("plan"), max(1, self.runs // 2))
            write_environment(self.root, LAYERS, changed=LAYERS // 2)
            apply = self.orchestrator("apply", "--env", "local", "--yes", memory=True)
            loop_apply = self._loop_apply_of_one_change()
        finally:
            self.orchestrator("emulator", "stop")
        peaks = {name: max(plan.peaks.get(name, 0), apply.peaks.get(name, 0)) for name in plan.peaks}
        return [
            Row(
                "plan, nothing to change (scan included)",
                plan.seconds,
                loop.seconds,
                "loop of plan + show",
                0.25,
            ),
            Row(
                "plan, nothing to change (scan included)",
                plan.seconds,
                bare.seconds,
                "bare plan + show of the environment root",
                1.3,
            ),
            Row(
                "apply of a change in one layer",
                apply.seconds,
                loop_apply.seconds,
                "loop of plan + show + apply",
                0.35,
            ),
        ], peaks

    def _loop_apply_of_one_change(self) -> Measured:
        """The same kind of change, made by the loop: the values of one layer are edited in its root."""
        values = (
            self.root / ".orchestrator/local/workspaces" / layer_name(LAYERS // 2) / "terraform.tfvars.json"
        )
        values.write_text(json.dumps({**json.loads(values.read_text()), "retention_in_days": 90}))
        return self.loop("apply")

    def start_up(self) -> Row:
        """``--help`` against the import of click."""
        runs = 15
        script = Path(sys.executable).with_name("orchestrator")
        ours = best(lambda: run([str(script), "--help"], cwd=self.root, env=self.env), runs)
        click = best(lambda: run([sys.executable, "-c", "import click"], cwd=self.root, env=self.env), runs)
        return Row("orchestrator --help", ours.seconds, click.seconds, 'python -c "import click"', 1.6)


def growth(sizes: tuple[int, ...]) -> list[tuple[int, float, float]]:
    """Seconds of ``graph`` and ``render`` for projects of so many layers."""
    return [(size, *_graph_and_render(size)) for size in sizes]


def _graph_and_render(size: int) -> tuple[float, float]:
    root = make_project(WORK / f"wide-{size}", size, fan=5)
    env = dict(os.environ)
    words = [*ORCHESTRATOR, "render", "-e", "local", "--out", str(WORK / f"rendered-{size}")]
    graph = best(lambda: run([*ORCHESTRATOR, "graph", "-e", "local"], cwd=root, env=env), 3)
    render = best(lambda: run(words, cwd=root, env=env), 3)
    return graph.seconds, render.seconds


def main() -> int:
    """Run all, print the table; 1 when a bound is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--runs", type=int, default=3, help="runs of each Terraform measurement; the fastest counts"
    )
    parser.add_argument("--only", choices=["chain", "start", "growth"], help="one part only")
    options = parser.parse_args()
    bench = Bench(options.runs)
    rows: list[Row] = []
    held = True
    if options.only in (None, "start"):
        rows.append(bench.start_up())
        print(rows[-1], flush=True)
    if options.only in (None, "growth"):
        print("layers    graph   render   (seconds; milliseconds a layer)")
        for size, graph, render in growth(SIZES):
            print(
                f"{size:6d} {graph:8.2f} {render:8.2f}   {1000 * graph / size:.1f} {1000 * render / size:.1f}",
                flush=True,
            )
            held &= size != SIZES[-1] or (graph < 3 and render < 3)
    if options.only in (None, "chain"):
        chain, peaks = bench.chain()
        rows += chain
        for row in chain:
            print(row)
        print("peak memory (MiB): " + ", ".join(f"{name} {peak:.0f}" for name, peak in sorted(peaks.items())))
    shutil.rmtree(WORK, ignore_errors=True)
    return 0 if held and all(row.held for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
