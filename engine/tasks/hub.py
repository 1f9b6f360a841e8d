"""Datasets by their Hugging Face Hub name: gives up soon and clearly without a network."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, cast

import httpx

from engine.errors import DatasetError

HUB_NAME = re.compile(r"[\w-][\w.-]*(/[\w-][\w.-]*)?")
REACH_TIMEOUT = 5.0
"""Seconds to wait for the Hub's front door; without a network the Hub's own client retries for over 20 s."""


def hub_rows(
    name: str, configuration: str | None, split: str, *, instead: str, streaming: bool = False
) -> Iterator[Mapping[str, Any]]:
    """Rows of one split; from the local cache if the Hub is out of reach.

    Args:
        name: such as ``nyu-mll/glue``.
        configuration: such as ``cola``; None for datasets that have only one.
        split: such as ``train``.
        instead: what may be given in its place, for messages.
        streaming: take rows as they come, without fetching the whole dataset.

    Raises:
        DatasetError: The name is malformed, unknown or out of reach, or there is no such split.
    """
    if not HUB_NAME.fullmatch(name):
        raise DatasetError(
            f"{name!r} is neither on this machine nor a Hugging Face name of the form owner/dataset; give {instead}"
        )
    import datasets

    source = f"{name} ({', '.join(filter(None, [configuration, split]))})"
    try:
        with _offline_unless_reachable():
            rows = datasets.load_dataset(name, configuration, split=split, streaming=streaming)
            yield from cast("Iterable[Mapping[str, Any]]", rows)
    except ConnectionError as error:
        raise DatasetError(
            f"the dataset {source} is not in the local cache and the Hugging Face Hub cannot be reached; "
            f"give {instead}"
        ) from error
    except (datasets.exceptions.DatasetsError, OSError, ValueError, RuntimeError) as error:
        raise DatasetError(
            f"the dataset {source} cannot be loaded from the Hugging Face Hub: {str(error).rstrip('.')}. "
            f"Check the name, or give {instead}"
        ) from error


@contextmanager
def _offline_unless_reachable() -> Iterator[None]:
    """Tell the datasets library not to retry when one short request shows that the Hub is out of reach."""
    from datasets import config

    before = config.HF_HUB_OFFLINE
    config.HF_HUB_OFFLINE = before or not _reachable(config.HF_ENDPOINT)
    try:
        yield
    finally:
        config.HF_HUB_OFFLINE = before


def _reachable(endpoint: str) -> bool:
    try:
        response = httpx.head(endpoint, timeout=REACH_TIMEOUT)
    except (httpx.HTTPError, httpx.InvalidURL):
        return False
    return not response.is_server_error
