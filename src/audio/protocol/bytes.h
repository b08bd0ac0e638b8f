#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// Little-endian integers and short texts, in and out of byte arrays.
namespace katip::audio {

class ByteWriter {
 public:
  template <std::unsigned_integral T>
  void put(T value) {
    for (size_t i = 0; i < sizeof(T); ++i) {
      bytes_.push_back(static_cast<std::byte>((value >> (8 * i)) & 0xff));
    }
  }
  void put_signed(int64_t value) { put(static_cast<uint64_t>(value)); }
  /// u16 size, then the bytes. text.size() < 65536.
  void put_text(std::string_view text) {
    put(static_cast<uint16_t>(text.size()));
    const auto view = std::as_bytes(std::span(text));
    bytes_.insert(bytes_.end(), view.begin(), view.end());
  }
  void put_bytes(std::span<const std::byte> bytes) {
    bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
  }
  [[nodiscard]] std::vector<std::byte> take() { return std::move(bytes_); }

 private:
  std::vector<std::byte> bytes_;
};

/// Reading past the end gives zeros and makes is_good() false, so that a parser checks once.
class ByteReader {
 public:
  explicit ByteReader(std::span<const std::byte> bytes) : bytes_(bytes) {}

  template <std::unsigned_integral T>
  T get() {
    if (bytes_.size() < sizeof(T)) {
      return refuse(), T{0};
    }
    uint64_t value = 0;
    for (size_t i = 0; i < sizeof(T); ++i) {
      value |= std::to_integer<uint64_t>(bytes_[i]) << (8 * i);
    }
    bytes_ = bytes_.subspan(sizeof(T));
    return static_cast<T>(value);
  }
  int64_t get_signed() { return static_cast<int64_t>(get<uint64_t>()); }
  std::string get_text() {
    const size_t size = get<uint16_t>();
    if (bytes_.size() < size) {
      return refuse(), std::string();
    }
    std::string text(size, '\0');
    if (size > 0) {
      std::memcpy(text.data(), bytes_.data(), size);
    }
    bytes_ = bytes_.subspan(size);
    return text;
  }

  /// Every read was inside.
  [[nodiscard]] bool is_good() const { return good_; }
  /// ... and nothing is left over.
  [[nodiscard]] bool is_done() const { return good_ && bytes_.empty(); }

 private:
  void refuse() {
    good_ = false;
    bytes_ = {};
  }
  std::span<const std::byte> bytes_;
  bool good_ = true;
};

}  // namespace katip::audio
