#include "store/postgres/sqlstate.h"

#include <gtest/gtest.h>

namespace katip::store::postgres {
namespace {

TEST(Sqlstate, HasTheCodeOfItsStateOrElseOfItsClass) {
  EXPECT_EQ(code_of("23505", false), ErrorCode::kConflict);
  EXPECT_EQ(code_of("23514", false), ErrorCode::kInvalidArgument);
  EXPECT_EQ(code_of("40001", false), ErrorCode::kOverloaded);
  EXPECT_EQ(code_of("40P01", false), ErrorCode::kOverloaded);
  EXPECT_EQ(code_of("57014", false), ErrorCode::kTimeout);
  EXPECT_EQ(code_of("57P01", false), ErrorCode::kUnavailable);
  EXPECT_EQ(code_of("53300", false), ErrorCode::kOverloaded);
  EXPECT_EQ(code_of("53100", false), ErrorCode::kUnavailable);
  EXPECT_EQ(code_of("28P01", false), ErrorCode::kUnauthenticated);
  EXPECT_EQ(code_of("3D000", false), ErrorCode::kNotFound);
  EXPECT_EQ(code_of("25006", false), ErrorCode::kUnavailable);
  EXPECT_EQ(code_of("25006", true), ErrorCode::kInvalidArgument);
  EXPECT_EQ(code_of("XX000", false), ErrorCode::kInternal);
  EXPECT_EQ(code_of("", false), ErrorCode::kInternal);
}

TEST(Sqlstate, KnowsWhichErrorsEndTheConnection) {
  EXPECT_TRUE(is_last_word("57P01"));
  EXPECT_TRUE(is_last_word("08006"));
  EXPECT_FALSE(is_last_word("08P01"));
  EXPECT_FALSE(is_last_word("57014"));
  EXPECT_FALSE(is_last_word(""));
}

TEST(Sqlstate, IsFoundInAVerboseMessageOfAnyLanguage) {
  EXPECT_EQ(sqlstate_in("connection to server at \"::1\", port 5432 failed: ÖLÜMCÜL:  28P01: x\n"),
            "28P01");
  EXPECT_EQ(sqlstate_in("could not connect: Connection refused"), "");
  EXPECT_EQ(sqlstate_in("FATAL:  no such thing"), "");
  EXPECT_EQ(sqlstate_in(":  28P0"), "");
  EXPECT_EQ(sqlstate_in(""), "");
}

}  // namespace
}  // namespace katip::store::postgres
