#pragma once

#include <cstdint>
#include <span>

#include "audio/decoder/input_source.h"

/// libav takes any end of an Ogg file for its end; the file itself knows better: its last page is
/// marked.
namespace katip::audio {

/// True when the last page in `tail` is whole and not marked as the last of its stream, or is cut.
/// False when no page begins in it.
///
/// Source:  RFC 3533, section 6: header type flag 0x04, segment table.
bool lacks_last_ogg_page(std::span<const uint8_t> tail);

/// The same for the end of a file; false for a stream, whose end is gone.
bool lacks_last_ogg_page(const InputSource& input);

}  // namespace katip::audio
