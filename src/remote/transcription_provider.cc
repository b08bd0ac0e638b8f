#include "remote/transcription_provider.h"

#include <algorithm>
#include <cmath>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "base/assert.h"
#include "base/utf8.h"
#include "remote/http_client.h"

/// Tested by transcription_provider_test.cc.
namespace katip::remote {
namespace {

namespace json = boost::json;
using std::chrono::milliseconds;

constexpr std::int64_t kAnswerSizeMax = 64ll << 20;
constexpr std::size_t kMessageSizeMax = 300;
constexpr double kTimeMax_s = 1e7;

/// Models of this family answer with text alone.
bool tells_times(const std::string& model) { return !model.starts_with("gpt-"); }

std::string text_of(const json::object& object, std::string_view key) {
  const json::value* value = object.if_contains(key);
  return value != nullptr && value->is_string() ? std::string(value->as_string()) : "";
}

double number_of(const json::object& object, std::string_view key) {
  const json::value* value = object.if_contains(key);
  if (value == nullptr || !value->is_number()) return 0;
  const double number = value->to_number<double>();
  return std::isfinite(number) ? std::clamp(number, -kTimeMax_s, kTimeMax_s) : 0;
}

const json::array* list_of(const json::object& object, std::string_view key) {
  const json::value* value = object.if_contains(key);
  return value != nullptr ? value->if_array() : nullptr;
}

ProviderSegment segment_of(const json::object& object) {
  ProviderSegment segment{.start_s = number_of(object, "start"),
                          .end_s = number_of(object, "end"),
                          .text = text_of(object, "text")};
  segment.temperature = static_cast<float>(number_of(object, "temperature"));
  segment.average_log_probability = static_cast<float>(number_of(object, "avg_logprob"));
  segment.compression_ratio = static_cast<float>(number_of(object, "compression_ratio"));
  segment.no_speech_probability = static_cast<float>(number_of(object, "no_speech_prob"));
  if (const json::array* tokens = list_of(object, "tokens")) {
    for (const json::value& token : *tokens) {
      if (token.is_int64() && token.as_int64() >= 0 && token.as_int64() < 1'000'000) {
        segment.tokens.push_back(static_cast<int>(token.as_int64()));
      }
    }
  }
  return segment;
}

/// What a provider says about an error, on one line and not for ever. A key that it repeats goes no
/// further.
std::string reason_of(const std::string& body, const Secret& key) {
  boost::system::error_code error;
  const json::value value = json::parse(body, error);
  if (error || !value.is_object()) return "";
  const json::value* inner = value.as_object().if_contains("error");
  std::string message = inner != nullptr && inner->is_object()
                            ? text_of(inner->as_object(), "message")
                            : text_of(value.as_object(), "detail");
  for (char& c : message) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = ' ';
  }
  if (!key.empty() && message.contains(key.reveal())) return "";
  message.resize(cut_size(message, kMessageSizeMax));
  return message.empty() ? "" : ": " + message;
}

bool is_out_of_money(const std::string& body) { return body.contains("insufficient_quota"); }

/// One error for each cause, whichever server it is.
std::optional<Error> error_of(const HttpResponse& response, const std::string& host,
                              const Secret& key) {
  const int status = response.status;
  if (status >= 200 && status < 300) return std::nullopt;
  const std::string said = fmt::format("the transcription server {} answered {}", host, status);
  const std::string reason = reason_of(response.body, key);
  if (status == 401) {
    return Error{ErrorCode::kUnauthenticated, said + ": its key is wrong; see remote.api_key"};
  }
  if (status == 429 && is_out_of_money(response.body)) {
    return Error{ErrorCode::kPermissionDenied, said + ": the account has no quota left"};
  }
  if (status == 403) return Error{ErrorCode::kPermissionDenied, said + reason};
  if (status == 404) {
    return Error{ErrorCode::kNotFound,
                 said + reason + "; see remote.base_url and the name of the model"};
  }
  if (status == 413) return Error{ErrorCode::kTooLarge, said + reason};
  if (status == 429) return Error{ErrorCode::kOverloaded, said + reason};
  if (status == 408 || status == 504) return Error{ErrorCode::kTimeout, said + reason};
  if (status >= 500 || status == 409 || status == 425) {
    return Error{ErrorCode::kUnavailable, said + reason};
  }
  return Error{ErrorCode::kInvalidArgument, said + reason};
}

bool may_pass(ErrorCode code) {
  return code == ErrorCode::kOverloaded || code == ErrorCode::kUnavailable ||
         code == ErrorCode::kTimeout;
}

HttpRequest http_request(const ProviderRequest& request, const ProviderOptions& options) {
  std::string base = options.base_url;
  while (base.ends_with('/')) base.pop_back();
  const bool is_verbose = tells_times(options.model);
  Form form;
  form.fields = {{"model", options.model},
                 {"response_format", is_verbose ? "verbose_json" : "json"}};
  if (!request.prompt.empty()) form.fields.push_back({"prompt", request.prompt});
  if (!request.language.empty() && !request.translates) {
    form.fields.push_back({"language", request.language});
  }
  if (request.temperature) {
    form.fields.push_back({"temperature", fmt::format("{}", *request.temperature)});
  }
  if (request.wants_words && is_verbose && !request.translates) {
    form.fields.push_back({"timestamp_granularities[]", "word"});
    form.fields.push_back({"timestamp_granularities[]", "segment"});
  }
  form.files = {{.name = "file",
                 .path = request.file,
                 .file_name = "audio" + request.file.extension().string(),
                 .media_type = "audio/wav"}};
  return {.url = base + (request.translates ? "/audio/translations" : "/audio/transcriptions"),
          .method = Method::kPost,
          .bearer_token = options.api_key,
          .size_max = kAnswerSizeMax,
          .body = std::move(form)};
}

}  // namespace

Status ProviderOptions::validate() const {
  if (!base_url.starts_with("https://") && !base_url.starts_with("http://")) {
    return fail(ErrorCode::kInvalidArgument,
                "base_url: an http address such as https://api.openai.com/v1");
  }
  if (model.empty()) return fail(ErrorCode::kInvalidArgument, "model: the provider's name for it");
  if (attempt_count_max < 1 || attempt_count_max > 20) {
    return fail(ErrorCode::kInvalidArgument, "attempt_count_max: 1 to 20");
  }
  return {};
}

Result<ProviderTranscript> parse_provider_transcript(std::string_view text) {
  boost::system::error_code error;
  const json::value value = json::parse(text, error);
  const json::object* object = error ? nullptr : value.if_object();
  if (object == nullptr || object->if_contains("text") == nullptr) {
    return fail(ErrorCode::kCorruptData, "the transcription server's answer is no transcript");
  }
  ProviderTranscript transcript;
  transcript.language = text_of(*object, "language");
  transcript.text = text_of(*object, "text");
  if (const json::array* segments = list_of(*object, "segments")) {
    for (const json::value& each : *segments) {
      if (each.is_object()) transcript.segments.push_back(segment_of(each.as_object()));
    }
  }
  if (const json::array* words = list_of(*object, "words")) {
    for (const json::value& each : *words) {
      if (!each.is_object()) continue;
      const json::object& word = each.as_object();
      transcript.words.push_back({.start_s = number_of(word, "start"),
                                  .end_s = number_of(word, "end"),
                                  .text = text_of(word, "word")});
    }
  }
  return transcript;
}

TranscriptionProvider::TranscriptionProvider(ProviderOptions options)
    : options_(std::move(options)) {
  KATIP_ASSERT(options_.validate().has_value());
}

Result<ProviderTranscript> TranscriptionProvider::transcribe(const ProviderRequest& request,
                                                             std::stop_token stop) const {
  HttpOptions http;
  http.ca_file = options_.ca_file;
  http.clock = options_.clock;
  http.total_timeout = options_.timeout;
  http.stall_timeout = options_.timeout;  // A long recording is silence on the line.
  const HttpClient client(http);
  const HttpRequest sent = http_request(request, options_);
  for (int attempt = 1;; ++attempt) {
    auto response = client.send(sent, stop);
    const std::optional<Error> error =
        response ? error_of(*response, host_of(sent.url), options_.api_key)
                 : std::optional(response.error());
    if (!error) return parse_provider_transcript(response->body);
    const milliseconds asked =
        response && response->retry_after ? milliseconds(*response->retry_after) : milliseconds(0);
    if (!may_pass(error->code) || attempt >= options_.attempt_count_max ||
        asked > options_.wait_max) {
      return std::unexpected(*error);
    }
    const milliseconds wait =
        std::min(std::max(options_.backoff_first * (1 << (attempt - 1)), asked), options_.wait_max);
    if (!options_.clock->sleep_for(wait, stop)) {
      return fail(ErrorCode::kCancelled, "stopped");
    }
  }
}

}  // namespace katip::remote
