// SPDX-License-Identifier: GPL-2.0-or-later
#include "gui/models/frame_store.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>

namespace vsdump::gui {

namespace {

constexpr std::size_t kPendingBytes = std::size_t{1} << 20;

}  // namespace

std::shared_ptr<FrameStore> FrameStore::ofFile(Descriptor file) {
  return std::shared_ptr<FrameStore>(new FrameStore(std::move(file), {}));
}

Result<std::shared_ptr<FrameStore>> FrameStore::spool(const std::string& folder) {
  std::string path = folder + "/vsdump-gui.XXXXXX";
  Descriptor file(::mkostemp(path.data(), O_CLOEXEC));
  if (!file.isOpen()) {
    return tl::unexpected(systemError("make a temporary file in", folder, errno));
  }
  ::unlink(path.c_str());
  return std::shared_ptr<FrameStore>(new FrameStore(std::move(file), folder));
}

Result<std::uint64_t> FrameStore::append(std::span<const std::byte> bytes) {
  const std::uint64_t offset = written_ + pending_.size();
  pending_.insert(pending_.end(), bytes.begin(), bytes.end());
  if (pending_.size() >= kPendingBytes) {
    if (Result<void> flushed = flush(); !flushed) return tl::unexpected(flushed.error());
  }
  return offset;
}

Result<void> FrameStore::flush() {
  std::size_t done = 0;
  while (done < pending_.size()) {
    const ssize_t count = ::pwrite(file_.get(), pending_.data() + done, pending_.size() - done,
                                   static_cast<off_t>(written_ + done));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) {
      return tl::unexpected(systemError("keep the packets in a temporary file in", name_, errno));
    }
    done += static_cast<std::size_t>(count);
  }
  written_ += done;
  pending_.clear();
  return {};
}

std::size_t FrameStore::read(std::uint64_t offset, std::span<std::byte> out) const {
  std::size_t done = 0;
  while (done < out.size()) {
    const ssize_t count = ::pread(file_.get(), out.data() + done, out.size() - done,
                                  static_cast<off_t>(offset + done));
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) break;
    done += static_cast<std::size_t>(count);
  }
  return done;
}

}  // namespace vsdump::gui
