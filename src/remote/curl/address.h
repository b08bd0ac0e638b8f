#pragma once

struct sockaddr;

namespace katip::remote {

/// Whether an address is one that the whole internet can reach: not loopback, private, link-local,
/// shared, multicast, documentation or unspecified, also when it is an IPv4 address inside an IPv6
/// one. What is of an unknown family is not public.
///
/// Source: the IANA special-purpose address registries.
bool is_public(const sockaddr& address);

}  // namespace katip::remote
