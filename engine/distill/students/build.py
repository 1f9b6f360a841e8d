"""Builds a student from its teacher: chosen layers copied, heads pruned, widths narrowed, the rest new."""

from __future__ import annotations

from typing import Any, cast

from torch import nn
from transformers import AutoConfig
from transformers.initialization import no_init_weights

from engine.distill.models.pretrained import AUTO_MODELS
from engine.distill.students.anatomy import ANATOMIES, config_of, family_of, field_of, head_of
from engine.distill.students.architecture import Family
from engine.distill.students.head_dropout import install_head_dropout
from engine.distill.students.plan import StudentPlan, plan_student
from engine.distill.students.pruning import prune_heads
from engine.distill.students.shape import HeadRule, HeadShape, Initialise, LayerRule, StudentShape
from engine.distill.students.weights import fill_student
from engine.errors import SettingError
from engine.tasks.interface import Head

LAYER_NORM_EPS = 1e-12
"""BERT's default. transformers' DistilBERT cannot have another, so a DistilBERT student follows no other teacher's."""


def build_student(
    teacher: nn.Module,
    *,
    n_layers: int = 0,
    n_heads: int = 0,
    family: Family | None = None,
    layers_from: LayerRule | tuple[int, ...] = "every_other",
    pruning_seed: int = 1,
    dropout: float = 0.1,
    attention_dropout: float = 0.1,
    qa_dropout: float = 0.1,
    initializer_range: float = 0.02,
    seed: int = 42,
    hidden_size: int | None = None,
    intermediate_size: int | None = None,
    heads_by: HeadRule = "seed",
    head_shape: HeadShape = "prune",
    initialise: Initialise = "teacher",
) -> nn.Module:
    """A student of a shape and with rates; ``plan_student`` and ``build_planned`` in one.

    A student of the teacher's depth, family and widths with all heads answers as the teacher does (but for the
    sequence heads of BERT and DistilBERT made of each other, see ``student_weights``). For the shape's arguments see
    ``StudentShape``, where None and 0 mean the teacher's; for the others ``build_planned``.

    Raises:
        SettingError: A setting is out of its range, or the shape cannot be made of this teacher.
        ModelError: The teacher is of another family, has no head, or its heads are pruned.
    """
    shape = StudentShape(
        family=family,
        n_layers=n_layers,
        n_heads=n_heads,
        hidden_size=hidden_size or 0,
        intermediate_size=intermediate_size or 0,
        layers_from=layers_from,
        heads_by=heads_by,
        head_shape=head_shape,
        initialise=initialise,
        pruning_seed=pruning_seed,
        seed=seed,
    )
    return build_planned(
        teacher,
        plan_student(teacher, shape),
        dropout=dropout,
        attention_dropout=attention_dropout,
        qa_dropout=qa_dropout,
        initializer_range=initializer_range,
    )


def build_planned(
    teacher: nn.Module,
    plan: StudentPlan,
    *,
    dropout: float = 0.1,
    attention_dropout: float = 0.1,
    qa_dropout: float = 0.1,
    initializer_range: float = 0.02,
) -> nn.Module:
    """A student in fp32 and training mode, on the teacher's device; the same arguments give the same bits.

    Torch's global random state is neither read nor changed.

    Args:
        teacher: The model the plan was made for; it is not changed.
        plan: Which of its parts the student takes.
        dropout: Dropout of embeddings and hidden states in training, 0 to 1.
        attention_dropout: Dropout of attention weights in training, 0 to 1.
        qa_dropout: Dropout before the output layer of a question answering or sequence head in training, 0 to 1; a
            masked language model has none there.
        initializer_range: Standard deviation of new weights, at least 0 (new biases are 0, norms 1).

    Raises:
        SettingError: A setting is out of its range.
    """
    rates = {"dropout": dropout, "attention_dropout": attention_dropout, "qa_dropout": qa_dropout}
    _check_rates(rates, initializer_range)
    student = _empty_student(teacher, plan, rates, initializer_range)
    fill_student(student, teacher, plan, initializer_range)
    prune_heads(student, tuple(layer.removed for layer in plan.layers))
    return student.to(next(teacher.parameters()).device).train()


def _check_rates(rates: dict[str, float], initializer_range: float) -> None:
    for name, rate in rates.items():
        if not 0 <= rate <= 1:
            raise SettingError(f"{name} is {rate}; it must be from 0 to 1")
    if not 0 <= initializer_range < float("inf"):
        raise SettingError(f"initializer_range is {initializer_range}; it must be a number of at least 0")


def _empty_student(
    teacher: nn.Module, plan: StudentPlan, rates: dict[str, float], initializer_range: float
) -> nn.Module:
    """A model of the student's shape with all heads and undefined weights, on the CPU."""
    arch, old = plan.architecture, config_of(teacher)
    names = ANATOMIES[arch.family].fields
    settings: dict[str, Any] = {
        names["n_layers"]: arch.n_layers,
        names["n_heads"]: arch.heads_in_full,
        names["hidden_size"]: arch.hidden_size,
        names["intermediate_size"]: arch.intermediate_size,
        names["activation"]: field_of(teacher, "activation"),
        "max_position_embeddings": arch.max_positions + arch.position_offset,
        "vocab_size": arch.vocab_size,
        "initializer_range": initializer_range,
        "dtype": "float32",
    }
    settings |= {names[name]: rates[name] for name in ("dropout", "attention_dropout")}
    settings |= {name: getattr(old, name, None) for name in ("pad_token_id", "bos_token_id", "eos_token_id")}
    if arch.family != "distilbert":
        settings["layer_norm_eps"] = getattr(old, "layer_norm_eps", LAYER_NORM_EPS)
        settings["type_vocab_size"] = arch.type_vocab_size
    settings |= _head_settings(old, head_of(teacher), names["head_dropout"], rates["qa_dropout"])
    kind = old.model_type if arch.family == family_of(teacher) else arch.family
    with no_init_weights():
        student = AUTO_MODELS[arch.head].from_config(AutoConfig.for_model(kind, **settings))
    student.tie_weights()
    install_head_dropout(student)
    return cast("nn.Module", student)


def _head_settings(old: Any, head: Head, dropout_name: str, dropout: float) -> dict[str, Any]:  # noqa: ANN401
    """What the student's configuration says of its head; labels keep the teacher's names."""
    if head == "span":
        return {"qa_dropout": dropout}
    if head == "masked_lm":
        return {}
    labels = {name: getattr(old, name) for name in ("id2label", "label2id", "problem_type")}
    return {dropout_name: dropout} | {name: value for name, value in labels.items() if value is not None}
