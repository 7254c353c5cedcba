"""The command with its weights shared out over processes on CPUs, which accelerate offers on GPUs only.

The second process writes shorter transcripts in validation, where processes that do not wait for each other would hang.
"""

from __future__ import annotations

import os
import sys
from typing import Any

from accelerate import PartialState
from accelerate.utils import DistributedType
from transformers import Seq2SeqTrainer

from whisper_helpers.cli import main

LENGTHS = (24, 12)  # tokens, by process
connect, predict = PartialState.__init__, Seq2SeqTrainer.prediction_step


def as_on_gpus(self: PartialState, *args: Any, **kwargs: Any) -> None:
    """Call the processes what accelerate looks for."""
    connect(self, *args, **kwargs)
    if self.distributed_type == DistributedType.MULTI_CPU:
        self.distributed_type = DistributedType.MULTI_GPU


def of_its_own_length(self: Seq2SeqTrainer, *args: Any, **kwargs: Any) -> Any:
    """Predict with this process's length."""
    self.model.generation_config.max_length = LENGTHS[int(os.environ["RANK"])]
    predicted = predict(self, *args, **kwargs)
    self.model.generation_config.max_length = LENGTHS[0]
    return predicted


if __name__ == "__main__":
    PartialState.__init__, Seq2SeqTrainer.prediction_step = as_on_gpus, of_its_own_length
    sys.exit(main())
