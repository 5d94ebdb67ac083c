// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/cli/options/support.h"

#include <gtest/gtest.h>
#include <sys/wait.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "cli/options/parser.h"

namespace vsdump::test {

namespace {

std::string quote(const std::string& word) {
  std::string quoted = "'";
  for (const char letter : word) {
    if (letter == '\'') {
      quoted += "'\\''";
    } else {
      quoted += letter;
    }
  }
  return quoted + "'";
}

}  // namespace

std::string join(const Words& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : " ") + quote(word);
  return text;
}

Result<Options> parse(const Words& words) {
  std::vector<const char*> argv{"vsdump"};
  for (const std::string& word : words) argv.push_back(word.c_str());
  return parseCommandLine(static_cast<int>(argv.size()), argv.data());
}

std::string refusal(const Words& words) {
  const auto options = parse(words);
  return options ? "" : describe(options.error());
}

TemporaryFile::TemporaryFile(const std::string& name, std::string_view contents) {
  std::string pattern = (std::filesystem::temp_directory_path() / "vsdump-test-XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("mkdtemp failed");
  folder_ = pattern;
  path_ = folder_ + "/" + name;
  std::ofstream(path_, std::ios::binary) << contents;
  // tcpdump, run by root, opens files after it has become another user.
  std::filesystem::permissions(folder_, std::filesystem::perms(0755));
}

TemporaryFile::~TemporaryFile() {
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

ProgramResult run(const Words& words) {
  ProgramResult result;
  std::FILE* pipe = ::popen((join(words) + " </dev/null 2>&1").c_str(), "r");
  if (pipe == nullptr) return result;
  std::array<char, 4096> block{};
  while (const std::size_t count = std::fread(block.data(), 1, block.size(), pipe)) {
    result.output.append(block.data(), count);
  }
  const int status = ::pclose(pipe);
  if (WIFEXITED(status)) result.exitCode = WEXITSTATUS(status);
  return result;
}

std::string goodValue(const OptionRow& row) {
  switch (row.kind) {
    case ArgumentKind::None:
      return "";
    case ArgumentKind::Interface:
      return "lo";
    case ArgumentKind::InputFile:
    case ArgumentKind::OutputFile:
      return "/dev/null";
    case ArgumentKind::Number:
      return "1";
    case ArgumentKind::Choice:
      return std::string(row.choices.front());
    case ArgumentKind::User:
      return "root";
    case ArgumentKind::Text:
      return row.longName == "decode-as" ? "80=http" : "text";
  }
  return "";
}

}  // namespace vsdump::test
