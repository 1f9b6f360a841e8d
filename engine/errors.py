"""The exceptions engine code raises; the tree itself is in ``storage.errors``, below everything."""

from storage.errors import (
    BertFrontierError,
    DatasetError,
    DivergenceError,
    ExecutorError,
    HomeError,
    ModelError,
    ResultFileError,
    ServerError,
    SettingError,
    SpecificationError,
    StateError,
    TrainingError,
    UnknownNameError,
)

__all__ = [
    "BertFrontierError",
    "DatasetError",
    "DivergenceError",
    "ExecutorError",
    "HomeError",
    "ModelError",
    "ResultFileError",
    "ServerError",
    "SettingError",
    "SpecificationError",
    "StateError",
    "TrainingError",
    "UnknownNameError",
]
