"""What one sentence tells: script, odd characters, digits, tags; and cleaning what can be cleaned."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter

from ..text import SPACELESS, normalise
from .scripts import script_of

TAGS = re.compile(
    r"<[^<>]*>|\[[^\[\]]*\]|\{[^{}]*\}|\([^()]*\)|（[^（）]*）|【[^【】]*】|&(?:[a-zA-Z]{2,8}|#\d{1,6});|\*[^\s*][^*]*\*"
    r"|[<>\[\]{}()（）【】]"
)
MOST_FOREIGN = 0.5  # share of letters
SEEN_IN_TEXT = frozenset("№°+−×÷±<>`´\u200c\u200d\u200e\u200f\u061c\u2060")
ODD = frozenset("@#\\_|=~^*§¶†‡•")
ODD_CATEGORIES = frozenset({"So", "Sk", "Sm", "Co", "Cn", "Cc", "Cf", "Cs", "Zl", "Zp"})
LOOK_ALIKE = frozenset({"LATIN", "CYRILLIC", "GREEK"})  # their letters are mistaken for each other


def faults_of(sentence: str, language: str, scripts: frozenset[str]) -> dict[str, str]:
    """Say what is wrong with a sentence.

    Parameters
    ----------
    sentence
        Text of a clip.
    language
        Its code.
    scripts
        Scripts of the language, from :func:`whisper_helpers.doctor.scripts.scripts_of`.

    Returns
    -------
    dict
        Details by reason: empty_text, tags, digits, wrong_script, odd_characters.

    Examples
    --------
    >>> faults_of("Da sind 3 <noise> ★", "de", frozenset({"LATIN"}))
    {'tags': '<noise>', 'digits': '3', 'odd_characters': '★ (BLACK STAR)'}
    >>> faults_of("नमस्ते दुनिया", "ru", frozenset({"CYRILLIC"}))
    {'wrong_script': '100 % of its letters are DEVANAGARI, not CYRILLIC'}
    """
    found: dict[str, str] = {}
    tags = TAGS.findall(sentence)
    spoken = TAGS.sub(" ", sentence)
    if not normalise(spoken, language) and not tags:
        return {"empty_text": "has no word" if sentence.strip() else "is empty"}
    if tags:
        found["tags"] = " ".join(tags)
    digits = [char for char in mended(spoken) if unicodedata.category(char) in ("Nd", "Nl", "No")]
    if digits:
        found["digits"] = "".join(digits)
    return found | _letters(spoken, language, scripts)


def _letters(spoken: str, language: str, scripts: frozenset[str]) -> dict[str, str]:
    if mended(spoken) != spoken:
        return {"odd_characters": f"UTF-8 read as another encoding; it says {mended(spoken)}"}
    seen = Counter(script for script in map(script_of, spoken) if script)
    foreign = Counter({script: count for script, count in seen.items() if script not in scripts})
    found = {}
    if seen and foreign.total() > MOST_FOREIGN * seen.total():
        most, share = foreign.most_common(1)[0][0], foreign.total() / seen.total()
        found["wrong_script"] = f"{100 * share:.0f} % of its letters are {most}, not {' or '.join(sorted(scripts))}"
    else:
        odd = odd_characters(spoken, language, scripts)
        if odd:
            found["odd_characters"] = ", ".join(f"{each} ({_name(each)})" for each in dict.fromkeys(odd))
    return found


def odd_characters(spoken: str, language: str, scripts: frozenset[str]) -> list[str]:
    """Characters that nobody speaks: symbols, invisible ones, letters of a script that does not belong there.

    Latin words in another script are common and are no fault; a Latin letter inside a Cyrillic or Greek word is.

    Parameters
    ----------
    spoken
        Text without tags.
    language
        Its code.
    scripts
        Scripts of the language.

    Examples
    --------
    >>> odd_characters("Мoсква\u200b", "ru", frozenset({"CYRILLIC"}))  # the first o is Latin
    ['\u200b', 'o']
    """
    odd = [char for char in spoken if _is_odd(char, language, scripts)]
    return odd + [char for word in re.findall(r"[^\W\d_]+", spoken) for char in _disguised(word)]


def _is_odd(char: str, language: str, scripts: frozenset[str]) -> bool:
    category, script = unicodedata.category(char), script_of(char)
    if script:
        return script not in scripts and script != "LATIN"
    if char in SEEN_IN_TEXT or (char.isspace() and category not in ("Zl", "Zp")):
        return False
    if char == "\u200b" and language in SPACELESS:
        return False  # it parts words there
    own = unicodedata.name(char, "").split(" ")[0] in scripts
    return char in ODD or (category in ODD_CATEGORIES and not own)


def _disguised(word: str) -> list[str]:
    seen = Counter(script for script in map(script_of, word) if script in LOOK_ALIKE)
    few = [script for script, count in seen.items() if count < max(seen.values())]
    return [char for char in word if script_of(char) in few]


def mended(text: str) -> str:
    r"""Undo UTF-8 that was read as Latin-1 or Windows' code page; other text stays as it is.

    Parameters
    ----------
    text
        Any text.

    Examples
    --------
    >>> mended("Ð\x94Ð°"), mended("schÃ¶n"), mended("schön")
    ('Да', 'schön', 'schön')
    """
    for encoding in ("cp1252", "latin-1"):
        try:
            return text.encode(encoding).decode("utf-8")
        except UnicodeError:
            continue
    return text


def cleaned(sentence: str, language: str, scripts: frozenset[str]) -> str:
    """Text without tags and without characters that nobody speaks; letters and digits stay.

    Parameters
    ----------
    sentence, language, scripts
        As for :func:`faults_of`.

    Examples
    --------
    >>> cleaned("Ja [laughs], ★ gut", "de", frozenset({"LATIN"}))
    'Ja, gut'
    """
    spoken = mended(TAGS.sub(" ", sentence))
    kept = "".join(char for char in spoken if script_of(char) or not _is_odd(char, language, scripts))
    return re.sub(r"\s+([,.;:!?।])", r"\1", " ".join(kept.split()))


def _name(char: str) -> str:
    return unicodedata.name(char, f"U+{ord(char):04X}")
