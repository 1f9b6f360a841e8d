"""The embedded data, made tiny: the same bits every time, made once, and never half a teacher."""

from __future__ import annotations

import json
from collections.abc import Callable
from itertools import islice

import pytest
import torch
from transformers import AutoModelForQuestionAnswering

from engine.distill.models import embedded, embedded_corpus
from engine.distill.models.embedded import make_embedded_data, make_tokenizer
from engine.distill.models.embedded_files import EmbeddedData, embedded_data
from engine.distill.models.folder import load_teacher
from engine.events import Progress
from engine.tasks.squad.loading import load_squad


@pytest.fixture(autouse=True)
def tiny(monkeypatch: pytest.MonkeyPatch) -> None:
    """Few paragraphs and one epoch."""
    monkeypatch.setattr(embedded_corpus, "TRAIN_PARAGRAPHS", 12)
    monkeypatch.setattr(embedded_corpus, "EVALUATION_PARAGRAPHS", 6)
    monkeypatch.setattr(
        embedded, "TEACHER", embedded.TEACHER.model_copy(update={"epochs": 1.0, "n_layers": 1})
    )


def files_of(data: EmbeddedData) -> dict[str, bytes]:
    return {
        str(path.relative_to(data.folder)): path.read_bytes()
        for path in data.folder.rglob("*")
        if path.is_file()
    }


def test_corpus_and_teacher_are_complete(tmp_path):
    events = list(make_embedded_data(tmp_path))
    data = embedded_data(tmp_path)
    train, evaluation = load_squad(data.train).questions, load_squad(data.evaluation).questions
    assert len({item.context for item in train}) == 12
    assert len({item.context for item in evaluation}) == 6
    assert not {item.context for item in train} & {item.context for item in evaluation}
    model, tokenizer = load_teacher(data.teacher)
    assert tokenizer.unk_token_id not in tokenizer(train[0].question, train[0].context)["input_ids"]
    assert model.config.vocab_size == len(tokenizer)
    plain = AutoModelForQuestionAnswering.from_pretrained(data.teacher)
    assert all(torch.equal(value, plain.state_dict()[name]) for name, value in model.state_dict().items())
    messages = [event.message for event in events if isinstance(event, Progress)]
    assert messages[0] == "writing the embedded corpus"
    assert all(message.startswith("embedded teacher: training, step") for message in messages[1:])
    assert {event.kind for event in events} == {"progress", "step"}


def test_same_bits_every_time_and_made_once(tmp_path):
    torch.manual_seed(1)
    list(make_embedded_data(tmp_path / "one"))
    torch.manual_seed(2)
    list(make_embedded_data(tmp_path / "two"))
    first, second = (files_of(embedded_data(tmp_path / name)) for name in ("one", "two"))
    assert first == second
    stamps = {path: path.stat().st_mtime_ns for path in (tmp_path / "one").rglob("*")}
    assert list(make_embedded_data(tmp_path / "one")) == []
    assert {path: path.stat().st_mtime_ns for path in (tmp_path / "one").rglob("*")} == stamps


@pytest.mark.parametrize("events", [1, 2, 4])
def test_a_killed_run_leaves_no_teacher_and_the_next_makes_it(tmp_path, events):
    generator = make_embedded_data(tmp_path / "killed")
    assert len(list(islice(generator, events))) == events
    generator.close()
    data = embedded_data(tmp_path / "killed")
    assert not data.teacher.exists()
    assert len(list(make_embedded_data(tmp_path / "killed"))) > 1
    list(make_embedded_data(tmp_path / "whole"))
    assert files_of(data) == files_of(embedded_data(tmp_path / "whole"))


def test_a_teacher_that_cannot_be_written_leaves_nothing(tmp_path, monkeypatch):
    from transformers import BertTokenizer

    def full_disk(*arguments, **settings):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(BertTokenizer, "save_pretrained", full_disk)
        with pytest.raises(OSError, match="No space"):
            list(make_embedded_data(tmp_path))
    data = embedded_data(tmp_path)
    assert sorted(path.name for path in data.folder.iterdir()) == ["dev-v2.0.json", "train-v2.0.json"]
    list(make_embedded_data(tmp_path))
    assert data.teacher.exists()


def test_making_the_model_leaves_the_random_state_alone():
    make: Callable[..., object] = embedded._model
    tokenizer = make_tokenizer(["Who designed the bridge?"])
    torch.manual_seed(5)
    before = torch.get_rng_state()
    make(tokenizer)
    assert torch.equal(torch.get_rng_state(), before)


def test_tokenizer_is_lower_case_and_gives_texts_back():
    text = "Who designed the Arlen bridge? Mira Tosk did, in 1912."
    tokenizer = make_tokenizer([text] * 3)
    ids = tokenizer(text)["input_ids"]
    assert tokenizer.unk_token_id not in ids
    assert ids == tokenizer(text.upper())["input_ids"]
    assert tokenizer.decode(ids, skip_special_tokens=True).replace(" ", "") == text.lower().replace(" ", "")
    assert (ids[0], ids[-1]) == (tokenizer.cls_token_id, tokenizer.sep_token_id)


def test_the_corpus_on_disk_is_json_of_version_2(tmp_path):
    generator = make_embedded_data(tmp_path)
    list(islice(generator, 2))
    generator.close()
    for path in (embedded_data(tmp_path).train, embedded_data(tmp_path).evaluation):
        assert json.loads(path.read_text(encoding="utf-8"))["version"] == "v2.0"
