"""The what-if process: fits models of experiments, keeps them, and answers questions from them.

``python -m engine.whatif.worker`` reads one JSON request a line and answers each with one JSON line. It ends at the end
of its input and so never outlives its owner.
"""

from __future__ import annotations

import json
import traceback
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Self, TextIO

from pydantic import BaseModel, ConfigDict, TypeAdapter

from engine.errors import SettingError
from engine.line_process import serve_lines
from engine.whatif.answer import Answer, answer_to_json
from engine.whatif.cuts import Cut, Cuts, cut
from engine.whatif.question import Question
from engine.whatif.stored import StoredStudy, read_study

if TYPE_CHECKING:
    from engine.whatif.learning import Models

STUDIES = 4
"""Studies whose models are kept."""

_QUESTION = TypeAdapter(Question)
_ANSWER = TypeAdapter(Answer)
_CUT = TypeAdapter(Cut)
_CUTS = TypeAdapter(Cuts)


class Request(BaseModel):
    """What the process is asked.

    Attributes:
        study: key of the study.
        data: the study itself; None when the process has fitted it already.
        question: to be answered; without it and a cut the models are only fitted.
        cut: to be made through the models.
    """

    model_config = ConfigDict(extra="forbid")

    study: str
    data: StoredStudy | None = None
    question: dict[str, Any] | None = None
    cut: dict[str, Any] | None = None

    @classmethod
    def of(cls, study: str, data: StoredStudy | None, question: Question | Cut | None) -> Self:
        """The request as it is sent."""
        if isinstance(question, Cut):
            return cls(study=study, data=data, cut=_CUT.dump_python(question, mode="json"))
        asked = None if question is None else _QUESTION.dump_python(question, mode="json")
        return cls(study=study, data=data, question=asked)


class Reply(BaseModel):
    """What the process replies.

    Attributes:
        answer: to the question.
        cuts: those asked for.
        r_squared: by metric, how well the models predict trials left out.
        error: what went wrong, in a sentence.
        is_setting: whether the error is one of the question, to be shown to the person as it stands.
        is_unknown: whether the study has to be sent once more.
        traceback: where it went wrong.
    """

    model_config = ConfigDict(extra="forbid")

    answer: dict[str, Any] | None = None
    cuts: dict[str, Any] | None = None
    r_squared: dict[str, float] = {}
    error: str | None = None
    is_setting: bool = False
    is_unknown: bool = False
    traceback: str = ""

    def read_answer(self) -> Answer | None:
        """The answer, if there is one."""
        return None if self.answer is None else _ANSWER.validate_python(self.answer)

    def read_cuts(self) -> Cuts | None:
        """The cuts, if there are any."""
        return None if self.cuts is None else _CUTS.validate_python(self.cuts)


@dataclass(slots=True)
class Worker:
    """What the process holds: models by study, the one asked for last at the end."""

    _models: dict[str, Models] = field(default_factory=dict)

    def reply(self, line: str) -> Reply:
        """Carry out one request; whatever it raises becomes the reply."""
        try:
            request = Request.model_validate_json(line)
            models = self._of(request)
            if models is None:
                return Reply(is_unknown=True)
            return self._answered(request, models)
        except SettingError as error:
            return Reply(error=str(error), is_setting=True, traceback=traceback.format_exc())
        except Exception as error:  # noqa: BLE001 - the boundary of the process: the owner reports it
            return Reply(error=f"{type(error).__name__}: {error}", traceback=traceback.format_exc())

    def _of(self, request: Request) -> Models | None:
        """The models of the request's study, fitted if need be; None when it has to be sent first."""
        # Imported late: torch takes seconds.
        from engine.whatif.asking import models_for

        models = self._models.pop(request.study, None)
        if models is None:
            if request.data is None:
                return None
            models = models_for(*read_study(request.data))
        self._keep(request.study, models)
        return models

    def _answered(self, request: Request, models: Models) -> Reply:
        from engine.whatif.asking import answer, metric_names, models_with

        found = cuts = None
        if request.cut is not None:
            asked = _CUT.validate_python(request.cut)
            asked.check(models.problem.space, metric_names(models.problem, models.observations))
            models = models_with(models, [asked.metric])
            self._keep(request.study, models)
            cuts = asdict(cut(models, asked))
        if request.question is not None:
            question = _QUESTION.validate_python(request.question)
            question.check(models.problem.space, metric_names(models.problem, models.observations))
            models = models_with(models, [budget.metric for budget in question.budgets])
            self._keep(request.study, models)
            found = answer_to_json(answer(models, question))
        return Reply(answer=found, cuts=cuts, r_squared=r_squared(models))

    def _keep(self, study: str, models: Models) -> None:
        self._models.pop(study, None)
        self._models[study] = models
        while len(self._models) > STUDIES:
            del self._models[next(iter(self._models))]


def r_squared(models: Models) -> dict[str, float]:
    """Share of each learned metric's variance that is predicted of trials left out."""
    return {name: found.reliability.held_out_r2 for name, found in models.learned.items()}


def serve(requests: TextIO, replies: TextIO) -> None:
    """Answer every line until the input ends."""
    import torch

    # Matrices of some hundred trials are too small for more threads to be of use.
    torch.set_num_threads(1)
    worker = Worker()
    for line in requests:
        print(json.dumps(worker.reply(line).model_dump()), file=replies, flush=True)


if __name__ == "__main__":
    serve_lines(serve)
