"""The other side of checkpoint_torch.rs: reads Skipscope's files into PyTorch, writes PyTorch's for Skipscope.

    python3 checkpoint_torch.py FOLDER

FOLDER/cases.json lists cases: {"name", "spec", "dtype"}. For each one this script
- loads FOLDER/{name}.skipscope.safetensors, strictly, and answers with evaluation logits, before and after
  one step of SGD that goes on with the file's momentum buffers;
- trains a network of its own for a step, writes FOLDER/{name}.torch.safetensors in `dtype`, and answers
  with its evaluation logits.
Answers go to FOLDER/answers.json. Needs torch and numpy only: Debian has no safetensors for Python.
"""
import json, os, struct, sys
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

DTYPES = {"F64": torch.float64, "F32": torch.float32, "F16": torch.float16, "BF16": torch.bfloat16, "I64": torch.int64}


def load_file(path):
    """What safetensors.torch.load_file does."""
    with open(path, "rb") as f:
        size, = struct.unpack("<Q", f.read(8))
        header = json.loads(f.read(size))
        data = bytearray(f.read())
    header.pop("__metadata__", None)
    out = {}
    for name, t in header.items():
        start, end = t["data_offsets"]
        flat = torch.frombuffer(data[start:end], dtype=DTYPES[t["dtype"]])
        out[name] = flat.reshape(t["shape"]).clone()
    return out


def save_file(tensors, path):
    """What safetensors.torch.save_file does."""
    names = {v: k for k, v in DTYPES.items()}
    header, blobs, at = {}, [], 0
    for name, t in tensors.items():
        bits = t.contiguous().view(torch.int16) if t.dtype == torch.bfloat16 else t.contiguous()
        blob = bits.numpy().tobytes()
        header[name] = {"dtype": names[t.dtype], "shape": list(t.shape), "data_offsets": [at, at + len(blob)]}
        blobs.append(blob)
        at += len(blob)
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as f:
        f.write(struct.pack("<Q", len(text)) + text + b"".join(blobs))


class Pad(nn.Module):
    """Option A: every second pixel, new channels around the old ones. No parameters."""

    def __init__(self, extra, stride):
        super().__init__()
        self.front, self.back, self.stride = extra // 2, extra - extra // 2, stride

    def forward(self, x):
        return F.pad(x[:, :, ::self.stride, ::self.stride], (0, 0, 0, 0, self.front, self.back))


class Block(nn.Module):
    """torchvision's BasicBlock and Bottleneck in one, with α, other shortcuts, and without batch norm."""

    def __init__(self, spec, cin, planes, stride):
        super().__init__()
        bn, bottleneck = spec["batch_norm"], spec["block"] == "bottleneck"
        cout = planes * (4 if bottleneck else 1)
        branch = [(planes, 1, 1), (planes, 3, stride), (cout, 1, 1)] if bottleneck else [(cout, 3, stride), (cout, 3, 1)]
        c = cin
        for i, (out, kernel, s) in enumerate(branch, 1):
            setattr(self, f"conv{i}", nn.Conv2d(c, out, kernel, s, kernel // 2, bias=not bn))
            setattr(self, f"bn{i}", nn.BatchNorm2d(out) if bn else nn.Identity())
            c = out
        self.length, self.alpha, self.plain, self.downsample = len(branch), spec["alpha"], spec["shortcut"] == "none", None
        if stride != 1 or cin != cout:
            if spec["shortcut"] == "projection":
                norm = nn.BatchNorm2d(cout) if bn else nn.Identity()
                self.downsample = nn.Sequential(nn.Conv2d(cin, cout, 1, stride, bias=not bn), norm)
            elif spec["shortcut"] == "zero_pad":
                self.downsample = Pad(cout - cin, stride)

    def forward(self, x):
        y = x
        for i in range(1, self.length + 1):
            y = getattr(self, f"bn{i}")(getattr(self, f"conv{i}")(y))
            y = F.relu(y) if i < self.length else y
        if not self.plain:
            y = y + self.alpha * (x if self.downsample is None else self.downsample(x))
        return F.relu(y)


class ResNet(nn.Module):
    def __init__(self, spec):
        super().__init__()
        bn, width = spec["batch_norm"], spec["width"]
        self.imagenet = spec["stem"] == "imagenet"
        kernel, stride = (7, 2) if self.imagenet else (3, 1)
        self.conv1 = nn.Conv2d(3, width, kernel, stride, kernel // 2, bias=not bn)
        self.bn1 = nn.BatchNorm2d(width) if bn else nn.Identity()
        self.stages, c = len(spec["blocks"]), width
        for s, count in enumerate(spec["blocks"]):
            blocks = []
            for b in range(count):
                blocks.append(Block(spec, c, width << s, 2 if s > 0 and b == 0 else 1))
                c = (width << s) * (4 if spec["block"] == "bottleneck" else 1)
            setattr(self, f"layer{s + 1}", nn.Sequential(*blocks))
        self.fc = nn.Linear(c, spec["classes"])

    def forward(self, x):
        x = F.relu(self.bn1(self.conv1(x)))
        if self.imagenet:
            x = F.max_pool2d(x, 3, 2, 1)
        for s in range(self.stages):
            x = getattr(self, f"layer{s + 1}")(x)
        return self.fc(x.mean((2, 3)))


def logits(net, x):
    net.eval()
    with torch.no_grad():
        return net(x).flatten().tolist()


def train_step(net, optimizer, x, y):
    net.train()
    optimizer.zero_grad()
    F.cross_entropy(net(x), y).backward()
    optimizer.step()


def main(folder):
    torch.set_num_threads(1)
    torch.manual_seed(7)
    answers = {}
    with open(os.path.join(folder, "cases.json")) as f:
        cases = json.load(f)
    for case in cases:
        spec, path = case["spec"], os.path.join(folder, case["name"])
        n, size = case["images"], spec["input_size"]
        x = torch.from_numpy(np.sin(0.37 * np.arange(n * 3 * size * size))).reshape(n, 3, size, size)
        y = torch.arange(n) % spec["classes"]

        net = ResNet(spec).double()
        tensors = load_file(path + ".skipscope.safetensors")
        net.load_state_dict({k: v for k, v in tensors.items() if not k.startswith("optimizer.")}, strict=True)
        optimizer = torch.optim.SGD(net.parameters(), lr=0.05, momentum=0.9)
        for name, p in net.named_parameters():
            optimizer.state[p]["momentum_buffer"] = tensors["optimizer.momentum." + name].double()
        loaded = logits(net, x)
        train_step(net, optimizer, x, y)
        continued = logits(net, x)

        net = ResNet(spec)
        train_step(net, torch.optim.SGD(net.parameters(), lr=0.05, momentum=0.9), x.float(), y)
        net.to(DTYPES[case["dtype"]])
        save_file(net.state_dict(), path + ".torch.safetensors")
        answers[case["name"]] = {"loaded": loaded, "continued": continued, "saved": logits(net.double(), x)}
    with open(os.path.join(folder, "answers.json"), "w") as f:
        json.dump(answers, f)


main(sys.argv[1])
