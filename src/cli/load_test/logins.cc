#include "cli/load_test/logins.h"

#include <fmt/format.h>

/// Tested by logins_test.cc.
namespace katip::cli {
namespace {

std::string random_text(Rng& rng, std::size_t size) {
  constexpr std::string_view kLetters = "abcdefghjkmnpqrstuvwxyz0123456789";
  std::string text;
  while (text.size() < size) text += kLetters[rng.next() % kLetters.size()];
  return text;
}

}  // namespace

Result<std::vector<Login>> parse_logins(std::string_view text) {
  std::vector<Login> logins;
  for (int number = 1; !text.empty(); ++number) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.empty() || line.starts_with('#')) continue;
    const std::size_t colon = line.find(':');
    if (colon == line.npos || colon == 0 || colon + 1 == line.size()) {
      return fail(ErrorCode::kInvalidArgument,
                  fmt::format("line {} of the logins is not LOGIN:PASSWORD", number));
    }
    logins.push_back({.name = std::string(line.substr(0, colon)),
                      .password = Secret(std::string(line.substr(colon + 1)))});
  }
  return logins;
}

std::vector<Login> make_logins(std::size_t count, Rng& rng) {
  const std::string run = random_text(rng, 4);
  std::vector<Login> logins;
  for (std::size_t i = 1; i <= count; ++i) {
    logins.push_back({.name = fmt::format("loadtest-{}-{:04}", run, i),
                      .password = Secret(random_text(rng, 20))});
  }
  return logins;
}

}  // namespace katip::cli
