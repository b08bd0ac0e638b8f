#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "http/server/message_parser.h"

using namespace katip::http;

namespace {

using Progress = MessageParser::Progress;

constexpr std::size_t kHeadSizeMax = 4'096;

struct Outcome {
  Progress head = Progress::kMore;
  Progress body = Progress::kMore;
  std::string text = {};
  bool operator==(const Outcome&) const = default;
};

/// As a connection reads: what the parser does not take comes again with more behind it.
Outcome read(std::string_view bytes, std::size_t piece_size) {
  MessageParser parser(kHeadSizeMax);
  Outcome outcome;
  std::string pending;
  const auto more = [&] {
    pending += bytes.substr(0, piece_size);
    bytes.remove_prefix(std::min(piece_size, bytes.size()));
  };
  while (outcome.head == Progress::kMore && !bytes.empty()) {
    more();
    const auto step = parser.read_head(pending);
    if (step.used > pending.size()) std::abort();
    pending.erase(0, step.used);
    outcome.head = step.progress;
  }
  if (outcome.head != Progress::kDone) return outcome;
  // What gets through can be read in one way only.
  const Headers headers = parser.headers();
  if (headers.has("Content-Length") && headers.has("Transfer-Encoding")) std::abort();
  if (!parser.is_http_1_0() && !headers.has("Host")) std::abort();
  for (const auto& [name, value] : headers) {
    if (name.empty() || value.find_first_of("\r\n") != value.npos) std::abort();
  }
  std::array<char, 61> out{};
  outcome.body = parser.is_done() ? Progress::kDone : Progress::kMore;
  for (bool is_stuck = pending.empty(); outcome.body == Progress::kMore;) {
    if (is_stuck && bytes.empty()) break;
    if (is_stuck) more();
    const auto step = parser.read_body(pending, out);
    if (step.used > pending.size() || step.size > out.size()) std::abort();
    pending.erase(0, step.used);
    outcome.text.append(out.data(), step.size);
    outcome.body = step.progress;
    is_stuck = step.used == 0 && step.size == 0;
  }
  return outcome;
}

}  // namespace

/// A request comes to the same in whatever pieces it comes, and what is accepted is unambiguous.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::size_t piece_size = data[0] % 32 + 1;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  const Outcome whole = read(bytes, bytes.size() + 1);
  const Outcome pieces = read(bytes, piece_size);
  if (whole.head == Progress::kDone && pieces.head == Progress::kDone) {
    if (whole.body == Progress::kDone && !(whole == pieces)) std::abort();
    if (pieces.body == Progress::kDone && !(whole == pieces)) std::abort();
  }
  // A piece may be refused before the rest of a head that is too large is there, and not otherwise.
  const bool is_one_accepted = whole.head == Progress::kDone || pieces.head == Progress::kDone;
  if (is_one_accepted && whole.head != pieces.head) std::abort();
  return 0;
}
