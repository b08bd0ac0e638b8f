#pragma once

#include "app/transcription_task.h"
#include "base/result.h"
#include "jobs/queue.h"
#include "store/connection.h"
#include "store/job_store.h"

namespace katip::app {

/// Writes into the books what a transcription has used: its minutes of audio (product
/// `transcription.audio`) and the tokens of its text (`transcription.tokens`), and counts the audio
/// towards the day of the key that asked for it. Belongs in the transaction that completes the job,
/// so that each job is there once.
///
/// Errors: those of the database.
Status record_usage(jobs::Queue& queue, store::Connection& sql, const store::JobRecord& job,
                    const Finished& finished);

}  // namespace katip::app
