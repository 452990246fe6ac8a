"""The tables of one evaluation: how right each method is, what it has over the reference, rules, tasks, twins, ...

for table in tables(comparison, comparison.evaluations["test"]): print(table.markdown())

Policies that need no model are lines of every table whose figures they have.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from rlcall.compare.comparison import Compared, Comparison
from rlcall.compare.estimates import ERRORS, Measured, by_row
from rlcall.evaluation.tables import LABELS, TWIN_COLUMNS, rates_note
from rlcall.metrics.baselines import POLICIES
from rlcall.metrics.clusters import clusters_of
from rlcall.metrics.intervals import Estimate
from rlcall.metrics.paired import Difference, difference
from rlcall.show.figures import UNKNOWN, change, number, p_value, percent
from rlcall.show.table import Cell, Line, LineKind, Table

BOLD = (
    "Bold where the 95 % interval leaves out zero, and McNemar's p, where there is one, is below 0.05; "
    "no correction for how many are looked at."
)
HEAD = ("strict accuracy", "rows better", "rows worse", "McNemar's p")
OTHERS = [key for key in LABELS if key not in ("accuracy", "balanced")]


def tables(comparison: Comparison, compared: Compared) -> list[Table]:
    """Those that there is something to say in."""
    makers: list[Callable[[Comparison, Compared], Iterator[Table]]]
    makers = [_rates, _gains, _fewer, _seeds, _rules, _tasks, _twins, _formats, _samples]
    return [table for make in makers for table in make(comparison, compared)]


def _lines(
    comparison: Comparison,
    compared: Compared,
    cells: Callable[[Measured], list[Cell]],
    policies: bool = True,
) -> list[Line]:
    names = [group.name for group in comparison.groups] + (list(POLICIES) if policies else [])
    return [Line(name, cells(compared.measured[name]), kind_of(comparison, name)) for name in names]


def kind_of(comparison: Comparison, name: str) -> LineKind:
    if name == comparison.reference.name:
        return "reference"
    return "policy" if name in POLICIES else "method"


def _rates(comparison: Comparison, compared: Compared) -> Iterator[Table]:
    def cells(measured: Measured) -> list[Cell]:
        return [percent(measured.level("all", key)) for key in LABELS]

    first = compared.measured[comparison.reference.name].seeds[0]
    note = rates_note(first) + (" and seeds." if comparison.by_seed else ".")
    yield Table("How right", note, ["", *LABELS.values()], _lines(comparison, compared, cells))


def _gains(comparison: Comparison, compared: Compared) -> Iterator[Table]:
    name = comparison.reference.name
    note = f"In percentage points, each row against itself: the method minus {name}. {BOLD}"

    def line(method: str, found: dict[str, Difference], cells: list[Cell]) -> Line:
        return Line(method, cells, kind_of(comparison, method))

    count = 3 if comparison.by_seed else 4  # McNemar's p is for one seed
    first = [
        line(
            method,
            found,
            [*_head(found["accuracy"])[:count], *(gain(found[key]) for key in OTHERS)],
        )
        for method, found in compared.gained.items()
    ]
    yield Table(
        f"Against {name}", note, ["", *HEAD[:count], *(LABELS[key] for key in OTHERS)], first
    )
    rules = [key for key in next(iter(compared.gained.values()), {}) if key.startswith("rule ")]
    rules = [key for key in rules if any(found[key].n for found in compared.gained.values())]
    second = [
        line(method, found, [gain(found[key]) for key in rules])
        for method, found in compared.gained.items()
    ]
    yield Table(
        f"Against {name}: rules", note, ["", *(key.removeprefix("rule ") for key in rules)], second
    )


def _fewer(comparison: Comparison, compared: Compared) -> Iterator[Table]:
    """Errors as a part of those that the reference makes, where it makes any."""
    name = comparison.reference.name
    keys = [key for key in ERRORS if any(found[key].n for found in compared.changed.values())]

    def line(method: str, found: dict[str, Estimate]) -> Line:
        cells = [change(found[key], compared.gained[method][key].p) for key in keys]
        return Line(method, cells, kind_of(comparison, method))

    if keys:
        note = f"In % of the errors of {name}: −30 are 30 % fewer. {BOLD} No interval where {name} makes too few."
        lines = [line(method, found) for method, found in compared.changed.items()]
        yield Table(f"Errors against {name}", note, ["", *(LABELS[key] for key in keys)], lines)


def gain(one: Difference) -> Cell:
    """Return a difference in percentage points, emphasised where McNemar's test agrees with its interval."""
    return change(Estimate(*one[:4]), one.p)


def _head(one: Difference) -> list[Cell]:
    return [gain(one), Cell(f"{one.better:,}"), Cell(f"{one.worse:,}"), p_value(one.p)]


def _seeds(comparison: Comparison, compared: Compared) -> Iterator[Table]:
    """Strict accuracy of each seed against the reference's run of the same seed, else of its first."""
    if not comparison.by_seed:
        return
    chosen = comparison.reference
    against = dict(zip(chosen.seeds, compared.evaluated[chosen.name], strict=True))
    lines = []
    for group in comparison.groups:
        levels = compared.measured[group.name].each("all", "accuracy")
        for seed, one, level in zip(
            group.seeds, compared.evaluated[group.name], levels, strict=True
        ):
            name = group.name if seed is None else f"{group.name}, seed {seed}"
            other = against.get(seed)
            cells = [UNKNOWN] * len(HEAD)
            if other is not None and group != chosen:
                second, first = (
                    by_row(side.records, side.samples)["accuracy"] for side in (one, other)
                )
                cells = _head(difference(first, second, clusters_of(compared.rows).numbers))
            lines.append(Line(name, [percent(level), *cells], kind_of(comparison, group.name)))
    note = f"Strict accuracy in %, and against {chosen.name} of the same seed in percentage points, over rows alone."
    yield Table("Each seed", note, ["", "strict accuracy", "difference", *HEAD[1:]], lines)


def _rules(comparison: Comparison, compared: Compared) -> Iterator[Table]:
    known = compared.measured[comparison.reference.name]
    rules = [rule for rule in known.names("rules") if known.each("rules", rule)[0].n]
    lines = _lines(
        comparison,
        compared,
        lambda measured: [percent(measured.level("rules", rule)) for rule in rules],
    )
    if rules:
        yield Table(
            "Rules", "Means in %, over the rows to which a rule applies.", ["", *rules], lines
        )


def _tasks(comparison: Comparison, compared: Compared) -> Iterator[Table]:
    tasks = compared.measured[comparison.reference.name].names("tasks")
    if len(tasks) > 1:
        lines = _lines(
            comparison,
            compared,
            lambda measured: [
                percent(measured.level("tasks", task, "rates", "accuracy")) for task in tasks
            ],
        )
        yield Table("Tasks", "Strict accuracy in %.", ["", *tasks], lines)


def _twins(comparison: Comparison, compared: Compared) -> Iterator[Table]:
    kinds = compared.measured[comparison.reference.name].names("twins")
    if not kinds:
        return

    def cells(measured: Measured) -> list[Cell]:
        return [percent(measured.level("twins", "all", key)) for key in TWIN_COLUMNS]

    note = "Strict accuracy in % on rows (N) and on their twins with one thing less (N-1), the drop between them, and how "
    note += "often a twin with another right answer was answered as its row."
    yield Table("Twins", note, ["", *TWIN_COLUMNS.values()], _lines(comparison, compared, cells))
    note = "Strict accuracy in % on rows minus that on their twins, by what the twin has not."
    lines = _lines(
        comparison, compared, lambda m: [percent(m.level("twins", kind, "drop")) for kind in kinds]
    )
    yield Table("Twins: drop", note, ["", *(kind.replace("_", " ") for kind in kinds)], lines)


def _formats(comparison: Comparison, compared: Compared) -> Iterator[Table]:
    """Without the policies: they write no text."""
    groups = [group.name for group in comparison.groups]
    names = dict.fromkeys(
        name for group in groups for name in compared.measured[group].names("formats", "share")
    )

    def cells(measured: Measured) -> list[Cell]:
        return [
            number(measured.level("formats", "entropy")),
            *(percent(measured.level("formats", "share", n)) for n in names),
        ]

    if names:
        note = "Shares in % of completions where a call is due, and their entropy in bits; “text” holds no call."
        lines = _lines(comparison, compared, cells, policies=False)
        yield Table("Wire formats", note, ["", "entropy", *names], lines)


def _samples(comparison: Comparison, compared: Compared) -> Iterator[Table]:
    if compared.first.samples < 2:
        return
    known = compared.measured[comparison.reference.name]
    passes, kinds = known.names("pass"), known.names("diversity")

    def cells(measured: Measured) -> list[Cell]:
        return [percent(measured.level("pass", k)) for k in passes] + [
            number(measured.level("diversity", kind)) for kind in kinds
        ]

    note = f"pass@k in %, and how different a row's {compared.first.samples} completions are (docs/metrics.md)."
    columns = ["", *passes, *(kind.replace("_", " ") for kind in kinds)]
    yield Table("Several completions", note, columns, _lines(comparison, compared, cells))
