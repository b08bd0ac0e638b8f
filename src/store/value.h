#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/result.h"

/// What goes into a statement and what comes out of it, the same on both databases.
///
///   const Rows rows = KATIP_TRY(connection.query("select id, term from lexicon_terms "
///                                                "where language = $1", {{"tr"}}));
///   for (const Row row : rows) {
///     const auto id = KATIP_TRY(row.get<std::int64_t>("id"));
///     const auto term = KATIP_TRY(row.get<std::optional<std::string>>("term"));
///   }
namespace katip::store {

using Bytes = std::vector<std::byte>;

/// One value of a row or one parameter: null, a whole number, a real number, text or bytes.
///
/// How types of PostgreSQL come back: boolean as 0 or 1; numeric as a whole number where it is one
/// and fits, else as a real number (cast to text what has to stay exact); bytea as bytes;
/// timestamps as ISO 8601 with "T", "Z" (timestamptz, always UTC) and three to six digits of a
/// second, which is how SQLite's columns spell them; everything else as its text.
///
/// Threads: a value type.
class Value {
 public:
  Value() = default;  ///< Null.
  Value(std::nullptr_t) {}
  template <std::integral T>
  Value(T number) : data_(static_cast<std::int64_t>(number)) {
    static_assert(sizeof(T) < 8 || std::signed_integral<T>, "does not fit: cast it where you know");
  }
  Value(double number) : data_(number) {}
  Value(std::string text) : data_(std::move(text)) {}
  Value(std::string_view text) : data_(std::string(text)) {}
  Value(const char* text) : data_(std::string(text)) {}
  Value(Bytes bytes) : data_(std::move(bytes)) {}
  template <typename T>
  Value(std::optional<T> value) {
    if (value) {
      *this = Value(*std::move(value));
    }
  }

  [[nodiscard]] bool is_null() const { return std::holds_alternative<std::monostate>(data_); }
  /// The value when it is exactly of this type (std::int64_t, double, std::string, Bytes), or null.
  template <typename T>
  [[nodiscard]] const T* get_if() const {
    return std::get_if<T>(&data_);
  }
  /// The value as bool, std::int64_t, double, std::string, Bytes, or an std::optional of one of
  /// these (null gives nothing). A whole number is also a real one; bool is 0 or 1.
  ///
  /// Errors: kCorruptData when it is something else, null included.
  template <typename T>
  [[nodiscard]] Result<T> to() const;
  /// "null", "integer", "real", "text" or "bytes".
  [[nodiscard]] std::string_view type_name() const;

  friend bool operator==(const Value&, const Value&) = default;

 private:
  std::variant<std::monostate, std::int64_t, double, std::string, Bytes> data_;
};

template <>
Result<bool> Value::to() const;
template <>
Result<std::int64_t> Value::to() const;
template <>
Result<double> Value::to() const;
template <>
Result<std::string> Value::to() const;
template <>
Result<Bytes> Value::to() const;

namespace detail {
template <typename T>
struct IsOptional : std::false_type {};
template <typename T>
struct IsOptional<std::optional<T>> : std::true_type {};
}  // namespace detail

/// Checks what both databases are able to keep: text is UTF-8 without a zero byte, and a real
/// number is a number. Each database would take some of the others, and differently.
///
/// Errors: kInvalidArgument, naming the parameter by its number.
Status check_parameters(std::span<const Value> parameters);

/// One row of Rows.
///
/// Lifetime: that of its Rows.
class Row {
 public:
  Row(const std::vector<std::string>& columns, std::span<const Value> values)
      : columns_(&columns), values_(values) {}

  [[nodiscard]] std::size_t size() const { return values_.size(); }
  [[nodiscard]] const Value& operator[](std::size_t index) const { return values_[index]; }

  /// Errors: kCorruptData when the value is of another type; kInternal when there is no such
  /// column.
  template <typename T>
  [[nodiscard]] Result<T> get(std::size_t index) const;
  template <typename T>
  [[nodiscard]] Result<T> get(std::string_view column) const {
    return get<T>(KATIP_TRY(index_of(column)));
  }

 private:
  [[nodiscard]] Result<std::size_t> index_of(std::string_view column) const;
  [[nodiscard]] Error no_column(std::size_t index) const;

  const std::vector<std::string>* columns_;
  std::span<const Value> values_;
};

/// All that a statement gave back.
///
/// Threads: a value type.
class Rows {
 public:
  Rows() = default;
  Rows(std::vector<std::string> columns, std::vector<Value> values, std::int64_t affected_count)
      : columns_(std::move(columns)), values_(std::move(values)), affected_count_(affected_count) {}

  [[nodiscard]] std::size_t size() const {
    return columns_.empty() ? 0 : values_.size() / columns_.size();
  }
  [[nodiscard]] bool empty() const { return size() == 0; }
  [[nodiscard]] Row operator[](std::size_t index) const {
    return {columns_,
            std::span<const Value>(values_).subspan(index * columns_.size(), columns_.size())};
  }
  [[nodiscard]] const std::vector<std::string>& columns() const { return columns_; }
  /// How many rows the statement inserted, changed or deleted; 0 for one that only reads.
  [[nodiscard]] std::int64_t affected_count() const { return affected_count_; }

  class Iterator {
   public:
    using difference_type = std::ptrdiff_t;
    using value_type = Row;
    Iterator() = default;
    Iterator(const Rows* rows, std::size_t index) : rows_(rows), index_(index) {}
    Row operator*() const { return (*rows_)[index_]; }
    Iterator& operator++() {
      ++index_;
      return *this;
    }
    Iterator operator++(int) { return std::exchange(*this, Iterator(rows_, index_ + 1)); }
    friend bool operator==(const Iterator&, const Iterator&) = default;

   private:
    const Rows* rows_ = nullptr;
    std::size_t index_ = 0;
  };
  [[nodiscard]] Iterator begin() const { return {this, 0}; }
  [[nodiscard]] Iterator end() const { return {this, size()}; }

 private:
  std::vector<std::string> columns_;
  std::vector<Value> values_;  // Row after row.
  std::int64_t affected_count_ = 0;
};

template <typename T>
Result<T> Value::to() const {
  static_assert(detail::IsOptional<T>::value, "bool, int64_t, double, string, Bytes or optional");
  if (is_null()) {
    return T{};
  }
  return T{KATIP_TRY(to<typename T::value_type>())};
}

template <typename T>
Result<T> Row::get(std::size_t index) const {
  if (index >= values_.size()) {
    return std::unexpected(no_column(index));
  }
  Result<T> value = values_[index].to<T>();
  if (!value) {
    return fail("column " + (*columns_)[index], std::move(value).error());
  }
  return value;
}

}  // namespace katip::store
