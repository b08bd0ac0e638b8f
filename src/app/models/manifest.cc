#include "app/models/manifest.h"

#include <boost/json.hpp>

#include "app/json/text_field.h"
#include "base/atomic_file.h"
#include "base/sha256.h"

// Tested by manifest_test.cc.
namespace katip::app {
namespace {

namespace json = boost::json;

constexpr std::size_t kManifestSizeMax = 1 << 20;

bool is_plain_file_name(const std::string& name) {
  return !name.empty() && name != "." && name != ".." &&
         name.find_first_of(std::string_view("/\\\0", 3)) == std::string::npos;
}

const json::array* array_at(const json::object& object, std::string_view key) {
  const json::value* value = object.if_contains(key);
  return value != nullptr ? value->if_array() : nullptr;
}

std::unexpected<Error> corrupt(const std::string& what) {
  return fail(ErrorCode::kCorruptData, std::string(kManifestName) + ": " + what);
}

Result<ManifestFile> parse_file(const json::value& value) {
  const json::object* entry = value.if_object();
  if (entry == nullptr) {
    return corrupt("a file is not an object");
  }
  ManifestFile file{.name = text_in(*entry, "name"), .sha256 = text_in(*entry, "sha256")};
  const json::value* size = entry->if_contains("size");
  if (!is_plain_file_name(file.name) || !is_sha256(file.sha256) || size == nullptr ||
      !size->is_int64() || size->get_int64() < 0) {
    return corrupt("a file has no good name, size or SHA-256");
  }
  file.size = size->get_int64();
  return file;
}

}  // namespace

std::string to_json(const Manifest& manifest) {
  json::array sources;
  for (const ManifestSource& source : manifest.sources) {
    json::object entry{{"kind", source.kind}, {"name", source.name}, {"revision", source.revision}};
    if (!source.sha256.empty()) {
      entry["sha256"] = source.sha256;
    }
    sources.push_back(std::move(entry));
  }
  json::array files;
  for (const ManifestFile& file : manifest.files) {
    files.push_back({{"name", file.name}, {"size", file.size}, {"sha256", file.sha256}});
  }
  const json::object root{{"format", 1},
                          {"model", manifest.model},
                          {"installed_at", manifest.installed_at},
                          {"sources", std::move(sources)},
                          {"files", std::move(files)}};
  return json::serialize(root) + "\n";
}

Result<Manifest> parse_manifest(std::string_view text) {
  json::error_code error;
  const json::value root = json::parse(text, error);
  const json::object* object = error ? nullptr : root.if_object();
  if (object == nullptr) {
    return corrupt("is not a JSON object");
  }
  const json::value* format = object->if_contains("format");
  if (format == nullptr || !format->is_int64() || format->get_int64() != 1) {
    return corrupt("has a format that this version of katip does not know");
  }
  Manifest manifest{.model = text_in(*object, "model"),
                    .installed_at = text_in(*object, "installed_at")};
  const json::array* files = array_at(*object, "files");
  if (files == nullptr || files->empty()) {
    return corrupt("names no files");
  }
  for (const json::value& value : *files) {
    manifest.files.push_back(KATIP_TRY(parse_file(value)));
  }
  if (const json::array* sources = array_at(*object, "sources")) {
    for (const json::value& value : *sources) {
      if (const json::object* entry = value.if_object()) {
        manifest.sources.push_back({.kind = text_in(*entry, "kind"),
                                    .name = text_in(*entry, "name"),
                                    .revision = text_in(*entry, "revision"),
                                    .sha256 = text_in(*entry, "sha256")});
      }
    }
  }
  return manifest;
}

Result<std::optional<Manifest>> read_manifest(const std::filesystem::path& folder) {
  const Result<std::string> text = read_whole_file(folder / kManifestName, kManifestSizeMax);
  if (!text) {
    if (text.error().code == ErrorCode::kNotFound) {
      return std::optional<Manifest>();
    }
    return std::unexpected(text.error());
  }
  return KATIP_TRY(parse_manifest(*text));
}

}  // namespace katip::app
