"""Hyperparameters: SigOpt's baseline by default, parameters over fixed settings, impossible values refused."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from engine.distill.hyperparameters import (
    HYPERPARAMETER_NAMES,
    Hyperparameters,
    default_of,
    hyperparameters,
    kind_of,
)


def test_defaults_are_the_usual_baseline():
    usual = {
        "learning_rate": 5e-5,
        "beta_1": 0.9,
        "beta_2": 0.999,
        "adam_epsilon": 1e-8,
        "weight_decay": 0.0,
        "warm_up_steps": 0,
        "train_batch_size": 8,
        "epochs": 3.0,
        "alpha": 0.5,
        "temperature": 1.0,
        "n_layers": 6,
        "n_heads": 12,
        "dropout": 0.1,
        "attention_dropout": 0.1,
        "qa_dropout": 0.1,
        "initializer_range": 0.02,
    }
    assert {name: default_of(name) for name in usual} == usual
    assert Hyperparameters().model_dump().items() >= usual.items()
    assert set(HYPERPARAMETER_NAMES) == Hyperparameters().model_dump().keys()


def test_parameters_win_over_fixed_settings_and_those_over_defaults():
    chosen = hyperparameters({"epochs": 1.0, "alpha": 0.1}, {"alpha": 0.9})
    assert (chosen.epochs, chosen.alpha, chosen.temperature) == (1.0, 0.9, 1.0)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("learning_rate", 0.0),
        ("beta_1", 1.0),
        ("beta_2", -0.1),
        ("adam_epsilon", 0.0),
        ("weight_decay", -1.0),
        ("max_grad_norm", 0.0),
        ("warm_up_steps", -1),
        ("train_batch_size", 0),
        ("train_batch_size", 1.5),
        ("epochs", 0.0),
        ("alpha", 1.1),
        ("temperature", 0.0),
        ("n_layers", -1),
        ("n_heads", -1),
        ("hidden_size", -1),
        ("warm_up_share", 1.1),
        ("schedule", "cosine"),
        ("method", "bert"),
        ("alpha_cos", -0.1),
        ("alpha_hidden", -0.1),
        ("alpha_attention", -0.1),
        ("mask_probability", 0.0),
        ("sparsity", 0.99),
        ("dropout", 1.1),
        ("learnign_rate", 0.1),
    ],
)
def test_impossible_settings_are_refused_by_name(name, value):
    with pytest.raises(ValidationError, match=name):
        hyperparameters({name: value}, {})


def test_every_setting_says_what_it_is():
    for name, field in Hyperparameters.model_fields.items():
        assert field.description, name


def test_kinds_of_settings():
    kinds = {name: kind_of(name) for name in HYPERPARAMETER_NAMES}
    words = {"schedule": "choice", "method": "choice", "optimizer": "choice"}
    whole = ("warm_up_steps", "train_batch_size", "eval_batch_size", "n_layers", "n_heads", "hidden_size")
    whole += ("intermediate_size", "pruning_seed")
    assert kinds == dict.fromkeys(HYPERPARAMETER_NAMES, "float") | dict.fromkeys(whole, "int") | words
