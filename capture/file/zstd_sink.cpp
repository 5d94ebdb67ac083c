// SPDX-License-Identifier: GPL-2.0-or-later
#include <xxhash.h>
#include <zstd.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <new>
#include <utility>
#include <vector>

#include "capture/file/compressed_sink.h"

namespace vsdump {

namespace {

constexpr std::size_t kLargestBlock = std::size_t{128} * 1024;  // RFC 8878, 3.1.1.2.4

constexpr int kWindowLog = 21;  // zstd's own default

/// RFC 8878, 3.1.1.1: of no size, so that the frame can be ended anywhere, and with a checksum.
constexpr std::array kFrameHeader{std::byte{0x28}, std::byte{0xb5},
                                  std::byte{0x2f}, std::byte{0xfd},
                                  std::byte{0x04}, std::byte{(kWindowLog - 10) << 3}};

using BlockHeader = std::array<std::byte, 3>;

/// RFC 8878, 3.1.1.2: of a block of bytes as they are.
constexpr BlockHeader rawBlock(std::size_t size, bool isLast) {
  const std::size_t bits = size << 3 | (isLast ? 1 : 0);
  return {static_cast<std::byte>(bits), static_cast<std::byte>(bits >> 8),
          static_cast<std::byte>(bits >> 16)};
}

constexpr std::size_t kChecksumSize = 4;

/// Empty blocks behind all that the file holds: on a full disk the last one and the checksum take
/// their place, for which there may be no other.
constexpr std::array<std::byte, 3 * sizeof(BlockHeader)> kPlaceholder{};
static_assert(rawBlock(0, false) == BlockHeader{});
static_assert(kPlaceholder.size() >= sizeof(BlockHeader) + kChecksumSize);

class ZstdSink final : public ByteSink {
 public:
  explicit ZstdSink(std::unique_ptr<ByteSink> file)
      : file_(std::move(file)),
        encoder_(::ZSTD_createCCtx()),
        hash_(::XXH64_createState()),
        encoded_(::ZSTD_CStreamOutSize()) {
    if (!encoder_ || !hash_) throw std::bad_alloc();
    ::XXH64_reset(hash_.get(), 0);
    ::ZSTD_CCtx_setParameter(encoder_.get(), ZSTD_c_windowLog, kWindowLog);
  }

  Result<void> write(std::span<const std::byte> first, std::span<const std::byte> second) override {
    for (const auto bytes : {first, second}) {
      section_.insert(section_.end(), bytes.begin(), bytes.end());
    }
    return section_.size() >= kLargestBlock ? writeSection() : Result<void>{};
  }

  Result<void> flush() override {
    if (auto written = writeSection(); !written) return written;
    return file_->flush();
  }

  Result<void> close() override {
    if (auto flushed = flush(); !flushed) return flushed;
    file_->cutBack(wholeInFile_);  // a pipe keeps the empty blocks
    if (auto ended = endFrame({}); !ended) return ended;
    return file_->close();
  }

  std::uint64_t readableBytes() const override { return whole_ + fitting_; }

  std::optional<std::uint64_t> cutBack(std::uint64_t bytes) override {
    const auto rest = std::span(section_).first(static_cast<std::size_t>(bytes - whole_));
    fitting_ = 0;
    if (!file_->cutBack(wholeInFile_)) return std::nullopt;
    if (wholeInFile_ == 0) return 0;
    if (endFrame(rest)) return bytes;
    // Others have taken the room since.
    if (!file_->cutBack(wholeInFile_)) return std::nullopt;
    endFrame({});  // where even that has no room, it breaks off behind all that it holds
    return whole_;
  }

  std::optional<int> pollDescriptor() const override { return file_->pollDescriptor(); }

 private:
  struct Free {
    void operator()(ZSTD_CCtx* encoder) const { ::ZSTD_freeCCtx(encoder); }
    void operator()(XXH64_state_t* hash) const { ::XXH64_freeState(hash); }
  };

  Result<void> writeSection() {
    Result<void> written = wholeInFile_ == 0 ? writeWhole(kFrameHeader) : Result<void>{};
    if (written && !section_.empty()) written = encodeSection();
    if (!written) {
      fitting_ = whatFits();
      return written;
    }
    ::XXH64_update(hash_.get(), section_.data(), section_.size());
    whole_ += section_.size();
    section_.clear();
    return {};
  }

  Result<void> encodeSection() {
    ZSTD_inBuffer input{.src = section_.data(), .size = section_.size(), .pos = 0};
    while (true) {
      ZSTD_outBuffer output{.dst = encoded_.data(), .size = encoded_.size(), .pos = 0};
      const std::size_t left =
          ::ZSTD_compressStream2(encoder_.get(), &output, &input, ZSTD_e_flush);
      if (::ZSTD_isError(left) != 0) throw std::bad_alloc();
      // The file has the header already.
      const auto blocks =
          std::span<const std::byte>(encoded_).first(output.pos).subspan(headerLeft_);
      headerLeft_ = 0;
      if (left == 0) return writeWhole(blocks);
      if (auto written = file_->write(blocks, {}); !written) return written;
    }
  }

  /// Writes what the frame can be ended behind.
  Result<void> writeWhole(std::span<const std::byte> bytes) {
    if (auto written = file_->write(bytes, kPlaceholder); !written) return written;
    wholeInFile_ = file_->readableBytes() - kPlaceholder.size();
    return {};
  }

  /// Ends it with blocks of `rest` as it is.
  Result<void> endFrame(std::span<const std::byte> rest) {
    const auto checksum = checksumWith(rest);
    while (true) {
      const auto block = rest.first(std::min(rest.size(), kLargestBlock));
      rest = rest.subspan(block.size());
      const BlockHeader header = rawBlock(block.size(), rest.empty());
      if (auto written = file_->write(header, block); !written) return written;
      if (rest.empty()) return file_->write(checksum, {});
    }
  }

  /// RFC 8878, 3.1.1: the lower half of XXH64 of all that the frame holds, if `rest` is its end.
  std::array<std::byte, kChecksumSize> checksumWith(std::span<const std::byte> rest) const {
    const std::unique_ptr<XXH64_state_t, Free> all(::XXH64_createState());
    if (!all) throw std::bad_alloc();
    ::XXH64_copyState(all.get(), hash_.get());
    ::XXH64_update(all.get(), rest.data(), rest.size());
    const std::uint64_t digest = ::XXH64_digest(all.get());
    return {static_cast<std::byte>(digest), static_cast<std::byte>(digest >> 8),
            static_cast<std::byte>(digest >> 16), static_cast<std::byte>(digest >> 24)};
  }

  /// How much of the section that could not be written endFrame() has room for where its beginning
  /// was.
  std::size_t whatFits() const {
    if (file_->pollDescriptor()) return 0;  // a pipe takes nothing back
    const std::uint64_t room = file_->readableBytes() - wholeInFile_;
    const std::uint64_t others = (room / kLargestBlock + 1) * sizeof(BlockHeader) + kChecksumSize;
    if (wholeInFile_ == 0 || room < others) return 0;
    return std::min<std::uint64_t>(room - others, section_.size());
  }

  std::unique_ptr<ByteSink> file_;
  std::unique_ptr<ZSTD_CCtx, Free> encoder_;
  std::unique_ptr<XXH64_state_t, Free> hash_;     ///< of the bytes before the section
  std::vector<std::byte> encoded_;                ///< scratch
  std::size_t headerLeft_ = kFrameHeader.size();  ///< of the encoder's bytes
  std::vector<std::byte> section_;                ///< what was taken since the file was whole last
  std::uint64_t whole_ = 0;                       ///< of the bytes taken, those before the section
  std::uint64_t wholeInFile_ = 0;  ///< the compressed size of those, without the empty blocks
  std::size_t fitting_ = 0;        ///< after an error: of section_, what there is room for
};

}  // namespace

std::unique_ptr<ByteSink> zstdTo(std::unique_ptr<ByteSink> file) {
  return std::make_unique<ZstdSink>(std::move(file));
}

}  // namespace vsdump
