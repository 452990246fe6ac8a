"""An evaluation as tables: for the screen, and as Markdown.

for table in tables(results, "runs/grpo"):
    console.print(table.rich())
# In %, of 500 rows; 95 % intervals over 64 clusters by tools.
# │                 │          runs/grpo │ never calls │ ...
# │ strict accuracy │ 57.8 (45.6 to 69.1)│        20.0 │
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from rlcall.evaluation.run import EvaluationResults
from rlcall.metrics.formats import FormatMetrics
from rlcall.metrics.measure import Metrics
from rlcall.metrics.rates import Estimates
from rlcall.show.figures import number, percent
from rlcall.show.table import Cell, Line, Table

LABELS = {
    "accuracy": "strict accuracy",
    "balanced": "balanced accuracy of calling",
    "relevance": "calls where a call is due",
    "irrelevance": "abstains where none is due",
    "valid": "calls are valid",
    "malformed": "malformed",
    "hallucinated": "names a tool that is not there",
    "surplus": "does more than is due",
    "reward": "reward",
}
TASK_COLUMNS = ("accuracy", "malformed", "hallucinated", "surplus", "relevance", "irrelevance")
TWIN_COLUMNS = {"n": "N", "n_minus_1": "N-1", "drop": "drop", "template": "template rate"}


def tables(results: EvaluationResults, name: str) -> list[Table]:
    """Return the tables that `results` has the figures for; `name` heads the model's columns."""
    metrics, baselines = results.metrics, results.baselines
    return [
        *_bfcl(results.bfcl),
        _rates(metrics, baselines, name),
        _rules(metrics, baselines, name),
        *_tasks(metrics, baselines),
        *_passes(metrics, baselines),
        *_diversity(metrics, baselines),
        *_formats(metrics.formats),
        *_twins(metrics, baselines),
    ]


def rates_note(metrics: Metrics) -> str:
    """Return what rates are of: how many rows and completions, and what the intervals are over."""
    samples = f", {metrics.samples} completions each" if metrics.samples > 1 else ""
    clusters = f"{metrics.clusters.count:,} clusters by {metrics.clusters.kind}"
    return f"In %, of {metrics.rows:,} rows{samples}; 95 % intervals over {clusters}"


def _rates(metrics: Metrics, baselines: Mapping[str, Metrics], name: str) -> Table:
    lines = []
    for key, label in LABELS.items():
        estimate = metrics.rates[key]
        policies = [percent(policy.rates[key]).without_interval for policy in baselines.values()]
        lines.append(Line(label, [percent(estimate), *policies, Cell(str(estimate.n))]))
    note = f"{rates_note(metrics)}."
    return Table("Rates", note, ["", name, *baselines, "of"], lines)


def _rules(metrics: Metrics, baselines: Mapping[str, Metrics], name: str) -> Table:
    lines = []
    for rule, estimate in metrics.rules.items():
        if estimate.n:
            policies = [
                percent(policy.rules[rule]).without_interval for policy in baselines.values()
            ]
            lines.append(Line(rule, [percent(estimate), *policies, Cell(str(estimate.n))]))
    note = "Means in %, over the completions to which a rule applies."
    return Table("Rules", note, ["rule", name, *baselines, "of"], lines)


def _tasks(metrics: Metrics, baselines: Mapping[str, Metrics]) -> Iterator[Table]:
    if len(metrics.tasks) < 2:
        return
    lines = []
    for task, of_task in metrics.tasks.items():
        rates = of_task.rates
        cells = [Cell(str(rates["accuracy"].n)), *(percent(rates[key]) for key in TASK_COLUMNS)]
        for policy in baselines.values():
            accuracy = policy.tasks[task].rates["accuracy"]
            cells.append(percent(accuracy).without_interval)
        lines.append(Line(task, cells))
    note = "In %; for the policies their strict accuracy."
    yield Table("Tasks", note, ["task", "of", *TASK_COLUMNS, *baselines], lines)


def _passes(metrics: Metrics, baselines: Mapping[str, Metrics]) -> Iterator[Table]:
    if metrics.samples < 2:
        return
    lines = []
    for pass_at_k, estimate in metrics.passes.items():
        policies = [
            percent(policy.passes[pass_at_k]).without_interval for policy in baselines.values()
        ]
        lines.append(Line(pass_at_k, [percent(estimate), *policies, Cell(str(estimate.n))]))
    note = "In %: at least one of k completions of a row is right."
    yield Table("pass@k", note, ["", "rows", *baselines, "of"], lines)


def _diversity(metrics: Metrics, baselines: Mapping[str, Metrics]) -> Iterator[Table]:
    diversity = metrics.diversity
    if not diversity:
        return
    lines = []
    for name in diversity:
        if not name.startswith("valid_"):
            cells = [number(diversity[name]), number(diversity[f"valid_{name}"])]
            for policy in baselines.values():
                cells.append(number(policy.diversity[name]).without_interval)
            lines.append(Line(name, cells))
    note = "How different a row's completions are, from 0 to 1 (docs/metrics.md)."
    columns = ["measure", "all completions", "valid completions", *baselines]
    yield Table("Diversity", note, columns, lines)


def _formats(formats: FormatMetrics) -> Iterator[Table]:
    if not formats.share:
        return
    lines = []
    for name, share in formats.share.items():
        lines.append(Line(name, [percent(share), percent(formats.accuracy[name])]))
    entropy = number(formats.entropy)
    interval = f" ({entropy.interval})" if entropy.interval else ""
    note = f"In %, of completions where a call is due; entropy {entropy.text}{interval} bits."
    yield Table("Wire formats", note, ["format", "share", "accuracy"], lines)


def _twins(metrics: Metrics, baselines: Mapping[str, Metrics]) -> Iterator[Table]:
    """Yield the model by what was removed, and the policies over all."""
    if not metrics.twins:
        return
    named = {kind.replace("_", " "): rates for kind, rates in metrics.twins.items()}
    for name, policy in baselines.items():
        named[name] = policy.twins["all"]
    lines = []
    for name, rates in named.items():
        cells = [Cell(str(rates.n.n)), *(percent(getattr(rates, key)) for key in TWIN_COLUMNS)]
        lines.append(Line(name, cells))
    note = "In %: strict accuracy on rows (N) and on their twins with one thing removed (N-1)."
    yield Table("Twins", note, ["removed", "pairs", *TWIN_COLUMNS.values()], lines)


def _bfcl(scores: Mapping[str, Estimates]) -> Iterator[Table]:
    if not scores:
        return
    policies = [name for name in scores if name not in ("bfcl", "ours")]
    lines = []
    for category, estimate in scores["bfcl"].items():
        if estimate.n:
            ours = percent(scores["ours"][category])
            others = [percent(scores[name][category]).without_interval for name in policies]
            lines.append(Line(category, [Cell(str(estimate.n)), percent(estimate), ours, *others]))
    note = "In %, by BFCL's own checker and by ours; the policies by BFCL's."
    yield Table("BFCL", note, ["category", "of", "BFCL", "ours", *policies], lines)
