"""Commands of `rlcall`, one file each: `parser()` describes its options, `main(argv)` returns
its exit status."""
