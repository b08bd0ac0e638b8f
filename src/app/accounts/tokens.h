#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/secret.h"

/// Keys and tokens: how they are made and read. Their letters are 0-9, A-Z and a-z, each by chance,
/// so that a double click takes the whole and no shell minds them.
namespace katip::app {

/// "kp_<public half: 12>_<secret half: 43>": the public half finds the row and may be shown; the
/// secret half has 256 bits.
struct NewKeyText {
  Secret key;
  std::string prefix;  ///< "kp_<public half>".
};
NewKeyText make_key(Rng& rng);
/// The part that may be shown, of a text that has the form of a key; else nothing.
std::optional<std::string_view> key_prefix_of(std::string_view key);

/// "ks_<43>" for a session.
Secret make_session_token(Rng& rng);
bool is_session_token(std::string_view text);

/// What is stored instead of a key or token. They have 256 bits of chance, so that nobody can try
/// them all, and a slow hash as for passwords would gain nothing.
std::string token_hash(const Secret& token);

/// Compares texts of one length in a time that does not depend on where they differ.
bool equal_in_constant_time(std::string_view a, std::string_view b);

/// Letters by chance, each as likely as every other.
std::string random_letters(Rng& rng, std::size_t count);

}  // namespace katip::app
