#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json.hpp>

#include "base/utf8.h"
#include "http/json_text.h"
#include "http/schema.h"

using namespace katip;
using http::Need;
using http::Schema;

namespace {

/// With everything that a schema can say.
Schema everything() {
  const Schema leaf = Schema::object({{"name", Schema::string().length(1, 5), Need::kRequired},
                                      {"order", Schema::string().one_of({"asc", "desc"})},
                                      {"at", Schema::string().format("date-time").nullable()},
                                      {"id", Schema::string().format("uuid")},
                                      {"url", Schema::string().format("uri")},
                                      {"count", Schema::integer().range(1, 9)},
                                      {"share", Schema::number()},
                                      {"is_it", Schema::boolean()}});
  return Schema::object({{"leaf", leaf, Need::kRequired},
                         {"list", Schema::array(leaf.open()).length(0, 3)},
                         {"any", Schema::any()}});
}

/// Every message can be sent as JSON, and there is no flood of them.
void check(const std::vector<http::FieldError>& errors) {
  if (errors.size() > 2 * Schema::kErrorCountMax) std::abort();
  for (const http::FieldError& error : errors) {
    if (error.message.empty()) std::abort();
  }
}

}  // namespace

/// JSON and texts of any kind against a schema: they fit, or it says why.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Schema schema = everything();
  static const std::vector<Schema> texts = {
      Schema::integer().range(1, 9),   Schema::number(),
      Schema::number().range(0, 1),    Schema::boolean(),
      Schema::string().length(1, 3),   Schema::string().format("date-time"),
      Schema::array(Schema::integer())};
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  for (const Schema& text : texts) {
    std::vector<http::FieldError> errors;
    text.check_text(bytes, "x", errors);
    check(errors);
  }
  boost::json::parse_options options;
  options.max_depth = 64;
  boost::system::error_code wrong;
  const boost::json::value value = boost::json::parse(bytes, wrong, {}, options);
  if (wrong) return 0;
  std::vector<http::FieldError> errors;
  schema.check(value, "", errors);
  check(errors);
  if (!is_utf8(http::json_text(value))) std::abort();
  return 0;
}
