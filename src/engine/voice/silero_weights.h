#pragma once

#include <array>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "engine/features/fft_tables.h"
#include "engine/model/tensor_table.h"
#include "engine/voice/vad_kernels.h"

namespace katip::engine {

/// The Silero network (version 6, 16 kHz) in the layout that the kernels read.
///
/// The file is the ONNX export that takes many frames a call. It also holds the first layer, a
/// Fourier transform under a Hann window; we compute that by a fast one, after checking that the
/// file holds just this.
///
/// Threads: immutable.
class SileroWeights {
 public:
  /// Errors: kNotFound when there is no such file; kCorruptData when it is not this network.
  static Result<SileroWeights> load(const std::filesystem::path& file);

  /// Lifetime: of this object.
  [[nodiscard]] VadTables tables() const;

 private:
  struct Layer {
    VadLayer shape;  ///< Without its pointers, so that the weights may be moved.
    std::vector<float> panels;
    std::vector<float> bias;
  };

  SileroWeights();

  static Result<Layer> read_layer(const TensorTable& tensors, std::span<const std::string> inputs,
                                  const VadLayer& shape);
  Status read_recurrent(const TensorTable& tensors, std::span<const std::string> inputs);

  // Not movable itself, and tables() hands out its address.
  std::unique_ptr<const FftTables> fft_;
  std::vector<float> window_;
  std::array<Layer, 4> encoder_;
  Layer gates_;
  std::vector<float> recurrent_;
  std::vector<float> output_;
  float output_bias_ = 0.0f;
};

}  // namespace katip::engine
