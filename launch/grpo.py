"""Train a model with the verifier as its reward (GRPO).

accelerate launch launch/grpo.py
accelerate launch launch/grpo.py --config configs/smoke/grpo.yaml --max-steps 4
accelerate launch --config_file configs/accelerate/ddp.yaml launch/grpo.py --ranks 2 --zero-stage 0
"""

import sys

from rlcall.train.main import main

if __name__ == "__main__":
    sys.exit(main("grpo"))
