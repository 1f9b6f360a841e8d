"""What a reader of an answer has to know beside its numbers, in plain sentences."""

from __future__ import annotations

from collections.abc import Iterable

from engine.whatif.answer import Expected, Shipment
from engine.whatif.exploring import Aim
from engine.whatif.learning import Models
from engine.whatif.model_quality import SOME_R2
from engine.whatif.question import Budget
from engine.whatif.words import budget_words

DOUBTFUL = 0.9
"""A probability of running through below this is worth a note."""


def notes(
    models: Models, aim: Aim, best: Expected | None, shipped: Shipment | None, *, is_fixed: bool
) -> list[str]:
    """Sentences on what is missing, what is doubtful, and what could not be kept."""
    found = [*_unlearned(models)]
    judged = models.learned.get(aim.quality.name)
    if judged is not None and judged.reliability.held_out_r2 < SOME_R2:
        found.append(
            f"The model cannot predict {aim.quality.name} yet: settings make less difference than it can see. Read the "
            "predictions as guesses and the intervals as what they are worth."
        )
    if best is not None and not best.keeps:
        broken = _listed(limit for limit in aim.limits if not limit.keeps(best.estimates[limit.metric].mean))
        if is_fixed:
            found += [f"These settings are predicted to break {broken}."] if broken else []
        else:
            found.append(
                f"No legal configuration was found that is predicted to keep {broken or 'everything asked'} and to "
                "run through; what comes closest is shown."
            )
    if best is not None and best.runs_through is not None and best.runs_through < DOUBTFUL:
        found.append(
            f"Trainings like this one may fail: it runs through with probability {best.runs_through:.2f}."
        )
    if shipped is None and models.completed:
        found.append("No measured trial meets the pins, the budgets and the thresholds.")
    return found


def _unlearned(models: Models) -> Iterable[str]:
    for name, missing in models.missing.items():
        trials = "trial" if missing == 1 else "trials"
        yield (
            f"{name} is not predicted yet, and budgets on it are left out of predictions: {missing} more completed "
            f"{trials} of other configurations {'is' if missing == 1 else 'are'} needed."
        )
    for name, reason in models.refused.items():
        yield f"{name} is not predicted, and budgets on it are left out of predictions: no model fits ({reason})."
    for name, count in models.passed_over.items():
        shown = models.learned[name].reliability.trials if name in models.learned else 0
        yield (
            f"The model of {name} was shown {shown:,} of {shown + count:,} trials, the best and an even spread of the "
            "others, so that it answers at once."
        )


def _listed(limits: Iterable[Budget]) -> str:
    return " and ".join(budget_words(limit) for limit in limits)
