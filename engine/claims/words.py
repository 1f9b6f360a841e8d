"""Claims as sentences."""

from __future__ import annotations

from engine.claims.comparison import EQUAL_COST, Claim, Interval, Share, Smaller
from engine.metric_words import format_value, less, more, percent


def smaller_sentence(found: Smaller, cost: str) -> str:
    """Such as "22 % fewer parameters than the baseline at no loss, 90 % interval 22 to 25: trial 23, ...".

    Where the interval of the quality reaches below the baseline's, it says "within the error of the baseline"
    instead of "at no loss", and names the trial at no loss with 95 % confidence, if there is one.
    """
    claim = found.claim
    if claim is None:
        nothing = f"No trial so far matches the baseline with {less(cost)}"
        if found.perhaps is None or found.saving is None:
            return f"{nothing}."
        saving = f"{percent(found.saving[1])} {less(cost)}"
        return f"{nothing}; trial {found.perhaps} with {saving} may, within its error."
    doubtful = claim.gain_interval is not None and not claim.sure
    relation = "within the error of the baseline" if doubtful else "than the baseline at no loss"
    reach = "" if found.saving is None else f", 90 % interval {_whole(found.saving)}"
    confident = ""
    if doubtful and found.confident is not None and found.saving is not None:
        confident = f"; {percent(found.saving[0])} at no loss with 95 % confidence: trial {found.confident}"
    return (
        f"{percent(claim.cost_saving)} {less(cost)} {relation}{reach}: "
        f"trial {claim.trial}, {format_value(cost, claim.cost_value)}, {_quality(claim)}{confident}"
    )


def better_sentence(claim: Claim | None) -> str:
    """Such as "exact 70.3 (+3.5, 90 % interval +2.4 to +4.6) at 1.5 % more parameters than the baseline: trial 3"."""
    if claim is None:
        return f"No trial so far is better than the baseline within {100 * EQUAL_COST:.0f} % of its cost."
    change = "the same cost" if claim.cost_saving == 0 else _change(claim)
    return (
        f"{_quality(claim)} at {change} compared with the baseline: "
        f"trial {claim.trial}, {format_value(claim.cost, claim.cost_value)}"
    )


def share_sentence(share: Share, quality: str, cost: str) -> str:
    """Such as "80 % of 40 other students have fewer parameters or a better exact than the baseline, ..."."""
    certain = share.interval is None or share.interval[0] == share.interval[1]
    reach = "" if certain or share.interval is None else f", 90 % interval {_whole(share.interval)}"
    return (
        f"{percent(share.value)} of {share.trials:,} other students have {less(cost)} or a better {quality} "
        f"than the baseline{reach}."
    )


def _change(claim: Claim) -> str:
    word = less(claim.cost) if claim.cost_saving > 0 else more(claim.cost)
    return f"{percent(abs(claim.cost_saving))} {word}"


def _quality(claim: Claim) -> str:
    """The quality with its gain over the baseline; one decimal for scores up to 100, three for scores up to 1."""
    digits = 1 if abs(claim.quality_value) > 1 else 3
    text = f"{claim.quality} {claim.quality_value:.{digits}f} ({claim.quality_gain:+.{digits}f}"
    if claim.gain_interval is None:
        return f"{text}, no standard errors)"
    low, high = claim.gain_interval
    text += f", 90 % interval {low:+.{digits}f} to {high:+.{digits}f}"
    if not claim.paired:
        text += ", errors taken as independent"
    if claim.seeds is not None:
        text += ", seeds of training included"
    return f"{text})"


def _whole(interval: Interval) -> str:
    """An interval of shares in whole percent."""
    low, high = (round(100 * end) for end in interval)
    return f"{low} to {high}" if low != high else f"{low}"
