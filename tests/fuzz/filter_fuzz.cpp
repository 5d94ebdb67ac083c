// SPDX-License-Identifier: GPL-2.0-or-later
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <string_view>
#include <vector>

#include "capture/filter/compiler.h"
#include "capture/filter/kernel_part.h"
#include "dissector/filter/filter.h"
#include "dissector/filter/needs.h"

/// Fifty columns either way, and a character that is cut, with dots and blanks around them. What is
/// shown of a column has one byte, but for letters beyond ASCII.
constexpr std::size_t kLongestDrawnLine = 120;

/// The input up to its first zero byte as a filter, the rest as a record: a filter that is taken
/// means the same when it is written out, and its program decides as it does.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace vsdump;
  const std::string_view all(reinterpret_cast<const char*>(data), size);
  const std::string_view text = all.substr(0, all.find('\0'));
  const auto filter = filter::parse(text);
  if (!filter) {
    const filter::Problem& problem = filter.error();
    if (problem.message.empty() || problem.length == 0) std::abort();
    // Two lines of the hundred columns around the place.
    if (filter::drawing(problem, text).size() > 2 * kLongestDrawnLine) std::abort();
    filter::placeOf(problem, text);
    return 0;
  }
  const auto bytes = std::as_bytes(std::span(data, size)).subspan(text.size());
  const std::vector<std::byte> record(bytes.begin(), bytes.end());
  const Frame frame{.bytes = record, .wireLengthBytes = static_cast<std::uint32_t>(record.size())};

  const SplitFilter split = kernelPart(*filter, KernelScope::Packets);
  const bool answer = filter->matches(frame);
  if (answer && !split.kernel.matches(frame)) std::abort();
  for (const bool optimize : {true, false}) {
    const auto program = compile(split.kernel, {.optimize = optimize});
    if (!program) continue;
    const bpf_program view = program->view();
    if (bpf_validate(view.bf_insns, static_cast<int>(view.bf_len)) == 0) std::abort();
    if (program->accepts(frame) != split.kernel.matches(frame)) std::abort();
  }
  // The same beside facts, which are made of the record's bytes.
  filter::Facts facts;
  for (const std::byte byte : record) {
    facts.findings = facts.findings * 31 + std::to_integer<std::uint64_t>(byte);
  }
  facts.proven = facts.findings >> 7;
  facts.states = static_cast<filter::StateSet>(facts.findings >> 13);
  facts.connection = ConnectionId{static_cast<std::uint32_t>(facts.findings % 16)};
  facts.service = record.size() % 2 == 0 ? "kata-agent" : "ssh";
  const bool answerWithFacts = filter->matches(frame, facts);
  if (answerWithFacts && !split.kernel.matches(frame)) std::abort();
  if (filter::needOf(*filter->expression()) < filter::Need::Connection &&
      answerWithFacts != answer) {
    std::abort();
  }

  const std::string written = filter::toText(*filter->expression());
  const auto again = filter::parse(written);
  // Parentheses can make what is written out nest deeper than what was read.
  if (again && again->matches(frame, facts) != answerWithFacts) std::abort();
  return 0;
}
