"""Colours that can be seen on their page and told apart, whatever eyes look at them."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from dashboard.palette import DARK, LIGHT, Palette, palette

# Machado, Oliveira and Fernandes 2009, "A Physiologically-based Model for Simulation of Color Vision
# Deficiency", matrices for severity 1.
VISION = {
    "normal": np.eye(3),
    "protanopia": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "deuteranopia": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
    "tritanopia": np.array(
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]
    ),
}
STRONG = ("frontier", "baseline", "failed", "running")
"""Meanings that stand side by side in one chart and must be told apart by colour as well as by shape."""


def linear(colour: str) -> np.ndarray:
    channels = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    return np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)


def lab(rgb: np.ndarray) -> np.ndarray:
    xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]) @ np.clip(
        rgb, 0, 1
    )
    scaled = xyz / np.array([0.9505, 1.0, 1.089])
    f = np.where(scaled > 0.008856, np.cbrt(scaled), 7.787 * scaled + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def contrast(one: str, other: str) -> float:
    light = sorted(float(np.array([0.2126, 0.7152, 0.0722]) @ linear(colour)) for colour in (one, other))
    return (light[1] + 0.05) / (light[0] + 0.05)


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("vision", VISION)
def test_strong_colours_can_be_told_apart(colours: Palette, vision: str) -> None:
    seen = {name: lab(VISION[vision] @ linear(getattr(colours, name))) for name in STRONG}
    for one, other in combinations(STRONG, 2):
        assert np.linalg.norm(seen[one] - seen[other]) > 12, (one, other)


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("vision", VISION)
def test_what_stands_side_by_side_can_be_told_apart(colours: Palette, vision: str) -> None:
    assert len(set(colours.series)) == 8
    seen = [lab(VISION[vision] @ linear(colour)) for colour in colours.series]
    for one, other in combinations(seen, 2):
        assert np.linalg.norm(one - other) > 20
    spans = [lab(VISION[vision] @ linear(colour)) for colour in (colours.right, colours.predicted)]
    assert np.linalg.norm(spans[0] - spans[1]) > 20
    for colour in (*colours.series, colours.right):
        assert contrast(colour, colours.background) >= 3


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
def test_colours_stand_out_from_the_page(colours: Palette) -> None:
    for name in (*STRONG, "predicted", "reference"):
        assert contrast(getattr(colours, name), colours.background) >= 3, name
    assert contrast(colours.text, colours.background) >= 7


def test_light_is_the_default() -> None:
    assert palette(None) is LIGHT
    assert palette("dark") is DARK
