"""Homes with made-up experiments of any size, kept between runs, and the same trials as a study of the peer."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from engine.settings import Home
from storage.store import Store
from storage.views import view_frame
from tests.simulated import fill

NAME = "simulated"
CURVE_POINTS = 100
"""Points of each trial's learning curve."""
EXAMPLES_IN_ALL = 2_000_000
"""Scores of single questions stored in all, at most; each trial gets its share."""
MOST_EXAMPLES = 200
FEWEST_EXAMPLES = 20


def made(folder: Path, trials: int) -> Home:
    """The home with so many trials, made when it is not there."""
    home = Home(folder / f"home-{trials}")
    if home.database.exists():
        return home
    home.make()
    examples = max(FEWEST_EXAMPLES, min(MOST_EXAMPLES, EXAMPLES_IN_ALL // trials))
    with Store.open(home.database) as store:
        fill(store, home, name=NAME, trials=trials, steps=CURVE_POINTS, examples=examples)
    return home


def as_study(home: Home) -> Any:
    """The same trials as a study of Optuna in memory, its fastest storage (extra ``peers``)."""
    import optuna

    with Store.open(home.database) as store:
        frame = view_frame(store, NAME)
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    storage = optuna.storages.InMemoryStorage()
    study = optuna.create_study(storage=storage, study_name=NAME, directions=["maximize", "minimize"])
    floats, whole = optuna.distributions.FloatDistribution, optuna.distributions.IntDistribution
    ranges = {
        "n_layers": whole(1, 12),
        "n_heads": whole(1, 12),
        "intermediate_size": optuna.distributions.CategoricalDistribution((768, 1536, 2304, 3072)),
        "learning_rate": floats(1e-6, 1e-3, log=True),
        "alpha": floats(0, 1),
        "temperature": floats(1, 8),
    }
    done = frame[frame["state"] == "completed"].dropna(subset=["exact", "n_layers", "alpha"])
    study.add_trials(
        [
            optuna.trial.create_trial(
                values=[row["exact"], row["num_parameters"]],
                params={name: row[name] for name in ranges},
                distributions=ranges,
                user_attrs={"latency_ms": row["latency_ms"]},
            )
            for row in json.loads(done.to_json(orient="records"))
        ]
    )
    return storage
