"""Tests of the word error rules. Run: python3 -m unittest discover -s bench -p '*_test.py'"""

from __future__ import annotations

import unittest

import wer


class WordErrors(unittest.TestCase):
    def test_case_punctuation_fillers_and_number_words_do_not_count(self) -> None:
        self.assertEqual(wer.score("Mr. Brown, press one!", "uh BROWN press 1", "en").errors, 0)

    def test_an_apostrophe_inside_a_word_stays_and_outside_goes(self) -> None:
        self.assertEqual(
            wer.units_of("'Don’t' dogs' rock 'n' roll", "en"),
            ["don't", "dogs", "rock", "n", "roll"],
        )

    def test_number_words_are_english_only(self) -> None:
        self.assertEqual(wer.units_of("one", "it"), ["one"])
        self.assertEqual(wer.units_of("twenty one", "en"), ["20", "1"])

    def test_japanese_and_korean_count_characters_without_spaces(self) -> None:
        result = wer.score("客観的 実在。", "客観実在", "ja")
        self.assertEqual((result.errors, result.units), (1, 5))

    def test_each_kind_of_edit_is_listed(self) -> None:
        result = wer.score("a b c", "a x c d", "en")
        self.assertEqual([str(edit) for edit in result.differences], ["b→x", "+→d"])
        self.assertEqual([str(e) for e in wer.score("a b", "a", "en").differences], ["b→-"])

    def test_errors_of_nothing(self) -> None:
        self.assertEqual(wer.score("", "", "en").rate, 0.0)
        self.assertEqual(wer.score("", "hello", "en").rate, 1.0)
        self.assertEqual(wer.score("hello", "", "en").errors, 1)

    def test_pooled_rate_weighs_by_words_and_not_by_files(self) -> None:
        total = wer.pooled([wer.score("a", "b", "en"), wer.score("a b c", "a b c", "en")])
        self.assertEqual(total.rate, 0.25)

    def test_the_alignment_is_a_shortest_path(self) -> None:
        pairs = wer.align(list("kitten"), list("sitting"))
        self.assertEqual(
            sum(a is None or b is None or "kitten"[a] != "sitting"[b] for a, b in pairs), 3
        )
        self.assertEqual([a for a, _ in pairs if a is not None], list(range(6)))


if __name__ == "__main__":
    unittest.main()
