"""A search on real data by one method: every trial is a training of this program in a fresh process.

``python -m tests.benchmarks.squad_search EXPERIMENT.toml --method tpe --folder DIR`` runs the experiment's baseline and
then what the method proposes, with the seeds and the data the runner would give, and prints frontier and hypervolume.
Trials are kept in DIR, one line each in ``METHOD.jsonl``; the same command goes on where it was ended. What all trials
share is prepared once for every method that uses the same DIR.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from engine.frontier import frontier
from engine.growth import hypervolume_history
from engine.spec_files import read_spec
from tests.benchmarks.search.methods import METHODS, start
from tests.benchmarks.search.tables import markdown
from tests.benchmarks.search.training_runs import Training, TrialResult, prepare, read_results, search_task


def main() -> None:
    """Run the missing trials, then print what was found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("experiment", type=Path, help="the experiment as TOML; objectives need thresholds")
    parser.add_argument("--method", choices=METHODS, required=True)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--trials", type=int, default=22, help="baseline included")
    parser.add_argument("--threads", type=int, default=1, help="of each training")
    options = parser.parse_args()
    training = Training(read_spec(options.experiment), options.folder.resolve(), options.threads)
    prepare(training)
    search(training, options.method, options.trials)
    print(report(training, read_results(training.results(options.method))))


def search(training: Training, method: str, trials: int) -> None:
    """Add trials to the method's results until there are enough.

    Raises:
        SystemExit: when the method no longer proposes what is on record, so that it cannot go on.
    """
    results = read_results(training.results(method))
    run = start(method, search_task(training), training.spec.seed)
    for number in range(1, trials + 1):
        parameters = training.spec.baseline_configuration() if number == 1 else run.ask()
        if number > len(results):
            results.append(training.run(method, number, parameters))
            print(results[-1], flush=True)
        result = results[number - 1]
        if result.parameters != parameters:
            raise SystemExit(
                f"trial {number} on record has {result.parameters}, but {method} now proposes {parameters}; "
                "start again in another folder"
            )
        tell = run.add if number == 1 else run.tell
        tell(parameters, result.metrics, result.standard_errors)


def report(training: Training, results: list[TrialResult]) -> str:
    """The frontier and the hypervolume after each trial, measured from the thresholds."""
    metrics = training.spec.metrics
    names = [metric.name for metric in metrics]
    values = {result.number: result.metrics or {} for result in results}
    best = frontier(metrics, {number: row for number, row in values.items() if row})
    parameters = list(training.spec.parameters)
    rows = [["trial", *names, *parameters]]
    for result in sorted(results, key=lambda result: values[result.number].get("num_parameters", 0.0)):
        if result.number in best:
            row = values[result.number]
            rows.append(
                [
                    str(result.number),
                    *(f"{row[name]:.6g}" for name in names),
                    *(
                        f"{v:.3g}" if isinstance(v := result.parameters[p], float) else str(v)
                        for p in parameters
                    ),
                ]
            )
    history = hypervolume_history(metrics, list(values.values()))
    failed = [result.number for result in results if result.metrics is None]
    return "\n".join(
        [
            markdown(rows),
            f"hypervolume after each trial: {', '.join(f'{volume:.4g}' for volume in history)}",
            f"failed trials: {failed or 'none'}; CPU seconds of trainings: {sum(r.seconds for r in results):.0f}",
        ]
    )


if __name__ == "__main__":
    main()
