"""``bert-frontier sample``: writes a small invented dataset of a task, to see what its files look like."""

from __future__ import annotations

from pathlib import Path

import click

from engine.exporting import check_new
from engine.tasks.sequence.catalogue import DEFINITIONS
from engine.tasks.sequence.generated import generate_sample


@click.command()
@click.argument("task", type=click.Choice(sorted(DEFINITIONS)))
@click.argument("directory", type=click.Path(path_type=Path))
def sample(task: str, directory: Path) -> None:
    """Write a small invented dataset of TASK into the new folder DIRECTORY, in the task's own published files.

    Data of your own in the same files can be given as --dataset.
    """
    check_new(directory)
    made = generate_sample(task, directory)
    told = f"--dataset {made.dataset}"
    if made.eval_dataset is not None:
        told += f" --eval-dataset {made.eval_dataset}"
    click.echo(f"try it with: bert-frontier run fine-tune --task {task} {told}")
