// SPDX-License-Identifier: GPL-2.0-or-later
//
// The kernel as a decider: a filter on a datagram socket sees the datagram as one on a packet
// socket sees the packet. No vsock and no rights are needed, so this runs everywhere; tests/vm runs
// it on each of its kernels, and names a vsockmon device there for a packet socket.

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <string>
#include <vector>

#include "capture/filter/compiler.h"
#include "dissector/filter/filter.h"
#include "tests/support/random_filters.h"

namespace vsdump {
namespace {

/// Gives a socket its filter: 0, or errno's value.
int attach(int socket, const FilterProgram& program) {
  std::vector<sock_filter> code;
  for (const bpf_insn& each : program.instructions()) {
    code.push_back({.code = each.code, .jt = each.jt, .jf = each.jf, .k = each.k});
  }
  const sock_fprog all{.len = static_cast<unsigned short>(code.size()), .filter = code.data()};
  return setsockopt(socket, SOL_SOCKET, SO_ATTACH_FILTER, &all, sizeof all) == 0 ? 0 : errno;
}

/// Asks the kernel whether a program accepts a packet.
class KernelFilter {
 public:
  KernelFilter() {
    if (socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, ends_.data()) != 0) ends_ = {-1, -1};
  }
  KernelFilter(const KernelFilter&) = delete;
  KernelFilter& operator=(const KernelFilter&) = delete;
  ~KernelFilter() {
    for (const int end : ends_) close(end);
  }

  /// 0, or errno's value.
  int attach(const FilterProgram& program) { return vsdump::attach(ends_[1], program); }

  /// How many bytes are let through; none where the packet is rejected.
  std::optional<std::size_t> passes(const std::vector<std::byte>& packet) {
    EXPECT_EQ(send(ends_[0], packet.data(), packet.size(), 0), static_cast<ssize_t>(packet.size()));
    std::array<std::byte, 4096> got{};
    const ssize_t size = recv(ends_[1], got.data(), got.size(), MSG_DONTWAIT);
    return size < 0 ? std::nullopt : std::optional(static_cast<std::size_t>(size));
  }

 private:
  std::array<int, 2> ends_{};
};

TEST(KernelFilter, TakesEachProgramAndDecidesAsTheConditionDoes) {
  support::RandomFilters random(7);
  std::vector<support::RandomFilters::Record> records;
  for (int i = 0; i < 2000; ++i) records.push_back(random.record(262144));
  KernelFilter kernel;
  std::size_t accepted = 0;
  for (std::size_t i = 0; i < 400; ++i) {
    const std::string text = random.filter(8);
    const auto filter = filter::parse(text);
    ASSERT_TRUE(filter) << text;
    const auto program = compile(*filter, {.optimize = i % 4 != 0});
    ASSERT_TRUE(program) << text;
    ASSERT_EQ(kernel.attach(*program), 0) << text;
    for (std::size_t k = 0; k < 50; ++k) {
      const auto& record = records[(i * 50 + k) % records.size()];
      const bool answer = filter->matches(record.frame());
      accepted += answer ? 1 : 0;
      ASSERT_EQ(kernel.passes(record.bytes).has_value(), answer) << text << " on record " << k;
    }
  }
  EXPECT_GT(accepted, 400U);
}

/// For tests/vm/live/filter_test.py, which names a device of the machine that it runs on.
TEST(InAMachine, KernelFilterTakesEachProgramOnAPacketSocketOfVsockmon) {
  const char* device = std::getenv("VSDUMP_TEST_DEVICE");
  ASSERT_NE(device, nullptr) << "VSDUMP_TEST_DEVICE is to name a vsockmon device";
  const int packets = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, htons(ETH_P_ALL));
  ASSERT_GE(packets, 0) << std::strerror(errno);
  sockaddr_ll address{};
  address.sll_family = AF_PACKET;
  address.sll_protocol = htons(ETH_P_ALL);
  address.sll_ifindex = static_cast<int>(if_nametoindex(device));
  ASSERT_EQ(bind(packets, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  support::RandomFilters random(9);
  for (std::size_t i = 0; i < 400; ++i) {
    const std::string text = random.filter(8);
    const auto program = compile(*filter::parse(text), {.optimize = i % 4 != 0});
    ASSERT_TRUE(program) << text;
    ASSERT_EQ(attach(packets, *program), 0) << text;
  }
  close(packets);
}

TEST(KernelFilter, CutsAtTheSnapshotLengthAndKnowsWhatIsLeft) {
  KernelFilter kernel;
  const std::vector<std::byte> packet(100);
  for (const std::string text : {"caplen = 76", "caplen < len", "caplen + 24 = len"}) {
    const auto program = compile(*filter::parse(text), {.snapshotLengthBytes = 76});
    ASSERT_EQ(kernel.attach(*program), 0);
    EXPECT_EQ(kernel.passes(packet), 76U) << text;
    EXPECT_FALSE(kernel.passes(std::vector<std::byte>(75)).has_value()) << text;
  }
}

TEST(KernelFilter, TakesProgramsWithJumpsFartherThanAByte) {
  std::string text = "port (0";
  for (int i = 1; i < 1500; ++i) text += " or " + std::to_string(i * 7);
  text += ") and payload_len < 100";
  for (int i = 0; i < 300; ++i) text += " and fwd_cnt != " + std::to_string(i + 1000);
  const auto filter = filter::parse(text);
  const auto program = compile(*filter);
  ASSERT_TRUE(program) << describe(program.error());
  EXPECT_GT(program->instructions().size(), 3000U);
  KernelFilter kernel;
  const int refused = kernel.attach(*program);
  // Kernels before 6.9 give a socket's filters 20 KiB.
  if (refused != ENOMEM) {
    ASSERT_EQ(refused, 0) << std::strerror(refused);
  }
  support::RandomFilters random(8);
  std::size_t accepted = 0;
  for (int i = 0; i < 2000; ++i) {
    const auto record = random.record(262144);
    const bool answer = filter->matches(record.frame());
    accepted += answer ? 1 : 0;
    ASSERT_EQ(program->accepts(record.frame()), answer);
    if (refused == 0) {
      ASSERT_EQ(kernel.passes(record.bytes).has_value(), answer);
    }
  }
  EXPECT_GT(accepted, 50U);
}

}  // namespace
}  // namespace vsdump
