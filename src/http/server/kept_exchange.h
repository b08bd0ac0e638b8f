#pragma once

#include <memory>

#include "base/work_pool.h"
#include "http/exchange.h"
#include "http/server.h"

namespace katip::http {

/// An exchange whose answer is kept before the client has it: whoever repeats a request that was
/// answered finds the answer. A stream is not kept.
///
/// Lifetime: the pool outlives it.
std::shared_ptr<Exchange> keeping(std::shared_ptr<Exchange> exchange,
                                  std::unique_ptr<RepeatableTurn> turn, WorkPool& pool);

}  // namespace katip::http
