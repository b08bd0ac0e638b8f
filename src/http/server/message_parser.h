#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "http/request.h"

namespace katip::http {

/// Reads the head and the body of one request from bytes that come in pieces. It does no I/O.
///
/// Threads: one thread.
/// Source:  RFC 9112; the grammar is Boost.Beast's, stricter where two readers could disagree.
class MessageParser {
 public:
  explicit MessageParser(std::size_t head_size_max);
  ~MessageParser();

  enum class Progress { kMore, kDone, kBad, kHeadTooLarge };
  struct Step {
    Progress progress = Progress::kMore;
    std::size_t used = 0;  ///< Bytes of the input that are done with.
  };
  /// Up to the empty line behind the head.
  Step read_head(std::string_view bytes);

  struct BodyStep {
    Progress progress = Progress::kMore;
    std::size_t used = 0;
    std::size_t size = 0;  ///< Bytes of the body, in `out`.
  };
  BodyStep read_body(std::string_view bytes, std::span<char> out);

  /// Of the head. Nothing is checked but its shape.
  [[nodiscard]] std::string_view method() const;
  [[nodiscard]] std::string_view target() const;
  [[nodiscard]] Headers headers() const;
  [[nodiscard]] bool is_kept_alive() const;
  [[nodiscard]] bool is_http_1_0() const;
  [[nodiscard]] bool has_body() const;
  [[nodiscard]] bool is_done() const;
  /// When the client says it.
  [[nodiscard]] std::optional<std::int64_t> body_size() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace katip::http
