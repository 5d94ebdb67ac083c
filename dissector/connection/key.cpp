// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/connection/key.h"

#include <random>
#include <tuple>
#include <utility>

#include "dissector/names/cid_names.h"

namespace vsdump {

namespace {

__extension__ using Wide = unsigned __int128;

std::uint64_t pair(std::uint32_t high, std::uint32_t low) {
  return (std::uint64_t{high} << 32) | low;
}

}  // namespace

bool isLoopback(const VirtioHeader& header) {
  return header.src.cid == kCidLocal || (header.dst.cid == kCidLocal && header.op == VirtioOp::Rst);
}

KeyedEnd keyOf(const VirtioHeader& header, std::uint32_t source) {
  std::uint64_t srcCid = raw(header.src.cid);
  std::uint64_t dstCid = raw(header.dst.cid);
  const std::uint32_t srcPort = raw(header.src.port);
  const std::uint32_t dstPort = raw(header.dst.port);
  bool isFromLow = std::tie(srcCid, srcPort) < std::tie(dstCid, dstPort);
  if (isLoopback(header)) {
    // With equal ports only the way to the server can name a CID other than 1.
    isFromLow = srcPort != dstPort ? srcPort < dstPort : dstCid != raw(kCidLocal);
    srcCid = dstCid = raw(kCidLocal);
  }
  ConnectionKey key{.lowCid = srcCid,
                    .highCid = dstCid,
                    .lowPort = srcPort,
                    .highPort = dstPort,
                    .source = source,
                    .type = static_cast<std::uint32_t>(header.type)};
  if (!isFromLow) {
    std::swap(key.lowCid, key.highCid);
    std::swap(key.lowPort, key.highPort);
  }
  return {key, isFromLow};
}

KeyHash::KeyHash() {
  std::random_device device;
  for (std::uint64_t& secret : secrets_) secret = pair(device(), device());
}

KeyHash::KeyHash(std::uint64_t seed) {
  std::mt19937_64 generator(seed);
  for (std::uint64_t& secret : secrets_) secret = generator();
}

/// The NH hash (Black et al., UMAC, 1999) to 128 bits, and a multiply-shift of those to 32.
std::uint32_t KeyHash::operator()(const ConnectionKey& key) const {
  const Wide sum =
      Wide{key.lowCid + secrets_[0]} * (pair(key.lowPort, key.highPort) + secrets_[1]) +
      Wide{key.highCid + secrets_[2]} * (pair(key.source, key.type) + secrets_[3]);
  const auto low = static_cast<std::uint64_t>(sum);
  const auto high = static_cast<std::uint64_t>(sum >> 64);
  return static_cast<std::uint32_t>((low * (secrets_[4] | 1) + high * (secrets_[5] | 1)) >> 32);
}

}  // namespace vsdump
