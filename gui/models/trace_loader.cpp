// SPDX-License-Identifier: GPL-2.0-or-later
#include "gui/models/trace_loader.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <QDir>
#include <array>
#include <cerrno>
#include <chrono>
#include <utility>

#include "capture/file/open.h"
#include "dissector/text/escape.h"
#include "gui/models/trace_builder.h"

namespace vsdump::gui {

namespace {

using Clock = std::chrono::steady_clock;

/// Long enough that the window has time for other things, short enough to look alive.
constexpr std::chrono::milliseconds kUpdateInterval{100};

/// A pipe would keep the thread until its other end opens it, whoever wants to stop meanwhile.
Result<void> checkKind(const std::string& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0 || S_ISREG(status.st_mode) || S_ISDIR(status.st_mode)) {
    return {};  // opening it tells what is wrong
  }
  return tl::unexpected(Error{.kind = ErrorKind::Unsupported,
                              .attempted = "open",
                              .subject = escaped(path),
                              .reason = "it is no regular file",
                              .hint = "Let vsdump -w record to a file, and open that."});
}

/// Whether the packets can be read again from the file itself: no compression.
bool isPlain(int file) {
  std::array<unsigned char, 4> magic{};
  if (::pread(file, magic.data(), magic.size(), 0) != static_cast<ssize_t>(magic.size())) {
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

}  // namespace

TraceLoader::TraceLoader(QObject* parent) : QObject(parent) {
  qRegisterMetaType<std::shared_ptr<const vsdump::gui::FrameStore>>();
  qRegisterMetaType<std::shared_ptr<vsdump::gui::TraceUpdate>>();
  qRegisterMetaType<vsdump::gui::TraceLoader::Ending>();
}

TraceLoader::~TraceLoader() = default;

void TraceLoader::open(const std::string& path) {
  thread_ = std::jthread([this, path](const std::stop_token& stop) { run(stop, path); });
}

void TraceLoader::run(const std::stop_token& stop, const std::string& path) {
  const Result<Ending> ending = read(stop, path);
  if (ending) {
    emit ended(*ending, {});
  } else {
    emit ended(Ending::Failed, QString::fromStdString(describe(ending.error())));
  }
}

Result<TraceLoader::Ending> TraceLoader::read(const std::stop_token& stop,
                                              const std::string& path) {
  if (Result<void> fit = checkKind(path); !fit) return tl::unexpected(fit.error());
  Result<Descriptor> file = openInput(path);
  if (!file) return tl::unexpected(file.error());
  const bool plain = isPlain(file->get());
  const auto store = storeFor(file->get(), plain, path);
  if (!store) return tl::unexpected(store.error());
  auto source = openCapture(std::move(*file), path);
  if (!source) return tl::unexpected(source.error());
  emit opened(*store);

  TraceBuilder builder(plain ? nullptr : *store);
  Clock::time_point told = Clock::now();
  const auto tell = [&](double progress) -> Result<void> {
    Result<TraceUpdate> update = builder.takeUpdate();
    if (!update) return tl::unexpected(update.error());
    update->progress = progress;
    emit updated(std::make_shared<TraceUpdate>(std::move(*update)));
    told = Clock::now();
    return {};
  };
  Ending ending = Ending::Stopped;
  while (!stop.stop_requested()) {
    const Result<Batch> batch = (*source)->read();
    // What came before a failure is shown in any case.
    Result<void> taken = batch ? builder.take(*batch) : tl::unexpected(batch.error());
    if (!taken) {
      if (Result<void> last = tell(1); !last) return tl::unexpected(last.error());
      return tl::unexpected(taken.error());
    }
    for (const SourceNotice& notice : batch->notices) {
      emit noticed(QString::fromStdString(notice.message));
    }
    if (batch->state == SourceState::End || batch->state == SourceState::Damaged) {
      ending = batch->state == SourceState::End ? Ending::Whole : Ending::Damaged;
      break;
    }
    if (Clock::now() - told >= kUpdateInterval) {
      if (Result<void> said = tell((*source)->progress().value_or(0)); !said) {
        return tl::unexpected(said.error());
      }
    }
  }
  builder.finish();
  if (Result<void> last = tell(1); !last) return tl::unexpected(last.error());
  return ending;
}

}  // namespace vsdump::gui
