"""Least squares with errors that are robust to clusters."""

from dataclasses import dataclass

import numpy as np

from wildframe.core.arrays import Floats, Integers
from wildframe.core.statistics import CONFIDENCE

_ROUNDING = 1e-9
"""Errors of no more are of a perfect fit: sums of floats."""


@dataclass(frozen=True, slots=True)
class Coefficients:
    """Coefficients of a linear model; arrays of shape (regressors,)."""

    value: Floats
    low: Floats
    high: Floats
    """Ends of the interval; NaN where there is none."""
    p_value: Floats
    """Two-sided, that the coefficient is 0; NaN likewise."""


def least_squares(regressors: Floats, outcome: Floats, cluster: Integers) -> Coefficients:
    """Fit a linear model; trials of one cluster may depend on each other in any way.

    The covariance is the sandwich over clusters with the usual small-sample factor (CR1), and
    Student's t has as many degrees of freedom as clusters less one. There is no interval with as
    few clusters as regressors, nor where the fit is perfect. Of collinear regressors the
    coefficients of least norm are returned.

    Args:
        regressors: Shape (n, regressors), the constant among them.
        outcome: Shape (n,).
        cluster: Number of each trial's cluster, from 0, shape (n,).
    """
    # statsmodels' cluster-robust OLS returns the same, and takes two seconds to import.
    from scipy.special import stdtr, stdtrit

    n, k = regressors.shape
    inverse = np.linalg.pinv(regressors.T @ regressors, hermitian=True)
    value = inverse @ regressors.T @ outcome
    residual = outcome - regressors @ value
    scores = np.stack([np.bincount(cluster, column * residual) for column in regressors.T], axis=1)
    clusters = len(np.unique(cluster))
    if clusters <= k:
        nothing = np.full(k, np.nan)
        return Coefficients(value, nothing, nothing, nothing)
    factor = clusters / (clusters - 1) * (n - 1) / (n - k)
    error = np.sqrt(np.diag(factor * inverse @ scores.T @ scores @ inverse))
    error = np.where(error > _ROUNDING, error, np.nan)
    half = stdtrit(clusters - 1, (1 + CONFIDENCE) / 2) * error
    p_value = 2 * stdtr(clusters - 1, -np.abs(value / error))
    return Coefficients(value, value - half, value + half, p_value)
