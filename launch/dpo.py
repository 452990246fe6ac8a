"""Train a model on pairs of a right and a wrong completion (DPO).

Rows, prompts and evaluation are those of SFT and GRPO.

accelerate launch launch/dpo.py
accelerate launch launch/dpo.py --config configs/smoke/dpo.yaml --max-steps 4
accelerate launch --config_file configs/accelerate/zero2.yaml launch/dpo.py --ranks 2 --zero-stage 2
"""

import sys

from rlcall.train.main import main

if __name__ == "__main__":
    sys.exit(main("dpo"))
