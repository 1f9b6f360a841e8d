"""Tables of a comparison: only what differs, in words and units, and verdicts that follow the test."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dashboard.comparison import (
    MISSING,
    circumstances_frame,
    measured_frame,
    pairs_frame,
    settings_frame,
    space_frame,
    specification_frame,
    verdict,
)
from dashboard.services import Services
from engine.claims.pairs import Pair
from engine.comparing import Chosen, chosen_trials
from engine.spec_files import parse_spec, preset_text
from tests.simulated import fill


@pytest.fixture
def chosen(present: Services) -> list[Chosen]:
    fill(present.store, present.home, name="one", trials=8, seed=1, examples=60)
    return chosen_trials(present.store, ["one/1", "one/2"])


def test_only_settings_that_differ(chosen: list[Chosen]) -> None:
    frame = settings_frame(chosen, differing=True)
    assert list(frame.columns) == ["setting", "\u25cf one/1", "\u25a0 one/2"]
    assert set(frame["setting"]) <= set(chosen[0].spec.parameters)
    for _, first, second in frame.itertuples(index=False):
        assert first != second
    whole = settings_frame(chosen, differing=False)
    assert len(whole) > len(frame)
    assert list(whole["setting"])[: len(chosen[0].spec.parameters)] != []
    searched = [name for name in whole["setting"] if name in chosen[0].spec.parameters]
    assert list(whole["setting"])[: len(searched)] == searched, "what was searched stands first"
    assert settings_frame([chosen[0], chosen[0]], differing=True).empty


def test_values_that_only_look_alike_differ(chosen: list[Chosen]) -> None:
    near = chosen[0].trial.parameters | {"learning_rate": 5.00001e-5}
    other = replace(chosen[0], trial=replace(chosen[0].trial, parameters=near))
    assert settings_frame([chosen[0], other], differing=True)["setting"].tolist() == ["learning_rate"]


def test_circumstances(chosen: list[Chosen]) -> None:
    frame = circumstances_frame(chosen, differing=True).set_index("about it")
    assert frame.loc["role"].tolist() == ["baseline", "student"]
    assert "task" not in frame.index
    assert "squad_v2" in circumstances_frame(chosen, differing=False).to_string()


def test_metrics_with_intervals_and_differences(chosen: list[Chosen]) -> None:
    assert chosen[0].measured is not None
    assert chosen[1].measured is not None
    frame = measured_frame(chosen, differing=True).set_index("metric")
    exact = [item.measured.metrics["exact"] for item in chosen if item.measured]
    first, second = frame.loc["exact match"]
    assert first.startswith(f"{exact[0]:.1f} % (")
    assert first.endswith(")")
    assert second.endswith("points")
    assert list(frame.index)[:2] == ["exact match", "parameters"]
    assert frame.loc["parameters"].iloc[1].endswith(" %")
    assert "gives everything the same answer" not in frame.index
    assert "gives everything the same answer" in measured_frame(chosen, differing=False)["metric"].tolist()
    unmeasured = [chosen[0], replace(chosen[1], measured=None)]
    assert set(measured_frame(unmeasured, differing=True).iloc[:, 2]) == {MISSING}


PAIR = Pair(
    "a/1",
    "a/2",
    difference=2.5,
    interval=(0.5, 4.5),
    p_value=0.004,
    adjusted=0.012,
    test="McNemar",
    examples=200,
    only_first=3,
    only_second=8,
)


def test_pairs_in_words() -> None:
    apart = Pair("a/1", "b/1", reason="they were measured on different data")
    rows = pairs_frame([PAIR, apart], "exact").to_dict("records")
    assert rows[0]["difference"] == "+2.5 points"
    assert rows[0]["90 % interval"] == "+0.5 to +4.5"
    assert (rows[0]["p"], rows[0]["p of all pairs"]) == ("0.004", "0.012")
    assert (rows[0]["only the first right"], rows[0]["only the second right"]) == (3, 8)
    assert rows[1]["what is shown"] == "cannot be compared: they were measured on different data"
    assert rows[1]["difference"] == MISSING


@pytest.mark.parametrize(
    ("pair", "metric", "told"),
    [
        (PAIR, "exact", "a/2 is better"),
        (replace(PAIR, difference=-2.5), "exact", "a/1 is better"),
        (PAIR, "mlm_loss", "a/1 is better"),
        (replace(PAIR, adjusted=0.06), "exact", "no difference is shown"),
        (replace(PAIR, difference=0.0, adjusted=0.01), "exact", "no difference is shown"),
    ],
)
def test_verdicts(pair: Pair, metric: str, told: str) -> None:
    assert verdict(pair, metric) == told


def test_probabilities_are_never_nothing() -> None:
    tiny = pairs_frame([replace(PAIR, p_value=1e-12, adjusted=0.5)], "exact").iloc[0]
    assert (tiny["p"], tiny["p of all pairs"]) == ("below 0.0001", "0.50")


def test_spaces_and_specifications() -> None:
    first = parse_spec(preset_text("demo"))
    second = first.changed(budget={"trials": 99}, fixed=first.fixed | {"epochs": 7.0})
    specs = {"a": first, "b": second}
    space = space_frame(specs, differing=True).set_index("setting")
    assert space.loc["epochs"].tolist() == ["fixed at 2", "fixed at 7"]
    assert list(space.index) == ["epochs"]
    whole = space_frame(specs, differing=False).set_index("setting")
    assert "to" in whole.loc["n_layers"].iloc[0]
    assert whole.loc["learning_rate"].iloc[0].endswith("logarithmic")
    other = specification_frame(specs, differing=True).set_index("field")
    assert other.loc["budget.trials"].tolist() == ["12", "99"]
    assert list(other.index) == ["budget.trials"]
    assert "metrics.exact.threshold" in specification_frame(specs, differing=False)["field"].tolist()
