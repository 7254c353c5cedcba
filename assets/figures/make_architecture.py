"""Write architecture.svg beside this file: the figure that notebook 01 draws.

python assets/figures/make_architecture.py
"""

from __future__ import annotations

from pathlib import Path

from matplotlib import rc_context

from whisper_helpers.plots import new_figure, plot_architecture

FIGURE = Path(__file__).with_name("architecture.svg")


def main() -> None:
    """Draw it for whisper-base; equal bytes each time, letters as outlines."""
    figure = new_figure(10, 4.6)
    with rc_context({"svg.hashsalt": "architecture", "svg.fonttype": "path"}):
        plot_architecture(figure.subplots())
        figure.savefig(FIGURE, metadata={"Date": None})
    print(f"{FIGURE.name}: {FIGURE.stat().st_size / 1000:.0f} KB")


if __name__ == "__main__":
    main()
