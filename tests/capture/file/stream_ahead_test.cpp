// SPDX-License-Identifier: GPL-2.0-or-later
#include "capture/file/stream_ahead.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <vector>

namespace vsdump::test {
namespace {

/// Bytes that tell their places, in chunks of up to so many bytes; then something else, once or
/// again and again as a stream does.
class Counting final : public ByteStream {
 public:
  Counting(std::size_t size, std::size_t chunk, Result<Chunk> end)
      : size_(size), chunk_(chunk), end_(std::move(end)) {}

  static std::byte at(std::size_t place) {
    return static_cast<std::byte>(place * 2654435761U >> 24);
  }

  Result<Chunk> read(std::span<std::byte> into) override {
    const std::size_t count = std::min({into.size(), chunk_, size_ - given_});
    if (count == 0) return end_;
    for (std::size_t i = 0; i < count; ++i) into[i] = at(given_ + i);
    given_ += count;
    return Chunk{.size = count};
  }
  std::optional<double> progress() const override {
    return static_cast<double>(given_) / static_cast<double>(size_);
  }

  void grow(std::size_t size) { size_ += size; }

 private:
  std::size_t size_;
  std::size_t chunk_;
  Result<Chunk> end_;
  std::size_t given_ = 0;
};

/// Bytes, damage, and the same bytes again.
class Resumable final : public ByteStream {
 public:
  explicit Resumable(std::size_t size)
      : before_(size, 100'000, Chunk{.state = SourceState::Damaged, .behind = Behind::Joined}),
        behind_(size, 100'000, Chunk{.state = SourceState::End}) {}

  Result<Chunk> read(std::span<std::byte> into) override {
    return (isResumed_ ? behind_ : before_).read(into);
  }
  void resume() override { isResumed_ = true; }

 private:
  Counting before_;
  Counting behind_;
  bool isResumed_ = false;
};

struct Read {
  std::vector<std::byte> bytes;
  Result<Chunk> end = Chunk{};
};

/// Everything up to what is no more, in rooms of this size.
Read readAll(ByteStream& stream, std::size_t room) {
  Read all;
  std::vector<std::byte> into(room);
  while (true) {
    all.end = stream.read(into);
    if (!all.end || all.end->state != SourceState::More) return all;
    EXPECT_NE(all.end->size, 0U);
    all.bytes.insert(all.bytes.end(), into.begin(),
                     into.begin() + static_cast<std::ptrdiff_t>(all.end->size));
  }
}

void expectCounted(const std::vector<std::byte>& bytes, std::size_t from, std::size_t size) {
  ASSERT_EQ(bytes.size(), size);
  for (std::size_t i = 0; i < size; ++i) ASSERT_EQ(bytes[i], Counting::at(from + i)) << i;
}

constexpr std::size_t kLong = 5'000'011;

TEST(StreamAhead, HandsOutTheSameBytes) {
  for (const std::size_t chunk : {std::size_t{1000}, std::size_t{130'000}, kLong}) {
    for (const std::size_t room : {std::size_t{999}, std::size_t{65'536}, std::size_t{1'500'000}}) {
      auto stream =
          streamAhead(std::make_unique<Counting>(kLong, chunk, Chunk{.state = SourceState::End}));
      const Read read = readAll(*stream, room);
      expectCounted(read.bytes, 0, kLong);
      ASSERT_TRUE(read.end);
      EXPECT_EQ(read.end->state, SourceState::End);
      EXPECT_EQ(stream->progress(), 1.0);
      // The end is told again, as a stream does.
      EXPECT_EQ(readAll(*stream, room).end->state, SourceState::End);
    }
  }
}

TEST(StreamAhead, TellsOfDamageBehindTheBytesBeforeIt) {
  auto stream = streamAhead(std::make_unique<Counting>(
      kLong, 100'000, Chunk{.state = SourceState::Damaged, .problem = "it is torn"}));
  const Read read = readAll(*stream, 300'000);
  expectCounted(read.bytes, 0, kLong);
  ASSERT_TRUE(read.end);
  EXPECT_EQ(read.end->problem, "it is torn");
}

TEST(StreamAhead, GoesOnBehindDamageWhenItIsTold) {
  auto damaged = std::make_unique<Resumable>(kLong);
  auto stream = streamAhead(std::move(damaged));
  const Read before = readAll(*stream, 300'000);
  expectCounted(before.bytes, 0, kLong);
  EXPECT_EQ(before.end->behind, Behind::Joined);
  EXPECT_EQ(readAll(*stream, 300'000).end->state, SourceState::Damaged);
  stream->resume();
  const Read behind = readAll(*stream, 300'000);
  expectCounted(behind.bytes, 0, kLong);
  EXPECT_EQ(behind.end->state, SourceState::End);
}

TEST(StreamAhead, TellsOfAnErrorBehindTheBytesBeforeIt) {
  auto stream = streamAhead(std::make_unique<Counting>(
      kLong, 100'000, tl::unexpected(Error{.kind = ErrorKind::Io, .subject = "disk"})));
  const Read read = readAll(*stream, 300'000);
  expectCounted(read.bytes, 0, kLong);
  ASSERT_FALSE(read.end);
  EXPECT_EQ(read.end.error().subject, "disk");
}

TEST(StreamAhead, GoesOnWhereMoreHasCome) {
  auto counting = std::make_unique<Counting>(kLong, 100'000, Chunk{.state = SourceState::Waiting});
  Counting& growing = *counting;
  auto stream = streamAhead(std::move(counting));
  expectCounted(readAll(*stream, 300'000).bytes, 0, kLong);
  growing.grow(kLong);
  const Read more = readAll(*stream, 300'000);
  expectCounted(more.bytes, kLong, kLong);
  EXPECT_EQ(more.end->state, SourceState::Waiting);
}

}  // namespace
}  // namespace vsdump::test
