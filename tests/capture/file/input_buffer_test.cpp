// SPDX-License-Identifier: GPL-2.0-or-later
#include "capture/file/input_buffer.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <malloc.h>
#include <rapidcheck/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "capture/file/descriptor_stream.h"
#include "tests/capture/file/temporary.h"

namespace vsdump::test {
namespace {

constexpr std::size_t kFull = kLargestReadSize;

/// What stands at a place of the streams here.
std::byte at(std::uint64_t place) {
  return static_cast<std::byte>(place * 2654435761U >> 24);
}

/// Where the bytes differ from those at this place; their number where nowhere.
std::size_t differAt(std::span<const std::byte> bytes, std::uint64_t place) {
  std::size_t i = 0;
  while (i < bytes.size() && bytes[i] == at(place + i)) ++i;
  return i;
}

/// Can be read at two places at once, in pieces of up to so many bytes.
class Places final : public ByteStream {
 public:
  Places(std::size_t size, std::size_t piece) : size_(size), piece_(piece) {}

  Result<Chunk> read(std::span<std::byte> into) override {
    const std::size_t count = readAt(position_, into);
    if (count == 0) return Chunk{.state = SourceState::End};
    position_ += count;
    return Chunk{.size = count};
  }
  std::size_t readAt(std::uint64_t offset, std::span<std::byte> into) const override {
    const std::size_t count = std::min({into.size(), piece_, size_ - std::min(offset, size_)});
    for (std::size_t i = 0; i < count; ++i) into[i] = at(offset + i);
    return count;
  }
  void skip(std::size_t size) override {
    position_ += size;
    skipped_ += size;
  }

  void setPiece(std::size_t piece) { piece_ = piece; }
  std::uint64_t skipped() const { return skipped_; }

 private:
  std::uint64_t size_;
  std::size_t piece_;
  std::uint64_t position_ = 0;
  std::uint64_t skipped_ = 0;
};

RC_GTEST_PROP(InputBuffer, HasTheSameBytesWhateverIsPrefetched, ()) {
  const auto size = *rc::gen::inRange<std::size_t>(1, 10 * kFull);
  // Some pieces are shorter than what is asked for, and some as long as one likes.
  const auto piece = *rc::gen::element<std::size_t>(kFull / 5, kFull - 1, kFull, 20 * kFull);
  InputBuffer input(std::make_unique<Places>(size, piece));
  std::span<const std::byte> before;
  std::uint64_t offsetBefore = 0;
  for (std::uint64_t end = 0; end < size;) {
    const auto wanted = *rc::gen::element<std::size_t>(0, 1000, kFull * 4 / 3, kFull * 5);
    const auto kept = *rc::gen::element<std::size_t>(0, 1, 100, kFull / 8, kFull * 2 / 5);
    const bool prefetches = *rc::gen::weightedElement<bool>({{4, true}, {1, false}});
    input.consume(input.bytes().size() - std::min(kept, input.bytes().size()));
    const std::size_t keptNow = input.bytes().size();
    if (prefetches) input.prefetch(input.place());

    const auto chunk = input.fill(wanted);
    RC_ASSERT(chunk.has_value());
    RC_ASSERT(chunk->state == SourceState::More);
    RC_ASSERT(input.bytes().size() == keptNow + chunk->size);
    RC_ASSERT(input.offset() == end - keptNow);
    RC_ASSERT(differAt(input.bytes(), input.offset()) == input.bytes().size());
    RC_ASSERT(differAt(before, offsetBefore) == before.size());
    before = input.bytes();
    offsetBefore = input.offset();
    end += chunk->size;
  }
  RC_ASSERT(input.fill(0)->state == SourceState::End);
}

TEST(InputBuffer, CopiesALargeRecordNotForEachPiece) {
  constexpr std::size_t kRecord = 20 * kFull;
  InputBuffer input(std::make_unique<Places>(kRecord, kFull / 100));
  std::size_t moves = 0;
  while (input.bytes().size() < kRecord) {
    const std::byte* const before = input.bytes().data();
    ASSERT_TRUE(input.fill(kRecord).has_value());
    moves += input.bytes().data() == before ? 0 : 1;
  }
  EXPECT_EQ(differAt(input.bytes(), 0), kRecord);
  // While it is no longer than what stands in front of a read.
  EXPECT_LE(moves, 30U);
}

TEST(InputBuffer, KeepsTheMemoryOfTwoLargeRecords) {
  constexpr std::size_t kRecord = 20 * kFull;
  const auto inUse = [] {  // 0 with sanitizers
    const auto memory = ::mallinfo2();
    return memory.hblkhd + memory.uordblks;
  };
  const std::size_t before = inUse();
  InputBuffer input(std::make_unique<Places>(8 * kRecord, kFull));
  for (std::uint64_t record = 0; record < 8; ++record) {
    while (input.bytes().size() < kRecord) ASSERT_TRUE(input.fill(kRecord).has_value());
    ASSERT_EQ(differAt(input.bytes().first(kRecord), record * kRecord), kRecord);
    EXPECT_LT(inUse() - before, 5 * kRecord / 2);
    input.consume(kRecord);
  }
}

TEST(InputBuffer, UsesWhatWasPrefetched) {
  constexpr std::size_t kSize = 40 * kFull;
  auto stream = std::make_unique<Places>(kSize, kSize);
  const Places& places = *stream;
  InputBuffer input(std::move(stream));
  while (input.fill(0)->state == SourceState::More) {
    input.consume(input.bytes().size() - std::min<std::size_t>(50, input.bytes().size()));
    input.prefetch(input.place());
  }
  EXPECT_EQ(input.offset() + input.bytes().size(), kSize);
  EXPECT_GT(places.skipped(), kSize * 9 / 10);
}

TEST(InputBuffer, ForgetsWhatWasPrefetchedAndNotUsed) {
  auto stream = std::make_unique<Places>(20 * kFull, kFull);
  Places& places = *stream;
  InputBuffer input(std::move(stream));
  const auto fill = [&] {
    input.consume(input.bytes().size());
    EXPECT_TRUE(input.fill(0).has_value());
    EXPECT_EQ(differAt(input.bytes(), input.offset()), input.bytes().size());
    return input.bytes().size();
  };
  while (fill() < kFull) {
  }
  input.prefetch(input.place());
  // Comes to where it was prefetched from when that memory has been filled anew and is next again.
  places.setPiece(kFull / 4);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(fill(), kFull / 4);
  places.setPiece(kFull / 8);
  for (int i = 0; i < 2; ++i) EXPECT_EQ(fill(), kFull / 8);
  EXPECT_EQ(fill(), kFull / 8);
}

TEST(InputBuffer, PrefetchesFromAFileThatIsReadFromAnywhere) {
  constexpr std::uint64_t kBegin = 2 * kFull + 1;
  constexpr std::size_t kSize = 10 * kFull + 3;
  std::vector<std::byte> bytes(kSize);
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = at(i);
  const TemporaryFolder folder;
  Descriptor file(::open(folder.write("a", bytes).c_str(), O_RDONLY | O_CLOEXEC));
  ::lseek(file.get(), kBegin, SEEK_SET);
  auto stream = DescriptorStream::open(std::move(file), "x", false);
  ASSERT_TRUE(stream.has_value());
  InputBuffer input(std::move(*stream));
  std::uint64_t end = 0;
  while (true) {
    const auto chunk = input.fill(0);
    ASSERT_TRUE(chunk.has_value());
    if (chunk->state == SourceState::End) break;
    ASSERT_EQ(differAt(input.bytes(), kBegin + end), input.bytes().size());
    end += chunk->size;
    EXPECT_EQ(input.stream().progress(), static_cast<double>(kBegin + end) / kSize);
    input.consume(input.bytes().size());
    input.prefetch(input.place());
  }
  EXPECT_EQ(end, kSize - kBegin);
}

}  // namespace
}  // namespace vsdump::test
