"""What tests look for in an account is all that the platform makes."""

from __future__ import annotations

from pathlib import Path

from orchestrator.modules.module import read_module
from tests.e2e.inventory import looked_for

MODULES = Path(__file__).parents[2] / "terraform" / "modules"


def test_every_type_of_resource_of_the_platform_is_looked_for_and_no_other() -> None:
    folders = {path.parent for path in MODULES.rglob("*.tf") if "tests" not in path.parts}
    made = {
        address.split(".")[0].removeprefix("aws_")
        for folder in folders
        for address in read_module(folder, folder).resources
        if not address.startswith(("data.", "terraform_data."))
    }
    assert looked_for() == made
