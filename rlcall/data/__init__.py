"""Rows: the one form of data that training, evaluation and the verifier share, and readers that give it.

    from rlcall.data import rows
    from rlcall.data.readers import counts, toolrl
    train = rows.read_rows("train.jsonl")
    real, counted = counts.gather(toolrl.read("rlla_sft.json"))

`rows` is the form itself, `formats` names the readers and writers of other forms; each reads or writes record by
record, and says of each that gives no row where and why.
"""
