"""Train a model on the right calls (SFT), the baseline.

Rows, prompts and evaluation are those of DPO and GRPO.

accelerate launch launch/sft.py
accelerate launch launch/sft.py --config configs/smoke/sft.yaml --max-steps 4
accelerate launch --config_file configs/accelerate/zero2.yaml launch/sft.py --ranks 2 --zero-stage 2
"""

import sys

from rlcall.train.main import main

if __name__ == "__main__":
    sys.exit(main("sft"))
