"""Exact sizes of the students of an experiment by their settings, and which settings no student can be built of."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from pydantic import BaseModel, ConfigDict

from engine.distill.hyperparameters import Hyperparameters, default_of
from engine.distill.students.architecture import (
    Architecture,
    encoder_parameters,
    flops,
    model_mb,
    num_parameters,
)
from engine.distill.students.asked_shape import asked_shape
from engine.distill.students.bort_lemmas import LEMMA_METRICS, lemma_sizes
from engine.distill.students.shape import student_architecture
from engine.errors import SettingError
from engine.parameters import Value
from engine.spec_sections import StudentSection

SHAPE_PARAMETERS = ("n_layers", "n_heads", "hidden_size", "intermediate_size")
"""Hyperparameters that decide a student's architecture."""

CACHED_SHAPES = 100_000
"""Architectures whose sizes are remembered; a search asks for the same ones many times."""


class StudentSizes(BaseModel):
    """Sizes of students by formula, for strategies: they need not learn what is known.

    Attributes:
        teacher: architecture that students are derived from.
        section: how students are built.
        fixed: architecture settings that are not searched.
        length: tokens of the input that operations are counted for.
    """

    model_config = ConfigDict(frozen=True)

    teacher: Architecture
    section: StudentSection
    fixed: dict[str, int]
    length: int

    @property
    def metrics(self) -> frozenset[str]:
        """Names of the metrics."""
        lemmas = LEMMA_METRICS if self.section.head_shape == "resize" else ()
        return frozenset({"num_parameters", "encoder_parameters", "flops", "model_mb", *lemmas})

    @property
    def parameters(self) -> frozenset[str]:
        """The parameters that decide them."""
        return frozenset(SHAPE_PARAMETERS)

    def values(self, configuration: Mapping[str, Value]) -> Mapping[str, float] | None:
        """Sizes of the student, or None where the settings fit no student of this teacher."""
        settings = (
            int(configuration.get(name, self.fixed.get(name, default_of(name)))) for name in SHAPE_PARAMETERS
        )
        return _sizes(self.teacher, self.section, self.length, *settings)


@lru_cache(maxsize=CACHED_SHAPES)
def _sizes(
    teacher: Architecture, section: StudentSection, length: int, *settings: int
) -> Mapping[str, float] | None:
    shape = asked_shape(
        section, Hyperparameters.model_validate(dict(zip(SHAPE_PARAMETERS, settings, strict=True)))
    )
    try:
        architecture = student_architecture(teacher, shape)
    except SettingError:
        return None
    sizes = {
        "num_parameters": float(num_parameters(architecture)),
        "encoder_parameters": float(encoder_parameters(architecture)),
        "flops": float(flops(architecture, min(length, architecture.max_positions))),
        "model_mb": model_mb(architecture),
    }
    # The lemmas know no pruned heads.
    return sizes | lemma_sizes(architecture, length) if section.head_shape == "resize" else sizes
