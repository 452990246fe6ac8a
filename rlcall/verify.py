"""The door to the verifier: all that a rule, a script or another trainer imports.

from rlcall.verify import Verdict, verify

verdict = verify('<tool_call>{"name": "f", "arguments": {"a": 2}}</tool_call>', tools, {"calls": [...]})
verdict.correct                 # the strict outcome: every due call made rightly, and nothing else done
verdict.errors[0].code          # "wrong_value"; the closed list is CODES
verdict.share("values")         # 0.5: of the expected calls' leaves, or None where the row has none
"""

from rlcall.verifier.judge import WEIGHTS, verify
from rlcall.verifier.verdict import Verdict

__all__ = ["WEIGHTS", "Verdict", "verify"]
