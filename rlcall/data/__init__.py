"""Rows, the one form of data that training, evaluation and the verifier share, and their readers.

    from rlcall.data import rows
    from rlcall.data.formats import READERS
    from rlcall.data.reading.counts import gather

    train = rows.read_rows("train.jsonl")
    public, counts = gather(READERS["toolrl"]("rlla_sft.json"))

`rows` is the form itself, `gold` the right completion of a row; `formats` names the readers and
writers of other formats, one file each in `readers/`; `reading/` is what they share.
"""
