"""Tables that say of themselves what they are."""

import pytest

from zoo.tables import Axis, Column, Losses, Plot, Progress, Table

COLUMNS = (Column("name"), Column("loss", "nats", ".2f"), Column("steps", format=","), Column("curve", series=True))
ROWS = (("a", 1.234, 1000, [1.0, 2.0]), ("b", "never", None, [3.0]))
TABLE = Table("Losses", "Of two.", COLUMNS, ROWS, (Plot("dots", ("name", "loss"), "loss, nats"),))


def test_cells_are_written_as_their_column_says():
    assert TABLE.written() == {"name": ["a", "b"], "loss, nats": ["1.23", "never"], "steps": ["1,000", ""]}
    assert TABLE.markdown() == (
        "## Losses\n\nOf two.\n\n| name | loss, nats | steps |\n| --- | --- | --- |\n| a | 1.23 | 1,000 |\n| b | never |  |"
    )
    assert TABLE.column("curve") == [[1.0, 2.0], [3.0]]


def test_rows_are_left_to_charts_that_show_them_all():
    assert not TABLE.drawn
    assert Table("Losses", "", COLUMNS[:2], (("a", 1.0),), TABLE.charts).drawn


def test_a_record_is_the_table_again():
    record = TABLE.json()
    assert record["columns"][0] == {"title": "name"} and record["charts"][0]["kind"] == "dots"
    assert Table.read(record) == TABLE


@pytest.mark.parametrize(
    "change",
    [
        {"rows": [["a", 1.0]]},
        {"rows": [["a", [1.0], 1, []]]},
        {"rows": [["a", 1.0, 1, 2.0]]},
        {"rows": 3},
        {"columns": [{"title": "name", "colour": "red"}]},
        {"columns": [{"title": "name"}, {"title": "name"}], "rows": [], "charts": []},
        {"columns": [{"title": "loss", "format": "nonsense"}], "rows": [[1.0]], "charts": []},
        {"charts": [{"kind": "pie", "columns": ["name"], "x": ""}]},
        {"charts": [{"kind": "dots", "columns": ["absent"], "x": ""}]},
        {"title": None, "text": None, "columns": None},
    ],
)
def test_what_does_not_fit_is_refused(change):
    with pytest.raises(ValueError, match="table"):
        Table.read({**TABLE.json(), **change})


def test_progress_is_kept_beside_the_history():
    said = Progress({"frechet": Axis("Distance", "of 1", within="judge.mnist")}, Losses(unit="nats"), "env_steps")
    assert Progress.read({"moments": [], "curve": [], **said.json()}) == said
    assert Progress.read({"moments": [], "curve": []}) == Progress()
