#include "http/problems.h"

#include <algorithm>

#include <fmt/format.h>

/// Tested by problems_test.cc; tests/e2e/test_problems.py looks for every code of the sources here.
namespace katip::http {
namespace {

constexpr std::string_view kFolder = "/docs/problems/";

constexpr Problem kProblems[] = {
    {"ACCOUNTS_NEEDED", "The server has no accounts yet and answers only its own machine.",
     "Make an administrator: katip user create NAME --role admin."},
    {"BAD_REQUEST", "The request is no HTTP that can be read, or its body breaks off.",
     "Look at the program that sends it, and at proxies on the way."},
    {"BAD_UPLOAD_REQUEST", "A header of a resumable upload (tus) is missing or wrong.",
     "The message names the header; see the protocol tus 1.0."},
    {"CANCELLED", "The work was cancelled.", "Send it again if it is still wanted."},
    {"CHECKSUM_MISMATCH", "The bytes that came are not those of Upload-Checksum.",
     "Send them again: the upload stands where it stood."},
    {"CONFLICT", "It cannot be done in the state that things are in now.",
     "Read the state anew; the message says what is in the way."},
    {"FOREIGN_PAGE", "A page of another origin asked for a change.",
     "Add the origin to server.cors_origins, or send an API key."},
    {"HEADERS_TOO_LARGE", "The head of the request is larger than the server reads.",
     "Send fewer or shorter headers; old cookies are often the reason."},
    {"IDEMPOTENCY_KEY_REUSED", "The Idempotency-Key was used for another request.",
     "Take a new key for each thing that is to be done once."},
    {"INSUFFICIENT_STORAGE", "The disk of the server or a quota has no room for this.",
     "Delete recordings, or ask the operator for room."},
    {"INTERNAL", "Something went wrong inside the server.",
     "The log of the server has the reason under the request_id."},
    {"INVALID_ARGUMENT", "A value does not fit.", "The message says which one and what would fit."},
    {"METHOD_NOT_ALLOWED", "There is something at this address, but not for this method.",
     "The header Allow names the methods."},
    {"MODEL_IN_USE", "The model is served or listed and cannot be deleted.",
     "Take it out of engine.model, engine.other_models and openai.aliases first."},
    {"MODEL_NOT_FOUND", "There is no model of this name here.",
     "GET /v1/models lists them; katip models pull brings more."},
    {"NOT_FOUND", "There is nothing here, or it is somebody else's.",
     "Look at the id and at whose key was sent."},
    {"NO_ROUTE", "No page and no route is at this address.", "/docs lists all of them."},
    {"OPEN_BEHIND_PROXY", "The server has no administrator and was asked through a proxy.",
     "Make an administrator: katip user create NAME --role admin."},
    {"OVERLOADED", "There is more to do than the server takes on now.",
     "Wait as long as Retry-After says, then send it again."},
    {"PERMISSION_DENIED", "Who asks may not do this.",
     "Take a key with the scope, or a user with the role, that the message names."},
    {"PRECONDITION_FAILED", "Somebody else has changed it since it was read.",
     "Read it again and make the change to what it is now."},
    {"PRECONDITION_REQUIRED", "A change has to say which version it is of.",
     "Send the ETag of what was read as If-Match."},
    {"QUOTA_EXCEEDED", "The key has used up what it may in a day.",
     "Wait as long as Retry-After says, or ask for a larger limit."},
    {"RATE_LIMITED", "Too many requests in a minute, or too many failed logins.",
     "Wait as long as Retry-After says."},
    {"REQUEST_IN_PROGRESS", "The same request is still being done.",
     "Ask again with the same Idempotency-Key."},
    {"TIMEOUT", "Something that the server waited for took too long.",
     "Send it again later, as Retry-After says."},
    {"TOO_LARGE", "The body or a part of it is larger than is allowed.",
     "The message names the limit; server.upload_max_mb is that of recordings."},
    {"TUS_VERSION", "The upload speaks another version of tus.",
     "Send Tus-Resumable: 1.0.0, which Tus-Version names."},
    {"UNAUTHENTICATED", "A key or a session is needed, or the one that was sent is none.",
     "Send Authorization: Bearer with a key, or sign in."},
    {"UNAVAILABLE", "Something that the server needs is away for the moment.",
     "Send it again later, as Retry-After says."},
    {"UNSUPPORTED_MEDIA_TYPE", "The body is of another kind than the route takes.",
     "Send the Content-Type that the message names."},
    {"UPGRADE_REQUIRED", "Only a WebSocket is at this address.",
     "Open it as one: ws:// or wss:// instead of http:// or https://."},
    {"VALIDATION_FAILED", "One or more fields do not fit.",
     "errors has an entry for each: where it is and what would fit."},
};
static_assert(std::ranges::is_sorted(kProblems, {}, &Problem::code));

constexpr std::string_view kHead =
    "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" "
    "content=\"width=device-width\"><style>body{font:16px/1.5 system-ui,sans-serif;max-width:40rem;"
    "margin:2rem auto;padding:0 1rem;color-scheme:light dark;background:Canvas;color:CanvasText}"
    "</style>";

/// "VALIDATION_FAILED" -> "validation-failed".
std::string name_of(std::string_view code) {
  std::string name(code);
  for (char& letter : name) {
    letter = letter == '_' ? '-' : static_cast<char>(letter - 'A' + 'a');
  }
  return name;
}

}  // namespace

std::span<const Problem> problems() { return kProblems; }

std::string problem_type(std::string_view code) {
  const bool is_known = std::ranges::binary_search(kProblems, code, {}, &Problem::code);
  return is_known ? std::string(kFolder) + name_of(code) : "about:blank";
}

std::optional<std::string> problem_page(std::string_view name) {
  const auto* found = std::ranges::find_if(
      kProblems, [&](const Problem& problem) { return name_of(problem.code) == name; });
  if (found == std::end(kProblems)) return std::nullopt;
  return fmt::format(
      "{0}<title>{1}</title></head><body><h1><code>{1}</code></h1><p>{2}</p><p>{3}</p>"
      "<p><a href=\"/docs/problems\">All problems</a></p></body></html>",
      kHead, found->code, found->meaning, found->advice);
}

std::string problems_page() {
  std::string page = fmt::format(
      "{}<title>Problems</title></head><body><h1>Problems</h1><p>What the API answers when it "
      "cannot do what it was asked: the <code>code</code> of an error, and the last part of its "
      "<code>type</code> in <code>application/problem+json</code>.</p><dl>",
      kHead);
  for (const Problem& problem : kProblems) {
    page += fmt::format("<dt><a href=\"{}\"><code>{}</code></a></dt><dd>{}</dd>",
                        problem_type(problem.code), problem.code, problem.meaning);
  }
  return page + "</dl><p><a href=\"/docs\">The API</a></p></body></html>";
}

}  // namespace katip::http
