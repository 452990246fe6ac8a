"""The audit: attacks on a reward, as a policy would find them.

    from rlcall.audit import audit, sample_rows
    findings = audit(load_reward("graded"), sample_rows())
    findings[0].ok, findings[0].reached, findings[0].completion     # True, 1.0, '<tool_call>...'

docs/audit.md has every attack, and the properties that they test.
"""

from rlcall.audit.cases import sample_rows
from rlcall.audit.run import audit

__all__ = ["audit", "sample_rows"]
