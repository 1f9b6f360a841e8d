"""What is answered: predictions, what supports them, the trial to ship, and how good the models are; all JSON-ready."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from engine.parameters import Configuration
from engine.whatif.question import Question

LEVEL = 0.9
"""Probability that an interval is meant to hold."""

MIN_TRIALS = 5
"""Different configurations measured before a model is used; fewer say nothing that an interval could hold."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a metric of a configuration is expected to be, in the metric's unit.

    Attributes:
        mean: best guess.
        low: lower end of the interval of a **new measurement** with probability ``LEVEL``: what the model does not
            know, what training adds by chance, and the standard error of the evaluation, widened where the models'
            own intervals held less than they should, and for a configuration that was chosen for its prediction also
            by how far models that lack some trials disagree about it.
        high: upper end.
        is_exact: whether it is known by formula; the interval is a point then.
    """

    mean: float
    low: float
    high: float
    is_exact: bool = False


@dataclass(frozen=True, slots=True)
class Expected:
    """A configuration with what is expected of it.

    Attributes:
        parameters: the configuration.
        estimates: by metric.
        runs_through: probability that its training does not fail; None while no trial has failed.
        keeps: whether the best guesses keep all budgets and thresholds, and training more likely runs through.
        within: probability that a measurement keeps all budgets and thresholds; None where there are none.
    """

    parameters: Configuration
    estimates: Mapping[str, Estimate]
    runs_through: float | None
    keeps: bool
    within: float | None


@dataclass(frozen=True, slots=True)
class Near:
    """A measured trial and how alike a configuration it is to the model, from 0 to 1 (the same to it)."""

    trial: int
    likeness: float
    parameters: Configuration
    metrics: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Support:
    """What stands behind a prediction.

    Attributes:
        verdict: ``good``; ``thin``: few trials are like it; ``none``: it extrapolates.
        words: the verdict in plain words, with its reasons.
        alike: number of measured trials that are like the configuration.
        nearest: the most alike trials, the most alike first.
    """

    verdict: Literal["good", "thin", "none"]
    words: str
    alike: int
    nearest: Sequence[Near]


@dataclass(frozen=True, slots=True)
class Spread:
    """What the pins alone say of a metric: its predictions over everything that is left free.

    Attributes:
        median: of the predictions.
        low: 5 % of the predictions are below.
        high: 5 % of the predictions are above.
    """

    median: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class FrontierPoint:
    """A configuration that is predicted to be beaten in both quality and cost by none that was looked at."""

    parameters: Configuration
    quality: Estimate
    cost: Estimate


@dataclass(frozen=True, slots=True)
class Reliability:
    """How well the model of a metric predicts trials it was not shown.

    Attributes:
        trials: trials with the metric.
        error: root mean square of the leave-one-out errors, in the metric's unit, hyperparameters held fixed.
        r2: share of the variance that leave-one-out predictions explain, hyperparameters held fixed.
        held_out_r2: the same with groups of trials left out and hyperparameters found anew; the honest one.
        held: share of outcomes within the model's own intervals when groups of trials are left out.
        widening: factor by which the model's intervals are widened for that, at least 1.
        words: the verdict in a sentence.
    """

    trials: int
    error: float
    r2: float
    held_out_r2: float
    held: float
    widening: float
    words: str


@dataclass(frozen=True, slots=True)
class Dearer:
    """The next trial up in cost that is better: what choosing the cheaper one gives up.

    Attributes:
        trial: its number.
        cost: name of the metric that is dearer.
        cost_difference: how much dearer, in the metric's unit.
        regret: how much better its quality was measured.
        interval: of ``regret``, errors taken as independent; None where a standard error is missing.
    """

    trial: int
    cost: str
    cost_difference: float
    regret: float
    interval: tuple[float, float] | None


@dataclass(frozen=True, slots=True)
class MoreTrials:
    """Whether more trials would find something better that keeps the budgets, as the models see it.

    Attributes:
        margin: gain in true quality from which a trial counts as better.
        chosen: the configurations that are meant, the one worth trying next first.
        gain: expected gain of the next trial, no gain counting as 0.
        next: probability that the next trial is better.
        any: probability that at least one of them all, chosen now, is better.
    """

    margin: float
    chosen: Sequence[Configuration]
    gain: float
    next: float
    any: float


@dataclass(frozen=True, slots=True)
class Shipment:
    """The measured trial to ship under the budgets.

    Attributes:
        trial: its number.
        parameters: its configuration.
        metrics: what was measured.
        standard_errors: of the metrics that have one.
        expected: what the model expects of another measurement of it; lower than what was measured where the best
            of many was partly lucky. None without a model.
        dearer: the next better trial up in cost; None when there is none.
        baseline: number of the baseline's trial; None while it has not completed.
        beats_baseline: probability that its true quality is above the baseline's; None when it is the baseline
            itself or there is no baseline.
        beats_by: what the probability rests on: the two ``measurements``, or the ``model``.
        more: None without a model.
    """

    trial: int
    parameters: Configuration
    metrics: Mapping[str, float]
    standard_errors: Mapping[str, float]
    expected: Estimate | None
    dearer: Dearer | None
    baseline: int | None
    beats_baseline: float | None
    beats_by: Literal["measurements", "model"] | None
    more: MoreTrials | None


@dataclass(frozen=True, slots=True)
class Answer:
    """Everything that follows from a question.

    Attributes:
        question: what was asked.
        quality: name of the metric that is made as good as possible.
        cost: name of the metric it is set against; None when there is none.
        trials: completed trials of the experiment.
        missing: completed trials that are missing before models are used; 0 when they are.
        is_fixed: whether every setting was pinned, so that ``best`` is the configuration asked about.
        best: the configuration with the best predicted quality under the pins, budgets and thresholds, or what comes
            closest to keeping them; None when something is free and there is no model to tell.
        support: of ``best``; None without it or without a model.
        spread: by metric, over the configurations that the pins leave.
        frontier: the best predicted quality at each cost under the pins, the cheapest first.
        shipment: None when no measured trial meets the budgets and thresholds.
        reliability: of the model of each metric that is learned.
        notes: what a reader has to know beside, in sentences.
    """

    question: Question
    quality: str
    cost: str | None
    trials: int
    missing: int
    is_fixed: bool
    best: Expected | None
    support: Support | None
    spread: Mapping[str, Spread]
    frontier: Sequence[FrontierPoint]
    shipment: Shipment | None
    reliability: Mapping[str, Reliability]
    notes: Sequence[str]


def answer_to_json(answer: Answer) -> dict[str, Any]:
    """The answer as plain dictionaries, lists and numbers."""
    return asdict(answer)
