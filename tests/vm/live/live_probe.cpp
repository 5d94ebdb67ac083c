// SPDX-License-Identifier: GPL-2.0-or-later
//
// A live capture with nothing behind it, for the tests on real kernels: a line for each packet, the
// counters at the end, all words of the capture on standard error.

#include <fmt/format.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "capture/live/open_live.h"
#include "capture/live/privileges.h"
#include "capture/live/vsockmon_device.h"

namespace {

using namespace vsdump;

LiveSource* theSource = nullptr;
volatile sig_atomic_t statisticsWanted = 0;

void onStop(int) {
  theSource->stop();
}

void onStatistics(int) {
  statisticsWanted = 1;
  theSource->wake();
}

int fail(const Error& error) {
  fmt::print(stderr, "error: {}\n", describe(error));
  return 2;
}

void install(int signalNumber, void (*handler)(int)) {
  struct sigaction action {};
  action.sa_handler = handler;
  sigaction(signalNumber, &action, nullptr);
}

void printCounters(FILE* stream, LiveSource& source) {
  const LiveStatistics now = source.statistics();
  fmt::print(stream, "counters captured={} received={} dropped={}\n", now.captured, now.received,
             now.dropped);
  std::fflush(stream);
}

void printFrame(const Frame& frame) {
  std::string line =
      fmt::format("frame {} {}.{:09} {} {} ", raw(frame.number), frame.timestampNs / 1'000'000'000,
                  frame.timestampNs % 1'000'000'000, frame.bytes.size(), frame.wireLengthBytes);
  constexpr std::size_t kHeaderBytes = 76;
  for (const std::byte byte : frame.bytes.first(std::min(frame.bytes.size(), kHeaderBytes))) {
    line += fmt::format("{:02x}", std::to_integer<unsigned>(byte));
  }
  std::puts(line.c_str());
}

const char* nameOf(SourceState state) {
  constexpr const char* kNames[] = {"more", "waiting", "end", "damaged"};
  return kNames[static_cast<int>(state)];
}

int capture(const LiveOptions& options, bool quiet, unsigned pauseMs) {
  Result<LiveCapture> live = openLive(options);
  if (!live) return fail(live.error());
  for (const std::string& message : live->messages) fmt::print(stderr, "message: {}\n", message);
  LiveSource& source = *live->source;
  theSource = &source;
  install(SIGINT, onStop);
  install(SIGTERM, onStop);
  install(SIGUSR1, onStatistics);

  Result<Account> account = accountToBecome({});
  if (!account) return fail(account.error());
  if (Result<void> became = becomeAccount(*account); !became) return fail(became.error());
  const CaptureInterface& interface = source.interfaces().front();
  fmt::print(stderr, "listening on {} snapshot {} as {}\n", interface.name,
             interface.snapshotLength, account->name);

  std::uint64_t batches = 0;
  for (;;) {
    const Result<Batch> batch = source.read();
    if (!batch) return fail(batch.error());
    if (!batch->frames.empty()) ++batches;
    if (!quiet) {
      for (const Frame& frame : batch->frames) printFrame(frame);
      std::fflush(stdout);
    }
    for (const SourceNotice& notice : batch->notices) {
      fmt::print(stderr, "notice: {}\n", notice.message);
    }
    if (statisticsWanted != 0) {
      statisticsWanted = 0;
      printCounters(stderr, source);
    }
    if (batch->state == SourceState::End || batch->state == SourceState::Damaged) {
      fmt::print(stderr, "batches {}\nstate {}\n", batches, nameOf(batch->state));
      printCounters(stderr, source);
      return batch->state == SourceState::End ? 0 : 2;
    }
    if (pauseMs != 0) usleep(pauseMs * 1000);
  }
}

int list(const LiveOptions& options, bool links) {
  const Result<LiveCapture> live = openLive(options);
  if (!live) return fail(live.error());
  const LiveSource& source = *live->source;
  for (const NamedChoice& choice : links ? source.linkTypes() : source.timestampTypes()) {
    fmt::print("{} ({})\n", choice.name, choice.description);
  }
  return 0;
}

int listDevices() {
  const auto devices = listVsockmonDevices();
  if (!devices) return fail(devices.error());
  for (const VsockmonDevice& each : *devices) {
    fmt::print("{} index {} {} packets {} bytes {}\n", each.name, each.index,
               each.up ? "up" : "down", each.packets, each.bytes);
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  LiveOptions options;
  bool quiet = false;
  unsigned pauseMs = 0;
  char what = 'c';
  for (int option; (option = getopt(argc, argv, "i:If:Q:s:B:j:y:qP:DLJR:")) != -1;) {
    const std::string value = optarg != nullptr ? optarg : "";
    switch (option) {
      case 'i':
        options.interface = value;
        break;
      case 'I':
        options.immediate = true;
        break;
      case 'f':
        options.filter = value;
        break;
      case 'Q':
        options.direction = value == "in" ? Direction::In : Direction::Out;
        break;
      case 's':
        options.snapshotLengthBytes = static_cast<std::uint32_t>(std::stoul(value));
        break;
      case 'B':
        options.bufferKiB = static_cast<std::uint32_t>(std::stoul(value));
        break;
      case 'j':
        options.timestampType = value;
        break;
      case 'y':
        options.linkType = value;
        break;
      case 'q':
        quiet = true;
        break;
      case 'P':
        pauseMs = static_cast<unsigned>(std::stoul(value));
        break;
      case 'R': {
        const Result<void> removed = removeVsockmonDevice(value);
        return removed ? 0 : fail(removed.error());
      }
      case 'D':
      case 'L':
      case 'J':
        what = static_cast<char>(option);
        break;
      default:
        return 2;
    }
  }
  if (what == 'D') return listDevices();
  if (what != 'c') return list(options, what == 'L');
  return capture(options, quiet, pauseMs);
}
