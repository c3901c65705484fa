#!/usr/bin/env python3
"""Makes the golden training cases beside this file with PyTorch, in float64.

    python3 make_cases.py OUT_DIR [CASE ...]        (needs torch and numpy)

Every case trains one small network for a few SGD steps on generated pictures and writes down what
PyTorch got. Neither weights nor pictures are stored: both sides draw them from `uniform()` and
`load()` below, so that a clone anywhere can check the engine against PyTorch's numbers.
"""
import json, math, sys
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

M64 = (1 << 64) - 1


def splitmix64(z):
    """splitmix64 finaliser on a numpy uint64 array."""
    z = (z + np.uint64(0x9E3779B97F4A7C15)) & np.uint64(M64)
    z = ((z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)) & np.uint64(M64)
    z = ((z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)) & np.uint64(M64)
    return z ^ (z >> np.uint64(31))


def uniform(seed, tensor_index, n):
    """n values in [-1, 1): element i of parameter tensor `tensor_index`."""
    base = np.uint64(((seed << 40) ^ (tensor_index << 32)) & M64)
    with np.errstate(over="ignore"):
        z = splitmix64(base + np.arange(n, dtype=np.uint64))
    return (z >> np.uint64(40)).astype(np.float64) / (1 << 23) - 1.0


class ZeroPad(nn.Module):
    """Option A shortcut: take every stride-th pixel, pad new channels with zeros."""

    def __init__(self, cin, cout, stride):
        super().__init__()
        self.cin, self.cout, self.stride = cin, cout, stride

    def forward(self, x):
        x = x[:, :, :: self.stride, :: self.stride]
        lo = (self.cout - self.cin) // 2
        return F.pad(x, (0, 0, 0, 0, lo, self.cout - self.cin - lo))


class Block(nn.Module):
    def __init__(self, kind, cin, planes, stride, shortcut, bn, alpha):
        super().__init__()
        cout = planes * (4 if kind == "bottleneck" else 1)
        norm = (lambda c: nn.BatchNorm2d(c)) if bn else (lambda c: nn.Identity())
        if kind == "basic":
            shape = [(cin, planes, 3, stride), (planes, planes, 3, 1)]
        else:
            shape = [(cin, planes, 1, 1), (planes, planes, 3, stride), (planes, cout, 1, 1)]
        for i, (a, b, k, s) in enumerate(shape, 1):
            setattr(self, f"conv{i}", nn.Conv2d(a, b, k, s, k // 2, bias=not bn))
            setattr(self, f"bn{i}", norm(b))
        self.n, self.shortcut, self.alpha = len(shape), shortcut, alpha
        self.downsample = None
        if stride != 1 or cin != cout:
            if shortcut == "projection":
                self.downsample = nn.Sequential(
                    nn.Conv2d(cin, cout, 1, stride, bias=not bn), norm(cout))
            elif shortcut == "zero_pad":
                self.downsample = ZeroPad(cin, cout, stride)

    def forward(self, x):
        f = x
        for i in range(1, self.n + 1):
            f = getattr(self, f"bn{i}")(getattr(self, f"conv{i}")(f))
            if i < self.n:
                f = F.relu(f)
        if self.shortcut != "none":
            f = f + self.alpha * (x if self.downsample is None else self.downsample(x))
        return F.relu(f)


class ResNet(nn.Module):
    def __init__(self, m):
        super().__init__()
        bn, w = m["batch_norm"], m["width"]
        self.imagenet = m["stem"] == "imagenet"
        self.conv1 = nn.Conv2d(3, w, 7 if self.imagenet else 3, 2 if self.imagenet else 1,
                               3 if self.imagenet else 1, bias=not bn)
        self.bn1 = nn.BatchNorm2d(w) if bn else nn.Identity()
        cin = w
        for s, n in enumerate(m["blocks"]):
            layers = []
            for b in range(n):
                stride = 2 if s > 0 and b == 0 else 1
                layers.append(Block(m["block"], cin, w << s, stride, m["shortcut"], bn, m["alpha"]))
                cin = (w << s) * (4 if m["block"] == "bottleneck" else 1)
            setattr(self, f"layer{s + 1}", nn.Sequential(*layers))
        self.stages = len(m["blocks"])
        self.fc = nn.Linear(cin, m["classes"])

    def forward(self, x, taps=None):
        x = F.relu(self.bn1(self.conv1(x)))
        if self.imagenet:
            x = F.max_pool2d(x, 3, 2, 1)
        for s in range(1, self.stages + 1):
            for b, block in enumerate(getattr(self, f"layer{s}")):
                x = block(x)
                if taps is not None:
                    taps[f"layer{s}.{b}"] = x
        return self.fc(x.mean((2, 3)))


def model(blocks, width, stem="cifar", block="basic", shortcut="projection",
          batch_norm=True, alpha=1.0, classes=10):
    return dict(stem=stem, block=block, blocks=blocks, width=width, shortcut=shortcut,
                batch_norm=batch_norm, alpha=alpha, classes=classes)


def case(model, batch, steps, size=32, start=0, lr=0.002, momentum=0.9, weight_decay=0.0,
         nesterov=False, mean=(0.5,) * 3, std=(0.5,) * 3, seed=1):
    return dict(model=model, seed=seed,
                data=dict(split="train", start=start, batch=batch, size=size,
                          mean=list(mean), std=list(std)),
                optimizer=dict(lr=lr, momentum=momentum, weight_decay=weight_decay,
                               nesterov=nesterov),
                steps=steps)


CASES = {
    "tiny_zero_pad": case(model([1, 1], 6, shortcut="zero_pad", alpha=0.5), batch=5, steps=3,
                          weight_decay=1e-3, nesterov=True),
    "tiny_bottleneck": case(model([1, 1], 4, stem="imagenet", block="bottleneck", classes=12),
                            batch=6, steps=2),
    "tiny_plain_no_bn": case(model([1, 2], 8, shortcut="none", batch_norm=False), batch=4, steps=2),
}


def load(start, n):
    """Generated pictures: byte j of record r is the top byte of splitmix64(2^40 + 3072 r + j)."""
    r = np.arange(start, start + n, dtype=np.uint64)
    with np.errstate(over="ignore"):
        z = splitmix64(np.uint64(1 << 40) + r[:, None] * np.uint64(3072) + np.arange(3072, dtype=np.uint64))
    return (r % np.uint64(10)).astype(np.int64), (z >> np.uint64(56)).astype(np.float64).reshape(-1, 3, 32, 32) / 255.0


def init(net, seed):
    for i, (_, p) in enumerate(net.named_parameters()):
        u = torch.from_numpy(uniform(seed, i, p.numel())).view(p.shape)
        if p.dim() > 1:      # convolution and linear weights
            fan_in = p[0].numel()
            p.data = u * math.sqrt(6.0 / fan_in)
        else:                # batch-norm scale around 1, every shift and bias around 0
            name = _.rsplit(".", 2)
            scale = name[-1] == "weight"
            p.data = (1.0 if scale else 0.0) + 0.1 * u


def run(c, dtype=torch.float64, noise=0.0):
    torch.set_default_dtype(dtype)
    net = ResNet(c["model"]).train()
    init(net, c["seed"])
    with torch.no_grad():
        for p in net.parameters():
            p.data = p.data.to(dtype)
            if noise:
                p.mul_(1 + noise * torch.randn_like(p))
    d, o = c["data"], c["optimizer"]
    y, x = load(d["start"], d["batch"] * c["steps"])
    x = torch.from_numpy(x).to(dtype)
    if d["size"] != 32:
        x = F.interpolate(x, size=(d["size"],) * 2, mode="nearest")
    x = (x - torch.tensor(d["mean"]).view(1, 3, 1, 1)) / torch.tensor(d["std"]).view(1, 3, 1, 1)
    y = torch.from_numpy(y)
    opt = torch.optim.SGD(net.parameters(), lr=o["lr"], momentum=o["momentum"],
                          weight_decay=o["weight_decay"], nesterov=o["nesterov"])
    out = dict(parameters=sum(p.numel() for p in net.parameters()), loss=[], logits=None,
               block_std={}, grad_norm={})
    for s in range(c["steps"]):
        taps = {}
        logits = net(x[s * d["batch"]:(s + 1) * d["batch"]], taps)
        loss = F.cross_entropy(logits, y[s * d["batch"]:(s + 1) * d["batch"]])
        opt.zero_grad()
        loss.backward()
        out["loss"].append(loss.item())
        if s == 0:
            out["logits"] = [round(v, 9) for v in logits.detach().flatten()[:20].tolist()]
            out["block_std"] = {k: v.detach().std(unbiased=False).item() for k, v in taps.items()}
            out["grad_norm"] = {k: p.grad.norm().item() for k, p in net.named_parameters()}
        opt.step()
    out["weight_norm"] = {k: p.detach().norm().item() for k, p in net.named_parameters()}
    out["running_norm"] = {k: b.norm().item()
                      for k, b in net.named_buffers() if "running" in k}
    net.eval()
    with torch.no_grad():
        b = d["batch"]
        out["eval_logits"] = [round(v, 9) for v in net(x[:b]).flatten()[:20].tolist()]
        out["eval_loss"] = F.cross_entropy(net(x[:b]), y[:b]).item()
    return out


def deviation(a, b):
    """Largest difference between two answers of one field, relative to its size."""
    if isinstance(b, dict):
        return max((deviation(a[k], b[k]) for k in b), default=0.0)
    if isinstance(b, list) and len(b) == 20:       # logits: relative to the largest
        return max(abs(x - y) for x, y in zip(a, b)) / max(map(abs, b))
    if isinstance(b, list):
        return max(map(deviation, a, b))
    return abs(a - b) / max(abs(b), 1e-9)


def tolerances(c, truth):
    """How far a correct float32 implementation may be off, field by field.

    Ten times what PyTorch itself moves by in float32, and in float64 when its
    weights are disturbed by one float32 rounding. A field that chaos makes
    meaningless (over 2 %) gets null and is not compared.
    """
    torch.manual_seed(0)
    runs = [run(c, torch.float32)] + [run(c, noise=6e-8) for _ in range(2)]
    tol = {}
    for k, v in truth.items():
        if k != "parameters":
            worst = max(deviation(r[k], v) for r in runs)
            tol[k] = None if worst > 0.02 else float(f"{max(2e-4, 10 * worst):.1e}")
    return tol


if __name__ == "__main__":
    out_dir, names = sys.argv[1], sys.argv[2:] or list(CASES)
    for name in names:
        c = dict(CASES[name])
        truth = run(c)
        c["expect"], c["tolerance"] = truth, tolerances(c, truth)
        with open(f"{out_dir}/{name}.json", "w") as f:
            json.dump(c, f, indent=1)
        print(name, truth["parameters"], truth["loss"], c["tolerance"], flush=True)
