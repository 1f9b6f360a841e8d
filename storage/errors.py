"""The one tree of exceptions the project raises on purpose; each message names the setting, the value and the fix."""

from __future__ import annotations


class BertFrontierError(Exception):
    """Base of every error a person can act on; the command line prints it without a traceback."""


class SettingError(BertFrontierError):
    """A setting (specification field, option, environment variable) has a value that cannot work."""


class SpecificationError(SettingError):
    """An experiment's TOML is malformed or describes something impossible."""


class DatasetError(BertFrontierError):
    """A dataset cannot be found, read, or is not in the form the task needs."""


class ModelError(BertFrontierError):
    """A teacher or student cannot be found, loaded or built."""


class UnknownNameError(BertFrontierError):
    """An experiment, trial, preset or page that was asked for does not exist."""


class StateError(BertFrontierError):
    """An action does not fit the present state of an experiment or trial."""


class HomeError(BertFrontierError):
    """The home folder cannot be written: missing rights, read-only, or full."""


class DatabaseError(BertFrontierError):
    """The database file cannot be used."""


class DatabaseInUseError(DatabaseError):
    """Another process owns the database file."""


class DatabaseTooNewError(DatabaseError):
    """The database file was written by a newer version of the program."""


class DatabaseCorruptError(DatabaseError):
    """The database file is damaged; it has been left as it is."""


class QueryError(BertFrontierError):
    """An ad hoc SQL query was refused, failed, or went past a limit."""


class ResultFileError(BertFrontierError):
    """A file that a trial left is missing, damaged, or not in the form it should have."""


class ServerError(BertFrontierError):
    """A running server could not be reached, or refused a request."""


class ExecutorError(BertFrontierError):
    """A trial's process could not be started or reached: the machine is at fault, not the trial."""


class TrainingError(BertFrontierError):
    """Base of errors that are the fault of a trial's settings: the trial counts as failed."""


class DivergenceError(TrainingError):
    """The loss or the weights of a student stopped being finite."""
