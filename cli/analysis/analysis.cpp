// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/analysis/analysis.h"

#include <fmt/format.h>
#include <unistd.h>

#include <chrono>
#include <memory>
#include <utility>

#include "capture/file/open.h"
#include "capture/file/read_ahead.h"
#include "capture/filter/kernel_part.h"
#include "capture/live/open_live.h"
#include "capture/live/privileges.h"
#include "cli/run/confinement.h"
#include "cli/run/filter_use.h"
#include "cli/run/first_reading.h"
#include "cli/run/live_options.h"
#include "cli/run/messages.h"
#include "cli/run/port_files.h"
#include "cli/run/progress.h"
#include "dissector/text/escape.h"

namespace vsdump {

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kTickInterval{250};
/// Packets reach us this much after their time, at most.
constexpr std::int64_t kDeliveryNs = 1'000'000'000;

/// A StreamWait that signals end.
bool waitForInput(std::optional<int> descriptor, const Signals& signals) {
  constexpr std::chrono::milliseconds kGrowingFileInterval{100};
  if (descriptor) {
    signals.waitFor(*descriptor, std::nullopt, std::nullopt);
  } else {
    signals.wait(kGrowingFileInterval);
  }
  return !signals.stopRequested();
}

std::int64_t timeOfDayNs() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::nanoseconds>(now).count();
}

Result<void> giveUpRights(const Options& options) {
  const Result<Account> account = accountToBecome(options.user);
  if (!account) return tl::unexpected(account.error());
  return confine(*account, options);
}

}  // namespace

ConnectionRow::ConnectionRow(const Connection& c)
    : client(c.client()),
      server(c.serverAddress()),
      startNs(c.startNs),
      endNs(c.endNs),
      lastNs(c.lastNs()),
      firstByteNs(c.firstByteNs),
      handshakeNs(c.handshakeNs()),
      id(c.id),
      type(c.type()),
      state(c.state),
      endedBy(c.endedBy),
      isPartial(c.isPartial) {
  for (std::size_t d = 0; d < ways.size(); ++d) {
    const Flow& flow = c.flows[d];
    ways[d] = {.packets = flow.packets,
               .bytes = flow.bytes,
               .lostBytes = flow.lostBytes,
               .firstNs = flow.firstNs,
               .lastNs = flow.lastNs,
               .largestGapNs = flow.largestGapNs,
               .messages = flow.messages};
    stalls += flow.stalls;
    stalledNs += static_cast<std::uint64_t>(flow.stalledNs);
  }
}

void SelectedTotals::add(const ConnectionRow& row) {
  ++connections;
  for (std::size_t d = 0; d < bytes.size(); ++d) bytes[d] += row.ways[d].bytes;
  if (row.state == ConnectionState::Refused) ++refused;
  if (row.stalls != 0) ++stalled;
}

int noSuchConnection(ConnectionId id) {
  say(fmt::format("there is no connection {}; vsdump connections lists them", raw(id)));
  return kExitNothingFound;
}

Output standardOutput() {
  return Output(STDOUT_FILENO, "standard output");
}

Analysis::Analysis(const Options& options)
    : options_(options),
      tracker_(*this),
      mostRows_(options.keptRows.value_or(isLive() ? kKeptRows : UINT64_MAX)),
      names_(readPortFiles(portFilePaths()).services),
      services_(names_) {}

Result<void> Analysis::run() {
  const Result<GivenFilter> given = filterOf(options_);
  if (!given) return tl::unexpected(given.error());
  takesAll_ = given->filter.takesAll();
  return isLive() ? runLive(*given) : runFiles(*given);
}

Result<void> Analysis::runFiles(const GivenFilter& given) {
  Result<std::vector<Input>> inputs = openInputs(options_, given.filter);
  if (!inputs) return tl::unexpected(std::move(inputs.error()));
  if (Result<void> dropped = giveUpRights(options_); !dropped) return dropped;
  const auto selector = selectorFor(given, options_, *inputs, signals_);
  if (!selector) return tl::unexpected(selector.error());
  const auto wait = [&](std::optional<int> input) { return waitForInput(input, signals_); };
  for (auto& [descriptor, name] : *inputs) {
    auto source = openCapture(std::move(descriptor), name, FileOptions{.wait = wait});
    if (!source && signals_.stopRequested()) break;
    if (!source) return tl::unexpected(std::move(source.error()));
    *source = readAhead(std::move(*source));
    tracker_.beginFile();
    if (Result<void> read = readAll(**source, name, **selector); !read) return read;
    if (signals_.stopRequested() || isDone()) break;
  }
  if (signals_.stopRequested()) say("stopped: what follows is about the packets read up to here");
  finish();
  return {};
}

Result<void> Analysis::runLive(const GivenFilter& given) {
  LiveOptions liveOptions = liveOptionsOf(options_, false);
  liveOptions.filter = kernelPart(given.filter, KernelScope::Connections).kernel;
  Result<LiveCapture> capture = openLive(liveOptions);
  if (!capture) return tl::unexpected(std::move(capture.error()));
  LiveSource& source = *capture->source;
  if (Result<void> dropped = giveUpRights(options_); !dropped) return dropped;
  for (const std::string& message : capture->messages) say(message);
  const std::string name = source.interfaces().front().name;
  sayPlain(fmt::format("listening on {}, Ctrl-C ends it", escaped(name)));
  signals_.watch(&source);
  const auto selector = liveSelector(given);
  Result<void> read = readAll(source, name, *selector);
  signals_.watch(nullptr);
  if (!read) return read;
  finish();
  const LiveStatistics counted = source.statistics();
  if (counted.dropped != 0) {
    say(
        fmt::format("the kernel has dropped {} packets for want of room: what is said of their "
                    "connections may be wrong; see -B",
                    counted.dropped));
  }
  return {};
}

Result<void> Analysis::readAll(PacketSource& source, const std::string& name,
                               filter::Selector& selector) {
  Progress progress(!isLive());
  Clock::time_point nextTick = Clock::now() + kTickInterval;
  while (true) {
    const Result<Batch> batch = source.read();
    if (!batch) return tl::unexpected(batch.error());
    for (const Frame& frame : batch->frames) observe(frame, selector);
    if (!batch->notices.empty()) progress.erase();
    for (const SourceNotice& notice : batch->notices) say(notice, name);
    progress.update(source.progress());
    const bool mayStay = batch->state == SourceState::More || batch->state == SourceState::Waiting;
    if (!mayStay || isDone()) return {};
    // A live source ends by itself once it has handed out what the kernel had counted.
    if (!isLive() && signals_.stopRequested()) return {};
    if (!isLive() && batch->state == SourceState::Waiting)
      waitForInput(source.pollDescriptor(), signals_);
    if (!isLive() || Clock::now() < nextTick) continue;
    const std::int64_t nowNs = timeOfDayNs() - kDeliveryNs;
    if (batch->state == SourceState::Waiting) tracker_.advanceTo(nowNs);
    const Clock::time_point before = Clock::now();
    if (Result<void> ticked = tick(nowNs); !ticked) return ticked;
    // However much there is to show, most of the time is for packets.
    nextTick =
        Clock::now() + std::max<Clock::duration>(kTickInterval, 10 * (Clock::now() - before));
  }
}

void Analysis::observe(const Frame& frame, filter::Selector& selector) {
  if (!std::exchange(hasPackets_, true)) firstNs_ = lastNs_ = frame.timestampNs;
  lastNs_ = std::max(lastNs_, frame.timestampNs);
  const Packet packet = dissect(frame);
  const Observation seen = tracker_.observe(frame, packet);
  // The selector has to see every packet.
  isMatch_ = takesAll_ || selector.matches(frame);
  if (!takesAll_ && isMatch_ && seen.connection != kNoConnection) {
    selected_.insert(raw(seen.connection));
  }
  observed(frame, packet, seen);
}

void Analysis::finish() {
  finishing();
  tracker_.finish();
  std::ranges::sort(rows_, {}, [](const ConnectionRow& row) { return raw(row.id); });
}

ConnectionRow Analysis::rowOf(const Connection& connection) const {
  ConnectionRow row(connection);
  const auto known = recognised_.find(raw(connection.id));
  if (known != recognised_.end()) row.protocol = known->second;
  return row;
}

void Analysis::nameProtocol(ConnectionId id, std::string_view name) {
  constexpr std::size_t kMostJoinedNames = 1000;
  std::string_view& known = recognised_[raw(id)];
  const bool isAmongThem =
      fmt::format(", {},", known).find(fmt::format(", {},", name)) != std::string::npos;
  if (isAmongThem) return;
  if (known.empty() || joinedNames_.size() >= kMostJoinedNames) {
    known = name;
  } else {
    known = *joinedNames_.insert(fmt::format("{}, {}", known, name)).first;
  }
}

void Analysis::ended(const Connection& connection) {
  const ConnectionRow row = rowOf(connection);
  recognised_.erase(raw(connection.id));
  if (!takesAll_ && selected_.erase(raw(connection.id)) == 0) return forget(connection.id);
  totals_.add(row);
  closed(row);
  rows_.push_back(row);
  while (rows_.size() > mostRows_) {
    if (mostRows_ != 0) forget(rows_.front().id);
    rows_.pop_front();
  }
}

void Analysis::forget(ConnectionId id) {
  findings_.drop(id);
  const auto stalls = stalls_.find(id);
  if (stalls == stalls_.end()) return;
  stallsKept_ -= stalls->second.size();
  stalls_.erase(stalls);
}

void Analysis::stalled(const Stall& stall) {
  if (!keepsStalls_ || stallsKept_ >= kMostStalls) return;
  ++stallsKept_;
  stalls_[stall.connection].push_back(stall);
}

}  // namespace vsdump
