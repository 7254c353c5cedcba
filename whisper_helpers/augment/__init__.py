"""More variety from the same clips: another speed, noise, a room, and SpecAugment.

The effects are for listening and looking; :class:`Augmentation` applies them to the clips of a training.
"""

from .effects import add_noise, add_room, change_speed, mask_spectrogram
from .plan import Augmentation

__all__ = ["Augmentation", "add_noise", "add_room", "change_speed", "mask_spectrogram"]
