"""The section of a specification that says how an architecture is extracted: what the papers leave open is set here."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from engine.extraction.partition import Order
from engine.spec_sections import Section


class ExtractSection(Section):
    """Settings of the strategy ``extract``, the FPTAS of "Optimal Subarchitecture Extraction for BERT".

    The published text has lost its interval, steps, batch size, learning rate, clip and warm-up, so every default
    here is the program's own. Training settings are hyperparameters like all others: searched ones make up the set
    Theta, the others stand under ``fixed``.
    """

    interval: int = Field(
        default=4,
        ge=1,
        description="The papers' epsilon: every how many architectures of the sorted space one is trained; the first "
        "and the last always are. 1 trains all.",
    )
    steps: int = Field(
        default=10, ge=1, le=10_000, description="Optimiser steps of each candidate, from scratch."
    )
    order: Order = Field(
        default="size",
        description="What the space is sorted by: size (parameters, then operations), speed (operations, then "
        "parameters), or gain (both savings against the maximum point multiplied, largest first).",
    )
    speed: Literal["operations", "latency"] = Field(
        default="operations",
        description="Speed in W: operations by Lemma 2, the same on every machine; or the encoder's median latency, "
        "as measured with the latency settings of [training].",
    )
    error: Literal["cross_entropy", "divergence"] = Field(
        default="cross_entropy",
        description="Error in W, over the vocabulary, in nats: the cross-entropy between the last layers of maximum "
        "point and candidate, as the article says; or that less the maximum point's entropy, which is 0 for its equal.",
    )
    last_layer: Literal["auto", "head", "embedding"] = Field(
        default="auto",
        description="What turns last hidden states into words: the masked-LM heads, at hidden tokens; or the word "
        "embeddings, at as many tokens that are seen, for a maximum point without such a head. auto goes by "
        "teacher.trained.",
    )
    held_out: int = Field(
        default=64,
        ge=1,
        description="Rows of the evaluation part that the error is measured on, drawn by seed.",
    )
    maximum_point: Literal["teacher", "largest"] = Field(
        default="teacher",
        description="The architecture all savings count against and whose answers are learned: the teacher; or the "
        "largest of the space, which is trained first (masked LM), the teacher giving no more than its vocabulary.",
    )
    maximum_steps: int = Field(
        default=200, ge=1, description="Optimiser steps of a maximum point that is the largest of the space."
    )
    keep_models: bool = Field(
        default=False, description="Save every candidate; a few steps leave nothing worth keeping."
    )
