"""Pre-trainings side by side: compared where the one that has spent least ended."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from dashboard.pretraining.comparison import common_cost, comparison_frame, comparison_sentence
from dashboard.pretraining.curves import curves_frame, is_pretraining
from dashboard.pretraining.words import comparison_table
from dashboard.services import Services
from engine.launch import submit
from engine.spec_files import parse_spec, preset_text
from storage.evaluation_points import evaluation_points
from storage.experiments import ExperimentRow, get_experiment
from tests.simulated import fill


def curve(trial: int, name: str, ends: float, cost: float, experiment: str = "e") -> pd.DataFrame:
    """Accuracy that rises in a straight line."""
    share = np.linspace(0.2, 1.0, 5)
    return pd.DataFrame(
        {
            "experiment": experiment,
            "trial": trial,
            "name": name,
            "step": (1000 * share).astype(int),
            "mlm_accuracy": ends * share,
            "mlm_loss": 8 - 3 * share * ends / 50,
            "train_flops": cost * share,
        }
    )


CURVES = pd.concat([curve(1, "mlm", 40.0, 2e12), curve(2, "bort", 50.0, 5e12)], ignore_index=True)


def test_over_steps_the_better_at_the_end_is_ahead() -> None:
    found = comparison_frame(CURVES, "step")
    assert found["name"].tolist() == ["bort", "mlm"]
    assert found["at_common"].tolist() == [50.0, 40.0]
    assert common_cost(CURVES, "step") == 1000


def test_over_what_was_spent_it_may_be_the_other() -> None:
    found = comparison_frame(CURVES, "train_flops")
    assert common_cost(CURVES, "train_flops") == 2e12
    assert found["name"].tolist() == ["mlm", "bort"]
    assert found["at_common"].tolist() == pytest.approx([40.0, 20.0])
    assert found["last"].tolist() == [40.0, 50.0]
    told = comparison_sentence(found, 2e12, "train_flops")
    assert told == (
        "After 2 T FLOPs of training each, mlm (trial 1) has 40.0 % masked tokens guessed right, bort (trial 2) 20.0 %."
    )
    table = comparison_table(found, "mlm_accuracy")
    assert list(table.columns) == [
        *("method", "trial", "masked tokens guessed right at the same cost", "at its end", "steps"),
        "operations of training",
    ]


def test_of_a_loss_the_smaller_is_ahead() -> None:
    assert comparison_frame(CURVES, "step", "mlm_loss")["name"].tolist() == ["bort", "mlm"]


def test_values_between_evaluations_lie_on_straight_lines() -> None:
    shorter = curve(3, "short", 10.0, 1.3e12)
    found = comparison_frame(pd.concat([CURVES, shorter]), "train_flops").set_index("name")
    assert found.loc["mlm", "at_common"] == pytest.approx(40 * 1.3 / 2)


def test_nothing_is_said_of_one_or_none() -> None:
    one = comparison_frame(CURVES[CURVES["trial"] == 1], "step")
    assert comparison_sentence(one, 1000, "step") is None
    assert comparison_frame(pd.DataFrame(), "step").empty
    assert common_cost(pd.DataFrame(), "step") is None
    assert comparison_frame(CURVES, "train_tokens").empty
    assert common_cost(CURVES.assign(mlm_accuracy=np.nan), "step") is None
    assert comparison_frame(CURVES.assign(mlm_accuracy=np.nan), "step").empty


def test_lines_are_named_by_their_method(present: Services, pretraining: ExperimentRow) -> None:
    curves = curves_frame(present.store, [pretraining])
    assert dict(zip(curves["trial"], curves["name"], strict=True)) == {1: "mlm", 2: "distilbert", 3: "bort"}
    assert curves["step"].tolist() == [2, 4] * 3
    text = preset_text("pretrain").replace('name = "pretrain"', 'name = "waiting"')
    waiting = submit(present.store, present.home, parse_spec(text))
    both = curves_frame(present.store, [pretraining, waiting])
    assert set(both["name"]) == {"pretrain: mlm", "pretrain: distilbert", "pretrain: bort"}
    assert curves_frame(present.store, [waiting]).empty


def test_which_experiments_are_pretrainings(present: Services, pretraining: ExperimentRow) -> None:
    assert is_pretraining(pretraining)
    for preset in ("bort", "demo"):
        submit(present.store, present.home, parse_spec(preset_text(preset)))
        assert not is_pretraining(get_experiment(present.store, preset))


def test_of_very_many_trials_the_best_are_read(present: Services) -> None:
    row = fill(present.store, present.home, trials=30, steps=4, examples=0)
    found = evaluation_points(
        present.store, row.experiment_id, ["exact", 'odd"name'], best_by="exact", most=5
    )
    assert found["trial"].nunique() == 5
    everything = evaluation_points(present.store, row.experiment_id, ["exact"], best_by="exact", most=100)
    best = everything.groupby("trial")["exact"].max().nlargest(5)
    assert set(found["trial"]) == set(best.index)
    assert found['odd"name'].isna().all()
