"""The published files, where they are at hand: counts, and what is dropped because both sides have it."""

from __future__ import annotations

import pytest

from engine.errors import DatasetError
from engine.tasks.sequence.catalogue import definition
from engine.tasks.sequence.loading import load_side
from engine.tasks.sequence.task import sequence_task

FOLDERS = [
    ("cola", "glue/CoLA", 8551, 1043),
    ("sst2", "glue/SST-2", 67349, 872),
    ("mrpc", "glue/MRPC", 3668, 408),
    ("rte", "glue/RTE", 2490, 277),
    ("stsb", "glue/STS-B", 5749, 1500),
    ("wnli", "glue/WNLI", 635, 71),
    ("copa", "superglue/COPA", 400, 100),
]


@pytest.mark.parametrize(("name", "folder", "training", "evaluation"), FOLDERS)
def test_counts_are_the_official_ones(shared_data, name, folder, training, evaluation):
    source = str(shared_data / folder)
    for side, count in (("training", training), ("evaluation", evaluation)):
        found = load_side(definition(name), source, side, alone=side == "training")
        assert found is not None
        assert len({item.unit for item in found}) == count
    parts = sequence_task(name, dataset=source).read()
    assert len({item.unit for item in parts["evaluation"]}) == evaluation
    assert 0.995 * training <= len({item.unit for item in parts["training"]}) <= training


@pytest.mark.parametrize(
    ("name", "file", "count"),
    [
        ("qnli", "glue/QNLI/dev.tsv.gz", 5463),
        ("boolq", "superglue/BoolQ/val.jsonl.gz", 3270),
        ("stsb", "glue/STS-B/sts-test-labelled.tsv.gz", 1379),
        ("sst2", "glue/SST-2/test-labelled.tsv.gz", 1821),
        ("mrpc", "glue/MRPC/test-labelled.tsv.gz", 1725),
    ],
)
def test_single_files(shared_data, name, file, count):
    found = load_side(definition(name), str(shared_data / file), "training", alone=True)
    assert found is not None
    assert len(found) == count


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("cola", "glue/CoLA/test.tsv.gz"),
        ("rte", "glue/RTE/test.tsv.gz"),
        ("ax", "glue/diagnostic.tsv.gz"),
        ("copa", "superglue/COPA/test.jsonl.gz"),
    ],
)
def test_files_without_labels_are_refused(shared_data, name, file):
    with pytest.raises(DatasetError, match="label"):
        load_side(definition(name), str(shared_data / file), "evaluation", alone=True)
