// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "dissector/wire/frame.h"

namespace vsdump::support {

/// Makes filters and records that have something to do with each other: both draw on the same few
/// values. The same seed gives the same ones on every machine.
class RandomFilters {
 public:
  explicit RandomFilters(std::uint64_t seed) : engine_(seed) {}

  /// A filter with up to `conditions` conditions, all of which the kernel can decide.
  std::string filter(int conditions);

  /// A filter that libpcap knows as well.
  std::string lengthFilter(int conditions);

  struct Record {
    std::vector<std::byte> bytes{};
    std::uint32_t wireLengthBytes = 0;

    Frame frame() const { return {.bytes = bytes, .wireLengthBytes = wireLengthBytes}; }
  };

  /// A record that is mostly like those of a kernel: other transports, header lengths and cut
  /// records come too. No more than `snapshotLengthBytes` of it are there.
  Record record(std::uint32_t snapshotLengthBytes);

 private:
  std::size_t below(std::size_t limit) { return engine_() % limit; }
  bool isOneIn(std::size_t count) { return below(count) == 0; }
  template <typename T>
  const T& pick(const std::vector<T>& choices) {
    return choices[below(choices.size())];
  }
  std::string number();
  std::string sum(int depth);
  std::string lengthSum(int depth);
  std::string list(const std::vector<std::string>& values);
  std::string condition();
  template <typename Condition>
  std::string joined(int conditions, Condition condition);

  std::mt19937_64 engine_;
};

}  // namespace vsdump::support
