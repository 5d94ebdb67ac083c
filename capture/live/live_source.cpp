// SPDX-License-Identifier: GPL-2.0-or-later
#include "capture/live/live_source.h"

#include <fmt/format.h>
#include <pcap/pcap.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

namespace vsdump {

namespace {

using std::chrono::milliseconds;

// Large enough that the cost of a batch does not count, small enough to stay in the cache.
constexpr std::size_t kArenaBytes = std::size_t{1} << 20;
constexpr int kBatchFrames = 4096;
static_assert(kArenaBytes >= 2 * kDefaultSnapshotLength);

/// While packets that are passed on come one after the other, some are left to gather: the kernel
/// wakes for each of its blocks, and three packets of 64 KiB fill one. No longer than the buffer
/// takes to fill at 6.7 GB/s.
constexpr milliseconds kLongestGathering{20};
constexpr std::uint32_t kGatheredKiBPerMillisecond = 64 * 1024 / 10;
/// The caller has to flush its output now and then.
constexpr milliseconds kPassingOnLimit{50};
/// A kernel that is told to let nothing in hands the rest over within 100 ms.
constexpr milliseconds kDrainLimit{2000};
constexpr milliseconds kDrainInterval{20};
/// A device that is removed is down first, so a while must pass before it is called down.
constexpr milliseconds kDownInterval{100};

constexpr std::int64_t kNanosecondsPerSecond = 1'000'000'000;

milliseconds gatheringTime(std::uint32_t bufferKiB) {
  return std::min(kLongestGathering, milliseconds{bufferKiB / kGatheredKiBPerMillisecond});
}

}  // namespace

LiveSource::LiveSource(PcapHandle handle, std::string deviceName, const LiveOptions& options)
    : handle_(std::move(handle)),
      socket_(pcap_get_selectable_fd(handle_.get())),
      // Without one, poll() ignores it, and a stop waits for the limit instead.
      wakeDescriptor_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      waitLimit_(options.waitLimit),
      gatheringTime_(options.immediate ? milliseconds{0} : gatheringTime(options.bufferKiB)),
      arena_(std::make_unique_for_overwrite<std::byte[]>(kArenaBytes)) {
  interface_.name = std::move(deviceName);
  interface_.linkType = kLinkTypeVsock;
  interface_.snapshotLength = static_cast<std::uint32_t>(pcap_snapshot(handle_.get()));
  interface_.nanoseconds = true;
  frames_.reserve(kBatchFrames);
}

LiveSource::~LiveSource() {
  if (wakeDescriptor_ >= 0) close(wakeDescriptor_);
}

Result<void> LiveSource::setFilter(FilterProgram program) {
  filter_ = std::move(program);

  // Nothing passes while it is counted how many are in the buffer unfiltered.
  if (Result<void> closed = socket_.close(); !closed) return closed;
  const PacketCounters before = socket_.counters();
  unfiltered_ = before.received - before.dropped;
  return socket_.setFilter(filter_->view());
}

Result<Batch> LiveSource::read() {
  frames_.clear();
  notices_.clear();
  const std::uint64_t capturedBefore = captured_;
  if (state_ == SourceState::End || state_ == SourceState::Damaged) {
    return Batch{.frames = {}, .notices = {}, .state = state_};
  }
  // Where the last batch was cut short there may be no more, and its packets wait to be written.
  const milliseconds limit = state_ == SourceState::More ? milliseconds{0} : waitLimit_;
  state_ = SourceState::Waiting;

  if (stopRequested_ && !stateAfterDraining_) {
    if (Result<void> draining = startDraining(SourceState::End); !draining) {
      return tl::unexpected(std::move(draining.error()));
    }
  }
  Result<bool> ready = waitForPackets(limit);
  const Clock::time_point begin = Clock::now();
  while (ready && *ready) {
    if (Result<void> taken = takePackets(); !taken) {
      return tl::unexpected(std::move(taken.error()));
    }
    if (!taker_ || isEnough_ || isWoken_ || Clock::now() - begin > kPassingOnLimit) break;
    if (gatheringTime_.count() > 0 && state_ == SourceState::Waiting) waitForWake(gatheringTime_);
    ready = waitForPackets(milliseconds{0});
  }
  if (!ready) return tl::unexpected(std::move(ready.error()));
  if (!*ready && downSince_) {
    if (Result<void> watched = watchDevice(); !watched) {
      return tl::unexpected(std::move(watched.error()));
    }
  }
  if (stateAfterDraining_) finishWhenDrained(captured_ != capturedBefore);
  return Batch{.frames = frames_, .notices = notices_, .state = state_};
}

void LiveSource::stop() noexcept {
  stopRequested_ = true;
  wake();
}

void LiveSource::wake() noexcept {
  const int errnoValue = errno;
  const std::uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = write(wakeDescriptor_, &one, sizeof one);
  errno = errnoValue;
}

LiveStatistics LiveSource::statistics() {
  const PacketCounters counters = socket_.counters();
  const LiveStatistics now{.captured = captured_,
                           .received = counters.received - rejected_,
                           .dropped = counters.dropped};
  interface_.statistics.received = now.received;
  interface_.statistics.dropped = now.dropped;
  return now;
}

void LiveSource::waitForWake(milliseconds limit) const {
  pollfd wake{.fd = wakeDescriptor_, .events = POLLIN, .revents = 0};
  poll(&wake, 1, static_cast<int>(limit.count()));
}

/// Whether there are packets to take.
Result<bool> LiveSource::waitForPackets(milliseconds limit) {
  if (stateAfterDraining_) limit = std::min(limit, kDrainInterval);
  if (downSince_) limit = std::min(limit, kDownInterval);
  std::array<pollfd, 4> watched{{{.fd = socket_.descriptor(), .events = POLLIN, .revents = 0},
                                 {.fd = wakeDescriptor_, .events = POLLIN, .revents = 0},
                                 {.fd = watchedReader_, .events = 0, .revents = 0},
                                 {.fd = keeper_.get(), .events = 0, .revents = 0}}};
  if (poll(watched.data(), watched.size(), static_cast<int>(limit.count())) < 0) {
    if (errno == EINTR) return false;
    return tl::unexpected(systemError("wait for packets of", interface_.name, errno));
  }
  isWoken_ = watched[1].revents != 0;
  if (isWoken_) {
    std::uint64_t times = 0;
    [[maybe_unused]] const ssize_t got = ::read(wakeDescriptor_, &times, sizeof times);
  }
  if (watched[2].revents != 0) watchedReader_ = -1;
  if (watched[3].revents != 0) {
    keeper_.close();
    notice(SourceNotice::Severity::Warning,
           fmt::format("the process that was to remove the device {} has ended: the next capture "
                       "removes it, or `ip link del {}`",
                       interface_.name, interface_.name));
  }
  // What is in the buffer comes before what went wrong after it.
  if ((watched[0].revents & POLLIN) != 0) return true;
  if (watched[0].revents != 0) {
    const int errnoValue = socket_.takeError();
    if (errnoValue != ENETDOWN) {
      return tl::unexpected(systemError("capture on", interface_.name, errnoValue));
    }
    if (!downSince_) downSince_ = Clock::now();
  }
  return false;
}

Result<void> LiveSource::takePackets() {
  arenaUsed_ = 0;
  const int result =
      pcap_dispatch(handle_.get(), kBatchFrames, keep, reinterpret_cast<unsigned char*>(this));
  if (result == PCAP_ERROR) {
    return tl::unexpected(Error{.kind = ErrorKind::Io,
                                .attempted = "capture on",
                                .subject = interface_.name,
                                .reason = pcap_geterr(handle_.get())});
  }
  if (takerFailure_) return tl::unexpected(*takerFailure_);
  const bool isCutShort = result == PCAP_ERROR_BREAK || result == kBatchFrames;
  state_ = isCutShort ? SourceState::More : SourceState::Waiting;
  return {};
}

void LiveSource::keep(unsigned char* source, const pcap_pkthdr* header,
                      const unsigned char* bytes) {
  auto& self = *reinterpret_cast<LiveSource*>(source);
  if (self.unfiltered_ > 0) {
    --self.unfiltered_;
    const Frame frame{.bytes = std::as_bytes(std::span(bytes, header->caplen)),
                      .wireLengthBytes = header->len};
    if (!self.filter_->accepts(frame)) {
      ++self.rejected_;
      return;
    }
  }
  Frame frame{
      .bytes = std::as_bytes(std::span(bytes, header->caplen)),
      // The handle was asked for nanoseconds, which the field then holds.
      .timestampNs = std::int64_t{header->ts.tv_sec} * kNanosecondsPerSecond + header->ts.tv_usec,
      .number = FrameNumber{++self.captured_},
      .wireLengthBytes = header->len,
      .interfaceIndex = 0};
  if (self.taker_) {
    Result<bool> more = self.taker_(frame);
    self.isEnough_ = !more || !*more;
    if (!more) self.takerFailure_ = std::move(more.error());
    if (self.isEnough_) pcap_breakloop(self.handle_.get());
  } else {
    std::byte* const copy = self.arena_.get() + self.arenaUsed_;
    std::memcpy(copy, bytes, header->caplen);
    frame.bytes = {copy, header->caplen};
    self.frames_.push_back(frame);
  }
  self.arenaUsed_ += header->caplen;
  // libpcap has cut the record at the snapshot length, so the next one fits too.
  if (kArenaBytes - self.arenaUsed_ < self.interface_.snapshotLength) {
    pcap_breakloop(self.handle_.get());
  }
}

Result<void> LiveSource::startDraining(SourceState stateAfter) {
  stateAfterDraining_ = stateAfter;
  lastProgress_ = Clock::now();
  return socket_.close();
}

/// The kernel hands a block of packets over when its time is up, so an empty buffer is not the end:
/// the counters tell it.
void LiveSource::finishWhenDrained(bool hasTaken) {
  const Clock::time_point now = Clock::now();
  if (hasTaken) lastProgress_ = now;
  const LiveStatistics counted = statistics();
  const std::uint64_t missing = counted.received - counted.dropped - counted.captured;
  if (missing != 0) {
    if (now - lastProgress_ < kDrainLimit) return;
    notice(SourceNotice::Severity::Warning,
           fmt::format("the kernel has counted {} packets more than it has handed over", missing));
  }
  if (*stateAfterDraining_ == SourceState::Damaged) {
    notice(SourceNotice::Severity::Error,
           fmt::format("the device {} was removed while capturing", interface_.name));
  }
  state_ = *stateAfterDraining_;
}

/// Finds out what a device has come to that the kernel has called down.
Result<void> LiveSource::watchDevice() {
  switch (socket_.deviceState()) {
    case DeviceState::Gone:
      downSince_.reset();
      return stateAfterDraining_ ? Result<void>{} : startDraining(SourceState::Damaged);
    case DeviceState::Up:
      if (saidDown_) {
        notice(SourceNotice::Severity::Note,
               fmt::format("the device {} is up again", interface_.name));
      }
      downSince_.reset();
      saidDown_ = false;
      return {};
    case DeviceState::Down:
      if (!saidDown_ && Clock::now() - *downSince_ >= kDownInterval) {
        notice(SourceNotice::Severity::Warning,
               fmt::format("the device {} was taken down: it shows no packets until it is up again",
                           interface_.name));
        saidDown_ = true;
      }
      return {};
  }
  return {};
}

void LiveSource::notice(SourceNotice::Severity severity, std::string message) {
  notices_.push_back(
      {.severity = severity, .message = std::move(message), .byteOffset = std::nullopt});
}

std::vector<NamedChoice> LiveSource::linkTypes() const {
  int* types = nullptr;
  const int count = pcap_list_datalinks(handle_.get(), &types);
  std::vector<NamedChoice> choices;
  for (int i = 0; i < count; ++i) {
    const char* name = pcap_datalink_val_to_name(types[i]);
    const char* description = pcap_datalink_val_to_description(types[i]);
    choices.push_back({name != nullptr ? name : fmt::format("DLT {}", types[i]),
                       description != nullptr ? description : ""});
  }
  if (count >= 0) pcap_free_datalinks(types);
  return choices;
}

std::vector<NamedChoice> LiveSource::timestampTypes() const {
  int* types = nullptr;
  const int count = pcap_list_tstamp_types(handle_.get(), &types);
  std::vector<NamedChoice> choices;
  for (int i = 0; i < count; ++i) {
    const char* name = pcap_tstamp_type_val_to_name(types[i]);
    const char* description = pcap_tstamp_type_val_to_description(types[i]);
    choices.push_back({name != nullptr ? name : std::to_string(types[i]),
                       description != nullptr ? description : ""});
  }
  if (count > 0) pcap_free_tstamp_types(types);
  return choices;
}

}  // namespace vsdump
