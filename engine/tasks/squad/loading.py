"""Question answering in SQuAD form: loads a dataset from a file or by its Hugging Face Hub name."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from engine.tasks.squad.hub import load_hub_dataset
from engine.tasks.squad.json_files import read_squad_file
from engine.tasks.squad.records import Answer, Dataset, Question, fingerprint

__all__ = ["Answer", "Dataset", "Question", "fingerprint", "is_path", "load_squad"]

FILE_SUFFIXES = (".json", ".gz")


def load_squad(source: str | Path, split: Literal["train", "validation"] = "train") -> Dataset:
    """Load questions from a SQuAD 1.1 or 2.0 file or from the Hugging Face Hub.

    Args:
        source: Path of a ``.json`` or ``.json.gz`` file, or a Hub name such as ``rajpurkar/squad_v2``.
        split: Which split of a Hub dataset; a file is always read whole.

    Raises:
        DatasetError: The source cannot be found, read, or is not in SQuAD form.
    """
    if is_path(source):
        return read_squad_file(Path(source))
    return load_hub_dataset(str(source), split)


def is_path(source: str | Path) -> bool:
    """Tell whether a source means a file: it exists, ends in .json or .gz, or starts with /, . or ~."""
    if isinstance(source, Path):
        return True
    if source.endswith(FILE_SUFFIXES) or source.startswith(("/", ".", "~")):
        return True
    try:
        return bool(source) and Path(source).exists()
    except (OSError, ValueError):
        return False
