"""Trials of an extraction: what they measure, that they can be repeated, and an extraction against brute force."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from engine.distill.hyperparameters import Hyperparameters
from engine.distill.models.folder import load_student
from engine.errors import DivergenceError
from engine.extraction.candidates import architectures
from engine.extraction.coefficient import Costs, gain, w_coefficient
from engine.extraction.guarantee import (
    certified_ratio,
    contenders,
    guaranteed_ratio,
    log_lipschitz,
    savings_fall,
)
from engine.extraction.partition import Outcome, extracted, partition, sorted_by
from engine.extraction.requirements import fixed_architecture
from engine.metric_catalogue import METRICS

SMALL = {"n_layers": 1, "n_heads": 2, "hidden_size": 16, "intermediate_size": 32}


def costs(finished) -> Costs:
    return Costs(finished.metrics["lemma_parameters"], finished.metrics["lemma_operations"])


def test_the_maximum_point_is_at_its_own_entropy_and_has_no_w(extraction, run_trial):
    found = run_trial(extraction).metrics
    assert found["divergence"] == pytest.approx(0.0, abs=1e-3)
    assert found["surrogate_error"] == found["cross_entropy"] > 0
    assert "w" not in found


def test_a_candidate_reports_what_the_specification_says_and_its_w_can_be_worked_out(extraction, run_trial):
    maximum, found = run_trial(extraction), run_trial(extraction, 1, **SMALL)
    assert set(found.metrics) == set(extraction.metric_names())
    assert set(found.metrics) <= METRICS.keys()
    assert all(math.isfinite(value) for value in found.metrics.values())
    assert found.metrics["w"] == w_coefficient(costs(found), costs(maximum), found.metrics["surrogate_error"])
    assert found.metrics["w"] > 0
    assert found.metrics["cross_entropy"] - found.metrics["divergence"] == pytest.approx(
        maximum.metrics["cross_entropy"], abs=1e-3
    )
    share = found.standard_errors["surrogate_error"] / found.metrics["surrogate_error"]
    assert found.standard_errors["w"] / found.metrics["w"] == pytest.approx(share)


def test_a_candidate_can_be_repeated_bit_for_bit_on_a_cpu(extraction, run_trial):
    first, second = (run_trial(extraction, 1, **SMALL).metrics for _ in range(2))
    assert first["w"] == second["w"]
    assert run_trial(extraction, 2, **SMALL).metrics["w"] != first["w"]


def test_steps_count_whatever_the_batch_size(extraction, run_trial):
    """The largest batch of the hyperparameter sets decides how many rows there are."""
    sizes = {"type": "categorical", "values": [4, 8]}
    spec = extraction.changed(
        parameters={**extraction.model_dump()["parameters"], "train_batch_size": sizes},
        fixed={name: value for name, value in extraction.fixed.items() if name != "train_batch_size"},
    )
    tokens = [
        run_trial(spec, size, train_batch_size=size, **SMALL).metrics["train_tokens"] for size in (4, 8)
    ]
    # A row of the text's end may be shorter.
    assert tokens == pytest.approx([4 * 4 * 16, 4 * 8 * 16], rel=0.05)


def test_latency_may_stand_for_operations(extraction, run_trial):
    spec = extraction.changed(extract={**extraction.extract.model_dump(), "speed": "latency"})
    maximum, found = run_trial(spec), run_trial(spec, 1, **SMALL)
    assert set(found.metrics) == set(spec.metric_names())
    timed = [
        Costs(one.metrics["lemma_parameters"], one.metrics["encoder_latency_ms"]) for one in (found, maximum)
    ]
    assert found.metrics["w"] == w_coefficient(*timed, found.metrics["surrogate_error"])


def test_the_divergence_may_stand_for_the_cross_entropy(extraction, run_trial):
    spec = extraction.changed(extract={**extraction.extract.model_dump(), "error": "divergence"})
    found = run_trial(spec, 1, **SMALL).metrics
    assert found["surrogate_error"] == found["divergence"]


def test_a_maximum_point_without_a_head_speaks_through_its_embeddings(extraction, headless_folder, run_trial):
    spec = extraction.changed(teacher={"model": str(headless_folder), "trained": False})
    maximum, found = run_trial(spec), run_trial(spec, 1, **SMALL)
    assert found.metrics["divergence"] > maximum.metrics["divergence"]
    assert found.metrics["w"] > 0


def test_the_largest_of_the_space_can_be_the_maximum_point(extraction, headless_folder, run_trial):
    spec = extraction.changed(
        teacher={"model": str(headless_folder), "trained": False},
        extract={**extraction.extract.model_dump(), "maximum_point": "largest", "maximum_steps": 20},
    )
    maximum = run_trial(spec)
    largest = run_trial(spec, 1, n_layers=2, n_heads=3, hidden_size=24, intermediate_size=32)
    assert costs(largest) == costs(maximum)
    assert largest.metrics["w"] == 0
    assert run_trial(spec, 2, **SMALL).metrics["w"] > 0


def test_models_are_kept_only_where_that_is_asked_for(extraction, run_trial, tmp_path: Path):
    run_trial(extraction, 1, **SMALL)
    assert not (tmp_path / "trial-1" / "model").exists()
    run_trial(
        extraction.changed(extract={**extraction.extract.model_dump(), "keep_models": True}), 2, **SMALL
    )
    model, _ = load_student(tmp_path / "trial-2" / "model")
    assert model.config.num_hidden_layers == 1


def test_a_diverged_candidate_fails_by_name(extraction, run_trial):
    spec = extraction.changed(fixed={**extraction.fixed, "learning_rate": 1e30, "max_grad_norm": 1e30})
    with pytest.raises(DivergenceError, match="lower learning_rate"):
        run_trial(spec, 1, **SMALL)


@pytest.mark.parametrize("order", ["size", "gain"])
def test_an_extraction_of_a_small_space_agrees_with_brute_force_within_its_bound(
    extraction, run_trial, order
):
    """Twelve architectures are trained for real; then every interval is compared with the best of all."""
    maximum = costs(run_trial(extraction))
    points = architectures(extraction.space(), fixed_architecture(extraction))
    assert len(points) == 12
    found = [run_trial(extraction, number, **point) for number, point in enumerate(points, start=1)]
    places = sorted_by(order, [costs(one) for one in found], maximum)
    ordered = [found[number] for number in places]
    outcomes = [Outcome(place, costs(one), one.metrics["w"]) for place, one in enumerate(ordered)]
    errors = {place: one.metrics["surrogate_error"] for place, one in enumerate(ordered)}
    best = extracted(outcomes)
    gains = [gain(one.costs, maximum) for one in outcomes]
    assert [one.w for one in outcomes] == pytest.approx([gains[p] / errors[p] for p in errors])
    assert savings_fall(gains) or order == "size"
    for interval in range(1, 13):
        trained = partition(12, interval)
        chosen = extracted([outcomes[place] for place in trained])
        if interval == 1:
            assert chosen == best
        if savings_fall(gains):
            assert chosen.w >= guaranteed_ratio(log_lipschitz(errors), interval) * best.w * (1 - 1e-9)
        known = {place: errors[place] for place in trained}
        certified = certified_ratio(gains, known, chosen.w, log_lipschitz(errors))
        assert chosen.w >= certified * best.w * (1 - 1e-9)
        told = {c.place: c.margin for c in contenders(gains, known, chosen.w)}
        for place in set(errors) - set(trained):
            if outcomes[place].w > chosen.w:
                near = [p for p in trained if p < place][-1:] + [p for p in trained if p > place][:1]
                assert errors[place] < min(errors[p] for p in near) * (1 - told[place]) * (1 + 1e-9)


def test_defaults_of_the_optimiser_stay_what_they_were():
    assert Hyperparameters().optimizer == "adamw"
