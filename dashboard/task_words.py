"""Every task in a few words, in groups, as people look for it."""

from __future__ import annotations

from typing import NamedTuple


class Group(NamedTuple):
    """Tasks that belong together.

    Attributes:
        name: of the group.
        hub: dataset on the hub that has its tasks.
        tasks: words for each task by its name.
    """

    name: str
    hub: str
    tasks: dict[str, str]


GROUPS = (
    Group("Question answering", "rajpurkar/squad_v2", {"squad_v2": "SQuAD 2.0, answers in the text or none"}),
    Group("Pre-training", "Salesforce/wikitext", {"masked_lm": "masked words in any text"}),
    Group(
        "GLUE",
        "nyu-mll/glue",
        {
            "cola": "CoLA, is a sentence acceptable",
            "sst2": "SST-2, is a review positive",
            "mrpc": "MRPC, do two sentences say the same",
            "stsb": "STS-B, how alike are two sentences",
            "qqp": "QQP, do two questions ask the same",
            "mnli": "MNLI, does a sentence follow, three answers",
            "qnli": "QNLI, does a sentence answer a question",
            "rte": "RTE, does a sentence follow",
            "wnli": "WNLI, what a pronoun stands for",
            "ax": "AX, diagnosis of inference",
        },
    ),
    Group(
        "SuperGLUE",
        "aps/super_glue",
        {
            "boolq": "BoolQ, yes or no questions on a passage",
            "cb": "CB, does a clause follow, three answers",
            "copa": "COPA, which of two is cause or effect",
            "multirc": "MultiRC, which answers on a passage are right",
            "record": "ReCoRD, which name fills the gap",
            "rte-superglue": "RTE, does a sentence follow",
            "wic": "WiC, has a word the same meaning twice",
            "wsc": "WSC, what a pronoun stands for",
            "axb": "AX-b, broad diagnosis of inference",
            "axg": "AX-g, gender in inference",
        },
    ),
    Group("Multiple choice", "ehovy/race", {"race": "RACE, exam questions with four answers"}),
)

_BY_TASK = {name: (group, words) for group in GROUPS for name, words in group.tasks.items()}


def task_words(name: str) -> str:
    """Group and words of a task; a user's own task has its name alone."""
    if name not in _BY_TASK:
        return name
    group, words = _BY_TASK[name]
    return f"{group.name}: {words}"


def hub_name(name: str) -> str | None:
    """The hub dataset of a task, None of a user's own."""
    return _BY_TASK[name][0].hub if name in _BY_TASK else None
