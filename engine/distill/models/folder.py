"""Teachers and students as folders: load a teacher, save a student so that plain transformers reads it, load it back.

transformers cannot describe a model whose layers have lost heads. A pruned student is therefore written with its
removed heads put back as zeros: the same outputs, but a **bigger file than the pruned model's size**. The file
``bert_frontier.json`` beside the weights lists the removed heads, and ``load_student`` slices them out again.
"""

from __future__ import annotations

import copy
import json
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

from torch import nn

from engine.distill.models.pretrained import load_pretrained, quiet_transformers
from engine.distill.models.source import locate
from engine.distill.students.anatomy import (
    HEAD_NAMES,
    family_of,
    field_of,
    head_of,
    head_parts,
    layers_of,
    takes_token_types,
)
from engine.distill.students.architecture import FP32_BYTES, HEADS, SPAN_OUTPUTS
from engine.distill.students.head_dropout import install_head_dropout
from engine.distill.students.pruning import (
    RemovedHeads,
    are_silent,
    check_fits,
    dense_state,
    prune_heads,
    removed_heads,
)
from engine.errors import ModelError
from engine.tasks.interface import Head

FACTS_FILE = "bert_frontier.json"
CARD_FILE = "README.md"
FORMAT = 1


def load_teacher(
    source: str | Path,
    head: Head = "span",
    labels: int = SPAN_OUTPUTS,
    *,
    trained: bool = True,
    seed: int = 0,
) -> tuple[nn.Module, Any]:
    """A teacher in fp32 on the CPU in evaluation mode, and its tokenizer.

    Args:
        source: A folder saved by transformers, or a Hugging Face name. A name in the local cache is taken from
            there without asking the hub; any other is downloaded, or refused within seconds if the hub is out of reach.
        head: The head it needs.
        labels: Outputs of a "sequence" head: the number of classes, 1 for regression.
        trained: False for a plain encoder that is to be fine-tuned: a head it lacks, or one with another number of
            outputs, is new, weights from Normal(0, 0.02) and biases 0.
        seed: Draws a new head; torch's global random state is left alone.

    Raises:
        SettingError: The head is unknown.
        ModelError: The source cannot be found or read, is of an unknown family, has no trained head though it
            should have, a head with another number of labels, or its tokenizer does not fit.
    """
    return load_pretrained(locate(source), head, labels, trained=trained, seed=seed)


def save_student(model: nn.Module, tokenizer: Any, folder: str | Path, card: str | None = None) -> None:  # noqa: ANN401
    """Writes a student as a folder that plain transformers loads, in one step: it is there whole or not at all.

    Removed heads are written as zeros (see the module's docstring), so ``model.safetensors`` of a pruned student is
    bigger than its pruned size; both sizes stand in ``bert_frontier.json`` and in the model card.

    Args:
        model: The student, on any device; it is not changed.
        tokenizer: Its tokenizer.
        folder: Where to write; an earlier student there is replaced, any other content is refused.
        card: Text of the model card (Markdown, front matter allowed); a section on sizes is added. None for
            that section alone.

    Raises:
        ModelError: The folder holds something other than a saved student.
    """
    target = Path(folder)
    if target.exists() and not _replaceable(target):
        raise ModelError(f"{target} exists and holds no saved student; give a new folder")
    facts = _facts(model)
    with _in_one_step(target) as new, quiet_transformers():
        cast("Any", model).save_pretrained(new, state_dict=dense_state(model))
        _without_token_types(model, tokenizer).save_pretrained(new)
        (new / FACTS_FILE).write_text(json.dumps(facts, indent=2) + "\n", encoding="utf-8")
        text = card.rstrip() + "\n\n" if card else f"# Distilled {HEAD_NAMES[head_of(model)]} model\n\n"
        (new / CARD_FILE).write_text(text + _size_section(facts), encoding="utf-8")


def load_student(folder: str | Path) -> tuple[nn.Module, Any]:
    """A student saved by ``save_student`` with its heads sliced out again, bit for bit, and its tokenizer.

    The model is in fp32 on the CPU in evaluation mode.

    Raises:
        ModelError: The folder was not written by ``save_student``, is damaged, or its weights were changed since.
    """
    path = Path(folder)
    removed, head, labels = _read_facts(path)
    model, tokenizer = load_pretrained(locate(path), head, labels, trained=True, seed=0)
    check_fits(model, removed)
    if not are_silent(model, removed):
        raise ModelError(
            f"{path}: heads listed as removed in {FACTS_FILE} have weights; the model was trained on since it was "
            f"saved: delete {FACTS_FILE} and use it as a full model"
        )
    prune_heads(model, removed)
    install_head_dropout(model)
    return model, tokenizer


def _facts(model: nn.Module) -> dict[str, Any]:
    dense = dense_state(model)
    pruned = sum(parameter.numel() for parameter in model.parameters())
    full = sum(dense[name].numel() for name, _ in model.named_parameters())
    encoder = sum(parameter.numel() for layer in layers_of(model) for parameter in layer.parameters())
    return {
        "format": FORMAT,
        "family": family_of(model),
        "head": head_of(model),
        "labels": cast("Any", head_parts(model)["output"]).out_features,
        "n_layers": field_of(model, "n_layers"),
        "heads_in_full": field_of(model, "n_heads"),
        "removed_heads": [list(heads) for heads in removed_heads(model)],
        "num_parameters": pruned,
        "encoder_parameters": encoder,
        "model_mb": pruned * FP32_BYTES / 1e6,
        "num_parameters_in_file": full,
        "file_mb": full * FP32_BYTES / 1e6,
    }


def _size_section(facts: dict[str, Any]) -> str:
    lines = [
        "## Size\n",
        f"{facts['num_parameters']:,} parameters, {facts['model_mb']:.1f} MB in fp32.",
    ]
    if facts["num_parameters_in_file"] != facts["num_parameters"]:
        lines.append(
            f"\nAttention heads of this model were removed. Plain transformers cannot represent that, so "
            f"`model.safetensors` holds them as zeros: {facts['num_parameters_in_file']:,} parameters, "
            f"{facts['file_mb']:.1f} MB, **bigger than the model itself**. The outputs are the same. The removed "
            f"heads are listed in `{FACTS_FILE}`; bert-frontier's `load_student` slices them out again, which "
            f"gives the size and the speed of the pruned model."
        )
    return "\n".join(lines) + "\n"


def _without_token_types(model: nn.Module, tokenizer: Any) -> Any:  # noqa: ANN401
    """The tokenizer as the model needs it: only BERT takes token types."""
    if takes_token_types(model):
        return tokenizer
    own = copy.deepcopy(tokenizer)
    own.model_input_names = ["input_ids", "attention_mask"]
    own.init_kwargs["model_input_names"] = own.model_input_names  # without this entry it is not saved
    return own


def _replaceable(folder: Path) -> bool:
    return folder.is_dir() and ((folder / FACTS_FILE).is_file() or not any(folder.iterdir()))


@contextmanager
def _in_one_step(target: Path) -> Iterator[Path]:
    """A new folder beside the target that takes its place at the end, or disappears after an error."""
    target.parent.mkdir(parents=True, exist_ok=True)
    mark = uuid.uuid4().hex
    new, old = target.with_name(f".{target.name}.{mark}.new"), target.with_name(f".{target.name}.{mark}.old")
    new.mkdir()
    try:
        yield new
        if target.exists():
            target.rename(old)
        new.rename(target)
    finally:
        shutil.rmtree(new, ignore_errors=True)
        if target.exists():
            shutil.rmtree(old, ignore_errors=True)
        elif old.exists():
            old.rename(target)


def _read_facts(folder: Path) -> tuple[RemovedHeads, Head, int]:
    """Removed heads, head and number of labels; folders of earlier versions name no head and have a span head."""
    path = folder / FACTS_FILE
    if not path.is_file():
        raise ModelError(f"{folder} has no {FACTS_FILE}; it is not a student saved by bert-frontier")
    try:
        facts = json.loads(path.read_text(encoding="utf-8"))
        version = int(facts["format"])
        removed = tuple(tuple(int(head) for head in heads) for heads in facts["removed_heads"])
        head, labels = facts.get("head", "span"), int(facts.get("labels", SPAN_OUTPUTS))
    except (ValueError, KeyError, TypeError) as error:
        raise ModelError(f"{path} is damaged ({error!r}); save the student again") from error
    if version > FORMAT:
        raise ModelError(
            f"{path} has format {version}; this program knows {FORMAT}: use a newer bert-frontier"
        )
    if head not in HEADS:
        raise ModelError(f"{path} is damaged (head is {head!r}); save the student again")
    return removed, head, labels
