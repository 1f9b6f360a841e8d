"""Training steps of a student with PyTorch's attention and with ours on a CPU, taken in turns.

Run it with ``python -m tests.benchmarks.attention_speed``; no data is needed. Prints CPU seconds of a forward and
backward pass over a batch, and their ratio.
"""

from __future__ import annotations

import argparse
import os
import statistics
import time
from typing import Any

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")


def main() -> None:
    """Time both kinds in turns and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--layers", type=int, default=3)
    parser.add_argument("--hidden", type=int, default=384)
    parser.add_argument("--heads", type=int, default=12)
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--length", type=int, default=192)
    parser.add_argument("--repeats", type=int, default=7)
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()
    print(f"{'dropout':>8} {'precision':>9} {'torch s':>9} {'own s':>9} {'ratio':>6}  (CPU seconds, medians)")
    for dropout in (0.1, 0.0):
        for precision in ("bf16", "fp32"):
            passes = {kind: _passes(options, dropout, precision, kind) for kind in ("torch", "own")}
            seconds: dict[str, list[float]] = {kind: [] for kind in passes}
            for _ in range(options.repeats):
                for kind, one in passes.items():
                    seconds[kind].append(one())
            torch_s, own_s = (statistics.median(values) for values in seconds.values())
            print(
                f"{dropout:8} {precision:>9} {torch_s:9.3f} {own_s:9.3f} {torch_s / own_s:6.2f}", flush=True
            )


def _passes(options: argparse.Namespace, dropout: float, precision: str, kind: str) -> Any:
    """A function that does one forward and backward pass and gives its CPU seconds."""
    import torch
    from transformers import BertConfig, BertForQuestionAnswering

    from engine.distill.training.cpu_attention import train_fast_on_cpu
    from engine.distill.training.precision import autocast

    torch.set_num_threads(options.threads)
    torch.manual_seed(0)
    model: Any = BertForQuestionAnswering(
        BertConfig(
            vocab_size=2000,
            hidden_size=options.hidden,
            num_hidden_layers=options.layers,
            num_attention_heads=options.heads,
            intermediate_size=4 * options.hidden,
            hidden_dropout_prob=dropout,
            attention_probs_dropout_prob=dropout,
        )
    ).train()
    if kind == "own":
        train_fast_on_cpu(model)
    tokens = torch.randint(0, 2000, (options.batch, options.length))
    mask = torch.ones_like(tokens)
    mask[0, options.length // 2 :] = 0

    def one() -> float:
        start = time.process_time()
        with autocast(torch.device("cpu"), precision):  # type: ignore[arg-type]
            output = model(input_ids=tokens, attention_mask=mask)
        (output.start_logits.float().square().mean() + output.end_logits.float().square().mean()).backward()
        model.zero_grad()
        return time.process_time() - start

    one()
    return one


if __name__ == "__main__":
    main()
