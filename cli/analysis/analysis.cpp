// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/analysis/analysis.h"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <optional>
#include <utility>

#include "capture/file/open.h"
#include "capture/live/privileges.h"
#include "cli/run/confinement.h"
#include "cli/run/first_reading.h"
#include "cli/run/messages.h"
#include "cli/run/port_files.h"
#include "cli/run/progress.h"
#include "cli/run/signals.h"

namespace vsdump {

namespace {

bool isWait(FindingCode code) {
  return code == FindingCode::CreditStall || code == FindingCode::CreditStuck ||
         code == FindingCode::CreditExhausted || code == FindingCode::PossiblyBlocked;
}

void waitForMore(const PacketSource& source, const Signals& signals) {
  constexpr std::chrono::milliseconds kGrowingFileInterval{100};
  if (const auto descriptor = source.pollDescriptor()) {
    signals.waitFor(*descriptor, std::nullopt);
  } else {
    signals.wait(kGrowingFileInterval);
  }
}

}  // namespace

ConnectionRow::ConnectionRow(const Connection& c)
    : client(c.client()),
      server(c.serverAddress()),
      startNs(c.startNs),
      endNs(c.endNs),
      handshakeNs(c.handshakeNs()),
      id(c.id),
      type(c.type()),
      state(c.state),
      endedBy(c.endedBy),
      isPartial(c.isPartial) {
  for (std::size_t d = 0; d < ways.size(); ++d) {
    const Flow& flow = c.flows[d];
    ways[d] = {flow.packets, flow.bytes, flow.lostBytes, flow.messages};
  }
}

Output standardOutput() {
  return Output(STDOUT_FILENO, "standard output");
}

Analysis::Analysis(const Options& options)
    : options_(options),
      tracker_(*this),
      names_(readPortFiles(portFilePaths()).services),
      services_(names_) {}

Result<int> Analysis::run() {
  if (options_.readFiles.empty()) {
    return tl::unexpected(Error{.kind = ErrorKind::Usage,
                                .attempted = "analyse",
                                .subject = "a live capture",
                                .reason = "this command reads capture files",
                                .hint = "Record with vsdump -w FILE, then give -r FILE."});
  }
  const Result<GivenFilter> given = filterOf(options_);
  if (!given) return tl::unexpected(given.error());
  takesAll_ = given->filter.takesAll();
  Result<std::vector<Input>> inputs = openInputs(options_, given->filter);
  if (!inputs) return tl::unexpected(std::move(inputs.error()));
  const Result<Account> account = accountToBecome(options_.user);
  if (!account) return tl::unexpected(account.error());
  if (Result<void> confined = confine(*account, options_); !confined) {
    return tl::unexpected(std::move(confined.error()));
  }

  Signals signals;
  const auto selector = selectorFor(*given, options_, *inputs, signals);
  if (!selector) return tl::unexpected(selector.error());
  Progress progress(true);
  int exitCode = kExitDone;
  bool isFirst = true;
  for (auto& [descriptor, name] : *inputs) {
    auto source = openCapture(std::move(descriptor), name, FileOptions{});
    if (!source) return tl::unexpected(std::move(source.error()));
    tracker_.beginFile();
    for (bool goesOn = true; goesOn;) {
      const Result<Batch> batch = (*source)->read();
      if (!batch) return tl::unexpected(batch.error());
      for (const Frame& frame : batch->frames) {
        if (std::exchange(isFirst, false)) firstNs_ = lastNs_ = frame.timestampNs;
        lastNs_ = std::max(lastNs_, frame.timestampNs);
        const Packet packet = dissect(frame);
        const Observation seen = tracker_.observe(frame, packet);
        if (!takesAll_ && (*selector)->matches(frame) && seen.connection != kNoConnection) {
          const std::size_t id = raw(seen.connection);
          if (id >= selected_.size()) selected_.resize(id + id / 2 + 64);
          selected_[id] = true;
        }
        observed(frame, packet, seen);
      }
      if (!batch->notices.empty()) progress.erase();
      for (const SourceNotice& notice : batch->notices) say(notice, name);
      progress.update(**source);
      if (batch->state == SourceState::Damaged) exitCode = kExitError;
      if (batch->state == SourceState::Waiting) waitForMore(**source, signals);
      goesOn = batch->state == SourceState::More || batch->state == SourceState::Waiting;
      if (signals.stopRequested() || isDone()) goesOn = false;
    }
    if (signals.stopRequested() || isDone()) break;
  }
  progress.erase();
  if (signals.stopRequested()) say("stopped: what follows is about the packets read up to here");
  tracker_.finish();
  std::ranges::sort(rows_, {}, [](const ConnectionRow& row) { return raw(row.id); });
  return exitCode;
}

void Analysis::ended(const Connection& connection) {
  rows_.emplace_back(connection);
}

void Analysis::found(const Finding& finding) {
  FindingGroup& group = findings_[{finding.connection, finding.code}];
  const bool isLonger = isWait(finding.code) && finding.values[0] > group.first.values[0];
  if (group.count++ == 0 || isLonger) group.first = finding;
  if (isWait(finding.code)) group.totalNs += finding.values[0];
  for (std::uint8_t i = 0; i < finding.packetCount; ++i) {
    if (group.packets.size() < FindingGroup::kMostPackets) {
      group.packets.push_back(finding.packets[i]);
    }
  }
}

void Analysis::stalled(const Stall& stall) {
  std::vector<Stall>& stalls = stalls_[stall.connection];
  if (stalls.size() < kMostStalls) stalls.push_back(stall);
}

}  // namespace vsdump
