"""Negations put in and taken out."""

from __future__ import annotations

import pytest

from engine.agora.draws import Draw
from engine.agora.transformations.negation import negate


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("It is good.", {"It is not good."}),
        ("It is not good.", {"It is good."}),
        ("They do n't care", {"They do care"}),
        ("He didn't go.", {"He did go."}),
        ("He can't go.", {"He can go."}),
        ("We Won\u2019t go", {"We Will go"}),
        ("a tale without wit", {"a tale with wit"}),
        ("She never came", {"She came"}),
        ("THEY WERE HERE", {"THEY WERE NOT HERE"}),
        ("He was and will stay", {"He was not and will stay", "He was and will not stay"}),
        ("Is he here?", {None}),
        ("no", {"some"}),
        ("not", {None}),
        ("", {None}),
        ("Nothing is lost", {"Something is lost", "Nothing is not lost"}),
    ],
)
def test_one_negation_more_or_less(text, expected):
    assert {negate(text, Draw(seed)) for seed in range(30)} == expected
