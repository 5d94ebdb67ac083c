// SPDX-License-Identifier: GPL-2.0-or-later
// Real captures cut short: each record at each length, each file at each byte of its headers.
#include <gtest/gtest.h>

#include <algorithm>

#include "dissector/wire/packet.h"
#include "tests/capture/file/drained.h"
#include "tests/samples/samples.h"

namespace vsdump::test {
namespace {

constexpr std::size_t kMonitorHeader = 32;
constexpr std::size_t kPacketsOfASample = 60;
/// Cuts below this many bytes are made one by one; beyond, in steps.
constexpr std::size_t kEveryByteBelow = 140;
constexpr std::size_t kStep = 509;

/// The bytes alone in memory, so that a read behind them is found.
std::vector<std::byte> cutTo(const std::vector<std::byte>& bytes, std::size_t size) {
  return {bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size)};
}

/// What the first `size` bytes of a record must say, given what all of them say.
void expectBeginningOf(const vsdump::Packet& whole, const vsdump::Packet& cut, std::size_t size) {
  ASSERT_EQ(cut.decoded, size < kMonitorHeader ? Decoded::Nothing
                         : size < kHeaders     ? Decoded::Vsockmon
                                               : Decoded::Virtio);
  if (size >= kMonitorHeader) {
    ASSERT_EQ(raw(cut.monitor.src.cid), raw(whole.monitor.src.cid));
    ASSERT_EQ(raw(cut.monitor.dst.port), raw(whole.monitor.dst.port));
    ASSERT_EQ(cut.monitor.op, whole.monitor.op);
  }
  if (size >= kHeaders) {
    ASSERT_EQ(cut.virtio.op, whole.virtio.op);
    ASSERT_EQ(cut.virtio.fwdCnt, whole.virtio.fwdCnt);
    ASSERT_EQ(cut.payloadLengthBytes, whole.payloadLengthBytes);
    ASSERT_EQ(cut.payload.size(), std::min(whole.payload.size(), size - kHeaders));
  }
}

TEST(SampleRecordsCutAtEachLength, SayWhatTheirBytesSay) {
  for (const SampleFile& sample : sampleFiles()) {
    for (const Packet& packet : firstPackets(sample, kPacketsOfASample)) {
      const vsdump::Packet whole = dissect(frameOf(packet));
      for (std::size_t size = 0; size <= packet.bytes.size();
           size += size < kEveryByteBelow ? 1 : kStep) {
        SCOPED_TRACE(testing::Message()
                     << sample.name << ", packet " << packet.number << ", " << size << " bytes");
        const auto bytes = cutTo(packet.bytes, size);
        Frame snapped = frameOf(packet);
        snapped.bytes = bytes;
        ASSERT_NO_FATAL_FAILURE(expectBeginningOf(whole, dissect(snapped), size));
        ASSERT_NO_FATAL_FAILURE(expectPrintable(snapped));
        Frame brokenOff = snapped;
        brokenOff.wireLengthBytes = static_cast<std::uint32_t>(size);
        ASSERT_NO_FATAL_FAILURE(expectPrintable(brokenOff));
      }
    }
  }
}

/// Where a pcap file is cut: everywhere near its beginning, then in steps.
std::vector<std::size_t> cutsOf(const SampleFile& sample) {
  constexpr std::size_t kEveryByteOfFileBelow = 1300;
  constexpr std::size_t kStepOfFile = 4099;
  std::vector<std::size_t> cuts;
  for (std::size_t size = 0; size < sample.bytes.size();
       size += size < kEveryByteOfFileBelow ? 1 : kStepOfFile) {
    cuts.push_back(size);
  }
  return cuts;
}

TEST(SampleFilesCutAtEachByte, KeepThePacketsBeforeTheCutAndInventNone) {
  for (const SampleFile& sample : sampleFiles()) {
    std::size_t before = 0;
    for (const std::size_t size : cutsOf(sample)) {
      SCOPED_TRACE(testing::Message() << sample.name << ", " << size << " bytes");
      const Drained drained = drainBytes(cutTo(sample.bytes, size));
      const auto count = drained.packets.size();
      ASSERT_LE(before, count);
      ASSERT_LE(count, sample.packets.size());
      ASSERT_TRUE(
          std::equal(drained.packets.begin(), drained.packets.end(), sample.packets.begin()));
      before = count;
      if (sample.name.ends_with(".pcapng")) continue;
      const auto offsets = pcapRecordOffsets(sample.packets);
      const auto whole = std::ranges::upper_bound(offsets, size) - offsets.begin() - 1;
      ASSERT_EQ(static_cast<std::ptrdiff_t>(count), std::max<std::ptrdiff_t>(whole, 0));
      const bool isWhole = std::ranges::binary_search(offsets, size);
      ASSERT_EQ(drained.error.empty() && drained.state == SourceState::End, isWhole);
      ASSERT_EQ(drained.notices.empty(), isWhole || !drained.error.empty());
    }
  }
}

}  // namespace
}  // namespace vsdump::test
