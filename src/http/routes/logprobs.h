#pragma once

#include <span>

#include <boost/json/array.hpp>

#include "app/transcript_edits.h"

namespace katip::http {

/// The tokens of the texts as OpenAI tells them: `token` as text, with U+FFFD where it cuts a
/// character, its `logprob`, and its exact `bytes`. Empty where the model tells none.
///
/// Threads: pure.
boost::json::array logprobs_of(std::span<const app::Segment> segments);

}  // namespace katip::http
