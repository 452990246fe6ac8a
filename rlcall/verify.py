"""The door to the verifier: all that a rule, a script or another trainer imports.

from rlcall.verify import Verdict, verify

completion = '<tool_call>{"name": "f", "arguments": {"a": 2}}</tool_call>'
verdict = verify(completion, tools, {"calls": [...]})
verdict.correct             # the strict outcome: every due call made rightly, and nothing else done
verdict.errors[0].code      # "wrong_value"; the closed list is CODES
verdict.share("values")     # 0.5: of the expected calls' leaves, or None where the row has none
"""

from rlcall.calls import Call, Reference, encode, references, show_path
from rlcall.verifier.answer import (
    Answer,
    AnswerError,
    ExpectedCall,
    ExpectedReply,
    Slot,
    read_answer,
)
from rlcall.verifier.codes import CODES, Error
from rlcall.verifier.comparison import Tally, ValueDifference
from rlcall.verifier.grade import Grade
from rlcall.verifier.judge import WEIGHTS, verify
from rlcall.verifier.match import CallPair
from rlcall.verifier.schema import SchemaError
from rlcall.verifier.verdict import GranularOverlap, Verdict
from rlcall.wire import NOTES, PROBLEMS, SURPLUS, Problem

__all__ = [
    "CODES",
    "NOTES",
    "PROBLEMS",
    "SURPLUS",
    "WEIGHTS",
    "Answer",
    "AnswerError",
    "Call",
    "CallPair",
    "Error",
    "ExpectedCall",
    "ExpectedReply",
    "Grade",
    "GranularOverlap",
    "Problem",
    "Reference",
    "SchemaError",
    "Slot",
    "Tally",
    "ValueDifference",
    "Verdict",
    "encode",
    "read_answer",
    "references",
    "show_path",
    "verify",
]
