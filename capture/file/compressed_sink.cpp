// SPDX-License-Identifier: GPL-2.0-or-later
#include "capture/file/compressed_sink.h"

#include <zlib.h>
#include <zstd.h>

#include <array>
#include <cstdint>
#include <new>
#include <utility>

namespace vsdump {

namespace {

/// What is lost at most when the program is killed, in bytes before compression. Larger members
/// would hardly be smaller.
constexpr std::uint64_t kMemberSize = std::uint64_t{4} * 1024 * 1024;

constexpr std::size_t kPieceSize = std::size_t{64} * 1024;
using Piece = std::array<std::byte, kPieceSize>;

/// What one call of an Encoder did.
struct Encoded {
  std::size_t consumed = 0;
  std::size_t produced = 0;
  bool isComplete = false;  ///< with `end`: the member is, and the next one may begin
};

/// A compression library, fed piece by piece.
class Encoder {
 public:
  virtual ~Encoder() = default;

  /// Compresses some of `in`; with `end` the member ends behind it.
  virtual Encoded encode(std::span<const std::byte> in, Piece& out, bool end) = 0;
};

class GzipEncoder final : public Encoder {
 public:
  GzipEncoder() {
    constexpr int kGzipHeader = 16;
    constexpr int kMemoryLevel = 8;  // zlib's own default
    if (::deflateInit2(&stream_, Z_DEFAULT_COMPRESSION, Z_DEFLATED, MAX_WBITS + kGzipHeader,
                       kMemoryLevel, Z_DEFAULT_STRATEGY) != Z_OK) {
      throw std::bad_alloc();
    }
  }
  ~GzipEncoder() override { ::deflateEnd(&stream_); }
  GzipEncoder(const GzipEncoder&) = delete;
  GzipEncoder& operator=(const GzipEncoder&) = delete;

  Encoded encode(std::span<const std::byte> in, Piece& out, bool end) override {
    // zlib's interface takes a pointer to bytes that it does not write as one to bytes that it may.
    stream_.next_in = const_cast<Bytef*>(reinterpret_cast<const Bytef*>(in.data()));
    stream_.avail_in = static_cast<uInt>(in.size());
    stream_.next_out = reinterpret_cast<Bytef*>(out.data());
    stream_.avail_out = static_cast<uInt>(out.size());
    const bool isComplete = ::deflate(&stream_, end ? Z_FINISH : Z_NO_FLUSH) == Z_STREAM_END;
    const Encoded step{.consumed = in.size() - stream_.avail_in,
                       .produced = out.size() - stream_.avail_out,
                       .isComplete = isComplete};
    if (isComplete) ::deflateReset(&stream_);
    return step;
  }

 private:
  z_stream stream_{};
};

class ZstdEncoder final : public Encoder {
 public:
  ZstdEncoder() : stream_(::ZSTD_createCCtx()) {
    if (!stream_) throw std::bad_alloc();
    ::ZSTD_CCtx_setParameter(stream_.get(), ZSTD_c_checksumFlag, 1);
  }

  Encoded encode(std::span<const std::byte> in, Piece& out, bool end) override {
    ZSTD_inBuffer input{.src = in.data(), .size = in.size(), .pos = 0};
    ZSTD_outBuffer output{.dst = out.data(), .size = out.size(), .pos = 0};
    const std::size_t left =
        ::ZSTD_compressStream2(stream_.get(), &output, &input, end ? ZSTD_e_end : ZSTD_e_continue);
    return {.consumed = input.pos, .produced = output.pos, .isComplete = end && left == 0};
  }

 private:
  struct Free {
    void operator()(ZSTD_CCtx* stream) const { ::ZSTD_freeCCtx(stream); }
  };
  std::unique_ptr<ZSTD_CCtx, Free> stream_;
};

class CompressedSink final : public ByteSink {
 public:
  CompressedSink(std::unique_ptr<ByteSink> file, std::unique_ptr<Encoder> encoder)
      : file_(std::move(file)), encoder_(std::move(encoder)) {}

  Result<void> write(std::span<const std::byte> first, std::span<const std::byte> second) override {
    taken_ += first.size() + second.size();
    for (const auto bytes : {first, second}) {
      if (auto written = encode(bytes, false); !written) return written;
    }
    return taken_ - whole_ >= kMemberSize ? flush() : Result<void>{};
  }

  Result<void> flush() override {
    if (taken_ == whole_) return {};
    if (auto written = encode({}, true); !written) return written;
    whole_ = taken_;
    wholeInFile_ = file_->readableBytes();
    return {};
  }

  Result<void> close() override {
    if (auto flushed = flush(); !flushed) return flushed;
    return file_->close();
  }

  std::uint64_t readableBytes() const override { return whole_; }

  /// `bytes` is never less than what the last whole member holds: only that is told as readable.
  bool cutBack(std::uint64_t) override { return file_->cutBack(wholeInFile_); }

  std::optional<int> pollDescriptor() const override { return file_->pollDescriptor(); }

 private:
  Result<void> encode(std::span<const std::byte> bytes, bool end) {
    bool isComplete = false;
    while (!bytes.empty() || (end && !isComplete)) {
      const Encoded step = encoder_->encode(bytes, piece_, end);
      bytes = bytes.subspan(step.consumed);
      isComplete = step.isComplete;
      if (auto written = file_->write(std::span(piece_).first(step.produced), {}); !written) {
        return written;
      }
    }
    return {};
  }

  std::unique_ptr<ByteSink> file_;
  std::unique_ptr<Encoder> encoder_;
  Piece piece_;
  std::uint64_t taken_ = 0;
  std::uint64_t whole_ = 0;        ///< of the bytes taken, those in complete members
  std::uint64_t wholeInFile_ = 0;  ///< the compressed size of those
};

}  // namespace

std::unique_ptr<ByteSink> compressTo(std::unique_ptr<ByteSink> file, Compression compression) {
  std::unique_ptr<Encoder> encoder;
  if (compression == Compression::Gzip) {
    encoder = std::make_unique<GzipEncoder>();
  } else {
    encoder = std::make_unique<ZstdEncoder>();
  }
  return std::make_unique<CompressedSink>(std::move(file), std::move(encoder));
}

}  // namespace vsdump
