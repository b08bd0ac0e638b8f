#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>
#include <utility>

#include "engine/model/vocabulary.h"
#include "engine/model/whisper_tokenizer.h"

using namespace katip::engine;

namespace {

/// Up to the next zero byte, which goes too.
std::string_view take_part(std::string_view& text) {
  const std::size_t end = text.find('\0');
  const std::string_view part = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return part;
}

katip::Result<Vocabulary> parse(std::uint8_t format, std::string_view text) {
  switch (format % 4) {
    case 0:
      return parse_tokenizer_json(text);
    case 1:
      return parse_vocabulary_list(text);
    case 2:
      return parse_vocabulary_lines(text);
    default:
      break;
  }
  const std::string_view vocabulary = take_part(text);
  const std::string_view merges = take_part(text);
  return parse_vocabulary_and_merges({vocabulary, merges, text});
}

}  // namespace

/// The first byte chooses the format and the size of the model, the rest is the file; then all of
/// it is encoded as text.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr int kSizes[] = {51864, 51865, 51866, 1900};
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  auto vocabulary = parse(data[0], text);
  if (!vocabulary) return 0;
  const auto tokenizer = make_tokenizer(std::move(*vocabulary), kSizes[data[0] / 4 % 4]);
  if (!tokenizer) return 0;
  const auto tokens = (*tokenizer)->encode(text);
  for (const int token : tokens) {
    if (token < 0 || token >= (*tokenizer)->special().end_of_text) std::abort();
  }
  // Bytes without a token are left out, so nothing can be longer than it was.
  if ((*tokenizer)->decode(tokens).size() > text.size()) std::abort();
  static_cast<void>((*tokenizer)->language_token("en"));
  return 0;
}
