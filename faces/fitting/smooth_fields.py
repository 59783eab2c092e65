"""Smooth fields over a sheet of triangles from values at some of its vertices.

A field minimises bending energy plus a little tension (a thin plate under tension), discretised with cotangent weights (Pinkall
and Polthier 1993; Botsch and Kobbelt 2004). A cut in the sheet is respected: what moves the lower lip does not pull the upper.
"""

from __future__ import annotations

import numpy as np
from scipy import sparse
from scipy.sparse.linalg import splu

from core.contracts import FloatArray
from faces.fitting.head_mesh import IntArray


def cotangent_laplacian(places: FloatArray, triangles: IntArray) -> tuple[sparse.csr_matrix, FloatArray]:
    """Positive semi-definite Laplacian (V, V) and the area (V,) of each vertex, for 2D places (V, 2)."""
    count = len(places)
    corners = [places[triangles[:, k]].astype(np.float64) for k in range(3)]
    first, second = corners[1] - corners[0], corners[2] - corners[0]
    area = np.maximum(np.abs(first[:, 0] * second[:, 1] - first[:, 1] * second[:, 0]) / 2, 1e-3)
    rows, columns, values = [], [], []
    for k in range(3):
        a, b = corners[(k + 1) % 3] - corners[k], corners[(k + 2) % 3] - corners[k]
        weight = np.clip((a * b).sum(1) / (4 * area), 1e-3, 20.0)
        i, j = triangles[:, (k + 1) % 3], triangles[:, (k + 2) % 3]
        rows += [i, j, i, j]
        columns += [j, i, i, j]
        values += [-weight, -weight, weight, weight]
    laplacian = sparse.csr_matrix((np.concatenate(values), (np.concatenate(rows), np.concatenate(columns))), (count, count))
    mass = np.bincount(triangles.ravel(), np.repeat(area / 3, 3), minlength=count)
    return laplacian, np.maximum(mass, 1e-3).astype(np.float32)


def interpolate(
    places: FloatArray, triangles: IntArray, handles: IntArray, values: FloatArray, tension_length: float
) -> FloatArray:
    """Fields (V, F) that take `values` (N, F) at the vertices `handles` (N,) and are smooth elsewhere.

    tension_length: pixels; features longer than this are drawn straight like a membrane, shorter ones bend like a plate.
    """
    laplacian, mass = cotangent_laplacian(places, triangles)
    energy = laplacian @ sparse.diags(1 / mass) @ laplacian + laplacian / tension_length**2
    free = np.setdiff1d(np.arange(len(places)), handles)
    energy = energy.tocsc()
    solver = splu(energy[free][:, free].tocsc() + sparse.identity(len(free), format="csc") * 1e-9)
    fields = np.zeros((len(places), values.shape[1]))
    fields[handles] = values
    fields[free] = solver.solve(-(energy[free][:, handles] @ values.astype(np.float64)))
    return fields.astype(np.float32)
