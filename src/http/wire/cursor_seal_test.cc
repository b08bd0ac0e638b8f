#include "http/wire/cursor_seal.h"

#include <gtest/gtest.h>

namespace katip::http {
namespace {

const Secret kKey("a key that is long enough for tests");
constexpr std::string_view kPlace = "2026-03-01T12:00:00.000Z,019a0000-0000-7000-8000-000000000001";

CursorSeal seal_of(std::string_view list) { return CursorSeal(kKey, list); }

TEST(CursorSeal, OpensWhatItSealed) {
  for (const std::string& place : {std::string(), std::string("x"), std::string(kPlace),
                                   std::string("\0ü\xff", 4), std::string(600, '/')}) {
    const std::string cursor = seal_of("jobs").seal(place);
    EXPECT_EQ(seal_of("jobs").open(cursor), place);
    EXPECT_LE(cursor.size(), CursorSeal::kSizeMax);
  }
}

TEST(CursorSeal, StandsInAnAddressAsItIs) {
  const std::string cursor = seal_of("jobs").seal(std::string(100, '\xff') + std::string(kPlace));
  EXPECT_EQ(
      cursor.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"),
      cursor.npos);
}

TEST(CursorSeal, EveryChangedLetterBreaksIt) {
  for (const std::string_view place : {kPlace, kPlace.substr(1), kPlace.substr(2)}) {
    const std::string cursor = seal_of("jobs").seal(place);
    for (std::size_t i = 0; i < cursor.size(); ++i) {
      for (const char c : {'A', 'B', 'z', '9', '-', '_', '=', '+', '\0'}) {
        std::string changed = cursor;
        changed[i] = c;
        if (changed != cursor) EXPECT_EQ(seal_of("jobs").open(changed), std::nullopt) << changed;
      }
      EXPECT_EQ(seal_of("jobs").open(cursor.substr(0, i)), std::nullopt);
    }
    for (const char* more : {"A", "=", "==", " "}) {
      EXPECT_EQ(seal_of("jobs").open(cursor + more), std::nullopt);
    }
  }
}

TEST(CursorSeal, IsThatOfOneListAndOneKey) {
  const std::string cursor = seal_of("jobs").seal(kPlace);
  EXPECT_EQ(seal_of("users").open(cursor), std::nullopt);
  EXPECT_EQ(CursorSeal(Secret("another key, long enough as well"), "jobs").open(cursor),
            std::nullopt);
  EXPECT_EQ(CursorSeal(kKey, "jobs").open(cursor), kPlace) << "as after a restart";
}

TEST(CursorSeal, WhatIsNoCursorDoesNotOpen) {
  for (const std::string& text :
       {std::string(), std::string("x"), std::string(kPlace), std::string(21, 'A'),
        std::string(22, 'A'), std::string(CursorSeal::kSizeMax, 'A'), std::string(1 << 20, 'A')}) {
    EXPECT_EQ(seal_of("jobs").open(text), std::nullopt) << text.substr(0, 100);
  }
}

}  // namespace
}  // namespace katip::http
