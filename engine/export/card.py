"""What an export adds to the model card: its ONNX files as measured here, and how to check and reproduce it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from engine.export.checksums import SUMS_FILE
from engine.export.script import SCRIPT_FILE
from engine.trial_record import RECORD_FILE, TrialRecord

if TYPE_CHECKING:
    from engine.export.onnx_export import OnnxFile
    from engine.export.onnx_int8 import Int8Comparison

CARD_FILE = "README.md"


def add_to_card(
    folder: Path, record: TrialRecord, onnx: tuple[OnnxFile, Int8Comparison | None] | None
) -> None:
    """Add sections to the model card of an exported folder.

    Args:
        folder: the folder, with the card its trial wrote.
        record: the trial.
        onnx: the ONNX file and the comparison of its int8 version with it, where they were made.
    """
    path = folder / CARD_FILE
    sections = [path.read_text(encoding="utf-8").rstrip(), _reproduction(record)]
    if onnx is not None:
        sections.append(_onnx(*onnx))
    path.write_text("\n\n".join(sections) + "\n", encoding="utf-8")


def _reproduction(record: TrialRecord) -> str:
    data = "".join(f"\n- `{name}`: SHA-256 `{content}`" for name, content in record.data.items())
    return (
        "## Check and reproduce\n\n"
        f"`sha256sum -c {SUMS_FILE}` checks the files. `python {SCRIPT_FILE}` (with bert-frontier installed) measures "
        f"the model again on its evaluation part and compares with `{RECORD_FILE}`, which holds the whole "
        f"specification, seed {record.seed} and all metrics. The trial ran on {record.device} with "
        f"{record.threads} CPU thread{'s' if record.threads != 1 else ''}."
        + (f"\n\nFiles it was trained and measured on:\n{data}" if data else "")
    )


def _onnx(fp32: OnnxFile, int8: Int8Comparison | None) -> str:
    from engine.distill.measuring.hardware import hardware
    from engine.distill.models.card import table

    text = (
        f"## ONNX\n\n`onnx/{fp32.path.name}`: inputs {_names(fp32.inputs)} of shape (batch, length), "
        f"outputs {_names(fp32.outputs)}, {fp32.megabytes:.1f} MB. On random inputs of several shapes its outputs "
        f"differ from the PyTorch model's by at most {fp32.largest_difference:.1e}."
    )
    if int8 is None:
        return text
    rows = [
        (f"onnx/{fp32.path.name}", f"{fp32.megabytes:.1f}", f"{int8.fp32_ms:.2f}"),
        (f"onnx/{int8.path.name}", f"{int8.megabytes:.1f}", f"{int8.int8_ms:.2f}"),
    ]
    machine = ", ".join(f"{name} {value}" for name, value in hardware().items() if name != "accelerator")
    return "\n\n".join(
        [
            text,
            f"`onnx/{int8.path.name}` computes the encoder's linear layers in 8 bits. Against the fp32 file, on random "
            f"inputs of {int8.length} tokens: {100 * int8.same_choice:.1f} % of the highest logits are in the same "
            f"place, logits differ by {int8.mean_difference:.2g} on average (they spread by {int8.spread:.2g}). "
            "Random inputs say how near the two are, not how good they are: measure the task before shipping it.",
            table(("file", "MB", "median latency in ms, one row, one thread"), rows),
            f"Measured on {machine}.",
        ]
    )


def _names(names: tuple[str, ...]) -> str:
    return ", ".join(f"`{name}`" for name in names)
