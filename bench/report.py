"""Measurements as markdown."""

from __future__ import annotations

from measurements import (
    DISTURBED_SHARE,
    Row,
    cost,
    fastest_peers,
    most_errors_more,
    sequential_peers,
)

TITLES = {
    "long": "One long file",
    "clips": "Recordings one by one",
    "eight": "Eight short recordings at once",
}


def table(header: list[str], lines: list[list[str]]) -> str:
    """A markdown table, its columns aligned so that a terminal shows it well too."""
    widths = [max(len(line[i]) for line in [header, *lines]) for i in range(len(header))]
    ruler = ["-" * width for width in widths]
    return "\n".join(
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(line, widths)) + " |"
        for line in [header, ruler, *lines]
    )


def _time(row: Row, seconds: float, digits: int = 2) -> str:
    """A wall time; a tilde says that other processes were busy meanwhile."""
    mark = "~" if row["other_cpu_share"] > DISTURBED_SHARE else ""
    return f"{mark}{seconds:.{digits}f}"


def _errors(row: Row) -> str:
    steady = "" if row["same_text_every_round"] else " *"
    return f"{row['word_error_rate']:.2%} ({row['errors']}/{row['units']}){steady}"


def _cells(row: Row) -> list[str]:
    latency = []
    if row["workload"] == "clips":
        latency = [_time(row, row["latency_median"], 3), _time(row, row["latency_p95"], 3)]
    return [
        row["setting"],
        *latency,
        _time(row, row["seconds"]),
        f"{row['cpu_seconds']:.1f}",
        f"{row['x_real_time']:.1f}",
        f"{row['peak_bytes'] / 1e6:.0f}",
        _errors(row),
        str(row["rounds"]),
    ]


def speed_table(rows: list[Row], workload: str) -> str:
    latency = ["latency s", "p95 s"] if workload == "clips" else []
    header = [
        "setting",
        *latency,
        "seconds",
        "CPU s",
        "x real time",
        "peak MB",
        "word errors",
        "rounds",
    ]
    return table(header, [_cells(row) for row in rows if row["workload"] == workload])


def language_table(rows: list[Row]) -> str:
    """Errors per language of the recordings one by one."""
    chosen = [row for row in rows if row["workload"] == "clips"]
    languages = list(chosen[0]["languages"])
    units = chosen[0]["languages"]
    header = ["errors", *(f"{code} /{units[code]['units']}" for code in languages)]
    return table(
        header,
        [
            [row["setting"], *(str(row["languages"][code]["errors"]) for code in languages)]
            for row in chosen
        ],
    )


def speed_ratio_table(rows: list[Row]) -> str:
    lines = [
        [
            TITLES[row["workload"]],
            row["setting"],
            peer["setting"],
            f"{cost(peer) / cost(row):.2f}x",
            f"{peer['cpu_seconds'] / row['cpu_seconds']:.2f}x",
        ]
        for row, peer in fastest_peers(rows)
    ]
    return table(
        ["workload", "katip", "fastest peer, same beam", "faster by", "less CPU by"], lines
    )


def accuracy_table(rows: list[Row]) -> str:
    lines = []
    for row, peer in sequential_peers(rows):
        language, more = most_errors_more(row, peer)
        lines.append(
            [
                TITLES[row["workload"]],
                row["setting"],
                _errors(row),
                _errors(peer),
                f"{more:+d} ({language})",
            ]
        )
    return table(
        ["workload", "katip", "word errors", "faster-whisper sequential", "worst language"], lines
    )


def markdown(rows: list[Row], machine: dict[str, str]) -> str:
    """The whole report."""
    parts = [", ".join(f"{key}: {value}" for key, value in machine.items())]
    for workload, title in TITLES.items():
        if any(row["workload"] == workload for row in rows):
            parts += [f"## {title}", speed_table(rows, workload)]
            if workload == "clips":
                parts.append(language_table(rows))
    if fastest_peers(rows):
        parts += ["## katip against the fastest peer", speed_ratio_table(rows)]
    if sequential_peers(rows):
        parts += ["## Accuracy at the same beam", accuracy_table(rows)]
    parts.append(
        "Loading is excluded; seconds are the median of the rounds. `~`: other processes used the "
        f"CPU meanwhile (more than {DISTURBED_SHARE:.0%} of a core). `*`: not every round gave the "
        "same text."
    )
    return "\n\n".join(parts)
