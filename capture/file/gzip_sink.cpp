// SPDX-License-Identifier: GPL-2.0-or-later
#include <zlib.h>

#include <array>
#include <cstdint>
#include <new>
#include <utility>
#include <vector>

#include "capture/file/compressed_sink.h"

namespace vsdump {

namespace {

/// What is lost at most when the program is killed, in bytes before compression. Larger members
/// would hardly be smaller.
constexpr std::size_t kMemberSize = std::size_t{4} * 1024 * 1024;

constexpr std::size_t kPieceSize = std::size_t{64} * 1024;
using Piece = std::array<std::byte, kPieceSize>;

/// What one call of a GzipEncoder did.
struct Encoded {
  std::size_t consumed = 0;
  std::size_t produced = 0;
  bool isComplete = false;  ///< with `end`: the member is, and the next one may begin
};

/// Fed piece by piece.
class GzipEncoder {
 public:
  GzipEncoder() {
    constexpr int kGzipHeader = 16;
    constexpr int kMemoryLevel = 8;  // zlib's own default
    if (::deflateInit2(&stream_, Z_DEFAULT_COMPRESSION, Z_DEFLATED, MAX_WBITS + kGzipHeader,
                       kMemoryLevel, Z_DEFAULT_STRATEGY) != Z_OK) {
      throw std::bad_alloc();
    }
  }
  ~GzipEncoder() { ::deflateEnd(&stream_); }
  GzipEncoder(const GzipEncoder&) = delete;
  GzipEncoder& operator=(const GzipEncoder&) = delete;

  /// Compresses some of `in`; with `end` the member ends behind it.
  Encoded encode(std::span<const std::byte> in, Piece& out, bool end) {
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

/// Compresses `bytes`, to the end of a member with `end`, and hands each piece to `take` until that
/// fails.
Result<void> encode(GzipEncoder& encoder, std::span<const std::byte> bytes, bool end,
                    const auto& take) {
  Piece piece;
  bool isComplete = false;
  while (!bytes.empty() || (end && !isComplete)) {
    const Encoded step = encoder.encode(bytes, piece, end);
    bytes = bytes.subspan(step.consumed);
    isComplete = step.isComplete;
    if (auto taken = take(std::span<const std::byte>(piece).first(step.produced)); !taken) {
      return taken;
    }
  }
  return {};
}

class GzipSink final : public ByteSink {
 public:
  explicit GzipSink(std::unique_ptr<ByteSink> file)
      : file_(std::move(file)), encoder_(std::make_unique<GzipEncoder>()) {}

  Result<void> write(std::span<const std::byte> first, std::span<const std::byte> second) override {
    for (const auto bytes : {first, second}) {
      member_.insert(member_.end(), bytes.begin(), bytes.end());
      if (auto written = writeEncoded(bytes, false); !written) return written;
    }
    return member_.size() >= kMemberSize ? completeMember({}) : Result<void>{};
  }

  Result<void> flush() override {
    Result<void> completed = member_.empty() ? Result<void>{} : completeMember({});
    return completed ? file_->flush() : completed;
  }

  Result<void> close() override {
    if (auto flushed = flush(); !flushed) return flushed;
    return file_->close();
  }

  std::uint64_t readableBytes() const override { return whole_ + fitting_; }

  std::optional<std::uint64_t> cutBack(std::uint64_t bytes) override {
    if (!file_->cutBack(wholeInFile_)) return std::nullopt;
    member_.resize(static_cast<std::size_t>(bytes - whole_));
    encoder_ = std::make_unique<GzipEncoder>();
    fitting_ = 0;
    if (member_.empty()) return whole_;
    if (completeMember(member_)) return whole_;
    // Others have taken the room since.
    fitting_ = 0;
    if (!file_->cutBack(wholeInFile_)) return std::nullopt;
    return whole_;
  }

  std::optional<int> pollDescriptor() const override { return file_->pollDescriptor(); }

 private:
  /// Ends the member behind `rest` of it.
  Result<void> completeMember(std::span<const std::byte> rest) {
    if (auto written = writeEncoded(rest, true); !written) return written;
    whole_ += member_.size();
    wholeInFile_ = file_->readableBytes();
    member_.clear();
    return {};
  }

  Result<void> writeEncoded(std::span<const std::byte> bytes, bool end) {
    auto written =
        encode(*encoder_, bytes, end, [&](auto piece) { return file_->write(piece, {}); });
    if (!written) fitting_ = whatFits();
    return written;
  }

  /// How much of the member that could not be written is a member that fits where its beginning
  /// did, in steps of 1 KiB.
  std::size_t whatFits() const {
    constexpr std::size_t kStep = 1024;
    if (file_->pollDescriptor()) return 0;  // a pipe takes nothing back
    const std::uint64_t room = file_->readableBytes() - wholeInFile_;
    std::size_t fits = 0;
    std::size_t tooMuch = member_.size();
    while (tooMuch - fits > kStep) {
      const std::size_t middle = fits + (tooMuch - fits) / 2;
      std::uint64_t size = 0;
      const auto encoded =
          encode(*std::make_unique<GzipEncoder>(), std::span(member_).first(middle), true,
                 [&](auto piece) -> Result<void> {
                   size += piece.size();
                   if (size > room) return tl::unexpected(Error{});
                   return {};
                 });
      (encoded ? fits : tooMuch) = middle;
    }
    return fits;
  }

  std::unique_ptr<ByteSink> file_;
  std::unique_ptr<GzipEncoder> encoder_;
  std::vector<std::byte> member_;  ///< what the member that is being written holds
  std::uint64_t whole_ = 0;        ///< of the bytes taken, those in complete members
  std::uint64_t wholeInFile_ = 0;  ///< the compressed size of those
  std::size_t fitting_ = 0;        ///< after an error: of member_, what there was room for
};

}  // namespace

std::unique_ptr<ByteSink> gzipTo(std::unique_ptr<ByteSink> file) {
  return std::make_unique<GzipSink>(std::move(file));
}

}  // namespace vsdump
