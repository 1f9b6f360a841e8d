"""What teachers were measured to reach."""

from __future__ import annotations

import pytest

from engine.settings import Home
from storage.store import Store
from storage.teachers import TeacherScore, teacher_scores
from tests.simulated import fill


def test_scores_of_teachers(tmp_path_factory: pytest.TempPathFactory) -> None:
    home = Home(tmp_path_factory.mktemp("teachers") / "home")
    home.make()
    with Store.open(home.database) as store:
        for name in ("first", "second"):
            row = fill(store, home, name=name, trials=2, steps=1, examples=0)
            with store.write() as connection:
                connection.execute(
                    "INSERT INTO trial_metrics SELECT trial_id, 'exact', 70.5, NULL FROM trials "
                    "WHERE experiment_id = ? AND number = 0",
                    [row.experiment_id],
                )
        model = "bert-base-uncased-squad2"
        assert teacher_scores(store) == [
            TeacherScore(name, model, "squad_v2", "exact", 70.5) for name in ("second", "first")
        ]
