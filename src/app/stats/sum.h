#pragma once

#include <span>
#include <string>

#include "app/stats.h"
#include "store/stats_store.h"

/// Steps put together into longer ones.
namespace katip::app {

/// What is counted is summed up; what is measured is the mean, weighted by minutes.
///
/// Threads: pure.
store::StatsRecord sum_of(std::span<const store::StatsRecord> records, int step_s,
                          Timestamp begins_at);
StatsPoint point_of(const store::StatsRecord& record);
/// `{"high": {"available": 3, …}}` and back; what is no such object gives no queues.
std::string queues_json(const std::map<std::string, QueueStats>& queues);
std::map<std::string, QueueStats> parse_queues(const std::string& json);

/// The begin of the step that a time is in, counted from 1970.
Timestamp begin_of(Timestamp time, int step_s);

}  // namespace katip::app
