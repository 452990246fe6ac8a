"""Rollouts: completions of many prompts at the speed of the model's matrix products.

with fast_rollouts(model) as rollout:
    model.generate(input_ids=..., attention_mask=..., generation_config=...)
rollout.logprobs[0]    # [-0.01, -1.3, ...], of the tokens that were drawn for the first row
"""
