import csv
import io
import json

from hpcpy_collectives.formats import HEADER, format_report, format_row
from hpcpy_collectives.measurement import Measurement


def measured(op="ireduce_scatter", unit="s", size=1 << 20, scale=1e-6):
    return Measurement(
        op=op,
        api="pickle5",
        size=size,
        unit=unit,
        average=2 * scale,
        minimum=1 * scale,
        maximum=3 * scale,
        median=2 * scale,
        lower_quartile=1.5 * scale,
        upper_quartile=2.75 * scale,
        iterations=100,
        blocks=10,
        verified=True,
    )


def test_times_are_in_us_and_rates_in_mb_per_second():
    assert format_row(measured()).endswith(
        "   1M us      2.000    1.000    3.000    2.000    1.250"
    )
    row = format_row(measured(op="bw", unit="B/s", scale=1e9))
    assert row.endswith("   1M MB/s   2000.0   1000.0   3000.0   2000.0   1250.0")


def test_rows_are_80_columns_at_most_and_columns_stay_apart():
    assert len(HEADER) <= 80
    for exponent in range(-12, 6):
        row = format_row(measured(scale=10.0**exponent, size=2**30 + 2**20))
        assert len(row) <= 80
        assert len(row.split()) == len(HEADER.split())


def test_csv_and_json_hold_all_figures():
    rows = [measured(), measured(op="bw", unit="B/s")]
    text = format_report({}, rows, "csv")
    read = list(csv.DictReader(io.StringIO(text)))
    assert [float(row["median"]) for row in read] == [row.median for row in rows]
    assert read[0].keys() == rows[0].as_dict().keys()
    assert json.loads(format_report({"schema": 1}, rows, "json")) == {"schema": 1}
    assert format_report({}, rows, "table").splitlines() == [HEADER, *map(format_row, rows)]
