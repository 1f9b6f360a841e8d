"""What an experiment with the strategy ``extract`` must be like, seen from its specification alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from engine.distill.hyperparameters import default_of
from engine.errors import SettingError
from engine.extraction.candidates import ARCHITECTURE, architectures, check_rules, hyperparameter_sets
from engine.extraction.partition import partition
from engine.spec_sections import FieldError

if TYPE_CHECKING:
    from engine.experiment import ExperimentSpec

EXTRACT = "extract"
"""Name of the strategy."""

LastLayer = Literal["head", "embedding"]

SEARCHABLE = (
    *("learning_rate", "optimizer", "beta_1", "beta_2", "adam_epsilon", "weight_decay", "max_grad_norm"),
    *("schedule", "warm_up_steps", "warm_up_share", "train_batch_size"),
    *("initializer_range", "dropout", "attention_dropout"),
)
"""Settings that may make up the hyperparameter sets Theta: how candidates learn, but not what their error means."""


def check_extraction(spec: ExperimentSpec) -> None:
    """See that an extraction can be run as it is specified.

    Raises:
        FieldError: naming the field at fault.
    """
    if spec.task.info.head != "masked_lm":
        raise FieldError(
            ("task", "name"), "an extraction compares predictions of words; set task.name = 'masked_lm'"
        )
    for name, needed, why in (
        ("initialise", "random", "candidates are trained from scratch"),
        ("head_shape", "resize", "the papers' heads share the width of the candidate"),
    ):
        if getattr(spec.student, name) != needed:
            raise FieldError(("student", name), f"must be '{needed}' in an extraction: {why}")
    if spec.baseline:
        raise FieldError(
            ("baseline",),
            "an extraction has none: everything is measured against the maximum point; leave it out",
        )
    if last_layer(spec) == "head" and not spec.teacher.trained and spec.extract.maximum_point == "teacher":
        raise FieldError(
            ("extract", "last_layer"), "'head' needs a teacher with a masked-LM head; set 'embedding'"
        )
    if spec.training.devices != 1:
        raise FieldError(("training", "devices"), "must be 1: a candidate's few steps are not shared out")
    for name in spec.parameters:
        if name not in (*ARCHITECTURE, *SEARCHABLE):
            raise FieldError(
                ("parameters", name),
                "cannot be searched in an extraction; beside the architecture there are "
                + ", ".join(SEARCHABLE),
            )
    if not any(name in ARCHITECTURE for name in spec.parameters):
        raise FieldError(
            ("parameters",), f"no architecture is searched; give one of {', '.join(ARCHITECTURE)}"
        )
    _check_space(spec)


def last_layer(spec: ExperimentSpec) -> LastLayer:
    """What turns last hidden states into words, "head" or "embedding", with "auto" worked out."""
    if spec.extract.last_layer != "auto":
        return spec.extract.last_layer
    return "head" if spec.teacher.trained or spec.extract.maximum_point == "largest" else "embedding"


def candidate_count(spec: ExperimentSpec) -> int:
    """Candidates an extraction trains: its partition, with each hyperparameter set.

    Raises:
        SettingError: when the space cannot be listed, or the interval is larger than it.
    """
    space = spec.space()
    places = partition(len(architectures(space, fixed_architecture(spec))), spec.extract.interval)
    return len(places) * len(hyperparameter_sets(space))


def fixed_architecture(spec: ExperimentSpec) -> dict[str, int]:
    """Architecture parameters that are not searched; 0 stands for the maximum point's."""
    names = [name for name in ARCHITECTURE if name not in spec.parameters]
    return {name: int(spec.fixed.get(name, default_of(name))) for name in names}


def _check_space(spec: ExperimentSpec) -> None:
    space = spec.space()
    try:
        check_rules(space)
    except SettingError as error:
        raise FieldError(("rules",), str(error)) from error
    try:
        found = len(architectures(space, fixed_architecture(spec)))
        sets = len(hyperparameter_sets(space))
    except SettingError as error:
        raise FieldError(("parameters",), str(error)) from error
    try:
        trained = len(partition(found, spec.extract.interval))
    except SettingError as error:
        raise FieldError(("extract", "interval"), str(error)) from error
    if trained * sets > spec.budget.trials:
        raise FieldError(
            ("budget", "trials"),
            f"is {spec.budget.trials}, but {trained * sets} candidates are to be trained ({trained} of {found} "
            f"architectures, {sets} hyperparameter sets each); raise it to that, or raise extract.interval",
        )
