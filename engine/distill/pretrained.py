"""Loads question answering models of transformers from a folder or by hub name, quietly, with clear errors."""

from __future__ import annotations

import pickle
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast

import torch
from safetensors import SafetensorError
from torch import nn
from transformers import AutoModelForQuestionAnswering, AutoTokenizer, PretrainedConfig
from transformers.utils import logging as transformers_logging

from engine.distill.anatomy import family_of
from engine.distill.architecture import FAMILIES, SPAN_OUTPUTS
from engine.distill.model_source import CONFIG_FILE, Location
from engine.errors import ModelError

LOAD_ERRORS = (OSError, ValueError, RuntimeError, KeyError, SafetensorError, pickle.UnpicklingError)
"""What transformers raises for configurations, weights and tokenizers that are missing, damaged or do not fit."""


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


def load_pretrained(location: Location) -> tuple[nn.Module, Any]:
    """A question answering model in fp32 on the CPU in evaluation mode, and its tokenizer.

    Raises:
        ModelError: The files cannot be read, are of another family, lack the question answering head or other
            weights, or the tokenizer does not fit.
    """
    name = location.name
    _check_family(location)
    options = {"local_files_only": location.local_only, "trust_remote_code": False}
    with quiet_transformers():
        try:
            model, info = AutoModelForQuestionAnswering.from_pretrained(
                name, dtype=torch.float32, output_loading_info=True, **options
            )
            tokenizer = AutoTokenizer.from_pretrained(name, **options)
        except LOAD_ERRORS as error:
            raise ModelError(f"cannot load the model {name}: {_first_line(error)}") from error
    missing = sorted(info["missing_keys"])
    if any(key.startswith("qa_outputs.") for key in missing):
        raise ModelError(
            f"{name} has no question answering head (qa_outputs): its weights would be random; "
            "fine-tune it on the task first, or give a model that is"
        )
    if missing:
        raise ModelError(f"{name} lacks weights, {missing[0]} for one; the model is incomplete")
    _check_outputs(name, model)
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
    if kind not in FAMILIES:
        raise ModelError(f"{location.name} is of type {kind!r}; teachers may be: {', '.join(FAMILIES)}")


def _check_outputs(name: str, model: nn.Module) -> None:
    family_of(model)
    outputs = cast("nn.Linear", model.get_submodule("qa_outputs")).out_features
    if outputs != SPAN_OUTPUTS:
        raise ModelError(f"the head of {name} has {outputs} outputs; question answering needs {SPAN_OUTPUTS}")


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
