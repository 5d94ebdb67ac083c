// SPDX-License-Identifier: GPL-2.0-or-later
#include "capture/file/pcap_writer.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <pcap/pcap.h>
#include <rapidcheck/gtest.h>
#include <unistd.h>

#include <csignal>

#include "capture/file/create.h"
#include "capture/file/record_reader.h"
#include "tests/capture/file/capture_bytes.h"
#include "tests/capture/file/drained.h"
#include "tests/capture/file/temporary.h"
#include "tests/capture/file/writing.h"

namespace vsdump::test {
namespace {

/// What libpcap makes of the same packets.
std::vector<std::byte> writtenByLibpcap(const std::vector<Packet>& packets,
                                        const OutputFormat& format, const std::string& path) {
  pcap_t* const dead = ::pcap_open_dead_with_tstamp_precision(
      DLT_VSOCK, static_cast<int>(format.snapshotLength),
      format.nanoseconds ? PCAP_TSTAMP_PRECISION_NANO : PCAP_TSTAMP_PRECISION_MICRO);
  pcap_dumper_t* const dumper = ::pcap_dump_open(dead, path.c_str());
  for (const Packet& packet : packets) {
    pcap_pkthdr header{};
    header.ts.tv_sec = packet.timestampNs / 1'000'000'000;
    header.ts.tv_usec = packet.timestampNs % 1'000'000'000 / (format.nanoseconds ? 1 : 1000);
    header.caplen = static_cast<bpf_u_int32>(packet.bytes.size());
    header.len = packet.wireLength;
    ::pcap_dump(reinterpret_cast<u_char*>(dumper), &header,
                reinterpret_cast<const u_char*>(packet.bytes.data()));
  }
  ::pcap_dump_close(dumper);
  ::pcap_close(dead);
  return readWholeFile(path);
}

RC_GTEST_PROP(PcapWriter, WritesTheBytesThatLibpcapWrites, ()) {
  std::vector<Packet> packets;
  const auto count = *rc::gen::inRange<std::size_t>(0, 60);
  for (std::size_t i = 0; i < count; ++i) {
    packets.push_back({.timestampNs = *rc::gen::inRange<std::int64_t>(0, 4'294'967'296'000'000'000),
                       .bytes = vsockRecord(static_cast<std::uint32_t>(i),
                                            *rc::gen::inRange<std::size_t>(0, 70'000)),
                       .wireLength = *rc::gen::arbitrary<std::uint32_t>()});
  }
  const OutputFormat format{.snapshotLength = *rc::gen::inRange<std::uint32_t>(1, 1u << 31),
                            .nanoseconds = *rc::gen::arbitrary<bool>()};
  const TemporaryFolder folder;
  const auto writer = writerOn(createFile(folder.path("ours")), format);
  const auto frames = framesOf(packets);
  const bool inTurns = *rc::gen::arbitrary<bool>();
  if (inTurns) writer->writeInTurns();
  const auto split = *rc::gen::inRange<std::size_t>(0, frames.size() + 1);
  RC_ASSERT(writer->write(std::span(frames).first(split)).has_value());
  if (inTurns) writer->setAside(0);
  RC_ASSERT(writer->write(std::span(frames).subspan(split)).has_value());
  if (inTurns) {
    writer->setAside(1);
    RC_ASSERT(writer->writeAside(0).has_value());
    RC_ASSERT(writer->writeAside(1).has_value());
  }
  const auto size = writer->bytesWritten();
  RC_ASSERT(writer->close().has_value());
  const auto ours = readWholeFile(folder.path("ours"));
  RC_ASSERT(ours.size() == size);
  RC_ASSERT(ours == writtenByLibpcap(packets, format, folder.path("libpcap")));
}

TEST(PcapWriter, WritesItsHeaderAtOnceAndWholeRecordsWithEveryFlush) {
  const TemporaryFolder folder;
  const auto path = folder.path("a");
  const auto writer = writerOn(createFile(path));
  EXPECT_EQ(readWholeFile(path).size(), 24u);
  const auto packets = somePackets(30);
  const auto frames = framesOf(packets);
  const auto offsets = pcapRecordOffsets(packets);
  for (std::size_t i = 0; i < frames.size(); ++i) {
    ASSERT_TRUE(writer->write({&frames[i], 1}).has_value());
    ASSERT_TRUE(writer->flush().has_value());
    ASSERT_EQ(readWholeFile(path).size(), offsets[i + 1]);
    ASSERT_EQ(writer->bytesWritten(), offsets[i + 1]);
  }
}

TEST(PcapWriter, WritesARecordThatIsLongerThanItsBuffer) {
  const TemporaryFolder folder;
  auto packets = somePackets(5);
  packets[2].bytes.assign(kMaxCapturedLength, std::byte{7});
  packets[2].wireLength = kMaxCapturedLength;
  const auto frames = framesOf(packets);
  const auto writer = writerOn(createFile(folder.path("a")), {.nanoseconds = true});
  ASSERT_TRUE(writer->write(frames).has_value());
  ASSERT_TRUE(writer->close().has_value());
  EXPECT_TRUE(drainFile(folder.path("a")).packets == packets);
}

TEST(PcapWriter, EmptiesAFileThatHasNoRoomForItsHeader) {
  const TemporaryFolder folder;
  for (const bool isPcapng : {false, true}) {
    for (const std::size_t limit : {0u, 1u, 23u}) {
      Result<std::unique_ptr<PacketWriter>> writer;
      {
        const FileSizeLimit limited(limit);
        writer = createCapture(createFile(folder.path("a")), "x", {.pcapng = isPcapng});
      }
      ASSERT_FALSE(writer.has_value());
      EXPECT_EQ(describe(writer.error()),
                "cannot write to x: File too large. It does not even hold the file header.");
      EXPECT_TRUE(readWholeFile(folder.path("a")).empty());
    }
  }
}

TEST(PcapWriter, CutsAFileThatCannotGrowBackToWholePacketsWhereverTheLimitIs) {
  const TemporaryFolder folder;
  const auto packets = somePackets(6);
  const auto frames = framesOf(packets);
  const auto offsets = pcapRecordOffsets(packets);
  for (std::size_t limit = 24; limit < offsets.back(); ++limit) {
    SCOPED_TRACE(limit);
    const auto writer = writerOn(createFile(folder.path("a")));
    Result<void> written;
    {
      const FileSizeLimit limited(limit);
      ASSERT_TRUE(writer->write(frames).has_value());
      written = writer->flush();
    }
    std::size_t whole = 0;
    while (offsets[whole + 1] <= limit) ++whole;
    ASSERT_FALSE(written.has_value());
    EXPECT_EQ(describe(written.error()),
              "cannot write to x: File too large. It holds " + std::to_string(whole) +
                  " whole packet" + (whole == 1 ? "" : "s") + " now, and no part of another.");
    ASSERT_EQ(readWholeFile(folder.path("a")).size(), offsets[whole]);

    // There would be room again, but the packets in between are lost.
    EXPECT_FALSE(writer->write({frames.data(), 0}).has_value() && writer->flush().has_value());
    EXPECT_FALSE(writer->close().has_value());
    ASSERT_EQ(readWholeFile(folder.path("a")).size(), offsets[whole]);
  }
}

TEST(PcapWriter, CutsBackToWholePacketsWhereLargeOnesGoPastItsBuffer) {
  const TemporaryFolder folder;
  auto packets = somePackets(8);
  for (const std::size_t large : {1U, 2U, 4U, 7U})
    packets[large].bytes.resize(20'000 + 10'000 * large);
  const auto frames = framesOf(packets);
  const auto offsets = pcapRecordOffsets(packets);
  for (std::size_t limit = 24; limit < offsets.back(); limit += 97) {
    SCOPED_TRACE(limit);
    const auto writer = writerOn(createFile(folder.path("a")));
    {
      const FileSizeLimit limited(limit);
      EXPECT_FALSE(writer->write(frames).has_value() && writer->flush().has_value());
    }
    std::size_t whole = 0;
    while (offsets[whole + 1] <= limit) ++whole;
    const auto again = writer->flush();
    ASSERT_FALSE(again.has_value());
    EXPECT_THAT(describe(again.error()),
                testing::HasSubstr("It holds " + std::to_string(whole) + " whole packet"));
    ASSERT_EQ(readWholeFile(folder.path("a")).size(), offsets[whole]);
  }
}

TEST(PcapWriter, CountsThePacketsOfEarlierBuffersToo) {
  const TemporaryFolder folder;
  const auto packets = somePackets(20'000);
  const auto frames = framesOf(packets);
  const auto offsets = pcapRecordOffsets(packets);
  const auto writer = writerOn(createFile(folder.path("a")));
  {
    const FileSizeLimit limited(2'000'000);
    EXPECT_FALSE(writer->write(frames).has_value());
  }
  const auto drained = drainFile(folder.path("a"));
  EXPECT_EQ(drained.state, SourceState::End);
  const std::size_t count = drained.packets.size();
  EXPECT_LE(offsets[count], 2'000'000u);
  EXPECT_GT(offsets[count + 1], 2'000'000u);
}

TEST(PcapWriter, WritesInTurnsNothingButWhatWasSetAside) {
  const TemporaryFolder folder;
  const auto path = folder.path("a");
  const auto packets = somePackets(6);
  const auto frames = framesOf(packets);
  const auto offsets = pcapRecordOffsets(packets);
  const auto writer = writerOn(createFile(path));
  writer->writeInTurns();
  ASSERT_TRUE(writer->write(std::span(frames).first(2)).has_value());
  writer->setAside(1);
  ASSERT_TRUE(writer->write(std::span(frames).subspan(2)).has_value());
  EXPECT_EQ(readWholeFile(path).size(), 24u);
  ASSERT_TRUE(writer->writeAside(1).has_value());
  EXPECT_EQ(readWholeFile(path).size(), offsets[2]);
  ASSERT_TRUE(writer->writeAside(1).has_value());
  EXPECT_EQ(readWholeFile(path).size(), offsets[2]);
  ASSERT_TRUE(writer->flush().has_value());
  EXPECT_EQ(readWholeFile(path).size(), offsets[6]);
}

TEST(PcapWriter, CutsAFileBackThatCannotGrowInTurnsEither) {
  const TemporaryFolder folder;
  const auto packets = somePackets(9);
  const auto frames = framesOf(packets);
  const auto offsets = pcapRecordOffsets(packets);
  for (std::size_t limit = 24; limit < offsets.back(); limit += 7) {
    SCOPED_TRACE(limit);
    const auto writer = writerOn(createFile(folder.path("a")));
    writer->writeInTurns();
    std::size_t whole = 0;
    while (offsets[whole + 1] <= limit) ++whole;
    const FileSizeLimit limited(limit);
    bool hasFailed = false;
    for (std::size_t i = 0; i < 3; ++i) {
      ASSERT_TRUE(writer->write(std::span(frames).subspan(3 * i, 3)).has_value());
      writer->setAside(i % 2);
      const auto written = writer->writeAside(i % 2);
      hasFailed = limit < offsets[3 * i + 3];
      ASSERT_EQ(written.has_value(), !hasFailed);
      if (hasFailed) {
        EXPECT_THAT(describe(written.error()),
                    testing::HasSubstr("It holds " + std::to_string(whole) + " whole packet"));
      }
    }
    EXPECT_TRUE(hasFailed);
    EXPECT_FALSE(writer->close().has_value());
    ASSERT_EQ(readWholeFile(folder.path("a")).size(), offsets[whole]);
  }
}

TEST(PcapWriter, LeavesAloneWhatStandsBeforeIt) {
  const TemporaryFolder folder;
  const std::vector<std::byte> before(100, std::byte{'b'});
  const auto packets = somePackets(6);
  const auto frames = framesOf(packets);
  for (const int flags : {0, O_APPEND}) {
    const auto path = folder.write("a", before);
    Descriptor file = createFile(path, flags);
    if (flags == 0) ::lseek(file.get(), 0, SEEK_END);
    const auto writer = writerOn(std::move(file));
    const FileSizeLimit limited(100 + 24 + 16 + 76 + 10);
    ASSERT_TRUE(writer->write(frames).has_value());
    EXPECT_FALSE(writer->flush().has_value());
    const auto bytes = readWholeFile(path);
    ASSERT_EQ(bytes.size(), 100u + 24 + 16 + 76);
    EXPECT_TRUE(std::equal(before.begin(), before.end(), bytes.begin()));
  }
}

TEST(PcapWriter, SaysWhatItHadWrittenToAFullDevice) {
  const auto writer = createCapture(createFile("/dev/full", 0), "/dev/full", {});
  ASSERT_FALSE(writer.has_value());
  EXPECT_EQ(describe(writer.error()),
            "cannot write to /dev/full: No space left on device. 0 whole packets had been written "
            "to it.");
}

class WriterOnPipe : public testing::Test {
 protected:
  WriterOnPipe() : oldHandler_(::signal(SIGPIPE, SIG_IGN)) {
    int ends[2];
    EXPECT_EQ(::pipe2(ends, O_CLOEXEC), 0);
    reader_ = Descriptor(ends[0]);
    writer_ = writerOn(Descriptor(ends[1]));
  }
  ~WriterOnPipe() override { ::signal(SIGPIPE, oldHandler_); }

  sighandler_t oldHandler_;
  Descriptor reader_;
  std::unique_ptr<PacketWriter> writer_;
};

TEST_F(WriterOnPipe, SetsNothingAside) {
  writer_->writeInTurns();
  const auto packets = somePackets(1);
  ASSERT_TRUE(writer_->write(framesOf(packets)).has_value());
  writer_->setAside(1);
  ASSERT_TRUE(writer_->flush().has_value());
  std::array<std::byte, 500> bytes{};
  EXPECT_EQ(::read(reader_.get(), bytes.data(), bytes.size()),
            static_cast<ssize_t>(pcapRecordOffsets(packets)[1]));
}

TEST_F(WriterOnPipe, TellsWithoutAnyPacketThatNobodyReads) {
  ASSERT_TRUE(writer_->pollDescriptor().has_value());
  EXPECT_TRUE(writer_->checkReader().has_value());
  reader_.close();
  const auto checked = writer_->checkReader();
  ASSERT_FALSE(checked.has_value());
  EXPECT_EQ(describe(checked.error()),
            "cannot write to x: Broken pipe. 0 whole packets had been written to it.");
  EXPECT_FALSE(writer_->close().has_value());
}

TEST_F(WriterOnPipe, CountsWhatWasWrittenBeforeTheReaderWentAway) {
  const auto packets = somePackets(3);
  const auto frames = framesOf(packets);
  ASSERT_TRUE(writer_->write(std::span(frames).first(2)).has_value());
  ASSERT_TRUE(writer_->flush().has_value());
  reader_.close();
  ASSERT_TRUE(writer_->write(std::span(frames).subspan(2)).has_value());
  const auto flushed = writer_->flush();
  ASSERT_FALSE(flushed.has_value());
  EXPECT_EQ(describe(flushed.error()),
            "cannot write to x: Broken pipe. 2 whole packets had been written to it.");
}

TEST(PcapWriter, HasNothingToPollForAFile) {
  const TemporaryFolder folder;
  EXPECT_FALSE(writerOn(createFile(folder.path("a")))->pollDescriptor().has_value());
}

}  // namespace
}  // namespace vsdump::test
