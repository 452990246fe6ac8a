"""Runs compared on the same evaluation rows: tables, plots and a page that opens from disk.

comparison = compare([read_run(Path(path)) for path in paths], by_seed=False, against=None)
write_report(comparison, Path("comparison"))     # compare.md, compare.html and the plots
"""
