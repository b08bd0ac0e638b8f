#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "app/principal.h"
#include "base/secret.h"
#include "http/exchange.h"
#include "http/request.h"
#include "http/response.h"
#include "http/schema.h"
#include "http/socket.h"

/// What the server answers, declared once. From the table follow: which handler runs, who may call
/// it, 404, 405 with Allow, 415 and 422 with an entry for each wrong field, and /openapi.json.
///
///   table.add({.method = Method::kGet,
///              .path = "/api/v1/jobs/{job_id}",
///              .operation = "get_job",
///              .summary = "One job, without its transcript",
///              .tag = "jobs",
///              .permission = app::Permission::kReadJobs,
///              .answers = {{200, "The job", envelope(job_schema())}, {404}},
///              .handle = [&](Request& request) -> Answer { … }});
namespace katip::http {

enum class Place { kPath, kQuery, kHeader };

/// Who may call a route that needs no permission.
enum class Callers {
  kAnybody,
  kKnown,  ///< Whoever has a key or a session, or is on an open installation.
};

struct Parameter {
  std::string name;
  Place place = Place::kQuery;
  Schema schema = Schema::string();
  Need need = Need::kOptional;
  /// A place of a list, sealed by the route; handlers see the place. See cursor_parameter().
  bool is_cursor = false;
};

enum class BodyKind {
  kNone,        ///< A body is read and thrown away.
  kJson,        ///< application/json, checked against the schema of the body.
  kText,        ///< Any bytes, in Request::body.
  kForm,        ///< multipart/form-data; its files are on the disk when the handler runs.
  kFormOrJson,  ///< Either, as the Content-Type says; Request::json is null for a form.
  kStream,      ///< Piece by piece to a BodySink.
};

/// Takes a body as it comes.
///
/// Threads: one call at a time, on threads that may block.
class BodySink {
 public:
  virtual ~BodySink() = default;
  /// An error ends the request with it; the rest of the body is not read.
  virtual Status write(std::string_view bytes) = 0;
  virtual Answer finish() = 0;
  /// Instead of finish(): the client went away in the middle.
  virtual void abandon() {}
};

/// Takes the messages of a WebSocket; see socket.h.
using SocketOpener = std::function<std::expected<std::unique_ptr<SocketHandler>, Failure>(
    Request&, std::shared_ptr<SocketSender>)>;

/// One kind of answer, for /openapi.json.
struct AnswerSpec {
  int status = 200;
  std::string description = {};
  std::optional<Schema> schema = {};
  std::string media_type = "application/json";
};

struct Route {
  Method method = Method::kGet;
  std::string path = {};       ///< "/api/v1/jobs/{job_id}"; "{id...}" at its end takes slashes too.
  std::string operation = {};  ///< A name of its own, as clients made from /openapi.json call it.
  std::string summary = {};
  std::string tag = {};
  /// What the caller must be allowed to do; nothing: see `callers`.
  std::optional<app::Permission> permission = {};
  Callers callers = Callers::kAnybody;
  ErrorShape errors = ErrorShape::kNative;
  std::vector<Parameter> parameters = {};
  BodyKind body_kind = BodyKind::kNone;
  std::optional<Schema> body = {};       ///< Of kJson and kForm; of kFormOrJson that of the form.
  std::optional<Schema> json_body = {};  ///< Of kFormOrJson.
  Need body_need = Need::kRequired;
  std::int64_t body_size_max = 1 << 20;  ///< Bytes; 0: the server's limit for uploads.
  std::vector<AnswerSpec> answers = {};
  /// A page for people or a part of one: neither in /openapi.json nor in /docs.
  bool is_page = false;

  /// The handler never blocks and is open to everybody: it runs at once, whatever else waits.
  bool is_immediate = false;

  // Exactly one of these, called on threads that may block.
  std::function<Answer(Request&)> handle = {};
  /// Gives its answer later; returns at once.
  std::function<void(Request&, std::shared_ptr<Exchange>)> handle_later = {};
  /// Of kStream: before the body is read.
  std::function<std::expected<std::unique_ptr<BodySink>, Failure>(Request&)> open_body = {};
  /// Of a GET that becomes a WebSocket.
  SocketOpener open_socket = {};
  std::vector<std::string> socket_protocols = {};  ///< Of which the client may choose one.
  std::size_t message_size_max = 16 << 20;         ///< Bytes, of one message of a socket.

  /// Of what the route gives as next_cursor. Made by the table.
  std::shared_ptr<const CursorSeal> cursor_seal = {};
};

/// Whether a caller has to say who they are.
inline bool needs_principal(const Route& route) {
  return route.permission.has_value() || route.callers == Callers::kKnown;
}

/// What was found for a method and a path.
struct RouteMatch {
  const Route* route = nullptr;  ///< Null: no route, see `allowed`.
  std::map<std::string, std::string, std::less<>> path_values = {};
  std::vector<Method> allowed = {};  ///< Methods that the path has; empty: there is no such path.
};

/// Threads: add() before the server starts; then immutable.
class RouteTable {
 public:
  /// The key seals the cursors of lists; a table without one has no lists.
  explicit RouteTable(Secret cursor_key = {});
  ~RouteTable();
  RouteTable(RouteTable&&) noexcept;

  /// Two routes for one method and path, or a path variable that is no parameter, are bugs. The
  /// parameters of the path may be left out: they are texts then.
  void add(Route route);

  /// GET answers HEAD too. `path` is as it came, without its query.
  [[nodiscard]] RouteMatch find(Method method, std::string_view path) const;
  [[nodiscard]] std::vector<const Route*> routes() const;

 private:
  struct Node;
  Secret cursor_key_;
  std::unique_ptr<Node> root_;
  std::vector<std::unique_ptr<const Route>> routes_;
};

/// What is wrong with the parameters of a request (path, query, headers).
std::vector<FieldError> check_parameters(const Route& route, const Request& request);
/// … and with its form.
std::vector<FieldError> check_form(const Route& route, const Request& request);

/// The parameter of a list that goes on behind the page before.
Parameter cursor_parameter();
/// What is wrong with those of a request, after check_parameters(). When nothing is, the places are
/// in the request in their stead.
std::vector<FieldError> open_cursors(const Route& route, Request& request);
/// Of a cursor that does not open.
FieldError wrong_cursor(std::string pointer);

/// The schema of a native answer around the schema of its data.
Schema envelope(Schema data);

}  // namespace katip::http
