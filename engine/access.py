"""Two ways to the same data: the database itself where nobody owns it, or the server that does, over HTTP."""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Literal, Protocol, get_args

import httpx

from engine.early_stopping.replaying import ReplayReport, replay_experiment
from engine.errors import ServerError
from engine.overview import overview
from engine.settings import Home
from engine.summary import Summary, detailed_summary
from engine.trial_folder import TrialFolder
from engine.whatif.stored import StoredStudy, stored_study
from storage.experiments import get_experiment
from storage.ingest import ingest
from storage.ownership import Owner, read_owner
from storage.result_formats import to_arrow, to_csv, to_json, to_parquet
from storage.sql import QueryResult, run_query
from storage.store import Store
from storage.trials import get_trial

SqlFormat = Literal["csv", "json", "parquet", "arrow"]
SQL_FORMATS: tuple[SqlFormat, ...] = get_args(SqlFormat)
TIMEOUT_SECONDS = 30.0
REPORT_SECONDS = 300.0
"""Time the server gets to make a report; of thousands of trials that takes a while."""


class Access(Protocol):
    """What the command line needs of experiments."""

    def summary(self, name: str) -> Summary:
        """The experiment as JSON values."""
        ...

    def sql(self, query: str, form: SqlFormat) -> bytes:
        """Result of a read-only query in a file format."""
        ...

    def refresh(self, name: str, number: int) -> None:
        """Read what a trial that has ended wrote since."""
        ...

    def early_stopping(self, name: str, changes: Mapping[str, float | str]) -> ReplayReport:
        """A replay of early stopping over the experiment, with some settings changed."""
        ...

    def study(self, name: str) -> StoredStudy:
        """What models of the experiment are fitted to."""
        ...

    def report(self, name: str) -> str:
        """The experiment as one HTML file."""
        ...


class DatabaseAccess:
    """Reads the database this process has opened."""

    def __init__(self, store: Store, home: Home) -> None:
        self._store = store
        self._home = home

    def summary(self, name: str) -> Summary:
        """The experiment as JSON values."""
        return detailed_summary(overview(self._store, get_experiment(self._store, name)))

    def sql(self, query: str, form: SqlFormat) -> bytes:
        """Result of a read-only query in a file format."""
        return sql_bytes(self._store, query, form)

    def refresh(self, name: str, number: int) -> None:
        """Read what a trial that has ended wrote since."""
        refresh_trial(self._store, self._home, name, number)

    def early_stopping(self, name: str, changes: Mapping[str, float | str]) -> ReplayReport:
        """A replay of early stopping over the experiment, with some settings changed."""
        return replay_experiment(self._store, self._home, name, changes)

    def study(self, name: str) -> StoredStudy:
        """What models of the experiment are fitted to."""
        return stored_study(self._store, self._home, name)

    def report(self, name: str) -> str:
        """The experiment as one HTML file.

        The dashboard is found by name: it stands above the engine and is needed here alone.
        """
        made: str = importlib.import_module("dashboard.report.write").report_html(self._store, name)
        return made


class ServerAccess:
    """Asks the server that owns the database."""

    def __init__(self, owner: Owner) -> None:
        assert owner.address is not None
        self.address = owner.address
        self._client = httpx.Client(
            base_url=owner.address,
            headers={"Authorization": f"Bearer {owner.token}"},
            timeout=TIMEOUT_SECONDS,
            trust_env=False,
        )

    def summary(self, name: str) -> Summary:
        """The experiment as JSON values."""
        result: Summary = self._send("GET", f"/api/experiments/{name}").json()
        return result

    def sql(self, query: str, form: SqlFormat) -> bytes:
        """Result of a read-only query in a file format."""
        return self._send("GET", "/api/sql", params={"q": query, "format": form}).content

    def refresh(self, name: str, number: int) -> None:
        """Have the server read what a trial that has ended wrote since."""
        self._send("POST", f"/api/trials/{name}/{number}/refresh")

    def early_stopping(self, name: str, changes: Mapping[str, float | str]) -> ReplayReport:
        """A replay of early stopping over the experiment, with some settings changed."""
        path = f"/api/experiments/{name}/early-stopping"
        result: ReplayReport = self._send("GET", path, params=dict(changes)).json()
        return result

    def study(self, name: str) -> StoredStudy:
        """What models of the experiment are fitted to."""
        result: StoredStudy = self._send("GET", f"/api/experiments/{name}/study").json()
        return result

    def report(self, name: str) -> str:
        """The experiment as one HTML file."""
        path = f"/api/experiments/{name}/report.html"
        return self._send("GET", path, timeout=REPORT_SECONDS).text

    def submit(self, toml: str) -> str:
        """Launch an experiment; gives the name it got."""
        return str(self._send("POST", "/api/experiments", content=toml.encode()).json()["name"])

    def import_study(self, name: str, study: Mapping[str, Any], task: str, baseline: int | None) -> str:
        """Store a study that was run with another tool; gives the name it got."""
        given = {"name": name, "study": study, "task": task, "baseline": baseline}
        return str(self._send("POST", "/api/imports", json=given).json()["name"])

    def control(self, name: str, action: Literal["pause", "resume", "stop"]) -> None:
        """Pause, resume or stop an experiment."""
        self._send("POST", f"/api/experiments/{name}/{action}")

    def _send(self, method: str, path: str, **options: Any) -> httpx.Response:  # noqa: ANN401 - httpx's options
        try:
            response = self._client.request(method, path, **options)
        except httpx.HTTPError as error:
            raise ServerError(f"the server at {self.address} does not answer: {error}") from error
        if response.is_error:
            try:
                message = response.json()["error"]
            except (ValueError, KeyError):
                message = f"the server at {self.address} answered {response.status_code}"
            raise ServerError(message)
        return response


def running_server(home: Home) -> ServerAccess | None:
    """The server that owns the home's database, if one is running."""
    owner = read_owner(home.database)
    return ServerAccess(owner) if owner is not None and owner.address is not None else None


@contextmanager
def access(home: Home) -> Iterator[Access]:
    """The running server, or else the database, opened for as long as the context lasts."""
    server = running_server(home)
    if server is not None:
        yield server
        return
    with Store.open(home.database) as store:
        yield DatabaseAccess(store, home)


def refresh_trial(store: Store, home: Home, name: str, number: int) -> None:
    """Read what a trial that has ended wrote since: the runner looks at running trials only."""
    trial = get_trial(store, name, number)
    ingest(store, trial.trial_id, TrialFolder(home.path / trial.folder).events)


def sql_bytes(store: Store, query: str, form: SqlFormat) -> bytes:
    """Result of a read-only query in a file format."""
    return result_bytes(run_query(store, query), form)


def result_bytes(result: QueryResult, form: SqlFormat) -> bytes:
    """A query's result in a file format."""
    match form:
        case "parquet":
            return to_parquet(result)
        case "arrow":
            return to_arrow(result)
        case "csv":
            return to_csv(result).encode()
        case "json":
            return to_json(result).encode()
