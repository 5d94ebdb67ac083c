// SPDX-License-Identifier: GPL-2.0-or-later
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/capture/file/compressed_bytes.h"
#include "tests/capture/file/drained.h"

namespace vsdump::test {
namespace {

using Words = std::vector<std::string>;

TEST(GzipDecoder, SaysThatTheChecksumIsWrong) {
  const auto packets = somePackets(5);
  Bytes file = gzipped(pcapFile(packets));
  file[file.size() - 8] ^= std::byte{1};
  const auto drained = drainBytes(file);
  EXPECT_EQ(drained.packets, packets);
  EXPECT_EQ(
      drained.messages(),
      (Words{fmt::format("the gzip data is damaged (incorrect data check): what it holds from "
                         "byte 0 on, up to here, may be wrong @{}",
                         pcapFile(packets).size())}));
}

TEST(GzipDecoder, SaysThatTheChecksumIsWrongOfAMemberThatIsCutBehindIt) {
  const auto packets = somePackets(5);
  const Bytes file = gzippedWithWrongChecksum(pcapFile(packets));
  for (const std::size_t lost : {1u, 4u}) {
    const auto drained = drainBytes(slice(file, 0, file.size() - lost));
    EXPECT_EQ(drained.packets, packets);
    EXPECT_EQ(drained.messages(),
              (Words{fmt::format("the gzip data breaks off (incorrect data check) @{}",
                                 pcapFile(packets).size())}));
  }
}

TEST(GzipDecoder, GoesOnBehindAWrongLength) {
  const auto [first, second] = halves();
  Bytes file = gzipped(pcapFile(first));
  file.back() ^= std::byte{1};
  const auto drained = drainBytes(joined({file, gzipped(pcapFile(second))}));
  EXPECT_EQ(drained.packets, joined(first, second));
  EXPECT_EQ(drained.state, SourceState::Damaged);
  ASSERT_EQ(drained.notices.size(), 2u);
  EXPECT_NE(drained.notices[0].message.find("(incorrect length check): "), std::string::npos);
}

TEST(GzipDecoder, MayBePaddedWithZeros) {
  const auto packets = somePackets(5);
  const auto drained = drainBytes(joined({gzipped(pcapFile(packets)), Bytes(1000)}), 100);
  EXPECT_EQ(drained.packets, packets);
  EXPECT_EQ(drained.state, SourceState::End);
}

}  // namespace
}  // namespace vsdump::test
