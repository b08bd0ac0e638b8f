#!/usr/bin/env python3
"""Word errors of transcripts against references, by one fixed set of rules.

Rules: lower case, NFKC, punctuation out (an apostrophe inside a word stays), English number words
zero to twenty as digits, "uh", "um" and "mr" out; the unit is the word, or the character for
Chinese, Japanese and Korean. Errors are the least number of substitutions, insertions and
deletions; a pooled rate is the sum of errors over the sum of units, never a mean of rates.

As a program it scores a JSON file: a list of {"file", "language", "reference", "text"}.
"""

from __future__ import annotations

import argparse
import json
import sys
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

CHARACTER_LANGUAGES = frozenset({"zh", "ja", "ko"})
FILLERS = frozenset({"uh", "um", "mr"})
NUMBERS = {
    word: str(value)
    for value, word in enumerate(
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
        "fifteen sixteen seventeen eighteen nineteen twenty".split()
    )
}
APOSTROPHES = "'\u2019\u02bc"


@dataclass(frozen=True)
class Difference:
    """One edit: a missing `hypothesis` is a deletion, a missing `reference` an insertion."""

    reference: str | None
    hypothesis: str | None

    def __str__(self) -> str:
        return f"{self.reference or '+'}→{self.hypothesis or '-'}"


@dataclass
class Score:
    """Errors and units of one text, or of many added together."""

    errors: int = 0
    units: int = 0
    differences: list[Difference] = field(default_factory=list)

    @property
    def rate(self) -> float:
        return self.errors / self.units if self.units else float(self.errors > 0)

    def add(self, other: Score) -> None:
        self.errors += other.errors
        self.units += other.units
        self.differences += other.differences


def _without_punctuation(text: str) -> str:
    kept: list[str] = []
    for index, char in enumerate(text):
        if char in APOSTROPHES:
            inside = 0 < index < len(text) - 1
            if inside and text[index - 1].isalnum() and text[index + 1].isalnum():
                kept.append("'")
            else:
                kept.append(" ")
        elif unicodedata.category(char)[0] in "PS":
            kept.append(" ")
        else:
            kept.append(char)
    return "".join(kept)


def words_of(text: str) -> list[str]:
    """Lower-case words without punctuation, fillers and number words as they are."""
    # NFKC comes first, because it may bring capitals, and last, because lower case may part
    # a letter from its mark.
    plain = unicodedata.normalize("NFKC", text).lower()
    return _without_punctuation(unicodedata.normalize("NFKC", plain)).split()


def units_of(text: str, language: str) -> list[str]:
    """The words, or the characters, that are compared."""
    words = words_of(text)
    if language in CHARACTER_LANGUAGES:
        return list("".join(words))
    words = [word for word in words if word not in FILLERS]
    return [NUMBERS.get(word, word) for word in words] if language == "en" else words


def _distances(reference: list[str], hypothesis: list[str]) -> list[list[int]]:
    table = [list(range(len(hypothesis) + 1))]
    for row, expected in enumerate(reference, start=1):
        above, line = table[-1], [row]
        for column, heard in enumerate(hypothesis, start=1):
            replaced = above[column - 1] + (expected != heard)
            line.append(min(replaced, above[column] + 1, line[-1] + 1))
        table.append(line)
    return table


def align(reference: list[str], hypothesis: list[str]) -> list[tuple[int | None, int | None]]:
    """Pairs of indices of a shortest edit path; None where the other side has no partner."""
    table = _distances(reference, hypothesis)
    row, column = len(reference), len(hypothesis)
    pairs: list[tuple[int | None, int | None]] = []
    while row or column:
        here = table[row][column]
        if row and column:
            wrong = reference[row - 1] != hypothesis[column - 1]
            if here == table[row - 1][column - 1] + wrong:
                row, column = row - 1, column - 1
                pairs.append((row, column))
                continue
        if row and here == table[row - 1][column] + 1:
            row -= 1
            pairs.append((row, None))
        else:
            column -= 1
            pairs.append((None, column))
    return pairs[::-1]


def score(reference: str, hypothesis: str, language: str) -> Score:
    """Counts the errors of one text.

    >>> score("Press one, Mr. Brown.", "press 1 brown", "en").errors
    0
    >>> print(*score("don't go", "do not go", "en").differences)
    +→do don't→not
    """
    expected, heard = units_of(reference, language), units_of(hypothesis, language)
    edits: list[Difference] = []
    for left, right in align(expected, heard):
        left_unit = None if left is None else expected[left]
        right_unit = None if right is None else heard[right]
        if left_unit != right_unit:
            edits.append(Difference(left_unit, right_unit))
    return Score(len(edits), len(expected), edits)


def pooled(scores: Iterable[Score]) -> Score:
    """All scores as one."""
    total = Score()
    for one in scores:
        total.add(one)
    return total


def by_language(scores: Iterable[tuple[str, Score]]) -> dict[str, Score]:
    """Scores added up per language, in the order of the codes."""
    groups: dict[str, Score] = {}
    for language, one in scores:
        groups.setdefault(language, Score()).add(one)
    return dict(sorted(groups.items()))


def _print_report(entries: list[dict[str, str]]) -> None:
    scored = [(e, score(e["reference"], e["text"], e["language"])) for e in entries]
    for entry, one in scored:
        edits = "  ".join(map(str, one.differences))
        print(f"{entry['file']:36} {one.errors:4} / {one.units:<5} {edits}")
    groups = by_language((e["language"], one) for e, one in scored)
    for language, one in (*groups.items(), ("all", pooled(s for _, s in scored))):
        print(f"{language:36} {one.errors:4} / {one.units:<5} {one.rate:.2%}")


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="example: bench/wer.py texts.json",
    )
    parser.add_argument("texts", type=Path, help="JSON list of file, language, reference, text")
    arguments = parser.parse_args()
    try:
        _print_report(json.loads(arguments.texts.read_text(encoding="utf-8")))
    except (OSError, ValueError, KeyError, TypeError) as error:
        print(f"wer: {arguments.texts}: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
