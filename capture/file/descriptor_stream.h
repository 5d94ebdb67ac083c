// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "capture/file/byte_stream.h"
#include "capture/file/descriptor.h"

namespace vsdump {

/// The bytes of an open file, pipe, FIFO, socket or device.
class DescriptorStream : public ByteStream {
 public:
  /// Takes over `descriptor`; reading starts at its position. With `follow` the end of a regular
  /// file is Waiting, because more may be appended.
  /// **Errors** BadInput for a directory or a terminal. `name` is what messages call the input.
  static Result<std::unique_ptr<DescriptorStream>> open(Descriptor descriptor, std::string name,
                                                        bool follow);

  Result<Chunk> read(std::span<std::byte> into) override;
  std::size_t readAt(std::uint64_t offset, std::span<std::byte> into) const override;
  void skip(std::size_t size) override;
  std::optional<int> pollDescriptor() const override;
  std::optional<double> progress() const override;

 private:
  DescriptorStream(Descriptor descriptor, std::string name);

  Result<Chunk> atEndOfFile();

  Descriptor descriptor_;
  std::string name_;
  bool regular_ = false;
  bool follow_ = false;
  std::uint64_t start_ = 0;  ///< where reading began in a regular file
  std::uint64_t position_ = 0;
  std::uint64_t size_ = 0;  ///< of a regular file, when it was last asked for
};

}  // namespace vsdump
