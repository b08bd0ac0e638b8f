#include "http/server/message_parser.h"

#include <algorithm>

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/buffer_body.hpp>
#include <boost/beast/http/parser.hpp>

/// Tested by message_parser_test.cc; fuzzed by fuzz/fuzz_http_message.cc.
namespace katip::http {
namespace {

namespace beast_http = boost::beast::http;

bool is_folded(std::string_view head) { return head.contains("\r\n ") || head.contains("\r\n\t"); }

}  // namespace

struct MessageParser::State {
  beast_http::request_parser<beast_http::buffer_body> parser;
  std::string head;  // As it came, to look at what the parser forgives.
  std::size_t head_size_max;
  bool is_bad = false;
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
  return step;
}

MessageParser::BodyStep MessageParser::read_body(std::string_view bytes, std::span<char> out) {
  boost::system::error_code error;
  BodyStep step;
  auto& body = state_->parser.get().body();
  body.data = out.data();
  body.size = out.size();
  body.more = true;
  step.used = state_->parser.put(boost::asio::buffer(bytes.data(), bytes.size()), error);
  step.size = out.size() - body.size;
  if (error && error != beast_http::error::need_more && error != beast_http::error::need_buffer) {
    step.progress = Progress::kBad;
  } else if (state_->parser.is_done()) {
    step.progress = Progress::kDone;
  }
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

bool MessageParser::is_done() const { return state_->parser.is_done(); }

std::optional<std::int64_t> MessageParser::body_size() const {
  const auto size = state_->parser.content_length();
  if (!size) return std::nullopt;
  constexpr std::uint64_t kMax = std::numeric_limits<std::int64_t>::max();
  return static_cast<std::int64_t>(std::min<std::uint64_t>(*size, kMax));
}

}  // namespace katip::http
