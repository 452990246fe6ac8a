"""Rows: the one form of data that training, evaluation and the verifier share, and readers that give it.

    from rlcall.data import rows, toolrl
    train = rows.read_rows("train.jsonl")
    real, counts = toolrl.read("rlla_sft.json")

`rows` is the form itself. Every other module reads one public data set, row by row, and counts what it set aside.
"""
