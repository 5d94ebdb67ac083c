// SPDX-License-Identifier: GPL-2.0-or-later
#include <zlib.h>

#include <algorithm>
#include <new>

#include "capture/file/compression.h"
#include "capture/file/member_decoder.h"

namespace vsdump {

namespace {

class GzipDecoder final : public MemberDecoder {
 public:
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
      if (!hasGzipMagic(in)) return DecodeStep::damaged(0, 0, "incorrect header check");
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
    DecodeStep step = DecodeStep::damaged(consumed, produced,
                                          stream_.msg != nullptr ? stream_.msg : ::zError(status));
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
  std::unique_ptr<MemberDecoder> another() const override {
    return std::make_unique<GzipDecoder>();
  }

  std::byte firstByte() const override { return std::byte{0x1f}; }
  std::size_t startSize() const override { return 10; }
  bool beginsMember(std::span<const std::byte> start) const override {
    // RFC 1952, 2.3.1: the method, the flags, how hard was compressed, and on which system.
    const auto byte = [&](std::size_t at) { return std::to_integer<unsigned>(start[at]); };
    return hasGzipMagic(start) && byte(2) == Z_DEFLATED && (byte(3) & 0xe0) == 0 &&
           (byte(8) == 0 || byte(8) == 2 || byte(8) == 4) && (byte(9) <= 13 || byte(9) == 255);
  }

 private:
  /// Tells of the checksum when all of the member has been passed.
  DecodeStep passTrailer(std::size_t size) {
    const std::size_t passed = std::min(size, trailerLeft_);
    trailerLeft_ -= passed;
    atBoundary_ = trailerLeft_ == 0;
    if (!atBoundary_) return {.consumed = passed};
    DecodeStep step = DecodeStep::damaged(passed, 0, kWrongChecksum);
    step.isWrongChecksum = true;
    return step;
  }

  static constexpr const char* kWrongChecksum = "incorrect data check";  // zlib's words

  z_stream stream_{};
  std::size_t trailerLeft_ = 0;  ///< bytes of it behind a wrong checksum
  bool isSound_ = true;          ///< the member, as far as it has been decoded
};

}  // namespace

std::unique_ptr<MemberDecoder> gzipDecoder() {
  return std::make_unique<GzipDecoder>();
}

}  // namespace vsdump
