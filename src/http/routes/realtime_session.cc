#include "http/routes/realtime_session.h"

#include <algorithm>
#include <span>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <fmt/format.h>

#include "base/clock.h"
#include "base/uuid.h"
#include "http/json_text.h"
#include "http/routes/logprobs.h"
#include "http/wire/base64.h"

/// Tested by tests/e2e/test_realtime.py with the official client.
namespace katip::http {
namespace json = boost::json;
namespace {

/// A turn that is longer is cut here; without turn detection it is an error.
constexpr std::int64_t kBufferMsMax = 10LL * 60 * 1'000;
constexpr std::int64_t kCommitMsMin = 100;

Failure wrong(std::string code, std::string message, std::string parameter = "") {
  return Failure::of_parameter(std::move(parameter), std::move(message), std::move(code));
}

std::string make_id(std::string_view prefix) {
  static UuidSource ids(system_clock(), system_rng());
  std::string id = ids.next();
  std::erase(id, '-');
  return fmt::format("{}_{}", prefix, id);
}

json::object error_json(const Failure& failure) {
  const auto text_or_null = [](const std::string& text) {
    return text.empty() ? json::value(nullptr) : json::value(text);
  };
  return {{"type", failure.status < 500 ? "invalid_request_error" : "server_error"},
          {"code", text_or_null(failure.openai_code)},
          {"message", failure.message},
          {"param", text_or_null(failure.parameter)}};
}

std::string text_of(const app::Transcript& transcript) {
  std::string text = app::write_transcript(transcript, app::Format::kText,
                                           {.text_layout = app::TextLayout::kRunning})
                         .value_or("");
  while (text.ends_with('\n')) text.pop_back();
  return text;
}

/// What is told of one recording as it becomes text.
struct Told {
  std::shared_ptr<RealtimeOutbox> outbox;
  std::string item_id;
  bool wants_logprobs = false;
  app::Transcript transcript = {};
  std::string text = {};          ///< What the deltas come to.
  std::size_t scored_count = 0U;  ///< Segments whose tokens were in a delta.

  void tell(const app::Transcript& known) {
    const std::string whole = text_of(known);
    if (!whole.starts_with(text) || whole.size() == text.size()) return;
    json::object event{
        {"item_id", item_id}, {"content_index", 0}, {"delta", whole.substr(text.size())}};
    if (wants_logprobs && known.segments.size() >= scored_count) {
      event["logprobs"] = logprobs_of(std::span(known.segments).subspan(scored_count));
      scored_count = known.segments.size();
    }
    outbox->send("conversation.item.input_audio_transcription.delta", std::move(event));
    text = whole;
  }
  void end(const Result<app::Transcript>& done) {
    outbox->remove(item_id);
    if (!done) {
      outbox->send("conversation.item.input_audio_transcription.failed",
                   {{"item_id", item_id},
                    {"content_index", 0},
                    {"error", error_json(Failure(done.error()))}});
      return;
    }
    tell(*done);
    const double seconds = static_cast<double>(done->duration_ms) / 1000;
    json::object event{{"item_id", item_id},
                       {"content_index", 0},
                       {"transcript", text_of(*done)},
                       {"usage", {{"type", "duration"}, {"seconds", seconds}}}};
    if (wants_logprobs) event["logprobs"] = logprobs_of(done->segments);
    outbox->send("conversation.item.input_audio_transcription.completed", std::move(event));
  }
};

}  // namespace

void RealtimeOutbox::send(std::string_view type, json::object event) {
  // Ids and the order on the wire go together.
  event_count_.with_lock([&](std::uint64_t& count) {
    json::object whole{{"type", type}, {"event_id", fmt::format("event_{}", ++count)}};
    for (auto& pair : event) whole[pair.key()] = std::move(pair.value());
    sender_->send_text(json_text(whole));
  });
}

void RealtimeOutbox::send_error(const Failure& failure, const std::string& event_id) {
  json::object error = error_json(failure);
  error["event_id"] = event_id.empty() ? json::value(nullptr) : json::value(event_id);
  send("error", {{"error", std::move(error)}});
}

void RealtimeOutbox::add(const std::string& item_id, const app::Submitted& submitted) {
  work_.with_lock([&](Work& work) {
    if (std::erase(work.ended, item_id) == 0) work.running.emplace(item_id, submitted);
  });
}

void RealtimeOutbox::remove(const std::string& item_id) {
  work_.with_lock([&](Work& work) {
    if (work.running.erase(item_id) == 0) work.ended.push_back(item_id);
  });
}

std::vector<app::Submitted> RealtimeOutbox::take_all() {
  return work_.with_lock([](Work& work) {
    std::vector<app::Submitted> all;
    for (auto& [id, submitted] : work.running) all.push_back(std::move(submitted));
    work.running.clear();
    return all;
  });
}

RealtimeSession::RealtimeSession(const RealtimeDesk& desk, Start start,
                                 std::shared_ptr<SocketSender> sender)
    : desk_(desk),
      dialect_(start.dialect),
      principal_(std::move(start.principal)),
      request_id_(std::move(start.request_id)),
      session_id_(make_id("sess")),
      config_(std::move(start.config)),
      outbox_(std::make_shared<RealtimeOutbox>(std::move(sender))) {
  if (!desk_.realtime.can_hear()) config_.turns.reset();
  restart_turns();
  const bool is_beta = dialect_ == RealtimeDialect::kBeta;
  outbox_->send(is_beta ? "transcription_session.created" : "session.created",
                {{"session", session_json()}});
}

void RealtimeSession::on_text(std::string_view text) {
  boost::system::error_code error;
  const json::value value = json::parse(text, error);
  if (error || !value.is_object()) {
    outbox_->send_error(wrong("invalid_json", "an event is a JSON object"), "");
    return;
  }
  const json::object& event = value.get_object();
  const json::value* id = event.if_contains("event_id");
  const std::string event_id =
      id != nullptr && id->is_string() ? std::string(id->get_string()) : std::string();
  if (const auto failure = handle(event)) outbox_->send_error(*failure, event_id);
}

void RealtimeSession::on_binary(std::string_view) {
  outbox_->send_error(wrong("invalid_event", "events are texts; audio is base64 in them"), "");
}

void RealtimeSession::on_close(CloseCode) {
  for (const app::Submitted& submitted : outbox_->take_all()) desk_.realtime.abandon(submitted);
}

std::optional<Failure> RealtimeSession::handle(const json::object& event) {
  const json::value* type = event.if_contains("type");
  const std::string name =
      type != nullptr && type->is_string() ? std::string(type->get_string()) : std::string();
  if (name == "input_audio_buffer.append") return append(event);
  if (name == "input_audio_buffer.commit") return commit();
  if (name == "input_audio_buffer.clear") {
    clear();
    return std::nullopt;
  }
  if (name == "session.update" || name == "transcription_session.update") return update(event);
  return wrong("invalid_value",
               fmt::format("Invalid value: '{}'. A transcription session takes session.update, "
                           "transcription_session.update and input_audio_buffer.append, .commit "
                           "and .clear.",
                           name),
               "type");
}

std::optional<Failure> RealtimeSession::update(const json::object& event) {
  const json::value* session = event.if_contains("session");
  if (session == nullptr || !session->is_object()) {
    return wrong("missing_required_parameter", "session is needed", "session");
  }
  RealtimeConfig next = config_;
  if (auto failure = next.update(session->get_object(), desk_.models)) return failure;
  if (next.format != config_.format && has_audio_) {
    return wrong("invalid_value", "the format cannot change once audio has come", "session.audio");
  }
  if (next.turns && !desk_.realtime.can_hear()) {
    return wrong("invalid_value",
                 "this server has no speech detector: send turn_detection null and commit, or "
                 "install it with `katip models pull silero-vad`",
                 "session.turn_detection");
  }
  config_ = std::move(next);
  restart_turns();
  const bool is_beta = dialect_ == RealtimeDialect::kBeta;
  outbox_->send(is_beta ? "transcription_session.updated" : "session.updated",
                {{"session", session_json()}});
  return std::nullopt;
}

std::optional<Failure> RealtimeSession::append(const json::object& event) {
  const json::value* audio = event.if_contains("audio");
  const auto bytes = audio != nullptr && audio->is_string()
                         ? base64_decoded(std::string_view(audio->get_string()))
                         : std::nullopt;
  if (!bytes) return wrong("invalid_value", "audio must be base64", "audio");
  if (config_.format == app::LiveFormat::kPcm16 && bytes->size() % 2 != 0) {
    return wrong("invalid_value", "audio must have whole samples of 16 bits", "audio");
  }
  const auto samples = app::decode_live_audio(config_.format, *bytes);
  has_audio_ = true;
  if (turns_ == nullptr &&
      ms_of(static_cast<std::int64_t>(samples_.size() + samples.size())) > kBufferMsMax) {
    return wrong("input_audio_buffer_too_large",
                 "more than ten minutes of audio were not committed", "audio");
  }
  hear(samples);
  return std::nullopt;
}

void RealtimeSession::hear(std::span<const std::int16_t> samples) {
  samples_.insert(samples_.end(), samples.begin(), samples.end());
  if (turns_ == nullptr) return;
  for (const app::TurnEvent& event : turns_->push(resampler_->push(samples))) {
    const std::int64_t at_ms = turns_start_ms_ + event.at_ms;
    event.kind == app::TurnEvent::Kind::kBegan ? begin_turn(at_ms) : end_turn(at_ms);
  }
  if (item_id_.empty()) {
    tell_of_idleness();
    forget_silence();
  } else if (ms_of(static_cast<std::int64_t>(samples_.size())) > kBufferMsMax) {
    send_off(samples_.size());
    item_id_ = make_id("item");
  }
}

void RealtimeSession::begin_turn(std::int64_t at_ms) {
  item_id_ = make_id("item");
  // What lies before the turn is not part of it.
  const std::int64_t first_ms = ms_of(first_sample_);
  const std::size_t skipped =
      std::min(samples_of(std::max<std::int64_t>(at_ms - first_ms, 0)), samples_.size());
  samples_.erase(samples_.begin(), samples_.begin() + static_cast<std::ptrdiff_t>(skipped));
  first_sample_ += static_cast<std::int64_t>(skipped);
  outbox_->send("input_audio_buffer.speech_started",
                {{"audio_start_ms", at_ms}, {"item_id", item_id_}});
}

void RealtimeSession::end_turn(std::int64_t at_ms) {
  outbox_->send("input_audio_buffer.speech_stopped",
                {{"audio_end_ms", at_ms}, {"item_id", item_id_}});
  const std::int64_t length_ms = std::max<std::int64_t>(at_ms - ms_of(first_sample_), 0);
  send_off(std::min(samples_of(length_ms), samples_.size()));
}

/// By the clock of the audio: who sends none is not asked to speak.
void RealtimeSession::tell_of_idleness() {
  const std::int64_t now_ms = ms_of(first_sample_ + static_cast<std::int64_t>(samples_.size()));
  if (!config_.turns->idle_timeout_ms ||
      now_ms - idle_since_ms_ < *config_.turns->idle_timeout_ms) {
    return;
  }
  const std::string item_id = make_id("item");
  outbox_->send(
      "input_audio_buffer.timeout_triggered",
      {{"audio_start_ms", idle_since_ms_}, {"audio_end_ms", now_ms}, {"item_id", item_id}});
  // The silence is an item, and nothing was said in it.
  send_item(item_id);
  outbox_->send("conversation.item.input_audio_transcription.completed",
                {{"item_id", item_id},
                 {"content_index", 0},
                 {"transcript", ""},
                 {"usage", {{"type", "duration"}, {"seconds", 0}}}});
  idle_since_ms_ = now_ms;
}

void RealtimeSession::forget_silence() {
  // As much stays as the next turn may begin before it is heard.
  const std::size_t kept = samples_of(config_.turns->prefix_padding_ms + 500);
  if (samples_.size() <= 2 * kept) return;
  const std::size_t skipped = samples_.size() - kept;
  samples_.erase(samples_.begin(), samples_.begin() + static_cast<std::ptrdiff_t>(skipped));
  first_sample_ += static_cast<std::int64_t>(skipped);
}

std::optional<Failure> RealtimeSession::commit() {
  const std::int64_t ms = ms_of(static_cast<std::int64_t>(samples_.size()));
  if (ms < kCommitMsMin) {
    return wrong("input_audio_buffer_commit_empty",
                 fmt::format("Error committing input audio buffer: buffer too small. Expected at "
                             "least {}ms of audio, but buffer only has {}.00ms of audio.",
                             kCommitMsMin, ms));
  }
  send_off(samples_.size());
  restart_turns();
  return std::nullopt;
}

void RealtimeSession::clear() {
  first_sample_ += static_cast<std::int64_t>(samples_.size());
  samples_.clear();
  item_id_.clear();
  restart_turns();
  outbox_->send("input_audio_buffer.cleared", {});
}

void RealtimeSession::restart_turns() {
  turns_start_ms_ = ms_of(first_sample_ + static_cast<std::int64_t>(samples_.size()));
  idle_since_ms_ = turns_start_ms_;
  turns_ = config_.turns ? desk_.realtime.turns(*config_.turns) : nullptr;
  resampler_.emplace(app::sample_rate_of(config_.format));
}

void RealtimeSession::send_off(std::size_t sample_count) {
  const std::string item_id = item_id_.empty() ? make_id("item") : std::exchange(item_id_, {});
  const auto end = samples_.begin() + static_cast<std::ptrdiff_t>(sample_count);
  const std::vector<std::int16_t> piece(samples_.begin(), end);
  samples_.erase(samples_.begin(), end);
  first_sample_ += static_cast<std::int64_t>(sample_count);
  idle_since_ms_ = ms_of(first_sample_);
  send_item(item_id);
  const auto told = std::make_shared<Told>(
      Told{.outbox = outbox_, .item_id = item_id, .wants_logprobs = config_.wants_logprobs});
  app::LiveObserver observer;
  observer.on_segments = [told](const std::vector<app::Segment>& segments) {
    auto& all = told->transcript.segments;
    all.insert(all.end(), segments.begin(), segments.end());
    told->tell(told->transcript);
  };
  observer.on_done = [told](const Result<app::Transcript>& done) { told->end(done); };
  const auto submitted =
      desk_.realtime.transcribe(principal_,
                                {.samples = piece,
                                 .sample_rate = app::sample_rate_of(config_.format),
                                 .args = config_.args(desk_.defaults, desk_.models),
                                 .request_id = request_id_,
                                 .keep_for = desk_.keep_for},
                                std::move(observer));
  if (submitted) {
    outbox_->add(item_id, *submitted);
  } else {
    told->end(std::unexpected(submitted.error()));
  }
}

void RealtimeSession::send_item(const std::string& item_id) {
  const json::value previous =
      last_item_id_.empty() ? json::value(nullptr) : json::value(last_item_id_);
  outbox_->send("input_audio_buffer.committed",
                {{"item_id", item_id}, {"previous_item_id", previous}});
  const json::object content{{"type", "input_audio"}, {"transcript", nullptr}};
  const json::object item{{"id", item_id},     {"object", "realtime.item"},
                          {"type", "message"}, {"status", "completed"},
                          {"role", "user"},    {"content", json::array{content}}};
  const json::object event{{"previous_item_id", previous}, {"item", item}};
  if (dialect_ == RealtimeDialect::kBeta) {
    outbox_->send("conversation.item.created", event);
  } else {
    outbox_->send("conversation.item.added", event);
    outbox_->send("conversation.item.done", event);
  }
  last_item_id_ = item_id;
}

json::object RealtimeSession::session_json() const {
  json::object session = config_.to_json(dialect_);
  session["id"] = session_id_;
  return session;
}

std::size_t RealtimeSession::samples_of(std::int64_t ms) const {
  return static_cast<std::size_t>(ms * app::sample_rate_of(config_.format) / 1'000);
}

std::int64_t RealtimeSession::ms_of(std::int64_t samples) const {
  return samples * 1'000 / app::sample_rate_of(config_.format);
}

}  // namespace katip::http
