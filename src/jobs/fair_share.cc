#include "jobs/fair_share.h"

#include <algorithm>
#include <limits>
#include <tuple>

/// Tested by fair_share_test.cc.
namespace katip::jobs {

using store::Lane;
using store::LaneClaim;

FairShare::FairShare(const FairShareOptions& options, std::vector<Lane> lanes,
                     std::span<const store::RunningCount> running,
                     const std::set<std::string>& paused)
    : options_(options), lanes_(std::move(lanes)) {
  std::erase_if(lanes_, [&](const Lane& lane) { return paused.contains(lane.queue); });
  for (const store::RunningCount& count : running) {
    running_[count.tenant] += count.count;
  }
}

int FairShare::room_of(const std::string& tenant) const {
  if (options_.tenant_running_max == 0) {
    return std::numeric_limits<int>::max();
  }
  const auto found = running_.find(tenant);
  return options_.tenant_running_max - (found == running_.end() ? 0 : found->second);
}

/// Urgency is compared as the time at which a class would have begun to wait at priority 0: no
/// clock is needed, as all age alike.
std::vector<FairShare::Class> FairShare::classes_by_urgency() const {
  std::map<Class, store::Timestamp> since;
  for (const Lane& lane : lanes_) {
    // Old tasks of a tenant that may not run more would lift the young ones of others.
    if (room_of(lane.tenant) <= 0) continue;
    const store::Timestamp begin = lane.oldest_run_at - lane.priority * options_.ageing;
    const auto [place, is_new] = since.emplace(Class(lane.queue, lane.priority), begin);
    place->second = std::min(place->second, begin);
  }
  std::vector<Class> classes;
  for (const auto& [key, begin] : since) {
    classes.push_back(key);
  }
  std::ranges::sort(classes, [&](const Class& a, const Class& b) {
    return std::tuple(since[a], -a.second, a.first) < std::tuple(since[b], -b.second, b.first);
  });
  return classes;
}

std::vector<LaneClaim> FairShare::next(const ClaimRoom& room) const {
  for (const Class& candidate : classes_by_urgency()) {
    const bool is_critical = candidate.second >= options_.critical_priority;
    const int count = is_critical ? room.count : std::min(room.count, room.ordinary_count);
    std::vector<LaneClaim> claims = share(candidate, count);
    if (!claims.empty()) {
      return claims;
    }
  }
  return {};
}

/// Deals `count` tasks out one by one, each to the tenant that has the fewest.
std::vector<LaneClaim> FairShare::share(const Class& wanted, int count) const {
  struct Tenant {
    const Lane* lane;
    int running;
    int room;
    int given = 0;
  };
  std::vector<Tenant> tenants;
  for (const Lane& lane : lanes_) {
    if (Class(lane.queue, lane.priority) == wanted && room_of(lane.tenant) > 0) {
      const auto found = running_.find(lane.tenant);
      tenants.push_back({.lane = &lane,
                         .running = found == running_.end() ? 0 : found->second,
                         .room = room_of(lane.tenant)});
    }
  }
  const auto is_after = [](const Tenant& a, const Tenant& b) {
    return std::tuple(a.running + a.given, a.lane->oldest_run_at, a.lane->tenant) >
           std::tuple(b.running + b.given, b.lane->oldest_run_at, b.lane->tenant);
  };
  std::vector<LaneClaim> claims;
  const auto settle = [&](const Tenant& tenant) {
    if (tenant.given > 0) {
      claims.push_back({.queue = wanted.first,
                        .priority = wanted.second,
                        .tenant = tenant.lane->tenant,
                        .count = tenant.given});
    }
  };
  std::ranges::make_heap(tenants, is_after);
  for (; count > 0 && !tenants.empty(); --count) {
    std::ranges::pop_heap(tenants, is_after);
    if (++tenants.back().given == tenants.back().room) {
      settle(tenants.back());
      tenants.pop_back();
    } else {
      std::ranges::push_heap(tenants, is_after);
    }
  }
  std::ranges::for_each(tenants, settle);
  return claims;
}

void FairShare::took(
    std::span<const LaneClaim> claims,
    const std::map<std::pair<std::string, std::string>, int>& given_by_queue_and_tenant) {
  for (const LaneClaim& claim : claims) {
    const auto found = given_by_queue_and_tenant.find({claim.queue, claim.tenant});
    const int given = found == given_by_queue_and_tenant.end() ? 0 : found->second;
    running_[claim.tenant] += given;
    if (given < claim.count) {
      std::erase_if(lanes_, [&](const Lane& lane) {
        return lane.queue == claim.queue && lane.priority == claim.priority &&
               lane.tenant == claim.tenant;
      });
    }
  }
}

}  // namespace katip::jobs
