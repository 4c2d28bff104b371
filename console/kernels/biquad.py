"""Cascades of second-order sections: the recursion and its adjoint, compiled.

Direct form I in float64. A lane is one channel of one batch item; four lanes run as one SIMD value, each with its
own coefficients. A cascade of S sections keeps S + 1 rows of two past samples: the output history of one section is
the input history of the next. The forward pass stores that history every `BLOCK` samples; the adjoint walks the
blocks backwards and recomputes what lies between.

Scratch rows are flat: sample n of a block stands at (n + 2) * LANES, after two samples of history.
"""

import numpy as np
from numba import njit

from console.kernels.simd import LANES, load, splat, store, transpose

__all__ = ["BLOCK", "cascade_adjoint", "cascade_forward"]

BLOCK = 256


@njit(cache=True, nogil=True, inline="always")
def _is_identity(c):
    """Say whether a section passes all four lanes through: b equals a. c is (5 * LANES,) b0 b1 b2 a1 a2."""
    for k in range(LANES):
        if c[k] != 1.0 or c[LANES + k] != c[3 * LANES + k] or c[2 * LANES + k] != c[4 * LANES + k]:
            return False
    return True


@njit(cache=True, nogil=True)
def _section(x, y, c, length):
    """Run one section: rows x, y of (length + 2) * LANES with history in front; coefficients c."""
    if _is_identity(c):
        y[2 * LANES : (length + 2) * LANES] = x[2 * LANES : (length + 2) * LANES]
        return
    b0, b1, b2 = load(c, 0), load(c, LANES), load(c, 2 * LANES)
    a1, a2 = load(c, 3 * LANES), load(c, 4 * LANES)
    x2, x1 = load(x, 0), load(x, LANES)
    y2, y1 = load(y, 0), load(y, LANES)
    for n in range(2, length + 2):
        x0 = load(x, n * LANES)
        y0 = (b0 * x0 + b1 * x1 + b2 * x2 - a2 * y2) - a1 * y1
        store(y, n * LANES, y0)
        x2, x1 = x1, x0
        y2, y1 = y1, y0


@njit(cache=True, nogil=True)
def _two_sections(x, m, y, c, d, length):
    """Run two sections in a row, x to m to y, in one loop: while one waits for itself, the other works.

    Of the middle row only the history is read and written.
    """
    b0, b1, b2 = load(c, 0), load(c, LANES), load(c, 2 * LANES)
    a1, a2 = load(c, 3 * LANES), load(c, 4 * LANES)
    d0, d1, d2 = load(d, 0), load(d, LANES), load(d, 2 * LANES)
    e1, e2 = load(d, 3 * LANES), load(d, 4 * LANES)
    x2, x1 = load(x, 0), load(x, LANES)
    m2, m1 = load(m, 0), load(m, LANES)
    y2, y1 = load(y, 0), load(y, LANES)
    for n in range(2, length + 2):
        x0 = load(x, n * LANES)
        m0 = (b0 * x0 + b1 * x1 + b2 * x2 - a2 * m2) - a1 * m1
        y0 = (d0 * m0 + d1 * m1 + d2 * m2 - e2 * y2) - e1 * y1
        store(y, n * LANES, y0)
        x2, x1 = x1, x0
        m2, m1 = m1, m0
        y2, y1 = y1, y0
    store(m, length * LANES, m2)
    store(m, (length + 1) * LANES, m1)


@njit(cache=True, nogil=True)
def _section_adjoint(g, x, y, c, following, grad_c, length):
    """Take dL/dy in row g to dL/dx in place and add the coefficient gradients to grad_c.

    following is (2 * LANES,): the two adjoint samples after the block; becomes those at its start.
    """
    b0, b1, b2 = load(c, 0), load(c, LANES), load(c, 2 * LANES)
    a1, a2 = load(c, 3 * LANES), load(c, 4 * LANES)
    u1, u2 = load(following, 0), load(following, LANES)
    zero = splat(0.0)
    s0, s1, s2, r1, r2 = zero, zero, zero, zero, zero
    for n in range(length + 1, 1, -1):
        u0 = (load(g, n * LANES) - a2 * u2) - a1 * u1
        s0 = s0 + u0 * load(x, n * LANES)
        s1 = s1 + u0 * load(x, (n - 1) * LANES)
        s2 = s2 + u0 * load(x, (n - 2) * LANES)
        r1 = r1 + u0 * load(y, (n - 1) * LANES)
        r2 = r2 + u0 * load(y, (n - 2) * LANES)
        store(g, n * LANES, b0 * u0 + b1 * u1 + b2 * u2)
        u2, u1 = u1, u0
    store(following, 0, u1)
    store(following, LANES, u2)
    store(grad_c, 0, load(grad_c, 0) + s0)
    store(grad_c, LANES, load(grad_c, LANES) + s1)
    store(grad_c, 2 * LANES, load(grad_c, 2 * LANES) + s2)
    store(grad_c, 3 * LANES, load(grad_c, 3 * LANES) - r1)
    store(grad_c, 4 * LANES, load(grad_c, 4 * LANES) - r2)


@njit(cache=True, nogil=True)
def _gather(x, first, start, length, row):
    """Copy a block of up to four lanes into a scratch row; lanes beyond the last are silent."""
    flat, samples = x.reshape(-1), x.shape[1]
    used = min(LANES, x.shape[0] - first)
    at = first * samples + start
    whole = length - length % LANES
    silent = splat(0.0)
    for n in range(0, whole, LANES):
        a = load(flat, at + n)
        b = load(flat, at + samples + n) if used > 1 else silent
        c = load(flat, at + 2 * samples + n) if used > 2 else silent
        d = load(flat, at + 3 * samples + n) if used > 3 else silent
        a, b, c, d = transpose(a, b, c, d)
        store(row, (n + 2) * LANES, a)
        store(row, (n + 3) * LANES, b)
        store(row, (n + 4) * LANES, c)
        store(row, (n + 5) * LANES, d)
    for n in range(whole, length):
        for k in range(used):
            row[(n + 2) * LANES + k] = x[first + k, start + n]


@njit(cache=True, nogil=True)
def _scatter(row, first, start, length, y):
    """Copy a scratch row back to its lanes."""
    flat, samples = y.reshape(-1), y.shape[1]
    used = min(LANES, y.shape[0] - first)
    at = first * samples + start
    whole = length - length % LANES
    for n in range(0, whole, LANES):
        a, b = load(row, (n + 2) * LANES), load(row, (n + 3) * LANES)
        c, d = load(row, (n + 4) * LANES), load(row, (n + 5) * LANES)
        a, b, c, d = transpose(a, b, c, d)
        store(flat, at + n, a)
        if used > 1:
            store(flat, at + samples + n, b)
        if used > 2:
            store(flat, at + 2 * samples + n, c)
        if used > 3:
            store(flat, at + 3 * samples + n, d)
    for n in range(whole, length):
        for k in range(used):
            y[first + k, start + n] = row[(n + 2) * LANES + k]


@njit(cache=True, nogil=True)
def _coefficients(sos, first):
    """Return (sections, 5 * LANES) coefficients of four lanes; missing lanes pass through."""
    lanes, sections, _ = sos.shape
    c = np.zeros((sections, 5 * LANES))
    for k in range(LANES):
        lane = min(first + k, lanes - 1)
        for s in range(sections):
            for i in range(5):
                c[s, i * LANES + k] = sos[lane, s, i]
    return c


@njit(cache=True, nogil=True)
def cascade_forward(x, sos, history, y, saved):
    """Filter every lane through its own cascade.

    Args:
        x: (lanes, samples) input, float32 or float64.
        sos: (lanes, sections, 5) b0 b1 b2 a1 a2 with a0 = 1, float64.
        history: (groups, sections + 1, 2 * LANES) float64, groups of four lanes: the last two samples of the input
            and of every section; read at the start, written at the end.
        y: (lanes, samples) output, written.
        saved: (groups, blocks, sections + 1, 2 * LANES) history at every block's start, written; with 0 blocks
            nothing is stored.
    """
    samples = x.shape[1]
    sections = sos.shape[1]
    rows = np.zeros((sections + 1, (BLOCK + 2) * LANES))
    for group in range(history.shape[0]):
        first = group * LANES
        c = _coefficients(sos, first)
        rows[:] = 0.0
        rows[:, : 2 * LANES] = history[group]
        for block in range((samples + BLOCK - 1) // BLOCK):
            start = block * BLOCK
            length = min(BLOCK, samples - start)
            if saved.shape[1] > 0:
                saved[group, block] = rows[:, : 2 * LANES]
            _gather(x, first, start, length, rows[0])
            s = 0
            while s < sections:
                if s + 1 < sections and not _is_identity(c[s]) and not _is_identity(c[s + 1]):
                    _two_sections(rows[s], rows[s + 1], rows[s + 2], c[s], c[s + 1], length)
                    s += 2
                else:
                    _section(rows[s], rows[s + 1], c[s], length)
                    s += 1
            _scatter(rows[sections], first, start, length, y)
            for s in range(sections + 1):
                for k in range(2 * LANES):
                    rows[s, k] = rows[s, length * LANES + k]
        history[group] = rows[:, : 2 * LANES]


@njit(cache=True, nogil=True)
def cascade_adjoint(grad_y, x, sos, saved, grad_x, grad_sos):
    """Take dL/dy to dL/dx and dL/dsos.

    Args:
        grad_y, x: (lanes, samples).
        sos: (lanes, sections, 5) float64.
        saved: what `cascade_forward` stored.
        grad_x: (lanes, samples), written.
        grad_sos: (lanes, sections, 5) float64, written.
    """
    lanes, samples = x.shape
    sections = sos.shape[1]
    rows = np.zeros((sections + 1, (BLOCK + 2) * LANES))
    g = np.zeros((BLOCK + 2) * LANES)
    following = np.zeros((sections, 2 * LANES))
    for group in range(saved.shape[0]):
        first = group * LANES
        c = _coefficients(sos, first)
        grad_c = np.zeros_like(c)
        rows[:] = 0.0
        g[:] = 0.0
        following[:] = 0.0
        for block in range(saved.shape[1] - 1, -1, -1):
            start = block * BLOCK
            length = min(BLOCK, samples - start)
            rows[:, : 2 * LANES] = saved[group, block]
            _gather(x, first, start, length, rows[0])
            _gather(grad_y, first, start, length, g)
            for s in range(sections):
                _section(rows[s], rows[s + 1], c[s], length)
            for s in range(sections - 1, -1, -1):
                _section_adjoint(g, rows[s], rows[s + 1], c[s], following[s], grad_c[s], length)
            _scatter(g, first, start, length, grad_x)
        for k in range(min(LANES, lanes - first)):
            for s in range(sections):
                for i in range(5):
                    grad_sos[first + k, s, i] = grad_c[s, i * LANES + k]
