"""The alignment matrix and the path through it, in NumPy: what src/engine/align must give.

The method of openai/whisper, timing.py, written again from its description in the plainest form.
make_golden.py checks that it finds the same path as the original on real recordings.
"""

import numpy as np

PREPENDED = "\"'“¿([{-"
APPENDED = "\"'.。,，!！?？:：”)]}、"


def median_filter(x, width=7):
    """Median of `width` neighbours along the last axis, the ends reflected without the edge."""
    pad = width // 2
    if x.shape[-1] <= pad:
        return x
    padded = np.pad(x, [(0, 0)] * (x.ndim - 1) + [(pad, pad)], mode="reflect")
    windows = np.lib.stride_tricks.sliding_window_view(padded, width, axis=-1)
    return np.sort(windows, axis=-1)[..., pad]


def alignment_matrix(weights, row_begin=0, row_end=None):
    """[heads, rows, frames] -> [row_end - row_begin, frames]: how well a row fits a frame."""
    mean = weights.mean(axis=1, keepdims=True)
    std = weights.std(axis=1, keepdims=True)
    with np.errstate(divide="ignore", invalid="ignore"):
        normalised = np.where(std > 0, (weights - mean) / std, 0)
    return median_filter(normalised).mean(axis=0)[row_begin:row_end]


def dtw(cost):
    """The cheapest path through [rows, frames]: two lists, rows and frames."""
    rows, frames = cost.shape
    total = np.full((rows + 1, frames + 1), np.inf)
    total[0, 0] = 0
    step = np.zeros((rows + 1, frames + 1), dtype=int)
    for j in range(1, frames + 1):
        for i in range(1, rows + 1):
            diagonal, up, left = total[i - 1, j - 1], total[i - 1, j], total[i, j - 1]
            if diagonal < up and diagonal < left:
                best, step[i, j] = diagonal, 0
            elif up < diagonal and up < left:
                best, step[i, j] = up, 1
            else:
                best, step[i, j] = left, 2
            total[i, j] = cost[i - 1, j - 1] + best
    step[0, :] = 2
    step[:, 0] = 1
    return _trace(step, rows, frames)


def _trace(step, i, j):
    path = []
    while i > 0 or j > 0:
        path.append((i - 1, j - 1))
        move = step[i, j]
        i -= move != 2
        j -= move != 1
    path.reverse()
    return np.array([p[0] for p in path]), np.array([p[1] for p in path])
