"""Training: model loading, prompt rendering, generation, and one file per method (SFT, DPO, GRPO).

The only part of rlcall, with `rlcall.evaluation.evaluate`, that imports torch.
"""
