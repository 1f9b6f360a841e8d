"""Answers in sentences: what was asked, which trial to ship, and values and probabilities as people read them."""

from __future__ import annotations

from engine.metric_catalogue import METRICS
from engine.metric_words import format_value, less, more
from engine.whatif.answer import LEVEL, Answer, Dearer, Estimate, MoreTrials, Shipment, Spread
from engine.whatif.question import Budget, Pin, Range


def value_words(name: str, value: float) -> str:
    """A metric's value, scores with one decimal."""
    if name in METRICS and METRICS[name].unit == "%":
        return f"{value:.1f}"
    return format_value(name, value)


def interval_words(name: str, estimate: Estimate) -> str:
    """The interval of an estimate, such as "60.1 to 66.0", or that it is exact."""
    if estimate.is_exact:
        return "exact"
    return f"{value_words(name, estimate.low)} to {value_words(name, estimate.high)}"


def probability_words(probability: float) -> str:
    """A probability with two decimals, its ends as bounds: drawn ones are no more exact than that."""
    if probability < 0.01:
        return "below 0.01"
    return "above 0.99" if probability > 0.99 else f"{probability:.2f}"


def budget_words(budget: Budget) -> str:
    """A budget, such as "num_parameters <= 45 M"."""
    sign = "<=" if budget.kind == "max" else ">="
    return f"{budget.metric} {sign} {value_words(budget.metric, budget.limit)}"


def pin_words(name: str, pin: Pin) -> str:
    """A pin, such as "n_layers = 4" or "n_layers 3 to 6"."""
    if isinstance(pin, Range):
        return f"{name} {pin.low:g} to {pin.high:g}"
    return f"{name} = {pin:g}" if isinstance(pin, float) else f"{name} = {pin}"


def question_words(answer: Answer) -> str:
    """What was asked, in one line."""
    question = answer.question
    parts = [pin_words(name, pin) for name, pin in question.pinned.items()]
    parts += [budget_words(budget) for budget in question.budgets]
    return ", ".join(parts) or "nothing pinned, no budget"


def spread_words(name: str, spread: Spread) -> str:
    """What the pins alone say of a metric."""
    low, high = value_words(name, spread.low), value_words(name, spread.high)
    if low == high:
        return f"{name} is {low} whatever is left free."
    return (
        f"Over what is left free, {name} is from {low} to {high} in {100 * LEVEL:.0f} % of cases, "
        f"{value_words(name, spread.median)} in the middle."
    )


def shipment_words(answer: Answer, shipment: Shipment) -> list[str]:
    """Which trial to ship, what that gives up, and what speaks for more trials."""
    quality = answer.quality
    error = shipment.standard_errors.get(quality)
    measured = value_words(quality, shipment.metrics[quality])
    told = f"{quality} {measured}" + (f" ±{value_words(quality, error)}" if error is not None else "")
    if answer.cost is not None and answer.cost in shipment.metrics:
        told += f", {answer.cost} {value_words(answer.cost, shipment.metrics[answer.cost])}"
    lines = [f"Ship trial {shipment.trial}: {told}."]
    if shipment.expected is not None:
        expected = shipment.expected
        lines.append(
            f"Trained and measured again, the model expects {value_words(quality, expected.mean)} "
            f"({interval_words(quality, expected)})."
        )
    if shipment.dearer is not None:
        lines.append(_dearer(quality, shipment.dearer))
    elif answer.cost is not None:
        lines.append("No dearer trial measured better.")
    lines += _against_baseline(quality, shipment)
    if shipment.more is not None:
        lines.append(_more(quality, shipment.more))
    return lines


def _dearer(quality: str, dearer: Dearer) -> str:
    words = (more if dearer.cost_difference > 0 else less)(dearer.cost)
    amount = value_words(dearer.cost, abs(dearer.cost_difference))
    sure = ""
    if dearer.interval is not None:
        low, high = (value_words(quality, end) for end in dearer.interval)
        sure = f" ({low} to {high})"
    return (
        f"The next better one up is trial {dearer.trial}: {value_words(quality, dearer.regret)}{sure} better in "
        f"{quality}, {amount} {words}."
    )


def _against_baseline(quality: str, shipment: Shipment) -> list[str]:
    if shipment.baseline is None:
        return ["There is no measured baseline to compare it with."]
    if shipment.beats_baseline is None:
        return ["It is the baseline itself."] if shipment.baseline == shipment.trial else []
    basis = (
        "from both measurements, their errors taken as independent"
        if shipment.beats_by == "measurements"
        else "from the model, for want of standard errors"
    )
    chance = probability_words(shipment.beats_baseline)
    return [f"Its {quality} is truly better than the baseline's with probability {chance} ({basis})."]


def _more(quality: str, found: MoreTrials) -> str:
    return (
        f"The next trial would be better by more than {value_words(quality, found.margin)}, the scatter of a "
        f"measurement, with probability {probability_words(found.next)}; "
        f"any of the next {len(found.chosen)}, {probability_words(found.any)}."
    )
