#include "http/wire/socket_frame.h"

#include <algorithm>
#include <utility>

#include <openssl/sha.h>

#include "base/utf8.h"
#include "http/wire/base64.h"

/// A frame is a head of 2 to 14 bytes and a payload. Control frames may come between the fragments
/// of a message, so the two are kept apart.
///
/// Tested by socket_frame_test.cc; fuzzed by fuzz/fuzz_socket.cc.
namespace katip::http {
namespace {

constexpr std::size_t kControlSizeMax = 125;
constexpr unsigned kFinalBit = 0x80;
constexpr unsigned kReservedBits = 0x70;
constexpr unsigned kMaskBit = 0x80;

unsigned byte_at(std::string_view text, std::size_t index) {
  return static_cast<unsigned char>(text[index]);
}

bool is_known(unsigned opcode) { return opcode <= 2 || (opcode >= 8 && opcode <= 10); }

/// Codes that may stand in a frame.
bool is_close_code(unsigned code) {
  if (code >= 3000 && code <= 4999) return true;
  return code >= 1000 && code <= 1014 && code != 1004 && code != 1005 && code != 1006;
}

}  // namespace

std::optional<std::string> socket_accept_key(std::string_view key) {
  const auto decoded = base64_decoded(key);
  if (!decoded || decoded->size() != 16) return std::nullopt;
  const std::string text = std::string(key) + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  std::array<unsigned char, SHA_DIGEST_LENGTH> sum{};
  SHA1(reinterpret_cast<const unsigned char*>(text.data()), text.size(), sum.data());
  return base64_encoded({reinterpret_cast<const char*>(sum.data()), sum.size()});
}

std::string socket_frame(SocketOpcode opcode, std::string_view payload) {
  std::string frame;
  frame.reserve(payload.size() + 10);
  frame += static_cast<char>(kFinalBit | static_cast<unsigned>(opcode));
  if (payload.size() <= kControlSizeMax) {
    frame += static_cast<char>(payload.size());
  } else {
    const bool is_long = payload.size() > 0xFFFF;
    frame += static_cast<char>(is_long ? 127 : 126);
    for (int shift = is_long ? 56 : 8; shift >= 0; shift -= 8) {
      frame += static_cast<char>(static_cast<std::uint64_t>(payload.size()) >> shift);
    }
  }
  frame += payload;
  return frame;
}

std::string socket_close_frame(CloseCode code, std::string_view reason) {
  const auto number = static_cast<unsigned>(code);
  std::string payload = {static_cast<char>(number >> 8), static_cast<char>(number & 0xFF)};
  reason = reason.substr(0, kControlSizeMax - payload.size());
  while (!is_utf8(reason)) reason.remove_suffix(1);
  payload += reason;
  return socket_frame(SocketOpcode::kClose, payload);
}

SocketParser::Step SocketParser::read(std::string_view bytes) {
  Step step;
  while (!is_bad_) {
    if (!has_head_) {
      while (head_.size() < head_size() && step.used < bytes.size()) head_ += bytes[step.used++];
      if (head_.size() < head_size()) return step;
      if (!begin_frame()) break;
    }
    std::string& to = is_control() ? control_ : message_;
    const auto taken =
        static_cast<std::size_t>(std::min<std::uint64_t>(left_, bytes.size() - step.used));
    unmask(bytes.substr(step.used, taken), to);
    step.used += taken;
    if (left_ > 0) return step;
    head_.clear();
    has_head_ = false;
    step.progress = end_frame();
    if (step.progress == Progress::kMessage) return step;
  }
  step.progress = Progress::kBad;
  return step;
}

std::string SocketParser::take() {
  return std::exchange(opcode_ >= SocketOpcode::kClose ? control_ : message_, {});
}

std::size_t SocketParser::head_size() const {
  if (head_.size() < 2) return 2;
  const unsigned length = byte_at(head_, 1) & ~kMaskBit;
  return 6 + (length == 126 ? 2U : 0U) + (length == 127 ? 8U : 0U);
}

bool SocketParser::begin_frame() {
  const unsigned first = byte_at(head_, 0);
  const unsigned opcode = first & 0x0F;
  const bool is_masked = (byte_at(head_, 1) & kMaskBit) != 0;
  if ((first & kReservedBits) != 0 || !is_known(opcode) || !is_masked) {
    return refuse(CloseCode::kProtocolError);
  }
  frame_ = static_cast<SocketOpcode>(opcode);
  is_final_ = (first & kFinalBit) != 0;
  const std::size_t length_end = head_.size() - mask_.size();
  left_ = byte_at(head_, 1) & ~kMaskBit;
  if (length_end > 2) {
    left_ = 0;
    for (std::size_t i = 2; i < length_end; ++i) left_ = left_ << 8 | byte_at(head_, i);
    const std::uint64_t least = length_end == 4 ? kControlSizeMax + 1 : 0x10000;
    if (left_ < least || left_ >> 63 != 0) return refuse(CloseCode::kProtocolError);
  }
  std::copy_n(head_.end() - static_cast<std::ptrdiff_t>(mask_.size()), mask_.size(), mask_.begin());
  mask_index_ = 0;
  has_head_ = true;
  if (is_control()) {
    control_.clear();
    const bool is_good = is_final_ && left_ <= kControlSizeMax;
    return is_good || refuse(CloseCode::kProtocolError);
  }
  const bool goes_on = frame_ == SocketOpcode::kContinuation;
  if (goes_on != message_opcode_.has_value()) return refuse(CloseCode::kProtocolError);
  if (!goes_on) {
    message_opcode_ = frame_;
    message_.clear();
  }
  // Before anything of it is kept.
  const bool fits = left_ <= message_size_max_ - message_.size();
  return fits || refuse(CloseCode::kTooLarge);
}

void SocketParser::unmask(std::string_view bytes, std::string& to) {
  const std::size_t begin = to.size();
  to += bytes;
  for (std::size_t i = begin; i < to.size(); ++i) {
    to[i] = static_cast<char>(to[i] ^ mask_[mask_index_++ % mask_.size()]);
  }
  left_ -= bytes.size();
}

SocketParser::Progress SocketParser::end_frame() {
  if (is_control()) {
    opcode_ = frame_;
    return frame_ == SocketOpcode::kClose ? end_close() : Progress::kMessage;
  }
  if (!is_final_) return Progress::kMore;
  opcode_ = *std::exchange(message_opcode_, std::nullopt);
  if (opcode_ == SocketOpcode::kText && !is_utf8(message_)) {
    refuse(CloseCode::kBadText);
    return Progress::kBad;
  }
  return Progress::kMessage;
}

SocketParser::Progress SocketParser::end_close() {
  close_code_ = CloseCode::kNone;
  if (control_.empty()) return Progress::kMessage;
  const unsigned code = control_.size() < 2 ? 0 : byte_at(control_, 0) << 8 | byte_at(control_, 1);
  if (!is_close_code(code)) {
    refuse(CloseCode::kProtocolError);
    return Progress::kBad;
  }
  if (!is_utf8(std::string_view(control_).substr(2))) {
    refuse(CloseCode::kBadText);
    return Progress::kBad;
  }
  close_code_ = static_cast<CloseCode>(code);
  return Progress::kMessage;
}

bool SocketParser::refuse(CloseCode problem) {
  problem_ = problem;
  is_bad_ = true;
  return false;
}

}  // namespace katip::http
