"""From a question to its answer; the models are fitted once, and asked as often as one likes."""

from __future__ import annotations

from collections.abc import Sequence

from engine.errors import SettingError
from engine.metric_catalogue import SIZE_METRICS
from engine.metrics import Metric, objectives
from engine.strategies.interface import Observation, SearchProblem
from engine.whatif.answer import Answer
from engine.whatif.expecting import expected, judged, predicted_frontier, spread
from engine.whatif.exploring import Aim, explore, predicted
from engine.whatif.learning import Models, learn, learn_more
from engine.whatif.notes import notes
from engine.whatif.pool import legal_pool
from engine.whatif.question import Budget, Question, fixed_configuration
from engine.whatif.shipping import shipment
from engine.whatif.support import support

UNLEARNED_POOL = 512
"""Configurations that sizes are worked out for while there is no model."""


def what_if(problem: SearchProblem, observations: Sequence[Observation], question: Question) -> Answer:
    """Answer a question from an experiment's trials.

    Takes seconds, for it fits models; where many questions follow each other, keep those of ``models_for`` and put
    each question to ``answer``.

    Args:
        problem: what was searched.
        observations: its trials, as strategies see them.
        question: what is pinned, and the budgets.

    Raises:
        SettingError: when the question names what there is not, or pins leave nothing legal.
    """
    question.check(problem.space, metric_names(problem, observations))
    budgets = [budget.metric for budget in question.budgets]
    return answer(models_for(problem, observations, budgets), question)


def metric_names(problem: SearchProblem, observations: Sequence[Observation]) -> list[str]:
    """Every metric that can be asked for: those of the problem, what is known, and what was measured."""
    measured = sorted({name for one in observations for name in one.metrics})
    known = sorted(problem.known.metrics) if problem.known else []
    return list(dict.fromkeys([*(metric.name for metric in problem.metrics), *known, *measured]))


def models_for(
    problem: SearchProblem, observations: Sequence[Observation], more: Sequence[str] = ()
) -> Models:
    """Models of all metrics of the problem, those that are only stored included.

    Args:
        problem: what was searched.
        observations: its trials.
        more: further metrics, such as those that budgets name.
    """
    names = [*(metric.name for metric in problem.metrics), *more]
    return learn(problem, observations, quality_of(problem).name, names)


def models_with(models: Models, more: Sequence[str]) -> Models:
    """The models, with those of further metrics such as budgets name; what is there is not fitted again."""
    return learn_more(models, quality_of(models.problem).name, more)


def answer(models: Models, question: Question) -> Answer:
    """Answer a question from fitted models.

    Args:
        models: those of ``models_for``, asked for the metrics of the budgets too.
        question: a checked one.

    Raises:
        SettingError: when pins leave nothing legal.
    """
    aim = _aim(models, question)
    quality = aim.quality.name
    is_fixed = fixed_configuration(models.problem.space, question.pinned) is not None
    can_judge = quality in aim.names
    if can_judge:
        table, even = explore(models, aim)
    else:
        table = predicted(models, aim, legal_pool(models.problem, question.pinned, UNLEARNED_POOL))
        even = len(table.configurations)
    row = table.order()[0] if can_judge else 0 if is_fixed else None
    chosen = None if row is None else table if is_fixed else judged(models, table, [row])
    best = None if chosen is None else expected(models, chosen, 0, aim.limits)
    shipped = shipment(models, aim, question.budgets, table)
    surrogate = models.learned[quality].surrogate if quality in models.learned else None
    return Answer(
        question=question,
        quality=quality,
        cost=aim.cost.name if aim.cost else None,
        trials=len(models.completed),
        missing=models.missing.get(quality, 0),
        is_fixed=is_fixed,
        best=best,
        support=support(surrogate, best.parameters, models.completed) if surrogate and best else None,
        spread=spread(models, table, even),
        frontier=predicted_frontier(models, table, aim.quality, aim.cost) if can_judge and aim.cost else [],
        shipment=shipped,
        reliability={name: learned.reliability for name, learned in models.learned.items()},
        notes=notes(models, aim, best, shipped, is_fixed=is_fixed),
    )


def quality_of(problem: SearchProblem) -> Metric:
    """The metric that is made as good as possible: the first maximised objective, else one that is no size.

    Raises:
        SettingError: when no metric is optimised.
    """
    listed = objectives(problem.metrics)
    if not listed:
        raise SettingError("what-if needs a metric with role = 'optimize', to make as good as possible")
    maximised = (metric for metric in listed if metric.direction == "maximize")
    scores = (metric for metric in listed if metric.name not in SIZE_METRICS)
    return next(maximised, None) or next(scores, None) or listed[0]


def _aim(models: Models, question: Question) -> Aim:
    problem = models.problem
    quality, cost = quality_of(problem), _cost(problem, question)
    asked = [quality.name, *([cost.name] if cost else []), *(metric.name for metric in problem.metrics)]
    names = tuple(
        models.predictable(dict.fromkeys([*asked, *(budget.metric for budget in question.budgets)]))
    )
    thresholds = [
        Budget(metric.name, "min" if metric.direction == "maximize" else "max", metric.threshold)
        for metric in problem.metrics
        if metric.threshold is not None
    ]
    limits = [limit for limit in [*question.budgets, *thresholds] if limit.metric in names]
    return Aim(question.pinned, limits, quality, cost if cost and cost.name in names else None, names)


def _cost(problem: SearchProblem, question: Question) -> Metric | None:
    """What quality is set against: the first metric with an upper budget, else the first minimised objective."""
    quality = quality_of(problem).name
    capped = [
        budget.metric for budget in question.budgets if budget.kind == "max" and budget.metric != quality
    ]
    if capped:
        return Metric(name=capped[0], direction="minimize")
    minimised = (metric for metric in objectives(problem.metrics) if metric.direction == "minimize")
    return next((metric for metric in minimised if metric.name != quality), None)
