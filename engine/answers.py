"""Which files hold a trial's answers, and in plain words why there are none."""

from __future__ import annotations

from engine.errors import ResultFileError
from engine.lifecycle import TrialState
from engine.settings import Home
from engine.tasks.interface import Head
from engine.trial_folder import TrialFolder
from storage.answers import AnswerFiles
from storage.trials import TrialRow


def answer_files(
    home: Home, head: Head, trial: TrialRow, teacher: TrialRow, other: TrialRow | None = None
) -> AnswerFiles:
    """Files with the answers of a trial, of its teacher, and of a trial to compare with.

    Args:
        home: where trial folders are.
        head: of the experiment's task.
        trial: whose answers are wanted.
        teacher: the experiment's teacher, beside which the evaluation examples are.
        other: a trial measured on the same examples.

    Raises:
        ResultFileError: There is nothing to read, and why.
    """
    if head == "masked_lm":
        raise ResultFileError("a model that guesses hidden words gives no answers to browse")
    own, reference = (TrialFolder(home.path / row.folder) for row in (trial, teacher))
    if not own.predictions.exists():
        raise ResultFileError(_why_missing(trial))
    if not reference.examples.exists():
        raise ResultFileError(
            f"the evaluation examples are not kept beside the teacher of this experiment ({reference.examples}); "
            "experiments launched from now on keep them"
        )
    compared = None if other is None else TrialFolder(home.path / other.folder).predictions
    return AnswerFiles(
        examples=reference.examples,
        own=own.predictions,
        teacher=reference.predictions if trial.is_student and reference.predictions.exists() else None,
        other=compared if compared is not None and compared.exists() else None,
    )


def _why_missing(trial: TrialRow) -> str:
    if trial.role == "teacher":
        return "the teacher has no trained head for this task, so it was asked nothing"
    if not trial.is_student:
        return "this trial makes training data; it answers nothing"
    if trial.state == TrialState.COMPLETED:
        return "this trial kept no answers; trials that are trained from now on keep them"
    if trial.state in (TrialState.FAILED, TrialState.STOPPED):
        return "a trial keeps its answers when it completes, and this one did not"
    return "the answers appear here when the trial has completed"
