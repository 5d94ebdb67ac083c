// SPDX-License-Identifier: GPL-2.0-or-later
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "cli/analysis/call_book.h"
#include "cli/analysis/commands.h"
#include "cli/analysis/message_analysis.h"
#include "cli/analysis/names.h"
#include "cli/analysis/notable_calls.h"
#include "cli/run/messages.h"
#include "dissector/connection/finding_text.h"
#include "dissector/text/escape.h"
#include "dissector/text/quantity.h"

namespace vsdump {

namespace {

constexpr std::size_t kTextWidth = 80;
constexpr std::size_t kIndent = 7;

std::string_view severityWord(Severity severity) {
  constexpr std::array<std::string_view, 3> kWords{"note", "warning", "error"};
  return kWords[static_cast<std::size_t>(severity)];
}

/// Breaks a message into lines between blanks.
std::string wrapped(std::string_view text) {
  std::string out;
  std::size_t column = 0;
  while (!text.empty()) {
    const std::string_view word = text.substr(0, text.find(' '));
    text.remove_prefix(std::min(word.size() + 1, text.size()));
    if (column == 0 || column + 1 + word.size() > kTextWidth) {
      out += (column == 0 ? "" : "\n") + std::string(kIndent, ' ');
      column = kIndent;
    } else {
      out += ' ';
      ++column;
    }
    out += word;
    column += word.size();
  }
  return out + '\n';
}

class Report final : public MessageAnalysis {
 public:
  explicit Report(const Options& options) : MessageAnalysis(options), output_(standardOutput()) {
    mostRows_ = 0;
  }

  Result<void> print() {
    std::vector<const FindingGroup*> groups;
    for (const auto& [key, group] : findings_.groups()) groups.push_back(&group);
    std::ranges::stable_sort(groups, [](const FindingGroup* a, const FindingGroup* b) {
      const auto rank = [](const FindingGroup* g) {
        return std::pair(-static_cast<int>(describe(g->first.code).severity), g->first.number);
      };
      return rank(a) < rank(b);
    });
    LineBuffer& out = output_.buffer();
    if (!options_.json) putSummary(out);
    std::array<std::uint64_t, 3> counts{};
    for (const FindingGroup* group : groups) {
      ++counts[static_cast<std::size_t>(describe(group->first.code).severity)];
      if (options_.json) putJson(out, *group);
      if (Result<void> written = output_.flushIfLarge(); !written) return written;
    }
    const auto calls = callsBySlowest();
    if (options_.json) {
      for (const Calls* each : calls) putCallsJson(out, *each);
      return output_.flush();
    }
    for (const Entry& entry : entriesOf(groups)) {
      putText(out, entry);
      if (Result<void> written = output_.flushIfLarge(); !written) return written;
    }
    if (findings_.unlisted() != 0) {
      out.put(counted(findings_.unlisted(), "more finding") + " are not listed.\n");
    }
    const std::size_t checks = findingCatalogue().size() + anomalyCatalogue().size();
    out.put(groups.empty() ? fmt::format("Nothing of {} checks was found.\n", checks)
                           : fmt::format("{}, {}, {}. Nothing else of {} checks was found.\n",
                                         counted(counts[2], "error"), counted(counts[1], "warning"),
                                         counted(counts[0], "note"), checks));
    putCalls(out, calls);
    notable_.put(out, options_.numericNames);
    Result<void> written = output_.flush();
    if (written) sayLimits();
    return written;
  }

 private:
  void completed(const payload::Message& message) override {
    calls_.add(message);
    if (!options_.json) notable_.add(message);
  }

  void putSummary(LineBuffer& out) const {
    const TrackerTotals& totals = tracker_.totals();
    std::string names;
    if (isLive()) names = "live capture";
    for (const std::string& file : options_.readFiles) {
      names += (names.empty() ? "" : ", ") + escaped(file == "-" ? "standard input" : file);
    }
    out.put(fmt::format(
        "{}: {} in {}, {}, {} of payload\n", names, counted(totals.packets, "packet"),
        durationText(static_cast<std::uint64_t>(lastNs_) - static_cast<std::uint64_t>(firstNs_)),
        counted(totals.connections, "connection"), sizeText(totals.bytes)));
    if (totals.duplicates != 0) {
      out.put(fmt::format("{} not counted\n", counted(totals.duplicates, "duplicate")));
    }
    if (totals.untracked != 0) {
      out.put(fmt::format("{} without a whole virtio header not followed\n",
                          counted(totals.untracked, "record")));
    }
    out.put('\n');
  }

  /// What is the same about several connections to one server is one entry.
  struct Entry {
    const FindingGroup* group;                ///< the first
    std::vector<const FindingGroup*> more{};  ///< at most kMostNamed
    std::uint64_t moreCount = 0;
    static constexpr std::size_t kMostNamed = 8;
  };

  static std::vector<Entry> entriesOf(const std::vector<const FindingGroup*>& groups) {
    std::vector<Entry> entries;
    std::map<std::tuple<FindingCode, FindingDetail, Address>, std::size_t> places;
    for (const FindingGroup* group : groups) {
      const Finding& f = group->first;
      if (f.connection == kNoConnection) {
        entries.push_back({group});
        continue;
      }
      const auto [place, isNew] = places.try_emplace({f.code, f.detail, f.server}, entries.size());
      if (isNew) {
        entries.push_back({group});
        continue;
      }
      Entry& entry = entries[place->second];
      ++entry.moreCount;
      if (entry.more.size() < Entry::kMostNamed) entry.more.push_back(group);
    }
    return entries;
  }

  /// "The same of 3 more connections: #4 (packets 9, 12), #7 (packet 40)".
  static std::string moreOf(const Entry& entry) {
    std::string text = "The same of " + counted(entry.moreCount, "more connection") + ": ";
    std::string_view before;
    for (const FindingGroup* group : entry.more) {
      text += fmt::format("{}#{} ({})", before, raw(group->first.connection), packetsOf(*group));
      before = ", ";
    }
    return text + (entry.moreCount > entry.more.size() ? ", ..." : ".");
  }

  static std::string packetsOf(const FindingGroup& group) {
    std::string packets = group.packets.size() == 1 ? "packet " : "packets ";
    std::string_view before;
    for (const FrameNumber packet : group.packets) {
      packets += fmt::format("{}{}", before, raw(packet));
      before = ", ";
    }
    return packets + (group.packets.size() == FindingGroup::kMostPackets ? " ..." : "");
  }

  void putText(LineBuffer& out, const Entry& entry) const {
    const FindingGroup& group = *entry.group;
    const Finding& f = group.first;
    const FindingRow row = describe(f.code);
    std::string who;
    if (f.connection != kNoConnection) {
      who = fmt::format("#{} {} -> {}", raw(f.connection), endText(f.client, options_.numericNames),
                        endText(f.server, options_.numericNames));
    }
    if (group.count > 1) who += fmt::format(", {} times", group.count);
    out.put(fmt::format("{:<8}{}  {}  {}\n", severityWord(row.severity), row.code, who,
                        packetsOf(group)));
    std::string message = messageOf(f);
    if (group.count > 1 && group.totalNs != 0) {
      message = fmt::format("{} in all; the longest: {}", durationText(group.totalNs), message);
    }
    out.put(wrapped(message));
    if (entry.moreCount != 0) out.put(wrapped(moreOf(entry)));
    out.put('\n');
  }

  using Calls = std::pair<const CallBook::Key, CallGroup>;

  std::vector<const Calls*> callsBySlowest() const {
    std::vector<const Calls*> calls;
    for (const Calls& each : calls_.groups()) calls.push_back(&each);
    std::ranges::stable_sort(calls, [](const Calls* a, const Calls* b) {
      return a->second.slowestNs > b->second.slowestNs;
    });
    return calls;
  }

  void putCalls(LineBuffer& out, const std::vector<const Calls*>& calls) const {
    if (calls.empty()) return;
    const auto put = [&](std::string_view call, std::string_view count, std::string_view failed,
                         std::string_view unanswered, std::string_view half,
                         std::string_view ninety, std::string_view ninetyNine,
                         std::string_view slowest) {
      out.put(fmt::format("{:<22} {:>9} {:>7} {:>10} {:>9} {:>9} {:>9}  {}\n", call, count, failed,
                          unanswered, half, ninety, ninetyNine, slowest));
    };
    out.put('\n');
    put("call", "requests", "failed", "unanswered", "half in", "90 % in", "99 % in", "slowest");
    for (const auto* each : calls) {
      const auto& [key, group] = *each;
      const bool hasTimes = group.latencies.count() != 0;
      const auto time = [&](std::uint64_t ns) {
        return hasTimes ? durationText(ns) : std::string("-");
      };
      put(fmt::format("{} {}", key.first, escaped(key.second)), grouped(group.count),
          grouped(group.failed), grouped(group.unanswered), time(group.percentileNs(50)),
          time(group.percentileNs(90)), time(group.percentileNs(99)),
          hasTimes ? fmt::format("{}, #{} packet {}", time(group.slowestNs),
                                 raw(group.slowestConnection), raw(group.slowestPacket))
                   : "-");
    }
    if (calls_.unlisted() != 0) {
      out.put(counted(calls_.unlisted(), "request") + " of other calls not listed\n");
    }
  }

  static void putCallsJson(LineBuffer& out, const Calls& calls) {
    const auto& [key, group] = calls;
    std::string call;
    appendJsonEscaped(call, key.second);
    out.put(
        fmt::format("{{\"record\":\"calls\",\"protocol\":\"{}\",\"call\":\"{}\",\"count\":{},"
                    "\"failed\":{},\"unanswered\":{}",
                    key.first, call, group.count, group.failed, group.unanswered));
    if (group.latencies.count() == 0) {
      return out.put(
          ",\"latency_p50_ns\":null,\"latency_p90_ns\":null,\"latency_p99_ns\":null,"
          "\"slowest\":null}\n");
    }
    for (const unsigned percent : {50U, 90U, 99U}) {
      out.put(fmt::format(",\"latency_p{}_ns\":{}", percent, group.percentileNs(percent)));
    }
    out.put(fmt::format(",\"slowest\":{{\"latency_ns\":{},\"connection\":{},\"packet\":{}}}}}\n",
                        group.slowestNs, raw(group.slowestConnection), raw(group.slowestPacket)));
  }

  void putJson(LineBuffer& out, const FindingGroup& group) const {
    const Finding& f = group.first;
    const FindingRow row = describe(f.code);
    out.put(fmt::format("{{\"record\":\"finding\",\"code\":\"{}\",\"severity\":\"{}\"", row.code,
                        severityWord(row.severity)));
    out.put(f.connection == kNoConnection ? std::string(",\"connection\":null")
                                          : fmt::format(",\"connection\":{}", raw(f.connection)));
    out.put(",\"packets\":[");
    std::string_view before;
    for (const FrameNumber packet : group.packets) {
      out.put(fmt::format("{}{}", before, raw(packet)));
      before = ",";
    }
    out.put(fmt::format("],\"count\":{}", group.count));
    putTimeKey(out, "time", f.timeNs);
    std::string message;
    appendJsonEscaped(message, messageOf(f));
    out.put(fmt::format(",\"message\":\"{}\"}}\n", message));
  }

  CallBook calls_;
  Output output_;
  NotableCalls notable_;
};

}  // namespace

Result<int> runReport(const Options& options) {
  Report report(options);
  Result<void> done = report.run();
  if (done) done = report.print();
  if (!done) return tl::unexpected(std::move(done.error()));
  return kExitDone;
}

}  // namespace vsdump
