"""A language that Whisper does not know is trained under the token of one that it knows: which one, measured."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from .audio import WINDOW_SECONDS
from .checkpoints import open_checkpoint
from .collate import DataCollatorSpeechSeq2SeqWithPadding
from .corpus import open_corpus
from .corpus.columns import STANDS_IN
from .doctor import usable_clips
from .doctor.scripts import scripts_by_language, scripts_of
from .errors import BadInput
from .evaluation import generate
from .metrics import score
from .tokens import MAX_LABELS, language_code, language_name
from .window import follow_window

if TYPE_CHECKING:
    from datasets import Dataset
    from transformers import WhisperForConditionalGeneration, WhisperProcessor

SAMPLE = 20  # clips
BATCH = 10
NEAREST = 4  # languages in the corpus's script, and as many in any script, that are tried
USELESS = 100.0  # percent of the characters: writing nothing at all scores as well
ROOM = 3  # times the longest label that a transcript may be: a loop is bad enough after that
Announce = Callable[[str], None]


@dataclass(frozen=True)
class Proxy:
    """A candidate language.

    Parameters
    ----------
    code, name
        Whisper's code and its English name.
    cer
        Character error rate of the untuned model on the sample, in percent, normalised.
    tokens_per_word
        Tokens that the model writes under this token, for each word of the references.
    heard
        Mean probability that the model hears this language in the sample.
    """

    code: str
    name: str
    cer: float
    tokens_per_word: float
    heard: float


@dataclass(frozen=True)
class Ranking:
    """Candidates, the best one first, and the tokens a word that the corpus's own text needs."""

    proxies: tuple[Proxy, ...]
    tokens_per_word: float
    clips: int

    def __str__(self) -> str:
        """Tell the ranking and how to use it."""
        lines = [f"{'code':6}{'language':22}{'CER %':>8}{'tokens a word':>15}{'heard':>8}"]
        lines += [
            f"{each.code:6}{each.name:22}{each.cer:8.1f}{each.tokens_per_word:15.1f}{each.heard:8.0%}"
            for each in self.proxies
        ]
        best = self.proxies[0]
        lines += [
            f"{self.clips} clips, model not tuned. The text itself takes {self.tokens_per_word:.1f} tokens a word.",
            _verdict(self.proxies),
            f"Train with: whisper-helpers finetune --corpus CORPUS --language YOURS --proxy {best.code}",
            f"The tuned model is then asked for {best.name} (--language {best.code}) and writes your language.",
        ]
        return "\n".join(lines)


def _verdict(proxies: Sequence[Proxy]) -> str:
    best = proxies[0]
    if best.cer < USELESS:
        return f"Best is {best.name}."
    fewest = min(proxies, key=lambda each: each.tokens_per_word)
    return (
        f"No token is good: even under {best.name} the model gets as many characters wrong as there are, so that the "
        f"order says little. Expect to train from scratch, on hours of speech. {best.name} is first; {fewest.name} "
        "writes fewest tokens, which is fastest. A language of the same script or family is as good a choice."
    )


def rank_proxies(
    corpus: str,
    *,
    model: str = "openai/whisper-base",
    candidates: Sequence[str] = (),
    clips: int = SAMPLE,
    seed: int = 0,
    announce: Announce = print,
    **columns: Any,
) -> Ranking:
    """Rank languages that Whisper knows by how well their token serves a corpus in one that it does not know.

    Parameters
    ----------
    corpus
        As :func:`whisper_helpers.corpus.open_corpus` takes it; what it says about its language is not asked.
    model
        Checkpoint, multilingual.
    candidates
        Codes or names to try. By default the languages that the model hears most, some in the corpus's script and
        some in any.
    clips
        Clips of train that are transcribed with each candidate.
    seed
        Chooses the sample.
    announce
        Takes each line for the user.
    **columns
        Further choices of :func:`~whisper_helpers.corpus.open_corpus`.

    Raises
    ------
    BadInput
        If the corpus or the checkpoint cannot be used, or a candidate is not known.
    """
    codes = [language_code(each) for each in dict.fromkeys(candidates)]
    if clips < 1:
        raise BadInput(f"The sample has {clips} clips", "It must be above 0", f"Try {SAMPLE}")
    opened = open_corpus(
        corpus, "en", seed=seed, limit_train=clips, limit_test=1, announce=lambda line: None, **columns
    )
    whisper, processor = open_checkpoint(model, announce=announce)
    if not whisper.generation_config.is_multilingual:
        raise BadInput(f"{model} knows English only", "Needed is a multilingual checkpoint", "Try openai/whisper-base")
    opened.pop("test"), opened.pop("validation")
    sample = usable_clips(opened, processor.tokenizer, progress=False, announce=announce)[0]["train"]
    features = _features(sample, processor)
    follow_window(whisper)
    heard = _heard(whisper, features)
    codes = codes or _candidates(heard, sample["sentence"])
    announce(f"Trying {', '.join(codes)} on {len(sample)} clips.")
    return _rank(whisper, processor, sample["sentence"], features, {code: heard[code] for code in codes}, announce)


def _features(sample: Dataset, processor: WhisperProcessor) -> list[Any]:
    collate = DataCollatorSpeechSeq2SeqWithPadding(processor, WINDOW_SECONDS)
    batches = [range(start, min(start + BATCH, len(sample))) for start in range(0, len(sample), BATCH)]
    return [collate([sample[number] for number in batch])["input_features"] for batch in batches]


def _heard(model: WhisperForConditionalGeneration, features: Sequence[Any]) -> dict[str, float]:
    """Mean probability of each language, as the model hears it after its start token."""
    import torch

    tokens = {token.strip("<|>"): number for token, number in model.generation_config.lang_to_id.items()}
    starts = [torch.full((len(each), 1), model.generation_config.decoder_start_token_id) for each in features]
    with torch.inference_mode():
        pairs = zip(features, starts, strict=True)
        logits = torch.cat([model(input_features=each, decoder_input_ids=start).logits[:, -1] for each, start in pairs])
    shares = logits[:, list(tokens.values())].softmax(dim=-1).mean(dim=0).tolist()
    return dict(zip(tokens, shares, strict=True))


def _candidates(heard: dict[str, float], sentences: Sequence[str]) -> list[str]:
    ranked = sorted(heard, key=heard.__getitem__, reverse=True)
    script = scripts_by_language(sentences, [""] * len(sentences))[""]
    written = [code for code in ranked if script & scripts_of(code, [])]
    return list(dict.fromkeys([*written[:NEAREST], *ranked[:NEAREST]]))


def _rank(
    model: WhisperForConditionalGeneration,
    processor: WhisperProcessor,
    sentences: Sequence[str],
    features: Sequence[Any],
    heard: dict[str, float],
    announce: Announce,
) -> Ranking:
    tokenizer = processor.tokenizer
    lengths = [len(tokenizer(each, add_special_tokens=False).input_ids) for each in sentences]
    words = sum(len(each.split()) for each in sentences)
    model.generation_config.max_length = min(MAX_LABELS, ROOM * max(lengths) + 4)
    proxies = []
    for code, share in heard.items():
        texts = [text for each in features for text in generate(model, processor, each, [code] * len(each))]
        written = sum(len(tokenizer(each, add_special_tokens=False).input_ids) for each in texts)
        cer = score(list(sentences), texts).cer
        proxies.append(Proxy(code, language_name(code), float(cer), written / words, share))
        announce(f"{code}: CER {cer:.1f} %, for instance: {texts[0].strip()[:80]}")
    own = float(np.sum(lengths)) / words
    ranked = sorted(proxies, key=lambda each: (each.cer, each.tokens_per_word))
    return Ranking(tuple(ranked), own, len(sentences))


def spoken_language(language: str | None, proxy: str | None) -> str | None:
    """Code under which a language is trained.

    Parameters
    ----------
    language
        What the user speaks; with a proxy it may be one that Whisper does not know.
    proxy
        A language that Whisper knows, whose token stands for it.

    Raises
    ------
    BadInput
        If Whisper does not know the language and no proxy is given.

    Examples
    --------
    >>> spoken_language("Hindi", None), spoken_language("cv", "tt"), spoken_language(None, None)
    ('hi', 'tt', None)
    """
    if proxy:
        return language_code(proxy)
    try:
        return language and language_code(language)
    except BadInput as error:
        raise BadInput(f"{error} {STANDS_IN}", "", "Then add --proxy CODE") from error
