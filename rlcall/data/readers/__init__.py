"""Readers of public data sets, one file per form: each turns records into rows, or says why not."""
