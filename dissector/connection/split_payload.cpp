// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/connection/split_payload.h"

#include <cstring>

namespace vsdump {

namespace {

/// After so many records in the manner of kernels up to 6.6 no digests are needed any more.
constexpr std::uint32_t kProofs = 4;

/// Tells records with different bytes apart; nobody gains by making them collide.
std::uint64_t digestOf(Bytes bytes) {
  constexpr std::uint64_t kPrime = 0x9E3779B97F4A7C15;
  std::uint64_t digest = bytes.size() * kPrime;
  const auto mix = [&](std::uint64_t word) {
    digest = (digest ^ word) * kPrime;
    digest ^= digest >> 29;
  };
  for (; bytes.size() >= sizeof(std::uint64_t); bytes = bytes.subspan(sizeof(std::uint64_t))) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes.data(), sizeof(word));
    mix(word);
  }
  for (const std::byte byte : bytes) mix(std::to_integer<std::uint64_t>(byte));
  return digest;
}

}  // namespace

std::uint32_t SplitPayload::startOf(Bytes tapped, std::uint32_t tappedLengthBytes,
                                    std::uint32_t lengthBytes) {
  if (tappedLengthBytes <= lengthBytes) {  // nothing was tapped but the packet itself
    done_ = 0;
    return 0;
  }
  if (tappedLengthBytes == tappedLength_ - lengthBefore_ && shrinking_ < kProofs) ++shrinking_;
  lengthBefore_ = lengthBytes;
  if (shrinking_ == kProofs) {
    tappedLength_ = tappedLengthBytes;
    return 0;
  }
  const auto digest = static_cast<std::uint32_t>(digestOf(tapped) >> 32);
  const bool isRepeated = done_ != 0 && tappedLengthBytes == tappedLength_ && digest == digest_ &&
                          lengthBytes <= tappedLength_ - done_;
  const std::uint32_t start = isRepeated ? done_ : 0;
  digest_ = digest;
  tappedLength_ = tappedLengthBytes;
  done_ = start + lengthBytes;
  if (done_ == tappedLength_) done_ = 0;
  return start;
}

}  // namespace vsdump
