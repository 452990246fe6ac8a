"""The table of BFCL's requests is that of the wheel, and recognises each of them."""

from __future__ import annotations

from rlcall.check.contamination import BFCL_HASHES, bfcl_entry, is_long
from rlcall.check.requests import user_request
from rlcall.suites.bfcl import read_entries
from rlcall.suites.bfcl_requests import table
from tests.support.bfcl_wheel import BFCL, needs_bfcl


@needs_bfcl
def test_every_request_of_the_wheel_is_recognised() -> None:
    assert table(BFCL) == BFCL_HASHES.read_text()
    requests = [user_request(entry.row) for entry in read_entries(BFCL)]
    long = [request for request in requests if any(map(is_long, request.messages))]
    assert len(long) > 0.8 * len(requests) and all(map(bfcl_entry, long))
