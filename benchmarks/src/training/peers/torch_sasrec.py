"""SASRec in PyTorch, two ways, timed on batches that the benchmark prepared.

    python torch_sasrec.py plain|tuned FOLDER

FOLDER holds task.json and batches.i32 (see write-task.ts). After a line {"ready": ...} on standard output it answers
each line {"run": k} with {"stepMs": [...], "losses": [...], "peakBytes": n} and ends when standard input does. A step is
forward, backward and optimiser on tensors that are there; making them from the packed batch is not timed.
"""

import array
import json
import pathlib
import resource
import sys
import time

import torch
import torch.nn.functional as F
from torch import nn


class PlainBlock(nn.Module):
    """As most public code: nn.MultiheadAttention with its defaults, and convolutions of width 1."""

    def __init__(self, dim, heads, wide, dropout):
        super().__init__()
        self.attention_norm = nn.LayerNorm(dim, eps=1e-8)
        self.attention = nn.MultiheadAttention(dim, heads, dropout)
        self.forward_norm = nn.LayerNorm(dim, eps=1e-8)
        self.first = nn.Conv1d(dim, wide, kernel_size=1)
        self.first_dropout = nn.Dropout(dropout)
        self.second = nn.Conv1d(wide, dim, kernel_size=1)
        self.second_dropout = nn.Dropout(dropout)

    def forward(self, x, mask):
        z = self.attention_norm(x).transpose(0, 1)  # [L, B, D]
        attended, _ = self.attention(z, z, z, attn_mask=mask)
        x = x + attended.transpose(0, 1)
        z = self.forward_norm(x).transpose(1, 2)  # [B, D, L]
        z = self.first_dropout(F.relu(self.first(z)))
        return x + self.second_dropout(self.second(z)).transpose(1, 2)


class TunedBlock(nn.Module):
    """One product for query, key and value, and the fused attention kernel, which on the CPU takes no dropout."""

    def __init__(self, dim, heads, wide, dropout):
        super().__init__()
        self.heads, self.dropout = heads, dropout
        self.attention_norm = nn.LayerNorm(dim)
        self.qkv = nn.Linear(dim, 3 * dim)
        self.out = nn.Linear(dim, dim)
        self.forward_norm = nn.LayerNorm(dim)
        self.first = nn.Linear(dim, wide)
        self.second = nn.Linear(wide, dim)

    def forward(self, x):
        rows, length, dim = x.shape
        qkv = self.qkv(self.attention_norm(x)).view(rows, length, 3, self.heads, dim // self.heads)
        q, k, v = qkv.permute(2, 0, 3, 1, 4)  # each [B, H, L, D / H]
        attended = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        attended = self.out(attended.transpose(1, 2).reshape(rows, length, dim))
        x = x + F.dropout(attended, self.dropout, inplace=True)
        z = F.dropout(F.relu(self.first(self.forward_norm(x)), inplace=True), self.dropout)
        return x + F.dropout(self.second(z), self.dropout, inplace=True)


class Sasrec(nn.Module):
    def __init__(self, task, is_plain):
        super().__init__()
        encoder = task["encoder"]
        dim, dropout = encoder["dim"], encoder["dropout"]
        assert encoder["block"] == "sasrec" and encoder["activation"] == "relu"
        shape = (dim, encoder["numHeads"], encoder["feedForwardDim"], dropout)
        block = PlainBlock if is_plain else TunedBlock
        self.is_plain, self.scale, self.dropout = is_plain, dim**0.5, dropout
        self.items = nn.Embedding(task["numItems"] + 1, dim, padding_idx=0)
        self.positions = nn.Embedding(encoder["maxLength"], dim)
        self.blocks = nn.ModuleList([block(*shape) for _ in range(encoder["numBlocks"])])
        self.norm = nn.LayerNorm(dim)
        for parameter in self.parameters():
            if parameter.dim() > 1:
                nn.init.xavier_normal_(parameter)
        with torch.no_grad():
            self.items.weight[0] = 0

    def forward(self, tokens):
        """Takes item rows [B, L], 0 for padding, and returns hidden states [B, L, D]."""
        length = tokens.shape[1]
        x = self.items(tokens) * self.scale + self.positions(torch.arange(length))
        x = F.dropout(x, self.dropout)
        if self.is_plain:
            mask = ~torch.tril(torch.ones((length, length), dtype=torch.bool))
            for block in self.blocks:
                x = block(x, mask)
        else:
            for block in self.blocks:
                x = block(x)
        return self.norm(x)


def pad(values, offsets, length, is_left):
    """Returns [B, length] with the packed values of each sequence at one end and zeros elsewhere."""
    padded = torch.zeros((len(offsets) - 1, length), dtype=torch.long)
    for row, (start, end) in enumerate(zip(offsets, offsets[1:])):
        count = end - start
        if is_left:
            padded[row, length - count :] = values[start:end]
        else:
            padded[row, :count] = values[start:end]
    return padded


def make_tensors(batch, task, is_plain):
    """Returns what a step takes. The plain way pads on the left to the longest history that is allowed."""
    offsets, tokens, targets, negatives = batch
    longest = max(end - start for start, end in zip(offsets, offsets[1:]))
    length = task["encoder"]["maxLength"] if is_plain else longest
    tensors = {"tokens": pad(tokens, offsets, length, is_plain), "targets": targets.long()}
    tensors["valid"] = tensors["tokens"].flatten().nonzero()[:, 0]
    tensors["negatives"] = negatives.long()
    if task["loss"] == "bce" and is_plain:
        tensors["targets"] = pad(targets, offsets, length, True)
        tensors["negatives"] = pad(negatives, offsets, length, True)
    if task["loss"] == "sampled-softmax":
        # A negative that is the target itself does not count: added to the logits, so it costs the step nothing.
        same = tensors["targets"][:, None] == tensors["negatives"][None, :]
        tensors["excluded"] = torch.zeros(same.shape).masked_fill_(same, -torch.inf)
        tensors["classes"] = torch.zeros(len(tensors["targets"]), dtype=torch.long)
    if task["loss"] == "softmax":
        tensors["targets"] -= 1
    return tensors


def compute_loss(model, tensors, loss):
    hidden = model(tensors["tokens"])
    items = model.items
    valid, targets, negatives = tensors["valid"], tensors["targets"], tensors["negatives"]
    if loss == "bce" and model.is_plain:
        positive = (hidden * items(targets)).sum(-1).flatten()[valid]
        negative = (hidden * items(negatives)).sum(-1).flatten()[valid]
        yes, no = torch.ones_like(positive), torch.zeros_like(negative)
        entropy = F.binary_cross_entropy_with_logits
        return (entropy(positive, yes) + entropy(negative, no)) / 2
    hidden = hidden.flatten(0, 1)[valid]  # [T, D]
    if loss == "bce":
        positive = (hidden * items(targets)).sum(-1)
        negative = (hidden * items(negatives)).sum(-1)
        return (F.softplus(-positive).mean() + F.softplus(negative).mean()) / 2
    if loss == "sampled-softmax":
        positive = (hidden * items(targets)).sum(-1, keepdim=True)
        negative = torch.addmm(tensors["excluded"], hidden, items(negatives).T)
        return F.cross_entropy(torch.cat([positive, negative], 1), tensors["classes"])
    return F.cross_entropy(hidden @ items.weight[1:].T, targets)


def read_batches(folder, task):
    numbers = array.array("i")
    with open(folder / "batches.i32", "rb") as file:
        numbers.frombytes(file.read())
    every = torch.frombuffer(numbers, dtype=torch.int32)
    batches, at = [], 0
    for size in task["batches"]:
        parts = []
        counts = (size["numSequences"] + 1, size["numTokens"], size["numTokens"], size["numNegatives"])
        for count in counts:
            parts.append(every[at : at + count] if count > 0 else torch.zeros(0, dtype=torch.int32))
            at += count
        batches.append((parts[0].tolist(), *parts[1:]))
    assert at == len(numbers)
    return batches


def peak_bytes():
    try:
        with open("/proc/self/status") as status:
            line = next(line for line in status if line.startswith("VmHWM"))
        return int(line.split()[1]) * 1024
    except OSError:
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return peak if sys.platform == "darwin" else peak * 1024


def main():
    way, folder = sys.argv[1], pathlib.Path(sys.argv[2])
    task = json.loads((folder / "task.json").read_text())
    torch.set_num_threads(task["numThreads"])
    torch.manual_seed(task["seed"])
    is_plain = way == "plain"
    model = Sasrec(task, is_plain)
    model.train()
    options = {} if is_plain else {"fused": True}
    optimiser = torch.optim.Adam(
        model.parameters(), lr=task["learningRate"], betas=(0.9, 0.98), **options
    )
    batches = read_batches(folder, task)
    say({"ready": f"torch {torch.__version__} {way}"})
    step = 0
    for line in sys.stdin:
        step_ms, losses = [], []
        for _ in range(json.loads(line)["run"]):
            tensors = make_tensors(batches[step % len(batches)], task, is_plain)
            start = time.perf_counter()
            loss = compute_loss(model, tensors, task["loss"])
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            losses.append(loss.item())
            step_ms.append((time.perf_counter() - start) * 1000)
            step += 1
        say({"stepMs": step_ms, "losses": losses, "peakBytes": peak_bytes()})


def say(answer):
    print(json.dumps(answer), flush=True)


main()
