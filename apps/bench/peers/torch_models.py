"""The two training steps of the engine benchmark in PyTorch, with the parameter names of the TypeScript ones."""

import json

import torch
from torch import nn
from torch.nn import functional as F


class Attention(nn.Module):
    """Self-attention with one packed product for query, key and value, as is usual in PyTorch."""

    def __init__(self, dim, num_heads):
        super().__init__()
        self.num_heads = num_heads
        self.qkv = nn.Linear(dim, 3 * dim)
        self.output = nn.Linear(dim, dim)

    def forward(self, x):
        batch, length, dim = x.shape
        qkv = self.qkv(x).view(batch, length, 3, self.num_heads, dim // self.num_heads)
        query, key, value = qkv.permute(2, 0, 3, 1, 4)  # [batch, heads, length, head dim] each
        context = F.scaled_dot_product_attention(query, key, value)
        return self.output(context.transpose(1, 2).reshape(batch, length, dim))


class Mlp(nn.Module):
    def __init__(self, dim, ratio=4):
        super().__init__()
        self.expand = nn.Linear(dim, ratio * dim)
        self.contract = nn.Linear(ratio * dim, dim)

    def forward(self, x):
        return self.contract(F.gelu(self.expand(x)))


class TransformerBlock(nn.Module):
    def __init__(self, dim, num_heads):
        super().__init__()
        self.attentionNorm = nn.LayerNorm(dim, eps=1e-6)
        self.attention = Attention(dim, num_heads)
        self.mlpNorm = nn.LayerNorm(dim, eps=1e-6)
        self.mlp = Mlp(dim)

    def forward(self, x):
        x = x + self.attention(self.attentionNorm(x))
        return x + self.mlp(self.mlpNorm(x))


class TransformerStack(nn.Module):
    def __init__(self, dim, num_heads, depth):
        super().__init__()
        self.blocks = nn.ModuleList(TransformerBlock(dim, num_heads) for _ in range(depth))
        self.norm = nn.LayerNorm(dim, eps=1e-6)

    def forward(self, x):
        for block in self.blocks:
            x = block(x)
        return self.norm(x)


class LinearFill(nn.Module):
    """Stepwise linear extrapolation of a centred block: along its rows, then along every column; zero at first."""

    def __init__(self, dim, grid_size, block_size):
        super().__init__()
        self.x = nn.Parameter(torch.zeros(dim, dim))
        self.y = nn.Parameter(torch.zeros(dim, dim))
        self.block_size = block_size
        self.margin = (grid_size - block_size) // 2
        self.register_buffer("identity", torch.eye(dim), persistent=False)

    def forward(self, features):
        batch, _, dim = features.shape
        block = features.view(batch, self.block_size, self.block_size, dim)
        return self.extend(self.extend(block, 2, self.x), 1, self.y).reshape(batch, -1, dim)

    def extend(self, z, axis, generator):
        forward, backward = (self.identity + generator).T, (self.identity - generator).T
        lines = list(z.unbind(axis))
        for _ in range(self.margin):
            lines = [lines[0] @ backward, *lines, lines[-1] @ forward]
        return torch.stack(lines, axis)


class VitStep(nn.Module):
    def __init__(self, batchSize, gridSize, blockSize, patchDim, dim, numHeads, encoderDepth, decoderDepth):
        super().__init__()
        self.batch_shape = (batchSize, gridSize * gridSize, patchDim)
        margin = (gridSize - blockSize) // 2
        at = torch.arange(gridSize * gridSize).view(gridSize, gridSize)
        visible = at[margin : margin + blockSize, margin : margin + blockSize].flatten()
        self.register_buffer("visible", visible, persistent=False)
        self.embed = nn.Linear(patchDim, dim)
        self.encoderPositions = nn.Parameter(0.02 * torch.randn(gridSize * gridSize, dim))
        self.encoder = TransformerStack(dim, numHeads, encoderDepth)
        self.fill = LinearFill(dim, gridSize, blockSize)
        self.decoderPositions = nn.Parameter(0.02 * torch.randn(gridSize * gridSize, dim))
        self.decoder = TransformerStack(dim, numHeads, decoderDepth)
        self.head = nn.Linear(dim, patchDim)

    def forward(self, patches):
        features = self.encoder(self.embed(patches[:, self.visible]) + self.encoderPositions[self.visible])
        decoded = self.decoder(self.fill(features) + self.decoderPositions)
        return F.mse_loss(self.head(decoded), patches)


class ResidualBlock(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.first = nn.Conv2d(channels, channels, 3, padding=1)
        self.firstNorm = nn.GroupNorm(8, channels)
        self.second = nn.Conv2d(channels, channels, 3, padding=1)
        self.secondNorm = nn.GroupNorm(8, channels)

    def forward(self, x):
        return x + self.secondNorm(self.second(F.gelu(self.firstNorm(self.first(x)))))


class DepthwiseBlock(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.depthwise = nn.Conv2d(channels, channels, 3, padding=1, groups=channels)
        self.norm = nn.GroupNorm(1, channels)
        self.mlp = nn.Sequential(nn.Conv2d(channels, 4 * channels, 1), nn.GELU(), nn.Conv2d(4 * channels, channels, 1))

    def forward(self, x):
        return x + self.mlp(self.norm(self.depthwise(x)))


class PadEnd(nn.Module):
    """One row and column of zeros at the end: where TensorFlow's `same` padding of a strided 3 × 3 window puts them."""

    def forward(self, x):
        return F.pad(x, (0, 1, 0, 1))


class ConvnetStep(nn.Module):
    def __init__(self, batchSize, imageSize, channels, numResidualBlocks, numDepthwiseBlocks, numClasses):
        super().__init__()
        self.batch_shape = (batchSize, 3, imageSize, imageSize)
        self.layers = nn.Sequential(
            PadEnd(),
            nn.Conv2d(3, channels, 3, stride=2),
            *(ResidualBlock(channels) for _ in range(numResidualBlocks)),
            *(DepthwiseBlock(channels) for _ in range(numDepthwiseBlocks[0])),
            PadEnd(),
            nn.Conv2d(channels, 2 * channels, 3, stride=2),
            *(DepthwiseBlock(2 * channels) for _ in range(numDepthwiseBlocks[1])),
        )
        self.head = nn.Linear(2 * channels, numClasses)
        self.register_buffer("labels", torch.arange(batchSize) % numClasses, persistent=False)

    def forward(self, images):
        return F.cross_entropy(self.head(self.layers(images).mean((2, 3))), self.labels)


MODELS = {"vit": VitStep, "convnet": ConvnetStep}


def create_optimizer(model, learning_rate, weight_decay=0.05):
    """AdamW that decays parameters of two or more axes only, as the TypeScript one does."""
    groups = [
        {"params": [p for p in model.parameters() if p.dim() >= 2], "weight_decay": weight_decay},
        {"params": [p for p in model.parameters() if p.dim() < 2], "weight_decay": 0.0},
    ]
    return torch.optim.AdamW(groups, lr=learning_rate, betas=(0.9, 0.95), eps=1e-8)


def create_model(workload, size):
    return MODELS[workload](**(json.loads(size) if isinstance(size, str) else size))
