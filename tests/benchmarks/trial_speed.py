"""One whole trial of the program against the usual script's method, on the same student, data and settings.

Run from the repository: ``python -m tests.benchmarks.trial_speed``, for real data with ``--dataset``,
``--eval-dataset`` and ``--teacher``. Every run is a fresh process with the same number of threads; the two sides
take turns, because other work on the machine disturbs both. CPU seconds (user and system, of all threads) stand
beside wall seconds for the same reason. What the usual script does is described in ``reference_script``.

Both sides are charged their interpreter's start, imports and end. In production trials fork from a process that has
the libraries loaded, and leave at once, so ratios without start-up and exit are given too. What all trials of an
experiment share (our tokenisation, the teacher, its scores and latency; the script's cached windows) counts a tenth,
as in an experiment of ten trials, and whole where it says unamortised.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path

from tests.benchmarks.phases import PHASES
from tests.benchmarks.trial_runs import CPU, TRIALS_SHARING, WALL, Round, Run, one_round

PEAK_SIZE = 8192
PEAK_REPEATS = 30


def options_of(arguments: list[str] | None = None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--dataset", help="training questions in SQuAD form; generated ones without it")
    parser.add_argument("--eval-dataset", help="evaluation questions; without it a fifth is split off")
    parser.add_argument(
        "--teacher", help="a question answering model's folder; a small generated one without it"
    )
    parser.add_argument(
        "--train-samples", type=int, default=600, help="15 %% of them only calibrate our threshold"
    )
    parser.add_argument("--eval-samples", type=int, default=300)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--layers", type=int, default=3)
    parser.add_argument("--heads", type=int, default=0, help="0 keeps the teacher's")
    parser.add_argument("--batch-size", type=int, default=16, help="in training and evaluation")
    parser.add_argument("--epochs", type=float, default=2.0)
    parser.add_argument("--learning-rate", type=float, default=1e-4)
    parser.add_argument("--max-length", type=int, default=384, help="or the teacher's most, if that is less")
    parser.add_argument("--precision", choices=("auto", "fp32", "bf16"), default="auto", help="of our side")
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu")
    parser.add_argument("--json", type=Path, help="also write every run's figures here")
    options = parser.parse_args(arguments)
    if bool(options.dataset) != bool(options.teacher):
        parser.error("give --dataset and --teacher together: the generated teacher knows only its own words")
    return options


def use_generated(options: argparse.Namespace, cache: Path) -> None:
    """Make the embedded corpus and teacher and point the options at their files."""
    import torch

    from engine.distill.models.embedded import make_embedded_data
    from engine.distill.models.embedded_files import embedded_data

    torch.set_num_threads(options.threads)
    print("making the generated corpus and teacher", flush=True)
    for _ in make_embedded_data(cache):
        pass
    data = embedded_data(cache)
    options.dataset, options.eval_dataset, options.teacher = map(
        str, (data.train, data.evaluation, data.teacher)
    )


def work_line(rounds: Sequence[Round], options: argparse.Namespace) -> str:
    """What was done, so that figures can be compared with others."""
    work = rounds[0].script.report
    return (
        f"\n{work['steps']} steps of {options.batch_size} on {work['windows']} windows of {work['mean_length']:.0f} "
        f"tokens on average, padded to {work['width']} by the script; {len(work['answered'])} questions answered; "
        f"{options.threads} threads on {options.device}. Medians of {len(rounds)}, in brackets the extremes."
    )


def round_line(number: int, item: Round) -> str:
    """One repetition in a line."""
    named = {"our trial": item.program, "shared part": item.shared, "script": item.script}
    times = ", ".join(f"{name} {run.seconds[WALL]:.1f} s" for name, run in named.items())
    return f"round {number}: {times}; ratio {item.ratio(WALL):.2f}, of CPU seconds {item.ratio(CPU):.2f}"


def times(rounds: Sequence[Round]) -> list[str]:
    """Seconds of each process and the ratios, wall and CPU."""
    lines = ["", f"{'':52s} {'wall':>22s} {'CPU':>22s}"]

    def row(name: str, value: Callable[[Round, int], float]) -> None:
        lines.append(
            f"{name:52s} "
            + " ".join(f"{_spread([value(x, kind) for x in rounds]):>22s}" for kind in (WALL, CPU))
        )

    row("our trial, seconds", lambda x, kind: x.program.seconds[kind])
    row("shared part (tokens, teacher and its scores), seconds", lambda x, kind: x.shared.seconds[kind])
    row("the script's method, seconds", lambda x, kind: x.script.seconds[kind])
    row(f"ratio, shared part over {TRIALS_SHARING} trials", lambda x, kind: x.ratio(kind))
    row("  the same without start-up and exit", lambda x, kind: x.ratio(kind, whole=False))
    row("ratio unamortised", lambda x, kind: x.ratio(kind, amortised=False))
    row("  the same without start-up and exit", lambda x, kind: x.ratio(kind, amortised=False, whole=False))
    return lines


def scores(rounds: Sequence[Round]) -> list[str]:
    """Exact of both sides over the same questions at threshold 0, and whether they agree."""
    means: list[float] = []
    errors: list[float] = []
    lines = [""]
    for name in ("program", "script"):
        reports = [getattr(item, name).report for item in rounds]
        values = [report["metrics"]["exact"] for report in reports]
        means.append(statistics.mean(values))
        # The questions are the same in every repetition: repeating does not make their error smaller.
        errors.append(statistics.mean(report["standard_errors"]["exact"] for report in reports))
        each = ", ".join(f"{value:.2f}" for value in values)
        # A student that answers nothing scores the share of unanswerable questions; this shows it.
        answered = statistics.mean(report["metrics"].get("HasAns_exact", 0.0) for report in reports)
        lines.append(
            f"exact, {name + ':':8s} {means[-1]:.2f} +- {errors[-1]:.2f} (seeds: {each}); "
            f"of answerable questions {answered:.2f}"
        )
    joint = (errors[0] ** 2 + errors[1] ** 2) ** 0.5
    gap = means[0] - means[1]
    verdict = "agree" if abs(gap) <= joint else "DIFFER"
    return [*lines, f"difference {gap:+.2f}, joint standard error {joint:.2f}: they {verdict}"]


def phases(rounds: Sequence[Round]) -> list[str]:
    """Seconds of every phase, wall and CPU, and peak memory of each process."""
    names = ("program", "shared", "script")
    runs: dict[str, list[Run]] = {name: [getattr(item, name) for item in rounds] for name in names}
    lines = ["", f"{'seconds, wall / CPU':20s}" + "".join(f"{name:>20s}" for name in names)]

    def middle(name: str, value: Callable[[Run], float]) -> float:
        return statistics.median(value(run) for run in runs[name])

    for phase in PHASES:
        cells = (
            " / ".join(f"{middle(name, partial(Run.of, phase=phase, kind=kind)):.2f}" for kind in (WALL, CPU))
            for name in names
        )
        lines.append(f"{phase:20s}" + "".join(f"{cell:>20s}" for cell in cells))
    peaks = "".join(f"{middle(name, lambda run: run.report['peak_mb']):>20,.0f}" for name in names)
    return [*lines, f"{'peak memory, MB':20s}{peaks}"]


def peak_share(rounds: Sequence[Round]) -> str:
    """Useful operations of the student's training per second, as a share of a large bf16 product's on this GPU."""
    import torch

    left = torch.randn(PEAK_SIZE, PEAK_SIZE, device="cuda", dtype=torch.bfloat16)
    right = torch.randn_like(left)
    seconds = []
    for _ in range(PEAK_REPEATS):
        torch.cuda.synchronize()
        began = time.perf_counter()
        torch.mm(left, right)
        torch.cuda.synchronize()
        seconds.append(time.perf_counter() - began)
    peak = 2 * PEAK_SIZE**3 / statistics.median(seconds)
    useful = rounds[0].script.report["training_flops"]
    shares = [
        statistics.median(useful / run.of("train", WALL) / peak for run in runs)
        for runs in ([item.program for item in rounds], [item.script for item in rounds])
    ]
    return (
        f"\nbf16 matmul peak {peak / 1e12:.0f} TFLOP/s; useful share of it in training: program {shares[0]:.1%}, "
        f"script {shares[1]:.1%} (its own training, without the teacher)"
    )


def _spread(values: Sequence[float]) -> str:
    return f"{statistics.median(values):.2f} [{min(values):.2f}, {max(values):.2f}]"


def main() -> None:
    """Measure and print."""
    options = options_of()
    with tempfile.TemporaryDirectory(prefix="trial-speed-") as temporary:
        place = Path(temporary)
        if not options.dataset:
            use_generated(options, place / "generated")
        # Brings the libraries into the file cache, so that the first process has no harder start than the others.
        subprocess.run([sys.executable, "-c", "import torch, transformers"], check=True)
        rounds = []
        for number in range(options.repeats):
            rounds.append(one_round(number, place / f"round-{number}", options))
            print(round_line(number, rounds[-1]), flush=True)
    for line in (work_line(rounds, options), *times(rounds), *scores(rounds), *phases(rounds)):
        print(line)
    if options.device == "cuda":
        print(peak_share(rounds))
    if options.json:
        options.json.write_text(json.dumps([asdict(item) for item in rounds], indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
