// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/options/named_files.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <string_view>
#include <utility>

namespace vsdump {

namespace {

/// Beyond any filter and any list of files that a person has; a device such as /dev/zero, which
/// has no end, must not fill the memory.
constexpr std::size_t kMostBytes = std::size_t{16} << 20U;

/// A descriptor that is closed at the end of the block, unless it is standard input.
class InputDescriptor {
 public:
  explicit InputDescriptor(int descriptor) : descriptor_(descriptor) {}
  InputDescriptor(const InputDescriptor&) = delete;
  InputDescriptor& operator=(const InputDescriptor&) = delete;
  ~InputDescriptor() {
    if (descriptor_ > STDIN_FILENO) ::close(descriptor_);
  }
  int get() const { return descriptor_; }

 private:
  int descriptor_;
};

/// All that a file holds; `what` says for messages which file it is.
Result<std::string> readText(const std::string& what, const std::string& path, bool dashIsInput) {
  const bool standardInput = dashIsInput && path == "-";
  const InputDescriptor input(standardInput ? STDIN_FILENO
                                            : ::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (input.get() < 0) return tl::unexpected(systemError("open " + what, path, errno));

  std::string text;
  std::array<char, 4096> block{};
  for (;;) {
    const ssize_t count = ::read(input.get(), block.data(), block.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return tl::unexpected(systemError("read " + what, path, errno));
    if (count == 0) break;
    text.append(block.data(), static_cast<std::size_t>(count));
    if (text.size() > kMostBytes) {
      return tl::unexpected(Error{.kind = ErrorKind::BadInput,
                                  .attempted = "use " + what,
                                  .subject = path,
                                  .reason = "it has more than 16 MiB"});
    }
  }
  if (text.find('\0') != std::string::npos) {
    return tl::unexpected(Error{.kind = ErrorKind::BadInput,
                                .attempted = "use " + what,
                                .subject = path,
                                .reason = "it is not a text file"});
  }
  return text;
}

}  // namespace

Result<std::string> readFilterFile(const std::string& path) {
  return readText("filter file", path, false).map([](std::string text) {
    bool comment = false;
    for (char& letter : text) {
      if (letter == '\n') comment = false;
      if (letter == '#') comment = true;
      if (comment) letter = ' ';
    }
    return text;
  });
}

Result<std::vector<std::string>> readFileList(const std::string& path) {
  const auto text = readText("list of files", path, true);
  if (!text) return tl::unexpected(text.error());

  std::vector<std::string> names;
  std::string_view rest = *text;
  while (!rest.empty()) {
    const std::size_t end = rest.find('\n');
    const std::string_view line = rest.substr(0, end);
    if (!line.empty()) names.emplace_back(line);
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
  }
  if (names.empty()) {
    return tl::unexpected(Error{.kind = ErrorKind::BadInput,
                                .attempted = "use list of files",
                                .subject = path,
                                .reason = "it names no file",
                                .hint = "-V wants one file name a line."});
  }
  return names;
}

Result<std::string> readPortsFile(const std::string& path) {
  return readText("ports file", path, false);
}

}  // namespace vsdump
