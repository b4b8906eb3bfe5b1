"""Times a training step of the engine benchmark in PyTorch and prints one JSON object.

    python3 torch_steps.py --workload vit --size '{"batchSize": 128, ...}' [--compile] [--channels-last]

OMP_NUM_THREADS and MKL_NUM_THREADS in the environment say how many threads it uses.
"""

import argparse
import json
import resource
import statistics
import time

import torch

from torch_models import create_model, create_optimizer


def measure_products(seconds=1.0):
    """The best rate of a square float32 product, in GFLOP/s."""
    best = 0.0
    for size in (512, 1024, 1536):
        a, b, c = (torch.randn(size, size) for _ in range(3))
        torch.mm(a, b, out=c)
        until = time.perf_counter() + seconds / 3
        durations = []
        while time.perf_counter() < until or len(durations) < 3:
            start = time.perf_counter()
            torch.mm(a, b, out=c)
            durations.append(time.perf_counter() - start)
        best = max(best, 2 * size**3 / statistics.median(durations) / 1e9)
    return best


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--workload", required=True)
    parser.add_argument("--size", required=True)
    parser.add_argument("--steps", type=int, default=8)
    parser.add_argument("--warmup", type=int, default=3)
    parser.add_argument("--compile", action="store_true")
    parser.add_argument("--channels-last", action="store_true")
    options = parser.parse_args()

    torch.manual_seed(0)
    model = create_model(options.workload, options.size)
    batch = torch.randn(model.batch_shape)
    if options.channels_last:
        model = model.to(memory_format=torch.channels_last)
        batch = batch.contiguous(memory_format=torch.channels_last)
    optimizer = create_optimizer(model, learning_rate=1e-4)
    forward = torch.compile(model) if options.compile else model

    def step():
        optimizer.zero_grad(set_to_none=True)
        loss = forward(batch)
        loss.backward()
        optimizer.step()
        return loss.item()

    peak = measure_products()
    start = time.perf_counter()
    step()
    first = time.perf_counter() - start
    for _ in range(options.warmup - 1):
        step()
    durations = []
    for _ in range(options.steps):
        start = time.perf_counter()
        loss = step()
        durations.append(1e3 * (time.perf_counter() - start))
    print(
        json.dumps(
            {
                "version": torch.__version__,
                "stepMs": durations,
                "firstStepMs": 1e3 * first,
                "peakGflops": peak,
                "peakRssMiB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
                "loss": loss,
            }
        )
    )


if __name__ == "__main__":
    main()
