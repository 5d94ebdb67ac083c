// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <fcntl.h>
#include <sys/resource.h>

#include <csignal>
#include <memory>
#include <string>
#include <vector>

#include "capture/file/create.h"
#include "tests/capture/file/capture_bytes.h"

namespace vsdump::test {

/// Frames over packets that live elsewhere.
std::vector<Frame> framesOf(const std::vector<Packet>& packets);

/// Packets that do not compress.
std::vector<Packet> incompressible(std::size_t count);

Descriptor createFile(const std::string& path, int flags = O_TRUNC);

/// A writer that messages call "x"; fails the test when there is none.
std::unique_ptr<PacketWriter> writerOn(Descriptor output, const OutputFormat& format = {});

/// A limit on the size of files, for as long as it lives.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) : signal_(::signal(SIGXFSZ, SIG_IGN)) {
    ::getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit limit{.rlim_cur = bytes, .rlim_max = before_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~FileSizeLimit() {
    ::setrlimit(RLIMIT_FSIZE, &before_);
    ::signal(SIGXFSZ, signal_);
  }
  FileSizeLimit(const FileSizeLimit&) = delete;
  FileSizeLimit& operator=(const FileSizeLimit&) = delete;

 private:
  sighandler_t signal_;
  rlimit before_{};
};

}  // namespace vsdump::test
