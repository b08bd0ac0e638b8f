#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/json/fwd.hpp>

#include "app/principal.h"
#include "http/headers.h"

namespace katip::http {

class CursorSeal;

enum class Method { kGet, kHead, kPost, kPut, kPatch, kDelete, kOptions };
/// "GET".
std::string_view name(Method method);
std::optional<Method> parse_method(std::string_view text);

/// A file that came with a form. It lies in the folder for temporary files and is deleted at the
/// end, unless somebody moved it away.
///
/// Threads: one thread.
class UploadedFile {
 public:
  UploadedFile(std::filesystem::path path, std::string file_name, std::string media_type);
  ~UploadedFile();
  UploadedFile(UploadedFile&& other) noexcept;
  UploadedFile& operator=(UploadedFile&&) = delete;

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  /// As the client says; hostile: for people to read, never for a path.
  [[nodiscard]] const std::string& file_name() const { return file_name_; }
  [[nodiscard]] const std::string& media_type() const { return media_type_; }
  std::int64_t size = 0;    ///< Bytes.
  std::string sha256 = {};  ///< 64 hexadecimal digits.

 private:
  std::filesystem::path path_;
  std::string file_name_;
  std::string media_type_;
};

/// What a form held, in its order: a name may come several times.
struct Form {
  std::vector<std::pair<std::string, std::string>> fields = {};
  std::vector<std::pair<std::string, UploadedFile>> files = {};

  /// The last value of this name.
  [[nodiscard]] std::optional<std::string_view> value(std::string_view name) const;
  [[nodiscard]] std::vector<std::string_view> values(std::string_view name) const;
  /// Nothing: null.
  [[nodiscard]] UploadedFile* file(std::string_view name);
};

/// A request as handlers see it: its shape has been checked against its route.
///
/// Threads: one at a time.
struct Request {
  Method method = Method::kGet;
  std::string target = {};  ///< As it came: "/api/v1/jobs?limit=2".
  std::string path = {};    ///< Decoded: "/api/v1/jobs".
  std::map<std::string, std::string, std::less<>> path_values = {};  ///< Of "{job_id}".
  std::vector<std::pair<std::string, std::string>> query = {};       ///< Decoded, in their order.
  Headers headers = {};
  std::string body = {};                                ///< Of routes that take a text or JSON.
  std::shared_ptr<const boost::json::value> json = {};  ///< Of routes that take JSON; else null.
  Form form = {};                                       ///< Of routes that take a form.
  std::string request_id = {};
  std::string client_ip = {};  ///< Behind proxies that are trusted: as they say.
  bool is_secure = false;      ///< By TLS, here or at such a proxy.
  app::Principal principal = {};
  std::shared_ptr<const CursorSeal> cursors = {};  ///< Seals those of its route.

  [[nodiscard]] const std::string& path_value(std::string_view name) const;
  /// The last one of this name.
  [[nodiscard]] std::optional<std::string_view> query_value(std::string_view name) const;
  [[nodiscard]] std::vector<std::string_view> query_values(std::string_view name) const;
  /// Of a parameter that the route declares as an integer, so it is one when it is there.
  [[nodiscard]] std::optional<std::int64_t> query_integer(std::string_view name) const;
  /// The object of a route that takes one.
  [[nodiscard]] const boost::json::object& object() const;
};

}  // namespace katip::http
