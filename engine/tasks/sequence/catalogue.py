"""The known text classification, regression and multiple-choice tasks as a table: GLUE, SuperGLUE and RACE.

Columns are those of the published files and, on the hub, of ``nyu-mll/glue``, ``aps/super_glue`` and ``ehovy/race``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from engine.errors import UnknownNameError
from engine.tasks.sequence.definition import Definition

YES_NO = ("false", "true")
TWO_WAY = ("entailment", "not_entailment")

_PAIR = Definition(
    name="",
    labels=TWO_WAY,
    text=("{sentence1}", "{premise}"),
    pair=("{sentence2}", "{hypothesis}"),
    label=("label",),
    metrics=("accuracy",),
)
_MNLI = replace(
    _PAIR,
    name="mnli",
    labels=("entailment", "neutral", "contradiction"),
    label=("gold_label", "label"),
    metrics=("accuracy", "mismatched_accuracy"),
    folder="MNLI",
    eval_files=(("dev_matched", ""), ("dev_mismatched", "mismatched")),
    configuration="mnli",
    eval_splits=(("validation_matched", ""), ("validation_mismatched", "mismatched")),
)
_RTE = replace(_PAIR, name="rte", folder="RTE", configuration="rte")
_AX_FILES = (("diagnostic-full", ""), ("diagnostic", ""))

_GLUE = (
    Definition(
        name="cola",
        labels=("unacceptable", "acceptable"),
        text=("{sentence}",),
        label=("label",),
        metrics=("mcc", "accuracy"),
        folder="CoLA",
        headless=(("source", "label", "mark", "sentence"),),
        configuration="cola",
    ),
    Definition(
        name="sst2",
        labels=("negative", "positive"),
        text=("{sentence}",),
        label=("label",),
        metrics=("accuracy",),
        folder="SST-2",
        configuration="sst2",
    ),
    Definition(
        name="mrpc",
        labels=("not_equivalent", "equivalent"),
        text=("{#1 String}", "{sentence1}"),
        pair=("{#2 String}", "{sentence2}"),
        label=("Quality", "label"),
        metrics=("f1", "accuracy"),
        folder="MRPC",
        configuration="mrpc",
    ),
    Definition(
        name="stsb",
        labels=(),
        text=("{sentence1}",),
        pair=("{sentence2}",),
        label=("score", "label"),
        metrics=("pearson", "spearman"),
        scale=(0, 5),
        folder="STS-B",
        headless=(("genre", "filename", "year", "number", "score", "sentence1", "sentence2", "*"),),
        configuration="stsb",
    ),
    Definition(
        name="qqp",
        labels=("not_duplicate", "duplicate"),
        text=("{question1}",),
        pair=("{question2}",),
        label=("is_duplicate", "label"),
        metrics=("f1", "accuracy"),
        identifier=("{id}", "{idx}"),
        folder="QQP",
        drop_short=True,
        configuration="qqp",
    ),
    _MNLI,
    replace(
        _PAIR, name="qnli", text=("{question}",), pair=("{sentence}",), folder="QNLI", configuration="qnli"
    ),
    _RTE,
    replace(_PAIR, name="wnli", labels=("not_entailment", "entailment"), folder="WNLI", configuration="wnli"),
    replace(
        _MNLI,
        name="ax",
        text=("{Premise}", "{premise}", "{sentence1}"),
        pair=("{Hypothesis}", "{hypothesis}", "{sentence2}"),
        label=("Label", "label"),
        metrics=("mcc", "accuracy"),
        folder="AX",
        eval_files=_AX_FILES,
        configuration="ax",
        eval_splits=(("test", ""),),
        trained_on="mnli",
    ),
)
_SUPERGLUE = (
    Definition(
        name="boolq",
        labels=YES_NO,
        text=("{passage}",),
        pair=("{question}",),
        label=("label", "answer"),
        metrics=("accuracy",),
        cluster=("{passage}",),
        folder="BoolQ",
        configuration="boolq",
    ),
    replace(
        _PAIR,
        name="cb",
        labels=("entailment", "contradiction", "neutral"),
        metrics=("macro_f1", "accuracy"),
        folder="CB",
        configuration="cb",
    ),
    Definition(
        name="copa",
        labels=YES_NO,
        text=("{premise}",),
        pair=("{asked} {candidate}",),
        label=("correct",),
        metrics=("accuracy",),
        identifier=("{idx}-{number}",),
        group=("{idx}",),
        recast="copa",
        choose=True,
        folder="COPA",
        configuration="copa",
    ),
    Definition(
        name="multirc",
        labels=YES_NO,
        text=("{paragraph}",),
        pair=("{question} {answer}",),
        label=("label",),
        metrics=("f1a", "em"),
        identifier=("{idx.paragraph}-{idx.question}-{idx.answer}",),
        group=("{idx.paragraph}-{idx.question}",),
        cluster=("{idx.paragraph}",),
        recast="multirc",
        folder="MultiRC",
        configuration="multirc",
    ),
    Definition(
        name="record",
        labels=YES_NO,
        text=("{passage}",),
        pair=("{filled}",),
        label=("correct",),
        metrics=("word_f1", "exact"),
        identifier=("{idx.passage}-{idx.query}-{number}",),
        group=("{idx.passage}-{idx.query}",),
        cluster=("{idx.passage}",),
        recast="record",
        choose=True,
        folder="ReCoRD",
        configuration="record",
    ),
    replace(_RTE, name="rte-superglue", configuration="rte"),
    Definition(
        name="wic",
        labels=YES_NO,
        text=("{word}: {sentence1}",),
        pair=("{sentence2}",),
        label=("label",),
        metrics=("accuracy",),
        folder="WiC",
        configuration="wic",
    ),
    Definition(
        name="wsc",
        labels=YES_NO,
        text=("{text}",),
        pair=(
            "{target.span2_text} refers to {target.span1_text}",
            "{span2_text} refers to {span1_text}",
        ),
        label=("label",),
        metrics=("accuracy",),
        cluster=("{text}",),
        folder="WSC",
        configuration="wsc",
    ),
    replace(
        _PAIR,
        name="axb",
        metrics=("mcc", "accuracy"),
        folder="AX-b",
        eval_files=(("AX-b", ""),),
        configuration="axb",
        eval_splits=(("test", ""),),
        trained_on="rte",
    ),
    replace(
        _PAIR,
        name="axg",
        metrics=("accuracy", "gender_parity"),
        group=("{pair_id}",),
        folder="AX-g",
        eval_files=(("AX-g", ""),),
        configuration="axg",
        eval_splits=(("test", ""),),
        trained_on="rte",
    ),
)
_RACE = Definition(
    name="race",
    labels=YES_NO,
    text=("{article}",),
    pair=("{filled}",),
    label=("correct",),
    metrics=("accuracy", "high_accuracy", "middle_accuracy"),
    identifier=("{place}-{number}",),
    group=("{place}",),
    cluster=("{article}",),
    subset=("{level}",),
    recast="race",
    choose=True,
    folder="RACE",
    configuration="all",
)

DEFINITIONS: Mapping[str, Definition] = {item.name: item for item in (*_GLUE, *_SUPERGLUE, _RACE)}
"""The built-in tasks by name."""


def definition(name: str) -> Definition:
    """Return a built-in task.

    Raises:
        UnknownNameError: There is none of this name.
    """
    try:
        return DEFINITIONS[name]
    except KeyError:
        raise UnknownNameError(f"no task is called {name!r}; known: {', '.join(DEFINITIONS)}") from None
