#include "app/backup_manifest.h"

#include <algorithm>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "base/sha256.h"
#include "base/uuid.h"

/// Tested by backup_manifest_test.cc.
namespace katip::app {
namespace {

namespace json = boost::json;

constexpr std::int64_t kFormat = 1;
constexpr std::size_t kNameSizeMax = 200;
constexpr std::size_t kPartCountMax = 10;

json::object to_json(const BackupPart& part) {
  return {{"role", part.role},
          {"file_name", part.file_name},
          {"size", part.packed.size},
          {"sha256", part.packed.sha256},
          {"plain_size", part.packed.plain_size}};
}

json::object to_json(const BackupManifest& manifest) {
  json::object counts;
  for (const auto& [table, count] : manifest.database.row_counts) counts[table] = count;
  json::array parts;
  for (const BackupPart& part : manifest.parts) parts.push_back(to_json(part));
  json::object object{{"format", kFormat},
                      {"id", manifest.id},
                      {"name", manifest.name},
                      {"kind", name(manifest.kind)},
                      {"created_at", store::to_text(manifest.created_at)},
                      {"completed_at", store::to_text(manifest.completed_at)},
                      {"katip_version", manifest.katip_version},
                      {"database",
                       {{"kind", manifest.database_kind},
                        {"server_version", manifest.database.server_version},
                        {"schema_heads", json::value_from(manifest.database.schema_heads)},
                        {"row_counts", counts}}},
                      {"sentinel", {{"table", "backups"}, {"id", manifest.sentinel_id}}},
                      {"parts", parts}};
  if (manifest.media) object["media"] = app::to_json(*manifest.media);
  if (manifest.key_id) object["key_id"] = *manifest.key_id;
  if (manifest.copy_of) object["copy_of"] = *manifest.copy_of;
  return object;
}

/// Letters, digits, "_", "-" and "."; so it cannot lead anywhere.
bool is_plain_name(std::string_view text) {
  return !text.empty() && text.size() <= kNameSizeMax && text.front() != '.' &&
         std::ranges::all_of(text, [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  c == '_' || c == '-' || c == '.';
         });
}

std::unexpected<Error> wrong(std::string_view what) {
  return fail(ErrorCode::kCorruptData, fmt::format("the manifest is damaged: {}", what));
}

Result<std::string> text_of(const json::object& object, std::string_view key) {
  const json::value* value = object.if_contains(key);
  if (value == nullptr || !value->is_string()) return wrong(fmt::format("no text `{}`", key));
  return std::string(value->as_string());
}

Result<std::int64_t> number_of(const json::object& object, std::string_view key) {
  const json::value* value = object.if_contains(key);
  if (value == nullptr || !value->is_int64() || value->as_int64() < 0) {
    return wrong(fmt::format("no number `{}`", key));
  }
  return value->as_int64();
}

Result<Timestamp> time_of(const json::object& object, std::string_view key) {
  const std::string text = KATIP_TRY(text_of(object, key));
  const auto time = store::parse_timestamp(text);
  return time ? *time : Result<Timestamp>(wrong(fmt::format("no time `{}`", key)));
}

Result<json::object> object_of(std::string_view text) {
  boost::system::error_code error;
  json::value value = json::parse(text, error);
  if (error || !value.is_object()) return wrong("it is no JSON object");
  return std::move(value).as_object();
}

Result<BackupPart> read_part(const json::value& value, const std::string& name) {
  if (!value.is_object()) return wrong("a part is no object");
  const json::object& object = value.get_object();
  BackupPart part;
  part.role = KATIP_TRY(text_of(object, "role"));
  part.file_name = KATIP_TRY(text_of(object, "file_name"));
  part.packed.size = KATIP_TRY(number_of(object, "size"));
  part.packed.sha256 = KATIP_TRY(text_of(object, "sha256"));
  part.packed.plain_size = KATIP_TRY(number_of(object, "plain_size"));
  if (!is_plain_name(part.file_name) || !part.file_name.starts_with(name + ".")) {
    return wrong("a part has the name of a foreign file");
  }
  if (!is_sha256(part.packed.sha256)) return wrong("a part has no checksum");
  return part;
}

Status read_media(const json::object& object, BackupManifest& manifest) {
  const json::value* value = object.if_contains("media");
  if (value == nullptr) return {};
  if (!value->is_object()) return wrong("`media` is no object");
  BackupMedia media;
  media.count = KATIP_TRY(number_of(value->get_object(), "count"));
  media.size = KATIP_TRY(number_of(value->get_object(), "size"));
  media.missing_count = KATIP_TRY(number_of(value->get_object(), "missing_count"));
  media.problem = KATIP_TRY(text_of(value->get_object(), "problem"));
  manifest.media = std::move(media);
  return {};
}

Status read_database(const json::object& object, BackupManifest& manifest) {
  const json::value* value = object.if_contains("database");
  if (value == nullptr || !value->is_object()) return wrong("no `database`");
  const json::object& database = value->get_object();
  manifest.database_kind = KATIP_TRY(text_of(database, "kind"));
  manifest.database.server_version = KATIP_TRY(text_of(database, "server_version"));
  const json::value* heads = database.if_contains("schema_heads");
  const json::value* counts = database.if_contains("row_counts");
  if (heads == nullptr || !heads->is_array() || counts == nullptr || !counts->is_object()) {
    return wrong("no `schema_heads` or `row_counts`");
  }
  for (const json::value& head : heads->get_array()) {
    if (!head.is_string()) return wrong("a schema head is no text");
    manifest.database.schema_heads.emplace_back(head.get_string());
  }
  for (const auto& [table, count] : counts->get_object()) {
    if (!count.is_int64()) return wrong("a count of rows is no number");
    manifest.database.row_counts[std::string(table)] = count.get_int64();
  }
  return {};
}

/// Whether it is what was written.
Status check_sum(json::object object, BackupManifest& manifest) {
  manifest.checksum = KATIP_TRY(text_of(object, "checksum"));
  if (object.contains("signature")) manifest.signature = KATIP_TRY(text_of(object, "signature"));
  object.erase("checksum");
  object.erase("signature");
  Sha256 hash;
  hash.update(json::serialize(object));
  return hash.finish() == manifest.checksum ? Status{} : wrong("its checksum does not fit");
}

Result<std::string> sentinel_of(const json::object& object) {
  const json::value* value = object.if_contains("sentinel");
  if (value == nullptr || !value->is_object()) return wrong("no `sentinel`");
  const std::string id = KATIP_TRY(text_of(value->get_object(), "id"));
  return is_uuid(id) ? id : Result<std::string>(wrong("no `sentinel`"));
}

}  // namespace

json::object to_json(const BackupMedia& media) {
  return {{"count", media.count},
          {"size", media.size},
          {"missing_count", media.missing_count},
          {"problem", media.problem}};
}

const BackupPart* BackupManifest::part(std::string_view role) const {
  const auto found = std::ranges::find(parts, role, &BackupPart::role);
  return found == parts.end() ? nullptr : &*found;
}

std::int64_t BackupManifest::size() const {
  std::int64_t sum = 0;
  for (const BackupPart& each : parts) sum += each.packed.size;
  return sum;
}

std::string manifest_text(BackupManifest& manifest, const store::BackupKey* key) {
  json::object object = to_json(manifest);
  Sha256 hash;
  hash.update(json::serialize(object));
  manifest.checksum = hash.finish();
  object["checksum"] = manifest.checksum;
  manifest.signature = key == nullptr ? "" : key->signature(manifest.checksum);
  if (key != nullptr) object["signature"] = manifest.signature;
  return json::serialize(object) + "\n";
}

Result<BackupManifest> parse_backup_manifest(std::string_view text) {
  const json::object object = KATIP_TRY(object_of(text));
  if (KATIP_TRY(number_of(object, "format")) != kFormat) {
    return fail(ErrorCode::kCorruptData,
                "the backup has a form that this katip does not know: take a newer one");
  }
  BackupManifest manifest;
  manifest.id = KATIP_TRY(text_of(object, "id"));
  manifest.name = KATIP_TRY(text_of(object, "name"));
  const auto kind = parse_backup_kind(KATIP_TRY(text_of(object, "kind")));
  if (!is_uuid(manifest.id) || !is_plain_name(manifest.name) || !kind) {
    return wrong("no `id`, `name` or `kind`");
  }
  manifest.kind = *kind;
  manifest.created_at = KATIP_TRY(time_of(object, "created_at"));
  manifest.completed_at = KATIP_TRY(time_of(object, "completed_at"));
  manifest.katip_version = KATIP_TRY(text_of(object, "katip_version"));
  if (object.contains("key_id")) manifest.key_id = KATIP_TRY(text_of(object, "key_id"));
  if (object.contains("copy_of")) manifest.copy_of = KATIP_TRY(text_of(object, "copy_of"));
  manifest.sentinel_id = KATIP_TRY(sentinel_of(object));
  KATIP_TRY(check_sum(object, manifest));
  KATIP_TRY(read_database(object, manifest));
  KATIP_TRY(read_media(object, manifest));
  const json::value* parts = object.if_contains("parts");
  if (parts == nullptr || !parts->is_array() || parts->get_array().size() > kPartCountMax) {
    return wrong("no `parts`");
  }
  for (const json::value& part : parts->get_array()) {
    manifest.parts.push_back(KATIP_TRY(read_part(part, manifest.name)));
  }
  if (manifest.part("database") == nullptr) return wrong("it has no database");
  if (manifest.media.has_value() != (manifest.part("media") != nullptr)) {
    return wrong("it has recordings and no list of them, or a list and none");
  }
  return manifest;
}

Status check_key(const BackupManifest& manifest, const store::BackupKey* key) {
  if (!manifest.key_id) return {};
  if (key == nullptr) {
    return fail(ErrorCode::kUnauthenticated,
                fmt::format("{} is encrypted with the key {}: name the file that has it "
                            "(KATIP_BACKUP_KEY_FILE)",
                            manifest.name, *manifest.key_id));
  }
  if (key->id() != *manifest.key_id) {
    return fail(
        ErrorCode::kUnauthenticated,
        fmt::format("{} is encrypted with the key {}, and the key at hand is {}: name the file "
                    "that has the first one (KATIP_BACKUP_KEY_FILE)",
                    manifest.name, *manifest.key_id, key->id()));
  }
  if (manifest.signature != key->signature(manifest.checksum)) {
    return wrong("its signature does not fit");
  }
  return {};
}

std::string verification_text(const BackupVerification& verification) {
  return json::serialize(json::object{{"manifest_checksum", verification.manifest_checksum},
                                      {"is_good", verification.is_good},
                                      {"error", verification.error},
                                      {"verified_at", store::to_text(verification.verified_at)},
                                      {"seconds", verification.seconds},
                                      {"katip_version", verification.katip_version}}) +
         "\n";
}

Result<BackupVerification> parse_verification(std::string_view text) {
  const json::object object = KATIP_TRY(object_of(text));
  BackupVerification verification;
  verification.manifest_checksum = KATIP_TRY(text_of(object, "manifest_checksum"));
  verification.error = KATIP_TRY(text_of(object, "error"));
  verification.verified_at = KATIP_TRY(time_of(object, "verified_at"));
  verification.katip_version = KATIP_TRY(text_of(object, "katip_version"));
  const json::value* is_good = object.if_contains("is_good");
  const json::value* seconds = object.if_contains("seconds");
  if (is_good == nullptr || !is_good->is_bool() || seconds == nullptr || !seconds->is_number()) {
    return wrong("no `is_good` or `seconds`");
  }
  verification.is_good = is_good->get_bool();
  verification.seconds = seconds->to_number<double>();
  return verification;
}

}  // namespace katip::app
