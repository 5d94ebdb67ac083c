// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace vsdump {

/// What one call of a MemberDecoder did.
struct DecodeStep {
  std::size_t consumed = 0;
  std::size_t produced = 0;
  std::string problem{};         ///< what the data does that it must not, or needs, as a predicate
  std::string detail{};          ///< the library's words for it, or what helps
  bool isWrongChecksum = false;  ///< all of the member has been decoded nevertheless
  bool isPadding = false;        ///< what was consumed belongs to no member

  static DecodeStep damaged(std::size_t consumed, std::size_t produced, const char* detail) {
    return {.consumed = consumed, .produced = produced, .problem = "is damaged", .detail = detail};
  }
};

/// A decompression library, fed piece by piece with gzip members or zstd frames ("members" here).
class MemberDecoder {
 public:
  virtual ~MemberDecoder() = default;

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
  virtual std::unique_ptr<MemberDecoder> another() const = 0;

 protected:
  std::size_t wanted_ = 1;
  bool atBoundary_ = false;
};

std::unique_ptr<MemberDecoder> gzipDecoder();
std::unique_ptr<MemberDecoder> zstdDecoder();

}  // namespace vsdump
