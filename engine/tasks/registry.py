"""From a task's section to the task itself."""

from __future__ import annotations

from engine.tasks.corpus.task import corpus_task
from engine.tasks.interface import Task
from engine.tasks.sequence.task import sequence_task
from engine.tasks.squad.task import SquadTask
from engine.tasks.task_section import TaskSection


def make_task(section: TaskSection, dataset: str, eval_dataset: str | None, seed: int) -> Task:
    """The task on the given data.

    Args:
        section: what the task is and how its texts become rows.
        dataset: where the training data is; the section may say 'embedded' instead.
        eval_dataset: where the evaluation data is, if it is not with the training data.
        seed: of sampling and splitting.
    """
    match section.info.head:
        case "span":
            return SquadTask(section, dataset, eval_dataset, seed)
        case "sequence":
            return sequence_task(
                section.name,
                dataset=dataset,
                eval_dataset=eval_dataset,
                columns=section.format,
                train_samples=section.train_samples,
                eval_samples=section.eval_samples,
                eval_fraction=section.eval_fraction,
                max_length=section.max_length,
                seed=seed,
                balanced=section.balance,
                rounding=section.rounding,
            )
        case "masked_lm":
            return corpus_task(section, dataset, eval_dataset, seed)
