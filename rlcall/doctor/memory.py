"""Memory that a rank needs, counted from the model's shape, and the size of a checkpoint.

estimate(shape, load)     # {"weights": 538060032, "gradients": ..., "activations": ..., ...}
peak(parts)               # what is there at the same time, in bytes

Every part is an upper bound for full batches of the longest rows, but for what allocators and
libraries add. Where the formulas come from:

- weights, gradients, optimiser under ZeRO: Rajbhandari et al., "ZeRO: Memory Optimizations Toward
  Training Trillion Parameter Models", section 3.1 and figure 1: in mixed precision 2 + 2 + 12 bytes
  a parameter; stage 1 shares out the 12, stage 2 the gradients too, stage 3 the weights too. In
  float32: 4 + 4 + 12, as DeepSpeed keeps a copy there too. Without DeepSpeed: AdamW's two moments
  in the type of the weights; DDP keeps its buckets beside the gradients; autocast keeps the weights
  in 16 bits beside those in 32.
- activations: what autograd keeps per token and layer of a Llama-like model, counted with
  saved_tensors_hooks on SmolLM2-135M (12,106 values counted, 12,054 by the formula): the inputs of
  both norms and their normalised forms (6h), query, keys and values as attention reads them and
  what it gives (4h), four values as wide as the feed-forward layer (4f), and a row of the padding
  mask. One layer more for the gradients on their way back. With gradient checkpointing h per layer,
  and one layer in full (Chen et al., "Training Deep Nets with Sublinear Memory Cost").
- logits: TRL 1.16 never makes batch x length x vocabulary of them. Its chunked head
  (trl/kernels/chunked_logprob.py) holds a tile of 4,096 tokens x 32,768 words, on a CPU with three
  copies, and the head's gradient in float32.
- generation: keys and values of every sequence of a generation batch, the last token's logits four
  times, and under ZeRO-3 the whole model, which TRL gathers on each rank
  (ds3_gather_for_generation).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from rlcall.model import load as models
from rlcall.train.arguments import lora_config
from rlcall.train.config import Config
from rlcall.train.settings import RunConfig

TILE_TOKENS, TILE_WORDS = 4096, 32768
CPU_COPIES = 3  # of a tile, in float32: torch operations that Triton does in place on a GPU
BYTES = {"float32": 4, "bfloat16": 2, "float16": 2}
MOMENTS = {"sgd": 0, "adafactor": 0}  # values a parameter that an optimiser keeps; 2 for the Adams
TRAINER = 100_000_000  # bytes that a trainer adds to a process, measured with TRL 1.16
CUDA_CONTEXT = 500_000_000  # bytes; what a process takes of a GPU before anything is on it, roughly


@dataclass(frozen=True, slots=True)
class ModelShape:
    """A model's sizes, as its config has them."""

    parameters: int
    trainable: int
    layers: int
    hidden: int
    inner: int
    """Width of the feed-forward layer; for a mixture of experts of those that a token visits."""
    kv: int
    """Width of the keys of one token and layer, and of its values."""
    vocabulary: int
    context: int
    """The most tokens that the model was made for."""


@dataclass(frozen=True, slots=True)
class RankLoad:
    """The load that one rank carries at once."""

    method: str
    ranks: int
    stage: int
    dtype: str
    mixed: bool
    """Computed in 16 bits, by the keys bf16 and fp16."""
    checkpointing: bool
    cpu: bool
    optimiser: str
    reference: bool
    """A second model in memory."""
    sequences: int
    """Of a micro-batch."""
    prompts: int
    """Of them different ones that go through the model; fewer than sequences where prompts are
    shared."""
    prompt: int
    completion: int
    """Tokens of the longest."""
    generated: int
    """Sequences generated at once."""


def shape_of(path: str, run: RunConfig) -> ModelShape:
    """Return a model's sizes. It is built without its weights: all is counted, nothing loaded."""
    config = models.load_config(path)
    text = config.get_text_config()
    head = getattr(text, "head_dim", None) or text.hidden_size // text.num_attention_heads
    return ModelShape(
        *_parameters(config, run),
        layers=text.num_hidden_layers,
        hidden=text.hidden_size,
        inner=text.intermediate_size * (getattr(text, "num_experts_per_tok", None) or 1),
        kv=(getattr(text, "num_key_value_heads", None) or text.num_attention_heads) * head,
        vocabulary=text.vocab_size,
        context=text.max_position_embeddings,
    )


def _parameters(config: Any, run: RunConfig) -> tuple[int, int]:
    """Return the parameters of the model and the trainable ones; adapters count as trainable."""
    import torch
    from transformers import AutoModelForCausalLM

    with torch.device("meta"):
        model: Any = AutoModelForCausalLM.from_config(config)
        total = sum(weight.numel() for weight in model.parameters())
        adapter = lora_config(run)
        if adapter:
            from peft import get_peft_model

            model = get_peft_model(model, adapter)
    trainable = [weight for weight in model.parameters() if weight.requires_grad]
    return total, sum(weight.numel() for weight in trainable)


def load_of(config: Config, args: Any, stage: int, longest: tuple[int, int], cpu: bool) -> RankLoad:
    """Return what a rank carries; `longest` is the longest prompt and completion, in tokens."""
    run, micro, grpo = config.run, args.per_device_train_batch_size, config.method == "grpo"
    sequences = 2 * micro if config.method == "dpo" else micro
    shares = (
        grpo and run.shared_prefix is not False and not args.gradient_checkpointing and micro > 1
    )
    reference = not run.lora_rank and (
        (config.method == "dpo" and not args.precompute_ref_log_probs) or (grpo and args.beta > 0)
    )
    return RankLoad(
        method=config.method,
        ranks=args.world_size,
        stage=stage,
        dtype=run.dtype,
        mixed=bool(args.bf16 or args.fp16),
        checkpointing=bool(args.gradient_checkpointing),
        cpu=cpu,
        optimiser=str(getattr(args.optim, "value", args.optim)),
        reference=reference,
        sequences=sequences,
        prompts=-(-micro // args.num_generations) if shares else sequences,
        prompt=longest[0],
        completion=longest[1],
        generated=_generated(run, args) if grpo and not args.use_vllm else 0,
    )


def _generated(run: RunConfig, args: Any) -> int:
    at_once = args.per_device_train_batch_size * args.steps_per_generation
    at_once *= run.oversample * run.oversample_prompts
    return min(at_once, run.rollout_batch_size or at_once)


def estimate(shape: ModelShape, load: RankLoad) -> dict[str, int]:
    """Return the bytes of one rank, part by part."""
    weight = 2 if load.mixed and load.stage else BYTES[load.dtype]
    value = 2 if load.mixed else BYTES[load.dtype]
    shared = load.ranks if load.stage == 3 else 1
    parts = {
        "weights": shape.parameters * weight // shared + _casts(shape, load),
        "reference": shape.parameters * weight // shared if load.reference else 0,
        "gradients": _gradients(shape, load, weight),
        "optimiser": _optimiser(shape, load, weight),
        "activations": _activations(shape, load, value),
        "logits": _logits(shape, load, value),
        "generation": _generation(shape, load, value),
    }
    return parts


def peak(parts: dict[str, int]) -> int:
    """Return the most bytes at once: generation and the backward pass take turns, the rest
    stays."""
    stays = parts["weights"] + parts["reference"] + parts["optimiser"]
    return stays + max(
        parts["generation"], parts["gradients"] + parts["activations"] + parts["logits"]
    )


def checkpoint_bytes(shape: ModelShape, load: RankLoad) -> int:
    """Return the bytes of a checkpoint over all ranks: what is trained and the optimiser's
    state."""
    weight = BYTES[load.dtype]
    return shape.trainable * weight + _optimiser(shape, load, weight) * (
        load.ranks if load.stage else 1
    )


def _casts(shape: ModelShape, load: RankLoad) -> int:
    return 2 * shape.parameters if load.mixed and not load.stage and load.dtype == "float32" else 0


def _gradients(shape: ModelShape, load: RankLoad, weight: int) -> int:
    if load.stage:
        return shape.trainable * weight // (load.ranks if load.stage >= 2 else 1)
    return shape.trainable * weight * (2 if load.ranks > 1 else 1)


def _optimiser(shape: ModelShape, load: RankLoad, weight: int) -> int:
    moments = MOMENTS.get(load.optimiser, 2)
    if load.stage:
        return shape.trainable * 4 * (1 + moments) // load.ranks
    return shape.trainable * weight * moments


def _activations(shape: ModelShape, load: RankLoad, value: int) -> int:
    tokens = load.prompts * load.prompt + load.sequences * load.completion
    layer = tokens * (10 * shape.hidden + 4 * shape.inner + load.prompt + load.completion)
    if load.checkpointing:
        return value * (shape.layers * tokens * shape.hidden + 2 * layer)
    repeated = 0
    if load.prompts < load.sequences:
        repeated = load.sequences * load.prompt * 2 * shape.hidden
    return value * (shape.layers * (layer + repeated) + layer)


def _logits(shape: ModelShape, load: RankLoad, value: int) -> int:
    length = load.completion if load.method == "grpo" else load.prompt + load.completion
    tokens = min(load.sequences * length, TILE_TOKENS)
    words = min(shape.vocabulary, TILE_WORDS)
    bytes_of_token = TILE_WORDS * value
    if load.cpu:
        bytes_of_token = words * (value + CPU_COPIES * 4)
    gradient = 0
    if shape.trainable == shape.parameters:
        gradient = shape.vocabulary * shape.hidden * 4
    return tokens * bytes_of_token + gradient


def _generation(shape: ModelShape, load: RankLoad, value: int) -> int:
    length = load.prompt + load.completion
    cache = length * shape.layers * 2 * shape.kv * value
    scores = shape.vocabulary * 4 * 4
    gathered_weights = 0
    if load.stage == 3 and load.generated:
        gathered_weights = shape.parameters * value
    return gathered_weights + load.generated * (cache + scores)
