#include "app/tracing.h"

#include <gtest/gtest.h>

#include "base/trace_context.h"

namespace katip::app {
namespace {

TEST(Tracing, OnlyFiguresOfAResultAreShown) {
  const SpanFigures figures = figures_in(
      {.json = R"({"duration_ms": 1500, "window_count": 2, "text": "gizli", "warning": 5})"});
  EXPECT_EQ(figures, (SpanFigures{{"katip.duration_ms", 1'500}, {"katip.window_count", 2}}));
  EXPECT_TRUE(figures_in({.json = "nonsense"}).empty());
  EXPECT_TRUE(figures_in({}).empty());
}

TEST(Tracing, WhatIsSentForARequestNamesItsTrace) {
  const auto context = parse_traceparent(traceparent_of("r-1", "t-1"));
  ASSERT_TRUE(context);
  EXPECT_EQ(context->trace_id, trace_id_of("r-1"));
}

}  // namespace
}  // namespace katip::app
