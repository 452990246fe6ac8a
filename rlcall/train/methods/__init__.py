"""Methods, one file each: SFT, DPO and GRPO."""
