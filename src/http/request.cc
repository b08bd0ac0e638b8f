#include "http/request.h"

#include <array>
#include <charconv>
#include <system_error>

#include <boost/json/value.hpp>

#include "base/assert.h"

/// Tested by request_test.cc.
namespace katip::http {
namespace {

constexpr std::array<std::pair<Method, std::string_view>, 7> kMethods = {
    {{Method::kGet, "GET"},
     {Method::kHead, "HEAD"},
     {Method::kPost, "POST"},
     {Method::kPut, "PUT"},
     {Method::kPatch, "PATCH"},
     {Method::kDelete, "DELETE"},
     {Method::kOptions, "OPTIONS"}}};

}  // namespace

std::string_view name(Method method) { return kMethods[static_cast<std::size_t>(method)].second; }

std::optional<Method> parse_method(std::string_view text) {
  for (const auto& [method, name] : kMethods) {
    if (name == text) return method;
  }
  return std::nullopt;
}

UploadedFile::UploadedFile(std::filesystem::path path, std::string file_name,
                           std::string media_type)
    : path_(std::move(path)),
      file_name_(std::move(file_name)),
      media_type_(std::move(media_type)) {}

UploadedFile::~UploadedFile() {
  std::error_code ignored;  // It may have been moved away.
  if (!path_.empty()) std::filesystem::remove(path_, ignored);
}

UploadedFile::UploadedFile(UploadedFile&& other) noexcept
    : size(other.size),
      sha256(std::move(other.sha256)),
      path_(std::exchange(other.path_, {})),
      file_name_(std::move(other.file_name_)),
      media_type_(std::move(other.media_type_)) {}

std::optional<std::string_view> Form::value(std::string_view name) const {
  for (auto field = fields.rbegin(); field != fields.rend(); ++field) {
    if (field->first == name) return field->second;
  }
  return std::nullopt;
}

std::vector<std::string_view> Form::values(std::string_view name) const {
  std::vector<std::string_view> all;
  for (const auto& [key, value] : fields) {
    if (key == name) all.push_back(value);
  }
  return all;
}

UploadedFile* Form::file(std::string_view name) {
  for (auto& [key, file] : files) {
    if (key == name) return &file;
  }
  return nullptr;
}

const std::string& Request::path_value(std::string_view name) const {
  const auto found = path_values.find(name);
  KATIP_ASSERT(found != path_values.end());
  return found->second;
}

std::optional<std::string_view> Request::query_value(std::string_view name) const {
  for (auto pair = query.rbegin(); pair != query.rend(); ++pair) {
    if (pair->first == name) return pair->second;
  }
  return std::nullopt;
}

std::vector<std::string_view> Request::query_values(std::string_view name) const {
  std::vector<std::string_view> all;
  for (const auto& [key, value] : query) {
    if (key == name) all.push_back(value);
  }
  return all;
}

std::optional<std::int64_t> Request::query_integer(std::string_view name) const {
  const auto text = query_value(name);
  if (!text) return std::nullopt;
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), number);
  KATIP_ASSERT(error == std::errc{} && end == text->data() + text->size());
  return number;
}

const boost::json::object& Request::object() const {
  KATIP_ASSERT(json != nullptr && json->is_object());
  return json->get_object();
}

}  // namespace katip::http
