"""A tiny masked language model that guesses words."""

from __future__ import annotations

import pytest

from engine.agora.draws import Draw
from engine.agora.masked_lm import WINDOW, load_fill
from engine.agora.transformations.masked import Masked, fill_words
from engine.errors import ModelError

WORDS = "harbour lantern quill river granite copper violet orchard meridian timber"


@pytest.fixture(scope="module")
def model_folder(tmp_path_factory):
    """An untrained BERT whose output bias prefers two words, "river" over "copper"."""
    import torch
    from transformers import BertConfig, BertForMaskedLM

    from engine.distill.models.embedded import make_tokenizer
    from engine.distill.models.folder import save_student

    tokenizer = make_tokenizer([WORDS] * 3)
    torch.manual_seed(0)
    model = BertForMaskedLM(
        BertConfig(
            vocab_size=len(tokenizer),
            hidden_size=16,
            num_hidden_layers=1,
            num_attention_heads=2,
            intermediate_size=16,
            max_position_embeddings=WINDOW,
        )
    )
    with torch.no_grad():
        for word, bias in (("river", 9.0), ("copper", 8.0)):
            number = tokenizer.convert_tokens_to_ids(word)
            assert number != tokenizer.unk_token_id
            model.cls.predictions.decoder.bias[number] = bias
    folder = tmp_path_factory.mktemp("masked") / "model"
    save_student(model, tokenizer, folder)
    return folder


def test_guesses_are_whole_words_the_likeliest_first(model_folder):
    fill = load_fill(str(model_folder), batch=2)
    found = fill([Masked("the ", " harbour"), Masked("", ""), Masked("lantern " * 400, " quill" * 400)])
    assert len(found) == 3
    for guesses in found:
        assert [guess.word for guess in guesses[:2]] == ["river", "copper"]
        shares = [guess.probability for guess in guesses]
        assert shares == sorted(shares, reverse=True)
        assert 0 < sum(shares) <= 1 + 1e-5
        assert all(guess.word.isalpha() and len(guess.word) > 1 for guess in guesses)
    # e to the 1 apart, up to what the untrained encoder adds.
    assert 1.5 < found[0][0].probability / found[0][1].probability < 5


def test_padding_changes_nothing_that_matters(model_folder):
    fill = load_fill(str(model_folder))
    text = Masked("harbour ", " lantern")
    (alone,), (beside, _) = fill([text]), fill([text, Masked("quill " * 50, "")])
    assert [guess.word for guess in alone] == [guess.word for guess in beside]
    assert [guess.probability for guess in alone] == pytest.approx(
        [guess.probability for guess in beside], rel=1e-4
    )


def test_words_are_replaced_by_its_guesses(model_folder):
    fill = load_fill(str(model_folder))
    texts = ["A River bank", "of a copper"]
    assert fill_words(texts, [Draw(1), Draw(1)], [2, 1], fill, 1) == ["A Copper river", "of a river"]
    assert fill([]) == []


def test_a_model_without_such_a_head_is_refused(tiny_teacher):
    with pytest.raises(ModelError, match="head"):
        load_fill(str(tiny_teacher))
