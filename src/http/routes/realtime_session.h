#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <boost/json/fwd.hpp>

#include "app/realtime.h"
#include "base/guarded.h"
#include "http/routes/realtime_config.h"
#include "http/socket.h"

namespace katip::http {

/// What all connections work with. Lifetime: what is referred to outlives them.
struct RealtimeDesk {
  app::Realtime& realtime;
  const app::ModelNames& models;
  app::TranscriptionArgs defaults = {};
  std::optional<std::chrono::seconds> keep_for = {};
};

/// The events of one connection, which come from several threads.
///
/// Threads: thread-safe.
class RealtimeOutbox {
 public:
  explicit RealtimeOutbox(std::shared_ptr<SocketSender> sender) : sender_(std::move(sender)) {}

  /// Adds the event's id.
  void send(std::string_view type, boost::json::object event);
  /// `event_id`: of the client's event that was wrong; may be empty.
  void send_error(const Failure& failure, const std::string& event_id);

  /// Work that is under way; nobody waits for it any more after take_all().
  void add(const std::string& item_id, const app::Submitted& submitted);
  void remove(const std::string& item_id);
  std::vector<app::Submitted> take_all();

 private:
  struct Work {
    std::map<std::string, app::Submitted> running = {};
    std::vector<std::string> ended = {};  ///< Before it was known that they had begun.
  };
  const std::shared_ptr<SocketSender> sender_;
  Guarded<std::uint64_t> event_count_{0U};
  Guarded<Work> work_;
};

/// One connection to /v1/realtime: audio comes in, text goes out.
///
/// Threads: those of a SocketHandler.
/// Source:  OpenAI's API reference, "Realtime", events of transcription sessions.
class RealtimeSession final : public SocketHandler {
 public:
  struct Start {
    RealtimeDialect dialect = RealtimeDialect::kCurrent;
    RealtimeConfig config = {};
    app::Principal principal = {};
    std::string request_id = {};
  };
  RealtimeSession(const RealtimeDesk& desk, Start start, std::shared_ptr<SocketSender> sender);

  void on_text(std::string_view text) override;
  void on_binary(std::string_view bytes) override;
  void on_close(CloseCode code) override;

 private:
  std::optional<Failure> handle(const boost::json::object& event);
  std::optional<Failure> update(const boost::json::object& event);
  std::optional<Failure> append(const boost::json::object& event);
  std::optional<Failure> commit();
  void clear();

  void hear(std::span<const std::int16_t> samples);
  void begin_turn(std::int64_t at_ms);
  void end_turn(std::int64_t at_ms);
  void tell_of_idleness();
  void forget_silence();
  void restart_turns();
  /// Makes a recording of the samples and forgets them.
  void send_off(std::size_t sample_count);
  void send_item(const std::string& item_id);
  [[nodiscard]] boost::json::object session_json() const;
  [[nodiscard]] std::size_t samples_of(std::int64_t ms) const;
  [[nodiscard]] std::int64_t ms_of(std::int64_t samples) const;

  const RealtimeDesk& desk_;
  const RealtimeDialect dialect_;
  const app::Principal principal_;
  const std::string request_id_;
  const std::string session_id_;
  RealtimeConfig config_;
  std::shared_ptr<RealtimeOutbox> outbox_;

  std::vector<std::int16_t> samples_;  // Not yet committed.
  std::int64_t first_sample_ = 0;      // Of the stream, the first of samples_.
  std::unique_ptr<app::VoiceTurns> turns_;
  std::optional<app::LiveResampler> resampler_;
  std::int64_t turns_start_ms_ = 0;  // Of the stream, where turns_ began to listen.
  std::int64_t idle_since_ms_ = 0;   // Of the stream: nothing was said since.
  std::string item_id_;              // Of the turn that goes on.
  std::string last_item_id_;
  bool has_audio_ = false;
};

}  // namespace katip::http
