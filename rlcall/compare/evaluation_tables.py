"""The tables of one evaluation: rates, differences from the reference, rules, tasks, twins, ...

for table in evaluation_tables(comparison, comparison.evaluations["test"]):
    print(table.markdown())

Policies that need no model are lines of every table whose figures they have.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from rlcall.compare.comparison import ComparedEvaluation, Comparison
from rlcall.compare.estimates import ERRORS, MethodFigures
from rlcall.evaluation.tables import LABELS, TWIN_COLUMNS, rates_note
from rlcall.metrics.baselines import POLICIES
from rlcall.metrics.clusters import clusters_of
from rlcall.metrics.intervals import Array
from rlcall.metrics.paired import PairedDifference, paired_difference, values_by_row
from rlcall.metrics.twins import ALL
from rlcall.show.figures import UNKNOWN, change, number, p_value, percent
from rlcall.show.table import Cell, Line, LineKind, Table

BOLD = (
    "Bold where the 95 % interval leaves out zero, and McNemar's p, where there is one, is below "
    "0.05; no correction for how many are looked at."
)
ACCURACY_COLUMNS = ("strict accuracy", "rows better", "rows worse", "McNemar's p")
OTHER_RATES = [key for key in LABELS if key not in ("accuracy", "balanced")]

Cells = Callable[[MethodFigures], list[Cell]]


def evaluation_tables(comparison: Comparison, compared: ComparedEvaluation) -> list[Table]:
    """Return the tables that the evaluation has the figures for."""
    return [
        _rates(comparison, compared),
        _differences(comparison, compared),
        _rule_differences(comparison, compared),
        *_error_changes(comparison, compared),
        *_each_seed(comparison, compared),
        *_rules(comparison, compared),
        *_tasks(comparison, compared),
        *_twins(comparison, compared),
        *_formats(comparison, compared),
        *_samples(comparison, compared),
    ]


def kind_of(comparison: Comparison, name: str) -> LineKind:
    """Return what a line of that name is about."""
    if name == comparison.reference.name:
        return "reference"
    return "policy" if name in POLICIES else "method"


def difference_cell(difference: PairedDifference) -> Cell:
    """Return a difference in percentage points, emphasised where interval and McNemar's p agree."""
    return change(difference.estimate, difference.p)


def method_names(comparison: Comparison) -> list[str]:
    """Return the names of the methods, in the order of their runs."""
    return [method.name for method in comparison.methods]


def _lines(
    comparison: Comparison, compared: ComparedEvaluation, names: Sequence[str], cells: Cells
) -> list[Line]:
    lines = []
    for name in names:
        lines.append(Line(name, cells(compared.figures[name]), kind_of(comparison, name)))
    return lines


def _all_lines(comparison: Comparison, compared: ComparedEvaluation, cells: Cells) -> list[Line]:
    """Return a line for each method and each policy."""
    return _lines(comparison, compared, [*method_names(comparison), *POLICIES], cells)


def _of_reference(comparison: Comparison, compared: ComparedEvaluation) -> MethodFigures:
    return compared.figures[comparison.reference.name]


def _rates(comparison: Comparison, compared: ComparedEvaluation) -> Table:
    def cells(figures: MethodFigures) -> list[Cell]:
        return [percent(figures.rate(name)) for name in LABELS]

    note = rates_note(_of_reference(comparison, compared).first)
    note += " and seeds." if comparison.by_seed else "."
    lines = _all_lines(comparison, compared, cells)
    return Table("How right", note, ["", *LABELS.values()], lines)


def _differences_note(comparison: Comparison) -> str:
    name = comparison.reference.name
    return f"In percentage points, each row against itself: the method minus {name}. {BOLD}"


def _differences(comparison: Comparison, compared: ComparedEvaluation) -> Table:
    # McNemar's p is for one seed.
    count = 3 if comparison.by_seed else 4
    lines = []
    for method, differences in compared.differences.items():
        cells = _accuracy_cells(differences["accuracy"])[:count]
        cells += [difference_cell(differences[name]) for name in OTHER_RATES]
        lines.append(Line(method, cells, kind_of(comparison, method)))
    columns = ["", *ACCURACY_COLUMNS[:count], *(LABELS[name] for name in OTHER_RATES)]
    title = f"Against {comparison.reference.name}"
    return Table(title, _differences_note(comparison), columns, lines)


def _accuracy_cells(difference: PairedDifference) -> list[Cell]:
    better, worse = Cell(f"{difference.better:,}"), Cell(f"{difference.worse:,}")
    return [difference_cell(difference), better, worse, p_value(difference.p)]


def _rule_differences(comparison: Comparison, compared: ComparedEvaluation) -> Table:
    rules = []
    for rule in _of_reference(comparison, compared).first.rules:
        of_methods = [found[f"rule {rule}"] for found in compared.differences.values()]
        if any(difference.n for difference in of_methods):
            rules.append(rule)
    lines = []
    for method, differences in compared.differences.items():
        cells = [difference_cell(differences[f"rule {rule}"]) for rule in rules]
        lines.append(Line(method, cells, kind_of(comparison, method)))
    title = f"Against {comparison.reference.name}: rules"
    return Table(title, _differences_note(comparison), ["", *rules], lines)


def _error_changes(comparison: Comparison, compared: ComparedEvaluation) -> Iterator[Table]:
    """Yield errors as a part of those that the reference makes, where it makes any."""
    name = comparison.reference.name
    errors = []
    for error in ERRORS:
        if any(changes[error].n for changes in compared.changes.values()):
            errors.append(error)
    if not errors:
        return
    lines = []
    for method, changes in compared.changes.items():
        differences = compared.differences[method]
        cells = [change(changes[error], differences[error].p) for error in errors]
        lines.append(Line(method, cells, kind_of(comparison, method)))
    note = (
        f"In % of the errors of {name}: −30 are 30 % fewer. {BOLD} "
        f"No interval where {name} makes too few."
    )
    columns = ["", *(LABELS[error] for error in errors)]
    yield Table(f"Errors against {name}", note, columns, lines)


def _each_seed(comparison: Comparison, compared: ComparedEvaluation) -> Iterator[Table]:
    """Yield strict accuracy of each seed against the reference's run of the same seed."""
    if not comparison.by_seed:
        return
    clusters = clusters_of(compared.rows).numbers
    reference = comparison.reference
    accuracy_of_seed = {}
    for seed, values in zip(reference.seeds, _accuracies(compared, reference.name), strict=True):
        accuracy_of_seed[seed] = values
    lines = []
    for method in comparison.methods:
        metrics = compared.figures[method.name].seeds
        accuracies = _accuracies(compared, method.name)
        for seed, of_seed, values in zip(method.seeds, metrics, accuracies, strict=True):
            name = method.name if seed is None else f"{method.name}, seed {seed}"
            cells = [UNKNOWN] * len(ACCURACY_COLUMNS)
            if method != reference and seed in accuracy_of_seed:
                difference = paired_difference(accuracy_of_seed[seed], values, clusters)
                cells = _accuracy_cells(difference)
            accuracy = percent(of_seed.rates["accuracy"])
            lines.append(Line(name, [accuracy, *cells], kind_of(comparison, method.name)))
    note = (
        f"Strict accuracy in %, and against {reference.name} of the same seed in percentage "
        "points, over rows alone."
    )
    columns = ["", "strict accuracy", "difference", *ACCURACY_COLUMNS[1:]]
    yield Table("Each seed", note, columns, lines)


def _accuracies(compared: ComparedEvaluation, method: str) -> list[Array]:
    """Return strict accuracy by row, for each seed of a method."""
    accuracies = []
    for evaluation in compared.evaluations[method]:
        values = values_by_row(evaluation.completions, evaluation.samples)
        accuracies.append(values["accuracy"])
    return accuracies


def _rules(comparison: Comparison, compared: ComparedEvaluation) -> Iterator[Table]:
    estimates = _of_reference(comparison, compared).first.rules
    rules = [rule for rule, estimate in estimates.items() if estimate.n]
    if not rules:
        return

    def cells(figures: MethodFigures) -> list[Cell]:
        return [percent(figures.rule(rule)) for rule in rules]

    note = "Means in %, over the rows to which a rule applies."
    yield Table("Rules", note, ["", *rules], _all_lines(comparison, compared, cells))


def _tasks(comparison: Comparison, compared: ComparedEvaluation) -> Iterator[Table]:
    tasks = list(_of_reference(comparison, compared).first.tasks)
    if len(tasks) < 2:
        return

    def cells(figures: MethodFigures) -> list[Cell]:
        return [percent(figures.task_accuracy(task)) for task in tasks]

    lines = _all_lines(comparison, compared, cells)
    yield Table("Tasks", "Strict accuracy in %.", ["", *tasks], lines)


def _twins(comparison: Comparison, compared: ComparedEvaluation) -> Iterator[Table]:
    kinds = list(_of_reference(comparison, compared).first.twins)
    if not kinds:
        return

    def cells(figures: MethodFigures) -> list[Cell]:
        return [percent(figures.twins(ALL, figure)) for figure in TWIN_COLUMNS]

    def drops(figures: MethodFigures) -> list[Cell]:
        return [percent(figures.twins(kind, "drop")) for kind in kinds]

    note = (
        "Strict accuracy in % on rows (N) and on their twins with one thing less (N-1), the drop "
        "between them, and how often a twin with another right answer was answered as its row."
    )
    lines = _all_lines(comparison, compared, cells)
    yield Table("Twins", note, ["", *TWIN_COLUMNS.values()], lines)
    note = "Strict accuracy in % on rows minus that on their twins, by what the twin has not."
    columns = ["", *(kind.replace("_", " ") for kind in kinds)]
    yield Table("Twins: drop", note, columns, _all_lines(comparison, compared, drops))


def _formats(comparison: Comparison, compared: ComparedEvaluation) -> Iterator[Table]:
    """Yield the wire formats of the methods, without the policies: they write no text."""
    names: dict[str, None] = {}
    for method in method_names(comparison):
        for metrics in compared.figures[method].seeds:
            names.update(dict.fromkeys(metrics.formats.share))
    if not names:
        return

    def cells(figures: MethodFigures) -> list[Cell]:
        shares = [percent(figures.format_share(name)) for name in names]
        return [number(figures.format_entropy()), *shares]

    note = (
        "Shares in % of completions where a call is due, and their entropy in bits; "
        "“text” holds no call."
    )
    lines = _lines(comparison, compared, method_names(comparison), cells)
    yield Table("Wire formats", note, ["", "entropy", *names], lines)


def _samples(comparison: Comparison, compared: ComparedEvaluation) -> Iterator[Table]:
    if compared.first.samples < 2:
        return
    first = _of_reference(comparison, compared).first

    def cells(figures: MethodFigures) -> list[Cell]:
        passes = [percent(figures.pass_at(name)) for name in first.passes]
        return passes + [number(figures.diversity(name)) for name in first.diversity]

    note = (
        f"pass@k in %, and how different a row's {first.samples} completions are (docs/metrics.md)."
    )
    columns = ["", *first.passes, *(name.replace("_", " ") for name in first.diversity)]
    yield Table("Several completions", note, columns, _all_lines(comparison, compared, cells))
