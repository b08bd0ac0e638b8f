#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace katip::http {

/// True when both are the same but for the case of ASCII letters.
bool equals_ignoring_case(std::string_view a, std::string_view b);

/// Without spaces and tabs at both ends.
std::string_view trimmed(std::string_view text);

/// The header fields of a message, in their order; names in any case.
///
/// Threads: a value type.
class Headers {
 public:
  using Field = std::pair<std::string, std::string>;

  Headers() = default;
  Headers(std::initializer_list<Field> fields) : fields_(fields) {}

  void add(std::string name, std::string value) {
    fields_.emplace_back(std::move(name), std::move(value));
  }
  /// In the place of all of that name.
  void set(std::string_view name, std::string value);
  void remove(std::string_view name);

  /// The first of that name; empty when there is none.
  [[nodiscard]] std::string_view get(std::string_view name) const;
  [[nodiscard]] bool has(std::string_view name) const;
  /// All of that name joined by ", ", as if they had been one.
  [[nodiscard]] std::string joined(std::string_view name) const;

  [[nodiscard]] auto begin() const { return fields_.begin(); }
  [[nodiscard]] auto end() const { return fields_.end(); }

 private:
  std::vector<Field> fields_;
};

}  // namespace katip::http
