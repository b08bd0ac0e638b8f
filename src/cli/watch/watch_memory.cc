#include "cli/watch/watch_memory.h"

#include <boost/json.hpp>

#include "base/atomic_file.h"

/// Tested by tests/e2e/test_watch.py.
namespace katip::cli {
namespace {

namespace json = boost::json;

constexpr std::size_t kSizeMax = 256 << 20;

}  // namespace

Result<WatchMemory> WatchMemory::load(const std::filesystem::path& file) {
  WatchMemory memory(file);
  const auto text = read_whole_file(file, kSizeMax);
  if (!text && text.error().code == ErrorCode::kNotFound) return memory;
  if (!text) return std::unexpected(text.error());
  const auto damaged = [&] {
    return fail(ErrorCode::kCorruptData,
                file.string() + " is damaged: delete it, and everything is done again");
  };
  boost::system::error_code error;
  const json::value value = json::parse(*text, error);
  const json::value* files =
      !error && value.is_object() ? value.get_object().if_contains("files") : nullptr;
  if (files == nullptr || !files->is_object()) return damaged();
  for (const auto& [path, each] : files->get_object()) {
    const json::object* object = each.if_object();
    const json::value* size = object != nullptr ? object->if_contains("size") : nullptr;
    const json::value* changed = object != nullptr ? object->if_contains("changed_ns") : nullptr;
    const json::value* job = object != nullptr ? object->if_contains("job_id") : nullptr;
    const json::value* ended = object != nullptr ? object->if_contains("has_ended") : nullptr;
    const bool is_good = size != nullptr && size->is_int64() && changed != nullptr &&
                         changed->is_int64() && job != nullptr && job->is_string() &&
                         ended != nullptr && ended->is_bool();
    if (!is_good) return damaged();
    memory.files_[path] = {.size = size->get_int64(),
                           .changed_ns = changed->get_int64(),
                           .job_id = std::string(job->get_string()),
                           .has_ended = ended->get_bool()};
  }
  return memory;
}

Status WatchMemory::save() const {
  json::object files;
  for (const auto& [path, file] : files_) {
    files[path] = {{"size", file.size},
                   {"changed_ns", file.changed_ns},
                   {"job_id", file.job_id},
                   {"has_ended", file.has_ended}};
  }
  return write_file_atomically(file_, json::serialize(json::object{{"files", std::move(files)}}));
}

}  // namespace katip::cli
