"""The SQL page: what the address says is run and shown, and every example works on whatever there is."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.example_queries import example_queries
from dashboard.services import Services, provide
from storage.experiments import ExperimentRow
from storage.saved_queries import QueryParameter, get_query, list_history, list_queries
from storage.sql import run_query
from tests.dashboard.shown import words

ENTRY = Path(__file__).resolve().parents[2] / "dashboard" / "main.py"
Visit = Callable[..., AppTest]
FRONTIER = "SELECT trial, n_layers, exact, num_parameters FROM demo WHERE on_frontier ORDER BY num_parameters"


def component(at: AppTest, key: str) -> Any:
    """What a component on the page was given."""
    for element in at.get("bidi_component"):
        if key in element.proto.id:
            return json.loads(element.proto.json)
    raise AssertionError(f"no component {key}")


def settled(at: AppTest) -> AppTest:
    """The page once its query has ended; a browser looks for that by itself."""
    end = time.monotonic() + 30
    while any(button.key == "cancel query" for button in at.button):
        assert time.monotonic() < end
        time.sleep(0.1)
        at.run()
    assert not at.exception
    return at


@pytest.fixture
def visit(visit: Visit) -> Visit:
    return lambda *page, **query: settled(visit(*page, **query))


@pytest.mark.parametrize("filled", [None, "demo", "paraphrases", "pretraining", "tuned"])
def test_every_example_runs(request: pytest.FixtureRequest, present: Services, filled: str | None) -> None:
    if filled:
        request.getfixturevalue(filled)
    examples = example_queries(present.store)
    assert len({example.title for example in examples}) == len(examples) >= (3 if filled else 1)
    for example in examples:
        values = {parameter.name: parameter.value for parameter in example.parameters}
        result = run_query(present.store, example.sql, parameters=values)
        assert {example.chart.get(name) for name in ("x", "y", "colour")} <= {None, *result.columns}, (
            example.title
        )


def test_examples_answer_their_question(present: Services, demo: ExperimentRow) -> None:
    examples = {example.title: example for example in example_queries(present.store)}

    def rows(title: str) -> list[dict[str, Any]]:
        example = examples[title]
        values = {parameter.name: parameter.value for parameter in example.parameters}
        result = run_query(present.store, example.sql, parameters=values)
        return [dict(zip(result.columns, row, strict=True)) for row in result.rows]

    assert [row["trial"] for row in rows("The frontier up to a limit of parameters")] == [2]
    shared = rows("Which settings the failures share")
    assert {"setting": "n_heads", "about": "2", "failed": 1, "trials": 1, "failed_percent": 100.0} in shared
    assert {row["trial"]: row["state"] for row in rows("Failed and stopped trials, and why")} == {
        5: "failed",
        8: "stopped",
    }
    predicted = rows("What the search expected, and what came out")
    assert {row["trial"]: (row["expected"], row["measured"]) for row in predicted} == {
        2: (75.0, 80.5),
        3: (75.0, 74.0),
        4: (75.0, 20.0),
    }
    assert {row["step"] for row in rows("Learning curves of the frontier, side by side")} == {2, 4}


def test_an_example_shows_its_chart(demo: ExperimentRow, visit: Visit) -> None:
    at = visit("sql")
    settled(at.button(key="example The frontier up to a limit of parameters").click().run())
    assert not at.exception
    assert at.query_params["view"] == "chart"
    assert at.query_params["n.limit"] == "336000"
    figure = json.loads(component(at, "query chart")["figure"])
    assert figure["layout"]["xaxis"]["title"]["text"] == "parameters"
    assert component(at, "sql_editor")["text"].startswith("SELECT trial, ")
    settled(at.segmented_control(key="shown as").set_value("table").run())
    assert list(at.dataframe[0].value["trial"]) == [2]
    assert "view" not in at.query_params


def test_the_query_is_in_the_address(demo: ExperimentRow, visit: Visit) -> None:
    at = visit("sql", q=FRONTIER)
    assert component(at, "sql_editor")["text"] == FRONTIER
    assert list(at.dataframe[0].value["trial"]) == [2]
    assert "**1 row**" in words(at)
    assert {"CSV", "JSON", "Parquet", "Arrow"} <= {button.label for button in at.get("download_button")}


def test_the_chart_is_in_the_address(demo: ExperimentRow, visit: Visit) -> None:
    query = "SELECT trial, exact, num_parameters, role FROM demo"
    at = visit("sql", q=query, view="chart", kind="bar", x="role", y="exact", colour="role")
    figure = json.loads(component(at, "query chart")["figure"])
    assert {trace["type"] for trace in figure["data"]} == {"bar"}
    settled(at.selectbox(key="chart kind").set_value("scatter").run())
    assert at.query_params["kind"] == "scatter"
    at = visit("sql", q="SELECT name FROM experiments", view="chart")
    assert "at least one column of numbers" in words(at)


def test_the_plan(demo: ExperimentRow, visit: Visit) -> None:
    for query, view in (
        (FRONTIER, "plan"),
        (f"EXPLAIN {FRONTIER}", "plan"),
        (f"EXPLAIN {FRONTIER}", "table"),
    ):
        at = visit("sql", q=query, view=view)
        assert not at.error, at.code[0].value
        assert "scan" in words(at).lower()


def test_parameters_are_fields(present: Services, demo: ExperimentRow, visit: Visit) -> None:
    query = "SELECT trial FROM demo WHERE exact >= $least AND role = $role ORDER BY trial"
    at = visit("sql", q=query)
    assert "Fill in" in words(at)
    assert not at.dataframe
    assert at.segmented_control(key="kind of role").value == "text"
    settled(at.text_input(key="value of least").set_value("74").run())
    settled(at.text_input(key="value of role").set_value("student").run())
    assert list(at.dataframe[0].value["trial"]) == [2, 3]
    assert (at.query_params["n.least"], at.query_params["t.role"]) == ("74", "student")
    settled(at.text_input(key="value of least").set_value("many").run())
    assert "many is no number" in at.toast[0].value
    at = visit("sql", q=query, **{"n.least": "80", "t.role": "student"})
    assert list(at.dataframe[0].value["trial"]) == [2]
    assert at.text_input(key="value of least").value == "80"
    assert list_history(present.store)[0].parameters[0] == QueryParameter("least", "number", 80)


def test_saving_and_coming_back(present: Services, demo: ExperimentRow, visit: Visit) -> None:
    query = "SELECT trial, exact FROM demo WHERE exact >= $least"
    at = visit("sql", q=query, view="chart", kind="bar", **{"n.least": "74"})
    settled(at.text_input(key="save as").set_value("good ones").run())
    settled(at.button(key="save query").click().run())
    assert not at.exception
    kept = get_query(present.store, "good ones")
    assert (kept.sql, kept.parameters) == (query, (QueryParameter("least", "number", 74),))
    assert kept.chart["kind"] == "bar"
    at = visit("sql")
    settled(at.button(key="run saved good ones").click().run())
    assert at.query_params["q"] == query
    assert at.query_params["kind"] == "bar"
    at = visit("sql", saved="good ones", **{"n.least": "80"})
    assert at.query_params["n.least"] == "80"
    assert "2 rows" in words(at)
    settled(at.button(key="drop good ones").click().run())
    assert list_queries(present.store) == []
    assert "no saved query is called" in words(visit("sql", saved="good ones"))


def test_the_history(present: Services, demo: ExperimentRow, visit: Visit) -> None:
    visit("sql", q="SELECT exat FROM demo")
    visit("sql", q=FRONTIER)
    at = visit("sql", q=FRONTIER, view="plan")
    assert [(query.sql, query.rows) for query in list_history(present.store)] == [
        (FRONTIER, 1),
        ("SELECT exat FROM demo", None),
    ]
    settled(at.button(key="run past 1").click().run())
    assert at.query_params["q"] == "SELECT exat FROM demo"
    assert "did not run" in at.error[0].value


def test_errors_point_at_the_place(demo: ExperimentRow, visit: Visit) -> None:
    assert "^" in "".join(code.value for code in visit("sql", q="SELECT exat FROM demo").code)
    assert "not allowed" in words(visit("sql", q="DROP TABLE trials"))


def test_it_says_when_it_cut_off(present: Services, visit: Visit) -> None:
    assert "more rows than the limits allow" in words(visit("sql", q="SELECT * FROM range(10001)"))
    at = visit("sql", q="SELECT repeat('x', 2000) AS t FROM range(5000)")
    assert "rows are shown; the files have all of them" in words(at)
    assert len(at.dataframe[0].value) < 2000


def test_a_slow_query_can_be_watched_and_cancelled(present: Services) -> None:
    at = AppTest.from_file(str(ENTRY), default_timeout=60).run()
    at.switch_page("app_pages/sql.py")
    at.query_params["q"] = "SELECT count(*) FROM range(100000000000)"
    at.run()
    settled(at.button(key="cancel query").click().run())
    assert "cancelled" in words(at)
    assert list_history(present.store) == []


def test_the_schema_is_there_to_be_clicked_and_completed(demo: ExperimentRow, visit: Visit) -> None:
    schema = component(visit("sql"), "schema_tree")["schema"]
    tables = {name: (kind, columns) for name, kind, _, columns in schema["tables"]}
    assert tables["demo"][0] == "view"
    names = {schema["columns"][place][0] for place in tables["demo"][1]}
    assert {"trial", "exact", "num_parameters", "n_layers"} <= names
    assert "saved_queries" in tables


def test_a_shared_query_is_shown_and_cannot_be_changed(
    present: Services, demo: ExperimentRow, visit: Visit
) -> None:
    provide(replace(present, shared=True))
    at = visit("sql", q="SELECT trial FROM demo WHERE exact > $least", **{"n.least": "80"})
    assert "$least = 80" in words(at).replace("\\", "")
    assert list(at.dataframe[0].value["trial"]) == [2]
    assert not at.text_input
    assert not [element for element in at.get("bidi_component") if "sql_editor" in element.proto.id]
    assert list_history(present.store) == []
