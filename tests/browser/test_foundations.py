"""The browser itself: its microphone is heard, and what is wrong on a page is seen."""

from __future__ import annotations

from browser.driving import Serve, Visit, barriers

LISTEN = """async () => {
  const stream = await navigator.mediaDevices.getUserMedia({audio: true});
  const context = new AudioContext(), analyser = context.createAnalyser();
  context.createMediaStreamSource(stream).connect(analyser);
  const samples = new Float32Array(analyser.fftSize);
  let loudest = 0;
  for (let round = 0; round < 40; round++) {
    await new Promise(done => setTimeout(done, 50));
    analyser.getFloatTimeDomainData(samples);
    loudest = Math.max(loudest, ...samples.map(Math.abs));
  }
  return loudest;
}"""


def test_the_microphone_plays_the_clip(serve: Serve, visit: Visit) -> None:
    page = visit(serve("-m", "http.server", "0", "--bind", "127.0.0.1"))
    assert page.evaluate(LISTEN) > 0.05


def test_a_barrier_is_found(serve: Serve, visit: Visit) -> None:
    page = visit(serve("-m", "http.server", "0", "--bind", "127.0.0.1"))
    page.set_content("<html lang=en><title>t</title><main><h1>h</h1><input><p>text</p></main></html>")
    assert [each for each in barriers(page) if each.startswith("label")]
