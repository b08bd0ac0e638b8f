#include "http/problems.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/result.h"

namespace katip::http {
namespace {

using testing::HasSubstr;

TEST(ProblemsTest, EachCodeOfAnErrorHasAnAddressWithAPage) {
  for (const Problem& problem : problems()) {
    const std::string type = problem_type(problem.code);
    const auto page = problem_page(type.substr(type.rfind('/') + 1));
    ASSERT_TRUE(page) << type;
    EXPECT_THAT(*page, HasSubstr(std::string(problem.meaning)));
    EXPECT_THAT(problems_page(), HasSubstr("\"" + type + "\""));
    EXPECT_TRUE(problem.meaning.ends_with('.') && problem.advice.ends_with('.')) << problem.code;
  }
  for (int code = 0; code <= static_cast<int>(ErrorCode::kInternal); ++code) {
    const std::string_view text = name(static_cast<ErrorCode>(code));
    if (text == "CORRUPT_DATA") continue;  // Clients are told that it is INTERNAL.
    EXPECT_NE(problem_type(text), "about:blank") << text;
  }
}

TEST(ProblemsTest, WhatIsNoneHasNoPage) {
  EXPECT_EQ(problem_type("VALIDATION_FAILED"), "/docs/problems/validation-failed");
  EXPECT_EQ(problem_type("X"), "about:blank");
  EXPECT_EQ(problem_type(""), "about:blank");
  for (const char* name : {"", "VALIDATION_FAILED", "validation_failed", "x", "../docs"}) {
    EXPECT_FALSE(problem_page(name)) << name;
  }
}

}  // namespace
}  // namespace katip::http
