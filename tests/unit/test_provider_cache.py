"""The cache of providers: entries are added, never rewritten."""

from __future__ import annotations

from pathlib import Path

from orchestrator.terraform.provider_cache import INSTALLED, ProviderCache

ENTRY = Path("registry.example/acme/aws/1.0.0/linux_amd64")


def fetched(root: Path, content: str) -> Path:
    folder = root / INSTALLED / ENTRY
    folder.mkdir(parents=True)
    (folder / "provider").write_text(content)
    return folder


def test_what_init_fetched_is_moved_in_once_and_linked(tmp_path: Path) -> None:
    cache = ProviderCache(tmp_path / "cache")
    first, second = fetched(tmp_path / "a", "the first"), fetched(tmp_path / "b", "another")
    with cache.held():
        cache.keep(tmp_path / "a")
        cache.keep(tmp_path / "b")
    kept = cache.folder / ENTRY
    assert (kept / "provider").read_text() == "the first"
    assert first.is_symlink()
    assert second.resolve() == kept


def test_a_link_into_a_mirror_stays_what_it_is(tmp_path: Path) -> None:
    cache = ProviderCache(tmp_path / "cache")
    mirror = tmp_path / "mirror"
    mirror.mkdir()
    link = tmp_path / "a" / INSTALLED / ENTRY
    link.parent.mkdir(parents=True)
    link.symlink_to(mirror)
    cache.keep(tmp_path / "a")
    assert link.resolve() == mirror
    assert not (cache.folder / ENTRY).exists()


def test_init_gets_the_cache_only_when_a_lock_file_says_what_is_meant(tmp_path: Path) -> None:
    cache = ProviderCache(tmp_path)
    assert cache.variables(locked=False) == {}
    assert cache.variables(locked=True) == {"TF_PLUGIN_CACHE_DIR": str(tmp_path)}
