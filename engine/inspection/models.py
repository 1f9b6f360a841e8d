"""What a model is, in words: its size and its head, read off its configuration and the header of its weights."""

from __future__ import annotations

import json
import struct
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import Any

from huggingface_hub import try_to_load_from_cache

from engine.distill.models.source import CONFIG_FILE, WEIGHT_FILES, locate
from engine.errors import ModelError
from engine.tasks.interface import Head

HEADER_LIMIT = 100_000_000
"""Longest header of a safetensors file in bytes, as the format has it."""

_LAYERS = ("num_hidden_layers", "n_layers")
_WIDTH = ("hidden_size", "dim")
_HEADS: dict[Head, tuple[str, str]] = {
    "span": ("ForQuestionAnswering", "answer questions"),
    "sequence": ("ForSequenceClassification", "classify texts"),
    "masked_lm": ("ForMaskedLM", "guess hidden words"),
}
"""Ending of the class of a model with each head, and what it can do."""


@dataclass(frozen=True, slots=True)
class ModelFacts:
    """What is known of a model.

    Attributes:
        told: its size in words, such as "12 layers of width 768, 109.5 M parameters".
        lacks: what it was not trained for, in a sentence; None where it was, or that cannot be told.
    """

    told: str
    lacks: str | None


def inspect_model(source: str, head: Head) -> ModelFacts | None:
    """What a folder or a cached hub name holds; None for a name that is not in the local cache.

    Args:
        source: folder or hub name; not 'embedded'.
        head: what the task needs.

    Raises:
        ModelError: when the folder is not whole, or there is no such folder, or its files cannot be read.
    """
    folder = Path(source).expanduser()
    files = _files(folder) if folder.is_dir() else _cached(source)
    if files is None:
        return None
    config, weights = files
    settings = _read_config(config)
    return ModelFacts(_size(settings, weights), _lacks(settings, head))


def _files(folder: Path) -> tuple[Path, Path | None]:
    locate(folder)
    weights = next((folder / name for name in WEIGHT_FILES if (folder / name).is_file()), None)
    return folder / CONFIG_FILE, weights


def _cached(name: str) -> tuple[Path, Path | None] | None:
    config = try_to_load_from_cache(name, CONFIG_FILE)
    if not isinstance(config, str):
        return None
    found = [try_to_load_from_cache(name, file) for file in WEIGHT_FILES]
    weights = next((Path(path) for path in found if isinstance(path, str)), None)
    return Path(config), weights


def _read_config(path: Path) -> dict[str, Any]:
    try:
        settings = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ModelError(f"{path} cannot be read ({error}); give a folder saved by transformers") from error
    if not isinstance(settings, dict):
        raise ModelError(f"{path} holds no settings; give a folder saved by transformers")
    return settings


def _size(settings: dict[str, Any], weights: Path | None) -> str:
    parts = []
    layers, width = _first(settings, _LAYERS), _first(settings, _WIDTH)
    if layers is not None and width is not None:
        parts.append(f"{layers} layers of width {width}")
    count = None if weights is None else parameter_count(weights)
    if count is not None:
        parts.append(f"{count / 1e6:.1f} M parameters" if count >= 1e6 else f"{count / 1e3:.0f} k parameters")
    return ", ".join(parts) or str(settings.get("model_type", "of unknown size"))


def _first(settings: dict[str, Any], names: tuple[str, ...]) -> int | None:
    return next((int(settings[name]) for name in names if isinstance(settings.get(name), int)), None)


def parameter_count(weights: Path) -> int | None:
    """Parameters in a safetensors file, or in all files an index names; None for other formats or damaged files."""
    try:
        if weights.name.endswith(".index.json"):
            names = set(json.loads(weights.read_text(encoding="utf-8"))["weight_map"].values())
            counts = [_in_header(weights.parent / str(name)) for name in names]
            return None if None in counts else sum(count for count in counts if count is not None)
        return _in_header(weights)
    except (OSError, ValueError, KeyError, TypeError, struct.error):
        return None


def _in_header(path: Path) -> int | None:
    if path.suffix != ".safetensors":
        return None
    with path.open("rb") as file:
        (length,) = struct.unpack("<Q", file.read(8))
        if length > HEADER_LIMIT:
            return None
        header = json.loads(file.read(length))
    total: int = sum(prod(tensor["shape"]) for name, tensor in header.items() if name != "__metadata__")
    return total


def _lacks(settings: dict[str, Any], head: Head) -> str | None:
    """Whether the model's class says that its head is another one."""
    named = [str(name) for name in settings.get("architectures") or []]
    ending, can = _HEADS[head]
    if not named or any(name.endswith(ending) for name in named):
        return None
    return f"it is a {named[0]}, which was not trained to {can}"
