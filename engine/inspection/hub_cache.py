"""What the local caches of the Hugging Face Hub hold, read off their folders without loading the Hub's libraries."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from huggingface_hub import constants

from engine.distill.models.source import is_cached

LISTED = 200
"""Most names of a kind that are listed."""


@dataclass(frozen=True, slots=True)
class CachedNames:
    """Names of what is in the caches, in their order.

    Attributes:
        datasets: datasets of which at least one split is there.
        models: models that are whole: configuration, weights and tokenizer.
    """

    datasets: tuple[str, ...]
    models: tuple[str, ...]


def cached_names() -> CachedNames:
    """What can be used without a network."""
    hub = Path(constants.HF_HUB_CACHE)
    raw = {_named(path, "datasets--") for path in _folders(hub, "datasets--")}
    ready = {path.name.replace("___", "/") for path in _folders(_datasets_cache(), "") if "___" in path.name}
    models = [_named(path, "models--") for path in _folders(hub, "models--")]
    return CachedNames(
        tuple(sorted(raw | ready))[:LISTED],
        tuple(name for name in sorted(models)[:LISTED] if is_cached(name)),
    )


def cached_rows(name: str, configuration: str | None) -> Mapping[str, int]:
    """Rows of each split of a dataset that the datasets library has made ready here; none where it has not.

    Args:
        name: of the dataset.
        configuration: its configuration; None takes whichever there is.
    """
    folder = _datasets_cache() / name.replace("/", "___")
    for path in sorted(folder.glob(f"{configuration or '*'}/*/*/dataset_info.json")):
        try:
            splits = json.loads(path.read_text(encoding="utf-8")).get("splits") or {}
            return {split: int(info["num_examples"]) for split, info in splits.items()}
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            # Written by another version of the library, or half written: as if it were not there.
            continue
    return {}


def _folders(cache: Path, prefix: str) -> list[Path]:
    if not cache.is_dir():
        return []
    return [path for path in cache.iterdir() if path.is_dir() and path.name.startswith(prefix)]


def _named(path: Path, prefix: str) -> str:
    return path.name.removeprefix(prefix).replace("--", "/")


def _datasets_cache() -> Path:
    """Where the datasets library keeps what it has made ready; asked of the environment as that library does."""
    return Path(os.environ.get("HF_DATASETS_CACHE") or Path(constants.HF_HOME) / "datasets").expanduser()
