"""What the teachers of experiments were measured to reach."""

from __future__ import annotations

from dataclasses import dataclass

from storage.store import Store


@dataclass(frozen=True, slots=True)
class TeacherScore:
    """A metric of a teacher in an experiment.

    Attributes:
        experiment: its name.
        model: the teacher, as the specification names it.
        task: name of the task.
        metric: name of the metric.
        value: what was measured.
    """

    experiment: str
    model: str
    task: str
    metric: str
    value: float


def teacher_scores(store: Store) -> list[TeacherScore]:
    """Metrics of all teachers, those of the latest experiment first."""
    with store.read() as connection:
        rows = connection.execute(
            """
            SELECT e.name, json_extract_string(e.spec, '$.teacher.model') AS model, e.task, m.name, m.value
            FROM trial_metrics AS m JOIN trials AS t USING (trial_id)
            JOIN experiments AS e USING (experiment_id)
            WHERE t.number = 0 AND m.value IS NOT NULL
            AND json_extract_string(e.spec, '$.teacher.model') IS NOT NULL
            ORDER BY e.experiment_id DESC, m.name
            """
        ).fetchall()
    return [TeacherScore(*row) for row in rows]
