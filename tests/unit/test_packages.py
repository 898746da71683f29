"""Providers' packages are checked once a run, and never less than that."""

from __future__ import annotations

from pathlib import Path

import pytest

from orchestrator.terraform import packages as module
from orchestrator.terraform.lock_file import LOCK_FILE, read_lock_file
from orchestrator.terraform.packages import CheckedPackages, package_digest
from orchestrator.terraform.provider_cache import INSTALLED

PROVIDER = "registry.terraform.io/acme/things"


@pytest.fixture
def package(tmp_path: Path) -> Path:
    folder = tmp_path / "mirror" / "linux_amd64"
    folder.mkdir(parents=True)
    (folder / "terraform-provider-things").write_bytes(b"a program")
    (folder / "LICENSE.txt").write_text("as you like\n")
    return folder


@pytest.fixture
def root(tmp_path: Path, package: Path) -> Path:
    """A root as ``terraform init`` leaves it."""
    folder = tmp_path / "root"
    link = folder / INSTALLED / PROVIDER / "1.2.3" / "linux_amd64"
    link.parent.mkdir(parents=True)
    link.symlink_to(package)
    (folder / LOCK_FILE).write_text(
        f'# Maintained by "terraform init".\n\nprovider "{PROVIDER}" {{\n  version     = "1.2.3"\n'
        f'  constraints = "~> 1.2"\n  hashes = [\n    "{package_digest(package)}",\n    "zh:00",\n  ]\n}}\n'
    )
    return folder


def digests(root: Path) -> frozenset[str]:
    return read_lock_file(root / LOCK_FILE)[PROVIDER].hashes


def test_the_digest_is_the_one_that_terraform_writes(tmp_path: Path) -> None:
    (tmp_path / "b").write_bytes(b"2")
    (tmp_path / "a").write_bytes(b"1")
    # By dirhash.Hash1: sha256 of "<sha256 of the file>  <its name>\n" for each, by name.
    assert package_digest(tmp_path) == "h1:aMKRn0MF5QgACCq38R6xfZbHgy9ZFU6XsdNzpReaY+o="


def test_a_package_that_is_what_the_lock_file_says_is_not_checked_again_in_this_run(root: Path) -> None:
    packages = CheckedPackages()
    packages.keep(root)
    packages.check(root)
    packages.restore(root)
    assert digests(root) == frozenset()
    assert read_lock_file(root / LOCK_FILE)[PROVIDER].version == "1.2.3"
    assert 'constraints = "~> 1.2"' in (root / LOCK_FILE).read_text()


def test_a_package_that_was_changed_is_left_to_terraform_to_refuse(root: Path, package: Path) -> None:
    written = (root / LOCK_FILE).read_text()
    packages = CheckedPackages()
    packages.keep(root)
    (package / "terraform-provider-things").write_bytes(b"another program")
    packages.check(root)
    assert (root / LOCK_FILE).read_text() == written


def test_a_package_that_was_changed_between_two_runs_is_found(root: Path, package: Path) -> None:
    written = (root / LOCK_FILE).read_text()
    first = CheckedPackages()
    first.keep(root)
    first.check(root)
    (package / "LICENSE.txt").write_text("not as you like\n")
    second = CheckedPackages()
    second.check(root)
    second.restore(root)
    assert (root / LOCK_FILE).read_text() == written


def test_a_process_outside_of_such_a_run_finds_the_lock_file_whole(root: Path) -> None:
    written = (root / LOCK_FILE).read_text()
    first = CheckedPackages()
    first.keep(root)
    first.check(root)
    CheckedPackages().restore(root)
    assert (root / LOCK_FILE).read_text() == written


def test_a_package_that_is_missing_or_of_which_only_archives_are_known_is_left_to_terraform(
    root: Path,
) -> None:
    text = (root / LOCK_FILE).read_text()
    only_archives = "\n".join(line for line in text.splitlines() if "h1:" not in line) + "\n"
    for other in (only_archives, text.replace("acme/things", "acme/others")):
        (root / LOCK_FILE).write_text(other)
        packages = CheckedPackages()
        packages.keep(root)
        packages.check(root)
        assert (root / LOCK_FILE).read_text() == other


def test_a_lock_file_that_somebody_wrote_since_is_not_put_back(root: Path) -> None:
    packages = CheckedPackages()
    packages.keep(root)
    packages.check(root)
    (root / LOCK_FILE).write_text("# mine\n")
    CheckedPackages().restore(root)
    assert (root / LOCK_FILE).read_text() == "# mine\n"


def test_a_root_is_initialised_anew_when_its_lock_file_is_not_remembered(root: Path) -> None:
    packages = CheckedPackages()
    assert not packages.known(root)  # of an earlier version
    packages.keep(root)
    assert packages.known(root)
    (root / LOCK_FILE).unlink()
    assert CheckedPackages().known(root)
    assert packages.known(root.parent / "without providers")


def test_digests_that_were_begun_early_are_the_ones_that_count(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken: list[Path] = []

    def digest(folder: Path) -> str:
        taken.append(folder)
        return package_digest(folder)

    monkeypatch.setattr(module, "package_digest", digest)
    packages = CheckedPackages()
    packages.keep(root)
    packages.begin(root)
    packages.check(root)
    assert digests(root) == frozenset()
    assert len(taken) == 1
