"""char-GPT against nanoGPT and transformers, on this machine, in one run: training and writing at the same size.

    pip install transformers
    python tests/benchmarks/bench_char_gpt.py path/to/nanoGPT

Training: tokens a second of our step (model, loss, Muon and AdamW, moving average) and of nanoGPT's (its model and AdamW from
its `configure_optimizers`, in the dtype given to its autocast), same layers, heads, width, window and batch, each in float32,
in bfloat16 and in bfloat16 compiled (torch.compile needs a C++ compiler); the best of each counts. Writing: 1,000 characters from a 10-character prompt by `write`, by nanoGPT's `generate`, and
by transformers' GPT-2 `generate` with its cache; random weights, since speed does not depend on them.
"""

import dataclasses
import statistics
import sys
import time
from contextlib import nullcontext

import torch

from train import char_gpt as training
from train.core import device
from train.core.average import Average
from train.core.command import start
from zoo.models.char_gpt import CharGPT

CONFIG = training.VARIANTS["shakespeare"].model
BATCH = training.VARIANTS["shakespeare"].batch_size


def autocast(dtype: torch.dtype):
    """Return the context in which a model runs in this dtype."""
    return torch.autocast("cpu", dtype) if dtype == torch.bfloat16 else nullcontext()


def speeds(steps: dict, tokens: int, warm: int = 3, times: int = 10) -> dict[str, float]:
    """Return the median tokens a second of training steps, taken in turn."""
    found = {name: [] for name in steps}
    for i in range(warm + times):
        for name, step in steps.items():
            began = time.perf_counter()
            step()
            if i >= warm:
                found[name].append(tokens / (time.perf_counter() - began))
    return {name: statistics.median(taken) for name, taken in found.items()}


def ours(dtype: torch.dtype, *, compiled: bool = False):
    """Return our training step."""
    torch.manual_seed(0)
    settings = dataclasses.replace(training.VARIANTS["shakespeare"], compile=compiled)
    model = CharGPT(CONFIG)
    run = device.compiled(model, settings)
    optimizers, average = training.optimizers_of(model, model.layers, settings), Average(model, settings.ema)
    data = torch.randint(len(CONFIG.chars), (100_000,))
    window = torch.arange(CONFIG.window + 1)

    def step():
        x = data[torch.randint(len(data) - CONFIG.window, (BATCH, 1)) + window]
        with autocast(dtype):
            loss = run(x[:, :-1], x[:, 1:])["loss"]
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        for optimizer in optimizers:
            optimizer.step()
            optimizer.zero_grad()
        average.update()

    return step


def nanogpt(dtype: torch.dtype, *, compiled: bool = False):
    """Return nanoGPT's training step, and its model."""
    from model import GPT, GPTConfig

    torch.manual_seed(0)
    model = GPT(
        GPTConfig(block_size=CONFIG.window, vocab_size=len(CONFIG.chars), n_layer=CONFIG.layers, n_head=CONFIG.heads, n_embd=CONFIG.width, dropout=CONFIG.dropout, bias=False)
    )  # fmt: skip
    optimizer = model.configure_optimizers(0.1, 1e-3, (0.9, 0.99), "cpu")
    run = torch.compile(model) if compiled else model
    data = torch.randint(len(CONFIG.chars), (100_000,))

    def step():
        at = torch.randint(len(data) - CONFIG.window, (BATCH,))
        x = torch.stack([data[i : i + CONFIG.window] for i in at])
        y = torch.stack([data[i + 1 : i + 1 + CONFIG.window] for i in at])
        with autocast(dtype):
            _, loss = run(x, y)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)

    return step, model


def seconds(call, times: int = 3) -> float:
    """Return the median time of a call."""
    call()
    found = []
    for _ in range(times):
        began = time.perf_counter()
        call()
        found.append(time.perf_counter() - began)
    return statistics.median(found)


def main() -> None:
    """Measure and print."""
    if len(sys.argv) < 2:
        print(__doc__)
        return
    start()  # the faster allocator, where it is found, for all
    sys.path.insert(0, sys.argv[1])
    tokens = BATCH * CONFIG.window
    print(
        f"{CONFIG.layers} layers, {CONFIG.heads} heads, width {CONFIG.width}, batch {BATCH} x {CONFIG.window}, {torch.get_num_threads()} threads"
    )
    best = {}
    for dtype, compiled in ((torch.float32, False), (torch.bfloat16, False), (torch.bfloat16, True)):
        steps = {"ours": ours(dtype, compiled=compiled), "nanoGPT": nanogpt(dtype, compiled=compiled)[0]}
        for name, found in speeds(steps, tokens).items():
            best[name] = max(found, best.get(name, 0))
            said = f"{str(dtype)[6:]}{', compiled' if compiled else ''}"
            print(f"  training, {name:8} {said:20} {found:8,.0f} tokens/s", flush=True)
    print(f"  training: {best['ours'] / best['nanoGPT']:.2f} times nanoGPT's")

    prompt = torch.randint(len(CONFIG.chars), (1, 10))
    model = CharGPT(CONFIG).eval()
    text = model.decode(prompt[0])
    _, theirs = nanogpt(torch.float32)
    theirs.eval()
    times = {
        "ours": seconds(lambda: model.write(text, 1000, seed=0, temperature=1)),
        "nanoGPT": seconds(lambda: theirs.generate(prompt, 1000), times=1),
    }
    try:
        from transformers import GPT2Config, GPT2LMHeadModel

        peer = GPT2LMHeadModel(
            GPT2Config(vocab_size=len(CONFIG.chars), n_positions=1024, n_embd=CONFIG.width, n_layer=CONFIG.layers, n_head=CONFIG.heads, bos_token_id=0, eos_token_id=None, pad_token_id=0)
        ).eval()  # fmt: skip
        mask = torch.ones_like(prompt)
        times["transformers"] = seconds(
            lambda: peer.generate(
                prompt, attention_mask=mask, max_new_tokens=1000, min_new_tokens=1000, do_sample=True, use_cache=True
            )
        )
    except ImportError:
        print("  transformers is not installed: left out")
    for name, took in times.items():
        print(f"  writing, {name:12} {1000 / took:8,.0f} characters/s, {took / times['ours']:6.2f} times our time")


if __name__ == "__main__":
    main()
