#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "engine/align/aligned_word.h"

/// What is done to word times after the alignment. Each step is a pure function of words.
///
/// Threads: pure; safe from any thread.
namespace katip::engine {

/// Of the words that have any duration.
WordDurations measure_durations(std::span<const AlignedWord> words);

/// Cuts a mark that ends a sentence, and the word after it, to the longest duration. Takes words
/// whose punctuation still stands alone.
/// Source: whisper/timing.py `add_word_timestamps`.
void limit_at_sentence_ends(std::span<AlignedWord> words, const WordDurations& durations);

/// Joins marks to their words: opening ones to the next, closing ones to the last. The word keeps
/// its own times and probability.
/// Source: whisper/timing.py `merge_punctuations`.
void merge_punctuation(std::vector<AlignedWord>& words);

/// Moves times out of silence. The path through the alignment has no place for silence: a pause
/// belongs to the word after it. So a word that covers several spans of speech keeps the last of
/// them; what it covers of the first is the end of the word before, if they touch. A word that
/// covers no speech stays as it is: whispering may pass for silence.
void keep_to_speech(std::span<AlignedWord> words, std::span<const FrameSpan> speech);

struct SpeechSpanOptions {
  float threshold = 0.3f;  ///< Lower than for finding speech: here only clear silence counts.
  std::size_t silence_frames_min = 3;  ///< Shorter gaps are closures of consonants.
  /// A detector is sure of speech only when some of it has passed: spans begin this much earlier.
  std::size_t delay_frames = 1;
};

/// Spans for keep_to_speech() from the probabilities that a voice activity detector gave for the
/// window, one for each `samples_per_value` samples at 16 kHz.
std::vector<FrameSpan> speech_spans(std::span<const float> probabilities,
                                    std::size_t samples_per_value, std::size_t frame_count,
                                    const SpeechSpanOptions& options = {});

/// Lets no word begin before the one in front of it or before `floor`, end before it begins, reach
/// into the next or beyond `frame_count`. Where two disagree the later start wins: starts are what
/// is heard most clearly.
void put_in_order(std::span<AlignedWord> words, float floor, float frame_count);

/// A piece of text between two timestamps of the decoder.
struct AlignedSegment {
  float start_frame = 0.0f;
  float end_frame = 0.0f;
  std::size_t token_count = 0;  ///< Of text. The segments share out the words in this way.
  std::size_t word_begin = 0;   ///< Set by fit_segments(): [word_begin, word_end).
  std::size_t word_end = 0;
};

/// Gives each segment its words and lets the two agree: the first words after a pause are not
/// longer than they can be; the decoder's start or end wins where it is inside a first or last word
/// and more than half a second away; else the segment takes the times of its words.
///
/// `last_speech_frame` is the end of the segment before: 0 at first, negative when it was in an
/// earlier window. Returns the last segment's end.
///
/// Source: whisper/timing.py, second half of `add_word_timestamps`.
float fit_segments(std::span<AlignedWord> words, std::span<AlignedSegment> segments,
                   const WordDurations& durations, float last_speech_frame);

}  // namespace katip::engine
