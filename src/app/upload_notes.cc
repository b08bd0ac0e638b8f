#include "app/upload_notes.h"

#include <boost/json.hpp>

#include "app/json/text_field.h"

/// Tested by upload_notes_test.cc.
namespace katip::app {
namespace {

namespace json = boost::json;

constexpr std::string_view kConcat = "concat";
constexpr std::string_view kPartial = "partial";
constexpr std::string_view kJoinedFrom = "joined_from";
constexpr std::string_view kDescription = "description";

}  // namespace

std::string write_upload_notes(const UploadNotes& notes) {
  json::object object;
  if (notes.is_part) object[kConcat] = kPartial;
  if (!notes.joined_from.empty()) object[kJoinedFrom] = notes.joined_from;
  if (!notes.description.empty()) object[kDescription] = notes.description;
  return json::serialize(object);
}

UploadNotes parse_upload_notes(std::string_view text) {
  boost::system::error_code error;
  const json::value parsed = json::parse(text, error);
  if (error || !parsed.is_object()) return {};
  const json::object& object = parsed.get_object();
  return {.is_part = text_in(object, kConcat) == kPartial,
          .joined_from = text_in(object, kJoinedFrom),
          .description = text_in(object, kDescription)};
}

}  // namespace katip::app
