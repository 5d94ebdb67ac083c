// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/run/first_reading.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cerrno>
#include <string_view>
#include <system_error>
#include <utility>

#include "capture/file/open.h"
#include "cli/run/messages.h"
#include "cli/run/progress.h"

namespace vsdump {

namespace {

/// As it is written, the part of a filter that is known only once the capture is over.
std::string partKnownLater(const filter::Filter& filter) {
  const filter::Expression* part =
      filter::firstThatNeeds(*filter.expression(), filter::Need::Capture);
  return part == nullptr ? std::string{} : '`' + filter::toText(*part) + '`';
}

Result<void> readOnce(filter::CaptureFacts& facts, const Input& input, const Signals& signals) {
  const off_t begin = ::lseek(input.descriptor.get(), 0, SEEK_CUR);
  Descriptor descriptor(::fcntl(input.descriptor.get(), F_DUPFD_CLOEXEC, 0));
  if (begin < 0 || !descriptor.isOpen()) {
    return tl::unexpected(systemError("read", input.name, errno));
  }
  // What is wrong with the file is said when it is read again.
  auto source = openCapture(std::move(descriptor), input.name);
  if (!source) return tl::unexpected(std::move(source.error()));
  Progress progress(true);
  for (bool goesOn = true; goesOn && !signals.stopRequested();) {
    const Result<Batch> batch = (*source)->read();
    if (!batch) return tl::unexpected(batch.error());
    for (const Frame& frame : batch->frames) facts.take(frame);
    progress.update((*source)->progress());
    goesOn = batch->state == SourceState::More;
  }
  if (::lseek(input.descriptor.get(), begin, SEEK_SET) < 0) {
    return tl::unexpected(systemError("read again", input.name, errno));
  }
  return {};
}

/// Has the system allow as many open files as are named and vsdump's own, where it can.
void allowOpenFiles(std::size_t named) {
  constexpr rlim_t kOurs = 64;
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || named + kOurs <= limit.rlim_cur) return;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

/// How a limit that allowOpenFiles() could not raise is raised.
std::string moreOpenFiles(std::size_t named) {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  return fmt::format(
      "{} files are named and {} may be open here: name fewer, or have root allow more with "
      "ulimit -n.",
      named, limit.rlim_cur);
}

}  // namespace

Result<std::vector<Input>> openInputs(const Options& options, const filter::Filter& filter) {
  const std::string later = partKnownLater(filter);
  allowOpenFiles(options.readFiles.size());
  std::vector<Input> inputs;
  for (const std::string& path : options.readFiles) {
    Result<Descriptor> descriptor = openInput(path);
    if (!descriptor) {
      if (descriptor.error().reason == std::generic_category().message(EMFILE)) {
        descriptor.error().hint = moreOpenFiles(options.readFiles.size());
      }
      return tl::unexpected(std::move(descriptor.error()));
    }
    inputs.push_back({std::move(*descriptor), path == "-" ? "standard input" : path});
    const bool canBeReadTwice = ::lseek(inputs.back().descriptor.get(), 0, SEEK_CUR) >= 0;
    if (later.empty() || canBeReadTwice || options.followFile) continue;
    return tl::unexpected(
        Error{.kind = ErrorKind::Usage,
              .attempted = "select by " + later + " from",
              .subject = inputs.back().name,
              .reason = "that is known only at the end, and this can be read only once",
              .hint = "Write it to a file and give that to -r."});
  }
  return inputs;
}

Result<std::unique_ptr<filter::Selector>> selectorFor(const GivenFilter& given,
                                                      const Options& options,
                                                      const std::vector<Input>& inputs,
                                                      const Signals& signals) {
  const std::string later = partKnownLater(given.filter);
  if (!later.empty() && options.followFile) return liveSelector(given);
  std::shared_ptr<filter::CaptureFacts> facts;
  if (!later.empty()) {
    if (options.verbosity > 0) {
      say("reading the packets twice: " + later + " is known only at the end");
    }
    facts = std::make_shared<filter::CaptureFacts>(*given.filter.expression());
    for (const Input& input : inputs) {
      if (Result<void> read = readOnce(*facts, input, signals); !read) {
        return tl::unexpected(std::move(read.error()));
      }
    }
    facts->finish();
  }
  return std::make_unique<filter::Selector>(given.filter, given.services, std::move(facts));
}

std::unique_ptr<filter::Selector> liveSelector(const GivenFilter& given) {
  if (const std::string later = partKnownLater(given.filter); !later.empty()) {
    say(later +
        " is answered by what is known when a packet comes; write to a file and use -r to select "
        "whole connections");
  }
  return std::make_unique<filter::Selector>(given.filter, given.services);
}

}  // namespace vsdump
