#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "base/utf8.h"
#include "http/wire/socket_frame.h"

using namespace katip;
using http::SocketOpcode;
using http::SocketParser;

namespace {

constexpr std::size_t kSizeMax = 300;

std::vector<std::string> read(std::string_view bytes, std::size_t piece_size) {
  SocketParser parser(kSizeMax);
  std::vector<std::string> all;
  while (!bytes.empty()) {
    std::string_view piece = bytes.substr(0, piece_size);
    bytes.remove_prefix(piece.size());
    while (true) {
      const SocketParser::Step step = parser.read(piece);
      if (step.used > piece.size()) std::abort();
      piece.remove_prefix(step.used);
      if (step.progress == SocketParser::Progress::kBad) {
        all.push_back("bad " + std::to_string(static_cast<int>(parser.problem())));
        return all;
      }
      if (step.progress == SocketParser::Progress::kMore) {
        if (!piece.empty()) std::abort();
        break;
      }
      const SocketOpcode opcode = parser.opcode();
      const std::string payload = parser.take();
      if (payload.size() > kSizeMax) std::abort();
      if (opcode == SocketOpcode::kText && !is_utf8(payload)) std::abort();
      all.push_back(std::to_string(static_cast<int>(opcode)) + payload);
    }
  }
  return all;
}

}  // namespace

/// Frames come to the same messages in whatever pieces they come.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  if (read(bytes, bytes.size() + 1) != read(bytes, data[0] % 16 + 1U)) std::abort();
  static_cast<void>(http::socket_accept_key(bytes));
  const std::string frame = http::socket_close_frame(http::CloseCode::kNormal, bytes);
  if (frame.size() > 127) std::abort();
  return 0;
}
