"""`rlcall compare`: evaluations of several runs on the same rows, as one table, plots and a page.

runs = [read_run(Path(name)) for name in ("runs/base", "runs/sft", "runs/grpo")]
check_alike(runs)
comparison = compare(runs, grouped=False, against=None)
"""
