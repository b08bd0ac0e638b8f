#include "app/stats/latency_counts.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

// Bucket i ends at 0.1 ms * 1.15^i, so that the last one begins after two minutes.
// Tested by latency_counts_test.cc.
namespace katip::app {
namespace {

constexpr double kFirst_ms = 0.1;
constexpr double kGrowth = 1.15;

double end_ms(std::size_t bucket) { return kFirst_ms * std::pow(kGrowth, bucket); }

}  // namespace

void LatencyCounts::add(std::chrono::microseconds duration) {
  const double ms = static_cast<double>(duration.count()) / 1'000;
  const double place =
      ms <= kFirst_ms ? 0 : std::ceil(std::log(ms / kFirst_ms) / std::log(kGrowth));
  const auto bucket = static_cast<std::size_t>(std::min(place, double{kBucketCount - 1}));
  ++counts_[bucket];
}

void LatencyCounts::add(const LatencyCounts& others) {
  for (std::size_t i = 0; i < kBucketCount; ++i) counts_[i] += others.counts_[i];
}

std::int64_t LatencyCounts::count() const {
  return std::accumulate(counts_.begin(), counts_.end(), std::int64_t{0});
}

std::optional<double> LatencyCounts::percentile_ms(double part) const {
  const std::int64_t all = count();
  if (all == 0) return std::nullopt;
  const double wanted = part * static_cast<double>(all);
  double before = 0;
  for (std::size_t i = 0; i < kBucketCount; ++i) {
    const auto here = static_cast<double>(counts_[i]);
    if (here > 0 && before + here >= wanted) {
      // Within a bucket they are taken to be spread evenly.
      const double begin = i == 0 ? 0 : end_ms(i - 1);
      return begin + (end_ms(i) - begin) * std::clamp((wanted - before) / here, 0.0, 1.0);
    }
    before += here;
  }
  return end_ms(kBucketCount - 1);
}

std::string LatencyCounts::to_json() const {
  std::size_t size = kBucketCount;
  while (size > 0 && counts_[size - 1] == 0) --size;
  boost::json::array array;
  for (std::size_t i = 0; i < size; ++i) array.emplace_back(counts_[i]);
  return boost::json::serialize(array);
}

LatencyCounts LatencyCounts::from_json(std::string_view json) {
  boost::system::error_code error;
  const boost::json::value value = boost::json::parse(json, error);
  LatencyCounts counts;
  if (error || !value.is_array()) return counts;
  const boost::json::array& array = value.get_array();
  for (std::size_t i = 0; i < std::min(array.size(), kBucketCount); ++i) {
    if (array[i].is_int64()) counts.counts_[i] = std::max<std::int64_t>(array[i].get_int64(), 0);
  }
  return counts;
}

}  // namespace katip::app
