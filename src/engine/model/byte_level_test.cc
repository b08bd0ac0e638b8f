#include "engine/model/byte_level.h"

#include <gtest/gtest.h>

namespace katip::engine {
namespace {

std::vector<std::string> pieces(std::string_view text) {
  std::vector<std::string> result;
  while (!text.empty()) {
    const std::string_view piece = next_piece(text);
    EXPECT_FALSE(piece.empty());
    if (piece.empty()) break;
    result.emplace_back(piece);
    text.remove_prefix(piece.size());
  }
  return result;
}

using Pieces = std::vector<std::string>;

TEST(TokenBytes, AreTheInverseOfTheirSpelling) {
  for (int byte = 0; byte < 256; ++byte) {
    const std::string text(1, static_cast<char>(byte));
    std::string bytes;
    append_token_bytes(spell_bytes(text), bytes);
    EXPECT_EQ(bytes, text) << byte;
  }
  EXPECT_EQ(spell_bytes(" \n"), "ĠĊ");
}

TEST(TokenBytes, OfATokenThatSpellsNoBytesAreItsText) {
  std::string bytes = "x";
  append_token_bytes("漢字 ok", bytes);
  EXPECT_EQ(bytes, "x漢字 ok");
  bytes.clear();
  append_token_bytes("\xff\xfe", bytes);
  EXPECT_EQ(bytes, "\xff\xfe");
}

TEST(NextPiece, CutsWordsNumbersAndPunctuation) {
  EXPECT_EQ(pieces("Hello, world 42!"), (Pieces{"Hello", ",", " world", " 42", "!"}));
  EXPECT_EQ(pieces("I'm they've IT'S"), (Pieces{"I", "'m", " they", "'ve", " IT", "'", "S"}));
  EXPECT_EQ(pieces("'sun"), (Pieces{"'s", "un"}));
  EXPECT_EQ(pieces("a!'s"), (Pieces{"a", "!'", "s"}));
}

TEST(NextPiece, LeavesTheLastSpaceToTheWord) {
  EXPECT_EQ(pieces("a   b"), (Pieces{"a", "  ", " b"}));
  EXPECT_EQ(pieces("a \n b"), (Pieces{"a", " \n", " b"}));
  EXPECT_EQ(pieces("a\n\nb"), (Pieces{"a", "\n", "\n", "b"}));
  EXPECT_EQ(pieces("a  "), (Pieces{"a", "  "}));
  EXPECT_EQ(pieces("\u3000\u3000x"), (Pieces{"\u3000", "\u3000", "x"}));
}

TEST(NextPiece, TakesBytesThatAreNotUtf8AsOtherCharacters) {
  EXPECT_EQ(pieces("a\xff\xfe z"), (Pieces{"a", "\xff\xfe", " z"}));
  EXPECT_EQ(pieces("\xe2\x99"), (Pieces{"\xe2\x99"}));
  EXPECT_EQ(pieces("\xc0\x80\xed\xa0\x80\xf4\x90\x80\x80"),
            (Pieces{"\xc0\x80\xed\xa0\x80\xf4\x90\x80\x80"}));
}

}  // namespace
}  // namespace katip::engine
