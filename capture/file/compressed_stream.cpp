// SPDX-License-Identifier: GPL-2.0-or-later
#include "capture/file/compressed_stream.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>
#include <string>
#include <utility>

#include "capture/file/member_decoder.h"
#include "capture/file/stream_ahead.h"

namespace vsdump {

namespace {

/// Where a member is damaged, it goes on with the next one.
class CompressedStream final : public ByteStream {
 public:
  CompressedStream(InputBuffer compressed, std::unique_ptr<MemberDecoder> decoder,
                   std::string_view compression)
      : compressed_(std::move(compressed)),
        decoder_(std::move(decoder)),
        compression_(compression) {}

  Result<Chunk> read(std::span<std::byte> into) override {
    while (!damage_) {
      auto chunk = fillTo(lost_ ? decoder_->startSize() : taken_ + decoder_->wanted());
      if (!chunk || chunk->state == SourceState::Waiting) return chunk;
      if (chunk->state == SourceState::Damaged) return chunk;
      const bool isOver = chunk->state == SourceState::End;
      std::size_t produced = 0;
      if (lost_) {
        seek(isOver);
      } else if (!isOver) {
        produced = decode(into, compressed_.bytes().size() - taken_);
      } else if (decoder_->atBoundary() && compressed_.bytes().size() == taken_) {
        return chunk;
      } else if (const std::size_t part = partBeforeMember(); part > 0) {
        produced = decode(into, part);
      } else {
        breakOff();
      }
      if (produced > 0) return Chunk{.size = produced};
    }
    return *damage_;
  }

  void resume() override { damage_.reset(); }

  std::optional<int> pollDescriptor() const override {
    return compressed_.stream().pollDescriptor();
  }
  std::optional<double> progress() const override { return compressed_.stream().progress(); }

 private:
  /// A member that cannot be decoded further.
  struct Lost {
    std::string problem{};
    std::string detail{};
    std::uint64_t from = 0;  ///< place in the compressed data
  };

  /// So many bytes, or what is left: then the chunk is not More.
  Result<Chunk> fillTo(std::size_t size) {
    while (compressed_.bytes().size() < size) {
      auto chunk = compressed_.fill(size);
      if (!chunk || chunk->state != SourceState::More) return chunk;
    }
    return Chunk{};
  }

  /// Of the next `size` bytes.
  std::size_t decode(std::span<std::byte> into, std::size_t size) {
    const bool wasAtBoundary = decoder_->atBoundary();
    DecodeStep step = decoder_->decode(compressed_.bytes().subspan(taken_, size), into);
    if (wasAtBoundary && step.consumed > 0 && !step.isPadding) beginMember();
    taken_ += step.consumed;
    forget(step.problem.empty() && decoder_->atBoundary() && decoder_->isCertain());
    produced_ += step.produced;
    const auto sound = step.isWrongChecksum ? soundMember(0, taken_) : std::nullopt;
    if (sound) {
      lose(std::move(step.problem), std::move(step.detail), *sound);
    } else if (step.isWrongChecksum) {
      damage_ = Chunk{.state = SourceState::Damaged,
                      .problem = fmt::format("the {} data {} ({}): {}", compression_, step.problem,
                                             step.detail, mayBeWrong()),
                      .behind = Behind::Joined};
    } else if (!step.problem.empty()) {
      lose(std::move(step.problem), std::move(step.detail), 0);
    }
    if (decoder_->atBoundary() && !lost_) memberFrom_ = produced_;
    return step.produced;
  }

  /// How many of the bytes that are left, too few for the decoder, are of its member and can be
  /// decoded: not those of a sound one behind it.
  std::size_t partBeforeMember() {
    if (!decoder_->takesParts()) return 0;
    const std::size_t size = compressed_.bytes().size();
    return soundMember(taken_, size).value_or(size) - taken_;
  }

  /// Most files that end so are cut, and all of them up to there is sound.
  void breakOff() {
    const auto sound =
        decoder_->atBoundary() ? std::nullopt : soundMember(0, compressed_.bytes().size());
    lose("breaks off", std::string(decoder_->wrongSoFar()), sound.value_or(taken_));
  }

  /// The next member is looked for from `keptFrom` on, of the bytes at hand.
  void lose(std::string problem, std::string detail, std::size_t keptFrom) {
    lost_ = Lost{.problem = std::move(problem),
                 .detail = std::move(detail),
                 .from = compressed_.offset() + taken_};
    searchedTo_ = std::max(searchedTo_, lost_->from);
    compressed_.consume(keptFrom);
    taken_ = 0;
  }

  /// One begins behind the taken bytes, none of which needs to be kept for it.
  void beginMember() {
    compressed_.consume(std::exchange(taken_, 0));
    searchedTo_ = std::max(searchedTo_, compressed_.offset() + 1);
  }

  /// Drops the taken bytes, but for those from where a member may begin, as long as that is near.
  ///
  /// What cannot be decoded is found out late: up to there garbage comes out, perhaps of the
  /// beginning of the next member.
  void forget(bool all) {
    constexpr std::size_t kFarthestBack = std::size_t{64} * 1024;
    const std::uint64_t offset = compressed_.offset();
    std::size_t at = taken_ - std::min(taken_, kFarthestBack);
    if (searchedTo_ > offset) at = std::max<std::uint64_t>(at, searchedTo_ - offset);
    at = all ? taken_ : std::min(at, taken_);
    at += beforeMember(compressed_.bytes().subspan(at, taken_ - at));
    compressed_.consume(at);
    taken_ -= at;
  }

  /// Where the first of sound members begins that lead from there to `end`, in the bytes at hand
  /// from `from` on: the member before them lacks its end, and what is decoded beyond is garbage
  /// that nothing else tells.
  ///
  /// What a packet carries is not taken for one: more of the packet's own member follows behind it.
  std::optional<std::size_t> soundMember(std::size_t from, std::size_t end) const {
    constexpr std::size_t kMostWork = std::size_t{16} * 1024 * 1024;
    constexpr std::size_t kWorkOfATry = std::size_t{16} * 1024;
    std::size_t work = kMostWork;  // bytes that are decoded for that, however hostile the data
    const auto decoder = decoder_->another();
    for (std::size_t at = from;; ++at) {
      const auto bytes = compressed_.bytes().first(end).subspan(std::min(at, end));
      at += beforeMember(bytes);
      if (end < at + decoder_->startSize() || work < kWorkOfATry) return std::nullopt;
      work -= kWorkOfATry;
      decoder->reset();
      const std::size_t workBefore = work;
      if (!areSoundMembers(compressed_.bytes().subspan(at, end - at), *decoder, work)) continue;
      // What is stored as it is has come out with the garbage: it would come twice.
      const bool isStored = workBefore - work <= end - at;
      if (at >= taken_ || !isStored) return at;
    }
  }

  /// Whether the bytes are members, one after the other, and zeros behind them at most. `work` is
  /// how many bytes may be decoded to tell, and is less by those that were.
  static bool areSoundMembers(std::span<const std::byte> bytes, MemberDecoder& decoder,
                              std::size_t& work) {
    std::array<std::byte, std::size_t{16} * 1024> scratch;
    const auto isZero = [](std::byte byte) { return byte == std::byte{}; };
    bool isStuck = false;
    while (!isStuck && work > 0 && bytes.size() >= decoder.wanted()) {
      // What did not fit before may have been put out with nothing left.
      const bool mayDoNothing = decoder.wanted() == 0;
      const DecodeStep step = decoder.decode(bytes, scratch);
      if (!step.problem.empty()) return false;
      bytes = bytes.subspan(step.consumed);
      work -= std::min(work, step.produced);
      if (decoder.atBoundary() && std::ranges::all_of(bytes, isZero)) return true;
      isStuck = step.consumed + step.produced == 0 && !mayDoNothing;
    }
    return false;
  }

  /// How many bytes there are before the first with which a member begins, or may begin as far as
  /// can be told.
  std::size_t beforeMember(std::span<const std::byte> bytes) const {
    const std::size_t size = decoder_->startSize();
    std::size_t at = 0;
    while (bytes.size() - at >= size && !decoder_->beginsMember(bytes.subspan(at, size))) {
      ++at;
      const std::size_t places = bytes.size() - std::min(at + size - 1, bytes.size());
      const void* const next =
          std::memchr(bytes.data() + at, std::to_integer<int>(decoder_->firstByte()), places);
      at = next != nullptr ? static_cast<const std::byte*>(next) - bytes.data() : at + places;
    }
    return at;
  }

  /// Goes on to the next member, as far as there are bytes.
  void seek(bool isOver) {
    const auto bytes = compressed_.bytes();
    const std::size_t at = beforeMember(bytes);
    compressed_.consume(at);
    const bool isFound = bytes.size() - at >= decoder_->startSize();
    const std::uint64_t end = compressed_.offset() + compressed_.bytes().size();
    if (!isFound && !isOver) return;
    damage_ = Chunk{.state = SourceState::Damaged,
                    .problem = describe(*lost_, isFound ? compressed_.offset() : end),
                    .behind = isFound ? Behind::Apart : Behind::Nothing};
    if (!isFound) return;
    lost_.reset();
    decoder_->reset();
    memberFrom_ = produced_;
  }

  std::string mayBeWrong() const {
    return fmt::format("what it holds from byte {} on, up to here, may be wrong", memberFrom_);
  }

  /// What is lost up to a place in the compressed data.
  std::string describe(const Lost& lost, std::uint64_t upTo) const {
    std::string text = fmt::format("the {} data {}", compression_, lost.problem);
    if (!lost.detail.empty()) text += fmt::format(" ({})", lost.detail);
    if (upTo <= lost.from) {
      if (upTo == lost.from || memberFrom_ == produced_) return text;
      return text + fmt::format(": {}", mayBeWrong());
    }
    const std::uint64_t size = upTo - lost.from;
    return text + fmt::format(" and {} byte{} of it, from byte {} on, {} left out", size,
                              size == 1 ? "" : "s", lost.from, size == 1 ? "is" : "are");
  }

  InputBuffer compressed_;
  std::unique_ptr<MemberDecoder> decoder_;
  std::string_view compression_;
  std::uint64_t produced_ = 0;    ///< bytes
  std::uint64_t memberFrom_ = 0;  ///< of them, those before the member
  std::size_t taken_ = 0;         ///< bytes that are decoded and kept, in front of those to decode
  std::uint64_t searchedTo_ = 1;  ///< nothing before this place is gone back to
  std::optional<Lost> lost_;      ///< while the next member is looked for
  std::optional<Chunk> damage_;   ///< told until it is passed
};

}  // namespace

std::unique_ptr<ByteStream> decompress(InputBuffer compressed, Compression compression) {
  auto decoder = compression == Compression::Gzip ? gzipDecoder() : zstdDecoder();
  return streamAhead(std::make_unique<CompressedStream>(std::move(compressed), std::move(decoder),
                                                        compressionName(compression)));
}

}  // namespace vsdump
