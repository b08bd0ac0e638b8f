#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "http/wire/multipart.h"

using namespace katip;

namespace {

struct Outcome {
  std::vector<std::string> parts = {};
  bool is_good = false;
  bool operator==(const Outcome&) const = default;
};

Outcome read(std::string_view form, std::string_view boundary, std::size_t piece_size) {
  Outcome outcome;
  bool is_open = false;
  http::MultipartParser parser(
      boundary, {.on_begin =
                     [&](const http::PartHead& head) {
                       if (std::exchange(is_open, true)) std::abort();
                       outcome.parts.push_back(head.name + "|" + head.file_name.value_or("") + "|" +
                                               head.media_type + "|");
                       return Status{};
                     },
                 .on_data =
                     [&](std::string_view bytes) {
                       if (!is_open || bytes.empty()) std::abort();
                       outcome.parts.back() += bytes;
                       return Status{};
                     },
                 .on_end =
                     [&] {
                       if (!std::exchange(is_open, false)) std::abort();
                       return Status{};
                     }});
  while (!form.empty()) {
    const std::string_view piece = form.substr(0, piece_size);
    form.remove_prefix(piece.size());
    if (!parser.feed(piece)) return {};
  }
  outcome.is_good = parser.finish().has_value();
  if (outcome.is_good && is_open) std::abort();
  return outcome.is_good ? outcome : Outcome();
}

}  // namespace

/// A form comes to the same parts in whatever pieces it comes.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const std::size_t piece_size = data[0] % 64 + 1;
  const std::string_view form = bytes.substr(1);
  if (!(read(form, "b", form.size()) == read(form, "b", piece_size))) std::abort();
  const auto boundary = http::multipart_boundary(bytes);
  if (boundary && (boundary->empty() || boundary->size() > 70)) std::abort();
  return 0;
}
