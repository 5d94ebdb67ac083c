// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <functional>
#include <memory>
#include <stop_token>

#include "capture/file/byte_stream.h"
#include "capture/file/descriptor.h"

namespace vsdump::gui {

/// Another stream that ends when it is to stop, even while somebody waits for more of it.
class StoppableStream : public ByteStream {
 public:
  /// **Errors** in the system's words.
  static Result<std::unique_ptr<StoppableStream>> over(std::unique_ptr<ByteStream> stream,
                                                       const std::stop_token& stop);

  /// Calls `ready`, in the thread that reads, when there is something to read from `descriptor`;
  /// that returns false when there will be nothing any more.
  void watch(int descriptor, std::function<bool()> ready);

  Result<Chunk> read(std::span<std::byte> into) override;
  std::optional<int> pollDescriptor() const override;
  std::optional<double> progress() const override { return stream_->progress(); }

 private:
  StoppableStream(std::unique_ptr<ByteStream> stream, std::stop_token stop, Descriptor event,
                  Descriptor all);

  bool add(int descriptor) const;

  std::unique_ptr<ByteStream> stream_;
  std::stop_token stop_;
  Descriptor event_;  ///< readable once it is to stop
  Descriptor all_;    ///< epoll: readable when any of the others is
  int watched_ = -1;
  std::function<bool()> ready_;
  std::stop_callback<std::function<void()>> onStop_;  // ends before what it uses
};

}  // namespace vsdump::gui
