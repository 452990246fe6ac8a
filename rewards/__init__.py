"""Reward rules. A rule is one file with one function of the same name:

    def my_rule(verdict: Verdict) -> float | None

It is pure: a frozen verdict in, a float in [0, 1] out, or None where it does not apply. Whether it
applies depends on the row alone (`verdict.due`, `verdict.answer`), never on the completion; None
never counts as 0. See CONTRIBUTING.md.
"""
