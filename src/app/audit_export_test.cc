#include "app/audit_export.h"

#include <algorithm>

#include <gtest/gtest.h>

namespace katip::app {
namespace {

TEST(AuditExport, ALineHasAFieldForEachOfTheHead) {
  const std::string line = audit_csv_line({.id = "1", .actor_kind = "user", .actor = "ayse"});
  EXPECT_EQ(std::ranges::count(line, ','), std::ranges::count(audit_csv_head(), ','));
  EXPECT_NE(line.find(",user,ayse,"), std::string::npos) << line;
}

TEST(AuditExport, WhatComesFromOutsideIsNoFormulaAndNoNewLine) {
  const std::string line = audit_csv_line({.actor = "=1+1", .details = R"({"name":"a,\"b"})"});
  EXPECT_NE(line.find(",'=1+1,"), std::string::npos) << line;
  EXPECT_NE(line.find(R"("{""name"":""a,\""b""}")"), std::string::npos) << line;
}

}  // namespace
}  // namespace katip::app
