"""The curves of a trial: loss, evaluations, learning rate and speed, of all steps or of a stretch of them."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from dashboard import formats
from dashboard.charts.curves import evaluation_chart, loss_chart
from dashboard.charts.rates import WORDS, rate_chart
from dashboard.charts.single_evaluation import single_evaluation_chart
from dashboard.components.chart import chart
from dashboard.components.cost_axis import cost_axis
from dashboard.loss_parts import loss_parts
from dashboard.scores import beside, main_score
from dashboard.services import Services
from dashboard.views import colours
from engine.distill.hyperparameters import Hyperparameters, hyperparameters
from engine.outcomes import COLLAPSED
from engine.overview import Overview
from storage.curves import MAX_POINTS, evaluations_frame, steps_frame, steps_range
from storage.trials import TrialRow


def trial_curves(present: Services, view: Overview, trial: TrialRow) -> None:
    """Draw the curves; a stretch of steps stands in the address as ``from`` and ``to``."""
    low, high = _stretch(steps_range(present.store, trial.trial_id))
    steps = steps_frame(present.store, trial.trial_id, low=low, high=high)
    head = view.spec.task.info.head
    over = cost_axis("over") if head == "masked_lm" else "step"
    left, right = st.columns(2)
    with left:
        settings = _settings(view, trial)
        figure = loss_chart(steps, loss_parts(head, settings), colours())
        chart(figure, key="loss", alt="Training loss and its parts")
        if len(steps):
            st.caption(_steps_told(steps))
    with right:
        _evaluations(present, view, trial, over)
    if len(steps):
        for column, rate in zip(st.columns(2), WORDS, strict=True):
            with column:
                chart(rate_chart(steps, rate, colours()), key=rate, alt=WORDS[rate][0])


def _settings(view: Overview, trial: TrialRow) -> Hyperparameters | None:
    """What a student was trained with; nothing is known of other trials, or of one that was run elsewhere."""
    if not trial.is_student or view.spec.imported is not None:
        return None
    return hyperparameters(view.spec.fixed, trial.parameters)


def _stretch(known: tuple[int, int, int] | None) -> tuple[int | None, int | None]:
    """First and last step to show; there is something to choose where not every step can be drawn."""
    if known is None or known[2] <= MAX_POINTS:
        return None, None
    first, last, _ = known
    asked = [st.query_params.get(name, "") for name in ("from", "to")]
    low, high = (int(text) if text.isdecimal() else None for text in asked)
    low, high = max(first, low or first), min(last, high or last)
    if low >= high:
        low, high = first, last
    st.session_state["stretch"] = (low, high)
    st.slider(
        "Steps shown",
        first,
        last,
        key="stretch",
        format="localized",
        on_change=lambda: _note_stretch(first, last),
        help="Fewer steps are drawn more exactly.",
    )
    return low, high


def _note_stretch(first: int, last: int) -> None:
    low, high = st.session_state["stretch"]
    for name, value, usual in (("from", low, first), ("to", high, last)):
        if value == usual:
            st.query_params.pop(name, None)
        else:
            st.query_params[name] = str(value)


def _steps_told(steps: pd.DataFrame) -> str:
    last = steps.iloc[-1]
    told = (
        f"Step {last['step']:,.0f}, epoch {last['epoch']:.2f}, learning rate {last['learning_rate']:.3g}, "
        f"{last['examples_per_second']:,.0f} examples a second."
    )
    behind = int(steps["steps"].median())
    if behind > 1:
        told += f" Each point is the mean of {behind:,} steps; the area reaches from the smallest to the largest loss."
    return told


def _evaluations(present: Services, view: Overview, trial: TrialRow, over: str) -> None:
    """The main score at each evaluation with its parts; a single evaluation in a form of its own."""
    score = main_score(view.spec)
    names = [score, *beside(view.spec, score)]
    wanted = [*names, COLLAPSED, *([] if over == "step" else [over])]
    evaluations = evaluations_frame(present.store, trial.trial_id, wanted)
    if trial.role == "teacher" and evaluations.empty:
        st.caption("The teacher is measured once, at the end; see Metrics.")
        return
    if not trial.is_student:
        st.caption("This trial trains nothing: it makes the training data of a round of Agora.")
        return
    bound = next((metric.threshold for metric in view.spec.metrics if metric.name == score), None)
    measured = evaluations.loc[evaluations["name"] == score, "step"]
    if len(measured) == 1 and over == "step":
        figure = single_evaluation_chart(
            evaluations, names, colours(), threshold=bound, references=_references(view, trial, names)
        )
    else:
        found = view.teacher.number in view.measured and view.measured[view.teacher.number].metrics.get(score)
        figure = evaluation_chart(
            evaluations,
            score,
            colours(),
            beside=names[1:],
            over=over,
            threshold=bound,
            references={"teacher": found} if found else None,
        )
    chart(figure, key="evaluations", alt=f"{formats.label(score)} at each evaluation")
    fallen = evaluations[(evaluations["name"] == COLLAPSED) & (evaluations["value"] > 0)]
    if len(fallen):
        first = int(fallen["step"].iloc[0])
        st.caption(f":red[Collapsed]: at step {first:,} the model gave everything the same answer.")


def _references(view: Overview, trial: TrialRow, names: list[str]) -> dict[str, dict[str, float]]:
    """The teacher's and the baseline's final scores."""
    found = {}
    teacher = view.measured.get(view.teacher.number)
    for who, measured in (("teacher", teacher), ("baseline", view.baseline)):
        if measured is not None and measured.number != trial.number:
            told = {name: measured.metrics[name] for name in names if name in measured.metrics}
            if told:
                found[who] = told
    return found
