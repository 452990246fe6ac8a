"""Readers, one file for each format of data; `rlcall.data.formats` finds them by their names."""
