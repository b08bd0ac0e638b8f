#include "jobs/routing.h"

#include <array>

#include <fmt/format.h>

/// Tested by routing_test.cc.
namespace katip::jobs {
namespace {

struct QueueName {
  std::string_view name;
  int priority;
};
constexpr std::array kQueues = {QueueName{"critical", 10}, QueueName{"high", 7},
                                QueueName{"default", 5}, QueueName{"low", 2}};

struct DefaultRule {
  std::string_view pattern;
  std::string_view queue;
};
constexpr std::array kDefaultRules = {
    DefaultRule{"upload.*", "critical"}, DefaultRule{"transcription.*", "high"},
    DefaultRule{"speakers.*", "high"},   DefaultRule{"cleanup.*", "low"},
    DefaultRule{"maintenance.*", "low"}, DefaultRule{"backup.*", "low"},
    DefaultRule{"lexicon.*", "low"},     DefaultRule{"*", "default"},
};

/// These enter the model, and go where it is loaded.
constexpr std::array<std::string_view, 2> kEngineKinds = {"transcription.*", "speakers.*"};

}  // namespace

std::optional<int> priority_of_queue(std::string_view queue) {
  for (const QueueName& known : kQueues) {
    if (known.name == queue) {
      return known.priority;
    }
  }
  return std::nullopt;
}

/// Two places are kept: behind the last star, and where it began to match. On a mismatch the star
/// takes one character more, so the time is at most the product of both lengths.
bool fits_pattern(std::string_view pattern, std::string_view text) {
  std::size_t p = 0;
  std::size_t t = 0;
  std::size_t star = std::string_view::npos;
  std::size_t star_text = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = ++p;
      star_text = t;
    } else if (p < pattern.size() && pattern[p] == text[t]) {
      ++p;
      ++t;
    } else if (star != std::string_view::npos) {
      p = star;
      t = ++star_text;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') {
    ++p;
  }
  return p == pattern.size();
}

Result<Routing> Routing::with_rules(std::vector<RoutingRule> rules) {
  for (const RoutingRule& rule : rules) {
    if (rule.pattern.empty()) {
      return fail(ErrorCode::kInvalidArgument, "a routing rule has no pattern");
    }
    if (!priority_of_queue(rule.queue)) {
      return fail(
          ErrorCode::kInvalidArgument,
          fmt::format("`{}` is no queue; there are critical, high, default and low", rule.queue));
    }
  }
  Routing routing;
  routing.rules_ = std::move(rules);
  return routing;
}

Route Routing::route(std::string_view kind) const {
  Route route;
  for (const std::string_view pattern : kEngineKinds) {
    if (fits_pattern(pattern, kind)) {
      route.worker_kind = "engine";
    }
  }
  const auto use = [&](std::string_view queue) {
    route.queue = queue;
    route.priority = *priority_of_queue(queue);
  };
  for (const RoutingRule& rule : rules_) {
    if (fits_pattern(rule.pattern, kind)) {
      use(rule.queue);
      return route;
    }
  }
  for (const DefaultRule& rule : kDefaultRules) {
    if (fits_pattern(rule.pattern, kind)) {
      use(rule.queue);
      break;
    }
  }
  return route;
}

}  // namespace katip::jobs
