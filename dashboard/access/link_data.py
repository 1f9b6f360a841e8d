"""The data behind links: live parts of the database, and copies of it as it was when a link was frozen."""

from __future__ import annotations

import shutil
import threading
from collections import OrderedDict
from collections.abc import Collection, Sequence

from dashboard.access.frozen_files import copy_files
from dashboard.access.shareable import question_of, trials_of
from engine.data_parts import read_data
from engine.errors import HomeError
from engine.kept_data import keep_data
from engine.launch import stored_spec
from engine.settings import Home
from storage.excerpts import FrozenExcerpt, LiveExcerpt
from storage.experiments import get_experiment
from storage.freezing import freeze
from storage.kept_answers import keep_answer
from storage.links import Link, Query
from storage.sql import run_query
from storage.sql_reading import Reading
from storage.store import Store

KEPT_OPEN = 32
"""Links whose data are kept open."""


class LinkData:
    """What the links of one server show; any thread may use it."""

    def __init__(self, store: Store, home: Home) -> None:
        self._store = store
        self._home = home
        self._open: OrderedDict[int, LiveExcerpt | FrozenExcerpt] = OrderedDict()
        self._revoked: set[int] = set()
        self._lock = threading.Lock()

    def freeze(self, salt: str, page: str, query: Query, experiments: Sequence[str] | None) -> None:
        """Copy the rows and files of a view; of a query, keep its answer.

        Args:
            salt: that of the link to come.
            page: name of the view's page.
            query: what its address says.
            experiments: those it reads; None where it may read any.

        Raises:
            UnknownNameError: when an experiment or trial does not exist.
            QueryError: when a query gives no answer.
            DatasetError: when data cannot be read.
            StateError: when there is too much to be copied, or an answer cannot be kept.
            HomeError: when there is no room for it.
        """
        copy = self._copy(salt)
        trials = trials_of(page, query)
        excerpt = LiveExcerpt(self._store, experiments or ())
        try:
            copy.path.mkdir(parents=True, mode=0o700)
            freeze(excerpt, copy.database, trials)
            copy_files(self._home, copy, excerpt, trials)
            if experiments is None:
                self._keep_answer(copy, query)
            if page == "data":
                self._keep_data(copy, experiments or ())
        except BaseException as error:
            self.remove(salt)
            if isinstance(error, OSError):
                raise HomeError(
                    f"the data cannot be copied to {copy.path} ({error.strerror}); make room"
                ) from error
            raise
        finally:
            excerpt.close()

    def open(self, link: Link) -> tuple[Store, Home]:
        """The rows behind a link, to be read only, and the folder that holds its files.

        Raises:
            UnknownNameError: when an experiment it shows is gone.
        """
        home = self._home if link.frozen_at is None else self._copy(link.salt)

        def is_over() -> bool:
            return link.link_id in self._revoked or link.state(self._store.now()) != "open"

        with self._lock:
            found = self._open.pop(link.link_id, None)
            if found is None:
                found = (
                    LiveExcerpt(self._store, link.experiments, is_over)
                    if link.frozen_at is None
                    else FrozenExcerpt(home.database, self._store, link.frozen_at, is_over)
                )
            self._open[link.link_id] = found
            over = self._open.popitem(last=False)[1] if len(self._open) > KEPT_OPEN else None
        if over is not None:
            # Whoever still reads it opens it again.
            over.close()
        return found, home

    def forget(self, link: Link) -> None:
        """Close the data of a link that is over, and remove the copy."""
        self._revoked.add(link.link_id)
        with self._lock:
            opened = self._open.pop(link.link_id, None)
        if opened is not None:
            opened.close()
        self.remove(link.salt)

    def remove(self, salt: str) -> None:
        """Remove a copy, if there is one."""
        shutil.rmtree(self._copy(salt).path, ignore_errors=True)

    def keep_only(self, salts: Collection[str]) -> None:
        """Remove the copies of all other links: those that are over, and those a crash has left behind."""
        if self._home.links.is_dir():
            for folder in self._home.links.iterdir():
                if folder.name not in salts:
                    self.remove(folder.name)

    def close(self) -> None:
        """Give back everything that is open."""
        with self._lock:
            while self._open:
                self._open.popitem()[1].close()

    def _keep_answer(self, copy: Home, query: Query) -> None:
        sql, parameters = question_of(query)
        found = run_query(self._store, sql, parameters=parameters)
        with Store.open(copy.database) as opened:
            keep_answer(
                opened, sql, parameters, Reading(found.columns, found.types, found.rows, found.truncated)
            )

    def _keep_data(self, copy: Home, experiments: Sequence[str]) -> None:
        spec = stored_spec(get_experiment(self._store, experiments[0]))
        keep_data(read_data(spec, self._home.cache), copy.cache)

    def _copy(self, salt: str) -> Home:
        return Home(self._home.links / salt)
