"""Synonyms from tables and from embeddings, and the tables themselves."""

from __future__ import annotations

import gzip

import numpy as np
import pytest

from engine.agora.draws import Draw
from engine.agora.texts import Text
from engine.agora.transformations.interface import Resources
from engine.agora.transformations.neighbours import Neighbours, make_neighbours, whole_words
from engine.agora.transformations.synonyms import Antonyms, Synonyms, replace_words
from engine.agora.transformations.tables import read_table
from engine.errors import ModelError, SettingError

LINES = "# a comment\ncar\tn\tauto:1|gondola:3\nCar\tn\tmotorcar:1|car:1\n\nrun\tgo|flee\n"
TABLE = {"film": ("movie",), "good": ("fine", "sound"), "the": ("a",)}


def lookup(word):
    return TABLE.get(word.casefold(), ())


def test_known_content_words_are_replaced_in_their_case():
    assert replace_words("The Film is long.", Draw(0), 0.1, lookup) == "The Movie is long."
    found = {replace_words("GOOD film", Draw(seed), 1.0, lookup) for seed in range(30)}
    assert found == {"FINE movie", "SOUND movie"}


def test_a_rate_bounds_how_many():
    text = "film film film film"
    assert (replace_words(text, Draw(0), 0.5, lookup) or "").split().count("movie") == 2


def test_what_nobody_knows_stays():
    assert replace_words("The cat is here.", Draw(0), 1.0, lookup) is None
    assert replace_words("", Draw(0), 1.0, lookup) is None


def test_lines_with_and_without_parts_of_speech_add_up_in_the_order_of_senses(tmp_path):
    path = tmp_path / "table.tsv"
    path.write_text(LINES)
    assert read_table(str(path)) == {"car": ("auto", "motorcar", "gondola"), "run": ("go", "flee")}
    assert read_table(str(path), senses=1) == {"car": ("auto", "motorcar"), "run": ("go", "flee")}


def test_compressed_lines_and_json(tmp_path):
    packed = tmp_path / "table.tsv.gz"
    packed.write_bytes(gzip.compress(LINES.encode()))
    assert read_table(str(packed))["run"] == ("go", "flee")
    plain = tmp_path / "table.json"
    plain.write_text('{"Car": ["auto", "auto", "car"], "x": []}')
    assert read_table(str(plain)) == {"car": ("auto",)}


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.tsv", b"car auto\n", "line 1 has 1 fields"),
        ("a.tsv", b"", "holds no words"),
        ("a.tsv", b"\xff", "utf-8"),
        ("a.tsv.gz", b"car\tauto", "cannot be used"),
        ("a.json", b'{"car": "auto"}', "'car' has no list"),
        ("a.json", b"[]", "not one JSON object"),
        ("a.json", b"{", "cannot be used"),
    ],
)
def test_another_form_is_refused_in_words(tmp_path, name, content, message):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(SettingError, match=message):
        read_table(str(path))
    with pytest.raises(SettingError, match="No such file"):
        read_table(str(tmp_path / "missing"))


TOKENS = ["[PAD]", "film", "movie", "##s", "dog", "Film", "x", "12"]
VECTORS = np.array([[9, 9], [1, 0], [2, 0.2], [1, 0], [0, 1], [0, 5], [1, 0], [1, 0]], dtype=np.float16)


def test_neighbours_are_whole_words_by_cosine():
    found = make_neighbours(VECTORS, TOKENS)
    assert set(found.words) == {"film", "movie", "dog"}
    assert found.near("Film", 5, 0.5) == ("movie",)
    assert found.near("film", 5, -1) == ("movie", "dog")
    assert found.near("film", 1, -1) == ("movie",)
    assert found.near("unknown", 5, -1) == ()
    assert np.allclose(np.linalg.norm(found.directions, axis=1), 1)


def test_marks_of_other_tokenizers():
    assert whole_words(["<s>", "Ġdog", "dog", "ĠCafÃ©", "Ġa", "Ġ1"]) == {1: "dog"}
    assert whole_words(["▁hund", "▁über", "e"]) == {0: "hund", 1: "über"}


def test_embeddings_that_do_not_fit_are_refused():
    with pytest.raises(ModelError, match="do not belong"):
        make_neighbours(VECTORS[:3], TOKENS)
    with pytest.raises(ModelError, match="whole word"):
        make_neighbours(VECTORS, ["##a"])


def test_the_transformation_takes_the_table_or_else_the_neighbours(tmp_path):
    path = tmp_path / "table.tsv"
    path.write_text("film\tpicture\n")
    near = Neighbours(("film", "movie"), np.array([[1, 0], [1, 0]], dtype=np.float32))
    text = [Text("A film.")]
    by_table = Synonyms(name="synonyms", table=str(path))
    assert not by_table.needs_neighbours
    assert by_table.build(Resources())(text, [Draw(0)]) == [Text("A picture.")]
    by_model = Synonyms(name="synonyms")
    assert by_model.needs_neighbours
    assert by_model.build(Resources(neighbours=near))(text, [Draw(0)]) == [Text("A movie.")]
    with pytest.raises(SettingError, match="set its table"):
        by_model.build(Resources())
    opposite = Antonyms(name="antonyms", table=str(path))
    assert opposite.build(Resources())(text, [Draw(0)]) == [Text("A picture.")]
