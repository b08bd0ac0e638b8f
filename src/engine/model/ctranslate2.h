#pragma once

#include <cstddef>
#include <span>

#include "base/result.h"
#include "engine/model/tensor_table.h"

namespace katip::engine {

/// The variables of a CTranslate2 model.bin of the kind WhisperSpec, aliases included: counted
/// records, one after the other, to the end of the file.
///
/// Everything is checked against the file's size before use.
/// Errors:   kCorruptData naming the variable and the fault; kInvalidArgument for a model of
///           another kind or of a version that is not known here.
/// Threads:  pure; safe from any thread.
/// Lifetime: the views point into `file`.
/// Source:   docs/formats/models.md.
Result<TensorTable> parse_ctranslate2(std::span<const std::byte> file);

}  // namespace katip::engine
