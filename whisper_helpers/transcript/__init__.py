"""Transcripts: what recordings of any length say and when, written as text, subtitles or JSON."""

from .files import transcribe_files
from .formats import FORMATS, Segment, Transcript, render

__all__ = ["FORMATS", "Segment", "Transcript", "render", "transcribe_files"]
