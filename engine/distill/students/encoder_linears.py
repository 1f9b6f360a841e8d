"""The linear layers inside a model's encoder, which is what quantisation and sparsity act on."""

from __future__ import annotations

from torch import nn

from engine.distill.students.anatomy import layers_of


def encoder_linears(model: nn.Module) -> dict[str, nn.Linear]:
    """Linear layers of all transformer layers by their path in the model, first to last.

    Embeddings and the head are not among them: one is a table, not a product, the other is small and decides most.
    """
    inside = {id(module) for layer in layers_of(model) for module in layer.modules()}
    return {
        name: module
        for name, module in model.named_modules()
        if isinstance(module, nn.Linear) and id(module) in inside
    }
