// SPDX-License-Identifier: GPL-2.0-or-later
#include "capture/file/compressed_stream.h"

#include <fmt/format.h>
#include <zlib.h>
#include <zstd.h>
#include <zstd_errors.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <new>
#include <string>
#include <utility>

#include "capture/file/byte_order.h"
#include "capture/file/stream_ahead.h"

namespace vsdump {

namespace {

std::uint32_t littleEndian32(std::span<const std::byte> bytes) {
  const auto byte = [&](std::size_t index) { return std::to_integer<std::uint32_t>(bytes[index]); };
  return byte(0) | byte(1) << 8 | byte(2) << 16 | byte(3) << 24;
}

/// What one call of a Decoder did.
struct DecodeStep {
  std::size_t consumed = 0;
  std::size_t produced = 0;
  std::string problem{};         ///< what the data does that it must not, or needs, as a predicate
  std::string detail{};          ///< the library's words for it, or what helps
  bool isWrongChecksum = false;  ///< all of the member has been decoded nevertheless
  bool isPadding = false;        ///< what was consumed belongs to no member
};

DecodeStep damaged(std::size_t consumed, std::size_t produced, const char* detail) {
  return {.consumed = consumed, .produced = produced, .problem = "is damaged", .detail = detail};
}

/// A decompression library, fed piece by piece.
class Decoder {
 public:
  virtual ~Decoder() = default;

  /// Decodes some of the input, of which wanted() bytes are there at least, or takesParts().
  ///
  /// After a wrong checksum, which is told at the boundary behind it, this can be called again,
  /// after another problem only behind a reset().
  virtual DecodeStep decode(std::span<const std::byte> in, std::span<std::byte> out) = 0;

  /// Gets ready for a member.
  virtual void reset() = 0;

  /// The byte that members begin with.
  virtual std::byte firstByte() const = 0;
  /// How many bytes it takes to tell that a member begins.
  virtual std::size_t startSize() const = 0;
  /// Whether one begins with so many bytes, so that chance has next to no part in it.
  virtual bool beginsMember(std::span<const std::byte> start) const = 0;

  /// Bytes of input without which nothing can be done: none where output is held back that did not
  /// fit.
  std::size_t wanted() const { return wanted_; }

  /// Whether the input may end here: a member is complete and no other has begun.
  bool atBoundary() const { return atBoundary_; }

  /// Of a member that has ended: whether a checksum says that it is sound.
  virtual bool isCertain() const = 0;
  /// Whether something can be done with fewer bytes than wanted(), where the input ends with them.
  virtual bool takesParts() const { return false; }
  /// What is known to be wrong with the member that has not ended, in the library's words, if any.
  virtual std::string_view wrongSoFar() const { return {}; }
  /// A decoder of the same kind.
  virtual std::unique_ptr<Decoder> another() const = 0;

 protected:
  std::size_t wanted_ = 1;
  bool atBoundary_ = false;
};

class GzipDecoder final : public Decoder {
 public:
  /// Of at least two bytes.
  static bool hasMagic(std::span<const std::byte> bytes) {
    return bytes[0] == std::byte{0x1f} && bytes[1] == std::byte{0x8b};
  }

  GzipDecoder() {
    constexpr int kGzipOnly = 16;
    if (::inflateInit2(&stream_, MAX_WBITS + kGzipOnly) != Z_OK) throw std::bad_alloc();
  }
  ~GzipDecoder() override { ::inflateEnd(&stream_); }
  GzipDecoder(const GzipDecoder&) = delete;
  GzipDecoder& operator=(const GzipDecoder&) = delete;

  DecodeStep decode(std::span<const std::byte> in, std::span<std::byte> out) override {
    wanted_ = 1;
    if (trailerLeft_ > 0) return passTrailer(in.size());
    if (atBoundary_) {
      // Zeros may follow the last member: tapes and some disks pad a file with them.
      const auto zerosEnd =
          std::find_if(in.begin(), in.end(), [](std::byte byte) { return byte != std::byte{}; });
      const auto zeros = static_cast<std::size_t>(zerosEnd - in.begin());
      if (zeros > 0) return {.consumed = zeros, .isPadding = true};
      if (in.size() < 2) {
        wanted_ = 2;
        return {};
      }
      // zlib would consume what it refuses, and with it perhaps the first byte of a member.
      if (!hasMagic(in)) return damaged(0, 0, "incorrect header check");
      ::inflateReset(&stream_);
      atBoundary_ = false;
      isSound_ = true;
    }
    // zlib's interface takes a pointer to bytes that it does not write as one to bytes that it may.
    stream_.next_in = const_cast<Bytef*>(reinterpret_cast<const Bytef*>(in.data()));
    stream_.avail_in = static_cast<uInt>(in.size());
    stream_.next_out = reinterpret_cast<Bytef*>(out.data());
    stream_.avail_out = static_cast<uInt>(out.size());
    const int status = ::inflate(&stream_, Z_NO_FLUSH);
    const std::size_t consumed = in.size() - stream_.avail_in;
    const std::size_t produced = out.size() - stream_.avail_out;
    atBoundary_ = status == Z_STREAM_END;
    if (produced == out.size() && !atBoundary_) wanted_ = 0;
    // Z_BUF_ERROR says no more than that nothing could be done with so little.
    if (status == Z_OK || status == Z_STREAM_END || status == Z_BUF_ERROR) {
      return {.consumed = consumed, .produced = produced};
    }
    DecodeStep step =
        damaged(consumed, produced, stream_.msg != nullptr ? stream_.msg : ::zError(status));
    isSound_ = false;
    wanted_ = 1;
    if (step.detail == kWrongChecksum) {
      // It stops behind the checksum. RFC 1952, 2.3.1: the length follows.
      trailerLeft_ = 4;
      return {.consumed = consumed, .produced = produced};
    }
    step.isWrongChecksum = atBoundary_ = step.detail == "incorrect length check";
    return step;
  }

  void reset() override {
    wanted_ = 1;
    trailerLeft_ = 0;
    isSound_ = false;
    atBoundary_ = true;
  }

  bool isCertain() const override { return isSound_; }
  std::string_view wrongSoFar() const override { return trailerLeft_ > 0 ? kWrongChecksum : ""; }
  std::unique_ptr<Decoder> another() const override { return std::make_unique<GzipDecoder>(); }

  std::byte firstByte() const override { return std::byte{0x1f}; }
  std::size_t startSize() const override { return 10; }
  bool beginsMember(std::span<const std::byte> start) const override {
    // RFC 1952, 2.3.1: the method, the flags, how hard was compressed, and on which system.
    const auto byte = [&](std::size_t at) { return std::to_integer<unsigned>(start[at]); };
    return hasMagic(start) && byte(2) == Z_DEFLATED && (byte(3) & 0xe0) == 0 &&
           (byte(8) == 0 || byte(8) == 2 || byte(8) == 4) && (byte(9) <= 13 || byte(9) == 255);
  }

 private:
  /// Tells of the checksum when all of the member has been passed.
  DecodeStep passTrailer(std::size_t size) {
    const std::size_t passed = std::min(size, trailerLeft_);
    trailerLeft_ -= passed;
    atBoundary_ = trailerLeft_ == 0;
    if (!atBoundary_) return {.consumed = passed};
    DecodeStep step = damaged(passed, 0, kWrongChecksum);
    step.isWrongChecksum = true;
    return step;
  }

  static constexpr const char* kWrongChecksum = "incorrect data check";  // zlib's words

  z_stream stream_{};
  std::size_t trailerLeft_ = 0;  ///< bytes of it behind a wrong checksum
  bool isSound_ = true;          ///< the member, as far as it has been decoded
};

class ZstdDecoder final : public Decoder {
 public:
  ZstdDecoder() : stream_(::ZSTD_createDStream()) {
    constexpr int kMaxWindowLog = 27;
    if (!stream_) throw std::bad_alloc();
    wanted_ = firstSize_ = ::ZSTD_initDStream(stream_.get());
    ::ZSTD_DCtx_setParameter(stream_.get(), ZSTD_d_windowLogMax, kMaxWindowLog);
  }

  DecodeStep decode(std::span<const std::byte> in, std::span<std::byte> out) override {
    // A call that fails does not tell what it has put out or consumed before: it gets one block and
    // no more, the whole of it, and none while the last one is not put out.
    ZSTD_inBuffer input{.src = in.data(), .size = std::min(in.size(), wanted_), .pos = 0};
    ZSTD_outBuffer output{.dst = out.data(), .size = out.size(), .pos = 0};
    const std::size_t status = ::ZSTD_decompressStream(stream_.get(), &output, &input);
    if (::ZSTD_isError(status) != 0) return fail(status, input.size);
    if (hint_ == 0 && input.pos == firstSize_) {
      hasChecksum_ = (in[firstSize_ - 1] & kChecksumFlag) != std::byte{};
    }
    if (isBlockHeaderNext() && input.pos == kBlockHeaderSize) {
      isLastBlock_ = (in[0] & kLastBlock) != std::byte{};
      isRawBlock_ = (in[0] & kBlockType) == std::byte{};
    }
    hint_ = status;
    atBoundary_ = status == 0;
    isLastBlock_ = isLastBlock_ && !atBoundary_;
    isRawBlock_ = isRawBlock_ && !atBoundary_ && hint_ != kBlockHeaderSize;
    wanted_ =
        atBoundary_ ? firstSize_ : std::min(withoutNextHeader(status), ::ZSTD_DStreamInSize());
    if (output.pos == output.size && !atBoundary_) wanted_ = 0;
    return {.consumed = input.pos, .produced = output.pos};
  }

  void reset() override {
    ::ZSTD_DCtx_reset(stream_.get(), ZSTD_reset_session_only);
    wanted_ = firstSize_;
    hint_ = 0;
    isLastBlock_ = false;
    isRawBlock_ = false;
    atBoundary_ = true;
  }

  bool isCertain() const override { return hasChecksum_; }
  bool takesParts() const override { return isRawBlock_; }
  std::unique_ptr<Decoder> another() const override { return std::make_unique<ZstdDecoder>(); }

  std::byte firstByte() const override { return std::byte{ZSTD_MAGICNUMBER & 0xff}; }
  std::size_t startSize() const override { return firstSize_; }
  bool beginsMember(std::span<const std::byte> start) const override {
    constexpr std::byte kReservedBit{0x08};  // of the header's first byte: RFC 8878, 3.1.1.1.1
    return littleEndian32(start) == ZSTD_MAGICNUMBER && (start[4] & kReservedBit) == std::byte{};
  }

 private:
  struct Free {
    void operator()(ZSTD_DStream* stream) const { ::ZSTD_freeDStream(stream); }
  };
  // RFC 8878, 3.1.1.2: a block's header, and the bit in its first byte that says that none follows.
  static constexpr std::size_t kBlockHeaderSize = 3;
  static constexpr std::byte kLastBlock{0x01};
  static constexpr std::byte kBlockType{0x06};     // 0: raw
  static constexpr std::byte kChecksumFlag{0x04};  // RFC 8878, 3.1.1.1.1

  /// Whether it is a block's header that the library waits for. Of a block which is not the last
  /// one it wants more, as its hint counts in the header behind.
  bool isBlockHeaderNext() const { return hint_ == kBlockHeaderSize && !isLastBlock_; }

  /// What the library wants next, but for the next block's header, where it counts one in: that is
  /// read by itself, as it may be damaged. A block is read as a whole: of one that lacks bytes, the
  /// next frame's beginning stands in their place, and may not be consumed.
  std::size_t withoutNextHeader(std::size_t wanted) const {
    const bool hasNext = wanted > kBlockHeaderSize && !isLastBlock_;
    return hasNext ? wanted - kBlockHeaderSize : wanted;
  }

  /// What a call did that failed and was given so many bytes.
  DecodeStep fail(std::size_t status, std::size_t given) {
    DecodeStep step = damaged(0, 0, ::ZSTD_getErrorName(status));
    switch (::ZSTD_getErrorCode(status)) {
      case ZSTD_error_checksum_wrong:
        reset();
        step.consumed = given;
        step.isWrongChecksum = true;
        break;
      case ZSTD_error_frameParameter_windowTooLarge:
        step.problem = "needs a window of more than 128 MiB";
        step.detail = "decompress it first: zstd -d --long=31";
        break;
      case ZSTD_error_dictionary_wrong:
        step.problem = "needs a dictionary";
        step.detail = "decompress it first: zstd -d -D DICTIONARY";
        break;
      default:
        break;
    }
    return step;
  }

  std::unique_ptr<ZSTD_DStream, Free> stream_;
  std::size_t firstSize_ = 0;  ///< bytes of a frame's beginning
  std::size_t hint_ = 0;       ///< how many bytes the library wanted last
  bool isLastBlock_ = false;   ///< that is read now
  bool isRawBlock_ = false;    ///< that is read now
  bool hasChecksum_ = false;   ///< behind the frame
};

/// Where a member is damaged, it goes on with the next one.
class CompressedStream final : public ByteStream {
 public:
  CompressedStream(InputBuffer compressed, std::unique_ptr<Decoder> decoder,
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
  static bool areSoundMembers(std::span<const std::byte> bytes, Decoder& decoder,
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
  std::unique_ptr<Decoder> decoder_;
  std::string_view compression_;
  std::uint64_t produced_ = 0;    ///< bytes
  std::uint64_t memberFrom_ = 0;  ///< of them, those before the member
  std::size_t taken_ = 0;         ///< bytes that are decoded and kept, in front of those to decode
  std::uint64_t searchedTo_ = 1;  ///< nothing before this place is gone back to
  std::optional<Lost> lost_;      ///< while the next member is looked for
  std::optional<Chunk> damage_;   ///< told until it is passed
};

}  // namespace

Compression compressionOf(std::span<const std::byte> start) {
  if (start.size() < 4) return Compression::None;
  if (GzipDecoder::hasMagic(start)) return Compression::Gzip;
  const std::uint32_t magic = littleEndian32(start);
  const bool isSkippableFrame = (magic & ZSTD_MAGIC_SKIPPABLE_MASK) == ZSTD_MAGIC_SKIPPABLE_START;
  if (magic == ZSTD_MAGICNUMBER || isSkippableFrame) return Compression::Zstd;
  return Compression::None;
}

std::string_view compressionName(Compression compression) {
  switch (compression) {
    case Compression::Gzip:
      return "gzip";
    case Compression::Zstd:
      return "zstd";
    case Compression::None:
      break;
  }
  return "";
}

std::unique_ptr<ByteStream> decompress(InputBuffer compressed, Compression compression) {
  std::unique_ptr<Decoder> decoder;
  if (compression == Compression::Gzip) {
    decoder = std::make_unique<GzipDecoder>();
  } else {
    decoder = std::make_unique<ZstdDecoder>();
  }
  return streamAhead(std::make_unique<CompressedStream>(std::move(compressed), std::move(decoder),
                                                        compressionName(compression)));
}

}  // namespace vsdump
