"""An answer in words and tables, with units as on every other page."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from dashboard import formats
from engine.measured import Measured
from engine.parameters import Value
from engine.whatif.answer import LEVEL, Answer, Estimate, Reliability, Shipment, Spread, Support
from engine.whatif.words import probability_words

INTERVAL = f"{100 * LEVEL:.0f} % interval"


def estimate_words(name: str, estimate: Estimate) -> str:
    """What a metric is expected to be: 67.1 % (64.0 to 70.2); 51.4 M, exactly."""
    if estimate.is_exact:
        return f"{formats.metric(name, estimate.mean)}, exactly"
    return f"{formats.metric(name, estimate.mean)} ({formats.span(name, estimate.low, estimate.high)})"


def headline(answer: Answer) -> str:
    """The answer in one sentence."""
    best = answer.best
    if best is None:
        return "There are too few trials to predict anything yet."
    quality = (
        f"{formats.label(answer.quality)} {estimate_words(answer.quality, best.estimates[answer.quality])}"
    )
    if answer.cost is not None and answer.cost in best.estimates:
        cost = best.estimates[answer.cost]
        quality += f" at {formats.metric(answer.cost, cost.mean)} {_noun(answer.cost)}".rstrip()
    if answer.is_fixed:
        return f"These settings are predicted to reach {quality}."
    if not best.keeps:
        return f"Nothing is predicted to keep everything asked; what comes closest has {quality}."
    return f"The best to be counted on has {quality}."


def _noun(name: str) -> str:
    """What follows a metric's value in a sentence."""
    return "" if formats.unit_of(name) else formats.label(name)


def predictions_frame(answer: Answer, baseline: Measured | None) -> pd.DataFrame:
    """One row a predicted metric: what is expected, its interval, and the baseline's measured value."""
    assert answer.best is not None
    rows = []
    for name, estimate in answer.best.estimates.items():
        measured = None if baseline is None else baseline.metrics.get(name)
        rows.append(
            {
                "metric": formats.label(name),
                "predicted": formats.metric(name, estimate.mean),
                INTERVAL: "exact" if estimate.is_exact else formats.span(name, estimate.low, estimate.high),
                "baseline": formats.metric(name, measured),
                "difference": "" if measured is None else formats.difference(name, estimate.mean, measured),
            }
        )
    return pd.DataFrame(rows)


def spread_line(name: str, spread: Spread) -> str:
    """What the pins alone say of a metric."""
    label = formats.label(name)
    if formats.metric(name, spread.low) == formats.metric(name, spread.high):
        return f"{label}: {formats.metric(name, spread.low)} whatever is left free"
    middle = formats.metric(name, spread.median)
    return f"{label}: {formats.span(name, spread.low, spread.high)}, in the middle {middle}"


def nearest_frame(answer: Answer, support: Support) -> pd.DataFrame:
    """The measured trials most like the answer: number, likeness, its metrics, and settings that differ from it."""
    assert answer.best is not None
    names = [name for name in dict.fromkeys([answer.quality, answer.cost]) if name is not None]
    rows = []
    for near in support.nearest:
        row: dict[str, object] = {"trial": near.trial, "alike": f"{near.likeness:.2f}"}
        row |= {formats.label(name): formats.metric(name, near.metrics.get(name)) for name in names}
        row["differs in"] = differences(near.parameters, answer.best.parameters)
        rows.append(row)
    return pd.DataFrame(rows)


def differences(settings: Mapping[str, Value], reference: Mapping[str, Value]) -> str:
    """Settings that are not the reference's, such as "n_layers 6, alpha 0.25"; "nothing" where there are none."""
    told = [
        f"{name} {formats.parameter(value)}"
        for name, value in settings.items()
        if value != reference.get(name)
    ]
    return ", ".join(told) or "nothing"


def settings_frame(settings: Mapping[str, Value], baseline: Mapping[str, Value] | None) -> pd.DataFrame:
    """A configuration, one row a setting, with the baseline's value beside it."""
    return pd.DataFrame(
        [
            {
                "setting": name,
                "value": formats.parameter(value),
                "baseline": "" if baseline is None else formats.parameter(baseline.get(name)),
            }
            for name, value in settings.items()
        ]
    )


def reliability_frame(reliability: Mapping[str, Reliability]) -> pd.DataFrame:
    """How well each model predicts trials it was not shown."""
    return pd.DataFrame(
        [
            {
                "metric": formats.label(name),
                "trials": found.trials,
                "R\u00b2, groups left out": f"{found.held_out_r2:.2f}",
                "error, one left out": _amount(name, found.error),
                "its 90 % intervals held": formats.share(found.held),
                "widened by": f"{found.widening:.2f}",
            }
            for name, found in reliability.items()
        ]
    )


def shipment_lines(answer: Answer, shipment: Shipment) -> list[str]:
    """Which trial to ship, what that gives up, and what speaks for more trials."""
    lines = [_shipped(answer, shipment)]
    quality = answer.quality
    if shipment.expected is not None:
        lines.append(f"Trained and measured again: {estimate_words(quality, shipment.expected)}.")
    if shipment.dearer is not None:
        dearer = shipment.dearer
        sure = "" if dearer.interval is None else f" ({formats.span(quality, *dearer.interval)})"
        more = formats.metric(dearer.cost, abs(dearer.cost_difference))
        lines.append(
            f"The next better one up is trial {dearer.trial}: {_amount(quality, dearer.regret)}{sure} better for "
            f"{more} more {formats.label(dearer.cost)}."
        )
    elif answer.cost is not None:
        lines.append("No dearer trial measured better.")
    lines += _against_baseline(quality, shipment)
    if shipment.more is not None:
        found = shipment.more
        lines.append(
            f"The next trial beats it by more than {_amount(quality, found.margin)}, the scatter of a "
            f"measurement, with probability {probability_words(found.next)}; any of the next {len(found.chosen)}, "
            f"{probability_words(found.any)}."
        )
    return lines


def _shipped(answer: Answer, shipment: Shipment) -> str:
    quality = answer.quality
    error = shipment.standard_errors.get(quality)
    told = f"{formats.label(quality)} {formats.interval(quality, shipment.metrics[quality], error)}"
    if answer.cost is not None and answer.cost in shipment.metrics:
        told += (
            f", {formats.metric(answer.cost, shipment.metrics[answer.cost])} {_noun(answer.cost)}".rstrip()
        )
    return f"**Trial {shipment.trial}**, measured: {told}."


def _amount(name: str, difference: float) -> str:
    """How far two values of a metric are apart: 0.8 points, 1.2 M."""
    return f"{difference:.1f} points" if formats.unit_of(name) == "%" else formats.metric(name, difference)


def _against_baseline(quality: str, shipment: Shipment) -> list[str]:
    if shipment.baseline is None:
        return ["There is no measured baseline to compare it with."]
    if shipment.baseline == shipment.trial:
        return ["It is the baseline itself."]
    if shipment.beats_baseline is None:
        return []
    basis = (
        "from both measurements, their errors taken as independent"
        if shipment.beats_by == "measurements"
        else "from the model, for want of standard errors"
    )
    chance = probability_words(shipment.beats_baseline)
    return [
        f"Its {formats.label(quality)} is truly better than the baseline's with probability {chance} ({basis})."
    ]
