"""Draws by hashing: the same seed picks the same things everywhere, whatever order they come in."""

from __future__ import annotations

import hashlib


def rank(text: str, seed: int) -> bytes:
    """Place of a text in an order that looks random and depends on text and seed alone."""
    return hashlib.blake2b(f"{seed}:{text}".encode("utf-8", "surrogatepass"), digest_size=16).digest()
