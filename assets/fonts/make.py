#!/usr/bin/env python3
"""Makes Inter-Regular.ttf and Inter-SemiBold.ttf: what the window draws its text with.

Run by hand when a character is missing; the results are committed.

    python3 -m venv /tmp/fonts && /tmp/fonts/bin/pip install fonttools==4.68.0 brotli==1.2.1
    /tmp/fonts/bin/python assets/fonts/make.py      # also needs npm, which serves the source

egui reads plain TrueType files and applies no OpenType substitutions, so what a stylesheet would ask
for is baked in here: digits and signs have one width (`tnum`), so that a number that changes does not
shake. Hinting and substitutions are dropped (Inter's would turn `2x2` into `2×2`); pair kerning stays.
"""

import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

from fontTools import subset
from fontTools.pens.recordingPen import DecomposingRecordingPen
from fontTools.pens.reverseContourPen import ReverseContourPen
from fontTools.pens.transformPen import TransformPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTFont

HERE = Path(__file__).resolve().parent
SOURCE = "inter-ui@4.1.1"
STYLES = ["Regular", "SemiBold"]

# Everything the window may write. Chinese comes from another family, loaded when first wanted.
CHARACTERS = "".join(
    [
        *map(chr, range(0x20, 0x7F)),
        *(chr(c) for c in range(0xA0, 0x100) if c != 0xAD),  # without the soft hyphen
        *map(chr, range(0x391, 0x3A2)),
        *map(chr, range(0x3A3, 0x3AA)),
        *map(chr, range(0x3B1, 0x3CA)),
        "ϵ",
        "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁽⁾ⁿⁱ₀₁₂₃₄₅₆₇₈₉₊₋",
        "←↑→↓↔↕↖↗↘↙⇒",
        "−×÷±≈≠≤≥√∞∂∑∏∫⊕∅‖",
        "–—…•‰′″‘’“”„‚‹›«»‐‑\u2009",
        "▲▼▶◀■□●○◆◇✓✗⌘⇧⌥⏎",
    ]
)
# Characters Inter lacks that another of its glyphs can stand for.
ALIASES = {"∥": "‖", "⋅": "·", "⋯": "…", "\u202f": "\u2009"}


def tabular(font: TTFont) -> dict[str, str]:
    """The `tnum` feature: glyph name to the name of its fixed-width twin."""
    gsub = font["GSUB"].table
    lookups = {i for r in gsub.FeatureList.FeatureRecord if r.FeatureTag == "tnum" for i in r.Feature.LookupListIndex}
    twins: dict[str, str] = {}
    for i in lookups:
        for table in gsub.LookupList.Lookup[i].SubTable:
            twins.update(getattr(table, "ExtSubTable", table).mapping)
    return twins


def add_nabla(font: TTFont) -> str:
    """Draws ∇, which Inter lacks, as Δ upside down between the same lines. Returns the glyph's name."""
    delta, nabla = font.getBestCmap()[ord("Δ")], "nabla"
    height = font["glyf"][delta].yMax
    outline = DecomposingRecordingPen(font.getGlyphSet())
    font.getGlyphSet()[delta].draw(outline)
    pen = TTGlyphPen(None)
    outline.replay(TransformPen(ReverseContourPen(pen), (1, 0, 0, -1, 0, height)))
    font.setGlyphOrder([*font.getGlyphOrder(), nabla])
    font["glyf"][nabla] = pen.glyph()
    font["hmtx"][nabla] = font["hmtx"][delta]
    return nabla


def make(source: Path, target: Path) -> None:
    font = TTFont(source)
    cmap = font.getBestCmap()
    missing = [c for c in CHARACTERS if ord(c) not in cmap]
    if missing:
        sys.exit(f"{source.name} has no {missing}")

    changes = {ord(new): cmap[ord(old)] for new, old in ALIASES.items()}
    changes[ord("∇")] = add_nabla(font)
    twins = tabular(font)
    changes |= {ord(digit): twins[cmap[ord(digit)]] for digit in "0123456789"}
    for table in font["cmap"].tables:
        if table.isUnicode():
            table.cmap.update(changes)

    options = subset.Options()
    options.hinting = False
    options.layout_features = ["kern"]
    options.name_IDs = [0, 1, 2, 4, 6, 13, 14]
    options.drop_tables += ["GSUB", "GDEF", "DSIG", "STAT"]
    options.notdef_outline = True
    subsetter = subset.Subsetter(options)
    subsetter.populate(text=CHARACTERS + "".join(ALIASES) + "∇")
    subsetter.subset(font)
    font.flavor = None
    # A fixed date, so that the same source gives the same bytes.
    font["head"].modified = font["head"].created
    font.recalcTimestamp = False
    font.save(target)

    widths = {font["hmtx"][font.getBestCmap()[ord(d)]][0] for d in "0123456789"}
    if len(widths) != 1:
        sys.exit(f"{target.name}: digits differ in width: {widths}")
    print(f"{target.name}: {len(font.getBestCmap())} characters, {target.stat().st_size:,} bytes")


def main() -> None:
    with tempfile.TemporaryDirectory() as scratch:
        packed = subprocess.run(
            ["npm", "pack", "--silent", SOURCE], cwd=scratch, check=True, capture_output=True, text=True
        )
        with tarfile.open(Path(scratch) / packed.stdout.split()[-1]) as archive:
            archive.extractall(scratch, filter="data")
        package = Path(scratch) / "package"
        for style in STYLES:
            make(package / "web" / f"Inter-{style}.woff2", HERE / f"Inter-{style}.ttf")
        (HERE / "OFL.txt").write_bytes((package / "LICENSE.txt").read_bytes())


if __name__ == "__main__":
    main()
