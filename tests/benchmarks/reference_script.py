"""The usual way to distil for SQuAD, written anew: fixed padding, the teacher in every step, fp32 throughout.

It follows the method of Hugging Face's ``run_squad_w_distillation.py``: every window is padded to the maximal
length, in training and evaluation; the teacher runs in every step; batches are drawn at random; AdamW with linear
decay; gradients clipped; the loss is fetched in every step; logits are collected window by window as Python lists.
Data, windows, student, decoding and scoring are the program's own, so that the method alone differs. Where that
departs from the script it is to the script's advantage: the program tokenises and decodes faster than it does, and
nothing is logged or saved on the way.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional
from torch.utils.data import DataLoader, RandomSampler, SequentialSampler, TensorDataset
from transformers import get_linear_schedule_with_warmup

from engine.distill.hyperparameters import Hyperparameters, hyperparameters
from engine.distill.models.folder import load_teacher
from engine.distill.students.anatomy import architecture_of
from engine.distill.students.architecture import flops
from engine.distill.students.build import build_student
from engine.tasks.squad.decoding import Decoded, decode
from engine.tasks.squad.features import Features, encode
from engine.tasks.squad.loading import Question, load_squad
from engine.tasks.squad.sampling import paragraph_key, sample, split_by_paragraph
from engine.tasks.squad.scoring import score
from engine.trial_folder import TrialFolder, TrialSpec
from tests.benchmarks.phases import Phases

# Models are typed Any below: transformers is untyped.


def run(path: Path, threads: int, phases: Phases) -> dict[str, Any]:
    """Do what the trial in the folder would do; gives metrics, standard errors, steps, and sizes of the work."""
    torch.set_num_threads(threads)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    folder = TrialFolder(path)
    spec = folder.read_spec()
    settings = hyperparameters(spec.experiment.fixed, spec.parameters)
    training, evaluation = questions_of(spec)
    teacher, tokenizer = load_teacher(spec.experiment.teacher.model)
    student: Any = build(teacher, spec, settings).to(device)
    teacher.to(device).eval()
    phases.end("load")
    windows, answers = encoded(tokenizer, training, spec), encoded(tokenizer, evaluation, spec)
    width = spec.experiment.task.max_length
    to_train_on, to_answer = padded(windows, width), padded(answers, width)
    phases.end("tokenise")
    steps = train(student, teacher, to_train_on, settings, spec.seed, phases)
    start, end = predict(student, to_answer, answers, settings.eval_batch_size)
    longest = spec.experiment.task.max_answer_length
    decoded = decode(answers, evaluation, start, end, max_answer_length=longest)
    scores = score(evaluation, decoded.best_text, decoded.null_odds, threshold=0.0)
    phases.end("evaluate")
    save(student, tokenizer, decoded, folder)
    phases.end("save")
    once = sum(flops(architecture_of(student), length) for length in windows.lengths.tolist())
    return {
        "metrics": scores.metrics,
        "standard_errors": scores.standard_error,
        "steps": steps,
        "answered": sorted(decoded.best_text),
        "windows": len(windows),
        "width": width,
        "mean_length": float(windows.lengths.mean()),
        # Forward and twice that backward, over tokens that are no padding.
        "training_flops": 3.0 * settings.epochs * once,
    }


def questions_of(spec: TrialSpec) -> tuple[Sequence[Question], Sequence[Question]]:
    """The questions a trial of the program learns from, without those it calibrates on, and those it is scored on."""
    task, seed = spec.experiment.task, spec.experiment.seed
    training: Sequence[Question] = load_squad(task.dataset, "train").questions
    if task.eval_dataset is None:
        training, evaluation = split_by_paragraph(training, task.eval_fraction, seed)
    else:
        evaluation = list(load_squad(task.eval_dataset, "validation").questions)
        held_out = {paragraph_key(item) for item in evaluation}
        training = [item for item in training if paragraph_key(item) not in held_out]
    training = sample(training, task.train_samples, seed)
    training, _ = split_by_paragraph(training, task.calibration_fraction, seed)
    return training, sample(evaluation, task.eval_samples, seed)


def build(teacher: Any, spec: TrialSpec, settings: Hyperparameters) -> Any:
    """The trial's student, bit for bit."""
    names = ("n_layers", "n_heads", "pruning_seed", "initializer_range")
    names += ("dropout", "attention_dropout", "qa_dropout")
    chosen = {name: getattr(settings, name) for name in names}
    return build_student(teacher, layers_from=spec.experiment.student.layers_from, seed=spec.seed, **chosen)


def encoded(tokenizer: Any, questions: Sequence[Question], spec: TrialSpec) -> Features:
    """The trial's windows."""
    task = spec.experiment.task
    return encode(
        tokenizer,
        questions,
        max_length=task.max_length,
        doc_stride=task.doc_stride,
        max_query_length=task.max_query_length,
    )


def padded(features: Features, width: int) -> TensorDataset:
    """Windows as int64 tensors of one width: ids, attention mask, token types, and start and end positions."""
    inside = np.arange(width) < features.lengths[:, None]
    ids = np.full(inside.shape, features.pad_token_id, dtype=np.int64)
    types = np.zeros(inside.shape, dtype=np.int64)
    ids[inside], types[inside] = features.input_ids, features.token_type_ids
    positions = (features.start_positions, features.end_positions)
    columns = (ids, inside.astype(np.int64), types, *(values.astype(np.int64) for values in positions))
    return TensorDataset(*(torch.from_numpy(values) for values in columns))


def train(
    model: Any, teacher: Any, dataset: TensorDataset, settings: Hyperparameters, seed: int, phases: Phases
) -> int:
    """Train the model in place; gives the optimiser steps done.

    Raises:
        RuntimeError: the loss is not finite.
    """
    device = next(model.parameters()).device
    loader = DataLoader(dataset, sampler=RandomSampler(dataset), batch_size=settings.train_batch_size)
    total = max(1, round(len(loader) * settings.epochs))
    optimizer, scheduler = optimizer_of(model, settings, total)
    torch.manual_seed(seed)
    model.train()
    step, running = 0, 0.0
    while step < total:
        for columns in loader:
            batch = [column.to(device) for column in columns]
            own = model(**inputs_of(model, batch), start_positions=batch[3], end_positions=batch[4])
            _end(phases, "train", device)
            with torch.no_grad():
                goal = teacher(**inputs_of(teacher, batch))
            _end(phases, "teacher", device)
            soft = divergence(own.start_logits, goal.start_logits, settings.temperature)
            soft = (soft + divergence(own.end_logits, goal.end_logits, settings.temperature)) / 2
            loss = settings.alpha * soft + (1 - settings.alpha) * own.loss
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), settings.max_grad_norm)
            running += loss.item()
            optimizer.step()
            scheduler.step()
            model.zero_grad()
            step += 1
            if step == total:
                break
    _end(phases, "train", device)
    if not math.isfinite(running):
        raise RuntimeError("the loss is not finite; a lower learning rate helps")
    return step


def optimizer_of(model: Any, settings: Hyperparameters, total: int) -> tuple[torch.optim.Optimizer, Any]:
    """AdamW that decays neither biases nor norms, and the linear schedule."""
    kept: list[Tensor] = []
    decayed: list[Tensor] = []
    for name, parameter in model.named_parameters():
        (kept if "bias" in name or "LayerNorm.weight" in name else decayed).append(parameter)
    optimizer = torch.optim.AdamW(
        [
            {"params": decayed, "weight_decay": settings.weight_decay},
            {"params": kept, "weight_decay": 0.0},
        ],
        lr=settings.learning_rate,
        betas=(settings.beta_1, settings.beta_2),
        eps=settings.adam_epsilon,
    )
    return optimizer, get_linear_schedule_with_warmup(optimizer, settings.warm_up_steps, total)


def divergence(own: Tensor, goal: Tensor, temperature: float) -> Tensor:
    """T^2 KL of the softened distributions over all positions, padding included as in the script."""
    student = functional.log_softmax(own / temperature, dim=-1)
    teacher = functional.softmax(goal / temperature, dim=-1)
    return functional.kl_div(student, teacher, reduction="batchmean") * temperature**2


def predict(
    model: Any, dataset: TensorDataset, features: Features, batch_size: int
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Start and end logits of every token, in the layout of ``features.input_ids``."""
    device = next(model.parameters()).device
    model.eval()
    starts: list[list[float]] = []
    ends: list[list[float]] = []
    for columns in DataLoader(dataset, sampler=SequentialSampler(dataset), batch_size=batch_size):
        batch = [column.to(device) for column in columns]
        with torch.no_grad():
            output = model(**inputs_of(model, batch))
        for row in range(len(batch[0])):
            starts.append(output.start_logits[row].cpu().tolist())
            ends.append(output.end_logits[row].cpu().tolist())
    inside = dataset.tensors[1].numpy().astype(bool)
    return np.array(starts, np.float32)[inside], np.array(ends, np.float32)[inside]


def inputs_of(model: Any, batch: Sequence[Tensor]) -> dict[str, Tensor]:
    """What the model's family takes of a batch."""
    inputs = {"input_ids": batch[0], "attention_mask": batch[1]}
    return inputs if model.config.model_type == "distilbert" else inputs | {"token_type_ids": batch[2]}


def save(model: Any, tokenizer: Any, decoded: Decoded, folder: TrialFolder) -> None:
    """Write the model and the answers as the script does."""
    model.save_pretrained(folder.model)
    tokenizer.save_pretrained(folder.model)
    odds = decoded.null_odds
    texts = {key: "" if odds[key] > 0 else text for key, text in decoded.best_text.items()}
    folder.predictions.write_text(json.dumps([texts, odds], indent=4), encoding="utf-8")


def _end(phases: Phases, phase: str, device: torch.device) -> None:
    """End a phase when a GPU is done with it; the loss is waited for in every step anyway."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    phases.end(phase)
