"""Shared views read their experiments only, as they are or as they were, and change nothing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest

from storage import freezing, opening
from storage.attempts import attempts_frame
from storage.errors import DatabaseError, StateError, UnknownNameError
from storage.excerpts import KEPT_CURSORS, FrozenExcerpt, LiveExcerpt
from storage.experiments import create_experiment, get_experiment, list_experiments
from storage.freezing import freeze
from storage.schema import Migration, known_migrations
from storage.store import Store
from storage.trials import NewTrial, add_trials, get_trial, list_trials
from storage.views import view_frame

NOW = datetime(2026, 11, 20, 14, 2, tzinfo=UTC)
TABLES = "SELECT table_name FROM duckdb_tables() WHERE database_name = current_database() ORDER BY ALL"


@pytest.fixture
def filled(store: Store) -> Store:
    """Two experiments, ``mine`` and ``other``, with two trials each that have metrics and steps."""
    for name in ("mine", "other"):
        experiment = create_experiment(
            store,
            name=name,
            task="squad",
            strategy="nehvi",
            budget_trials=2,
            spec={},
            spec_toml="",
            parameters={"layers": "integer"},
            metrics={"exact": "float"},
        )
        new = [NewTrial("student", {"layers": layers}, 1) for layers in (2, 4)]
        for trial in add_trials(store, experiment.experiment_id, new, state="completed"):
            with store.write() as connection:
                connection.execute(
                    "INSERT INTO trial_metrics VALUES (?, 'exact', 60, NULL)", [trial.trial_id]
                )
                connection.execute(
                    "INSERT INTO steps (trial_id, step, loss, ts) SELECT ?, s, 1.5, now()::TIMESTAMP "
                    "FROM range(3) AS t(s)",
                    [trial.trial_id],
                )
    return store


@pytest.fixture
def live(filled: Store) -> Iterator[LiveExcerpt]:
    excerpt = LiveExcerpt(filled, ["mine"])
    yield excerpt
    excerpt.close()


@pytest.fixture
def frozen(live: LiveExcerpt, filled: Store, tmp_path: Path) -> Iterator[FrozenExcerpt]:
    path = tmp_path / "copy.duckdb"
    freeze(live, path, [("mine", 2)])
    excerpt = FrozenExcerpt(path, filled, NOW)
    yield excerpt
    excerpt.close()


def count(store: Store, table: str) -> int:
    with store.read() as connection:
        [(found,)] = connection.execute(f"SELECT count(*) FROM {table}").fetchall()
    return int(found)


def test_an_excerpt_reads_its_experiments_only(live: LiveExcerpt, filled: Store) -> None:
    assert [row.name for row in list_experiments(live)] == ["mine"]
    assert get_experiment(live, "mine") == get_experiment(filled, "mine")
    with pytest.raises(UnknownNameError):
        get_experiment(live, "other")
    with pytest.raises(UnknownNameError):
        view_frame(live, "other")
    other = get_experiment(filled, "other")
    assert list_trials(live, other.experiment_id) == []
    assert count(live, "steps") == 6
    assert view_frame(live, "mine").equals(view_frame(filled, "mine"))


def test_every_table_is_covered(live: LiveExcerpt, filled: Store) -> None:
    """One that a later version adds is empty in an excerpt unless its rows belong to an experiment."""
    with filled.write() as connection:
        connection.execute("CREATE TABLE secrets (word VARCHAR); INSERT INTO secrets VALUES ('swordfish')")
    with filled.read() as connection:
        tables = {name for (name,) in connection.execute(TABLES).fetchall()}
    excerpt = LiveExcerpt(filled, ["mine"])
    with excerpt.read() as connection:
        covered = connection.execute("SELECT view_name FROM duckdb_views() WHERE temporary").fetchall()
    assert tables <= {name for (name,) in covered}
    assert count(excerpt, "secrets") == 0
    excerpt.close()


def test_an_excerpt_follows_what_happens(live: LiveExcerpt, filled: Store) -> None:
    before = live.revision
    experiment = get_experiment(filled, "mine")
    add_trials(filled, experiment.experiment_id, [NewTrial("student", {"layers": 6}, 1)])
    assert live.revision > before
    assert get_trial(live, "mine", 3).parameters == {"layers": 6}


def test_an_excerpt_may_be_of_everything(filled: Store) -> None:
    excerpt = LiveExcerpt(filled, None)
    assert [row.name for row in list_experiments(excerpt)] == ["mine", "other"]
    with pytest.raises(StateError, match="shared view"), excerpt.write():
        pass
    excerpt.close()


def test_a_name_that_is_gone_is_told(filled: Store) -> None:
    with pytest.raises(UnknownNameError, match="'gone'"):
        LiveExcerpt(filled, ["gone"])


def test_cursors_are_used_again_without_what_was_left_in_them(live: LiveExcerpt) -> None:
    with live.read() as first:
        first.execute("SELECT * FROM range(100000)").fetchone()
    with live.read() as second:
        assert second is first
        assert second.execute("SELECT count(*) FROM trials").fetchall() == [(2,)]
    with pytest.raises(duckdb.Error), live.read() as broken:
        broken.execute("SELECT nothing")
    assert count(live, "trials") == 2
    held = [live.read() for _ in range(KEPT_CURSORS + 2)]
    for reading in held:
        reading.__enter__()
    for reading in held:
        reading.__exit__(None, None, None)
    assert count(live, "trials") == 2


def test_a_frozen_excerpt_stays_as_it_was(frozen: FrozenExcerpt, filled: Store) -> None:
    experiment = get_experiment(filled, "mine")
    before = view_frame(filled, "mine")
    add_trials(filled, experiment.experiment_id, [NewTrial("student", {"layers": 6}, 1)])
    assert len(view_frame(filled, "mine")) == 3
    assert view_frame(frozen, "mine").equals(before)
    assert get_experiment(frozen, "mine") == experiment
    assert [row.name for row in list_experiments(frozen)] == ["mine"]
    assert frozen.now() == NOW
    assert (datetime.now(UTC) - filled.now()).total_seconds() < 60
    assert frozen.revision == 0
    with pytest.raises(StateError, match="shared view"), frozen.write():
        pass


def test_only_the_details_that_were_asked_for_are_copied(frozen: FrozenExcerpt) -> None:
    with frozen.read() as connection:
        rows = connection.execute(
            "SELECT number, count(*) FROM steps JOIN trials USING (trial_id) GROUP BY ALL"
        )
        assert rows.fetchall() == [(2, 3)]
    assert count(frozen, "trial_metrics") == 2


def test_when_trials_ran_is_copied_of_all(live: LiveExcerpt, filled: Store, tmp_path: Path) -> None:
    mine = get_experiment(filled, "mine")
    ids = [trial.trial_id for trial in list_trials(filled, mine.experiment_id)]
    with filled.write() as connection:
        connection.execute(
            "INSERT INTO events SELECT unnest(?::INTEGER[]), seq, TIMESTAMP '2026-01-01' + to_seconds(seq), "
            "1 + seq // 5, CASE seq WHEN 1 THEN 'started' WHEN 9 THEN 'finished' ELSE 'step' END, '{}' "
            "FROM range(1, 10) AS t(seq)",
            [ids],
        )
    path = tmp_path / "events.duckdb"
    with filled.write() as connection:
        connection.execute("UPDATE trials SET started_at = TIMESTAMP '2026-01-01'")
    freeze(live, path, [("mine", 2)])
    frozen = FrozenExcerpt(path, filled, NOW)
    expected = attempts_frame(filled, mine.experiment_id)
    assert len(expected) == 4
    assert attempts_frame(frozen, mine.experiment_id).equals(expected)
    with frozen.read() as connection:
        rows = connection.execute(
            "SELECT number, count(*) FROM events JOIN trials USING (trial_id) GROUP BY ALL"
        )
        assert dict(rows.fetchall()) == {1: 4, 2: 9}
    frozen.close()


def test_a_copy_that_would_be_too_large_is_not_made(
    live: LiveExcerpt, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(freezing, "MAX_ROWS", 3)
    with pytest.raises(StateError, match="live link"):
        freeze(live, tmp_path / "copy.duckdb", [])
    assert list(tmp_path.glob("copy*")) == []


def test_a_copy_can_be_closed_and_read_again(frozen: FrozenExcerpt) -> None:
    assert count(frozen, "trials") == 2
    frozen.close()
    assert count(frozen, "trials") == 2
    frozen.close()
    frozen.path.unlink()
    with pytest.raises(DatabaseError, match=r"copy\.duckdb"):
        count(frozen, "trials")


def test_a_copy_by_an_older_program_is_brought_up_to_date(
    frozen: FrozenExcerpt, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = known_migrations()
    newer = Migration(known[-1].version + 1, "newer", "CREATE TABLE brand_new (x INTEGER)")
    monkeypatch.setattr(opening, "known_migrations", lambda: [*known, newer])
    assert count(frozen, "brand_new") == 0
    assert count(frozen, "trials") == 2
