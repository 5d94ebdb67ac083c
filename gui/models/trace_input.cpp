// SPDX-License-Identifier: GPL-2.0-or-later
#include "gui/models/trace_input.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <QDir>
#include <array>
#include <cerrno>
#include <utility>

#include "capture/file/descriptor_stream.h"
#include "capture/file/open.h"
#include "capture/file/read_ahead.h"
#include "gui/models/stoppable_stream.h"

namespace vsdump::gui {

namespace {

bool isPipe(const std::string& path) {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0 && S_ISFIFO(status.st_mode);
}

bool isRegular(int file) {
  struct stat status {};
  return ::fstat(file, &status) == 0 && S_ISREG(status.st_mode);
}

/// Opens a path. A pipe is not waited for: its writer may come later, or never.
Result<Descriptor> openPath(const std::string& path) {
  if (path == "-" || !isPipe(path)) return openInput(path);
  Descriptor pipe(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!pipe.isOpen()) return tl::unexpected(systemError("open", path, errno));
  return pipe;
}

/// Whether the packets can be read again from the file itself: no compression.
bool isPlain(int file) {
  std::array<unsigned char, 4> magic{};
  if (!isRegular(file) ||
      ::pread(file, magic.data(), magic.size(), 0) != static_cast<ssize_t>(magic.size())) {
    return false;
  }
  const bool isGzip = magic[0] == 0x1F && magic[1] == 0x8B;
  const bool isZstd = magic[0] == 0x28 && magic[1] == 0xB5 && magic[2] == 0x2F && magic[3] == 0xFD;
  return !isGzip && !isZstd;
}

Result<std::shared_ptr<FrameStore>> storeFor(int file, bool plain, const std::string& path) {
  if (!plain) return FrameStore::spool(QDir::tempPath().toStdString());
  Descriptor copy(::fcntl(file, F_DUPFD_CLOEXEC, 0));
  if (!copy.isOpen()) return tl::unexpected(systemError("read", path, errno));
  return FrameStore::ofFile(std::move(copy));
}

/// The bytes of a program, of which what it says is heard as long as they are read.
Result<Descriptor> startProgram(const TraceInput& input, OpenedInput& opened) {
  Result<CaptureChild> child = CaptureChild::start(input.command);
  if (!child) return tl::unexpected(std::move(child.error()));
  opened.child = std::make_unique<CaptureChild>(std::move(*child));
  return opened.child->takeOutput();
}

}  // namespace

Result<void> openTraceInput(const TraceInput& input, const std::stop_token& stop,
                            const std::function<void(std::string_view)>& heard,
                            OpenedInput& opened) {
  Result<Descriptor> file = input.isProgram() ? startProgram(input, opened) : openPath(input.name);
  if (!file) return tl::unexpected(std::move(file.error()));
  const bool plain = isPlain(file->get());
  opened.isSpooled = !plain;
  opened.isUnending = input.follow || !isRegular(file->get());
  Result<std::shared_ptr<FrameStore>> store = storeFor(file->get(), plain, input.name);
  if (!store) return tl::unexpected(std::move(store.error()));
  opened.store = std::move(*store);
  auto bytes = DescriptorStream::open(std::move(*file), input.name, input.follow);
  if (!bytes) return tl::unexpected(std::move(bytes.error()));
  auto stream = StoppableStream::over(std::move(*bytes), stop);
  if (!stream) return tl::unexpected(std::move(stream.error()));
  if (opened.child) {
    (*stream)->watch(opened.child->wordsDescriptor(), [child = opened.child.get(), heard] {
      child->readWords(heard);
      return child->wordsDescriptor() >= 0;
    });
  }
  auto source = openCapture(std::move(*stream), input.name);
  if (!source) return tl::unexpected(std::move(source.error()));
  opened.source = opened.isUnending ? std::move(*source) : readAhead(std::move(*source));
  return {};
}

}  // namespace vsdump::gui
