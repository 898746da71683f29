"""``python -m benchmarks.critical_path ENV``: a first apply of an environment against the waits that nobody can shorten.

The provider waits fixed times while it creates certain things (25 s for a queue, 60 s for a load balancer). The least
that a first apply can take is the longest chain of such waits: inside each layer along the dependencies that its state
records, and from layer to layer along the graph. A resource's weight is the shortest creation seen of its type, so
that what is slow because the machine is busy does not count as the provider's wait.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import sys
from pathlib import Path

from benchmarks.measure import run
from orchestrator.addresses import without_keys
from orchestrator.plan.run import SCAN

ORCHESTRATOR = [sys.executable, "-m", "orchestrator"]
CREATED = re.compile(r"^(\S+) +\d+/\d+ +(module\.\S+): Creation complete after (?:(\d+)m)?(\d+)s")

Seconds = float


def creations(output: str) -> dict[tuple[str, str], Seconds]:
    """(layer, resource address without its key) → seconds of its slowest instance, from what ``apply`` printed."""
    seconds: dict[tuple[str, str], Seconds] = {}
    for line in output.splitlines():
        if found := CREATED.match(line):
            layer, address, minutes, rest = found.groups()
            key = (layer, without_keys(address))
            seconds[key] = max(seconds.get(key, 0), 60 * int(minutes or 0) + int(rest))
    return seconds


def type_of(address: str) -> str:
    """The resource type at the end of an address."""
    return address.split(".")[-2]


def dependencies(state: Path) -> dict[str, set[str]]:
    """Resource → those it depends on, from a state."""
    found: dict[str, set[str]] = {}
    for resource in json.loads(state.read_text())["resources"]:
        if resource["mode"] != "managed":
            continue
        address = without_keys(
            ".".join(filter(None, [resource.get("module"), resource["type"], resource["name"]]))
        )
        needs = found.setdefault(address, set())
        for instance in resource["instances"]:
            needs |= {without_keys(needed) for needed in instance.get("dependencies", [])}
    return {address: needs - {address} for address, needs in found.items()}


def longest(weights: dict[str, Seconds], edges: dict[str, set[str]]) -> tuple[Seconds, list[str]]:
    """The heaviest chain and what is on it; ``edges``: node → what it waits for."""
    best: dict[str, tuple[Seconds, list[str]]] = {}

    def reach(node: str) -> tuple[Seconds, list[str]]:
        if node not in best:
            best[node] = (0.0, [])  # a cycle can't be, and must not hang
            before = max((reach(needed) for needed in sorted(edges.get(node, ()))), default=(0.0, []))
            best[node] = (before[0] + weights.get(node, 0), [*before[1], node])
        return best[node]

    return max((reach(node) for node in sorted(edges)), default=(0.0, []))


def main() -> int:
    """Apply, print both figures; 1 when the bound is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("environment", help="one on the emulator that is not applied yet")
    parser.add_argument("--bound", type=float, default=1.4, help="the largest ratio (1.4)")
    options = parser.parse_args()
    root, env = Path.cwd(), dict(os.environ)
    name = options.environment
    run([*ORCHESTRATOR, "emulator", "start"], cwd=root, env=env)
    graph = json.loads(
        run([*ORCHESTRATOR, "graph", "--env", name, "--format", "json"], cwd=root, env=env).output
    )
    planned = run([*ORCHESTRATOR, "plan", "--env", name, "--json"], cwd=root, env=env)
    print(f"{name}: a plan of all takes {planned.seconds:.0f}s", flush=True)
    plan = json.loads(planned.output[planned.output.index("{\n") :])
    blocking = [finding["address"] for finding in plan["review"]["findings"] if finding["blocks"]]
    confirmed = [word for address in blocking for word in ("--confirm", address)]
    (root / ".orchestrator" / name / SCAN).unlink()  # else the apply's own plan would not be scanned
    applied = run([*ORCHESTRATOR, "apply", "--env", name, "--yes", *confirmed], cwd=root, env=env)
    seconds = creations(applied.output)
    shortest: dict[str, Seconds] = {}
    for (_, address), taken in seconds.items():
        kind = type_of(address)
        shortest[kind] = min(shortest.get(kind, taken), taken)
    layers: dict[str, Seconds] = {}
    chains: dict[str, list[str]] = {}
    for layer in graph["layers"]:
        edges = dependencies(root / ".orchestrator" / name / "state" / f"{layer}.tfstate")
        layers[layer], chains[layer] = longest(
            {node: shortest.get(type_of(node), 0) for node in edges}, edges
        )
    path, through = longest(layers, {layer: set(needs) for layer, needs in graph["layers"].items()})
    for layer in through:
        print(f"  {layer:<14} {layers[layer]:5.0f}s")
        for address in chains[layer]:
            if shortest.get(type_of(address), 0) >= 5:
                print(f"      {shortest[type_of(address)]:5.0f}s  {address.removeprefix(f'module.{layer}.')}")
    run([*ORCHESTRATOR, "destroy", "--env", name, "--yes"], cwd=root, env=env)
    ratio = applied.seconds / path
    held = ratio <= options.bound
    print(
        f"{name}: {len(seconds)} resources, first apply {applied.seconds:.0f}s, its plan included, the provider's waits {path:.0f}s, "
        f"ratio {ratio:.2f} (≤ {options.bound:.2f}) {'ok' if held else 'MISSED'}"
    )
    return 0 if held else 1


if __name__ == "__main__":
    sys.exit(main())
