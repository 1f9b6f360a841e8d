"""What follows an extraction: which trial's architecture it is, and the experiments that take it further."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from engine.distill.hyperparameters import default_of
from engine.errors import SettingError
from engine.experiment import ExperimentSpec
from engine.extraction.candidates import ARCHITECTURE
from engine.extraction.coefficient import Costs
from engine.extraction.partition import Outcome, extracted
from engine.extraction.requirements import EXTRACT
from engine.parameters import CategoricalParameter, Configuration, FloatParameter, Parameter, Value
from engine.spec_files import parse_spec, preset_text

Purpose = Literal["pretrain", "search"]

LEARNING_RATES = (1e-4, 2e-3)
"""Range a search around an extracted architecture tries, about the rate of the preset ``pretrain``."""
SEARCH_TRIALS = 20


def extracted_trial(measured: Mapping[int, Mapping[str, float]], speed: str) -> int | None:
    """Number of the trial with the largest W, ties broken as ``partition.extracted`` does; None while there is none.

    Args:
        measured: metrics of the completed trials by number.
        speed: the setting ``extract.speed``.
    """
    second = "lemma_operations" if speed == "operations" else "encoder_latency_ms"
    outcomes = [
        Outcome(number, Costs(metrics["lemma_parameters"], metrics[second]), metrics["w"])
        for number, metrics in measured.items()
        if "w" in metrics
    ]
    return extracted(outcomes).place if outcomes else None


def adopted(
    spec: ExperimentSpec, parameters: Mapping[str, Value], purpose: Purpose, name: str
) -> ExperimentSpec:
    """The experiment that takes an architecture further, on the same text and from the same teacher.

    "pretrain" trains the architecture to the end as the preset ``pretrain`` does, by Bort's distillation of the last
    layer and by masked LM alone, side by side; by the latter alone where the teacher has no masked-LM head. "search"
    looks for better trade-offs around it: the values next to its own in the extraction's space, and learning rates.

    Args:
        spec: of the extraction.
        parameters: configuration of the trial whose architecture it is.
        purpose: what is to become of it.
        name: of the extraction, as stored.

    Raises:
        SettingError: The experiment is no extraction.
    """
    if spec.strategy.name != EXTRACT:
        raise SettingError(
            f"{name} is no extraction (its strategy is {spec.strategy.name}); nothing is to be adopted"
        )
    base = parse_spec(preset_text("pretrain"), "preset pretrain")
    architecture = {
        key: int(parameters.get(key, spec.fixed.get(key, default_of(key)))) for key in ARCHITECTURE
    }
    told = ", ".join(f"{key} {value or 'of the teacher'}" for key, value in architecture.items())
    common: dict[str, Any] = {
        "name": f"{name[:50].rstrip('-')}-{purpose}",
        "description": f"The architecture extracted by {name}: {told}.",
        "seed": spec.seed,
        "task": spec.task.model_dump() | {"train_samples": 0},
        "teacher": spec.teacher,
        "student": spec.student,
        "training": base.training.model_dump() | {"latency_length": spec.training.latency_length},
    }
    made = _pretraining if purpose == "pretrain" else _search
    return base.changed(**common, **made(spec, base, architecture))


def _pretraining(
    spec: ExperimentSpec, base: ExperimentSpec, architecture: Mapping[str, int]
) -> dict[str, Any]:
    fixed = {**base.fixed, **architecture}
    if not spec.teacher.trained:
        return {
            "strategy": {"name": "single"},
            "budget": {"trials": 1},
            "parameters": {},
            "baseline": {},
            "fixed": fixed | {"method": "mlm"},
        }
    methods = CategoricalParameter(values=("mlm", "bort"))
    return {"budget": {"trials": 2}, "parameters": {"method": methods}, "fixed": fixed}


def _search(spec: ExperimentSpec, base: ExperimentSpec, architecture: Mapping[str, int]) -> dict[str, Any]:
    parameters: dict[str, Parameter] = {}
    for key, value in architecture.items():
        near = _neighbours(spec.parameters[key], value) if key in spec.parameters else (value,)
        if len(near) > 1:
            parameters[key] = CategoricalParameter(values=near)
    rate = base.fixed["learning_rate"]
    baseline: Configuration = {key: architecture[key] for key in parameters} | {"learning_rate": rate}
    low, high = LEARNING_RATES
    parameters["learning_rate"] = FloatParameter(low=low, high=high, log=True)
    fixed = {key: value for key, value in {**base.fixed, **architecture}.items() if key not in parameters}
    return {
        "strategy": {"name": "nehvi"},
        "budget": {"trials": SEARCH_TRIALS},
        "parameters": parameters,
        "rules": tuple(rule.text for rule in spec.space().rules if rule.names <= parameters.keys()),
        "baseline": baseline,
        "fixed": fixed | {"method": "bort" if spec.teacher.trained else "mlm"},
        "metrics": [
            {"name": "mlm_accuracy", "direction": "maximize"},
            {"name": "num_parameters", "direction": "minimize"},
        ],
    }


def _neighbours(parameter: Parameter, value: int) -> tuple[int, ...]:
    """The value and those next to it, ascending."""
    if isinstance(parameter, CategoricalParameter):
        values = sorted(int(other) for other in parameter.values)
    else:
        values = list(range(max(int(parameter.low), value - 1), min(int(parameter.high), value + 1) + 1))
    place = values.index(value)
    return tuple(values[max(0, place - 1) : place + 2])
