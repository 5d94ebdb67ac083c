// SPDX-License-Identifier: GPL-2.0-or-later
#include "capture/file/rotated_names.h"

#include <fmt/format.h>

#include <array>
#include <climits>

namespace vsdump {

namespace {

Error noName(const RotatedNames& names, const char* reason) {
  return {.kind = ErrorKind::Usage,
          .attempted = "make a file's name of",
          .subject = names.pattern,
          .reason = reason};
}

}  // namespace

Result<std::string> rotatedName(const RotatedNames& names, std::time_t begun,
                                std::uint32_t number) {
  std::string name = names.pattern;
  if (names.isTimed) {
    std::array<char, PATH_MAX> text{};
    std::tm local{};
    localtime_r(&begun, &local);
    const std::size_t size = std::strftime(text.data(), text.size(), names.pattern.c_str(), &local);
    if (size == 0) return tl::unexpected(noName(names, "it comes to nothing, or to too much"));
    name.assign(text.data(), size);
  }
  if (number > 0 || names.digits > 0) name += fmt::format("{:0{}}", number, names.digits);
  if (name.size() >= PATH_MAX) return tl::unexpected(noName(names, "it is too long"));
  return name;
}

std::string_view rotatedFolder(const RotatedNames& names) {
  std::string_view folder = names.pattern;
  if (names.isTimed) folder = folder.substr(0, folder.find('%'));
  return folder.substr(0, folder.rfind('/') + 1);
}

int digitsOf(std::uint32_t files) {
  int digits = 0;
  for (std::uint32_t last = files > 0 ? files - 1 : 0; last > 0; last /= 10) ++digits;
  return digits;
}

}  // namespace vsdump
