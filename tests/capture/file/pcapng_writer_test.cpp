// SPDX-License-Identifier: GPL-2.0-or-later
#include "capture/file/pcapng_writer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "tests/capture/file/drained.h"
#include "tests/capture/file/temporary.h"
#include "tests/capture/file/writing.h"

namespace vsdump::test {
namespace {

class PcapngWriting : public testing::Test {
 protected:
  std::unique_ptr<PacketWriter> create(std::vector<std::string> comments = {}) const {
    return writerOn(createFile(path()),
                    {.pcapng = true, .application = "vsdump", .comments = std::move(comments)});
  }
  std::string path() const { return folder_.path("a"); }
  Drained closeAndRead(PacketWriter& writer) const {
    EXPECT_TRUE(writer.close().has_value());
    auto drained = drainFile(path());
    EXPECT_EQ(drained.error, "");
    EXPECT_EQ(drained.state, SourceState::End);
    EXPECT_TRUE(drained.notices.empty());
    return drained;
  }

 private:
  TemporaryFolder folder_;
};

CaptureInterface vsockInterface(std::string name, bool nanoseconds = true) {
  return {.name = std::move(name), .linkType = kLinkTypeVsock, .nanoseconds = nanoseconds};
}

TEST_F(PcapngWriting, KeepsPacketsInterfacesAndStatistics) {
  auto packets = somePackets(30);
  packets[7].timestampNs += 321;
  auto interface = vsockInterface("vsockmon7");
  interface.description = "the seventh";
  interface.snapshotLength = 76;
  const auto writer = create();
  ASSERT_TRUE(writer->describe({&interface, 1}).has_value());
  ASSERT_TRUE(writer->write(framesOf(packets)).has_value());
  interface.statistics = {.received = 33,
                          .dropped = 3,
                          .droppedByInterface = 1,
                          .countedNs = 1'732'277'005'123'456'789};
  ASSERT_TRUE(writer->writeStatistics({&interface, 1}).has_value());
  const auto size = writer->bytesWritten();
  const auto drained = closeAndRead(*writer);
  EXPECT_EQ(readWholeFile(path()).size(), size);
  EXPECT_EQ(drained.packets, packets);
  ASSERT_EQ(drained.interfaces.size(), 1u);
  EXPECT_EQ(drained.interfaces[0].name, "vsockmon7");
  EXPECT_EQ(drained.interfaces[0].description, "the seventh");
  EXPECT_EQ(drained.interfaces[0].snapshotLength, 76u);
  EXPECT_EQ(drained.interfaces[0].statistics.received, 33u);
  EXPECT_EQ(drained.interfaces[0].statistics.dropped, 3u);
  EXPECT_EQ(drained.interfaces[0].statistics.droppedByInterface, 1u);
  EXPECT_EQ(drained.interfaces[0].statistics.countedNs, interface.statistics.countedNs);
}

TEST_F(PcapngWriting, KeepsCommentsWithTheirPackets) {
  auto packets = somePackets(5);
  packets.erase(packets.begin() + 1);  // not wanted, and its comment with it
  const auto interface = vsockInterface("");
  const auto writer = create({"on the file"});
  ASSERT_TRUE(writer->describe({&interface, 1}).has_value());
  ASSERT_TRUE(writer
                  ->annotate({{.frame = FrameNumber{2}, .text = "on the second"},
                              {.frame = FrameNumber{4}, .text = "on the fourth"},
                              {.frame = FrameNumber{4}, .text = "and again"}})
                  .has_value());
  ASSERT_TRUE(writer->write(framesOf(packets)).has_value());
  const auto drained = closeAndRead(*writer);
  ASSERT_EQ(drained.comments.size(), 3u);
  EXPECT_EQ(drained.comments[0].frame, std::nullopt);
  EXPECT_EQ(drained.comments[0].text, "on the file");
  EXPECT_EQ(drained.comments[1].frame, FrameNumber{3});
  EXPECT_EQ(drained.comments[1].text, "on the fourth");
  EXPECT_EQ(drained.comments[2].text, "and again");
}

/// Comments of no packet in particular, each of another letter and as long as one can be.
std::vector<Comment> longComments(std::size_t count, std::size_t from = 0) {
  std::vector<Comment> comments;
  for (std::size_t i = from; i < from + count; ++i) {
    comments.push_back(
        {.frame = std::nullopt, .text = std::string(0xffff, static_cast<char>('a' + i % 26))});
  }
  return comments;
}

/// What is left of comments where those of packets and their order do not count.
std::vector<std::string> sortedTexts(const std::vector<Comment>& comments) {
  std::vector<std::string> texts;
  for (const Comment& comment : comments) texts.push_back(comment.text);
  std::ranges::sort(texts);
  return texts;
}

TEST_F(PcapngWriting, KeepsCommentsOfNoPacketBesideAPacketThatIsFullOfItsOwn) {
  // Almost as many as its block can have.
  std::vector<Comment> comments = longComments(10);
  for (Comment& own : longComments(255)) {
    own.frame = FrameNumber{1};
    comments.push_back(std::move(own));
  }
  const auto packets = somePackets(3);
  const auto interface = vsockInterface("");
  const auto writer = create();
  ASSERT_TRUE(writer->describe({&interface, 1}).has_value());
  ASSERT_TRUE(writer->annotate(std::vector(comments)).has_value());
  ASSERT_TRUE(writer->write(framesOf(packets)).has_value());
  const auto drained = closeAndRead(*writer);
  EXPECT_EQ(drained.packets, packets);
  EXPECT_EQ(sortedTexts(drained.comments), sortedTexts(comments));
}

TEST_F(PcapngWriting, KeepsCommentsThatNoPacketFollows) {
  const auto packets = somePackets(3);
  const auto interface = vsockInterface("");
  const auto writer = create();
  ASSERT_TRUE(writer->describe({&interface, 1}).has_value());
  ASSERT_TRUE(writer->write(framesOf(packets)).has_value());
  ASSERT_TRUE(writer->annotate({{.frame = std::nullopt, .text = "too late"}}).has_value());
  const auto drained = closeAndRead(*writer);
  EXPECT_EQ(drained.packets, packets);
  ASSERT_EQ(drained.comments.size(), 1U);
  EXPECT_EQ(drained.comments[0].frame, std::nullopt);
  EXPECT_EQ(drained.comments[0].text, "too late");
}

TEST_F(PcapngWriting, KeepsMoreCommentsThanABlockHasRoomFor) {
  // In the header as well as behind it, and with nothing written in between: 600 are 39 MB.
  constexpr std::size_t kAtOnce = 100;
  std::vector<std::string> onTheFile;
  for (Comment& comment : longComments(300)) onTheFile.push_back(std::move(comment.text));
  std::vector<Comment> all = longComments(300);
  const auto packets = somePackets(3);
  const auto interface = vsockInterface("");
  const auto writer = create(onTheFile);
  ASSERT_TRUE(writer->describe({&interface, 1}).has_value());
  const std::uint64_t before = writer->bytesWritten();
  for (std::size_t i = 0; i < 300; i += kAtOnce) {
    ASSERT_TRUE(writer->annotate(longComments(kAtOnce, i)).has_value());
  }
  // They are not kept for a packet that may never come.
  EXPECT_GT(writer->bytesWritten() - before, 290U * 0xffff);
  ASSERT_TRUE(writer->write(framesOf(packets)).has_value());
  for (Comment& comment : longComments(300)) all.push_back(std::move(comment));
  const auto drained = closeAndRead(*writer);
  EXPECT_EQ(drained.packets, packets);
  EXPECT_EQ(sortedTexts(drained.comments), sortedTexts(all));
  EXPECT_EQ(runCommand("capinfos -c " + path()).exitCode, 0);
}

TEST_F(PcapngWriting, GivesTheInterfacesOfSeveralSourcesNumbersOfTheirOwn) {
  auto packets = somePackets(4);
  packets[1].interface = 1;
  const CaptureInterface first[] = {{.name = "eth0", .linkType = 1}, vsockInterface("vsockmon0")};
  const auto writer = create();
  ASSERT_TRUE(writer->describe(first).has_value());
  auto frames = framesOf(packets);
  ASSERT_TRUE(writer->write({&frames[1], 1}).has_value());
  writer->beginSource();
  const auto second = vsockInterface("vsockmon1", false);
  ASSERT_TRUE(writer->describe({&second, 1}).has_value());
  ASSERT_TRUE(writer->write({&frames[2], 2}).has_value());
  const auto drained = closeAndRead(*writer);
  ASSERT_EQ(drained.interfaces.size(), 2u);
  EXPECT_EQ(drained.interfaces[0].name, "vsockmon0");
  EXPECT_EQ(drained.interfaces[1].name, "vsockmon1");
  EXPECT_FALSE(drained.interfaces[1].nanoseconds);
  ASSERT_EQ(drained.packets.size(), 3u);
  EXPECT_EQ(drained.packets[0].interface, 0u);
  EXPECT_EQ(drained.packets[1].interface, 1u);
  EXPECT_EQ(drained.packets[2].timestampNs, packets[3].timestampNs);
}

TEST_F(PcapngWriting, IsReadByTsharkAndCapinfos) {
  const auto packets = somePackets(9);
  const auto interface = vsockInterface("vsockmon0");
  const auto writer = create({"a comment"});
  ASSERT_TRUE(writer->describe({&interface, 1}).has_value());
  ASSERT_TRUE(writer->write(framesOf(packets)).has_value());
  closeAndRead(*writer);
  const auto about = runCommand("capinfos " + path());
  EXPECT_EQ(about.exitCode, 0) << about.output;
  for (const char* line :
       {"Number of packets:   9", "Capture application: vsdump", "Capture comment:     a comment",
        "Name = vsockmon0", "Encapsulation = Linux vsock"}) {
    EXPECT_NE(about.output.find(line), std::string::npos) << line << '\n' << about.output;
  }
}

TEST(ChooseByName, TellsTheFormatFromTheEndOfTheName) {
  const auto chosen = [](std::string_view name) {
    OutputFormat format;
    chooseByName(format, name);
    return std::pair(format.pcapng, format.compression);
  };
  EXPECT_EQ(chosen("a.pcap"), std::pair(false, Compression::None));
  EXPECT_EQ(chosen("a.pcapng"), std::pair(true, Compression::None));
  EXPECT_EQ(chosen("a.pcapng.gz"), std::pair(true, Compression::Gzip));
  EXPECT_EQ(chosen("a.zst"), std::pair(false, Compression::Zstd));
  EXPECT_EQ(chosen("-"), std::pair(false, Compression::None));
}

}  // namespace
}  // namespace vsdump::test
