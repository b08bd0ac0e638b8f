#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/fwd.hpp>

#include "http/failure.h"

/// The shape of a value that comes in or goes out, declared once: requests are checked against it,
/// and /openapi.json shows it.
///
///   Schema::object({{"name", Schema::string().length(1, 200), Need::kRequired},
///                   {"scopes", Schema::array(Schema::string())}})
namespace katip::http {

enum class Need { kOptional, kRequired };

struct Property;

/// Threads: a value type.
class Schema {
 public:
  /// A hostile body could be wrong in a million places.
  static constexpr std::size_t kErrorCountMax = 100;

  static Schema any();
  /// Keys that are not named are refused, unless open() is said.
  static Schema object(std::vector<Property> properties);
  static Schema array(Schema items);
  /// Texts are UTF-8 without U+0000; their length is counted in characters.
  static Schema string();
  static Schema integer();
  static Schema number();
  static Schema boolean();
  /// Bytes: a file in a form.
  static Schema binary();

  /// Limits of a text's characters or of a list's entries.
  [[nodiscard]] Schema length(std::int64_t minimum, std::int64_t maximum) const;
  [[nodiscard]] Schema range(double minimum, double maximum) const;
  [[nodiscard]] Schema one_of(std::vector<std::string> values) const;
  /// "uuid", "date-time" or "uri" (http or https).
  [[nodiscard]] Schema format(std::string name) const;
  [[nodiscard]] Schema nullable() const;
  [[nodiscard]] Schema described(std::string text) const;
  /// Of an object: other keys are allowed too.
  [[nodiscard]] Schema open() const;

  /// Adds an entry for each thing that is wrong, up to kErrorCountMax. `pointer` is the place of
  /// the value: "/name".
  void check(const boost::json::value& value, const std::string& pointer,
             std::vector<FieldError>& errors) const;
  /// The same for a value of a query, a path or a form, which comes as text.
  void check_text(std::string_view text, const std::string& name,
                  std::vector<FieldError>& errors) const;

  /// As OpenAPI 3.1 writes it.
  [[nodiscard]] boost::json::value to_json() const;

  [[nodiscard]] const std::string& description() const { return description_; }
  [[nodiscard]] bool is_object() const { return kind_ == Kind::kObject; }
  [[nodiscard]] bool is_array() const { return kind_ == Kind::kArray; }
  [[nodiscard]] bool is_binary() const { return kind_ == Kind::kBinary; }
  [[nodiscard]] bool is_open() const { return is_open_; }
  /// Of an array.
  [[nodiscard]] const Schema& items() const { return *items_; }
  /// Of an object.
  [[nodiscard]] const std::vector<Property>& properties() const { return *properties_; }

 private:
  enum class Kind { kAny, kObject, kArray, kString, kInteger, kNumber, kBoolean, kBinary };

  explicit Schema(Kind kind) : kind_(kind) {}
  void check_object(const boost::json::object& object, const std::string& pointer,
                    std::vector<FieldError>& errors) const;
  void check_string(std::string_view text, const std::string& pointer,
                    std::vector<FieldError>& errors) const;
  void check_number(double number, const std::string& pointer,
                    std::vector<FieldError>& errors) const;
  [[nodiscard]] std::string expected() const;

  Kind kind_;
  std::shared_ptr<const std::vector<Property>> properties_ = {};
  std::shared_ptr<const Schema> items_ = {};
  std::optional<std::int64_t> length_min_ = {};
  std::optional<std::int64_t> length_max_ = {};
  std::optional<double> minimum_ = {};
  std::optional<double> maximum_ = {};
  std::vector<std::string> values_ = {};
  std::string format_ = {};
  std::string description_ = {};
  bool is_nullable_ = false;
  bool is_open_ = false;
};

struct Property {
  std::string name;
  Schema schema;
  Need need = Need::kOptional;
};

}  // namespace katip::http
