"""An answer as text: what is predicted, what supports it, the trial to ship, and how good the models are."""

from __future__ import annotations

from engine.cli.report import settings_text, table
from engine.whatif.answer import LEVEL, Answer, Expected, Support
from engine.whatif.words import (
    interval_words,
    probability_words,
    question_words,
    shipment_words,
    spread_words,
    value_words,
)

INTERVAL = f"{100 * LEVEL:.0f} % interval"


def whatif_report(experiment: str, answer: Answer) -> str:
    """Everything of an answer, for a terminal."""
    trials = f"{answer.trials} completed trial{'' if answer.trials == 1 else 's'}"
    parts = [f"{experiment}, {trials}: {question_words(answer)}", *answer.notes]
    if answer.best is not None:
        parts.append(_best(answer, answer.best))
    if not answer.is_fixed:
        parts.append("\n".join(spread_words(name, spread) for name, spread in answer.spread.items()))
    if len(answer.frontier) > 1:
        parts.append(_frontier(answer))
    if answer.support is not None and answer.support.nearest:
        parts.append(_nearest(answer, answer.support))
    if answer.shipment is not None:
        shipment = answer.shipment
        parts.append(
            "\n".join([*shipment_words(answer, shipment), f"  {settings_text(shipment.parameters)}"])
        )
        if shipment.more is not None:
            parts[-1] += f"\nNext to try: {settings_text(shipment.more.chosen[0])}"
    if answer.reliability:
        told = [f"  {one.words}" for one in answer.reliability.values()]
        parts.append("\n".join(["How good the models are:", *told]))
    return "\n\n".join(parts)


def _best(answer: Answer, best: Expected) -> str:
    if answer.is_fixed:
        title = "Predicted for these settings"
    elif best.keeps:
        title = f"Best {answer.quality} to be counted on"
    else:
        title = "What comes closest"
    if answer.support is not None:
        title += f" ({answer.support.words})"
    rows = [
        {
            "metric": name,
            "predicted": value_words(name, estimate.mean),
            INTERVAL: interval_words(name, estimate),
        }
        for name, estimate in best.estimates.items()
    ]
    lines = [f"{title}:", table(rows), f"  {settings_text(best.parameters)}"]
    if best.within is not None and answer.question.budgets:
        lines.append(
            f"A measurement keeps all budgets and thresholds with probability {probability_words(best.within)}."
        )
    return "\n".join(lines)


def _frontier(answer: Answer) -> str:
    assert answer.cost is not None
    rows = [
        {
            answer.cost: value_words(answer.cost, point.cost.mean),
            answer.quality: value_words(answer.quality, point.quality.mean),
            INTERVAL: interval_words(answer.quality, point.quality),
            "settings": settings_text(point.parameters),
        }
        for point in answer.frontier
    ]
    return "\n".join(["Predicted frontier:", table(rows)])


def _nearest(answer: Answer, support: Support) -> str:
    names = [
        name
        for name in dict.fromkeys([answer.quality, *([answer.cost] if answer.cost else [])])
        if all(name in near.metrics for near in support.nearest)
    ]
    rows = [
        {
            "trial": str(near.trial),
            "alike": f"{near.likeness:.2f}",
            **{name: value_words(name, near.metrics[name]) for name in names},
            "settings": settings_text(near.parameters),
        }
        for near in support.nearest
    ]
    return "\n".join(["Most alike measured trials:", table(rows)])
