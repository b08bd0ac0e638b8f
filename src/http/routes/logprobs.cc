#include "http/routes/logprobs.h"

#include <cmath>
#include <string>
#include <string_view>

#include <boost/json/object.hpp>

#include "base/utf8.h"

/// Tested by openai_answer_test.cc, and with the official client by tests/e2e/test_openai.py.
namespace katip::http {
namespace json = boost::json;
namespace {

// JSON has no number for what cannot be; the client of OpenAI expects one.
constexpr double kImpossible = -100;

std::string shown(std::string_view bytes) {
  std::string text;
  while (!bytes.empty()) {
    const std::size_t size = character_size(bytes);
    text += size == 0 ? std::string_view("\uFFFD") : bytes.substr(0, size);
    bytes.remove_prefix(size == 0 ? 1 : size);
  }
  return text;
}

json::object token_json(const app::ScoredToken& token) {
  const double logprob = token.log_probability;
  return {{"token", shown(token.bytes)},
          {"logprob", std::isfinite(logprob) ? logprob : kImpossible},
          {"bytes", app::byte_list(token.bytes)}};
}

}  // namespace

json::array logprobs_of(std::span<const app::Segment> segments) {
  json::array all;
  for (const app::Segment& segment : segments) {
    for (const auto& token : segment.scored_tokens) all.push_back(token_json(token));
  }
  return all;
}

}  // namespace katip::http
