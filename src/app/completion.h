#pragma once

#include <string>

#include "app/transcription_task.h"
#include "base/result.h"
#include "jobs/queue.h"
#include "store/connection.h"

namespace katip::app {

/// How sure the engine is of a transcript, from 0 to 1: the probability of a token, on average over
/// the time of the segments. Nothing when nobody spoke.
std::optional<double> confidence_of(const text::Transcript& transcript);

/// What TranscriptionTools::complete does: the transcript into the row of the job, what was used
/// into the books, and the news to webhooks, all in the transaction that ends the task.
///
/// Errors: kNotFound when the job was deleted meanwhile, kConflict when it is not being processed;
///         those of the database.
Status complete_transcription(jobs::Queue& queue, store::Connection& sql, const Finished& finished);

}  // namespace katip::app
