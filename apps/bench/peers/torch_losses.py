"""Trains a step of the engine benchmark from given weights in PyTorch (float64) and prints the losses as a JSON list.

    python3 torch_losses.py < request.json

The request: {"workload", "size", "learningRate", "numSteps", "batch": numbers, "parameters": {path: {"shape", "values"}}}, the
batch and the parameters as the TypeScript model has them.
"""

import json
import sys

import torch

from torch_models import create_model, create_optimizer


def load_linear(module, parameters, path):
    """A weight `[inputs, outputs]` and its bias into an `nn.Linear`."""
    module.weight.data = parameters[f"{path}.weight"].T.contiguous()
    module.bias.data = parameters[f"{path}.bias"]


def load_norm(module, parameters, path):
    module.weight.data, module.bias.data = parameters[f"{path}.gamma"], parameters[f"{path}.beta"]


def load_stack(stack, parameters, path):
    for index, block in enumerate(stack.blocks):
        at = f"{path}.blocks.{index}"
        load_norm(block.attentionNorm, parameters, f"{at}.attentionNorm")
        load_norm(block.mlpNorm, parameters, f"{at}.mlpNorm")
        parts = [f"{at}.attention.{name}" for name in ("query", "key", "value")]
        block.attention.qkv.weight.data = torch.cat([parameters[f"{part}.weight"].T for part in parts])
        block.attention.qkv.bias.data = torch.cat([parameters[f"{part}.bias"] for part in parts])
        load_linear(block.attention.output, parameters, f"{at}.attention.output")
        load_linear(block.mlp.expand, parameters, f"{at}.mlp.expand")
        load_linear(block.mlp.contract, parameters, f"{at}.mlp.contract")
    load_norm(stack.norm, parameters, f"{path}.norm")


def load_vit(model, parameters):
    load_linear(model.embed, parameters, "embed")
    model.encoderPositions.data = parameters["encoderPositions.table"]
    load_stack(model.encoder, parameters, "encoder")
    model.fill.x.data, model.fill.y.data = parameters["fill.x"], parameters["fill.y"]
    model.decoderPositions.data = parameters["decoderPositions.table"]
    load_stack(model.decoder, parameters, "decoder")
    load_linear(model.head, parameters, "head")


def load_convolution(module, parameters, path):
    """A filter `[height, width, in, out]` (or `[height, width, channels, 1]`, depthwise) into an `nn.Conv2d`."""
    weight = parameters[f"{path}.weight"]
    module.weight.data = weight.permute((3, 2, 0, 1) if module.groups == 1 else (2, 3, 0, 1)).contiguous()
    module.bias.data = parameters[f"{path}.bias"]


def load_pointwise(module, parameters, path):
    module.weight.data = parameters[f"{path}.weight"].T[:, :, None, None].contiguous()
    module.bias.data = parameters[f"{path}.bias"]


def load_convnet(model, parameters):
    counts = {"residual": 0, "depthwise": 0, "wide": 0}
    convolutions = iter(["stem", "downsample"])
    is_wide = False
    for layer in model.layers:
        kind = type(layer).__name__
        if kind == "Conv2d":
            name = next(convolutions)
            is_wide = name == "downsample"
            load_convolution(layer, parameters, name)
        elif kind == "ResidualBlock":
            at = f"residual.{counts['residual']}"
            counts["residual"] += 1
            load_convolution(layer.first, parameters, f"{at}.first")
            load_norm(layer.firstNorm, parameters, f"{at}.firstNorm")
            load_convolution(layer.second, parameters, f"{at}.second")
            load_norm(layer.secondNorm, parameters, f"{at}.secondNorm")
        elif kind == "DepthwiseBlock":
            name = "wide" if is_wide else "depthwise"
            at = f"{name}.{counts[name]}"
            counts[name] += 1
            load_convolution(layer.depthwise, parameters, f"{at}.depthwise")
            load_norm(layer.norm, parameters, f"{at}.norm")
            load_pointwise(layer.mlp[0], parameters, f"{at}.mlp.expand")
            load_pointwise(layer.mlp[2], parameters, f"{at}.mlp.contract")
    load_linear(model.head, parameters, "head")


def main():
    torch.set_default_dtype(torch.float64)
    request = json.load(sys.stdin)
    model = create_model(request["workload"], request["size"])
    parameters = {
        path: torch.tensor(entry["values"], dtype=torch.float64).reshape(entry["shape"]) for path, entry in request["parameters"].items()
    }
    batch = torch.tensor(request["batch"], dtype=torch.float64)
    if request["workload"] == "vit":
        load_vit(model, parameters)
        batch = batch.reshape(model.batch_shape)
    else:
        load_convnet(model, parameters)
        count, channels, height, width = model.batch_shape
        batch = batch.reshape(count, height, width, channels).permute(0, 3, 1, 2)
    optimizer = create_optimizer(model, request["learningRate"])
    losses = []
    for _ in range(request["numSteps"]):
        optimizer.zero_grad(set_to_none=True)
        loss = model(batch)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    print(json.dumps(losses))


if __name__ == "__main__":
    main()
