"""How labels go wrong: the noise channel, estimated from rows a model is sure of, and inverted row by row."""

from __future__ import annotations

import numpy as np

# The surest fifth of the rows a class is predicted for: there the model's own confusion is least.
SUREST = 0.8
# Errors of labels are as frequent among surer rows still, errors of the model are not.
SURER = (0.9, 0.95, 0.98)
ONE_SIDED = 1.645
ITERATIONS = 10
BLOCK = 8192
ERROR_PRIORS = (1, 3, 10, 30, 100, 300, 1000, 3000)
TURN_PRIORS = (0.3, 1, 3, 10, 30, 100, 300, 1000, 3000)


def estimate_channel(labels: np.ndarray, probabilities: np.ndarray) -> tuple[np.ndarray, float]:
    """The probability that a row of class i (rows) is labelled j (columns), and how far the model is to be believed.

    Labels are counted among the rows for which a class is predicted most surely. How often a class goes wrong is shrunk
    towards the mean of all classes, and which label it gets instead towards an even spread, each by as much as makes
    the counts most likely (empirical Bayes): with few errors or errors at random there is one rate, with systematic
    errors each pair of classes has its own. Where labels disagree less and less with the model the surer it is, part of
    the disagreement is the model's own error; all rates are lowered to what is left among the surest.

    Parameters
    ----------
    labels : ndarray of int, shape (N,)
        0 to K - 1.
    probabilities : ndarray of float, shape (N, K)
        Calibrated, of models that have not seen the row.

    Returns
    -------
    ndarray of float64, shape (K, K)
        Rows sum to 1.
    float
        Which part of the disagreement of sure rows is the labels' and not the model's own error, 0..1.

    References
    ----------
    Patrini et al. (2017), "Making deep neural networks robust to label noise: a loss correction approach", section 4.1,
    for counting at the surest rows; Minka (2000), "Estimating a Dirichlet distribution", section 3, for the evidence of
    a Dirichlet-multinomial; Northcutt, Jiang and Chuang (2021), JAIR 70, for the joint of given and true labels.
    """
    counts = sure_counts(labels, probabilities, SUREST)
    total, right = counts.sum(axis=1), counts.diagonal()
    wrong = total - right
    rate = (wrong.sum() + 0.5) / (total.sum() + 1)
    size = max(ERROR_PRIORS, key=lambda s: _beta_evidence(wrong, right, rate * s, (1 - rate) * s))
    believed = _share_of_noise(labels, probabilities, rate)
    errors = (wrong + rate * size) / (total + size) * believed
    turned = counts - np.diag(right)
    others = max(len(counts) - 1, 1)
    size = max(TURN_PRIORS, key=lambda s: _turn_evidence(turned, wrong, s))
    spread = (turned + size / others) / (wrong + size)[:, None]
    np.fill_diagonal(spread, 0)
    channel = spread * errors[:, None]
    np.fill_diagonal(channel, 1 - errors)
    return channel, believed


def clean_probabilities(probabilities: np.ndarray, channel: np.ndarray, iterations: int = ITERATIONS) -> np.ndarray:
    """The probabilities of the true classes whose noisy labels would be distributed as ``probabilities`` say.

    Parameters
    ----------
    probabilities : ndarray of float, shape (N, K)
        Of the labels as they are given.
    channel : ndarray of float, shape (K, K)
        ``estimate_channel``'s.
    iterations : int, default 10

    Returns
    -------
    ndarray of float64, shape (N, K)

    References
    ----------
    Richardson (1972) and Lucy (1974): expectation maximisation for a known mixing matrix; Dempster, Laird and Rubin
    (1977), JRSS B 39.

    Examples
    --------
    >>> channel = np.array([[0.8, 0.2], [0.0, 1.0]])
    >>> clean_probabilities(np.array([[0.8, 0.2]]), channel, 100).round(2).tolist()
    [[1.0, 0.0]]
    """
    out = np.empty(probabilities.shape)
    for start in range(0, len(out), BLOCK):
        said = probabilities[start : start + BLOCK]
        clean = said.astype(np.float64)
        for _ in range(iterations):
            clean = clean * ((said / np.maximum(clean @ channel, 1e-12)) @ channel.T)
            clean /= np.maximum(clean.sum(axis=1, keepdims=True), 1e-300)
        out[start : start + BLOCK] = clean
    return out


def true_class(clean: np.ndarray, channel: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """The posterior of the true class once the label is known, float64 (N, K)."""
    joint = clean * channel[:, labels].T
    return joint / np.maximum(joint.sum(axis=1, keepdims=True), 1e-300)


def sure_counts(labels: np.ndarray, probabilities: np.ndarray, quantile: float) -> np.ndarray:
    """Labels (columns) of the rows most surely predicted as each class (rows), those above a quantile of each."""
    classes = probabilities.shape[1]
    best = probabilities.argmax(axis=1)
    counts = np.zeros((classes, classes))
    for k in range(classes):
        rows = np.flatnonzero(best == k)
        if len(rows):
            sure = probabilities[rows, k]
            counts[k] = np.bincount(labels[rows[sure >= np.quantile(sure, quantile)]], minlength=classes)
    return counts


def _share_of_noise(labels: np.ndarray, probabilities: np.ndarray, rate: float) -> float:
    """What part of the disagreement ``rate`` remains among the surest rows, at most (one-sided, 95%)."""
    least = rate
    for quantile in SURER:
        counts = sure_counts(labels, probabilities, quantile)
        n, wrong = counts.sum(), counts.sum() - np.trace(counts)
        share = (wrong + 0.5) / (n + 1)
        least = min(least, share + ONE_SIDED * np.sqrt(share * (1 - share) / (n + 1)))
    return float(least / rate)


def _beta_evidence(wrong: np.ndarray, right: np.ndarray, a: float, b: float) -> float:
    from scipy.special import betaln

    return float((betaln(wrong + a, right + b) - betaln(a, b)).sum())


def _turn_evidence(turned: np.ndarray, wrong: np.ndarray, size: float) -> float:
    from scipy.special import gammaln

    each = size / max(len(turned) - 1, 1)
    off = ~np.eye(len(turned), dtype=bool)
    return float((gammaln(turned[off] + each) - gammaln(each)).sum() + (gammaln(size) - gammaln(wrong + size)).sum())
