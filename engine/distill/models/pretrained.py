"""Loads pretrained models and tokenizers from a folder or by hub name, quietly, with clear errors."""

from __future__ import annotations

import pickle
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, cast

import torch
from safetensors import SafetensorError
from torch import nn
from transformers import (
    AutoModelForMaskedLM,
    AutoModelForQuestionAnswering,
    AutoModelForSequenceClassification,
    AutoTokenizer,
    PretrainedConfig,
)
from transformers.utils import logging as transformers_logging

from engine.distill.models.source import CONFIG_FILE, Location
from engine.distill.students.anatomy import (
    ANATOMIES,
    FAMILY_OF_TYPE,
    HEAD_NAMES,
    config_of,
    family_of,
    head_parts,
)
from engine.distill.students.architecture import HEADS
from engine.errors import ModelError, SettingError
from engine.tasks.interface import Head

LOAD_ERRORS = (OSError, ValueError, RuntimeError, KeyError, SafetensorError, pickle.UnpicklingError)
"""What transformers raises for configurations, weights and tokenizers that are missing, damaged or do not fit."""

AUTO_MODELS: Mapping[Head, Any] = {
    "span": AutoModelForQuestionAnswering,
    "sequence": AutoModelForSequenceClassification,
    "masked_lm": AutoModelForMaskedLM,
}
"""transformers' way to the model class of each head."""

NEW_HEAD_RANGE = 0.02
"""Standard deviation of a new head's weights: BERT's ``initializer_range``."""


@contextmanager
def quiet_transformers() -> Iterator[None]:
    """Silences the progress bars and warnings of transformers, and puts its settings back."""
    settings: Any = transformers_logging
    verbosity, bars = settings.get_verbosity(), settings.is_progress_bar_enabled()
    settings.set_verbosity_error()
    settings.disable_progress_bar()
    try:
        yield
    finally:
        settings.set_verbosity(verbosity)
        if bars:
            settings.enable_progress_bar()


def load_pretrained(
    location: Location, head: Head, labels: int, *, trained: bool, seed: int
) -> tuple[nn.Module, Any]:
    """A model with the given head in fp32 on the CPU in evaluation mode, and its tokenizer.

    Args:
        location: Where it is.
        head: The head the model is to have.
        labels: Outputs of a "sequence" head; without meaning for the others.
        trained: Whether the head must be in the files. If not, a head that is missing or has another number of
            outputs is new: weights from Normal(0, 0.02), biases 0, norms 1.
        seed: Draws a new head. Torch's global random state is neither read nor changed.

    Raises:
        SettingError: The head is unknown.
        ModelError: The files cannot be read, are of another family, lack the head or other weights, the head has
            other outputs, or the tokenizer does not fit.
    """
    if head not in HEADS:
        raise SettingError(f"head is {head!r}; use one of: {', '.join(HEADS)}")
    name = location.name
    _check_family(location)
    options: dict[str, Any] = {"local_files_only": location.local_only, "trust_remote_code": False}
    # A configuration says how many labels the model was trained for, which is not how many a new head needs.
    changes = {} if trained else {"num_labels": labels, "ignore_mismatched_sizes": True}
    with quiet_transformers(), torch.random.fork_rng(devices=[]):
        try:
            model, info = AUTO_MODELS[head].from_pretrained(
                name, dtype=torch.float32, output_loading_info=True, **changes, **options
            )
            tokenizer = AutoTokenizer.from_pretrained(name, **options)
        except LOAD_ERRORS as error:
            raise ModelError(f"cannot load the model {name}: {_first_line(error)}") from error
    lacking = {*info["missing_keys"], *(key for key, *_ in info["mismatched_keys"])}
    _check_weights(name, model, head, lacking, trained=trained)
    _initialise(model, head, lacking, seed)
    _check_outputs(name, model, head, labels)
    _check_tokenizer(name, model, tokenizer)
    return cast("nn.Module", model.eval()), tokenizer


def _check_family(location: Location) -> None:
    """Reads the configuration alone first: another family is refused before its weights are fetched."""
    with quiet_transformers():
        try:
            config, _ = PretrainedConfig.get_config_dict(location.name, local_files_only=location.local_only)
        except LOAD_ERRORS as error:
            raise ModelError(f"cannot read {CONFIG_FILE} of {location.name}: {_first_line(error)}") from error
    kind = config.get("model_type")
    if kind not in FAMILY_OF_TYPE:
        raise ModelError(f"{location.name} is of type {kind!r}; teachers may be: {', '.join(FAMILY_OF_TYPE)}")


def _check_weights(name: str, model: nn.Module, head: Head, lacking: set[str], *, trained: bool) -> None:
    """Refuses missing weights: those of a head that should be trained, and all others in any case."""
    paths = tuple(ANATOMIES[family_of(model)].heads[head].values())
    prefixes = tuple(f"{path}." for path in paths)
    # transformers has the output's bias a second time, beside the output, in masked language models.
    bias = f"{paths[-1].rpartition('.')[0]}.bias"
    of_head = {key for key in lacking if key.startswith(prefixes) or key == bias}
    others = sorted(lacking - of_head)
    if of_head and trained:
        raise ModelError(
            f"{name} has no {HEAD_NAMES[head]} head ({paths[-1]}): its weights would be random; "
            "fine-tune it on the task first, or give a model that is"
        )
    if others:
        raise ModelError(
            f"{name} lacks weights of the shapes in its {CONFIG_FILE}, {others[0]} for one; the model is incomplete"
        )


def _initialise(model: nn.Module, head: Head, lacking: set[str], seed: int) -> None:
    """Gives the missing weights of a head their first values, part by part from a generator of its own."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for path in ANATOMIES[family_of(model)].heads[head].values():
            part = model.get_submodule(path)
            missing = [kind for kind in ("weight", "bias") if f"{path}.{kind}" in lacking]
            if missing and isinstance(part, nn.LayerNorm):
                part.reset_parameters()
            elif missing:
                linear = cast("nn.Linear", part)
                if "weight" in missing:
                    linear.weight.normal_(0.0, NEW_HEAD_RANGE, generator=generator)
                linear.bias.zero_()


def _check_outputs(name: str, model: nn.Module, head: Head, labels: int) -> None:
    if head == "masked_lm":
        if not config_of(model).tie_word_embeddings:
            raise ModelError(f"the masked language model head of {name} is not tied to its word embedding")
        return
    outputs = cast("nn.Linear", head_parts(model)["output"]).out_features
    if outputs != labels:
        raise ModelError(
            f"the {HEAD_NAMES[head]} head of {name} has {outputs} outputs (labels); the task needs {labels}: "
            "fine-tune the model on the task first, or give a model that is"
        )


def _check_tokenizer(name: str, model: Any, tokenizer: Any) -> None:  # noqa: ANN401
    """Refuses a tokenizer that does not belong to the model.

    For a folder without tokenizer files transformers makes one of the five special tokens alone, without a word.
    """
    if len(tokenizer) <= len(tokenizer.all_special_ids):
        raise ModelError(f"{name} has no tokenizer (tokenizer.json or vocab.txt); save it beside the weights")
    if len(tokenizer) > model.config.vocab_size:
        raise ModelError(
            f"the tokenizer of {name} has {len(tokenizer)} tokens, the model only {model.config.vocab_size}; "
            "they do not belong together"
        )


def _first_line(error: Exception) -> str:
    return str(error).strip().split("\n")[0] or type(error).__name__
