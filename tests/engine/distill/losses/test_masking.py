"""Dynamic masking: the 80/10/10 rule, smoothing, and that seed, draw and place alone decide a token's fate."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from engine.distill.losses.masking import mask_rows, read_vocabulary
from engine.errors import ModelError, SettingError
from tests.engine.distill.text_rows import CLS, MASK, SEP, SETTINGS, UNK, WORDS, rows_of, text_rows

ROWS = text_rows(400)
EVEN = read_vocabulary(ROWS)


def masked(chosen, seed=1, draw=0, rows=ROWS, vocabulary=EVEN, probability=0.15):
    return mask_rows(rows, np.asarray(chosen), vocabulary, seed=seed, draw=draw, probability=probability)


def original(found):
    """The batch before anything was hidden."""
    ids = found.input_ids.ravel().copy()
    ids[found.places] = found.labels
    return ids.reshape(found.input_ids.shape)


def test_each_row_hides_its_share_and_nothing_else_changes():
    chosen = np.arange(50)
    found = masked(chosen)
    before = original(found)
    for n, row in enumerate(chosen):
        tokens = ROWS.input_ids[ROWS.row_offsets[row] : ROWS.row_offsets[row + 1]]
        assert before[n, : len(tokens)].tolist() == tokens.tolist()
        assert (before[n, len(tokens) :] == 0).all()
        hidden = (found.places // before.shape[1] == n).sum()
        assert hidden == max(1, np.rint(0.15 * (len(tokens) - 2)))
    assert (np.diff(found.places) > 0).all()
    assert not np.isin(found.labels, SETTINGS["special_ids"]).any()


def test_of_the_chosen_80_percent_are_masks_10_random_10_kept():
    parts = [masked(np.arange(400), draw=draw) for draw in range(20)]
    seen = np.concatenate([part.input_ids.ravel()[part.places] for part in parts])
    labels = np.concatenate([part.labels for part in parts])
    n = len(labels)
    other = (seen != MASK) & (seen != labels)
    # A random word is the hidden one itself once in 35 times.
    for count, share in (
        ((seen == MASK).sum(), 0.8),
        (other.sum(), 0.1 * 34 / 35),
        ((seen == labels).sum(), 0.1 + 0.1 / 35),
    ):
        assert stats.binomtest(int(count), n, share).pvalue > 1e-3
    counts = np.bincount(seen[other], minlength=WORDS)
    assert (counts[:5] == 0).all()
    assert counts[5:].min() > 0.5 * counts[5:].mean()


def test_all_places_of_a_row_are_hidden_equally_often():
    rows = rows_of([[CLS, *range(5, 25), SEP]])
    hits = np.zeros(22)
    for draw in range(2000):
        hits[masked([0], draw=draw, rows=rows, vocabulary=read_vocabulary(rows)).places] += 1
    assert hits[0] == hits[21] == 0
    # Three of twenty, without replacement.
    assert hits.sum() == 2000 * 3
    assert stats.chisquare(hits[1:21]).pvalue > 1e-3


def test_draws_of_neighbouring_rows_and_steps_are_independent():
    rows = rows_of([[CLS, *range(5, 25), SEP]] * 2000)
    vocabulary = read_vocabulary(rows)

    def chosen(draw):
        found = masked(np.arange(2000), draw=draw, rows=rows, vocabulary=vocabulary)
        hidden = np.zeros(found.input_ids.size, dtype=bool)
        hidden[found.places] = True
        return hidden.reshape(2000, 22)[:, 1:21]

    first, second = chosen(0), chosen(1)
    for a, b in ((first, second), (first[1:], first[:-1]), (first[:, 1:], first[:, :-1])):
        # Within a row three of twenty exclude each other: -1 / 19.
        expected = -1 / 19 if a.shape[1] == 19 else 0
        assert np.corrcoef(a.ravel(), b.ravel())[0, 1] == pytest.approx(expected, abs=0.02)


@settings(deadline=None, max_examples=50)
@given(
    st.lists(st.integers(0, 399), min_size=1, max_size=8, unique=True), st.integers(0, 99), st.integers(0, 9)
)
def test_masks_of_a_row_do_not_depend_on_its_batch(chosen, seed, draw):
    together = masked(chosen, seed=seed, draw=draw)
    for n, row in enumerate(chosen):
        alone = masked([row], seed=seed, draw=draw)
        length = int(alone.lengths[0])
        assert together.input_ids[n, :length].tolist() == alone.input_ids[0].tolist()
        mine = together.places // together.input_ids.shape[1] == n
        assert together.labels[mine].tolist() == alone.labels.tolist()


def test_masks_are_new_in_each_draw_and_for_each_seed_and_the_same_again():
    first = masked(np.arange(20))
    assert (masked(np.arange(20)).input_ids == first.input_ids).all()
    assert masked(np.arange(20), draw=1).places.tolist() != first.places.tolist()
    assert masked(np.arange(20), seed=2).places.tolist() != first.places.tolist()


def test_smoothing_hides_rare_words_more_often():
    # 5 occurs 19 times as often as 6; with smoothing 1 the single 6 weighs as much as all the 5s together.
    rows = rows_of([[CLS, *[5] * 9, 6, *[5] * 10, SEP]] * 500)
    hidden = {}
    for smoothing in (0.0, 0.7, 1.0):
        vocabulary = read_vocabulary(rows, smoothing)
        assert vocabulary.weights[6] / vocabulary.weights[5] == pytest.approx(19**smoothing)
        found = masked(np.arange(500), rows=rows, vocabulary=vocabulary, probability=0.05)
        assert len(found.labels) == 500
        hidden[smoothing] = (found.labels == 6).mean()
    expected = {s: 19**s / (19**s + 19) for s in hidden}
    assert hidden == pytest.approx(expected, abs=0.07)


def test_rows_of_special_tokens_hide_nothing():
    rows = rows_of([[CLS, UNK, SEP], [CLS, 7, SEP]])
    found = masked([0, 1], rows=rows)
    assert found.labels.tolist() == [7]
    assert found.places.tolist() == [4]


@pytest.mark.parametrize("probability", [0.0, 1.0, float("nan")])
def test_the_share_must_be_a_share(probability):
    with pytest.raises(SettingError, match="mask_probability"):
        masked([0], probability=probability)


def test_unfit_vocabularies_are_told():
    with pytest.raises(SettingError, match="mask_smoothing"):
        read_vocabulary(ROWS, -0.1)
    with pytest.raises(ModelError, match="no mask token"):
        read_vocabulary(rows_of([[CLS, 7, SEP]], SETTINGS | {"mask_token_id": None}))
