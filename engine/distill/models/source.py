"""Where a model is: a folder or a hub name, found and checked without loading anything heavy."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import httpx
from huggingface_hub import constants, try_to_load_from_cache
from huggingface_hub.errors import HFValidationError

from engine.errors import ModelError

CONFIG_FILE = "config.json"
WEIGHT_FILES = (
    "model.safetensors",
    "model.safetensors.index.json",
    "pytorch_model.bin",
    "pytorch_model.bin.index.json",
)
TOKENIZER_FILES = ("tokenizer.json", "vocab.txt")
HUB_TIMEOUT_S = 5.0
"""How long an unreachable hub may hold up a start; the hub client's own retries take 20 seconds and more."""


@dataclass(frozen=True, slots=True)
class Location:
    """Where a model is: a folder or a hub name, and whether only this machine is asked for its files."""

    name: str
    local_only: bool


def locate(source: str | Path) -> Location:
    """Decides whether a source is a folder or a hub name, and checks that it is there.

    Raises:
        ModelError: There is no such folder, it has no configuration or weights, or the name is neither
            in the local cache nor can the hub be reached.
    """
    name = str(source)
    folder = Path(name).expanduser()
    if folder.is_dir():
        _check_folder(folder)
        return Location(str(folder), local_only=True)
    if folder.exists():
        raise ModelError(f"{name} is a file; give the folder that holds {CONFIG_FILE} and the weights")
    if isinstance(source, Path) or name.startswith((".", "/", "~")):
        raise ModelError(f"there is no folder {name}")
    try:
        cached = is_cached(name)
    except HFValidationError as error:
        raise ModelError(f"{name!r} is neither a folder nor a possible Hugging Face name") from error
    if not cached and not _hub_answers():
        raise ModelError(
            f"{name!r} is neither a folder nor whole in the local Hugging Face cache, and the hub cannot be reached; "
            "give a folder: --teacher path/to/folder"
        )
    return Location(name, local_only=cached)


def _check_folder(folder: Path) -> None:
    if not (folder / CONFIG_FILE).is_file():
        raise ModelError(f"{folder} has no {CONFIG_FILE}; give a folder saved by transformers")
    if not any((folder / name).is_file() for name in WEIGHT_FILES):
        raise ModelError(f"{folder} has no weights ({WEIGHT_FILES[0]} or {WEIGHT_FILES[2]})")


def is_cached(name: str) -> bool:
    """Whether the local cache holds configuration, weights and tokenizer of a hub name."""
    return all(
        any(isinstance(try_to_load_from_cache(name, file), str) for file in files)
        for files in ((CONFIG_FILE,), WEIGHT_FILES, TOKENIZER_FILES)
    )


def _hub_answers() -> bool:
    """Whether the hub can be reached within a few seconds; never tried in offline mode."""
    if constants.HF_HUB_OFFLINE:
        return False
    try:
        httpx.head(constants.ENDPOINT, timeout=HUB_TIMEOUT_S)
    except httpx.HTTPError:
        return False
    return True
