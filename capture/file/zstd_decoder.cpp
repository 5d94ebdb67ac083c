// SPDX-License-Identifier: GPL-2.0-or-later
#include <zstd.h>
#include <zstd_errors.h>

#include <algorithm>
#include <new>

#include "capture/file/compression.h"
#include "capture/file/member_decoder.h"

namespace vsdump {

namespace {

class ZstdDecoder final : public MemberDecoder {
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
  std::unique_ptr<MemberDecoder> another() const override {
    return std::make_unique<ZstdDecoder>();
  }

  std::byte firstByte() const override { return std::byte{ZSTD_MAGICNUMBER & 0xff}; }
  std::size_t startSize() const override { return firstSize_; }
  bool beginsMember(std::span<const std::byte> start) const override {
    constexpr std::byte kReservedBit{0x08};  // of the header's first byte: RFC 8878, 3.1.1.1.1
    return hasZstdMagic(start) && (start[4] & kReservedBit) == std::byte{};
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
    DecodeStep step = DecodeStep::damaged(0, 0, ::ZSTD_getErrorName(status));
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

}  // namespace

std::unique_ptr<MemberDecoder> zstdDecoder() {
  return std::make_unique<ZstdDecoder>();
}

}  // namespace vsdump
