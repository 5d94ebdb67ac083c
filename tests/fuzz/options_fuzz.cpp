// SPDX-License-Identifier: GPL-2.0-or-later
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "cli/options/parser.h"

namespace {

vsdump::Result<std::string> noFilter(const std::string& path) {
  return path;
}

vsdump::Result<std::vector<std::string>> noList(const std::string& path) {
  return std::vector<std::string>{path};
}

}  // namespace

/// The input's lines as the words of a command line: options that are the same when they are parsed
/// again, or a sentence that says what is wrong. No file is read.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace vsdump;
  std::vector<std::string> words{"vsdump"};
  if (size > 0) words.emplace_back();
  for (std::size_t i = 0; i < size && data[i] != 0; ++i) {
    if (data[i] == '\n') {
      words.emplace_back();
    } else {
      words.back() += static_cast<char>(data[i]);
    }
  }
  std::vector<const char*> argv;
  for (const std::string& word : words) argv.push_back(word.c_str());
  const auto parse = [&] {
    return parseCommandLine(static_cast<int>(argv.size()), argv.data(),
                            {.filter = noFilter, .list = noList});
  };
  const auto options = parse();
  const auto again = parse();
  if (options.has_value() != again.has_value()) std::abort();
  if (options) {
    if (!(*options == *again)) std::abort();
    return 0;
  }
  const Error& error = options.error();
  if (error.kind != ErrorKind::Usage || error.reason.empty()) std::abort();
  if (describe(error) != describe(again.error())) std::abort();
  return 0;
}
