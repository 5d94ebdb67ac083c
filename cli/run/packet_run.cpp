// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/run/packet_run.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "capture/file/open.h"
#include "capture/file/patient_writer.h"
#include "capture/live/open_live.h"
#include "capture/live/privileges.h"
#include "capture/relay.h"
#include "cli/run/confinement.h"
#include "cli/run/filter_use.h"
#include "cli/run/first_reading.h"
#include "cli/run/live_options.h"
#include "cli/run/messages.h"
#include "cli/run/packet_tracking.h"
#include "cli/run/port_files.h"
#include "cli/run/progress.h"
#include "cli/run/reading.h"
#include "cli/run/selection.h"
#include "cli/run/signals.h"
#include "cli/run/sinks.h"
#include "dissector/text/escape.h"

namespace vsdump {

namespace {

constexpr std::chrono::milliseconds kGrowingFileInterval{100};
constexpr std::string_view kLinkTypeText = "link-type VSOCK (Linux vsock)";

std::string counted(std::uint64_t count, std::string_view what) {
  return fmt::format("{} packet{}{}", count, count == 1 ? "" : "s", what);
}

/// What stands between the opened sources and the end. Everything that needs rights is opened
/// first, then the rights are given up, and only then a byte of input is looked at.
class PacketRun {
 public:
  PacketRun(const Options& options, GivenFilter given)
      : options_(options), given_(std::move(given)), sinks_(options) {
    if (!followsConnections(options)) return;
    tracking_.emplace();
    if (options.json) return;
    tracking_->decodePayload(options.decodeAs);
    if (!options.numericNames) {
      tracking_->nameServices(readPortFiles(portFilePaths()).services);
    }
  }

  Result<void> runLive();
  Result<void> runFiles();

 private:
  Result<void> openOutputsAndDropRights(std::vector<FileIdentity> read = {});
  Result<void> readAll(PacketSource& source, const std::string& name, Selection& selection);
  Result<void> readFiles(std::vector<Input> inputs);
  Result<void> readFile(Input input);
  bool waitForStart(std::optional<int> input, Result<void>& reader);
  void dissectAll(std::size_t seat, const Reading& reading);
  Result<void> take(std::size_t seat, Reading& reading, Selection& selection);
  bool isOver(const Selection& selection) const { return selection.complete() || sinks_.closed(); }
  Result<void> answerSignals(const Selection& selection);
  void waitForInput(std::optional<int> descriptor,
                    std::optional<std::chrono::milliseconds> limit) const;
  static std::uint64_t receivedByFilter(const LiveStatistics& now, const Selection& selection);
  void sayCounters(const Selection& selection) const;
  void sayListening(const CaptureInterface& interface) const;

  const Options& options_;
  GivenFilter given_;
  std::unique_ptr<filter::Selector> selector_;
  Signals signals_;
  Sinks sinks_;
  std::optional<PacketTracking> tracking_;
  Relay relay_;
  LiveSource* live_ = nullptr;
};

Result<void> PacketRun::openOutputsAndDropRights(std::vector<FileIdentity> read) {
  const Result<Account> account = accountToBecome(options_.user);
  if (!account) return tl::unexpected(account.error());
  if (Result<void> opened = sinks_.openFile(*account, std::move(read)); !opened) return opened;
  if (const auto reader = sinks_.readerDescriptor()) {
    const Descriptor own = openWithoutWaiting(*reader);
    if (own.isOpen()) ::dup3(own.get(), *reader, O_CLOEXEC);
  }
  return confine(*account, options_);
}

Result<void> PacketRun::runLive() {
  const SplitFilter split = splitForKernel(given_.filter, options_);
  LiveOptions liveOptions = liveOptionsOf(options_, sinks_.printsOnTerminal());
  liveOptions.filter = split.kernel;
  Result<LiveCapture> capture = openLive(liveOptions);
  if (!capture) return tl::unexpected(std::move(capture.error()));
  LiveSource& source = *capture->source;
  if (Result<void> dropped = openOutputsAndDropRights(); !dropped) return dropped;
  for (const std::string& message : capture->messages) say(message);

  const CaptureInterface& interface = source.interfaces().front();
  if (Result<void> started = sinks_.start(source, interface); !started) return started;
  sayListening(interface);
  if (!split.isDecided && options_.verbosity > 0) {
    say("the kernel lets pass `" + filter::toText(*split.kernel.expression()) +
        "`, and vsdump selects among these");
  }

  // Over loopback the kernel keeps more than what matches, as it looks at each packet by itself.
  const bool isDecided =
      split.isDecided && filter::needOf(*given_.filter.expression()) == filter::Need::Record;
  selector_ = liveSelector(isDecided ? GivenFilter{} : given_);
  live_ = &source;
  if (const auto reader = sinks_.readerDescriptor()) source.watchReaderOf(*reader);
  signals_.watch(&source);
  Selection selection(*selector_, options_.skipPackets, options_.packetCount);
  if (!tracking_ && sinks_.keepsNoFrames()) {
    if (Result<void> followed = sinks_.follow(source.interfaces(), source.takeComments());
        !followed) {
      return followed;
    }
    source.passOn([&](const Frame& frame) -> Result<bool> {
      if (Result<void> taken = sinks_.take(0, selection.of({&frame, 1})); !taken) {
        return tl::unexpected(std::move(taken.error()));
      }
      return !isOver(selection);
    });
  }
  Result<void> read = readAll(source, interface.name, selection);
  signals_.watch(nullptr);
  if (::isatty(STDERR_FILENO) == 1 && signals_.stopRequested()) sayPlain("");
  sayCounters(selection);
  if (!isDecided && options_.verbosity > 0) {
    sayPlain(counted(selection.unmatched(), " passed the kernel's part of the filter alone"));
  }
  // What came before a failure is kept in any case.
  Result<void> ended = sinks_.endSource(source);
  Result<void> closed = sinks_.close();
  if (!read) return read;
  return ended ? closed : ended;
}

Result<void> PacketRun::runFiles() {
  Result<std::vector<Input>> inputs = openInputs(options_, given_.filter);
  if (!inputs) return tl::unexpected(std::move(inputs.error()));
  std::vector<FileIdentity> read;
  for (const Input& input : *inputs) {
    if (const auto identity = identityOf(input.descriptor)) read.push_back(*identity);
  }
  if (auto dropped = openOutputsAndDropRights(std::move(read)); !dropped) return dropped;
  Result<void> ended = readFiles(std::move(*inputs));
  // What came before a failure is kept in any case.
  Result<void> closed = sinks_.close();
  return ended ? closed : ended;
}

Result<void> PacketRun::readFiles(std::vector<Input> inputs) {
  auto selector = selectorFor(given_, options_, inputs, signals_);
  if (!selector) return tl::unexpected(std::move(selector.error()));
  selector_ = std::move(*selector);
  for (Input& input : inputs) {
    if (signals_.stopRequested() || sinks_.closed()) break;
    if (Result<void> read = readFile(std::move(input)); !read) return read;
  }
  return {};
}

Result<void> PacketRun::readFile(Input input) {
  const std::string name = input.name;
  Result<void> reader;
  const auto wait = [&](std::optional<int> descriptor) { return waitForStart(descriptor, reader); };
  auto source = openCapture(std::move(input.descriptor), name,
                            FileOptions{.follow = options_.followFile, .wait = wait});
  if (!reader) return reader;
  if (!source && signals_.stopRequested()) return {};
  if (!source) return tl::unexpected(std::move(source.error()));

  CaptureInterface interface;
  const auto interfaces = (*source)->interfaces();
  const auto vsock = std::ranges::find(interfaces, kLinkTypeVsock, &CaptureInterface::linkType);
  if (vsock != interfaces.end()) interface = *vsock;
  sayPlain(fmt::format("reading from file {}, {}, snapshot length {}", escaped(name), kLinkTypeText,
                       interface.snapshotLength));

  if (Result<void> started = sinks_.start(**source, interface); !started) return started;
  Selection selection(*selector_, options_.skipPackets, options_.packetCount);
  Result<void> read = readAll(**source, name, selection);
  Result<void> ended = sinks_.endSource(**source);
  return read ? ended : read;
}

/// The StreamWait of an input: gives up where a signal ends the program, and where nobody reads any
/// more what is written, which `reader` then says.
bool PacketRun::waitForStart(std::optional<int> input, Result<void>& reader) {
  waitForInput(input, std::nullopt);
  reader = sinks_.checkReader();
  return reader && !signals_.stopRequested();
}

Result<void> PacketRun::readAll(PacketSource& source, const std::string& name,
                                Selection& selection) {
  Progress progress(live_ == nullptr && !sinks_.printsOnTerminal());
  CaptureTally tally(live_ != nullptr && options_.verbosity > 0 && options_.writeFile &&
                     *options_.writeFile != "-" && !options_.printWhileWriting);
  std::array<Reading, Relay::kSeats> readings;
  SourceState state{};
  const auto begin = [&](std::size_t seat) -> Result<bool> {
    Result<bool> more = readings[seat].from(source);
    return more && signals_.any() ? false : more;
  };
  // The part in the middle: whether more packets are wanted.
  const auto follow = [&](std::size_t seat) -> Result<bool> {
    // Once there is enough, the turn that has begun meanwhile brings nothing.
    if (isOver(selection)) {
      if (tracking_) sinks_.tracked(seat).clear();
      return false;
    }
    Reading& reading = readings[seat];
    if (Result<void> taken = take(seat, reading, selection); !taken) {
      return tl::unexpected(std::move(taken.error()));
    }
    if (!reading.notices.empty()) progress.erase();
    for (const SourceNotice& notice : reading.notices) say(notice, name);
    progress.update(reading.progress);
    state = reading.state;
    return !isOver(selection);
  };
  const auto finish = [&](Relay::Turn& turn) -> Result<bool> {
    if (tracking_) dissectAll(turn.seat(), readings[turn.seat()]);
    Result<bool> more = turn.inOrder([&] { return follow(turn.seat()); });
    if (!more) return more;
    if (Result<void> finished = sinks_.finish(turn); !finished) {
      return tl::unexpected(std::move(finished.error()));
    }
    return more;
  };
  const auto prefetch = [&](std::size_t seat) { source.prefetch(readings[seat].place); };
  while (true) {
    if (Result<void> read = relay_.run(begin, finish, prefetch); !read) return read;
    if (Result<void> answered = answerSignals(selection); !answered) return answered;
    if (isOver(selection)) return {};
    tally.update(selection.taken());
    switch (state) {
      case SourceState::End:
      case SourceState::Damaged:
        return {};
      case SourceState::Waiting:
        if (const auto keptBack = sinks_.flushIdle(); !keptBack) {
          return tl::unexpected(keptBack.error());
        } else if (live_ == nullptr) {
          waitForInput(source.pollDescriptor(), *keptBack);
        }
        break;
      case SourceState::More:
        break;
    }
    // A live source ends by itself once it has handed out what the kernel had counted.
    if (live_ == nullptr && signals_.stopRequested()) return {};
  }
}

/// What needs no order, where connections are followed.
void PacketRun::dissectAll(std::size_t seat, const Reading& reading) {
  std::vector<TrackedPacket>& packets = sinks_.tracked(seat);
  packets.reserve(reading.frames.size());
  for (const Frame& frame : reading.frames) packets.emplace_back(frame);
}

Result<void> PacketRun::take(std::size_t seat, Reading& reading, Selection& selection) {
  if (live_ != nullptr && sinks_.wantsCounters()) {
    live_->count();
    reading.interfaces.assign(live_->interfaces().begin(), live_->interfaces().end());
  }
  if (Result<void> followed = sinks_.follow(reading.interfaces, std::move(reading.comments));
      !followed) {
    return followed;
  }
  if (!tracking_) {
    if (Result<void> taken = sinks_.take(seat, selection.of(reading.frames)); !taken) return taken;
    return sinks_.checkReader();
  }
  std::vector<TrackedPacket>& packets = sinks_.tracked(seat);
  tracking_->observe(packets);
  // The filter comes last, so that what is said about a packet does not depend on it.
  if (!selection.takesNext(packets.size())) {
    std::erase_if(packets,
                  [&](const TrackedPacket& tracked) { return !selection.takes(*tracked.frame); });
  }
  sinks_.takeTracked(seat);
  return {};
}

Result<void> PacketRun::answerSignals(const Selection& selection) {
  if (signals_.takeStatisticsRequest() && live_ != nullptr) {
    const LiveStatistics now = live_->statistics();
    say(fmt::format("{}, {}, {}", counted(selection.taken(), " captured"),
                    counted(receivedByFilter(now, selection), " received by filter"),
                    counted(now.dropped, " dropped by kernel")));
  }
  if (signals_.takeFlushRequest()) return sinks_.flushAll();
  return {};
}

void PacketRun::waitForInput(std::optional<int> descriptor,
                             std::optional<std::chrono::milliseconds> limit) const {
  if (descriptor) {
    signals_.waitFor(*descriptor, sinks_.readerDescriptor(), limit);
  } else {
    signals_.wait(kGrowingFileInterval);
  }
}

/// The filter is one, wherever its parts are decided: what passed only the kernel's part of it was
/// not received. So what was captured is what was received less what was dropped.
std::uint64_t PacketRun::receivedByFilter(const LiveStatistics& now, const Selection& selection) {
  return now.received - std::min(selection.unmatched(), now.received);
}

void PacketRun::sayCounters(const Selection& selection) const {
  const LiveStatistics now = live_->statistics();
  sayPlain(counted(selection.taken(), " captured"));
  sayPlain(counted(receivedByFilter(now, selection), " received by filter"));
  sayPlain(counted(now.dropped, " dropped by kernel"));
}

/// tcpdump's lines, with the program's name where tcpdump has its own.
void PacketRun::sayListening(const CaptureInterface& interface) const {
  const std::string sentence =
      fmt::format("listening on {}, {}, snapshot length {} bytes", escaped(interface.name),
                  kLinkTypeText, interface.snapshotLength);
  if (sinks_.writesFile() || options_.verbosity > 0) return say(sentence);
  say("verbose output suppressed, use -v[v]... for full protocol decode");
  sayPlain(sentence);
}

}  // namespace

Result<void> runPackets(const Options& options) {
  Result<GivenFilter> given = filterOf(options);
  if (!given) return tl::unexpected(std::move(given.error()));
  PacketRun run(options, std::move(*given));
  return options.readFiles.empty() ? run.runLive() : run.runFiles();
}

}  // namespace vsdump
