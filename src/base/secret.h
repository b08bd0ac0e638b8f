#pragma once

#include <string>
#include <utility>

namespace katip {

/// A password, key or token. It has no stream operator and no formatter, so that it cannot get into
/// a message or a log by accident: whoever needs the text has to write reveal().
///
/// Threads: immutable.
class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string value) : value_(std::move(value)) {}

  [[nodiscard]] const std::string& reveal() const { return value_; }
  [[nodiscard]] bool empty() const { return value_.empty(); }
  /// What may be shown instead: "(not set)" or "********", whatever its length.
  [[nodiscard]] std::string masked() const { return value_.empty() ? "(not set)" : "********"; }

 private:
  std::string value_;
};

}  // namespace katip
