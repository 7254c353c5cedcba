"""The page in a browser: a sentence, a microphone, and at once what the recording is worth."""

from __future__ import annotations

from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import BadInput
from .refusal import microphone_notice
from .studio import Studio

if TYPE_CHECKING:
    import gradio as gr

KEPT_SECONDS = 3600  # uploads are deleted once they are older
LAUNCH_SETTINGS: dict[str, Any] = {
    "share": False,  # no public address; on Colab gradio would make one unasked
    "server_name": "127.0.0.1",  # nobody else on the network
    "show_error": True,
    "max_file_size": "50mb",
}
HINT = "Press the microphone, read the sentence aloud, press stop. Every take is saved at once."


def build_recorder(studio: Studio, speaker: str = "") -> gr.Blocks:
    """Build the page: read a sentence, record it, hear it again, see what it is worth, go on.

    Parameters
    ----------
    studio
        Where takes go.
    speaker
        Name to begin with; by default whoever recorded last.

    Returns
    -------
    gradio.Blocks
        Not launched yet; launch it with :data:`LAUNCH_SETTINGS`.
    """
    import gradio as gr

    with gr.Blocks(title="Record a corpus", analytics_enabled=False, delete_cache=(KEPT_SECONDS, KEPT_SECONDS)) as page:
        place, taken = gr.State(0), gr.State((0, ""))
        name = gr.Textbox(speaker, label="Speaker", placeholder="Name or alias", max_lines=1, elem_id="speaker")
        progress = gr.HTML(elem_id="progress")
        sentence = gr.HTML(elem_id="sentence")
        sound = gr.Audio(
            sources=["microphone"],
            type="filepath",
            format=None,
            label="Recording",
            editable=False,
            buttons=[],
            elem_id="recording",
        )
        microphone_notice()
        verdict = gr.HTML(elem_id="verdict")
        with gr.Row():
            buttons = [gr.Button(each, elem_id=each.lower()) for each in ("Back", "Redo", "Skip")]
            buttons.append(gr.Button("Next", variant="primary", elem_id="next"))
        shown, private = [place, progress, sentence, sound, verdict], {"api_visibility": "private"}
        page.load(lambda who: who or studio.last_speaker(), name, name, **private).then(
            lambda who: _show(studio, studio.next_sentence(who), who), name, shown, **private
        )
        name.blur(lambda who: _show(studio, studio.next_sentence(who), who), name, shown, **private)
        # a take belongs to the sentence that was shown when it began, and nobody goes on before it is saved
        sound.start_recording(
            lambda at, who: ((at, who), *_switched(False)), [place, name], [taken, *buttons], **private
        )
        sound.stop_recording(_saving(studio), [sound, taken], [progress, verdict, *buttons], **private)
        sound.clear(lambda: _switched(True), None, buttons, **private)
        for button, move in zip(buttons, _moves(studio), strict=True):
            button.click(_moving(studio, move), [place, name], shown, **private)
    return page


def _moves(studio: Studio) -> list[Any]:
    """Where Back, Redo, Skip and Next lead from a place, for a speaker."""
    count = len(studio.sentences)
    return [
        lambda at, who: (at - 1) % count,
        lambda at, who: at,
        lambda at, who: (at + 1) % count,
        lambda at, who: studio.next_sentence(who, at),
    ]


def _moving(studio: Studio, move: Any) -> Any:
    return lambda at, who: _show(studio, move(at, who), who)


def _switched(on: bool) -> list[gr.Button]:
    import gradio as gr

    return [gr.Button(interactive=on) for _ in range(4)]


def _saving(studio: Studio) -> Any:
    def save(recording: str | None, taken: tuple[int, str]) -> tuple[Any, ...]:
        place, speaker = taken
        try:
            if recording is None:
                raise BadInput("Nothing was recorded", "", "Record again")
            verdict = studio.save(Path(recording), studio.sentences[place], speaker)
        except BadInput as error:
            said = _coloured(str(error), good=False)
        else:
            kept = "Saved." if verdict.usable else "Kept on the disk, but not in the corpus."
            said = _coloured(f"{verdict} {kept}", good=not verdict.faults)
        return _progress(studio, speaker), said, *_switched(True)

    return save


def _show(studio: Studio, place: int, speaker: str) -> tuple[int, str, str, None, str]:
    sentence = studio.sentences[place]
    done = sentence in studio.recorded(speaker)
    again = "Recorded already; another take replaces it in the corpus."
    note = _coloured(again, good=True) if done else f"<p>{HINT}</p>"
    words = f'<p dir="auto" style="font-size:1.8rem;line-height:1.5;margin:.5rem 0">{escape(sentence)}</p>'
    return (
        place,
        _progress(studio, speaker),
        f"<p>Sentence {place + 1} of {len(studio.sentences)}</p>{words}",
        None,
        note,
    )


def _progress(studio: Studio, speaker: str) -> str:
    done, count = len(studio.recorded(speaker) & set(studio.sentences)), len(studio.sentences)
    minutes = sum(float(take.seconds) for take in studio.takes) / 60
    bar = f'<progress aria-label="sentences recorded" value="{done}" max="{count}" style="width:100%"></progress>'
    who = escape(speaker) or "this speaker"
    return f"{bar}<p>{done} of {count} sentences recorded by {who}; {minutes:.1f} min in all</p>"


def _coloured(text: str, good: bool) -> str:
    colour = "#1d7a4c" if good else "#b3261e"
    return f'<p role="status" style="border-left:5px solid {colour};padding-left:.7rem">{escape(text)}</p>'
