#include "app/task_export.h"

#include <algorithm>

#include <gtest/gtest.h>

namespace katip::app {
namespace {

TEST(TaskExport, ALineHasAFieldForEachOfTheHead) {
  store::ListedTask listed;
  listed.task.kind = "a.b";
  listed.task.errors = "[]";
  const std::string line = task_csv_line(listed);
  EXPECT_EQ(std::ranges::count(line, ','), std::ranges::count(task_csv_head(), ','));
  EXPECT_TRUE(line.ends_with(",\n"));
}

TEST(TaskExport, WhatComesFromOutsideIsNoFormulaAndNoNewLine) {
  store::ListedTask listed;
  listed.source_name = "=cmd|' /C calc'!A0, \"x\"\n.mp4";
  const std::string line = task_csv_line(listed);
  EXPECT_NE(line.find("\"'=cmd|' /C calc'!A0, \"\"x\"\"\n.mp4\""), std::string::npos) << line;
}

}  // namespace
}  // namespace katip::app
