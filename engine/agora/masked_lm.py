"""Loads a masked language model and lets it guess hidden words in batches; the one module here that runs a model."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from engine.agora.transformations.masked import Fill, Guess, Masked
from engine.agora.transformations.neighbours import whole_words
from engine.errors import ModelError

WINDOW = 128
"""Most tokens the model sees around a hidden word."""
BATCH = 64
"""Texts in a forward pass."""
GUESSES = 128
"""Words returned for each hidden one."""


def load_fill(source: str, device: str = "cpu", batch: int = BATCH) -> Fill:
    """A model that guesses hidden words.

    Args:
        source: a folder or hub name of a model with a masked language model head.
        device: where it runs, as torch calls it.
        batch: texts in a forward pass.

    Raises:
        ModelError: It cannot be loaded, has no such head, or its tokenizer has no mask or no whole words.
    """
    # Imported here: whoever reads a specification needs no torch.
    import torch

    from engine.distill.models.pretrained import load_pretrained
    from engine.distill.models.source import locate

    model, tokenizer = load_pretrained(locate(source), "masked_lm", 0, trained=True, seed=0)
    words = whole_words(tokenizer.convert_ids_to_tokens(range(len(tokenizer))))
    if tokenizer.mask_token is None or not words:
        raise ModelError(f"the tokenizer of {source} has no mask token or no whole words; give another model")
    model = model.to(device)
    numbers = torch.tensor(list(words), device=device)
    names = list(words.values())

    def fill(texts: Sequence[Masked]) -> list[list[Guess]]:
        found: list[list[Guess]] = []
        for start in range(0, len(texts), batch):
            encoded = _encoded(tokenizer, texts[start : start + batch])
            inputs = {name: torch.tensor(values, device=device) for name, values in encoded.items()}
            with torch.inference_mode():
                logits = model(**inputs).logits
            rows, columns = torch.where(inputs["input_ids"] == tokenizer.mask_token_id)
            # Of whole words alone: what a piece of a word gets is not theirs, but the order and ratios stay.
            shares = logits[rows, columns].float().softmax(-1)[:, numbers]
            best = shares.topk(min(GUESSES, len(names)), dim=-1)
            found.extend(
                [Guess(names[place], value) for place, value in zip(places, values, strict=True)]
                for places, values in zip(best.indices.tolist(), best.values.tolist(), strict=True)
            )
        return found

    return fill


def _encoded(tokenizer: Any, texts: Sequence[Masked]) -> dict[str, list[list[int]]]:  # noqa: ANN401
    """Inputs of one batch, padded; long texts are cut to a window with the hidden word in its middle."""
    room = WINDOW - tokenizer.num_special_tokens_to_add() - 1
    rows = []
    for text in texts:
        before = tokenizer(text.before.rstrip(), add_special_tokens=False, verbose=False)["input_ids"]
        behind = tokenizer(text.behind, add_special_tokens=False, verbose=False)["input_ids"]
        # What one side does not need the other may have.
        left = min(len(before), max(room // 2, room - len(behind)))
        kept = before[len(before) - left :]
        row = [*kept, tokenizer.mask_token_id, *behind[: room - left]]
        rows.append([tokenizer.cls_token_id, *row, tokenizer.sep_token_id])
    longest = max(map(len, rows))
    return {
        "input_ids": [row + [tokenizer.pad_token_id] * (longest - len(row)) for row in rows],
        "attention_mask": [[1] * len(row) + [0] * (longest - len(row)) for row in rows],
    }
