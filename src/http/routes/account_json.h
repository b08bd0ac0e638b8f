#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <boost/json/object.hpp>

#include "app/account_types.h"
#include "app/audit.h"
#include "http/exchange.h"
#include "http/route.h"
#include "http/routes/accounts.h"

/// What the routes about accounts share: values as JSON, what is done later.
namespace katip::http {

boost::json::object to_json(const app::Principal& principal);
boost::json::object to_json(const app::User& user);
boost::json::object to_json(const app::Key& key);
boost::json::object to_json(const app::Session& session);
boost::json::object to_json(const app::AuditRecord& record);

Schema principal_schema();
Schema user_schema();
Schema key_schema();
Schema session_schema();
Schema audit_schema();

/// The text of a key of an object; nothing when it is missing or null.
std::optional<std::string> text_of(const boost::json::object& object, std::string_view key);
std::optional<int> integer_of(const boost::json::object& object, std::string_view key);

/// What is kept of a request that is answered later.
struct Caller {
  app::Principal principal = {};
  std::string request_id = {};
  std::string client_ip = {};
  bool is_secure = false;
};
Caller caller_of(const Request& request);

/// Writes down who did what in this request.
void record(const AccountDesk& desk, const Caller& caller, const std::string& action,
            const std::string& target_kind, const std::string& target_id,
            const boost::json::object& details = {});

/// Answers on the threads for passwords; when too many wait there, with a 503 at once. `work` keeps
/// copies of what it needs of the request.
void answer_later(const AccountDesk& desk, std::shared_ptr<Exchange> exchange,
                  std::function<Answer()> work);

}  // namespace katip::http
