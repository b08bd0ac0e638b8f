#include "http/server/message_parser.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <optional>

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/buffer_body.hpp>
#include <boost/beast/http/parser.hpp>

/// Heads are Boost.Beast's. Bodies are read here: its parser of chunks asserts what a client
/// decides.
///
/// Tested by message_parser_test.cc; fuzzed by fuzz/fuzz_http_message.cc.
namespace katip::http {
namespace {

namespace beast_http = boost::beast::http;

constexpr std::size_t kChunkLineMax = 1'024;
constexpr std::size_t kSizeDigitsMax = 15;

bool is_folded(std::string_view head) { return head.contains("\r\n ") || head.contains("\r\n\t"); }

/// "5;a=b" -> 5. Extensions mean nothing here.
std::optional<std::int64_t> parse_chunk_size(std::string_view line) {
  const std::size_t end = std::min(line.find_first_not_of("0123456789abcdefABCDEF"), line.size());
  if (end == 0 || end > kSizeDigitsMax) return std::nullopt;
  if (end < line.size() && line[end] != ';' && line[end] != ' ' && line[end] != '\t') {
    return std::nullopt;
  }
  std::int64_t size = 0;
  std::from_chars(line.data(), line.data() + end, size, 16);
  return size;
}

/// The body of a message with Transfer-Encoding: chunked.
class ChunkReader {
 public:
  explicit ChunkReader(std::size_t trailer_size_max) : trailer_size_max_(trailer_size_max) {}

  MessageParser::BodyStep read(std::string_view bytes, std::span<char> out) {
    using Progress = MessageParser::Progress;
    MessageParser::BodyStep step;
    while (state_ != State::kDone && step.used < bytes.size()) {
      if (state_ == State::kData && left_ > 0) {
        const std::size_t size = std::min(
            {static_cast<std::size_t>(left_), bytes.size() - step.used, out.size() - step.size});
        if (size == 0) return step;
        std::copy_n(bytes.data() + step.used, size, out.data() + step.size);
        left_ -= static_cast<std::int64_t>(size);
        step.used += size;
        step.size += size;
      } else if (!take(bytes[step.used++])) {
        step.progress = Progress::kBad;
        return step;
      }
    }
    if (state_ == State::kDone) step.progress = Progress::kDone;
    return step;
  }
  [[nodiscard]] bool is_done() const { return state_ == State::kDone; }

 private:
  /// Waiting for a size, in the data and the line break behind it, behind the last chunk.
  enum class State { kSize, kData, kTrailer, kDone };

  /// The next byte of a line. False: it cannot be read.
  bool take(char byte) {
    const bool is_behind_return = line_.ends_with('\r');
    if ((byte == '\n') != is_behind_return) return false;  // Lines end in both, and only in both.
    if (byte != '\n') {
      line_ += byte;
      const auto code = static_cast<unsigned char>(byte);
      return (code >= 0x20 || byte == '\t' || byte == '\r') && line_.size() <= kChunkLineMax;
    }
    line_.pop_back();
    const bool is_good = end_line();
    line_.clear();
    return is_good;
  }

  bool end_line() {
    if (state_ == State::kData) {
      state_ = State::kSize;
      return line_.empty();
    }
    if (state_ == State::kSize) {
      const auto size = parse_chunk_size(line_);
      if (!size) return false;
      left_ = *size;
      state_ = left_ > 0 ? State::kData : State::kTrailer;
      return true;
    }
    if (line_.empty()) {
      state_ = State::kDone;
      return true;
    }
    trailer_size_ += line_.size();
    const std::size_t colon = line_.find(':');
    return trailer_size_ <= trailer_size_max_ && colon != line_.npos && colon > 0 &&
           line_.find_first_of(" \t") > colon;
  }

  const std::size_t trailer_size_max_;
  State state_ = State::kSize;
  std::string line_;
  std::int64_t left_ = 0;  // Bytes of this chunk.
  std::size_t trailer_size_ = 0;
};

}  // namespace

struct MessageParser::State {
  beast_http::request_parser<beast_http::buffer_body> parser;
  std::string head;  // As it came, to look at what the parser forgives.
  std::size_t head_size_max;
  bool has_head = false;
  std::optional<ChunkReader> chunks;
  std::int64_t left = 0;  // Bytes of a body that says its size.
};

MessageParser::MessageParser(std::size_t head_size_max) : state_(std::make_unique<State>()) {
  state_->parser.body_limit(boost::none);
  state_->parser.header_limit(static_cast<std::uint32_t>(head_size_max));
  state_->head_size_max = head_size_max;
}

MessageParser::~MessageParser() = default;

MessageParser::Step MessageParser::read_head(std::string_view bytes) {
  boost::system::error_code error;
  Step step;
  step.used = state_->parser.put(boost::asio::buffer(bytes.data(), bytes.size()), error);
  if (error == beast_http::error::header_limit) {
    step.progress = Progress::kHeadTooLarge;
    return step;
  }
  if (error && error != beast_http::error::need_more) {
    step.progress = Progress::kBad;
    return step;
  }
  state_->head += bytes.substr(0, step.used);
  if (!state_->parser.is_header_done()) {
    if (bytes.size() > state_->head_size_max) step.progress = Progress::kHeadTooLarge;
    return step;
  }
  const auto& fields = state_->parser.get();
  const auto count = [&](beast_http::field field) {
    const auto [first, last] = fields.equal_range(field);
    return std::distance(first, last);
  };
  // What two servers in a row could read differently is refused.
  const bool is_ambiguous =
      is_folded(state_->head) || count(beast_http::field::host) > 1 ||
      count(beast_http::field::content_length) > 1 ||
      count(beast_http::field::transfer_encoding) > 1 ||
      (count(beast_http::field::content_length) > 0 &&
       count(beast_http::field::transfer_encoding) > 0) ||
      (count(beast_http::field::transfer_encoding) > 0 && !state_->parser.chunked()) ||
      fields[beast_http::field::content_length].find_first_not_of("0123456789") !=
          boost::core::string_view::npos ||
      (fields.version() < 11 && count(beast_http::field::transfer_encoding) > 0) ||
      (fields.version() >= 11 && count(beast_http::field::host) == 0) ||
      (fields.version() != 10 && fields.version() != 11);
  step.progress = is_ambiguous ? Progress::kBad : Progress::kDone;
  state_->has_head = !is_ambiguous;
  state_->left = body_size().value_or(0);
  if (state_->parser.chunked()) state_->chunks.emplace(state_->head_size_max);
  return step;
}

MessageParser::BodyStep MessageParser::read_body(std::string_view bytes, std::span<char> out) {
  if (state_->chunks) return state_->chunks->read(bytes, out);
  BodyStep step;
  step.used = step.size =
      std::min({static_cast<std::size_t>(state_->left), bytes.size(), out.size()});
  std::copy_n(bytes.data(), step.size, out.data());
  state_->left -= static_cast<std::int64_t>(step.size);
  step.progress = state_->left == 0 ? Progress::kDone : Progress::kMore;
  return step;
}

std::string_view MessageParser::method() const {
  const auto text = state_->parser.get().method_string();
  return {text.data(), text.size()};
}

std::string_view MessageParser::target() const {
  const auto text = state_->parser.get().target();
  return {text.data(), text.size()};
}

Headers MessageParser::headers() const {
  Headers headers;
  for (const auto& field : state_->parser.get()) {
    headers.add(std::string(field.name_string()), std::string(field.value()));
  }
  return headers;
}

bool MessageParser::is_kept_alive() const { return state_->parser.get().keep_alive(); }

bool MessageParser::is_http_1_0() const { return state_->parser.get().version() < 11; }

bool MessageParser::has_body() const {
  return state_->parser.chunked() || state_->parser.content_length().value_or(0) > 0;
}

bool MessageParser::is_done() const {
  if (!state_->has_head) return false;
  return state_->chunks ? state_->chunks->is_done() : state_->left == 0;
}

std::optional<std::int64_t> MessageParser::body_size() const {
  const auto size = state_->parser.content_length();
  if (!size) return std::nullopt;
  constexpr std::uint64_t kMax = std::numeric_limits<std::int64_t>::max();
  return static_cast<std::int64_t>(std::min<std::uint64_t>(*size, kMax));
}

}  // namespace katip::http
