#include "engine/decode/search.h"

#include "engine/decode/beam_search.h"
#include "engine/decode/sampling.h"

namespace katip::engine {

std::unique_ptr<Search> make_search(const SearchOptions& options) {
  if (options.temperature > 0.0f) return std::make_unique<Sampling>(options);
  return std::make_unique<BeamSearch>(options);
}

}  // namespace katip::engine
