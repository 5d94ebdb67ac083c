// SPDX-License-Identifier: GPL-2.0-or-later
#include "capture/file/compressed_stream.h"

#include <fmt/format.h>
#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <new>
#include <string>
#include <utility>

#include "capture/file/byte_order.h"
#include "capture/file/stream_ahead.h"

namespace vsdump {

namespace {

/// What one call of a Decoder did.
struct DecodeStep {
  std::size_t consumed = 0;
  std::size_t produced = 0;
  const char* problem = nullptr;  ///< the library's words for what is wrong with the input
};

/// A decompression library, fed piece by piece.
class Decoder {
 public:
  virtual ~Decoder() = default;
  virtual DecodeStep decode(std::span<const std::byte> in, std::span<std::byte> out) = 0;

  /// Whether the input may end here: a member is complete and no other has begun.
  bool atBoundary() const { return atBoundary_; }

 protected:
  bool atBoundary_ = false;
};

class GzipDecoder final : public Decoder {
 public:
  GzipDecoder() {
    constexpr int kGzipOnly = 16;
    if (::inflateInit2(&stream_, MAX_WBITS + kGzipOnly) != Z_OK) throw std::bad_alloc();
  }
  ~GzipDecoder() override { ::inflateEnd(&stream_); }
  GzipDecoder(const GzipDecoder&) = delete;
  GzipDecoder& operator=(const GzipDecoder&) = delete;

  DecodeStep decode(std::span<const std::byte> in, std::span<std::byte> out) override {
    if (atBoundary_) {
      // Zeros may follow the last member: tapes and some disks pad a file with them.
      const auto zerosEnd =
          std::find_if(in.begin(), in.end(), [](std::byte byte) { return byte != std::byte{}; });
      const auto zeros = static_cast<std::size_t>(zerosEnd - in.begin());
      if (zeros > 0 || in.empty()) return {.consumed = zeros};
      ::inflateReset(&stream_);
      atBoundary_ = false;
    }
    // zlib's interface takes a pointer to bytes that it does not write as one to bytes that it may.
    stream_.next_in = const_cast<Bytef*>(reinterpret_cast<const Bytef*>(in.data()));
    stream_.avail_in = static_cast<uInt>(in.size());
    stream_.next_out = reinterpret_cast<Bytef*>(out.data());
    stream_.avail_out = static_cast<uInt>(out.size());
    const int status = ::inflate(&stream_, Z_NO_FLUSH);
    DecodeStep step{.consumed = in.size() - stream_.avail_in,
                    .produced = out.size() - stream_.avail_out};
    atBoundary_ = status == Z_STREAM_END;
    // Z_BUF_ERROR says no more than that nothing could be done with so little.
    if (status != Z_OK && status != Z_STREAM_END && status != Z_BUF_ERROR) {
      step.problem = stream_.msg != nullptr ? stream_.msg : ::zError(status);
    }
    return step;
  }

 private:
  z_stream stream_{};
};

class ZstdDecoder final : public Decoder {
 public:
  ZstdDecoder() : stream_(::ZSTD_createDStream()) {
    constexpr int kMaxWindowLog = 27;
    if (!stream_) throw std::bad_alloc();
    blockSize_ = firstSize_ = ::ZSTD_initDStream(stream_.get());
    ::ZSTD_DCtx_setParameter(stream_.get(), ZSTD_d_windowLogMax, kMaxWindowLog);
  }

  DecodeStep decode(std::span<const std::byte> in, std::span<std::byte> out) override {
    if (atBoundary_ && in.empty()) return {};
    // A call that fails does not tell what it has put out before: it gets one block and no more,
    // and none while the last one is not put out.
    ZSTD_inBuffer input{.src = in.data(), .size = 0, .pos = 0};
    ZSTD_outBuffer output{.dst = out.data(), .size = out.size(), .pos = 0};
    std::size_t status = 0;
    if (isFull_) status = ::ZSTD_decompressStream(stream_.get(), &output, &input);
    if (output.pos == 0) {
      input.size = std::min(in.size(), blockSize_);
      status = ::ZSTD_decompressStream(stream_.get(), &output, &input);
    }
    isFull_ = output.pos == output.size;
    DecodeStep step{.consumed = input.pos, .produced = output.pos};
    atBoundary_ = status == 0;
    blockSize_ = atBoundary_ ? firstSize_ : withoutNextHeader(status);
    if (::ZSTD_isError(status) != 0) step.problem = ::ZSTD_getErrorName(status);
    return step;
  }

 private:
  struct Free {
    void operator()(ZSTD_DStream* stream) const { ::ZSTD_freeDStream(stream); }
  };
  /// What the library wants next, but for the next block's header, which it counts in: it is read
  /// by itself, as it may be damaged.
  static std::size_t withoutNextHeader(std::size_t wanted) {
    constexpr std::size_t kHeaderSize = 3;  // RFC 8878, 3.1.1.2
    return wanted > kHeaderSize ? wanted - kHeaderSize : wanted;
  }

  std::unique_ptr<ZSTD_DStream, Free> stream_;
  std::size_t firstSize_ = 0;  ///< bytes of a frame's beginning
  std::size_t blockSize_ = 0;  ///< bytes up to the end of the next block
  bool isFull_ = false;        ///< there may be more of the last block
};

class CompressedStream final : public ByteStream {
 public:
  CompressedStream(InputBuffer compressed, std::unique_ptr<Decoder> decoder,
                   std::string_view compression)
      : compressed_(std::move(compressed)),
        decoder_(std::move(decoder)),
        compression_(compression) {}

  Result<Chunk> read(std::span<std::byte> into) override {
    while (problem_.empty()) {
      // A library whose output did not fit holds the rest back, and needs no input for it.
      if (compressed_.bytes().empty() && !holdsOutput_) {
        auto chunk = compressed_.fill(1);
        if (!chunk || chunk->state == SourceState::Waiting) return chunk;
        if (chunk->state == SourceState::End) {
          if (decoder_->atBoundary()) return chunk;
          problem_ = fmt::format("the {} data breaks off", compression_);
          continue;
        }
        if (chunk->state == SourceState::Damaged) return chunk;
      }
      const DecodeStep step = decoder_->decode(compressed_.bytes(), into);
      compressed_.consume(step.consumed);
      holdsOutput_ = step.produced == into.size();
      if (step.problem != nullptr) {
        problem_ = fmt::format("the {} data is damaged ({})", compression_, step.problem);
      }
      if (step.produced > 0) return Chunk{.size = step.produced};
    }
    return Chunk{.state = SourceState::Damaged, .problem = problem_};
  }

  std::optional<int> pollDescriptor() const override {
    return compressed_.stream().pollDescriptor();
  }
  std::optional<double> progress() const override { return compressed_.stream().progress(); }

 private:
  InputBuffer compressed_;
  std::unique_ptr<Decoder> decoder_;
  std::string_view compression_;
  bool holdsOutput_ = false;
  std::string problem_;
};

}  // namespace

Compression compressionOf(std::span<const std::byte> start) {
  if (start.size() < 4) return Compression::None;
  const auto byte = [&](std::size_t index) { return std::to_integer<std::uint32_t>(start[index]); };
  if (byte(0) == 0x1f && byte(1) == 0x8b) return Compression::Gzip;
  const std::uint32_t magic = byte(0) | byte(1) << 8 | byte(2) << 16 | byte(3) << 24;
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
