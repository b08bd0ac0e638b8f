#pragma once

#include <vector>

/// The shape of one Whisper model, whatever file format it came from.
namespace katip::engine {

struct AttentionHead {
  int layer = 0;
  int head = 0;
};

struct ModelConfig {
  int mel_count = 80;        ///< 80, or 128 for large-v3 and its turbo.
  int audio_context = 1500;  ///< Encoder positions: 20 ms each.
  int audio_layer_count = 0;
  int audio_head_count = 0;
  int text_context = 448;  ///< Decoder positions.
  int text_layer_count = 0;
  int text_head_count = 0;
  int state_size = 0;  ///< Width of both halves; head_size is always state_size / head_count = 64.
  int vocabulary_size = 0;  ///< Rows of the token embedding, timestamps included.
  bool multilingual = true;
  std::vector<AttentionHead>
      alignment_heads;                     ///< Cross-attention heads that follow time; never empty.
  std::vector<int> suppress_tokens;        ///< Never produced.
  std::vector<int> suppress_tokens_begin;  ///< Not produced as the first token.
};

}  // namespace katip::engine
