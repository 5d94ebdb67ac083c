// SPDX-License-Identifier: GPL-2.0-or-later
#include "gui/models/stoppable_stream.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

namespace vsdump::gui {

Result<std::unique_ptr<StoppableStream>> StoppableStream::over(std::unique_ptr<ByteStream> stream,
                                                               const std::stop_token& stop) {
  Descriptor event(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  Descriptor all(::epoll_create1(EPOLL_CLOEXEC));
  if (!event.isOpen() || !all.isOpen()) {
    return tl::unexpected(systemError("wait for packets", {}, errno));
  }
  const std::optional<int> input = stream->pollDescriptor();
  std::unique_ptr<StoppableStream> made(
      new StoppableStream(std::move(stream), stop, std::move(event), std::move(all)));
  if (!made->add(made->event_.get()) || (input && !made->add(*input))) {
    return tl::unexpected(systemError("wait for packets", {}, errno));
  }
  return made;
}

StoppableStream::StoppableStream(std::unique_ptr<ByteStream> stream, std::stop_token stop,
                                 Descriptor event, Descriptor all)
    : stream_(std::move(stream)),
      stop_(std::move(stop)),
      event_(std::move(event)),
      all_(std::move(all)),
      onStop_(stop_, [wake = event_.get()] { ::eventfd_write(wake, 1); }) {}

bool StoppableStream::add(int descriptor) const {
  epoll_event wanted{.events = EPOLLIN, .data = {.fd = descriptor}};
  return ::epoll_ctl(all_.get(), EPOLL_CTL_ADD, descriptor, &wanted) == 0;
}

void StoppableStream::watch(int descriptor, std::function<bool()> ready) {
  if (!add(descriptor)) return;
  watched_ = descriptor;
  ready_ = std::move(ready);
}

Result<Chunk> StoppableStream::read(std::span<std::byte> into) {
  // An epoll forgets a descriptor when it is closed.
  if (ready_ && !ready_()) ready_ = nullptr;
  if (stop_.stop_requested()) return Chunk{.state = SourceState::End};
  return stream_->read(into);
}

std::optional<int> StoppableStream::pollDescriptor() const {
  if (!stream_->pollDescriptor()) return std::nullopt;
  return all_.get();
}

}  // namespace vsdump::gui
