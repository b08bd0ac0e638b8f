#include "app/backup/media_list.h"

#include <fstream>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "app/json/text_field.h"
#include "base/atomic_file.h"
#include "base/sha256.h"
#include "media/blob_store.h"

/// Tested by media_list_test.cc.
namespace katip::app {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

constexpr std::size_t kLineSizeMax = 4'096;

std::unexpected<Error> wrong(std::size_t line) {
  return fail(ErrorCode::kCorruptData,
              fmt::format("the list of recordings is damaged: line {}", line));
}

std::optional<std::int64_t> number_of(const json::object& object, std::string_view key) {
  const json::value* value = object.if_contains(key);
  const bool is_good = value != nullptr && value->is_int64() && value->get_int64() >= 0;
  return is_good ? std::optional(value->get_int64()) : std::nullopt;
}

std::optional<StoredRecording> parse_line(std::string_view line) {
  boost::system::error_code error;
  const json::value value = json::parse(line, error);
  if (error || !value.is_object()) return std::nullopt;
  const json::object& object = value.get_object();
  const auto size = number_of(object, "size");
  const auto plain_size = number_of(object, "plain_size");
  StoredRecording recording{.key = text_in(object, "key"), .packed = {}};
  recording.packed.sha256 = text_in(object, "sha256");
  if (!size || !plain_size || !is_media_key(recording.key) || !is_sha256(recording.packed.sha256)) {
    return std::nullopt;
  }
  recording.packed.size = *size;
  recording.packed.plain_size = *plain_size;
  return recording;
}

}  // namespace

bool is_media_key(std::string_view text) {
  return text.starts_with("media/") && media::check_key(text).has_value();
}

Status write_media_list(const fs::path& target, const std::vector<StoredRecording>& recordings) {
  AtomicFile file = KATIP_TRY(AtomicFile::create(target));
  for (const StoredRecording& each : recordings) {
    KATIP_TRY(file.write(json::serialize(json::object{{"key", each.key},
                                                      {"size", each.packed.size},
                                                      {"sha256", each.packed.sha256},
                                                      {"plain_size", each.packed.plain_size}}) +
                         "\n"));
  }
  return file.commit();
}

Result<std::vector<StoredRecording>> read_media_list(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return std::unexpected(own_file_error("read", path, ENOENT));
  std::vector<StoredRecording> recordings;
  std::string line;
  for (std::size_t number = 1; std::getline(file, line); ++number) {
    auto recording = line.size() <= kLineSizeMax ? parse_line(line) : std::nullopt;
    if (!recording) return wrong(number);
    recordings.push_back(*std::move(recording));
  }
  return recordings;
}

}  // namespace katip::app
