#pragma once

#include <cstddef>
#include <map>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "engine/model/tensor_table.h"

namespace katip::engine {

/// The tensors of a safetensors file: 8 bytes of header size, a JSON header, then the data.
///
/// Everything is checked against the file's size before use: the tensors must fill the data part
/// without holes or overlaps, as the format demands.
/// Errors:   kCorruptData naming the tensor and the fault.
/// Threads:  pure; safe from any thread.
/// Lifetime: the views point into `file`.
/// Source:   docs/formats/models.md.
Result<TensorTable> parse_safetensors(std::span<const std::byte> file);

/// model.safetensors.index.json: which file beside it holds which tensor.
///
/// Errors: kCorruptData for anything but plain file names.
Result<std::map<std::string, std::string>> parse_safetensors_index(std::string_view text);

}  // namespace katip::engine
