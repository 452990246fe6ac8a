"""The audit: attacks on a reward, as a policy would make them."""
