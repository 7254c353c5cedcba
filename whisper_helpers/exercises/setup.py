"""Checkers of notebook 01."""

from __future__ import annotations

import math
from typing import Any

from ..audio import FRAMES_PER_SECOND, POSITIONS_PER_SECOND, SAMPLE_RATE
from ..checkpoints.family import FAMILY, Member, member
from .verdict import Verdict, checker

PROBABILITY = 1 / 8  # of the right token, in the question about the loss
SECONDS = 6  # of speech, in the question about states
MEMORY = 6.0  # GB, in the question about training


@checker
def loss(nats: Any) -> Verdict:
    """Check the cross-entropy of a token that was given a probability of one eighth.

    Parameters
    ----------
    nats
        The answer, in nats.

    Examples
    --------
    >>> print(loss(-2.079))
    Not yet. Mind the sign: a logarithm of a probability is negative, and the loss is its negative.
    """
    given, right = float(nats), -math.log(PROBABILITY)
    wrong = {
        -right: "Mind the sign: a logarithm of a probability is negative, and the loss is its negative.",
        -math.log2(PROBABILITY): "That is in bits, the logarithm to base 2. PyTorch uses the natural one.",
        -math.log10(PROBABILITY): "That is the logarithm to base 10. PyTorch uses the natural one.",
        1 - PROBABILITY: "Not one minus the probability: minus its logarithm.",
        PROBABILITY: "That is the probability itself; the loss is minus its logarithm.",
    }
    if abs(given - right) < 0.01:
        return Verdict(True, f"-ln(1/8) = {right:.3f} nats: what guessing blindly among eight tokens costs.")
    for number, words in wrong.items():
        if abs(given - number) < 0.01:
            return Verdict(False, words)
    return Verdict(False, "The loss of one token is minus the natural logarithm of the right token's probability.")


@checker
def states(number: Any) -> Verdict:
    """Check how many encoder states describe six seconds of speech.

    Parameters
    ----------
    number
        The answer.

    Examples
    --------
    >>> print(states(600))
    Not yet. Those are log-mel frames of 10 ms; the encoder's second convolution takes two of them together.
    """
    given = float(number)
    wrong = {
        FRAMES_PER_SECOND * SECONDS: "Those are log-mel frames of 10 ms; the encoder's second convolution takes two of "
        "them together.",
        SAMPLE_RATE * SECONDS: "Those are samples. The encoder's states are 20 ms apart.",
        1500: "That is the whole window of 30 s, padding included. How many of them cover 6 s?",
    }
    if given == POSITIONS_PER_SECOND * SECONDS:
        return Verdict(True, "6 s at 50 states a second; the other 1,200 of the window describe silence.")
    return Verdict(False, wrong.get(given, "A state stands for 20 ms. How many of these are there in 6 s?"))


@checker
def largest_that_fits(name: Any) -> Verdict:
    """Check the choice of the largest multilingual checkpoint that can be trained in float32 in 6 GB.

    Parameters
    ----------
    name
        Name of a member of the family.

    Examples
    --------
    >>> print(largest_that_fits("tiny"))
    Not yet. whisper-tiny fits with 0.6 GB, but a larger one does too.
    """
    try:
        chosen = member(str(name))
    except KeyError:
        names = ", ".join(_short(each) for each in FAMILY)
        return Verdict(False, f"{name!r} is none of the family: {names}.")
    fitting = [each for each in FAMILY if each.multilingual and each.training_gigabytes <= MEMORY]
    best, needs = max(fitting, key=lambda each: each.parameters), f"{chosen.training_gigabytes:.1f} GB"
    if chosen == best:
        return Verdict(True, f"{_short(chosen)} needs {needs} before activations, and the next size does not fit.")
    if not chosen.multilingual:
        return Verdict(False, f"{_short(chosen)} knows only English.")
    if chosen in fitting:
        return Verdict(False, f"{_short(chosen)} fits with {needs}, but a larger one does too.")
    weights = f"{chosen.weights_gigabytes(32):.1f} GB"
    return Verdict(False, f"{_short(chosen)} needs {needs}: its weights of {weights}, their gradients, two moments.")


def _short(each: Member) -> str:
    return each.name.split("/")[1]
