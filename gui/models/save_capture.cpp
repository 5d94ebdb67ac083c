// SPDX-License-Identifier: GPL-2.0-or-later
#include "gui/models/save_capture.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <utility>
#include <vector>

#include "capture/file/create.h"
#include "gui/models/frame_window.h"

namespace vsdump::gui {

namespace {

constexpr mode_t kNewFileMode = 0666;  // less the umask

mode_t modeFor(const std::string& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) == 0) return status.st_mode & 0777;
  const mode_t mask = ::umask(0);
  ::umask(mask);
  return kNewFileMode & ~mask;
}

/// A file beside another one, that takes its place once it is whole.
class Replacement {
 public:
  explicit Replacement(std::string path) : path_(std::move(path)), made_(path_ + ".XXXXXX") {}
  ~Replacement() {
    if (isThere_) ::unlink(made_.c_str());
  }
  Replacement(const Replacement&) = delete;
  Replacement& operator=(const Replacement&) = delete;

  Result<Descriptor> create() {
    Descriptor file(::mkostemp(made_.data(), O_CLOEXEC));
    if (!file.isOpen()) return tl::unexpected(systemError("write to", path_, errno));
    isThere_ = true;
    if (::fchmod(file.get(), modeFor(path_)) == 0) return file;
    return tl::unexpected(systemError("write to", path_, errno));
  }

  Result<void> finish() {
    if (::rename(made_.c_str(), path_.c_str()) != 0) {
      return tl::unexpected(systemError("write to", path_, errno));
    }
    isThere_ = false;
    return {};
  }

 private:
  std::string path_;
  std::string made_;
  bool isThere_ = false;
};

/// Whole files have names for their interfaces; pcap files have none but their own.
std::vector<CaptureInterface> interfacesOf(const Trace& trace) {
  std::vector<CaptureInterface> interfaces;
  for (const TraceSource& source : trace.sources()) {
    interfaces.push_back(source.interface);
    interfaces.back().linkType = kLinkTypeVsock;
    const bool needsName = interfaces.back().name.empty() && trace.sources().size() > 1;
    if (needsName) interfaces.back().name = source.name;
  }
  return interfaces;
}

/// The packets and their comments, one after the other.
class Saving {
 public:
  Saving(const Trace& trace, PacketWriter& writer)
      : trace_(trace), writer_(writer), window_(trace) {}

  Result<void> add(Row row) {
    const Frame frame = window_.frame(row);
    const auto& comments = trace_.comments();
    std::vector<Comment> own;
    for (; comment_ < comments.size() && comments[comment_].row <= row; ++comment_) {
      if (comments[comment_].row < row) continue;
      own.push_back({.frame = frame.number, .text = comments[comment_].text});
    }
    if (!own.empty()) {
      if (Result<void> annotated = writer_.annotate(std::move(own)); !annotated) return annotated;
    }
    ++count_;
    return writer_.write({&frame, 1});
  }

  std::size_t count() const { return count_; }

 private:
  const Trace& trace_;
  PacketWriter& writer_;
  FrameWindow window_;
  std::size_t comment_ = 0;
  std::size_t count_ = 0;
};

}  // namespace

RowPredicate predicateOf(Rows rows) {
  if (!rows) return {};
  return [rows = std::move(rows)](Row row) { return std::ranges::binary_search(*rows, row); };
}

Result<std::size_t> saveCapture(const Trace& trace, const RowPredicate& isWanted,
                                const std::string& path, std::atomic<double>& progress,
                                const std::stop_token& stop) {
  constexpr std::size_t kBetweenLooks = 4096;
  OutputFormat format;
  chooseByName(format, path);
  format.pcapng = true;
  format.application = "vsdump-gui";
  format.comments.assign(trace.remarks().begin(), trace.remarks().end());
  Replacement file(path);
  Result<Descriptor> output = file.create();
  if (!output) return tl::unexpected(std::move(output.error()));
  auto writer = createCapture(std::move(*output), path, format);
  if (!writer) return tl::unexpected(std::move(writer.error()));
  const std::vector<CaptureInterface> interfaces = interfacesOf(trace);
  if (auto described = (*writer)->describe(interfaces); !described) {
    return tl::unexpected(std::move(described.error()));
  }
  Saving saving(trace, **writer);
  for (std::size_t row = 0; row < trace.packetCount(); ++row) {
    if (row % kBetweenLooks == 0) {
      if (stop.stop_requested()) return 0;
      progress = static_cast<double>(row) / static_cast<double>(trace.packetCount());
    }
    if (isWanted && !isWanted(static_cast<Row>(row))) continue;
    if (auto added = saving.add(static_cast<Row>(row)); !added) {
      return tl::unexpected(std::move(added.error()));
    }
  }
  if (auto counted = (*writer)->writeStatistics(interfaces); !counted) {
    return tl::unexpected(std::move(counted.error()));
  }
  if (auto closed = (*writer)->close(); !closed) return tl::unexpected(std::move(closed.error()));
  if (auto finished = file.finish(); !finished) {
    return tl::unexpected(std::move(finished.error()));
  }
  return saving.count();
}

}  // namespace vsdump::gui
