// SPDX-License-Identifier: GPL-2.0-or-later
// What the tracker holds, as the allocator counts it.
#include <gtest/gtest.h>
#include <malloc.h>

#include "dissector/connection/tracker.h"
#include "tests/support/record_builder.h"

namespace vsdump {
namespace {

std::size_t heapBytes() {
  const struct mallinfo2 now = mallinfo2();
  return now.uordblks + now.hblkhd;
}

/// Hears packets between changing ports; nobody keeps what it tells.
class Hearer : public ConnectionConsumer {
 public:
  explicit Hearer(TrackerLimits limits = {}) : tracker(*this, limits, KeyHash(1)) {}

  void put(std::uint32_t port, VirtioOp op, bool isClient, std::uint32_t flags = 0) {
    support::RecordBuilder record = support::RecordBuilder::of(op);
    const Address client{Cid{3}, Port{port}};
    const Address server{Cid{2}, Port{5000}};
    record.monitor.src = record.virtio.src = isClient ? client : server;
    record.monitor.dst = record.virtio.dst = isClient ? server : client;
    record.virtio.type = VirtioType::Stream;
    record.virtio.flags = flags;
    record.virtio.bufAlloc = 262144;
    const auto bytes = record.bytes();
    Frame frame = support::frameOf(bytes);
    frame.timestampNs = timeNs;
    frame.number = FrameNumber{++packets};
    tracker.observe(frame, dissect(frame));
  }
  void open(std::uint32_t port) {
    put(port, VirtioOp::Request, true);
    put(port, VirtioOp::Response, false);
  }

  std::int64_t timeNs = 1'700'000'000'000'000'000;
  std::uint64_t packets = 0;
  ConnectionTracker tracker;
};

TEST(TrackerMemory, IsAtMost512BytesForALiveConnection) {
  constexpr std::uint32_t kCounts[] = {45'000, 100'000};  // the table is sparse, then dense
  for (const std::uint32_t count : kCounts) {
    const std::size_t before = heapBytes();
    Hearer hearer;
    for (std::uint32_t i = 0; i < count; ++i) {
      hearer.open(10'000 + i);
      hearer.timeNs += 1'000'000;
    }
    EXPECT_LE((heapBytes() - before) / count, 512U) << count;
  }
}

TEST(TrackerMemory, DoesNotGrowInADayOfLiveTraffic) {
  // Four connections each second are opened, three of them closed; one in four stays until evicted.
  Hearer hearer({.live = 2000, .lingering = 500});
  std::size_t afterTwoHours = 0;
  std::uint32_t port = 10'000;
  for (int second = 0; second < 24 * 3600; ++second) {
    for (int i = 0; i < 4; ++i, ++port) {
      hearer.open(port);
      hearer.put(port, VirtioOp::CreditRequest, true);
      if (i == 0) continue;
      hearer.put(port, VirtioOp::Shutdown, true, 3);
      hearer.put(port, VirtioOp::Rst, false);
    }
    hearer.timeNs += 1'000'000'000;
    hearer.tracker.advanceTo(hearer.timeNs);
    if (second == 2 * 3600) afterTwoHours = heapBytes();
  }
  EXPECT_LE(heapBytes(), afterTwoHours + 4096);
  EXPECT_EQ(hearer.tracker.totals().connections, 4U * 24 * 3600);
}

}  // namespace
}  // namespace vsdump
