"""How much each head, feed-forward unit and residual unit of a teacher matters, judged from its weights alone.

No data is read, so the same teacher always gives the same choice. Scores only rank parts of one layer (heads and
units) or of one model (residual units); their scale means nothing.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor


def head_scores(value: Tensor, output: Tensor, head_width: int) -> Tensor:
    """Frobenius norm of each head's output map, ``W_O[:, h] W_V[h, :]``; shape (heads,).

    The map is what a head adds to the residual stream per unit of attention, so a small one cannot matter much,
    whatever the head attends to. The norm is taken without forming the map: ||OV||^2 = <O^T O, V V^T>.

    Args:
        value: Weight of the value projection, shape (heads * head_width, hidden).
        output: Weight of the attention output, shape (hidden, heads * head_width).
        head_width: Rows of ``value`` that belong to one head.
    """
    rows = value.double().view(-1, head_width, value.shape[1])
    columns = output.double().T.reshape(-1, head_width, output.shape[0])
    grams = torch.bmm(columns, columns.transpose(1, 2)) * torch.bmm(rows, rows.transpose(1, 2))
    return grams.sum((1, 2)).clamp(min=0).sqrt()


def unit_scores(rows_in: Tensor, columns_out: Tensor) -> Tensor:
    """Norm of each unit's incoming row times the norm of its outgoing column; shape (units,).

    Args:
        rows_in: Weight of the layer that feeds the units, shape (units, width).
        columns_out: Weight of the layer that reads them, shape (width, units).
    """
    return _row_norms(rows_in) * _row_norms(columns_out.T)


def match_scores(query: Tensor, key: Tensor) -> Tensor:
    """Norm of each query row times the norm of its key row, its part in the attention scores; shape (units,)."""
    return unit_scores(query, key.T)


def residual_scores(words: Tensor, norms: Sequence[Tensor], outputs: Sequence[Tensor]) -> Tensor:
    """Strength of each residual unit over the whole model; shape (hidden,).

    The sum of the unit's share in everything that writes the residual stream: the norm of its column in the word
    embedding, its weight in every layer norm, and the norm of its row in every attention output and feed-forward
    output. Each of these is divided by its mean over all units first, so that every block has the same say.

    Args:
        words: Word embedding, shape (vocabulary, hidden).
        norms: Weights of the layer norms, each of shape (hidden,).
        outputs: Weights of the layers that add to the residual stream, each of shape (hidden, width).
    """
    blocks = [_row_norms(words.T)]
    blocks += [weight.double().abs() for weight in norms]
    blocks += [_row_norms(weight) for weight in outputs]
    tiny = torch.finfo(torch.float64).tiny
    return torch.stack([block / block.mean().clamp(min=tiny) for block in blocks]).sum(0)


def strongest(scores: Tensor, count: int) -> tuple[int, ...]:
    """Numbers of the ``count`` highest scores, ascending; of equal ones the first."""
    order = torch.argsort(scores.cpu(), descending=True, stable=True)
    return tuple(sorted(order[:count].tolist()))


def _row_norms(weight: Tensor) -> Tensor:
    norms: Tensor = torch.linalg.vector_norm(weight.double(), dim=1)
    return norms
